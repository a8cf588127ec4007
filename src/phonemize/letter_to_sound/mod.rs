//! Letter-to-sound: a pronunciation for any word in Latin letters that no dictionary has.
//!
//! The sounds come from a table of context rules, `rules.tsv`, with a section for
//! each spelling system: English (the default), Korean and Japanese romanisation, Pinyin, Slavic
//! names, and "continental" names that end in a vowel. This module guesses the spelling system,
//! applies the rules, places the stress and weakens the vowels that have none.
//!
//! Phonemes are misaki's American English symbols; a stress mark stands before its vowel.

use std::collections::HashMap;
use std::sync::OnceLock;

use spelling::{Spelling, guess_spelling};

use super::spell::ending_after;

mod english;
mod spelling;

/// Gives the phonemes of a word: `pronounce("Kovalenko")` is `kˌOvɑlˈɛnkO`.
///
/// Case matters little (a capital hints at a name), accents are folded, the parts of a hyphenated
/// word are pronounced one by one, and an ending `'s` becomes `s`, `z` or `ɪz`.
/// `None` when a character is no Latin letter or no vowel is found.
pub fn pronounce(word: &str) -> Option<String> {
    let straight = word.replace(['’', 'ʼ', '`'], "'");
    let (stem, possessive) = match straight.strip_suffix("'s").or_else(|| straight.strip_suffix("'S")) {
        Some(stem) => (stem, true),
        None => (straight.as_str(), false),
    };
    let is_name = stem.starts_with(char::is_uppercase);
    let mut phonemes = String::new();
    for part in stem.split(['-', '‐', '‑']).filter(|part| !part.is_empty()) {
        phonemes.push_str(&pronounce_part(part, is_name)?);
    }
    if possessive && !phonemes.is_empty() {
        phonemes.push_str(ending_after(&phonemes));
    }
    phonemes.contains(is_vowel_phoneme).then_some(phonemes)
}

/// One line of the rule table.
struct Rule {
    left: &'static str,
    letters: Vec<char>,
    right: &'static str,
    phonemes: &'static str,
}

/// One sound of a word, with the place of its first letter.
#[derive(Clone, Copy, Debug)]
struct Sound {
    kind: Kind,
    place: usize,
    /// `ˈ` or `ˌ` when it carries a stress.
    stress: Option<char>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Always this phoneme.
    Fixed(char),
    /// This vowel under stress, ə without.
    Weak(char),
    /// A vowel letter whose sound depends on the stress and on what follows.
    Plain(char),
}

impl Sound {
    fn is_vowel(&self) -> bool {
        match self.kind {
            Kind::Fixed(symbol) => is_vowel_phoneme(symbol),
            Kind::Weak(_) | Kind::Plain(_) => true,
        }
    }
}

/// Letters with an accent or of their own, and after `=` the plain letters that stand for them.
const FOLDS: &str = "\
    àáâãäåāăǎạảấầẩẫậắằẳẵặ=a æ=e ąã=an čć=ch ç=s ĉċ=c ďđḍ=d ð=dh é=é èêëēĕėěẹẻẽếềểễệə=e ę=en \
    ğģġĝ=g ħḥ=h ìíîïĩīĭįıỉịǐ=i ĵ=j ķ=k ľĺļŀ=l ł=w ñ=ny ńňņŋ=n òóôõöøōŏőơọỏốồổỗộớờởỡợǒ=o œ=e \
    ŕŗ=r ř=rzh śšşșŝ=sh ß=ss ťţṭ=t ț=ts þ=th ùúûüũūŭůűųưụủứừửữựǔ=u ŵ=w ýÿŷỳỵỷỹ=y źžż=zh \
    ’ʻ'ʼ=";

/// Lower-cases a word and folds its accents; `None` when a character is no Latin letter.
fn fold(word: &str) -> Option<Vec<char>> {
    let folds = || FOLDS.split(' ').filter_map(|fold| fold.split_once('='));
    let mut letters = Vec::new();
    for letter in word.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_lowercase() {
            letters.push(letter);
        } else if let Some((_, plain)) = folds().find(|(accented, _)| accented.contains(letter)) {
            letters.extend(plain.chars());
        } else if !('\u{300}'..='\u{36f}').contains(&letter) {
            return None;
        }
    }
    Some(letters)
}

/// Pronounces a word without hyphens.
fn pronounce_part(part: &str, is_name: bool) -> Option<String> {
    let letters = fold(part)?;
    let spelling = guess_spelling(&letters, is_name);
    let mut sounds = apply_rules(&letters, spelling);
    place_stress(&mut sounds, &letters, spelling);
    let vowels_after = vowels_after_each(&sounds);
    let mut phonemes: Vec<char> = Vec::new();
    for (index, sound) in sounds.iter().enumerate() {
        let before = phonemes.last().copied();
        phonemes.extend(sound.stress);
        match sound.kind {
            Kind::Fixed('ɜ') if sound.stress.is_none() && spelling == Spelling::English => {
                phonemes.push('ə');
            }
            Kind::Fixed(symbol) => {
                // Doubled consonants are said once.
                if phonemes.last() != Some(&symbol) || is_vowel_phoneme(symbol) {
                    phonemes.push(symbol);
                }
            }
            Kind::Weak(symbol) => phonemes.push(if sound.stress.is_some() { symbol } else { 'ə' }),
            Kind::Plain(letter) => {
                phonemes.extend(
                    english::plain_vowel(letter, sound, &letters, vowels_after[index], before).chars(),
                );
            }
        }
    }
    if spelling == Spelling::English {
        english::flap(&mut phonemes);
    }
    (!phonemes.is_empty()).then(|| phonemes.into_iter().collect())
}

/// The rules of every spelling by their first letter, the longest first.
fn rules() -> &'static HashMap<(Spelling, char), Vec<Rule>> {
    static RULES: OnceLock<HashMap<(Spelling, char), Vec<Rule>>> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut table: HashMap<(Spelling, char), Vec<Rule>> = HashMap::new();
        let mut spelling = Spelling::English;
        for line in include_str!("rules.tsv").lines() {
            if let Some(section) = Spelling::of_heading(line) {
                spelling = section;
            }
            let columns: Vec<&'static str> = line.split('\t').collect();
            if let [left, letters, right, phonemes] = columns[..]
                && let Some(first) = letters.chars().next()
            {
                let letters = letters.chars().collect();
                table.entry((spelling, first)).or_default().push(Rule { left, letters, right, phonemes });
            }
        }
        for rules in table.values_mut() {
            rules.sort_by_key(|rule| std::cmp::Reverse(rule.letters.len()));
        }
        table
    })
}

/// Turns letters into sounds, without stress.
fn apply_rules(letters: &[char], spelling: Spelling) -> Vec<Sound> {
    // A y before a vowel is a consonant: the rules that want a vowel before them must not count it.
    let initial_y = usize::from(matches!(letters, ['y', 'a' | 'e' | 'i' | 'o' | 'u', ..]));
    let vowels = (initial_y..letters.len()).find(|&index| is_vowel_letter(letters[index]));
    let first_vowel = vowels.unwrap_or(letters.len());
    let mut sounds: Vec<Sound> = Vec::new();
    let mut place = 0;
    while let Some(&letter) = letters.get(place) {
        let candidates = rules().get(&(spelling, letter)).map_or(&[][..], Vec::as_slice);
        let rule = candidates.iter().find(|rule| {
            let end = place + rule.letters.len();
            letters[place..].starts_with(&rule.letters)
                && alternatives(rule.left).any(|context| left_matches(context, letters, place, first_vowel))
                && alternatives(rule.right).any(|context| right_matches(context, letters, end))
        });
        match rule {
            Some(rule) => {
                push_phonemes(&mut sounds, rule.phonemes, place);
                place += rule.letters.len();
            }
            None => {
                let kind = if is_vowel_letter(letter) { Kind::Plain(letter) } else { Kind::Fixed(letter) };
                sounds.push(Sound { kind, place, stress: None });
                place += 1;
            }
        }
    }
    sounds
}

/// Appends the phonemes of a rule; `?` makes the vowel before it weak, a stress mark is kept.
fn push_phonemes(sounds: &mut Vec<Sound>, phonemes: &str, place: usize) {
    let mut stress = None;
    for symbol in phonemes.chars() {
        match symbol {
            '-' => {}
            'ˈ' | 'ˌ' => stress = Some(symbol),
            '?' => {
                if let Some(Sound { kind, .. }) = sounds.last_mut()
                    && let Kind::Fixed(vowel) = *kind
                {
                    *kind = Kind::Weak(vowel);
                }
            }
            _ => {
                sounds.push(Sound { kind: Kind::Fixed(symbol), place, stress: stress.take() });
            }
        }
    }
}

/// The alternatives of a context column.
fn alternatives(context: &'static str) -> impl Iterator<Item = &'static str> {
    context.split('|').map(|alternative| if alternative == "-" { "" } else { alternative })
}

/// Whether the letters before `place` end in the context.
fn left_matches(context: &str, letters: &[char], place: usize, first_vowel: usize) -> bool {
    let mut before = place;
    for symbol in context.chars().rev() {
        match symbol {
            '~' => return first_vowel < before,
            '$' => return before == 0,
            _ if before == 0 || !letter_matches(symbol, letters[before - 1]) => return false,
            _ => before -= 1,
        }
    }
    true
}

/// Whether the letters from `place` on begin with the context.
fn right_matches(context: &str, letters: &[char], mut place: usize) -> bool {
    context.chars().all(|symbol| match letters.get(place) {
        None => symbol == '$',
        Some(&letter) => {
            place += 1;
            letter_matches(symbol, letter)
        }
    })
}

/// Whether a letter fits a symbol of a context.
fn letter_matches(symbol: char, letter: char) -> bool {
    match symbol {
        'V' => is_vowel_letter(letter),
        'C' => !is_vowel_letter(letter),
        'E' => matches!(letter, 'e' | 'i' | 'y' | 'é'),
        _ => symbol == letter,
    }
}

/// Marks the stressed vowel, and a second one when the word begins far before it.
fn place_stress(sounds: &mut [Sound], letters: &[char], spelling: Spelling) {
    let vowels: Vec<usize> = (0..sounds.len()).filter(|&index| sounds[index].is_vowel()).collect();
    let Some(last) = vowels.len().checked_sub(1) else {
        return;
    };
    let marked = vowels.iter().position(|&vowel| sounds[vowel].stress == Some('ˈ'));
    let main = marked.unwrap_or_else(|| match spelling {
        Spelling::English => english::main_stress(sounds, &vowels, letters),
        Spelling::Korean => 0,
        Spelling::Pinyin => last,
        _ if letters.last() == Some(&'é') => last,
        _ => last.saturating_sub(1),
    });
    for sound in sounds.iter_mut() {
        sound.stress = None;
    }
    sounds[vowels[main]].stress = Some('ˈ');
    if main >= 2 || (spelling == Spelling::Pinyin && main == 1) {
        sounds[vowels[0]].stress = Some('ˌ');
    }
}

/// How many vowels follow each sound.
fn vowels_after_each(sounds: &[Sound]) -> Vec<usize> {
    let mut count = 0;
    let mut after: Vec<usize> = sounds
        .iter()
        .rev()
        .map(|sound| {
            let following = count;
            count += usize::from(sound.is_vowel());
            following
        })
        .collect();
    after.reverse();
    after
}

fn is_vowel_letter(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'é')
}

fn is_vowel_phoneme(symbol: char) -> bool {
    "əiuɑɔɛɜɪʊʌæᵊɐAIWOY".contains(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_spelling_system() {
        let expected =
            [("printing", "pɹˈɪntɪŋ"), ("station", "stˈAʃən"), ("knight", "nˈIt"), ("making", "mˈAkɪŋ")];
        for (word, phonemes) in expected {
            assert_eq!(pronounce(word).as_deref(), Some(phonemes), "{word}");
        }
    }

    #[test]
    fn what_is_no_latin_word_has_no_pronunciation() {
        for word in ["", "-", "'s", "北京", "Киев", "grr", "a1", "🙂"] {
            assert_eq!(pronounce(word), None, "{word}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_a_rule() {
        let lines = include_str!("rules.tsv").lines();
        for line in lines.filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let is_rule = line.split('\t').count() == 4;
            assert!(is_rule || Spelling::of_heading(line).is_some(), "{line}");
        }
    }

    #[test]
    fn any_text_gives_phonemes_only() {
        let alphabet = "bdfhjklmnpstvwzɡŋɹʃʒðθʤʧTəiuɑɔɛɜɪʊʌæᵊɐAIWOYˈˌ";
        let letters: Vec<char> = "aaeeiioouuyybcdfghjklmnpqrstvwxzéñçüşğıøłßÅİ'’-ŉ".chars().collect();
        let mut state = 7_u64;
        for round in 0..5_000_usize {
            let mut word = String::new();
            for _ in 0..=round % 14 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let random = (state >> 33) as usize;
                word.push(if round % 5 == 0 {
                    char::from_u32((random % 0x1_1000) as u32).unwrap_or('\u{301}')
                } else {
                    letters[random % letters.len()]
                });
            }
            let capitalised = word.to_uppercase();
            for word in [&word, &capitalised] {
                let phonemes = pronounce(word).unwrap_or_default();
                let wrong = phonemes.chars().find(|&symbol| !alphabet.contains(symbol));
                assert_eq!(wrong, None, "{word} gives {phonemes}");
            }
        }
        assert!(pronounce(&"Kovalenkong".repeat(20_000)).is_some());
    }
}
