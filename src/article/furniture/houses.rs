//! What houses say of themselves below their stories: who a company is, who wrote the page; and the fields of an editor's form.

use crate::article::reason::Reason;
use crate::article::shape::Shape;

/// Words of the longest label.
const LONGEST_LABEL: usize = 8;
/// Paragraphs that a house says of itself.
const MOST: usize = 3;
/// Words of the shortest paragraph.
const PARAGRAPH: usize = 8;
/// Paragraphs of a story, over which no house speaks.
const STORY: usize = 3;

/// Marks `About Roe Lamps` with what follows of the house, and `About the author` with what is told of her.
pub(super) fn mark(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let mut paragraphs = 0;
    for number in 0..shapes.len() {
        let shape = &shapes[number];
        let is_paragraph = |line: usize, reasons: &[Option<Reason>]| {
            shapes.get(line).is_some_and(|shape| shape.stopped && shape.words >= PARAGRAPH)
                && reasons.get(line).is_some_and(Option::is_none)
        };
        paragraphs += usize::from(is_paragraph(number, reasons));
        let Some(name) = shape.folded.strip_prefix("about ") else { continue };
        if paragraphs < STORY || shape.stopped || shape.words > LONGEST_LABEL {
            continue;
        }
        let end = if is_writer(name) {
            // Her name may stand between.
            let first = number + 1 + usize::from(!is_paragraph(number + 1, reasons));
            if is_paragraph(first, reasons) { first + 1 } else { number + 1 }
        } else {
            let last = (number + 1..shapes.len().min(number + 1 + MOST))
                .take_while(|&line| is_paragraph(line, reasons))
                .last();
            match last.filter(|_| begins_with(&shapes[number + 1], name)) {
                Some(last) => last + 1,
                None => continue,
            }
        };
        for reason in &mut reasons[number..end] {
            reason.get_or_insert(Reason::OutsideStory);
        }
    }
}

fn is_writer(name: &str) -> bool {
    let name = name.trim_end_matches(':');
    let role = name.strip_prefix("the ").or_else(|| name.strip_prefix("our ")).unwrap_or_default();
    matches!(
        role,
        "author" | "authors" | "writer" | "writers" | "reporter" | "journalist" | "contributor" | "columnist"
    )
}

/// A house speaks of itself by its name.
fn begins_with(paragraph: &Shape<'_>, name: &str) -> bool {
    let first = |text: &str| {
        let text = text.strip_prefix("the ").unwrap_or(text);
        let word = text.split(' ').next().unwrap_or_default();
        word.trim_end_matches(|c: char| !c.is_alphanumeric()).to_owned()
    };
    let word = first(name);
    !word.is_empty() && word == first(&paragraph.folded)
}

/// `SEO title: Storm breaks pier`, `Alt text: A pier`: a field of an editor's form with its value.
pub(super) fn is_form_field(shape: &Shape<'_>) -> bool {
    const LONGEST_NAME: usize = 3;
    const LONGEST_VALUE: usize = 45;
    const NAMES: [&str; 11] = [
        "seo",
        "meta",
        "alt",
        "slug",
        "keywords",
        "canonical",
        "url",
        "push alert",
        "social copy",
        "social headline",
        "social text",
    ];
    let Some((name, value)) = shape.folded.split_once(": ") else { return false };
    let is_name = |known: &str| {
        name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-']))
    };
    name.split(' ').count() <= LONGEST_NAME
        && value.split(' ').count() <= LONGEST_VALUE
        && NAMES.iter().any(|known| is_name(known))
}

/// `Presented by Roe Lamps`, `Together with ROE LAMPS`: who pays for a letter.
pub(super) fn is_sponsor(shape: &Shape<'_>) -> bool {
    const LONGEST: usize = 7;
    const BEGINS: [&str; 6] = [
        "together with ",
        "presented by ",
        "sponsored by ",
        "brought to you by ",
        "in partnership with ",
        "a message from ",
    ];
    let Some(begin) = BEGINS.iter().find(|begin| shape.folded.starts_with(**begin)) else { return false };
    let name = shape.text.split_whitespace().skip(begin.split_whitespace().count());
    !shape.stopped
        && shape.words <= LONGEST
        && name.into_iter().all(|word| !word.starts_with(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::shape::Mark;
    use crate::table_test::each;

    const STORY: &str = "The port reopened on Monday after a storm that had closed it for a week.";

    #[test]
    fn houses_that_speak_of_themselves_are_known() {
        const LAMPS: &str = "Roe Lamps makes lamps for ships in more than twenty countries of the world.";
        let rows: [(&[&str], &[usize]); 6] = [
            (&[STORY, STORY, STORY, "About Roe Lamps", LAMPS, LAMPS, "Contact"], &[3, 4, 5]),
            (
                &[
                    STORY,
                    STORY,
                    STORY,
                    "About the author",
                    "Jane Roe",
                    "She has a boat and writes of ports and lamps.",
                ],
                &[3, 4, 5],
            ),
            (&[STORY, STORY, STORY, "About the author", STORY], &[3, 4]),
            (&[STORY, STORY, STORY, "About lamps", STORY], &[]),
            (&[STORY, "About Roe Lamps", LAMPS, STORY], &[]),
            (&[STORY, STORY, STORY, "About Roe Lamps."], &[]),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let mut reasons = vec![None; lines.len()];
            mark(&shapes, &mut reasons);
            let found: Vec<usize> = (0..lines.len()).filter(|&line| reasons[line].is_some()).collect();
            assert_eq!(found, want, "{lines:?}");
        });
    }

    #[test]
    fn fields_and_sponsors_are_known() {
        let rows = [
            ("SEO title: Storm breaks pier", true, false),
            ("Alt text: A pier in the rain.", true, false),
            ("Push alert: Storm breaks pier", true, false),
            ("Alternative: a longer pier", false, false),
            ("Push: the pier must go", false, false),
            ("Together with ROE LAMPS", false, true),
            ("Presented by Roe Lamps", false, true),
            ("Together with his dog", false, false),
            ("Together with Jane he left.", false, false),
        ];
        each(rows, |(line, field, sponsor)| {
            let shape = Shape::new(line, Mark::None);
            assert_eq!((is_form_field(&shape), is_sponsor(&shape)), (field, sponsor), "{line}");
        });
    }
}
