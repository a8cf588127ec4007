//! The reports of a server: who comes first, who waits, and when they leave.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tracing::{info, warn};

use super::Settings;
use super::folder::{Folder, Found, new_id};
use super::state::{self, State, Status};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::order::{Maker, Order};
use crate::serve::voices::Voices;

/// How long nobody looks whether a report is old enough to leave, at most: the clock may be set.
const LOOK_AGAIN: Duration = Duration::from_mins(10);
/// Clients are asked to come again within this time: OpenAI's heed no longer one.
const AGAIN: Duration = Duration::from_mins(2);
/// Before a report was made, one is taken to need so long.
const USUAL: Duration = Duration::from_secs(30);

/// The reports of a server. Clones share them.
#[derive(Clone)]
pub(crate) struct Reports {
    pub(super) shared: Arc<Shared>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

pub(super) struct Shared {
    pub(super) folder: Folder,
    pub(super) settings: Settings,
    pub(super) maker: Box<dyn Maker>,
    desk: Mutex<Desk>,
    /// Something on the desk has changed.
    changed: Condvar,
    /// Tells those who watch a report that the server ends.
    ending: watch::Sender<bool>,
}

#[derive(Default)]
struct Desk {
    /// All reports by name.
    all: BTreeMap<String, Arc<Report>>,
    /// Those that nobody has begun, the next one first.
    queue: VecDeque<Arc<Report>>,
    /// Those that are being written to the disk.
    coming: usize,
    running: Option<Arc<Report>>,
    /// How long the last one took.
    latest: Option<Duration>,
    is_over: bool,
}

/// A report.
pub(in crate::serve) struct Report {
    pub id: String,
    state: watch::Sender<State>,
    pub(super) cancel: Cancel,
    is_deleted: AtomicBool,
    /// Whether its files are gone, or can't be removed.
    gone: watch::Sender<Gone>,
    /// Held while its state is written, so that the last word stays.
    writing: Mutex<()>,
}

/// What has become of the files of a report that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Gone {
    /// They are still there.
    NotYet,
    /// They are gone.
    Yes,
    /// They can't be removed.
    Never,
}

/// A report that is not taken.
#[derive(Debug)]
pub(in crate::serve) enum Refused {
    /// Too many wait; come again after this time.
    Full(Duration),
    /// The server ends.
    Over,
    /// It can't be kept.
    Disk(std::io::Error),
}

impl Report {
    fn new(id: String, state: State) -> Arc<Self> {
        Arc::new(Self {
            id,
            state: watch::Sender::new(state),
            cancel: Cancel::new(),
            is_deleted: AtomicBool::new(false),
            gone: watch::Sender::new(Gone::NotYet),
            writing: Mutex::default(),
        })
    }

    /// A way to see how it stands.
    pub(in crate::serve) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Changes how it stands.
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(change);
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.is_deleted.load(Ordering::SeqCst)
    }

    /// Notes on the disk that it is begun, and how often it was; or that this was no fault of its own.
    pub(super) fn count(&self, folder: &Folder, change: impl FnOnce(u32) -> u32) -> std::io::Result<u32> {
        let _writing = lock(&self.writing);
        let mut state = self.state.borrow().clone();
        state.attempts = change(state.attempts);
        if !self.is_deleted() {
            folder.keep(&self.id, &state)?;
        }
        let attempts = state.attempts;
        self.change(|state| state.attempts = attempts);
        Ok(attempts)
    }

    /// Keeps a last state, and shows it; not where it was deleted meanwhile.
    pub(super) fn end(&self, folder: &Folder, end: impl FnOnce(&mut State)) -> std::io::Result<()> {
        let _writing = lock(&self.writing);
        if self.is_deleted() {
            return Ok(());
        }
        let mut state = self.state.borrow().clone();
        end(&mut state);
        let kept = folder.keep(&self.id, &state);
        // A report that is told as made stays so; that it failed is told though it can't be kept.
        if kept.is_ok() || state.status == Status::Failed {
            self.state.send_replace(state);
        }
        kept
    }
}

impl Reports {
    /// Opens the reports of a folder. Nothing is made before [`begin`](Self::begin).
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when another server has the folder, [`ErrorKind::Output`] when it can't be used.
    pub(crate) fn open(path: &Path, settings: Settings, maker: Box<dyn Maker>) -> Result<Self> {
        let folder = Folder::open(path)?;
        let mut found = folder.found()?;
        found.sort_by(|a, b| (a.state.created, &a.id).cmp(&(b.state.created, &b.id)));
        let mut desk = Desk::default();
        for Found { id, state } in found {
            if state.status == Status::Cancelled {
                if let Err(error) = folder.remove(&id) {
                    warn!(id, %error, "a report can't be removed");
                }
                continue;
            }
            let is_open = !state.status.is_final();
            let report = Report::new(id.clone(), state);
            if is_open {
                report.change(|state| {
                    state.status = Status::Queued;
                    state.speak(0.0, 0.0);
                });
                desk.queue.push_back(report.clone());
            }
            desk.all.insert(id, report);
        }
        if !desk.queue.is_empty() {
            info!(reports = desk.queue.len(), "reports that were not made go on");
        }
        let shared = Shared {
            folder,
            settings,
            maker,
            desk: Mutex::new(desk),
            changed: Condvar::new(),
            ending: watch::Sender::new(false),
        };
        Ok(Self { shared: Arc::new(shared), threads: Arc::default() })
    }

    /// Begins to make them, with these voices.
    pub(in crate::serve) fn begin(&self, voices: &Arc<Voices>) -> Result<()> {
        let (shared, voices) = (self.shared.clone(), voices.clone());
        self.start("reports", move || shared.work(&voices))?;
        let shared = self.shared.clone();
        self.start("old reports", move || shared.watch_age())
    }

    fn start(&self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = thread::Builder::new().name(name.to_string()).spawn(run).map_err(|cause| {
            Error::new(ErrorKind::Output, "no thread can be started that makes reports")
                .because(cause)
                .with_cure(Cure::FreeProcesses)
        })?;
        lock(&self.threads).push(thread);
        Ok(())
    }

    /// Ends the work. What is not made goes on at the next start.
    pub(in crate::serve) fn end(&self) {
        let mut desk = self.shared.desk();
        desk.is_over = true;
        let running = desk.running.clone();
        drop(desk);
        self.shared.ending.send_replace(true);
        self.shared.changed.notify_all();
        if let Some(report) = running {
            report.cancel.cancel();
        }
    }

    /// Waits until all has ended.
    pub(in crate::serve) fn ended(&self) {
        self.end();
        for thread in lock(&self.threads).drain(..) {
            let _ = thread.join();
        }
    }

    /// Looks at an address that is to be fetched.
    pub(in crate::serve) fn address(&self, typed: &str) -> Result<String> {
        self.shared.maker.address(typed)
    }

    /// A way to see that the server ends.
    pub(in crate::serve) fn ending(&self) -> watch::Receiver<bool> {
        self.shared.ending.subscribe()
    }

    /// Takes a report, and puts it on the disk.
    pub(in crate::serve) fn add(
        &self,
        order: &Order,
        content: Option<&[u8]>,
    ) -> Result<Arc<Report>, Refused> {
        let shared = &*self.shared;
        let mut desk = shared.desk();
        if desk.is_over {
            return Err(Refused::Over);
        }
        let most = shared.settings.waiting + usize::from(desk.running.is_none());
        if desk.queue.len() + desk.coming >= most {
            return Err(Refused::Full(desk.latest.unwrap_or(USUAL).min(AGAIN)));
        }
        desk.coming += 1;
        drop(desk);
        let state = State::queued(order, now());
        let added = new_id().and_then(|id| {
            shared.folder.add(&id, order, content, &state)?;
            Ok(Report::new(id, state))
        });
        let mut desk = shared.desk();
        desk.coming -= 1;
        let report = added.map_err(Refused::Disk)?;
        desk.all.insert(report.id.clone(), report.clone());
        desk.queue.push_back(report.clone());
        drop(desk);
        shared.changed.notify_all();
        Ok(report)
    }

    /// The report of a name.
    pub(in crate::serve) fn get(&self, id: &str) -> Option<Arc<Report>> {
        self.shared.desk().all.get(id).cloned()
    }

    /// All of them, the newest first.
    pub(in crate::serve) fn list(&self) -> Vec<Arc<Report>> {
        let mut all: Vec<Arc<Report>> = self.shared.desk().all.values().cloned().collect();
        all.sort_by_cached_key(|report| {
            (std::cmp::Reverse(report.state.borrow().created), report.id.clone())
        });
        all
    }

    /// The place of a file of a report, and what it is.
    pub(in crate::serve) fn file(&self, report: &Report, name: &str) -> Option<(PathBuf, state::File)> {
        let state = report.state.borrow();
        let file = state.files.iter().find(|file| file.name == name)?.clone();
        Some((self.shared.folder.file(&report.id, &file.name), file))
    }

    /// Removes a report. Where it is being made, that ends at the next block; the result says when its files are gone.
    pub(in crate::serve) fn remove(&self, id: &str) -> Option<watch::Receiver<Gone>> {
        let shared = &*self.shared;
        let mut desk = shared.desk();
        let report = desk.all.remove(id)?;
        desk.queue.retain(|queued| queued.id != id);
        report.is_deleted.store(true, Ordering::SeqCst);
        let is_running = desk.running.as_ref().is_some_and(|running| running.id == id);
        drop(desk);
        let gone = report.gone.subscribe();
        report.cancel.cancel();
        report.change(|state| {
            if !state.status.is_final() {
                state.status = Status::Cancelled;
            }
        });
        if is_running {
            // If the server is cut off before it is gone, it must not come back.
            let _writing = lock(&report.writing);
            let state = report.state.borrow().cancelled();
            // Where it is gone already, there is nothing to keep.
            if let Err(error) = shared.folder.keep(id, &state)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                warn!(id, %error, "it can't be kept that a report is cancelled");
            }
        } else {
            shared.clear(&report);
        }
        Some(gone)
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }

    /// Whether the server ends.
    pub(super) fn is_over(&self) -> bool {
        self.desk().is_over
    }

    /// Waits for the next report; `None` is the end.
    pub(super) fn next(&self) -> Option<Arc<Report>> {
        let mut desk = self.desk();
        loop {
            if desk.is_over {
                return None;
            }
            if let Some(report) = desk.queue.pop_front() {
                desk.running = Some(report.clone());
                return Some(report);
            }
            desk = self.changed.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A report is not made any more.
    pub(super) fn let_go(&self, report: &Report, took: Duration) {
        let mut desk = self.desk();
        desk.running = None;
        desk.latest = Some(took);
        // Whoever deletes it from now on clears it, too.
        let is_deleted = report.is_deleted();
        drop(desk);
        self.changed.notify_all();
        if is_deleted {
            self.clear(report);
        }
    }

    /// Removes a report's files.
    fn clear(&self, report: &Report) {
        let gone = match self.folder.remove(&report.id) {
            Ok(()) => Gone::Yes,
            Err(error) => {
                warn!(id = report.id, %error, "a report can't be removed");
                // At least it does not come back.
                let cancelled = report.state.borrow().cancelled();
                let _ = self.folder.keep(&report.id, &cancelled);
                Gone::Never
            }
        };
        report.gone.send_replace(gone);
    }

    /// Removes reports that have ended long ago, until the server ends.
    fn watch_age(&self) {
        let keep = i64::try_from(self.settings.keep.as_millis()).unwrap_or(i64::MAX);
        let mut desk = self.desk();
        while !desk.is_over {
            let now = now();
            // A clock that was set back keeps nothing for ever.
            for report in desk.all.values().filter(|report| report.state.borrow().ended > Some(now)) {
                report.change(|state| state.ended = Some(now));
            }
            let left = |report: &Report| {
                let ended = report.state.borrow().ended?;
                Some(ended.saturating_add(keep) - now)
            };
            let old: Vec<Arc<Report>> = desk
                .all
                .values()
                .filter(|report| left(report).is_some_and(|left| left <= 0))
                .cloned()
                .collect();
            for report in &old {
                desk.all.remove(&report.id);
                report.is_deleted.store(true, Ordering::SeqCst);
            }
            if !old.is_empty() {
                drop(desk);
                for report in &old {
                    self.clear(report);
                }
                info!(reports = old.len(), "old reports are removed");
                desk = self.desk();
                continue;
            }
            let next = desk.all.values().filter_map(|report| left(report)).min();
            let wait = next.map_or(LOOK_AGAIN, |left| Duration::from_millis(left.unsigned_abs()));
            desk = self
                .changed
                .wait_timeout(desk, wait.min(LOOK_AGAIN))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is small and leaves it usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
