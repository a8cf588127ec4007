//! Finds an article's own definitions of its acronyms: `Asia-Pacific Economic Cooperation (APEC)`.
//!
//! The long form is found as Schwartz and Hearst (2003) do. The acronym's characters are matched from the right in the
//! words before the bracket; the first one must begin a word. Initials of all words are tried before that.

use std::collections::{HashMap, HashSet};

use super::AcronymReading;
use crate::alphabet;
use crate::text::Span;

/// Letters of an acronym at least and at most.
const SHORTEST: usize = 2;
const LONGEST: usize = 10;
/// Words of a long form at most, beyond the letters of its acronym (Schwartz and Hearst's `min(|A| + 5, |A| · 2)`).
const MORE_WORDS: usize = 5;
/// Bytes that are examined on each side of an acronym.
const WINDOW: usize = 240;
/// Words that give no letter to an acronym.
const SMALL_WORDS: [&str; 14] =
    ["of", "the", "and", "for", "in", "on", "to", "at", "a", "an", "de", "with", "by", "from"];
/// Text that may stand between an acronym and its long form.
const BRIDGES: [&str; 7] = [
    ", or ",
    ", which stands for ",
    ", short for ",
    ", officially ",
    ", the ",
    " stands for ",
    ", formally ",
];

/// An acronym as its article explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Definition {
    /// With an article in front when the article has one there.
    words: String,
    /// Whether every letter is the initial of a word.
    is_initials: bool,
}

impl Definition {
    /// The words as they stand within a sentence, in the singular: `Small modular reactors (SMRs)` defines an SMR.
    fn of_one(mut self, is_plural: bool) -> Self {
        let mut rest = self.words.split(' ').skip(1);
        if rest.clone().next().is_some() && rest.all(|word| word.starts_with(char::is_lowercase)) {
            let mut letters = self.words.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
            self.words = first + letters.as_str();
        }
        if is_plural {
            let (head, tail) = match self.words.find(" of ") {
                Some(at) => self.words.split_at(at),
                None => (self.words.as_str(), ""),
            };
            let singular = match (head.strip_suffix("ies"), head.strip_suffix('s')) {
                (Some(stem), _) => format!("{stem}y"),
                (None, Some(stem)) => stem.to_string(),
                (None, None) => head.to_string(),
            };
            self.words = singular + tail;
        }
        self
    }
}

/// The acronyms of one article: their long forms, and the place of each first mention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definitions {
    by_acronym: HashMap<String, Definition>,
    /// Where acronyms stand beside their long form.
    sites: HashSet<usize>,
    first_mentions: HashMap<String, usize>,
}

impl Definitions {
    /// Learns the definitions in the parts of a text that are read aloud. One pass; looks a bounded way around each acronym.
    pub(crate) fn learn(text: &str, spans: impl IntoIterator<Item = Span>) -> Self {
        let mut definitions = Self::default();
        for span in spans {
            let mut start = span.start;
            for line in span.of(text).split_inclusive('\n') {
                // A headline in capitals is not a row of acronyms.
                if line.contains(char::is_lowercase) {
                    definitions.learn_line(text, Span::new(start, start + line.len()));
                }
                start += line.len();
            }
        }
        definitions
    }

    fn learn_line(&mut self, text: &str, line: Span) {
        for mention in mentions(line.of(text)) {
            let at = line.start + mention.start;
            let end = line.start + mention.end;
            let (before, after) = (&text[line.start..at], &text[end..line.end]);
            if let Some(definition) = defined_before(&mention.letters, before, after)
                .or_else(|| defined_in_brackets(&mention.letters, after))
                .or_else(|| defined_after(&mention.letters, before, after))
            {
                self.sites.insert(at);
                let definition = definition.of_one(after.starts_with('s'));
                self.by_acronym.entry(mention.letters.clone()).or_insert(definition);
            }
            self.first_mentions.entry(mention.letters).or_insert(at);
        }
    }

    /// The article's own long form of an acronym.
    pub(crate) fn words(&self, acronym: &str) -> Option<&str> {
        self.by_acronym.get(acronym).map(|definition| definition.words.as_str())
    }

    /// How an acronym that is in no table is read, by its definition: one that is made of syllables is a word.
    pub(crate) fn reading(&self, acronym: &str) -> Option<AcronymReading> {
        let definition = self.by_acronym.get(acronym)?;
        let vowels = acronym.chars().filter(|c| alphabet::is_vowel(*c)).count();
        let is_word =
            !definition.is_initials && vowels > 0 && acronym.len() >= 4 && acronym.len() <= 4 * vowels;
        is_word.then_some(AcronymReading::Word)
    }

    /// Whether the acronym at a place stands beside its long form, so that saying it in full would say it twice.
    pub(crate) fn is_site(&self, place: usize) -> bool {
        self.sites.contains(&place)
    }

    /// Whether an acronym is first mentioned at a place.
    pub(crate) fn is_first(&self, acronym: &str, place: usize) -> bool {
        self.first_mentions.get(acronym) == Some(&place)
    }
}

/// An acronym in a text.
struct Mention {
    start: usize,
    /// After its last letter; an ending is not part of it.
    end: usize,
    /// Without full stops.
    letters: String,
}

/// The acronyms of a text in order: `APEC`, `ICBMs`, `U.S.`
fn mentions(text: &str) -> impl Iterator<Item = Mention> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            let is_inside = || text[..start].ends_with(char::is_alphanumeric);
            if !bytes[start].is_ascii_uppercase() || is_inside() {
                at += 1;
                continue;
            }
            let mut end = start;
            let mut letters = String::new();
            let is_dotted = bytes.get(start + 1) == Some(&b'.')
                && bytes.get(start + 2).is_some_and(u8::is_ascii_uppercase);
            if is_dotted {
                while bytes.get(end).is_some_and(u8::is_ascii_uppercase) && bytes.get(end + 1) == Some(&b'.')
                {
                    letters.push(bytes[end] as char);
                    end += 2;
                }
                end -= 1;
            } else {
                while let Some(byte) = bytes.get(end).filter(|byte| byte.is_ascii_uppercase()) {
                    letters.push(*byte as char);
                    end += 1;
                }
            }
            at = end.max(start + 1);
            let rest = text[end..].strip_prefix('s').unwrap_or(&text[end..]);
            if (SHORTEST..=LONGEST).contains(&letters.len()) && !rest.starts_with(char::is_alphanumeric) {
                return Some(Mention { start, end, letters });
            }
        }
        None
    })
}

/// `Asia-Pacific Economic Cooperation (APEC)`
fn defined_before(acronym: &str, before: &str, after: &str) -> Option<Definition> {
    let before = before.strip_suffix(['“', '"']).unwrap_or(before).strip_suffix('(')?.trim_end();
    let after = after.strip_prefix('s').unwrap_or(after);
    if !after.trim_start_matches(['”', '"']).starts_with([')', ',', ';']) {
        return None;
    }
    let window = &before[before.ceil_char_boundary(before.len().saturating_sub(WINDOW))..];
    let clause = window.rfind(['(', ')', ';', ':', '“', '”', '"', '!', '?', '\n']).map_or(window, |at| {
        let rest = &window[at..];
        &rest[rest.chars().next().map_or(0, char::len_utf8)..]
    });
    let clause = clause.rfind(". ").map_or(clause, |at| &clause[at + 2..]);
    let words: Vec<&str> = clause.split_whitespace().collect();
    let most = (acronym.len() + MORE_WORDS).min(acronym.len() * 2);
    let words = &words[words.len().saturating_sub(most + 1)..];
    let starts = (0..words.len()).rev();
    let by_initials = starts.clone().find(|&from| initials(&words[from..]) == acronym);
    let from =
        by_initials.or_else(|| starts.clone().find(|&from| is_abbreviated(acronym, &words[from..])))?;
    let with_article = from > 0 && words[from - 1].eq_ignore_ascii_case("the");
    definition(&words[from..], with_article, by_initials.is_some())
}

/// `DPRK (Democratic People's Republic of Korea)`
fn defined_in_brackets(acronym: &str, after: &str) -> Option<Definition> {
    let inner = after.strip_prefix(" (")?;
    let inner = &inner[..inner.floor_char_boundary(WINDOW)];
    let inner = &inner[..inner.find(')')?];
    let words: Vec<&str> = inner.split_whitespace().collect();
    let (with_article, words) = match words.split_first() {
        Some((first, rest)) if first.eq_ignore_ascii_case("the") => (true, rest),
        _ => (false, words.as_slice()),
    };
    (initials(words) == acronym).then(|| definition(words, with_article, true))?
}

/// `the DPRK, or Democratic People's Republic of Korea,`
fn defined_after(acronym: &str, before: &str, after: &str) -> Option<Definition> {
    let bridge = BRIDGES.iter().find(|bridge| after.starts_with(**bridge)).filter(|_| acronym.len() > 2)?;
    let rest = &after[bridge.len()..];
    let rest = &rest[..rest.floor_char_boundary(WINDOW)];
    let (mut with_article, mut words) = (bridge.ends_with("the "), Vec::new());
    for word in rest.split_whitespace() {
        if words.is_empty() && word.eq_ignore_ascii_case("the") {
            with_article = true;
            continue;
        }
        let bare = word.trim_end_matches([',', '.', ';', ':', ')']);
        words.push(bare);
        if initials(&words) == acronym {
            with_article |= before.ends_with("the ") || before.ends_with("The ");
            return definition(&words, with_article, true);
        }
        if bare.len() < word.len() || words.len() > acronym.len() + MORE_WORDS {
            return None;
        }
    }
    None
}

fn definition(words: &[&str], with_article: bool, is_initials: bool) -> Option<Definition> {
    let words = words.join(" ").replace('’', "'");
    let is_word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '-');
    // A long form with digits and signs can't be said word by word and is of no use.
    let article = if with_article { "the " } else { "" };
    words.chars().all(is_word).then(|| Definition { words: format!("{article}{words}"), is_initials })
}

/// The capitals of the words' initials; small words count only when they are capitalised.
fn initials(words: &[&str]) -> String {
    words
        .iter()
        .flat_map(|word| word.split(['-', '/']))
        .filter(|part| !SMALL_WORDS.contains(part))
        .filter_map(|part| part.chars().find(|c| c.is_alphabetic()))
        .flat_map(char::to_uppercase)
        .collect()
}

/// Whether the acronym's letters stand in the words in order, the first at the very beginning.
fn is_abbreviated(acronym: &str, words: &[&str]) -> bool {
    let is_name = words.first().is_some_and(|word| word.starts_with(char::is_uppercase)) && words.len() > 1;
    let text: Vec<char> = words.join(" ").to_lowercase().chars().collect();
    let mut place = text.len();
    let letters: Vec<char> = acronym.to_lowercase().chars().collect();
    for (index, &letter) in letters.iter().enumerate().rev() {
        let found =
            text[..place].iter().enumerate().rev().find(|&(at, &c)| c == letter && (index > 0 || at == 0));
        match found {
            Some((at, _)) => place = at,
            None => return false,
        }
    }
    is_name && place == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn learn(text: &str) -> Definitions {
        Definitions::learn(text, [Span::new(0, text.len())])
    }

    #[test]
    fn definitions_are_found_on_either_side() {
        let rows = [
            (
                "Leaders of the Asia-Pacific Economic Cooperation (APEC) met.",
                "APEC",
                Some("the Asia-Pacific Economic Cooperation"),
            ),
            (
                "the DPRK, or Democratic People's Republic of Korea, said",
                "DPRK",
                Some("the Democratic People's Republic of Korea"),
            ),
            (
                "DPRK (the Democratic People’s Republic of Korea)",
                "DPRK",
                Some("the Democratic People's Republic of Korea"),
            ),
            ("Small modular reactors (SMRs) are built.", "SMR", Some("small modular reactor")),
            ("state-run Korea Gas Corp (KOGAS) said", "KOGAS", Some("Korea Gas Corp")),
            ("He met officials (CIA) there.", "CIA", None),
            ("the National Coastal Authority (“NCA”) said", "NCA", Some("the National Coastal Authority")),
            ("It ended. Korea (KOGAS)", "KOGAS", None),
            (
                "HMGMA, the Hyundai Motor Group Metaplant America, opened",
                "HMGMA",
                Some("the Hyundai Motor Group Metaplant America"),
            ),
            ("NORTHERN HARBOR AUTHORITY (NHA) OPENS", "NHA", None),
            ("(A)", "A", None),
            ("Her résumé lists the Port Office (PO).", "PO", Some("the Port Office")),
            ("a prisoner-of-war camp; prisoners of war (POWs)", "POW", None),
        ];
        each(rows, |(text, acronym, want)| {
            assert_eq!(learn(text).words(acronym), want, "{text}");
        });
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_learnt_from(text in "\\PC{0,80}") {
            learn(&text);
        }

        #[test]
        fn brackets_and_capitals_anywhere(text in "[A-Za-zé(). ,\\-]{0,80}") {
            let learnt = learn(&text);
            for acronym in learnt.by_acronym.keys() {
                proptest::prop_assert!(learnt.first_mentions.contains_key(acronym));
            }
        }
    }

    #[test]
    fn mentions_are_found_with_their_places() {
        let text = "The U.S. and ICBMs, NATO's and McD, F-16s. The U.S.";
        let found: Vec<(usize, String)> =
            mentions(text).map(|mention| (mention.start, mention.letters)).collect();
        assert_eq!(
            found,
            [(4, "US".to_string()), (13, "ICBM".into()), (20, "NATO".into()), (47, "US".into())]
        );
        let learnt = learn(text);
        assert!(learnt.is_first("US", 4) && !learnt.is_first("US", 47));
    }

    #[test]
    fn acronyms_of_syllables_are_words() {
        let learnt = learn("Korea Port Logistics (KORLOG) and the Harbor Tariff Agency (HTA)");
        assert_eq!(learnt.reading("KORLOG"), Some(AcronymReading::Word));
        assert_eq!(learnt.reading("HTA"), None);
    }
}
