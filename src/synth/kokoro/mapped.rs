//! Maps a prepared model into memory.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;
use rten::{LoadError, Model, ModelOptions};

use super::kernels::pack::SharedBytes;

/// Loads a graph whose weights lie in a file beside it, without reading them: pages come in as they are used and
/// are shared with other processes that speak.
pub fn load(graph: &Path) -> Result<Model, LoadError> {
    // SAFETY: a mapped file must not change while the model lives. The weights are our own derived copy in the
    // voice's folder: they are written under a temporary name, renamed into place when whole, and never opened for
    // writing again; replacing or removing the voice unlinks them, which leaves this mapping untouched.
    unsafe { ModelOptions::with_all_ops().load_mmap(graph) }
}

/// Maps a file of weights: pages come in as they are used.
pub fn bytes(file: &Path) -> io::Result<SharedBytes> {
    let file = File::open(file)?;
    // SAFETY: as above: the file is never written again under its name.
    let map = unsafe { Mmap::map(&file) }?;
    Ok(Arc::new(map))
}
