//! Silences: at both ends, and the longest between.

use serde::Serialize;

use crate::audio::SampleRate;

/// Samples below this are silence, in dBFS: studios are quieter, and speech is louder.
pub(crate) const THRESHOLD: f64 = -60.0;
/// Shorter silences within are pauses of speech, in seconds.
pub(crate) const LEAST: f64 = 0.5;

/// The silences of a file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Silences {
    /// The level below which all channels must stay.
    threshold_dbfs: f64,
    /// The shortest silence within that counts.
    least_seconds: f64,
    /// Whether nothing is louder than the threshold.
    pub is_silent: bool,
    /// Before the first sound; the whole file when it is silent.
    pub start_seconds: f64,
    /// After the last sound; the whole file when it is silent.
    pub end_seconds: f64,
    /// The longest between two sounds.
    pub longest_inside: Option<Silence>,
}

/// A silence between two sounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Silence {
    /// Where it begins.
    pub start: f64,
    /// How long it is.
    pub seconds: f64,
}

/// Finds silences in sound that comes in blocks.
pub(super) struct SilenceMeter {
    level: f32,
    frames: u64,
    /// The frame after the last sound.
    loud_until: Option<u64>,
    start: u64,
    /// Where the longest one begins, and its length.
    longest: (u64, u64),
}

impl SilenceMeter {
    /// Before the first sample.
    pub(super) fn new() -> Self {
        let level = 10_f64.powf(THRESHOLD / 20.0) as f32;
        Self { level, frames: 0, loud_until: None, start: 0, longest: (0, 0) }
    }

    /// Takes whole frames of finite samples.
    pub(super) fn push(&mut self, samples: &[f32], channels: usize) {
        for frame in samples.chunks_exact(channels) {
            if frame.iter().any(|sample| sample.abs() >= self.level) {
                match self.loud_until {
                    None => self.start = self.frames,
                    Some(end) if self.frames - end > self.longest.1 => {
                        self.longest = (end, self.frames - end);
                    }
                    Some(_) => {}
                }
                self.loud_until = Some(self.frames + 1);
            }
            self.frames += 1;
        }
    }

    /// The silences so far.
    pub(super) fn silences(&self, rate: SampleRate) -> Silences {
        let seconds = |frames: u64| rate.seconds(frames);
        let (start, length) = self.longest;
        let longest = Silence { start: seconds(start), seconds: seconds(length) };
        Silences {
            threshold_dbfs: THRESHOLD,
            least_seconds: LEAST,
            is_silent: self.loud_until.is_none(),
            start_seconds: seconds(self.loud_until.map_or(self.frames, |_| self.start)),
            end_seconds: seconds(self.frames - self.loud_until.unwrap_or(0)),
            longest_inside: (longest.seconds >= LEAST).then_some(longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn silences_are_found_at_both_ends_and_within() {
        // At 10 Hz a sample lasts a tenth of a second; each letter is ten of them: sound, noise below −60 dBFS.
        let rows = [
            ("", (true, 0.0, 0.0, None)),
            ("..", (true, 2.0, 2.0, None)),
            ("x", (false, 0.0, 0.0, None)),
            (".xx..x...x.x....", (false, 1.0, 4.0, Some((6.0, 3.0)))),
        ];
        each(rows, |(plan, (is_silent, start, end, inside))| {
            let samples: Vec<f32> = plan
                .chars()
                .flat_map(|letter| std::iter::repeat_n(if letter == 'x' { -0.002 } else { 0.000_9 }, 10))
                .collect();
            let mut meter = SilenceMeter::new();
            for block in samples.chunks(7) {
                meter.push(block, 1);
            }
            let found = meter.silences(SampleRate::new(10).unwrap());
            let longest = found.longest_inside.map(|silence| (silence.start, silence.seconds));
            let got = (found.is_silent, found.start_seconds, found.end_seconds, longest);
            assert_eq!(got, (is_silent, start, end, inside), "{plan}");
        });
    }

    #[test]
    fn a_short_rest_is_no_silence_and_any_channel_breaks_one() {
        let mut meter = SilenceMeter::new();
        meter.push(&[0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1], 2);
        let silences = meter.silences(SampleRate::new(10).unwrap());
        assert_eq!((silences.longest_inside, silences.end_seconds), (None, 0.0));
    }
}
