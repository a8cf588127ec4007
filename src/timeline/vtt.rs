//! WebVTT: W3C, *WebVTT: The Web Video Text Tracks Format*. Each word after the first of its cue has a timestamp, and quoted words
//! the voice span of their speaker.

use super::Timeline;
use super::announced::Notice;
use super::cues::{Cues, milliseconds};
use super::written::Written;

/// The captions as WebVTT.
pub(crate) fn vtt(timeline: &Timeline, written: &[Written], cues: &Cues) -> String {
    let mut text = "WEBVTT\n".to_string();
    cues.before.iter().for_each(|notice| add(&mut text, notice));
    for cue in &cues.list {
        text.push_str(&format!("\n{} --> {}\n", clock(cue.start), clock(cue.end)));
        // Within a cue the times rise, and lie strictly between its own.
        let mut latest = cue.start;
        for line in cue.lines() {
            for index in line.clone() {
                let (word, begins_line) = (&written[index], index == line.start);
                if word.space_before && !begins_line {
                    text.push(' ');
                }
                let start = milliseconds(timeline, timeline.words()[index].start);
                if index > cue.words.start && start > latest && start < cue.end {
                    text.push_str(&format!("<{}>", clock(start)));
                    latest = start;
                }
                let speaker = timeline.speaker(index);
                let goes_on = |other: usize| cue.words.contains(&other) && timeline.speaker(other) == speaker;
                match speaker {
                    Some(name) if !index.checked_sub(1).is_some_and(goes_on) => {
                        text.push_str(&format!("<v {}>", escape(name)));
                    }
                    _ => {}
                }
                text.push_str(&escape(&word.text));
                if speaker.is_some() && !goes_on(index + 1) {
                    text.push_str("</v>");
                }
            }
            text.push('\n');
        }
    }
    cues.after.iter().for_each(|notice| add(&mut text, notice));
    text
}

fn add(text: &mut String, notice: &Notice) {
    text.push_str(&format!("\n{} --> {}\n", clock(notice.start), clock(notice.end)));
    for line in &notice.lines {
        text.push_str(&escape(line));
        text.push('\n');
    }
}

/// `&`, `<` and `>` have a meaning of their own; without the last there is no `-->` either.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `01:02:03.004`
fn clock(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
