//! A whole programme faster or slower at the same pitch: beyond the speeds that a voice speaks at itself.

use std::collections::VecDeque;
use std::sync::Arc;

use super::stretch::{Step, Stretcher};
use crate::audio::{Listener, SampleRate, Sink};
use crate::error::Result;
use crate::text::Span;

/// A programme that does not end in silence fades over this part of a hop.
const FADE: usize = 3;

/// A sink behind a stretcher. What comes out is as long as what goes in, divided by the rate, to the sample.
pub(crate) struct Stretched {
    sink: Box<dyn Sink>,
    stretcher: Stretcher,
    rate: f64,
    step: Step,
    /// Sound that later hops may look at, and the place of its first sample in the programme.
    held: VecDeque<f32>,
    first: u64,
    taken: u64,
    passed: u64,
    hop: Vec<f32>,
    /// Sentences that did not begin yet, and the number of their first sample.
    waiting: VecDeque<(u64, usize, String, Span)>,
}

impl Stretched {
    /// In front of `sink`, for sound that is to be `times` as fast.
    pub(crate) fn new(sink: Box<dyn Sink>, rate: SampleRate, times: f64) -> Self {
        Self {
            sink,
            stretcher: Stretcher::new(rate),
            rate: times,
            step: Step::Jump(0),
            held: VecDeque::new(),
            first: 0,
            taken: 0,
            passed: 0,
            hop: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Makes the next hop; beyond the end of the programme there is silence.
    fn make(&mut self) {
        let (held, first) = (&self.held, self.first);
        let read = |start: u64, out: &mut [f32]| {
            for (place, sample) in (start..).zip(out.iter_mut()) {
                let index = place.checked_sub(first).map(|index| index as usize);
                *sample = index.and_then(|index| held.get(index)).copied().unwrap_or(0.0);
            }
        };
        let now = match self.step {
            Step::Jump(start) => start as f64,
            Step::Continue(position) => position,
            Step::Rest => self.taken as f64,
        };
        if let Some(next) = self.stretcher.gather(self.step, self.rate, read) {
            self.step = Step::Continue(next);
        }
        self.stretcher.render(&mut self.hop);
        // The next hop continues this one, which was shifted by no more than its own length.
        let needed = (now as u64).saturating_sub(self.stretcher.hop() as u64);
        let done = (needed.saturating_sub(self.first) as usize).min(self.held.len());
        self.held.drain(..done);
        self.first += done as u64;
    }

    fn pass(&mut self) -> Result<()> {
        // Where the sound of this hop stood before.
        let at = (self.passed as f64 * self.rate) as u64;
        while let Some((_, number, text, span)) = self.waiting.pop_front_if(|(begin, ..)| *begin <= at) {
            self.sink.begin_sentence(number, &text, span);
        }
        self.passed += self.hop.len() as u64;
        self.sink.write(&self.hop)
    }

    /// Whether the next hop finds all the sound that it needs, and leaves something for the end to fade.
    fn is_ready(&self) -> bool {
        let until = self.passed + (self.stretcher.hop() + self.fade()) as u64;
        self.stretcher.end_of(self.step, self.rate) <= self.taken
            && until as f64 * self.rate <= self.taken as f64
    }

    /// Samples over which a programme fades.
    fn fade(&self) -> usize {
        self.stretcher.hop() / FADE
    }
}

impl Sink for Stretched {
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        self.waiting.push_back((self.taken, number, text.to_string(), span));
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.held.extend(samples);
        self.taken += samples.len() as u64;
        while self.is_ready() {
            self.make();
            self.pass()?;
        }
        Ok(())
    }

    fn listener(&self) -> Option<Arc<dyn Listener>> {
        self.sink.listener()
    }

    fn finalize(mut self: Box<Self>) -> Result<()> {
        let length = (self.taken as f64 / self.rate).round() as u64;
        let left = length.saturating_sub(self.passed) as usize;
        let mut rest = Vec::new();
        while rest.len() < left {
            self.make();
            rest.extend_from_slice(&self.hop);
        }
        rest.truncate(left);
        // It may be cut off in the middle of a sound.
        let fade = self.fade();
        for (index, sample) in rest.iter_mut().rev().take(fade).enumerate() {
            *sample *= index as f32 / fade as f32;
        }
        while let Some((_, number, text, span)) = self.waiting.pop_front() {
            self.sink.begin_sentence(number, &text, span);
        }
        self.sink.write(&rest)?;
        self.sink.finalize()
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::audio::Kept;
    use crate::table_test::each;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    fn sine(seconds: f32) -> Vec<f32> {
        (0..(seconds * 24_000.0) as usize).map(|n| 0.5 * (TAU * 180.0 * n as f32 / 24_000.0).sin()).collect()
    }

    fn stretched(sound: &[f32], times: f64, block: usize) -> Vec<f32> {
        let kept = Kept::default();
        let mut sink = Box::new(Stretched::new(Box::new(kept.clone()), RATE, times));
        for samples in sound.chunks(block) {
            sink.write(samples).unwrap();
        }
        sink.finalize().unwrap();
        kept.samples()
    }

    fn biggest_step(sound: &[f32]) -> f32 {
        sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn it_is_as_long_as_asked_whatever_the_blocks_and_never_clicks() {
        each([0.5, 0.6, 0.9, 1.3, 1.6, 2.4, 3.2, 4.0], |times| {
            let sound = sine(2.0);
            let out = stretched(&sound, times, 1_000);
            assert_eq!(out.len(), (sound.len() as f64 / times).round() as usize, "{times}");
            // The fades at both ends, which a sound without silence there needs, add a little.
            let allowed = biggest_step(&sound) * 1.02 + 0.5 / 120.0;
            assert!(biggest_step(&out) <= allowed, "{times}: a step of {}", biggest_step(&out));
            assert!(out[out.len() - 1].abs() < 0.01, "{times}: ends with {}", out[out.len() - 1]);
            assert!(out == stretched(&sound, times, 7), "{times}: the blocks matter");
        });
    }

    #[test]
    fn very_short_sounds_and_none_pass_too() {
        each([0, 1, 100, 360, 1_000], |samples| {
            for times in [0.5, 3.2] {
                let out = stretched(&vec![0.1; samples], times, 480);
                assert_eq!(out.len(), (samples as f64 / times).round() as usize, "{samples} at {times}");
            }
        });
    }

    #[test]
    fn it_holds_no_more_than_a_moment() {
        let mut sink = Stretched::new(Box::new(crate::audio::Discard), RATE, 3.2);
        let sound = sine(1.0);
        for _ in 0..30 {
            sink.write(&sound).unwrap();
        }
        assert!(sink.held.len() < 12_000, "{} samples", sink.held.len());
    }
}
