//! Hashes over fields, none of which can be mistaken for a part of its neighbour.

use sha2::{Digest, Sha256};

/// A hash of several fields, each with its length before it.
pub(crate) struct Fields(Sha256);

impl Fields {
    /// Begins with the name of the kind of key, and its version.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Sha256::new()).with(kind.as_bytes())
    }

    /// One more field.
    #[must_use]
    pub(crate) fn with(mut self, field: &[u8]) -> Self {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
        self
    }

    /// The hash.
    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// A hash in lower-case hexadecimal digits.
pub(crate) fn hex(hash: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0F)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_apart() {
        let split = Fields::of("k").with(b"ab").with(b"c").finish();
        assert_ne!(split, Fields::of("k").with(b"a").with(b"bc").finish());
        assert_ne!(split, Fields::of("k").with(b"abc").finish());
        assert_ne!(split, Fields::of("l").with(b"ab").with(b"c").finish());
        assert_eq!(split, Fields::of("k").with(b"ab").with(b"c").finish());
        assert_eq!(hex(&[0, 171, 255]), "00abff");
    }
}
