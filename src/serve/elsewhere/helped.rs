//! A speech that a worker makes: what it sends goes to the outlet, as if it were made here.

use std::io::Write;
use std::sync::Arc;

use async_nats::{Client, Message, Subscriber};
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::message::{Answered, Begun, Told};
use super::{SILENCE, WINDOW};
use crate::audio::SampleRate;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::serve::outlet::{Ear, Outlet};
use crate::serve::times::Times;

/// The worker hears of so many bytes at a time that they are taken.
const TOLD_EVERY: u64 = WINDOW as u64 / 8;

/// What a worker says about a request, in order.
pub(super) struct Answers {
    answers: Subscriber,
    next: u32,
}

impl Answers {
    pub(super) fn new(answers: Subscriber) -> Self {
        Self { answers, next: 0 }
    }

    /// The next message.
    ///
    /// # Errors
    /// None came for too long.
    pub(super) async fn message(&mut self) -> Result<Message> {
        let silent = || Error::new(ErrorKind::Network, "a worker is not heard any more");
        timeout(SILENCE, self.answers.next()).await.ok().flatten().ok_or_else(silent)
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
        Ok(told)
    }

    async fn next(&mut self) -> Result<Told> {
        let message = self.message().await?;
        self.understood(&message)
    }
}

/// A speech that a worker makes, of which the first sound is there.
pub(in crate::serve) struct Helped {
    client: Client,
    answers: Answers,
    rate: SampleRate,
    heard_at: String,
    before: Vec<Told>,
}

impl Helped {
    pub(super) fn new(client: Client, answers: Answers, begun: &Begun, before: Vec<Told>) -> Result<Self> {
        let wrong = || Error::new(ErrorKind::Network, "a worker speaks at a rate of nothing");
        let rate = SampleRate::new(begun.rate).ok_or_else(wrong)?;
        Ok(Self { client, answers, rate, heard_at: begun.heard_at.clone(), before })
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
        let (client, heard_at) = (self.client.clone(), self.heard_at.clone());
        let ended = runtime.block_on(self.pass_on(outlet, ear, times, &is_gone));
        if ended.is_err() {
            // Whatever it was, nobody wants the rest. A worker that does not hear of it waits for the client in vain, and gives up.
            let told = async { timeout(SILENCE, client.publish(heard_at, Answered::Gone.to_bytes())).await };
            let _ = runtime.block_on(told);
        }
        ended
    }

    async fn pass_on(mut self, mut outlet: Outlet, ear: &Ear, times: &Times, is_gone: &Notify) -> Result<()> {
        let mut before = std::mem::take(&mut self.before).into_iter();
        let (mut taken, mut told_of) = (0, 0);
        loop {
            let told = match before.next() {
                Some(told) => told,
                None => tokio::select! {
                    told = self.answers.next() => told?,
                    () = is_gone.notified() => {
                        return Err(Error::new(ErrorKind::BrokenPipe, "the client is gone"));
                    }
                },
            };
            match told {
                Told::Words(words) => times.add(words),
                Told::Sound { made, bytes } => {
                    ear.hears(made);
                    outlet.write_all(&bytes).map_err(|cause| {
                        Error::new(ErrorKind::BrokenPipe, "the client takes no more").because(cause)
                    })?;
                    taken += bytes.len() as u64;
                    if taken - told_of >= TOLD_EVERY {
                        told_of = taken;
                        self.tell(Answered::Taken(taken)).await?;
                    }
                }
                Told::Alive => {}
                Told::Done => return Ok(()),
                Told::Failed(failed) => return Err(failed.error()),
                Told::Full | Told::Begun(_) => {
                    return Err(Error::new(ErrorKind::Network, "a worker says things out of order"));
                }
            }
        }
    }

    async fn tell(&self, answered: Answered) -> Result<()> {
        let told = self.client.publish(self.heard_at.clone(), answered.to_bytes()).await;
        told.map_err(|cause| Error::new(ErrorKind::Network, "a worker can't be told").because(cause))
    }
}
