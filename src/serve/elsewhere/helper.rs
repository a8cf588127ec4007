//! A worker that speaks for servers.

use std::sync::Arc;

use async_nats::{Client, Message, Subject, Subscriber};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tracing::{debug, warn};

use super::message::{Answered, Asked, Begun, Failed, Told};
use super::{ALIVE, GROUP, SUBJECT, WINDOW};
use crate::cluster::Stop;
use crate::error::{Error, ErrorKind, Result};
use crate::order::Words;
use crate::report::{Narrator, SpeechSettings};
use crate::serve::Limits;
use crate::serve::speech::{Speech, Wanted};

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
        let listening = async {
            loop {
                // It listens only while it has a free place: who is busy gets no requests, and others do.
                let Ok(place) = self.places.clone().acquire_owned().await else { return };
                if let Err(error) = self.listen(place, &mut speaking).await {
                    warn!(error = error.causes(), "requests can't be heard; it is tried again");
                    tokio::time::sleep(ALIVE).await;
                }
            }
        };
        tokio::select! {
            () = listening => {}
            () = stop.asked() => {}
        }
        tokio::select! {
            () = async { while speaking.join_next().await.is_some() {} } => {}
            () = stop.over() => warn!("speeches were cut off: they had not ended in time"),
        }
    }

    /// Takes requests until the last place is taken.
    async fn listen(&self, place: OwnedSemaphorePermit, speaking: &mut JoinSet<()>) -> Result<()> {
        let failed = |cause| Error::new(ErrorKind::Network, "the queue does not answer").because(cause);
        let subscribed = self.client.queue_subscribe(SUBJECT, GROUP.to_string()).await;
        let mut requests = subscribed.map_err(failed)?;
        let mut place = Some(place);
        while let Some(free) = place.take() {
            let Some(request) = requests.next().await else { return Ok(()) };
            while speaking.try_join_next().is_some() {}
            self.begin(request, free, speaking);
            place = self.places.clone().try_acquire_owned().ok();
        }
        // What is on its way to this worker already finds no place.
        if let Err(error) = requests.drain().await {
            debug!(%error, "the worker can't say that it is busy");
        }
        while let Some(request) = requests.next().await {
            match self.places.clone().try_acquire_owned() {
                Ok(free) => self.begin(request, free, speaking),
                Err(_) => self.turn_away(request).await,
            }
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
            // What is said of phonemes may quote the text.
            let shown = match error.kind() {
                ErrorKind::Phonemes => "a part of the text has no phonemes".to_string(),
                _ => error.causes(),
            };
            warn!(error = shown, "a request was not spoken to its end");
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
    let heard_at = line.client.new_inbox();
    let subscribed = line.client.subscribe(heard_at.clone()).await;
    let unheard = |cause| Error::new(ErrorKind::Network, "the server can't be heard").because(cause);
    let mut answered = subscribed.map_err(unheard)?;
    let is_live = asked.is_live;
    let mut loading =
        tokio::task::spawn_blocking(move || with_words(voice(&asked.voice)?, &wanted, &asked.lexicons));
    let (narrator, wanted) = loop {
        tokio::select! {
            loaded = &mut loading => {
                break loaded.unwrap_or_else(|_| Err(Error::new(ErrorKind::Synthesis, "loading the voice broke off")))?;
            }
            _ = line.ticks.tick() => line.tell(Told::Alive).await?,
        }
    };
    line.tell(Told::Begun(Begun { rate: narrator.sample_rate().hertz(), heard_at })).await?;
    let speech = Speech::begin(narrator, wanted, is_live, limits, |_, _, _| {})?;
    send(line, speech, &mut answered, limits).await
}

/// The voice with the words of the server and of the request.
fn with_words(narrator: Narrator, wanted: &Wanted, lexicons: &[Words]) -> Result<(Narrator, Wanted)> {
    if lexicons.is_empty() && wanted.given.is_empty() {
        return Ok((narrator, wanted.clone()));
    }
    let lexicon = Words::lexicon(lexicons)?.with_given(&wanted.given);
    let settings = SpeechSettings::default().with_lexicon(Arc::new(lexicon));
    Ok((narrator.with_words_of(&settings), wanted.clone()))
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
