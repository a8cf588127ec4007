//! Tokens that let programs in. The server knows only their SHA-256: whoever reads its file can't use it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::hash::hex;
use crate::serve::secrets;

/// Begins every token that this program makes, so that people and scanners of secrets know one when they see it.
const PREFIX: &str = "art_";
/// Random bytes of a token.
const RANDOM: usize = 32;
/// Longest name in a line.
const LONGEST_NAME: usize = 64;

/// The hash of a token.
pub(super) type Hash = [u8; 32];

/// The tokens of a file.
#[derive(Debug)]
pub(crate) struct Tokens {
    file: PathBuf,
    known: RwLock<Arc<[Known]>>,
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    hash: Hash,
    /// Who has the token.
    name: String,
}

impl Tokens {
    /// Reads a file of tokens.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let known = RwLock::new(read(file)?);
        Ok(Self { file: file.to_path_buf(), known })
    }

    /// Reads the file again, and says how many tokens there are now. A file with a fault changes nothing.
    pub(super) fn reload(&self) -> Result<usize> {
        let known = read(&self.file)?;
        let count = known.len();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(count)
    }

    /// Who has a token with this hash. It takes the same time wherever the hash stands, and however much of another one is like it.
    pub(super) fn holder(&self, hash: &Hash) -> Option<String> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut holder = None;
        for token in &*known {
            if bool::from(token.hash.ct_eq(hash)) {
                holder = Some(token.name.clone());
            }
        }
        holder
    }
}

/// The hash of a token as clients send it.
pub(super) fn hash_of(token: &[u8]) -> Hash {
    Sha256::digest(token).into()
}

fn read(file: &Path) -> Result<Arc<[Known]>> {
    let bytes = secrets::read(file, "the token file", true)?;
    let wrong = |what: &str| Error::new(ErrorKind::Usage, what).with_cure(Cure::MendTokens);
    // A message about its bytes would show some of them.
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_| wrong("the token file is not UTF-8 text").at(Place::file(file)))?;
    let known = parse(text).map_err(|line| {
        wrong("a line of the token file does not begin with a SHA-256 in 64 hexadecimal digits")
            .at(Place { line: Some(line), ..Place::file(file) })
    })?;
    if known.is_empty() {
        return Err(wrong("the token file has no token, so nobody could come in").at(Place::file(file)));
    }
    Ok(known.into())
}

/// Parses the text of a file; an error is the number of the line, and never what is there: it may be a token.
pub(super) fn parse(text: &str) -> Result<Vec<Known>, usize> {
    let mut known = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (digits, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let hash = unhex(digits).ok_or(index + 1)?;
        let name: String = printable(name.trim()).chars().take(LONGEST_NAME).collect();
        known.push(Known { hash, name });
    }
    Ok(known)
}

fn unhex(digits: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    let digits = digits.as_bytes();
    if digits.len() != 2 * hash.len() {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (value(pair[0])? * 16 + value(pair[1])?) as u8;
    }
    Some(hash)
}

/// A token that was just made. No form of it that a log would print exists.
pub(crate) struct NewToken {
    /// For the client, which nobody sees a second time.
    pub token: String,
    /// For the file.
    pub line: String,
}

impl NewToken {
    /// Makes one, with a name in its line.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a name that does not fit into a line.
    pub(crate) fn make(name: &str) -> Result<Self> {
        let fits = name.chars().count() <= LONGEST_NAME && !name.contains('#') && printable(name) == name;
        if !fits {
            return Err(Error::new(
                ErrorKind::Usage,
                "the name of a token has a sign that a line of the token file can't have, or more than 64",
            )
            .with_cure(Cure::NameToken));
        }
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<RANDOM>()?));
        let line = format!("{} {}", hex(&hash_of(token.as_bytes())), name.trim()).trim_end().to_string();
        Ok(Self { token, line })
    }
}

/// Bytes that nobody can guess.
pub(super) fn random<const BYTES: usize>() -> Result<[u8; BYTES]> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random).map_err(|cause| {
        Error::new(ErrorKind::Output, "the system gives no random numbers")
            .because(cause.to_string())
            .with_cure(Cure::FreeProcesses)
    })?;
    Ok(random)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    /// SHA-256 of "abc", as FIPS 180-2 has it.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_file_has_a_hash_a_line_with_a_name_or_without() {
        let two = format!("{ABC}\n{}", "00".repeat(32));
        let rows: [(String, Result<&[&str], usize>); 10] = [
            (ABC.to_string(), Ok(&[""])),
            (format!("{ABC} ann's laptop\r\n"), Ok(&["ann's laptop"])),
            // As sha256sum writes it.
            (format!("{}  -\n", ABC.to_uppercase()), Ok(&["-"])),
            (format!("# who\n\n\t{ABC}\tbo # until May\n"), Ok(&["bo"])),
            (two, Ok(&["", ""])),
            (String::new(), Ok(&[])),
            ("# nobody".to_string(), Ok(&[])),
            (format!("# one\n{}", &ABC[1..]), Err(2)),
            (format!("{ABC}\n{ABC}0 x"), Err(2)),
            ("art_plain".to_string(), Err(1)),
        ];
        each(rows, |(text, want)| {
            let found = parse(&text);
            let names =
                found.as_ref().map(|known| known.iter().map(|token| &*token.name).collect::<Vec<_>>());
            assert_eq!(names.map_err(|line| *line), want.map(<[_]>::to_vec), "{text}");
        });
        assert_eq!(parse(ABC).unwrap()[0].hash, hash_of(b"abc"));
    }

    #[test]
    fn a_new_token_opens_with_its_line() {
        let (one, other) = (NewToken::make("ann").unwrap(), NewToken::make("").unwrap());
        assert_ne!(one.token, other.token);
        assert_eq!(one.token.len(), PREFIX.len() + 43);
        assert!(one.line.ends_with(" ann") && other.line.len() == 64, "{} {}", one.line, other.line);
        let known = parse(&format!("{}\n{}", other.line, one.line)).unwrap();
        let tokens = Tokens { file: PathBuf::new(), known: RwLock::new(known.into()) };
        assert_eq!(tokens.holder(&hash_of(one.token.as_bytes())).as_deref(), Some("ann"));
        assert_eq!(tokens.holder(&hash_of(other.token.as_bytes())).as_deref(), Some(""));
        assert_eq!(tokens.holder(&hash_of(&one.token.as_bytes()[1..])), None);
        each(["a # b", "a\nb", &*"x".repeat(65), "\u{202e}"], |name| {
            assert!(NewToken::make(name).is_err(), "{name:?}");
        });
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,90}") {
            let _ = parse(&text);
        }

        #[test]
        fn hashes_are_read_as_they_are_written(hash: [u8; 32]) {
            prop_assert_eq!(unhex(&hex(&hash)), Some(hash));
        }
    }
}
