//! Compares a file with the manifest.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::manifest::FileSpec;

/// How much is read and written at once.
pub(super) const BLOCK: usize = 64 * 1024;

/// The state of a file of a voice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum FileState {
    /// Nothing.
    Missing,
    /// The right file, as far as it was checked.
    Good,
    /// A file of another length.
    WrongSize {
        /// Bytes it has.
        found: u64,
    },
    /// A file of the right length with other content.
    WrongChecksum,
    /// Something that can't be read as a file.
    Unreadable {
        /// Why not.
        why: String,
    },
}

/// Looks at the length only: cheap enough for every start of the program.
pub(super) fn inspect_size(path: &Path, spec: &FileSpec) -> FileState {
    match path.metadata() {
        Ok(data) if !data.is_file() => FileState::Unreadable { why: "it is not a regular file".into() },
        Ok(data) if data.len() != spec.size => FileState::WrongSize { found: data.len() },
        Ok(_) => FileState::Good,
        Err(error) if error.kind() == io::ErrorKind::NotFound => FileState::Missing,
        Err(error) => FileState::Unreadable { why: error.to_string() },
    }
}

/// Reads the whole file.
pub(super) fn inspect_content(path: &Path, spec: &FileSpec) -> FileState {
    let state = inspect_size(path, spec);
    if state != FileState::Good {
        return state;
    }
    let mut hasher = Sha256::new();
    match File::open(path).and_then(|file| feed(&mut hasher, file, &mut || Ok(()))) {
        Ok(_) if hex(hasher) == spec.sha256 => FileState::Good,
        Ok(_) => FileState::WrongChecksum,
        Err(error) => FileState::Unreadable { why: error.to_string() },
    }
}

/// Feeds all of `from` to the hasher; `before_block` may stop it.
pub(super) fn feed(
    hasher: &mut Sha256,
    mut from: impl Read,
    before_block: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut total = 0;
    loop {
        before_block()?;
        match from.read(&mut block) {
            Ok(0) => return Ok(total),
            Ok(count) => {
                hasher.update(&block[..count]);
                total += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The digest in lower-case hexadecimal.
pub(super) fn hex(hasher: Sha256) -> String {
    use std::fmt::Write;

    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        // FIPS 180-4, the example of the one-block message "abc".
        let spec = FileSpec {
            file: "abc".into(),
            size: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
        };
        assert_eq!(inspect_content(&path, &spec), FileState::Missing);
        std::fs::write(&path, "abcd").unwrap();
        assert_eq!(inspect_content(&path, &spec), FileState::WrongSize { found: 4 });
        std::fs::write(&path, "abd").unwrap();
        assert_eq!(inspect_size(&path, &spec), FileState::Good);
        assert_eq!(inspect_content(&path, &spec), FileState::WrongChecksum);
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(inspect_content(&path, &spec), FileState::Good);
        assert!(matches!(inspect_size(folder.path(), &spec), FileState::Unreadable { .. }));
    }
}
