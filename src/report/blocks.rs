//! A narration as an iterator over its sound.

use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{NarrationSettings, Narrator, Summary};
use crate::article::Article;
use crate::audio::SampleRate;
use crate::audio::{Hearing, Listener, Sink};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::text::Span;

/// Sound in one block at most: short enough for whoever takes blocks to act between two of them.
const BLOCK: Duration = Duration::from_millis(100);

/// A part of a narration.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Block {
    /// A sentence begins with the next samples; what is not spoken, such as a row of dashes, begins no sentence.
    Sentence(SentenceBegin),
    /// Mono samples within ±1, at [`Narrator::sample_rate`]; at most a tenth of a second.
    Samples(Vec<f32>),
    /// All is said. Nothing follows.
    End(Box<Summary>),
}

/// A sentence, or a short one with its neighbour, whose sound begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentenceBegin {
    /// Counted from zero.
    pub number: usize,
    /// As it is written.
    pub text: Arc<str>,
    /// Where it is written: bytes of the article's decoded text.
    pub span: Span,
    /// Samples of the narration before it.
    pub start: u64,
}

/// A narration that is made while it is taken; see [`Narrator::stream`]. After an error nothing follows. Dropped, it stops
/// the work that is under way.
#[derive(Debug)]
pub struct Blocks {
    receiver: Receiver<Result<Block>>,
    taker: Arc<Taker>,
    cancel: Cancel,
    /// Makes the blocks; taken when it has ended.
    narrating: Option<JoinHandle<()>>,
    /// Why it could not begin.
    failure: Option<Error>,
    is_over: bool,
}

impl Narrator {
    /// Reads an article block by block, as live playback needs it: the first block comes after the first clause is made, and
    /// chunks grow as the blocks that are taken last longer. Whoever takes blocks is believed to hear each from when it is
    /// taken, or from when the one before ends; so a player that takes them as it needs them never waits on a machine that
    /// is fast enough, and a program that takes them all at once gets whole sentences.
    ///
    /// Sound of `look_ahead` is made before it is taken, and what is under way then. Ends with [`Block::End`], or with an
    /// error.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use audio_report::article::Article;
    /// use audio_report::report::{Block, NarrationSettings, Narrator, SpeechSettings};
    ///
    /// # fn main() -> audio_report::error::Result<()> {
    /// let article = Article::from_text("Port reopens\n\nThe port reopened on Nov. 18. Ships came back.".into());
    /// let narrator = Narrator::tone(&SpeechSettings::default());
    /// let settings = NarrationSettings::default().with_hurry_first(true);
    /// let (mut sentences, mut samples) = (Vec::new(), 0);
    /// for block in narrator.stream(&Arc::new(article), settings, Duration::from_secs(2)) {
    ///     match block? {
    ///         Block::Sentence(sentence) => sentences.push(sentence.text.to_string()),
    ///         Block::Samples(block) => samples += block.len(),
    ///         Block::End(summary) => assert_eq!(summary.sentences.len(), 3),
    ///         _ => {}
    ///     }
    /// }
    /// assert_eq!(sentences[1], "The port reopened on Nov. 18.");
    /// assert!(samples > 24_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(
        &self,
        article: &Arc<Article>,
        settings: NarrationSettings,
        look_ahead: Duration,
    ) -> Blocks {
        let rate = self.sample_rate();
        let capacity = (look_ahead.as_secs_f64() / BLOCK.as_secs_f64()).ceil() as usize;
        let (sender, receiver) = sync_channel(capacity.max(1));
        let taker = Arc::new(Taker { rate, state: Mutex::default() });
        let cancel = Cancel::new();
        let sink = BlockSender { blocks: sender.clone(), taker: taker.clone(), position: 0 };
        let (narrator, article, stop) = (self.clone(), article.clone(), cancel.clone());
        let narrate = move || {
            let summary = narrator.narrate(&article, settings, Box::new(sink), &stop, &mut |_| {});
            // Nobody receives after the iterator was dropped.
            let _ = sender.send(summary.map(|summary| Block::End(Box::new(summary))));
        };
        let (narrating, failure) = match thread::Builder::new().name("narration".into()).spawn(narrate) {
            Ok(thread) => (Some(thread), None),
            Err(cause) => (None, Some(no_thread(cause))),
        };
        Blocks { receiver, taker, cancel, narrating, failure, is_over: false }
    }
}

impl Iterator for Blocks {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let block = self.receiver.recv().unwrap_or_else(|_| Err(self.broken_off()));
        self.is_over = !matches!(block, Ok(Block::Sentence(_) | Block::Samples(_)));
        if let Ok(Block::Samples(samples)) = &block {
            self.taker.take(samples.len());
        }
        Some(block)
    }
}

impl Blocks {
    /// Why nothing more comes, though the end has not come.
    fn broken_off(&mut self) -> Error {
        if let Some(thread) = self.narrating.take() {
            // A thread that panicked has printed why.
            let _ = thread.join();
        }
        let broken_off = || Error::new(ErrorKind::Synthesis, "the narration broke off");
        self.failure.take().unwrap_or_else(broken_off)
    }
}

fn no_thread(cause: io::Error) -> Error {
    Error::new(ErrorKind::Synthesis, "no thread can be started that narrates").because(cause)
}

impl Drop for Blocks {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// The narrator's end: waits while enough is made ahead.
struct BlockSender {
    blocks: SyncSender<Result<Block>>,
    taker: Arc<Taker>,
    position: u64,
}

impl BlockSender {
    fn send(&self, block: Block) -> Result<()> {
        let gone = |_| Error::new(ErrorKind::Interrupted, "nobody takes the sound any more");
        self.blocks.send(Ok(block)).map_err(gone)
    }
}

impl Sink for BlockSender {
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        let begin = SentenceBegin { number, text: text.into(), span, start: self.position };
        // The next write fails when nobody is there.
        let _ = self.send(Block::Sentence(begin));
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        let most = NonZeroUsize::new(self.taker.rate.samples(BLOCK)).unwrap_or(NonZeroUsize::MIN);
        for block in samples.chunks(most.get()) {
            self.taker.offer(block.len());
            self.send(Block::Samples(block.to_vec()))?;
            self.position += block.len() as u64;
        }
        Ok(())
    }

    fn listener(&self) -> Option<Arc<dyn Listener>> {
        Some(self.taker.clone())
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// Whoever takes blocks, as a listener who hears them one after the other.
#[derive(Debug)]
struct Taker {
    rate: SampleRate,
    state: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// When all that was taken will be heard; none before the first block.
    heard_at: Option<Instant>,
    /// Samples that are made and not taken.
    offered: u64,
}

impl Taker {
    fn offer(&self, samples: usize) {
        self.state().offered += samples as u64;
    }

    fn take(&self, samples: usize) {
        let mut state = self.state();
        state.offered = state.offered.saturating_sub(samples as u64);
        let now = Instant::now();
        let begin = state.heard_at.map_or(now, |heard| heard.max(now));
        state.heard_at = Some(begin + Duration::from_secs_f64(self.rate.seconds(samples as u64)));
    }

    fn state(&self) -> MutexGuard<'_, Taken> {
        // Every change is small and leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Taker {
    fn hearing(&self) -> Hearing {
        let state = self.state();
        let taken = state.heard_at.map(|heard| heard.saturating_duration_since(Instant::now()));
        let offered = Duration::from_secs_f64(self.rate.seconds(state.offered));
        // What is there is about to be taken.
        Hearing {
            lead: taken.unwrap_or_default() + offered,
            is_waiting: taken.is_none() && state.offered == 0,
        }
    }
}

#[cfg(test)]
mod tests;
