//! What a newsroom says of one article: its spoken headline, paragraphs that are left out, words, the voice.
//!
//! The file is called as the report: `port.mp3` has `port.override.toml`. It lies beside the article, or in the folder of `--overrides`,
//! which counts first. A correction of the article does not touch it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;

use super::config::unreadable;
use super::input::Input;
use super::manner::Manner;
use crate::article::{Article, BlockKind};
use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};
use crate::hash::Fields;
use crate::lexicon::user::UserLexicon;
use crate::text::line_and_column;

/// Ends the name of every such file.
const ENDING: &str = ".override.toml";
/// Larger files are refused.
const LARGEST: u64 = 1 << 20;
/// Characters of a beginning that a message shows.
const SHOWN: usize = 60;

/// What is said of one article.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    path: PathBuf,
    text: String,
    said: Said,
}

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Said {
    title: Option<String>,
    leave_out: Vec<Which>,
    voice: Option<String>,
    /// Read by the reader of lexicons.
    words: toml::Table,
}

/// A paragraph.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Which {
    Number(usize),
    Beginning(String),
}

impl Override {
    /// The overrides in a folder, and how long each is and when it changed.
    pub(crate) fn all(folder: &Path) -> impl Iterator<Item = (PathBuf, Option<(u64, SystemTime)>)> + use<> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(ENDING)).map(|entry| {
            let stamp = entry.metadata().ok().and_then(|data| Some((data.len(), data.modified().ok()?)));
            (entry.path(), stamp)
        })
    }

    /// The override of a report, if it has one: `stem` is what its files are called.
    pub(crate) fn find(input: &Input, stem: &Path, folder: Option<&Path>) -> Option<PathBuf> {
        let mut name = stem.file_name()?.to_os_string();
        name.push(ENDING);
        let beside = match input {
            Input::File(path) => path.parent(),
            _ => None,
        };
        folder.into_iter().chain(beside).map(|folder| folder.join(&name)).find(|path| path.is_file())
    }

    /// Reads it.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let data = fs::metadata(path).map_err(|cause| unreadable(path, cause))?;
        let bytes = if data.len() > LARGEST {
            Vec::new()
        } else {
            fs::read(path).map_err(|cause| unreadable(path, cause))?
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) if data.len() <= LARGEST => text,
            _ => return Err(wrong(path, None, "the override is no text, or larger than 1 MiB")),
        };
        Self::parse(path, text)
    }

    /// The override with this text, which `path` names in messages.
    pub(super) fn parse(path: &Path, text: String) -> Result<Self> {
        let said: Said = toml::from_str(&text).map_err(|fault| {
            let line = fault.span().map(|span| line_and_column(text.as_bytes(), span.start).0);
            wrong(path, line, fault.message())
        })?;
        let is_empty = |text: &String| text.trim().is_empty();
        if said.title.as_ref().is_some_and(is_empty) || said.voice.as_ref().is_some_and(is_empty) {
            return Err(wrong(path, None, "title and voice need a text"));
        }
        for which in &said.leave_out {
            match which {
                Which::Number(0) => return Err(wrong(path, None, "paragraphs are counted from 1")),
                Which::Beginning(text) if is_empty(text) => {
                    return Err(wrong(path, None, "the beginning of a paragraph needs a text"));
                }
                _ => {}
            }
        }
        // A wrong word is told here, and not when the article is spoken.
        UserLexicon::default().with_part(path, &text)?;
        Ok(Self { path: path.to_path_buf(), text, said })
    }

    /// What was made from it depends on this.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Fields::of("audio-report override 1").with(self.text.as_bytes()).finish()
    }

    /// The article as it is to be read, and a sentence for each part of the override that fits nothing in it.
    pub(crate) fn apply(&self, article: &Article) -> Result<(Article, Vec<String>)> {
        let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let story: Vec<String> = article
            .blocks()
            .iter()
            .filter(|block| block.kind != BlockKind::Title)
            .map(|block| folded(block.span.of(article.text())))
            .collect();
        let is_meant = |which: &Which, number: usize, text: &str| match which {
            Which::Number(meant) => *meant == number,
            Which::Beginning(beginning) => text.starts_with(&folded(beginning)),
        };
        let fits =
            |which: &&Which| story.iter().enumerate().any(|(place, text)| is_meant(which, place + 1, text));
        let unmatched = self.said.leave_out.iter().filter(|which| !fits(which)).map(|which| match which {
            Which::Number(number) => format!("there is no paragraph {number}: it has {}", story.len()),
            Which::Beginning(text) => format!("no paragraph begins with “{}”", shorten(text, SHOWN)),
        });
        let unmatched = unmatched.collect();
        let mut edited = article.clone().without(|kind, number, text| {
            let text = folded(text);
            kind != BlockKind::Title && self.said.leave_out.iter().any(|which| is_meant(which, number, &text))
        });
        if edited.blocks().iter().all(|block| block.kind == BlockKind::Title) {
            return Err(wrong(&self.path, None, "the override leaves nothing of the story"));
        }
        if let Some(title) = &self.said.title {
            edited = edited.with_title(title);
        }
        Ok((edited, unmatched))
    }

    /// How the article is to be said: another voice, other words.
    pub(crate) fn manner(&self) -> Manner {
        let Said { voice, words, .. } = &self.said;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Manner {
            voice: voice.clone(),
            fast: voice.as_ref().map(|_| false),
            words: (!words.is_empty()).then(|| (name, self.text.clone())),
            ..Manner::default()
        }
    }

    /// An error about its voice, as one of the article: the others go on.
    pub(crate) fn wrong_voice(&self, cause: Error) -> Error {
        wrong(&self.path, None, "the voice that the override names can't be used").because(cause)
    }
}

fn wrong(path: &Path, line: Option<usize>, what: &str) -> Error {
    let cure = "an override is TOML: title = \"…\", leave-out = [\"beginning of a paragraph\", 3], voice = \"…\", and under [words] \
                entries as in a lexicon";
    let place = match line {
        Some(line) => Place { file: Some(path.to_path_buf()), line: Some(line), ..Place::default() },
        None => Place::file(path),
    };
    Error::new(ErrorKind::Input, what.to_string()).at(place).with_cure(Cure::other(cure))
}
