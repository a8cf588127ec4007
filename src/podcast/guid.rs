//! The name of a feed for ever: `podcast:guid`, a UUID of version 5 (RFC 9562, 5.5) in the namespace of podcasts.
//!
//! <https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/guid.md>

use std::fmt;

use sha1::{Digest, Sha1};

/// The namespace of podcasts, `ead4c236-bf58-58c6-a2c6-a6b28d128cb6`.
const NAMESPACE: [u8; 16] =
    [0xea, 0xd4, 0xc2, 0x36, 0xbf, 0x58, 0x58, 0xc6, 0xa2, 0xc6, 0xa6, 0xb2, 0x8d, 0x12, 0x8c, 0xb6];

/// The guid of a feed. It is made of the feed's first address, once, and kept when the address changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guid(String);

impl Guid {
    /// The guid of a feed that has none yet. Its scheme and the slashes at its end do not count.
    pub(crate) fn of_feed(address: &str) -> Self {
        let name = address.trim().split_once("://").map_or(address.trim(), |(_, rest)| rest);
        let name = name.trim_end_matches('/');
        let digest = Sha1::new().chain_update(NAMESPACE).chain_update(name).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes[6] = bytes[6] & 0x0f | 0x50;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        Self(text)
    }

    /// A guid that was kept.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        is_guid(text).then(|| Self(text.to_ascii_lowercase()))
    }

    /// Its 36 characters.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text is a UUID of version 5.
pub(super) fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let has_form = parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    has_form && parts[2].starts_with('5') && parts[3].starts_with(['8', '9', 'a', 'b', 'A', 'B'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn guids_are_those_of_the_specification() {
        let rows = [
            ("podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
            ("https://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
            ("http://podnews.net/rss//", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
            ("mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
            ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ];
        each(rows, |(address, want)| {
            let guid = Guid::of_feed(address);
            assert_eq!(guid.to_string(), want, "{address}");
            assert_eq!(Guid::parse(&want.to_uppercase()), Some(guid), "{address}");
        });
    }

    #[test]
    fn only_version_5_is_a_guid() {
        let rows = [
            "",
            "9b024349-ccf0-4f69-a609-6b82873eab3c",
            "9b024349-ccf0-5f69-c609-6b82873eab3c",
            "9b024349ccf05f69a6096b82873eab3c",
            "{9b024349-ccf0-5f69-a609-6b82873eab3c}",
            "9b024349-ccf0-5f69-a609-6b82873eab3",
            "9b024349-ccf0-5f69-a609-6b82873eab3g",
            "https://podnews.net/rss",
        ];
        each(rows, |text| assert_eq!(Guid::parse(text), None, "{text}"));
    }
}
