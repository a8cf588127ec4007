//! A feed against the [rules]: each fault with its place.

mod channel;
mod item;
mod values;

use std::collections::{HashMap, HashSet};

pub(super) use self::values::{LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_VALUE, ending};
use super::around::{Around, Picture};
use super::artwork;
use super::rules::{self, Level, Rule};
use super::tree::{self, Element, Flaw, Space, Spot};
use crate::error::shorten;
use crate::net::Address;

/// Faults that are told one by one; a feed of 10,000 items can have one each.
const MOST_FINDINGS: usize = 1_000;
/// Characters of what was found.
const SHOWN: usize = 80;

/// A rule that is broken.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: &'static Rule,
    /// One-based.
    pub(crate) line: usize,
    /// One-based, in characters.
    pub(crate) column: usize,
    /// The part of the feed: its channel, or an item with its number and title.
    pub(crate) place: String,
    /// What stands there.
    pub(crate) found: String,
}

/// What is said of a feed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The show's title.
    pub(crate) title: Option<String>,
    /// How many items it has.
    pub(crate) items: usize,
    /// Broken rules in the order of the feed.
    pub(crate) findings: Vec<Finding>,
    /// Findings beyond the first thousand.
    pub(crate) left_out: usize,
    /// Enclosures that were looked at.
    pub(crate) sounds: usize,
}

impl Report {
    /// How many broken rules have a level.
    pub(crate) fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.rule.level == level).count()
    }
}

/// Checks a feed, and what can be seen around it.
pub(crate) fn check(bytes: &[u8], around: &dyn Around) -> Report {
    let mut checker = Checker {
        around,
        report: Report::default(),
        place: "feed".to_owned(),
        base: None,
        pictures: HashSet::new(),
        is_cut: false,
    };
    let tree = tree::read(bytes);
    checker.is_cut = tree.is_cut;
    for (spot, flaw) in &tree.flaws {
        let (rule, what) = match flaw {
            Flaw::Xml(what) => (rules::XML, what),
            Flaw::Encoding(what) => (rules::UTF_8, what),
            Flaw::Namespace(what) => (rules::NAMESPACE, what),
        };
        checker.tell(rule, *spot, what);
    }
    if let Some(root) = &tree.root {
        checker.root(root);
    }
    checker.report.findings.sort_by_key(|finding| (finding.line, finding.column));
    checker.report
}

/// A check on its way through a feed.
struct Checker<'a> {
    around: &'a dyn Around,
    report: Report,
    /// The part of the feed that is looked at.
    place: String,
    /// The address that the feed says it has.
    base: Option<Address>,
    /// Pictures that were looked at.
    pictures: HashSet<String>,
    /// Whether the feed could not be read to its end: then nobody knows what is missing.
    is_cut: bool,
}

/// Where guids and files were seen first.
#[derive(Default)]
struct Seen {
    guids: HashMap<String, usize>,
    files: HashMap<String, usize>,
}

impl Checker<'_> {
    fn tell(&mut self, rule: &'static Rule, at: Spot, found: &str) {
        if self.report.findings.len() >= MOST_FINDINGS {
            self.report.left_out += 1;
            return;
        }
        let Spot { line, column } = at;
        let (place, found) = (self.place.clone(), found.to_owned());
        self.report.findings.push(Finding { rule, line, column, place, found });
    }

    /// Tells what stands there, shortened.
    fn tell_value(&mut self, rule: &'static Rule, element: &Element, value: &str) {
        self.tell(rule, element.at, &format!("<{}> is “{}”", element.name, shorten(value, SHOWN)));
    }

    fn tell_missing(&mut self, rule: &'static Rule, parent: &Element, name: &str) {
        if !self.is_cut {
            self.tell(rule, parent.at, &format!("there is no <{name}>"));
        }
    }

    fn root(&mut self, root: &Element) {
        if root.name != "rss" {
            self.tell(rules::RSS, root.at, &format!("the feed is <{}>", shorten(&root.name, SHOWN)));
        } else if root.attribute("version").map(str::trim) != Some("2.0") {
            let version = root.attribute("version").unwrap_or_default();
            self.tell(rules::RSS, root.at, &format!("its version is “{}”", shorten(version, SHOWN)));
        }
        let channels: Vec<&Element> =
            root.children.iter().filter(|child| child.local().eq_ignore_ascii_case("channel")).collect();
        if channels.len() != 1 {
            self.tell(rules::RSS, root.at, &format!("it has {} channels", channels.len()));
        }
        for channel in channels {
            if channel.name != "channel" {
                self.tell(rules::CASE, channel.at, &format!("<{}> is written <channel>", channel.name));
            }
            self.channel(channel);
        }
    }

    /// The value of the first tag of a name; empty ones count as missing.
    fn filled<'e>(parent: &'e Element, space: Space, name: &'e str) -> Option<(&'e Element, &'e str)> {
        parent.all(space, name).map(|element| (element, element.value())).find(|(_, value)| !value.is_empty())
    }

    /// Tags that may stand once.
    fn once(&mut self, parent: &Element, tags: &[(Space, &[&str])]) {
        for (space, names) in tags {
            for name in *names {
                if let Some(second) = parent.all(*space, name).nth(1) {
                    self.tell(rules::ONCE, second.at, &format!("there is a second <{}>", second.name));
                }
            }
        }
    }

    /// A link, in a tag or in an attribute.
    fn address(&mut self, element: &Element, value: &str) -> Option<Address> {
        match values::address(value) {
            Ok(address) => {
                if address.without_trackers() != address {
                    self.tell_value(rules::LINK_TRACKER, element, value);
                }
                Some(address)
            }
            Err(values::NoAddress::Password) => {
                // The password is shown to nobody.
                self.tell(rules::LINK_PASSWORD, element.at, &format!("<{}> has one", element.name));
                None
            }
            Err(values::NoAddress::Other(why)) => {
                let shown = shorten(value, SHOWN);
                self.tell(rules::ADDRESS, element.at, &format!("<{}> is “{shown}”: {why}", element.name));
                None
            }
        }
    }

    /// Attributes that hold links, where they are there.
    fn addresses(&mut self, element: &Element, attributes: &[&str]) {
        for name in attributes {
            if let Some(value) = element.attribute(name) {
                self.address(element, value);
            }
        }
    }

    /// A picture, and what it is like where it can be seen.
    fn picture(&mut self, element: &Element) {
        let Some(href) = element.attribute("href").map(str::trim).filter(|href| !href.is_empty()) else {
            self.tell(rules::IMAGE, element.at, &format!("<{}> has no href", element.name));
            return;
        };
        let Some(address) = self.address(element, href) else { return };
        // Items may share one.
        if !self.pictures.insert(address.to_string()) {
            return;
        }
        match self.around.picture(&address, self.base.as_ref()) {
            Picture::Unseen => {}
            Picture::Missing(why) => self.tell(rules::PICTURE_ANSWERS, element.at, &why),
            Picture::Bytes(bytes) => {
                for (rule, found) in artwork::faults(&bytes, address.as_str()) {
                    self.tell(rule, element.at, &found);
                }
            }
        }
    }

    /// Rules for tags that stand in shows and in items.
    fn shared(&mut self, parent: &Element) {
        for element in &parent.children {
            let (name, value) = (element.local(), element.value());
            match element.space {
                Space::Rss | Space::Itunes
                    if matches!(name, "description" | "summary") && value.len() > LONGEST_DESCRIPTION =>
                {
                    let found = format!("<{}> has {} bytes", element.name, value.len());
                    self.tell(rules::DESCRIPTION_LENGTH, element.at, &found);
                }
                Space::Rss | Space::Itunes if values::is_short(name) => {
                    let characters = value.chars().count();
                    if characters > LONGEST_VALUE {
                        let found = format!("<{}> has {characters} characters", element.name);
                        self.tell(rules::VALUE_LENGTH, element.at, &found);
                    }
                    if name == "title" && values::has_markup(value) {
                        self.tell_value(rules::HTML_IN_TITLE, element, value);
                    }
                }
                _ => {}
            }
            match (element.space, name) {
                (Space::Rss, "link") if !value.is_empty() => drop(self.address(element, value)),
                (Space::Itunes, "explicit") if !matches!(value, "true" | "false") => {
                    self.tell_value(rules::EXPLICIT_WORD, element, value);
                }
                (Space::Rss, "pubDate" | "lastBuildDate") => self.date(element),
                (Space::Podcast, "person") => self.person(element),
                (Space::Podcast, "txt") => self.txt(element),
                _ => {}
            }
            if let Some(right) = values::in_other_case(element) {
                let found = format!("<{}> is written <{right}>", shorten(&element.name, SHOWN));
                self.tell(rules::CASE, element.at, &found);
            }
        }
    }

    fn date(&mut self, element: &Element) {
        use super::date::Fault;
        let shown = shorten(element.value(), SHOWN);
        match super::date::parse(element.value()) {
            Ok(_) => {}
            Err(Fault::Form(why)) => {
                self.tell(rules::DATE_FORM, element.at, &format!("<{}> is “{shown}”: {why}", element.name));
            }
            Err(Fault::Weekday(right)) => {
                let found = format!("<{}> is “{shown}”, and that day is a {right}", element.name);
                self.tell(rules::DATE_WEEKDAY, element.at, &found);
            }
        }
    }

    fn person(&mut self, element: &Element) {
        let characters = element.value().chars().count();
        if !(1..=LONGEST_NAME).contains(&characters) {
            let found = format!("<{}> has {characters} characters", element.name);
            self.tell(rules::PERSON, element.at, &found);
        }
        self.addresses(element, &["href", "img"]);
    }

    fn txt(&mut self, element: &Element) {
        let characters = element.value().chars().count();
        let purpose = element.attribute("purpose").map_or(0, |purpose| purpose.chars().count());
        if characters > values::LONGEST_TXT || purpose > LONGEST_NAME {
            let found = format!("it has {characters} characters, and its purpose {purpose}");
            self.tell(rules::TXT, element.at, &found);
        }
    }
}

#[cfg(test)]
mod tests;
