//! The library's error: a kind, the failure, its place, its causes, and a cure.

mod cure;

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};

pub use cure::Cure;
use serde::Serialize;

/// The sort of failure; callers match on this, people read the message. JSON has the names as they stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An input can't be read: missing, a folder, no permission.
    Input,
    /// The bytes of an input are not text in an encoding that is known.
    Encoding,
    /// The input has no text to speak.
    Empty,
    /// The story is in another language than the voices speak.
    Language,
    /// The program is not sure that it found the story, and was asked to be.
    Doubtful,
    /// The hour before which a story may not be published has not come.
    Embargoed,
    /// The agency has cancelled the story: what was published of it has to go.
    Canceled,
    /// A setting is out of range or contradicts another.
    Usage,
    /// No voice of that name.
    UnknownVoice,
    /// The voice is known but not installed.
    VoiceMissing,
    /// Installed voice data is damaged.
    VoiceCorrupt,
    /// A lexicon can't be read, or has a wrong entry.
    Lexicon,
    /// Voice data could not be fetched.
    Download,
    /// A phoneme string exceeds the limits of the voice.
    Phonemes,
    /// The voice failed to speak a chunk.
    Synthesis,
    /// The result can't be written.
    Output,
    /// The result exists already and may not be replaced.
    Exists,
    /// No loudspeaker, or it failed.
    AudioDevice,
    /// Sound data can't be decoded.
    Decode,
    /// What was given is no address that is fetched: malformed, of another scheme than http and https, or with a password.
    Address,
    /// An address leads to this machine or a network of one's own, which only [`Cure::AllowPrivate`] opens.
    PrivateAddress,
    /// A page redirects too often, in a circle, from https to http, or to what is not fetched.
    Redirect,
    /// A server can't be reached safely, or its answer broke off.
    Network,
    /// A server took too long.
    TimedOut,
    /// A server answered with a status that brings no page.
    HttpStatus,
    /// An answer is larger than a page may be.
    TooLarge,
    /// What a folder remembers of its results can't be read or written, or was written by a later version.
    Manifest,
    /// What a folder remembers of its results is damaged.
    ManifestCorrupt,
    /// Another process works on the same folder.
    InUse,
    /// A podcast feed breaks a rule that apps require.
    Feed,
    /// The user or the caller asked to stop.
    Interrupted,
    /// The reader of our output closed it; not a failure for a command-line program.
    BrokenPipe,
}

/// The place of the failure, as exactly as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file or the name of the stream.
    pub file: Option<PathBuf>,
    /// One-based line.
    pub line: Option<usize>,
    /// One-based column in characters.
    pub column: Option<usize>,
    /// One-based number of the chunk.
    pub chunk: Option<usize>,
    /// The text concerned, shortened.
    pub text: Option<String>,
}

impl Place {
    /// A file as a whole.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self { file: Some(path.as_ref().to_path_buf()), ..Self::default() }
    }

    /// A chunk of the article and the text it speaks.
    pub(crate) fn chunk(number: usize, text: &str) -> Self {
        Self { chunk: Some(number), text: Some(shorten(text, 80)), ..Self::default() }
    }

    /// Adds a one-based line and column.
    #[must_use]
    pub(crate) fn line(mut self, line: usize, column: usize) -> Self {
        (self.line, self.column) = (Some(line), Some(column));
        self
    }

    /// Adds the text concerned.
    #[must_use]
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.text = Some(shorten(text, 80));
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(file) = &self.file {
            let mut part = printable(&file.to_string_lossy());
            for number in [self.line, self.column].into_iter().flatten() {
                part.push_str(&format!(":{number}"));
            }
            parts.push(part);
        } else if let Some(line) = self.line {
            parts.push(format!("line {line}"));
        }
        if let Some(chunk) = self.chunk {
            parts.push(format!("chunk {chunk}"));
        }
        if let Some(text) = &self.text {
            parts.push(format!("“{text}”"));
        }
        f.write_str(&parts.join(", "))
    }
}

/// An error with the failure, its place, its causes and, as a code, a cure.
///
/// `Display` gives the failure alone, and [`story`](Self::story) in its alternate form (`{error:#}`).
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    place: Option<Place>,
    cure: Option<Cure>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a kind, with a sentence for the failure, without a full stop.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: None, cure: None, cause: None }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Adds the cure.
    #[must_use]
    pub fn with_cure(mut self, cure: Cure) -> Self {
        self.cure = Some(cure);
        self
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The sort of failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The failure in one sentence without a full stop.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The place, as far as it is known.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// The cure, if there is one.
    pub fn cure(&self) -> Option<&Cure> {
        self.cure.as_ref()
    }

    /// The cause.
    pub(crate) fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// The failure and each cause on one line, without the place: the text there may be somebody else's.
    #[cfg(feature = "serve")]
    pub(crate) fn causes(&self) -> String {
        let mut text = self.what.clone();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        text
    }

    /// The failure, the place and each cause, on a few lines. The program words the cure, see [`cure`](Self::cure).
    pub fn story(&self) -> String {
        let mut text = self.what.clone();
        if let Some(place) = &self.place {
            text.push_str(&format!("\n  where: {place}"));
        }
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(&format!("\n  why: {error}"));
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { f.write_str(&self.story()) } else { f.write_str(&self.what) }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &dyn StdError)
    }
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// At most `limit` characters of `text`, white space folded, with an ellipsis when some were left off.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    for word in text.split_whitespace() {
        let separator = (count > 0).then_some(' ');
        for c in separator.into_iter().chain(word.chars()) {
            if count == limit {
                out.push('…');
                return out;
            }
            out.push(c);
            count += 1;
        }
    }
    out
}

/// Whether a character is harmless to print. Others control the terminal, begin a new line, or turn the direction in
/// which the text after them is written, and so they can forge or hide output.
pub(crate) fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name in a message: characters that are not printable are replaced by U+FFFD, line ends too.
pub(crate) fn printable(name: &str) -> String {
    name.chars().map(|c| if is_printable(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f7_a_name_in_a_message_steers_no_terminal() {
        let hostile = "a\u{1b}]0;t\u{7}\nb\tc\u{9b}2J\u{202e}d\u{2066}e\u{2028}f é 서\u{200d}울";
        let want =
            "a\u{fffd}]0;t\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}2J\u{fffd}d\u{fffd}e\u{fffd}f é 서\u{200d}울";
        assert_eq!(printable(hostile), want);
        let error = Error::new(ErrorKind::Input, "no such file").at(Place::file(hostile).line(1, 2));
        assert_eq!(error.story(), format!("no such file\n  where: {want}:1:2"));
    }

    #[test]
    fn an_error_says_what_where_and_why_and_has_a_code_for_the_cure() {
        let error = Error::new(ErrorKind::Encoding, "this is not UTF-8 text")
            .at(Place::file("a.txt").line(3, 7))
            .because(std::io::Error::other("bad byte"))
            .with_cure(Cure::SaveAsUtf8);
        assert_eq!(error.story(), "this is not UTF-8 text\n  where: a.txt:3:7\n  why: bad byte");
        assert_eq!(format!("{error:#}"), error.story());
        assert_eq!(error.to_string(), "this is not UTF-8 text");
        assert_eq!(error.cure().map(Cure::as_str), Some("save-as-utf-8"));
        assert_eq!(serde_json::to_string(&error.kind()).unwrap(), "\"Encoding\"");
    }

    #[test]
    fn shortening_folds_white_space_and_keeps_characters_whole() {
        assert_eq!(shorten(" a\n b ", 10), "a b");
        assert_eq!(shorten("ééééé", 3), "ééé…");
        assert_eq!(shorten("", 3), "");
    }
}
