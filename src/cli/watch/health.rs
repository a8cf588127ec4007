//! How `watch` is, for programs that look after it: a file, and messages to the system's own manager of services.

use std::io::Write;
use std::path::PathBuf;
use std::process;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Serialize;
use tracing::warn;

use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::PendingFile;

/// The file is written again so often, so that an old one tells that the program hangs or is gone.
const BEAT: Duration = Duration::from_secs(30);

/// How things are. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Report {
    program: &'static str,
    process: u32,
    state: State,
    started: i64,
    written: i64,
    /// Since when it has been in this state.
    since: i64,
    /// When a round last ended well.
    last_good: Option<i64>,
    /// When work is due by the clock.
    next: Option<i64>,
    /// Articles that were read and that failed since the program began.
    read: usize,
    failed: usize,
    /// Articles that failed and were not read since.
    waiting: usize,
    /// What stops all work, while it does.
    trouble: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Starting,
    Working,
    Waiting,
    Troubled,
    Stopped,
}

/// Tells how things are, from a thread of its own: while an article is spoken as well.
#[derive(Debug)]
pub(super) struct Health {
    report: Arc<Mutex<Report>>,
    /// Asks for the file to be written now; the end of the thread when it is gone.
    changed: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Health {
    /// Begins to tell. A file that can't be written is an error now, and a warning later.
    pub(super) fn begin(file: Option<PathBuf>) -> Result<Self> {
        let time = now();
        let report = Report {
            program: concat!("audio-report ", env!("CARGO_PKG_VERSION")),
            process: process::id(),
            state: State::Starting,
            started: time,
            written: time,
            since: time,
            last_good: None,
            next: None,
            read: 0,
            failed: 0,
            waiting: 0,
            trouble: None,
        };
        if let Some(file) = &file {
            write(file, &report).map_err(|cause| {
                Error::new(ErrorKind::Output, "the file that tells how things are can't be written")
                    .at(Place::file(file))
                    .because(cause)
                    .with_cure(Cure::CheckFolder)
            })?;
        }
        let report = Arc::new(Mutex::new(report));
        let (changed, waker) = channel();
        let shared = report.clone();
        let beat = move || loop {
            let woken = waker.recv_timeout(BEAT);
            // Several changes are told at once.
            while waker.try_recv().is_ok() {}
            let told = {
                let mut report = lock(&shared);
                report.written = now();
                report.clone()
            };
            if let Some(Err(error)) = file.as_ref().map(|file| write(file, &told)) {
                warn!(%error, "the file that tells how things are can't be written");
            }
            notify(&told);
            if woken == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        };
        let thread = thread::Builder::new().name("health".to_string()).spawn(beat).map_err(|cause| {
            Error::new(ErrorKind::Output, "no thread can be started that tells how things are")
                .because(cause)
                .with_cure(Cure::FreeProcesses)
        })?;
        Ok(Self { report, changed: Some(changed), thread: Some(thread) })
    }

    /// Work has begun.
    pub(super) fn works(&self) {
        self.change(|report| report.enter(State::Working));
    }

    /// Work has ended well.
    pub(super) fn is_well(&self) {
        self.change(|report| {
            report.last_good = Some(now());
            report.trouble = None;
        });
    }

    /// Something stops all work; whether that is new.
    pub(super) fn is_troubled(&self, what: &str) -> bool {
        let is_new = lock(&self.report).trouble.as_deref() != Some(what);
        self.change(|report| report.trouble = Some(what.to_string()));
        is_new
    }

    /// So many articles were read, so many failed.
    pub(super) fn counts(&self, read: usize, failed: usize) {
        self.change(|report| {
            report.read += read;
            report.failed += failed;
        });
    }

    /// Nothing is to be done until `next`; so many articles failed and wait.
    pub(super) fn waits(&self, next: i64, waiting: usize) {
        self.change(|report| {
            (report.next, report.waiting) = (Some(next), waiting);
            let state = if report.trouble.is_some() { State::Troubled } else { State::Waiting };
            report.enter(state);
        });
    }

    /// The program ends.
    pub(super) fn ended(&mut self) {
        self.change(|report| {
            report.next = None;
            report.enter(State::Stopped);
        });
        self.changed = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// Changes the report, and has it written where that is news. A look that found nothing is none: where the file lies in a folder that
    /// is watched, writing it is what brings the next look.
    fn change(&self, change: impl FnOnce(&mut Report)) {
        let is_news = {
            let mut report = lock(&self.report);
            let before = report.clone();
            change(&mut report);
            *report != Report { last_good: report.last_good, ..before }
        };
        if let Some(changed) = self.changed.as_ref().filter(|_| is_news) {
            // The thread lives as long as this.
            let _ = changed.send(());
        }
    }
}

impl Report {
    fn enter(&mut self, state: State) {
        if self.state != state {
            (self.state, self.since) = (state, now());
        }
    }
}

fn write(file: &std::path::Path, report: &Report) -> std::io::Result<()> {
    let pending = PendingFile::create(file)?;
    serde_json::to_writer(pending.file(), report)?;
    pending.file().write_all(b"\n")?;
    pending.name_unsynced()
}

/// Tells systemd, where it has started the program: that it is ready, what it does, that it lives.
#[cfg(unix)]
fn notify(report: &Report) {
    use sd_notify::NotifyState;
    let state = serde_json::to_value(report.state).unwrap_or_default();
    let status = format!(
        "{}; {} read, {} failed{}",
        state.as_str().unwrap_or_default(),
        report.read,
        report.failed,
        report
            .trouble
            .as_ref()
            .map_or_else(String::new, |what| format!("; {}", what.lines().next().unwrap_or_default()))
    );
    let life = if report.state == State::Stopped { NotifyState::Stopping } else { NotifyState::Ready };
    // Nobody may listen.
    let _ = sd_notify::notify(&[life, NotifyState::Status(&status), NotifyState::Watchdog]);
}

#[cfg(not(unix))]
fn notify(_: &Report) {}

fn lock(report: &Mutex<Report>) -> MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}
