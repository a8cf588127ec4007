//! What is kept between runs.
//!
//! - `cache`: sound that was spoken before, in a folder of the user, for as long as there is room
//! - `chunk`: the file of one chunk of it
//! - `remembered`: a voice that looks there before it speaks
//! - `manifest`: what a folder of results remembers of its articles
//! - `paths`: paths as text
//! - `steps`: the steps of a result, for tests that end the program at each of them

pub(crate) mod cache;
mod chunk;
#[cfg(all(any(test, fuzzing), feature = "store"))]
pub(crate) mod fuzzing;
#[cfg(feature = "store")]
pub(crate) mod manifest;
pub(crate) mod paths;
mod remembered;
#[cfg(feature = "store")]
mod steps;

pub(crate) use cache::ChunkCache;
pub(crate) use remembered::Remembered;

/// The version of the program, which results keep.
#[cfg(feature = "store")]
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
