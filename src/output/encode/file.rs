//! A programme on its way into a file: finished, coded, and under its final name when it is whole.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use super::{Coding, Encoder, Format, Out, begin};
use crate::audio::{SampleRate, Sink};
use crate::error::{Error, ErrorKind, Result};
use crate::files::PendingFile;
use crate::master::{Finish, Mix, Reductions};
use crate::output::finite;
use crate::output::metadata::Metadata;
use crate::output::wav::{WavSink, begin_file, commit, failed};

/// Blocks that wait for the coder at most.
const BLOCKS_AHEAD: usize = 4;

/// Writes a file beside its final name; dropped early, it leaves none.
pub(crate) struct EncodedFile {
    finish: Finish,
    rate: SampleRate,
    coder: Coder,
    finished: Vec<f32>,
}

enum Coder {
    Wav(Box<WavSink>),
    Other { encoder: Box<dyn Encoder>, file: WholeFile },
}

/// A file that is whole and has no name yet.
pub(crate) struct WholeFile {
    file: PendingFile,
    path: PathBuf,
    may_replace: bool,
}

impl WholeFile {
    /// Its bytes, from the first.
    pub(crate) fn reader(&self) -> io::Result<BufReader<File>> {
        let mut file = self.file.file().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::new(file))
    }

    /// The file, and where it belongs.
    pub(crate) fn into_part(self) -> (PendingFile, PathBuf) {
        (self.file, self.path)
    }

    /// Gives it its name.
    pub(crate) fn commit(self) -> Result<()> {
        commit(self.file, &self.path, self.may_replace)
    }
}

impl EncodedFile {
    /// Begins a file for `path`, which gets sound at `rate` and has it `gain` dB louder. Without `may_replace` an existing
    /// file is an error, now and at the end.
    pub(crate) fn create(
        path: &Path,
        rate: SampleRate,
        coding: Coding,
        metadata: &Metadata,
        gain: f64,
        may_replace: bool,
    ) -> Result<Self> {
        coding.check()?;
        let wanted = coding.rate(rate);
        let (coder, coded_at) = if coding.format == Format::Wav {
            let sink = WavSink::begin(path, wanted, coding.samples(), metadata, may_replace)?;
            (Coder::Wav(Box::new(sink)), wanted)
        } else {
            let pending = begin_file(path, may_replace)?;
            let out = pending.file().try_clone().map_err(|cause| failed(path, cause))?;
            let (encoder, coded_at) =
                begin(Out::file(out), wanted, coding, metadata).map_err(|cause| failed(path, cause))?;
            let file = WholeFile { file: pending, path: path.to_path_buf(), may_replace };
            (Coder::Other { encoder, file }, coded_at)
        };
        let finish = Finish::new(rate, coded_at, gain, coding.format.ceiling());
        Ok(Self { finish, rate: coded_at, coder, finished: Vec::new() })
    }

    /// The rate at which it is coded.
    pub(crate) fn rate(&self) -> SampleRate {
        self.rate
    }

    /// The same with music around the sound that follows, at the rate at which it is coded.
    pub(crate) fn with_mix(mut self, mix: Mix) -> Result<Self> {
        self.finish = self.finish.with_mix(mix, &mut self.finished);
        self.coder.write(&mut self.finished)?;
        Ok(self)
    }

    /// Takes all samples that `produce` gives away. The coder works on a thread of its own, beside the production and the
    /// steps before the coder, or in turn with them where no thread can be had.
    pub(crate) fn write_all(
        &mut self,
        mut produce: impl FnMut(&mut dyn FnMut(&[f32]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        let Self { finish, coder, .. } = self;
        let outcome = thread::scope(|scope| {
            let (blocks, waiting) = sync_channel::<Vec<f32>>(BLOCKS_AHEAD);
            let code_all = || waiting.into_iter().try_for_each(|mut block| coder.write(&mut block));
            let coding = thread::Builder::new().name("coder".into()).spawn_scoped(scope, code_all).ok()?;
            let produced = produce(&mut |samples| {
                let mut finished = Vec::new();
                finish.push(samples, &mut finished);
                blocks.send(finished).map_err(|_| Error::new(ErrorKind::Output, "the coder broke off"))
            });
            drop(blocks);
            let coded = coding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Some(coded.and(produced))
        });
        outcome.unwrap_or_else(|| produce(&mut |samples| self.write(samples)))
    }

    /// Completes the sound.
    pub(crate) fn finish(self) -> Result<(WholeFile, Reductions)> {
        let Self { finish, mut coder, mut finished, .. } = self;
        finished.clear();
        let reductions = finish.finish(&mut finished);
        coder.write(&mut finished)?;
        let file = match coder {
            Coder::Wav(sink) => {
                let (file, path, may_replace) = sink.finish()?;
                WholeFile { file, path, may_replace }
            }
            Coder::Other { encoder, file } => {
                encoder.finish().map_err(|cause| failed(&file.path, cause))?;
                file
            }
        };
        Ok((file, reductions))
    }
}

impl Coder {
    /// Every encoder gets finite samples within ±1: one sample that is none would be a bang of seconds in some.
    fn write(&mut self, samples: &mut [f32]) -> Result<()> {
        for sample in samples.iter_mut() {
            *sample = finite(*sample);
        }
        match self {
            Self::Wav(sink) => sink.write(samples),
            Self::Other { encoder, file } => {
                encoder.write(samples).map_err(|cause: io::Error| failed(&file.path, cause))
            }
        }
    }
}

impl Sink for EncodedFile {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.finished.clear();
        self.finish.push(samples, &mut self.finished);
        self.coder.write(&mut self.finished)
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        self.finish()?.0.commit()
    }
}
