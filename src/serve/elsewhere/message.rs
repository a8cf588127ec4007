//! What a server and a worker say to each other.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::audio::Speed;
use crate::error::{Error, ErrorKind, Result};
use crate::lexicon::user::Given;
use crate::order::Manner;
use crate::output::encode::{Coding, Format};
use crate::serve::speech::{Form, Wanted, article_of_lines};
use crate::serve::times::{Places, SpokenWord};
use crate::serve::voices::Choice;

/// Counts the changes of these messages.
const VERSION: u32 = 1;
/// The form of samples alone.
const SAMPLES: &str = "pcm";
/// No server bears a client longer that takes nothing.
const MOST_STALLED: Duration = Duration::from_hours(1);

/// What a server wants to have spoken.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::serve) struct Asked {
    version: u32,
    text: String,
    /// Its whole name.
    pub voice: String,
    speed: f32,
    /// The ending of a format, or `pcm`.
    form: String,
    /// How the server says texts.
    pub manner: Manner,
    /// Words of the request above them.
    words: Vec<(String, String)>,
    /// Where the words are heard, if the client wants to know.
    places: Option<Places>,
    /// Whether somebody listens meanwhile.
    pub is_live: bool,
    /// Seconds after which a client that takes nothing is given up.
    stalled: f64,
}

impl Asked {
    pub(in crate::serve) fn of(
        wanted: &Wanted,
        voice: String,
        manner: Manner,
        is_live: bool,
        stalled: Duration,
    ) -> Self {
        let form = match wanted.form {
            Form::Samples => SAMPLES,
            Form::File(coding) => coding.format.ending(),
        };
        Self {
            version: VERSION,
            text: wanted.article.text().to_string(),
            voice,
            speed: wanted.speed.factor(),
            form: form.to_string(),
            manner,
            words: wanted.given.words().to_vec(),
            places: wanted.places.clone(),
            is_live,
            stalled: stalled.as_secs_f64(),
        }
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|cause| Error::new(ErrorKind::Output, "a request can't be written").because(cause))
    }

    /// Reads a message, which may be anything.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for what no server of this version says.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let asked: Self = serde_json::from_slice(bytes)
            .map_err(|cause| Error::new(ErrorKind::Usage, "a message is no request").because(cause))?;
        if asked.version == VERSION { Ok(asked) } else { Err(unknown("a request of another version")) }
    }

    /// How long a client may take nothing.
    pub(super) fn stalled(&self) -> Duration {
        Duration::try_from_secs_f64(self.stalled).map_or(MOST_STALLED, |stalled| stalled.min(MOST_STALLED))
    }

    /// What is to be spoken.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for what no server asks for, [`ErrorKind::Empty`] where there is nothing to speak.
    pub(super) fn wanted(&self) -> Result<Wanted> {
        // The server has written its line ends already.
        let article = article_of_lines(self.text.clone())?;
        let format = || Format::ALL.into_iter().find(|format| format.ending() == self.form);
        let form = if self.form == SAMPLES {
            Form::Samples
        } else {
            Form::File(Coding::usual(format().ok_or_else(|| unknown("a format that is not known"))?))
        };
        let words = self.words.iter().map(|(word, said)| (word.as_str(), said.as_str()));
        Ok(Wanted {
            article: Arc::new(article),
            voice: Choice { name: Some(self.voice.clone()), is_fast: false },
            speed: Speed::new(self.speed).ok_or_else(|| unknown("a speed that is not known"))?,
            form,
            given: Given::read(words).map_err(|_| unknown("a word that is none"))?,
            places: self.places.clone(),
        })
    }
}

/// What a worker says about a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// It has no place any more.
    Full,
    /// It speaks, with so many samples a second.
    Begun(u32),
    /// Words, before the sound in which they are heard.
    Words(Vec<SpokenWord>),
    /// Sound, as the client gets it.
    Sound {
        /// Samples of the voice that were made until now.
        made: u64,
        /// Its bytes.
        bytes: Bytes,
    },
    /// It is at work.
    Alive,
    /// All of it is said.
    Done,
    /// It could not.
    Failed(Failed),
}

/// Why a worker could not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failed {
    kind: FailedKind,
    what: String,
}

/// Whether another one could do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FailedKind {
    /// There is nothing in the text to speak.
    Empty,
    /// No voice speaks a part of it.
    Phonemes,
    /// This worker could not.
    Other,
}

impl Failed {
    pub(super) fn of(error: &Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Empty => FailedKind::Empty,
            ErrorKind::Phonemes => FailedKind::Phonemes,
            _ => FailedKind::Other,
        };
        // What is said of phonemes quotes the text, which the client knows.
        Self { kind, what: error.what().to_string() }
    }

    pub(super) fn error(&self) -> Error {
        let kind = match self.kind {
            FailedKind::Empty => ErrorKind::Empty,
            FailedKind::Phonemes => ErrorKind::Phonemes,
            FailedKind::Other => ErrorKind::Synthesis,
        };
        Error::new(kind, self.what.clone())
    }
}

// What kind of message it is, behind its number.
const FULL: u8 = b'f';
const BEGUN: u8 = b'b';
const WORDS: u8 = b'w';
const SOUND: u8 = b's';
const ALIVE: u8 = b'a';
const DONE: u8 = b'd';
const FAILED: u8 = b'x';

/// Bytes before what a message says: its number and its kind.
const HEAD: usize = 5;

impl Told {
    /// The message, with its number among those about this request: four bytes, the lowest first, then a letter, then what it says.
    pub(super) fn to_bytes(&self, number: u32) -> Bytes {
        let mut bytes = BytesMut::new();
        bytes.put_u32_le(number);
        let json = |value: serde_json::Result<Vec<u8>>| value.unwrap_or_default();
        let (kind, said) = match self {
            Self::Full => (FULL, Vec::new()),
            Self::Begun(rate) => (BEGUN, rate.to_le_bytes().to_vec()),
            Self::Words(words) => (WORDS, json(serde_json::to_vec(words))),
            Self::Sound { made, .. } => (SOUND, made.to_le_bytes().to_vec()),
            Self::Alive => (ALIVE, Vec::new()),
            Self::Done => (DONE, Vec::new()),
            Self::Failed(failed) => (FAILED, json(serde_json::to_vec(failed))),
        };
        bytes.put_u8(kind);
        bytes.put_slice(&said);
        if let Self::Sound { bytes: sound, .. } = self {
            bytes.put_slice(sound);
        }
        bytes.freeze()
    }

    /// Reads a message, which may be anything; also its number.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for what no worker of this version says.
    pub(super) fn read(bytes: &Bytes) -> Result<(u32, Self)> {
        let wrong = || unknown("a message of a worker is not understood");
        let (head, said) = bytes.split_first_chunk::<HEAD>().ok_or_else(wrong)?;
        let [a, b, c, d, kind] = *head;
        let json = |cause| wrong().because(cause);
        let told = match (kind, said) {
            (FULL, []) => Self::Full,
            (ALIVE, []) => Self::Alive,
            (DONE, []) => Self::Done,
            (BEGUN, said) => Self::Begun(u32::from_le_bytes(said.try_into().map_err(|_| wrong())?)),
            (WORDS, said) => Self::Words(serde_json::from_slice(said).map_err(json)?),
            (FAILED, said) => Self::Failed(serde_json::from_slice(said).map_err(json)?),
            (SOUND, said) => {
                let (made, _) = said.split_first_chunk::<8>().ok_or_else(wrong)?;
                Self::Sound { made: u64::from_le_bytes(*made), bytes: bytes.slice(HEAD + 8..) }
            }
            _ => return Err(wrong()),
        };
        Ok((u32::from_le_bytes([a, b, c, d]), told))
    }
}

/// What a server says to a worker about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// It has so many bytes of sound.
    Taken(u64),
    /// Nobody wants the rest.
    Gone,
}

impl Answered {
    pub(super) fn to_bytes(self) -> Bytes {
        match self {
            Self::Taken(bytes) => Bytes::copy_from_slice(&bytes.to_le_bytes()),
            Self::Gone => Bytes::new(),
        }
    }

    /// Reads a message. What is not understood is no reason to go on.
    pub(super) fn read(bytes: &[u8]) -> Self {
        <[u8; 8]>::try_from(bytes).map_or(Self::Gone, |taken| Self::Taken(u64::from_le_bytes(taken)))
    }
}

fn unknown(what: &str) -> Error {
    Error::new(ErrorKind::Usage, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::AcronymStyle;
    use crate::order::Words;
    use crate::table_test::each;

    #[test]
    fn what_is_told_is_understood() {
        let word = SpokenWord { start: 1, end: 3, from: 0.25, to: 0.5 };
        let rows = [
            Told::Full,
            Told::Begun(24_000),
            Told::Words(vec![word, word]),
            Told::Sound { made: 1 << 40, bytes: Bytes::from_static(b"sound") },
            Told::Sound { made: 0, bytes: Bytes::new() },
            Told::Alive,
            Told::Done,
            Told::Failed(Failed::of(&Error::new(ErrorKind::Empty, "nothing"))),
        ];
        each(rows.into_iter().enumerate(), |(number, told)| {
            let bytes = told.to_bytes(number as u32);
            assert_eq!(Told::read(&bytes).unwrap(), (number as u32, told));
        });
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let rows: [&[u8]; 8] = [
            b"",
            b"\0\0\0\0",
            b"\0\0\0\0?",
            b"\0\0\0\0fx",
            b"\0\0\0\0s1234567",
            b"\0\0\0\0b{}",
            b"\0\0\0\0w[1]",
            b"\0\0\0\0x",
        ];
        each(rows, |bytes| {
            let error = Told::read(&Bytes::copy_from_slice(bytes)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage, "{bytes:?}");
        });
        each([&b""[..], b"1234567", b"123456789"], |bytes| {
            assert_eq!(Answered::read(bytes), Answered::Gone, "{bytes:?}");
        });
        assert_eq!(Answered::read(&Answered::Taken(1 << 33).to_bytes()), Answered::Taken(1 << 33));
    }

    #[test]
    fn what_is_asked_is_wanted_by_the_worker_as_by_the_server() {
        let given = Given::read([("Nguyen", "NOO-yen")]).unwrap();
        let wanted = Wanted {
            article: Arc::new(crate::serve::speech::article_of("One.\r\r\n\r\n\r\nTwo Nguyen.").unwrap()),
            voice: Choice { name: Some("alloy".to_string()), is_fast: true },
            speed: Speed::new(1.5).unwrap(),
            form: Form::File(Coding::usual(Format::Opus)),
            given,
            places: Some(Places::of("One.\r\r\n\r\n\r\nTwo Nguyen.")),
        };
        let words = vec![Words::Toml("[words]\nIshiba = \"ISH-ee-ba\"\n".to_string())];
        let manner = Manner::new(None, None, AcronymStyle::Letters, words);
        let asked = Asked::of(&wanted, "af_alloy".to_string(), manner.clone(), true, Duration::from_secs(9));
        let read = Asked::read(&asked.to_bytes().unwrap()).unwrap();
        assert!(read.is_live && read.manner == manner && read.stalled() == Duration::from_secs(9));
        let same = read.wanted().unwrap();
        assert_eq!(same.article.text(), wanted.article.text());
        assert_eq!(same.article.blocks(), wanted.article.blocks());
        assert_eq!(same.voice, Choice { name: Some("af_alloy".to_string()), is_fast: false });
        assert_eq!((same.speed, same.given.words()), (wanted.speed, wanted.given.words()));
        assert_eq!(
            format!("{:?} {:?}", same.form, same.places),
            format!("{:?} {:?}", wanted.form, wanted.places)
        );
    }

    #[test]
    fn what_no_server_asks_for_is_refused() {
        let asked = |changed: &str, value: serde_json::Value| {
            let mut asked = serde_json::json!({"version": 1, "text": "One.", "voice": "tone", "speed": 1.0, "form": "mp3",
                "manner": {}, "words": [], "places": null, "is_live": true, "stalled": 30.0});
            asked[changed] = value;
            Asked::read(asked.to_string().as_bytes()).and_then(|asked| asked.wanted())
        };
        assert!(asked("text", "Two.".into()).is_ok());
        let rows = [
            ("version", 2.into(), ErrorKind::Usage),
            ("text", 1.into(), ErrorKind::Usage),
            ("text", " \n\n".into(), ErrorKind::Empty),
            ("speed", 100.into(), ErrorKind::Usage),
            ("form", "aac".into(), ErrorKind::Usage),
            ("words", serde_json::json!([["Lee", ""]]), ErrorKind::Usage),
        ];
        each(rows, |(changed, value, kind)| {
            assert_eq!(asked(changed, value).unwrap_err().kind(), kind, "{changed}");
        });
    }
}
