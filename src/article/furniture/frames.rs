//! Pictures whose frame shows what they are: a label over the description, the caption and the credit; a description for those who do
//! not see the picture over its caption.

use super::credits::is_credit;
use super::emission::is_all_quote;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape, rough_sentences};

/// Lines of the largest frame, from below the label to the credit.
const LARGEST: usize = 4;
/// Words of the longest caption.
const LONGEST: usize = 45;
/// Words of the shortest description of a picture.
const DESCRIPTION: usize = 8;
/// Words of the shortest caption that stands under a description; a heading is mostly shorter.
const CAPTION: usize = 6;
/// Words of the shortest sentence that is surely the story's.
const PROSE: usize = 10;

/// Marks what pictures show. Credits are known already.
pub(super) fn mark(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    for number in 0..shapes.len() {
        mark_labelled(shapes, reasons, number);
        mark_agency_first(shapes, reasons, number);
        mark_below_description(shapes, reasons, number);
        mark_pair(shapes, reasons, number);
        mark_twin(shapes, reasons, number);
        mark_cartoon(shapes, reasons, number);
        mark_begun(shapes, reasons, number);
    }
}

/// `Image`, what it shows, its caption, its credit.
fn mark_labelled(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], label: usize) {
    let is_label = matches!(shapes[label].folded.as_str(), "image" | "photo" | "picture");
    let end = shapes.len().min(label + 2 + LARGEST);
    let is_end = |line: &usize| {
        reasons[*line] == Some(Reason::Caption)
            && (is_credit(&shapes[*line]) || shapes[*line].folded.starts_with("credit..."))
    };
    let Some(credit) = (label + 1..end).find(is_end).filter(|_| is_label) else { return };
    let may_be = |line: usize| {
        let shape = &shapes[line];
        reasons[line].is_some() || (shape.words <= LONGEST && !shape.text.contains(['“', '"']))
    };
    if (label + 1..credit).all(may_be) {
        for reason in &mut reasons[label..credit] {
            reason.get_or_insert(Reason::Caption);
        }
    }
}

/// `Getty Images A crane in the mud`: an agency, and then what its picture shows.
fn mark_agency_first(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], line: usize) {
    const AGENCIES: [&str; 3] = ["getty images ", "pa media ", "reuters "];
    const SHOWN: [&str; 8] = ["a ", "an ", "the ", "two ", "three ", "several ", "people ", "aerial "];
    let shape = &shapes[line];
    let is_shown = |rest: &str| SHOWN.iter().any(|begin| rest.starts_with(begin));
    let rest = AGENCIES.iter().find_map(|agency| shape.folded.strip_prefix(agency));
    if matches!(reasons[line], None | Some(Reason::PageFurniture))
        && !shape.stopped
        && (CAPTION..=LONGEST).contains(&shape.words)
        && rest.is_some_and(is_shown)
    {
        reasons[line] = Some(Reason::Caption);
    }
}

/// A caption without a stop below a description that has its agency before it.
fn mark_below_description(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], description: usize) {
    let caption = description + 1;
    if reasons[description] == Some(Reason::Caption)
        && !shapes[description].stopped
        && shapes[description].words >= CAPTION
        && is_caption(shapes, reasons, caption)
        && is_prose(shapes, reasons, caption + 1)
    {
        reasons[caption] = Some(Reason::Caption);
    }
}

/// A description and a caption, both without a stop, between two paragraphs. No story has two such headings in a row.
fn mark_pair(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], description: usize) {
    let caption = description + 1;
    let is_under = description.checked_sub(1).is_some_and(|above| is_prose(shapes, reasons, above));
    let is_between =
        (is_under || is_head_picture(shapes, reasons, description)) && is_prose(shapes, reasons, caption + 1);
    if is_between
        && is_caption(shapes, reasons, description)
        && shapes[description].words >= DESCRIPTION
        && is_caption(shapes, reasons, caption)
    {
        reasons[description..=caption].fill(Some(Reason::Caption));
    }
}

/// Under the names and the buttons of a page's head, a long line that says what is seen.
fn is_head_picture(shapes: &[Shape<'_>], reasons: &[Option<Reason>], description: usize) -> bool {
    const NEAR: usize = 8;
    const LONG: usize = 10;
    let is_signed = is_signed(&reasons[description.saturating_sub(NEAR)..description]);
    // A longer row of lines is a summary.
    let is_row = description.checked_sub(1).is_some_and(|above| is_caption(shapes, reasons, above));
    let shape = &shapes[description];
    let is_seen = [" a ", " an ", " two ", " three "].iter().any(|word| shape.folded.contains(word));
    is_signed && !is_row && shape.words >= LONG && is_seen
}

/// A description and a caption with the same words, below the names of a page's head.
fn mark_twin(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], description: usize) {
    const HEAD: usize = 12;
    const NEAR: usize = 4;
    const LONG: usize = 15;
    let caption = description + 1;
    let Some(twin) = shapes.get(caption) else { return };
    let shape = &shapes[description];
    let are_alike = (2..=LONGEST).contains(&shape.words) && !shape.stopped && shape.folded == twin.folded;
    let are_free = reasons[description..=caption].iter().all(Option::is_none);
    if are_alike
        && are_free
        && is_signed(&reasons[description.saturating_sub(HEAD)..description])
        && !is_signed(&reasons[caption..reasons.len().min(caption + NEAR)])
        && (is_prose(shapes, reasons, caption + 1) || shape.words >= LONG)
    {
        reasons[description..=caption].fill(Some(Reason::Caption));
    }
}

/// A description whose words begin the caption a little below it.
fn mark_begun(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], description: usize) {
    const NEAR: usize = 2;
    const SHORTEST: usize = 4;
    let shape = &shapes[description];
    let below = description + 1..shapes.len().min(description + 1 + NEAR);
    let begins = |line: usize| {
        let rest = shapes[line].folded.strip_prefix(shape.folded.as_str());
        reasons[line] == Some(Reason::Caption) && rest.is_some_and(|rest| !rest.is_empty())
    };
    if reasons[description].is_none()
        && (SHORTEST..=LONGEST).contains(&shape.words)
        && below.into_iter().any(begins)
    {
        reasons[description] = Some(Reason::Caption);
    }
}

fn is_signed(reasons: &[Option<Reason>]) -> bool {
    reasons.iter().any(|reason| matches!(reason, Some(Reason::Byline | Reason::Timestamp)))
}

/// What is drawn, and what is said in it, over `Cartoon by Jane Roe`.
fn mark_cartoon(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], credit: usize) {
    if !shapes[credit].folded.starts_with("cartoon by ") || shapes[credit].stopped {
        return;
    }
    let mut is_spoken = false;
    for above in (credit.saturating_sub(2)..credit).rev() {
        let shape = &shapes[above];
        let is_words = !is_spoken && is_all_quote(shape.text);
        let is_drawn = shape.folded.starts_with("a ") && rough_sentences(shape.text) <= 3;
        if reasons[above].is_some() || shape.words > LONGEST || !(is_words || is_drawn) {
            return;
        }
        is_spoken |= is_words;
        reasons[above] = Some(Reason::Caption);
    }
}

fn is_caption(shapes: &[Shape<'_>], reasons: &[Option<Reason>], line: usize) -> bool {
    shapes.get(line).is_some_and(|shape| {
        reasons[line].is_none()
            && !shape.stopped
            && shape.mark == Mark::None
            && (CAPTION..=LONGEST).contains(&shape.words)
            && !shape.text.ends_with([':', ',', ';'])
            && !is_all_quote(shape.text)
    })
}

fn is_prose(shapes: &[Shape<'_>], reasons: &[Option<Reason>], line: usize) -> bool {
    shapes.get(line).is_some_and(|shape| reasons[line].is_none() && shape.stopped && shape.words >= PROSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn framed_pictures_go_as_a_whole() {
        const STORY: &str = "The port reopened on Monday after a storm that had closed it for a week.";
        let rows: [(&[&str], &[usize]); 11] = [
            (
                &[
                    STORY,
                    "Image",
                    "A crane stands in mud.",
                    "The crane in May. It was mended.",
                    "Photo: Jane Roe",
                    STORY,
                ],
                &[1, 2, 3, 4],
            ),
            (
                &[STORY, "Getty Images A crane stands in the mud", "The crane was mended in a week", STORY],
                &[1, 2],
            ),
            (
                &[
                    STORY,
                    "A crane beside two ships in the mud of the bay",
                    "The crane was mended in a week",
                    STORY,
                ],
                &[1, 2],
            ),
            (&[STORY, "A cat on a pier.", "“I could swim.”", "Cartoon by Jane Roe", STORY], &[1, 2, 3]),
            (&[STORY, "The crane in the mud", "4", "The crane in the mudCredit: Jane Roe", STORY], &[1, 3]),
            (&[STORY, "It is in mud.", "It is in mud.Credit: Jane Roe", STORY], &[1, 2]),
            (&["By Jane Roe", "A crane", "A crane", STORY], &[0, 1, 2]),
            (&["A crane", "A crane", "By Jane Roe", STORY], &[2]),
            (&[STORY, "The crane was mended in a week", STORY], &[]),
            (&[STORY, "A crane", "The crane was mended in a week", STORY], &[]),
            (&[STORY, "Image", "The crane was mended in May.", STORY], &[]),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let known = |line: &&str| {
                let begins = |begin: &&str| line.starts_with(begin);
                let is_credit = ["Photo: ", "Cartoon by "].iter().any(begins) || line.contains("Credit: ");
                let is_byline = begins(&"By ").then_some(Reason::Byline);
                if is_credit { Some(Reason::Caption) } else { is_byline }
            };
            let mut reasons: Vec<Option<Reason>> = lines.iter().map(known).collect();
            mark(&shapes, &mut reasons);
            let found: Vec<usize> = (0..lines.len()).filter(|&line| reasons[line].is_some()).collect();
            assert_eq!(found, want, "{lines:?}");
        });
    }
}
