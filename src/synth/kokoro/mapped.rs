//! Maps a prepared model into memory. The only module of the crate in which `unsafe` is allowed.
#![allow(unsafe_code)]

use std::path::Path;

use rten::{LoadError, Model, ModelOptions};

/// Loads a graph whose weights lie in a file beside it, without reading them: pages come in as they are used and
/// are shared with other processes that speak.
pub fn load(graph: &Path) -> Result<Model, LoadError> {
    // SAFETY: a mapped file must not change while the model lives. The weights are our own derived copy in the
    // voice's folder: they are written under a temporary name, renamed into place when whole, and never opened for
    // writing again; replacing or removing the voice unlinks them, which leaves this mapping untouched.
    unsafe { ModelOptions::with_all_ops().load_mmap(graph) }
}
