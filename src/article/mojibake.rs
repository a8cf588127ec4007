//! Text in UTF-8 that a program on its way has read as Windows-1252 or Latin-1: `â€™` for `’`, `Ã©` for `é`. The bytes
//! are all there, so the text can be read again.
//!
//! It is repaired only where the repair is certain. A run of characters beyond ASCII has to be UTF-8 as a whole, and
//! some of it has to be what no language writes: `SÃO`, `Câmara` and “Â£” stay.

use std::borrow::Cow;

/// A text may have been read wrongly more than once.
const MOST_ROUNDS: usize = 3;
/// A longer run is data, not text.
const LONGEST_RUN: usize = 4096;
/// What Windows-1252 has for the bytes 0x80 to 0x9F, as browsers read it.
const UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text with its wrongly read characters set right, and the number of characters that came of it.
pub(super) fn repair(text: Cow<'_, str>) -> (Cow<'_, str>, usize) {
    match repaired(&text, MOST_ROUNDS) {
        Some((repaired, count)) => (Cow::Owned(repaired), count),
        None => (text, 0),
    }
}

fn repaired(text: &str, rounds: usize) -> Option<(String, usize)> {
    let (mut out, mut copied, mut count) = (String::new(), 0, 0);
    let mut at = 0;
    while let Some(ahead) = text.as_bytes()[at..].iter().position(|byte| !byte.is_ascii()) {
        let start = at + ahead;
        let length = text[start..].find(|c| byte_of(c).is_none()).unwrap_or(text.len() - start);
        if length == 0 {
            at = start + text[start..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        at = start + length;
        let run = Run { before: &text[..start], text: &text[start..at], after: &text[at..] };
        if let Some(meant) = run.meant(rounds) {
            out.push_str(&text[copied..start]);
            out.push_str(&meant.text);
            count += meant.text.chars().count().max(1);
            at += meant.swallowed;
            copied = at;
        }
    }
    (count > 0).then(|| out + &text[copied..]).map(|out| (out, count))
}

/// The byte that a character stands for, where that byte is no ASCII.
fn byte_of(c: char) -> Option<u8> {
    match c {
        '\u{80}'..='\u{ff}' => Some(c as u8),
        _ if c.is_ascii() => None,
        _ => UPPER.iter().position(|upper| *upper == c).map(|at| 0x80 + at as u8),
    }
}

/// Characters beyond ASCII that stand together, each for one byte.
struct Run<'a> {
    before: &'a str,
    text: &'a str,
    after: &'a str,
}

/// The text that a run was.
struct Meant {
    text: String,
    /// Bytes behind the run that belonged to it.
    swallowed: usize,
}

impl Run<'_> {
    /// The text that the run was, if that is certain.
    fn meant(&self, rounds: usize) -> Option<Meant> {
        if rounds == 0 || self.text.len() > LONGEST_RUN || self.text.chars().nth(1).is_none() {
            return None;
        }
        let mut bytes: Vec<u8> = self.text.chars().filter_map(byte_of).collect();
        let mut swallowed = 0;
        // The last byte of `”` is no character of Windows-1252: it is often lost, or became a sign for damage.
        if bytes.ends_with(b"\xe2\x80") && self.text.ends_with("â€") {
            bytes.push(0x9d);
            let is_damaged = self.after.starts_with(char::REPLACEMENT_CHARACTER);
            swallowed = if is_damaged { char::REPLACEMENT_CHARACTER.len_utf8() } else { 0 };
        }
        let text = String::from_utf8(bytes).ok()?;
        if !text.chars().all(is_plausible) || !self.is_wrong(&text) || self.is_mentioned(&text) {
            return None;
        }
        let text = repaired(&text, rounds - 1).map_or(text, |(text, _)| text);
        // Marks of byte order say nothing within a text.
        let text = text.replace('\u{feff}', "");
        (!text.contains(char::is_control)).then_some(Meant { text, swallowed })
    }

    /// Whether a part of the run can't be meant as it stands; `read` is the run in UTF-8.
    fn is_wrong(&self, read: &str) -> bool {
        let mut rest = self.text.chars();
        let mut before = self.before.chars().next_back();
        let is_single = read.chars().nth(1).is_none();
        read.chars().any(|c| {
            let part: Vec<char> = rest.by_ref().take(c.len_utf8()).collect();
            let after = rest.clone().next().or_else(|| self.after.chars().next());
            let is_wrong = is_wrong(before, &part, after, is_single);
            // Nothing is known of the word before a part that is no text itself.
            before = None;
            is_wrong
        })
    }

    /// Whether the run is one wrong character between straight quotes: a text about such characters.
    fn is_mentioned(&self, read: &str) -> bool {
        let quotes = (self.before.chars().next_back(), self.after.chars().next());
        read.chars().nth(1).is_none() && matches!(quotes, (Some('"'), Some('"')) | (Some('\''), Some('\'')))
    }
}

/// Whether characters that together stand for one can't be meant as they are. `is_single` says that they are all of
/// their run.
fn is_wrong(before: Option<char>, part: &[char], after: Option<char>, is_single: bool) -> bool {
    let &[first, second, ref more @ ..] = part else { return false };
    let is_control = |c: &char| ('\u{80}'..='\u{9f}').contains(c);
    if is_control(&second) || more.iter().any(is_control) {
        return true;
    }
    let follows = follows_word(second);
    let is_apart = !before.is_some_and(char::is_alphanumeric);
    match first {
        // No word ends with it, and a sign behind it would begin a word.
        'Â' => true,
        // `IRMÃ”` may be a word in capitals; but it goes on with no letter.
        'Ã' => {
            let is_dash = matches!(second, '–' | '—' | '…');
            let goes_on = after.is_some_and(|c| if is_dash { c.is_lowercase() } else { c.is_alphabetic() });
            !follows || goes_on || !before.is_some_and(char::is_uppercase)
        }
        'â' => !follows || is_apart,
        // `ðŸ` begins emoji.
        'ð' => second == 'Ÿ',
        // The mark of byte order.
        'ï' if second == '»' && more == ['¿'] => true,
        // Letters of other scripts come in words; `2×½` is no Hebrew letter.
        'Ð'..='ß' if is_single => false,
        'Ä'..='Ü' if before.is_some_and(char::is_lowercase) => true,
        _ => !follows && !second.is_alphabetic(),
    }
}

/// Signs that may stand right behind a word: closing quotes, dashes, marks of notes and of trade.
fn follows_word(c: char) -> bool {
    "’”“‘»«›…–—™®©°²³¹ªº·•†‡\u{a0}\u{ad}".contains(c)
}

/// Whether a character may come of a repair.
fn is_plausible(c: char) -> bool {
    !matches!(c, '\u{780}'..='\u{8ff}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffc}' | '\u{fffe}'..='\u{ffff}' | '\u{20000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    /// The text as Windows-1252 would show its UTF-8.
    fn misread(text: &str) -> String {
        let char_of = |byte: u8| match byte {
            0x80..=0x9f => UPPER[usize::from(byte) - 0x80],
            _ => char::from(byte),
        };
        text.bytes().map(char_of).collect()
    }

    fn read(text: &str) -> (String, usize) {
        let (text, count) = repair(Cow::Borrowed(text));
        (text.into_owned(), count)
    }

    #[test]
    fn wrongly_read_text_is_read_again() {
        let rows = [
            ("Itâ€™s over.", "It’s over.", 1),
            ("â€œWe had an hour,â€\u{9d} she said.", "“We had an hour,” she said.", 2),
            // Its last byte was dropped, or shown as damage.
            ("â€œWe had an hour,â€ she said.", "“We had an hour,” she said.", 2),
            ("â€œWe had an hour,â€\u{fffd} she said.", "“We had an hour,” she said.", 2),
            ("The warâ€”he saidâ€”goes onâ€¦", "The war—he said—goes on…", 3),
            ("CafÃ© MÃ¼ller in SÃ£o Paulo", "Café Müller in São Paulo", 3),
            ("PÃ©rez, GarcÃ\u{ad}a and GÃ³mez", "Pérez, García and Gómez", 3),
            ("NUÃ‘EZ and CORAÃ‡ÃƒO", "NUÑEZ and CORAÇÃO", 3),
            ("Price (Â£): Â£5 or â‚¬6, 20Â\u{a0}Â°C", "Price (£): £5 or €6, 20\u{a0}°C", 5),
            ("StanÄ‡ iÅ¡ao", "Stanć išao", 2),
            ("OneDriveâ„¢ and 3 â‰¥ 2 â†’ yes", "OneDrive™ and 3 ≥ 2 → yes", 3),
            ("Party ðŸŽ‰ now", "Party 🎉 now", 1),
            ("ä¸\u{ad}å›½ and ì„œìš¸", "中国 and 서울", 4),
            ("\u{c3}\u{a0} la carte", "à la carte", 1),
            // Latin-1 has controls there.
            ("Itâ\u{80}\u{99}s", "It’s", 1),
            // Twice.
            ("Itâ€™s CafÃƒÂ©", "It’s Café", 2),
            ("ItÃ¢â‚¬â„¢s", "It’s", 1),
            ("ÃƒÂ¢Ã¢â€šÂ¬Ã¢â€žÂ¢", "’", 1),
            ("ï»¿The port", "The port", 1),
        ];
        each(rows, |(text, want, count)| {
            assert_eq!(read(text), (want.to_owned(), count), "{text}");
        });
    }

    #[test]
    fn text_that_is_meant_so_stays() {
        let rows = [
            "SÃO PAULO, IRMÃ, Câmara, Ângela, pâté",
            "“IRMÔ e “AMANHû, disse",
            "She typed “Â£” and \"Â£\" and '£'.",
            "the café”, a café—“and”, the café…” and voilà\u{a0}»",
            "5\u{a0}€ – 6\u{a0}€ à\u{a0}« la »",
            "Straße…” Spaß” 3 ×\u{a0}4 and 2×½",
            "“Él es” ¿Qué? ¡Sí! Ñandú Ærø Þór",
            "hâlâ…” hâlâ’",
            "naïve façade, coöperate, Zoë’s, €5–€6, 20 °C, ½",
            "서울 東京 Москва",
            "",
        ];
        each(rows, |text| {
            assert_eq!(read(text), (text.to_owned(), 0), "{text}");
        });
    }

    /// Every character that news in Latin letters has survives being read wrongly once between other words.
    #[test]
    fn common_characters_come_back() {
        for c in "‘’“”–—…•™€£¥©®°éèêëáàâäãåçíìîïñóòôöõøúùûüßæœÉÈÊÁÀÂÄÃÅÇÍÎÑÓÔÖÕØÚÜšžŠŽłşğıćčđ".chars()
        {
            let text = format!("a {c} b");
            let wrong = misread(&text);
            let (got, count) = read(&wrong);
            // What stands alone may be meant: a letter with a sign behind it.
            assert!(got == text || (got == wrong && count == 0), "{wrong}: {got}");
        }
        let text = "“It’s José Muñoz’s café in São Paulo—£5…”";
        assert_eq!(read(&misread(text)).0, text);
        assert_eq!(read(&misread(&misread(text))).0, text);
    }
}
