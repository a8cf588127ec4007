//! Rows by which copied pages name a writer without `By`.

use std::collections::HashSet;

use super::byline::{
    JOBS, LONGEST, after_by, begins_with_by, is_byline, is_job, is_name, is_row_of_names, without_date,
    words_of,
};
use super::lines;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape, fold};

/// `Staff Writer`, `Harbor correspondent`: a line that is a job alone.
pub(super) fn is_job_line(shape: &Shape<'_>) -> bool {
    const LONGEST_LINE: usize = 4;
    let last = shape.folded.rsplit(' ').next().unwrap_or_default();
    !shape.stopped
        && shape.mark == Mark::None
        && (2..=LONGEST_LINE).contains(&shape.words)
        && JOBS.contains(&last)
        && is_job(&shape.folded)
}

/// Words of the longest row of names below its label.
const LONGEST_ROW: usize = 14;

/// Rows by which copied pages name a writer: a name with its job below, a name under `Byline`, a name with a place in brackets.
pub(super) fn mark_rows(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    mark_jobs(shapes, reasons);
    for number in 0..shapes.len() {
        let shape = &shapes[number];
        if reasons[number].is_some() || shape.stopped || shape.words > LONGEST {
            continue;
        }
        let label = number.checked_sub(1).map(|above| shapes[above].folded.trim_end_matches(':'));
        let is_labelled = label.is_some_and(|label| {
            matches!(label, "byline" | "by" | "author" | "authors" | "words by" | "from")
        }) && shape.words <= LONGEST_ROW
            && is_row_of_names(&shape.text.replace("The ", ""));
        let is_bracketed = shape.text.split_once('(').is_some_and(|(name, rest)| {
            rest.ends_with(')') && is_byline(&Shape::new(name.trim(), Mark::None)) && begins_with_by(name)
        });
        // `by Jane Roe August 6, 2031 in Metro`
        let has_year =
            shape.folded.split([' ', ',']).any(|word| word.len() == 4 && word.parse::<u16>().is_ok());
        let is_with_date = has_year && shape.words <= 14 && begins_with_by(shape.text) && {
            let end = shape.text.match_indices(' ').nth(2).map_or(shape.text.len(), |(at, _)| at);
            is_byline(&Shape::new(&shape.text[..end], Mark::None))
        };
        let is_dated = shape.words <= 18
            && lines::begins_with_label(&shape.folded)
            && shape.text.contains(|c: char| c.is_ascii_digit());
        if is_labelled || is_bracketed || is_with_date || is_row_with_time(shape) {
            reasons[number] = Some(Reason::Byline);
        } else if is_dated {
            reasons[number] = Some(Reason::Timestamp);
        }
    }
}

/// `Jane Roe / NPA / Updated: Jun 18, 2031, 09:14 IST`: a name, perhaps a house, and a time.
fn is_row_with_time(shape: &Shape<'_>) -> bool {
    const LONGEST_HOUSE: usize = 4;
    let split = |bar: &str| shape.text.split_once(bar).map(|(name, rest)| (name, rest, bar.to_owned()));
    let Some((name, rest, bar)) = [" / ", " | ", " • ", " · "].into_iter().find_map(split) else {
        return false;
    };
    let is_name_part = (2..=4).contains(&words_of(name).count()) && words_of(name).all(is_name);
    let is_time = |part: &str| {
        part.contains(|c: char| c.is_ascii_digit())
            && (lines::is_day_or_time(part) || lines::begins_with_label(part))
    };
    let mut has_time = false;
    let are_known = rest.split(bar.as_str()).map(fold).all(|part| {
        has_time |= is_time(&part);
        is_time(&part) || part.split(' ').count() <= LONGEST_HOUSE
    });
    is_name_part && are_known && has_time
}

/// Jobs alone over the first paragraph, and a name there of whom the page's foot says who that is.
pub(super) fn mark_above(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], first: usize) {
    const VERBS: [&str; 10] =
        ["is", "has", "writes", "covers", "lives", "was", "works", "joined", "teaches", "edits"];
    // A page's head, and what is looked at behind it.
    const HEAD: usize = 150;
    const BODY: usize = 500;
    let first = first.min(shapes.len());
    let body = &shapes[first..shapes.len().min(first + BODY)];
    for number in first.saturating_sub(HEAD)..first {
        let shape = &shapes[number];
        if reasons[number].is_some() || shape.mark != Mark::None || shape.stopped {
            continue;
        }
        let is_told = |foot: &Shape<'_>| {
            foot.folded.strip_prefix(shape.folded.as_str()).is_some_and(|rest| {
                VERBS.iter().any(|verb| rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(verb)))
            })
        };
        let is_name_line = (2..=3).contains(&shape.words) && words_of(shape.text).all(is_name);
        // A line that only repeats the name says nothing of who that is.
        let may_tell = |other: &&Shape<'_>| other.words > shape.words;
        let mut later = body.iter().filter(may_tell).filter(|other| other.folded.contains(&shape.folded));
        let is_writer = is_name_line && later.next().is_some_and(is_told);
        // A headline may end with a job as well.
        let is_signed = |line: usize| {
            shapes.get(line).is_some_and(|shape| {
                let is_time = shape.words <= 6 && lines::is_day_or_time(&shape.folded);
                is_time || matches!(reasons[line], Some(Reason::Byline | Reason::Timestamp))
            })
        };
        let is_beside = shape.words <= 3 && (number.saturating_sub(1)..number + 2).any(is_signed);
        if is_writer || (is_beside && is_job_line(shape)) {
            reasons[number] = Some(Reason::Byline);
        }
        // `Jane Roe` over `Jane Roe, photographed in May.`
        let portrait =
            (number + 1..first.min(number + 4)).chain(number.saturating_sub(3)..number).find(|line| {
                let rest = shapes[*line].folded.strip_prefix(shape.folded.as_str());
                shapes[*line].words <= 20 && rest.is_some_and(|rest| rest.starts_with(", "))
            });
        if let Some(portrait) = portrait.filter(|_| is_name_line) {
            reasons[number] = Some(Reason::Byline);
            reasons[portrait].get_or_insert(Reason::Caption);
        }
    }
}

/// A name right over or under a time. The story does not speak of its writer.
pub(super) fn mark_beside_times(
    shapes: &[Shape<'_>],
    reasons: &mut [Option<Reason>],
    is_in_story: impl Fn(usize) -> bool,
) {
    let is_time = |number: usize| {
        shapes.get(number).is_some_and(|shape| {
            let is_time = shape.words <= 6 && lines::is_day_or_time(&shape.folded);
            is_time || reasons[number] == Some(Reason::Timestamp)
        })
    };
    let is_name_line = |number: &usize| {
        let shape = &shapes[*number];
        let is_account = shape.words == 1 && shape.text.contains('_') && !shape.text.contains(['/', '.']);
        let is_people = || {
            (2..=8).contains(&shape.words)
                && shape.text.replace("(now)", "").replace("(earlier)", "").split(", ").all(is_row_of_names)
                && !shape.text.contains(':')
                && !shape.text.starts_with("The ")
        };
        reasons[*number].is_none()
            && !shape.stopped
            && shape.mark == Mark::None
            && (is_time(number + 1) || number.checked_sub(1).is_some_and(is_time))
            && (is_account || (is_people() && !is_in_story(*number)))
    };
    // Where `By Jane Roe` stands, nobody has to be guessed.
    let is_named = |(shape, reason): (&Shape<'_>, &Option<Reason>)| {
        *reason == Some(Reason::Byline) && begins_with_by(shape.text)
    };
    if shapes.iter().zip(&*reasons).any(is_named) {
        return;
    }
    let found: Vec<usize> = (0..shapes.len()).filter(is_name_line).collect();
    let names: HashSet<String> =
        found.iter().flat_map(|&number| names_someone(shapes[number].text)).collect();
    for number in found {
        reasons[number] = Some(Reason::Byline);
    }
    // The same people sign the entries of a live blog.
    for (shape, reason) in shapes.iter().zip(reasons) {
        if reason.is_none() && shape.words <= 4 && names.contains(&shape.folded) {
            *reason = Some(Reason::Byline);
        }
    }
}

/// The names of the writers alone, wherever they stand.
pub(super) fn mark_names(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], names: &[String]) {
    if names.is_empty() {
        return;
    }
    // `Jane Roe profile image`, `Portrait of Jane Roe`
    let is_portrait = |folded: &str| {
        const PORTRAITS: [&str; 7] = [
            "profile image",
            "profile picture",
            "profile photo",
            "avatar",
            "headshot",
            "portrait of",
            "photo of",
        ];
        PORTRAITS.iter().any(|portrait| {
            let name = folded.strip_suffix(portrait).or_else(|| folded.strip_prefix(portrait));
            name.is_some_and(|name| names.iter().any(|writer| writer == name.trim()))
        })
    };
    for (shape, reason) in shapes.iter().zip(reasons) {
        let is_name = || shape.words <= 4 && names.contains(&shape.folded);
        let is_picture = || shape.words <= 7 && is_portrait(&shape.folded);
        if !shape.stopped && (is_name() || is_picture()) {
            reason.get_or_insert(Reason::Byline);
        }
    }
}

/// A job under a name, or a name over its job, with a time or an address below.
fn mark_jobs(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    for number in 1..shapes.len() {
        if reasons[number].is_some() || !is_job_line(&shapes[number]) {
            continue;
        }
        let name = &shapes[number - 1];
        let is_name_line = !name.stopped && (2..=6).contains(&name.words) && is_row_of_names(name.text);
        if reasons[number - 1] == Some(Reason::Byline) || (reasons[number - 1].is_none() && is_name_line) {
            reasons[number - 1] = Some(Reason::Byline);
            reasons[number] = Some(Reason::Byline);
        }
    }
}

/// The people whom a byline names, folded.
pub(super) fn names_someone(text: &str) -> Vec<String> {
    const MOST: usize = 6;
    let text = without_date(text);
    let text = &after_by(text).unwrap_or(text).replace(" AND ", " and ");
    text.split([',', ';', '(', '|'])
        .flat_map(|part| part.split(" and "))
        .map(|part| {
            words_of(part)
                .take_while(|word| is_name(word) && !JOBS.contains(&fold(word).as_str()))
                .collect::<Vec<_>>()
        })
        .filter(|words| (2..=4).contains(&words.len()))
        .take(MOST)
        .map(|words| fold(&words.join(" ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn writers_are_known_by_what_stands_beside_them() {
        let rows: [(&[&str], &[usize]); 14] = [
            (&["Jane Roe", "Staff Writer", "It is open."], &[0, 1]),
            (&["Jane Roe", "Harbor correspondent", "It is open."], &[0, 1]),
            (&["Byline", "Jane Roe", "It is open."], &[1]),
            (&["By Jane Roe (Lindau, special envoy)", "It is open."], &[0]),
            (&["by Jane Roe August 6, 2031 in Metro 0", "It is open."], &[0]),
            (&["Jane Roe, The Lindau Bee", "Nov. 18, 2024", "It is open."], &[0]),
            (&["Jane Roe", "Nov. 18, 2024", "It is open."], &[0]),
            (&["Jane Roe / NPA / Updated: Nov 18, 2024, 09:14 IST", "It is open."], &[0]),
            (&["Jane Roe / John Doe / Lindau", "It is open."], &[]),
            (&["3 hours ago", "jane_roe", "It is open."], &[1]),
            (&["Published on Nov. 18, 2024, at 5:30 pm (Lindau)", "It is open."], &[0]),
            (&["Ships come back", "Nov. 18, 2024", "It is open."], &[]),
            (&["Port Hallam", "Island gets its first professor", "It is open."], &[]),
            (&["Published plans for the port", "It is open."], &[]),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let mut reasons = vec![None; lines.len()];
            mark_rows(&shapes, &mut reasons);
            mark_beside_times(&shapes, &mut reasons, |_| false);
            let found: Vec<usize> = (0..lines.len()).filter(|&line| reasons[line].is_some()).collect();
            assert_eq!(found, want, "{lines:?}");
        });
    }

    #[test]
    fn names_are_taken_from_bylines() {
        let rows: [(&str, &[&str]); 5] = [
            ("By Jane Roe and John Doe, Staff Writers", &["jane roe", "john doe"]),
            ("Jane Roe (now); John Doe (earlier)", &["jane roe", "john doe"]),
            ("By Jane Roe | Nov. 18, 2024", &["jane roe"]),
            ("Staff Writer", &[]),
            ("By the Editorial Board", &[]),
        ];
        each(rows, |(line, want)| assert_eq!(names_someone(line), want, "{line}"));
    }
}
