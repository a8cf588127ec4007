//! Progress bars, drawn on standard error and only when it is a terminal.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::clock;
use crate::report::Progress;

/// How often a bar that waits is redrawn.
const TICK: Duration = Duration::from_millis(120);

/// A bar for one article; a hidden one when `is_quiet` or nobody looks.
pub fn article(name: &str, is_quiet: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1), target(is_quiet));
    style_article(&bar, name);
    bar
}

/// Bars for a batch: one overall, one for the article at work.
pub fn batch(articles: usize, is_quiet: bool) -> (ProgressBar, ProgressBar) {
    let bars = MultiProgress::with_draw_target(target(is_quiet));
    let overall = bars.add(ProgressBar::new(articles as u64));
    overall.set_style(style("{bar:30.green} {pos}/{len} articles, {elapsed} gone, {eta} left"));
    let current = bars.add(ProgressBar::new(1));
    (overall, current)
}

/// Makes a bar one for the article `name`.
pub fn style_article(bar: &ProgressBar, name: &str) {
    bar.set_style(style("{spinner} {prefix:.bold} {bar:30.cyan} {percent:>3}% {msg}"));
    bar.set_prefix(name.to_string());
    bar.set_message("loading the voice");
    bar.set_position(0);
    bar.enable_steady_tick(TICK);
}

/// Shows how far an article is.
pub fn update(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.total_bytes as u64);
    bar.set_position(progress.bytes as u64);
    bar.set_message(format!("{} of sound", clock(progress.audio_seconds)));
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
