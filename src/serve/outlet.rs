//! The bytes of an answer on their way to the client, and how far ahead of its ear they are.
//!
//! A few blocks wait here; then the thread that makes sound waits, as the network demands. Nothing goes out before the voice has made its
//! first sound, so that a request that can't be spoken gets an error rather than the head of a file.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::audio::{Hearing, Listener, SampleRate, Sink};
use crate::error::{Error, ErrorKind, Result};
use crate::text::Span;

/// Blocks that wait for the network.
const WAITING: usize = 16;
/// Bytes of a block, but for the last one and those that the encoder wants to be sent at once.
const BLOCK: usize = 16 << 10;

/// What comes out: blocks, then nothing more, or the error that ended them.
pub(super) type Inlet = mpsc::Receiver<Result<Bytes>>;

/// The end where an encoder writes.
pub(super) struct Outlet {
    sender: mpsc::Sender<Result<Bytes>>,
    handle: Handle,
    patience: Duration,
    ear: Arc<Ear>,
    held: Vec<u8>,
}

/// Both ends. A client that takes nothing for as long as `patience` is given up.
pub(super) fn outlet(handle: Handle, patience: Duration, ear: Arc<Ear>) -> (Outlet, Inlet) {
    let (sender, inlet) = mpsc::channel(WAITING);
    (Outlet { sender, handle, patience, ear, held: Vec::new() }, inlet)
}

impl Outlet {
    /// A way to send the error that ends the answer.
    pub(super) fn last_word(&self) -> LastWord {
        LastWord { sender: self.sender.clone(), handle: self.handle.clone(), patience: self.patience }
    }

    fn send(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let block = Bytes::from(std::mem::take(&mut self.held));
        send(&self.handle, &self.sender, self.patience, Ok(block))
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= BLOCK && self.ear.has_begun() {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.ear.has_begun() { self.send() } else { Ok(()) }
    }
}

/// Sends the error that ends an answer.
pub(super) struct LastWord {
    sender: mpsc::Sender<Result<Bytes>>,
    handle: Handle,
    patience: Duration,
}

impl LastWord {
    pub(super) fn say(self, error: Error) {
        // Nobody may listen any more.
        let _ = send(&self.handle, &self.sender, self.patience, Err(error));
    }
}

fn send(
    handle: &Handle,
    sender: &mpsc::Sender<Result<Bytes>>,
    patience: Duration,
    item: Result<Bytes>,
) -> io::Result<()> {
    let sent = match sender.try_reserve() {
        Ok(place) => {
            place.send(item);
            return Ok(());
        }
        Err(mpsc::error::TrySendError::Closed(())) => return Err(io::ErrorKind::BrokenPipe.into()),
        Err(mpsc::error::TrySendError::Full(())) => {
            // The timer belongs to the runtime, so it is made there.
            handle.block_on(async { timeout(patience, sender.send(item)).await })
        }
    };
    match sent {
        Ok(Ok(())) => Ok(()),
        // It is gone, or as good as gone.
        Ok(Err(_)) | Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// The ear at the other end of the network: it hears from the first sound on, at the speed of sound.
#[derive(Debug)]
pub(super) struct Ear {
    rate: SampleRate,
    made: AtomicU64,
    began: OnceLock<Instant>,
    is_whole: AtomicBool,
}

impl Ear {
    pub(super) fn new(rate: SampleRate) -> Arc<Self> {
        Arc::new(Self {
            rate,
            made: AtomicU64::new(0),
            began: OnceLock::new(),
            is_whole: AtomicBool::new(false),
        })
    }

    /// The rate of the sound.
    pub(super) fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Seconds of sound so far.
    pub(super) fn seconds(&self) -> f64 {
        self.rate.seconds(self.made.load(Ordering::Relaxed))
    }

    /// Whether bytes may go out.
    fn has_begun(&self) -> bool {
        self.began.get().is_some() || self.is_whole.load(Ordering::Relaxed)
    }
}

impl Listener for Ear {
    fn hearing(&self) -> Hearing {
        let heard = self.began.get().map_or(0.0, |began| began.elapsed().as_secs_f64());
        let lead = self.seconds() - heard;
        Hearing { lead: Duration::from_secs_f64(lead.max(0.0)), is_waiting: lead <= 0.0 }
    }
}

/// A sink whose sound is heard far away.
pub(super) struct Heard {
    sink: Box<dyn Sink>,
    ear: Arc<Ear>,
}

impl Heard {
    pub(super) fn new(sink: Box<dyn Sink>, ear: Arc<Ear>) -> Self {
        Self { sink, ear }
    }
}

impl Sink for Heard {
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        self.sink.begin_sentence(number, text, span);
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        if !samples.is_empty() {
            self.ear.began.get_or_init(Instant::now);
            self.ear.made.fetch_add(samples.len() as u64, Ordering::Relaxed);
        }
        self.sink.write(samples)
    }

    fn listener(&self) -> Option<Arc<dyn Listener>> {
        Some(self.ear.clone())
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        self.ear.is_whole.store(true, Ordering::Relaxed);
        self.sink.finalize()
    }
}

/// The error for a client that went away.
pub(super) fn is_gone(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Discard;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_goes_out_before_the_first_sound() {
        let ear = Ear::new(RATE);
        let (mut outlet, mut inlet) = outlet(Handle::current(), Duration::from_secs(5), ear.clone());
        let writing = std::thread::spawn(move || {
            let mut sink = Heard::new(Box::new(Discard), ear.clone());
            outlet.write_all(b"head").unwrap();
            outlet.flush().unwrap();
            std::thread::sleep(Duration::from_millis(50));
            sink.write(&[0.5; 2_400]).unwrap();
            outlet.write_all(b" and sound").unwrap();
            outlet.flush().unwrap();
            ear.hearing()
        });
        assert_eq!(inlet.recv().await.unwrap().unwrap(), "head and sound");
        assert!(inlet.recv().await.is_none());
        let hearing = writing.join().unwrap();
        assert!(hearing.lead <= Duration::from_millis(100) && !hearing.is_waiting, "{hearing:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_that_takes_nothing_is_given_up_and_one_that_left_at_once() {
        let ear = Ear::new(RATE);
        ear.is_whole.store(true, Ordering::Relaxed);
        for is_gone in [false, true] {
            let (mut outlet, inlet) = outlet(Handle::current(), Duration::from_millis(50), ear.clone());
            let inlet = (!is_gone).then_some(inlet);
            let written = std::thread::spawn(move || {
                let mut blocks = 0;
                while outlet.write_all(&[0; BLOCK]).is_ok() {
                    blocks += 1;
                }
                blocks
            });
            let blocks = written.join().unwrap();
            assert_eq!(blocks, if is_gone { 0 } else { WAITING });
            drop(inlet);
        }
    }
}
