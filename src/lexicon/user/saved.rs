//! A lexicon that a program writes: words are added to a file in TOML and taken out of it. All else in the file stays as people wrote it.

pub(super) mod edit;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use edit::Change;

use super::given::entry;
use super::{Problem, UserLexicon, read_text};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::PendingFile;

/// Bytes that a file may grow to by words that are saved; some ten thousand of them.
const LARGEST: usize = 1 << 20;

/// The file.
#[derive(Debug)]
pub(crate) struct Saved {
    path: PathBuf,
}

/// Why a word is not changed.
#[derive(Debug)]
pub(crate) enum Unsaved {
    /// It is no word, or that is no pronunciation.
    Wrong(Problem),
    /// The file has no such word.
    Unknown,
    /// The file says more about the word than how it is said, which a program must not throw away.
    Elaborate,
    /// The file can't be read or written, or has a fault.
    Failed(Error),
    /// The file is as long as it may be.
    Full,
}

impl From<Error> for Unsaved {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Saved {
    /// A file that may not be there yet. Its folder must be.
    ///
    /// # Errors
    /// [`ErrorKind::Lexicon`] when it is no lexicon in TOML, or can't be read.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let saved = Self { path: path.to_path_buf() };
        saved.lexicon(UserLexicon::default())?;
        // A server should not find out when somebody has thought about a word.
        PendingFile::create(path).map_err(|cause| saved.unwritable(cause))?;
        Ok(saved)
    }

    /// A lexicon with the words of the file above all others.
    pub(crate) fn lexicon(&self, below: UserLexicon) -> Result<UserLexicon> {
        below.with_text(&self.path, &self.text()?)
    }

    /// The words with a plain pronunciation, and how each is said: a respelling, or IPA between slashes. In the order of the file.
    pub(crate) fn list(&self) -> Result<Vec<(String, String)>> {
        Ok(edit::plain_words(&self.text()?))
    }

    /// Has a word said in this way from now on.
    pub(crate) fn save(&self, word: &str, said: &str) -> Result<(), Unsaved> {
        entry(word, said, 1).map_err(Unsaved::Wrong)?;
        self.change(word, &Change::Say(said.trim()))
    }

    /// Takes a word out.
    pub(crate) fn remove(&self, word: &str) -> Result<(), Unsaved> {
        self.change(word, &Change::Remove)
    }

    fn change(&self, word: &str, change: &Change<'_>) -> Result<(), Unsaved> {
        // Somebody may have edited the file meanwhile.
        let before = self.text()?;
        let after = edit::changed(&before, word, change)?;
        if after.len() > LARGEST && after.len() > before.len() {
            return Err(Unsaved::Full);
        }
        UserLexicon::default().with_text(&self.path, &after)?;
        self.write(&after).map_err(|cause| self.unwritable(cause))?;
        Ok(())
    }

    /// The file as it is now; empty where there is none.
    pub(crate) fn text(&self) -> Result<String> {
        match std::fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            _ => read_text(&self.path),
        }
    }

    fn write(&self, text: &str) -> io::Result<()> {
        // What is behind a link is changed, not the link.
        let path = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let part = PendingFile::create(&path)?;
        if let Ok(file) = File::open(&path) {
            part.file().set_permissions(file.metadata()?.permissions())?;
        }
        part.file().write_all(text.as_bytes())?;
        part.commit(true)
    }

    fn unwritable(&self, cause: io::Error) -> Error {
        Error::new(ErrorKind::Lexicon, "the saved words can't be written")
            .at(Place::file(&self.path))
            .because(cause)
            .with_cure(Cure::MakeFolderWritable)
    }
}

#[cfg(test)]
mod tests;
