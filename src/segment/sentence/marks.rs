//! The marks around a sentence's end: stops, closing quotes, notes, bullets, and characters that nobody sees.

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
    OPENERS.contains(c) || c.is_whitespace() || is_invisible(c)
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

/// Not read: invisible, or a picture. The marks among the pictures, `✓`, may stand for bullets.
pub(super) fn is_unread(c: char) -> bool {
    is_invisible(c)
        || matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{26ff}' | '\u{fe0f}' | '❤' | '✨')
}
