//! A speech server: other programs have text spoken over the network.
//!
//! ```text
//!  client ─▶ listen ─▶ http ─▶ admission ─▶ speech ─▶ outlet ─▶ body ─▶ client
//!            sockets,  routes  who speaks,  a thread   bounded,  bytes as they
//!            limits            who waits    a request  in order  are made
//! ```
//!
//! Sockets wait on tokio; speech is made on threads of its own. Between the two lies an [`outlet`], which holds a few
//! blocks of bytes. Whoever drops its far end, because the client is gone or too slow, stops the speech at its next
//! block.
//!
//! - `limits`: how much a client may ask for, and for how long
//! - `voices`: the voices that the server speaks with, loaded when they are first wanted
//! - `words`: how words are said, and the file in which clients save that
//! - `admission`: who speaks now, who waits, who is sent away
//! - `speech`: a request becomes sound, on a thread of its own
//! - `elsewhere`: other machines that speak (feature `cluster`)
//! - `points`: places in a text as clients count them
//! - `times`: when the words of that sound are heard
//! - `explain`: what would be said of a text or a page, and what would be left out
//! - `outlet`: the bytes on their way to the client, and how far ahead of its ear they are
//! - `metrics`: how the server does, in numbers
//! - `access`: who may use the server: hosts, sites, tokens
//! - `secrets`: files of tokens and keys, which are nobody else's
//! - `tls`: the certificate, and handshakes with it
//! - `guard`: the last three, and how they are read again
//! - `podcasts`: folders of the daily news, at paths that nobody guesses
//! - `reports`: articles that become files meanwhile, and survive the end of the server
//! - `http`: the routes, in the shape that clients of OpenAI's speech API know
//! - `wyoming`: the same for Home Assistant, in its own protocol
//! - `listen`: sockets, and how the server ends
//! - `systemd`: sockets, readiness and signs of life of a service

mod access;
mod admission;
#[cfg(feature = "cluster")]
mod elsewhere;
mod explain;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod guard;
mod http;
mod limits;
mod listen;
mod metrics;
mod outlet;
mod podcasts;
mod points;
pub(crate) mod reports;
mod secrets;
mod speech;
mod systemd;
mod times;
mod tls;
mod voices;
mod words;
mod wyoming;

use std::sync::Arc;

pub(crate) use self::access::{Access, Cors, NewToken, Origin};
use self::admission::Admission;
#[cfg(feature = "cluster")]
pub(crate) use self::elsewhere::{Helper, Helpers, Places, Voice};
pub(crate) use self::explain::{Explainer, Source};
pub(crate) use self::guard::Guard;
pub(crate) use self::limits::Limits;
pub(crate) use self::listen::{Stop, run};
use self::metrics::Metrics;
pub(crate) use self::podcasts::Podcasts;
pub(crate) use self::systemd::sockets;
pub(crate) use self::tls::Tls;
pub(crate) use self::voices::Voices;
pub(crate) use self::wyoming::Door;
use crate::error::Result;

/// What all connections share.
pub(crate) struct Server {
    voices: Arc<Voices>,
    admission: Admission,
    explainer: Arc<dyn Explainer>,
    explaining: Admission,
    metrics: Arc<Metrics>,
    limits: Limits,
    guard: Guard,
    /// None where the server makes none.
    reports: Option<reports::Reports>,
    podcasts: Arc<Podcasts>,
    /// None where it speaks everything by itself.
    #[cfg(feature = "cluster")]
    helpers: Option<Arc<Helpers>>,
}

impl Server {
    /// A server that speaks with these voices, and has this find the stories of pages.
    pub(crate) fn new(voices: Voices, explainer: Arc<dyn Explainer>, limits: Limits) -> Self {
        let voices = Arc::new(voices);
        let admission = Admission::new(&limits);
        let explaining = Admission::of(limits.explaining, limits.waiting);
        let metrics = Arc::new(Metrics::new(&voices, &admission, &explaining));
        Self {
            voices,
            admission,
            explainer,
            explaining,
            metrics,
            limits,
            guard: Guard::default(),
            reports: None,
            podcasts: Arc::default(),
            #[cfg(feature = "cluster")]
            helpers: None,
        }
    }

    /// The same with reports, which are made from now on.
    pub(crate) fn reporting(self, reports: Option<reports::Reports>) -> Result<Self> {
        if let Some(reports) = &reports {
            reports.begin(&self.voices)?;
        }
        Ok(Self { reports, ..self })
    }

    /// The same with podcasts.
    pub(crate) fn with_podcasts(self, podcasts: Arc<Podcasts>) -> Self {
        Self { podcasts, ..self }
    }

    /// The same with workers that speak for it.
    #[cfg(feature = "cluster")]
    pub(crate) fn helped_by(self, helpers: Option<Helpers>) -> Self {
        Self { helpers: helpers.map(Arc::new), ..self }
    }

    /// The same behind other rules than those of a server that only this machine reaches.
    pub(crate) fn behind(self, guard: Guard) -> Self {
        Self { guard, ..self }
    }
}

/// A number for every request; where it begins is different in every process, so that two servers' logs can be told apart.
fn request_number() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static BEGIN: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("requests"));
    static NEXT: AtomicU64 = AtomicU64::new(0);
    u128::from(*BEGIN) << 64 | u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}
