//! Chapters, from the headings of a story, and their JSON for Podcasting 2.0 (`application/json+chapters`).

use std::time::Duration;

use serde::Serialize;

use super::Timeline;
use super::written::{Written, join};
use crate::article::BlockKind;

/// Fewer headings make no chapters: a short story is none the better for them.
const FEWEST_HEADINGS: usize = 2;

/// A part of the sound under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chapter {
    /// Since the beginning of the sound.
    pub start: Duration,
    /// Where the next one begins, or the sound ends.
    pub end: Duration,
    /// The heading, as the article writes it.
    pub title: String,
}

/// The chapters of a story; none when it has too few headings. The text before the first heading is a chapter named after
/// the headline, and the first chapter begins with the sound.
pub(crate) fn chapters(timeline: &Timeline, written: &[Written]) -> Vec<Chapter> {
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
        return Vec::new();
    }
    starts[0].0 = 0;
    let time = |samples: u64| Duration::from_secs_f64(timeline.rate().seconds(samples));
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([timeline.length()]).collect::<Vec<_>>();
    let parts = starts.into_iter().zip(ends);
    parts.map(|((start, title), end)| Chapter { start: time(start), end: time(end), title }).collect()
}

#[derive(Serialize)]
struct ChaptersJson<'a> {
    version: &'static str,
    chapters: Vec<ChapterJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChapterJson<'a> {
    start_time: f64,
    end_time: f64,
    title: &'a str,
}

/// The chapters in JSON, or `None` where there are none.
pub(crate) fn json(chapters: &[Chapter]) -> Option<serde_json::Result<String>> {
    let list = chapters.iter().map(|Chapter { start, end, title }| ChapterJson {
        start_time: start.as_secs_f64(),
        end_time: end.as_secs_f64(),
        title,
    });
    let json = ChaptersJson { version: "1.2.0", chapters: list.collect() };
    (!chapters.is_empty()).then(|| serde_json::to_string_pretty(&json))
}
