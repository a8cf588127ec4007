//! The bodies of requests, and the parts of files that they ask for, for `crate::fuzzing`.

use std::sync::OnceLock;

use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};

use super::order::{Order, object};
use super::reports::fuzzing::{asked, read};
use super::{explain, file};
use crate::serve::Limits;

/// For speech.
pub(in crate::serve) fn speech(bytes: &[u8]) {
    let limits = Limits::default();
    if let Ok(order) = Order::read(bytes, &limits) {
        assert!(order.characters <= limits.characters);
    }
}

/// For an explanation.
pub(in crate::serve) fn explain(bytes: &[u8]) {
    let _ = object(bytes).and_then(|fields| explain::source(&fields, &Limits::default()));
}

/// For a report.
pub(in crate::serve) fn report(bytes: &[u8]) {
    let _ = object(bytes).and_then(|fields| asked(&fields, None));
}

/// For a report, with a file.
pub(in crate::serve) fn form(bytes: &[u8]) {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let Some(runtime) = RUNTIME.get_or_init(|| Builder::new_current_thread().build().ok()) else { return };
    let form = read(Bytes::copy_from_slice(bytes), "multipart/form-data; boundary=x");
    if let Ok(form) = runtime.block_on(form) {
        let _ = asked(&form.fields, form.file);
    }
}

/// A range of a file. What is sent must lie within it.
pub(in crate::serve) fn range(bytes: &[u8]) {
    let (length, range) =
        bytes.split_first_chunk().map_or((0, bytes), |(length, rest)| (u64::from_le_bytes(*length), rest));
    if let file::Wanted::Part(file::Part { first, length: count }) =
        file::part_of(&String::from_utf8_lossy(range), length)
    {
        assert!(
            count > 0 && first.checked_add(count).is_some_and(|end| end <= length),
            "{first} {count} of {length}"
        );
    }
}
