//! The making of one report.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Narrators;
use super::log::Log;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::order::{Made, Maker, Order, Step, Story, Task};

/// Tells how far a report is so often.
const NOTED_EVERY: f64 = 0.25;

/// Where reports are made.
pub(crate) trait Workplace: Send + Sync {
    /// Makes one. When its `cancel` is set, it may end early.
    fn make(&self, making: Making) -> impl Future<Output = Result<(Story, Made)>> + Send;
}

/// A thread of this process, which may wait.
pub(crate) struct OwnThread;

impl Workplace for OwnThread {
    async fn make(&self, making: Making) -> Result<(Story, Made)> {
        let broke_off = |_| Err(Error::new(ErrorKind::Synthesis, "making the report broke off"));
        tokio::task::spawn_blocking(|| making.run()).await.unwrap_or_else(broke_off)
    }
}

/// A report that is to be made.
pub(crate) struct Making {
    pub maker: Arc<dyn Maker>,
    pub narrators: Arc<dyn Narrators>,
    pub order: Order,
    /// The engine, its version, and the files of the voice.
    pub engine: String,
    pub article: Vec<u8>,
    pub folder: PathBuf,
    pub cancel: Cancel,
    /// A rest after each step, where a test asks for one.
    pub rest: Duration,
    pub log: Log,
}

impl Making {
    /// Makes it. A panic fails this report and no other.
    fn run(self) -> Result<(Story, Made)> {
        let log = self.log.clone();
        let made = catch_unwind(AssertUnwindSafe(|| self.make()));
        let made = made.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Synthesis, "making the report broke off: a worker has a fault"))
        });
        if made.is_ok() {
            log.note("made");
        }
        made
    }

    fn make(self) -> Result<(Story, Made)> {
        let Self { maker, narrators, order, engine, article, folder, cancel, rest, log } = self;
        let narrator = narrators.narrator(&order.voice, &engine)?;
        log.note("the voice is loaded");
        let task = Task { order: &order, content: Some(article), narrator, folder: &folder, cancel: &cancel };
        let mut known = Story::default();
        let mut next = NOTED_EVERY;
        let made = maker.make(task, &mut |step| {
            match step {
                Step::Loaded(story) => {
                    log.note("the article is read");
                    known = story;
                }
                Step::Spoken { done, .. } if done >= next => {
                    log.note(&format!("{:.0} % are spoken", done * 100.0));
                    next = done + NOTED_EVERY;
                }
                Step::Spoken { .. } => {}
            }
            if !rest.is_zero() {
                cancel.sleep(rest);
            }
        })?;
        Ok((known, made))
    }
}
