//! Why a report can't be made, in words for its client. A fault of the article or its address is said in full; one of this machine is only
//! named. No path is in it.

use std::error::Error as _;
use std::io;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::serve::voices::is_unknown;

/// What is said of an address that is not public. Where a name leads within a network of one's own is nobody else's business.
pub(in crate::serve) const PRIVATE: &str = "The url leads to this machine or a private network. Whoever runs the server allows that with \
    --allow-private.";

/// A failure as clients are told, and as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct Failure {
    message: String,
    r#type: String,
    param: Option<String>,
    code: String,
}

/// The same before it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::serve) struct Why {
    /// A sentence.
    pub message: String,
    /// Whether the request is at fault.
    pub is_clients: bool,
    /// The field that it is about.
    pub param: Option<&'static str>,
    /// Its name for programs.
    pub code: &'static str,
}

impl Why {
    /// What an error says of a report whose article came in a field.
    pub(in crate::serve) fn of(error: &Error, param: &'static str) -> Self {
        let clients = |code, param| Self {
            message: sentence(error.what()),
            is_clients: true,
            param: Some(param),
            code,
        };
        let own =
            |message: &str, code| Self { message: message.to_string(), is_clients: false, param: None, code };
        match error.kind() {
            _ if is_unknown(error) => clients("voice_not_found", "voice"),
            ErrorKind::Input => clients("unreadable_article", param),
            ErrorKind::Encoding => clients("not_text", param),
            ErrorKind::Empty => clients("nothing_to_speak", param),
            ErrorKind::Language => clients("other_language", param),
            ErrorKind::Doubtful => clients("doubtful_story", param),
            ErrorKind::Embargoed => clients("embargoed", param),
            ErrorKind::Canceled => clients("story_cancelled", param),
            ErrorKind::Phonemes => clients("unspeakable", param),
            ErrorKind::TooLarge => clients("too_large", param),
            ErrorKind::Address => clients("invalid_url", param),
            ErrorKind::PrivateAddress => {
                Self { message: PRIVATE.to_string(), ..clients("private_address", param) }
            }
            ErrorKind::Redirect => clients("bad_redirect", param),
            ErrorKind::Network => clients("unreachable", param),
            ErrorKind::TimedOut => clients("fetch_timeout", param),
            ErrorKind::HttpStatus => clients("page_not_fetched", param),
            // The fields of the request were looked at before.
            ErrorKind::Usage => own("The server's settings do not allow it.", "bad_setting"),
            ErrorKind::Output | ErrorKind::Exists if has_no_room(error) => {
                own("The server has no room for the report.", "storage_full")
            }
            ErrorKind::Output | ErrorKind::Exists => {
                own("The server can't keep the report.", "storage_failed")
            }
            _ => own("The voice failed.", "voice_failed"),
        }
    }

    /// The server has died too often at it.
    pub(in crate::serve) fn given_up(attempts: u32) -> Self {
        let message = format!("The server broke off {attempts} times while it made the report.");
        Self { message, is_clients: false, param: None, code: "given_up" }
    }

    /// As it is kept.
    pub(in crate::serve) fn kept(self) -> Failure {
        let r#type = if self.is_clients { "invalid_request_error" } else { "server_error" };
        Failure {
            message: self.message,
            r#type: r#type.to_string(),
            param: self.param.map(str::to_string),
            code: self.code.to_string(),
        }
    }
}

/// Whether the disk is full, or the server may fill it no more.
pub(in crate::serve) fn has_no_room(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(io) = found.downcast_ref::<io::Error>() {
            return is_no_room(io);
        }
        cause = found.source();
    }
    false
}

/// The same for an error of the system.
pub(in crate::serve) fn is_no_room(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// A failure begins small and has no full stop.
fn sentence(what: &str) -> String {
    let mut signs = what.chars();
    let first = signs.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", signs.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::table_test::each;

    #[test]
    fn clients_are_told_what_they_can_mend_and_no_path() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let rows = [
            (
                Error::new(ErrorKind::Empty, "the page holds no story"),
                "nothing_to_speak",
                "The page holds no story.",
            ),
            (Error::new(ErrorKind::PrivateAddress, "a is private"), "private_address", PRIVATE),
            (
                Error::new(ErrorKind::UnknownVoice, "there is no voice “x”"),
                "voice_not_found",
                "There is no voice “x”.",
            ),
            (
                Error::new(ErrorKind::Output, "/var/x can't be written").because(full()),
                "storage_full",
                "The server has no room for the report.",
            ),
            (
                Error::new(ErrorKind::Output, "/var/x can't be written").because(io::Error::other("/var/x")),
                "storage_failed",
                "The server can't keep the report.",
            ),
            (Error::new(ErrorKind::Synthesis, "a worker broke off"), "voice_failed", "The voice failed."),
        ];
        each(rows, |(error, code, message)| {
            let why = Why::of(&error.at(Place::file("/var/x")), "input");
            assert_eq!((why.code, &*why.message), (code, message));
            assert!(!serde_json::to_string(&why.kept()).unwrap().contains("/var"), "{code}");
        });
    }
}
