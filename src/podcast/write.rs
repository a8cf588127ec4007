//! The feed: RSS 2.0 with the tags of Apple and of Podcasting 2.0. The same data make the same bytes; nothing comes from a clock.
//!
//! Texts are cleaned: characters that XML 1.0 forbids are left out, so are trackers and secret addresses in links; what is too
//! long ends at a word with an ellipsis. Guids stay, but for
//! space.

mod episode;

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::around::Nothing;
use super::check::{LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_VALUE, Report, check};
use super::clean::{Secrets, block, cut_to_bytes, cut_to_characters, is_legal, line, link};
use super::date;
use super::guid::Guid;
use super::rules::Level;
use super::show::{Episode, Person, Show};
use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};

/// The namespaces, with the prefixes that Apple asks for.
const SPACES: [(&str, &str); 4] = [
    ("xmlns:itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    ("xmlns:podcast", "https://podcastindex.org/namespace/1.0"),
    ("xmlns:atom", "http://www.w3.org/2005/Atom"),
    ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
];
/// Bytes of a description in a feed that is private: a summary, not the text.
const LONGEST_SUMMARY: usize = 300;
/// The index of the folder, which is the show's page where it has no other.
const INDEX: &str = "index.html";

/// The feed of a show. One that breaks a rule which apps require is not written; the error names the first rule.
pub(crate) fn feed(show: &Show, episodes: &[Episode]) -> Result<Vec<u8>> {
    let bytes = unchecked(show, episodes)
        .map_err(|cause| Error::new(ErrorKind::Output, "the podcast feed can't be written").because(cause))?;
    let report = check(&bytes, &Nothing);
    match refusal(&report) {
        Some(error) => Err(error),
        None => Ok(bytes),
    }
}

/// The error of a feed that breaks a rule.
fn refusal(report: &Report) -> Option<Error> {
    let mut broken = report.findings.iter().filter(|finding| finding.rule.level == Level::Required);
    let first = broken.next()?;
    let more = match broken.count() {
        0 => String::new(),
        count => format!("; and {count} more"),
    };
    let what = format!("the podcast feed would break a rule: {}, but {}{more}", first.rule.what, first.found);
    let place = Place::default().text(&first.place);
    Some(Error::new(ErrorKind::Feed, what).at(place).with_cure(Cure::MendShow { rule: first.rule.id }))
}

/// The episodes that a feed lists, the latest first.
pub(super) fn listed<'a>(show: &Show, episodes: &'a [Episode]) -> Vec<&'a Episode> {
    let mut listed: Vec<&Episode> = episodes.iter().collect();
    listed.sort_by(|one, other| other.published.cmp(&one.published).then_with(|| one.guid.cmp(&other.guid)));
    listed.truncate(show.most_items);
    listed
}

/// The feed, whatever the rules say.
pub(super) fn unchecked(show: &Show, episodes: &[Episode]) -> io::Result<Vec<u8>> {
    let mut feed = Feed { xml: Writer::new_with_indent(Vec::new(), b' ', 2), show };
    feed.xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    feed.xml.get_mut().push(b'\n');
    feed.within("rss", &[&[("version", "2.0")][..], &SPACES].concat(), |feed| {
        feed.within("channel", &[], |feed| {
            let listed = listed(show, episodes);
            feed.head(&listed)?;
            listed.into_iter().try_for_each(|episode| feed.item(episode))
        })
    })?;
    let mut bytes = feed.xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// A feed while it is written.
struct Feed<'a> {
    xml: Writer<Vec<u8>>,
    show: &'a Show,
}

impl Feed<'_> {
    /// All tags of the channel stand before its first item.
    fn head(&mut self, listed: &[&Episode]) -> io::Result<()> {
        let show = self.show;
        let is_public = show.rights.is_public();
        let own = show.base.of(&show.file);
        let atom = [("rel", "self"), ("type", "application/rss+xml"), ("href", own.as_str())];
        self.empty("atom:link", &atom)?;
        self.short("title", &show.title)?;
        let description = cut_to_bytes(&block(&show.description, &show.secrets), LONGEST_DESCRIPTION);
        self.text("description", &[], &description)?;
        self.text("link", &[], &self.page_of_show())?;
        self.text("language", &[], &line(&show.language, &show.secrets))?;
        if let Some(copyright) = &show.copyright {
            self.short("copyright", copyright)?;
        }
        if let Some(latest) = listed.first() {
            let latest = date::written(latest.published);
            self.text("pubDate", &[], &latest)?;
            self.text("lastBuildDate", &[], &latest)?;
        }
        self.text("generator", &[], "audio-report")?;
        self.of_apple()?;
        self.of_podcasting()?;
        if !is_public {
            let xhtml = "http://www.w3.org/1999/xhtml";
            self.empty("meta", &[("xmlns", xhtml), ("name", "robots"), ("content", "noindex")])?;
        }
        Ok(())
    }

    fn page_of_show(&self) -> String {
        let own = self.show.link.as_deref().and_then(|own| link(own, &self.show.secrets));
        own.unwrap_or_else(|| self.show.base.of(INDEX))
    }

    fn of_apple(&mut self) -> io::Result<()> {
        let show = self.show;
        if let Some(owner) = &show.owner {
            self.within("itunes:owner", &[], |feed| {
                feed.short("itunes:name", &owner.name)?;
                feed.short("itunes:email", &owner.email)
            })?;
        }
        // Behind the owner, whose name some readers would take for the author's.
        if let Some(author) = &show.author {
            self.short("itunes:author", author)?;
        }
        // A picture of others is in no feed that is not theirs.
        if let Some(cover) = show.cover.as_ref().filter(|cover| cover.is_ours || show.rights.is_public()) {
            let href = show.base.of(&cover.file);
            self.empty("itunes:image", &[("href", href.as_str())])?;
        }
        let (category, part) = &show.category;
        let category = line(category, &show.secrets);
        match part {
            None => self.empty("itunes:category", &[("text", category.as_str())])?,
            Some(part) => {
                let part = line(part, &show.secrets);
                self.within("itunes:category", &[("text", category.as_str())], |feed| {
                    feed.empty("itunes:category", &[("text", part.as_str())])
                })?;
            }
        }
        self.text("itunes:explicit", &[], word(show.is_explicit))?;
        self.text("itunes:type", &[], "episodic")?;
        if !show.rights.is_public() {
            self.text("itunes:block", &[], "Yes")?;
        }
        match show.moved_to.as_deref().and_then(|moved| link(moved, &show.secrets)) {
            Some(moved) => self.text("itunes:new-feed-url", &[], &moved),
            None => Ok(()),
        }
    }

    fn of_podcasting(&mut self) -> io::Result<()> {
        let show = self.show;
        let is_public = show.rights.is_public();
        self.text("podcast:guid", &[], show.guid.as_str())?;
        let owner = show.owner.as_ref().map(|owner| line(&owner.email, &show.secrets));
        let owner = owner.filter(|owner| !owner.is_empty());
        let owner: Vec<(&str, &str)> = owner.iter().map(|owner| ("owner", owner.as_str())).collect();
        self.text("podcast:locked", &owner, if is_public { "no" } else { "yes" })?;
        if !is_public {
            self.text("podcast:block", &[], "yes")?;
        }
        self.text("podcast:medium", &[], &line(&show.medium, &show.secrets))?;
        if show.is_synthetic {
            self.text("podcast:txt", &[("purpose", "ai-content")], "true")?;
        }
        show.persons.iter().try_for_each(|person| self.person(person))
    }

    fn person(&mut self, person: &Person) -> io::Result<()> {
        let secrets = &self.show.secrets;
        let limited = |text: &str| cut_to_characters(&line(text, secrets), LONGEST_NAME);
        let name = limited(&person.name);
        if name.is_empty() {
            return Ok(());
        }
        let own = |text: &Option<String>| text.as_deref().map(limited).filter(|text| !text.is_empty());
        let href = person.link.as_deref().and_then(|href| link(href, secrets));
        let attributes = [("role", own(&person.role)), ("group", own(&person.group)), ("href", href)];
        let attributes: Vec<(&str, &str)> =
            attributes.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        self.text("podcast:person", &attributes, &name)
    }

    /// A tag of one line, as long as a value may be.
    fn short(&mut self, name: &str, text: &str) -> io::Result<()> {
        let text = cut_to_characters(&line(text, &self.show.secrets), LONGEST_VALUE);
        self.text(name, &[], &text)
    }

    /// A tag with a text that is clean.
    fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.xml.write_event(Event::Start(start))?;
        self.xml.write_event(Event::Text(BytesText::new(text)))?;
        self.xml.write_event(Event::End(BytesEnd::new(name)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.xml.write_event(Event::Empty(start))
    }

    fn within(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.xml.write_event(Event::Start(start))?;
        content(self)?;
        self.xml.write_event(Event::End(BytesEnd::new(name)))
    }
}

fn word(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

/// A guid as a feed can hold it: legal characters, single spaces. One that holds a secret address is named after it.
pub(super) fn kept(guid: &str, secrets: &Secrets) -> String {
    let legal: String = guid.chars().filter(|c| is_legal(*c)).collect();
    let folded = shorten(&legal, usize::MAX);
    if secrets.are_in(&legal) || secrets.are_in(&folded) { Guid::of_feed(guid).to_string() } else { folded }
}
