//! Chunks that were spoken before, as files in a folder of the user's.
//!
//! Whoever gets a chunk sets the time of its file, and when the folder is full the files that nobody got for longest go first. That
//! needs no table, which a kill could leave wrong, and any number of processes may share the folder.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use tracing::{debug, warn};

use super::chunk::Chunk;
use crate::files::PendingFile;
use crate::hash::hex;

/// Ends the name of every file.
const ENDING: &str = "chunk";
/// Of a full folder so much stays, in tenths.
const KEPT_TENTHS: u64 = 9;

/// The chunks that are kept.
#[derive(Debug)]
pub(crate) struct ChunkCache {
    folder: PathBuf,
    /// Bytes that its files may have.
    limit: u64,
    /// Bytes that they have, as far as this process knows; `None` before the first look.
    used: Mutex<Option<u64>>,
    hits: AtomicUsize,
    misses: AtomicUsize,
    /// Whether a chunk that nobody waits for any more is spoken to its end and kept.
    ends_chunks: bool,
}

/// A file of the cache.
#[derive(Debug)]
pub(crate) struct CachedFile {
    /// Where it is.
    pub path: PathBuf,
    key: [u8; 32],
    bytes: u64,
    last_wanted: SystemTime,
}

/// How much is in the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Content {
    /// Number of chunks.
    pub chunks: usize,
    /// Bytes of their files.
    pub bytes: u64,
}

impl ChunkCache {
    /// A cache in a folder, which need not exist, of at most so many bytes.
    pub(crate) fn at(folder: impl Into<PathBuf>, limit: u64) -> Self {
        let (hits, misses) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { folder: folder.into(), limit, used: Mutex::new(None), hits, misses, ends_chunks: false }
    }

    /// The same; a chunk that nobody waits for any more is spoken to its end and kept, so that a program which is asked to stop loses no work.
    #[must_use]
    pub(crate) fn ending_chunks(self, ends_chunks: bool) -> Self {
        Self { ends_chunks, ..self }
    }

    /// Whether a chunk that nobody waits for any more is spoken to its end.
    pub(super) fn ends_chunks(&self) -> bool {
        self.ends_chunks
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Chunks that were found, and chunks that had to be spoken, since the process began.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// A chunk that was kept. What is damaged is removed and counts as missing.
    pub(super) fn get(&self, key: &[u8; 32]) -> Option<Chunk> {
        let found = self.read(&self.path_of(key), key);
        let count = if found.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    fn read(&self, path: &Path, key: &[u8; 32]) -> Option<Chunk> {
        let bytes = fs::read(path).ok()?;
        let chunk = Chunk::from_bytes(&bytes, key);
        if chunk.is_none() {
            warn!(file = %path.display(), "a kept chunk is damaged; it is spoken again");
            let _ = fs::remove_file(path);
        } else if let Ok(file) = File::open(path) {
            let _ = file.set_modified(SystemTime::now());
        }
        chunk
    }

    /// Keeps a chunk. A cache is a convenience: where it can't be written, the sound is simply made again next time.
    pub(super) fn put(&self, key: &[u8; 32], chunk: &Chunk) {
        let bytes = chunk.to_bytes(key);
        let length = bytes.len() as u64;
        if length > self.limit {
            return;
        }
        let path = self.path_of(key);
        let outcome = match self.write(&path, &bytes) {
            Err(error) if is_full(&error) => {
                self.shrink_to(self.content().bytes / 2);
                self.write(&path, &bytes)
            }
            outcome => outcome,
        };
        if let Err(error) = outcome {
            debug!(file = %path.display(), %error, "a chunk can't be kept");
            return;
        }
        let mut used = self.used();
        let now = used.map_or_else(|| self.content().bytes, |used| used + length);
        *used = Some(now);
        if now > self.limit {
            *used = Some(self.shrink_to(self.limit / 10 * KEPT_TENTHS));
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        make_private(path.parent().unwrap_or(&self.folder))?;
        let pending = PendingFile::create(path)?;
        pending.file().write_all(bytes)?;
        // No sync: a file that a crash tears fails its hash.
        pending.name_unsynced()
    }

    /// Removes the files that were not wanted for longest until at most so many bytes are left; returns how many are.
    fn shrink_to(&self, target: u64) -> u64 {
        let mut files: Vec<CachedFile> = self.files().collect();
        files.sort_unstable_by_key(|file| file.last_wanted);
        let mut left: u64 = files.iter().map(|file| file.bytes).sum();
        for file in files {
            if left <= target {
                break;
            }
            if fs::remove_file(&file.path).is_ok() {
                left -= file.bytes;
            }
        }
        left
    }

    /// How much is in it.
    pub(crate) fn content(&self) -> Content {
        self.files().fold(Content::default(), |Content { chunks, bytes }, file| Content {
            chunks: chunks + 1,
            bytes: bytes + file.bytes,
        })
    }

    /// Removes all chunks, and returns what they were.
    pub(crate) fn clear(&self) -> io::Result<Content> {
        let mut removed = Content::default();
        for file in self.files() {
            fs::remove_file(&file.path)?;
            removed = Content { chunks: removed.chunks + 1, bytes: removed.bytes + file.bytes };
        }
        *self.used() = None;
        Ok(removed)
    }

    /// Reads all chunks, removes those that are damaged, and returns their number.
    pub(crate) fn verify(&self) -> io::Result<usize> {
        let mut damaged = 0;
        for file in self.files() {
            let bytes = match fs::read(&file.path) {
                // Another process has made room.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                bytes => bytes?,
            };
            if Chunk::from_bytes(&bytes, &file.key).is_none() {
                fs::remove_file(&file.path)?;
                damaged += 1;
            }
        }
        Ok(damaged)
    }

    /// The files of all chunks. Files that are none of the cache's are left alone.
    pub(crate) fn files(&self) -> impl Iterator<Item = CachedFile> {
        let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let drawers = entries(&self.folder).filter(|entry| entry.file_name().len() == 2);
        drawers.flat_map(move |drawer| entries(&drawer.path())).filter_map(|entry| {
            let path = entry.path();
            let key = key_of(&path)?;
            let data = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some(CachedFile { path, key, bytes: data.len(), last_wanted: data.modified().ok()? })
        })
    }

    /// A folder holds a 256th of the files: some file systems are slow with many in one.
    fn path_of(&self, key: &[u8; 32]) -> PathBuf {
        let name = hex(key);
        self.folder.join(&name[..2]).join(name).with_extension(ENDING)
    }

    fn used(&self) -> MutexGuard<'_, Option<u64>> {
        // A number is valid after any panic.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key that a file is named after.
fn key_of(path: &Path) -> Option<[u8; 32]> {
    if path.extension()? != ENDING {
        return None;
    }
    let digits = path.file_stem()?.to_str()?;
    let mut key = [0; 32];
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != key.len() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Makes a folder, and those above it, that only the user may look into: what somebody listens to is nobody else's business.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::synth::Timings;

    const SAMPLES: usize = 1_000;

    fn chunk(number: u8) -> Chunk {
        let timings = Timings { lead_in: 1, symbols: vec![SAMPLES - 2], lead_out: 1 };
        Chunk { timings, samples: vec![f32::from(number); SAMPLES] }
    }

    fn key(number: u8) -> [u8; 32] {
        let mut key = [0; 32];
        key[0] = number;
        key
    }

    fn held(cache: &ChunkCache, of: std::ops::Range<u8>) -> Vec<u8> {
        of.filter(|number| cache.path_of(&key(*number)).exists()).collect()
    }

    #[test]
    fn what_was_not_wanted_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let size = chunk(0).to_bytes(&key(0)).len() as u64;
        let cache = ChunkCache::at(folder.path().join("cache"), 10 * size);
        for number in 0..10 {
            cache.put(&key(number), &chunk(number));
            let then = SystemTime::now() - Duration::from_mins(100 - u64::from(number));
            File::open(cache.path_of(&key(number))).unwrap().set_modified(then).unwrap();
        }
        assert_eq!(cache.content(), Content { chunks: 10, bytes: 10 * size });
        assert_eq!(cache.get(&key(0)).unwrap(), chunk(0));
        cache.put(&key(10), &chunk(10));
        assert_eq!(held(&cache, 0..11), [0, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(cache.counts(), (1, 0));
        // Another process that knows only the limit finds the same.
        let other = ChunkCache::at(cache.path(), 4 * size);
        other.put(&key(11), &chunk(11));
        assert_eq!(held(&other, 0..12).len(), 3, "{:?}", held(&other, 0..12));
        assert!(other.get(&key(1)).is_none() && other.get(&key(11)).is_some());
        assert_eq!(other.counts(), (1, 1));
    }

    #[test]
    fn damaged_files_are_found_and_foreign_ones_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = ChunkCache::at(folder.path().join("cache"), 1 << 20);
        for number in 0..4 {
            cache.put(&key(number), &chunk(number));
        }
        let foreign = cache.path().join("00").join("notes.txt");
        fs::write(&foreign, "mine").unwrap();
        fs::write(cache.path_of(&key(1)), "torn").unwrap();
        // One chunk under the name of another.
        fs::copy(cache.path_of(&key(2)), cache.path_of(&key(3))).unwrap();
        assert_eq!(cache.verify().unwrap(), 2);
        assert_eq!(held(&cache, 0..4), [0, 2]);
        assert_eq!(cache.clear().unwrap().chunks, 2);
        assert_eq!(cache.content(), Content::default());
        assert!(foreign.exists());
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = ChunkCache::at(file.join("cache"), 1 << 20);
        cache.put(&key(1), &chunk(1));
        assert!(cache.get(&key(1)).is_none());
        let tiny = ChunkCache::at(folder.path().join("tiny"), 10);
        tiny.put(&key(1), &chunk(1));
        assert_eq!(tiny.content(), Content::default());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_may_look_into_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let cache = ChunkCache::at(folder.path().join("a/cache"), 1 << 20);
        cache.put(&key(1), &chunk(1));
        let mode = fs::metadata(cache.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
