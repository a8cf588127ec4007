//! A spoken article as readers see it: its elements, and in these the sentences and words with their times.

use super::metadata::cover::Cover;

/// Sound that a program has spoken: the IPTC's vocabulary *Digital Source Type*.
pub(crate) const DIGITAL_SOURCE_TYPE: &str =
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

/// A spoken article, ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// The headline, on one line, or what stands for it.
    pub title: String,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it was published, as the article writes it.
    pub date: Option<String>,
    /// Where it was published.
    pub publication: Option<String>,
    /// BCP 47 tag.
    pub language: String,
    /// Who reads it.
    pub voice: String,
    /// Its picture.
    pub cover: Option<Picture>,
    /// Length of the sound in milliseconds.
    pub milliseconds: u64,
    /// What is shown, in the order of the sound.
    pub elements: Vec<Element>,
}

/// A picture as its file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Such as `image/jpeg`.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl From<&Cover> for Picture {
    fn from(cover: &Cover) -> Self {
        Self { media_type: cover.mime(), bytes: cover.bytes().to_vec() }
    }
}

/// The part that an element plays in the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Said before or after the article, which does not hold it.
    Announcement,
    /// The article's own heading.
    Headline,
    /// A heading within it.
    Heading,
    /// A paragraph.
    Paragraph,
    /// A paragraph of a quotation set apart.
    Quote,
    /// An item of a list.
    Item,
    /// What a picture shows.
    Caption,
    /// Who wrote the article.
    Byline,
}

/// A heading, a paragraph or an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its part.
    pub role: Role,
    /// All of its text, in order.
    pub pieces: Vec<Piece>,
}

/// A part of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text that is not spoken: space, pictures.
    Silent(String),
    /// A sentence that is spoken.
    Sentence(Sentence),
}

/// A sentence that is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// In milliseconds from the beginning of the sound.
    pub start: u64,
    /// In milliseconds.
    pub end: u64,
    /// All of its text, in order.
    pub parts: Vec<Part>,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text that is not spoken: space, marks, notes.
    Silent(String),
    /// A word, and when it begins, in milliseconds.
    Word(String, u64),
}

impl Document {
    /// Elements that are shown together: the items of a list, the paragraphs of a quotation.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &[Element]> {
        let are_one =
            |a: &Element, b: &Element| a.role == b.role && matches!(a.role, Role::Item | Role::Quote);
        self.elements.chunk_by(are_one)
    }

    /// The sentences, in order.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &Sentence> {
        self.elements.iter().flat_map(|element| &element.pieces).filter_map(|piece| match piece {
            Piece::Sentence(sentence) => Some(sentence),
            Piece::Silent(_) => None,
        })
    }

    /// What is said before the article.
    pub(crate) fn opening(&self) -> Option<&Element> {
        self.elements.first().filter(|element| element.role == Role::Announcement)
    }

    /// The first element that plays this part.
    pub(crate) fn first(&self, role: Role) -> Option<&Element> {
        self.elements.iter().find(|element| element.role == role)
    }

    /// Who wrote it, unless a part of the text says it.
    pub(crate) fn shown_byline(&self) -> Option<&str> {
        self.byline.as_deref().filter(|_| self.first(Role::Byline).is_none())
    }

    /// Length of the sound in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        seconds(self.milliseconds)
    }

    /// Length of the sound for people: `1:02`, `1:00:02`.
    pub(crate) fn clock(&self) -> String {
        let seconds = self.milliseconds / 1000;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match hours {
            0 => format!("{minutes}:{seconds:02}"),
            _ => format!("{hours}:{minutes:02}:{seconds:02}"),
        }
    }

    /// The date for machines, when it is one: `2026-11-03`.
    pub(crate) fn iso_date(&self) -> Option<&str> {
        let date = self.date.as_deref()?.get(..10)?;
        day_of(date).map(|_| date)
    }

    /// The date for people: `3 November 2026`, or as the article writes it.
    pub(crate) fn shown_date(&self) -> Option<String> {
        self.iso_date().and_then(day_of).or_else(|| self.date.clone())
    }
}

/// `3 November 2026` for `2026-11-03`.
fn day_of(date: &str) -> Option<String> {
    const MONTHS: &str =
        "January February March April May June July August September October November December";
    let is_date = date.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let [year, month, day] = is_date.then(|| [&date[..4], &date[5..7], &date[8..]])?;
    let month = MONTHS.split(' ').nth(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let day = day.parse::<u32>().ok().filter(|day| (1..=31).contains(day))?;
    Some(format!("{day} {month} {year}"))
}

/// Seconds for a number of milliseconds, without zeros at the end: `12.3`.
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

impl Part {
    /// Its text.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Silent(text) | Self::Word(text, _) => text,
        }
    }
}

impl Piece {
    /// Its text.
    #[cfg_attr(not(test), allow(dead_code, reason = "only books ask for it"))]
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Silent(text) => text.clone(),
            Self::Sentence(sentence) => sentence.parts.iter().map(Part::text).collect(),
        }
    }
}

impl Sentence {
    /// When it begins, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        seconds(self.start)
    }

    /// When each of its words begins, in milliseconds.
    pub(crate) fn starts(&self) -> impl Iterator<Item = u64> {
        self.parts.iter().filter_map(|part| match part {
            Part::Word(_, start) => Some(*start),
            Part::Silent(_) => None,
        })
    }
}
