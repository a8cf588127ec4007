//! The bytes of an answer on their way to the client, and how far ahead of its ear they are.
//!
//! A thread writes at one end, the network takes at the other; what is between them is bounded, so the thread waits as the network demands.
//! Nothing goes out before the voice has made its first sound, so that a request that can't be spoken gets an error rather than the head of
//! a file. The end is said in words: a thread that broke off, for whatever reason, never looks like one that was done.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::audio::{Hearing, Listener, SampleRate, Sink};
use crate::error::{Error, ErrorKind, Result};
use crate::text::Span;

/// Bytes that wait for the network at most: five seconds of samples, a minute of Opus.
const MOST: usize = 256 << 10;
/// Bytes that the network takes at once.
const BLOCK: usize = 16 << 10;
/// The network is woken for so much sound, rather than for each of the frames of 5 ms that the narrator writes.
const WORTH_WAKING: f64 = 0.05;

/// Seconds of silence after which the voice has begun, whatever it says.
const MOST_SILENCE: f64 = 1.0;

/// What both ends share.
struct Pipe {
    state: Mutex<State>,
    /// The network took something, or is gone.
    taken: Condvar,
}

#[derive(Default)]
struct State {
    bytes: BytesMut,
    waker: Option<Waker>,
    /// How it ended: with all bytes, or early.
    end: Option<Result<()>>,
    is_gone: bool,
    /// Counts what the network takes.
    takes: u64,
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is small and leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The end where an encoder writes.
pub(super) struct Outlet {
    pipe: Arc<Pipe>,
    patience: Duration,
    ear: Arc<Ear>,
    /// Samples made when the network was woken last.
    woken_at: u64,
}

/// The end where the network takes. Dropping it tells the other end that the client is gone.
pub(super) struct Inlet {
    pipe: Arc<Pipe>,
    ear: Arc<Ear>,
}

/// Says how the sound ended. Dropped without a word, as by a panic, it says that it broke off.
pub(super) struct LastWord(Arc<Pipe>);

/// Both ends, and what says how it ended. A client that takes nothing for as long as `patience`, though much is ready for it, is given up.
pub(super) fn outlet(patience: Duration, ear: Arc<Ear>) -> (Outlet, LastWord, Inlet) {
    let pipe = Arc::new(Pipe { state: Mutex::default(), taken: Condvar::new() });
    let outlet = Outlet { pipe: pipe.clone(), patience, ear: ear.clone(), woken_at: 0 };
    (outlet, LastWord(pipe.clone()), Inlet { pipe, ear })
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.pipe.lock();
        let (mut since, mut takes) = (Instant::now(), state.takes);
        let _waiting = (state.bytes.len() >= MOST).then(|| Waiting { ear: &self.ear, since });
        while state.bytes.len() >= MOST && !state.is_gone {
            if state.takes != takes {
                (since, takes) = (Instant::now(), state.takes);
            }
            let left = self.patience.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            state = self.pipe.taken.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        state.bytes.extend_from_slice(bytes);
        let made = self.ear.made.load(Ordering::Relaxed);
        let is_worth = self.woken_at == 0
            || self.ear.rate.seconds(made - self.woken_at) >= WORTH_WAKING
            || state.bytes.len() >= BLOCK;
        if self.ear.has_begun() && is_worth {
            self.woken_at = made;
            state.wake();
        }
        Ok(bytes.len())
    }

    /// Nothing is held back for long, and what is left goes out with the last word.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Outlet {
    /// Has the network take what is there, though it may be little.
    #[cfg(feature = "cluster")]
    pub(super) fn wake(&self) {
        self.pipe.lock().wake();
    }
}

/// Adds up how long the network is waited for.
struct Waiting<'a> {
    ear: &'a Ear,
    since: Instant,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.ear.waited.fetch_add(self.since.elapsed().as_micros() as u64, Ordering::Relaxed);
    }
}

impl LastWord {
    /// All bytes are there, or the reason why not.
    pub(super) fn say(self, end: Result<()>) {
        let mut state = self.0.lock();
        state.end = Some(end);
        state.wake();
    }
}

impl Drop for LastWord {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        // What was taken out already was said.
        if state.end.is_none() {
            state.end = Some(Err(Error::new(ErrorKind::Synthesis, "the speech broke off")));
        }
        state.wake();
    }
}

impl Inlet {
    /// The rate of the sound.
    pub(super) fn rate(&self) -> SampleRate {
        self.ear.rate
    }

    /// Samples that were made.
    #[cfg(feature = "cluster")]
    pub(super) fn made(&self) -> u64 {
        self.ear.made.load(Ordering::Relaxed)
    }

    /// Whether all of it is made, though not all was taken.
    pub(super) fn is_made(&self) -> bool {
        self.pipe.lock().end.is_some()
    }

    /// Waits for the next bytes; `None` is the end of all of them, and an error an early one.
    #[cfg(test)]
    pub(super) async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// The same, as a stream is asked.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let mut state = self.pipe.lock();
        if let Some(Err(_)) = state.end {
            // What was made until then is worth nothing: the client must see that it is not whole.
            let broken = Error::new(ErrorKind::BrokenPipe, "the speech ended before");
            return Poll::Ready(state.end.replace(Err(broken)).map(|end| end.map(|()| Bytes::new())));
        }
        let may_go_out = self.ear.has_begun() || state.end.is_some();
        if may_go_out && !state.bytes.is_empty() {
            let length = state.bytes.len().min(BLOCK);
            let block = state.bytes.split_to(length).freeze();
            state.takes += 1;
            drop(state);
            self.pipe.taken.notify_one();
            return Poll::Ready(Some(Ok(block)));
        }
        if state.end.is_some() {
            return Poll::Ready(None);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        let mut state = self.pipe.lock();
        state.is_gone = true;
        state.bytes.clear();
        drop(state);
        self.pipe.taken.notify_one();
    }
}

/// The ear at the other end of the network: it hears from the first sound on, at the speed of sound.
#[derive(Debug)]
pub(super) struct Ear {
    rate: SampleRate,
    made: AtomicU64,
    /// Microseconds for which the network was waited for.
    waited: AtomicU64,
    began: OnceLock<Instant>,
}

impl Ear {
    pub(super) fn new(rate: SampleRate) -> Arc<Self> {
        Arc::new(Self { rate, made: AtomicU64::new(0), waited: AtomicU64::new(0), began: OnceLock::new() })
    }

    /// Seconds of sound so far.
    pub(super) fn seconds(&self) -> f64 {
        self.rate.seconds(self.made.load(Ordering::Relaxed))
    }

    /// How long the network was waited for.
    pub(super) fn waited(&self) -> Duration {
        Duration::from_micros(self.waited.load(Ordering::Relaxed))
    }

    /// Hears sound that another machine made; so many samples there are now.
    #[cfg(feature = "cluster")]
    pub(super) fn hears(&self, made: u64) {
        self.made.fetch_max(made, Ordering::Relaxed);
        self.began.get_or_init(Instant::now);
    }

    /// Whether bytes may go out.
    fn has_begun(&self) -> bool {
        self.began.get().is_some()
    }
}

impl Listener for Ear {
    fn hearing(&self) -> Hearing {
        let heard = self.began.get().map_or(0.0, |began| began.elapsed().as_secs_f64());
        // Nobody can tell what a client does after a gap.
        let is_waiting = self.began.get().is_none();
        Hearing { lead: Duration::from_secs_f64((self.seconds() - heard).max(0.0)), is_waiting }
    }
}

/// A sink whose sound is heard far away.
pub(super) struct Heard {
    sink: Box<dyn Sink>,
    ear: Arc<Ear>,
    is_live: bool,
    #[cfg(debug_assertions)]
    breaks_after: Option<Duration>,
}

impl Heard {
    /// Where somebody listens live, chunks are made in time for the ear; else they are whole sentences.
    pub(super) fn new(sink: Box<dyn Sink>, ear: Arc<Ear>, is_live: bool) -> Self {
        Self {
            sink,
            ear,
            is_live,
            #[cfg(debug_assertions)]
            breaks_after: None,
        }
    }

    /// The same, but the voice fails after so much sound, where a test asks for that.
    #[cfg(debug_assertions)]
    pub(super) fn breaking_after(self, breaks_after: Option<Duration>) -> Self {
        Self { breaks_after, ..self }
    }
}

impl Sink for Heard {
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        self.sink.begin_sentence(number, text, span);
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        #[cfg(debug_assertions)]
        if self.breaks_after.is_some_and(|time| self.ear.seconds() > time.as_secs_f64()) {
            return Err(Error::new(ErrorKind::Synthesis, "a test lets the voice fail here"));
        }
        self.ear.made.fetch_add(samples.len() as u64, Ordering::Relaxed);
        // A programme begins with silence even where nothing follows that can be spoken.
        if samples.iter().any(|sample| *sample != 0.0) || self.ear.seconds() > MOST_SILENCE {
            self.ear.began.get_or_init(Instant::now);
        }
        self.sink.write(samples)
    }

    fn listener(&self) -> Option<Arc<dyn Listener>> {
        self.is_live.then(|| -> Arc<dyn Listener> { self.ear.clone() })
    }

    fn finalize(self: Box<Self>) -> Result<()> {
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
    async fn nothing_goes_out_before_the_first_sound_and_the_end_is_said() {
        let ear = Ear::new(RATE);
        let (mut outlet, last_word, mut inlet) = outlet(Duration::from_secs(5), ear.clone());
        let writing = std::thread::spawn(move || {
            let mut sink = Heard::new(Box::new(Discard), ear.clone(), true);
            outlet.write_all(b"head").unwrap();
            std::thread::sleep(Duration::from_millis(50));
            assert!(outlet.pipe.lock().takes == 0);
            sink.write(&[0.5; 2_400]).unwrap();
            outlet.write_all(b" and sound").unwrap();
            last_word.say(Ok(()));
            ear.hearing()
        });
        let mut all = Vec::new();
        while let Some(bytes) = inlet.next().await {
            all.extend_from_slice(&bytes.unwrap());
        }
        assert_eq!(all, b"head and sound");
        let hearing = writing.join().unwrap();
        assert!(hearing.lead <= Duration::from_millis(100) && !hearing.is_waiting, "{hearing:?}");
    }

    #[tokio::test]
    async fn a_thread_that_breaks_off_never_looks_done() {
        for said in [None, Some(Err(Error::new(ErrorKind::Synthesis, "no"))), Some(Ok(()))] {
            let ear = Ear::new(RATE);
            let (mut outlet, last_word, mut inlet) = outlet(Duration::from_secs(5), ear.clone());
            let mut sink = Heard::new(Box::new(Discard), ear.clone(), true);
            sink.write(&[0.0; 2_400]).unwrap();
            assert!(!ear.has_begun(), "silence is no sound");
            sink.write(&[0.5; 10]).unwrap();
            outlet.write_all(b"some").unwrap();
            let is_whole = matches!(said, Some(Ok(())));
            match said {
                Some(end) => last_word.say(end),
                None => drop(last_word),
            }
            drop(outlet);
            let first = inlet.next().await.unwrap();
            assert_eq!(first.is_ok(), is_whole);
            let second = inlet.next().await;
            assert_eq!(second.is_none(), is_whole, "an error stays one");
        }
    }

    #[test]
    fn a_client_that_takes_nothing_is_given_up_and_one_that_left_at_once() {
        for is_gone in [false, true] {
            let (mut outlet, _last_word, inlet) = outlet(Duration::from_millis(50), Ear::new(RATE));
            let inlet = (!is_gone).then_some(inlet);
            let mut blocks = 0;
            while outlet.write_all(&[0; BLOCK]).is_ok() {
                blocks += 1;
            }
            assert_eq!(blocks, if is_gone { 0 } else { MOST / BLOCK });
            drop(inlet);
        }
    }
}
