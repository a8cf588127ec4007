//! Music around and under a programme: an intro before the speech, an outro after it, a bed below it.
//!
//! The bed needs no detector that listens to the speech: the timeline tells when the voice rests. It is quiet under the voice, and
//! in a longer rest it comes up, with ramps that begin before the words do.

use std::ops::Range;
use std::time::Duration;

use crate::audio::SampleRate;

/// Edges of music, and where a bed begins again.
const FADE: Duration = Duration::from_millis(30);
/// How long a bed is heard before the first word and after the last, fades included.
const BED_ALONE: Duration = Duration::from_millis(1_500);
/// Silence between an intro and the speech, and between the speech and an outro.
const GAP: Duration = Duration::from_millis(400);
/// How much quieter than the speech a bed is under words, in LU: BBC practice for speech that all can follow is 18 to 20.
pub(crate) const BED_BELOW: f64 = 18.0;
/// How much it comes up in a rest, in dB.
const RISE: f64 = 6.0;
/// Rests that are shorter leave the bed down.
const REST: Duration = Duration::from_secs(1);
/// How long the bed takes to come up or to go down.
const RAMP: Duration = Duration::from_millis(300);
/// Lengths are whole multiples of this, which is a whole number of samples at every usual rate.
const GRAIN: Duration = Duration::from_millis(10);

/// A piece of music, mono, at the rate of the mix and as loud as it has to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pieces {
    /// Before the speech.
    pub intro: Vec<f32>,
    /// After it.
    pub outro: Vec<f32>,
    /// Below it, from its beginning again where it is shorter.
    pub bed: Vec<f32>,
}

/// The music of one programme, in its order: [`begin`](Self::begin), speech, [`end`](Self::end).
pub(crate) struct Mix {
    rate: SampleRate,
    pieces: Pieces,
    /// Rests of the voice, in samples of the speech.
    rests: Vec<Range<u64>>,
    /// The first rest that may matter.
    next_rest: usize,
    /// Samples of the bed so far.
    bed_at: u64,
    /// Samples of speech so far.
    at: u64,
}

impl Mix {
    /// Music at a rate, with the samples of the speech in which the voice speaks.
    pub(crate) fn new(rate: SampleRate, pieces: Pieces, words: impl Iterator<Item = Range<u64>>) -> Self {
        let mut pieces = pieces;
        for piece in [&mut pieces.intro, &mut pieces.outro] {
            fade(piece, rate.samples(FADE));
        }
        loop_fade(&mut pieces.bed, rate.samples(FADE));
        let mut rests = Vec::new();
        let mut last = None;
        for word in words {
            if let Some(last) = last.replace(word.end)
                && word.start.saturating_sub(last) > rate.samples(REST) as u64
            {
                rests.push(last..word.start);
            }
        }
        Self { rate, pieces, rests, next_rest: 0, bed_at: 0, at: 0 }
    }

    /// How long it is before the speech begins, for pieces of these lengths in seconds.
    pub(crate) fn lead(intro: f64, has_bed: bool) -> Duration {
        let gap = if intro > 0.0 { GAP } else { Duration::ZERO };
        let alone = if has_bed { BED_ALONE } else { Duration::ZERO };
        let grains = (intro / GRAIN.as_secs_f64()).ceil() as u32;
        grains * GRAIN + gap + alone
    }

    /// How long it is from the end of the speech to the end, likewise.
    pub(crate) fn tail(outro: f64, has_bed: bool) -> Duration {
        let gap = if outro > 0.0 { GAP } else { Duration::ZERO };
        let alone = if has_bed { BED_ALONE } else { Duration::ZERO };
        alone + gap + Duration::from_secs_f64(outro)
    }

    /// Appends what comes before the speech.
    pub(crate) fn begin(&mut self, out: &mut Vec<f32>) {
        let intro = std::mem::take(&mut self.pieces.intro);
        let seconds = self.rate.seconds(intro.len() as u64);
        let length = self.rate.samples(Self::lead(seconds, self.has_bed()));
        let start = out.len();
        out.extend(intro);
        out.resize(start + length, 0.0);
        if self.has_bed() {
            let alone = self.rate.samples(BED_ALONE);
            let begin = out.len() - alone;
            let gain = self.alone();
            self.add_bed(&mut out[begin..], |n| gain(alone - n));
        }
    }

    /// Adds the bed to speech.
    pub(crate) fn under(&mut self, speech: &mut [f32]) {
        if self.has_bed() {
            let (first, rate) = (self.at, self.rate);
            let rests = std::mem::take(&mut self.rests);
            let mut next = self.next_rest;
            let ramp = rate.samples(RAMP) as f32;
            self.add_bed(speech, |n| {
                let at = first + n as u64;
                while rests.get(next).is_some_and(|rest| rest.end <= at) {
                    next += 1;
                }
                // How far it is into the rest and out of it again, in ramps.
                let open = rests
                    .get(next)
                    .filter(|rest| rest.contains(&at))
                    .map_or(0.0, |rest| ((at - rest.start).min(rest.end - at) as f32 / ramp).min(1.0));
                level(RISE * f64::from(open))
            });
            (self.rests, self.next_rest) = (rests, next);
        }
        self.at += speech.len() as u64;
    }

    /// Appends what comes after the speech.
    pub(crate) fn end(mut self, out: &mut Vec<f32>) {
        let start = out.len();
        if self.has_bed() {
            let alone = self.rate.samples(BED_ALONE);
            out.resize(start + alone, 0.0);
            let gain = self.alone();
            self.add_bed(&mut out[start..], |n| gain(n + 1));
        }
        if !self.pieces.outro.is_empty() {
            out.resize(out.len() + self.rate.samples(GAP), 0.0);
            out.append(&mut self.pieces.outro);
        }
    }

    /// The gain of a bed that is alone, so many samples away from the speech: it comes up, and is gone at the far end.
    fn alone(&self) -> impl Fn(usize) -> f32 + use<> {
        let (length, ramp) = (self.rate.samples(BED_ALONE) as f32, self.rate.samples(RAMP) as f32);
        move |away| {
            let open = (away as f32 / ramp).min(1.0);
            let left = ((length - away as f32) / (length - ramp)).min(1.0);
            level(RISE * f64::from(open)) * left
        }
    }

    fn has_bed(&self) -> bool {
        !self.pieces.bed.is_empty()
    }

    fn add_bed(&mut self, sound: &mut [f32], mut gain: impl FnMut(usize) -> f32) {
        let length = self.pieces.bed.len() as u64;
        for (n, sample) in sound.iter_mut().enumerate() {
            *sample += gain(n) * self.pieces.bed[(self.bed_at % length) as usize];
            self.bed_at += 1;
        }
    }
}

fn level(decibels: f64) -> f32 {
    10_f64.powf(decibels / 20.0) as f32
}

/// Fades the edges of a piece.
fn fade(piece: &mut [f32], length: usize) {
    let length = length.min(piece.len() / 2);
    for n in 0..length {
        let gain = n as f32 / length as f32;
        piece[n] *= gain;
        let last = piece.len() - 1 - n;
        piece[last] *= gain;
    }
}

/// Lets the end of a piece run into its beginning, which makes it shorter.
fn loop_fade(piece: &mut Vec<f32>, length: usize) {
    let length = length.min(piece.len() / 2);
    let kept = piece.len() - length;
    let tail = piece.split_off(kept);
    for (n, old) in tail.into_iter().enumerate() {
        let share = (n + 1) as f32 / (length + 1) as f32;
        piece[n] = piece[n] * share + old * (1.0 - share);
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::table_test::each;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    fn tone(seconds: f64) -> Vec<f32> {
        let count = (seconds * 24_000.0) as usize;
        (0..count).map(|n| (0.1 * (TAU * 441.0 * n as f64 / 24_000.0).sin()) as f32).collect()
    }

    fn mixed(pieces: &Pieces, speech: usize, words: &[Range<u64>], block: usize) -> Vec<f32> {
        let mut mix = Mix::new(RATE, pieces.clone(), words.iter().cloned());
        let mut out = Vec::new();
        mix.begin(&mut out);
        for block in vec![0.0; speech].chunks_mut(block) {
            mix.under(block);
            out.extend_from_slice(block);
        }
        mix.end(&mut out);
        out
    }

    fn loudest(sound: &[f32], from: f64, to: f64) -> f32 {
        let at = |seconds: f64| (seconds * 24_000.0) as usize;
        sound[at(from)..at(to)].iter().fold(0.0, |loudest, sample| loudest.max(sample.abs()))
    }

    #[test]
    fn the_speech_begins_where_it_was_said() {
        let rows = [
            (Pieces::default(), 0.0, 0.0),
            (Pieces { intro: tone(2.003), ..Pieces::default() }, 2.003, 2.41),
            (Pieces { bed: tone(1.0), ..Pieces::default() }, 0.0, 1.5),
            (Pieces { intro: tone(1.0), bed: tone(3.0), outro: tone(1.0) }, 1.0, 2.9),
        ];
        each(rows, |(pieces, intro, lead)| {
            let has_bed = !pieces.bed.is_empty();
            assert!((Mix::lead(intro, has_bed).as_secs_f64() - lead).abs() < 1e-9, "{intro} s");
            let mut out = Vec::new();
            Mix::new(RATE, pieces, [].into_iter()).begin(&mut out);
            assert_eq!(out.len(), (lead * 24_000.0_f64).round() as usize, "{intro} s");
        });
    }

    #[test]
    fn a_bed_comes_up_in_rests_and_is_down_before_the_words_come_back() {
        let pieces = Pieces { bed: tone(1.37), ..Pieces::default() };
        let words = [24_000..48_000, 60_000..72_000, 120_000..144_000];
        let sound = mixed(&pieces, 150_000, &words, 1_000);
        let (alone, low, high) = (1.5, 0.1001, 0.1996);
        // Speech lies behind the bed alone.
        let at = |from: f64, to: f64| loudest(&sound, alone + from, alone + to);
        assert!(at(1.0, 3.0) <= low, "under words: {}", at(1.0, 3.0));
        assert!(at(2.0, 2.5) <= low, "a short rest: {}", at(2.0, 2.5));
        assert!(at(3.5, 4.5) > 0.95 * high, "a long rest: {}", at(3.5, 4.5));
        assert!(at(5.0, 6.0) <= low, "the words are back: {}", at(5.0, 6.0));
        each([1, 7, 4_096], |block| {
            assert!(mixed(&pieces, 150_000, &words, block) == sound, "blocks of {block}");
        });
    }

    #[test]
    fn nothing_jumps_at_the_joints() {
        let pieces = Pieces { intro: vec![0.1; 24_000], outro: vec![0.1; 24_000], bed: tone(1.37) };
        let sound = mixed(&pieces, 150_000, &[24_000..36_000, 36_000..48_000], 1_000);
        let steepest = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // A tone of 441 Hz at the raised level of the bed has steps of 0.023.
        assert!(steepest < 0.025, "{steepest}");
    }
}
