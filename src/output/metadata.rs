//! The metadata of a report, and its forms in sound files: written once, in front of the sound where the format has a
//! place there. The same report gives the same bytes, because nothing here reads a clock.
//!
//! - `cover`: the picture
//! - [`id3`]: ID3v2.3, for MP3 and WAV
//! - `vorbis`: Vorbis comments and FLAC's picture, for FLAC and Opus
//! - [`riff`]: the chunks of a WAV

pub(crate) mod cover;
pub(super) mod id3;
pub(super) mod riff;
pub(crate) mod text;
#[cfg(any(feature = "flac", feature = "opus"))]
pub(super) mod vorbis;

use std::sync::Arc;
use std::time::Duration;

use self::cover::Cover;
use self::text::{Date, TagText, WebAddress};

/// The genre of `ID3v1`'s list, as extended by Winamp, that fits a spoken article.
const GENRE: &str = "Speech";
/// A story with fewer chapters has none.
const FEWEST_CHAPTERS: usize = 2;

/// The details of a report that its sound file carries. An absent detail is left out of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// The headline.
    pub title: Option<TagText>,
    /// Who wrote the story.
    pub byline: Option<TagText>,
    /// The newspaper or site that published it.
    pub publication: Option<TagText>,
    /// The day of its publication.
    pub date: Option<Date>,
    /// BCP 47 tag of the language that is spoken.
    pub language: Option<TagText>,
    /// The page of the story.
    pub source: Option<WebAddress>,
    /// The copyright line of the page.
    pub copyright: Option<TagText>,
    /// A picture for players to show.
    pub cover: Option<Arc<Cover>>,
    /// The voice that speaks.
    pub voice: Option<TagText>,
    /// The program with its version.
    pub program: Option<TagText>,
    /// The machine-readable mark of synthetic sound.
    pub source_type: Option<DigitalSourceType>,
    /// A sentence for people: this is synthetic speech.
    pub disclosure: Option<TagText>,
    /// In the order of the sound.
    pub chapters: Vec<Chapter>,
}

impl Metadata {
    /// The metadata of any speech of this program: the mark of synthetic sound, the sentence for people, the program.
    pub(crate) fn of_speech(voice: Option<&str>) -> Self {
        let program = format!("audio-report {}", env!("CARGO_PKG_VERSION"));
        let named = voice.map(|voice| format!(", voice {voice}")).unwrap_or_default();
        let disclosure = format!("Written by reporters, read by AI: synthetic speech{named}, {program}");
        Self {
            voice: voice.and_then(TagText::new),
            program: TagText::new(&program),
            source_type: Some(DigitalSourceType::of_speech(false)),
            disclosure: TagText::new(&disclosure),
            ..Self::default()
        }
    }

    /// The genre, where there is any metadata.
    fn genre(&self) -> Option<&'static str> {
        (*self != Self::default()).then_some(GENRE)
    }

    /// At most `most` chapters, the last of them until the end; none where a story has too few.
    fn chapters(&self, most: usize) -> Vec<Chapter> {
        if self.chapters.len() < FEWEST_CHAPTERS {
            return Vec::new();
        }
        let mut chapters: Vec<Chapter> = self.chapters.iter().take(most).cloned().collect();
        if let (Some(kept), Some(last)) = (chapters.last_mut(), self.chapters.last()) {
            kept.end = last.end;
        }
        chapters
    }
}

/// A part of a report that players can jump to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chapter {
    /// Since the beginning of the sound.
    pub start: Duration,
    /// Where the next one begins, or the sound ends.
    pub end: Duration,
    /// Its heading.
    pub title: Option<TagText>,
}

/// Terms of the vocabulary Digital Source Type of the IPTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigitalSourceType {
    /// Made by a model that was trained.
    TrainedAlgorithmicMedia,
    /// The same, together with recorded sound.
    CompositeWithTrainedAlgorithmicMedia,
}

impl DigitalSourceType {
    /// The type of synthetic speech, alone or with music.
    pub(crate) fn of_speech(is_with_music: bool) -> Self {
        if is_with_music { Self::CompositeWithTrainedAlgorithmicMedia } else { Self::TrainedAlgorithmicMedia }
    }

    /// The term's address, which is its name.
    fn uri(self) -> &'static str {
        match self {
            Self::TrainedAlgorithmicMedia => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
            }
            Self::CompositeWithTrainedAlgorithmicMedia => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
            }
        }
    }
}

#[cfg(test)]
mod tests;
