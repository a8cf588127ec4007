//! Loudness in all its readings (ITU-R BS.1770-5, EBU Tech 3341 and 3342), and its course.

use std::collections::VecDeque;

use ebur128::{Channel, EbuR128, Mode};
use serde::Serialize;

use super::columns::{Columns, Join};
use super::{decibels, rounded};
use crate::audio::SampleRate;
use crate::master::Loudness;

/// Steps of a tenth of a second in the window of the short-term loudness, three seconds (EBU Tech 3341, 2.2).
const SHORT_TERM: usize = 30;
/// Columns of the course: more than the widest picture has.
const COLUMNS: usize = 4_096;
/// A programme is at its target within this, in LU (EBU R 128, recommendation j).
const TOLERANCE: f64 = 0.5;
/// The highest true peak of what is published, in dBTP (EBU R 128, recommendation f).
pub(crate) const HIGHEST_PEAK: f64 = -1.0;
/// The named targets of results, in LUFS as heard from two loudspeakers.
pub(crate) const TARGETS: [(&str, Loudness); 3] =
    [("podcast", Loudness::PODCAST), ("speech", Loudness::SPEECH), ("broadcast", Loudness::BROADCAST)];

/// The readings of a whole file; silence has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Readings {
    /// Integrated loudness as heard from two loudspeakers.
    pub lufs_two_loudspeakers: Option<f64>,
    /// The same as a meter shows it that takes the file for one loudspeaker; only for files of one channel.
    pub lufs_one_loudspeaker: Option<f64>,
    /// Loudness range.
    pub range_lu: Option<f64>,
    /// The highest loudness of three seconds, as heard from two loudspeakers.
    pub max_short_term_lufs: Option<f64>,
    /// The highest peak between and at the samples.
    pub true_peak_dbtp: Option<f64>,
}

/// How a file stands to a named target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Comparison {
    /// As `--loudness` names it.
    pub name: &'static str,
    /// The target.
    pub lufs: f64,
    /// How much louder the file is; `None` for silence.
    pub off_lu: Option<f64>,
    /// Whether it is near enough.
    pub is_met: bool,
}

impl Readings {
    /// The named targets beside the loudness as heard from two loudspeakers.
    pub(crate) fn comparisons(&self) -> Vec<Comparison> {
        let compare = |(name, target): (&'static str, Loudness)| {
            let Loudness::Target(lufs) = target else { return None };
            let off = self.lufs_two_loudspeakers.map(|measured| rounded(measured - lufs));
            let is_met = off.is_some_and(|off| off.abs() <= TOLERANCE);
            Some(Comparison { name, lufs, off_lu: off, is_met })
        };
        TARGETS.into_iter().filter_map(compare).collect()
    }

    /// Whether the true peak is higher than what is published should have.
    pub(crate) fn is_peak_over(&self) -> bool {
        self.true_peak_dbtp.is_some_and(|peak| peak > HIGHEST_PEAK)
    }
}

/// The highest short-term loudness of a stretch in LUFS; negative infinity before there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShortTerm(pub f64);

impl Join for ShortTerm {
    fn join(&mut self, next: &Self) {
        self.0 = self.0.max(next.0);
    }
}

/// Measures sound that comes in blocks. Its memory does not grow.
pub(super) struct LoudnessMeter {
    meter: EbuR128,
    /// Takes one channel for one loudspeaker.
    alone: Option<EbuR128>,
    /// Samples of a tenth of a second.
    step: usize,
    /// Less than a step.
    open: Vec<f32>,
    /// The latest mean squares, one a step.
    energies: VecDeque<f64>,
    highest: f64,
    course: Columns<ShortTerm>,
}

impl LoudnessMeter {
    /// `None` for more channels than loudness is defined for.
    pub(super) fn new(rate: SampleRate, channels: usize) -> Option<Self> {
        let hertz = rate.hertz();
        let count = u32::try_from(channels).ok()?;
        let mode = Mode::I | Mode::LRA | Mode::TRUE_PEAK | Mode::HISTOGRAM;
        let mut meter = EbuR128::new(count, hertz, mode).ok()?;
        let mut alone = None;
        if channels == 1 {
            meter.set_channel(0, Channel::DualMono).ok()?;
            alone = Some(EbuR128::new(count, hertz, Mode::I | Mode::HISTOGRAM).ok()?);
        }
        Some(Self {
            meter,
            alone,
            step: channels * rate.samples(std::time::Duration::from_millis(100)).max(1),
            open: Vec::new(),
            energies: VecDeque::with_capacity(SHORT_TERM + 1),
            highest: f64::NEG_INFINITY,
            course: Columns::new(COLUMNS),
        })
    }

    /// Takes whole frames of finite samples.
    pub(super) fn push(&mut self, mut samples: &[f32]) -> Result<(), ebur128::Error> {
        if let Some(alone) = &mut self.alone {
            alone.add_frames_f32(samples)?;
        }
        while self.open.len() + samples.len() >= self.step {
            let (head, rest) = samples.split_at(self.step - self.open.len());
            samples = rest;
            if self.open.is_empty() {
                self.meter.add_frames_f32(head)?;
            } else {
                self.open.extend_from_slice(head);
                self.meter.add_frames_f32(&self.open)?;
                self.open.clear();
            }
            self.close_step()?;
        }
        self.open.extend_from_slice(samples);
        Ok(())
    }

    /// The short-term loudness at the end of a step, from the mean squares of the steps: `ebur128` would go through three
    /// seconds of samples for each.
    fn close_step(&mut self) -> Result<(), ebur128::Error> {
        let lufs = self.meter.loudness_window(100)?;
        self.energies.push_back(10_f64.powf((lufs + 0.691) / 10.0));
        if self.energies.len() > SHORT_TERM {
            self.energies.pop_front();
        }
        let mean = self.energies.iter().sum::<f64>() / SHORT_TERM as f64;
        let is_whole = self.energies.len() == SHORT_TERM;
        let short_term = if is_whole { 10.0 * mean.log10() - 0.691 } else { f64::NEG_INFINITY };
        self.highest = self.highest.max(short_term);
        self.course.push(ShortTerm(short_term));
        Ok(())
    }

    /// Measures what is left of the last step, and gives the readings and the course with its seconds a column.
    pub(super) fn finish(mut self) -> Result<(Readings, Columns<ShortTerm>, f64), ebur128::Error> {
        self.meter.add_frames_f32(&self.open)?;
        let said = |lufs: f64| lufs.is_finite().then(|| rounded(lufs));
        let integrated = said(self.meter.loudness_global()?);
        let mut peak = 0.0_f64;
        for channel in 0..self.meter.channels() {
            peak = peak.max(self.meter.true_peak(channel)?);
        }
        let alone = match &self.alone {
            Some(alone) => said(alone.loudness_global()?),
            None => None,
        };
        let has_range = integrated.is_some() && self.energies.len() == SHORT_TERM;
        let range = if has_range { said(self.meter.loudness_range()?) } else { None };
        let readings = Readings {
            lufs_two_loudspeakers: integrated,
            lufs_one_loudspeaker: alone,
            range_lu: range,
            max_short_term_lufs: said(self.highest),
            true_peak_dbtp: decibels(peak),
        };
        let seconds = self.course.items_each() as f64 / 10.0;
        Ok((readings, self.course, seconds))
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::table_test::each;

    const RATE: u32 = 48_000;

    fn tone(level: f64, seconds: f64) -> Vec<f32> {
        let sample = |n: usize| (level * (TAU * 997.0 / f64::from(RATE) * n as f64).sin()) as f32;
        (0..(seconds * f64::from(RATE)) as usize).map(sample).collect()
    }

    fn readings(samples: &[f32], channels: usize) -> Readings {
        let mut meter = LoudnessMeter::new(SampleRate::new(RATE).unwrap(), channels).unwrap();
        for block in samples.chunks(1_000 * channels) {
            meter.push(block).unwrap();
        }
        meter.finish().unwrap().0
    }

    #[test]
    fn a_tone_has_the_readings_of_the_standard() {
        // BS.1770-5: 0 dBFS at 997 Hz in one channel is −3.01 LKFS.
        let both: Vec<f32> = tone(0.1, 5.0).into_iter().flat_map(|sample| [sample; 2]).collect();
        let rows =
            [("one channel", tone(0.1, 5.0), 1, -20.0, Some(-23.01)), ("two channels", both, 2, -20.0, None)];
        each(rows, |(what, samples, channels, two, one)| {
            let found = readings(&samples, channels);
            let near = |got: Option<f64>, want: f64| got.is_some_and(|got| (got - want).abs() < 0.1);
            assert!(near(found.lufs_two_loudspeakers, two), "{what}: {found:?}");
            assert!(near(found.max_short_term_lufs, two), "{what}: {found:?}");
            assert!(near(found.true_peak_dbtp, -20.0), "{what}: {found:?}");
            assert!(found.range_lu.unwrap() <= 0.1, "{what}: {found:?}");
            assert_eq!(found.lufs_one_loudspeaker.is_some(), one.is_some(), "{what}");
            assert!(one.is_none_or(|one| near(found.lufs_one_loudspeaker, one)), "{what}: {found:?}");
        });
    }

    #[test]
    fn the_highest_short_term_is_that_of_ebur128_itself() {
        let samples = [tone(0.02, 4.0), tone(0.3, 2.0), tone(0.05, 3.05)].concat();
        let mut reference = EbuR128::new(1, RATE, Mode::S).unwrap();
        reference.set_channel(0, Channel::DualMono).unwrap();
        let mut highest = f64::NEG_INFINITY;
        for (number, block) in samples.chunks(RATE as usize / 10).enumerate() {
            reference.add_frames_f32(block).unwrap();
            if number >= SHORT_TERM - 1 {
                highest = highest.max(reference.loudness_shortterm().unwrap());
            }
        }
        let found = readings(&samples, 1).max_short_term_lufs.unwrap();
        assert!((found - highest).abs() < 0.02, "{found} and not {highest}");
    }

    #[test]
    fn silence_and_moments_have_no_loudness() {
        each([vec![], vec![0.0; 240_000], tone(0.5, 0.2)], |samples| {
            let found = readings(&samples, 1);
            let loudness = (found.lufs_two_loudspeakers, found.lufs_one_loudspeaker, found.range_lu);
            assert_eq!(loudness, (None, None, None), "{found:?}");
            assert_eq!(found.max_short_term_lufs, None);
            assert!(found.comparisons().iter().all(|one| !one.is_met && one.off_lu.is_none()));
        });
        assert_eq!(readings(&[0.0; 9_000], 1).true_peak_dbtp, None);
    }

    #[test]
    fn targets_are_met_within_half_a_unit() {
        let met = |lufs: f64| -> Vec<&str> {
            let readings = Readings { lufs_two_loudspeakers: Some(lufs), ..Readings::default() };
            readings.comparisons().into_iter().filter(|one| one.is_met).map(|one| one.name).collect()
        };
        let rows = [
            (-16.5, &["podcast"][..]),
            (-16.51, &[]),
            (-18.3, &["speech"]),
            (-22.5, &["broadcast"]),
            (-9.0, &[]),
        ];
        each(rows, |(lufs, want)| assert_eq!(met(lufs), want, "{lufs}"));
        let over = |peak| Readings { true_peak_dbtp: peak, ..Readings::default() }.is_peak_over();
        each([(Some(-0.99), true), (Some(-1.0), false), (None, false)], |(peak, want)| {
            assert_eq!(over(peak), want, "{peak:?}");
        });
    }
}
