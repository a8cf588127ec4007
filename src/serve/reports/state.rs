//! How far a report is, as it is kept on the disk and as clients are told.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::failure::Failure;
use crate::order::{FileKind, LeftOut, Made, Order, Source, Story, UnknownWord};

/// The part of the work that is speech; what follows is mastering and files.
const SPEECH: f64 = 0.95;

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::serve) enum Status {
    /// Others come first.
    Queued,
    /// It is made now.
    Running,
    /// Its files are there.
    Done,
    /// It can't be made.
    Failed,
    /// Nobody wants it any more.
    Cancelled,
}

impl Status {
    /// Whether it changes no more.
    pub(in crate::serve) fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct File {
    pub name: String,
    pub kind: FileKind,
    pub media_type: String,
    pub bytes: u64,
    /// The SHA-256 of its content.
    pub sha256: String,
}

/// All that is known of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::serve) struct State {
    pub status: Status,
    /// Milliseconds since 1970.
    pub created: i64,
    /// The same, when it ended.
    pub ended: Option<i64>,
    /// How often it was begun and neither ended nor left in order.
    pub attempts: u32,
    title: Option<String>,
    source: Option<String>,
    voice: String,
    speed: f32,
    format: String,
    done: f64,
    seconds: f64,
    confidence: Option<f64>,
    left_out: Vec<LeftOut>,
    unknown_words: Vec<UnknownWord>,
    pub files: Vec<File>,
    error: Option<Failure>,
}

impl State {
    /// A report that nobody has begun.
    pub(in crate::serve) fn queued(order: &Order, created: i64) -> Self {
        Self {
            status: Status::Queued,
            created,
            ended: None,
            attempts: 0,
            title: order.title.clone(),
            source: match &order.source {
                Source::Address(address) => Some(address.clone()),
                Source::Page(page) => Some(page.address.clone()),
                Source::Text | Source::File(_) => None,
            },
            voice: order.voice.clone(),
            speed: order.speed().factor(),
            format: order.format().ending().to_string(),
            done: 0.0,
            seconds: 0.0,
            confidence: None,
            left_out: Vec::new(),
            unknown_words: Vec::new(),
            files: Vec::new(),
            error: None,
        }
    }

    /// The article is there.
    pub(super) fn load(&mut self, story: Story) {
        let Story { title, source, confidence, left_out } = story;
        self.title = title;
        self.source = source.or(self.source.take());
        (self.confidence, self.left_out) = (confidence, left_out);
    }

    /// So much is spoken.
    pub(super) fn speak(&mut self, done: f64, seconds: f64) {
        self.done = done.clamp(0.0, 1.0) * SPEECH;
        self.seconds = seconds;
    }

    /// It is made.
    pub(super) fn finish(&mut self, made: &Made, files: Vec<File>, now: i64) {
        (self.status, self.ended, self.done) = (Status::Done, Some(now), 1.0);
        (self.seconds, self.files) = (made.seconds, files);
        self.unknown_words.clone_from(&made.unknown_words);
    }

    /// It can't be made.
    pub(super) fn fail(&mut self, failure: Failure, now: i64) {
        (self.status, self.ended, self.error) = (Status::Failed, Some(now), Some(failure));
        self.files.clear();
    }

    /// The same when nobody wants it any more.
    pub(super) fn cancelled(&self) -> Self {
        Self { status: Status::Cancelled, ..self.clone() }
    }

    /// What clients are told.
    pub(in crate::serve) fn told(&self, id: &str) -> Value {
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|file| {
                json!({
                    "name": file.name,
                    "kind": file.kind,
                    "media_type": file.media_type,
                    "bytes": file.bytes,
                    "url": format!("/v1/reports/{id}/files/{}", in_address(&file.name)),
                })
            })
            .collect();
        json!({
            "id": id,
            "object": "report",
            "status": self.status,
            "created_at": self.created.div_euclid(1_000),
            "title": self.title,
            "source": self.source,
            "voice": self.voice,
            "speed": rounded(f64::from(self.speed)),
            "format": self.format,
            "progress": { "done": rounded(self.done), "seconds": rounded(self.seconds) },
            "confidence": self.confidence.map(rounded),
            "left_out": self.left_out,
            "unknown_words": self.unknown_words,
            "files": files,
            "error": self.error,
        })
    }
}

/// Thousandths are enough for people.
fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

/// A name as a part of an address.
fn in_address(name: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    utf8_percent_encode(name, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Speed;
    use crate::output::encode::Format;

    #[test]
    fn a_report_is_told_in_the_same_shape_from_first_to_last_and_comes_back_from_the_disk() {
        let source = Source::Address("https://paper.example/port".to_string());
        let order = Order::new(source, "tone".to_string(), Speed::new(1.1).unwrap(), Format::Mp3);
        let mut state = State::queued(&order, 1_700_000_000_999);
        let names = |state: &State| -> Vec<String> {
            state.told("rep_1").as_object().unwrap().keys().cloned().collect()
        };
        let first = names(&state);
        let told = state.told("rep_1");
        assert_eq!((&told["status"], &told["created_at"]), (&json!("queued"), &json!(1_700_000_000)));
        assert_eq!((&told["speed"], &told["source"]), (&json!(1.1), &json!("https://paper.example/port")));
        let left_out = vec![LeftOut { text: "Share".to_string(), reason: "page_furniture".to_string() }];
        state.load(Story { title: Some("Port".to_string()), left_out, ..Story::default() });
        assert_eq!(state.told("rep_1")["source"], "https://paper.example/port", "the typed one stays");
        state.speak(0.5, 7.25);
        assert_eq!(state.told("rep_1")["progress"], json!({ "done": 0.475, "seconds": 7.25 }));
        let file = File {
            name: "항구 1.mp3".to_string(),
            kind: FileKind::Audio,
            media_type: "audio/mpeg".to_string(),
            bytes: 5,
            sha256: "00".to_string(),
        };
        let made = Made { unknown_words: Vec::new(), seconds: 15.0, files: Vec::new() };
        state.finish(&made, vec![file], 1_700_000_060_000);
        let told = state.told("rep_1");
        assert_eq!(told["files"][0]["url"], "/v1/reports/rep_1/files/%ED%95%AD%EA%B5%AC%201.mp3");
        assert!(told["files"][0].get("sha256").is_none());
        assert_eq!(told["progress"], json!({ "done": 1.0, "seconds": 15.0 }));
        assert_eq!(names(&state), first);
        let kept = serde_json::to_vec(&state).unwrap();
        assert_eq!(serde_json::from_slice::<State>(&kept).unwrap(), state);
    }
}
