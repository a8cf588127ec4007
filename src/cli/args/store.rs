//! The options of `store`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `store`
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The command for what a folder remembers.
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// The commands of `store`.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Write what a folder remembers as JSON Lines
    Export {
        /// The folder that a batch has written
        #[arg(value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// The file, or - for standard output. It holds the addresses of feeds, so only you may read it
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: PathBuf,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Read that file back, for a folder that has lost its memory, or for an empty one
    Import {
        /// The file
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The folder. Files of reports in it must be those that the file tells of; those that are missing are made again by the next batch
        #[arg(short = 'o', long = "output", value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// When another process works on the same folder, end at once instead of waiting
        #[arg(long)]
        no_wait: bool,
    },
}
