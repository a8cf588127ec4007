//! A finished sound file, ours or anybody's: how it is coded, how loud and how quiet it is, what its tags say, and its course
//! for a picture.
//!
//! The file is decoded once, block by block. Every course has a bounded number of columns, so that memory does not grow
//! with the sound, and no length that a head promises is believed.
//!
//! - [`loudness`], [`levels`], [`silence`], [`spectrum`]: the measurements
//! - [`columns`]: courses of bounded size
//! - [`tags`]: the texts, the cover, the chapters
//! - [`picture`]: all of it in a PNG

mod columns;
pub(crate) mod levels;
pub(crate) mod loudness;
pub(crate) mod picture;
pub(crate) mod silence;
mod spectrum;
pub(crate) mod tags;

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;

use serde::Serialize;

use self::columns::Columns;
use self::levels::{Extent, Levels};
use self::loudness::{Comparison, LoudnessMeter, Readings, ShortTerm};
use self::silence::{SilenceMeter, Silences};
use self::spectrum::{Spectrogram, SpectrumMeter};
use self::tags::{Disclosure, Found, FoundChapter, FoundCover, FoundTags};
use super::decode::SoundFile;
use crate::audio::SampleRate;
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// The findings about a sound file, in the form of JSON.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Findings {
    /// Such as `wave`, `flac`, `mp3`, `ogg`.
    pub container: &'static str,
    /// Such as `pcm_s16le`, `flac`, `mp3`, `opus`.
    pub codec: &'static str,
    /// Bits of a sample, where samples have a number of bits.
    pub bits: Option<u32>,
    /// Samples a second.
    pub sample_rate: u32,
    /// Channels.
    pub channels: usize,
    /// Length of the file.
    pub bytes: u64,
    /// Bits a second, tags included.
    pub bit_rate: u64,
    /// Samples of a channel that were decoded.
    pub samples: u64,
    /// How long they last.
    pub seconds: f64,
    /// Samples of a channel that the head promises, where that is another number.
    pub promised_samples: Option<u64>,
    /// Whether the file ends within the sound.
    pub is_cut_short: bool,
    /// Packets that could not be decoded.
    pub corrupt_packets: u64,
    /// How loud it is.
    pub loudness: Readings,
    /// The highest sample; `None` for digital silence.
    pub sample_peak_dbfs: Option<f64>,
    /// Samples at or beyond full scale.
    pub clipped_samples: u64,
    /// Samples that are infinite or no numbers.
    pub non_finite_samples: u64,
    /// Which targets it meets.
    pub targets: Vec<Comparison>,
    /// Whether the true peak is higher than −1 dBTP.
    pub is_true_peak_over: bool,
    /// Where nothing is heard.
    pub silence: Silences,
    /// What it says about itself.
    pub tags: FoundTags,
    /// The picture within.
    pub cover: Option<FoundCover>,
    /// The chapters within.
    pub chapters: Vec<FoundChapter>,
    /// The marks that it was made by AI.
    pub ai_disclosure: Disclosure,
    /// A damage of the tags.
    pub tags_fault: Option<&'static str>,
}

/// The courses of a sound file over time.
pub(crate) struct Courses {
    rate: SampleRate,
    seconds: f64,
    outline: Columns<Extent>,
    /// Frames of a column of the outline.
    outline_frames: u64,
    short_term: Columns<ShortTerm>,
    short_term_seconds: f64,
    spectrogram: Option<Spectrogram>,
}

impl Courses {
    /// The peaks of `columns` stretches of equal length, from 0 to 1.
    pub(crate) fn peaks(&self, columns: usize) -> Vec<f32> {
        self.extents(columns).into_iter().map(|extent| extent.peak().min(1.0)).collect()
    }

    /// The extents of `columns` stretches of equal length.
    fn extents(&self, columns: usize) -> Vec<Extent> {
        use self::columns::Join;
        let mut extents = vec![Extent::ZERO; columns];
        let each =
            self.rate.seconds(self.outline_frames) / self.seconds.max(f64::MIN_POSITIVE) * columns as f64;
        for (number, extent) in self.outline.iter().enumerate() {
            let first = (number as f64 * each) as usize;
            let after = (((number + 1) as f64 * each).ceil() as usize).min(columns);
            for place in extents.iter_mut().take(after).skip(first) {
                place.join(extent);
            }
        }
        extents
    }
}

/// Examines a file that is open, and that `path` names in messages. `go_on` is asked before each block. The spectrogram is made
/// on demand, because it takes most of the time.
pub(crate) fn inspect(
    path: &Path,
    mut file: File,
    with_spectrogram: bool,
    mut go_on: impl FnMut() -> Result<()>,
) -> Result<(Findings, Courses)> {
    let unreadable = |cause: std::io::Error| {
        Error::new(ErrorKind::Input, "the sound file can't be read").at(Place::file(path)).because(cause)
    };
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes == 0 {
        return Err(Error::new(ErrorKind::Decode, "the file is empty")
            .at(Place::file(path))
            .with_cure(Cure::ConvertSound));
    }
    let found = tags::read(&mut file).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut sound = SoundFile::from_file(path, file)?;
    let rate = sound.sample_rate();
    let mut meters: Option<Meters> = None;
    while let Some(mut frames) = sound.next_frames()? {
        go_on()?;
        if meters.is_none() {
            meters = Some(Meters::new(path, rate, frames.channels, with_spectrogram)?);
        }
        if let Some(meters) = &mut meters {
            meters.push(path, &mut frames.samples, frames.channels)?;
        }
    }
    match meters {
        Some(meters) => meters.finish(path, &sound, bytes, found),
        None => Err(unmeasurable(path, "the file holds no sound")),
    }
}

fn unmeasurable(path: &Path, what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Decode, what).at(Place::file(path)).with_cure(Cure::ConvertSound)
}

/// All measurements of one sound.
struct Meters {
    rate: SampleRate,
    channels: usize,
    frames: u64,
    levels: Levels,
    silence: SilenceMeter,
    loudness: LoudnessMeter,
    spectrum: Option<SpectrumMeter>,
}

impl Meters {
    fn new(path: &Path, rate: SampleRate, channels: usize, with_spectrogram: bool) -> Result<Self> {
        let loudness = LoudnessMeter::new(rate, channels).ok_or_else(|| {
            unmeasurable(path, format!("{channels} channels are more than can be measured"))
        })?;
        Ok(Self {
            rate,
            channels,
            frames: 0,
            levels: Levels::new(),
            silence: SilenceMeter::new(),
            loudness,
            spectrum: with_spectrogram.then(|| SpectrumMeter::new(rate)),
        })
    }

    fn push(&mut self, path: &Path, samples: &mut [f32], channels: usize) -> Result<()> {
        if channels != self.channels {
            let what = format!("the number of channels changes within the file, to {channels}");
            return Err(unmeasurable(path, what));
        }
        self.frames += (samples.len() / channels) as u64;
        self.levels.push(samples, channels);
        self.silence.push(samples, channels);
        self.loudness.push(samples).map_err(|cause| unmeasured(path, cause))?;
        if let Some(spectrum) = &mut self.spectrum {
            spectrum.push(samples, channels);
        }
        Ok(())
    }

    fn finish(self, path: &Path, sound: &SoundFile, bytes: u64, found: Found) -> Result<(Findings, Courses)> {
        let Self { rate, channels, frames, levels, silence, loudness, spectrum } = self;
        let seconds = rate.seconds(frames);
        let (readings, short_term, short_term_seconds) =
            loudness.finish().map_err(|cause| unmeasured(path, cause))?;
        let coding = sound.coding();
        let mut chapters = found.chapters;
        if let Some(last) = chapters.last_mut() {
            last.end.get_or_insert(seconds);
        }
        let findings = Findings {
            container: coding.container,
            codec: coding.codec,
            bits: coding.bits,
            sample_rate: rate.hertz(),
            channels,
            bytes,
            bit_rate: (bytes as f64 * 8.0 / seconds).round() as u64,
            samples: frames,
            seconds,
            promised_samples: coding.promised_samples.filter(|promised| *promised != frames),
            is_cut_short: sound.is_cut_short()
                || coding.promised_samples.is_some_and(|promised| promised > frames),
            corrupt_packets: sound.corrupt_packets(),
            loudness: readings,
            sample_peak_dbfs: decibels(f64::from(levels.peak)),
            clipped_samples: levels.clipped,
            non_finite_samples: levels.non_finite,
            targets: readings.comparisons(),
            is_true_peak_over: readings.is_peak_over(),
            silence: silence.silences(rate),
            tags: found.tags,
            cover: found.cover,
            chapters,
            ai_disclosure: found.disclosure,
            tags_fault: found.fault,
        };
        let (outline, outline_frames) = levels.into_outline();
        let spectrogram = spectrum.map(SpectrumMeter::finish);
        let courses =
            Courses { rate, seconds, outline, outline_frames, short_term, short_term_seconds, spectrogram };
        Ok((findings, courses))
    }
}

fn unmeasured(path: &Path, cause: ebur128::Error) -> Error {
    unmeasurable(path, "the loudness can't be measured").because(cause)
}

/// A level in dB below full scale; `None` for silence.
fn decibels(level: f64) -> Option<f64> {
    (level > 0.0).then(|| rounded(20.0 * level.log10()))
}

/// Hundredths are finer than any two meters agree.
fn rounded(value: f64) -> f64 {
    // A negative zero would be printed with its sign.
    (value * 100.0).round() / 100.0 + 0.0
}

#[cfg(test)]
mod tests;
