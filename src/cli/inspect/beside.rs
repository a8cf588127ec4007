//! The files beside a sound, by the names that `read` and `batch` give them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::cli::captions::Kind;
use crate::cli::inputs::is_own_page;
use crate::cli::terminal::count;
use crate::error::printable;

/// Longer captions are not read: those of a day of speech are shorter.
const LARGEST: u64 = 64 << 20;

/// A file beside a sound.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Beside {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cues: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentences: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chapters: Option<usize>,
    /// Why it could not be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    #[serde(skip)]
    marks: Vec<Mark>,
}

/// Where a cue, a sentence or a chapter begins, in seconds, and the heading of a chapter.
pub(in crate::cli) type Mark = (f64, Option<String>);

impl Beside {
    /// A line about it.
    pub(super) fn text(&self) -> String {
        let counts = [(self.cues, "cue"), (self.sentences, "sentence"), (self.chapters, "chapter")];
        let counted = counts.into_iter().filter_map(|(number, thing)| Some(count(number?, thing)));
        let parts: Vec<String> = counted.chain(self.fault.map(str::to_owned)).collect();
        let file = printable(&self.file);
        if parts.is_empty() { file } else { format!("{file}: {}", parts.join(", ")) }
    }
}

/// The files of a sound's name that `read` could have written beside it.
pub(super) fn find(sound: &Path) -> Vec<Beside> {
    Kind::ALL.into_iter().filter_map(|kind| look(&sound.with_extension(kind.ending()), kind)).collect()
}

fn look(path: &Path, kind: Kind) -> Option<Beside> {
    // A page may also be the article itself.
    if !path.is_file() || (kind == Kind::Page && !is_own_page(path)) {
        return None;
    }
    let file = path.to_string_lossy().into_owned();
    let mut beside =
        Beside { file, cues: None, sentences: None, chapters: None, fault: None, marks: Vec::new() };
    if matches!(kind, Kind::Page | Kind::Epub) {
        return Some(beside);
    }
    match content(path).and_then(|text| marks(&text, kind).ok_or("it is damaged")) {
        Ok(marks) => {
            let number = Some(marks.len());
            match kind {
                Kind::Words => beside.sentences = number,
                Kind::Chapters => beside.chapters = number,
                _ => beside.cues = number,
            }
            beside.marks = marks;
        }
        Err(fault) => beside.fault = Some(fault),
    }
    Some(beside)
}

fn content(path: &Path) -> Result<String, &'static str> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match read {
        Err(_) => Err("it can't be read"),
        Ok(length) if length as u64 > LARGEST => Err("it is too large to be read"),
        Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

pub(in crate::cli) fn marks(text: &str, kind: Kind) -> Option<Vec<Mark>> {
    let (list, start) = match kind {
        Kind::Vtt if !text.trim_start_matches('\u{feff}').starts_with("WEBVTT") => return None,
        Kind::Vtt | Kind::Srt => {
            return Some(text.lines().filter_map(cue).map(|start| (start, None)).collect());
        }
        Kind::Transcript => ("segments", "startTime"),
        Kind::Words => ("sentences", "start"),
        Kind::Chapters => ("chapters", "startTime"),
        Kind::Page | Kind::Epub => return None,
    };
    let object: Value = serde_json::from_str(text).ok()?;
    let mark = |entry: &Value| {
        let title = entry["title"].as_str().map(str::to_owned);
        Some((entry[start].as_f64()?, title))
    };
    object[list].as_array()?.iter().map(mark).collect()
}

/// The start of the cue whose times are on this line.
fn cue(line: &str) -> Option<f64> {
    let (start, end) = line.split_once("-->")?;
    seconds(end.split_whitespace().next()?)?;
    seconds(start.trim())
}

/// `01:02:03.004`, `02:03.004`, and with the comma of SubRip.
fn seconds(clock: &str) -> Option<f64> {
    let clock = clock.replace(',', ".");
    let parts: Vec<f64> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let is_clock =
        (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.is_finite() && *part >= 0.0);
    is_clock.then(|| parts.iter().fold(0.0, |seconds, part| seconds * 60.0 + part))
}

/// Where sentences begin, or cues where no file has sentences.
pub(super) fn sentences(beside: &[Beside]) -> Vec<f64> {
    let with_sentences = beside.iter().find(|file| file.sentences.is_some());
    let chosen = with_sentences.or_else(|| beside.iter().find(|file| file.cues.is_some()));
    chosen.iter().flat_map(|file| &file.marks).map(|(start, _)| *start).collect()
}

/// The chapters that a file beside the sound has.
pub(super) fn chapters(beside: &[Beside]) -> Vec<Mark> {
    beside.iter().find(|file| file.chapters.is_some()).map(|file| file.marks.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn cues_sentences_and_chapters_are_counted() {
        let vtt =
            "WEBVTT\n\n00:01.000 --> 00:02.000 line:0\nShips --> port\n\n01:00:03.500 --> 01:00:04.000\nb\n";
        let srt = "1\r\n00:00:01,500 --> 00:00:02,000\r\nShips\r\n";
        let rows = [
            (Kind::Vtt, vtt, Some(vec![1.0, 3_603.5])),
            (Kind::Vtt, "no captions", None),
            (Kind::Srt, srt, Some(vec![1.5])),
            (Kind::Srt, "", Some(vec![])),
            (Kind::Transcript, r#"{"segments":[{"startTime":0.5,"body":"a"}]}"#, Some(vec![0.5])),
            (Kind::Words, r#"{"sentences":[{"start":1},{"start":2.5}]}"#, Some(vec![1.0, 2.5])),
            (Kind::Words, r#"{"sentences":[{"start":"x"}]}"#, None),
            (Kind::Words, r#"{"words":[]}"#, None),
            (Kind::Chapters, r#"{"chapters":[{"startTime":0,"title":"a"}]}"#, Some(vec![0.0])),
            (Kind::Chapters, "{", None),
        ];
        each(rows, |(kind, text, want)| {
            let got = marks(text, kind).map(|marks| marks.iter().map(|(start, _)| *start).collect());
            assert_eq!(got, want, "{kind:?}: {text}");
        });
    }

    #[test]
    fn files_beside_a_sound_have_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nx\n"),
            ("a.words.json", "{"),
            ("a.html", "<p>The article</p>"),
            ("b.vtt", "WEBVTT\n"),
        ];
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let found = find(&folder.path().join("a.mp3"));
        let said: Vec<String> = found.iter().map(Beside::text).collect();
        assert!(
            said[0].ends_with("a.srt: 1 cue") && said[1].ends_with("a.words.json: it is damaged"),
            "{said:?}"
        );
        assert_eq!((said.len(), sentences(&found), chapters(&found)), (2, vec![1.0], vec![]));
    }
}
