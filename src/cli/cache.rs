//! `cache`: the sound that is kept, so that nothing is spoken twice.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use directories::ProjectDirs;
use serde_json::json;

use super::args::cache::{CacheArgs, CacheCommand};
use super::terminal::{self, bytes, count};
use super::{DONE, SOME_FAILED};
use crate::error::{Cure, Error, ErrorKind, Place, printable};
use crate::store::ChunkCache;

/// The cache that the options ask for. Where no folder for it is known, nothing is kept. `ends_chunks` says whether a chunk in work is
/// spoken to its end when the program is asked to stop.
pub(crate) fn chosen(args: &CacheArgs, ends_chunks: bool) -> Option<Arc<ChunkCache>> {
    let folder = folder().filter(|_| !args.no_cache && args.cache_size > 0)?;
    Some(Arc::new(ChunkCache::at(folder, args.cache_size).ending_chunks(ends_chunks)))
}

/// Within `AUDIO_REPORT_HOME`, else in the system's folder for what can be made again.
fn folder() -> Option<PathBuf> {
    let home = std::env::var_os("AUDIO_REPORT_HOME").filter(|home| !home.is_empty());
    let base = match home {
        Some(home) => PathBuf::from(home).join("cache"),
        None => ProjectDirs::from("", "", "audio-report")?.cache_dir().to_path_buf(),
    };
    Some(base.join("chunks"))
}

/// Runs `cache`.
pub(crate) fn run(command: &CacheCommand) -> anyhow::Result<u8> {
    let folder = folder().ok_or_else(|| {
        Error::new(ErrorKind::Usage, "there is no home folder to keep sound in")
            .with_cure(Cure::SetDataFolder)
    })?;
    let cache = ChunkCache::at(folder, u64::MAX);
    let path = cache.path().to_string_lossy().into_owned();
    let said = |chunks: usize, size: u64| format!("{} of {}", count(chunks, "chunk"), bytes(size));
    match command {
        CacheCommand::Stat { json } => {
            let content = cache.content();
            if *json {
                terminal::print_json(
                    &json!({ "folder": path, "chunks": content.chunks, "bytes": content.bytes }),
                )?;
            } else {
                terminal::show(&format!("{}: {}\n", printable(&path), said(content.chunks, content.bytes)))?;
            }
        }
        CacheCommand::Clear => {
            let removed = cache.clear().map_err(|cause| failed(&cache, cause))?;
            terminal::show(&format!("removed: {}\n", said(removed.chunks, removed.bytes)))?;
        }
        CacheCommand::Verify => {
            let damaged = cache.verify().map_err(|cause| failed(&cache, cause))?;
            let content = cache.content();
            let whole = said(content.chunks, content.bytes);
            terminal::show(&format!("whole: {whole}; damaged and removed: {}\n", count(damaged, "chunk")))?;
            if damaged > 0 {
                return Ok(SOME_FAILED);
            }
        }
    }
    Ok(DONE)
}

/// Removes all sound that is kept: nobody knows which of it belongs to which article.
pub(crate) fn clear() -> crate::error::Result<()> {
    let Some(folder) = folder() else { return Ok(()) };
    let cache = ChunkCache::at(folder, u64::MAX);
    cache.clear().map(|_| ()).map_err(|cause| failed(&cache, cause))
}

fn failed(cache: &ChunkCache, cause: io::Error) -> Error {
    Error::new(ErrorKind::Output, "the kept sound can't be changed")
        .at(Place::file(cache.path()))
        .because(cause)
        .with_cure(Cure::MakeFolderWritable)
}
