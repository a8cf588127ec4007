//! What values may be.

use crate::net::Address;
use crate::podcast::tree::{Element, Space};

/// Characters of a value.
pub(in crate::podcast) const LONGEST_VALUE: usize = 255;
/// Bytes of a description.
pub(in crate::podcast) const LONGEST_DESCRIPTION: usize = 4_000;
/// Characters of a person's name, a role, a purpose.
pub(in crate::podcast) const LONGEST_NAME: usize = 128;
/// Characters of `podcast:txt`.
pub(in crate::podcast) const LONGEST_TXT: usize = 4_000;

/// The names that the rules know, in their own capitals.
const NAMES: [(Space, &[&str]); 5] = [
    (
        Space::Rss,
        &[
            "title",
            "link",
            "description",
            "language",
            "copyright",
            "managingEditor",
            "webMaster",
            "pubDate",
            "lastBuildDate",
            "category",
            "generator",
            "docs",
            "cloud",
            "ttl",
            "image",
            "rating",
            "textInput",
            "skipHours",
            "skipDays",
            "item",
            "author",
            "comments",
            "enclosure",
            "guid",
            "source",
        ],
    ),
    (
        Space::Itunes,
        &[
            "applepodcastsverify",
            "author",
            "block",
            "category",
            "complete",
            "duration",
            "email",
            "episode",
            "episodeType",
            "explicit",
            "image",
            "keywords",
            "name",
            "new-feed-url",
            "order",
            "owner",
            "season",
            "subtitle",
            "summary",
            "title",
            "type",
        ],
    ),
    (
        Space::Podcast,
        &[
            "alternateEnclosure",
            "block",
            "chapters",
            "chat",
            "contentLink",
            "episode",
            "funding",
            "guid",
            "image",
            "images",
            "integrity",
            "license",
            "liveItem",
            "liveValue",
            "location",
            "locked",
            "medium",
            "person",
            "podping",
            "podroll",
            "publisher",
            "remoteItem",
            "season",
            "socialInteract",
            "soundbite",
            "source",
            "trailer",
            "transcript",
            "txt",
            "updateFrequency",
            "value",
            "valueRecipient",
            "valueTimeSplit",
        ],
    ),
    (Space::Atom, &["link"]),
    (Space::Content, &["encoded"]),
];

/// The name of a tag as it should be written, where only its capitals are wrong, or those of its prefix.
pub(super) fn in_other_case(element: &Element) -> Option<String> {
    let (_, names) = NAMES.iter().find(|(space, _)| *space == element.space)?;
    let known = names.iter().find(|known| known.eq_ignore_ascii_case(element.local()))?;
    let prefix = match element.name.rsplit_once(':') {
        Some((prefix, _)) => format!("{prefix}:"),
        None => String::new(),
    };
    (*known != element.local()).then(|| format!("{prefix}{known}"))
}

/// Whether a tag has the usual limit.
pub(super) fn is_short(name: &str) -> bool {
    matches!(
        name,
        "title"
            | "copyright"
            | "managingEditor"
            | "webMaster"
            | "generator"
            | "author"
            | "name"
            | "email"
            | "keywords"
            | "subtitle"
            | "language"
    )
}

/// Whether a plain text holds tags or entities, which were escaped once too often.
pub(super) fn has_markup(text: &str) -> bool {
    let is_tag = |rest: &str| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        rest.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.contains('>')
    };
    let is_entity = |rest: &str| {
        let name = rest.split(';').next().unwrap_or_default();
        name.len() < rest.len()
            && (2..=8).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
    };
    text.split('<').skip(1).any(is_tag) || text.split('&').skip(1).any(is_entity)
}

/// Why a text is no link.
#[derive(Debug)]
pub(super) enum NoAddress {
    /// It has a name or a password.
    Password,
    /// Another reason.
    Other(String),
}

/// A whole address of http or https.
pub(super) fn address(text: &str) -> Result<Address, NoAddress> {
    Address::parse(text).map_err(|fault| {
        if Address::has_password(text) { NoAddress::Password } else { NoAddress::Other(fault.to_string()) }
    })
}

/// A length in seconds, or as `H:MM:SS` or `MM:SS`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_number =
        |part: &&str| (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return None;
    }
    let numbers: Vec<u64> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    // After the first, each is below 60.
    if numbers.iter().skip(1).any(|number| *number >= 60) {
        return None;
    }
    Some(numbers.iter().fold(0, |sum, number| sum * 60 + number))
}

/// The ending of the file that an address names, in small letters.
pub(in crate::podcast) fn ending(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn lengths_are_read() {
        let rows = [
            ("754", Some(754)),
            ("12:34", Some(754)),
            ("0:12:34", Some(754)),
            ("01:02:03", Some(3_723)),
            ("90:00", Some(5_400)),
            ("1:60", None),
            ("12.5", None),
            ("-3", None),
            ("PT5M", None),
            ("1:2:3:4", None),
            ("", None),
            ("12:", None),
        ];
        each(rows, |(text, want)| assert_eq!(seconds(text), want, "{text}"));
    }

    #[test]
    fn markup_is_told_from_text() {
        let rows = [
            ("Profits < costs & more; so", false),
            ("R&D; a list", false),
            ("a <3 b>", false),
            ("<b>Port</b> reopens", true),
            ("Port &amp; ships", true),
            ("Port&#39;s ships", true),
            ("AT&T", false),
        ];
        each(rows, |(text, want)| assert_eq!(has_markup(text), want, "{text}"));
    }
}
