//! How a program of the cluster ends: it takes nothing new, ends what it has within a time, and else gives it back.

use std::time::Duration;

use tokio::sync::watch;

use crate::cancel::{Cancel, OnCancel};

/// The wish that a program ends. Clones share it.
#[derive(Clone)]
pub(crate) struct Stop {
    asked: watch::Receiver<bool>,
    /// How long what is begun may go on.
    drain: Duration,
    _waker: std::sync::Arc<OnCancel>,
}

impl Stop {
    /// Ends when `cancel` is set.
    pub(crate) fn of(cancel: &Cancel, drain: Duration) -> Self {
        let (sender, asked) = watch::channel(false);
        let waker = cancel.on_cancel(move || {
            sender.send_replace(true);
        });
        Self { asked, drain, _waker: std::sync::Arc::new(waker) }
    }

    /// Whether nothing new may be begun.
    pub(crate) fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Waits until nothing new may be begun.
    pub(crate) async fn asked(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|is| *is).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until what is begun must end.
    pub(crate) async fn over(&self) {
        self.asked().await;
        tokio::time::sleep(self.drain).await;
    }

    /// Rests, and returns early when the program ends.
    pub(crate) async fn rest(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.asked() => {}
        }
    }
}
