//! Chapters in the JSON of Podcasting 2.0 (`application/json+chapters`), from the headings of a story.

use serde::Serialize;

use super::Timeline;
use super::written::{Written, join};
use crate::article::BlockKind;

/// Fewer headings make no chapters: a short story is none the better for them.
const FEWEST_HEADINGS: usize = 2;

#[derive(Serialize)]
struct Chapters {
    version: &'static str,
    chapters: Vec<Chapter>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Chapter {
    start_time: f64,
    end_time: f64,
    title: String,
}

/// The chapters of a story, or `None` when it has too few headings. The text before the first heading is a chapter
/// named after the headline, and the first chapter begins with the sound.
pub(crate) fn chapters(timeline: &Timeline, written: &[Written]) -> Option<serde_json::Result<String>> {
    let mut starts: Vec<(u64, String)> = Vec::new();
    for (block, words) in timeline.blocks() {
        let title = match block.kind {
            BlockKind::Heading => join(written, words.clone()),
            _ if !starts.is_empty() => continue,
            BlockKind::Title => join(written, words.clone()),
            _ => "Introduction".to_string(),
        };
        starts.push((timeline.words().get(words.start).map_or(0, |word| word.start), title));
    }
    let headings = timeline.blocks().filter(|(block, _)| block.kind == BlockKind::Heading).count();
    if headings < FEWEST_HEADINGS {
        return None;
    }
    starts[0].0 = 0;
    let seconds = |samples: u64| timeline.rate().seconds(samples);
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([timeline.length()]).collect::<Vec<_>>();
    let chapters = starts.into_iter().zip(ends).map(|((start, title), end)| Chapter {
        start_time: seconds(start),
        end_time: seconds(end),
        title,
    });
    Some(serde_json::to_string_pretty(&Chapters { version: "1.2.0", chapters: chapters.collect() }))
}
