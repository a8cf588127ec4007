//! SubRip.

use super::announced::Notice;
use super::cues::{Cue, Cues};
use super::written::{Written, join};

/// The captions as SubRip.
pub(crate) fn srt(written: &[Written], cues: &Cues) -> String {
    let notice = |notice: &Notice| (notice.start, notice.end, notice.lines.clone());
    let cue = |cue: &Cue| (cue.start, cue.end, cue.lines().map(|line| join(written, line)).collect());
    let all =
        cues.before.iter().map(notice).chain(cues.list.iter().map(cue)).chain(cues.after.iter().map(notice));
    let blocks = all.enumerate().map(|(index, (start, end, lines)): (_, (_, _, Vec<String>))| {
        // The format has no escapes.
        let lines = lines.join("\n").replace("-->", "→");
        format!("{}\n{} --> {}\n{lines}\n", index + 1, clock(start), clock(end))
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// `01:02:03,004`
fn clock(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02},{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
