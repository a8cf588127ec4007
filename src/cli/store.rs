//! `store`: what a folder remembers as a file, and back.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::approve::check_folder;
use super::args::store::StoreCommand;
use super::config::{STDIN, unreadable};
use super::status::unremembered;
use super::terminal::{self, count};
use super::{DONE, batch, interrupt};
use crate::error::{Result, printable};
use crate::files::PendingFile;
use crate::output::wav;
use crate::store::manifest::{Carried, Manifest};

/// Runs `store`.
pub(crate) fn run(command: &StoreCommand) -> anyhow::Result<u8> {
    match command {
        StoreCommand::Export { folder, output, force } => export(folder, output, *force)?,
        StoreCommand::Import { file, folder, no_wait } => import(file, folder, *no_wait)?,
    }
    Ok(DONE)
}

fn export(folder: &Path, output: &Path, may_replace: bool) -> Result<()> {
    let text = Manifest::look(folder)?.ok_or_else(|| unremembered(folder))?.export()?;
    if output.as_os_str() == STDIN {
        return terminal::print(&text);
    }
    wav::check_free(output, may_replace)?;
    let failed = |cause| wav::failed(output, cause);
    let pending = PendingFile::create(output).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        pending.file().set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    pending.file().write_all(text.as_bytes()).map_err(failed)?;
    pending.commit(may_replace).map_err(failed)?;
    // Without head and end.
    let rows = text.lines().count().saturating_sub(2);
    terminal::show(&format!("{}: {}\n", printable(&output.to_string_lossy()), count(rows, "row")))
}

fn import(file: &Path, folder: &Path, is_impatient: bool) -> Result<()> {
    let text = fs::read_to_string(file).map_err(|cause| unreadable(file, cause))?;
    if folder.exists() {
        check_folder(folder)?;
    }
    let cancel = interrupt::watch()?;
    let carried =
        Manifest::import(folder, &text, file, &cancel, &mut || batch::may_wait(folder, is_impatient))?;
    let Carried { articles, files, missing, is_known } = carried;
    let name = printable(&folder.to_string_lossy());
    let mut line = if is_known {
        format!("{name}: all of it was known: {}", count(articles, "article"))
    } else {
        format!("{name}: {}, {} as they were made", count(articles, "article"), count(files, "file"))
    };
    if missing > 0 {
        line.push_str(&format!("; {} missing, which the next batch makes again", count(missing, "file")));
    }
    terminal::show(&(line + "\n"))
}
