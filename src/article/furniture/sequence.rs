//! A model of a copied page as a sequence: its head, the headline, the story with what interrupts it, its foot.
//!
//! Every paragraph has odds for the story by its length, its end, its words and its neighbours. The best path through the
//! page's parts is the sum of these and of what a change of parts costs. So a doubtful line among paragraphs is read, and the
//! same line in a menu is not. Rules come first: what they know for certain is no story in any part.

use super::copied::{self, Copied};
use super::emission::Emission;
use super::finish::Finish;
use super::words::Index;
use super::{
    cards, credits, films, frames, headline, houses, lines, lists, notes, repeats, running, signatures,
};
use crate::article::BlockKind;
use crate::article::reason::Reason;
use crate::article::shape::Shape;

/// A text with fewer paragraphs of prose shows too little of its order.
const FEWEST: usize = 3;

/// A part of a page. The order is that of the rows of the tables below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Head,
    Title,
    Deck,
    Story,
    Insert,
    Foot,
}

const PARTS: [Part; 6] = [Part::Head, Part::Title, Part::Deck, Part::Story, Part::Insert, Part::Foot];

/// Odds against ever coming that way.
const NEVER: f32 = -1.0e9;
/// An interruption of the story: a single doubtful paragraph within it is read.
const INTERRUPT: f32 = -2.0;
/// A story without a headline.
const NO_TITLE: f32 = -1.0;
/// Each line of an interruption: the longer it is, the less likely is more of the story behind it.
const WAIT: f32 = -0.2;
/// Each line between headline and story.
const DECK: f32 = -0.1;
/// Odds of a sentence that is read even within an interruption.
const SURE: f32 = 2.0;
/// The same where no word speaks for the page.
const UNSUSPECTED: f32 = 0.7;
/// The end of the story.
const END: f32 = -0.3;

/// The odds of coming from one part to another.
fn change(from: Part, to: Part) -> f32 {
    use Part::{Deck, Foot, Head, Insert, Story, Title};
    match (from, to) {
        (Head, Head | Title) | (Title | Deck, Deck | Story) => 0.0,
        (Story | Insert, Story) | (Insert, Insert) | (Foot, Foot) => 0.0,
        (Head, Story) => NO_TITLE,
        (Story, Insert) => INTERRUPT,
        (Story, Foot) => END,
        _ => NEVER,
    }
}

/// The odds of a paragraph in a part.
fn odds(part: Part, emission: Emission, title: Option<f32>) -> f32 {
    match part {
        // A story's own paragraphs do not stand over its headline.
        Part::Head => emission.page - (emission.story - 1.0).max(0.0) * 0.5,
        Part::Title => title.unwrap_or(NEVER),
        Part::Deck => emission.page + DECK,
        Part::Insert => emission.page + WAIT,
        Part::Story => emission.story,
        Part::Foot => emission.page.max(emission.foot),
    }
}

/// Whether a text shows enough of a page's order.
pub(super) fn is_page(shapes: &[Shape<'_>], reasons: &[Option<Reason>]) -> bool {
    let is_prose = |(shape, reason): &(&Shape<'_>, &Option<Reason>)| {
        reason.is_none() && shape.stopped && shape.words >= 15
    };
    shapes.iter().zip(reasons).filter(is_prose).nth(FEWEST - 1).is_some()
}

/// Gives each paragraph of a copied page its reason or its kind; returns which is the headline.
pub(super) fn judge(
    shapes: &[Shape<'_>],
    reasons: &mut [Option<Reason>],
    kinds: &mut [Option<BlockKind>],
) -> Option<usize> {
    for (shape, reason) in shapes.iter().zip(&mut *reasons) {
        *reason = reason
            .or_else(|| running::reason_of(shape))
            .or_else(|| running::note_of(shape))
            .or_else(|| notes::reason_of(shape));
    }
    running::mark_mail_head(shapes, reasons);
    running::mark_paths(shapes, reasons);
    signatures::mark_rows(shapes, reasons);
    lines::mark_posts(shapes, reasons);
    running::mark_posts(shapes, reasons);
    super::byline::mark_date_below(shapes, reasons);
    lines::mark_tables(shapes, reasons);
    lists::mark_results(shapes, reasons);
    lists::mark_briefs(shapes, reasons);
    lists::mark_large_figures(shapes, reasons);
    lists::mark_polls(shapes, reasons);
    houses::mark(shapes, reasons);
    cards::mark(shapes, reasons);
    let index = Index::of(shapes, reasons);
    let first = index.first(shapes, reasons);
    films::mark(shapes, reasons, first);
    repeats::mark_twins(shapes, reasons, first);
    credits::mark(shapes, reasons, first);
    frames::mark(shapes, reasons);
    signatures::mark_above(shapes, reasons, first);
    signatures::mark_beside_times(shapes, reasons, |number| index.wording(number, &shapes[number]).echo > 0);
    signatures::mark_names(shapes, reasons, &copied::writers(shapes, reasons));
    let known = reasons.to_vec();
    let copied = Copied::new(shapes, &known, &index);
    let mut emissions: Vec<Emission> = (0..shapes.len()).map(|number| copied.emission(number)).collect();
    running::end_at_mark(shapes, &known, &mut emissions);
    let titles = headline::scores(&copied);
    let parts = best_path(&emissions, &titles);
    let title = parts.iter().position(|part| *part == Part::Title);
    for (number, part) in parts.iter().enumerate().filter(|(number, _)| known[*number].is_none()) {
        let is_prose = shapes[number].stopped && shapes[number].words >= 7;
        // A line too many is better than a paragraph too few.
        let odds = emissions[number].story;
        let is_sure = odds > SURE || (odds > UNSUSPECTED && !copied.speaks_of_page(number));
        if *part == Part::Insert && is_prose && is_sure {
            continue;
        }
        reasons[number] = match part {
            Part::Title | Part::Story => None,
            Part::Head if !is_prose => Some(Reason::Navigation),
            Part::Head => Some(Reason::OutsideStory),
            Part::Deck | Part::Insert | Part::Foot if is_prose => Some(Reason::OutsideStory),
            Part::Deck | Part::Insert | Part::Foot => Some(Reason::PageFurniture),
        };
    }
    let is_story: Vec<bool> = parts.iter().map(|part| *part == Part::Story).collect();
    let mut finish = Finish { copied: &copied, emissions: &emissions, is_story: &is_story, reasons, kinds };
    finish.all(title);
    repeats::mark_large_quotes(shapes, reasons);
    title
}

/// The likeliest part of each paragraph.
fn best_path(emissions: &[Emission], titles: &[Option<f32>]) -> Vec<Part> {
    let start = |part: Part| match part {
        Part::Head | Part::Title => 0.0,
        Part::Story => NO_TITLE,
        _ => NEVER,
    };
    let changes = PARTS.map(|to| PARTS.map(|from| change(from, to)));
    let mut best = [NEVER; PARTS.len()];
    let mut steps: Vec<[usize; PARTS.len()]> = Vec::with_capacity(emissions.len());
    for (number, (&emission, &title)) in emissions.iter().zip(titles).enumerate() {
        let mut next = [NEVER; PARTS.len()];
        let mut from = [0; PARTS.len()];
        for (to, &part) in PARTS.iter().enumerate() {
            let own = odds(part, emission, title);
            if number == 0 {
                next[to] = start(part) + own;
                continue;
            }
            for (source, change) in changes[to].iter().enumerate() {
                let sum = best[source] + change;
                if sum > next[to] {
                    (next[to], from[to]) = (sum, source);
                }
            }
            next[to] += own;
        }
        best = next;
        steps.push(from);
    }
    let mut at =
        (0..PARTS.len()).fold(0, |best_at, part| if best[part] > best[best_at] { part } else { best_at });
    let mut parts = vec![Part::Head; emissions.len()];
    for number in (0..emissions.len()).rev() {
        parts[number] = PARTS[at];
        at = steps[number][at];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::shape::Mark;
    use crate::table_test::each;

    const ONE: &str = "The ferries of the island stopped on Monday because a storm had broken the pier in two places, the \
                       harbor master said.";
    const TWO: &str = "Islanders had waited for a ferry since noon, and when it was dark they walked home along the \
                       broken pier with their bread.";
    const THREE: &str = "The pier will be mended by spring, the harbor master said, if the storm has left any of it and \
                         the island has the stone.";

    /// The lines that are read, by their numbers, the headline first.
    fn read(lines: &[&str]) -> (Option<usize>, Vec<usize>) {
        let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
        let mut reasons = vec![None; lines.len()];
        assert!(is_page(&shapes, &reasons), "{lines:?}");
        let title = judge(&shapes, &mut reasons, &mut vec![None; lines.len()]);
        let is_read = |line: &usize| reasons[*line].is_none() && Some(*line) != title;
        (title, (0..lines.len()).filter(is_read).collect())
    }

    #[test]
    fn pages_are_parted_from_their_stories() {
        type Row<'a> = (&'a str, &'a [&'a str], Option<usize>, &'a [usize]);
        let rows: [Row<'_>; 9] = [
            ("prose alone", &[ONE, TWO, THREE], None, &[0, 1, 2]),
            (
                "a menu over the headline",
                &["12°C", "Markets", "Puzzles", "Storm breaks ferry pier on island", ONE, TWO, THREE],
                Some(3),
                &[4, 5, 6],
            ),
            (
                "a promise over the headline",
                &["Support us with what you can", "Storm breaks ferry pier on island", ONE, TWO, THREE],
                Some(1),
                &[2, 3, 4],
            ),
            (
                "a line below the headline",
                &[
                    "Storm breaks ferry pier on island",
                    "Islanders walked home with their bread",
                    ONE,
                    TWO,
                    THREE,
                ],
                Some(0),
                &[1, 2, 3, 4],
            ),
            (
                "a heading within",
                &["Storm breaks ferry pier on island", ONE, "A broken pier", TWO, THREE],
                Some(0),
                &[1, 2, 3, 4],
            ),
            (
                "a box within",
                &[
                    "Storm breaks ferry pier on island",
                    ONE,
                    "Read us every day",
                    "We bring you what you need to know, and you tell us what you think.",
                    "Yes, please",
                    "No, thank you",
                    TWO,
                    THREE,
                ],
                Some(0),
                &[1, 6, 7],
            ),
            (
                "a doubtful sentence among paragraphs",
                &["Storm breaks ferry pier on island", ONE, "Ask us, they wrote.", TWO, THREE],
                Some(0),
                &[1, 2, 3, 4],
            ),
            (
                "a foot",
                &[
                    "Storm breaks ferry pier on island",
                    ONE,
                    TWO,
                    THREE,
                    "Ferries",
                    "Islands",
                    "Moon lamp mended",
                ],
                Some(0),
                &[1, 2, 3],
            ),
            (
                "an end",
                &[
                    "Storm breaks ferry pier on island",
                    ONE,
                    TWO,
                    THREE,
                    "-30-",
                    "The island has two piers and a ferry.",
                ],
                Some(0),
                &[1, 2, 3],
            ),
        ];
        each(rows, |(name, lines, title, story)| {
            assert_eq!(read(lines), (title, story.to_vec()), "{name}");
        });
    }
}
