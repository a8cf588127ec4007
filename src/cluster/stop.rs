//! How a program of the cluster ends: it takes nothing new, ends what it has within a time, and else gives it back.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::cancel::{Cancel, OnCancel};

/// The wish that a program ends. Clones share it.
#[derive(Clone)]
pub(crate) struct Stop {
    /// Since when, once it is there.
    asked: watch::Receiver<Option<Instant>>,
    /// How long what is begun may go on.
    drain: Duration,
    _waker: std::sync::Arc<OnCancel>,
}

impl Stop {
    /// Ends when `cancel` is set.
    pub(crate) fn of(cancel: &Cancel, drain: Duration) -> Self {
        let (sender, asked) = watch::channel(None);
        let waker = cancel.on_cancel(move || {
            sender.send_if_modified(|asked| asked.is_none() && asked.replace(Instant::now()).is_none());
        });
        Self { asked, drain, _waker: std::sync::Arc::new(waker) }
    }

    /// Whether nothing new may be begun.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.borrow().is_some()
    }

    /// Waits until nothing new may be begun.
    pub(crate) async fn asked(&self) {
        self.asked_at().await;
    }

    async fn asked_at(&self) -> Instant {
        let mut asked = self.asked.clone();
        let at = asked.wait_for(Option::is_some).await.ok().and_then(|at| *at);
        match at {
            Some(at) => at,
            None => std::future::pending().await,
        }
    }

    /// Waits until what is begun must end: all of it has one time, which begins with the wish.
    pub(crate) async fn over(&self) {
        let asked = self.asked_at().await;
        tokio::time::sleep_until(asked + self.drain).await;
    }

    /// Rests, and returns early when the program ends.
    pub(crate) async fn rest(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.asked() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_that_is_begun_has_one_time() {
        let cancel = Cancel::new();
        let stop = Stop::of(&cancel, Duration::from_secs(45));
        cancel.cancel();
        let asked = Instant::now();
        tokio::time::sleep(Duration::from_secs(44)).await;
        stop.over().await;
        stop.over().await;
        assert_eq!(asked.elapsed().as_secs(), 45);
    }
}
