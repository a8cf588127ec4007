//! Words that are written alike and said differently, `lead` and `lead`, where misaki's tagger or its dictionaries get them
//! wrong: rules on the words around them, in `data/heteronyms.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use misaki_rs::MToken;

use crate::tsv;

/// How far on either side a rule's `near` looks.
const NEAR: usize = 6;
/// Letters of the longest word with rules.
const LONGEST: usize = 14;

/// One line of the table.
struct Rule {
    conditions: Vec<Condition>,
    phonemes: &'static str,
}

/// A condition that must hold, or with `!` must not.
struct Condition {
    is_negated: bool,
    what: What,
    /// Alternatives; `@name` in the file stands for a list of them.
    words: Vec<&'static str>,
}

enum What {
    /// The word this many places on.
    Word(isize),
    /// The Penn Treebank tag this many places on; `VB*` is any that begins so.
    Tag(isize),
    /// A word nearby.
    Near,
    /// A capital within a sentence.
    Capital,
}

/// The table by word, and foreign and new words of the news, some of which only look like English ones without their accents.
struct Table {
    rules: HashMap<&'static str, Vec<Rule>>,
    loanwords: HashMap<&'static str, &'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut lists: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut rules: HashMap<&str, Vec<Rule>> = HashMap::new();
    for row in tsv::rows(include_str!("heteronym/data/heteronyms.tsv")) {
        match row[..] {
            [name, words] if name.starts_with('@') => {
                lists.insert(name, words.split(' ').collect());
            }
            [words, conditions, phonemes] => {
                for word in words.split('|') {
                    let conditions = conditions.split(' ').filter(|text| *text != "-");
                    let conditions = conditions.filter_map(|text| condition(text, &lists)).collect();
                    rules.entry(word).or_default().push(Rule { conditions, phonemes });
                }
            }
            _ => {}
        }
    }
    let loanwords = tsv::pairs(include_str!("heteronym/data/loanwords.tsv")).collect();
    Table { rules, loanwords }
});

fn condition(text: &'static str, lists: &HashMap<&'static str, Vec<&'static str>>) -> Option<Condition> {
    let (is_negated, text) = text.strip_prefix('!').map_or((false, text), |text| (true, text));
    let (name, values) = text.split_once('=').unwrap_or((text, ""));
    let what = match name {
        "near" => What::Near,
        "cap" => What::Capital,
        "tag" => What::Tag(0),
        _ => match name.strip_suffix("tag") {
            Some(place) => What::Tag(place.parse().ok()?),
            None => What::Word(name.parse().ok()?),
        },
    };
    let words = values
        .split('|')
        .flat_map(|value| lists.get(value).cloned().unwrap_or_else(|| vec![value]))
        .collect();
    Some(Condition { is_negated, what, words })
}

impl Condition {
    fn holds(&self, tokens: &[MToken], at: usize) -> bool {
        let token = |offset: isize| at.checked_add_signed(offset).and_then(|at| tokens.get(at));
        // Places beyond the ends of the sentence are written ^.
        let has_word = |token: Option<&MToken>| match token {
            Some(token) => self.words.iter().any(|word| token.text.eq_ignore_ascii_case(word)),
            None => self.words.contains(&"^"),
        };
        let found = match self.what {
            What::Word(offset) => has_word(token(offset)),
            What::Tag(offset) => token(offset).is_some_and(|token| {
                self.words.iter().any(|tag| match tag.strip_suffix('*') {
                    Some(start) => token.tag.starts_with(start),
                    None => token.tag == *tag,
                })
            }),
            What::Near => {
                let from = at.saturating_sub(NEAR);
                let around = tokens[from..(at + NEAR + 1).min(tokens.len())].iter();
                around.enumerate().any(|(index, token)| from + index != at && has_word(Some(token)))
            }
            What::Capital => {
                at > 0 && tokens[at].text.starts_with(char::is_uppercase) && tokens[at - 1].text != "“"
            }
        };
        found != self.is_negated
    }
}

/// Whether there are rules for a word.
pub(super) fn has_rules(word: &str) -> bool {
    word.len() <= LONGEST
        && (TABLE.rules.contains_key(word) || TABLE.rules.contains_key(word.to_lowercase().as_str()))
}

/// The reading of the word at `at`, when a rule corrects misaki.
pub(super) fn reading(tokens: &[MToken], at: usize) -> Option<&'static str> {
    let word = tokens[at].text.as_str();
    if word.len() > LONGEST {
        return None;
    }
    let rules = TABLE.rules.get(word).or_else(|| TABLE.rules.get(word.to_lowercase().as_str()))?;
    let rule =
        rules.iter().find(|rule| rule.conditions.iter().all(|condition| condition.holds(tokens, at)))?;
    // A rule may leave it to misaki, so that later ones are not asked.
    (rule.phonemes != "=").then_some(rule.phonemes)
}

/// The reading of a foreign word that the dictionaries lack or mistake for another: résumé is no resume.
pub(super) fn loanword(word: &str) -> Option<&'static str> {
    let lower = |word: &str| TABLE.loanwords.get(word.to_lowercase().as_str()).copied();
    TABLE.loanwords.get(word).copied().or_else(|| if word.is_ascii() { None } else { lower(word) })
}

#[cfg(test)]
mod tests;
