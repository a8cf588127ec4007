//! How much a client may ask for, and how long it may take.

use std::num::NonZeroUsize;
use std::time::Duration;

/// The limits of a server. Times are those after which a connection or a request is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Requests that are spoken at the same time.
    pub speaking: NonZeroUsize,
    /// Requests that wait for that; one more is sent away.
    pub waiting: usize,
    /// Characters of a text.
    pub characters: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// Connections that are open at the same time.
    pub connections: usize,
    /// For the head of a request, and between two requests of a connection.
    pub head: Duration,
    /// For the body of a request.
    pub upload: Duration,
    /// How long a client may take nothing of what is ready for it.
    pub stalled: Duration,
    /// For all of an answer.
    pub answer: Duration,
    /// How long streams may go on after the server was asked to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            speaking: NonZeroUsize::MIN.saturating_add(3),
            waiting: 64,
            characters: 200_000,
            body: 4 << 20,
            connections: 2_048,
            head: Duration::from_secs(15),
            upload: Duration::from_secs(60),
            stalled: Duration::from_secs(30),
            answer: Duration::from_hours(6),
            drain: Duration::from_secs(30),
        }
    }
}
