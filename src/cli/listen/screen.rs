//! The display during playback: sentences on standard output, and one status line on standard error.

use std::io::{self, IsTerminal, Write};

use crossterm::cursor::MoveToColumn;
use crossterm::queue;
use crossterm::terminal::{Clear, ClearType, size};

use super::super::terminal::clock;
use super::Listening;
use super::keys::Command;
use crate::error::is_printable;
use crate::output::player::{Sentence, Status};

/// Width that is assumed when the terminal does not say.
const DEFAULT_COLUMNS: usize = 80;

/// Shows the playback; dropped, the status line is gone.
pub(super) struct Screen {
    listening: Listening,
    is_raw: bool,
    has_status_line: bool,
    /// The line end for standard output: raw mode does not return the carriage.
    line_end: &'static str,
    /// The status line as it stands.
    shown: String,
}

impl Screen {
    /// A screen for a terminal in raw mode, or for redirected standard output and error.
    pub(crate) fn new(is_raw: bool, listening: Listening) -> Self {
        let line_end = if is_raw && io::stdout().is_terminal() { "\r\n" } else { "\n" };
        let has_status_line = is_raw && !listening.is_quiet && !listening.is_plain;
        Self { listening, is_raw, has_status_line, line_end, shown: String::new() }
    }

    /// Says how far it is when that was asked for, and without a status line what a key did.
    pub(crate) fn answer(&mut self, command: Command, status: &Status) -> io::Result<()> {
        let answer = match command {
            Command::Tell => told(status),
            _ if !self.listening.is_plain || self.listening.is_quiet => return Ok(()),
            Command::TogglePause => (if status.paused { "paused" } else { "playing" }).to_string(),
            Command::Faster | Command::Slower => format!("speed {:.1}", self.speed(status)),
            _ => return Ok(()),
        };
        self.erase()?;
        let mut err = io::stderr().lock();
        write!(err, "{answer}{}", self.error_end())?;
        err.flush()
    }

    /// Speed relative to the voice's own.
    fn speed(&self, status: &Status) -> f64 {
        status.rate * f64::from(self.listening.made_at)
    }

    /// The line end for standard error.
    fn error_end(&self) -> &'static str {
        if self.is_raw { "\r\n" } else { "\n" }
    }

    /// Shows the sentences that began, and how the playback is.
    pub(crate) fn show(&mut self, begun: &[Sentence], status: &Status) -> io::Result<()> {
        if !begun.is_empty() && !self.listening.is_quiet {
            self.erase()?;
            let mut out = io::stdout().lock();
            for sentence in begun {
                write!(out, "{}{}", one_line(&sentence.text), self.line_end)?;
            }
            out.flush()?;
        }
        if self.has_status_line {
            let columns = size().map_or(DEFAULT_COLUMNS, |(columns, _)| usize::from(columns));
            let line = status_line(status, self.speed(status), columns);
            if line != self.shown {
                self.erase()?;
                let mut err = io::stderr().lock();
                write!(err, "{line}")?;
                err.flush()?;
                self.shown = line;
            }
        }
        Ok(())
    }

    /// Takes the status line away and says what went wrong, if anything did.
    pub(crate) fn close(&mut self, status: &Status) -> io::Result<()> {
        self.erase()?;
        if status.underruns > 0 && !self.listening.is_quiet {
            write!(
                io::stderr().lock(),
                "{}{}",
                underrun_note(status.underruns, self.listening.has_faster),
                self.error_end()
            )?;
        }
        Ok(())
    }

    fn erase(&mut self) -> io::Result<()> {
        if self.shown.is_empty() {
            return Ok(());
        }
        self.shown.clear();
        let mut err = io::stderr().lock();
        queue!(err, MoveToColumn(0), Clear(ClearType::CurrentLine))?;
        err.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A failure of standard error can't be reported.
        let _ = self.erase();
    }
}

/// A sentence as one line; control characters become spaces.
fn one_line(text: &str) -> String {
    let printable: String = text.chars().map(|c| if is_printable(c) { c } else { ' ' }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn underrun_note(underruns: u64, has_faster: bool) -> String {
    let times = if underruns == 1 { "once".to_string() } else { format!("{underruns} times") };
    let cure = if has_faster {
        "--fast takes a quicker voice, and audio-report read FILE makes a file first"
    } else {
        "audio-report read FILE makes a file first"
    };
    format!("note: the sound ran dry {times}: this machine speaks slower than it plays; {cure}")
}

/// The sentence that is spoken, of how many, and the time left. While not all is made, both are only known so far.
fn told(status: &Status) -> String {
    let number = status.sentence.as_ref().map_or(0, |sentence| sentence.number + 1);
    let left = clock((status.made - status.position).max(0.0) / status.rate);
    let (of, at_least) = if status.complete { ("of", "") } else { ("of at least", "at least ") };
    match status.sentences {
        0 => format!("{at_least}{left} left"),
        sentences => format!("sentence {number} {of} {sentences}, {at_least}{left} left"),
    }
}

/// The longest of some status lines that fits; one column stays free, for some terminals wrap when the last is filled.
fn status_line(status: &Status, speed: f64, columns: usize) -> String {
    let symbol = match (status.paused, status.waiting) {
        (true, _) => "‖",
        (false, true) => "…",
        (false, false) => "▶",
    };
    let (position, made) = (clock(status.position), clock(status.made));
    let whole = if status.complete { "" } else { " made" };
    let short = format!("{symbol} {position}");
    let dry =
        if status.underruns > 0 { format!(" · ran dry ×{}", status.underruns) } else { String::new() };
    let middle = format!("{short} / {made}{whole} · ×{speed:.1}{dry}");
    let pause = if status.paused { "space go on" } else { "space pause" };
    let long = format!("{middle} · {pause} · q quit");
    let longest = format!("{middle} · {pause} · ←/→ sentence · ↑/↓ speed · t time · q quit");
    [longest, long, middle, short].into_iter().find(|line| line.chars().count() < columns).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn status() -> Status {
        Status {
            sentence: None,
            sentences: 0,
            position: 42.7,
            made: 90.0,
            rate: 1.1,
            paused: false,
            waiting: false,
            complete: false,
            finished: false,
            underruns: 0,
            began: None,
        }
    }

    #[test]
    fn the_status_line_fits_the_terminal() {
        let rows = [
            (90, "▶ 0:42 / 1:30 made · ×1.1 · space pause · ←/→ sentence · ↑/↓ speed · t time · q quit"),
            (60, "▶ 0:42 / 1:30 made · ×1.1 · space pause · q quit"),
            (30, "▶ 0:42 / 1:30 made · ×1.1"),
            (10, "▶ 0:42"),
            (3, ""),
        ];
        each(rows, |(columns, expected)| {
            assert_eq!(status_line(&status(), 1.1, columns), expected, "{columns} columns");
        });
    }

    #[test]
    fn the_status_line_says_how_it_is() {
        let paused = Status { paused: true, complete: true, position: 3_725.0, made: 7_200.0, ..status() };
        assert_eq!(status_line(&paused, 1.1, 60), "‖ 1:02:05 / 2:00:00 · ×1.1 · space go on · q quit");
        assert!(status_line(&Status { waiting: true, ..status() }, 1.1, 60).starts_with('…'));
        let dry = Status { underruns: 2, ..status() };
        assert_eq!(status_line(&dry, 1.1, 50), "▶ 0:42 / 1:30 made · ×1.1 · ran dry ×2");
    }

    #[test]
    fn how_far_it_is_is_told_as_far_as_it_is_known() {
        let sentence = Sentence { number: 4, text: "Ships came back.".into(), start: 0 };
        let reading = Status { sentence: Some(sentence), sentences: 12, rate: 2.0, ..status() };
        let complete = Status { complete: true, ..reading.clone() };
        let file = Status { complete: true, rate: 1.0, ..status() };
        let rows = [
            (reading, "sentence 5 of at least 12, at least 0:23 left"),
            (complete, "sentence 5 of 12, 0:23 left"),
            (file, "0:47 left"),
        ];
        each(rows, |(status, want)| assert_eq!(told(&status), want));
    }

    #[test]
    fn sentences_are_one_line_and_command_no_terminal() {
        assert_eq!(one_line("He said:\n  “No.”\u{1b}[2J\u{202e}"), "He said: “No.” [2J");
    }

    #[test]
    fn underruns_are_counted_in_words() {
        assert!(underrun_note(1, false).contains("ran dry once:"));
        assert!(underrun_note(3, false).contains("ran dry 3 times:"));
        assert!(underrun_note(3, true).contains("--fast"));
        assert!(!underrun_note(3, false).contains("--fast"));
    }
}
