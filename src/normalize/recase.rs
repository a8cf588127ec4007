//! Text in one case: all in small letters, all in capitals, or with a capital on every word. Its letters get the case that
//! running text would give them where the recognisers look at it, so that all forms of a line are spoken alike.
//!
//! Only letters change, and none changes its length: every place in the text stays where it was.

use std::borrow::Cow;

use super::table::is_cue;
use super::{abbreviation, measure, roman};
use crate::lexicon::{AcronymReading, ReadingSource, WrittenEntry};

/// Words that a text needs before its case says that it has only one; fewer are so by chance.
const FEWEST: usize = 5;
/// Letters of the longest word that may change.
const LONGEST: usize = 40;

/// The case of a whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Small,
    Capitals,
    Title,
}

/// The text with the case of running text, if it has only one case.
///
/// The second result is whether it was in capitals.
pub(super) fn recase<'a>(text: &'a str, acronyms: &dyn ReadingSource) -> (Cow<'a, str>, bool) {
    let Some(manner) = manner_of(text) else { return (Cow::Borrowed(text), false) };
    let line = Line { text, words: words(text).collect(), acronyms };
    if manner == Manner::Capitals && !line.is_shouted() {
        return (Cow::Borrowed(text), false);
    }
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    let mut raises_next = false;
    for at in 0..line.words.len() {
        let (start, word) = line.words[at];
        out.push_str(&text[end..start]);
        end = start + word.len();
        let new = match manner {
            Manner::Small => line.raised(at, &mut raises_next),
            Manner::Capitals => line.lowered(at),
            Manner::Title => line.untitled(at),
        };
        match new.filter(|new| new.len() == word.len()) {
            Some(new) => out.push_str(&new),
            None => out.push_str(word),
        }
    }
    out.push_str(&text[end..]);
    (Cow::Owned(out), manner == Manner::Capitals)
}

/// A source of readings that says no acronym in full, for headlines in capitals.
pub(super) struct Brief<'a>(pub(super) &'a dyn ReadingSource);

impl ReadingSource for Brief<'_> {
    fn reading(&self, acronym: &str) -> Option<AcronymReading> {
        self.0.reading(acronym)
    }

    fn has_entries(&self) -> bool {
        self.0.has_entries()
    }

    fn entry(&self, text: &str, previous: &str) -> Option<WrittenEntry> {
        self.0.entry(text, previous)
    }
}

/// The runs of letters of a text, and where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(|c: char| !c.is_alphabetic()).filter_map(move |word| {
        let start = at;
        // The mark behind the word is as long as it is.
        at = start + word.len() + text[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((start, word))
    })
}

/// The case of a text, when it has only one; most texts are found out by their first words.
fn manner_of(text: &str) -> Option<Manner> {
    let (mut count, mut small, mut capitals, mut inner) = (0, false, false, false);
    for (start, word) in words(text) {
        let follows_mark = text[..start].ends_with(|c: char| c.is_ascii_digit() || "'’.-".contains(c));
        let mut letters = word.chars();
        let is_capital = letters.next().is_some_and(char::is_uppercase);
        inner |= letters.any(char::is_lowercase);
        if !follows_mark {
            count += 1;
            small |= !is_capital;
        }
        capitals |= word.contains(char::is_uppercase);
        if small && capitals {
            return None;
        }
    }
    match (count >= FEWEST, capitals, small || inner, small) {
        (true, false, true, _) => Some(Manner::Small),
        (true, true, false, _) => Some(Manner::Capitals),
        (true, true, true, false) => Some(Manner::Title),
        _ => None,
    }
}

/// A text in one case.
struct Line<'a> {
    text: &'a str,
    words: Vec<(usize, &'a str)>,
    acronyms: &'a dyn ReadingSource,
}

impl Line<'_> {
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |(_, word)| word)
    }

    /// The text between a word and the one before it.
    fn gap(&self, at: usize) -> &str {
        let end = self.words.get(at).map_or(self.text.len(), |(start, _)| *start);
        let start = at.checked_sub(1).map_or(0, |before| self.words[before].0 + self.words[before].1.len());
        &self.text[start..end]
    }

    /// Whether the word stands behind an apostrophe: the s of `it's`.
    fn is_ending(&self, at: usize) -> bool {
        at > 0 && matches!(self.gap(at), "'" | "’")
    }

    fn has_stop(&self, at: usize) -> bool {
        self.gap(at + 1).starts_with('.')
    }

    /// Whether a number stands before a word, directly or after a space or hyphen.
    fn follows_number(&self, at: usize) -> bool {
        let gap = self.gap(at);
        gap.strip_suffix([' ', '-']).unwrap_or(gap).ends_with(|c: char| c.is_ascii_digit())
    }

    /// Whether a word in capitals is a numeral; XI is one only where the word before says so.
    fn is_numeral(&self, at: usize) -> bool {
        let (word, before) = (self.word(at), at.checked_sub(1).map_or("", |before| self.word(before)));
        roman::is_numeral(word) && (word != "XI" || is_cue("regnal", before) || is_cue("numbered", before))
    }

    fn is_acronym(&self, capitals: &str) -> bool {
        let reading = self.acronyms.reading(capitals);
        matches!(reading, Some(AcronymReading::Letters | AcronymReading::Words(_)))
    }

    /// Whether a text in capitals has words that are no acronyms.
    fn is_shouted(&self) -> bool {
        let is_word = |(_, word): &&(usize, &str)| {
            word.chars().nth(1).is_some() && word.len() <= LONGEST && self.acronyms.reading(word).is_none()
        };
        let unlisted = self.words.iter().filter(is_word).count();
        unlisted >= 4 || unlisted >= 2 && self.words.iter().any(|(_, word)| is_cue("shout", word))
    }

    /// A word of a text in small letters that should have capitals. `raises_next` is set when the next one should too.
    fn raised(&self, at: usize, raises_next: &mut bool) -> Option<String> {
        let word = self.word(at);
        let is_raised = std::mem::take(raises_next);
        if self.is_ending(at) || word.len() > LONGEST {
            return None;
        }
        let capitals = word.to_uppercase();
        let before = at.checked_sub(1).map_or("", |before| self.word(before));
        let is_letter = word.chars().nth(1).is_none();
        if matches!(word, "c" | "f") && self.gap(at).ends_with('°') {
            return Some(capitals);
        }
        // "pg&e", "s&p"
        if word.len() <= 2 && (self.gap(at + 1) == "&" || at > 0 && self.gap(at) == "&") {
            return Some(capitals);
        }
        // "d-calif.", "(r-ohio)"
        if matches!(word, "d" | "r") && self.gap(at + 1) == "-" && !self.gap(at).ends_with('-') {
            let state = self.word(at + 1);
            let is_state =
                abbreviation::is_state(&capitalized(state)) || abbreviation::is_state(&state.to_uppercase());
            *raises_next = is_state;
            return is_state.then_some(capitals);
        }
        if word == "co" && self.gap(at + 1).starts_with('2') {
            return Some(capitals);
        }
        if is_letter {
            return None;
        }
        if matches!(
            word,
            "ii" | "iii" | "iv" | "vi" | "vii" | "viii" | "ix" | "xi" | "xii" | "xiii" | "xiv" | "xv" | "xvi"
        ) && self.gap(at) == " "
            && (is_cue("regnal", before) || is_cue("numbered", before))
        {
            return Some(capitals);
        }
        let next = self.word(at + 1);
        let next_is_numeral = next.len() > 1 && roman::is_numeral(&next.to_uppercase());
        if next_is_numeral && (is_cue("regnal", word) || is_cue("numbered", word)) {
            return Some(capitalized(word));
        }
        if is_cue("model", word)
            && self.gap(at + 1).starts_with(' ')
            && self.text[self.words[at].0..]
                .split(' ')
                .nth(1)
                .is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()))
        {
            return Some(capitalized(word));
        }
        // "one more rep." ends a sentence.
        let is_title =
            matches!(word, "st" | "mt" | "dr") || abbreviation::title(&capitalized(word)).is_some();
        if is_title && self.gap(at + 1) == ". " && !self.word(at + 1).is_empty() {
            *raises_next = true;
            return Some(capitalized(word));
        }
        // "9:15 p.m. et"
        if is_cue("zone", word) && word.len() <= 4 && self.gap(at).starts_with('.') && before == "m" {
            return Some(capitals);
        }
        if is_raised {
            return Some(if word.len() == 2 { capitals } else { capitalized(word) });
        }
        if is_cue("caseful", word) || self.follows_number(at) && is_after_number(word) {
            return None;
        }
        if self.is_acronym(&capitals) {
            return Some(capitals);
        }
        // "mps", "evs"
        let stem = word.strip_suffix('s').filter(|stem| stem.len() > 1 && !is_cue("caseful", stem))?;
        let stem = stem.to_uppercase();
        self.is_acronym(&stem).then(|| format!("{stem}s"))
    }

    /// A word of a text in capitals as running text would have it: a capital in front, for it may be a name.
    fn lowered(&self, at: usize) -> Option<String> {
        let word = self.word(at);
        let small = word.to_lowercase();
        // "1990S", "IT'S"
        let is_glued_s = word == "S" && self.gap(at).ends_with(|c: char| c.is_ascii_digit());
        if self.is_ending(at) || is_glued_s {
            return Some(small);
        }
        let is_short = word.chars().nth(1).is_none() && !self.gap(at).ends_with(' ');
        if self.follows_number(at) && !is_short && is_after_number(&small) {
            return Some(small);
        }
        if word.chars().nth(1).is_none() {
            return (word == "A" && self.gap(at + 1) == " ").then_some(small);
        }
        if self.has_stop(at) && abbreviation::is_listed(&capitalized(&small)) {
            return Some(capitalized(&small));
        }
        if matches!(self.gap(at), "-") && self.has_stop(at) && abbreviation::is_state(&capitalized(&small)) {
            return Some(capitalized(&small));
        }
        if is_cue("plain", word) {
            return Some(small);
        }
        if self.acronyms.reading(word).is_some() || self.is_numeral(at) {
            return None;
        }
        if is_cue("shout", word) || is_cue("function", word) {
            return Some(small);
        }
        if let Some(stem) = word.strip_suffix('S').filter(|stem| stem.len() > 1)
            && self.is_acronym(stem)
            && !is_cue("caseful", &stem.to_lowercase())
        {
            return Some(format!("{stem}s"));
        }
        // What can't be said stays an acronym; longer words can.
        let is_word = word.contains(|c: char| "AEIOUY".contains(c) || !c.is_ascii()) || word.len() > 5;
        is_word.then(|| capitalized(&small))
    }

    /// A word of a title that should have no capital: a unit, the A of `A.m.`
    fn untitled(&self, at: usize) -> Option<String> {
        let word = self.word(at);
        let small = word.to_lowercase();
        let is_unit = self.follows_number(at)
            && !word.chars().all(|c| c.is_uppercase() && word.len() > 1)
            && (word == "M" && self.gap(at).ends_with(' ')
                || word.len() > 1 && measure::is_written_unit(&small));
        let is_half_day = matches!(word, "A" | "P") && self.gap(at + 1) == "." && self.word(at + 1) == "m";
        (is_unit || is_half_day).then_some(small)
    }
}

/// Whether a word in small letters goes with the number before it.
fn is_after_number(word: &str) -> bool {
    matches!(word, "am" | "pm") || is_cue("magnitude", word) || measure::is_written_unit(word)
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::table_test::each;

    #[test]
    fn lines_of_one_case_get_the_case_of_running_text() {
        let rows = [
            ("the imf lent us $3 at 9 p.m. et.", "the IMF lent us $3 at 9 p.m. ET."),
            ("king charles iii met gen. smith at 41°c", "king Charles III met Gen. Smith at 41°C"),
            ("sen. ortega, d-calif., and 60 mps agreed", "Sen. Ortega, D-Calif., and 60 MPs agreed"),
            ("THE IMF LENT DR. KIM 20 CM IN THE 1990S", "the IMF Lent Dr. Kim 20 cm in the 1990s"),
            ("NASA AND NATO MET IN THE U.S. AND THE UN", "NASA and NATO Met in the U.S. and the UN"),
            ("The Tunnel Is 57 Km Long At 6 A.m.", "The Tunnel Is 57 km Long At 6 a.m."),
            ("The tunnel is 57 Km long", "The tunnel is 57 Km long"),
            ("the imf agreed", "the imf agreed"),
            ("we did one more rep.", "we did one more rep."),
        ];
        let lexicon = Lexicon::built_in();
        each(rows, |(text, want)| {
            assert_eq!(recase(text, &lexicon).0, want);
        });
    }

    #[test]
    fn no_place_in_the_text_moves() {
        let lexicon = Lexicon::built_in();
        for text in ["ﬁve İSTANBUL ÉTATS ẞ K A B C THE", "ǆ the imf — “gen. ñandú” went to a st. b"]
        {
            assert_eq!(recase(text, &lexicon).0.len(), text.len());
        }
        assert_eq!(words("“a—b” ").collect::<Vec<_>>(), [(3, "a"), (7, "b")]);
    }
}
