//! The rules for an item.

use super::{Checker, SHOWN, Seen, rules, values};
use crate::error::shorten;
use crate::net::Address;
use crate::podcast::around::Sound;
use crate::podcast::names::{PLAYED, TRANSCRIPTS, is_language};
use crate::podcast::tree::{Element, Space};

const ONCE: [(Space, &[&str]); 3] = [
    (Space::Rss, &["title", "link", "description", "guid", "pubDate"]),
    (
        Space::Itunes,
        &[
            "author",
            "block",
            "duration",
            "episode",
            "episodeType",
            "explicit",
            "image",
            "season",
            "summary",
            "title",
        ],
    ),
    (Space::Podcast, &["chapters"]),
];

impl Checker<'_> {
    pub(super) fn item(&mut self, item: &Element, number: usize, seen: &mut Seen) {
        let title = Self::filled(item, Space::Rss, "title").map(|(_, title)| title);
        self.place = match title {
            Some(title) => format!("item {number} “{}”", shorten(title, 50)),
            None => format!("item {number}"),
        };
        if item.name != "item" {
            self.tell(rules::CASE, item.at, &format!("<{}> is written <item>", shorten(&item.name, SHOWN)));
        }
        let wanted = [
            (Space::Rss, "title", rules::ITEM_TITLE),
            (Space::Rss, "pubDate", rules::DATE),
            (Space::Itunes, "duration", rules::DURATION),
        ];
        for (space, name, rule) in wanted {
            if Self::filled(item, space, name).is_none() {
                let prefix = if space == Space::Itunes { "itunes:" } else { "" };
                self.tell_missing(rule, item, &format!("{prefix}{name}"));
            }
        }
        let is_described =
            [(Space::Rss, "description"), (Space::Itunes, "summary"), (Space::Content, "encoded")]
                .iter()
                .any(|(space, name)| Self::filled(item, *space, name).is_some());
        if !is_described {
            self.tell_missing(rules::ITEM_DESCRIPTION, item, "description");
        }
        self.shared(item);
        self.once(item, &ONCE);
        self.guid(item, number, seen);
        self.enclosures(item, number, seen);
        self.details(item);
    }

    fn guid(&mut self, item: &Element, number: usize, seen: &mut Seen) {
        let Some((guid, value)) = Self::filled(item, Space::Rss, "guid") else {
            self.tell_missing(rules::GUID, item, "guid");
            return;
        };
        if let Some(first) = seen.guids.get(value) {
            let found = format!("“{}” is that of item {first}, too", shorten(value, SHOWN));
            self.tell(rules::GUID_TWICE, guid.at, &found);
        } else {
            seen.guids.insert(value.to_owned(), number);
        }
        if guid.attribute("isPermaLink") != Some("false") && values::address(value).is_err() {
            self.tell_value(rules::GUID_LINK, guid, value);
        }
    }

    fn enclosures(&mut self, item: &Element, number: usize, seen: &mut Seen) {
        let mut enclosures = item.all(Space::Rss, "enclosure");
        let Some(enclosure) = enclosures.next() else {
            self.tell_missing(rules::ENCLOSURE, item, "enclosure");
            return;
        };
        if let Some(second) = enclosures.next() {
            self.tell(rules::ONE_ENCLOSURE, second.at, "there is a second <enclosure>");
        }
        let url = enclosure.attribute("url").unwrap_or_default();
        let kind = enclosure.attribute("type").map(str::trim).filter(|kind| !kind.is_empty());
        let length = self.length(enclosure);
        match kind {
            None => self.tell(rules::ENCLOSURE_TYPE, enclosure.at, "its type is missing"),
            Some(kind) => self.played(enclosure, kind, url),
        }
        if !url.is_ascii() || url.contains(char::is_whitespace) {
            let found = format!("its address is “{}”", shorten(url, SHOWN));
            self.tell(rules::ENCLOSURE_ASCII, enclosure.at, &found);
        }
        let address = match values::address(url) {
            Ok(address) => address,
            Err(values::NoAddress::Password) => {
                return self.tell(rules::LINK_PASSWORD, enclosure.at, "<enclosure> has one");
            }
            Err(values::NoAddress::Other(_)) => {
                let found = format!("its address is “{}”", shorten(url, SHOWN));
                return self.tell(rules::ENCLOSURE_URL, enclosure.at, &found);
            }
        };
        if address.without_trackers() != address {
            self.tell_value(rules::LINK_TRACKER, enclosure, url);
        }
        if let Some(first) = seen.files.get(address.as_str()) {
            let found = format!("its file is that of item {first}, too");
            self.tell(rules::ENCLOSURE_TWICE, enclosure.at, &found);
        } else {
            seen.files.insert(address.to_string(), number);
            self.sound(enclosure, &address, length, kind);
        }
    }

    /// The length, where it can be one.
    fn length(&mut self, enclosure: &Element) -> Option<u64> {
        let Some(written) = enclosure.attribute("length") else {
            self.tell(rules::ENCLOSURE_LENGTH, enclosure.at, "its length is missing");
            return None;
        };
        let is_number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
        let length = written.parse().ok().filter(|length| is_number && *length > 0);
        if length.is_none() {
            let found = format!("its length is “{}”", shorten(written, SHOWN));
            self.tell(rules::ENCLOSURE_LENGTH, enclosure.at, &found);
        }
        length
    }

    fn played(&mut self, enclosure: &Element, kind: &str, url: &str) {
        let Some((_, endings)) = PLAYED.iter().find(|(known, _)| *known == kind) else {
            let found = format!("its type is “{}”", shorten(kind, SHOWN));
            return self.tell(rules::ENCLOSURE_FORMAT, enclosure.at, &found);
        };
        let ending = values::ending(url);
        if !endings.contains(&&*ending) {
            let found = format!("its type is {kind}, and its name ends with “.{}”", shorten(&ending, 20));
            self.tell(rules::ENCLOSURE_EXTENSION, enclosure.at, &found);
        }
    }

    /// The file itself, where it can be seen.
    fn sound(&mut self, enclosure: &Element, address: &Address, said: Option<u64>, kind: Option<&str>) {
        let (bytes, served) = match self.around.sound(address, self.base.as_ref()) {
            Sound::Unseen => return,
            Sound::Missing(why) => {
                self.report.sounds += 1;
                return self.tell(rules::SOUND_ANSWERS, enclosure.at, &why);
            }
            Sound::File { bytes } => (Some(bytes), None),
            Sound::Served { bytes, media_type, has_ranges } => (bytes, Some((media_type, has_ranges))),
        };
        self.report.sounds += 1;
        match (said, bytes) {
            (Some(said), Some(bytes)) if said != bytes => {
                let found = format!("its length is {said}, and its file has {bytes} bytes");
                self.tell(rules::SOUND_LENGTH, enclosure.at, &found);
            }
            (_, None) => {
                self.tell(rules::SOUND_LENGTH, enclosure.at, "the server does not say how long the file is");
            }
            _ => {}
        }
        if let Some((media_type, has_ranges)) = served {
            if !has_ranges {
                self.tell(rules::SOUND_RANGES, enclosure.at, "the server sends the whole file only");
            }
            let served =
                media_type.as_deref().and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
            if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case(served)) {
                let found = format!("the server says “{}”", shorten(served, SHOWN));
                self.tell(rules::SOUND_TYPE, enclosure.at, &found);
            }
        }
    }

    fn details(&mut self, item: &Element) {
        for element in &item.children {
            let value = element.value();
            match (element.space, element.local()) {
                (Space::Itunes, "duration")
                    if !value.is_empty() && values::seconds(value).is_none_or(|seconds| seconds == 0) =>
                {
                    self.tell_value(rules::DURATION_FORM, element, value);
                }
                (Space::Itunes, "episodeType") if !matches!(value, "full" | "trailer" | "bonus") => {
                    self.tell_value(rules::EPISODE_TYPE, element, value);
                }
                (Space::Itunes, "episode" | "season") => {
                    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
                    if !is_number || value.parse::<u64>().is_ok_and(|number| number == 0) || value.is_empty()
                    {
                        self.tell_value(rules::EPISODE_NUMBER, element, value);
                    }
                }
                (Space::Itunes, "image") => self.picture(element),
                (Space::Podcast, "transcript") => self.transcript(element),
                (Space::Podcast, "chapters") => {
                    let kind = element.attribute("type").unwrap_or_default();
                    if !self.is_linked(element, "url") || kind != "application/json+chapters" {
                        let found = format!("its type is “{}”", shorten(kind, SHOWN));
                        self.tell(rules::CHAPTERS, element.at, &found);
                    }
                }
                (Space::Podcast, "alternateEnclosure") => self.alternate(element),
                _ => {}
            }
        }
    }

    /// Whether an attribute holds a link; a wrong one is told.
    fn is_linked(&mut self, element: &Element, name: &str) -> bool {
        match element.attribute(name).filter(|value| !value.trim().is_empty()) {
            Some(value) => {
                self.address(element, value);
                true
            }
            None => false,
        }
    }

    fn transcript(&mut self, element: &Element) {
        let kind = element.attribute("type").unwrap_or_default();
        if !self.is_linked(element, "url") || !TRANSCRIPTS.contains(&kind) {
            let found = format!("its type is “{}”", shorten(kind, SHOWN));
            self.tell(rules::TRANSCRIPT, element.at, &found);
        }
        if let Some(language) = element.attribute("language").filter(|language| !is_language(language)) {
            self.tell_value(rules::LANGUAGE_FORM, element, language);
        }
    }

    fn alternate(&mut self, element: &Element) {
        let has_source = element
            .all(Space::Podcast, "source")
            .any(|source| source.attribute("uri").is_some_and(|uri| !uri.trim().is_empty()));
        let kind = element.attribute("type").unwrap_or_default().trim();
        let length = element.attribute("length");
        let is_length = length.is_none_or(|length| length.parse::<u64>().is_ok());
        if !has_source || kind.is_empty() || !is_length {
            let found = format!(
                "type “{}”, length “{}”, {}",
                shorten(kind, SHOWN),
                shorten(length.unwrap_or_default(), 20),
                if has_source { "a source" } else { "no source" }
            );
            self.tell(rules::ALTERNATE, element.at, &found);
        }
    }
}
