//! A sink of one's own: plain samples for another program, with a line for each sentence.
//!
//! ```text
//! cargo run --example own_sink | aplay -t raw -f S16_LE -c 1 -r 24000
//! ```
//!
//! The sink gets the finished programme in order, on one thread: pauses are in it, and peaks are limited. What it does not do is the
//! caller's: this one has no head with a sample rate, and no name that stands for a whole result.

#![forbid(unsafe_code)]

use std::io::{self, BufWriter, Write};

use audio_report::article::Article;
use audio_report::audio::{SampleRate, Sink};
use audio_report::error::{Error, ErrorKind, Result};
use audio_report::report::{Narrator, Summary};
use audio_report::text::Span;

/// Writes samples of 16 bits, little-endian, and on another way when each sentence begins.
pub struct RawSink<W, L> {
    sound: W,
    lines: L,
    rate: SampleRate,
    /// Samples so far.
    written: u64,
}

impl<W: Write, L: Write> RawSink<W, L> {
    /// A sink for sound at a rate.
    pub fn new(sound: W, lines: L, rate: SampleRate) -> Self {
        Self { sound, lines, rate, written: 0 }
    }
}

impl<W: Write + Send, L: Write + Send> Sink for RawSink<W, L> {
    fn begin_sentence(&mut self, _number: usize, text: &str, _span: Span) {
        let seconds = self.rate.seconds(self.written);
        // Somebody who reads no lines may still want the sound.
        let _ = writeln!(self.lines, "{seconds:8.2} s  {text}");
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        for sample in samples {
            let sample = (sample * f32::from(i16::MAX)).round() as i16;
            self.sound.write_all(&sample.to_le_bytes()).map_err(failed)?;
        }
        self.written += samples.len() as u64;
        Ok(())
    }

    fn finalize(mut self: Box<Self>) -> Result<()> {
        self.sound.flush().map_err(failed)
    }
}

/// An error of the sink ends the report, and comes back from it as it is.
fn failed(cause: io::Error) -> Error {
    let kind = match cause.kind() {
        io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        _ => ErrorKind::Output,
    };
    Error::new(kind, "the samples can't be written").because(cause)
}

/// Reads an article into two writers.
pub fn speak(
    article: Article,
    sound: impl Write + Send + 'static,
    lines: impl Write + Send + 'static,
) -> Result<Summary> {
    let narrator = Narrator::tone_builder().build()?;
    let sink = RawSink::new(sound, lines, narrator.sample_rate());
    narrator.read(article).to(Box::new(sink))
}

fn main() -> Result<()> {
    let article =
        Article::from_text("Port reopens\n\nThe port reopened on Nov. 18. Ships came back.".to_string());
    match speak(article, BufWriter::new(io::stdout()), io::stderr()) {
        // The player was closed.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.map(drop),
    }
}
