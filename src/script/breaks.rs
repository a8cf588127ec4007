//! The strength of the boundaries within a sentence: where a reader would breathe.
//!
//! Marks decide first, then conjunctions. In the rest, a phrase ends where a word of content is followed by a function
//! word: M. Liberman and K. Church, “Text analysis and word pronunciation in text-to-speech synthesis”, in *Advances
//! in Speech Signal Processing* (1992), call them chunks and chinks. Words that a newsreader would never separate are
//! bound together. Examples are a function word and its next word, a title and a name, or the words of a name or
//! number.

use super::piece::ScriptPiece;
use crate::phonemize::{Origin, PhonemeWord};
use crate::segment::Break;

const CONJUNCTIONS: [&str; 16] = [
    "and", "or", "but", "nor", "yet", "so", "because", "although", "though", "while", "when", "where",
    "which", "who", "if", "that",
];
const FUNCTION_WORDS: [&str; 78] = [
    "a", "about", "above", "across", "after", "against", "along", "amid", "among", "an", "are", "around",
    "as", "at", "be", "been", "before", "behind", "below", "between", "by", "can", "could", "despite",
    "during", "every", "for", "from", "had", "has", "have", "her", "his", "in", "inside", "into", "is",
    "its", "may", "might", "must", "my", "near", "no", "not", "of", "off", "on", "onto", "our", "over",
    "per", "shall", "should", "since", "than", "the", "their", "these", "this", "those", "through", "to",
    "toward", "towards", "under", "until", "upon", "versus", "very", "via", "was", "were", "will", "with",
    "within", "without", "would",
];
/// Titles and ranks that stand before a name, in lower case as they are in running text.
const TITLES: [&str; 40] = [
    "admiral",
    "ambassador",
    "analyst",
    "author",
    "captain",
    "chairman",
    "chairwoman",
    "chancellor",
    "chief",
    "coach",
    "colonel",
    "commissioner",
    "congressman",
    "congresswoman",
    "director",
    "doctor",
    "executive",
    "general",
    "governor",
    "judge",
    "justice",
    "king",
    "lawmaker",
    "leader",
    "lieutenant",
    "mayor",
    "minister",
    "miss",
    "missus",
    "mister",
    "pope",
    "premier",
    "president",
    "prince",
    "princess",
    "professor",
    "queen",
    "secretary",
    "senator",
    "sergeant",
];

/// Decides how strong the boundary after each piece of a sentence of `text` is.
pub(super) fn set_breaks(sentence: &mut [ScriptPiece], text: &str) {
    for index in 0..sentence.len() {
        let next = sentence.get(index + 1).and_then(|piece| first_word(&piece.words));
        let strength = match (next, mark_at_end(&sentence[index].words)) {
            (None, _) => Break::Sentence,
            (_, Some(';' | ':' | '—' | '…' | '.' | '!' | '?')) => Break::Clause,
            (_, Some(',' | ')')) => Break::Comma,
            (Some(next), _) => match last_word(&sentence[index].words) {
                Some(word) => between(word, next, text),
                None => Break::Word,
            },
        };
        sentence[index].break_after = strength;
    }
}

fn first_word(words: &[PhonemeWord]) -> Option<&PhonemeWord> {
    words.iter().find(|word| word.origin != Origin::Punctuation)
}

fn last_word(words: &[PhonemeWord]) -> Option<&PhonemeWord> {
    words.iter().rev().find(|word| word.origin != Origin::Punctuation)
}

fn mark_at_end(words: &[PhonemeWord]) -> Option<char> {
    let marks = words.iter().rev().take_while(|word| word.origin == Origin::Punctuation);
    marks.filter_map(|word| word.phonemes.chars().find(|c| !"\"“”".contains(*c))).last()
}

/// The boundary between two words that no mark parts.
fn between(word: &PhonemeWord, next: &PhonemeWord, text: &str) -> Break {
    let (this, that) = (word.spoken.to_lowercase(), next.spoken.to_lowercase());
    let is_one_token = word.span.start < next.span.end && next.span.start < word.span.end;
    let is_name = is_capitalised(&word.spoken) && is_capitalised(&next.spoken);
    let is_titled = TITLES.contains(&&*this) && is_capitalised(&next.spoken);
    if is_one_token {
        Break::Bound
    } else if CONJUNCTIONS.contains(&&*that) {
        Break::Conjunction
    } else if is_function_word(&this) || is_name || is_titled {
        Break::Bound
    } else if is_function_word(&that) {
        Break::Phrase
    } else if is_number(word, text) {
        Break::Bound
    } else {
        Break::Word
    }
}

fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.binary_search(&word).is_ok() || CONJUNCTIONS.contains(&word)
}

fn is_capitalised(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// Whether a word was written in figures: the counted noun follows.
fn is_number(word: &PhonemeWord, text: &str) -> bool {
    let written = text.get(word.span.start..word.span.end).unwrap_or_default();
    written.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::article::Article;
    use crate::report::{SpeechSettings, front_end};
    use crate::script::Room;
    use crate::table_test::each;
    use crate::text::Dialect;

    /// The article in chunks of at most `most` phonemes, as it is written.
    fn parts(text: &str, most: usize) -> Vec<String> {
        let article = Arc::new(Article::from_text(text.to_string()));
        let front_end = Arc::new(front_end(Dialect::AmericanEnglish, &SpeechSettings::default()));
        let script = front_end.live_script(article.clone(), move || Room { least: 10, most });
        script.map(|chunk| chunk.unwrap().span.of(article.text()).to_string()).collect()
    }

    #[test]
    fn tables_are_sorted() {
        assert!(FUNCTION_WORDS.is_sorted() && TITLES.is_sorted());
    }

    #[test]
    fn sentences_are_cut_where_a_newsreader_breathes() {
        let rows = [
            (
                "The finance ministers met in the old harbor town before the winter holidays.",
                30,
                &["The finance ministers met", "in the old harbor town", "before the winter holidays."][..],
            ),
            (
                "Yesterday in Busan president Lee Jae-myung opened the terminal.",
                25,
                &["Yesterday in Busan", "president Lee Jae-myung", "opened the terminal."],
            ),
            (
                "It cost 350 billion won last year alone.",
                45,
                &["It cost 350 billion won", "last year alone."],
            ),
        ];
        each(rows, |(text, most, want)| {
            assert_eq!(parts(text, most), want, "{text}");
        });
    }
}
