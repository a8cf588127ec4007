//! The workers, as a server has them: who speaks a request is asked anew each time.

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, StatusCode, Subscriber};
use tokio::sync::{Mutex, OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tracing::{debug, warn};

use super::helped::{Answers, Helped};
use super::message::{Asked, Told};
use super::{SILENCE, SUBJECT};
use crate::cluster::Connection;
use crate::error::{Error, ErrorKind, Result};
use crate::order::Words;

/// Workers that are asked before the request waits. Each of them had a place a moment ago.
const TRIES: usize = 3;
/// How long a request waits before it asks again, when nobody has a place.
const AGAIN: Duration = Duration::from_millis(50);

/// The workers that speak for a server.
pub(crate) struct Helpers {
    connection: Connection,
    client: OnceCell<Client>,
    /// What the server speaks by itself.
    own: Arc<Semaphore>,
    /// The first of those that wait asks; the others stand behind it.
    turn: Mutex<()>,
    lexicons: Vec<Words>,
}

/// Who speaks a request.
pub(in crate::serve) enum Place {
    /// A worker, which has begun.
    Elsewhere(Box<Helped>),
    /// The server itself.
    Here(OwnedSemaphorePermit),
}

/// What came of asking a worker.
enum Tried {
    Begun(Box<Helped>),
    /// Another one may do better.
    Failed,
    /// No worker has a free place.
    Nobody,
}

impl Helpers {
    /// Workers at this queue, beside a server that speaks so many requests by itself. These lexicons of the server travel with each request.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for an address that is none, or may not be used as it is.
    pub(crate) fn new(connection: Connection, own: usize, lexicons: Vec<Words>) -> Result<Self> {
        connection.check()?;
        Ok(Self {
            connection,
            client: OnceCell::new(),
            own: Arc::new(Semaphore::new(own)),
            turn: Mutex::new(()),
            lexicons,
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

    async fn client(&self) -> Result<&Client> {
        self.client.get_or_try_init(|| self.connection.open_in_time()).await
    }

    /// Lexicons that travel with each request; those that clients have saved count more.
    pub(in crate::serve) fn lexicons(&self, saved: Option<String>) -> Vec<Words> {
        self.lexicons.iter().cloned().chain(saved.map(Words::Toml)).collect()
    }

    /// Waits for somebody who speaks a request: a worker, or where none has a free place the server itself. Who came first is served first.
    ///
    /// # Errors
    /// What every worker would say of the text.
    pub(in crate::serve) async fn place(&self, asked: &Asked) -> Result<Place> {
        let message = asked.to_bytes()?;
        let _turn = self.turn.lock().await;
        loop {
            if let Some(helped) = self.ask(&message).await? {
                return Ok(Place::Elsewhere(helped));
            }
            if let Ok(own) = self.own.clone().try_acquire_owned() {
                return Ok(Place::Here(own));
            }
            sleep(AGAIN).await;
        }
    }

    /// Asks workers one after the other, until one speaks; `None` where nobody can.
    async fn ask(&self, message: &[u8]) -> Result<Option<Box<Helped>>> {
        let Ok(client) = self.client().await else { return Ok(None) };
        // What is published to a server that is away would come to it much later.
        if client.connection_state() != State::Connected || message.len() > client.server_info().max_payload {
            return Ok(None);
        }
        for _ in 0..TRIES {
            match try_one(client, message).await? {
                Tried::Begun(helped) => return Ok(Some(helped)),
                Tried::Failed => {}
                Tried::Nobody => break,
            }
        }
        Ok(None)
    }
}

/// Asks a worker, and waits for its first sound.
async fn try_one(client: &Client, message: &[u8]) -> Result<Tried> {
    let inbox = client.new_inbox();
    let subscribed = client.subscribe(inbox.clone()).await;
    let Ok(answers) = subscribed.inspect_err(|error| debug!(%error, "no answer can be heard")) else {
        return Ok(Tried::Nobody);
    };
    if let Err(error) = client.publish_with_reply(SUBJECT, inbox, message.to_vec().into()).await {
        debug!(%error, "no worker can be asked");
        return Ok(Tried::Nobody);
    }
    match first_sound(client, answers).await {
        Err(error) if is_of_the_text(&error) => Err(error),
        Err(error) => {
            debug!(error = error.causes(), "a worker did not speak");
            Ok(Tried::Failed)
        }
        Ok(tried) => Ok(tried),
    }
}

async fn first_sound(client: &Client, answers: Subscriber) -> Result<Tried> {
    let mut answers = Answers::new(answers);
    let mut begun = None;
    let mut before = Vec::new();
    loop {
        let message = answers.message().await?;
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return Ok(Tried::Nobody);
        }
        let told = answers.understood(&message)?;
        match (told, begun.take()) {
            (Told::Full, _) => return Ok(Tried::Failed),
            (Told::Begun(known), None) => begun = Some(known),
            (Told::Failed(failed), _) => return Err(failed.error()),
            (Told::Alive, known) => begun = known,
            (words @ Told::Words(_), Some(known)) => {
                before.push(words);
                begun = Some(known);
            }
            (last @ (Told::Sound { .. } | Told::Done), Some(known)) => {
                before.push(last);
                let helped = Helped::new(client.clone(), answers, &known, before)?;
                return Ok(Tried::Begun(Box::new(helped)));
            }
            _ => return Err(Error::new(ErrorKind::Network, "a worker says things out of order")),
        }
    }
}

/// Whether every worker would say the same of the text.
fn is_of_the_text(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Empty | ErrorKind::Phonemes)
}
