//! Which results wait for somebody's approval before they are published.

use std::fmt;
use std::str::FromStr;

use crate::article::Article;
use crate::article::confidence::percent;
use crate::report::Summary;

/// Words that a reason names.
const WORDS_NAMED: usize = 6;

/// What holds a result back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum HoldRule {
    /// The program is less sure that it found the story.
    Confidence(f64),
    /// A name that no dictionary has.
    UnknownName,
    /// Any word that no dictionary has.
    UnknownWord,
    /// A word that could only be spelled.
    SpelledWord,
    /// Characters that were read in a wrong encoding, and set right.
    Mojibake,
    /// Bytes that are no text.
    BadBytes,
    /// An article without a headline.
    NoTitle,
    /// Fewer words than this: perhaps the beginning of a story that has to be paid for.
    WordsBelow(usize),
    /// More words than this.
    WordsAbove(usize),
    /// A new version of what is published.
    Correction,
    /// Every result.
    Always,
}

/// Rules without a number, and what they are called.
const NAMED: [(&str, HoldRule); 8] = [
    ("unknown-name", HoldRule::UnknownName),
    ("unknown-word", HoldRule::UnknownWord),
    ("spelled-word", HoldRule::SpelledWord),
    ("mojibake", HoldRule::Mojibake),
    ("bad-bytes", HoldRule::BadBytes),
    ("no-title", HoldRule::NoTitle),
    ("correction", HoldRule::Correction),
    ("always", HoldRule::Always),
];

impl FromStr for HoldRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        if let Some((_, rule)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(*rule);
        }
        let wrong = || {
            let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
            format!("a rule is 'confidence<0.8', 'words<80', 'words>3000', {}", names.join(", "))
        };
        let at = text.find(['<', '>']).ok_or_else(wrong)?;
        let (name, sign, value) = (text[..at].trim_end(), &text[at..=at], text[at + 1..].trim());
        match (name, sign) {
            ("confidence", "<") => {
                let share = match value.strip_suffix('%') {
                    Some(value) => value.trim_end().parse::<f64>().map(|percent| percent / 100.0),
                    None => value.parse(),
                };
                let share = share.ok().filter(|share| *share > 0.0 && *share <= 1.0);
                share.map(Self::Confidence).ok_or_else(wrong)
            }
            ("words", "<") => value.parse().map(Self::WordsBelow).map_err(|_| wrong()),
            ("words", ">") => value.parse().map(Self::WordsAbove).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for HoldRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confidence(share) => write!(f, "confidence<{share}"),
            Self::WordsBelow(words) => write!(f, "words<{words}"),
            Self::WordsAbove(words) => write!(f, "words>{words}"),
            other => {
                let named = NAMED.iter().find(|(_, rule)| rule == other);
                f.write_str(named.map_or("", |(name, _)| name))
            }
        }
    }
}

/// Why a result is held; nothing, when it is not. `is_correction` says that a version of it is published.
pub(super) fn reasons(
    rules: &[HoldRule],
    summary: &Summary,
    article: &Article,
    is_correction: bool,
) -> Vec<String> {
    let mut reasons = Vec::new();
    for reason in rules.iter().filter_map(|rule| rule.reason(summary, article, is_correction)) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

impl HoldRule {
    fn reason(self, summary: &Summary, article: &Article, is_correction: bool) -> Option<String> {
        match self {
            Self::Confidence(least) => summary
                .confidence
                .filter(|confidence| *confidence < least)
                .map(|confidence| format!("{} sure that this is the story", percent(confidence))),
            Self::UnknownName => {
                let is_name = |word: &&str| word.chars().any(char::is_uppercase);
                let words = summary.guessed_words.iter().map(|guess| &*guess.word).filter(is_name);
                named("a name was guessed", "names were guessed", words)
            }
            Self::UnknownWord => {
                let words = summary.guessed_words.iter().map(|guess| &*guess.word);
                named("a word was guessed", "words were guessed", words)
            }
            Self::SpelledWord => {
                let words = summary.spelled_words.iter().map(String::as_str);
                named("a word is spelled", "words are spelled", words)
            }
            Self::Mojibake => counted(summary.repairs.mojibake, "character was", "characters were")
                .map(|text| format!("{text} read in a wrong encoding")),
            Self::BadBytes => counted(summary.repairs.bad_bytes, "byte is", "bytes are")
                .map(|text| format!("{text} no text")),
            Self::NoTitle => article.title().is_none().then(|| "it has no headline".to_string()),
            Self::WordsBelow(least) => {
                let words = words_of(article);
                (words < least).then(|| format!("only {} long", super::count(words, "word")))
            }
            Self::WordsAbove(most) => {
                let words = words_of(article);
                (words > most).then(|| format!("{} long", super::count(words, "word")))
            }
            Self::Correction => is_correction.then(|| "an earlier version is published".to_string()),
            Self::Always => Some("everything is looked at".to_string()),
        }
    }
}

fn words_of(article: &Article) -> usize {
    article.blocks().iter().map(|block| block.span.of(article.text()).split_whitespace().count()).sum()
}

fn counted(number: usize, one: &str, several: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {several}")),
    }
}

/// `names were guessed: Blorvik, Zorvinel`; `None` without a word.
fn named<'a>(one: &str, several: &str, words: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<&str> = words.collect();
    let what = match words.len() {
        0 => return None,
        1 => one,
        _ => several,
    };
    let more = words.len().saturating_sub(WORDS_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{what}: {}{more}", words[..words.len().min(WORDS_NAMED)].join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn rules_are_read_as_they_are_written() {
        let rows = [
            ("confidence<0.8", Some("confidence<0.8")),
            (" Confidence < 80 % ", Some("confidence<0.8")),
            ("unknown-name", Some("unknown-name")),
            ("unknown-word", Some("unknown-word")),
            ("spelled-word", Some("spelled-word")),
            ("mojibake", Some("mojibake")),
            ("bad-bytes", Some("bad-bytes")),
            ("NO-TITLE", Some("no-title")),
            ("correction", Some("correction")),
            ("always", Some("always")),
            ("words<80", Some("words<80")),
            ("words > 3000", Some("words>3000")),
            ("confidence", None),
            ("confidence>0.8", None),
            ("confidence<0", None),
            ("confidence<8", None),
            ("confidence<NaN", None),
            ("words<-1", None),
            ("words<many", None),
            ("unknown", None),
            ("<", None),
            ("", None),
        ];
        each(rows, |(text, want)| {
            let rule = text.parse::<HoldRule>();
            let written = rule.as_ref().ok().map(ToString::to_string);
            assert_eq!(written.as_deref(), want, "{text}");
            // What is written is read back.
            assert!(written.is_none_or(|text| text.parse().ok() == rule.ok()), "{text}");
        });
    }

    #[test]
    fn long_lists_of_words_are_cut() {
        let rows: [(&[&str], Option<&str>); 4] = [
            (&[], None),
            (&["Havn"], Some("one: Havn")),
            (&["Havn", "Blorvik"], Some("several: Havn, Blorvik")),
            (&["a", "b", "c", "d", "e", "f", "g", "h"], Some("several: a, b, c, d, e, f and 2 more")),
        ];
        each(rows, |(words, want)| {
            assert_eq!(named("one", "several", words.iter().copied()).as_deref(), want, "{words:?}");
        });
    }
}
