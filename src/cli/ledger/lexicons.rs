//! Which articles a change of the lexicons concerns: those that would be said otherwise.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::article::Article;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::hash::Fields;
use crate::lexicon::user::UserLexicon;
use crate::lexicon::{AcronymStyle, Lexicon};
use crate::report::{SpeechSettings, front_end};
use crate::script::FrontEnd;
use crate::store::manifest::Manifest;
use crate::text::Dialect;

/// The lexicons of a run.
#[derive(Clone, Debug)]
pub(crate) struct Lexicons {
    /// The hash of what is in them.
    pub hash: [u8; 32],
    /// The files with their names, as JSON.
    pub files: String,
    settings: SpeechSettings,
    dialect: Dialect,
}

/// A file as the ledger keeps it.
#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    name: String,
    text: String,
}

impl Lexicons {
    /// The lexicons of some files; settings and dialect are those of the run.
    pub(crate) fn of(files: &[PathBuf], settings: SpeechSettings, dialect: Dialect) -> Result<Self> {
        let mut fields = Fields::of("audio-report lexicons 1");
        let mut kept = Vec::new();
        for file in files {
            let bytes = fs::read(file).map_err(|cause| {
                Error::new(ErrorKind::Lexicon, "the lexicon can't be read")
                    .at(Place::file(file))
                    .because(cause)
            })?;
            fields = fields.with(&bytes);
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            kept.push(Kept { name, text: String::from_utf8_lossy(&bytes).into_owned() });
        }
        let files = serde_json::to_string(&kept).map_err(|cause| {
            Error::new(ErrorKind::Lexicon, "the lexicons can't be remembered").because(cause)
        })?;
        Ok(Self { hash: fields.finish(), files, settings, dialect })
    }

    /// Whether an article is said otherwise with these lexicons than with those before, both by this program: what another version of it
    /// would change does not count. What can't be told is taken for a change.
    pub(crate) fn concerns(&self, article: &Arc<Article>, before: Option<&str>) -> Result<bool> {
        let Some(before) = before.and_then(load) else { return Ok(true) };
        let style = self.settings.lexicon.style();
        let before = Arc::new(Lexicon::built_in().with_user(before).with_style(style));
        let said = |settings: &SpeechSettings| said(&Arc::new(front_end(self.dialect, settings)), article);
        Ok(said(&self.settings)? != said(&self.settings.clone().with_lexicon(before))?)
    }
}

/// The knowledge about words with lexicons of a hash, where they are kept.
pub(crate) fn lexicon_of(
    manifest: &Manifest,
    hash: &[u8],
    style: AcronymStyle,
) -> Result<Option<Arc<Lexicon>>> {
    let user = manifest.kept_lexicon(hash)?.as_deref().and_then(load);
    Ok(user.map(|user| Arc::new(Lexicon::built_in().with_user(user).with_style(style))))
}

/// All that an article makes the voice say.
fn said(front_end: &Arc<FrontEnd>, article: &Arc<Article>) -> Result<Vec<String>> {
    front_end.script(article.clone()).map(|chunk| Ok(chunk?.phonemes)).collect()
}

/// The lexicon of files that a ledger kept.
fn load(files: &str) -> Option<UserLexicon> {
    let kept: Vec<Kept> = serde_json::from_str(files).ok()?;
    let folder = tempfile::tempdir().ok()?;
    let mut paths = Vec::new();
    for (number, Kept { name, text }) in kept.iter().enumerate() {
        // Two may have one name, and the ending tells the format.
        let path = folder.path().join(format!("{number}-{name}"));
        fs::write(&path, text).ok()?;
        paths.push(path);
    }
    UserLexicon::load(&paths).ok()
}
