//! A speech that a worker makes: what it sends goes to the outlet, as if it were made here.

use std::io::Write;
use std::sync::Arc;

use async_nats::{Client, Message, Subscriber};
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::message::{Answered, Told};
use super::{SILENCE, WINDOW, heard_at};
use crate::audio::SampleRate;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::serve::outlet::{Ear, Outlet};
use crate::serve::times::Times;

/// So many bytes are taken before the worker hears of it. Of fewer it hears each second.
const TOLD_EVERY: u64 = WINDOW as u64 / 8;

/// What a worker says about a request, in order. Dropped before its end it tells the worker that nobody wants the rest.
pub(super) struct Answers {
    client: Client,
    messages: Subscriber,
    next: u32,
    /// What was read ahead.
    ahead: Option<Told>,
    heard_at: String,
    is_over: bool,
    runtime: Handle,
}

impl Answers {
    /// What comes to the inbox of a request, of which these are the messages.
    pub(super) fn new(client: Client, inbox: &str, messages: Subscriber) -> Self {
        let (heard_at, runtime) = (heard_at(inbox), Handle::current());
        Self { client, messages, next: 0, ahead: None, heard_at, is_over: false, runtime }
    }

    /// The next message.
    ///
    /// # Errors
    /// None came for too long.
    pub(super) async fn message(&mut self) -> Result<Message> {
        let silent = || Error::new(ErrorKind::Network, "a worker is not heard any more");
        timeout(SILENCE, self.messages.next()).await.ok().flatten().ok_or_else(silent)
    }

    /// What a message says.
    ///
    /// # Errors
    /// It is none of this worker, or others before it were lost.
    pub(super) fn understood(&mut self, message: &Message) -> Result<Told> {
        let (number, told) = Told::read(&message.payload)?;
        if number != self.next {
            return Err(Error::new(ErrorKind::Network, "messages of a worker were lost"));
        }
        self.next += 1;
        self.is_over |= matches!(told, Told::Full | Told::Done | Told::Failed(_));
        Ok(told)
    }

    /// Has this said once more.
    pub(super) fn put_back(&mut self, told: Told) {
        self.ahead = Some(told);
    }

    /// What is said next.
    ///
    /// # Errors
    /// Nothing is, or it is not understood.
    pub(super) async fn next(&mut self) -> Result<Told> {
        if let Some(told) = self.ahead.take() {
            return Ok(told);
        }
        let message = self.message().await?;
        self.understood(&message)
    }

    /// Nobody speaks, so nobody need be told.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    async fn tell(&self, answered: Answered) -> Result<()> {
        let told = self.client.publish(self.heard_at.clone(), answered.to_bytes()).await;
        told.map_err(|cause| Error::new(ErrorKind::Network, "a worker can't be told").because(cause))
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (client, heard_at) = (self.client.clone(), std::mem::take(&mut self.heard_at));
        // A worker that does not hear of it waits for the client in vain, and gives up.
        self.runtime.spawn(async move { client.publish(heard_at, Answered::Gone.to_bytes()).await });
    }
}

/// A speech that a worker makes, of which the first sound is there.
pub(in crate::serve) struct Helped {
    answers: Box<Answers>,
    rate: SampleRate,
    before: Vec<Told>,
}

impl Helped {
    pub(super) fn new(answers: Box<Answers>, rate: u32, before: Vec<Told>) -> Result<Self> {
        let wrong = || Error::new(ErrorKind::Network, "a worker speaks at a rate of nothing");
        Ok(Self { answers, rate: SampleRate::new(rate).ok_or_else(wrong)?, before })
    }

    /// Samples a second of the voice.
    pub(in crate::serve) fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Writes what comes until all of it is there. Waits for it and for the client, so it wants a thread of its own.
    ///
    /// # Errors
    /// The worker failed or is gone, or the client is.
    pub(in crate::serve) fn speak_into(
        self,
        outlet: Outlet,
        ear: &Ear,
        times: &Times,
        cancel: &Cancel,
        runtime: &Handle,
    ) -> Result<()> {
        let is_gone = Arc::new(Notify::new());
        let _waker = cancel.on_cancel({
            let is_gone = is_gone.clone();
            move || is_gone.notify_one()
        });
        runtime.block_on(self.pass_on(outlet, ear, times, &is_gone))
    }

    async fn pass_on(mut self, mut outlet: Outlet, ear: &Ear, times: &Times, is_gone: &Notify) -> Result<()> {
        let mut before = std::mem::take(&mut self.before).into_iter();
        let (mut taken, mut told_of) = (0, 0);
        loop {
            let told = match before.next() {
                Some(told) => told,
                // The end of a client is seen first: at the end of the server nothing else may be waited for.
                None => tokio::select! {
                    biased;
                    () = is_gone.notified() => {
                        return Err(Error::new(ErrorKind::BrokenPipe, "the client is gone"));
                    }
                    told = self.answers.next() => told?,
                },
            };
            let is_alive = told == Told::Alive;
            match told {
                Told::Words(words) => times.add(words),
                Told::Sound { made, bytes } => {
                    ear.hears(made);
                    outlet.write_all(&bytes).map_err(|cause| {
                        Error::new(ErrorKind::BrokenPipe, "the client takes no more").because(cause)
                    })?;
                    outlet.wake();
                    taken += bytes.len() as u64;
                }
                Told::Alive => {}
                Told::Done => return Ok(()),
                Told::Failed(failed) => return Err(failed.error()),
                Told::Full | Told::Begun(_) => {
                    return Err(Error::new(ErrorKind::Network, "a worker says things out of order"));
                }
            }
            if taken - told_of >= TOLD_EVERY || (is_alive && taken > told_of) {
                told_of = taken;
                self.answers.tell(Answered::Taken(taken)).await?;
            }
        }
    }
}
