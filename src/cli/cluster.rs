//! `submit`, `worker`, `queue`: many machines make reports.

pub(crate) mod queue;
pub(crate) mod submit;
pub(crate) mod worker;

mod manner;
mod narrators;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tracing::warn;

pub(super) use self::manner::manner;
use super::args::cluster::{ClusterArgs, CredentialArgs, FrontArgs};
use super::interrupt;
use crate::cluster::{Connection, Grounds, Kernel, NatsQueue, Objects, Put, Results, Shelf, Stop, Submitter};
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::synth::backend::Backend;

/// How a queue is named.
const QUEUE: &str = "give --queue nats://HOST:PORT, or set queue in audio-report.toml";
/// How the place for results is.
const RESULTS: &str = "give --results DIR or s3://BUCKET/PREFIX, or set results in audio-report.toml";

/// A bucket that can't be reached is tried again after this time.
const AGAIN: Duration = Duration::from_secs(2);

/// The queue and what lies beside it, reached.
struct Reached {
    queue: NatsQueue,
    results: Results,
    shelf: Shelf,
}

impl Reached {
    /// Reaches both, by a runtime that lives as long as they are used.
    async fn of(args: &ClusterArgs, grounds: &Grounds) -> Result<Self> {
        let (connection, objects) = opened(args)?;
        let (identity, _) = Shelf::of(&objects).identity().await?;
        Self::at(&connection, &objects, identity, grounds).await
    }

    /// The same for a worker, which waits for a bucket that is away: it has nobody to tell.
    async fn in_time(args: &ClusterArgs, grounds: &Grounds, stop: &Stop) -> Result<Self> {
        let (connection, objects) = opened(args)?;
        let shelf = Shelf::of(&objects);
        let (identity, put) = loop {
            match shelf.identity().await {
                Err(error) if objects.may_come_back(&error) && !stop.is_asked() => {
                    warn!(error = error.causes(), "the results can't be reached; it is tried again");
                    stop.rest(AGAIN).await;
                }
                identity => break identity?,
            }
        };
        if put == Put::Now {
            warn!(
                "no article was ever submitted for these results: this worker waits for the first, or its folder is not mounted"
            );
        }
        Self::at(&connection, &objects, identity, grounds).await
    }

    async fn at(
        connection: &Connection,
        objects: &Objects,
        identity: String,
        grounds: &Grounds,
    ) -> Result<Self> {
        let queue = NatsQueue::connect(connection, identity, grounds.ack_wait).await?;
        Ok(Self { queue, results: Results::of(objects), shelf: Shelf::of(objects) })
    }

    fn submitter(self) -> Submitter<NatsQueue> {
        let Self { queue, results, shelf } = self;
        Submitter { queue: Arc::new(queue), results, shelf }
    }
}

/// How the queue is reached, and where results lie. A folder or a bucket with a fault is told before anything is asked of the network.
fn opened(args: &ClusterArgs) -> Result<(Connection, Objects)> {
    let connection = connection(args)?;
    connection.check()?;
    let results = args.results.as_ref().ok_or_else(|| unnamed("no place for results is named", RESULTS))?;
    Ok((connection, Objects::open(results)?))
}

fn connection(args: &ClusterArgs) -> Result<Connection> {
    let ClusterArgs { queue, credentials, insecure, .. } = args;
    connection_to(queue.as_deref(), credentials, *insecure).ok_or_else(|| unnamed("no queue is named", QUEUE))
}

/// How a queue is reached; `None` where none is named.
fn connection_to(queue: Option<&str>, credentials: &CredentialArgs, is_insecure: bool) -> Option<Connection> {
    Some(Connection {
        address: queue?.to_string(),
        credentials: credentials.nats_creds.clone(),
        authority: credentials.tls_ca.clone(),
        is_insecure,
    })
}

/// How a server reaches the queue of its workers; `None` where it has none.
pub(super) fn connection_of_front(args: &FrontArgs) -> Option<Connection> {
    connection_to(args.queue.as_deref(), &args.credentials, args.insecure_queue)
}

/// What must be named may stand in a settings file, so the definition of the command line can't ask for it.
fn unnamed(what: &str, cure: &str) -> Error {
    Error::new(ErrorKind::Usage, what).with_cure(Cure::other(cure))
}

/// What waits for queue and results: one thread. Speech is made on others.
fn runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(|cause| {
        Error::new(ErrorKind::Output, "no thread can be started that waits for the queue")
            .because(cause)
            .with_cure(Cure::FreeProcesses)
    })
}

/// Ends at Ctrl-C, with this time for what is begun.
fn stop(drain: Duration) -> Result<Stop> {
    Ok(Stop::of(&interrupt::watch()?, drain))
}

/// The kernels of this machine.
fn own_kernel(grounds: &Grounds) -> Result<Kernel> {
    if let Some(kernel) = &grounds.kernel {
        return Ok(kernel.clone());
    }
    let name = Backend::from_env()?.to_string();
    Kernel::try_from(name).map_err(|why| Error::new(ErrorKind::Usage, why))
}

/// The name of this machine, for people.
fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    return std::env::var("COMPUTERNAME").unwrap_or_default();
}
