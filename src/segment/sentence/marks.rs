//! The marks around a sentence's end: stops, closing quotes, notes, bullets, and characters that nobody sees.

use std::borrow::Cow;

/// Length of a run of stops: `?!`, `...`, `. . .`, `? ? ?`
pub(super) fn stops_len(text: &str) -> usize {
    let mut length = 0;
    loop {
        length += run(&text[length..], is_stop);
        // A stop set apart belongs to the run as long as it stands alone.
        let gap = run(&text[length..], |c| matches!(c, ' ' | '\u{a0}'));
        let rest = &text[length + gap..];
        let more = run(rest, is_stop);
        let after = &rest[more..];
        let stands_alone = after.is_empty()
            || after.starts_with(|c: char| c.is_whitespace() || is_sure_closer(c) || is_straight_quote(c));
        if gap == 0 || more == 0 || !stands_alone {
            return length;
        }
        length += gap;
    }
}

/// Length of the closing quotes and brackets, and notes such as `[1]`, that belong to a stop.
pub(super) fn closers_len(text: &str) -> usize {
    let is_closer = |c| is_sure_closer(c) || is_straight_quote(c) || matches!(c, '’' | '`') || is_unread(c);
    let mut length = 0;
    loop {
        length += run(&text[length..], is_closer);
        match note_len(&text[length..]) {
            0 => return length,
            note => length += note,
        }
    }
}

/// Length of what stands behind a stop and a space and yet belongs to the sentence before: a closing mark, `fin. »`, a
/// note, `gas. [1] It`, and a row of emoji. `is_closing` says whether a straight quote set apart closes.
pub(super) fn apart_len(text: &str, is_closing: impl Fn(char) -> bool) -> usize {
    let mut end = 0;
    loop {
        let gap = run(&text[end..], |c| c.is_whitespace() && !matches!(c, '\n' | '\r'));
        let rest = &text[end + gap..];
        let mut length = run(rest, |c| is_sure_closer(c) || is_unread(c));
        if length == 0 {
            length = note_len(rest);
        }
        if length == 0 && rest.starts_with(|c| is_straight_quote(c) && is_closing(c)) {
            length = run(rest, is_straight_quote);
        }
        let after = &rest[length..];
        let stands_alone = after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || c == '[');
        // A closing bracket needs no space after it.
        let is_sure = rest[..length].ends_with(is_sure_closer) && !rest.starts_with('[');
        if length == 0 || !(stands_alone || is_sure) {
            return end;
        }
        end += gap + length;
    }
}

/// Length of a note's number in brackets: `[1]`
fn note_len(text: &str) -> usize {
    let Some(note) = text.strip_prefix('[') else { return 0 };
    let digits = note.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits) && note[digits..].starts_with(']') { digits + 2 } else { 0 }
}

/// Bytes of the first characters of a kind.
fn run(text: &str, is_it: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_it(c)).unwrap_or(text.len())
}

pub(super) fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '‽')
}

pub(super) fn is_sure_closer(c: char) -> bool {
    matches!(c, '”' | '»' | ')' | ']' | '}' | '›' | '」' | '』' | '）' | '】')
}

/// A quote whose form doesn't say whether it opens or closes.
pub(super) fn is_straight_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

pub(super) fn is_quote(c: char) -> bool {
    is_straight_quote(c) || matches!(c, '”' | '’' | '»' | '›' | '」' | '』')
}

/// Marks that may stand before the first letter of a sentence.
pub(super) fn is_opener(c: char) -> bool {
    const OPENERS: &str = "\"'“‘«‹„‚([{「『（¿¡*";
    OPENERS.contains(c) || c.is_whitespace() || is_invisible(c) || c == char::REPLACEMENT_CHARACTER
}

pub(super) fn is_bullet(c: char) -> bool {
    matches!(c, '•' | '‣' | '▪' | '●' | '◦' | '■' | '⁃')
}

pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '―') || is_bullet(c)
}

/// Characters without a width, which pages put into words and between sentences.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Not read: invisible, a picture, or the sign for damage.
pub(super) fn is_unread(c: char) -> bool {
    is_invisible(c) || is_picture(c) || c == char::REPLACEMENT_CHARACTER
}

/// A picture (Unicode property `Emoji_Presentation`, and the symbols around it), or a part of one: flags are letters
/// and tags, skin has tones, a key has a cap. The marks among the pictures, `✓`, may stand for bullets.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{1f000}'..='\u{1f0ff}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f1e6}'..='\u{1f1ff}'
        | '\u{1f201}'..='\u{1f265}' | '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{26ff}' | '\u{231a}' | '\u{231b}'
        | '\u{23e9}'..='\u{23f3}' | '\u{25fd}' | '\u{25fe}' | '\u{2705}' | '\u{270a}' | '\u{270b}' | '\u{2728}'
        | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{2763}' | '\u{2764}'
        | '\u{2795}'..='\u{2797}' | '\u{27b0}' | '\u{27bf}' | '\u{2b1b}' | '\u{2b1c}' | '\u{2b50}' | '\u{2b55}'
        | '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}')
}

/// A sentence without pictures, the spaces around them and byte order marks. All else stays as it is written.
pub(crate) fn without_pictures(sentence: &str) -> Cow<'_, str> {
    const MARK: char = '\u{feff}';
    const JOINER: char = '\u{200d}';
    if !sentence.contains(|c| is_picture(c) || c == MARK) {
        return Cow::Borrowed(sentence);
    }
    let mut out = String::with_capacity(sentence.len());
    let (mut is_after_picture, mut rest) = (false, sentence.chars());
    while let Some(c) = rest.next() {
        // Other symbols are pictures only when they are asked to be.
        let is_dressed = !c.is_ascii() && rest.clone().next() == Some('\u{fe0f}');
        if is_picture(c) || is_dressed || (is_after_picture && c == JOINER) {
            is_after_picture = true;
        } else if c != MARK {
            // `Café 🎉!` and `all 🎉 night`
            let ends = c.is_whitespace() || matches!(c, ',' | ';' | ':' | ')' | ']' | '”') || is_stop(c);
            if is_after_picture && ends && out.ends_with(char::is_whitespace) {
                out.truncate(out.trim_end().len());
            }
            is_after_picture &= c.is_whitespace();
            out.push(c);
        }
    }
    Cow::Owned(out.trim().to_owned())
}
