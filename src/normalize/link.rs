//! Links that say nothing to a listener: short ones, and those that end in a code.

use super::table::is_cue;
use super::token::{Kind, Tokens};

/// How an address in tokens `from..to` is said, where its path is a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// `t.co/aB3dE`, `pic.twitter.com/MYwRz`: "link".
    Short,
    /// `example.com/watch?v=dQw4w9`: the host up to this token, and "link".
    Coded { host_end: usize },
}

/// The kind of link, if it is one of these.
pub(super) fn kind(tokens: &Tokens<'_>, from: usize, to: usize) -> Option<Link> {
    let host_end = (from..to).find(|&at| tokens.is_mark(at, '/'))?;
    let host = tokens.slice(from, host_end);
    if is_cue("shortener", host.strip_prefix("www.").unwrap_or(host)) {
        return Some(Link::Short);
    }
    // The pieces of the path, without the marks between them.
    let mut start = host_end + 1;
    for at in host_end + 1..=to {
        let parts = at == to
            || matches!(
                tokens.mark(at),
                Some('/' | '-' | '_' | '.' | '?' | '=' | '&' | '#' | '+' | '%' | ':')
            );
        if parts {
            if is_code(tokens, start, at) {
                return Some(Link::Coded { host_end });
            }
            start = at + 1;
        }
    }
    None
}

/// A row of letters and digits that is no word: it changes between capitals, small letters and digits.
fn is_code(tokens: &Tokens<'_>, from: usize, to: usize) -> bool {
    let piece = tokens.slice(from, to);
    if piece.len() < 6 {
        return false;
    }
    let runs = (from..to).filter(|&at| tokens.kind(at) != Some(Kind::Mark)).count();
    let sort = |byte: u8| match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    };
    // "iPhone15Pro" has three changes in eleven letters; a code has one every three letters or more.
    let changes = piece
        .as_bytes()
        .windows(2)
        .filter(|pair| sort(pair[0]) != sort(pair[1]) && !(sort(pair[0]) == 0 && sort(pair[1]) == 1))
        .count();
    (runs > 1 || changes > 1) && changes * 3 >= piece.len()
}
