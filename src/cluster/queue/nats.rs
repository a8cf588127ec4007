//! A stream of NATS `JetStream` as a queue.
//!
//! - The stream is a work queue. It takes one message a subject, and a job's subject ends with its key, behind the identity of the place for its results. So a job that waits, or is worked on,
//!   is refused a second time, and is taken again once it is done. (`Nats-Msg-Id` would drop it silently for two minutes after that.)
//! - One durable consumer a family of kernels, which all its workers share; each pulls one job at a time.
//! - A late acknowledgement takes a job out that somebody else works on. That is no harm, because only a job whose result is there is
//!   acknowledged.
//! - `MaxDeliver` has no limit. A worker gives a job up, and keeps it with its cause. What goes through that limit would stay in the stream and
//!   never be given out again, and the same job could not be submitted.
//!
//! The rest of it:
//!
//! - `connection`: how the server is reached, and who may
//! - `credentials`: who we are

mod connection;
pub(in crate::cluster) mod credentials;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::message::Acker;
use async_nats::jetstream::stream::{self, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{self, AckKind, Context};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::Mutex;
use tracing::warn;

pub(crate) use self::connection::Connection;
use super::{Failed, Queue, Submitted, Taken, Waiting, place};
use crate::cluster::job::{Job, Kernel};
use crate::error::{Cure, Error, ErrorKind, Result};

/// The name of the stream.
const STREAM: &str = "audio-report";
/// Begins the subject of a job.
const SUBJECT: &str = "audio-report.jobs";
/// Begins the name of a consumer.
const CONSUMER: &str = "workers-";
/// How long a worker waits for a job before it asks again.
const PULL: Duration = Duration::from_secs(5);
/// Deliveries of a job: as many as workers want.
const MOST_DELIVERIES: i64 = -1;
/// Jobs that are worked on at a time: no limit, because NATS counts those that rest after a failure, too, and gives nothing out beyond it. Each
/// worker takes one at a time.
const MOST_PENDING: i64 = -1;
/// Workers that wait for a job. NATS's own limit is 512.
const MOST_WAITING: i64 = 2_048;
/// How long an answer of the server may take: within a lease, three of them must have room.
const ANSWER: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// The queue.
pub(crate) struct NatsQueue {
    context: Context,
    /// The place for results whose jobs these are.
    results: String,
    /// What a consumer is made with, where there is none.
    ack_wait: Duration,
    /// What the consumer has, in milliseconds: somebody else may have made it.
    told_ack_wait: AtomicU64,
    consumers: Mutex<HashMap<String, Consumer<pull::Config>>>,
}

impl NatsQueue {
    /// Connects to the server. `results` is the identity of a place for results: one server may have the jobs of several places, and nobody gets
    /// those of another one.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for an address that is none, or may not be used as it is; [`ErrorKind::Network`] when it can't be reached.
    pub(crate) async fn connect(
        connection: &Connection,
        results: String,
        ack_wait: Duration,
    ) -> Result<Self> {
        let client = connection.open().await?;
        let version = client.server_info().version;
        if is_old(&version) {
            warn!(
                version,
                "the server of the queue is older than 2.10, and loses acknowledged jobs at a power cut"
            );
        }
        let mut context = jetstream::new(client);
        context.set_timeout((ack_wait / 3).clamp(ANSWER.0, ANSWER.1));
        let told_ack_wait = AtomicU64::new(ack_wait.as_millis() as u64);
        Ok(Self { context, results, ack_wait, told_ack_wait, consumers: Mutex::default() })
    }

    /// The stream, which is made where it is missing: a server may have lost its disk.
    async fn stream(&self) -> Result<stream::Stream> {
        let stream = self.context.get_or_create_stream(stream::Config {
            name: STREAM.to_string(),
            description: Some("reports to be spoken".to_string()),
            subjects: vec![format!("{SUBJECT}.>")],
            retention: RetentionPolicy::WorkQueue,
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            max_messages_per_subject: 1,
            num_replicas: 1,
            ..stream::Config::default()
        });
        let stream = stream.await.map_err(|cause| failed("the stream of jobs can't be made", cause))?;
        let known = &stream.cached_info().config;
        let is_ours = known.retention == RetentionPolicy::WorkQueue
            && known.discard_new_per_subject
            && known.max_messages_per_subject == 1;
        if !is_ours {
            let what = format!("the server has a stream “{STREAM}” with other settings");
            return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::UseOtherStream));
        }
        Ok(stream)
    }

    async fn consumer(&self, kernel: &Kernel) -> Result<Consumer<pull::Config>> {
        let mut consumers = self.consumers.lock().await;
        if let Some(consumer) = consumers.get(kernel.as_str()) {
            return Ok(consumer.clone());
        }
        let name = format!("{CONSUMER}{}{}", kernel.as_str(), self.consumer_ending());
        let config = |ack_wait| pull::Config {
            durable_name: Some(name.clone()),
            filter_subject: format!("{SUBJECT}.{}.{}.*", self.results, kernel.as_str()),
            ack_policy: AckPolicy::Explicit,
            ack_wait,
            max_deliver: MOST_DELIVERIES,
            max_ack_pending: MOST_PENDING,
            max_waiting: MOST_WAITING,
            ..pull::Config::default()
        };
        let stream = self.stream().await?;
        let unmade = |cause| failed("the consumer of jobs can't be made", cause);
        let consumer = stream.get_or_create_consumer(&name, config(self.ack_wait)).await.map_err(unmade)?;
        let known = &consumer.cached_info().config;
        if known.max_deliver != MOST_DELIVERIES || known.max_ack_pending != MOST_PENDING {
            // One that counts deliveries or has a limit, as the first ones did. Its lease stays as somebody has set it.
            let updated = stream.create_consumer(config(known.ack_wait)).await;
            updated.map_err(|cause| failed("the consumer of jobs can't be changed", cause))?;
        }
        let told = consumer.cached_info().config.ack_wait.as_millis() as u64;
        self.told_ack_wait.store(told, Ordering::Relaxed);
        consumers.insert(kernel.as_str().to_string(), consumer.clone());
        Ok(consumer)
    }

    async fn next(&self, kernel: &Kernel) -> Result<Option<Taken<Acker>>> {
        let consumer = self.consumer(kernel).await?;
        let untaken = |cause| Error::new(ErrorKind::Network, "no job can be taken").because(cause);
        let batch = consumer.batch().max_messages(1).expires(PULL).messages().await;
        let mut batch = batch.map_err(|cause| failed("no job can be taken", cause))?;
        let Some(message) = batch.next().await.transpose().map_err(untaken)? else { return Ok(None) };
        let info = message.info().map_err(untaken)?;
        let (deliveries, waiting) = (u64::try_from(info.delivered).unwrap_or(1), info.pending);
        let (message, lease) = message.split();
        Ok(Some(Taken { message: message.payload.to_vec(), deliveries, waiting, lease }))
    }

    /// What the consumers of these results end with.
    fn consumer_ending(&self) -> String {
        format!("-of-{}", self.results)
    }

    /// What waits for all workers.
    pub(crate) async fn waiting(&self) -> Result<Waiting> {
        let (stream, ending) = (self.stream().await?, self.consumer_ending());
        let consumers: Vec<_> = stream
            .consumers()
            .try_collect()
            .await
            .map_err(|cause| failed("the queue can't be asked", cause))?;
        let mut sum = Waiting::default();
        for consumer in consumers.iter().filter(|consumer| consumer.name.ends_with(&ending)) {
            sum.waiting += consumer.num_pending;
            sum.working += consumer.num_ack_pending as u64;
        }
        Ok(sum)
    }

    /// What waits for the workers of one family of kernels.
    pub(crate) async fn waiting_for(&self, kernel: &Kernel) -> Result<Waiting> {
        let mut consumer = self.consumer(kernel).await?;
        let info = consumer.info().await.map_err(|cause| failed("the queue can't be asked", cause))?;
        Ok(Waiting { waiting: info.num_pending, working: info.num_ack_pending as u64 })
    }

    /// Takes all jobs out, and says how many there were. Whoever works on one goes on.
    pub(crate) async fn drain(&self) -> Result<u64> {
        let purged = self.stream().await?.purge().filter(format!("{SUBJECT}.{}.>", self.results)).await;
        Ok(purged.map_err(|cause| failed("the queue can't be drained", cause))?.purged)
    }

    async fn tell(&self, lease: &Acker, kind: AckKind) -> Result<()> {
        let told = lease.double_ack_with(kind).await;
        told.map_err(|cause| Error::new(ErrorKind::Network, "the queue does not answer").because(cause))
    }
}

impl Queue for NatsQueue {
    type Lease = Acker;

    fn ack_wait(&self) -> Duration {
        Duration::from_millis(self.told_ack_wait.load(Ordering::Relaxed))
    }

    async fn submit(&self, job: &Job) -> Result<Submitted> {
        let subject = format!("{SUBJECT}.{}.{}", self.results, place(&job.kernel, &job.key));
        // Whoever asks what waits asks the consumers, and there may be no worker yet.
        self.consumer(&job.kernel).await?;
        let message = job.to_bytes()?;
        let mut tries = 0;
        loop {
            let sent = self.context.publish(subject.clone(), message.clone().into()).await;
            let acknowledged = match sent {
                Ok(acknowledgement) => acknowledgement.await.map(drop),
                Err(error) => Err(error),
            };
            match acknowledged {
                Ok(()) => return Ok(Submitted::Now),
                Err(error) if is_there(&error) => return Ok(Submitted::Before),
                // The server has lost its disk.
                Err(error)
                    if error.kind() == jetstream::context::PublishErrorKind::StreamNotFound && tries == 0 =>
                {
                    tries += 1;
                    self.consumers.lock().await.clear();
                    self.consumer(&job.kernel).await?;
                }
                Err(error) => return Err(failed("a job can't be submitted", error)),
            }
        }
    }

    async fn take(&self, kernel: &Kernel) -> Result<Option<Taken<Acker>>> {
        let taken = self.next(kernel).await;
        if taken.is_err() {
            // A server that has lost its disk has no such consumer any more.
            self.consumers.lock().await.remove(kernel.as_str());
        }
        taken
    }

    async fn extend(&self, lease: &Acker) -> Result<()> {
        self.tell(lease, AckKind::Progress).await
    }

    async fn done(&self, lease: &Acker) -> Result<()> {
        self.tell(lease, AckKind::Ack).await
    }

    async fn fail(&self, lease: &Acker, failed: Failed) -> Result<()> {
        let kind = match failed {
            Failed::Again(after) => AckKind::Nak(Some(after)),
            Failed::Never => AckKind::Term,
        };
        self.tell(lease, kind).await
    }
}

/// Whether a server does not know `sync_interval: always`, which came with 2.10.
fn is_old(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    matches!((parts.next().flatten(), parts.next().flatten()), (Some(major), Some(minor)) if (major, minor) < (2, 10))
}

/// Whether the stream has a message of the subject. The code of the error is that of several failures to store a message.
fn is_there(error: &PublishError) -> bool {
    let cause = std::error::Error::source(error);
    let refused = cause.and_then(|cause| cause.downcast_ref::<jetstream::Error>());
    refused.is_some_and(|refused| {
        refused.error_code() == jetstream::ErrorCode::STREAM_STORE_FAILED
            && refused.to_string().contains("per subject")
    })
}

fn failed(what: &str, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Network, what).because(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn old_servers_are_known() {
        let rows = [
            ("2.9.10", true),
            ("2.9.10-1+b3", true),
            ("1.4.1", true),
            ("2.10.0", false),
            ("2.15.1", false),
            ("3.0.0-beta", false),
            ("", false),
        ];
        each(rows, |(version, is)| assert_eq!(is_old(version), is, "{version}"));
    }
}
