//! `serve --new-token`: a token for a client, and its line for the server's file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::cli::{DONE, terminal};
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::serve::NewToken;

/// Makes a token. It is printed once; the file gets only its hash.
pub(super) fn make(name: &str, file: Option<&Path>, is_quiet: bool) -> Result<u8> {
    let NewToken { token, line } = NewToken::make(name)?;
    let Some(file) = file else {
        terminal::print(&format!("{token}\n{line}\n"))?;
        if !is_quiet {
            terminal::note(
                "The first line is the token, for the client: keep it, it is shown only now. The second one is for the token file.\n",
            );
        }
        return Ok(DONE);
    };
    add(file, &line).map_err(|cause| {
        Error::new(ErrorKind::Output, "the token file can't be written")
            .at(Place::file(file))
            .because(cause)
            .with_cure(Cure::MakeFolderWritable)
    })?;
    terminal::print(&format!("{token}\n"))?;
    if !is_quiet {
        terminal::note(&format!(
            "The token is for the client: keep it, it is shown only now. Its hash is in {}; a server that runs reads it on SIGHUP.\n",
            printable(&file.to_string_lossy())
        ));
    }
    Ok(DONE)
}

/// Adds a line to a file, which is made for its owner alone where it is not there. The line goes in at once, so that a server that reads the
/// file meanwhile finds all of it or nothing.
fn add(file: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    let begin = if ends_with_line(&mut file)? { "" } else { "\n" };
    file.write_all(format!("{begin}{line}\n").as_bytes())?;
    file.sync_all()
}

fn ends_with_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
