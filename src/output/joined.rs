//! Parts of different origin, one after the other, at one loudness.
//!
//! A part is kept until its loudness is known, then it goes on at the level of all. Only one part is held at a time, and a long one on
//! the disk, so the memory does not grow with the programme.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::decode::SoundFile;
use super::spool::Spool;
use super::wav::failed;
use crate::audio::{SampleRate, Sink};
use crate::error::{Error, Result};
use crate::master::{Loudness, Meter, Resampler};

/// The most by which a part is made louder or softer, in dB: what differs by more was meant to.
const MOST_GAIN: f64 = 15.0;

/// A programme that grows part by part.
pub(crate) struct Joined {
    into: Box<dyn Sink>,
    rate: SampleRate,
    folder: PathBuf,
    /// The loudness of all, in LUFS; that of the first part where nothing else is known.
    level: Option<f64>,
    position: u64,
    recorded: Recorded,
}

/// The part that was recorded last.
type Recorded = Arc<Mutex<Option<(Spool, Meter)>>>;

impl Joined {
    /// A programme that goes `into` a sink at a rate. Long parts are kept in `folder` meanwhile.
    pub(crate) fn new(into: Box<dyn Sink>, rate: SampleRate, folder: &Path, level: Option<f64>) -> Self {
        Self { into, rate, folder: folder.to_path_buf(), level, position: 0, recorded: Recorded::default() }
    }

    /// The rate of all.
    pub(crate) fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Samples so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The loudness of all, once it is known, in LUFS.
    pub(crate) fn level(&self) -> Option<f64> {
        self.level
    }

    /// Records the next part, which comes at a rate of its own; [`add`](Self::add) takes it when it is finalized.
    pub(crate) fn recorder(&self, rate: SampleRate) -> Box<dyn Sink> {
        let (spool, meter) = (Spool::in_folder(&self.folder), Meter::new(self.rate));
        let resampler = Resampler::new(rate, self.rate);
        let (folder, recorded) = (self.folder.clone(), self.recorded.clone());
        Box::new(Recorder { spool, meter, resampler, ready: Vec::new(), folder, recorded })
    }

    /// Adds the part that was recorded, and returns where it stands.
    pub(crate) fn add(&mut self) -> Result<Range<u64>> {
        let recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (mut spool, meter) =
            recorded.ok_or_else(|| failed(&self.folder, io::ErrorKind::UnexpectedEof.into()))?;
        let measured = meter.integrated();
        self.level = self.level.or(measured);
        let gain = self.level.map_or(0.0, |level| Loudness::Target(level).gain(measured));
        let factor = 10_f64.powf(gain.clamp(-MOST_GAIN, MOST_GAIN) / 20.0) as f32;
        let start = self.position;
        let mut block = Vec::new();
        let folder = self.folder.clone();
        let read = spool.read(|samples| {
            block.clear();
            block.extend(samples.iter().map(|sample| sample * factor));
            self.write(&block).map_err(Fault::Sink)
        });
        read.map_err(|fault| match fault {
            Fault::Spool(cause) => failed(&folder, cause),
            Fault::Sink(error) => error,
        })?;
        Ok(start..self.position)
    }

    /// Adds a sound file. An error of `go_on` ends the work.
    pub(crate) fn add_file(&mut self, path: &Path, go_on: &dyn Fn() -> Result<()>) -> Result<Range<u64>> {
        let file = SoundFile::open(path)?;
        let mut recorder = self.recorder(file.sample_rate());
        for block in file {
            go_on()?;
            recorder.write(&block?)?;
        }
        recorder.finalize()?;
        self.add()
    }

    /// Adds samples as they are.
    pub(crate) fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.position += samples.len() as u64;
        self.into.write(samples)
    }

    /// Adds silence.
    pub(crate) fn rest(&mut self, time: Duration) -> Result<()> {
        self.write(&vec![0.0; self.rate.samples(time)])
    }

    /// Completes the programme.
    pub(crate) fn finish(self) -> Result<()> {
        self.into.finalize()
    }
}

enum Fault {
    Spool(io::Error),
    Sink(Error),
}

impl From<io::Error> for Fault {
    fn from(cause: io::Error) -> Self {
        Self::Spool(cause)
    }
}

/// Takes a part.
struct Recorder {
    spool: Spool,
    meter: Meter,
    resampler: Option<Resampler>,
    ready: Vec<f32>,
    folder: PathBuf,
    recorded: Recorded,
}

impl Recorder {
    fn keep(&mut self, samples: &[f32]) -> Result<()> {
        self.meter.push(samples);
        self.spool.write(samples).map_err(|cause| failed(&self.folder, cause))
    }

    /// What the resampler made.
    fn keep_ready(&mut self) -> Result<()> {
        let ready = std::mem::take(&mut self.ready);
        self.keep(&ready)?;
        self.ready = ready;
        self.ready.clear();
        Ok(())
    }
}

impl Sink for Recorder {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        let Some(resampler) = &mut self.resampler else { return self.keep(samples) };
        resampler.push(samples, &mut self.ready);
        self.keep_ready()
    }

    fn finalize(mut self: Box<Self>) -> Result<()> {
        if let Some(resampler) = self.resampler.take() {
            resampler.finish(&mut self.ready);
            self.keep_ready()?;
        }
        let Self { spool, meter, recorded, .. } = *self;
        *recorded.lock().unwrap_or_else(PoisonError::into_inner) = Some((spool, meter));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Kept;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    fn tone(hertz: u32, seconds: f32, level: f32) -> Vec<f32> {
        let count = (hertz as f32 * seconds) as usize;
        (0..count)
            .map(|at| level * (at as f32 * 440.0 * std::f32::consts::TAU / hertz as f32).sin())
            .collect()
    }

    fn loudness(samples: &[f32]) -> f64 {
        let mut meter = Meter::new(RATE);
        meter.push(samples);
        meter.integrated().unwrap()
    }

    #[test]
    fn parts_stand_one_behind_the_other_at_one_loudness() {
        let folder = tempfile::tempdir().unwrap();
        let collected = Kept::default();
        let mut joined = Joined::new(Box::new(collected.clone()), RATE, folder.path(), None);
        let mut places = Vec::new();
        for level in [0.2, 0.05, 0.4] {
            let mut recorder = joined.recorder(RATE);
            recorder.write(&tone(24_000, 2.0, level)).unwrap();
            recorder.finalize().unwrap();
            places.push(joined.add().unwrap());
            joined.rest(Duration::from_secs(1)).unwrap();
        }
        assert_eq!(places, [0..48_000, 72_000..120_000, 144_000..192_000]);
        assert_eq!(joined.position(), 216_000);
        // There is none to be taken.
        assert!(joined.add().is_err());
        joined.finish().unwrap();
        let samples = collected.samples();
        assert_eq!(samples.len(), 216_000);
        let part = |place: &Range<u64>| loudness(&samples[place.start as usize..place.end as usize]);
        let levels: Vec<f64> = places.iter().map(part).collect();
        assert!(levels.iter().all(|level| (level - levels[0]).abs() < 0.1), "{levels:?}");
    }

    #[test]
    fn a_part_of_another_rate_keeps_its_length_and_its_pitch() {
        let folder = tempfile::tempdir().unwrap();
        let collected = Kept::default();
        let mut joined = Joined::new(Box::new(collected.clone()), RATE, folder.path(), Some(-20.0));
        let mut recorder = joined.recorder(SampleRate::new(16_000).unwrap());
        tone(16_000, 3.0, 0.3).chunks(999).for_each(|block| recorder.write(block).unwrap());
        recorder.finalize().unwrap();
        let place = joined.add().unwrap();
        joined.finish().unwrap();
        assert_eq!(place, 0..72_000);
        let samples = collected.samples();
        let rises = samples.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!((1_318..=1_322).contains(&rises), "{rises}");
    }

    #[test]
    fn a_file_of_another_rate_keeps_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let samples: Vec<i16> =
            tone(44_100, 3.0, 0.3).iter().map(|sample| (sample * 32_767.0) as i16).collect();
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        bytes.extend(44_100_u32.to_le_bytes());
        bytes.extend(88_200_u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0data");
        bytes.extend((samples.len() as u32 * 2).to_le_bytes());
        bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        let length = (bytes.len() as u32 - 8).to_le_bytes();
        bytes[4..8].copy_from_slice(&length);
        std::fs::write(&path, bytes).unwrap();
        let collected = Kept::default();
        let mut joined = Joined::new(Box::new(collected.clone()), RATE, folder.path(), Some(-20.0));
        let place = joined.add_file(&path, &|| Ok(())).unwrap();
        joined.finish().unwrap();
        assert_eq!(place, 0..72_000);
        assert!((loudness(&collected.samples()) + 20.0).abs() < 0.2);
    }
}
