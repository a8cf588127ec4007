//! Waiting with a job in hand: the lease is extended meanwhile, and it is seen when the program shall end.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::Ended;
use crate::cancel::Cancel;
use crate::cluster::objects::Objects;
use crate::cluster::queue::Queue;
use crate::cluster::stop::Stop;
use crate::error::{ErrorKind, Result};
use crate::order::{Made, Story};

/// A lease is extended so often before it would end.
const EXTENSIONS: u32 = 3;
/// How long one rests before what can't be reached is tried again.
const REST: Duration = Duration::from_secs(2);

/// A job in hand.
pub(super) struct Watched<'a, Q: Queue> {
    queue: &'a Q,
    lease: &'a Q::Lease,
    stop: &'a Stop,
    /// When its lease began, or was extended last.
    extended: Mutex<Instant>,
}

impl<'a, Q: Queue> Watched<'a, Q> {
    /// One that was taken just now.
    pub(super) fn new(queue: &'a Q, lease: &'a Q::Lease, stop: &'a Stop) -> Self {
        Self { queue, lease, stop, extended: Mutex::new(Instant::now()) }
    }

    /// Waits for a report. When the lease is lost or the program must end, it is broken off; what is made by then is worth putting.
    pub(super) async fn wait_for(
        &self,
        made: impl Future<Output = Result<(Story, Made)>>,
        cancel: &Cancel,
    ) -> Result<(Story, Made), Ended> {
        let mut made = pin!(made);
        let ended = tokio::select! {
            made = &mut made => return made.map_err(Ended::Failed),
            ended = self.ended() => ended,
        };
        cancel.cancel();
        made.await.map_err(|_| ended)
    }

    /// Does something that needs the results or the shelf, again and again while these can't be reached. That is no fault of the job, and
    /// must not count as one. Where they refuse it, the machine is at fault.
    pub(super) async fn patiently<T>(&self, work: impl AsyncFn() -> Result<T>) -> Result<T, Ended> {
        let again = async {
            loop {
                match work().await {
                    Err(error) if error.kind() == ErrorKind::Output && !Objects::is_refusal(&error) => {
                        warn!(error = error.causes(), "the results can't be reached; it is tried again");
                        tokio::time::sleep(REST.min(self.queue.ack_wait() / EXTENSIONS)).await;
                    }
                    done => return done.map_err(Ended::Failed),
                }
            }
        };
        tokio::select! {
            // What comes after the end of the lease counts for nothing.
            biased;
            ended = self.ended() => Err(ended),
            done = again => done,
        }
    }

    /// Extends the lease until it is lost, or the program must end.
    async fn ended(&self) -> Ended {
        let lost = async {
            let ack_wait = self.queue.ack_wait();
            loop {
                let extended = self.extended();
                tokio::time::sleep_until(extended + ack_wait / EXTENSIONS).await;
                // A process that was frozen has no lease any more. NATS would not say so: it lengthens that of whoever has the job now.
                if extended.elapsed() >= ack_wait {
                    return;
                }
                let asked = Instant::now();
                match self.queue.extend(self.lease).await {
                    Ok(()) => *self.extended.lock().unwrap_or_else(PoisonError::into_inner) = asked,
                    // The queue may be back before anybody else gets the job.
                    Err(error) => {
                        warn!(error = error.causes(), "a lease can't be extended; it is tried again");
                        tokio::time::sleep(REST.min(ack_wait / EXTENSIONS / 2)).await;
                    }
                }
            }
        };
        tokio::select! {
            () = lost => Ended::Lost,
            () = self.stop.over() => Ended::Stopped,
        }
    }
    fn extended(&self) -> Instant {
        *self.extended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
