//! Captions as JSON: a transcript in the form of Podcasting 2.0, and every word with its place in the article.

use serde::Serialize;

use super::Timeline;
use super::announced::Notice;
use super::cues::{Cue, Cues};
use super::written::{Written, join};
use crate::article::BlockKind;
use crate::text::Span;

/// The transcript of Podcasting 2.0 (the tag `podcast:transcript`, type `application/json`): one segment a cue.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transcript {
    version: &'static str,
    segments: Vec<Segment>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Segment {
    start_time: f64,
    end_time: f64,
    /// Who is quoted, where all of it is one quotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<String>,
    body: String,
}

/// The captions in the form of Podcasting 2.0.
pub(crate) fn transcript(
    timeline: &Timeline,
    written: &[Written],
    cues: &Cues,
) -> serde_json::Result<String> {
    let seconds = |milliseconds: u64| milliseconds as f64 / 1000.0;
    let segment = |start, end, speaker: Option<&str>, body| Segment {
        start_time: seconds(start),
        end_time: seconds(end),
        speaker: speaker.map(str::to_owned),
        body,
    };
    let notice = |notice: &Notice| segment(notice.start, notice.end, None, notice.lines.join(" "));
    let cue = |cue: &Cue| {
        let speaker = timeline.speaker(cue.words.start);
        let speaker =
            speaker.filter(|name| cue.words.clone().all(|word| timeline.speaker(word) == Some(name)));
        segment(cue.start, cue.end, speaker, join(written, cue.words.clone()))
    };
    let before = cues.before.iter().map(notice);
    let segments = before.chain(cues.list.iter().map(cue)).chain(cues.after.iter().map(notice));
    serde_json::to_string_pretty(&Transcript { version: "1.0.0", segments: segments.collect() })
}

/// Every sentence and word. Times are seconds from the beginning; spans are bytes of the article's decoded text.
#[derive(Serialize)]
struct Words<'a> {
    version: u32,
    sample_rate: u32,
    seconds: f64,
    sentences: Vec<Sentence<'a>>,
}

#[derive(Serialize)]
struct Sentence<'a> {
    number: usize,
    /// The paragraph, heading or other block, counted from one.
    block: usize,
    kind: BlockKind,
    span: Span,
    start: f64,
    end: f64,
    words: Vec<Word<'a>>,
}

#[derive(Serialize)]
struct Word<'a> {
    text: &'a str,
    /// Who is quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'a str>,
    span: Span,
    start: f64,
    end: f64,
}

/// Every word, with its span in the article's text.
pub(crate) fn words(timeline: &Timeline, written: &[Written]) -> serde_json::Result<String> {
    let seconds = |samples: u64| timeline.rate().seconds(samples);
    let sentences = timeline.sentences().filter_map(|(sentence, range)| {
        let timed = timeline.words().get(range.clone())?;
        Some(Sentence {
            number: sentence.number + 1,
            block: sentence.block + 1,
            kind: sentence.kind,
            span: sentence.span,
            start: seconds(timed.first()?.start),
            end: seconds(timed.last()?.end),
            words: timed
                .iter()
                .zip(&written[range.clone()])
                .zip(range)
                .map(|((word, written), index)| Word {
                    text: &written.text,
                    speaker: timeline.speaker(index),
                    span: word.span,
                    start: seconds(word.start),
                    end: seconds(word.end),
                })
                .collect(),
        })
    });
    serde_json::to_string(&Words {
        version: 1,
        sample_rate: timeline.rate().hertz(),
        seconds: seconds(timeline.length()),
        sentences: sentences.collect(),
    })
}
