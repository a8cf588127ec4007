//! What podcast apps require and recommend, as a table. Each rule has its name, its document, its words and its cure;
//! [`check`](super::check) finds what breaks it.

use serde::Serialize;

/// How much a rule weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    /// A feed that breaks it is refused, or loses items in some app.
    Required,
    /// A feed without it works, and is found or shown worse.
    Recommended,
}

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Apple, *Podcast RSS feed requirements* and *A podcaster's guide to RSS*.
    Apple,
    /// Apple, *Artwork requirements*.
    AppleArtwork,
    /// RSS Advisory Board, *RSS 2.0 specification* and *best practices profile*.
    Rss,
    /// W3C, *Extensible Markup Language (XML) 1.0*.
    Xml,
    /// Podcasting 2.0, *The podcast namespace*.
    Podcasting,
    /// IETF, *RFC 2822*.
    Rfc2822,
    /// IETF, *RFC 4287* (Atom).
    Atom,
    /// What happens to feeds in apps, told by those whom it happened to.
    Experience,
}

impl Source {
    /// The document's name and address.
    pub(crate) const fn document(self) -> &'static str {
        match self {
            Self::Apple => {
                "Apple, Podcast RSS feed requirements (https://podcasters.apple.com/support/823-podcast-requirements)"
            }
            Self::AppleArtwork => {
                "Apple, Artwork requirements (https://podcasters.apple.com/support/896-artwork-requirements)"
            }
            Self::Rss => "RSS 2.0 specification and profile (https://www.rssboard.org/rss-profile)",
            Self::Xml => "W3C, XML 1.0 (https://www.w3.org/TR/xml/)",
            Self::Podcasting => {
                "Podcasting 2.0, the podcast namespace (https://podcasting2.org/podcast-namespace)"
            }
            Self::Rfc2822 => "RFC 2822, 3.3 (https://www.rfc-editor.org/rfc/rfc2822)",
            Self::Atom => "RFC 4287, 4.2.7 (https://www.rfc-editor.org/rfc/rfc4287)",
            Self::Experience => "experience with podcast apps",
        }
    }
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its name for machines.
    pub(crate) id: &'static str,
    /// How much it weighs.
    pub(crate) level: Level,
    /// Where it comes from.
    pub(crate) source: Source,
    /// What it asks for.
    pub(crate) what: &'static str,
    /// What to do where it is broken.
    pub(crate) cure: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $source:ident $what:literal $cure:literal;)*) => {
        $(pub(super) const $name: &Rule =
            &Rule { id: $id, level: Level::$level, source: Source::$source, what: $what, cure: $cure };)*
        /// All rules, in the order in which a feed is read.
        pub(crate) const RULES: &[&Rule] = &[$($name),*];
    };
}

rules! {
    // The file
    XML "xml" Required Xml
        "the feed is well-formed XML" "mend the XML at this place; apps stop reading there";
    UTF_8 "utf-8" Required Apple
        "the feed is text in UTF-8" "write the feed in UTF-8";
    RSS "rss" Required Rss
        "the feed is <rss version=\"2.0\"> with one <channel>" "write the feed as RSS 2.0";
    NAMESPACE "namespace" Required Apple
        "prefixes stand for the exact addresses of their namespaces"
        "declare xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\", and xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" where it is used";
    CASE "tag-case" Required Apple
        "tags are written in their own capitals" "write the tag as it is named here";
    ORDER "order" Required Rss
        "the tags of the channel stand before its first item" "move the tag in front of the first <item>";
    ONCE "once" Required Rss
        "a tag that may stand once stands once" "leave one of them";
    VALUE_LENGTH "value-length" Required Apple
        "a value has at most 255 characters" "shorten it";
    DESCRIPTION_LENGTH "description-length" Required Apple
        "a description has at most 4000 bytes" "shorten it, and put the whole text on a page";
    ADDRESS "address" Required Rss
        "a link is a whole address of http or https" "write it with https:// and its host";
    LINK_PASSWORD "link-password" Required Experience
        "no address in a feed holds a name or a password" "take them out of the address, and change the password";
    LINK_TRACKER "link-tracker" Recommended Experience
        "no link holds marks that follow readers, such as utm_source" "leave these parameters out";
    HTML_IN_TITLE "html-in-title" Recommended Rss
        "a title is plain text" "take tags and escaped entities out of it";
    // The show
    TITLE "title" Required Apple
        "the show has a title" "add <title> to the channel";
    DESCRIPTION "description" Required Apple
        "the show has a description" "add <description> to the channel";
    IMAGE "image" Required Apple
        "the show has a picture" "add <itunes:image href=\"…\"/> to the channel";
    LANGUAGE "language" Required Apple
        "the show says its language" "add <language>, for example en-us, to the channel";
    LANGUAGE_FORM "language-form" Required Apple
        "a language is a code of ISO 639" "write two letters, with a region where one is meant: en, en-us";
    CATEGORY "category" Required Apple
        "the show has a category" "add <itunes:category text=\"News\"/> to the channel";
    CATEGORY_NAME "category-name" Required Apple
        "a category is one of Apple's, in its spelling"
        "choose one of https://podcasters.apple.com/support/1691-apple-podcasts-categories";
    EXPLICIT "explicit" Required Apple
        "the show says whether it is explicit" "add <itunes:explicit>false</itunes:explicit> to the channel";
    EXPLICIT_WORD "explicit-word" Required Apple
        "explicit is true or false" "write true or false in small letters";
    TYPE "type" Required Apple
        "the type of a show is episodic or serial" "write episodic or serial";
    AUTHOR "author" Recommended Apple
        "the show names its author" "add <itunes:author> to the channel";
    LINK "link" Recommended Apple
        "the show has a page" "add <link> to the channel";
    OWNER "owner" Recommended Experience
        "the show names an address of mail, by which directories verify its owner"
        "add <itunes:owner> with <itunes:email> to the channel";
    GUID_OF_SHOW "podcast-guid" Recommended Podcasting
        "the show has a guid for ever" "add <podcast:guid>, made once of the feed's address";
    GUID_OF_SHOW_FORM "podcast-guid-form" Required Podcasting
        "the guid of a show is a UUID of version 5"
        "write the UUID of the feed's address: UUIDv5 in the namespace ead4c236-bf58-58c6-a2c6-a6b28d128cb6";
    LOCKED "locked" Required Podcasting
        "locked is yes or no" "write yes or no";
    MEDIUM "medium" Required Podcasting
        "the medium is one of the list" "write podcast, newsletter, or another of the list";
    SELF_LINK "self-link" Recommended Atom
        "the feed names its own address" "add <atom:link rel=\"self\" type=\"application/rss+xml\" href=\"…\"/>";
    ITEMS "items" Recommended Apple
        "the show has an episode" "publish one before the show is submitted";
    MANY_ITEMS "many-items" Recommended Experience
        "the feed has at most 300 items, which is what some apps read" "leave the oldest out";
    // Episodes
    ITEM_TITLE "item-title" Required Apple
        "an item has a title" "add <title> to the item";
    ENCLOSURE "enclosure" Required Apple
        "an item has its sound" "add <enclosure url=\"…\" length=\"…\" type=\"audio/mpeg\"/>";
    ONE_ENCLOSURE "one-enclosure" Required Rss
        "an item has one enclosure" "leave one, and name the others in <podcast:alternateEnclosure>";
    ENCLOSURE_URL "enclosure-url" Required Apple
        "an enclosure has the whole address of its file" "write url=\"https://…\"";
    ENCLOSURE_ASCII "enclosure-ascii" Required Apple
        "the address of a file has only ASCII in it, and no spaces" "escape the others: é is %C3%A9";
    ENCLOSURE_LENGTH "enclosure-length" Required Apple
        "an enclosure says the length of its file in bytes" "write length=\"…\" with the exact number of bytes";
    ENCLOSURE_TYPE "enclosure-type" Required Apple
        "an enclosure says the type of its file" "write type=\"audio/mpeg\" for MP3, audio/x-m4a for M4A";
    ENCLOSURE_FORMAT "enclosure-format" Required Apple
        "the sound of an item is MP3 or M4A"
        "offer MP3, and name WAV, FLAC or Opus in <podcast:alternateEnclosure>";
    ENCLOSURE_EXTENSION "enclosure-extension" Required Apple
        "the ending of a file's name is that of its type" "name the file .mp3 or .m4a, as its type says";
    ENCLOSURE_TWICE "enclosure-twice" Required Apple
        "each item has a file of its own" "give each file its own address; apps ignore the second item";
    GUID "guid" Recommended Apple
        "an item has a guid that never changes"
        "add <guid isPermaLink=\"false\">; without it a moved file is a new episode";
    GUID_TWICE "guid-twice" Required Rss
        "each item has a guid of its own" "give the item another guid; apps show one of them only";
    GUID_LINK "guid-link" Required Rss
        "a guid is an address, or says that it is none" "add isPermaLink=\"false\" to the guid";
    DATE "pub-date" Recommended Apple
        "an item says when it was published" "add <pubDate>";
    DATE_FORM "pub-date-form" Required Rfc2822
        "a date has the form of RFC 2822" "write it like Wed, 18 Nov 2026 06:00:00 +0000";
    DATE_WEEKDAY "pub-date-weekday" Required Rfc2822
        "a date names the day of the week that it is" "write the right day, or leave it out";
    ITEM_DESCRIPTION "item-description" Recommended Apple
        "an item has a description" "add <description> to the item";
    DURATION "duration" Recommended Apple
        "an item says how long it is" "add <itunes:duration> in seconds";
    DURATION_FORM "duration-form" Required Apple
        "a length is in seconds, or in hours, minutes and seconds" "write whole seconds, such as 754";
    EPISODE_TYPE "episode-type" Required Apple
        "the type of an episode is full, trailer or bonus" "write full, trailer or bonus";
    EPISODE_NUMBER "episode-number" Required Apple
        "numbers of episodes and seasons are whole and more than zero" "write a number from 1";
    TRANSCRIPT "transcript" Required Podcasting
        "a transcript has an address and a type that apps know" "write url=\"…\" and type=\"text/vtt\"";
    CHAPTERS "chapters" Required Podcasting
        "chapters have an address and the type application/json+chapters"
        "write url=\"…\" and type=\"application/json+chapters\"";
    PERSON "person" Required Podcasting
        "a person has a name of at most 128 characters" "write the name into the tag";
    ALTERNATE "alternate-enclosure" Required Podcasting
        "an alternate enclosure has a type, and a source with an address"
        "write type=\"…\", and in it <podcast:source uri=\"…\"/>";
    TXT "txt" Required Podcasting
        "a txt has at most 4000 characters, and its purpose 128" "shorten it";
    // What is seen beside the feed
    SOUND_LENGTH "sound-length" Required Apple
        "the length of an enclosure is that of its file" "write the number of bytes that the file has";
    SOUND_ANSWERS "sound-answers" Required Apple
        "the server of an enclosure answers HEAD" "look at the server: apps ask it before they play";
    SOUND_RANGES "sound-ranges" Required Apple
        "the server of an enclosure sends parts of it" "turn byte ranges on; players jump by them";
    SOUND_TYPE "sound-type" Recommended Apple
        "the server names the type that the feed names" "set the type of .mp3 to audio/mpeg at the server";
    SELF_LINK_OTHER "self-link-other" Recommended Atom
        "the address that a feed names as its own is the one it has" "name the address under which the feed is fetched";
    PICTURE_ANSWERS "picture-answers" Required AppleArtwork
        "the picture can be had" "look at its address and its server";
    PICTURE_FORMAT "picture-format" Required AppleArtwork
        "a picture is a JPEG or PNG" "save it as JPEG or PNG";
    PICTURE_SQUARE "picture-square" Required AppleArtwork
        "a picture is square" "cut it to a square";
    PICTURE_SIZE "picture-size" Required AppleArtwork
        "a picture has 1400 to 3000 pixels a side" "scale it, best to 3000 by 3000";
    PICTURE_ALPHA "picture-alpha" Required AppleArtwork
        "a picture has no transparency" "save it without an alpha channel";
    PICTURE_COLOR "picture-color" Required AppleArtwork
        "a picture is in RGB" "convert it to RGB with eight bits a channel";
    PICTURE_EXTENSION "picture-extension" Required AppleArtwork
        "the ending of a picture's name is that of its format" "name it .jpg or .png, as it is";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn each_rule_has_a_name_of_its_own_and_plain_words() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        each(RULES, |rule| {
            let is_plain =
                |text: &str| !text.is_empty() && !text.ends_with('.') && text.split(' ').count() <= 30;
            assert!(is_plain(rule.what) && is_plain(rule.cure), "{}", rule.id);
            assert!(
                rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || b"-8".contains(&byte)),
                "{}",
                rule.id
            );
            assert!(!rule.source.document().is_empty());
        });
    }
}
