//! Readings of single words: the dictionary that decides, and the rules for endings, hyphens and accents.

use super::feed::Feed;
use super::romanization::{self, Hints};
use super::{LONGEST_WORD, Origin, Phonemizer, heteronym, letter_to_sound, morphology, spell};
use crate::alphabet;
use crate::lexicon::MOST_NAME_WORDS;
use crate::lexicon::user::Reading;
use crate::normalize::{SemioticClass, SpokenToken};
use crate::text::Dialect;

impl Phonemizer {
    /// Adds a token to the feed; decides which of its words misaki need not read.
    pub(super) fn feed_token(&self, tokens: &[SpokenToken], at: usize, hints: &Hints, feed: &mut Feed) {
        let token = &tokens[at];
        match token.class {
            SemioticClass::Punctuation => feed.push(&token.text),
            SemioticClass::Lexicon => self.feed_entry(tokens, at, hints, feed),
            SemioticClass::Letters => {
                let phonemes = spell::letters(&token.text, self.spelling == Dialect::BritishEnglish);
                feed.push_override(&token.text.replace(' ', ""), phonemes, Origin::Letters);
            }
            _ => {
                for (index, word) in token.text.split(' ').enumerate() {
                    if index > 0 {
                        feed.push(" ");
                    }
                    self.feed_word(word, &hints.at(at), feed);
                }
            }
        }
    }

    /// Adds the words from `at` on that are a name of several words; returns how many tokens they were.
    pub(super) fn feed_name(&self, tokens: &[SpokenToken], at: usize, feed: &mut Feed) -> usize {
        let is_word = |token: &SpokenToken| token.class == SemioticClass::Plain && !token.text.contains(' ');
        if !is_word(&tokens[at]) {
            return 0;
        }
        let Some(longest) = self.lexicon.longest_name_from(&tokens[at].text) else { return 0 };
        let following = tokens[at + 1..].iter().take(longest.min(MOST_NAME_WORDS) - 1);
        let most = 1 + following.take_while(|token| is_word(token) && token.space_before).count();
        for count in (2..=most).rev() {
            let words = &tokens[at..at + count];
            let name = words.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
            let (stem, ending) = split_ending(&name);
            let Some(phonemes) = self.lexicon.name(stem) else { continue };
            for (index, (token, sound)) in words.iter().zip(phonemes.split(' ')).enumerate() {
                let is_possessive = index + 1 == count && ending == "'s";
                let ending = if is_possessive { spell::ending_after(sound) } else { "" };
                feed.open_token(token);
                feed.push_override(&token.text, format!("{sound}{ending}"), Origin::Name);
                feed.close_token();
            }
            return count;
        }
        0
    }

    /// Adds words that the normaliser found in the user's lexicon.
    fn feed_entry(&self, tokens: &[SpokenToken], at: usize, hints: &Hints, feed: &mut Feed) {
        let text = tokens[at].text.as_str();
        let (stem, ending) = split_ending(text);
        let previous =
            at.checked_sub(1).and_then(|at| tokens[at].text.rsplit([' ', '-']).next()).unwrap_or_default();
        let next =
            tokens.get(at + 1).and_then(|token| token.text.split([' ', '-']).next()).unwrap_or_default();
        let user = self.lexicon.user();
        let found = user.find(text, previous, next).map(|entry| (entry, "")).or_else(|| {
            user.find(stem, previous, next).map(|entry| (entry, if ending == "'s" { ending } else { "" }))
        });
        match found.map(|(entry, ending)| (&entry.reading, ending)) {
            Some((Reading::Phonemes(phonemes), ending)) => {
                let sound = if ending.is_empty() { "" } else { spell::ending_after(phonemes) };
                feed.push_override(text, format!("{phonemes}{sound}"), Origin::User);
            }
            _ => self.feed_word(text, &hints.at(at), feed),
        }
    }

    fn feed_word(&self, word: &str, hints: &romanization::Hint, feed: &mut Feed) {
        if word.len() > LONGEST_WORD {
            return self.feed_monster(word, feed);
        }
        let parts: Vec<&str> = word.split('-').filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            match self.reading(word, false, hints) {
                Some((phonemes, origin)) => feed.push_override(word, phonemes, origin),
                None => feed.push(&fold(word)),
            }
            return;
        }
        let is_name = word.starts_with(char::is_uppercase);
        let (stem, ending) = split_ending(word);
        if is_name && let Some(phonemes) = self.lexicon.name(stem) {
            let sound = if ending == "'s" { spell::ending_after(phonemes) } else { "" };
            return feed.push_override(word, format!("{phonemes}{sound}"), Origin::Name);
        }
        let given_name = romanization::given_name(&parts, hints);
        let readings: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(index, part)| {
                let syllable = given_name.as_ref().and_then(|syllables| syllables.get(index)).cloned();
                let known = self.known_reading(part, is_name);
                known
                    .or(syllable.map(|phonemes| (phonemes, Origin::Romanization)))
                    .or_else(|| self.reading(part, is_name, hints))
            })
            .collect();
        // “Russia-North Korea ties” has two names; “worst-case” is one word to misaki.
        let are_names = parts.iter().all(|part| part.starts_with(char::is_uppercase));
        if readings.iter().all(Option::is_none) && (!are_names || self.is_in_dictionary(&fold(stem))) {
            feed.push(&fold(word));
            return;
        }
        // Misaki would take the compound for one unknown word: its parts are given apart.
        for (index, (part, reading)) in parts.into_iter().zip(readings).enumerate() {
            if index > 0 {
                feed.push(" ");
            }
            match reading {
                Some((phonemes, origin)) => feed.push_override(part, phonemes, origin),
                None => feed.push(&fold(part)),
            }
        }
    }

    /// Reads a "word" that no language has, piece by piece; no piece is dropped.
    fn feed_monster(&self, word: &str, feed: &mut Feed) {
        let letters: Vec<char> = word.chars().filter(|letter| letter.is_alphanumeric()).collect();
        for (index, piece) in letters.chunks(LONGEST_WORD / 4).enumerate() {
            if index > 0 {
                feed.push(" ");
            }
            let piece: String = piece.iter().collect();
            let (phonemes, origin) = match letter_to_sound::babble(&piece, self.dialect) {
                Some(phonemes) => (phonemes, Origin::LetterToSound),
                None => (spell::letters(&piece, self.spelling == Dialect::BritishEnglish), Origin::Spelled),
            };
            feed.push_override(&piece, phonemes, origin);
        }
    }

    /// The reading of a word by the user's lexicon or as a name. The lexicon has name syllables in lower case
    /// (`Jae-myung`), which count only within a capitalised compound.
    fn known_reading(&self, word: &str, is_in_name: bool) -> Option<(String, Origin)> {
        let (stem, ending) = split_ending(word);
        // “-es'” and “-s'” add no sound of their own.
        let with_ending = |phonemes: &str, origin| {
            let sound = if ending == "'s" { spell::ending_after(phonemes) } else { "" };
            (format!("{phonemes}{sound}"), origin)
        };
        if let Some(Reading::Phonemes(phonemes)) = self.lexicon.user().get(word).map(|entry| &entry.reading) {
            return Some((phonemes.clone(), Origin::User));
        }
        if let Some(Reading::Phonemes(phonemes)) = self.lexicon.user().get(stem).map(|entry| &entry.reading) {
            return Some(with_ending(phonemes, Origin::User));
        }
        if let Some(phonemes) = self.name(word, is_in_name) {
            return Some((phonemes.to_string(), Origin::Name));
        }
        let phonemes = self.name(stem, is_in_name).filter(|_| !ending.is_empty())?;
        Some(with_ending(phonemes, Origin::Name))
    }

    fn name(&self, word: &str, is_in_name: bool) -> Option<&'static str> {
        let may_be_name = is_in_name || word.starts_with(|first: char| !first.is_lowercase());
        // Datelines and headlines: BUSAN.
        let found = self.lexicon.name(word).or_else(|| self.lexicon.name(&capitalised(word)));
        found.filter(|_| may_be_name)
    }

    /// The reading of a word that misaki should not, or can't, read; `None` leaves it to misaki.
    fn reading(&self, word: &str, is_in_name: bool, hint: &romanization::Hint) -> Option<(String, Origin)> {
        if let Some(known) = self.known_reading(word, is_in_name) {
            return Some(known);
        }
        let (stem, ending) = split_ending(word);
        let with_ending = |phonemes: &str, origin| {
            let sound = if ending == "'s" { spell::ending_after(phonemes) } else { "" };
            Some((format!("{phonemes}{sound}"), origin))
        };
        if let Some(phonemes) = heteronym::loanword(stem) {
            return with_ending(&self.in_dialect(phonemes), Origin::Dictionary);
        }
        let folded = fold(stem);
        if self.is_in_dictionary(&folded) {
            // Misaki reads its own words, “'s” included; a bare apostrophe it takes for a quotation mark.
            return (ending == "'").then(|| self.dictionary_reading(&folded)).flatten();
        }
        if let Some(singular) = stem.strip_suffix('s').filter(|name| name.len() > 2)
            && let Some(phonemes) = self.name(singular, is_in_name)
        {
            let plural = format!("{phonemes}{}", spell::ending_after(phonemes));
            return with_ending(&plural, Origin::Name);
        }
        let in_dictionary = |word: &str| {
            self.words().get_word(word, "NN", None, None).filter(|phonemes| !phonemes.is_empty())
        };
        if let Some(phonemes) = morphology::derive(&folded.to_lowercase(), in_dictionary) {
            return with_ending(&phonemes, Origin::Dictionary);
        }
        let is_capitals = stem.chars().count() > 1 && !stem.chars().any(char::is_lowercase);
        let spelling = if is_capitals { capitalised(stem) } else { stem.to_string() };
        if let Some(phonemes) = romanization::pronounce(&spelling, hint) {
            return with_ending(&phonemes, Origin::Romanization);
        }
        match letter_to_sound::pronounce(&spelling, self.dialect) {
            Some(phonemes) => with_ending(&phonemes, Origin::LetterToSound),
            None => {
                with_ending(&spell::letters(stem, self.spelling == Dialect::BritishEnglish), Origin::Spelled)
            }
        }
    }

    fn dictionary_reading(&self, word: &str) -> Option<(String, Origin)> {
        Some((self.words().get_word(word, "NNS", None, None)?, Origin::Dictionary))
    }

    fn is_in_dictionary(&self, word: &str) -> bool {
        let is_capitals = word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
        // Misaki would spell an unknown word in capitals; whether it is spelled was decided before.
        let key =
            if is_capitals && !self.words().in_gold(word) { word.to_lowercase() } else { word.to_string() };
        self.words().get_word(&key, "NN", None, None).is_some_and(|phonemes| !phonemes.is_empty())
    }
}

/// The word without accents, as English dictionaries have it; capitals stay.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_string();
    }
    word.chars()
        .map(|letter| {
            let plain = alphabet::plain(letter);
            if letter.is_uppercase() { plain.to_ascii_uppercase() } else { plain }
        })
        .collect()
}

/// Splits `'s` or a final apostrophe off.
fn split_ending(word: &str) -> (&str, &'static str) {
    let possessive = word.strip_suffix("'s").or_else(|| word.strip_suffix("'S"));
    match (possessive, word.strip_suffix('\'')) {
        (Some(stem), _) if !stem.is_empty() => (stem, "'s"),
        (None, Some(stem)) if !stem.is_empty() => (stem, "'"),
        _ => (word, ""),
    }
}

/// `KOSPI` as `Kospi`.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first: String = letters.next().into_iter().collect();
    first + &letters.as_str().to_lowercase()
}
