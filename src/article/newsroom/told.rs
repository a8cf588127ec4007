//! A story of which the format tells the parts: they are taken as they are, and nothing is guessed.

use super::super::BlockKind;
use super::super::details::{Details, names_of};
use super::super::draft::Draft;
use super::super::reason::Reason;
use super::super::shape::fold;
use super::wire::Wire;
use crate::text::Span;

/// Pieces at the top of a body among which the headline and the byline may stand again.
const TOP: usize = 4;

/// What an agency writes before notes for its clients.
const NOT_FOR_READERS: [&str; 4] = [
    "not intended for publication",
    "not for publication",
    "end of story",
    "eds: the following is for guidance",
];
/// Words of the longest such line.
const LONGEST_LABEL: usize = 14;
/// Lines behind the last rule of a story in which an agency speaks of itself, and not of the news.
const SHORTEST_TAIL: usize = 3;

/// The parts of a story.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) title: Option<String>,
    /// Lines below the headline.
    pub(super) decks: Vec<String>,
    /// As it is written, often with `By`.
    pub(super) byline: Option<String>,
    pub(super) body: Draft,
    pub(super) details: Details,
    pub(super) wire: Wire,
}

impl Told {
    /// The draft of the article.
    pub(super) fn into_draft(self) -> Draft {
        let Self { title, decks, byline, body, details, wire } = self;
        let mut draft = Draft::default();
        let title = title.filter(|title| !title.trim().is_empty());
        if let Some(title) = &title {
            draft.add(title, BlockKind::Title, None);
        }
        for deck in &decks {
            draft.add(deck, BlockKind::Paragraph, None);
        }
        if let Some(byline) = &byline {
            draft.add(byline, BlockKind::Byline, Some(Reason::Byline));
        }
        let names = byline.as_deref().and_then(names_of);
        let folded = |text: &Option<String>| text.as_deref().map(fold);
        let (title, by) = (folded(&title), folded(&names));
        let tail = Tail::of(&body);
        let mut dateline = wire.dateline.as_deref().map(trimmed).filter(|place| !place.is_empty());
        for (number, piece) in body.pieces.iter().enumerate() {
            let text = piece.body.of(&body.text);
            let (mut kind, mut reason) = (piece.kind, piece.reason);
            if number < TOP && reason.is_none() {
                if title.is_some() && title == Some(fold(text)) {
                    reason = Some(Reason::RepeatedTitle);
                } else if decks.iter().any(|deck| fold(deck) == fold(text)) {
                    reason = Some(Reason::Duplicate);
                } else if by.is_some() && names_of(text).as_deref().map(fold) == by {
                    (kind, reason) = (BlockKind::Byline, Some(Reason::Byline));
                }
            }
            reason = reason.or_else(|| tail.reason(number, text));
            // The place stands before the first words of the story, as agencies and papers print it.
            if kind == BlockKind::Paragraph
                && reason.is_none()
                && let Some(place) = dateline.take()
                && !has_dateline(text, place)
            {
                draft.add(&format!("{place} — {text}"), kind, reason);
            } else {
                draft.add(text, kind, reason);
            }
        }
        draft.details = Details { byline: names, ..Details::default() }.or(details);
        draft.wire = Some(wire);
        draft
    }
}

/// Whether a piece has no word: `___`, `* * *`.
pub(super) fn is_rule(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

/// Where the story of a body ends, and the agency speaks of itself.
struct Tail {
    /// The label of notes for clients.
    notes: usize,
    /// The last line without words, if little follows it.
    rule: usize,
}

impl Tail {
    fn of(body: &Draft) -> Self {
        let texts: Vec<&str> = body.pieces.iter().map(|piece| piece.body.of(&body.text)).collect();
        let is_label = |text: &&str| {
            let folded = fold(text);
            text.split_whitespace().count() <= LONGEST_LABEL
                && NOT_FOR_READERS.iter().any(|label| folded.contains(label))
        };
        let notes = texts.iter().position(is_label).unwrap_or(usize::MAX);
        let last = texts.iter().rposition(|text| is_rule(text));
        let rule = last.filter(|rule| texts.len() - rule <= SHORTEST_TAIL + 1).unwrap_or(usize::MAX);
        Self { notes, rule }
    }

    fn reason(&self, number: usize, text: &str) -> Option<Reason> {
        let is_pointer = || {
            let folded = fold(text);
            folded.contains("http")
                || folded.contains("www.")
                || folded.contains('@')
                || folded.contains("contributed to this")
        };
        match () {
            () if is_rule(text) => Some(Reason::PageFurniture),
            () if number >= self.notes => Some(Reason::OutsideStory),
            () if number > self.rule && is_pointer() => Some(Reason::Related),
            () => None,
        }
    }
}

/// A dateline without the dash behind it.
fn trimmed(dateline: &str) -> &str {
    dateline.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | ':' | '.'))
}

/// Whether a paragraph begins with the place of a dateline.
fn has_dateline(text: &str, dateline: &str) -> bool {
    let place = dateline.split([',', '(', '/']).next().unwrap_or_default();
    let (text, place) = (fold(text), fold(place));
    !place.is_empty() && text.starts_with(&place)
}

impl Draft {
    /// Puts a title in front, unless there is one.
    pub(super) fn set_title(&mut self, title: &str) {
        let title = title.trim();
        if title.is_empty() || self.pieces.iter().any(|piece| piece.kind == BlockKind::Title) {
            return;
        }
        let line = format!("{title}\n\n");
        for piece in &mut self.pieces {
            (piece.span, piece.body) = (piece.span.shifted(line.len()), piece.body.shifted(line.len()));
        }
        let span = Span::new(0, title.len());
        let piece = super::super::draft::Piece { span, body: span, kind: BlockKind::Title, reason: None };
        self.pieces.insert(0, piece);
        self.text.insert_str(0, &line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::ReadOptions;
    use crate::table_test::each;

    #[test]
    fn what_an_agency_says_to_its_clients_is_left_out() {
        let rows: [(&[&str], &[&str]); 4] = [
            (&["One.", "___", "Two.", "___", "Follow us at https://wire.example"], &["One.", "Two."]),
            (
                &["One.", "___", "See https://wire.example", "Two.", "Three.", "Four."],
                &["One.", "See https://wire.example", "Two.", "Three.", "Four."],
            ),
            (
                &["One.", "* * *", "The following information is not intended for publication", "Call Jo."],
                &["One."],
            ),
            (&["One.", "Two @ three."], &["One.", "Two @ three."]),
        ];
        each(rows, |(texts, want)| {
            let mut told = Told::default();
            for text in texts {
                told.body.add(text, BlockKind::Paragraph, None);
            }
            let article = told.into_draft().finish(ReadOptions::default());
            let found: Vec<&str> =
                article.blocks().iter().map(|block| block.span.of(article.text())).collect();
            assert_eq!(found, want, "{texts:?}");
        });
    }

    #[test]
    fn datelines_stand_before_the_first_words_once() {
        let rows = [
            ("BUSAN, South Korea", "Ships came back.", "BUSAN, South Korea — Ships came back."),
            ("BUSAN (Harbor Wire) -", "Ships came back.", "BUSAN (Harbor Wire) — Ships came back."),
            ("Busan", "BUSAN (Harbor Wire) — Ships came back.", "BUSAN (Harbor Wire) — Ships came back."),
            ("BUSAN, Dec. 1", "Busan, Dec. 1 - Ships came back.", "Busan, Dec. 1 - Ships came back."),
            (" — ", "Ships came back.", "Ships came back."),
        ];
        each(rows, |(dateline, first, want)| {
            let mut told = Told { title: Some("Port reopens".into()), ..Told::default() };
            told.wire.dateline = Some(dateline.to_owned());
            told.byline = Some("By Ann Roe".into());
            for (text, kind) in [
                ("Port reopens", BlockKind::Heading),
                ("By Ann Roe", BlockKind::Paragraph),
                (first, BlockKind::Paragraph),
                ("They left.", BlockKind::Paragraph),
            ] {
                told.body.add(text, kind, None);
            }
            let article = told.into_draft().finish(ReadOptions::default());
            let texts: Vec<&str> =
                article.blocks().iter().map(|block| block.span.of(article.text())).collect();
            assert_eq!(texts, ["Port reopens", want, "They left."], "{dateline}");
            assert_eq!(article.byline(), Some("Ann Roe"));
        });
    }
}
