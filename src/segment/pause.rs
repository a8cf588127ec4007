//! How long the report is silent after each kind of chunk.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::article::BlockKind;
use crate::error::{Cure, Error, ErrorKind, Result};

use super::boundary::Break;

/// The longest pause, in milliseconds: with a longer one a listener thinks that the report is over.
const LONGEST: u32 = 10_000;

/// The kinds of pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum PauseKind {
    /// Part of a sentence that was split between words or at a conjunction.
    Phrase,
    /// Part of a sentence that was split at a comma.
    Comma,
    /// Part of a sentence that was split at `;`, `:` or a dash.
    Clause,
    /// A sentence that another one of the same block follows.
    Sentence,
    /// The last sentence of a paragraph.
    Paragraph,
    /// A heading inside the story.
    Heading,
    /// The headline.
    Title,
    /// An item of a list.
    ListItem,
}

impl PauseKind {
    /// All kinds, the shortest pauses first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Phrase,
        Self::Comma,
        Self::Clause,
        Self::Sentence,
        Self::ListItem,
        Self::Paragraph,
        Self::Heading,
        Self::Title,
    ];

    /// The kind after a chunk: by its block when it is the block's last, else by the boundary it ends with.
    pub(crate) fn after_chunk(boundary: Break, block: BlockKind, ends_block: bool) -> Self {
        match (ends_block, block, boundary) {
            (true, BlockKind::Title, _) => Self::Title,
            (true, BlockKind::Heading, _) => Self::Heading,
            (true, BlockKind::ListItem, _) => Self::ListItem,
            (true, BlockKind::Paragraph | BlockKind::Quote | BlockKind::Caption | BlockKind::Byline, _)
            | (_, _, Break::Paragraph) => Self::Paragraph,
            (_, _, Break::Sentence) => Self::Sentence,
            (_, _, Break::Clause) => Self::Clause,
            (_, _, Break::Comma) => Self::Comma,
            (_, _, Break::Bound | Break::Word | Break::Phrase | Break::Conjunction) => Self::Phrase,
        }
    }

    /// The name that settings use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Phrase => "phrase",
            Self::Comma => "comma",
            Self::Clause => "clause",
            Self::Sentence => "sentence",
            Self::Paragraph => "paragraph",
            Self::Heading => "heading",
            Self::Title => "title",
            Self::ListItem => "list-item",
        }
    }
}

/// Pauses in milliseconds by kind; the defaults are a newsreader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct PauseTable {
    /// After a part of a sentence that was split at a word.
    #[serde(deserialize_with = "milliseconds")]
    pub phrase: u32,
    /// After a part of a sentence that was split at a comma.
    #[serde(deserialize_with = "milliseconds")]
    pub comma: u32,
    /// After a part of a sentence that was split at `;`, `:` or a dash.
    #[serde(deserialize_with = "milliseconds")]
    pub clause: u32,
    /// Between the sentences of a paragraph.
    #[serde(deserialize_with = "milliseconds")]
    pub sentence: u32,
    /// Between paragraphs.
    #[serde(deserialize_with = "milliseconds")]
    pub paragraph: u32,
    /// After a heading.
    #[serde(deserialize_with = "milliseconds")]
    pub heading: u32,
    /// After the headline.
    #[serde(deserialize_with = "milliseconds")]
    pub title: u32,
    /// After an item of a list.
    #[serde(deserialize_with = "milliseconds")]
    pub list_item: u32,
}

impl Default for PauseTable {
    fn default() -> Self {
        Self {
            phrase: 60,
            comma: 120,
            clause: 200,
            sentence: 320,
            paragraph: 600,
            heading: 700,
            title: 900,
            list_item: 400,
        }
    }
}

impl PauseTable {
    /// The pause after a chunk of a kind.
    pub(crate) fn after(&self, kind: PauseKind) -> Duration {
        Duration::from_millis(u64::from(*self.clone().entry(kind)))
    }

    fn entry(&mut self, kind: PauseKind) -> &mut u32 {
        match kind {
            PauseKind::Phrase => &mut self.phrase,
            PauseKind::Comma => &mut self.comma,
            PauseKind::Clause => &mut self.clause,
            PauseKind::Sentence => &mut self.sentence,
            PauseKind::Paragraph => &mut self.paragraph,
            PauseKind::Heading => &mut self.heading,
            PauseKind::Title => &mut self.title,
            PauseKind::ListItem => &mut self.list_item,
        }
    }
}

/// Reads `sentence=300,paragraph=700`; the others keep their defaults.
impl FromStr for PauseTable {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut table = Self::default();
        for setting in text.split(',').map(str::trim).filter(|setting| !setting.is_empty()) {
            let (key, value) = setting.split_once('=').ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("“{setting}” is no pause")).with_cure(Cure::WritePause)
            })?;
            let key = key.trim().replace('_', "-");
            let kind = PauseKind::ALL.into_iter().find(|kind| kind.name() == key).ok_or_else(|| {
                let known = PauseKind::ALL.map(PauseKind::name).map(str::to_owned).to_vec();
                Error::new(ErrorKind::Usage, format!("there is no pause of the kind “{key}”"))
                    .with_cure(Cure::UseOneOf { known })
            })?;
            let value = value.trim();
            let number = value.strip_suffix("ms").unwrap_or(value).trim_end();
            *table.entry(kind) = number.parse().ok().filter(|&ms| ms <= LONGEST).ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("{key}={value} is no length of a pause"))
                    .with_cure(Cure::GiveMilliseconds { longest: LONGEST.into() })
            })?;
        }
        Ok(table)
    }
}

/// Writes every kind, so that the text read again gives the same table.
impl fmt::Display for PauseTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, kind) in PauseKind::ALL.into_iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{}={}", kind.name(), self.after(kind).as_millis())?;
        }
        Ok(())
    }
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let value = u32::deserialize(deserializer)?;
    if value > LONGEST {
        return Err(serde::de::Error::custom(format!("a pause is at most {LONGEST} ms, not {value}")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn settings_change_what_they_name() {
        let default = PauseTable::default();
        let rows = [
            ("", default),
            ("sentence=300", PauseTable { sentence: 300, ..default }),
            (" sentence = 300ms , title=0,", PauseTable { sentence: 300, title: 0, ..default }),
            ("list_item=10,list-item=20", PauseTable { list_item: 20, ..default }),
            ("paragraph=10000", PauseTable { paragraph: 10_000, ..default }),
        ];
        each(rows, |(text, want)| {
            let table: PauseTable = text.parse().unwrap();
            assert_eq!(table, want, "{text}");
            assert_eq!(table.to_string().parse::<PauseTable>().unwrap(), want, "{table}");
        });
    }

    #[test]
    fn wrong_settings_say_what_is_known() {
        let names = ["phrase", "comma", "clause", "sentence", "list-item", "paragraph", "heading", "title"];
        let longest = Cure::GiveMilliseconds { longest: 10_000 };
        let rows = [
            ("sentence", Cure::WritePause),
            ("sentences=3", Cure::UseOneOf { known: names.map(str::to_owned).to_vec() }),
            ("sentence=10001", longest.clone()),
            ("sentence=-1", longest.clone()),
            ("sentence=", longest.clone()),
            ("sentence=long", longest),
        ];
        each(rows, |(text, cure)| {
            let error = text.parse::<PauseTable>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage);
            assert_eq!(error.cure(), Some(&cure), "{text}");
        });
    }

    #[test]
    fn tables_are_read_from_files() {
        let table: PauseTable = toml::from_str("sentence = 250\nlist-item = 300").unwrap();
        assert_eq!(table, PauseTable { sentence: 250, list_item: 300, ..PauseTable::default() });
        assert!(toml::from_str::<PauseTable>("sentence = 20000").is_err());
        assert!(toml::from_str::<PauseTable>("sentense = 200").is_err());
    }

    #[test]
    fn the_block_decides_at_its_end() {
        use BlockKind::{Heading, ListItem, Paragraph, Title};
        let rows = [
            (Break::Sentence, Paragraph, false, PauseKind::Sentence),
            (Break::Sentence, Paragraph, true, PauseKind::Paragraph),
            (Break::Word, Title, true, PauseKind::Title),
            (Break::Word, Heading, true, PauseKind::Heading),
            (Break::Sentence, ListItem, true, PauseKind::ListItem),
            (Break::Comma, Paragraph, false, PauseKind::Comma),
            (Break::Clause, Title, false, PauseKind::Clause),
            (Break::Conjunction, Paragraph, false, PauseKind::Phrase),
        ];
        each(rows, |(boundary, block, ends, want)| {
            assert_eq!(PauseKind::after_chunk(boundary, block, ends), want, "{boundary:?} {block:?} {ends}");
        });
        assert_eq!(PauseTable::default().after(PauseKind::Title), Duration::from_millis(900));
    }
}
