//! A story of which the format tells the parts: they are taken as they are, and nothing is guessed.

use super::super::BlockKind;
use super::super::details::{Details, names_of};
use super::super::draft::Draft;
use super::super::reason::Reason;
use super::super::shape::fold;
use super::ends::is_rule;
use super::wire::Wire;
use crate::text::Span;

/// Pieces at the top of a body among which the headline and the byline may stand again.
const TOP: usize = 4;

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
            // The place stands before the first words of the story, as agencies and papers print it.
            if kind == BlockKind::Paragraph
                && reason.is_none()
                && !is_rule(text)
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
