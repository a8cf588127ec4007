//! The workers of a server. Each request is offered to them anew.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, StatusCode};
use bytes::Bytes;
use tokio::sync::{Mutex, OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, warn};

use super::helped::{Answers, Helped};
use super::message::{Asked, Told};
use super::{SILENCE, SUBJECT};
use crate::cluster::Connection;
use crate::error::{Error, ErrorKind, Result};
use crate::order::{Manner, Words};

/// Workers that may fail before a request is spoken here. Each of them had a place a moment ago.
const TRIES: usize = 3;
/// How long a worker may take to say that it takes a request.
const TAKEN: Duration = Duration::from_secs(1);
/// How long a request waits before it asks again, when nobody has a place.
const AGAIN: Duration = Duration::from_millis(50);
/// Workers are not asked for so long after one that had a place did not answer: perhaps the queue is frozen.
const REST: Duration = Duration::from_secs(5);

/// The workers that speak for a server.
pub(crate) struct Helpers {
    connection: Connection,
    client: OnceCell<Client>,
    /// What the server speaks by itself.
    own: Arc<Semaphore>,
    /// What workers speak for it.
    elsewhere: Arc<Semaphore>,
    /// The first of those that wait asks; the others stand behind it.
    turn: Mutex<()>,
    waiting: AtomicUsize,
    most_waiting: usize,
    /// Workers are not asked before then.
    rests_until: Lock<Option<Instant>>,
    manner: Manner,
}

/// How much is spoken at the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    /// Requests that the server speaks by itself.
    pub own: usize,
    /// Requests that workers speak for it.
    pub by_workers: usize,
    /// Requests that wait until somebody has a place; one more is sent away.
    pub waiting: usize,
}

/// Who speaks a request. What is held beside it is a place among all.
pub(in crate::serve) enum Place {
    /// A worker, which has begun.
    Elsewhere(Box<Helped>, OwnedSemaphorePermit),
    /// The server itself.
    Here(OwnedSemaphorePermit),
}

/// Who has taken a request.
enum Taken {
    /// A worker, which is yet to begin.
    Elsewhere(Box<Answers>, OwnedSemaphorePermit),
    Here(OwnedSemaphorePermit),
}

/// What came of asking a worker.
enum Tried {
    Taken(Box<Answers>),
    /// Another one may have a place.
    Full,
    /// No worker has a free place.
    Nobody,
}

impl Helpers {
    /// Workers at this queue, beside a server that speaks in this manner.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for an address that is none, or may not be used as it is.
    pub(crate) fn new(connection: Connection, places: Places, manner: Manner) -> Result<Self> {
        connection.check()?;
        Ok(Self {
            connection,
            client: OnceCell::new(),
            own: Arc::new(Semaphore::new(places.own)),
            elsewhere: Arc::new(Semaphore::new(places.by_workers)),
            turn: Mutex::new(()),
            waiting: AtomicUsize::new(0),
            most_waiting: places.waiting,
            rests_until: Lock::default(),
            manner,
        })
    }

    /// Begins to connect. The connection is made again whenever it is lost.
    pub(in crate::serve) async fn connect(&self) {
        match self.client().await {
            Err(error) => {
                warn!(error = error.causes(), "no worker can be asked; the server speaks by itself");
            }
            Ok(client) => {
                sleep(SILENCE).await;
                if client.connection_state() != State::Connected {
                    warn!("the queue can't be reached; the server speaks by itself until it can");
                }
            }
        }
    }

    /// Lets nobody wait any more.
    pub(in crate::serve) fn close(&self) {
        self.own.close();
        self.elsewhere.close();
    }

    async fn client(&self) -> Result<&Client> {
        self.client.get_or_try_init(|| self.connection.open_in_time()).await
    }

    /// The manner that travels with each request; words that clients have saved count more.
    pub(in crate::serve) fn manner(&self, saved: Option<String>) -> Manner {
        let mut manner = self.manner.clone();
        manner.words.extend(saved.map(Words::Toml));
        manner
    }

    /// Waits for somebody who speaks a request: a worker, or where none has a free place the server itself. Who waits first is served first.
    ///
    /// # Errors
    /// What every worker would say of the text; [`ErrorKind::InUse`] where too many wait already, [`ErrorKind::Interrupted`] when the server
    /// ends.
    pub(in crate::serve) async fn place(&self, asked: &Asked) -> Result<Place> {
        let message = Bytes::from(asked.to_bytes()?);
        for _ in 0..TRIES {
            let (answers, place) = match self.taken(&message).await? {
                Taken::Elsewhere(answers, place) => (answers, place),
                Taken::Here(own) => return Ok(Place::Here(own)),
            };
            let late =
                Err(Error::new(ErrorKind::Network, "a worker was too long silent before its first sound"));
            match timeout(FIRST_SOUND, first_sound(answers)).await.unwrap_or(late) {
                Ok(helped) => return Ok(Place::Elsewhere(Box::new(helped), place)),
                Err(error) if is_of_the_text(&error) => return Err(error),
                Err(error) => debug!(error = error.causes(), "a worker did not speak"),
            }
        }
        let _waiting = self.wait()?;
        self.own.clone().acquire_owned().await.map(Place::Here).map_err(|_| ending())
    }

    /// Waits until somebody takes a request.
    async fn taken(&self, message: &Bytes) -> Result<Taken> {
        // Nobody overtakes those that wait.
        if self.turn.try_lock().is_ok()
            && let Some(taken) = self.offer(message).await?
        {
            return Ok(taken);
        }
        let _waiting = self.wait()?;
        let _turn = self.turn.lock().await;
        loop {
            if let Some(taken) = self.offer(message).await? {
                return Ok(taken);
            }
            sleep(AGAIN).await;
        }
    }

    /// Counts one that waits, until what is returned is dropped.
    fn wait(&self) -> Result<Waiting<'_>> {
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.most_waiting {
            return Err(Error::new(ErrorKind::InUse, "all places are taken"));
        }
        Ok(waiting)
    }

    /// Offers a request to workers and to the server; `None` where nobody has a place.
    async fn offer(&self, message: &Bytes) -> Result<Option<Taken>> {
        if self.own.is_closed() {
            return Err(ending());
        }
        if let Ok(place) = self.elsewhere.clone().try_acquire_owned()
            && let Some(answers) = self.ask(message).await
        {
            return Ok(Some(Taken::Elsewhere(answers, place)));
        }
        Ok(self.own.clone().try_acquire_owned().ok().map(Taken::Here))
    }

    /// Asks workers one after the other, until one takes the request; `None` where nobody does.
    async fn ask(&self, message: &Bytes) -> Option<Box<Answers>> {
        let client = self.client().await.ok()?;
        // What is published to a server that is away would come to it much later.
        if client.connection_state() != State::Connected
            || message.len() > client.server_info().max_payload
            || self.rests()
        {
            return None;
        }
        for _ in 0..TRIES {
            match try_one(client, message).await {
                Ok(Tried::Taken(answers)) => return Some(answers),
                Ok(Tried::Full) => {}
                Ok(Tried::Nobody) => break,
                Err(error) => {
                    debug!(error = error.causes(), "a worker could not be asked");
                    *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(Instant::now() + REST);
                    break;
                }
            }
        }
        None
    }

    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }
}

/// One that waits.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Asks a worker, and waits until it takes the request or does not.
async fn try_one(client: &Client, message: &Bytes) -> Result<Tried> {
    let failed = |what: &str| Error::new(ErrorKind::Network, what);
    let inbox = client.new_inbox();
    let subscribed = client.subscribe(inbox.clone()).await;
    let messages = subscribed.map_err(|cause| failed("no answer can be heard").because(cause))?;
    let mut answers = Box::new(Answers::new(client.clone(), &inbox, messages));
    let asked = client.publish_with_reply(SUBJECT, inbox, message.clone()).await;
    asked.map_err(|cause| failed("no worker can be asked").because(cause))?;
    let first = timeout(TAKEN, answers.message()).await;
    let first = first.unwrap_or_else(|_| Err(failed("a worker that had a place does not answer")))?;
    if first.status == Some(StatusCode::NO_RESPONDERS) {
        answers.end();
        return Ok(Tried::Nobody);
    }
    match answers.understood(&first)? {
        Told::Full => Ok(Tried::Full),
        told => {
            answers.put_back(told);
            Ok(Tried::Taken(answers))
        }
    }
}

/// A worker may load the voice first; one that fetches it takes longer than the server itself.
const FIRST_SOUND: Duration = Duration::from_secs(10);
/// A worker says the words of one piece of sound at a time.
const MOST_BEFORE: usize = 10_000;

/// Waits for the first sound of a worker.
async fn first_sound(mut answers: Box<Answers>) -> Result<Helped> {
    let mut rate = None;
    let mut before = Vec::new();
    loop {
        match (answers.next().await?, rate) {
            (Told::Alive, _) => {}
            (Told::Begun(told), None) => rate = Some(told),
            (Told::Failed(failed), _) => return Err(failed.error()),
            (words @ Told::Words(_), Some(_)) if before.len() < MOST_BEFORE => before.push(words),
            (last @ (Told::Sound { .. } | Told::Done), Some(rate)) => {
                before.push(last);
                return Helped::new(answers, rate, before);
            }
            _ => return Err(Error::new(ErrorKind::Network, "a worker says things out of order")),
        }
    }
}

fn ending() -> Error {
    Error::new(ErrorKind::Interrupted, "the server is being stopped")
}

/// Whether every worker would say the same of the text.
fn is_of_the_text(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Empty | ErrorKind::Phonemes)
}
