//! Wyoming, the protocol by which Home Assistant has text spoken: events as JSON and raw samples, over a socket or over standard input and
//! output.
//!
//! - `wire`: events as bytes, within limits
//! - `info`: what there is, and which voice stands for what is asked
//! - `fault`: what went wrong, as a client reads it
//! - `text`: a text that comes in pieces, and the sentences of it that are whole
//! - `sound`: the end where events and sound are written
//! - `speaking`: requests become sound
//! - `conversation`: one connection

mod conversation;
mod fault;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod info;
mod sound;
mod speaking;
mod text;
mod wire;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tracing::debug;

use self::conversation::{AtEnd, converse};
use super::Server;
use super::listen::Stop;
use super::listen::connections::Connections;
use super::listen::socket;

/// After a connection could not be taken: mostly there are too many open files, and some will be closed soon.
const PAUSE: Duration = Duration::from_millis(100);

/// Where Wyoming is spoken.
#[derive(Debug)]
pub(crate) enum Door {
    /// With whoever connects.
    Socket(TcpListener),
    /// With whoever started the program. It says all by standard input, and nothing else may stand in standard output.
    Stdio,
}

/// Conversations that go on.
pub(super) struct Talking(JoinHandle<()>);

impl Talking {
    /// Waits until all have ended.
    pub(super) async fn over(&mut self) {
        if !self.0.is_finished() {
            // One that panicked has ended, too.
            let _ = (&mut self.0).await;
        }
    }
}

/// Opens the door. Conversations end when the server is to end and they have spoken what they speak.
pub(super) fn begin(
    server: Arc<Server>,
    door: Door,
    connections: Arc<Connections>,
    stop: &Stop,
) -> io::Result<Talking> {
    let stop = stop.watch();
    Ok(Talking(match door {
        Door::Socket(listener) => {
            listener.set_nonblocking(true)?;
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::spawn(accept(server, listener, connections, stop))
        }
        Door::Stdio => tokio::spawn(async move {
            let connection = connections.enter().await;
            converse(server, tokio::io::stdin(), tokio::io::stdout(), stop, AtEnd::Finish, connection).await;
        }),
    }))
}

async fn accept(
    server: Arc<Server>,
    listener: tokio::net::TcpListener,
    connections: Arc<Connections>,
    mut stop: watch::Receiver<bool>,
) {
    // Nothing is ever sent: the channel is closed when the last conversation has dropped its end.
    let (talking, mut over) = mpsc::channel::<std::convert::Infallible>(1);
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = stop.wait_for(|stopped| *stopped) => break,
        };
        let stream = match taken {
            Ok((stream, _)) => stream,
            Err(error) => {
                debug!(%error, "a connection can't be taken");
                connections.cut_idlest();
                sleep(PAUSE).await;
                continue;
            }
        };
        let connection = tokio::select! {
            connection = connections.enter() => connection,
            _ = stop.wait_for(|stopped| *stopped) => break,
        };
        socket::set_up(&stream);
        let (server, stop, talking) = (server.clone(), stop.clone(), talking.clone());
        tokio::spawn(async move {
            let (reader, writer) = stream.into_split();
            converse(server, reader, writer, stop, AtEnd::Stop, connection).await;
            drop(talking);
        });
    }
    drop((listener, talking));
    let _ = over.recv().await;
}
