//! Cuts the silence before and after the speech of an utterance, as its blocks come in.
//!
//! The voices put 0.2 to 0.4 s of silence before and after speech, of a length that differs from utterance to
//! utterance, and a click in the very first samples. When these are cut off, every pause has exactly the right length.

use std::mem;
use std::ops::Range;
use std::time::Duration;

use crate::audio::SampleRate;

/// Louder than this (root mean square of a frame, −60 dBFS) is speech. The voice's own silence is below −90 dBFS, the
/// softest fricative above −55.
const SPEECH_LEVEL: f32 = 0.001;
const FRAME: Duration = Duration::from_millis(5);
/// A silence between speech is noted from this length on: the closure of a stop is shorter.
const NOTED_SILENCE: Duration = Duration::from_millis(60);
/// Margin before the first frame of speech and after the last, so that no attack or decay is cut.
const MARGIN_BEFORE: Duration = Duration::from_millis(20);
const MARGIN_AFTER: Duration = Duration::from_millis(60);
/// Lengths of the fades at the edges.
const FADE: Duration = Duration::from_millis(8);

/// Trims one utterance after the other.
#[derive(Debug)]
pub(crate) struct Trimmer {
    frame: usize,
    skipped: usize,
    before: usize,
    after: usize,
    fade: usize,
    /// Samples that are not yet known to be speech, or silence between speech.
    held: Vec<f32>,
    /// Samples of the utterance taken so far.
    taken: usize,
    /// Samples at the head of the utterance that were cut off.
    cut: usize,
    /// Samples that the last utterance kept after its speech.
    tail: usize,
    is_speaking: bool,
    partial: Vec<f32>,
    /// Samples of the shortest silence that is noted.
    noted: usize,
    /// The silences of the utterance, in its samples.
    silences: Vec<Range<usize>>,
}

impl Trimmer {
    /// A trimmer for sound at `rate`. Loud sound within `edge_silence` from the head of an utterance is a click, not
    /// speech.
    pub(crate) fn new(rate: SampleRate, edge_silence: Duration) -> Self {
        Self {
            frame: rate.samples(FRAME),
            skipped: rate.samples(edge_silence),
            before: rate.samples(MARGIN_BEFORE),
            after: rate.samples(MARGIN_AFTER),
            fade: rate.samples(FADE),
            held: Vec::new(),
            taken: 0,
            cut: 0,
            tail: 0,
            is_speaking: false,
            partial: Vec::new(),
            noted: rate.samples(NOTED_SILENCE),
            silences: Vec::new(),
        }
    }

    /// Silence that the margins already give between two utterances, in samples.
    pub(crate) fn margins(&self) -> usize {
        self.before + self.after
    }

    /// Samples of silence that the last utterance kept after its speech.
    pub(crate) fn tail(&self) -> usize {
        self.tail
    }

    /// Takes the silences of the last utterance, in its samples: before its speech, where speech stops and goes on, after its
    /// speech. Without speech there are none.
    pub(crate) fn take_silences(&mut self) -> Vec<Range<usize>> {
        mem::take(&mut self.silences)
    }

    /// Takes a block; calls `emit` with the samples that are certain to be kept.
    pub(crate) fn push(&mut self, block: &[f32], emit: &mut dyn FnMut(&[f32])) {
        let mut rest = block;
        if !self.partial.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(self.frame - self.partial.len()));
            self.partial.extend_from_slice(head);
            rest = tail;
            if self.partial.len() < self.frame {
                return;
            }
            let frame = mem::take(&mut self.partial);
            self.push_frame(&frame, emit);
        }
        let frames = rest.chunks_exact(self.frame);
        self.partial.extend_from_slice(frames.remainder());
        for frame in frames {
            self.push_frame(frame, emit);
        }
    }

    /// Ends the utterance: the decay after the last speech is faded out and kept, the silence dropped. Returns how
    /// many samples at the head of the utterance were cut off, or `None` when there was no speech at all.
    pub(crate) fn finish(&mut self, emit: &mut dyn FnMut(&[f32])) -> Option<usize> {
        let partial = mem::take(&mut self.partial);
        if !partial.is_empty() {
            self.push_frame(&partial, emit);
        }
        let cut = self.is_speaking.then_some(self.cut);
        self.tail = 0;
        if self.is_speaking {
            let spoken = self.taken - self.held.len();
            self.held.truncate(self.after);
            let length = self.held.len();
            self.silences.push(spoken..spoken + length);
            // The last decay may end in the first quiet frame.
            self.tail = length.saturating_sub(self.frame);
            let fade = self.fade.min(length);
            for (i, sample) in self.held[length - fade..].iter_mut().enumerate() {
                *sample *= 1.0 - (i + 1) as f32 / fade as f32;
            }
            emit(&self.held);
        }
        self.held.clear();
        (self.taken, self.cut, self.is_speaking) = (0, 0, false);
        cut
    }

    fn push_frame(&mut self, frame: &[f32], emit: &mut dyn FnMut(&[f32])) {
        let start = self.taken;
        self.taken += frame.len();
        let power = frame.iter().map(|x| x * x).sum::<f32>() / frame.len() as f32;
        let is_speech = power > SPEECH_LEVEL * SPEECH_LEVEL && start >= self.skipped;
        if !is_speech {
            self.held.extend_from_slice(frame);
            if !self.is_speaking && self.held.len() > self.before {
                self.held.drain(..self.held.len() - self.before);
            }
            return;
        }
        if !self.is_speaking || self.held.len() >= self.noted {
            self.silences.push(start - self.held.len()..start);
        }
        if !self.is_speaking {
            self.is_speaking = true;
            self.cut = start - self.held.len();
            let fade = self.fade.min(self.held.len());
            for (i, sample) in self.held[..fade].iter_mut().enumerate() {
                *sample *= i as f32 / fade as f32;
            }
        }
        if !self.held.is_empty() {
            emit(&self.held);
            self.held.clear();
        }
        emit(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    fn speech(samples: usize) -> impl Iterator<Item = f32> {
        (0..samples).map(|i| if i % 2 == 0 { 0.3 } else { -0.3 })
    }

    fn trim(sound: &[f32], block: usize) -> (Vec<f32>, Option<usize>) {
        let (mut trimmer, mut out) = (Trimmer::new(RATE, Duration::from_millis(20)), Vec::new());
        for block in sound.chunks(block) {
            trimmer.push(block, &mut |kept| out.extend_from_slice(kept));
        }
        let cut = trimmer.finish(&mut |kept| out.extend_from_slice(kept));
        (out, cut)
    }

    #[test]
    fn silence_and_the_click_at_the_start_go_and_the_pause_inside_stays() {
        let mut sound = vec![0.4; 120];
        sound.extend([0.0; 4680]);
        sound.extend(speech(2400));
        sound.extend([0.0; 4800]);
        sound.extend(speech(2400));
        sound.extend([0.0; 9600]);
        let kept = 480 + 2400 + 4800 + 2400 + 1440;
        each([1, 7, 119, 120, 4096, sound.len()], |block| {
            let (out, cut) = trim(&sound, block);
            assert_eq!((out.len(), cut), (kept, Some(4800 - 480)), "blocks of {block}");
            assert!(out[..480].iter().chain(&out[kept - 1440..]).all(|x| *x == 0.0), "blocks of {block}");
        });
    }

    #[test]
    fn an_utterance_without_speech_gives_nothing() {
        each([vec![], vec![0.0; 30], vec![0.0; 24_000]], |sound| {
            assert_eq!(trim(&sound, 1000), (vec![], None));
        });
    }

    #[test]
    fn edges_are_faded_from_and_to_zero() {
        let sound: Vec<f32> = speech(24_000).collect();
        let (out, cut) = trim(&sound, 24_000);
        assert_eq!(cut, Some(0));
        assert!(out[0].abs() < 1e-6);
        let (quiet, _) = trim(&[&sound[..], &[0.0009; 4800][..]].concat(), 24_000);
        assert!(quiet[quiet.len() - 1].abs() < 1e-6);
    }
}
