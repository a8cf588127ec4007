//! Sound files that are mixed into a programme.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::decode::SoundFile;
use crate::audio::SampleRate;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::master::{BED_BELOW, Loudness, Meter, Mix, Pieces, resampled};

/// The longest intro or outro: what is longer is no jingle, and was named by mistake.
const LONGEST_JINGLE: Duration = Duration::from_mins(2);
/// So much of a bed is used; it begins again after that.
const LONGEST_BED: Duration = Duration::from_mins(5);

/// The files for [`Music::load`].
#[derive(Clone, Debug, Default)]
pub(crate) struct MusicFiles {
    /// Before the speech.
    pub intro: Option<PathBuf>,
    /// After it.
    pub outro: Option<PathBuf>,
    /// Below it.
    pub bed: Option<PathBuf>,
}

/// Music in memory, as loud as its files.
#[derive(Debug, Default)]
pub(crate) struct Music {
    intro: Option<Piece>,
    outro: Option<Piece>,
    bed: Option<Piece>,
}

#[derive(Debug)]
struct Piece {
    samples: Vec<f32>,
    rate: SampleRate,
    lufs: Option<f64>,
}

impl Music {
    /// Decodes files. One that is no sound, or too long a jingle, is an error.
    pub(crate) fn load(files: &MusicFiles) -> Result<Self> {
        let jingle = |path: &Option<PathBuf>| path.as_deref().map(jingle).transpose();
        Ok(Self {
            intro: jingle(&files.intro)?,
            outro: jingle(&files.outro)?,
            bed: files.bed.as_deref().map(|path| Ok(decode(path, LONGEST_BED)?.0)).transpose()?,
        })
    }

    /// Whether there is any.
    pub(crate) fn is_silent(&self) -> bool {
        self.intro.is_none() && self.outro.is_none() && self.bed.is_none()
    }

    /// How much later the speech begins.
    pub(crate) fn lead(&self) -> Duration {
        Mix::lead(self.intro.as_ref().map_or(0.0, Piece::seconds), self.bed.is_some())
    }

    /// How much longer the sound lasts than the speech.
    pub(crate) fn tail(&self) -> Duration {
        Mix::tail(self.outro.as_ref().map_or(0.0, Piece::seconds), self.bed.is_some())
    }

    /// The pieces at a rate, beside speech of a loudness.
    pub(crate) fn pieces(&self, rate: SampleRate, speech: f64) -> Pieces {
        let piece = |piece: &Option<Piece>, lufs: f64| {
            piece.as_ref().map_or_else(Vec::new, |piece| piece.at(rate, lufs))
        };
        Pieces {
            intro: piece(&self.intro, speech),
            outro: piece(&self.outro, speech),
            bed: piece(&self.bed, speech - BED_BELOW),
        }
    }
}

impl Piece {
    fn seconds(&self) -> f64 {
        self.rate.seconds(self.samples.len() as u64)
    }

    fn at(&self, rate: SampleRate, lufs: f64) -> Vec<f32> {
        let gain = 10_f64.powf(Loudness::Target(lufs).gain(self.lufs) / 20.0) as f32;
        let mut samples = resampled(&self.samples, self.rate, rate);
        for sample in &mut samples {
            *sample *= gain;
        }
        samples
    }
}

fn jingle(path: &Path) -> Result<Piece> {
    let (piece, is_whole) = decode(path, LONGEST_JINGLE)?;
    if !is_whole {
        let minutes = LONGEST_JINGLE.as_secs() / 60;
        let what = format!("an intro or outro may last {minutes} minutes at most");
        return Err(Error::new(ErrorKind::Usage, what).at(Place::file(path)).with_cure(Cure::CutSound));
    }
    Ok(piece)
}

/// At most so much of a file, and whether that is all of it.
fn decode(path: &Path, longest: Duration) -> Result<(Piece, bool)> {
    let file = SoundFile::open(path)?;
    let rate = file.sample_rate();
    let (most, mut samples, mut is_whole) = (rate.samples(longest), Vec::new(), true);
    let mut meter = Meter::new(rate);
    for block in file {
        let mut block = block?;
        if samples.len() + block.len() > most {
            block.truncate(most - samples.len());
            is_whole = false;
        }
        meter.push(&block);
        samples.append(&mut block);
        if !is_whole {
            break;
        }
    }
    Ok((Piece { samples, rate, lufs: meter.integrated() }, is_whole))
}
