//! What is asked for: an article that becomes the files of a report, by a server or by one of many machines.
//!
//! - `maker`: who makes it, what is told meanwhile, and what comes of it

mod maker;

pub(crate) use self::maker::{FileKind, LeftOut, Made, MadeFile, Maker, Step, Story, Task, UnknownWord};
use serde::{Deserialize, Serialize};

use std::path::Path;

use crate::audio::Speed;
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::lexicon::user::UserLexicon;
use crate::output::encode::Format;

/// A report that is asked for, as it is kept on the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Where the article comes from.
    pub source: Source,
    /// What its text is; told by its content where nobody says.
    pub kind: Option<Kind>,
    /// Its headline, instead of its own.
    pub title: Option<String>,
    /// Who reads it.
    pub voice: String,
    /// How fast.
    speed: f32,
    /// The ending of the sound's format.
    format: String,
    /// The files of words.
    pub captions: Vec<Captions>,
    /// Whether there is a page on which the article lights up.
    pub page: bool,
    /// What is said around the article; where nothing is ordered, what its maker says around all.
    pub around: Option<Around>,
    /// How words are said, above what its maker knows; the last counts most.
    #[serde(default)]
    pub words: Vec<Words>,
}

/// A lexicon, as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Words {
    /// In TOML.
    Toml(String),
    /// In PLS, an XML.
    Pls(String),
}

impl Words {
    /// The lexicon of the program with these above it; the last counts most.
    ///
    /// # Errors
    /// [`ErrorKind::Lexicon`](crate::error::ErrorKind::Lexicon) for the first entry with a fault.
    pub(crate) fn lexicon(all: &[Self]) -> Result<Lexicon> {
        let mut user = UserLexicon::default();
        for (number, words) in all.iter().enumerate() {
            let (ending, text) = match words {
                Self::Toml(text) => ("toml", text),
                Self::Pls(text) => ("pls", text),
            };
            user = user.with_text(Path::new(&format!("{}.{ending}", number + 1)), text)?;
        }
        Ok(Lexicon::built_in().with_user(user))
    }
}

/// What is said around an article, with places for what it tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Around {
    /// Before its headline.
    pub before: Option<String>,
    /// After its last sentence.
    pub after: Option<String>,
}

/// Where an article comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// The request has it.
    Text,
    /// The request has a file of this name, which tells some formats.
    File(String),
    /// It is fetched from this address.
    Address(String),
    /// The request has a page that was fetched before.
    Page(Page),
}

/// What a site said of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// Its address, behind all redirects.
    pub address: String,
    /// Its encoding.
    pub charset: Option<String>,
    /// Its format.
    pub media_type: Option<String>,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A text without markup.
    Text,
    /// A page.
    Html,
    /// Markdown.
    Markdown,
}

/// Files of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Captions {
    /// WebVTT.
    Vtt,
    /// SubRip.
    Srt,
    /// A transcript for podcasts, and all words.
    Json,
}

impl Order {
    /// An order with nothing beside the sound.
    pub(crate) fn new(source: Source, voice: String, speed: Speed, format: Format) -> Self {
        let (speed, format) = (speed.factor(), format.ending().to_string());
        Self {
            source,
            kind: None,
            title: None,
            voice,
            speed,
            format,
            captions: Vec::new(),
            page: false,
            around: None,
            words: Vec::new(),
        }
    }

    /// How fast it is read.
    pub(crate) fn speed(&self) -> Speed {
        Speed::new(self.speed).unwrap_or_default()
    }

    /// The format of the sound.
    pub(crate) fn format(&self) -> Format {
        Format::ALL.into_iter().find(|format| format.ending() == self.format).unwrap_or_default()
    }
}
