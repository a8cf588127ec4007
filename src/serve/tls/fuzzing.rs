//! Certificates and keys, for `crate::fuzzing`.

use std::path::Path;

use super::{chain, configured, secret};

/// One file with both.
pub(in crate::serve) fn pem(bytes: &[u8]) {
    let file = Path::new("a.pem");
    if let (Ok(chain), Ok(key)) = (chain(bytes, file), secret(bytes, file)) {
        let _ = configured(chain, key, (file, file));
    }
}
