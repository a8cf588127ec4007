//! Progress: bars on standard error where it is a terminal that can redraw, and lines for a batch where it is none.

mod course;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::course::Course;
pub(crate) use self::course::Standing;
use super::terminal::{self, clock};
use crate::report::Progress;

/// Interval between redraws of the bars, for their spinners and clocks.
const TICK: Duration = Duration::from_millis(120);
/// Interval between lines about the whole, where nothing is redrawn.
const LINE: Duration = Duration::from_secs(30);

/// A bar for each article that is open, and one for the whole when it is a batch, in minutes of sound. Without a terminal, or on one
/// that can't redraw, a batch has lines instead: one an article that is begun, and now and then one about the whole.
pub(crate) struct Bars {
    all: MultiProgress,
    overall: Option<ProgressBar>,
    ticker: Ticker,
    /// By the article's number.
    open: RefCell<BTreeMap<usize, ProgressBar>>,
    course: RefCell<Course>,
    /// When the last line about the whole was written; `None` where no lines are wanted.
    told: Cell<Option<Instant>>,
}

impl Bars {
    /// No article is open yet.
    pub(crate) fn new(is_quiet: bool) -> Self {
        let all = MultiProgress::with_draw_target(target(is_quiet));
        let ticker = Ticker::start(all.is_hidden());
        let course = RefCell::new(Course::of(0));
        Self { all, overall: None, ticker, open: RefCell::default(), course, told: Cell::new(None) }
    }

    /// The same, for a batch of that many articles.
    pub(crate) fn of_batch(articles: usize, is_quiet: bool) -> Self {
        let bars = Self::new(is_quiet);
        let is_redrawn = io::stderr().is_terminal() && !terminal::is_plain();
        let told = (!is_quiet && !is_redrawn).then(Instant::now);
        let overall = bars.all.add(ProgressBar::new(1));
        overall.set_style(style("{bar:30.green} {msg}, {elapsed} gone"));
        bars.ticker.add(&overall);
        let course = RefCell::new(Course::of(articles));
        let bars = Self { overall: Some(overall), course, told: Cell::new(told), ..bars };
        bars.show_standing();
        bars
    }

    /// Work on an article begins. `bytes` is the length of its text, where that is known. `message` names the work until its first words
    /// are spoken.
    pub(crate) fn begin(&self, number: usize, name: &str, bytes: Option<usize>, message: &'static str) {
        self.course.borrow_mut().begin(number, bytes, Instant::now());
        let is_new = !self.open.borrow().contains_key(&number);
        if is_new && self.told.get().is_some() {
            let articles = self.standing().articles;
            self.line(&format!("{} of {articles}: {name}", number + 1));
        }
        self.open.borrow_mut().entry(number).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new(1));
            bar.set_style(style("{spinner} {prefix:.bold} {bar:30.cyan} {percent:>3}% {msg}"));
            bar.set_prefix(name.to_string());
            bar.set_message(message);
            self.ticker.add(&bar);
            bar
        });
        self.show_standing();
    }

    /// Shows how far an article is.
    pub(crate) fn update(&self, number: usize, progress: &Progress) {
        self.course.borrow_mut().advance(number, progress);
        if let Some(bar) = self.open.borrow().get(&number) {
            bar.set_length(progress.total_bytes as u64);
            bar.set_position(progress.bytes as u64);
            bar.set_message(format!("{} of sound", clock(progress.audio_seconds)));
        }
        self.show_standing();
    }

    /// An article is finished, with so many seconds of sound or with an error.
    pub(crate) fn end(&self, number: usize, seconds: Option<f64>) {
        self.course.borrow_mut().end(number, seconds);
        if let Some(bar) = self.open.borrow_mut().remove(&number) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        self.show_standing();
    }

    /// Where the batch is.
    pub(crate) fn standing(&self) -> Standing {
        self.course.borrow().standing(Instant::now())
    }

    /// Seconds of sound that an article in work will have, by an estimate.
    pub(crate) fn expected(&self, number: usize) -> Option<f64> {
        self.course.borrow().expected(number)
    }

    fn show_standing(&self) {
        let Some(overall) = &self.overall else { return };
        let standing = self.standing();
        let hundredths = |seconds: f64| (seconds * 100.0) as u64;
        overall.set_length(hundredths(standing.expected_seconds.unwrap_or_default()).max(1));
        overall.set_position(hundredths(standing.audio_seconds));
        overall.set_message(text(&standing));
        if self.told.get().is_some_and(|told| told.elapsed() >= LINE) {
            self.told.set(Some(Instant::now()));
            self.line(&text(&standing));
        }
    }

    fn line(&self, text: &str) {
        self.suspend(|| terminal::note(&format!("{text}\n")));
    }

    /// Writes without the bars in the way.
    pub(crate) fn suspend<R>(&self, write: impl FnOnce() -> R) -> R {
        self.all.suspend(write)
    }

    /// Takes the bar of the whole away.
    pub(crate) fn finish(&self) {
        if let Some(overall) = &self.overall {
            overall.finish_and_clear();
        }
    }
}

/// Where a batch is, in words.
fn text(standing: &Standing) -> String {
    let Standing { articles, ended, audio_seconds, expected_seconds, seconds_left } = *standing;
    let of = expected_seconds
        .map_or_else(String::new, |all| format!(" of about {}", clock(all.max(audio_seconds))));
    let left = seconds_left.filter(|_| ended < articles);
    let left = left.map_or_else(String::new, |left| format!(", about {} left", clock(left)));
    format!("{}{of} of sound, {ended} of {articles} articles{left}", clock(audio_seconds))
}

/// A bar for bytes that are fetched, which moves until the ticker is dropped.
pub(crate) fn download(is_quiet: bool) -> (ProgressBar, Ticker) {
    let bar = ProgressBar::with_draw_target(None, target(is_quiet));
    bar.set_style(style(
        "{spinner} {prefix} {bar:30.cyan} {bytes}/{total_bytes} {bytes_per_sec} {eta} left {msg}",
    ));
    let ticker = Ticker::start(bar.is_hidden());
    ticker.add(&bar);
    (bar, ticker)
}

/// Redraws bars from a thread of its own, one for all. `indicatif` starts a thread for each bar and panics when it
/// can't. Here the bars then only move less often.
pub(crate) struct Ticker {
    bars: Arc<Mutex<Vec<ProgressBar>>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(is_hidden: bool) -> Self {
        let bars: Arc<Mutex<Vec<ProgressBar>>> = Arc::default();
        let seen = Arc::downgrade(&bars);
        let tick = move || {
            while let Some(bars) = seen.upgrade() {
                // Ticking may wait for a writer that has hidden the bars; no caller may have to wait for that.
                let shown = lock(&bars).clone();
                drop(bars);
                shown.iter().for_each(ProgressBar::tick);
                thread::park_timeout(TICK);
            }
        };
        let ticking = thread::Builder::new().name("progress".to_string());
        let thread = (!is_hidden).then(|| ticking.spawn(tick)).and_then(io::Result::ok);
        Self { bars, thread }
    }

    fn add(&self, bar: &ProgressBar) {
        let mut bars = lock(&self.bars);
        bars.retain(|bar| !bar.is_finished());
        bars.push(bar.clone());
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.bars = Arc::default();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A redraw after the last line would leave a bar there.
            let _ = thread.join();
        }
    }
}

fn lock(bars: &Mutex<Vec<ProgressBar>>) -> MutexGuard<'_, Vec<ProgressBar>> {
    bars.lock().unwrap_or_else(PoisonError::into_inner)
}

fn target(is_quiet: bool) -> ProgressDrawTarget {
    // Standard error that is no terminal hides the bar by itself.
    if is_quiet || terminal::is_plain() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
