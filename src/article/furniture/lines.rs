//! Lines that are known by their make-up: times, posts of social networks, rows of tables.

use super::super::reason::Reason;
use super::super::shape::{Mark, Shape, ends_with_stop};
use super::{copied, deck};

const MONTHS: [&str; 23] = [
    "jan",
    "january",
    "feb",
    "february",
    "mar",
    "march",
    "apr",
    "april",
    "may",
    "jun",
    "june",
    "jul",
    "july",
    "aug",
    "august",
    "sep",
    "sept",
    "september",
    "oct",
    "october",
    "nov",
    "november",
    "dec",
];
const DAYS: [&str; 15] = [
    "mon",
    "monday",
    "tue",
    "tues",
    "tuesday",
    "wed",
    "wednesday",
    "thu",
    "thurs",
    "thursday",
    "fri",
    "friday",
    "sat",
    "saturday",
    "sun",
];
const ZONES: [&str; 24] = [
    "gmt", "utc", "kst", "jst", "est", "edt", "et", "ct", "cst", "cdt", "mst", "mdt", "mt", "pst", "pdt",
    "pt", "bst", "cet", "cest", "ist", "sgt", "hkt", "aest", "aedt",
];
const WORDS: [&str; 28] = [
    "am",
    "pm",
    "a.m",
    "p.m",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "mins",
    "minute",
    "minutes",
    "day",
    "days",
    "ago",
    "at",
    "on",
    "and",
    "last",
    "first",
    "just",
    "now",
    "today",
    "yesterday",
    "local",
    "time",
];
/// Words that say that the time is the page's.
const LABELS: [&str; 8] =
    ["updated", "published", "posted", "modified", "created", "edited", "corrected", "issued"];

/// `10:42 a.m. KST`, `Updated Nov. 18, 2024, 17:59`, `3 hours ago`: only a time of day, or a date with a word such as
/// “Updated”. A date alone may be a heading of a chronicle.
pub(super) fn is_timestamp(folded: &str) -> bool {
    // Most lines have neither.
    if !has_digit(folded) && !folded.contains("just") {
        return false;
    }
    let mut tells = false;
    let mut has_number = false;
    let mut count = 0;
    for word in words(folded) {
        count += 1;
        let is_clock = is_clock(word);
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        tells |= is_clock
            || ZONES.contains(&word)
            || word == "ago"
            || LABELS.contains(&word)
            || matches!(word, "a.m" | "p.m" | "am" | "pm");
        has_number |= is_number || word == "just";
        if count > 14 || !(is_clock || is_known(word) || (is_number && is_count(word))) {
            return false;
        }
    }
    tells && has_number
}

/// `Published on July 6, 2031, at 5:30 am (Paris)`: a word such as “Published” and then figures or a date.
pub(super) fn begins_with_label(folded: &str) -> bool {
    let mut words = words(folded);
    let first = words.next().unwrap_or_default();
    let is_label = LABELS.contains(&first)
        || (first == "last" && words.next().is_some_and(|word| LABELS.contains(&word)));
    let is_date = |word: &str| is_known(word) || word.starts_with(|c: char| c.is_ascii_digit());
    is_label && words.next().is_some_and(is_date)
}

/// Only a date.
pub(super) fn is_date(folded: &str) -> bool {
    if !has_digit(folded) {
        return false;
    }
    let mut has_number = false;
    for word in words(folded) {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        has_number |= is_number;
        if !(is_known(word) || (is_number && is_count(word))) {
            return false;
        }
    }
    has_number
}

/// A date with the name of a month or day, or a time with its sign: figures alone may be prices.
pub(super) fn is_day_or_time(folded: &str) -> bool {
    is_timestamp(folded) || (is_date(folded) && folded.contains(char::is_alphabetic))
}

/// `monday`, `tues`
pub(super) fn is_weekday(word: &str) -> bool {
    DAYS.contains(&word) || word == "sunday"
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    let is_edge = |c: char| !c.is_alphanumeric();
    folded
        .split([' ', '\u{a0}', '\u{202f}', '/', '|', '·'])
        .map(move |word| word.trim_matches(is_edge))
        .filter(|word| !word.is_empty())
}

fn is_known(word: &str) -> bool {
    const LONGEST: usize = 9;
    if word.len() > LONGEST {
        return false;
    }
    [&MONTHS[..], &DAYS, &ZONES, &WORDS, &LABELS].iter().any(|list| list.contains(&word))
        || matches!(word, "december" | "sunday")
        || word.split_once('+').is_some_and(|(zone, _)| matches!(zone, "gmt" | "utc"))
}

/// `10:42`, `10:42pm`, `10.42am`, `14h05`.
fn is_clock(word: &str) -> bool {
    let word = word.strip_suffix("am").or_else(|| word.strip_suffix("pm")).unwrap_or(word);
    let parts: Vec<&str> = word.split([':', 'h']).collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `18`, `2024`, `18th`, `2024-11-18`, `3h`, `5pm`.
fn is_count(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let ending = &word[digits.len()..];
    digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        && digits.len() <= 10
        && matches!(ending, "" | "st" | "nd" | "rd" | "th" | "h" | "m" | "d" | "am" | "pm" | "min" | "hr")
}

/// The line below an embedded post: `— Jane Roe (@janeroe) November 18, 2024`, with or without the post before it.
pub(super) fn is_embed(shape: &Shape<'_>) -> bool {
    if !shape.folded.contains('@') {
        return false;
    }
    let Some((before, date)) = shape.folded.rsplit_once(") ") else { return false };
    let Some((_, handle)) = before.rsplit_once("(@") else { return false };
    !handle.is_empty()
        && handle.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        && (is_date(date) || is_timestamp(date))
        && before.contains(['—', '–', '-'])
}

/// The only date of a page that stands alone, over its first sentence, is the page's own. A chronicle has more.
pub(super) fn mark_date(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const HEAD: usize = 15;
    let is_day = |shape: &Shape<'_>| {
        shape.words <= 5
            && shape.folded.split(' ').any(|word| word.len() == 4 && word.parse::<u16>().is_ok())
            && is_date(&shape.folded)
    };
    let mut days = (0..shapes.len()).filter(|&number| reasons[number].is_none() && is_day(&shapes[number]));
    let (Some(day), None) = (days.next(), days.next()) else { return };
    let before =
        shapes[..day].iter().zip(&*reasons).filter(|(shape, reason)| reason.is_none() && shape.stopped);
    // A line under the headline, and a picture's caption, may stand before it, but then the byline does, too.
    let is_signed = reasons[day.saturating_sub(2)..day].contains(&Some(Reason::Byline));
    let sentences = before.count();
    let is_first = sentences == 0 || (is_signed && sentences <= 2);
    if day > 0 && day < HEAD && is_first {
        reasons[day] = Some(Reason::Timestamp);
    }
}

/// Short lines above a time, a byline or buttons, between the headline and the first sentence: a name, a newsroom, a
/// place.
pub(super) fn mark_signature(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], title: Option<usize>) {
    const LONGEST_SIGNATURE: usize = 4;
    let Some(title) = title else { return };
    let is_sentence = |number: &usize| reasons[*number].is_none() && shapes[*number].stopped;
    let Some(first) = (title + 1..shapes.len()).find(is_sentence) else { return };
    let is_telling = |reason: &Option<Reason>| matches!(reason, Some(Reason::Timestamp | Reason::Byline));
    if !reasons[title..first].iter().any(is_telling) {
        return;
    }
    for number in (title + 1..first).rev() {
        let is_followed = number + 1 < first && reasons[number + 1].is_some();
        let is_label = deck::is_summary_label(&shapes[number]);
        if reasons[number].is_none() && is_followed && !is_label && shapes[number].words <= LONGEST_SIGNATURE
        {
            reasons[number] = Some(Reason::Byline);
        }
    }
}

/// The headline after `Related article` belongs to another story, and the line under `Getty Images` is a caption.
pub(super) fn mark_pointers(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const LABELS: [&str; 12] = [
        "sponsored",
        "sponsored content",
        "promoted",
        "editors' picks",
        "related article",
        "related articles",
        "related story",
        "related stories",
        "related news",
        "read more",
        "more on this story",
        "read next",
    ];
    let mut is_row = false;
    for number in 1..shapes.len() {
        let label = shapes[number - 1].folded.trim_end_matches(':');
        let shape = &shapes[number];
        let is_headline = shape.mark == Mark::None
            && shape.words >= 4
            && (shape.is_heading_like() || copied::is_titled(shape) || shape.is_title_like());
        // One headline after another, each with its words in capitals.
        let is_next = is_row && copied::is_titled(shape);
        is_row = is_headline && (is_next || LABELS.contains(&label));
        if reasons[number].is_some() || !is_headline {
            continue;
        }
        // Under a credit that stands alone is the caption of its picture.
        let is_credited = reasons[number - 1] == Some(Reason::Caption) && shapes[number - 1].words <= 3;
        if LABELS.contains(&label) || is_next {
            reasons[number] = Some(Reason::Related);
        } else if is_credited {
            reasons[number] = Some(Reason::Caption);
        }
    }
}

/// The words of a post are left out with the line below them when they hold a picture or a shortened link.
pub(super) fn mark_posts(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let is_post = |shape: &Shape<'_>| {
        ["pic.twitter.com/", "pic.x.com/", "https://t.co/"].iter().any(|sign| shape.folded.contains(sign))
    };
    for number in 1..shapes.len() {
        if reasons[number] == Some(Reason::Embed)
            && reasons[number - 1].is_none()
            && is_post(&shapes[number - 1])
        {
            reasons[number - 1] = Some(Reason::Embed);
        }
    }
}

/// `Home | News | Business | Sport`: names of a site's parts with bars between.
pub(super) fn is_menu(shape: &Shape<'_>) -> bool {
    const FEWEST: usize = 4;
    let parts = || shape.folded.split(['|', '·', '•']).map(str::trim);
    let is_name = |part: &str| {
        (1..=3).contains(&part.split(' ').count()) && !part.contains(|c: char| c.is_ascii_digit())
    };
    !shape.stopped && parts().count() >= FEWEST && parts().all(is_name)
}

/// Lines with as many tabs as their neighbours are rows of a table; tabs have no sound.
pub(super) fn mark_tables(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const LONGEST_CELL: usize = 12;
    let columns = |shape: &Shape<'_>| {
        let cells = shape.text.split('\t').filter(|cell| !cell.trim().is_empty());
        let is_cell = |cell: &str| cell.split_whitespace().count() <= LONGEST_CELL && !ends_with_stop(cell);
        // Most paragraphs have no tab.
        if !shape.text.contains('\t') || !cells.clone().all(is_cell) { 1 } else { cells.count() }
    };
    let mut start = 0;
    let columns: Vec<usize> = shapes.iter().map(columns).collect();
    for run in columns.chunk_by(|a, b| a == b) {
        if run[0] > 1 && run.len() > 1 {
            for reason in &mut reasons[start..start + run.len()] {
                reason.get_or_insert(Reason::Table);
            }
        }
        start += run.len();
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::table_test::each;

    #[test]
    fn timestamps_are_known() {
        let rows = [
            ("10:42 a.m.", true),
            ("10.42 a.m.", true),
            ("14:05 gmt", true),
            ("3 hours ago", true),
            ("2h ago", true),
            ("updated nov. 18, 2024, 17:59", true),
            ("published november 18, 2024", true),
            ("last updated at 5:30 p.m. et on monday", true),
            ("mon 18 nov 2024 14.05 gmt", true),
            ("nov. 18, 2024", false),
            ("2024", false),
            ("march 11, 2011", false),
            ("may 3", false),
            ("3-2", false),
            ("updated plans for 2024", false),
            ("at 10:42 the ship left", false),
            ("now", false),
            ("", false),
        ];
        each(rows, |(line, want)| {
            assert_eq!(is_timestamp(line), want, "{line}");
        });
    }

    #[test]
    fn posts_are_known_by_their_last_line() {
        let rows = [
            ("— Jane Roe (@janeroe) November 18, 2024", true),
            ("Ships are back. pic.example.com/x — Jane Roe (@jane_roe) Nov. 18, 2024", true),
            ("Jane Roe (@janeroe) spoke on November 18, 2024", false),
            ("Write to Jane Roe (@janeroe)", false),
        ];
        each(rows, |(line, want)| {
            assert_eq!(is_embed(&Shape::new(line, Mark::None)), want, "{line}");
        });
    }
}
