//! Options that are defined only where their command is asked for: those of all commands would cost every start some milliseconds.

use std::cell::RefCell;
use std::ffi::OsString;

use clap::{ArgMatches, Args, Command, CommandFactory, Error, FromArgMatches};

use super::Cli;

thread_local! {
    /// What was typed, while a definition is made for that alone.
    static TYPED: RefCell<Option<Vec<OsString>>> = const { RefCell::new(None) };
}

/// The definition of the command line as far as `argv` needs it: all commands, and the options of those that it names.
/// [`Cli::command`] has the options of all.
pub(crate) fn definition(argv: &[OsString]) -> Command {
    struct Forget;
    impl Drop for Forget {
        fn drop(&mut self) {
            TYPED.set(None);
        }
    }
    TYPED.set(Some(argv.to_vec()));
    let _forget = Forget;
    Cli::command()
}

/// Whether a command may be asked for. A file of its name is taken for it, too, which costs only time.
fn may_be_asked(command: &str) -> bool {
    TYPED.with_borrow(|typed| typed.as_ref().is_none_or(|argv| argv.iter().any(|arg| arg == command)))
}

/// The options of a command.
#[derive(Clone, Debug)]
pub(crate) struct Asked<T>(pub T);

impl<T: Args> Args for Asked<T> {
    fn augment_args(command: Command) -> Command {
        if may_be_asked(command.get_name()) { T::augment_args(command) } else { command }
    }

    fn augment_args_for_update(command: Command) -> Command {
        if may_be_asked(command.get_name()) { T::augment_args_for_update(command) } else { command }
    }
}

impl<T: FromArgMatches> FromArgMatches for Asked<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }

    fn update_from_arg_matches_mut(&mut self, matches: &mut ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches_mut(matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn every_command_line_is_answered_as_by_the_whole_definition() {
        let whole = Cli::command();
        let names = whole.get_subcommands().map(|command| command.get_name().to_owned());
        let rows = names.flat_map(|name| {
            [
                vec![name.clone(), "--help".into()],
                vec!["help".into(), name.clone()],
                vec![name, "--zanqor".into()],
            ]
        });
        let others = ["--help", "-h", "--version", "help", "raed", "--quiet"].map(|arg| vec![arg.to_owned()]);
        each(rows.chain(others).chain([Vec::new()]), |typed| {
            let argv: Vec<OsString> =
                std::iter::once("audio-report".to_owned()).chain(typed).map(Into::into).collect();
            let answer =
                |definition: Command| definition.try_get_matches_from(&argv).unwrap_err().to_string();
            assert_eq!(answer(definition(&argv)), answer(whole.clone()));
        });
    }

    #[test]
    fn only_what_is_typed_is_defined_and_only_once() {
        let argv = ["audio-report", "read", "a.txt"].map(OsString::from);
        let count = |definition: &Command, name: &str| {
            definition.find_subcommand(name).map(|command| command.get_arguments().count())
        };
        let small = definition(&argv);
        let whole = Cli::command();
        assert_eq!(count(&small, "read"), count(&whole, "read"));
        assert_eq!(count(&small, "batch"), Some(0));
        assert!(count(&whole, "batch") > Some(10));
    }
}
