//! Printing: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::cures;
use crate::error::{Cure, Error, ErrorKind, Result, is_printable};

/// Prints a result; a closed standard output comes back as [`ErrorKind::BrokenPipe`].
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|cause| match cause.kind() {
        io::ErrorKind::BrokenPipe => {
            Error::new(ErrorKind::BrokenPipe, "nobody reads standard output any more").because(cause)
        }
        _ => Error::new(ErrorKind::Output, "standard output can't be written")
            .because(cause)
            .with_cure(Cure::other("look at where it is sent, and whether there is room")),
    })
}

/// Whether standard output is a terminal.
pub(crate) fn is_stdout_shown() -> bool {
    io::stdout().is_terminal()
}

/// Whether the user wants, or the terminal can show, only lines that stay as they are: `ACCESSIBLE` is set, or `TERM` is `dumb`.
pub(crate) fn is_plain() -> bool {
    let is = |name: &str, meant: fn(&str) -> bool| std::env::var(name).is_ok_and(|value| meant(&value));
    is("ACCESSIBLE", |value| !matches!(value, "" | "0")) || is("TERM", |value| value == "dumb")
}

/// Prints a text for people, without control characters for the terminal.
pub(crate) fn show(text: &str) -> Result<()> {
    print(&harmless(text))
}

/// Prints a value as one line of JSON. Unprintable characters are escaped: the line may be shown on a terminal.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    print(
        &json_line(value).map_err(|cause| {
            Error::new(ErrorKind::Output, "the result can't be told as JSON").because(cause)
        })?,
    )
}

fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    let mut line = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        // In compact JSON these stand in strings only.
        if is_printable(c) {
            line.push(c);
        } else {
            let units = &mut [0; 2];
            line.extend(c.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    line.push('\n');
    Ok(line)
}

/// Makes unprintable characters visible, line by line: articles come from anywhere.
pub(crate) fn harmless(text: &str) -> String {
    let visible = |c: char| match c {
        '\n' => c,
        '\t' => ' ',
        c if is_printable(c) => c,
        _ => char::REPLACEMENT_CHARACTER,
    };
    text.chars().map(visible).collect()
}

/// The name of a variant as JSON has it.
pub(crate) fn name_of(variant: &impl Serialize) -> String {
    let name = serde_json::to_value(variant).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// Reports what went wrong. A failure to print is ignored: there is no other place to report it.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "audio-report: {}", harmless(message));
}

/// Reports an error with all its causes.
pub(crate) fn report(error: &Error) {
    complain(&cures::report(error));
}

/// Reports a fact that is worth knowing and is no failure.
pub(crate) fn note(text: &str) {
    let _ = io::stderr().lock().write_all(harmless(text).as_bytes());
}

/// Log lines go to standard error, by default only warnings; coloured on a terminal, unless `NO_COLOR` is set
/// (no-color.org).
pub(crate) fn start_log() {
    let filter =
        EnvFilter::try_from_env("AUDIO_REPORT_LOG").unwrap_or_else(|_| EnvFilter::new("audio_report=warn"));
    // Whether these are wanted is asked elsewhere.
    let filter = match "texts=info".parse() {
        Ok(texts) => filter.add_directive(texts),
        Err(_) => filter,
    };
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).without_time();
    // Where standard error is gone, saying so there would end the thread that has something to log.
    let log = log.with_ansi(!is_plain && io::stderr().is_terminal()).log_internal_errors(false);
    let shown = filter_fn(|line| !HIDES_TEXTS.load(Ordering::Relaxed) || !has_text(line));
    // An existing log belongs to the embedding program.
    let _ = log.with_target(false).finish().with(shown).try_init();
}

/// Whether lines of the log with a text in them are left out.
static HIDES_TEXTS: AtomicBool = AtomicBool::new(false);

/// Fields of log lines that hold what is spoken, or a part of it.
const TEXTS: [&str; 3] = ["phonemes", "text", "word"];

fn has_text(line: &tracing::Metadata<'_>) -> bool {
    TEXTS.iter().any(|name| line.fields().field(name).is_some())
}

/// Keeps texts out of the log from now on: those of a server are other people's.
#[cfg(feature = "serve")]
pub(crate) fn hide_texts() {
    HIDES_TEXTS.store(true, Ordering::Relaxed);
}

/// `75.3` as `1:15`; hours when there are some.
pub(crate) fn clock(seconds: f64) -> String {
    let total = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `900 bytes`, `1.5 MiB`.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let (mut size, mut unit) = (number as f64, None);
    for next in UNITS {
        if size < 1024.0 {
            break;
        }
        (size, unit) = (size / 1024.0, Some(next));
    }
    unit.map_or_else(|| count(number as usize, "byte"), |unit| format!("{size:.1} {unit}"))
}

/// `1 word`, `3 words`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn what_is_shown_reads_well() {
        each([(0.0, "0:00"), (75.3, "1:15"), (3725.0, "1:02:05"), (-1.0, "0:00")], |(seconds, want)| {
            assert_eq!(clock(seconds), want, "{seconds}");
        });
        assert_eq!(harmless("a\tb\u{1b}[2J\u{9b}é\u{202e}\n"), "a b\u{fffd}[2J\u{fffd}é\u{fffd}\n");
        assert_eq!(count(1, "word"), "1 word");
        let sizes = [
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1536, "1.5 KiB"),
            (4 << 30, "4.0 GiB"),
            (3 << 42, "12.0 TiB"),
        ];
        each(sizes, |(number, want)| assert_eq!(bytes(number), want, "{number}"));
        assert_eq!(count(0, "word"), "0 words");
    }

    #[test]
    fn f7_json_holds_nothing_that_steers_a_terminal_and_reads_back() {
        let text = "a\u{1b}[2J\u{7f}\u{9b}2J\u{202e}b\u{2069}é “q” \\ \n\u{1f600}";
        let line = json_line(&serde_json::json!({ "text": text })).unwrap();
        let controls: Vec<char> = line.trim_end_matches('\n').chars().filter(|c| !is_printable(*c)).collect();
        assert!(controls.is_empty(), "{controls:?} in {line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap()["text"], text);
    }
}
