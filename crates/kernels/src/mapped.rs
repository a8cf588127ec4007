//! Maps a file of weights into memory: pages are loaded as they are used, and all processes share them.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use super::pack::SharedBytes;

/// Maps a file of weights.
///
/// Only files that are never written again may be mapped: a caller writes them under another name and renames them
/// when they are whole. Replacing or removing such a file leaves the mapping untouched. Should another program shorten
/// the file in place, the system ends this process with a bus error as soon as a missing page is read.
pub fn bytes(file: &Path) -> io::Result<SharedBytes> {
    Ok(Arc::new(map(file)?))
}

/// Maps a file of weights for the rest of the process; see [`bytes`].
pub fn bytes_forever(file: &Path) -> io::Result<&'static [u8]> {
    Ok(Box::leak(Box::new(map(file)?)))
}

fn map(file: &Path) -> io::Result<Mmap> {
    let file = File::open(file)?;
    // SAFETY: the file is not written again under its name, see `bytes`.
    unsafe { Mmap::map(&file) }
}
