//! Amounts of money: $1.2 billion, €3bn, 5 million USD, $5-10 million.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::amount::{self, Amount, Magnitudes};
use super::locale::Locale;
use super::number;
use super::reading::{Context, Reading, describes_noun};
use super::table::is_cue;
use super::token::Tokens;
use super::token_types::SemioticClass;
use crate::tsv;

#[derive(Debug)]
struct Currency {
    singular: &'static str,
    plural: &'static str,
    /// "cent", "cents", where hundredths are in use.
    hundredth: Option<(&'static str, &'static str)>,
}

static CURRENCIES: LazyLock<HashMap<&str, Currency>> = LazyLock::new(|| {
    tsv::columns(include_str!("data/currencies.tsv"))
        .map(|[written, singular, plural, cent, cents]| {
            let hundredth = (cent != "-").then_some((cent, cents));
            (written, Currency { singular, plural, hundredth })
        })
        .collect()
});

/// The fields of a written sum.
#[derive(Debug)]
struct Money {
    from: Amount,
    /// The upper end of a range.
    to: Option<Amount>,
    currency: &'static Currency,
    /// "a five dollar bill" rather than "five dollars".
    describes: bool,
    /// Whether it is a fraction of a magnitude that comes later: "from $1.2 to $1.5 billion".
    is_scaled: bool,
}

impl Money {
    fn verbalize(&self, locale: Locale) -> String {
        if let Some(to) = &self.to {
            if let Some(text) = self.range_with_hundredths(to, locale) {
                return text;
            }
            let name = self.name(false);
            return format!("{} to {} {name}", self.from.verbalize(locale), to.verbalize(locale));
        }
        let names = self.currency.hundredth.filter(|_| !self.is_scaled);
        if let (Some(hundredth), Some(cents)) = (names, hundredths(&self.from)) {
            return self.with_hundredths(hundredth, cents, locale);
        }
        format!("{} {}", self.from.verbalize(locale), self.name(self.from.is_one()))
    }

    /// `$50.00-$100.00`, `$1.50-2.75`: two prices to the cent.
    fn range_with_hundredths(&self, to: &Amount, locale: Locale) -> Option<String> {
        let names = self.currency.hundredth?;
        let (low, high) = (hundredths(&self.from)?, hundredths(to)?);
        if (low, high) == (0, 0) {
            let whole = |amount: &Amount| Amount { decimals: None, ..amount.clone() }.verbalize(locale);
            return Some(format!("{} to {} {}", whole(&self.from), whole(to), self.name(false)));
        }
        let upper = Self { from: to.clone(), to: None, ..*self };
        let (low, high) =
            (self.with_hundredths(names, low, locale), upper.with_hundredths(names, high, locale));
        Some(format!("{low} to {high}"))
    }

    fn name(&self, one: bool) -> &'static str {
        if one || self.describes { self.currency.singular } else { self.currency.plural }
    }

    fn with_hundredths(&self, names: (&str, &str), cents: u64, locale: Locale) -> String {
        let name = if cents == 1 || self.describes { names.0 } else { names.1 };
        let small = format!("{} {name}", number::cardinal(cents, locale));
        let whole = Amount { decimals: None, ..self.from.clone() };
        let large = format!("{} {}", whole.verbalize(locale), self.name(whole.is_one()));
        match (whole.integer.as_str(), cents) {
            (_, 0) => large,
            ("0" | "", _) => {
                [whole.sign, Some(small.as_str())].into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
            _ => format!("{large} and {small}"),
        }
    }
}

/// An amount's cents. Noughts after them count for nothing: `$20.500`, and one that is missing is meant: `$20.5`.
fn hundredths(amount: &Amount) -> Option<u64> {
    let decimals = amount.decimals.as_deref().filter(|_| amount.magnitude.is_none())?;
    let Some((cents, rest)) = decimals.split_at_checked(2) else {
        return decimals.parse().ok().map(|tenths: u64| 10 * tenths);
    };
    rest.bytes().all(|digit| digit == b'0').then(|| cents.parse().ok()).flatten()
}

/// All signs and codes.
pub(super) fn written_currencies() -> impl Iterator<Item = &'static str> {
    CURRENCIES.keys().copied()
}

/// Whether a word is a currency's sign or code.
pub(super) fn is_currency(word: &str) -> bool {
    CURRENCIES.contains_key(word)
}

/// The currency sign or code at `at` and the token after it.
fn currency_at(tokens: &Tokens<'_>, at: usize) -> Option<(&'static Currency, usize)> {
    // "US $5"
    if tokens.word(at) == Some("US") && tokens.is_space(at + 1) && tokens.is_mark(at + 2, '$') {
        return CURRENCIES.get("US$").map(|currency| (currency, at + 3));
    }
    // "US" "$": no code is longer than three letters.
    if tokens.word(at).is_some_and(|word| word.len() <= 3) {
        if tokens.kind(at + 1) == Some(super::token::Kind::Mark)
            && let Some(currency) = CURRENCIES.get(tokens.slice(at, at + 2))
        {
            return Some((currency, at + 2));
        }
        let currency = CURRENCIES.get(tokens.text(at))?;
        let stop = usize::from(tokens.text(at) == "Rs" && tokens.is_mark(at + 1, '.'));
        return Some((currency, at + 1 + stop));
    }
    tokens.mark(at)?;
    CURRENCIES.get(tokens.text(at)).map(|currency| (currency, at + 1))
}

/// Money with the currency before or after the number.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let minus = matches!(tokens.mark(at), Some('-' | '−' | '–')) && tokens.opens_chunk(at);
    let plus = tokens.is_mark(at, '+') && tokens.opens_chunk(at);
    let about = matches!(tokens.mark(at), Some('~' | '≈')) && tokens.opens_chunk(at);
    let start = at + usize::from(minus || plus || about);
    let (mut money, end) = currency_first(tokens, start)
        .or_else(|| number_first(tokens, start))
        .or_else(|| pence(tokens, start))?;
    if minus {
        money.from.sign = Some("minus");
    } else if plus {
        money.from.sign = Some("plus");
    } else if about {
        money.from.sign = Some("about");
    }
    let worth = tokens.word(end + 1) == Some("worth") && tokens.is_mark(end, '-');
    money.describes = describes_noun(tokens, at, end)
        || money.from.hyphenated && !worth && (tokens.word_after(end).is_some() || tokens.is_mark(end, '-'));
    Reading::one(SemioticClass::Money, money.verbalize(context.locale), at, end)
}

fn currency_first(tokens: &Tokens<'_>, at: usize) -> Option<(Money, usize)> {
    let (currency, after) = currency_at(tokens, at)?;
    if tokens.is_mark(at, '¢') || tokens.word(at) == Some("p") || tokens.text(after) == "\n" {
        return None;
    }
    let from = amount::parse(tokens, tokens.over_space(after), Magnitudes::Money)?;
    let mut end = from.end;
    let mut to = None;
    if let Some(mut second) = dash_after(tokens, end) {
        if let Some((_, after)) = currency_at(tokens, second).filter(|found| std::ptr::eq(found.0, currency))
        {
            second = after;
        }
        if let Some(amount) = amount::parse(tokens, second, Magnitudes::Money).filter(|to| to.sign.is_none())
        {
            end = amount.end;
            to = Some(amount);
        }
    }
    let is_scaled = to.is_none() && is_scaled_later(tokens, end, currency);
    Some((Money { from, to, currency, describes: false, is_scaled }, end))
}

/// Whether "to" or "and" and a sum with a magnitude follow at `at`.
fn is_scaled_later(tokens: &Tokens<'_>, at: usize, currency: &'static Currency) -> bool {
    let next = tokens.over_space(at);
    if !matches!(tokens.word(next), Some("to" | "and" | "or")) {
        return false;
    }
    currency_at(tokens, tokens.over_space(next + 1))
        .filter(|found| std::ptr::eq(found.0, currency))
        .and_then(|(_, after)| amount::parse(tokens, tokens.over_space(after), Magnitudes::Money))
        .is_some_and(|second| second.magnitude.is_some())
}

/// `10p` → "ten pence", `99c` → "ninety-nine cents"; but 720p and its like are lines of a picture.
fn pence(tokens: &Tokens<'_>, at: usize) -> Option<(Money, usize)> {
    let from = amount::parse(tokens, at, Magnitudes::Usual).filter(|from| from.magnitude.is_none())?;
    let end = from.end;
    let lines = matches!(
        from.integer.as_str(),
        "144" | "240" | "360" | "480" | "576" | "720" | "1080" | "1440" | "2160"
    );
    let sign = tokens.word(end).filter(|word| matches!(*word, "p" | "c"))?;
    // "10p.m.", "Section 4c"
    let goes_on = !tokens.closes_chunk(end + 1) || tokens.is_mark(end + 1, '.') && tokens.is_word(end + 2);
    let labels = tokens.word_before(at).is_some_and(|word| {
        ["numbered", "seat", "model", "lettered"].into_iter().any(|set| is_cue(set, word))
    });
    if lines || goes_on || labels || from.integer.len() > 4 {
        return None;
    }
    let currency = CURRENCIES.get(if sign == "p" { "p" } else { "¢" })?;
    Some((Money { from, to: None, currency, describes: false, is_scaled: false }, end + 1))
}

/// The token after a dash that may part the ends of a range.
fn dash_after(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    (tokens.is_dash(at) || tokens.is_mark(at, '~')).then_some(at + 1)
}

fn number_first(tokens: &Tokens<'_>, at: usize) -> Option<(Money, usize)> {
    let from = amount::parse(tokens, at, Magnitudes::Usual)?;
    let mut end = from.end;
    let mut to = None;
    if let Some(second) = dash_after(tokens, end)
        && let Some(amount) = amount::parse(tokens, second, Magnitudes::Usual).filter(|to| to.sign.is_none())
    {
        end = amount.end;
        to = Some(amount);
    }
    let written = tokens.over_space(end);
    let (currency, after) = currency_at(tokens, written)?;
    let is_word = tokens.is_word(written);
    // In "in 2024 $5" the sign belongs to the 5, and "5 US" is no sum.
    let belongs_forward = !is_word && (tokens.is_number(after) || tokens.is_number(tokens.over_space(after)));
    let spaced_sign = !is_word && written != end && !matches!(tokens.mark(written), Some('€' | '₩' | '¢'));
    if belongs_forward
        || spaced_sign
        || is_word && tokens.text(written).len() < 3
        || !tokens.closes_chunk(after)
    {
        return None;
    }
    let is_scaled = false;
    Some((Money { from, to, currency, describes: false, is_scaled }, after))
}
