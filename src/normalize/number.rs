//! Numbers in words: cardinals, ordinals, years, digits one by one.

use super::locale::Locale;

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Short-scale names of the powers of a thousand.
const SCALES: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "quintillion"),
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// `1_234` → "one thousand two hundred thirty-four"; British usage puts "and" before the tens.
pub(crate) fn cardinal(number: u64, locale: Locale) -> String {
    if number < 100 {
        return below_hundred(number);
    }
    let mut words = Vec::new();
    let mut rest = number;
    for (scale, name) in SCALES {
        if rest >= scale {
            words.push(below_thousand(rest / scale, locale));
            words.push(name.to_owned());
            rest %= scale;
        }
    }
    if rest > 0 {
        if locale == Locale::EnGb && rest < 100 && !words.is_empty() {
            words.push("and".to_owned());
        }
        words.push(below_thousand(rest, locale));
    }
    words.join(" ")
}

/// `22` → "twenty-second".
pub(crate) fn ordinal(number: u64, locale: Locale) -> String {
    let words = cardinal(number, locale);
    let last_start = words.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = words.split_at(last_start);
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        _ => last.strip_suffix('y').map_or_else(|| format!("{last}th"), |stem| format!("{stem}ieth")),
    };
    format!("{head}{last}")
}

/// `1905` → "nineteen oh five", `2000` → "two thousand", `2024` → "twenty twenty-four".
pub(crate) fn year(year: u64, locale: Locale) -> String {
    let (century, rest) = (year / 100, year % 100);
    if !(1000..10_000).contains(&year) || century % 10 == 0 && rest < 10 {
        return cardinal(year, locale);
    }
    pair(century, rest)
}

/// `1990` → "nineteen nineties", `2000` → "two thousands".
pub(crate) fn decade(year: u64, locale: Locale) -> String {
    let (century, rest) = (year / 100, year % 100);
    if rest == 0 {
        return format!("{}s", self::year(year, locale));
    }
    let tens = plural_tens(rest);
    if century == 0 { tens } else { format!("{} {tens}", below_hundred(century)) }
}

/// `370` → "three seven zero".
pub(crate) fn digits(number: &str) -> String {
    let words: Vec<&str> =
        number.chars().filter_map(|c| c.to_digit(10)).map(|digit| SMALL[digit as usize]).collect();
    words.join(" ")
}

/// The number of a model, road or law: `320` → "three twenty", `301` → "three oh one", `1600` →
/// "sixteen hundred"; with a nought in front or from five digits on, digit by digit.
pub(crate) fn serial(number: &str, locale: Locale) -> String {
    let value = match number.parse::<u64>() {
        Ok(value) if number.len() <= 4 && !(number.starts_with('0') && number.len() > 1) => value,
        _ => return digits(number),
    };
    match value {
        0..100 => below_hundred(value),
        _ if value % 1000 == 0 || value >= 1000 && value % 1000 < 10 => cardinal(value, locale),
        _ => pair(value / 100, value % 100),
    }
}

fn pair(hundreds: u64, rest: u64) -> String {
    let head = below_hundred(hundreds);
    match rest {
        0 => format!("{head} hundred"),
        1..10 => format!("{head} oh {}", below_hundred(rest)),
        _ => format!("{head} {}", below_hundred(rest)),
    }
}

fn plural_tens(number: u64) -> String {
    let words = below_hundred(number);
    words.strip_suffix('y').map_or_else(|| format!("{words}s"), |stem| format!("{stem}ies"))
}

fn below_thousand(number: u64, locale: Locale) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    match (hundreds, rest) {
        (0, _) => below_hundred(rest),
        (_, 0) => format!("{} hundred", below_hundred(hundreds)),
        _ => {
            let and = if locale == Locale::EnGb { "and " } else { "" };
            format!("{} hundred {and}{}", below_hundred(hundreds), below_hundred(rest))
        }
    }
}

fn below_hundred(number: u64) -> String {
    let number = (number % 100) as usize;
    match (number / 10, number % 10) {
        (0 | 1, _) => SMALL[number].to_owned(),
        (tens, 0) => TENS[tens].to_owned(),
        (tens, ones) => format!("{}-{}", TENS[tens], SMALL[ones]),
    }
}

/// Names of powers are in use up to 999 quintillion.
const MOST_DIGITS: usize = 21;

/// A number of twenty or twenty-one digits: its quintillions and the rest.
fn beyond_u64(digits: &str, locale: Locale) -> String {
    let (quintillions, rest) = digits.split_at(digits.len().saturating_sub(18));
    let (quintillions, rest) = (quintillions.parse().unwrap_or_default(), rest.parse().unwrap_or_default());
    let head = format!("{} quintillion", cardinal(quintillions, locale));
    if rest == 0 { head } else { format!("{head} {}", cardinal(rest, locale)) }
}

/// The words of digits as a number, or digit by digit when the number is too long to say.
pub(super) fn integer_words(digits: &str, locale: Locale) -> String {
    let spelled = digits.len() > 1 && digits.starts_with('0');
    match digits.parse::<u64>() {
        Ok(value) if !spelled => cardinal(value, locale),
        Err(_) if !spelled && digits.len() <= MOST_DIGITS => beyond_u64(digits, locale),
        _ => self::digits(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn cardinals() {
        let rows = [
            (0, "zero", "zero"),
            (13, "thirteen", "thirteen"),
            (40, "forty", "forty"),
            (99, "ninety-nine", "ninety-nine"),
            (100, "one hundred", "one hundred"),
            (101, "one hundred one", "one hundred and one"),
            (1_234, "one thousand two hundred thirty-four", "one thousand two hundred and thirty-four"),
            (2_005, "two thousand five", "two thousand and five"),
            (28_500, "twenty-eight thousand five hundred", "twenty-eight thousand five hundred"),
            (1_000_000, "one million", "one million"),
            (7_000_000_010, "seven billion ten", "seven billion and ten"),
            (
                u64::MAX,
                "eighteen quintillion four hundred forty-six quadrillion seven hundred forty-four trillion \
                 seventy-three billion seven hundred nine million five hundred fifty-one thousand six \
                 hundred fifteen",
                "eighteen quintillion four hundred and forty-six quadrillion seven hundred and forty-four \
                 trillion seventy-three billion seven hundred and nine million five hundred and fifty-one \
                 thousand six hundred and fifteen",
            ),
        ];
        each(rows, |(number, us, gb)| {
            assert_eq!(cardinal(number, Locale::EnUs), us, "{number} US");
            assert_eq!(cardinal(number, Locale::EnGb), gb, "{number} GB");
        });
    }

    #[test]
    fn ordinals() {
        let rows = [
            (0, "zeroth"),
            (1, "first"),
            (2, "second"),
            (3, "third"),
            (5, "fifth"),
            (8, "eighth"),
            (9, "ninth"),
            (11, "eleventh"),
            (12, "twelfth"),
            (20, "twentieth"),
            (21, "twenty-first"),
            (22, "twenty-second"),
            (38, "thirty-eighth"),
            (100, "one hundredth"),
            (101, "one hundred first"),
            (1_000, "one thousandth"),
        ];
        each(rows, |(number, want)| {
            assert_eq!(ordinal(number, Locale::EnUs), want, "{number}");
        });
    }

    #[test]
    fn years_and_decades() {
        let rows = [
            (1066, "ten sixty-six"),
            (1492, "fourteen ninety-two"),
            (1800, "eighteen hundred"),
            (1900, "nineteen hundred"),
            (1905, "nineteen oh five"),
            (1999, "nineteen ninety-nine"),
            (2000, "two thousand"),
            (2005, "two thousand five"),
            (2010, "twenty ten"),
            (2024, "twenty twenty-four"),
            (2100, "twenty-one hundred"),
            (476, "four hundred seventy-six"),
        ];
        each(rows, |(number, want)| {
            assert_eq!(year(number, Locale::EnUs), want, "{number}");
        });
        let rows = [
            (1990, "nineteen nineties"),
            (1900, "nineteen hundreds"),
            (2000, "two thousands"),
            (2010, "twenty tens"),
            (80, "eighties"),
            (10, "tens"),
        ];
        each(rows, |(number, want)| {
            assert_eq!(decade(number, Locale::EnUs), want, "{number}s");
        });
    }

    #[test]
    fn serials_and_digits() {
        let rows = [
            ("7", "seven"),
            ("16", "sixteen"),
            ("320", "three twenty"),
            ("301", "three oh one"),
            ("400", "four hundred"),
            ("1600", "sixteen hundred"),
            ("3000", "three thousand"),
            ("2024", "twenty twenty-four"),
            ("007", "zero zero seven"),
            ("12345", "one two three four five"),
            ("0", "zero"),
        ];
        each(rows, |(number, want)| {
            assert_eq!(serial(number, Locale::EnUs), want, "{number}");
        });
        assert_eq!(digits("911"), "nine one one");
    }
}
