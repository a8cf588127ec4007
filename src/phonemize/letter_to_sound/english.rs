//! What is special to English spelling: where the stress falls, what a plain vowel letter sounds
//! like, and the American flap.

use super::{Kind, Sound, is_vowel_letter, is_vowel_phoneme};

/// English endings that fix the stress: the first row stresses the last vowel,
/// the second the one before it, and so on.
const STRESS_BY_ENDING: [&str; 4] = [
    "ee eer ese ette esque oon",
    "tion tions sion sions cian tious cious cial tial cient gious geous gion ic ics ella etta \
     osis itis oma ive",
    "tional ical ically ity ities ety ify ified ia ias ial ian ians io ium ius ious eous uous \
     ient ience ate ates ize ise ized",
    "ated ating ator izing ary ory",
];
/// Endings that leave the stress of their word alone.
const NEUTRAL_ENDINGS: &str = "\
    ingly fully ness less ings ment ments ing ful ers er ed es ism ists ist able ship hood \
    ly man men ville ton";
/// Beginnings that leave the stress to a heavy second syllable.
const LIGHT_BEGINNINGS: &str = "\
    re de be con com in im en ex un dis pro per pre ad ac ap at as ab ob sub sur mis a e for";

/// The index among `vowels` of the stressed one in an English word.
pub(super) fn main_stress(sounds: &[Sound], vowels: &[usize], letters: &[char]) -> usize {
    let word: String = letters.iter().collect();
    let last = vowels.len() - 1;
    let endings = STRESS_BY_ENDING.iter().enumerate();
    let known = endings.flat_map(|(after, row)| row.split(' ').map(move |ending| (after, ending)));
    let longest = known.filter(|(_, ending)| word.ends_with(ending)).max_by_key(|(_, ending)| ending.len());
    if let Some((after, _)) = longest {
        return last.saturating_sub(after);
    }
    let neutral =
        NEUTRAL_ENDINGS.split(' ').filter(|ending| word.ends_with(ending)).map(str::len).max().unwrap_or(0);
    let stem_end = letters.len() - neutral;
    let in_stem = vowels.iter().filter(|&&vowel| sounds[vowel].place < stem_end).count();
    let vowels = if in_stem == 0 { vowels } else { &vowels[..in_stem] };
    match vowels.len() {
        1 => 0,
        2 => usize::from(
            LIGHT_BEGINNINGS.split(' ').any(|beginning| {
                word.starts_with(beginning)
                    && sounds[vowels[1]].place >= beginning.len()
                    && vowels[0] < beginning.len()
            }) && is_heavy(sounds, vowels[1], letters),
        ),
        count if is_heavy(sounds, vowels[count - 2], letters) => count - 2,
        count => count - 3,
    }
}

/// Whether a vowel is long or shut in by two consonants.
fn is_heavy(sounds: &[Sound], vowel: usize, letters: &[char]) -> bool {
    let long = match sounds[vowel].kind {
        Kind::Fixed(symbol) => "AIOWYiuɔɑɜ".contains(symbol),
        Kind::Plain(_) => is_magic(letters, sounds[vowel].place),
        Kind::Weak(_) => false,
    };
    let following = &sounds[vowel + 1..];
    let consonants = following.iter().position(Sound::is_vowel).unwrap_or(following.len());
    let glides = matches!(following.get(1), Some(Sound { kind: Kind::Fixed('ɹ' | 'l' | 'j' | 'w'), .. }));
    long || consonants > 2 || (consonants == 2 && !glides)
}

/// Whether a final silent e makes the vowel at `place` long ("rate", "rates", "rated").
fn is_magic(letters: &[char], place: usize) -> bool {
    match &letters[(place + 1).min(letters.len())..] {
        [consonant, 'e', rest @ ..] => {
            !is_vowel_letter(*consonant)
                && *consonant != 'x'
                && matches!(rest, [] | ['s' | 'd'] | ['l', 'y'] | ['m', 'e', 'n', 't', ..])
        }
        ['t', 'h' | 'c', 'e', rest @ ..] => rest.len() < 2,
        _ => false,
    }
}

/// Endings before which an open vowel is short all the same ("panic", "rapid").
const SHORTENING_ENDINGS: &str = "\
    ic ics id it its ish el et ets in ow age ical ity";

/// The sound of a plain English vowel letter.
pub(super) fn plain_vowel(
    letter: char,
    sound: &Sound,
    letters: &[char],
    vowels_after: usize,
    before: Option<char>,
) -> &'static str {
    let rest = &letters[sound.place + 1..];
    let glideless = before.is_some_and(|symbol| "ɹlʤʧʃstdnzjw".contains(symbol));
    let long_u = if glideless { "u" } else { "ju" };
    let hiatus = rest.first().is_some_and(|&next| is_vowel_letter(next));
    let open = match rest {
        [] => true,
        [_, ..] if hiatus => true,
        ['x', ..] => false,
        [_, 'l', 'e'] | ['t', 'h', _, ..] => true,
        [_, next, ..] => is_vowel_letter(*next) || (*next == 'r' && rest.len() > 3 && rest[0] != 'r'),
        [_] => false,
    };
    let long = match letter {
        'a' if rest.is_empty() => "ɑ",
        'a' => "A",
        'e' | 'é' => "i",
        'i' | 'y' => "I",
        'o' => "O",
        _ => long_u,
    };
    if is_magic(letters, sound.place) {
        return long;
    }
    if sound.stress.is_none() {
        return match letter {
            'i' | 'y' if hiatus || rest.is_empty() => "i",
            'i' | 'y' if !open => "ɪ",
            'e' if hiatus || rest.is_empty() => "i",
            'o' if hiatus || rest.is_empty() => "O",
            'u' if rest.is_empty() || hiatus => long_u,
            'u' if open && long_u == "ju" => "jə",
            _ => "ə",
        };
    }
    let tail: String = rest.iter().skip(1).collect();
    let before_high_hiatus = matches!(rest, [_, 'i' | 'e', next, ..] if is_vowel_letter(*next));
    let stays_short = match vowels_after {
        0 => false,
        1 => SHORTENING_ENDINGS.split(' ').any(|ending| ending == tail),
        _ => !before_high_hiatus || matches!(letter, 'i' | 'y'),
    };
    if open && (hiatus || rest.is_empty() || letter == 'u' || !stays_short) {
        return long;
    }
    match letter {
        'a' => "æ",
        'e' | 'é' => "ɛ",
        'i' | 'y' => "ɪ",
        'o' => "ɑ",
        _ => "ʌ",
    }
}

/// American flaps: a t between a vowel (or ɹ) and a vowel without stress becomes T.
pub(super) fn flap(phonemes: &mut [char]) {
    for middle in 1..phonemes.len().saturating_sub(1) {
        let before = phonemes[middle - 1];
        if phonemes[middle] == 't'
            && (is_vowel_phoneme(before) || before == 'ɹ')
            && is_vowel_phoneme(phonemes[middle + 1])
            && phonemes.get(middle + 2) != Some(&'n').filter(|_| phonemes[middle + 1] == 'ᵊ')
        {
            phonemes[middle] = 'T';
        }
    }
}
