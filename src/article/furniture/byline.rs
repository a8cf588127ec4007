//! Lines that name who wrote a story.

use super::super::plain::Mark;
use super::{Shape, fold, is_agency, lines};

/// Words that stand between the names of a byline.
const BETWEEN_NAMES: [&str; 16] = [
    "and",
    "in",
    "for",
    "of",
    "with",
    "the",
    "de",
    "van",
    "von",
    "al",
    "bin",
    "staff",
    "reporter",
    "writer",
    "contributing",
    "correspondent",
];

/// `(Reporting by Jane Roe; Editing by John Doe)`, however many names.
fn is_imprint(shape: &Shape<'_>) -> bool {
    let text = shape.folded.trim_start_matches('(');
    let begins = ["reporting by ", "writing by ", "editing by "].iter().any(|begin| text.starts_with(begin));
    begins && shape.words <= 45 && (!shape.stopped || text.len() < shape.folded.len())
}

/// `By Jane Roe | Nov. 18, 2024, 5:59 p.m. | 4 min read`
pub(super) fn is_byline_row(shape: &Shape<'_>) -> bool {
    let mut parts = shape.text.split(['|', '·', '•']).map(str::trim);
    let first = parts.next().unwrap_or_default();
    first.len() < shape.text.trim_end().len()
        && is_byline(&Shape::new(first, Mark::None))
        && parts.all(|part| {
            let folded = fold(part);
            lines::is_timestamp(&folded) || lines::is_date(&folded) || folded.ends_with("min read")
        })
}

/// `BY KIM MIN-JI [mail@example.com]`, `By Jane Roe and John Doe`, an address alone.
pub(super) fn is_byline(shape: &Shape<'_>) -> bool {
    if is_imprint(shape) {
        return true;
    }
    let has_address = shape.folded.contains("[email protected]")
        || shape.folded.split(' ').any(|word| {
            word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        });
    // The stop at the end of an address or of `Jr.` is not a sentence's.
    if has_address && shape.words <= 6 && !shape.stopped {
        return true;
    }
    let Some(by) = shape.text.get(..3).filter(|by| by.eq_ignore_ascii_case("by ")) else { return false };
    let names = &shape.text[by.len()..];
    let words: Vec<&str> = names
        .split(|c: char| c.is_whitespace() || c == ',')
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let is_name = |word: &str| {
        let is_article = ["the", "a", "an"].iter().any(|article| word.eq_ignore_ascii_case(article));
        word.starts_with(char::is_uppercase) && !is_article
    };
    // `By Land and Sea` is a heading, `By Jane Roe` is not.
    let names_someone = words.windows(2).any(|pair| is_name(pair[0]) && is_name(pair[1]))
        || words.first().is_some_and(|word| is_agency(&word.to_lowercase()));
    !shape.stopped
        && shape.words <= 40
        && words.first().is_some_and(|word| is_name(word))
        && names_someone
        && words.iter().all(|word| has_address || is_name(word) || BETWEEN_NAMES.contains(word))
}
