//! What systemd gives a service, and is told by it: sockets, readiness, signs of life.
//!
//! Where another program has started the server, none of this does anything.

use std::net::TcpListener;

use crate::error::Result;

/// The sockets that systemd has opened for the server (socket activation). None where it did not.
///
/// # Errors
/// [`Network`](crate::error::ErrorKind::Network) when something else than a TCP socket is handed over.
#[cfg(unix)]
pub(crate) fn sockets() -> Result<Vec<TcpListener>> {
    use crate::error::{Cure, Error, ErrorKind};
    let mut handed = listenfd::ListenFd::from_env();
    let mut sockets = Vec::new();
    for index in 0..handed.len() {
        let socket = handed.take_tcp_listener(index).map_err(|cause| {
            Error::new(ErrorKind::Network, format!("socket {} of systemd is none of TCP", index + 1))
                .because(cause)
                .with_cure(Cure::MendSocketUnit)
        })?;
        sockets.extend(socket);
    }
    Ok(sockets)
}

#[cfg(not(unix))]
pub(crate) fn sockets() -> Result<Vec<TcpListener>> {
    Ok(Vec::new())
}

#[cfg(unix)]
mod told {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use sd_notify::NotifyState;
    use tracing::debug;

    fn tell(states: &[NotifyState]) {
        if let Err(error) = sd_notify::notify(states) {
            debug!(%error, "systemd can't be told");
        }
    }

    /// Whether connections are taken. Before and after that, files that are read again are no news.
    static IS_READY: AtomicBool = AtomicBool::new(false);

    /// Connections are taken.
    pub(in crate::serve) fn ready() {
        IS_READY.store(true, Ordering::SeqCst);
        tell(&[NotifyState::Ready]);
    }

    /// Files are read again; [`reloaded`] is the end of it.
    pub(in crate::serve) fn reloading() {
        if !IS_READY.load(Ordering::SeqCst) {
            return;
        }
        // systemd compares the moment with that of its own request.
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(error) => debug!(%error, "the clock can't be read"),
        }
    }

    /// Files were read again.
    pub(in crate::serve) fn reloaded() {
        if IS_READY.load(Ordering::SeqCst) {
            tell(&[NotifyState::Ready]);
        }
    }

    /// No more work is taken.
    pub(in crate::serve) fn stopping() {
        IS_READY.store(false, Ordering::SeqCst);
        tell(&[NotifyState::Stopping]);
    }

    /// Tells that the server lives, twice in each span that systemd waits. It runs where connections are served, so that it falls silent
    /// when they are not.
    pub(in crate::serve) async fn live() {
        let Some(span) = sd_notify::watchdog_enabled() else { return };
        let mut beats = tokio::time::interval((span / 2).max(Duration::from_millis(1)));
        loop {
            beats.tick().await;
            tell(&[NotifyState::Watchdog]);
        }
    }
}

#[cfg(not(unix))]
mod told {
    pub(in crate::serve) fn ready() {}
    pub(in crate::serve) fn reloading() {}
    pub(in crate::serve) fn reloaded() {}
    pub(in crate::serve) fn stopping() {}
    pub(in crate::serve) async fn live() {}
}

pub(super) use told::{live, ready, reloaded, reloading, stopping};
