//! An entry of a feed.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::calendar::Date;
use crate::hash::{Fields, hex};
use crate::net::Address;

/// An entry of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Entry {
    /// What tells it from all others of its feed, for ever. See [`identify`].
    #[serde(skip)]
    pub identity: String,
    /// The headline, without markup.
    pub title: Option<String>,
    /// The article's own address, without what follows readers around.
    pub link: Option<String>,
    /// When it was published, in seconds since 1970.
    pub published: Option<i64>,
    /// When it was last changed, in seconds since 1970.
    pub updated: Option<i64>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// What it is about, in the feed's words.
    pub categories: Vec<String>,
    /// The longest text that the feed has of it, in HTML.
    pub html: Option<String>,
}

/// How an entry names itself, before all of the feed is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Claim {
    /// `guid`, `id`: as it is, if there is one.
    pub guid: Option<String>,
    /// The entry, still without an identity.
    pub entry: Entry,
}

/// Gives each entry an identity: its own guid, byte for byte. A guid that several entries have tells nothing, and then the address
/// does; then a hash of the text. So a changed headline makes no new article, and one without a guid is not new at every poll.
pub(super) fn identify(claims: Vec<Claim>) -> Vec<Entry> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for claim in &claims {
        for name in [claim.guid.as_deref(), claim.entry.link.as_deref()].into_iter().flatten() {
            *times.entry(name).or_default() += 1;
        }
    }
    let is_alone = |name: &str, own: usize| times.get(name).copied() == Some(own);
    let identity = |claim: &Claim| {
        let link = claim.entry.link.as_deref();
        let guid = claim.guid.as_deref().filter(|guid| {
            // Many feeds have the address as guid, too.
            is_alone(guid, if Some(*guid) == link { 2 } else { 1 })
        });
        let link = link.filter(|link| is_alone(link, 1));
        guid.or(link).map_or_else(|| text_hash(&claim.entry), str::to_string)
    };
    let identities: Vec<String> = claims.iter().map(identity).collect();
    let named = claims.into_iter().zip(identities);
    named.map(|(claim, identity)| Entry { identity, ..claim.entry }).collect()
}

fn text_hash(entry: &Entry) -> String {
    let text = entry.html.as_deref().filter(|text| !text.trim().is_empty()).or(entry.title.as_deref());
    let link = entry.link.as_deref().unwrap_or_default();
    let fields = Fields::of("audio-report entry 1").with(link.as_bytes());
    hex(&fields.with(text.unwrap_or_default().as_bytes()).finish())
}

impl Entry {
    /// The hash of all that the feed says of it: another one means that the article may have changed.
    pub(crate) fn stamp(&self) -> String {
        let mut fields = Fields::of("audio-report stamp 1");
        for text in [&self.title, &self.link, &self.html] {
            fields = fields.with(text.as_deref().unwrap_or_default().as_bytes());
        }
        let updated = self.updated.unwrap_or_default();
        hex(&fields.with(&updated.to_le_bytes()).finish())
    }

    /// Words of the feed's text.
    pub(crate) fn words(&self) -> usize {
        self.html.as_deref().map_or(0, |html| without_tags(html).split_whitespace().count())
    }

    /// A page with the feed's text, from which the story is found as from any other; `None` where the feed has no text.
    pub(crate) fn page(&self) -> Option<String> {
        let html = self.html.as_deref().filter(|html| !without_tags(html).trim().is_empty())?;
        let title = escaped(self.title.as_deref().unwrap_or_default());
        let mut page = format!("<!doctype html><html><head><meta charset=utf-8><title>{title}</title>");
        if let Some(link) = &self.link {
            page.push_str(&format!("<link rel=canonical href=\"{}\">", escaped(link)));
        }
        for author in &self.authors {
            page.push_str(&format!("<meta name=author content=\"{}\">", escaped(author)));
        }
        if let Some(published) = self.published {
            let day = Date::of_seconds(published);
            page.push_str(&format!("<meta property=article:published_time content=\"{day}\">"));
        }
        page.push_str("</head><body><article>");
        if !title.trim().is_empty() {
            page.push_str(&format!("<h1>{title}</h1>"));
        }
        page.push_str(html);
        page.push_str("</article></body></html>");
        Some(page)
    }

    /// The address of its page.
    pub(crate) fn address(&self) -> Option<Address> {
        Address::parse(self.link.as_deref()?).ok()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text without its markup, to be counted.
pub(super) fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut is_within = false;
    for sign in html.chars() {
        match sign {
            '<' => is_within = true,
            '>' if is_within => {
                is_within = false;
                text.push(' ');
            }
            _ if !is_within => text.push(sign),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn claim(guid: &str, link: &str, title: &str) -> Claim {
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        let entry = Entry { link: some(link), title: some(title), ..Entry::default() };
        Claim { guid: some(guid), entry }
    }

    #[test]
    fn an_entry_is_told_by_guid_then_address_then_text() {
        let rows = [
            (vec![("1", "https://a.example/x", "A"), ("2", "https://a.example/y", "B")], vec!["1", "2"]),
            // The same guid for all.
            (
                vec![("feed", "https://a.example/x", "A"), ("feed", "https://a.example/y", "B")],
                vec!["https://a.example/x", "https://a.example/y"],
            ),
            (vec![("", "https://a.example/x", "A")], vec!["https://a.example/x"]),
            (vec![("https://a.example/x", "https://a.example/x", "A")], vec!["https://a.example/x"]),
            // The home page as address of all.
            (vec![("", "https://a.example/", "A"), ("", "https://a.example/", "B")], vec!["#", "#"]),
            (vec![("", "", "A"), ("", "", "B")], vec!["#", "#"]),
        ];
        each(rows, |(claims, want)| {
            let claims = claims.into_iter().map(|(guid, link, title)| claim(guid, link, title));
            let found: Vec<String> =
                identify(claims.collect()).into_iter().map(|entry| entry.identity).collect();
            let is_right =
                |(found, want): (&String, &&str)| found == want || *want == "#" && found.len() == 64;
            assert!(found.iter().zip(&want).all(is_right), "{found:?} {want:?}");
            let distinct: std::collections::HashSet<&String> = found.iter().collect();
            assert_eq!(distinct.len(), found.len(), "{found:?}");
        });
    }

    #[test]
    fn a_changed_headline_is_no_new_entry_but_another_stamp() {
        let entries = ["Port opens", "Port reopens"]
            .map(|title| identify(vec![claim("7", "https://a.example/x", title)]).remove(0));
        assert_eq!(entries[0].identity, entries[1].identity);
        assert_ne!(entries[0].stamp(), entries[1].stamp());
        assert_eq!(entries[0].stamp(), entries[0].clone().stamp());
    }

    #[test]
    fn the_page_of_an_entry_is_read_as_an_article() {
        let html = "<p>The port of Havn reopened on Monday after a storm.</p><p>Ships came back at noon, the harbour master said.</p>";
        let entry = Entry {
            title: Some("Port & quay \"reopen\"".into()),
            link: Some("https://a.example/x?b=1&c=2".into()),
            authors: vec!["Ann Lee".into()],
            published: Some(1_764_374_400),
            html: Some(html.into()),
            ..Entry::default()
        };
        let page = entry.page().unwrap();
        let article =
            crate::article::read_article(page.as_bytes(), "entry", &crate::article::ReadOptions::default());
        let article = article.unwrap();
        assert_eq!(article.title(), Some("Port & quay \"reopen\""));
        assert_eq!(article.blocks().len(), 3, "{:?}", article.blocks());
        assert_eq!(article.byline(), Some("Ann Lee"));
        assert_eq!(article.claimed_address(), Some("https://a.example/x?b=1&c=2"));
        assert_eq!(entry.words(), 19);
        assert_eq!(Entry { html: Some("<p> </p>".into()), ..entry }.page(), None);
    }
}
