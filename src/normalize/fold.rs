//! Folds variants of a character into one: widths, digits of other scripts, quotes, dashes. Drops invisible
//! characters.

/// The folded form of one written character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folded {
    /// No character: invisible, or a mark that has no sound of its own.
    Dropped,
    /// One character.
    Char(char),
    /// Several: a ligature, a circled number.
    Str(&'static str),
}

/// The first character of each run of ten decimal digits (Unicode general category Nd).
const DIGIT_ZEROS: &[u32] = &[
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
];

const CIRCLED: [&str; 20] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
    "20",
];

const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// The folded form of `c`.
pub(super) fn fold(c: char) -> Folded {
    if c.is_ascii() {
        return fold_ascii(c);
    }
    if let Some(digit) = decimal_digit(c) {
        return Folded::Char(digit);
    }
    let code = c as u32;
    match c {
        '’' | '‛' | 'ʼ' | 'ʻ' | '′' | '´' | '＇' => Folded::Char('\''),
        '“' | '„' | '‟' | '«' | '「' | '『' | '《' | '〈' | '‹' | '〝' => Folded::Char('“'),
        '”' | '»' | '」' | '』' | '》' | '〉' | '›' | '〞' => Folded::Char('”'),
        '″' => Folded::Char('"'),
        '‐' | '‑' | '⁃' | '﹣' => Folded::Char('-'),
        '‒' => Folded::Char('–'),
        '―' | '⸺' | '⸻' | '﹘' => Folded::Char('—'),
        '。' | '｡' | '։' | '۔' | '।' => Folded::Char('.'),
        '、' | '､' | '،' | '﹐' => Folded::Char(','),
        '؛' => Folded::Char(';'),
        '‼' => Folded::Char('!'),
        '؟' | '⸮' | '⁇' | '⁈' | '⁉' => Folded::Char('?'),
        '⋯' => Folded::Char('…'),
        '【' | '〔' | '〖' => Folded::Char('['),
        '】' | '〕' | '〗' => Folded::Char(']'),
        '⁄' | '∕' => Folded::Char('/'),
        '∼' | '〜' => Folded::Char('~'),
        '∗' => Folded::Char('*'),
        'μ' => Folded::Char('µ'),
        'ﬀ' => Folded::Str("ff"),
        'ﬁ' => Folded::Str("fi"),
        'ﬂ' => Folded::Str("fl"),
        'ﬃ' => Folded::Str("ffi"),
        'ﬄ' => Folded::Str("ffl"),
        'ﬅ' | 'ﬆ' => Folded::Str("st"),
        '℃' => Folded::Str("°C"),
        '℉' => Folded::Str("°F"),
        '㎞' => Folded::Str("km"),
        '㎏' => Folded::Str("kg"),
        '㎝' => Folded::Str("cm"),
        '㎜' => Folded::Str("mm"),
        '㎡' => Folded::Str("m²"),
        '￠' => Folded::Char('¢'),
        '￡' => Folded::Char('£'),
        '￥' => Folded::Char('¥'),
        '￦' => Folded::Char('₩'),
        '①'..='⑳' => Folded::Str(CIRCLED[(code - 0x2460) as usize]),
        'Ⅰ'..='Ⅻ' => Folded::Str(ROMAN[(code - 0x2160) as usize]),
        'ⅰ'..='ⅻ' => Folded::Str(ROMAN[(code - 0x2170) as usize]),
        // Full-width forms lie 0xFEE0 above their ASCII twins.
        '！'..='～' => char::from_u32(code - 0xFEE0).map_or(Folded::Dropped, fold_ascii),
        '\u{1D400}'..='\u{1D6A3}' => mathematical_letter(code),
        _ if is_invisible(c) => Folded::Dropped,
        _ if matches!(c, '\u{A0}' | '\u{2009}' | '\u{202F}' | '\u{2007}' | '\u{2008}') => {
            Folded::Char('\u{A0}')
        }
        _ if c.is_whitespace() => Folded::Char(' '),
        _ => Folded::Char(c),
    }
}

fn fold_ascii(c: char) -> Folded {
    match c {
        '\n' | '\r' => Folded::Char('\n'),
        '\t' | '\u{B}' | '\u{C}' => Folded::Char(' '),
        '`' => Folded::Char('\''),
        _ if c.is_ascii_control() => Folded::Dropped,
        _ => Folded::Char(c),
    }
}

fn decimal_digit(c: char) -> Option<char> {
    let code = c as u32;
    let after = DIGIT_ZEROS.partition_point(|&zero| zero <= code);
    let zero = DIGIT_ZEROS.get(after.checked_sub(1)?)?;
    char::from_digit(code - zero, 10)
}

/// The Mathematical Alphanumeric Symbols repeat A–Z a–z; social media use them as bold and italic.
fn mathematical_letter(code: u32) -> Folded {
    let place = ((code - 0x1D400) % 52) as u8;
    Folded::Char(if place < 26 { (b'A' + place) as char } else { (b'a' + place - 26) as char })
}

/// Controls, zero-width and direction marks, variation selectors, and combining marks of other scripts
/// that are not letters.
fn is_invisible(c: char) -> bool {
    if c.is_alphabetic() || c.is_numeric() {
        return false;
    }
    matches!(c,
        '\u{80}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}' | '\u{900}'..='\u{963}'
        | '\u{981}'..='\u{DF3}' | '\u{E31}'..='\u{E4E}' | '\u{EB1}'..='\u{ECE}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{3099}' | '\u{309A}' | '\u{1F3FB}'..='\u{1F3FF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn characters_fold_to_their_plain_twins() {
        let rows = [
            ('’', Folded::Char('\'')),
            ('٣', Folded::Char('3')),
            ('９', Folded::Char('9')),
            ('𝟛', Folded::Char('3')),
            ('Ａ', Folded::Char('A')),
            ('𝐁', Folded::Char('B')),
            ('ﬁ', Folded::Str("fi")),
            ('Ⅷ', Folded::Str("VIII")),
            ('⑫', Folded::Str("12")),
            ('\u{200B}', Folded::Dropped),
            ('\u{202E}', Folded::Dropped),
            ('\u{7}', Folded::Dropped),
            ('\u{202F}', Folded::Char('\u{A0}')),
            ('é', Folded::Char('é')),
        ];
        each(rows, |(written, want)| {
            assert_eq!(fold(written), want, "{written:?}");
        });
    }
}
