//! What went wrong, as `error` events say it: a text for people, a code for programs. Nothing in it names a place on this machine.
//!
//! After an error the connection is closed. Home Assistant looks for the end of the sound alone, and would wait for it for ever; and sound
//! that ended without an error would be taken as whole.

use serde::Serialize;

use super::wire::Malformed;
use crate::error::{Error, ErrorKind};
use crate::serve::voices::is_unknown;

/// What ends a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    text: String,
    code: &'static str,
}

impl Fault {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { text: text.into(), code }
    }

    /// All places are taken, and stay so.
    pub(super) fn busy() -> Self {
        Self::new(
            "server_busy",
            "The server speaks and waits for as many requests as it may. Come again later.",
        )
    }

    /// The server ends.
    pub(super) fn stopping() -> Self {
        Self::new("server_stops", "The server is being stopped.")
    }

    /// The text is written in what is not understood.
    pub(super) fn format(name: &str) -> Self {
        let name: String = name.chars().take(40).collect();
        Self::new("unsupported_text_format", format!("Plain text is spoken, and no {name:?}."))
    }

    /// There is more text than may be.
    pub(super) fn too_long(most: usize) -> Self {
        Self::new("text_too_long", format!("The text has more than {most} characters."))
    }

    /// No voice speaks a language.
    pub(super) fn language(name: &str) -> Self {
        let name: String = name.chars().take(40).collect();
        Self::new("voice_not_found", format!("No installed voice speaks {name:?}."))
    }

    /// An event that has no meaning where it stands.
    pub(super) fn out_of_order(text: &str) -> Self {
        Self::new("unexpected_event", text)
    }

    /// A text does not go on.
    pub(super) fn silent() -> Self {
        Self::new("text_timeout", "The text did not go on in time.")
    }

    /// A request takes longer than any may.
    pub(super) fn endless() -> Self {
        Self::new("request_timeout", "The request took too long.")
    }

    /// What the voice says of a request that it can't speak.
    pub(super) fn of(error: &Error) -> Self {
        if is_unknown(error) {
            return Self::new("voice_not_found", format!("{error}."));
        }
        match error.kind() {
            ErrorKind::Empty => Self::new("nothing_to_speak", "The text has nothing that can be spoken."),
            ErrorKind::Phonemes => Self::new("unspeakable", "The text has a part that no voice speaks."),
            ErrorKind::InUse => Self::busy(),
            ErrorKind::Usage => Self::new("bad_setting", format!("{error}.")),
            _ => Self::new("voice_failed", "The voice failed."),
        }
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::Line => {
                Self::new("line_too_long", "A line has no end; long texts belong into the data.")
            }
            Malformed::Json => Self::new("bad_event", "These bytes are no event of Wyoming."),
            Malformed::Data => {
                Self::new("text_too_long", "The data of an event are longer than any text may be.")
            }
            Malformed::Payload => Self::new("payload_too_long", "The payload of an event is too long."),
        }
    }
}
