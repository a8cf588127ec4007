//! Faster and slower speech at the same pitch: waveform similarity overlap-add (WSOLA).
//!
//! W. Verhelst and M. Roelands, “An overlap-add technique based on waveform similarity (WSOLA) for high quality
//! time-scale modification of speech”, ICASSP 1993. The output is made of windows that overlap by half. Each is taken
//! near the place that the rate asks for. It is shifted until it resembles the sound that would have followed the
//! window before it. So whole periods of the voice are repeated or left out.
//!
//! Starting, jumping and resting are the same overlap with silence or with another place, so there is never a click.

use std::f32::consts::PI;
use std::time::Duration;

use crate::audio::SampleRate;

/// Milliseconds between windows. Windows of twice that hold several periods of any voice and are still shorter than
/// a syllable; the paper uses 20 ms and finds the size uncritical.
const HOP_MILLISECONDS: u64 = 15;

/// Milliseconds that a window may be shifted either way: more than half the longest period of a voice (60 Hz).
const REACH_MILLISECONDS: u64 = 8;

/// The source of the next hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// Go on; the hop ideally begins here.
    Continue(f64),
    /// Fade to the sound at another place, or fade in from silence.
    Jump(u64),
    /// Fade to silence, or stay silent.
    Rest,
}

/// Makes one hop of output at a time. The sound that it needs is [gathered](Self::gather) in a first, short step
/// (under the lock of the sound's owner) and turned into output in a second one.
#[derive(Debug)]
pub(crate) struct Stretcher {
    hop: usize,
    reach: usize,
    /// Rising half of a Hann window; with its mirror image it adds up to one.
    rising: Vec<f32>,
    /// The beginning of the audible window; `None` in silence.
    sounding: Option<u64>,
    /// The natural continuation of the audible window.
    continuation: Vec<f32>,
    /// The place where the next window may come from.
    region: Vec<f32>,
    planned: Planned,
}

#[derive(Clone, Copy, Debug)]
enum Planned {
    Silence,
    FadeOut,
    Continuation { start: u64 },
    Jump { start: u64 },
    Search { region_start: u64, ideal: u64 },
}

impl Stretcher {
    /// A stretcher in silence.
    pub(crate) fn new(rate: SampleRate) -> Self {
        let samples = |milliseconds| ((u64::from(rate.hertz()) * milliseconds / 1000) as usize).max(1);
        let (hop, reach) = (samples(HOP_MILLISECONDS), samples(REACH_MILLISECONDS));
        let rising = (0..hop).map(|n| 0.5 - 0.5 * (PI * (n as f32 + 0.5) / hop as f32).cos()).collect();
        Self {
            hop,
            reach,
            rising,
            sounding: None,
            continuation: vec![0.0; 2 * hop],
            region: vec![0.0; 2 * reach + 2 * hop],
            planned: Planned::Silence,
        }
    }

    /// Samples that every hop puts out.
    pub(crate) fn hop(&self) -> usize {
        self.hop
    }

    /// How long that is.
    pub(crate) fn hop_duration(&self) -> Duration {
        Duration::from_millis(HOP_MILLISECONDS)
    }

    /// Whether the last hop left sound that must be continued or faded.
    pub(crate) fn is_sounding(&self) -> bool {
        self.sounding.is_some()
    }

    /// One past the last sample that a step may look at.
    pub(crate) fn end_of(&self, step: Step, rate: f64) -> u64 {
        let window = 2 * self.hop as u64;
        match step {
            Step::Rest => 0,
            Step::Jump(start) => start + window,
            Step::Continue(_) if is_natural(rate) => self.natural() + window,
            Step::Continue(position) => {
                self.natural().max(position.round() as u64 + self.reach as u64) + window
            }
        }
    }

    /// Copies the sound that `step` needs, and returns the ideal beginning of the hop after it; `None` for a rest,
    /// which does not advance.
    pub(crate) fn gather(
        &mut self,
        step: Step,
        rate: f64,
        mut read: impl FnMut(u64, &mut [f32]),
    ) -> Option<f64> {
        let natural = self.natural();
        match self.sounding {
            Some(_) => read(natural, &mut self.continuation),
            None => self.continuation.fill(0.0),
        }
        let begin = match step {
            Step::Rest => {
                self.planned = if self.is_sounding() { Planned::FadeOut } else { Planned::Silence };
                return None;
            }
            Step::Jump(start) => {
                read(start, &mut self.region);
                self.planned = Planned::Jump { start };
                start as f64
            }
            Step::Continue(_) if is_natural(rate) => {
                self.planned = Planned::Continuation { start: natural };
                natural as f64
            }
            Step::Continue(position) => {
                let ideal = position.round() as u64;
                let region_start = ideal.saturating_sub(self.reach as u64);
                read(region_start, &mut self.region);
                self.planned = Planned::Search { region_start, ideal };
                position
            }
        };
        Some(begin + self.hop as f64 * rate)
    }

    /// Puts out the hop that was gathered.
    pub(crate) fn render(&mut self, out: &mut Vec<f32>) {
        out.clear();
        let (start, offset) = match std::mem::replace(&mut self.planned, Planned::Silence) {
            Planned::Silence => {
                out.resize(self.hop, 0.0);
                return;
            }
            Planned::FadeOut => {
                self.sounding = None;
                out.extend(self.continuation.iter().zip(self.rising.iter().rev()).map(|(a, w)| a * w));
                return;
            }
            Planned::Continuation { start } => {
                self.sounding = Some(start);
                out.extend_from_slice(&self.continuation[..self.hop]);
                return;
            }
            Planned::Jump { start } => (start, 0),
            Planned::Search { region_start, ideal } => {
                let offset = self.most_similar((ideal - region_start) as usize);
                (region_start + offset as u64, offset)
            }
        };
        self.sounding = Some(start);
        let falling = self.rising.iter().rev();
        let old = self.continuation.iter().zip(falling);
        let new = self.region[offset..].iter().zip(&self.rising);
        out.extend(old.zip(new).map(|((a, falling), (b, rising))| a * falling + b * rising));
    }

    fn natural(&self) -> u64 {
        self.sounding.map_or(0, |start| start + self.hop as u64)
    }

    /// Offset in the region of the window most like the natural continuation, by normalised cross-correlation; at
    /// equal likeness (in silence) the one closest to the ideal place.
    fn most_similar(&self, ideal: usize) -> usize {
        let window = self.continuation.len();
        let last = (ideal + self.reach).min(self.region.len() - window);
        let mut energy: f64 = self.region[..window].iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        let (mut best, mut best_likeness) = (ideal, f64::NEG_INFINITY);
        for offset in 0..=last {
            let candidate = &self.region[offset..offset + window];
            // The floor keeps digital silence from being divided by itself.
            let likeness = f64::from(dot(&self.continuation, candidate)) / (energy.max(0.0) + 1e-6).sqrt();
            let is_nearer = offset.abs_diff(ideal) < best.abs_diff(ideal) || offset == ideal;
            #[expect(
                clippy::float_cmp,
                reason = "only exact ties, as in digital silence, are decided by nearness"
            )]
            if likeness > best_likeness || (likeness == best_likeness && is_nearer) {
                (best, best_likeness) = (offset, likeness);
            }
            if let Some(&entering) = self.region.get(offset + window) {
                let leaving = f64::from(self.region[offset]);
                energy += f64::from(entering) * f64::from(entering) - leaving * leaving;
            }
        }
        best
    }
}

/// Whether no stretching is needed and the sound comes out unchanged.
fn is_natural(rate: f64) -> bool {
    (rate - 1.0).abs() < 1e-9
}

/// Sum of products in eight lanes, which compilers turn into vector instructions; a single running sum they must leave
/// scalar.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum();
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a.zip(b) {
        for (lane, (x, y)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests;
