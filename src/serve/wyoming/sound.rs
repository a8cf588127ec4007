//! The end of a connection where events are written: each whole, and sound as `audio-start`, `audio-chunk`…, `audio-stop`.

use std::io;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::wire::{bare, event};
use crate::audio::SampleRate;

/// Bytes of a sample, which is one of one channel.
const WIDTH: usize = 2;
/// Bytes of silence that are sent at once.
const SILENCE: [u8; 9_600] = [0; 9_600];

/// Where events go. Two may want to write at the same time: an answer to `ping` may stand between two blocks of sound.
pub(super) struct Out<W> {
    pipe: Mutex<Pipe<W>>,
    patience: Duration,
}

struct Pipe<W> {
    writer: W,
    /// Whether an event was begun. After one that was given up in its middle nothing can be said any more.
    is_in_event: bool,
}

impl<W: AsyncWrite + Unpin> Out<W> {
    /// A writer that gives up when nothing is taken for as long as `patience`.
    pub(super) fn new(writer: W, patience: Duration) -> Self {
        Self { pipe: Mutex::new(Pipe { writer, is_in_event: false }), patience }
    }

    /// Sends an event.
    pub(super) async fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut pipe = self.pipe.lock().await;
        if pipe.is_in_event {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        pipe.is_in_event = true;
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = timeout(self.patience, pipe.writer.write(rest)).await??;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            rest = &rest[count..];
        }
        timeout(self.patience, pipe.writer.flush()).await??;
        pipe.is_in_event = false;
        Ok(())
    }

    /// Says that nothing more will come.
    pub(super) async fn close(&self) -> io::Result<()> {
        timeout(self.patience, self.pipe.lock().await.writer.shutdown()).await?
    }
}

/// The sound of one request.
pub(super) struct Sound<'a, W> {
    out: &'a Out<W>,
    /// Of the sound that was begun.
    rate: Option<SampleRate>,
    /// The first half of a sample whose other half is to come.
    half: Option<u8>,
    /// Silence before what comes next.
    owed: Duration,
}

impl<'a, W: AsyncWrite + Unpin> Sound<'a, W> {
    pub(super) fn new(out: &'a Out<W>) -> Self {
        Self { out, rate: None, half: None, owed: Duration::ZERO }
    }

    /// Puts a pause before what comes next, if anything does.
    pub(super) fn owe(&mut self, pause: Duration) {
        self.owed = pause;
    }

    /// Sends samples. The first ones begin the sound: devices that are told too early miss the first words.
    pub(super) async fn play(&mut self, rate: SampleRate, bytes: &[u8]) -> io::Result<()> {
        self.begin(rate).await?;
        self.rest(rate).await?;
        let mut samples = Vec::with_capacity(bytes.len() + 1);
        samples.extend(self.half.take());
        samples.extend_from_slice(bytes);
        if samples.len() % WIDTH != 0 {
            self.half = samples.pop();
        }
        self.chunk(rate, &samples).await
    }

    async fn rest(&mut self, rate: SampleRate) -> io::Result<()> {
        let mut left = rate.samples(std::mem::take(&mut self.owed)) * WIDTH;
        while left > 0 {
            let silence = &SILENCE[..left.min(SILENCE.len())];
            left -= silence.len();
            self.chunk(rate, silence).await?;
        }
        Ok(())
    }

    /// Ends the sound; one that never began is an empty one.
    pub(super) async fn end(mut self, rate: SampleRate) -> io::Result<()> {
        self.begin(rate).await?;
        self.out.send(&bare("audio-stop")).await
    }

    async fn begin(&mut self, rate: SampleRate) -> io::Result<()> {
        if self.rate.is_some() {
            return Ok(());
        }
        self.rate = Some(rate);
        self.out.send(&event("audio-start", &format(rate), &[])).await
    }

    async fn chunk(&self, rate: SampleRate, samples: &[u8]) -> io::Result<()> {
        if samples.is_empty() {
            return Ok(());
        }
        self.out.send(&event("audio-chunk", &format(rate), samples)).await
    }
}

fn format(rate: SampleRate) -> serde_json::Value {
    json!({ "rate": rate.hertz(), "width": WIDTH, "channels": 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    #[tokio::test]
    async fn a_sample_is_never_cut() {
        let out = Out::new(Vec::new(), Duration::from_secs(5));
        let mut sound = Sound::new(&out);
        for bytes in [&b"a"[..], b"bc", b"", b"def"] {
            sound.play(RATE, bytes).await.unwrap();
        }
        sound.owe(Duration::from_secs(1) / RATE.hertz());
        sound.play(RATE, b"gh").await.unwrap();
        sound.owe(Duration::from_secs(1));
        sound.end(RATE).await.unwrap();
        let bytes = out.pipe.into_inner().writer;
        let chunk = |samples: &[u8]| event("audio-chunk", &format(RATE), samples);
        let want = [
            event("audio-start", &format(RATE), &[]),
            chunk(b"ab"),
            chunk(b"cdef"),
            chunk(&[0, 0]),
            chunk(b"gh"),
            bare("audio-stop"),
        ];
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&want.concat()));
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_given_up() {
        let (writer, _reader) = tokio::io::duplex(8);
        let out = Out::new(writer, Duration::from_millis(20));
        assert_eq!(out.send(b"12345678").await.map_err(|error| error.kind()), Ok(()));
        assert_eq!(out.send(b"9").await.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        assert_eq!(out.send(b"9").await.map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
    }
}
