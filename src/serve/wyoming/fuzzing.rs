//! What comes by Wyoming, for `crate::fuzzing`.

use super::text::Pieces;
use super::wire::{Event, Malformed, Parser};

/// Bytes that data may have here.
const DATA: usize = 1 << 16;

/// Events, whole and byte by byte: both ways they are the same.
pub(in crate::serve) fn events(bytes: &[u8]) {
    assert_eq!(parsed(bytes.chunks(1)), parsed([bytes].into_iter()));
}

fn parsed<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Event>, Option<Malformed>) {
    let (mut parser, mut events) = (Parser::new(DATA), Vec::new());
    for mut piece in pieces {
        loop {
            match parser.next(&mut piece) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(malformed) => return (events, Some(malformed)),
            }
        }
    }
    (events, None)
}

/// A text in pieces, which NUL divides. Every letter of it is spoken once.
pub(in crate::serve) fn pieces(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (mut pieces, mut spoken) = (Pieces::default(), String::new());
    for piece in text.split('\0') {
        pieces.push(piece);
        std::hint::black_box(pieces.ends_a_sentence());
        while let Some(passage) = pieces.take_whole() {
            spoken.push_str(&passage.text);
        }
    }
    spoken.extend(pieces.take_all().map(|passage| passage.text));
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    assert_eq!(letters(&spoken), letters(&text));
}
