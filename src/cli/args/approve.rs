//! The options of `approve` and `reject`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `approve`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(crate) struct ApproveArgs {
    /// What is published: the number that `status` tells, a guid or its first eight letters, a source, the address of a page, or an
    /// agency's name of a story
    #[arg(value_name = "ID")]
    pub names: Vec<String>,
    /// The folder
    #[arg(short = 'o', long = "output", value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// List the reports that wait: their numbers, why they are held, and how to hear them
    #[arg(long, conflicts_with_all = ["names", "all"])]
    pub list: bool,
    /// Print one JSON object a report
    #[arg(long, requires = "list")]
    pub json: bool,
    /// Publish all that wait
    #[arg(long, conflicts_with = "names")]
    pub all: bool,
    /// Replace files of the same names that are none of the folder's results
    #[arg(long)]
    pub force: bool,
    /// When another process works on the same folder, end at once instead of waiting
    #[arg(long)]
    pub no_wait: bool,
}

/// `reject`
#[derive(Debug, Args)]
pub(crate) struct RejectArgs {
    /// What is not published, named as for `approve`. The same text is not made again; a corrected one is
    #[arg(required = true, value_name = "ID")]
    pub names: Vec<String>,
    /// The folder
    #[arg(short = 'o', long = "output", value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// Take a rejection back: the next run makes the report again
    #[arg(long)]
    pub undo: bool,
    /// When another process works on the same folder, end at once instead of waiting
    #[arg(long)]
    pub no_wait: bool,
}
