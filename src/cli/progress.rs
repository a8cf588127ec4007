//! Progress bars, drawn on standard error and only when it is a terminal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::clock;
use crate::report::Progress;

/// How often a bar that waits is redrawn.
const TICK: Duration = Duration::from_millis(120);

/// A bar for each article that is open, and one for the whole when it is a batch; hidden when `is_quiet` or nobody looks.
pub struct Bars {
    all: MultiProgress,
    overall: Option<ProgressBar>,
    /// By the article's number.
    open: RefCell<BTreeMap<usize, ProgressBar>>,
}

impl Bars {
    /// No article is open yet.
    pub fn new(is_quiet: bool) -> Self {
        let all = MultiProgress::with_draw_target(target(is_quiet));
        Self { all, overall: None, open: RefCell::default() }
    }

    /// The same, for a batch of so many articles.
    pub fn of_batch(articles: usize, is_quiet: bool) -> Self {
        let bars = Self::new(is_quiet);
        let overall = bars.all.add(ProgressBar::new(articles as u64));
        overall.set_style(style("{bar:30.green} {pos}/{len} articles, {elapsed} gone, {eta} left"));
        overall.enable_steady_tick(TICK);
        Self { overall: Some(overall), ..bars }
    }

    /// An article is open, and `message` what is done until its first words are spoken.
    pub fn begin(&self, number: usize, name: &str, message: &'static str) {
        self.open.borrow_mut().entry(number).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new(1));
            bar.set_style(style("{spinner} {prefix:.bold} {bar:30.cyan} {percent:>3}% {msg}"));
            bar.set_prefix(name.to_string());
            bar.set_message(message);
            bar.enable_steady_tick(TICK);
            bar
        });
    }

    /// Shows how far an article is.
    pub fn update(&self, number: usize, progress: &Progress) {
        if let Some(bar) = self.open.borrow().get(&number) {
            bar.set_length(progress.total_bytes as u64);
            bar.set_position(progress.bytes as u64);
            bar.set_message(format!("{} of sound", clock(progress.audio_seconds)));
        }
    }

    /// An article is done with, however it ended.
    pub fn end(&self, number: usize) {
        if let Some(bar) = self.open.borrow_mut().remove(&number) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        if let Some(overall) = &self.overall {
            overall.inc(1);
        }
    }

    /// Writes without the bars in the way.
    pub fn suspend<R>(&self, write: impl FnOnce() -> R) -> R {
        self.all.suspend(write)
    }

    /// Takes the bar of the whole away.
    pub fn finish(&self) {
        if let Some(overall) = &self.overall {
            overall.finish_and_clear();
        }
    }
}

/// A bar for bytes that are fetched.
pub fn download(is_quiet: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target(is_quiet));
    bar.set_style(style(
        "{spinner} {prefix} {bar:30.cyan} {bytes}/{total_bytes} {bytes_per_sec} {eta} left {msg}",
    ));
    bar.enable_steady_tick(TICK);
    bar
}

fn target(is_quiet: bool) -> ProgressDrawTarget {
    // Standard error that is no terminal hides the bar by itself.
    if is_quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
