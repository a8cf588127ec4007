//! The rules for a show.

use super::{Checker, Seen, rules};
use crate::error::shorten;
use crate::podcast::guid::is_guid;
use crate::podcast::names::{is_category, is_language, is_medium};
use crate::podcast::tree::{Element, Space};

/// Apps that read a part of a feed read so many items.
const MOST_ITEMS: usize = 300;
const ONCE: [(Space, &[&str]); 3] = [
    (
        Space::Rss,
        &[
            "title",
            "link",
            "description",
            "language",
            "copyright",
            "pubDate",
            "lastBuildDate",
            "generator",
            "ttl",
        ],
    ),
    (
        Space::Itunes,
        &["author", "block", "complete", "explicit", "image", "new-feed-url", "owner", "title", "type"],
    ),
    (Space::Podcast, &["block", "guid", "locked", "medium"]),
];

impl Checker<'_> {
    pub(super) fn channel(&mut self, channel: &Element) {
        "channel".clone_into(&mut self.place);
        self.report.title = Self::filled(channel, Space::Rss, "title").map(|(_, title)| title.to_owned());
        for (name, rule) in
            [("title", rules::TITLE), ("description", rules::DESCRIPTION), ("link", rules::LINK)]
        {
            if Self::filled(channel, Space::Rss, name).is_none() {
                self.tell_missing(rule, channel, name);
            }
        }
        self.itself(channel);
        self.shared(channel);
        self.once(channel, &ONCE);
        self.order(channel);
        match Self::filled(channel, Space::Rss, "language") {
            None => self.tell_missing(rules::LANGUAGE, channel, "language"),
            Some((element, tag)) if !is_language(tag) => self.tell_value(rules::LANGUAGE_FORM, element, tag),
            Some(_) => {}
        }
        self.of_apple(channel);
        self.of_podcasting(channel);
        let items: Vec<&Element> = channel.children.iter().filter(|child| is_item(child)).collect();
        self.report.items = items.len();
        if items.is_empty() {
            self.tell_missing(rules::ITEMS, channel, "item");
        }
        if items.len() > MOST_ITEMS {
            self.tell(rules::MANY_ITEMS, items[MOST_ITEMS].at, &format!("it has {}", items.len()));
        }
        let mut seen = Seen::default();
        for (index, item) in items.into_iter().enumerate() {
            self.item(item, index + 1, &mut seen);
        }
    }

    /// The address that the feed says it has.
    fn itself(&mut self, channel: &Element) {
        let link = channel.all(Space::Atom, "link").find(|link| link.attribute("rel") == Some("self"));
        let Some((link, href)) = link.and_then(|link| Some((link, link.attribute("href")?))) else {
            self.tell_missing(rules::SELF_LINK, channel, "atom:link rel=\"self\"");
            return;
        };
        self.base = self.address(link, href);
        if let (Some(own), Some(said)) = (self.around.address(), &self.base)
            && own != said
        {
            let found = format!("it is fetched from {own}, and names {said}");
            self.tell(rules::SELF_LINK_OTHER, link.at, &found);
        }
    }

    /// Tags of the channel behind an item.
    fn order(&mut self, channel: &Element) {
        let first = channel.children.iter().position(is_item).unwrap_or(channel.children.len());
        for late in channel.children[first..].iter().filter(|child| !is_item(child)) {
            // Events that are live stand among the items.
            if !late.is(Space::Podcast, "liveItem") {
                let found = format!("<{}> stands behind the first item", shorten(&late.name, 60));
                self.tell(rules::ORDER, late.at, &found);
            }
        }
    }

    fn of_apple(&mut self, channel: &Element) {
        let pictures: Vec<&Element> = channel.all(Space::Itunes, "image").collect();
        if pictures.is_empty() {
            self.tell_missing(rules::IMAGE, channel, "itunes:image");
        }
        for picture in pictures {
            self.picture(picture);
        }
        let categories: Vec<&Element> = channel.all(Space::Itunes, "category").collect();
        if categories.is_empty() {
            self.tell_missing(rules::CATEGORY, channel, "itunes:category");
        }
        for category in categories {
            self.category(category);
        }
        if channel.first(Space::Itunes, "explicit").is_none() {
            self.tell_missing(rules::EXPLICIT, channel, "itunes:explicit");
        }
        if Self::filled(channel, Space::Itunes, "author").is_none() {
            self.tell_missing(rules::AUTHOR, channel, "itunes:author");
        }
        let mail = channel
            .first(Space::Itunes, "owner")
            .and_then(|owner| Self::filled(owner, Space::Itunes, "email"));
        if !mail.is_some_and(|(_, mail)| mail.contains('@')) {
            self.tell_missing(rules::OWNER, channel, "itunes:email> in <itunes:owner");
        }
        for kind in channel.all(Space::Itunes, "type") {
            if !matches!(kind.value(), "episodic" | "serial") {
                self.tell_value(rules::TYPE, kind, kind.value());
            }
        }
        for moved in channel.all(Space::Itunes, "new-feed-url") {
            self.address(moved, moved.value());
        }
    }

    fn category(&mut self, category: &Element) {
        let name = category.attribute("text").unwrap_or_default();
        if !is_category(name, None) {
            self.tell(rules::CATEGORY_NAME, category.at, &format!("the category is “{}”", shorten(name, 60)));
            return;
        }
        for part in category.all(Space::Itunes, "category") {
            let part_name = part.attribute("text").unwrap_or_default();
            if !is_category(name, Some(part_name)) {
                let found = format!("“{}” is no part of {name}", shorten(part_name, 60));
                self.tell(rules::CATEGORY_NAME, part.at, &found);
            }
        }
    }

    fn of_podcasting(&mut self, channel: &Element) {
        match channel.first(Space::Podcast, "guid") {
            None => self.tell_missing(rules::GUID_OF_SHOW, channel, "podcast:guid"),
            Some(guid) if !is_guid(guid.value()) => {
                self.tell_value(rules::GUID_OF_SHOW_FORM, guid, guid.value());
            }
            Some(_) => {}
        }
        for locked in channel.all(Space::Podcast, "locked") {
            if !matches!(locked.value(), "yes" | "no") {
                self.tell_value(rules::LOCKED, locked, locked.value());
            }
        }
        for medium in channel.all(Space::Podcast, "medium") {
            if !is_medium(medium.value()) {
                self.tell_value(rules::MEDIUM, medium, medium.value());
            }
        }
    }
}

fn is_item(element: &Element) -> bool {
    element.space == Space::Rss && element.local().eq_ignore_ascii_case("item")
}
