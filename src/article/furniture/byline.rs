//! Lines that name who wrote a story.

use super::super::reason::Reason;
use super::super::shape::{Mark, Shape, ends_with_stop, fold};
use super::{is_agency, lines};

/// Words of the longest byline.
pub(super) const LONGEST: usize = 40;
/// Words between the names and the date, beside bars and dots.
const SEPARATORS: [&str; 4] = [" - ", " – ", " — ", " / "];
/// Words of the longest title of a job within a byline.
const LONGEST_JOB: usize = 10;
/// Words that stand between the names of a byline.
const BETWEEN_NAMES: [&str; 26] = [
    "and", "in", "for", "of", "with", "the", "de", "da", "di", "do", "dos", "del", "della", "der", "den",
    "van", "von", "zu", "ter", "ten", "al", "el", "bin", "bint", "ibn", "at",
];
/// Words by which a part of a byline is known as someone's job.
pub(super) const JOBS: [&str; 29] = [
    "analyst",
    "anchor",
    "author",
    "bureau",
    "columnist",
    "commentator",
    "contributing",
    "contributor",
    "correspondent",
    "correspondents",
    "critic",
    "desk",
    "director",
    "economist",
    "editor",
    "editors",
    "fellow",
    "freelance",
    "host",
    "journalist",
    "journalists",
    "photographer",
    "producer",
    "professor",
    "reporter",
    "reporters",
    "staff",
    "writer",
    "writers",
];
/// The complete text after a name and a comma where no `By` stands.
const SIGNED_AS: [&str; 8] = [
    "staff writer",
    "staff reporter",
    "staff correspondent",
    "contributing writer",
    "contributing reporter",
    "special correspondent",
    "senior writer",
    "senior reporter",
];
/// First words of days that are named like people: `By Labor Day`.
const BEFORE_DAY: [&str; 22] = [
    "australia",
    "bastille",
    "boxing",
    "canada",
    "christmas",
    "columbus",
    "easter",
    "election",
    "father's",
    "inauguration",
    "independence",
    "judgment",
    "labor",
    "labour",
    "liberation",
    "may",
    "memorial",
    "mother's",
    "new",
    "remembrance",
    "valentine's",
    "victory",
];
/// Words that a headline capitalises but that are in no name.
const NO_NAMES: [&str; 30] = [
    "a", "an", "the", "our", "your", "his", "their", "its", "this", "that", "across", "after", "at",
    "before", "from", "into", "on", "over", "than", "through", "to", "under", "without", "is", "are", "was",
    "will", "or", "not", "all",
];
/// Endings of a name or a degree with a stop that ends no sentence.
const STOPPED_ENDS: [&str; 8] = ["jr.", "sr.", "m.d.", "ph.d.", "esq.", "d.c.", "u.s.", "u.k."];

/// `(Reporting by Jane Roe; Editing by John Doe)`, however many names.
pub(in crate::article) fn is_imprint(shape: &Shape<'_>) -> bool {
    let text = shape.folded.trim_start_matches('(');
    let begins = ["reporting by ", "writing by ", "editing by "].iter().any(|begin| text.starts_with(begin));
    begins && shape.words <= 45 && (!shape.stopped || text.len() < shape.folded.len())
}

/// `By Jane Roe | Nov. 18, 2024, 5:59 p.m. | 4 min read`, `By Jane Roe - Nov. 18`, `By Jane Roe Updated 3 hours ago`.
pub(super) fn is_byline_row(shape: &Shape<'_>) -> bool {
    if shape.words > LONGEST || !begins_with_by(shape.text) {
        return false;
    }
    let mut parts: Vec<&str> = shape.text.split(['|', '·', '•', '\n']).collect();
    for separator in SEPARATORS {
        parts = parts.iter().flat_map(|part| part.split(separator)).collect();
    }
    let mut parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    parts.all(|part| {
        let folded = fold(part);
        is_time(&folded) || folded.ends_with("min read") || (is_job(&folded) && !ends_with_stop(part))
    }) && is_byline(&Shape::new(without_time(first), Mark::None))
}

/// A byline without the date, time or reading time behind it.
pub(in crate::article) fn without_date(text: &str) -> &str {
    if text.split_whitespace().nth(LONGEST).is_some() {
        return text;
    }
    let row = text.split(['|', '·', '•', '\n']).map(str::trim).find(|part| !part.is_empty()).unwrap_or(text);
    let before_time = |separator: &str| {
        row.match_indices(separator)
            .find(|(at, _)| is_time(&fold(&row[at + separator.len()..])))
            .map(|(at, _)| at)
    };
    let cut = SEPARATORS.iter().filter_map(|separator| before_time(separator)).min();
    without_time(&row[..cut.unwrap_or(row.len())])
}

/// A line without the date or time at its end.
fn without_time(text: &str) -> &str {
    let starts = text.char_indices().filter(|(at, c)| *at > 0 && c.is_whitespace()).map(|(at, _)| at);
    for at in starts.skip(1) {
        if is_time(&fold(&text[at..])) {
            return text[..at].trim_end_matches([',', ';', ':', ' ']);
        }
    }
    text
}

fn is_time(folded: &str) -> bool {
    lines::is_timestamp(folded) || lines::is_date(folded)
}

pub(super) fn begins_with_by(text: &str) -> bool {
    after_by(text).is_some()
}

pub(super) fn after_by(text: &str) -> Option<&str> {
    ["by ", "story by ", "text by ", "words by ", "as told to "].iter().find_map(|by| {
        let begin = text.get(..by.len()).filter(|begin| begin.eq_ignore_ascii_case(by))?;
        Some(&text[begin.len()..])
    })
}

/// `BY KIM MIN-JI [mail@example.com]`, `By Jane Doe and John Doe, Staff Writers`, an address alone.
pub(super) fn is_byline(shape: &Shape<'_>) -> bool {
    if is_imprint(shape) {
        return true;
    }
    let has_address = (shape.folded.contains('[') && shape.folded.contains("[email protected]"))
        || (shape.folded.contains('@')
            && shape.folded.split(' ').any(|word| {
                word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
            }));
    // The stop at the end of an address or of `Jr.` is not a sentence's.
    if has_address && shape.words <= 6 && !shape.stopped {
        return true;
    }
    if shape.words > LONGEST || (shape.stopped && !STOPPED_ENDS.iter().any(|end| shape.folded.ends_with(end)))
    {
        return false;
    }
    let Some(names) = after_by(shape.text) else { return is_signature(shape) };
    let folded = fold(names);
    let desk = folded.strip_prefix("the ").unwrap_or(&folded);
    if is_agency(desk) || matches!(desk, "editorial board" | "editors") {
        return true;
    }
    let mut parts = names.split(',').map(str::trim).filter(|part| !part.is_empty());
    let Some(first) = parts.next() else { return false };
    let first_words: Vec<&str> = words_of(first).collect();
    // `By Land and Sea` is a heading, `By Jane Roe` is not.
    let names_someone = first_words.windows(2).any(|pair| is_name(pair[0]) && is_name(pair[1]))
        || first_words.first().is_some_and(|word| is_agency(&word.to_lowercase()));
    // `BY KIM,LEE [address]`
    (names_someone || has_address)
        && first_words.first().is_some_and(|word| is_name(word))
        && !is_time_of_year(&first_words)
        && (has_address || is_row_of_names(first) || is_name_with_job(first))
        && parts.all(|part| has_address || is_row_of_names(part) || is_job(&fold(part)))
}

/// `Jane Roe, Staff Writer`
fn is_signature(shape: &Shape<'_>) -> bool {
    let Some((name, job)) = shape.text.rsplit_once(',') else { return false };
    shape.mark == Mark::None
        && SIGNED_AS.contains(&fold(job).as_str())
        && (2..=4).contains(&words_of(name).count())
        && words_of(name).all(is_name)
}

pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
}

pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && !NO_NAMES.iter().any(|other| word.eq_ignore_ascii_case(other))
}

pub(super) fn is_row_of_names(text: &str) -> bool {
    words_of(text).enumerate().all(|(number, word)| {
        // `The Daily Planet`
        let is_article = number == 0 && word == "The";
        // `JANE ROE FOR THE DAILY PLANET`
        let is_shouted = || matches!(word, "FOR" | "THE" | "AT" | "OF");
        is_name(word) || is_article || BETWEEN_NAMES.contains(&word) || is_shouted()
    })
}

/// `By Monday`, `By New Year's Eve`, `By Labor Day`; and no person is called `Jane Roe's`.
fn is_time_of_year(words: &[&str]) -> bool {
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let [first, second, ..] = folded.as_slice() else { return false };
    lines::is_weekday(first)
        || BEFORE_DAY.contains(&first.as_str())
            && matches!(second.as_str(), "day" | "eve" | "sunday" | "monday" | "year" | "year's" | "morning")
        || folded.iter().any(|word| word.ends_with("'s"))
}

/// `Jane Roe senior political editor`, without a comma.
fn is_name_with_job(text: &str) -> bool {
    let words: Vec<&str> = words_of(text).collect();
    let names = words.iter().take_while(|word| is_name(word)).count();
    words.len() <= names + 4 && words.last().is_some_and(|word| JOBS.contains(word))
}

/// `senior political editor`, `a professor at the Lindau Institute`; `the staff had left` has a verb.
pub(super) fn is_job(folded: &str) -> bool {
    const VERBS: [&str; 12] =
        ["is", "are", "was", "were", "be", "been", "has", "had", "have", "will", "would", "said"];
    let words: Vec<&str> = words_of(folded).collect();
    words.len() <= LONGEST_JOB
        && words.iter().any(|word| JOBS.contains(word))
        && !words.first().is_some_and(|word| matches!(*word, "the" | "its" | "his" | "her" | "their"))
        && !words.iter().any(|word| VERBS.contains(word))
}

/// A date right under a byline is the page's.
pub(super) fn mark_date_below(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    for number in 1..shapes.len() {
        let (above, below) = (&shapes[number - 1], &shapes[number]);
        let is_below = reasons[number].is_none()
            && reasons[number - 1] == Some(Reason::Byline)
            && begins_with_by(above.text);
        if is_below && below.words <= 8 && lines::is_date(&below.folded) {
            reasons[number] = Some(Reason::Timestamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn is_one(text: &str) -> bool {
        let shape = Shape::new(text, Mark::None);
        is_byline(&shape) || is_byline_row(&shape)
    }

    #[test]
    fn bylines_are_told_from_headings_and_sentences() {
        let rows = [
            "By Jane Roe, Staff Writer",
            "by Jane Roe",
            "By JANE ROE AND JOHN DOE",
            "By Jane Roe, senior political editor",
            "By Jane Roe senior political editor",
            "By Jane Roe\nPolitical editor",
            "By Jane Roe, chief economist at the Lindau Institute",
            "By Jane Roe, a professor of law at Lindau University",
            "By Jane Roe, The Lindau Post",
            "By Jane Roe, Lindau Post, Bregenz",
            "By Dr. Jane Roe, M.D.",
            "By Jane O’Neil-Roe Jr.",
            "By Jane van der Roe and José Núñez for Reuters",
            "By Jane Roe\nNov. 18, 2024, 5:59 p.m.",
            "By Jane Roe Published Nov. 18, 2024",
            "By Jane Roe Updated 3 hours ago",
            "By Jane Roe - November 18, 2024",
            "By Jane Roe / Nov. 18, 2024",
            "By Jane Roe, Nov 18",
            "By Jane Roe, opinion contributor - 11/18/24 6:00 AM ET",
            "By Jane Roe | Staff Writer | 4 min read",
            "By April Roe",
            "By Felicia Day",
            "By The Associated Press",
            "By AFP",
            "By the Editorial Board",
            "Story by Jane Roe",
            "Jane Roe, Staff Writer",
        ];
        each(rows, |line| {
            assert!(is_one(line), "{line}");
        });
        let rows = [
            "By Monday, troops had left.",
            "By Monday, troops had left the Lindau Quay",
            "By Monday Night",
            "By Jane Roe’s account, the storm lasted an hour",
            "By Harbor Street, a crowd had gathered",
            "By Harbor Street, the staff had gone",
            "By Harbor Street, most reporters were asleep",
            "By Harbor Street a writer slept on",
            "By Ferry Across the Lake",
            "By Land and Sea",
            "By New Year’s Eve",
            "By Christmas Day and New Year",
            "By Labor Day, Schools Open",
            "By November 18, 2024",
            "By the Numbers | The Storm",
            "By Numbers: The Storm",
            "By Prime Minister Jane Roe’s order:",
            "By then Jane Roe, an editor, had left",
            "Lindau, Bregenz",
            "The harbor, the mayor and a staff writer",
        ];
        each(rows, |line| {
            assert!(!is_one(line), "{line}");
        });
    }

    #[test]
    fn dates_go_only_under_bylines() {
        let rows = [
            (&["By Jane Roe", "Nov. 18, 2024", "The storm is over."][..], Some(Reason::Timestamp)),
            (&["By Jane Roe", "Monday, Nov. 18", "The storm is over."], Some(Reason::Timestamp)),
            (&["The storm is over.", "Nov. 18, 2024", "It began on a Monday."], None),
            (&["By Jane Roe", "The storm is over.", "Nov. 18, 2024"], None),
            (&["By Monday, it was over.", "Nov. 18, 2024", "It began on a Monday."], None),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let mut reasons: Vec<Option<Reason>> =
                lines.iter().map(|line| is_one(line).then_some(Reason::Byline)).collect();
            mark_date_below(&shapes, &mut reasons);
            assert_eq!(reasons[1], want, "{lines:?}");
        });
    }
}
