//! Titles and abbreviations with the sense their place gives them; states and parties.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reading::{Context, Reading, stop_ends_sentence};
use super::table::Prefilter;
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass::Abbreviation;
use super::{date, money, month, roman, table, uncased};
use crate::abbreviations;
use crate::tsv;

/// The senses of an abbreviation and their conditions; the first one that fits is taken.
type Sense = (&'static str, &'static str);

static ABBREVIATIONS: LazyLock<HashMap<&str, Vec<Sense>>> = LazyLock::new(|| {
    let mut senses: HashMap<&str, Vec<Sense>> = HashMap::new();
    for [written, spoken, when] in abbreviations::senses() {
        senses.entry(written).or_default().push((spoken, when));
    }
    senses
});

static STATES: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tsv::pairs(include_str!("data/states.tsv")).collect());

/// No abbreviation is longer, in bytes.
const LONGEST: usize = 16;

fn is_capitalized(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// All words that [`is_listed`] must know.
static LISTED: LazyLock<Prefilter> = LazyLock::new(|| {
    let words = ABBREVIATIONS.keys().copied().chain(["St", "Ste", "Dr", "et"]);
    Prefilter::new(words.chain(money::written_currencies()).chain(month::written_months()))
});

/// Whether a word may be an abbreviation, a month or a currency's sign: if not, no recogniser here, of dates or of
/// [`money`] claims it.
pub(super) fn is_listed(word: &str) -> bool {
    word.len() <= LONGEST
        && LISTED.may_hold(word)
        && (ABBREVIATIONS.contains_key(word)
            || matches!(word, "St" | "Ste" | "Dr" | "et")
            || money::is_currency(word)
            || month::month_in_any_case(word).is_some()
            || decapitalized(word).is_some_and(|lowered| ABBREVIATIONS.contains_key(lowered.as_str())))
}

/// An abbreviation of the tables, or one of those that need a look around.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let word = tokens.word(at)?;
    if word.len() > LONGEST {
        return None;
    }
    if let Some(reading) =
        party(tokens, at).or_else(|| state(context, at)).or_else(|| state_based(tokens, at))
    {
        return Some(reading);
    }
    if let Some(reading) = compass(tokens, at, word) {
        return Some(reading);
    }
    match word {
        "est" | "Est" if is_founding_year(tokens, at) => {
            return Reading::one(Abbreviation, "established", at, at + 2);
        }
        // British papers write "No 10".
        "No" if tokens.is_space(at + 1) && tokens.is_number(at + 2) && !table::counts(tokens, at + 3) => {
            return Reading::one(Abbreviation, "number", at, at + 1);
        }
        "b" | "c" if tokens.is_mark(at + 1, '/') => {
            let (next, words) = if word == "b" { ("c", "because") } else { ("o", "care of") };
            return (tokens.word(at + 2) == Some(next))
                .then(|| Reading::one(Abbreviation, words, at, at + 3))
                .flatten();
        }
        "St" | "Ste" => return saint_or_street(tokens, at),
        "Dr" => return doctor_or_drive(tokens, at),
        "v" if tokens.is_mark(at + 1, '.') => {
            let between_names = tokens.word_before(at).is_some_and(is_capitalized);
            return between_names.then(|| Reading::one(Abbreviation, "versus", at, at + 2)).flatten();
        }
        "w" if tokens.is_mark(at + 1, '/') => {
            return match tokens.word(at + 2) {
                Some("o") => Reading::one(Abbreviation, "without", at, at + 3),
                _ => Reading::one(Abbreviation, "with", at, at + 2),
            };
        }
        "et" if tokens.word_after(at + 1) == Some("al") && tokens.is_space(at + 1) => {
            let ends = tokens.is_mark(at + 3, '.') && !stop_ends_sentence(tokens, at + 3);
            return Reading::one(Abbreviation, "and others", at, at + 3 + usize::from(ends));
        }
        "y" | "m" | "q"
            if tokens.is_mark(at + 1, '-')
                && tokens.word(at + 2) == Some("o")
                && tokens.is_mark(at + 3, '-')
                && tokens.word(at + 4) == Some(word) =>
        {
            return Reading::one(Abbreviation, on_period(word), at, at + 5);
        }
        _ if is_part_of_range(tokens, at) => {
            return Reading::one(Abbreviation, first_sense(word)?, at, at + 1);
        }
        "y" | "m" | "q" if tokens.is_mark(at + 1, '/') && tokens.word(at + 2) == Some(word) => {
            return Reading::one(Abbreviation, on_period(word), at, at + 3);
        }
        _ => {}
    }
    listed(tokens, at).or_else(|| uncased::read(context, at, word))
}

/// `y/y`, `q-o-q`.
fn on_period(letter: &str) -> &'static str {
    match letter {
        "y" => "year on year",
        "m" => "month on month",
        _ => "quarter on quarter",
    }
}

/// `Mon-Fri`, `Nov–Jan`: a short name of a day or month without a stop, beside another.
fn is_part_of_range(tokens: &Tokens<'_>, at: usize) -> bool {
    let named =
        |at: usize| tokens.word(at).is_some_and(|word| word.len() <= 5 && date::is_calendar_name(word));
    let follows = tokens.is_dash(at + 1) && named(at + 2);
    let precedes = at > 1 && tokens.is_dash(at - 1) && named(at - 2);
    (follows || precedes)
        && named(at)
        && ABBREVIATIONS.contains_key(tokens.text(at))
        && !tokens.is_mark(at + 1, '.')
}

/// The first sense of a form, whatever its condition.
pub(super) fn first_sense(form: &str) -> Option<&'static str> {
    ABBREVIATIONS.get(form)?.first().map(|(spoken, _)| *spoken)
}

/// The sense of a form before a name.
pub(super) fn title(form: &str) -> Option<&'static str> {
    if form == "Dr" {
        return Some("Doctor");
    }
    ABBREVIATIONS.get(form)?.iter().find(|(_, when)| *when == "name").map(|(spoken, _)| *spoken)
}

/// Whether a word is a state, its abbreviation or its postal code.
pub(super) fn is_state(word: &str) -> bool {
    STATES.contains_key(word) || STATES.values().any(|state| *state == word)
}

/// `est. 1923`; any other number is an estimate.
fn is_founding_year(tokens: &Tokens<'_>, at: usize) -> bool {
    let year = tokens.digits(tokens.over_space(at + 2)).filter(|digits| digits.len() == 4);
    tokens.is_mark(at + 1, '.') && year.is_some_and(|year| year.starts_with('1') || year.starts_with("20"))
}

/// `N. Korea`, `W. 42nd St.`
fn compass(tokens: &Tokens<'_>, at: usize, word: &str) -> Option<Reading> {
    let point = match word {
        "N" => "North",
        "S" => "South",
        "E" => "East",
        "W" => "West",
        _ => return None,
    };
    let next = tokens.over_space(at + 2);
    let place = tokens.word(next).map(|place| place.strip_suffix("'s").unwrap_or(place));
    let street = tokens.word(next).is_some_and(is_capitalized)
        && tokens
            .word_after(next + 1)
            .is_some_and(|word| is_capitalized(word) && table::is_cue("street", word));
    let named =
        street || place.is_some_and(|place| is_capitalized(place) && table::is_cue("compassed", place));
    let ordinal = tokens.is_number(next) && is_ordinal_word(tokens, next + 1);
    (tokens.is_mark(at + 1, '.') && (named || ordinal) && !tokens.is_mark(at.wrapping_sub(1), '.'))
        .then(|| Reading::one(Abbreviation, point, at, at + 2))
        .flatten()
}

/// The token after the last of a dotted abbreviation such as `e.g` or `Ph.D`, longest first.
fn dotted_ends(tokens: &Tokens<'_>, at: usize) -> impl Iterator<Item = usize> {
    let joined = |at: usize| tokens.is_mark(at, '.') && tokens.is_word(at + 1);
    let count = (0..3).take_while(|&count| joined(at + 1 + 2 * count)).count();
    (0..=count).rev().map(move |count| at + 1 + 2 * count)
}

fn listed(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    if at > 1 && tokens.is_mark(at - 1, '.') && tokens.is_word(at - 2) {
        return None;
    }
    let (end, senses, is_lowered) = dotted_ends(tokens, at).find_map(|end| {
        let written = tokens.slice(at, end);
        if let Some(senses) = ABBREVIATIONS.get(written) {
            return Some((end, senses, false));
        }
        let lowered = decapitalized(written)?;
        ABBREVIATIONS.get(lowered.as_str()).map(|senses| (end, senses, true))
    })?;
    let &(spoken, when) = senses.iter().find(|(_, when)| applies(tokens, at, end, when))?;
    let stop = tokens.is_mark(end, '.');
    let next = tokens.over_space(end + usize::from(stop));
    // A title stands before a name even where the name could start a sentence: "Gen. Even".
    let stands_before = when == "number" || when == "name" && tokens.is_word(next);
    let consumed = stop && (stands_before || !stop_ends_sentence(tokens, end));
    let mut spoken = spoken.to_owned();
    // "Approx. 300 fled": the first word of a sentence keeps its capital.
    if tokens.text(at).starts_with(char::is_uppercase) && is_lowered {
        let first: String = spoken.chars().take(1).flat_map(char::to_uppercase).collect();
        spoken.replace_range(..first.len().min(spoken.len()), &first);
    }
    let mut end = end + usize::from(consumed);
    // "Ph.D.s"
    if stop && tokens.word(end) == Some("s") {
        spoken.push('s');
        end += 1;
    }
    Reading::one(Abbreviation, spoken, at, end)
}

/// Whether a sense fits the place of an abbreviation in tokens `at..end`.
fn applies(tokens: &Tokens<'_>, at: usize, end: usize, when: &str) -> bool {
    let stop = tokens.is_mark(end, '.');
    let next = tokens.over_space(end + usize::from(stop));
    match when {
        "any" => tokens.closes_chunk(end),
        "dot" => stop,
        "mid" => stop && !stop_ends_sentence(tokens, end),
        "number" => {
            stop && (tokens.is_number(next)
                || tokens.is_mark(next, '#')
                || table::is_cue("numberedabbr", tokens.text(at))
                    && tokens.word(next).is_some_and(roman::is_numeral))
        }
        "after" => {
            tokens.before(at).is_some_and(|before| tokens.is_number(before) || tokens.is_mark(before, '('))
        }
        // "Sen" is also a surname: after a capitalised word it needs its stop.
        "name" if tokens.text(at) == "Sen" && !stop && tokens.word_before(at).is_some_and(is_capitalized) => {
            false
        }
        "name" => stop || tokens.is_space(end) && tokens.word(next).is_some_and(is_name),
        _ => false,
    }
}

/// Words that may follow a title without a full stop; "Gen Z" is no general, "Gen AI" neither.
fn is_name(word: &str) -> bool {
    is_capitalized(word) && word.contains(char::is_lowercase) && word != "Alpha"
}

/// `Approx` → `approx`; a form with other capitals is another word: HRs are no hours.
fn decapitalized(written: &str) -> Option<String> {
    let (first, rest) = written.split_at_checked(1).filter(|_| written.len() <= LONGEST)?;
    let capitals = rest.contains(char::is_uppercase);
    Some(if capitals { written.to_owned() } else { format!("{}{rest}", first.to_lowercase()) })
}

/// The state whose name or abbreviation starts at `at`, and the token after it.
fn state_at(tokens: &Tokens<'_>, at: usize) -> Option<(&'static str, usize)> {
    dotted_ends(tokens, at).find_map(|end| {
        let written = tokens.slice(at, end);
        let spoken = STATES.get(written)?;
        let stop = tokens.is_mark(end, '.');
        let postal = written.len() == 2 && written.chars().all(char::is_uppercase);
        if !stop && !postal {
            return None;
        }
        let consumed = stop && !postal && !stop_ends_sentence(tokens, end);
        Some((*spoken, end + usize::from(consumed)))
    })
}

/// `Springfield, Ill.`: after a comma.
fn state(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    // "OIL ROSE, OR SO IT SEEMED": in a line of capitals these are words, unless they end a clause.
    let shouted = context.shouted.get(at).copied().unwrap_or(false);
    if shouted
        && matches!(tokens.text(at), "OR" | "IN" | "ME" | "OH" | "HI" | "OK" | "PA" | "MA")
        && !tokens.is_mark(at + 1, '.')
        && matches!(tokens.kind(tokens.over_space(at + 1)), Some(Kind::Word | Kind::Number))
    {
        return None;
    }
    if table::is_cue("surestate", tokens.text(at)) && tokens.is_mark(at + 1, '.') {
        let (spoken, end) = state_at(tokens, at)?;
        return Reading::one(Abbreviation, spoken, at, end);
    }
    let comma = tokens.before(at).filter(|&comma| tokens.is_mark(comma, ','))?;
    let place = tokens.word(comma.checked_sub(1)?).is_some_and(is_capitalized);
    let (spoken, end) = state_at(tokens, at)?;
    let known = place && tokens.is_space(at - 1);
    known.then(|| Reading::one(Abbreviation, spoken, at, end)).flatten()
}

/// `the Mass.-based firm`.
fn state_based(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    if tokens.text(at).len() > 6 {
        return None;
    }
    let (spoken, end) = state_at(tokens, at)?;
    let based = tokens.is_mark(end, '-')
        && tokens.is_mark(end - 1, '.')
        && matches!(tokens.word(end + 1), Some("based" | "born" | "area" | "bound" | "style"));
    based.then(|| Reading::one(Abbreviation, spoken, at, end)).flatten()
}

/// `(R-Texas)`, `D-Calif.`, `(D)`.
fn party(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let party = match tokens.word(at)? {
        "R" => "Republican",
        "D" => "Democrat",
        "I" => "Independent",
        _ => return None,
    };
    if at > 0 && tokens.is_mark(at - 1, '(') && tokens.is_mark(at + 1, ')') {
        return Reading::one(Abbreviation, party, at, at + 1);
    }
    if !tokens.is_dash(at + 1) {
        return None;
    }
    if let Some((state, end)) = state_at(tokens, at + 2) {
        return Reading::one(Abbreviation, format!("{party} of {state}"), at, end);
    }
    // A state written in full; its second word, if it has one, is read after it.
    let word = tokens.word(at + 2)?;
    let name = tokens.slice(at + 2, at + 5);
    let is_state = |name: &str| STATES.values().any(|state| *state == name);
    let known = is_state(word) || is_state(name);
    known.then(|| Reading::one(Abbreviation, format!("{party} of {word}"), at, at + 3)).flatten()
}

/// "St. John" is a saint, "Wall St." a street; "St. John St." is both.
fn saint_or_street(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let stop = tokens.is_mark(at + 1, '.');
    let next = tokens.over_space(at + 1 + usize::from(stop));
    let name_follows = tokens.word(next).is_some_and(is_capitalized);
    let name_before = tokens.word_before(at).is_some_and(is_capitalized);
    if !stop && !name_follows {
        return name_before.then(|| Reading::one(Abbreviation, "Street", at, at + 1)).flatten();
    }
    let numbered = tokens
        .before(at)
        .and_then(|word| tokens.before(word))
        .is_some_and(|number| tokens.is_number(number) || is_ordinal_word(tokens, number));
    let ends = stop && stop_ends_sentence(tokens, at + 1);
    // "Wall St. Journal", "Main St. Station"
    let known = tokens.word_before(at).is_some_and(|word| table::is_cue("streetname", word))
        || tokens.word(next).is_some_and(|word| table::is_cue("streetplace", word));
    let street = name_before && (!name_follows || numbered || ends || known) || is_ordinal_before(tokens, at);
    let spoken = if street { "Street" } else { "Saint" };
    Reading::one(Abbreviation, spoken, at, at + 1 + usize::from(stop && !(street && ends)))
}

fn is_ordinal_word(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.word(at).is_some_and(super::amount::is_ordinal_suffix)
}

/// "42nd St."
fn is_ordinal_before(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.before(at).is_some_and(|before| is_ordinal_word(tokens, before))
}

/// "Dr. Kim" is a doctor, "Rodeo Dr." a drive.
fn doctor_or_drive(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let stop = tokens.is_mark(at + 1, '.');
    let next = tokens.over_space(at + 1 + usize::from(stop));
    let name_follows = next > at + 1 && tokens.word(next).is_some_and(is_capitalized);
    let name_before = tokens.word_before(at).is_some_and(is_capitalized);
    let spoken = match (name_before, name_follows) {
        (true, false) => "Drive",
        (_, true) => "Doctor",
        _ if stop => "Doctor",
        _ => return None,
    };
    let ends = stop && !name_follows && stop_ends_sentence(tokens, at + 1);
    Reading::one(Abbreviation, spoken, at, at + 1 + usize::from(stop && !ends))
}
