//! Reports of the server: made as `read` makes them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use directories::ProjectDirs;
use tracing::warn;

use crate::cli::args::serve::ServeArgs;
use crate::cli::press::Press;
use crate::error::Result;
use crate::net::Fetcher;
use crate::serve::reports::{Reports, Settings};

/// The reports that the options ask for; none with `--no-reports`. Where the user's own folder can't be used, as when another server has
/// it, the server goes on without reports.
pub(super) fn open(args: &ServeArgs, fetcher: Arc<Fetcher>) -> Result<Option<Reports>> {
    if args.reports.no_reports {
        return Ok(None);
    }
    let named = args.reports.reports.as_deref();
    let Some(folder) = named.map(Path::to_path_buf).or_else(own_folder) else {
        warn!("no reports are made: there is no home folder to keep them in");
        return Ok(None);
    };
    let maker = Press::new(fetcher, &args.reports.announce, args.most_characters);
    let settings = Settings::new(args.reports.keep_reports.0, args.reports.waiting_reports);
    match Reports::open(&folder, settings, Box::new(maker)) {
        Ok(reports) => Ok(Some(reports)),
        Err(error) if named.is_none() => {
            warn!(error = error.causes(), "no reports are made");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Within `AUDIO_REPORT_HOME`, else in the system's folder for what a program keeps.
fn own_folder() -> Option<PathBuf> {
    let home = std::env::var_os("AUDIO_REPORT_HOME").filter(|home| !home.is_empty());
    let base = match home {
        Some(home) => PathBuf::from(home),
        None => {
            let folders = ProjectDirs::from("", "", "audio-report")?;
            folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).to_path_buf()
        }
    };
    Some(base.join("reports"))
}
