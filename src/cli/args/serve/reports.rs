//! The options of `serve` for articles that become files.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::calendar::Period;
use crate::cli::args::announce::AnnounceArgs;

/// What becomes of reports.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct ReportArgs {
    /// The folder of the reports that are asked for at /v1/reports; one server at a time has it. If not given, one of the user's own
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub reports: Option<PathBuf>,
    /// How long a report stays when it is made, or has failed
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub keep_reports: Period,
    /// Reports that may wait for their turn; one more is answered with 429
    #[arg(long, value_name = "N", default_value = "32")]
    pub waiting_reports: usize,
    /// Make no reports, whatever else is said of them
    #[arg(long)]
    pub no_reports: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub announce: AnnounceArgs,
}
