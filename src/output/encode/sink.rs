//! A coded file that appears under its final name when it is whole, or a coded stream.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Coding, Encoder, Out, begin};
use crate::audio::{SampleRate, Sink};
use crate::error::{Error, Result};
use crate::files::PendingFile;
use crate::master::Resampler;
use crate::output::finite;
use crate::output::wav::{begin_file, commit, failed};
use crate::output::wav_stream;

/// Codes a programme; dropped early, it leaves no file.
pub(crate) struct EncodedSink {
    encoder: Box<dyn Encoder>,
    /// Where the encoder needs another rate.
    resampler: Option<Resampler>,
    /// Samples on their way, kept for their room.
    clean: Vec<f32>,
    resampled: Vec<f32>,
    /// `None` for a pipe.
    file: Option<Pending>,
}

struct Pending {
    file: PendingFile,
    path: PathBuf,
    may_replace: bool,
}

impl EncodedSink {
    /// Begins a file for `path`. Without `may_replace` an existing file is an error, now and at the end.
    pub(super) fn to_file(path: &Path, rate: SampleRate, coding: Coding, may_replace: bool) -> Result<Self> {
        coding.check()?;
        let pending = begin_file(path, may_replace)?;
        let file = pending.file().try_clone().map_err(|cause| failed(path, cause))?;
        let mut sink = Self::new(Out::file(file), rate, coding).map_err(|cause| failed(path, cause))?;
        sink.file = Some(Pending { file: pending, path: path.to_path_buf(), may_replace });
        Ok(sink)
    }

    /// Begins a stream.
    pub(super) fn to_pipe(
        out: impl Write + Send + 'static,
        rate: SampleRate,
        coding: Coding,
    ) -> Result<Self> {
        coding.check()?;
        Self::new(Out::Pipe(Box::new(out)), rate, coding).map_err(wav_stream::failed)
    }

    fn new(out: Out, rate: SampleRate, coding: Coding) -> io::Result<Self> {
        let (encoder, coded) = begin(out, rate, coding)?;
        let resampler = Resampler::new(rate, coded);
        Ok(Self { encoder, resampler, clean: Vec::new(), resampled: Vec::new(), file: None })
    }

    /// Every encoder gets finite samples within ±1: one sample that is none would be a bang of seconds in some.
    fn encode(&mut self, samples: &[f32]) -> io::Result<()> {
        self.clean.clear();
        self.clean.extend(samples.iter().map(|&sample| finite(sample)));
        let Some(resampler) = &mut self.resampler else { return self.encoder.write(&self.clean) };
        self.resampled.clear();
        resampler.push(&self.clean, &mut self.resampled);
        self.write_resampled()
    }

    fn write_resampled(&mut self) -> io::Result<()> {
        // Between samples of full scale the sound may be louder.
        for sample in &mut self.resampled {
            *sample = finite(*sample);
        }
        self.encoder.write(&self.resampled)
    }

    /// Completes the sound; a file has no name yet.
    fn finish(mut self) -> io::Result<Option<Pending>> {
        self.resampled.clear();
        if let Some(resampler) = self.resampler.take() {
            resampler.finish(&mut self.resampled);
            self.write_resampled()?;
        }
        self.encoder.finish()?;
        Ok(self.file)
    }
}

fn failed_at(path: Option<&Path>, cause: io::Error) -> Error {
    match path {
        Some(path) => failed(path, cause),
        None => wav_stream::failed(cause),
    }
}

impl Sink for EncodedSink {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.encode(samples)
            .map_err(|cause| failed_at(self.file.as_ref().map(|pending| pending.path.as_path()), cause))
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        let path = self.file.as_ref().map(|pending| pending.path.clone());
        match self.finish().map_err(|cause| failed_at(path.as_deref(), cause))? {
            Some(Pending { file, path, may_replace }) => commit(file, &path, may_replace),
            None => Ok(()),
        }
    }
}
