//! Printing: results to standard output, everything else to standard error.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

use crate::error::{Error, ErrorKind, Result};

/// Prints a result; a closed standard output comes back as [`ErrorKind::BrokenPipe`].
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|cause| match cause.kind() {
        io::ErrorKind::BrokenPipe => {
            Error::new(ErrorKind::BrokenPipe, "nobody reads standard output any more").because(cause)
        }
        _ => Error::new(ErrorKind::Output, "standard output can't be written")
            .because(cause)
            .cure("look at where it is sent, and whether there is room"),
    })
}

/// Prints a text for people, in which nothing can steer the terminal.
pub fn show(text: &str) -> Result<()> {
    print(&harmless(text))
}

/// Control characters made visible: articles come from anywhere, and an escape sequence could hide or forge what is
/// shown.
fn harmless(text: &str) -> String {
    let visible = |c: char| match c {
        '\n' => c,
        '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(visible).collect()
}

/// Tells what went wrong. When even that can't be told there is nothing left to do about it.
pub fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "audio-report: {}", harmless(message));
}

/// Tells the whole story of an error.
pub fn report(error: &Error) {
    complain(&error.report());
}

/// Log lines go to standard error, by default only warnings.
pub fn start_log() {
    let filter = EnvFilter::try_from_env("AUDIO_REPORT_LOG").unwrap_or_else(|_| EnvFilter::new("audio_report=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).without_time();
    // A log that is there already is the embedding program's.
    let _ = log.with_target(false).try_init();
}

/// `75.3` as `1:15`; hours when there are some.
pub fn clock(seconds: f64) -> String {
    let total = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `1 word`, `3 words`.
pub fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_well() {
        for (seconds, want) in [(0.0, "0:00"), (75.3, "1:15"), (3725.0, "1:02:05"), (-1.0, "0:00")] {
            assert_eq!(clock(seconds), want, "{seconds}");
        }
        assert_eq!(harmless("a\tb\u{1b}[2J\u{9b}é\n"), "a b\u{fffd}[2J\u{fffd}é\n");
        assert_eq!(count(1, "word"), "1 word");
        assert_eq!(count(0, "word"), "0 words");
    }
}
