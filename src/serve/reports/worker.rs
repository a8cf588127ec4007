//! Makes reports, one after the other.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use tracing::{debug, info, warn};

use super::desk::{Report, Shared, now};
use super::failure::Why;
use super::state::Status;
use crate::error::{Error, ErrorKind, Result};
use crate::order::{Made, Source, Step, Task};
use crate::serve::voices::{Choice, Voices};

/// A report at which the server was cut off so often may be why.
const MOST_ATTEMPTS: u32 = 10;

impl Shared {
    /// Makes reports until the server ends.
    pub(super) fn work(&self, voices: &Voices) {
        while let Some(report) = self.next() {
            let begun = Instant::now();
            let broke_off = |_| Err(Error::new(ErrorKind::Synthesis, "making the report broke off"));
            let attempts = report.count(&self.folder, |attempts| attempts + 1);
            let made = match attempts {
                Ok(attempts) if attempts > MOST_ATTEMPTS => {
                    self.fail(&report, Why::given_up(attempts - 1));
                    Ok(false)
                }
                Ok(_) => catch_unwind(AssertUnwindSafe(|| self.make(&report, voices)))
                    .unwrap_or_else(broke_off)
                    .map(|()| true),
                Err(error) => Err(unkept(error)),
            };
            match made {
                Ok(true) => {
                    info!(id = report.id, seconds = begun.elapsed().as_secs_f64(), "a report is made");
                }
                Ok(false) => {}
                Err(_) if report.is_deleted() => debug!(id = report.id, "a report is cancelled"),
                // The next server makes it.
                Err(error) if error.kind() == ErrorKind::Interrupted && self.is_over() => {
                    debug!(id = report.id, "a report is left for the next start");
                    let _ = report.count(&self.folder, |attempts| attempts.saturating_sub(1));
                }
                Err(error) => {
                    let why = self.why(&report, &error);
                    self.fail(&report, why);
                }
            }
            self.let_go(&report, begun.elapsed());
        }
    }

    fn make(&self, report: &Report, voices: &Voices) -> Result<()> {
        report.change(|state| {
            if !state.status.is_final() {
                state.status = Status::Running;
            }
        });
        let (order, content) = self.folder.order(&report.id).map_err(unkept)?;
        let narrator = voices.narrator(&Choice { name: Some(order.voice.clone()), is_fast: false })?;
        let folder = self.folder.making(&report.id).map_err(unkept)?;
        let task = Task { order: &order, content, narrator, folder: &folder, cancel: &report.cancel };
        let made = self.maker.make(task, &mut |step| {
            match step {
                Step::Loaded(story) => report.change(|state| state.load(story)),
                Step::Spoken { done, seconds } => report.change(|state| state.speak(done, seconds)),
            }
            #[cfg(debug_assertions)]
            if let Some(rest) = self.settings.rest {
                report.cancel.sleep(rest);
            }
        })?;
        self.finish(report, &made).map_err(unkept)
    }

    /// The files get their place, and then the report says so.
    fn finish(&self, report: &Report, made: &Made) -> io::Result<()> {
        let files = self.folder.place(&report.id, &made.files)?;
        report.end(&self.folder, |state| state.finish(made, files, now()))?;
        self.folder.tidy(&report.id);
        Ok(())
    }

    /// What its client is told.
    fn why(&self, report: &Report, error: &Error) -> Why {
        let order = self.folder.order(&report.id).map(|(order, _)| order.source);
        let param = match order {
            Ok(Source::Address(_)) => "url",
            Ok(Source::File(_)) => "file",
            _ => "input",
        };
        let why = Why::of(error, param);
        // What is said of an article may quote it.
        if !why.is_clients {
            warn!(id = report.id, code = why.code, error = error.causes(), "a report broke off");
        }
        why
    }

    fn fail(&self, report: &Report, why: Why) {
        info!(id = report.id, code = why.code, "a report can't be made");
        // First there has to be room for the state.
        self.folder.clear(&report.id);
        match report.end(&self.folder, |state| state.fail(why.kept(), now())) {
            Ok(()) => self.folder.tidy(&report.id),
            Err(error) => {
                warn!(id = report.id, %error, "it can't be kept that a report failed; the next start tries it again");
            }
        }
    }
}

fn unkept(cause: io::Error) -> Error {
    Error::new(ErrorKind::Output, "the report can't be kept").because(cause)
}
