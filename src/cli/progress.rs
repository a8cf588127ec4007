//! Progress bars, drawn on standard error and only when it is a terminal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::{self, clock};
use crate::report::Progress;

/// Interval between redraws of the bars, for their spinners and clocks.
const TICK: Duration = Duration::from_millis(120);

/// A bar for each article that is open, and one for the whole when it is a batch; hidden when `is_quiet` or without a
/// terminal.
pub(crate) struct Bars {
    all: MultiProgress,
    overall: Option<ProgressBar>,
    ticker: Ticker,
    /// By the article's number.
    open: RefCell<BTreeMap<usize, ProgressBar>>,
}

impl Bars {
    /// No article is open yet.
    pub(crate) fn new(is_quiet: bool) -> Self {
        let all = MultiProgress::with_draw_target(target(is_quiet));
        let ticker = Ticker::start(all.is_hidden());
        Self { all, overall: None, ticker, open: RefCell::default() }
    }

    /// The same, for a batch of that many articles.
    pub(crate) fn of_batch(articles: usize, is_quiet: bool) -> Self {
        let bars = Self::new(is_quiet);
        let overall = bars.all.add(ProgressBar::new(articles as u64));
        overall.set_style(style("{bar:30.green} {pos}/{len} articles, {elapsed} gone, {eta} left"));
        bars.ticker.add(&overall);
        Self { overall: Some(overall), ..bars }
    }

    /// An article is open; `message` names the work until its first words are spoken.
    pub(crate) fn begin(&self, number: usize, name: &str, message: &'static str) {
        self.open.borrow_mut().entry(number).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new(1));
            bar.set_style(style("{spinner} {prefix:.bold} {bar:30.cyan} {percent:>3}% {msg}"));
            bar.set_prefix(name.to_string());
            bar.set_message(message);
            self.ticker.add(&bar);
            bar
        });
    }

    /// Shows how far an article is.
    pub(crate) fn update(&self, number: usize, progress: &Progress) {
        if let Some(bar) = self.open.borrow().get(&number) {
            bar.set_length(progress.total_bytes as u64);
            bar.set_position(progress.bytes as u64);
            bar.set_message(format!("{} of sound", clock(progress.audio_seconds)));
        }
    }

    /// An article is finished, with or without an error.
    pub(crate) fn end(&self, number: usize) {
        if let Some(bar) = self.open.borrow_mut().remove(&number) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        if let Some(overall) = &self.overall {
            overall.inc(1);
        }
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
        let thread = (!is_hidden).then(|| ticking.spawn(tick)).and_then(std::io::Result::ok);
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
