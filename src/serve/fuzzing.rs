//! The parsers of what clients send, and of what a server keeps, for `crate::fuzzing`.

#[cfg(feature = "cluster")]
use super::elsewhere;
use super::podcasts::seen_from;
use super::{access, http, reports, tls, wyoming};

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("feed_seen_from", |bytes| {
        seen_from(&String::from_utf8_lossy(bytes), "https://phone.example/");
    }),
    ("host", access::fuzzing::host),
    ("http_explain", http::fuzzing::explain),
    ("http_form", http::fuzzing::form),
    ("http_range", http::fuzzing::range),
    ("http_report", http::fuzzing::report),
    ("http_speech", http::fuzzing::speech),
    ("kept_report", reports::fuzzing::kept),
    ("pem", tls::fuzzing::pem),
    #[cfg(feature = "cluster")]
    ("speech_asked", elsewhere::fuzzing::asked),
    #[cfg(feature = "cluster")]
    ("speech_told", elsewhere::fuzzing::told),
    ("token_file", access::fuzzing::tokens),
    ("wyoming", wyoming::fuzzing::events),
    ("wyoming_text", wyoming::fuzzing::pieces),
];
