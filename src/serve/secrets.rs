//! Files whose content is for the server alone: hashes of tokens, the key of a certificate.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// Larger files are refused.
const LARGEST: u64 = 1 << 20;

/// Reads a file. One with a secret may be read by its owner and by a group, as `/etc` has files for services, and written by its owner only.
pub(super) fn read(path: &Path, name: &str, is_secret: bool) -> Result<Vec<u8>> {
    let wrong = |what: String| Error::new(ErrorKind::Usage, what).at(Place::file(path));
    let unreadable = |cause: std::io::Error| {
        wrong(format!("{name} can't be read")).because(cause).with_cure(Cure::CheckFile)
    };
    // The permissions are those of the file that is read: the name may lead to another one meanwhile.
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(wrong(format!("{name} is no file, or larger than 1 MiB")).with_cure(Cure::CheckFile));
    }
    if is_secret && is_open_to_others(&metadata) {
        return Err(wrong(format!("other users may read or change {name}")).with_cure(Cure::ProtectFile));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Whether everybody may read or write a file, or its group may write it; where there are no such permissions nobody can tell.
#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o027 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_metadata: &Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_secret_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "x").unwrap();
        let rows =
            [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o604, false)];
        each(rows, |(mode, is_taken)| {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let found = read(&path, "the file", true);
            assert_eq!(found.is_ok(), is_taken, "{mode:o}: {found:?}");
            if let Err(error) = found {
                assert_eq!(error.cure(), Some(&Cure::ProtectFile), "{mode:o}");
            }
        });
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(read(&path, "the file", false).unwrap(), b"x");
        assert_eq!(read(folder.path(), "the file", false).unwrap_err().cure(), Some(&Cure::CheckFile));
        let gone = read(&folder.path().join("gone"), "the file", false).unwrap_err();
        assert_eq!((gone.kind(), gone.what()), (ErrorKind::Usage, "the file can't be read"));
    }
}
