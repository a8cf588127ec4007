//! Lines that only copies have: running heads, page numbers, tables of contents, forms of editors, posts without their frame.

use super::emission::Emission;
use super::phrases::RULES;
use super::{films, lines, sequence};
use crate::article::plain::is_page_number;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape, rough_sentences};

/// Words of the longest line with its parts at both margins.
const LONGEST: usize = 14;
/// Words of the longest path to a page.
const LONGEST_PATH: usize = 30;
/// Lines of the longest post.
const LONGEST_POST: usize = 3;

/// Why a line that stands between pages, columns or stories is not read.
pub(super) fn reason_of(shape: &Shape<'_>) -> Option<Reason> {
    if !shape.stopped && shape.words <= LONGEST_PATH && is_path(shape) {
        return Some(Reason::Navigation);
    }
    if shape.folded.is_empty() || shape.words > LONGEST {
        return None;
    }
    let text = shape.text;
    if let Some(reason) = label_with_more(shape) {
        return Some(reason);
    }
    if is_pointer(shape) {
        return Some(Reason::Related);
    }
    if is_topics(shape) {
        return Some(Reason::Navigation);
    }
    let is_waiting = shape.words == 1 && (text.ends_with("...") || text.ends_with('…'));
    if films::is_length(shape) || is_waiting {
        return Some(Reason::PageFurniture);
    }
    if films::ends_with_length(shape) {
        return Some(Reason::Related);
    }
    if is_time_with_section(shape) {
        return Some(Reason::Timestamp);
    }
    let is_label = !shape.stopped && RULES.labels.contains(shape.folded.trim_end_matches(':'));
    if is_label {
        return Some(Reason::Related);
    }
    if shape.folded.starts_with("sent from my ") {
        return Some(Reason::PageFurniture);
    }
    if is_end(shape) || is_page_number(text) || is_more(&shape.folded) || is_web_address(shape) {
        return Some(Reason::PageFurniture);
    }
    if text.ends_with(|c: char| c.is_ascii_digit()) && text.contains("....") {
        return Some(Reason::Navigation);
    }
    // White space that is folded is shorter.
    let is_folded = text.len() == shape.folded.len() && text.is_ascii();
    if shape.mark == Mark::None && !shape.stopped && !is_folded && text.contains("    ") {
        return Some(Reason::PageFurniture);
    }
    is_quote_of_shares(shape).then_some(Reason::PageFurniture)
}

/// `ADVERTISEMENT · CONTINUE READING BELOW`: a label, and what it says behind a bar or dot.
fn label_with_more(shape: &Shape<'_>) -> Option<Reason> {
    const LONGEST_PART: usize = 4;
    let mut parts =
        shape.text.split(['·', '|', '•', '—', '–']).map(str::trim).filter(|part| !part.is_empty());
    let first = parts.next()?;
    let is_short = |part: &str| part.split_whitespace().count() <= LONGEST_PART;
    if shape.stopped || parts.clone().next().is_none() || !is_short(first) || !parts.all(is_short) {
        return None;
    }
    let label = Shape::new(first, Mark::None);
    RULES.phrases.iter().find(|phrase| phrase.is_whole(&label)).map(|phrase| phrase.reason)
}

/// `Watch | Ships come back`, `Also Read | Ships come back`: another story behind what its reader is to do.
fn is_pointer(shape: &Shape<'_>) -> bool {
    let Some((label, rest)) = shape.folded.split_once('|') else { return false };
    label.split_whitespace().count() <= 2
        && label.split_whitespace().any(|word| RULES.commands.contains(word))
        && rest.split_whitespace().count() >= 2
        && !shape.stopped
}

/// `Lindau / railways / heritage`, `Home » Metro » Ferry breaks pier`
fn is_topics(shape: &Shape<'_>) -> bool {
    if shape.stopped || !shape.text.contains(['»', '›', '>', '/']) {
        return false;
    }
    let parts = || shape.text.split(" / ");
    parts().count() >= 3 && parts().all(|part| (1..=3).contains(&part.split_whitespace().count()))
}

/// `Home » Metro » Ferry breaks pier of island`
fn is_path(shape: &Shape<'_>) -> bool {
    // Lines of a poem are parted so, too.
    let is_quoted = shape.text.contains(['“', '"']);
    !is_quoted
        && [" » ", " › ", " > ", " / "].iter().any(|sign| {
            let parts = shape.text.split(sign);
            let is_part = |part: &str| (1..=3).contains(&part.split_whitespace().count());
            parts.clone().count() >= 3 && parts.take(2).all(is_part)
        })
}

/// `Home Metro Ferry breaks pier of island` over `Ferry breaks pier of island`: a path whose signs were pictures.
pub(super) fn mark_paths(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const NEAR: usize = 6;
    const SHORTEST_TITLE: usize = 4;
    const LONGEST_PREFIX: usize = 5;
    for number in 0..shapes.len() {
        let shape = &shapes[number];
        if !shape.folded.starts_with("home ") || shape.stopped || shape.words > LONGEST_PATH {
            continue;
        }
        let is_end = |title: &Shape<'_>| {
            title.words >= SHORTEST_TITLE
                && title.words < shape.words
                && title.words + LONGEST_PREFIX >= shape.words
                && shape.folded.ends_with(title.folded.as_str())
        };
        if shapes[number + 1..].iter().take(NEAR).any(is_end) {
            reasons[number].get_or_insert(Reason::Breadcrumb);
        }
    }
}

/// `9 hours ago - Business`, `Business | 9 hours ago`: a time beside a section.
fn is_time_with_section(shape: &Shape<'_>) -> bool {
    const LONGEST_SECTION: usize = 4;
    if shape.stopped || !shape.folded.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let split = |separator: &str| {
        let (first, last) = shape.folded.split_once(separator)?;
        let is_section = |part: &str| {
            part.split(' ').count() <= LONGEST_SECTION
                && !part.contains(|c: char| c.is_ascii_digit() || c == ':')
        };
        let is_row = |time: &str, section: &str| lines::is_day_or_time(time) && is_section(section);
        Some(is_row(first, last) || is_row(last, first))
    };
    [" - ", " – ", " | ", " • ", " · ", " in "].iter().any(|separator| split(separator) == Some(true))
}

/// Why a note is not read: `(Jane Roe contributed to this report.)`, `J. Roe: On ports. doi: 10.1000/1`
pub(super) fn note_of(shape: &Shape<'_>) -> Option<Reason> {
    const LONGEST_NOTE: usize = 30;
    const SHORTEST_NOTE: usize = 4;
    if shape.words < SHORTEST_NOTE {
        return None;
    }
    let names_work =
        || ["this report", "this story", "this article"].iter().any(|work| shape.folded.contains(work));
    let is_note = shape.folded.contains("contribut") && names_work();
    let is_all = || shape.folded.ends_with(" contributed.") && rough_sentences(shape.text) <= 1;
    if shape.words <= LONGEST_NOTE && (is_note || is_all()) {
        return Some(Reason::Byline);
    }
    let is_numbered =
        shape.folded.strip_prefix('[').and_then(|rest| rest.split_once("] ")).is_some_and(|(number, _)| {
            number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit()) && !number.is_empty()
        });
    let is_cited = is_numbered
        || (shape.folded.contains("doi")
            && (shape.folded.contains("doi: ") || shape.folded.contains("doi.org/")));
    is_cited.then_some(Reason::Footnote)
}

/// The head of a letter: `From: …`, `To: …`, `Subject: …`, above all else.
pub(super) fn mark_mail_head(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const HEAD: usize = 12;
    const FIELDS: [&str; 8] = ["from:", "to:", "cc:", "date:", "sent:", "subject:", "reply-to:", "list-id:"];
    let is_field = |shape: &Shape<'_>| FIELDS.iter().any(|field| shape.folded.starts_with(field));
    let found: Vec<usize> = (0..shapes.len().min(HEAD)).filter(|&number| is_field(&shapes[number])).collect();
    if found.len() > 2 {
        for number in found {
            reasons[number] = Some(Reason::PageFurniture);
        }
    }
}

/// `-30-`, `###`, `ENDS`
pub(super) fn is_end(shape: &Shape<'_>) -> bool {
    let is_shouted = shape.words > 1
        || !shape.text.contains(char::is_alphabetic)
        || shape.text.starts_with(|c: char| !c.is_alphanumeric())
        || !shape.text.contains(char::is_lowercase);
    is_shouted && RULES.ends.contains(&shape.folded)
}

/// `(MORE)`, `(more follows)`
fn is_more(folded: &str) -> bool {
    folded.starts_with('(')
        && matches!(folded.trim_matches(|c: char| !c.is_alphanumeric()), "more" | "more follows")
}

/// `https://news.example/112`, `news.example/join`
fn is_web_address(shape: &Shape<'_>) -> bool {
    shape.words == 1
        && (["https://", "http://", "www."].iter().any(|begin| shape.folded.starts_with(begin))
            || shape.folded.split_once('/').is_some_and(|(host, _)| {
                host.contains('.')
                    && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
            }))
}

/// `4,118.22`, `▲ 0.41%`, `-0.52`, `$71.36`, `12°C`: figures alone.
fn is_quote_of_shares(shape: &Shape<'_>) -> bool {
    if !shape.text.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let is_sign =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || ".,+-−–%°$€£¥▲▼△▽↑↓()/:KMBCF".contains(c);
    let is_year = shape.words == 1 && shape.text.len() == 4 && shape.text.bytes().all(|b| b.is_ascii_digit());
    !is_year && shape.words <= 3 && shape.mark == Mark::None && shape.text.chars().all(is_sign)
}

/// A line that names an account begins a post when a time ends it; alone it belongs to a byline.
pub(super) fn mark_posts(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let is_account = |shape: &Shape<'_>| {
        shape.words == 1
            && shape.folded.strip_prefix('@').is_some_and(|name| {
                name.len() >= 3
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
            })
    };
    for number in 0..shapes.len() {
        if !is_account(&shapes[number]) {
            continue;
        }
        let rest = shapes.iter().enumerate().skip(number + 1).take(LONGEST_POST + 1);
        let is_time = |shape: &Shape<'_>| {
            shape.words <= 8 && (lines::is_timestamp(&shape.folded) || lines::is_date(&shape.folded))
        };
        let end =
            rest.filter(|(end, _)| *end > number + 1).find(|(_, shape)| is_time(shape)).map(|(end, _)| end);
        if let Some(end) = end {
            let begin = number.saturating_sub(usize::from(number > 0 && shapes[number - 1].words <= 4));
            for reason in &mut reasons[begin..=end] {
                reason.get_or_insert(Reason::Embed);
            }
        } else {
            reasons[number].get_or_insert(Reason::Byline);
        }
    }
}

/// The only end mark of a text, behind its prose, ends the story for certain. Number signs may part two chapters; they end
/// a story where a house speaks of itself below.
pub(super) fn end_at_mark(shapes: &[Shape<'_>], reasons: &[Option<Reason>], emissions: &mut [Emission]) {
    const CERTAIN: f32 = 50.0;
    const HOUSE: [&str; 6] = ["about ", "notes ", "note to ", "contact", "media ", "press "];
    let mut marks = (0..shapes.len()).filter(|&number| is_end(&shapes[number]));
    let (Some(mark), None) = (marks.next(), marks.next()) else { return };
    let is_worded = shapes[mark].text.contains(char::is_alphanumeric);
    let mut below = shapes[mark + 1..].iter().zip(&reasons[mark + 1..]);
    let is_house = |(shape, reason): (&Shape<'_>, &Option<Reason>)| {
        let is_label = shape.words <= 8 && HOUSE.iter().any(|word| shape.folded.starts_with(word));
        is_label || *reason == Some(Reason::Legal)
    };
    if sequence::is_page(&shapes[..mark], &reasons[..mark]) && (is_worded || below.any(is_house)) {
        emissions[mark].foot = CERTAIN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn lines_between_pages_are_known() {
        let rows = [
            ("-30-", true),
            ("###", true),
            ("ENDS", true),
            ("(MORE)", true),
            ("PORT STORM, page 2", true),
            ("Eels by candlelight ............. 4", true),
            ("4             THE NATURALIST", true),
            ("https://news.example/112", true),
            ("news.example/join", true),
            ("▲ 0.41%", true),
            ("55°F", true),
            ("ADVERTISEMENT · CONTINUE BELOW", true),
            ("Home » Metro » Ferry breaks the pier of the island", true),
            ("Home / Metro / Ferry breaks the pier of the island", true),
            ("“Roses are red / violets are blue / the pier of the island is open to all", false),
            ("The end", false),
            ("2024", false),
            ("Day 1", false),
            ("More ships", false),
            ("Port | Ships", false),
            ("Ships come back. See news.example/112 for the rest.", false),
        ];
        each(rows, |(line, want)| {
            assert_eq!(reason_of(&Shape::new(line, Mark::None)).is_some(), want, "{line}");
        });
    }

    #[test]
    fn posts_and_heads_of_letters_go_as_a_whole() {
        let rows: [(&[&str], &[usize]); 4] = [
            (&["It is open.", "Jane Roe", "@janeroe", "Ships are back", "13:31", "They are."], &[1, 2, 3, 4]),
            (&["Jane Roe", "@janeroe", "The port is open.", "Ships are back."], &[1]),
            (&["From: Jane", "To: John", "Date: Nov. 18", "Subject: Port", "It is open."], &[0, 1, 2, 3]),
            (&["To: John", "It is open."], &[]),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let mut reasons = vec![None; lines.len()];
            mark_posts(&shapes, &mut reasons);
            mark_mail_head(&shapes, &mut reasons);
            let found: Vec<usize> = (0..lines.len()).filter(|&line| reasons[line].is_some()).collect();
            assert_eq!(found, want, "{lines:?}");
        });
    }
}
