//! The parsers of what the web sends, for `crate::fuzzing`.

use std::time::SystemTime;

use ureq::http::header::LOCATION;
use ureq::http::{HeaderMap, HeaderValue};

use super::body::{self, Packing};
use super::fault::Fault;
use super::guard::Policy;
use super::head::{charset_of, next_hop};
use super::hosts::retry_after;
use super::robots::Rules;
use super::{Address, Credentials, Robots, is_address, shown};

/// Bytes of a body; enough for what a small input unpacks to.
const MOST: usize = 1 << 20;

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("address", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let (one, other) = text.split_once('\n').unwrap_or((&text, "../b?c#d"));
        std::hint::black_box((is_address(one.as_ref()), shown(one)));
        let Ok(address) = Address::parse(one) else { return };
        assert_eq!(Address::parse(address.as_str()).ok().as_ref(), Some(&address));
        assert!(address.is_same_site(&address), "{address} is not of its own site");
        assert!(!address.name().is_empty() && !address.name().contains(['/', '\\', '\0']));
        let _ = Policy::new(false).check_literal(&address);
        if let Ok(joined) = address.join(other) {
            assert_eq!(address.is_same_site(&joined), joined.is_same_site(&address));
            std::hint::black_box((joined.without_trackers(), joined.host_name()));
        }
    }),
    ("answer_head", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        std::hint::black_box((charset_of(&text), retry_after(&text, SystemTime::UNIX_EPOCH)));
        let _ = Packing::of(Some(&text));
        let from = Address::parse("https://paper.example/a/b");
        if let (Ok(from), Ok(value)) = (from, HeaderValue::from_bytes(bytes)) {
            let hop = next_hop(&from, &HeaderMap::from_iter([(LOCATION, value)]));
            assert!(
                hop.is_err() || hop.is_ok_and(|hop| hop.is_secure()),
                "a safe connection became an open one"
            );
        }
    }),
    ("body", |bytes| {
        for packing in [Packing::None, Packing::Gzip, Packing::Deflate] {
            let failed = |_| Fault::CutOff;
            if let Ok(body) = body::read(bytes, packing, MOST, bytes.len().is_multiple_of(2), failed) {
                assert!(body.len() <= MOST, "{} bytes", body.len());
            }
        }
    }),
    ("robots", |bytes| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let path = String::from_utf8_lossy(bytes.get(end + 1..).unwrap_or_default());
        let robots = Robots::Rules(Rules::parse(&bytes[..end]));
        if let Ok(address) = Address::parse(&format!("https://paper.example/{path}")) {
            robots.allows(&address);
        }
    }),
    ("sign_ins", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let last = text.matches('\n').count() + 1;
        match Credentials::parse(&text, false) {
            Ok(known) => {
                if let Ok(address) = Address::parse("https://paper.example/") {
                    known.header_for(&address);
                }
            }
            Err((line, _)) => {
                assert!(line.is_none_or(|line| (1..=last).contains(&line)), "{line:?} of {last}");
            }
        }
    }),
];
