//! A worker that speaks for servers.

use std::sync::Arc;

use async_nats::{Client, Message, Subject, Subscriber};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};
use tracing::{debug, warn};

use super::message::{Answered, Asked, Failed, Told};
use super::{ALIVE, GROUP, SUBJECT, WINDOW, heard_at};
use crate::cluster::Stop;
use crate::error::{Error, ErrorKind, Result};
use crate::report::Narrator;
use crate::serve::Limits;
use crate::serve::speech::{Speech, without_text};

/// Finds the voice of a name, loaded.
pub(crate) type Voice = Arc<dyn Fn(&str) -> Result<Narrator> + Send + Sync>;

/// A worker that speaks for servers.
pub(crate) struct Helper {
    client: Client,
    voice: Voice,
    places: Arc<Semaphore>,
    limits: Limits,
}

impl Helper {
    /// Speaks so many requests at the same time.
    pub(crate) fn new(client: Client, voice: Voice, places: usize, limits: Limits) -> Self {
        Self { client, voice, places: Arc::new(Semaphore::new(places)), limits }
    }

    /// Speaks until the program shall end; what is begun then may go on for a while.
    pub(crate) async fn run(&self, stop: &Stop) {
        let mut speaking = JoinSet::new();
        while !stop.is_asked() {
            if let Err(error) = self.listen(stop, &mut speaking).await {
                warn!(error = error.causes(), "requests can't be heard; it is tried again");
                stop.rest(ALIVE).await;
            }
        }
        tokio::select! {
            () = async { while speaking.join_next().await.is_some() {} } => {}
            () = stop.over() => warn!("speeches were cut off: they had not ended in time"),
        }
        // The last sound may wait to be sent.
        let _ = timeout(ALIVE, self.client.flush()).await;
    }

    /// Takes as many requests as there are free places. It listens for no more: who is busy gets no requests, and others do.
    async fn listen(&self, stop: &Stop, speaking: &mut JoinSet<()>) -> Result<()> {
        let failed = |cause| Error::new(ErrorKind::Network, "the queue does not answer").because(cause);
        let first = tokio::select! {
            first = self.places.clone().acquire_owned() => first,
            () = stop.asked() => return Ok(()),
        };
        let Ok(first) = first else { return Ok(()) };
        let more = std::iter::from_fn(|| self.places.clone().try_acquire_owned().ok());
        let mut free: Vec<OwnedSemaphorePermit> = std::iter::once(first).chain(more).collect();
        let subscribed = self.client.queue_subscribe(SUBJECT, GROUP.to_string()).await;
        let mut requests = subscribed.map_err(failed)?;
        let limited = requests.unsubscribe_after(free.len() as u64).await;
        limited
            .map_err(|cause| Error::new(ErrorKind::Network, "the queue does not answer").because(cause))?;
        loop {
            let request = tokio::select! {
                request = requests.next() => request,
                () = stop.asked() => break,
            };
            while speaking.try_join_next().is_some() {}
            match (request, free.pop()) {
                (Some(request), Some(place)) => self.begin(request, place, speaking),
                // One that was on its way.
                (Some(request), None) => self.turn_away(request).await,
                (None, _) => return Ok(()),
            }
        }
        // Others get what has come and is not begun.
        if let Err(error) = requests.unsubscribe().await {
            debug!(%error, "the worker can't say that it ends");
        }
        while let Some(request) = requests.next().await {
            self.turn_away(request).await;
        }
        Ok(())
    }

    fn begin(&self, request: Message, place: OwnedSemaphorePermit, speaking: &mut JoinSet<()>) {
        let Some(reply) = request.reply.clone() else { return };
        let line = Line { client: self.client.clone(), to: reply, number: 0, ticks: ticks() };
        let (voice, limits) = (self.voice.clone(), self.limits);
        speaking.spawn(async move {
            answer(line, &request, voice, limits).await;
            drop(place);
        });
    }

    async fn turn_away(&self, request: Message) {
        let Some(reply) = request.reply else { return };
        if let Err(error) = self.client.publish(reply, Told::Full.to_bytes(0)).await {
            debug!(%error, "the worker can't say that it is busy");
        }
    }
}

fn ticks() -> Interval {
    let mut ticks = interval(ALIVE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Where a server hears of its request.
struct Line {
    client: Client,
    to: Subject,
    number: u32,
    ticks: Interval,
}

impl Line {
    async fn tell(&mut self, told: Told) -> Result<()> {
        let message = told.to_bytes(self.number);
        self.number += 1;
        let told = self.client.publish(self.to.clone(), message).await;
        told.map_err(|cause| Error::new(ErrorKind::Network, "the server can't be told").because(cause))
    }
}

/// Answers a request to its end.
async fn answer(mut line: Line, request: &Message, voice: Voice, limits: Limits) {
    let ended = speak(&mut line, request, voice, limits).await;
    let last = match ended {
        Ok(Ended::Done) => Told::Done,
        Ok(Ended::Gone) => return debug!("nobody wants the rest of a speech"),
        Err(error) => {
            warn!(error = without_text(&error), "a server is told that its request failed");
            Told::Failed(Failed::of(&error))
        }
    };
    if let Err(error) = line.tell(last).await {
        debug!(error = error.causes(), "a server does not hear how its request ended");
    }
}

/// How a speech ended.
enum Ended {
    Done,
    /// The server or its client is gone.
    Gone,
}

async fn speak(line: &mut Line, request: &Message, voice: Voice, limits: Limits) -> Result<Ended> {
    let asked = Asked::read(&request.payload)?;
    let wanted = asked.wanted()?;
    if wanted.article.text().chars().count() > limits.characters {
        return Err(Error::new(ErrorKind::TooLarge, "the text has more characters than this worker takes"));
    }
    let subscribed = line.client.subscribe(heard_at(&line.to)).await;
    let unheard = |cause| Error::new(ErrorKind::Network, "the server can't be heard").because(cause);
    let mut answered = subscribed.map_err(unheard)?;
    let (is_live, limits) = (asked.is_live, Limits { stalled: asked.stalled(), ..limits });
    let mut loading = tokio::task::spawn_blocking(move || {
        Ok((asked.manner.of(voice(&asked.voice)?, &wanted.given)?, wanted))
    });
    let (narrator, wanted) = loop {
        tokio::select! {
            loaded = &mut loading => {
                let broke_off = || Error::new(ErrorKind::Synthesis, "loading the voice broke off");
                break loaded.unwrap_or_else(|_| Err(broke_off()))?;
            }
            _ = answered.next() => return Ok(Ended::Gone),
            _ = line.ticks.tick() => line.tell(Told::Alive).await?,
        }
    };
    line.tell(Told::Begun(narrator.sample_rate().hertz())).await?;
    let speech = Speech::begin(narrator, wanted, is_live, limits, |_, _, _| {})?;
    send(line, speech, &mut answered, limits).await
}

/// Sends what is made, as the server takes it.
async fn send(
    line: &mut Line,
    mut speech: Speech,
    answered: &mut Subscriber,
    limits: Limits,
) -> Result<Ended> {
    let (mut sent, mut taken) = (0_u64, 0_u64);
    let mut since = Instant::now();
    loop {
        let has_room = sent.saturating_sub(taken) < WINDOW as u64;
        tokio::select! {
            bytes = speech.next(), if has_room => {
                // They are told before the sound in which they are heard.
                let words = speech.take_words();
                if !words.is_empty() {
                    line.tell(Told::Words(words)).await?;
                }
                let Some(bytes) = bytes.transpose()? else { return Ok(Ended::Done) };
                sent += bytes.len() as u64;
                line.tell(Told::Sound { made: speech.made(), bytes }).await?;
                since = Instant::now();
            }
            message = answered.next() => {
                since = Instant::now();
                match message.map(|message| Answered::read(&message.payload)) {
                    Some(Answered::Taken(bytes)) => taken = bytes,
                    Some(Answered::Gone) | None => return Ok(Ended::Gone),
                }
            }
            _ = line.ticks.tick() => {
                if !has_room && since.elapsed() > limits.stalled {
                    return Ok(Ended::Gone);
                }
                line.tell(Told::Alive).await?;
            }
        }
    }
}
