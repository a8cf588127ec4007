//! Waiting with a job in hand: the lease is extended meanwhile, and it is seen when the program shall end.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};
use tracing::warn;

use super::Ended;
use crate::cancel::Cancel;
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
    pub queue: &'a Q,
    pub lease: &'a Q::Lease,
    pub stop: &'a Stop,
}

impl<Q: Queue> Watched<'_, Q> {
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
    /// must not count as one.
    pub(super) async fn patiently<T>(&self, work: impl AsyncFn() -> Result<T>) -> Result<T, Ended> {
        let again = async {
            loop {
                match work().await {
                    Err(error) if error.kind() == ErrorKind::Output => {
                        warn!(error = error.causes(), "the results can't be reached; it is tried again");
                        tokio::time::sleep(REST.min(self.queue.ack_wait() / EXTENSIONS)).await;
                    }
                    done => return done.map_err(Ended::Failed),
                }
            }
        };
        tokio::select! {
            done = again => done,
            ended = self.ended() => Err(ended),
        }
    }

    /// Extends the lease until it is lost, or the program must end.
    async fn ended(&self) -> Ended {
        let lost = async {
            let ack_wait = self.queue.ack_wait();
            let mut ticks = tokio::time::interval(ack_wait / EXTENSIONS);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            let mut extended = Instant::now();
            loop {
                ticks.tick().await;
                match self.queue.extend(self.lease).await {
                    Ok(()) => extended = Instant::now(),
                    // The queue may be back before anybody else gets the job.
                    Err(error) if error.kind() != ErrorKind::InUse && extended.elapsed() < ack_wait => {
                        warn!(error = error.causes(), "a lease can't be extended; it is tried again");
                    }
                    Err(_) => return,
                }
            }
        };
        tokio::select! {
            () = lost => Ended::Lost,
            () = self.stop.over() => Ended::Stopped,
        }
    }
}
