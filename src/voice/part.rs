//! A file on its way: written beside, checked while it grows, named only when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::checksum::{feed, hex};
use super::failure::Failure;
use super::manifest::FileSpec;
use crate::error::{Cure, Error, ErrorKind, Place};
use crate::files::put_in_place;

/// An unfinished file. Dropped, it stays as it is, to be resumed.
pub(super) struct PartFile<'a> {
    spec: &'a FileSpec,
    path: PathBuf,
    file: File,
    hasher: Sha256,
    written: u64,
}

impl<'a> PartFile<'a> {
    /// Continues with the part that an earlier attempt left at `path`, or begins.
    pub(super) fn resume(
        path: PathBuf,
        spec: &'a FileSpec,
        check_cancelled: &mut dyn FnMut() -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let mut part = Self::open(path, spec)?;
        let length = part.file.metadata().map_err(|error| part.unwritable(error))?.len();
        if length > spec.size {
            part.restart()?;
            return Ok(part);
        }
        let mut stopped = None;
        let read = feed(&mut part.hasher, &part.file, &mut || {
            check_cancelled().map_err(|failure| {
                stopped = Some(failure);
                io::Error::from(io::ErrorKind::Interrupted)
            })
        });
        match (stopped, read) {
            (Some(failure), _) => Err(failure),
            (None, Err(error)) => Err(part.unwritable(error)),
            (None, Ok(count)) => {
                part.written = count;
                Ok(part)
            }
        }
    }

    /// Begins, and replaces any file at `path`.
    pub(super) fn create(path: PathBuf, spec: &'a FileSpec) -> Result<Self, Failure> {
        let mut part = Self::open(path, spec)?;
        part.restart()?;
        Ok(part)
    }

    fn open(path: PathBuf, spec: &'a FileSpec) -> Result<Self, Failure> {
        // Not truncated: the bytes there are read for their checksum, which leaves the next write at their end.
        match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path) {
            Ok(file) => Ok(Self { spec, path, file, hasher: Sha256::new(), written: 0 }),
            Err(error) => Err(unwritable(&path, spec, error)),
        }
    }

    /// Discards the bytes so far.
    pub(super) fn restart(&mut self) -> Result<(), Failure> {
        self.file.set_len(0).and_then(|()| self.file.rewind()).map_err(|error| self.unwritable(error))?;
        self.hasher = Sha256::new();
        self.written = 0;
        Ok(())
    }

    /// Adds a block; more than the file's size is refused before it is written.
    pub(super) fn push(&mut self, block: &[u8]) -> Result<(), Failure> {
        if self.written + block.len() as u64 > self.spec.size {
            return Err(Failure::source(format!("it sends more than the {} bytes expected", self.spec.size)));
        }
        self.file.write_all(block).map_err(|error| self.unwritable(error))?;
        self.hasher.update(block);
        self.written += block.len() as u64;
        Ok(())
    }

    /// Bytes so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Its final name.
    pub(super) fn spec(&self) -> &'a FileSpec {
        self.spec
    }

    /// Gives the file its name if it is whole. A short one stays to be resumed, a wrong one is deleted.
    pub(super) fn finish(self, destination: &Path) -> Result<(), Failure> {
        let Self { spec, path, file, hasher, written } = self;
        if written != spec.size {
            return Err(Failure::source(format!("only {written} of {} bytes came", spec.size)));
        }
        let found = hex(hasher);
        if found != spec.sha256 {
            drop(file);
            fs::remove_file(&path).map_err(|error| unwritable(&path, spec, error))?;
            return Err(Failure::WrongChecksum(format!(
                "wrong checksum: SHA-256 {found}, expected {}",
                spec.sha256
            )));
        }
        // Windows does not rename an open file.
        drop(file);
        put_in_place(&path, destination).map_err(|error| unwritable(destination, spec, error))
    }

    fn unwritable(&self, error: io::Error) -> Failure {
        unwritable(&self.path, self.spec, error)
    }
}

/// No other source can help when our own disk refuses.
pub(super) fn unwritable(path: &Path, spec: &FileSpec, error: io::Error) -> Failure {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let what = if full {
        format!("the disk is full: {} needs {} bytes", spec.file, spec.size)
    } else {
        format!("{} can't be written", spec.file)
    };
    let cure = if full { Cure::FreeSpaceForVoices } else { Cure::MakeVoicesWritable };
    Failure::stop(Error::new(ErrorKind::Output, what).at(Place::file(path)).because(error).with_cure(cure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn abc() -> FileSpec {
        FileSpec {
            file: "abc".into(),
            size: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
        }
    }

    #[test]
    fn a_part_is_resumed_and_named_when_whole() {
        let (folder, spec) = (tempfile::tempdir().unwrap(), abc());
        let (path, end) = (folder.path().join("abc.part"), folder.path().join("abc"));
        fs::write(&path, "a").unwrap();
        let mut part = PartFile::resume(path.clone(), &spec, &mut || Ok(())).unwrap();
        assert_eq!(part.written(), 1);
        part.push(b"bc").unwrap();
        part.finish(&end).unwrap();
        assert_eq!(fs::read(end).unwrap(), b"abc");
        assert!(!path.exists());
    }

    #[test]
    fn a_short_part_stays_and_a_wrong_one_goes() {
        let (folder, spec) = (tempfile::tempdir().unwrap(), abc());
        let (path, end) = (folder.path().join("abc.part"), folder.path().join("abc"));
        each([(b"ab".as_slice(), true), (b"xyz", false)], |(content, kept)| {
            let mut part = PartFile::create(path.clone(), &spec).unwrap();
            part.push(content).unwrap();
            assert!(part.finish(&end).is_err());
            assert_eq!(path.exists(), kept, "{content:?}");
            assert!(!end.exists());
        });
    }

    #[test]
    fn too_much_is_refused_and_too_long_a_part_is_begun_anew() {
        let (folder, spec) = (tempfile::tempdir().unwrap(), abc());
        let path = folder.path().join("abc.part");
        fs::write(&path, "abcdef").unwrap();
        let mut part = PartFile::resume(path, &spec, &mut || Ok(())).unwrap();
        assert_eq!(part.written(), 0);
        assert!(matches!(part.push(b"abcd"), Err(Failure::Source { .. })));
        assert_eq!(part.written(), 0);
    }

    #[test]
    fn a_full_disk_names_the_bytes_needed() {
        let failure = unwritable(Path::new("x"), &abc(), io::ErrorKind::StorageFull.into());
        let Failure::Stop(error) = failure else { panic!("no source can help") };
        assert_eq!(error.kind(), ErrorKind::Output);
        assert!(error.what().contains("needs 3 bytes"), "{}", error.what());
    }
}
