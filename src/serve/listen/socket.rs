//! How a connection sends: small blocks at once, and few bytes wait in the system.

use std::io;

use tokio::net::TcpStream;
use tracing::debug;

/// Bytes that the system holds and has not sent. Linux grows its buffer to 4 MiB, and takes more when a third of that is gone. A client that
/// listens at the speed of sound would seem to take nothing for longer than [`stalled`](crate::serve::Limits::stalled).
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT: u32 = 64 << 10;

/// Sets a new connection up. One that can't be is used as it is.
pub(in crate::serve) fn set_up(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true).and_then(|()| hold_little(stream)) {
        debug!(%error, "a connection sends as the system wants");
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn hold_little(stream: &TcpStream) -> io::Result<()> {
    socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn hold_little(_: &TcpStream) -> io::Result<()> {
    Ok(())
}
