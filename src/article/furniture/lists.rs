//! Lines that belong together without a sign of their own: what a dish needs, briefs of other stories, rows of results.

use super::emission::is_all_quote;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape};

/// Lines of the shortest list.
const FEWEST: usize = 3;
/// Words of the longest line of a list.
const LONGEST: usize = 16;

/// Whether each line is one of a list of amounts: `3 onions, sliced`, `½ cup of oil`, and what stands between such lines.
pub(super) fn amounts(shapes: &[Shape<'_>], reasons: &[Option<Reason>]) -> Vec<bool> {
    let mut found = vec![false; shapes.len()];
    let is_line = |number: usize| {
        let shape = &shapes[number];
        reasons[number].is_none()
            && shape.mark == Mark::None
            && !shape.stopped
            && (2..=LONGEST).contains(&shape.words)
    };
    let mut start = 0;
    while start < shapes.len() {
        if !is_line(start) || !is_amount(&shapes[start]) {
            start += 1;
            continue;
        }
        let end = (start..shapes.len()).find(|&number| !is_line(number)).unwrap_or(shapes.len());
        let count = shapes[start..end].iter().filter(|shape| is_amount(shape)).count();
        if count >= FEWEST && count * 2 >= end - start {
            found[start..end].fill(true);
        }
        start = end;
    }
    found
}

/// `3 onions, sliced`: an amount, and then words in lower case.
fn is_amount(shape: &Shape<'_>) -> bool {
    let mut words = shape.text.split(' ');
    let first = words.next().unwrap_or_default();
    let is_count = first.starts_with(|c: char| c.is_ascii_digit() || "½¼¾⅓⅔⅛".contains(c))
        && first.chars().all(|c| c.is_alphanumeric() || "½¼¾⅓⅔⅛/-–.,".contains(c));
    let rest = words.next().unwrap_or_default();
    let is_of_page = matches!(
        rest,
        "hours"
            | "hour"
            | "minutes"
            | "minute"
            | "min"
            | "mins"
            | "days"
            | "day"
            | "comments"
            | "shares"
            | "replies"
            | "likes"
            | "views"
            | "related"
            | "reads"
            | "h"
            | "d"
            | "weeks"
            | "ago"
            | "of"
            | "more"
            | "months"
    );
    is_count && rest.starts_with(|c: char| c.is_lowercase() || "½¼¾⅓⅔⅛(".contains(c)) && !is_of_page
}

/// Marks two or more paragraphs in a row that begin with a headline and a colon: briefs of other stories.
pub(super) fn mark_briefs(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const LONG: usize = 25;
    let is_free = |number: usize, reasons: &[Option<Reason>]| reasons[number].is_none();
    let (mut start, mut prose) = (0, 0);
    while start < shapes.len() {
        let run = shapes[start..].iter().zip(&reasons[start..]);
        let length = run.take_while(|(shape, reason)| reason.is_none() && is_brief(shape)).count();
        if length > 1 && prose >= FEWEST {
            for reason in &mut reasons[start..start + length] {
                *reason = Some(Reason::Related);
            }
            // What is said over them.
            for above in (start.saturating_sub(2)..start).rev() {
                if is_free(above, reasons)
                    && shapes[above].words <= LONGEST
                    && !is_all_quote(shapes[above].text)
                {
                    let is_label = !shapes[above].stopped && shapes[above].words <= 6;
                    if is_label {
                        reasons[above] = Some(Reason::Related);
                    }
                }
            }
        }
        prose += usize::from(length == 0 && shapes[start].stopped && shapes[start].words >= LONG);
        start += length.max(1);
    }
}

/// Marks questions with the answers that readers may choose, down to the button or the count of votes.
pub(super) fn mark_polls(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const FAR: usize = 9;
    const LONGEST_ANSWER: usize = 8;
    const FEWEST_ANSWERS: usize = 2;
    let is_answer = |shape: &Shape<'_>| !shape.stopped && shape.words <= LONGEST_ANSWER;
    let is_ballot = |shape: &Shape<'_>| {
        is_answer(shape)
            && shape.words <= 3
            && shape
                .folded
                .split(' ')
                .any(|word| matches!(word, "vote" | "votes" | "voted" | "voting" | "results"))
    };
    for number in 0..shapes.len() {
        if reasons[number].is_some() || !shapes[number].text.ends_with('?') || shapes[number].words > LONGEST
        {
            continue;
        }
        let below = &shapes[number + 1..shapes.len().min(number + 1 + FAR)];
        let answers = below.iter().take_while(|shape| is_answer(shape)).count();
        if let Some(ballot) = below[..answers].iter().rposition(is_ballot)
            && ballot >= FEWEST_ANSWERS
        {
            for reason in &mut reasons[number..=number + 1 + ballot] {
                reason.get_or_insert(Reason::Comments);
            }
        }
    }
}

/// Marks figures that are set large with what they count below, at least two in a row.
pub(super) fn mark_large_figures(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let is_figure = |shape: &Shape<'_>| {
        let is_year = shape.text.len() == 4 && shape.text.bytes().all(|b| b.is_ascii_digit());
        let digits = shape.text.trim_start_matches(['£', '$', '€', '+', '-', '−', '~', '<', '>']);
        shape.words <= 3
            && digits.starts_with(|c: char| c.is_ascii_digit())
            && !is_year
            && !shape.text.ends_with(['.', ')', ':'])
            && !shape.text.contains([':', '/'])
            && shape.mark == Mark::None
    };
    let is_counted = |shape: &Shape<'_>| {
        !shape.stopped
            && (3..=LONGEST).contains(&shape.words)
            && shape.mark == Mark::None
            && !is_figure(shape)
    };
    let is_pair = |at: usize| {
        shapes.len() > at + 1
            && is_figure(&shapes[at])
            && reasons[at + 1].is_none()
            && is_counted(&shapes[at + 1])
    };
    let pairs: Vec<usize> = (0..shapes.len()).filter(|&at| is_pair(at)).collect();
    for pair in pairs.windows(2).filter(|pair| pair[1] == pair[0] + 2) {
        for reason in &mut reasons[pair[0]..pair[1] + 2] {
            reason.get_or_insert(Reason::PageFurniture);
        }
    }
}

/// `Rats and Rent: A landlord says that the rats came first.`
fn is_brief(shape: &Shape<'_>) -> bool {
    const LONGEST_BRIEF: usize = 45;
    const LABEL: std::ops::RangeInclusive<usize> = 2..=9;
    if shape.words > LONGEST_BRIEF || !shape.stopped || shape.mark != Mark::None {
        return false;
    }
    let Some((label, text)) = shape.text.split_once(": ") else { return false };
    let is_titled = |word: &str| word.len() <= 3 || !word.starts_with(char::is_lowercase);
    let words = label.split(' ').count();
    LABEL.contains(&words)
        && label.split(' ').all(is_titled)
        && label.split(' ').filter(|word| word.starts_with(char::is_uppercase)).count() > 1
        && !label.contains(['“', '"', ',', '('])
        && text.starts_with(char::is_uppercase)
}

/// Marks rows of results: three or more lines in a row that are figures for the most part.
pub(super) fn mark_results(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let mut start = 0;
    while start < shapes.len() {
        let run = shapes[start..].iter().zip(&reasons[start..]);
        let is_row = |(shape, reason): &(&Shape<'_>, &Option<Reason>)| reason.is_none() && is_row(shape);
        let length = run.take_while(is_row).count();
        if length >= FEWEST {
            reasons[start..start + length].fill(Some(Reason::Table));
        }
        start += length.max(1);
    }
}

/// `Okafor 38 11-19 0-1 5-6`, `Lindau 24 31 19 27 — 101`
fn is_row(shape: &Shape<'_>) -> bool {
    // Most lines have no figure.
    if shape.stopped || !shape.text.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let (mut figures, mut words) = (0, 0);
    for word in shape.text.split_whitespace() {
        let has_digit = word.bytes().any(|b| b.is_ascii_digit());
        let is_figure = has_digit && !word.chars().any(char::is_lowercase);
        figures += usize::from(is_figure);
        words += usize::from(!is_figure && word.contains(char::is_alphabetic));
    }
    let is_short = shape.words <= 2 * LONGEST;
    is_short && ((figures >= 2 && figures >= words) || (figures > 0 && is_match(shape.text)))
}

/// `J. Roe bt M. Doe 6-3 6-4`: names, and how many each of them has.
fn is_match(text: &str) -> bool {
    const BETWEEN: [&str; 7] = ["bt", "v", "vs", "def", "beat", "d", "and"];
    let is_count = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let is_score =
        |word: &str| word.split_once(['-', '–']).is_some_and(|(own, other)| is_count(own) && is_count(other));
    let is_low =
        |word: &str| word.starts_with(char::is_lowercase) && !BETWEEN.contains(&word.trim_end_matches('.'));
    text.split_whitespace().any(is_score) && !text.split_whitespace().any(is_low)
}

/// `Referee: T Boyle (Saltby). Att: 14,302.`: behind a label, names and figures that make no sentence.
pub(super) fn is_agate(shape: &Shape<'_>) -> bool {
    const LONGEST_AGATE: usize = 60;
    const LONGEST_LABEL: usize = 4;
    let Some((label, rest)) = shape.text.split_once(": ") else { return false };
    let mut depth = 0_usize;
    let mut is_named = |word: &str| {
        depth += word.matches('(').count();
        let is_within = depth > 0;
        depth = depth.saturating_sub(word.matches(')').count());
        is_within || !word.starts_with(char::is_lowercase) || matches!(word, "and" | "for" | "pen" | "og")
    };
    shape.words <= LONGEST_AGATE
        && label.split(' ').count() <= LONGEST_LABEL
        && shape.stopped
        && rest.contains([',', ';', ':'])
        && rest.split_whitespace().count() >= 2
        && !rest.contains(['“', '"', '‘'])
        && rest.split_whitespace().all(&mut is_named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn shapes<'a>(lines: &[&'a str]) -> Vec<Shape<'a>> {
        lines.iter().map(|line| Shape::new(line, Mark::None)).collect()
    }

    #[test]
    fn amounts_are_a_list() {
        let rows: [(&[&str], usize); 4] = [
            (&["3 onions, sliced", "½ cup oil", "Salt, to taste", "2 tins of tomatoes"], 4),
            (&["3 onions, sliced", "It is done."], 0),
            (&["3 hours ago", "2 hours ago", "1 hour ago"], 0),
            (&["1 Port reopens", "2 Ships come back", "3 Lamp mended"], 0),
        ];
        each(rows, |(lines, want)| {
            let found = amounts(&shapes(lines), &vec![None; lines.len()]);
            assert_eq!(found.iter().filter(|is_item| **is_item).count(), want, "{lines:?}");
        });
    }

    #[test]
    fn names_and_figures_behind_a_label_are_no_sentence() {
        let rows = [
            ("Subs: Ings, Bray.", true),
            ("Scorers: Grau 12, 45, Holl 61; Marsh 90+2 (pen).", true),
            ("Referee: T Boyle (Saltby). Att: 14,302.", true),
            ("Otters: They visit Wendal on Monday, at night.", false),
            ("Verdict: Guilty.", false),
        ];
        each(rows, |(line, want)| assert_eq!(is_agate(&Shape::new(line, Mark::None)), want, "{line}"));
    }

    #[test]
    fn polls_go_with_their_answers() {
        let rows: [(&[&str], usize); 3] = [
            (&["Was it too late?", "Yes", "No", "Vote", "It was."], 4),
            (&["Was it too late?", "Yes", "No", "1,204 votes"], 4),
            (&["Was it too late?", "It was."], 0),
        ];
        each(rows, |(lines, want)| {
            let mut reasons = vec![None; lines.len()];
            mark_polls(&shapes(lines), &mut reasons);
            assert_eq!(reasons.iter().flatten().count(), want, "{lines:?}");
        });
    }

    #[test]
    fn briefs_and_results_are_left_out() {
        let rows: [(&[&str], Option<Reason>); 7] = [
            (&["Rats and Rent: A landlord is ill.", "Pizza at Night: We ate it."], None),
            (
                &["£2,140", "Price of a hut in July", "14 metres", "Movement of the sand"],
                Some(Reason::PageFurniture),
            ),
            (&["1974", "The bell is lost in a storm", "1988", "It is found in the sea"], None),
            (&["Why it matters: Rents rise.", "What they say: It is late."], None),
            (&["Okafor 38 11-19 0-1", "Redding 36 8-21 4-13", "Lund 9 1-2 0-0"], Some(Reason::Table)),
            (
                &["J. Roe bt M. Doe 6-3", "A. Holl bt K. Fenn 6-1", "T. Amin bt S. Oke 6-0"],
                Some(Reason::Table),
            ),
            (&["Day 1", "Day 2", "Day 3"], None),
        ];
        each(rows, |(lines, want)| {
            let shapes = shapes(lines);
            let mut reasons = vec![None; lines.len()];
            mark_briefs(&shapes, &mut reasons);
            mark_results(&shapes, &mut reasons);
            mark_large_figures(&shapes, &mut reasons);
            assert!(reasons.iter().all(|reason| *reason == want), "{lines:?}: {reasons:?}");
        });
    }
}
