//! What a feed is written of. Nothing here knows where it is kept: whoever remembers shows and episodes fills these in.

use std::time::{Duration, SystemTime};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::clean::Secrets;
use super::guid::Guid;
use crate::net::Address;

/// Characters of a path that stay as they are: the unreserved ones of RFC 3986, 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Items that all apps read.
pub(crate) const USUAL_ITEMS: usize = 300;

/// Whose the texts are.
///
/// Until they are somebody's own or licensed, a feed is for its maker only. Directories are told to leave it out, by
/// `itunes:block`, `podcast:block`, `podcast:locked` and a mark for robots. It holds no whole text, no transcript, no page with the whole
/// text, and no picture of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Nobody said so.
    #[default]
    Unknown,
    /// The maker's own.
    Own,
    /// Licensed to the maker.
    Licensed,
}

impl Rights {
    /// Whether a feed may be found by others.
    pub(crate) fn is_public(self) -> bool {
        self != Self::Unknown
    }
}

/// The folder on the web in which feed, sound and pages are: `--base-url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base(String);

impl Base {
    /// A folder's address, with or without the slash at its end. `None` for one that has a query.
    pub(crate) fn new(address: &Address) -> Option<Self> {
        let text = address.as_str();
        let has_query = text.contains('?') || !text.is_ascii();
        (!has_query).then(|| Self(format!("{}/", text.trim_end_matches('/'))))
    }

    /// The address of a file in it, in ASCII. A path has `/` between its parts, on every system.
    pub(crate) fn of(&self, path: &str) -> String {
        format!("{}{}", self.0, escaped(path))
    }
}

/// A path as a relative address.
pub(super) fn escaped(path: &str) -> String {
    // A part of dots alone would lead out of the folder.
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    parts.map(|part| utf8_percent_encode(part, ESCAPED).to_string()).collect::<Vec<_>>().join("/")
}

/// Who a show belongs to; directories write to this address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// A name.
    pub(crate) name: String,
    /// An address of mail.
    pub(crate) email: String,
}

/// Who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    /// The name, at most 128 characters.
    pub(crate) name: String,
    /// A role of <https://github.com/Podcastindex-org/podcast-namespace/blob/main/taxonomy.json>, such as `author`.
    pub(crate) role: Option<String>,
    /// The group of the role, such as `writing`.
    pub(crate) group: Option<String>,
    /// A page about the person.
    pub(crate) link: Option<String>,
}

/// A picture beside the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// The path of its file below the folder of the feed.
    pub(crate) file: String,
    /// Whether it may be shown by us: drawn by us, or given by the maker of the feed.
    pub(crate) is_ours: bool,
}

/// A file of sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Enclosure {
    /// Its path below the folder of the feed. A corrected sound has another name.
    pub(crate) file: String,
    /// Its exact length.
    pub(crate) bytes: u64,
    /// Its media type.
    pub(crate) media_type: String,
}

/// The same sound in another format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Alternate {
    /// The file.
    pub(crate) enclosure: Enclosure,
    /// Bits a second.
    pub(crate) bitrate: Option<u32>,
    /// What listeners choose it by, such as `Opus`.
    pub(crate) title: String,
}

/// A text of what is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transcript {
    /// The path of its file below the folder of the feed.
    pub(crate) file: String,
    /// Its media type: `text/vtt`, `application/json`, `application/x-subrip`.
    pub(crate) media_type: String,
    /// Its language; that of the episode if none is given.
    pub(crate) language: Option<String>,
    /// Whether it holds times to be shown with the sound.
    pub(crate) is_captions: bool,
}

/// A show.
#[derive(Clone, Debug)]
pub(crate) struct Show {
    /// Given once, kept for ever.
    pub(crate) guid: Guid,
    /// Where everything is on the web.
    pub(crate) base: Base,
    /// The name of the feed's own file.
    pub(crate) file: String,
    /// At most 255 characters.
    pub(crate) title: String,
    /// At most 4000 bytes.
    pub(crate) description: String,
    /// A code of ISO 639, with a region where one is meant: `en`, `en-gb`.
    pub(crate) language: String,
    /// The show's page; the index of the folder if none is given.
    pub(crate) link: Option<String>,
    /// Who makes it.
    pub(crate) author: Option<String>,
    /// Whom directories ask.
    pub(crate) owner: Option<Owner>,
    /// One of Apple's, and a part of it: `("News", Some("Daily News"))`.
    pub(crate) category: (String, Option<String>),
    /// Whether it is not for children.
    pub(crate) is_explicit: bool,
    /// A line of copyright.
    pub(crate) copyright: Option<String>,
    /// Its cover.
    pub(crate) cover: Option<Image>,
    /// Who takes part in all episodes.
    pub(crate) persons: Vec<Person>,
    /// `newsletter` for articles that are read aloud, else `podcast`.
    pub(crate) medium: String,
    /// Whether its voice is a machine's; then the feed says so.
    pub(crate) is_synthetic: bool,
    /// Whose the texts are.
    pub(crate) rights: Rights,
    /// Where the feed has moved to.
    pub(crate) moved_to: Option<String>,
    /// The latest so many episodes are listed.
    pub(crate) most_items: usize,
    /// Addresses that reach no output: private feeds from which articles came.
    pub(crate) secrets: Secrets,
}

impl Show {
    /// A show with what it must have; all else is as it is in most.
    pub(crate) fn new(guid: Guid, base: Base, title: &str, description: &str, language: &str) -> Self {
        Self {
            guid,
            base,
            file: "podcast.xml".to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            language: language.to_owned(),
            link: None,
            author: None,
            owner: None,
            category: ("News".to_owned(), Some("Daily News".to_owned())),
            is_explicit: false,
            copyright: None,
            cover: None,
            persons: Vec::new(),
            medium: "newsletter".to_owned(),
            is_synthetic: true,
            rights: Rights::Unknown,
            moved_to: None,
            most_items: USUAL_ITEMS,
            secrets: Secrets::default(),
        }
    }
}

/// An episode.
#[derive(Clone, Debug)]
pub(crate) struct Episode {
    /// Never changes, whatever else does.
    pub(crate) guid: String,
    /// At most 255 characters.
    pub(crate) title: String,
    /// A summary, at most 4000 bytes.
    pub(crate) description: String,
    /// The whole text by its paragraphs; it is written only where its rights are there.
    pub(crate) text: Vec<String>,
    /// When it was published.
    pub(crate) published: SystemTime,
    /// The sound: MP3 or M4A.
    pub(crate) enclosure: Enclosure,
    /// The same sound in other formats.
    pub(crate) alternates: Vec<Alternate>,
    /// How long it is.
    pub(crate) duration: Duration,
    /// The article on its publisher's site.
    pub(crate) link: Option<String>,
    /// The path of the page on which the text lights up, below the folder of the feed.
    pub(crate) page: Option<String>,
    /// Who wrote it.
    pub(crate) persons: Vec<Person>,
    /// The path of its chapters in JSON.
    pub(crate) chapters: Option<String>,
    /// What is said, in text.
    pub(crate) transcripts: Vec<Transcript>,
    /// A picture of its own.
    pub(crate) image: Option<Image>,
    /// Its language, if it is another than the show's.
    pub(crate) language: Option<String>,
    /// Whether it is not for children, if that is another than the show's.
    pub(crate) is_explicit: Option<bool>,
    /// Whether its text is the maker's own or licensed. Text of others stays as in a private feed also where the show is public.
    pub(crate) is_ours: bool,
}

impl Episode {
    /// An episode with what it must have.
    pub(crate) fn new(
        guid: &str,
        title: &str,
        published: SystemTime,
        enclosure: Enclosure,
        duration: Duration,
    ) -> Self {
        Self {
            guid: guid.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            text: Vec::new(),
            published,
            enclosure,
            alternates: Vec::new(),
            duration,
            link: None,
            page: None,
            persons: Vec::new(),
            chapters: None,
            transcripts: Vec::new(),
            image: None,
            language: None,
            is_explicit: None,
            is_ours: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn files_have_addresses_in_ascii() {
        let base = |text| Base::new(&Address::parse(text).unwrap());
        let rows = [
            ("https://a.example/news", "2026-11-18/port.mp3", "https://a.example/news/2026-11-18/port.mp3"),
            ("https://a.example/news/", "größe 1%.mp3", "https://a.example/news/gr%C3%B6%C3%9Fe%201%25.mp3"),
            ("https://a.example", "../../a?b#c", "https://a.example/a%3Fb%23c"),
            ("https://bücher.example/é", "a", "https://xn--bcher-kva.example/%C3%A9/a"),
        ];
        each(rows, |(folder, path, want)| {
            assert_eq!(base(folder).unwrap().of(path), want, "{folder} {path}");
        });
        assert_eq!(base("https://a.example/?folder=news"), None);
    }
}
