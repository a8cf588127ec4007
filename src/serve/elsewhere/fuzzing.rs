//! What servers and workers say to each other, for `crate::fuzzing`.

use bytes::Bytes;

use super::message::{Answered, Asked, Told};

/// A request. What is wanted of a worker is asked for again in the same way.
pub(in crate::serve) fn asked(bytes: &[u8]) {
    let Ok(asked) = Asked::read(bytes) else { return };
    let Ok(wanted) = asked.wanted() else { return };
    let again = Asked::of(&wanted, asked.voice.clone(), asked.manner.clone(), asked.is_live, asked.stalled());
    let read = again.to_bytes().and_then(|bytes| Asked::read(&bytes)).and_then(|asked| asked.wanted());
    assert_eq!(read.ok().map(|same| format!("{same:?}")), Some(format!("{wanted:?}")));
}

/// What a worker says, and what a server says to it.
pub(in crate::serve) fn told(bytes: &[u8]) {
    std::hint::black_box(Answered::read(bytes));
    if let Ok((number, told)) = Told::read(&Bytes::copy_from_slice(bytes)) {
        let again = Told::read(&told.to_bytes(number));
        assert_eq!(again.ok().map(|same| format!("{same:?}")), Some(format!("{:?}", (number, told))));
    }
}
