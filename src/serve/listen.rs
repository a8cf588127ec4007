//! Sockets: connections in, limits of time around them, and the end of the server.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::Server;
use super::http::routes;
use super::wyoming::{self, Door};
use crate::error::{Cure, Error, ErrorKind, Result};

/// Threads that wait for the network. The voice has its own.
const THREADS: usize = 2;
/// After a connection could not be taken: mostly there are too many open files, and some will be closed soon.
const PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a request's head.
const HEAD: usize = 32 << 10;
/// Fields of a request's head.
const FIELDS: usize = 100;

/// Ends a server. Clones end the same one.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Takes no more work, and lets streams end within the limit for that.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }

    /// A way to see it.
    pub(super) fn watch(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}

/// Serves until it is stopped, by HTTP, by Wyoming, or by both; without HTTP also until Wyoming's standard input ends. `ready` is told the
/// address of HTTP when connections are taken.
///
/// # Errors
/// [`ErrorKind::Network`] when the socket or the runtime can't be used.
pub(crate) fn run(
    server: Server,
    listener: Option<TcpListener>,
    door: Option<Door>,
    stop: &Stop,
    ready: impl FnOnce(SocketAddr) -> Result<()>,
) -> Result<()> {
    let failed = |cause: std::io::Error| {
        Error::new(ErrorKind::Network, "the server can't be started")
            .because(cause)
            .with_cure(Cure::FreeProcesses)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("network")
        .enable_all()
        .build()
        .map_err(failed)?;
    let drain = server.limits.drain;
    runtime.block_on(async {
        let server = Arc::new(server);
        let mut talking = match door {
            Some(door) => Some(wyoming::begin(server.clone(), door, stop).map_err(failed)?),
            None => None,
        };
        let streams = GracefulShutdown::new();
        if let Some(listener) = listener {
            listener.set_nonblocking(true).map_err(failed)?;
            let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
            ready(listener.local_addr().map_err(failed)?)?;
            accept(server, listener, stop, &streams).await;
        } else if let Some(talking) = &mut talking {
            talking.over_or_stopped(stop).await;
        }
        let ended = async {
            streams.shutdown().await;
            if let Some(talking) = talking {
                talking.over().await;
            }
        };
        if timeout(drain, ended).await.is_err() {
            warn!("streams were cut off: they had not ended in time");
        }
        Ok(())
    })?;
    // What is left is cut off: its bodies are dropped, and with them the work for them.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

async fn accept(
    server: Arc<Server>,
    listener: tokio::net::TcpListener,
    stop: &Stop,
    streams: &GracefulShutdown,
) {
    let mut stopped = stop.0.subscribe();
    let connections = Arc::new(Semaphore::new(server.limits.connections));
    let limits = server.limits;
    let routes = routes(server);
    let mut connecting = http1::Builder::new();
    connecting
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD)
        .max_headers(FIELDS);
    loop {
        // One too many waits in the system's queue.
        let place = tokio::select! {
            place = connections.clone().acquire_owned() => place,
            _ = stopped.wait_for(|stopped| *stopped) => return,
        };
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = stopped.wait_for(|stopped| *stopped) => return,
        };
        let stream = match taken {
            Ok((stream, _)) => stream,
            Err(error) => {
                debug!(%error, "a connection can't be taken");
                sleep(PAUSE).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "small blocks may be held back");
        }
        let service = TowerToHyperService::new(routes.clone());
        let serving = streams.watch(connecting.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                debug!(%error, "a connection broke off");
            }
            drop(place);
        });
    }
}
