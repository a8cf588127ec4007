//! Sound as an answer's body.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::serve::speech::Speech;
use crate::serve::times::SpokenWord;

/// Turns bytes of sound into those of the body.
pub(super) trait Wrap: Send + Unpin {
    /// What is sent for some bytes of sound; `words` are heard in it, or soon after.
    fn wrap(&mut self, sound: Bytes, words: &[SpokenWord]) -> Bytes;

    /// What is sent after all of it.
    fn last(&mut self) -> Option<Bytes>;
}

/// The bytes as they are.
pub(super) struct Plain;

impl Wrap for Plain {
    fn wrap(&mut self, sound: Bytes, _words: &[SpokenWord]) -> Bytes {
        sound
    }

    fn last(&mut self) -> Option<Bytes> {
        None
    }
}

/// The sound of a request as it is made. An error cuts the connection: an end would look as if all had come.
pub(super) struct SpeechBody<W> {
    /// What came before the head of the answer was sent.
    first: Option<Bytes>,
    speech: Option<Speech>,
    wrap: W,
    /// All of it must be sent until then.
    deadline: Pin<Box<Sleep>>,
}

impl<W: Wrap> SpeechBody<W> {
    pub(super) fn new(first: Bytes, speech: Speech, wrap: W, deadline: Instant) -> Self {
        let deadline = Box::pin(sleep_until(deadline));
        Self { first: Some(first), speech: Some(speech), wrap, deadline }
    }

    fn cut(&mut self, why: &'static str) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.speech = None;
        Poll::Ready(Some(Err(io::Error::other(why))))
    }
}

impl<W: Wrap> Body for SpeechBody<W> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if let Some(first) = this.first.take() {
            let words = this.speech.as_ref().map(Speech::take_words).unwrap_or_default();
            return Poll::Ready(Some(Ok(Frame::data(this.wrap.wrap(first, &words)))));
        }
        let Some(speech) = &mut this.speech else { return Poll::Ready(None) };
        if this.deadline.as_mut().poll(context).is_ready() {
            return this.cut("the answer took too long");
        }
        match ready!(speech.poll_next(context)) {
            Some(Ok(sound)) => {
                let words = speech.take_words();
                Poll::Ready(Some(Ok(Frame::data(this.wrap.wrap(sound, &words)))))
            }
            Some(Err(_)) => this.cut("the speech broke off"),
            None => {
                // The place is free for others, whatever the client does with the last bytes.
                this.speech = None;
                Poll::Ready(this.wrap.last().map(|last| Ok(Frame::data(last))))
            }
        }
    }
}
