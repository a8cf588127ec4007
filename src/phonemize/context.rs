//! Reads words in context and mostly without a tagger, which would take longer than all other steps together. Words
//! are looked up in misaki's dictionaries from right to left, as misaki itself does. Its tagger sees only the
//! neighbourhood of words that are read differently by part of speech.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{LazyLock, Mutex};

use misaki_rs::MToken;
use misaki_rs::lexicon::TokenContext;
use tracing::debug;

use super::compound;
use super::dictionary::Dictionary;
use super::feed::Feed;
use super::heteronym;
use crate::lexicon::Lexicon;

/// The tagger's answer for a word depends on four words on either side: it has four convolutions over neighbours.
const NEIGHBOURHOOD: usize = 4;
/// Rules look at the tags of two neighbours as well.
const NEIGHBOURHOOD_OF_RULES: usize = 6;
/// Number of compounds whose reading is kept; others are read again each time.
const MOST_COMPOUNDS: usize = 10_000;
/// Words with readings by part of speech that neighbouring words decide as well. Other lists of function words have other
/// purposes: those of `script::breaks` bind to the next word, the cue `function` follows an amount that counts nothing.
const FUNCTION_WORDS: &str = "that by has be will would his could this can had there through been have these those do does \
    did was were are is am an and as at but for from he her him if in into it its may me might must my no nor not of on or \
    our out over shall she should so some than the their them then they to too under up upon us we what when where which \
    while who whom why with you your both each either few many more most much neither other such all any half just only own \
    same very about above across after against along among around before behind below beneath beside between beyond during \
    except inside near off past since toward within without";
/// The sounds that misaki's `token_context` knows. These are its own lists, without `ᵊ`, `ɐ` and `T`: with those of the lexicon
/// `the` and `to` could be read otherwise than by misaki.
const VOWELS: &str = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ";
const CONSONANTS: &str = "bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ";

/// Reads words in context; a cache of compounds' readings.
#[derive(Default)]
pub(super) struct ContextReader {
    compounds: Mutex<HashMap<String, Option<String>>>,
}

static FUNCTIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| FUNCTION_WORDS.split_whitespace().collect());

impl ContextReader {
    /// Reads a text with the given overrides.
    pub(super) fn read(
        &self,
        dictionary: &Dictionary,
        feed: &Feed,
        lexicon: &Lexicon,
    ) -> Result<Vec<MToken>, String> {
        let (mut tokens, ranges) = cut(feed);
        tag(dictionary, feed, lexicon, &mut tokens, &ranges);
        let mut context = TokenContext::default();
        for token in tokens.iter_mut().rev() {
            if token.phonemes.is_none() {
                token.phonemes = self.phonemes(dictionary, token, &context)?;
            }
            context = context_before(&context, token);
            // Kokoro's alphabet has T for the flap and no glottal stop.
            if let Some(phonemes) = token.phonemes.as_mut().filter(|phonemes| phonemes.contains(['ɾ', 'ʔ']))
            {
                *phonemes = phonemes.replace('ɾ', "T").replace('ʔ', "t");
            }
        }
        Ok(tokens)
    }

    fn phonemes(
        &self,
        dictionary: &Dictionary,
        token: &MToken,
        context: &TokenContext,
    ) -> Result<Option<String>, String> {
        let word = token.text.as_str();
        if !word.contains(char::is_alphanumeric) {
            return Ok(Some(word.chars().filter(|c| ";:,.!?—…\"“”".contains(*c)).collect()));
        }
        if !word.chars().all(|c| c.is_alphabetic() || c == '\'') || word.starts_with('\'') {
            return self.compound(dictionary, word);
        }
        let stress = stress_of(dictionary, word);
        match dictionary.words.get_word(word, &token.tag, stress, Some(context)) {
            Some(phonemes) => Ok(Some(phonemes)),
            None => self.compound(dictionary, word),
        }
    }

    /// A word that misaki puts together from parts.
    fn compound(&self, dictionary: &Dictionary, word: &str) -> Result<Option<String>, String> {
        let known = self.compounds.lock().ok().and_then(|compounds| compounds.get(word).cloned());
        if let Some(phonemes) = known {
            return Ok(phonemes);
        }
        if let Some(phonemes) = compound::read(dictionary, word) {
            self.remember(word, Some(&phonemes));
            return Ok(Some(phonemes));
        }
        debug!(word, "all of misaki is needed");
        let (_, read) = dictionary.misaki().g2p(word).map_err(|cause| cause.to_string())?;
        let mut phonemes = Some(String::new());
        for token in read {
            phonemes = match (phonemes, token.phonemes) {
                (Some(before), Some(part)) => Some(before + &part + &token.whitespace),
                _ => None,
            };
        }
        self.remember(word, phonemes.as_ref());
        Ok(phonemes)
    }

    fn remember(&self, word: &str, phonemes: Option<&String>) {
        if let Ok(mut compounds) = self.compounds.lock()
            && compounds.len() < MOST_COMPOUNDS
        {
            compounds.insert(word.to_string(), phonemes.cloned());
        }
    }
}

/// Gives the words their parts of speech: a guess where the reading does not depend on it.
fn tag(
    dictionary: &Dictionary,
    feed: &Feed,
    lexicon: &Lexicon,
    tokens: &mut [MToken],
    ranges: &[Range<usize>],
) {
    for at in 0..tokens.len() {
        tokens[at].tag = guess(tokens, at).to_string();
    }
    let is_ambiguous =
        |word: &str| !FUNCTIONS.contains(word.to_lowercase().as_str()) && dictionary.words.is_ambiguous(word);
    let depends = |token: &MToken| {
        token.phonemes.is_none()
            && (is_ambiguous(&token.text)
                || is_ambiguous(&token.text.to_lowercase())
                || heteronym::has_rules(&token.text)
                || lexicon.user().has_parts_of_speech(&token.text))
    };
    let mut at = 0;
    while let Some(first) = (at..tokens.len()).find(|&index| depends(&tokens[index])) {
        // One run of the tagger for words that are close together.
        let mut last = first;
        while let Some(next) =
            (last + 1..tokens.len().min(last + 1 + NEIGHBOURHOOD)).find(|&index| depends(&tokens[index]))
        {
            last = next;
        }
        let has_rules = (first..=last).any(|index| heteronym::has_rules(&tokens[index].text));
        let reach = if has_rules { NEIGHBOURHOOD_OF_RULES } else { NEIGHBOURHOOD };
        let from = first.saturating_sub(reach);
        let to = (last + 1 + reach).min(tokens.len());
        let mut place = ranges[from].start;
        let mut index = from;
        for token in dictionary.tag(&feed.plain[ranges[from].start..ranges[to - 1].end]) {
            place += token.text.len() + token.whitespace.len();
            // The tagger's tokens may be several of ours.
            while index < to && ranges[index].start < place {
                tokens[index].tag.clone_from(&token.tag);
                index += 1;
            }
        }
        at = last + 1;
    }
}

/// The words and marks of a text, and where each lies in it.
fn cut(feed: &Feed) -> (Vec<MToken>, Vec<Range<usize>>) {
    let (mut tokens, mut ranges) = (Vec::new(), Vec::new());
    let mut overrides = feed.overrides.iter().peekable();
    for whole in &feed.tokens {
        let mut start = whole.start;
        for word in feed.plain[whole.clone()].split(' ') {
            let range = start..start + word.len();
            start = range.end + 1;
            if word.is_empty() {
                continue;
            }
            while overrides.next_if(|o| o.range.end <= range.start).is_some() {}
            let mut token = MToken::new(word.to_string(), String::new(), String::new());
            token.phonemes =
                overrides.peek().filter(|o| o.range.start < range.end).map(|o| o.phonemes.clone());
            tokens.push(token);
            ranges.push(range);
        }
    }
    for at in 0..tokens.len() {
        let next = ranges.get(at + 1).map_or(feed.plain.len(), |next: &Range<usize>| next.start);
        tokens[at].whitespace = feed.plain[ranges[at].end..next].to_string();
    }
    (tokens, ranges)
}

/// A part of speech that is good enough for words with one reading.
fn guess(tokens: &[MToken], at: usize) -> &'static str {
    let word = tokens[at].text.as_str();
    let previous = at.checked_sub(1).map_or("", |before| tokens[before].text.as_str());
    match word {
        "a" | "an" | "the" | "A" | "An" | "The" => "DT",
        "to" | "To" => "TO",
        "I" => "PRP",
        // A pronoun after a preposition or at the head of a clause, else a conjunction.
        "That" => "DT",
        "that"
            if matches!(
                previous,
                "of" | "in"
                    | "to"
                    | "for"
                    | "at"
                    | "on"
                    | "after"
                    | "before"
                    | "with"
                    | "from"
                    | "by"
                    | "like"
                    | "than"
                    | ","
                    | ";"
                    | "“"
                    | "and"
                    | "but"
            ) =>
        {
            "DT"
        }
        "in" | "In" | "by" | "By" | "that" | "of" | "on" | "at" | "for" | "with" | "from" | "as" => "IN",
        _ if !word.contains(char::is_alphanumeric) => ".",
        _ if at > 0 && word.starts_with(char::is_uppercase) => "NNP",
        _ => "NN",
    }
}

/// The stress that misaki gives a word for its capitals.
pub(super) fn stress_of(dictionary: &Dictionary, word: &str) -> Option<f64> {
    let (first, all) = dictionary.words.cap_stresses();
    if word == word.to_lowercase() {
        None
    } else if word == word.to_uppercase() {
        Some(all)
    } else {
        Some(first)
    }
}

/// The context that a word gets from the following ones: misaki's `token_context`.
pub(super) fn context_before(context: &TokenContext, token: &MToken) -> TokenContext {
    let sounds = token.phonemes.as_deref().unwrap_or_default().chars();
    let told = sounds.filter_map(|c| {
        let is_mark = "!,.:;?—…".contains(c);
        (is_mark || VOWELS.contains(c) || CONSONANTS.contains(c))
            .then_some((!is_mark).then(|| VOWELS.contains(c)))
    });
    TokenContext {
        future_vowel: { told }.next().unwrap_or(context.future_vowel),
        future_to: matches!(token.text.as_str(), "to" | "To"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{PhonemeWord, Phonemizer, Story, phoneme_string, windows};
    use super::Feed;
    use crate::lexicon::Lexicon;
    use crate::normalize::{Locale, Normalizer, SpokenToken};
    use crate::text::Dialect;
    use crate::tsv;

    /// The text with markup that gives misaki the overrides, for the words around them.
    fn marked_up(feed: &Feed) -> String {
        let mut text = String::new();
        let mut start = 0;
        for known in &feed.overrides {
            text.push_str(&feed.plain[start..known.range.start]);
            text.push_str(&format!("[{}](/{}/)", &feed.plain[known.range.clone()], known.phonemes));
            start = known.range.end;
        }
        text + &feed.plain[start..]
    }

    /// Reads tokens with misaki's own tagger at every word.
    fn read_thoroughly(phonemizer: &Phonemizer, tokens: &[SpokenToken]) -> Vec<PhonemeWord> {
        let mut words = Vec::new();
        for window in windows(tokens) {
            let feed = phonemizer.feed(&Story::default(), window);
            let (_, read) = phonemizer.g2p().g2p(&marked_up(&feed)).unwrap();
            phonemizer.collect(&feed, &read, window, &mut words);
        }
        words
    }

    #[test]
    fn words_are_read_as_misaki_reads_them_with_its_tagger_everywhere() {
        let lexicon = Arc::new(Lexicon::built_in());
        let normalizer = Normalizer::new(Locale::EnUs, lexicon.clone());
        let phonemizer = Phonemizer::new(Dialect::AmericanEnglish, lexicon);
        let sentences =
            tsv::columns(include_str!("heteronym/tests/sentences.tsv")).map(|[_, _, sentence]| sentence);
        let articles = [
            include_str!("../../tests/data/articles/summit.expected.txt"),
            include_str!("../../tests/data/articles/wire.expected.txt"),
            include_str!("../../tests/data/articles/list.expected.txt"),
        ];
        let (mut words, mut differences) = (0, Vec::new());
        for sentence in sentences.chain(articles.iter().flat_map(|text| text.lines())) {
            let tokens = normalizer.normalize(sentence);
            let (a, b) = (phonemizer.phonemize(&tokens).unwrap(), read_thoroughly(&phonemizer, &tokens));
            assert_eq!(a.len(), b.len(), "“{sentence}”: {} | {}", phoneme_string(&a), phoneme_string(&b));
            words += a.len();
            for (a, b) in a.iter().zip(&b) {
                assert_eq!(
                    (a.span, a.space_before, a.origin),
                    (b.span, b.space_before, b.origin),
                    "“{sentence}”: {a:?} {b:?}"
                );
                // Only the degree of a word's stress may differ.
                let plain = |phonemes: &str| phonemes.replace(['ˈ', 'ˌ'], "");
                if a.phonemes != b.phonemes {
                    differences.push(format!("{} {} {} in “{sentence}”", a.spoken, a.phonemes, b.phonemes));
                    assert_eq!(plain(&a.phonemes), plain(&b.phonemes), "“{sentence}”");
                }
            }
        }
        assert!(words > 2_000, "{words}");
        assert!(
            differences.len() * 200 < words,
            "{} of {words}:\n{}",
            differences.len(),
            differences.join("\n")
        );
    }
}
