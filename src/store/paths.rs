//! Paths as text that is read back as the same path, whatever bytes it has.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Begins a path whose bytes are no text; no relative path begins like this.
const BYTES: &str = "/bytes:";

/// A relative path as text.
pub(crate) fn written(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_string(),
        None => format!("{BYTES}{}", crate::hash::hex(path.as_os_str().as_encoded_bytes())),
    }
}

/// The path that was written so.
pub(crate) fn read(text: &str) -> PathBuf {
    text.strip_prefix(BYTES)
        .and_then(bytes_of)
        .and_then(of_bytes)
        .map_or_else(|| PathBuf::from(text), PathBuf::from)
}

/// Removes the folders around a file that are empty, from within to without; the folder of the results stays.
pub(crate) fn remove_empty(results: &Path, file: &Path) {
    let around = file.ancestors().skip(1);
    for folder in around.take_while(|folder| *folder != results && folder.starts_with(results)) {
        // One that is not empty is not removed.
        if std::fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there may be none")]
fn of_bytes(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

/// Here such a name is not made of bytes, and is not found again.
#[cfg(not(unix))]
fn of_bytes(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn text_stays_text() {
        each(["a.wav", "2026/a b.mp3", "é", "", "bytes:ff"], |path| {
            assert_eq!(written(Path::new(path)), path);
            assert_eq!(read(path), Path::new(path));
        });
    }

    #[cfg(unix)]
    #[test]
    fn f10_bytes_that_are_no_text_come_back() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        each([&b"bad\xff.wav"[..], b"\xfe/x", b"\xe2\x82"], |bytes| {
            let path = Path::new(OsStr::from_bytes(bytes));
            assert_eq!(read(&written(path)), path);
        });
    }
}
