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

/// Longest sound in one block: short enough for a caller to act between two of them.
const BLOCK: Duration = Duration::from_millis(100);

/// A part of a narration.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Block {
    /// A sentence begins with the next samples. Unspoken text, such as a row of dashes, begins no sentence.
    Sentence(SentenceBegin),
    /// Mono samples within ±1, at [`Narrator::sample_rate`]; at most a tenth of a second.
    Samples(Vec<f32>),
    /// The end of the article; no block follows.
    End(Box<Summary>),
}

/// A sentence (a short one together with its neighbour) at the moment that its sound begins, or that of the words before it: live chunks
/// may hold the end of a long sentence and a short one.
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

/// A narration that is made while its blocks are taken; see [`Narrator::stream`]. After an error no block follows.
/// When dropped, it stops the work that is under way.
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
    /// Reads an article block by block, as live playback needs it. The first block comes as soon as the first clause
    /// is made. Chunks grow as the sound of the taken blocks gets longer. The caller is taken to hear a block as soon
    /// as it takes it, or when the block before ends. A player that takes blocks as it needs them never waits on a
    /// fast enough machine. A program that takes them all at once gets whole sentences.
    ///
    /// Sound of `look_ahead`, and the chunks then under way, are made before they are taken. Ends with [`Block::End`],
    /// or with an error.
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
            // The receiver is gone after the iterator was dropped.
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
    /// The reason why the blocks stop before the end.
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
        // The next write fails when the receiver is gone.
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

/// The caller that takes blocks, seen as a listener who hears them one after the other.
#[derive(Debug)]
struct Taker {
    rate: SampleRate,
    state: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// When the sound of all taken blocks will end; `None` before the first block.
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
        // The waiting blocks are about to be taken.
        Hearing {
            lead: taken.unwrap_or_default() + offered,
            is_waiting: taken.is_none() && state.offered == 0,
        }
    }
}

#[cfg(test)]
mod tests;
