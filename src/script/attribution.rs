//! Who is quoted: a name beside a verb of saying, in the words of the sentence around a quotation.
//!
//! A name is told only where the sentence itself names somebody. “He said” and “the minister said” name nobody.

/// Verbs that attribute words; sorted.
const VERBS: [&str; 38] = [
    "added",
    "adds",
    "admitted",
    "announced",
    "argued",
    "asked",
    "asks",
    "claimed",
    "commented",
    "concluded",
    "continued",
    "declared",
    "explained",
    "insisted",
    "joked",
    "noted",
    "posted",
    "recalled",
    "remarked",
    "repeated",
    "replied",
    "responded",
    "said",
    "says",
    "shouted",
    "stated",
    "stressed",
    "tells",
    "testified",
    "told",
    "tweeted",
    "urged",
    "warned",
    "warns",
    "whispered",
    "wondered",
    "writes",
    "wrote",
];
/// Of these, those that name a hearer right behind them: `told Reuters` does not say who spoke.
const WITH_HEARER: [&str; 5] = ["tells", "told", "urged", "warned", "warns"];
/// Words with a capital that are no names; sorted.
const NOT_NAMES: [&str; 62] = [
    "A",
    "After",
    "Also",
    "An",
    "And",
    "Another",
    "April",
    "As",
    "At",
    "August",
    "Before",
    "But",
    "December",
    "Everyone",
    "February",
    "Friday",
    "He",
    "Her",
    "His",
    "However",
    "I",
    "In",
    "It",
    "Its",
    "January",
    "July",
    "June",
    "Later",
    "Many",
    "March",
    "May",
    "Meanwhile",
    "Monday",
    "My",
    "Nobody",
    "November",
    "October",
    "On",
    "One",
    "Others",
    "Our",
    "Saturday",
    "September",
    "Several",
    "She",
    "Some",
    "Someone",
    "Still",
    "Sunday",
    "That",
    "The",
    "Their",
    "Then",
    "They",
    "This",
    "Thursday",
    "Tuesday",
    "Two",
    "We",
    "Wednesday",
    "Who",
    "You",
];
/// Small words within names.
const PARTICLES: [&str; 15] =
    ["al", "ben", "bin", "da", "de", "del", "der", "di", "dos", "du", "el", "la", "ten", "van", "von"];
/// Titles that are written with a stop.
const TITLES: [&str; 14] =
    ["Capt", "Col", "Dr", "Gen", "Gov", "Jr", "Lt", "Mr", "Mrs", "Ms", "Prof", "Rep", "Sen", "Sgt"];
/// Words of a name at most; more are a headline, or a list.
const LONGEST_NAME: usize = 7;
/// Words between the commas after a name at most: `Lee, the mayor of Busan, said`.
const LONGEST_APPOSITION: usize = 10;

/// Whose words a quotation is. `before` are the sentence's own words before it, and whether another quotation stands before
/// these; `after` are those after it.
pub(super) fn speaker(
    (before, is_after_quotation): (&str, bool),
    quotation: &str,
    after: &str,
) -> Option<String> {
    let inner = quotation.trim_end_matches(super::quotations::is_quote);
    let is_open = inner.ends_with([',', '?', '!', '—', '…']) || after.trim_start().starts_with([',', '—']);
    let (before, after) = (tokens(before), tokens(after));
    let stated = is_open.then(|| behind(&after)).flatten();
    let stated = stated.or_else(|| is_after_quotation.then(|| behind(&before)).flatten());
    match stated {
        Some(Attribution::Named(name)) => return Some(name),
        Some(Attribution::Unnamed) => return None,
        None => {}
    }
    let verb = before.iter().rposition(|token| is_verb(token))?;
    name_before(&before, verb, is_after_quotation)
}

/// Whom a sentence gives as the speaker.
enum Attribution {
    /// Somebody by name.
    Named(String),
    /// `he`, `the minister`.
    Unnamed,
}

/// The attribution that follows a quotation: `said Ann Lee`, `Ann Lee said`, `Lee, the mayor, said`.
fn behind(words: &[&str]) -> Option<Attribution> {
    let skipped = usize::from(words.first().is_some_and(|word| matches!(*word, "," | "—")));
    let words = &words[skipped..];
    let first = words.first()?;
    if is_verb(first) {
        let named = name_at(&words[1..]).filter(|_| !WITH_HEARER.contains(first));
        return Some(named.map_or(Attribution::Unnamed, |(name, _)| Attribution::Named(name)));
    }
    match name_at(words) {
        Some((name, length)) => {
            let rest = &words[length..];
            let verb = if rest.first() == Some(&",") {
                let close = rest[1..].iter().take(LONGEST_APPOSITION + 1).position(|word| *word == ",")?;
                let inner = &rest[1..=close];
                rest.get(close + 2).filter(|_| !inner.iter().any(|word| is_verb(word)))
            } else {
                rest.first()
            };
            verb.filter(|word| is_verb(word)).map(|_| Attribution::Named(name))
        }
        None => words.iter().take(4).any(|word| is_verb(word)).then_some(Attribution::Unnamed),
    }
}

/// The name that ends right before the verb at `verb`, or before the commas before it.
fn name_before(words: &[&str], verb: usize, is_after_quotation: bool) -> Option<String> {
    let mut end = verb;
    if end > 0 && words[end - 1] == "," {
        let earliest = end.saturating_sub(LONGEST_APPOSITION + 2);
        end = (earliest..end - 1).rev().find(|at| words[*at] == ",")?;
    }
    let starts = (end.saturating_sub(LONGEST_NAME)..end).filter_map(|start| {
        let (name, length) = name_at(&words[start..end])?;
        (start + length == end).then_some((start, name))
    });
    let (start, name) = starts.min_by_key(|(start, _)| *start)?;
    // The first word of a sentence has a capital in any case.
    let is_certain = start > 0 || is_after_quotation || name.contains(' ');
    is_certain.then_some(name)
}

/// The name with which some words begin, and its length in words.
fn name_at(words: &[&str]) -> Option<(String, usize)> {
    let is_part = |word: &str| PARTICLES.contains(&word);
    let mut length = words.iter().take_while(|word| is_name(word) || is_part(word)).count();
    while length > 0 && !is_name(words[length - 1]) {
        length -= 1;
    }
    let name =
        words.get(..length).filter(|name| (1..=LONGEST_NAME).contains(&name.len()) && is_name(name[0]))?;
    let is_owner = name.last().is_some_and(|last| last.ends_with("'s") || last.ends_with("’s"));
    (!is_owner).then(|| (name.join(" "), length))
}

/// Whether a word may be part of a name.
fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && NOT_NAMES.binary_search(&word).is_err()
        && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'))
}

fn is_verb(word: &str) -> bool {
    VERBS.binary_search(&word).is_ok()
}

/// Words, with the marks behind them apart.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        // The stop of an initial or of a title belongs to it.
        let letters = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let is_short = letters.chars().count() == 1 || TITLES.contains(&letters);
        let bare = word.trim_end_matches([',', ';', ':', '!', '?', '—', '–', ')']);
        let bare = if is_short { bare } else { bare.trim_end_matches('.') };
        let (bare, mark) = word.split_at(bare.len());
        tokens.extend((!bare.is_empty()).then_some(bare));
        tokens.extend(
            mark.get(..mark.chars().next().map_or(0, char::len_utf8)).filter(|mark| !mark.is_empty()),
        );
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn tables_are_sorted() {
        assert!(
            VERBS.is_sorted() && NOT_NAMES.is_sorted() && PARTICLES.is_sorted() && WITH_HEARER.is_sorted()
        );
    }

    #[test]
    fn a_name_beside_a_verb_of_saying_is_the_speaker() {
        // The sentence's words before and after, and its quotation.
        let rows = [
            ("", "“We are going home,”", "said Ann Lee.", Some("Ann Lee")),
            ("", "“We are going home,”", "Lee said.", Some("Lee")),
            ("", "“We are going home,”", "said Lee Jae-myung, the president.", Some("Lee Jae-myung")),
            ("", "“Are you going home?”", "asked J. R. van der Berg on Monday.", Some("J. R. van der Berg")),
            ("", "“We are going home,”", "Mayor Ann O’Neil told reporters.", Some("Mayor Ann O’Neil")),
            ("", "“We are going home,”", "Lee, the mayor of Busan, said.", Some("Lee")),
            ("", "‘We are going home’", ", said Ann Lee.", Some("Ann Lee")),
            ("Ann Lee said:", "“We are going home.”", "", Some("Ann Lee")),
            ("On Monday Lee added that", "“we are going home”", "and left.", Some("Lee")),
            ("Ann Lee, the mayor, said", "“we are going home.”", "", Some("Ann Lee")),
            ("The White House said", "“we are going home.”", "", Some("White House")),
            ("Bob Ray told Ann Lee and Joe Poe said", "“we are going home.”", "", Some("Joe Poe")),
            // Nobody is named, or it is not certain who.
            ("", "“We are going home,”", "he said.", None),
            ("", "“We are going home,”", "the minister said.", None),
            ("", "“We are going home,”", "said the minister, Ann Lee.", None),
            ("", "“We are going home,”", "said Monday.", None),
            ("", "“We are going home,”", "told Reuters.", None),
            ("", "“We are going home,”", "Lee’s spokesman said.", None),
            ("", "“We are going home.”", "", None),
            ("", "“we are going home”", "and Ann Lee left.", None),
            ("Officials said:", "“We are going home.”", "", None),
            ("She told Ann Lee that", "“we are going home.”", "", None),
            ("Ann Lee left after", "“we are going home”", "was read out.", None),
            ("Ann Lee said it was late, and", "“we are going home,”", "he said.", None),
        ];
        each(rows, |(before, quotation, after, want)| {
            assert_eq!(
                speaker((before, false), quotation, after).as_deref(),
                want,
                "{before} {quotation} {after}"
            );
        });
        let between = |before: &str| speaker((before, true), "“to the old town.”", "");
        assert_eq!(between("said Ann Lee,").as_deref(), Some("Ann Lee"));
        assert_eq!(between("Lee said,").as_deref(), Some("Lee"));
        assert_eq!(between("he said,"), None);
    }
}
