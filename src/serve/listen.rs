//! Sockets: connections in, limits of time around them, and the end of the server.
//!
//! - `listeners`: the sockets, and TLS on their streams
//! - `connections`: how many there are, and which one gives way
//! - `socket`: how a connection sends
//! - `patient`: a client must take what is sent

pub(super) mod connections;
mod listeners;
mod patient;
pub(super) mod socket;

use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::CONTENT_LENGTH;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Method, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use self::connections::{Connection, Connections, Worked};
use self::listeners::{Listeners, opened};
use self::patient::Patient;
use super::http::{Peer, routes};
use super::tls::Tls;
use super::{Limits, Server, systemd, wyoming};
use crate::error::{Cure, Error, ErrorKind, Result};

/// Threads that wait for the network. The voice has its own.
const THREADS: usize = 2;
/// After a connection could not be taken: mostly there are too many open files, and some will be closed soon.
const PAUSE: Duration = Duration::from_millis(100);
/// Open files that are not connections: voices, caches, what the system needs.
#[cfg(unix)]
const OTHER_FILES: u64 = 100;
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
/// first address of HTTP when connections are taken.
///
/// # Errors
/// [`ErrorKind::Network`] when a socket or the runtime can't be used.
pub(crate) fn run(
    server: Server,
    sockets: Vec<TcpListener>,
    wyoming: Option<wyoming::Door>,
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
    let limits = server.limits;
    let (admission, explaining) = (server.admission.clone(), server.explaining.clone());
    let reports = server.reports.clone();
    runtime.block_on(async {
        let server = Arc::new(server);
        let connections = Connections::new(limits.connections.min(open_files()));
        server.metrics.watch(&connections);
        let begin = |door| wyoming::begin(server.clone(), door, connections.clone(), stop);
        let mut talking = wyoming.map(begin).transpose().map_err(failed)?;
        let http = if sockets.is_empty() {
            None
        } else {
            let listeners = Listeners::new(sockets).map_err(failed)?;
            ready(listeners.first_address().map_err(failed)?)?;
            let tls = server.guard.tls.clone();
            let routes = TowerToHyperService::new(routes(server.clone()));
            Some(Door { listeners, tls, connections, routes, limits })
        };
        #[cfg(feature = "cluster")]
        if let Some(helpers) = server.helpers.clone() {
            tokio::spawn(async move { helpers.connect().await });
        }
        systemd::ready();
        tokio::spawn(systemd::live());
        let (streams, _) = watch::channel(());
        let mut stopped = stop.watch();
        tokio::select! {
            () = Door::accept_at(http.as_ref(), Some(&streams)) => {}
            () = talked_out(&mut talking), if http.is_none() => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        systemd::stopping();
        // Nothing new is spoken. Those that ask how the server is still get an answer.
        admission.close();
        #[cfg(feature = "cluster")]
        if let Some(helpers) = &server.helpers {
            helpers.close();
        }
        explaining.close();
        // A report goes on at the next start; it need not be waited for.
        if let Some(reports) = &reports {
            reports.end();
        }
        streams.send_replace(());
        let ended = async {
            streams.closed().await;
            talked_out(&mut talking).await;
        };
        tokio::select! {
            () = Door::accept_at(http.as_ref(), None) => {}
            ended = timeout(limits.drain, ended) => if ended.is_err() {
                warn!("streams were cut off: they had not ended in time");
            },
        }
        Ok(())
    })?;
    // What is left is cut off: its bodies are dropped, and with them the work for them.
    runtime.shutdown_timeout(Duration::from_secs(1));
    if let Some(reports) = &reports {
        reports.ended();
    }
    Ok(())
}

async fn talked_out(talking: &mut Option<wyoming::Talking>) {
    if let Some(talking) = talking {
        talking.over().await;
    }
}

/// Where connections come in.
struct Door<R> {
    listeners: Listeners,
    tls: Option<Arc<Tls>>,
    connections: Arc<Connections>,
    routes: R,
    limits: Limits,
}

impl<R, B> Door<R>
where
    R: Service<hyper::Request<Incoming>, Response = hyper::Response<B>> + Clone + Send + Sync + 'static,
    R::Future: Send,
    R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: hyper::body::Body<Data = bytes::Bytes> + Unpin + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Takes connections where there is a door.
    async fn accept_at(door: Option<&Self>, streams: Option<&watch::Sender<()>>) {
        match door {
            Some(door) => door.accept(streams).await,
            None => pending().await,
        }
    }

    /// Takes connections for ever. `streams` tells them when the server ends, and is told when those are done that had something to do
    /// then; without it a connection has one request.
    async fn accept(&self, streams: Option<&watch::Sender<()>>) {
        loop {
            let (stream, peer) = match self.listeners.accept().await {
                Ok(taken) => taken,
                Err(error) => {
                    debug!(%error, "a connection can't be taken");
                    self.connections.cut_idlest();
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let Some(connection) = self.connections.enter().await else { return };
            socket::set_up(&stream);
            self.serve(stream, Peer(peer), connection, streams);
        }
    }

    fn serve(
        &self,
        stream: TcpStream,
        peer: Peer,
        connection: Arc<Connection>,
        streams: Option<&watch::Sender<()>>,
    ) {
        let mut connecting = http1::Builder::new();
        connecting
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .keep_alive(streams.is_some())
            .max_buf_size(HEAD)
            .max_headers(FIELDS);
        let (routes, tls, stalled) = (self.routes.clone(), self.tls.clone(), self.limits.stalled);
        let service = service_fn({
            let connection = connection.clone();
            move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(peer);
                let working = connection.work();
                let is_of_old_client =
                    request.version() == Version::HTTP_10 && request.method() != Method::HEAD;
                let answer = routes.call(request);
                async move {
                    let answer = answer.await?;
                    let is_open = is_of_old_client && !answer.headers().contains_key(CONTENT_LENGTH);
                    Ok::<_, R::Error>(answer.map(|body| Worked::new(body, working, is_open)))
                }
            }
        });
        let mut ending = streams.map(watch::Sender::subscribe);
        tokio::spawn(async move {
            // A handshake waits for its client, and keeps nobody else waiting.
            let served = async {
                let opening = tokio::select! {
                    biased;
                    opening = opened(stream, tls) => opening,
                    () = ended(ending.as_mut()) => return Ok(()),
                };
                let stream = match opening {
                    Ok(stream) => TokioIo::new(Patient::new(stream, stalled, connection.clone())),
                    Err(error) => {
                        debug!(%error, "a handshake broke off");
                        return Ok(());
                    }
                };
                let mut serving = pin!(connecting.serve_connection(stream, service));
                let Some(mut ending) = ending else { return serving.await };
                tokio::select! {
                    served = serving.as_mut() => return served,
                    _ = ending.changed() => {}
                }
                // One on which nothing is asked may still ask how the server is, and keeps it from nothing.
                if connection.is_working() {
                    serving.as_mut().graceful_shutdown();
                } else {
                    drop(ending);
                }
                serving.await
            };
            tokio::select! {
                served = served => if let Err(error) = served {
                    debug!(%error, "a connection broke off");
                },
                () = connection.is_cut() => debug!("an idle connection gives way"),
            }
        });
    }
}

/// Returns when the server ends.
async fn ended(ending: Option<&mut watch::Receiver<()>>) {
    match ending {
        Some(ending) => {
            let _ = ending.changed().await;
        }
        None => pending().await,
    }
}

/// Connections for which there are open files. The limit is raised as far as it may be: for many programs it is low by default.
#[cfg(unix)]
fn open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let files = if raised.is_ok() { maximum } else { current };
    files.map_or(usize::MAX, |files| files.saturating_sub(OTHER_FILES).max(OTHER_FILES / 2) as usize)
}

/// Connections for which there are open files.
#[cfg(not(unix))]
fn open_files() -> usize {
    usize::MAX
}
