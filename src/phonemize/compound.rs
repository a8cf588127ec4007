//! Words of several parts with hyphens between them, read as misaki reads them (`en.py`, the loop over subtokens and
//! `resolve_tokens`), without loading all of it: `twenty-four`, `worst-case`, `Asia-Pacific`.

use misaki_rs::MToken;
use misaki_rs::lexicon::TokenContext;

use super::context::{context_before, stress_of};
use super::dictionary::Dictionary;

/// Words that misaki reads by their tags or their neighbours (`get_special_case`).
const SPECIAL: [&str; 10] = ["a", "am", "an", "by", "i", "in", "the", "to", "used", "vs"];
/// The tag of a hyphen between parts.
const HYPHEN: &str = "HYPH";
/// Sounds that weigh two in misaki's `stress_weight`.
const LONG: &str = "AIOQWYʤʧ";
/// Makes primary stress secondary, see misaki's `apply_stress`.
const DEMOTED: f64 = -0.5;

/// The reading of a word of letters, apostrophes and hyphens between them; `None` for others, or when a part is unknown.
pub(super) fn read(dictionary: &Dictionary, word: &str) -> Option<String> {
    let pieces = pieces(word)?;
    let tags = tags(dictionary, word, &pieces)?;
    let contexts = contexts(dictionary, &pieces, &tags);
    let mut read: Vec<Option<String>> = vec![None; pieces.len()];
    let (mut left, mut right) = (0, pieces.len());
    while left < right {
        let is_free = read[left..right].iter().all(Option::is_none);
        let joined = is_free.then(|| {
            let text = pieces[left..right].concat();
            let tag = longest(&pieces[left..right], &tags[left..right]);
            dictionary.words.get_word(&text, tag, stress_of(dictionary, &text), Some(&contexts[left]))
        });
        if let Some(phonemes) = joined.flatten() {
            read[left..right].fill(Some(String::new()));
            read[left] = Some(phonemes);
            (left, right) = (0, left);
        } else if left + 1 < right {
            left += 1;
        } else {
            (left, right) = (0, right - 1);
            if read[right].is_none() && pieces[right] != "-" {
                return None;
            }
        }
    }
    let mut read: Vec<String> = read.into_iter().map(Option::unwrap_or_default).collect();
    demote(dictionary, &pieces, &mut read);
    Some(read.concat())
}

/// The parts and the hyphens between them.
fn pieces(word: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = word.split('-').collect();
    let is_part = |part: &&str| {
        part.chars().all(|c| c.is_ascii_alphabetic() || c == '\'')
            && part.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    if parts.len() < 2 || !parts.iter().all(is_part) {
        return None;
    }
    let mut pieces = Vec::with_capacity(2 * parts.len());
    for part in parts {
        if !pieces.is_empty() {
            pieces.push("-");
        }
        pieces.push(part);
    }
    Some(pieces)
}

/// The parts of speech; the tagger is asked only where they matter.
fn tags(dictionary: &Dictionary, word: &str, pieces: &[&str]) -> Option<Vec<String>> {
    let is_plain =
        |piece: &&str| *piece == "-" || (!SPECIAL.contains(piece) && dictionary.words.has_one_reading(piece));
    if pieces.iter().all(is_plain) {
        let tag = |piece: &&str| if *piece == "-" { HYPHEN } else { "NN" }.to_owned();
        return Some(pieces.iter().map(tag).collect());
    }
    let tagged = dictionary.tag(word);
    let is_same = tagged.iter().map(|token| token.text.as_str()).eq(pieces.iter().copied());
    let tags: Vec<String> = tagged.into_iter().map(|token| token.tag).collect();
    let is_hyphen = |(piece, tag): (&&str, &String)| *piece != "-" || tag == HYPHEN;
    (is_same && pieces.iter().zip(&tags).all(is_hyphen)).then_some(tags)
}

/// What each piece gets from those behind it.
fn contexts(dictionary: &Dictionary, pieces: &[&str], tags: &[String]) -> Vec<TokenContext> {
    let mut contexts = vec![TokenContext::default(); pieces.len()];
    for at in (1..pieces.len()).rev() {
        let piece = pieces[at];
        let stress = stress_of(dictionary, piece);
        let mut token = MToken::new(piece.to_owned(), tags[at].clone(), String::new());
        token.phonemes = dictionary.words.get_word(piece, &token.tag, stress, Some(&contexts[at]));
        contexts[at - 1] = context_before(&contexts[at], &token);
    }
    contexts
}

/// The tag of the longest piece; capitals count twice (`merge_tokens`).
fn longest<'a>(pieces: &[&str], tags: &'a [String]) -> &'a str {
    let weight = |piece: &str| -> usize { piece.chars().map(|c| if c.is_uppercase() { 2 } else { 1 }).sum() };
    let mut best = ("", 0);
    for (piece, tag) in pieces.iter().zip(tags) {
        if weight(piece) > best.1 {
            best = (tag, weight(piece));
        }
    }
    best.0
}

/// Leaves the stress to the heavier half of the parts.
fn demote(dictionary: &Dictionary, pieces: &[&str], read: &mut [String]) {
    let weight = |phonemes: &str| -> usize {
        phonemes.chars().map(|sound| if LONG.contains(sound) { 2 } else { 1 }).sum()
    };
    let spoken = read.iter().enumerate().filter(|(_, phonemes)| !phonemes.is_empty());
    let mut parts: Vec<(bool, usize, usize)> =
        spoken.map(|(at, phonemes)| (phonemes.contains('ˈ'), weight(phonemes), at)).collect();
    let stressed = parts.iter().filter(|(is_stressed, ..)| *is_stressed).count();
    let demoted = match parts.as_slice() {
        [(.., first), (.., second)] if pieces[*first].chars().count() == 1 => vec![*second],
        _ if parts.len() < 2 || stressed <= parts.len().div_ceil(2) => Vec::new(),
        _ => {
            parts.sort_unstable();
            parts[..parts.len() / 2].iter().map(|(.., at)| *at).collect()
        }
    };
    for at in demoted {
        read[at] = dictionary.words.apply_stress(&read[at], DEMOTED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Dialect;

    /// Numbers, and pairs and threes of words from all over the dictionaries, plain and with capitals.
    #[test]
    fn compounds_are_read_as_misaki_reads_them() {
        let tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(' ');
        let ones = "one two three four five six seven eight nine first second third fourth eighth ninth";
        let numbers = tens.flat_map(|ten| ones.split(' ').map(move |one| format!("{ten}-{one}")));
        let usual = "Asia-Pacific three-year worst-case so-called President-elect e-mail man-in-the-middle x-ray A-levels \
            Indo-Pacific U-turn record-breaking lead-free vice-president commander-in-chief twenty-four-hour must-see \
            by-election to-do T-shirt Anglo-Saxon passer-by mother-in-law ice-cream brother's-keeper NATO-led UN-backed";
        let dialects = [Dialect::AmericanEnglish, Dialect::BritishEnglish];
        for dialect in dialects {
            let dictionary = Dictionary::of(dialect);
            let misaki = dictionary.misaki();
            let mut words: Vec<&String> = misaki.lexicon.golds.keys().collect();
            words.retain(|word| word.chars().all(|c| c.is_ascii_alphabetic()) && word.len() > 1);
            words.sort();
            let step = |start: usize, by: usize| words.iter().skip(start).step_by(by);
            let pairs = step(3, 151).zip(step(40_000, 101)).map(|(a, b)| format!("{a}-{b}"));
            let threes = step(11, 1511).zip(step(70_000, 301)).map(|(a, b)| format!("{b}-of-{a}"));
            let all =
                numbers.clone().chain(usual.split_whitespace().map(str::to_owned)).chain(pairs).chain(threes);
            let (mut count, mut wrong) = (0, Vec::new());
            for word in all {
                let Some(made) = read(dictionary, &word) else { continue };
                let (_, tokens) = misaki.g2p(&word).unwrap();
                let mut want = String::new();
                for token in &tokens {
                    want += token.phonemes.as_deref().unwrap_or("?");
                    want += &token.whitespace;
                }
                count += 1;
                // The caller does that for all words, as misaki does.
                let made = made.replace('ɾ', "T").replace('ʔ', "t");
                // Misaki's tagger takes the hyphen of some rare words for a dash.
                if made != want && !want.contains('—') {
                    wrong.push(format!("{word}: {made}, not {want}"));
                }
            }
            assert!(count > 600, "{count}");
            assert!(
                wrong.is_empty(),
                "{} of {count}:\n{}",
                wrong.len(),
                wrong[..wrong.len().min(30)].join("\n")
            );
        }
    }
}
