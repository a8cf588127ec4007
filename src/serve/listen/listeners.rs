//! The sockets at which clients come in, and what lies between a socket and the requests on it.

use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tracing::debug;

use crate::serve::tls::Tls;

/// One or several sockets.
pub(super) struct Listeners {
    sockets: Vec<tokio::net::TcpListener>,
    /// The one that is asked first, each in its turn, so that a busy one does not keep the others waiting.
    next: AtomicUsize,
}

impl Listeners {
    /// Has to be called where the runtime is.
    pub(super) fn new(sockets: Vec<TcpListener>) -> io::Result<Self> {
        let opened = sockets.into_iter().map(|socket| {
            socket.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(socket)
        });
        Ok(Self { sockets: opened.collect::<io::Result<_>>()?, next: AtomicUsize::new(0) })
    }

    pub(super) fn first_address(&self) -> io::Result<SocketAddr> {
        self.sockets.first().ok_or(io::ErrorKind::NotFound)?.local_addr()
    }

    /// The next client, and where it is.
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|context| {
            let (count, first) = (self.sockets.len(), self.next.load(Ordering::Relaxed));
            for turn in (first..first + count).map(|turn| turn % count) {
                if let Poll::Ready(taken) = self.sockets[turn].poll_accept(context) {
                    self.next.store((turn + 1) % count, Ordering::Relaxed);
                    return Poll::Ready(taken);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// What bytes go over: a socket, or TLS on one.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// Has the client see an error when the stream is dropped, rather than an end.
    fn end_as_broken(&self);
}

impl Stream for TcpStream {
    fn end_as_broken(&self) {
        if let Err(error) = self.set_zero_linger() {
            debug!(%error, "a connection can't be seen to break off");
        }
    }
}

impl Stream for TlsStream<TcpStream> {
    fn end_as_broken(&self) {
        self.get_ref().0.end_as_broken();
    }
}

/// The stream of a client, after a handshake where there is a certificate.
pub(super) async fn opened(stream: TcpStream, tls: Option<Arc<Tls>>) -> io::Result<Box<dyn Stream>> {
    match tls {
        None => Ok(Box::new(stream)),
        Some(tls) => Ok(Box::new(tls.shake(stream).await?)),
    }
}
