//! What is asked for: an article that becomes the files of a report, by a server or by one of many machines.
//!
//! - `manner`: how its text is said
//! - `finish`: how its sound becomes a file
//! - `maker`: who makes it, what is told meanwhile, and what comes of it

mod finish;
mod maker;
mod manner;

pub(crate) use self::finish::Finish;
pub(crate) use self::maker::{FileKind, LeftOut, Made, MadeFile, Maker, Step, Story, Task, UnknownWord};
pub(crate) use self::manner::Manner;
#[cfg(feature = "cluster")]
pub(crate) use self::manner::Words;
use serde::{Deserialize, Serialize};

use crate::audio::Speed;
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
    /// How the sound becomes a file.
    #[serde(default)]
    pub finish: Finish,
    /// How the text is said.
    #[serde(flatten)]
    pub manner: Manner,
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
            finish: Finish::default(),
            manner: Manner::default(),
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
