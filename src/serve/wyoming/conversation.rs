//! One connection: events come in, are put in order, and are answered.
//!
//! Questions are answered as they come, also between two blocks of sound; requests for speech one after the other. Reading goes on while
//! sound is made, because that is how a client is seen to be gone.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::timeout;
use tracing::debug;

use super::fault::Fault;
use super::info::Info;
use super::sound::Out;
use super::speaking::{End, Speaker};
use super::wire::{Event, Parser, event};
use crate::serve::listen::connections::Connection;
use crate::serve::{Limits, Server};

/// Events that wait.
const WAITING: usize = 64;
/// Bytes that are read at once.
const BLOCK: usize = 8 << 10;
/// Bytes of an event's data beside its text.
const BESIDE_TEXT: usize = 64 << 10;
/// Bytes of a character in JSON at most: a pair of `\uXXXX`.
const CHARACTER: usize = 12;
/// How long a connection may say nothing while nothing is spoken on it.
const IDLE: Duration = Duration::from_mins(10);
/// How long the bytes of a client that did wrong are read on, so that it can read what was wrong. A connection that is closed with bytes in
/// it forgets what was sent.
const FAREWELL: Duration = Duration::from_secs(1);

/// What it means that nothing more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtEnd {
    /// The client has hung up.
    Stop,
    /// It has said all that it had to say.
    Finish,
}

type Item = Result<Event, Fault>;

/// Requests in the order in which they came.
pub(super) struct Coming(mpsc::Receiver<(Item, OwnedSemaphorePermit)>);

impl Coming {
    /// Waits for the next one; `None` when there will be none.
    pub(super) async fn next(&mut self) -> Option<Item> {
        self.0.recv().await.map(|(item, _)| item)
    }

    /// The next one, if it is there.
    pub(super) fn try_next(&mut self) -> Option<Item> {
        self.0.try_recv().ok().map(|(item, _)| item)
    }
}

/// Puts them there; so many bytes wait at most.
struct Queue {
    sender: mpsc::Sender<(Item, OwnedSemaphorePermit)>,
    room: Arc<Semaphore>,
    most: u32,
}

impl Queue {
    fn new(most: usize) -> (Self, Coming) {
        let most = u32::try_from(most.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        let (sender, coming) = mpsc::channel(WAITING);
        (Self { sender, room: Arc::new(Semaphore::new(most as usize)), most }, Coming(coming))
    }

    async fn put(&self, item: Item) {
        let weight = item.as_ref().map_or(0, Event::weight);
        let weight = u32::try_from(weight).unwrap_or(u32::MAX).min(self.most);
        if let Ok(room) = self.room.clone().acquire_many_owned(weight).await {
            // Whoever takes them may have ended, and then the connection does.
            let _ = self.sender.send((item, room)).await;
        }
    }
}

/// Talks with a client until one of both ends it.
pub(super) async fn converse<R, W>(
    server: Arc<Server>,
    mut reader: R,
    writer: W,
    stop: watch::Receiver<bool>,
    at_end: AtEnd,
    connection: Option<Arc<Connection>>,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let limits = server.limits;
    let out = Out::new(writer, limits.stalled);
    let is_busy = AtomicBool::new(false);
    let most = limits.characters.saturating_mul(CHARACTER).saturating_add(BESIDE_TEXT);
    let (queue, coming) = Queue::new(most);
    let end = tokio::select! {
        () = read(&server, &mut reader, &out, queue, Parser::new(most), &is_busy, at_end) => End::Gone,
        end = answer(&server, &out, coming, stop, &is_busy, connection.as_ref()) => end,
        () = cut(connection.as_ref()) => End::Gone,
    };
    if let End::Fault(fault) = &end {
        debug!(?fault, "a conversation ends with an error");
        let _ = out.send(&event("error", fault, &[])).await;
    }
    let _ = out.close().await;
    if matches!(end, End::Fault(_)) && at_end == AtEnd::Stop {
        let mut block = [0; 1_024];
        let drained = async { while reader.read(&mut block).await.is_ok_and(|count| count > 0) {} };
        let _ = timeout(FAREWELL, drained).await;
    }
}

/// Returns when another connection needs the place of this one, which is idle.
async fn cut(connection: Option<&Arc<Connection>>) {
    match connection {
        Some(connection) => connection.is_cut().await,
        None => pending().await,
    }
}

/// Reads events, and answers those that need no voice. Ends when the client is gone.
async fn read<R, W>(
    server: &Arc<Server>,
    reader: &mut R,
    out: &Out<W>,
    queue: Queue,
    mut parser: Parser,
    is_busy: &AtomicBool,
    at_end: AtEnd,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let Limits { upload, .. } = server.limits;
    let mut block = vec![0; BLOCK];
    loop {
        let is_between = parser.is_between();
        let count = match timeout(if is_between { IDLE } else { upload }, reader.read(&mut block)).await {
            Ok(Ok(0)) if at_end == AtEnd::Finish => {
                drop(queue);
                return pending().await;
            }
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(count)) => count,
            Err(_) if is_between && is_busy.load(Ordering::Relaxed) => continue,
            Err(_) if is_between => return,
            Err(_) => {
                queue.put(Err(Fault::silent())).await;
                return pending().await;
            }
        };
        let mut input = &block[..count];
        loop {
            let told = match parser.next(&mut input) {
                Ok(None) => break,
                Ok(Some(Event::Describe)) => out.send(&event("info", &info(server).await, &[])).await,
                Ok(Some(Event::Ping(text))) => out.send(&event("pong", &json!({ "text": text }), &[])).await,
                Ok(Some(event)) => {
                    queue.put(Ok(event)).await;
                    Ok(())
                }
                Err(malformed) => {
                    // What was asked before it is answered first.
                    queue.put(Err(malformed.into())).await;
                    return pending().await;
                }
            };
            if told.is_err() {
                return;
            }
        }
    }
}

async fn info(server: &Arc<Server>) -> Option<Info> {
    let voices = server.voices.clone();
    tokio::task::spawn_blocking(move || Info::of(&voices)).await.ok()
}

/// Speaks what is asked for, one after the other.
async fn answer<W: AsyncWrite + Unpin>(
    server: &Arc<Server>,
    out: &Out<W>,
    mut coming: Coming,
    mut stop: watch::Receiver<bool>,
    is_busy: &AtomicBool,
    connection: Option<&Arc<Connection>>,
) -> End {
    let speaker = Speaker { server, out };
    loop {
        is_busy.store(false, Ordering::Relaxed);
        let item = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => return End::Gone,
            item = coming.next() => item,
        };
        is_busy.store(true, Ordering::Relaxed);
        let _working = connection.map(Connection::work);
        let speaking = async {
            match item.ok_or(End::Gone)?? {
                Event::Synthesize(asked, text) => speaker.text(asked, &text).await,
                Event::Start(asked) => speaker.pieces(asked, &mut coming).await,
                Event::Chunk(_) | Event::Stop => {
                    Err(Fault::out_of_order("A piece of a text, or its end, comes before its beginning.")
                        .into())
                }
                Event::Describe | Event::Ping(_) => Ok(()),
            }
        };
        match timeout(server.limits.answer, speaking).await {
            Ok(Ok(())) => {}
            Ok(Err(end)) => return end,
            Err(_) => return End::Fault(Fault::endless()),
        }
    }
}
