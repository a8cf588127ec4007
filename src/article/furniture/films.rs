//! Lines around films, recordings and galleries: how long they are, what they are called, what their pictures show.

use super::phrases::RULES;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape};

/// Words of the longest title of a film.
const LONGEST: usize = 16;
/// Words of the longest caption without a stop.
const LONGEST_CAPTION: usize = 40;
/// Most lines between a gallery's label and the caption of its picture.
const NEAR: usize = 2;

/// `Duration 0:47`, `1:02 • Source: NPA`: how long a film or a recording lasts.
pub(super) fn is_length(shape: &Shape<'_>) -> bool {
    const LONGEST_LENGTH: usize = 8;
    if shape.words > LONGEST_LENGTH || !shape.folded.contains(':') {
        return false;
    }
    let last = shape.folded.rsplit(' ').next().unwrap_or_default();
    (shape.words <= 2 && is_clock(last)) || has_source(shape)
}

/// `1:02 • Source: NPA`
fn has_source(shape: &Shape<'_>) -> bool {
    let mut parts = shape.folded.split(['•', '·', '|']).map(str::trim);
    parts.clone().any(is_clock) && parts.any(|part| part.starts_with("source"))
}

/// `0:47`
fn is_clock(word: &str) -> bool {
    let word = word.strip_prefix("00:").unwrap_or(word);
    word.split_once(':').is_some_and(|(minutes, seconds)| {
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        seconds.len() == 2 && minutes.len() <= 3 && are_digits(minutes) && are_digits(seconds)
    })
}

/// `A tram leaves the rails (0:47)`, `A tram leaves the rails | 00:00:47`
pub(super) fn ends_with_length(shape: &Shape<'_>) -> bool {
    let in_brackets = shape.folded.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
    let length = in_brackets.or_else(|| shape.folded.rsplit_once(" | "));
    length.is_some_and(|(title, length)| is_clock(length) && title.contains(' ')) && shape.words <= LONGEST
}

/// Marks the titles of films beside their lengths, and unfinished lines below the label of a gallery.
pub(super) fn mark(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], first: usize) {
    // A page has few films; where more clocks stand alone, they are times.
    const MOST_FILMS: usize = 2;
    let is_alone = shapes.iter().filter(|shape| shape.words == 1 && is_length(shape)).count() <= MOST_FILMS;
    for number in 0..shapes.len() {
        let shape = &shapes[number];
        if is_gallery(shape) {
            reasons[number].get_or_insert(Reason::PageFurniture);
            mark_caption(shapes, reasons, number, number < first);
        }
        if !is_length(shape) {
            continue;
        }
        let is_title = |line: usize| {
            let title = &shapes[line];
            !title.stopped && title.mark == Mark::None && (3..=LONGEST).contains(&title.words)
        };
        let is_film = |line: usize| shapes.get(line).is_some_and(is_label);
        if let Some(above) = number.checked_sub(1)
            && is_title(above)
            && (has_source(shape) || is_film(number + 1) || above.checked_sub(1).is_some_and(is_film))
        {
            reasons[above].get_or_insert(Reason::Related);
        } else if number
            .checked_sub(1)
            .is_some_and(|above| is_film(above) || (is_alone && reasons[above].is_some()))
            && number + 1 < shapes.len()
            && is_title(number + 1)
        {
            reasons[number + 1].get_or_insert(Reason::Related);
        }
    }
}

fn mark_caption(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], label: usize, is_head: bool) {
    let is_caption = |shape: &Shape<'_>| {
        (5..=LONGEST_CAPTION).contains(&shape.words)
            && shape.mark == Mark::None
            && !shape.text.ends_with(':')
            && (!shape.stopped || (is_head && !shape.text.contains(['“', '"'])))
    };
    // Over the label is what the picture shows, for those who do not see it.
    if is_head
        && let Some(above) = label.checked_sub(1)
        && shapes[above].stopped
        && is_caption(&shapes[above])
    {
        reasons[above].get_or_insert(Reason::Caption);
    }
    for number in label + 1..shapes.len().min(label + 1 + NEAR) {
        let shape = &shapes[number];
        if is_gallery(shape) || (reasons[number].is_some() && shape.words <= 3) {
            continue;
        }
        if is_caption(shape) {
            reasons[number].get_or_insert(Reason::Caption);
        }
        return;
    }
}

fn is_label(shape: &Shape<'_>) -> bool {
    shape.words <= 4 && RULES.films.contains(shape.folded.trim_end_matches(':'))
}

fn is_gallery(shape: &Shape<'_>) -> bool {
    shape.words <= 5 && RULES.galleries.contains(shape.folded.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn films_and_pictures_go_with_their_labels() {
        let rows: [(&[&str], &[usize]); 7] = [
            (&["Tram leaves the rails", "1:02 • Source: NPA"], &[0]),
            (&["Now playing", "Tram leaves the rails", "1:02"], &[1]),
            (&["Video", "04:12", "Tram leaves the rails"], &[2]),
            (&["View gallery", "The tram on Monday, beside the rails"], &[0, 1]),
            (&["Tram leaves the rails", "14:05"], &[]),
            (&["14:05", "Tram leaves the rails"], &[]),
            (&["View gallery", "The tram left the rails on Monday."], &[0]),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let mut reasons = vec![None; lines.len()];
            mark(&shapes, &mut reasons, 0);
            let found: Vec<usize> = (0..lines.len()).filter(|&line| reasons[line].is_some()).collect();
            assert_eq!(found, want, "{lines:?}");
        });
    }

    #[test]
    fn lengths_are_told_from_times() {
        let rows = [
            ("0:47", true),
            ("Duration 0:47", true),
            ("1:02 • Source: NPA", true),
            ("13:31 · Dec 2, 2031", false),
            ("Source: NPA", false),
        ];
        each(rows, |(line, want)| assert_eq!(is_length(&Shape::new(line, Mark::None)), want, "{line}"));
    }
}
