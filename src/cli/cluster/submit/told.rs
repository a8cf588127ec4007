//! What people and programs are told of jobs.

use std::collections::BTreeMap;

use serde_json::json;

use crate::cli::args::cluster::SubmitArgs;
use crate::cli::input::Input;
use crate::cli::terminal;
use crate::cluster::{Key, State};
use crate::error::{Error, Result, printable};

/// What was told, and what has not ended.
pub(super) struct Told<'a> {
    pub args: &'a SubmitArgs,
    /// Jobs that have not ended, and what their articles are called.
    pub open: BTreeMap<Key, String>,
    pub well: usize,
    pub failed: usize,
}

impl Told<'_> {
    fn line(&self, key: Option<&Key>, input: &str, state: &str, error: Option<&str>) -> Result<()> {
        if self.args.json {
            return terminal::print_json(
                &json!({ "key": key, "input": input, "state": state, "error": error }),
            );
        }
        if self.args.quiet {
            return Ok(());
        }
        let key = key.map_or("-", Key::as_str);
        terminal::show(&format!("{state} {key} {}\n", printable(input)))
    }

    pub(super) fn refuse(&mut self, input: &Input, error: &Error) -> Result<()> {
        self.failed += 1;
        terminal::report(error);
        self.line(None, &input.typed(), "refused", Some(&error.causes()))
    }

    pub(super) fn begin(&mut self, key: &Key, input: &str, state: State) -> Result<()> {
        let why = match state {
            State::Dead => {
                self.failed += 1;
                Some("it was given up before; audio-report queue retry puts it back")
            }
            State::There => {
                self.well += 1;
                None
            }
            State::Submitted | State::Queued => {
                // An article that is given twice is one job.
                let is_new = self.open.insert(key.clone(), input.to_string()).is_none();
                self.well += usize::from(is_new);
                None
            }
        };
        self.line(Some(key), input, state.as_str(), why)
    }

    /// A job that was waited for has ended.
    pub(super) fn end(&mut self, key: &Key, state: State) -> Result<()> {
        let input = self.open.remove(key).unwrap_or_default();
        let why = (state == State::Dead).then_some("it was given up; audio-report queue dead says why");
        if why.is_some() {
            self.well -= 1;
            self.failed += 1;
        }
        self.line(Some(key), &input, state.as_str(), why)
    }
}
