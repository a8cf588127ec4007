//! A file of credentials, as `nsc` makes it: who a user is, as a signed token (JWT), and the seed of the key that proves it.
//!
//! Tokens end, so whoever rotates them writes a new file in the place of the old one. The file is read at each connection.

use std::path::Path;

use async_nats::{Auth, AuthError};
use nkeys::KeyPair;

use crate::error::{Error, ErrorKind, Place, Result};

/// The lines that a token and a seed stand between.
const TOKEN: &str = "NATS USER JWT";
const SEED: &str = "USER NKEY SEED";
/// Bytes of the longest file.
const LARGEST: u64 = 1 << 20;

/// Who somebody is.
pub(in crate::cluster) struct Credentials {
    token: String,
    key: KeyPair,
}

impl Credentials {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`]: it can't be read, or something is missing in it.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let unread = || {
            Error::new(ErrorKind::Usage, "the credentials for the queue can't be read").at(Place::file(path))
        };
        let is_large = std::fs::metadata(path).map_err(|cause| unread().because(cause))?.len() > LARGEST;
        if is_large {
            return Err(unread().because("it is too large"));
        }
        let text = std::fs::read_to_string(path).map_err(|cause| unread().because(cause))?;
        Self::parse(&text).map_err(|cause| unread().because(cause))
    }

    /// Finds both in the text of a file.
    pub(in crate::cluster) fn parse(text: &str) -> std::result::Result<Self, &'static str> {
        let token = between(text, TOKEN).ok_or("there is no token in it")?.to_owned();
        let seed = between(text, SEED).ok_or("there is no seed in it")?;
        let key = KeyPair::from_seed(seed).map_err(|_| "its seed is none")?;
        Ok(Self { token, key })
    }

    /// The answer to what a server gives to be signed.
    fn answer(&self, nonce: &[u8]) -> std::result::Result<Auth, AuthError> {
        let mut answer = Auth::new();
        answer.jwt = Some(self.token.clone());
        answer.signature = Some(self.key.sign(nonce).map_err(AuthError::new)?);
        Ok(answer)
    }
}

/// Who the file says that we are now.
pub(super) fn answer(path: &Path, nonce: &[u8]) -> std::result::Result<Auth, AuthError> {
    Credentials::read(path).map_err(AuthError::new)?.answer(nonce)
}

/// The only line between `-----BEGIN what-----` and `------END what------`, whose number of strokes differs from maker to maker.
fn between<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    let is = |line: &str, edge: &str| {
        let name = line.trim().strip_prefix("---").and_then(|line| line.strip_suffix("---"));
        name.is_some_and(|name| name.trim_matches('-').strip_prefix(edge).map(str::trim) == Some(what))
    };
    let mut lines = text.lines().skip_while(|line| !is(line, "BEGIN")).skip(1);
    let found = lines.next()?.trim();
    let is_ended = lines.next().is_some_and(|line| is(line, "END"));
    (is_ended && !found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_file_has_a_token_and_a_seed() {
        let key = KeyPair::new_user();
        let seed = key.seed().unwrap();
        let file = format!(
            "-----BEGIN NATS USER JWT-----\neyJ0.e30.c2ln\n------END NATS USER JWT------\n\n\
             ************************* IMPORTANT *************************\nKeep it.\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        let rows = [
            (file.clone(), None),
            (file.replace('\n', "\r\n"), None),
            (file.replace("------END", "-----END"), None),
            (String::new(), Some("token")),
            (file[..60].to_owned(), Some("token")),
            (file.replace("eyJ0.e30.c2ln", ""), Some("token")),
            (file.replace("BEGIN NATS USER JWT", "BEGIN NATS ACCOUNT JWT"), Some("token")),
            (file.replace("BEGIN USER NKEY SEED", ""), Some("no seed")),
            (file.replace(&seed, "SUA"), Some("seed is none")),
        ];
        each(rows, |(text, wanted)| {
            let told = Credentials::parse(&text).err();
            assert_eq!(told.is_some(), wanted.is_some(), "{text}: {told:?}");
            assert!(told.unwrap_or_default().contains(wanted.unwrap_or_default()), "{text}: {told:?}");
        });
        let answer = Credentials::parse(&file).unwrap().answer(b"nonce").unwrap();
        assert_eq!(answer.jwt.as_deref(), Some("eyJ0.e30.c2ln"));
        key.verify(b"nonce", &answer.signature.unwrap()).unwrap();
    }
}
