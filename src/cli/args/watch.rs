//! The options of `watch`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::MakingArgs;
use super::feed::WantedArgs;
use crate::calendar::Period;
use crate::watch::Hour;

/// `watch`
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Folders as for `batch`, or patterns such as 'news/*.txt': what comes into them, or changes, is read as soon as it is whole
    #[arg(value_name = "DIR|GLOB", value_hint = ValueHint::DirPath)]
    pub folders: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub wanted: WantedArgs,
    /// How often feeds are asked. Each machine waits a little longer, up to a tenth, so that many do not ask a server at once. A feed that
    /// does not say what has changed since is asked once an hour at most
    #[arg(long, value_name = "TIME", default_value = "15m", help_heading = "When")]
    pub every: Period,
    /// Work only at these hours of the day, where the computer is: feeds are asked and folders are read then. An hour that was missed is
    /// made up for at the next start
    #[arg(
        long,
        value_name = "HH:MM,…",
        value_delimiter = ',',
        conflicts_with = "every",
        help_heading = "When"
    )]
    pub at: Vec<Hour>,
    /// Look at the folders every few seconds, for network disks that tell nothing; without it also once every five minutes
    #[arg(long, help_heading = "When")]
    pub poll: bool,
    /// Write into this file how things are, as JSON: at each change, and every half a minute as long as the program lives
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub health: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub making: MakingArgs,
}
