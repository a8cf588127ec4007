//! The options for settings files, and the command for them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// Which settings files are read.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SettingsArgs {
    /// Take settings from this file alone
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, global = true, help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Take no settings from files
    #[arg(long, conflicts_with = "config", global = true, help_heading = "Settings")]
    pub no_config: bool,
}

/// `config`
#[derive(Debug, Args)]
#[command(after_long_help = SETTINGS_HELP)]
pub(crate) struct ConfigArgs {
    /// The command for settings.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// The commands of `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting with its value and where that comes from
    Show {
        /// Only the settings of this command, such as `batch` or `podcast make`
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
        /// Print one JSON object a setting
        #[arg(long)]
        json: bool,
        /// Options of the command, to see what they would change
        #[arg(last = true, value_name = "OPTION", allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Check settings files: unknown keys, wrong values, files that are not there
    Check {
        /// Settings files; those that are in use if none is named
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Print where settings files are looked for
    Path,
}

// A paragraph is one line: it is wrapped to the terminal.
const SETTINGS_HELP: &str = "\
A settings file, audio-report.toml:

  voice = \"af_heart\"            # for every command that has the option --voice
  preset = \"podcast\"
  lexicon = [\"names.toml\"]      # a path is one from the folder of this file; ~/ is the home folder
  output = \"reports\"

  [batch]                       # for this command; it counts more than what stands above
  nice = true

  [podcast-make]                # for `podcast make`
  title = \"Harbour News\"

  [addresses]                   # options under one heading of --help may stand together
  auth-file = \"~/sign-ins.toml\"

  [[feeds]]                     # what `feed` reads when no feed is named, and `watch`
  url = \"https://paper.example/rss\"

The key of an option is its long name. Options that only make sense once (inputs, -o of a single file) are for the command line alone. Passwords have no place here: auth-file names the file that holds them.

The user's file lies in the folder for settings, beside lexicon.toml. The project's is audio-report.toml in the working folder or the nearest one above it, up to the root of the repository (.git) or the home folder; outside of both only the working folder counts. --config FILE takes that file instead of both, --no-config none.

What counts, the most first: the command line, environment variables, the project's file, the user's file, the program's defaults. The more important one replaces the other; lists are not joined. --NAME=false takes back a switch that is set in a file. --NAME= takes back a file, a number or a choice; so does an empty text in the project's file. A setting that the options on the command line contradict is passed over.";
