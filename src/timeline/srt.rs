//! SubRip.

use super::cues::Cues;
use super::written::{Written, join};

/// The captions as SubRip.
pub(crate) fn srt(written: &[Written], cues: &Cues) -> String {
    let mut text = String::new();
    for (index, cue) in cues.list.iter().enumerate() {
        let space = if index > 0 { "\n" } else { "" };
        text.push_str(&format!("{space}{}\n{} --> {}\n", index + 1, clock(cue.start), clock(cue.end)));
        for line in cue.lines() {
            // The format has no escapes.
            text.push_str(&join(written, line).replace("-->", "→"));
            text.push('\n');
        }
    }
    text
}

/// `01:02:03,004`
fn clock(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02},{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
