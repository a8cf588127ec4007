//! One article's sound on its way into a file.
//!
//! Pass 1 is the voice: its sound goes into a spool and through a meter. Pass 2 has no voice in it: with the loudness and the
//! timeline known, the sound is brought to its target, limited and coded, and the head of the file is written once. It runs
//! while the next article is spoken; within it, the coder runs beside the rest.
//!
//! Where nothing has to be known before, pass 2 is a part of pass 1.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::encode::{Coding, EncodedFile, WholeFile};
use super::metadata::Metadata;
use super::music::Music;
use super::spool::Spool;
use super::wav::{check_free, failed};
use crate::audio::{SampleRate, Sink};
use crate::error::{Error, Result};
use crate::master::{Finish, Loudness, Meter, Mix, Reductions, TWO_LOUDSPEAKERS};

/// How far the result may be from its target, in LU. Where the limiter takes more than that, the gain makes up for it.
const NEAR: f64 = 0.1;
/// How often it may do so.
const ATTEMPTS: usize = 3;

/// The loudness beside which music is set where the voice is too short to be measured, in LUFS.
const QUIET_VOICE: f64 = -19.0;

/// How a programme becomes a file.
#[derive(Clone, Debug)]
pub(crate) struct Finishing {
    /// How the sound is coded.
    pub coding: Coding,
    /// How loud it is.
    pub loudness: Loudness,
    /// The music around and below it.
    pub music: Option<Arc<Music>>,
    /// Whether a result that exists is replaced.
    pub may_replace: bool,
}

/// How loud a programme was made, and how.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Mastered {
    /// The target in LUFS as heard from two loudspeakers; `None` for the voice's own loudness.
    target: Option<f64>,
    /// The integrated loudness of the result; `None` for silence.
    lufs_two_loudspeakers: Option<f64>,
    /// The same as a meter shows it that takes the file for one loudspeaker.
    lufs_one_loudspeaker: Option<f64>,
    /// The gain, the same from the first to the last sample.
    gain_db: f64,
    /// Peaks that were lowered.
    limited_peaks: usize,
    /// By how much at most.
    limited_by_db: f64,
}

impl Mastered {
    fn new(loudness: Loudness, gain: f64, measured: Option<f64>, reductions: Reductions) -> Self {
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        let target = match loudness {
            Loudness::Own => None,
            Loudness::Target(target) => Some(target),
        };
        Self {
            target,
            lufs_two_loudspeakers: measured.map(rounded),
            lufs_one_loudspeaker: measured.map(|lufs| rounded(lufs - TWO_LOUDSPEAKERS)),
            gain_db: rounded(gain),
            limited_peaks: reductions.count,
            limited_by_db: rounded(reductions.deepest),
        }
    }

    /// A line about it.
    pub(crate) fn text(&self) -> String {
        let Self { gain_db, limited_peaks, limited_by_db, .. } = self;
        let mut text = match (self.lufs_two_loudspeakers, self.lufs_one_loudspeaker) {
            (Some(two), Some(one)) => format!("{two:.1} LUFS ({one:.1} as one channel)"),
            _ => "too short or too quiet to be measured".to_string(),
        };
        if *gain_db != 0.0 {
            text.push_str(&format!(", gain {gain_db:+.1} dB"));
        }
        if *limited_peaks > 0 {
            let peaks = if *limited_peaks == 1 { "peak" } else { "peaks" };
            text.push_str(&format!(", {limited_peaks} {peaks} lowered by {limited_by_db:.1} dB at most"));
        }
        text
    }
}

/// A programme that is made.
pub(crate) struct Finished {
    /// Its file, which has no name yet.
    pub file: WholeFile,
    /// How loud it is.
    pub mastered: Mastered,
    /// The same sound in another coding, for a file that holds it; `None` where the file itself has that coding.
    pub enclosed: Option<WholeFile>,
}

/// A programme between the first and the last step.
pub(crate) struct Programme {
    path: PathBuf,
    finishing: Finishing,
    /// Where pass 1 leaves its sound.
    recorded: Arc<Mutex<Option<Recorded>>>,
}

enum Recorded {
    Spooled { spool: Spool, meter: Meter, rate: SampleRate },
    Written { file: WholeFile, reductions: Reductions, meter: Meter },
}

impl Programme {
    /// A programme for `path`, where nothing may stand unless it may be replaced.
    pub(crate) fn for_file(path: &Path, finishing: Finishing) -> Result<Self> {
        finishing.coding.check()?;
        check_free(path, finishing.may_replace)?;
        Ok(Self { path: path.to_path_buf(), finishing, recorded: Arc::default() })
    }

    /// Takes the voice's sound at `rate`. With `metadata` that is complete, a sound whose loudness is left alone goes into its file
    /// at once.
    pub(crate) fn record(&self, rate: SampleRate, metadata: Option<&Metadata>) -> Result<Box<dyn Sink>> {
        let Finishing { coding, loudness, may_replace, .. } = self.finishing;
        let recorder = match (loudness, metadata) {
            (Loudness::Own, Some(metadata)) if self.finishing.music.is_none() => Recorder::File(Box::new(
                EncodedFile::create(&self.path, rate, coding, metadata, 0.0, may_replace)?,
            )),
            _ => Recorder::Spool(Spool::in_folder(&folder_for(&self.path)?)),
        };
        Ok(Box::new(Recording {
            recorder,
            meter: Meter::new(rate),
            rate,
            path: self.path.clone(),
            recorded: self.recorded.clone(),
        }))
    }

    /// Makes the file of the recording. The voice speaks in `words`, which are samples of the recording. Where the sound is to be
    /// enclosed in another file, it is made once more in that coding. An error of `go_on` ends the work.
    pub(crate) fn finish(
        &self,
        metadata: &Metadata,
        words: &[Range<u64>],
        enclosed: Option<Coding>,
        go_on: &dyn Fn() -> Result<()>,
    ) -> Result<Finished> {
        let loudness = self.finishing.loudness;
        let recorded = lock(&self.recorded).take();
        match recorded {
            Some(Recorded::Written { file, reductions, meter }) => {
                let mastered = Mastered::new(loudness, 0.0, meter.integrated(), reductions);
                Ok(Finished { file, mastered, enclosed: None })
            }
            Some(Recorded::Spooled { mut spool, meter, rate }) => {
                let coding = self.finishing.coding;
                let (gain, measured) = self.gain(&mut spool, &meter, rate, go_on)?;
                let beside = measured.unwrap_or(QUIET_VOICE);
                let mut take = Take { spool, rate, gain, beside, words, metadata, go_on };
                let (file, reductions) =
                    self.encode(&mut take, &self.path, coding, self.finishing.may_replace)?;
                let other = enclosed.filter(|other| other.format != coding.format);
                let enclosed = other.map(|other| {
                    // It never gets a name of its own.
                    let path = self.path.with_extension(other.format.ending());
                    Ok(self.encode(&mut take, &path, other, true)?.0)
                });
                let mastered = Mastered::new(loudness, gain, measured, reductions);
                Ok(Finished { file, mastered, enclosed: enclosed.transpose()? })
            }
            None => Err(failed(&self.path, io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// The gain in dB, and the loudness that it gives.
    fn gain(
        &self,
        spool: &mut Spool,
        meter: &Meter,
        rate: SampleRate,
        go_on: &dyn Fn() -> Result<()>,
    ) -> Result<(f64, Option<f64>)> {
        let Finishing { coding, loudness, .. } = self.finishing;
        let mut measured = meter.integrated();
        let mut gain = loudness.gain(measured);
        if gain == 0.0 {
            return Ok((gain, measured));
        }
        for attempt in 1..=ATTEMPTS {
            go_on()?;
            let rehearsed = rehearse(spool, rate, gain, coding.format.ceiling());
            measured = rehearsed.map_err(|cause| failed(&self.path, cause))?;
            let missing = loudness.gain(measured);
            if missing.abs() <= NEAR || attempt == ATTEMPTS {
                break;
            }
            gain += missing;
        }
        Ok((gain, measured))
    }

    fn encode(
        &self,
        take: &mut Take<'_>,
        path: &Path,
        coding: Coding,
        may_replace: bool,
    ) -> Result<(WholeFile, Reductions)> {
        let Take { spool, rate, gain, beside, words, metadata, go_on } = take;
        let makeup = if *gain == 0.0 { 0.0 } else { coding.format.makeup() };
        let mut file = EncodedFile::create(path, *rate, coding, metadata, *gain + makeup, may_replace)?;
        if let Some(music) = &self.finishing.music {
            let coded = file.rate();
            let at = |sample: u64| sample * u64::from(coded.hertz()) / u64::from(rate.hertz());
            let words = words.iter().map(|word| at(word.start)..at(word.end));
            file = file.with_mix(Mix::new(coded, music.pieces(coded, *beside + makeup), words))?;
        }
        file.write_all(|take| {
            let read = spool.read(|block| go_on().and_then(|()| take(block)).map_err(Fault::Sound));
            read.map_err(|fault| match fault {
                Fault::Spool(cause) => failed(path, cause),
                Fault::Sound(error) => error,
            })
        })?;
        file.finish()
    }
}

/// A recording with all that its files need.
struct Take<'a> {
    spool: Spool,
    rate: SampleRate,
    gain: f64,
    /// The loudness that music is set beside, in LUFS.
    beside: f64,
    words: &'a [Range<u64>],
    metadata: &'a Metadata,
    go_on: &'a dyn Fn() -> Result<()>,
}

/// The loudness that a gain and a limiter will give.
fn rehearse(spool: &mut Spool, rate: SampleRate, gain: f64, ceiling: f64) -> io::Result<Option<f64>> {
    let mut finish = Finish::new(rate, rate, gain, ceiling);
    let mut meter = Meter::new(rate);
    let mut finished = Vec::new();
    spool.read(|block| {
        finished.clear();
        finish.push(block, &mut finished);
        meter.push(&finished);
        Ok::<_, io::Error>(())
    })?;
    finished.clear();
    finish.finish(&mut finished);
    meter.push(&finished);
    Ok(meter.integrated())
}

enum Fault {
    Spool(io::Error),
    Sound(Error),
}

impl From<io::Error> for Fault {
    fn from(cause: io::Error) -> Self {
        Self::Spool(cause)
    }
}

/// The folder of a result, made where it is missing.
fn folder_for(path: &Path) -> Result<PathBuf> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|cause| failed(path, cause))?;
    Ok(folder.to_path_buf())
}

fn lock(recorded: &Mutex<Option<Recorded>>) -> MutexGuard<'_, Option<Recorded>> {
    // It is set once, as a whole.
    recorded.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Recorder {
    Spool(Spool),
    File(Box<EncodedFile>),
}

/// Pass 1.
struct Recording {
    recorder: Recorder,
    meter: Meter,
    rate: SampleRate,
    path: PathBuf,
    recorded: Arc<Mutex<Option<Recorded>>>,
}

impl Sink for Recording {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.meter.push(samples);
        match &mut self.recorder {
            Recorder::Spool(spool) => spool.write(samples).map_err(|cause| failed(&self.path, cause)),
            Recorder::File(file) => file.write(samples),
        }
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        let Self { recorder, meter, rate, recorded, .. } = *self;
        let sound = match recorder {
            Recorder::Spool(spool) => Recorded::Spooled { spool, meter, rate },
            Recorder::File(file) => {
                let (file, reductions) = file.finish()?;
                Recorded::Written { file, reductions, meter }
            }
        };
        *lock(&recorded) = Some(sound);
        Ok(())
    }
}
