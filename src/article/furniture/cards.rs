//! Cards of other stories below a story: a headline, a date or a name, a teaser, and under each the same button. And rows of
//! headlines that a page cuts short.

use crate::article::reason::Reason;
use crate::article::shape::Shape;

/// Cards that make a row, and headlines cut short.
const FEWEST: usize = 3;
/// Lines of a card at most, without its button.
const LONGEST: usize = 4;
/// Words of a button at most.
const BUTTON: usize = 3;
/// Words of the shortest paragraph of a story.
const PARAGRAPH: usize = 8;
/// Paragraphs of a story, below which cards may stand.
const STORY: usize = 3;
/// Words of a paragraph behind which the story goes on.
const PROSE: usize = 15;
/// Words of a headline that is cut short.
const CUT: std::ops::RangeInclusive<usize> = 4..=25;

/// Marks the cards of other stories, and the rows of headlines cut short, where no story follows.
pub(super) fn mark(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    mark_cards(shapes, reasons);
    mark_cut(shapes, reasons);
}

fn mark_cards(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let buttons: Vec<usize> = (0..shapes.len()).filter(|&line| is_button(&shapes[line])).collect();
    let Some(&last) = buttons.last() else { return };
    // From the last button up, as long as card stands above card.
    let mut first = last;
    let mut cards = Vec::new();
    for pair in buttons.windows(2).rev() {
        let card = pair[0] + 1..pair[1];
        if button(&shapes[pair[0]]) != button(&shapes[last]) || !is_card(&shapes[card.clone()]) {
            break;
        }
        first = pair[0];
        cards.push(card);
    }
    // The topmost card has no button above it.
    let lengths = cards.iter().map(std::ops::Range::len);
    let top = lengths.max().and_then(|length| {
        (1..=length)
            .rev()
            .map(|length| first.saturating_sub(length)..first)
            .find(|card| is_card(&shapes[card.clone()]))
    });
    cards.extend(top);
    let begin = cards.last().map_or(first, |card| card.start);
    if cards.len() < FEWEST || !is_below_story(shapes, reasons, begin) || goes_on(shapes, reasons, last + 1) {
        return;
    }
    for line in cards.into_iter().flatten() {
        reasons[line].get_or_insert(Reason::Related);
    }
}

/// The words of a button, without its arrow.
fn button<'a>(shape: &'a Shape<'_>) -> &'a str {
    shape.folded.trim_matches(|c: char| !c.is_alphanumeric())
}

fn is_button(shape: &Shape<'_>) -> bool {
    const BEGINS: [&str; 6] = ["read ", "continue reading", "learn more", "view ", "full ", "see more"];
    let words = button(shape);
    words.split(' ').count() <= BUTTON && BEGINS.iter().any(|begin| words.starts_with(begin))
}

/// A headline, a line or two without a stop, and a teaser.
fn is_card(lines: &[Shape<'_>]) -> bool {
    let [heads @ .., teaser] = lines else { return false };
    (1..LONGEST).contains(&heads.len())
        && heads[0].is_title_like()
        && heads.iter().all(|line| !line.stopped || line.folded.ends_with(['?', '!']))
        && heads.iter().all(|line| !is_button(line))
        && teaser.words >= PARAGRAPH
        && (teaser.stopped || teaser.words >= PROSE)
}

/// Marks three headlines or more in a row that end with an ellipsis.
fn mark_cut(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let is_cut = |shape: &Shape<'_>| {
        (shape.folded.ends_with('…') || shape.folded.ends_with("...")) && CUT.contains(&shape.words)
    };
    let open: Vec<usize> = (0..shapes.len()).filter(|&line| reasons[line].is_none()).collect();
    for run in open.chunk_by(|&one, &next| is_cut(&shapes[one]) && is_cut(&shapes[next])) {
        let (first, last) = (run[0], run[run.len() - 1]);
        if run.len() >= FEWEST
            && is_cut(&shapes[first])
            && is_below_story(shapes, reasons, first)
            && !goes_on(shapes, reasons, last + 1)
        {
            for &line in run {
                reasons[line] = Some(Reason::Related);
            }
        }
    }
}

/// Whether a story stands above a line.
fn is_below_story(shapes: &[Shape<'_>], reasons: &[Option<Reason>], line: usize) -> bool {
    let is_paragraph = |(shape, reason): &(&Shape<'_>, &Option<Reason>)| {
        reason.is_none() && shape.stopped && shape.words >= PARAGRAPH
    };
    shapes[..line].iter().zip(reasons).filter(is_paragraph).nth(STORY - 1).is_some()
}

/// Whether prose of the story may follow from a line on.
fn goes_on(shapes: &[Shape<'_>], reasons: &[Option<Reason>], line: usize) -> bool {
    shapes[line..].iter().zip(&reasons[line..]).any(|(shape, reason)| {
        reason.is_none() && shape.stopped && shape.words >= PROSE && !shape.folded.ends_with('…')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::shape::Mark;
    use crate::table_test::each;

    const STORY: &str = "The port reopened on Monday after a storm that had closed it for a week.";
    const TEASER: &str = "A ship that lost its anchor in the bay was brought back by two tugs.";

    #[test]
    fn cards_below_a_story_are_none_of_it() {
        const CARD: [&str; 3] = ["Tugs save a ship", TEASER, "Read more"];
        const DATED: [&str; 4] = ["Tugs save a ship", "May 3, 2031 at 5:10 pm", TEASER, "READ MORE »"];
        let story = [STORY; 4];
        let cards = |card: &[&'static str], count: usize| card.repeat(count);
        let rows: [(Vec<&str>, &[usize]); 9] = [
            ([&story[..], &cards(&CARD, 3), &["Contact"]].concat(), &[4, 5, 7, 8, 10, 11]),
            ([&story[..], &cards(&DATED, 3)].concat(), &[4, 5, 6, 8, 9, 10, 12, 13, 14]),
            ([&story[..], &["More in sport"], &cards(&CARD, 3)].concat(), &[5, 6, 8, 9, 11, 12]),
            // Two are no row, and a story may hold as many buttons as it likes.
            ([&story[..], &cards(&CARD, 2)].concat(), &[]),
            ([&story[..], &cards(&CARD, 3), &[STORY]].concat(), &[]),
            ([&story[..], &cards(&["Read more", "Tugs save a ship", STORY, STORY], 4)].concat(), &[]),
            (cards(&CARD, 4), &[]),
            // Headlines cut short
            (
                [
                    &story[..],
                    &["Police say the tugs were …", "The mayor hopes for more …", "Ships wait for the …"],
                ]
                .concat(),
                &[4, 5, 6],
            ),
            ([&story[..], &["She said she hoped for …", "And then …", STORY]].concat(), &[]),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let mut reasons = vec![None; lines.len()];
            mark(&shapes, &mut reasons);
            let found: Vec<usize> = (0..lines.len()).filter(|&line| reasons[line].is_some()).collect();
            assert_eq!(found, want, "{lines:?}");
        });
    }
}
