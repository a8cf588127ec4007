//! Where a story ends: behind its last words stand an end mark, credits, notes for clients, and what the house says of itself.
//! Formats have elements for these, and systems write them as paragraphs.

use super::super::BlockKind;
use super::super::draft::Draft;
use super::super::furniture::is_imprint;
use super::super::reason::Reason;
use super::super::shape::{Mark, Shape, fold};

/// What an agency writes before notes for its clients.
const NOT_FOR_READERS: [&str; 3] =
    ["not intended for publication", "not for publication", "eds: the following is for guidance"];
/// Words of the longest such line.
const LONGEST_LABEL: usize = 14;
/// Lines behind the last rule in which a house may speak of itself.
const LONGEST_TAIL: usize = 3;
/// What is set below the last line, without its signs: `-ends-`, `###`, `-30-`.
const END_MARKS: [&str; 6] = ["end", "ends", "endit", "30", "end of story", "more to come"];
/// Letters of the longest initials: `abc/jk/lm`.
const LONGEST_INITIALS: usize = 20;

/// Leaves out what stands behind the end of a story, and rules anywhere.
pub(super) fn leave(draft: &mut Draft) {
    let texts: Vec<&str> = draft.pieces.iter().map(|piece| piece.body.of(&draft.text)).collect();
    let notes = texts.iter().position(|text| is_label(text)).unwrap_or(usize::MAX);
    let last_rule = texts.iter().rposition(|text| is_rule(text));
    let rule = last_rule.filter(|rule| texts.len() - rule <= LONGEST_TAIL + 1).unwrap_or(usize::MAX);
    let mut reasons: Vec<Option<Reason>> = draft.pieces.iter().map(|piece| piece.reason).collect();
    for (number, (text, reason)) in texts.iter().zip(&mut reasons).enumerate() {
        let own = match () {
            () if is_rule(text) => Some(Reason::PageFurniture),
            () if number >= notes => Some(Reason::OutsideStory),
            () if number > rule && is_pointer(text) => Some(Reason::Related),
            () => None,
        };
        *reason = reason.or(own);
    }
    // From the last line upwards, as far as no line is one of the story.
    for (number, text) in texts.iter().enumerate().rev() {
        let is_title = draft.pieces[number].kind == BlockKind::Title;
        if reasons[number].is_some() {
            continue;
        }
        let Some(reason) = of_last_line(text).filter(|_| !is_title) else { break };
        reasons[number] = Some(reason);
    }
    for (piece, reason) in draft.pieces.iter_mut().zip(reasons) {
        piece.reason = reason;
    }
}

/// Whether a line has no word: `___`, `* * *`.
pub(super) fn is_rule(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

fn is_label(text: &str) -> bool {
    let is_short = text.split_whitespace().count() <= LONGEST_LABEL;
    is_short && {
        let folded = fold(text);
        NOT_FOR_READERS.iter().any(|label| folded.contains(label))
    }
}

fn is_pointer(text: &str) -> bool {
    let folded = fold(text);
    ["http", "www.", "@", "contributed to this"].iter().any(|sign| folded.contains(sign))
}

/// Why the last line of a text is none of the story.
fn of_last_line(text: &str) -> Option<Reason> {
    let shape = Shape::new(text, Mark::None);
    let bare = shape.folded.trim_matches(|c: char| !c.is_alphanumeric());
    let is_initials = text.contains('/')
        && text.len() <= LONGEST_INITIALS
        && text
            .split('/')
            .all(|part| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    match () {
        () if END_MARKS.contains(&bare) => Some(Reason::PageFurniture),
        () if is_imprint(&shape) => Some(Reason::Byline),
        () if is_initials => Some(Reason::OutsideStory),
        // Whom a client may call.
        () if text.starts_with("((") && text.ends_with("))") => Some(Reason::OutsideStory),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ReadOptions;
    use super::*;
    use crate::table_test::each;

    #[test]
    fn what_stands_behind_the_last_words_is_left_out() {
        let rows: [(&[&str], usize); 10] = [
            (&["One.", "Two.", "ENDS"], 2),
            (&["One.", "-30-", "ak/jd"], 1),
            (&["The end", "One."], 2),
            (&["One.", "(Reporting by Ann Roe; Editing by Jo Doe)", "((ann@wire.example; +1 555;))"], 1),
            (&["(Reporting by Ann Roe)", "One."], 2),
            (&["One.", "___", "Two.", "###", "Follow us at https://wire.example"], 2),
            (&["One.", "___", "See https://wire.example", "Two.", "Three.", "Four."], 5),
            (&["One.", "* * *", "The following information is not intended for publication", "Call Jo."], 1),
            (&["One.", "Two @ three.", "It was 50/50"], 3),
            (&["One.", "and/or"], 1),
        ];
        each(rows, |(texts, want)| {
            let mut draft = Draft::default();
            for text in texts {
                draft.add(text, BlockKind::Paragraph, None);
            }
            leave(&mut draft);
            let article = draft.finish(ReadOptions::default());
            assert_eq!(article.blocks().len(), want, "{texts:?}");
            assert_eq!(article.blocks().len() + article.removed().len(), texts.len(), "a line is lost");
        });
    }
}
