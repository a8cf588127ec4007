//! A programme into a pipe: finished, coded, and passed on as it comes.

use std::io::Write;

use super::{Coding, Encoder, Format, Out, begin};
#[cfg(feature = "serve")]
use crate::audio::SampleFormat;
use crate::audio::{SampleRate, Sink};
use crate::error::Result;
use crate::master::Finish;
use crate::output::finite;
use crate::output::metadata::Metadata;
use crate::output::wav_stream::{WavStream, failed};

/// Writes a coded stream.
pub(crate) struct EncodedPipe {
    finish: Finish,
    coder: Coder,
    finished: Vec<f32>,
}

enum Coder {
    Wav(Box<dyn Sink>),
    Other(Box<dyn Encoder>),
}

impl EncodedPipe {
    /// Begins a stream that gets sound at `rate` and has it `gain` dB louder.
    pub(crate) fn create(
        out: impl Write + Send + 'static,
        rate: SampleRate,
        coding: Coding,
        metadata: &Metadata,
        gain: f64,
    ) -> Result<Self> {
        coding.check()?;
        let wanted = coding.rate(rate);
        let (coder, coded_at) = if coding.format == Format::Wav {
            (Coder::Wav(Box::new(WavStream::create(out, wanted, coding.samples(), metadata)?)), wanted)
        } else {
            let (encoder, coded_at) =
                begin(Out::Pipe(Box::new(out)), wanted, coding, metadata).map_err(failed)?;
            (Coder::Other(encoder), coded_at)
        };
        let finish = Finish::new(rate, coded_at, gain, coding.format.ceiling());
        Ok(Self { finish, coder, finished: Vec::new() })
    }

    /// Begins a stream of samples alone, without a head, little-endian.
    #[cfg(feature = "serve")]
    pub(crate) fn samples(
        out: impl Write + Send + 'static,
        rate: SampleRate,
        format: SampleFormat,
        gain: f64,
    ) -> Self {
        let coder = Coder::Wav(Box::new(WavStream::without_head(out, format)));
        Self { finish: Finish::new(rate, rate, gain, Format::Wav.ceiling()), coder, finished: Vec::new() }
    }
}

impl Coder {
    fn write(&mut self, samples: &mut [f32]) -> Result<()> {
        for sample in samples.iter_mut() {
            *sample = finite(*sample);
        }
        match self {
            Self::Wav(stream) => stream.write(samples),
            Self::Other(encoder) => encoder.write(samples).map_err(failed),
        }
    }
}

impl Sink for EncodedPipe {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.finished.clear();
        self.finish.push(samples, &mut self.finished);
        self.coder.write(&mut self.finished)
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        let Self { finish, mut coder, mut finished } = *self;
        finished.clear();
        finish.finish(&mut finished);
        coder.write(&mut finished)?;
        match coder {
            Coder::Wav(stream) => stream.finalize(),
            Coder::Other(encoder) => encoder.finish().map_err(failed),
        }
    }
}
