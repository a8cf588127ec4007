//! Many machines make reports.
//!
//! ```text
//!  submit ─▶ shelf: wanted ─▶ queue ─▶ worker ─▶ Maker ─▶ results
//!     ▲                                  │                   │
//!     └────────── what is missing ◀──────┴── dead letters    └─▶ done
//! ```
//!
//! A job is done when its result is there; nothing else says so. The queue holds work and leases, and may lose them: whoever submitted puts
//! back what is missing. A result is put under a key that names all that it depends on, and only where there is none. So a job that is given
//! out twice costs time, and never brings a wrong report or two of them.
//!
//! - `job`: what travels, and the key of its result
//! - `queue`: who works on what, for now: the trait, NATS, and one within a process
//! - `objects`: a folder or a bucket
//! - `results`: reports by key, and the manifest that is put last
//! - `shelf`: what is wanted, long articles, dead letters
//! - `submit`: puts jobs in, and waits for their results
//! - `reconcile`: puts back what is missing
//! - `worker`: takes jobs, and makes their reports
//! - `tallies`: what a worker has done
//! - `metrics`: the same for Prometheus, and how many workers are wanted
//! - `stop`: how all of them end
//! - `grounds`: real times, and those of tests
//! - `fleet`: a day of a thousand machines, simulated, for tests

#[cfg(test)]
mod fleet;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod grounds;
mod job;
mod metrics;
mod objects;
mod queue;
mod reconcile;
mod results;
mod shelf;
mod stop;
mod submit;
mod tallies;
mod worker;

pub(crate) use self::grounds::Grounds;
pub(crate) use self::job::{Job, Kernel, Key, Making};
pub(crate) use self::metrics::Metrics;
pub(crate) use self::objects::{Objects, Put};
pub(crate) use self::queue::Waiting;
pub(crate) use self::queue::nats::{Connection, NatsQueue};
pub(crate) use self::reconcile::Reconciler;
pub(crate) use self::results::Results;
pub(crate) use self::shelf::{DeadLetter, Shelf};
pub(crate) use self::stop::Stop;
pub(crate) use self::submit::{State, Submitter};
pub(crate) use self::tallies::{Outcome, Tallies};
pub(crate) use self::worker::{Narrators, OwnThread, Worker};

/// Has the clients of queue and bucket take ring for TLS. They choose none by themselves.
fn choose_ring() {
    // Another part of the program may have chosen it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
