//! NewsML-G2, the IPTC's container: an item with its metadata, and the story within it as XHTML, NITF or plain text.

use super::super::ReadOptions;
use super::super::details::Details;
use super::super::draft::Draft;
use super::super::html;
use super::told::Told;
use super::wire::{Embargo, Status, Wire};
use super::xml::Element;
use super::{markup, nitf};
use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};

/// The draft of the story in a document.
pub(super) fn read(root: &Element, name: &str, options: ReadOptions) -> Result<Draft> {
    let refused = |what: String| Err(Error::new(ErrorKind::Input, what).at(Place::file(name)));
    let sets = root.children().filter(|child| child.name == "itemSet");
    let items: Vec<&Element> = match root.name.as_str() {
        "newsItem" => vec![root],
        _ => sets.flat_map(Element::children).filter(|child| child.name == "newsItem").collect(),
    };
    let stories: Vec<&Element> = items.iter().copied().filter(|item| is_text(item)).collect();
    let item = match (stories.as_slice(), items.first()) {
        ([only], _) => only,
        ([], Some(item)) => {
            // What was cancelled is told, whatever it was.
            wire(item).check(name, options)?;
            let class = item_class(item).unwrap_or("unknown");
            let what = format!("{name} holds no text: its item is of the class “{}”", shorten(class, 40));
            return refused(what).map_err(|error| error.with_cure(Cure::GiveTextItem));
        }
        ([], None) => {
            let what = format!("{name} is NewsML-G2 without a story: <{}>", shorten(&root.name, 40));
            return refused(what).map_err(|error| error.with_cure(Cure::GiveTextItem));
        }
        (several, _) => {
            let what = format!("{name} holds {} stories, and one is read here", several.len());
            return refused(what).map_err(|error| error.with_cure(Cure::SplitStories));
        }
    };
    let wire = wire(item);
    wire.check(name, options)?;
    let (mut told, language) = match story(item, name, options)? {
        Some(story) => story,
        None if contents(item).any(|content| content.name == "remoteContent") => {
            let what = format!("{name} only says where its text is, and does not hold it");
            return Err(Error::new(ErrorKind::Empty, what)
                .at(Place::file(name))
                .with_cure(Cure::GiveTextItem));
        }
        None => (Told::default(), None),
    };
    // What stands within is for the same story: the stricter of the two counts.
    told.wire.check(name, options)?;
    let meta = item.child("contentMeta");
    let (headline, decks) = headlines(meta);
    told.title = headline.or(told.title).or_else(|| item.at(&["itemMeta", "title"])?.some_text());
    if told.decks.is_empty() {
        told.decks = decks;
    }
    let part = |name: &str| meta.and_then(|meta| meta.child(name)).and_then(Element::some_text);
    told.byline = part("by").or(told.byline);
    let dateline = part("dateline").or(told.wire.dateline.take());
    told.wire = Wire { dateline, ..wire };
    told.details = details(item, language).or(told.details);
    Ok(told.into_draft())
}

/// Whether an item is a story, or one that is taken back, and the name that its agency gave it.
pub(super) fn told(item: &Element) -> (bool, Option<String>) {
    let wire = wire(item);
    (is_text(item) || wire.status == Status::Canceled, wire.guid)
}

fn item_class(item: &Element) -> Option<&str> {
    let class = item.at(&["itemMeta", "itemClass"])?;
    let code = class.attribute("qcode").or_else(|| class.attribute("uri"))?;
    code.rsplit([':', '/']).next()
}

/// Whether an item is a text: it says so, or it has one.
fn is_text(item: &Element) -> bool {
    match item_class(item) {
        Some(class) => class.eq_ignore_ascii_case("text"),
        None => contents(item).any(|content| content.name != "remoteContent"),
    }
}

fn contents(item: &Element) -> impl Iterator<Item = &Element> {
    item.child("contentSet").into_iter().flat_map(Element::children)
}

fn wire(item: &Element) -> Wire {
    let meta = item.child("itemMeta");
    let status = meta.and_then(|meta| meta.child("pubStatus"));
    let status = status.and_then(|status| {
        ["qcode", "uri", "literal"].iter().find_map(|key| status.attribute(key)).map(Status::of)
    });
    let embargo = meta.and_then(|meta| meta.child("embargoed"));
    Wire {
        guid: item.attribute("guid").map(str::to_owned),
        version: item.attribute("version").map(str::to_owned),
        status: status.unwrap_or_default(),
        embargo: embargo.map(|embargo| Embargo::of(&embargo.text())),
        dateline: None,
    }
}

/// The first rendition that has a story, and the language that it names: with markup rather than without.
fn story(item: &Element, name: &str, options: ReadOptions) -> Result<Option<(Told, Option<String>)>> {
    let kind = |content: &Element| content.attribute("contenttype").unwrap_or_default().to_ascii_lowercase();
    let mut renditions: Vec<(u8, &Element)> = contents(item)
        .filter_map(|content| match content.name.as_str() {
            "inlineXML" => Some((0, content)),
            "inlineData" if kind(content).contains("html") => Some((1, content)),
            "inlineData" if matches!(kind(content).split(';').next(), Some("" | "text/plain")) => {
                Some((2, content))
            }
            _ => None,
        })
        .collect();
    renditions.sort_by_key(|(rank, _)| *rank);
    for (rank, content) in renditions {
        let mut language = content.attribute("lang").map(str::to_owned);
        let told = match rank {
            0 => {
                let Some(root) = content.children().next() else { continue };
                language = root.attribute("lang").map(str::to_owned).or(language);
                of_xml(content, root)
            }
            1 => {
                let draft = html::read_part(&content.text_as_written(), None);
                Told { body: draft.map_err(|error| error.at(Place::file(name)))?, ..Told::default() }
            }
            _ => Told { body: Draft::from_story(content.text_as_written()), ..Told::default() },
        };
        let is_canceled = told.wire.check(name, options).is_err();
        if is_canceled || told.body.words() > 0 {
            return Ok(Some((told, language)));
        }
    }
    Ok(None)
}

/// NITF, a page of XHTML, or a part of one.
fn of_xml(content: &Element, root: &Element) -> Told {
    if root.name == "nitf" {
        return nitf::read(root);
    }
    let mut told = Told::default();
    if root.name == "html" {
        told.title = root.at(&["head", "title"]).and_then(Element::some_text);
        markup::read(root.child("body").unwrap_or(root), &mut told.body);
    } else {
        markup::read(content, &mut told.body);
    }
    told
}

/// The headline, and those below it.
fn headlines(meta: Option<&Element>) -> (Option<String>, Vec<String>) {
    let all = meta.into_iter().flat_map(Element::children).filter(|child| child.name == "headline");
    let (mut main, mut other, mut decks) = (None, None, Vec::new());
    for headline in all {
        let role = headline.attribute("role").unwrap_or_default().to_ascii_lowercase();
        let role = role.rsplit([':', '/']).next().unwrap_or_default().to_owned();
        let Some(text) = headline.some_text() else { continue };
        if role.contains("sub") || role.contains("deck") {
            decks.push(text);
        } else if role.is_empty() || role.contains("main") || role == "headline" {
            main.get_or_insert(text);
        } else {
            other.get_or_insert(text);
        }
    }
    (main.or(other), decks)
}

fn details(item: &Element, language: Option<String>) -> Details {
    let mut details = Details::default();
    let (about, meta) = (item.child("itemMeta"), item.child("contentMeta"));
    let declared =
        meta.and_then(|meta| meta.child("language")).and_then(|language| language.attribute("tag"));
    details.language =
        declared.map(str::to_owned).or(language).or_else(|| item.attribute("lang").map(str::to_owned));
    let dates = ["firstCreated", "versionCreated"].map(|name| about.and_then(|about| about.child(name)));
    let created = meta.and_then(|meta| meta.child("contentCreated"));
    for date in dates.into_iter().chain([created]).flatten() {
        Details::set(&mut details.date, &nitf::iso(&date.text()));
    }
    let named = |party: &Element| {
        let name = party.child("name").and_then(Element::some_text);
        name.or_else(|| party.attribute("literal").map(str::to_owned))
    };
    let provider = about.and_then(|about| about.child("provider")).and_then(named);
    let rights = item.child("rightsInfo");
    let holder = rights.and_then(|rights| rights.child("copyrightHolder")).and_then(named);
    if let Some(name) = provider.or(holder) {
        Details::set(&mut details.publication, &name);
    }
    if let Some(notice) =
        rights.and_then(|rights| rights.child("copyrightNotice")).and_then(Element::some_text)
    {
        Details::set(&mut details.copyright, &notice);
    }
    let is_own = |link: &&Element| {
        let relation = link.attribute("rel").unwrap_or_default().to_ascii_lowercase();
        relation.ends_with("permalink") || relation.ends_with("canonical")
    };
    let links = about.into_iter().flat_map(Element::children).filter(|child| child.name == "link");
    let own = links.filter(is_own).find_map(|link| link.attribute("href"));
    details.canonical =
        own.filter(|own| own.starts_with("https://") || own.starts_with("http://")).map(str::to_owned);
    details.source.clone_from(&details.canonical);
    details
}

#[cfg(test)]
mod tests {
    use super::super::xml;
    use super::*;
    use crate::article::Article;
    use crate::table_test::each;

    fn item(meta: &str, content_meta: &str, content: &str) -> String {
        format!(
            "<newsItem guid='urn:hw:1' version='3' xml:lang='en'><itemMeta>{meta}</itemMeta>\
             <contentMeta>{content_meta}</contentMeta><contentSet>{content}</contentSet></newsItem>"
        )
    }

    fn article(text: &str) -> Result<Article> {
        let options = ReadOptions::default();
        Ok(read(&xml::parse(text, "a.xml")?, "a.xml", options)?.finish(options))
    }

    const XHTML: &str = "<inlineXML contenttype='application/xhtml+xml'><html xml:lang='en-GB'><head><title>Slug</title></head>\
        <body><h1>Port reopens</h1><p>Ships came back.</p><h2>Pilots</h2><p>They were glad.</p></body></html></inlineXML>";
    const NITF: &str = "<inlineXML contenttype='application/nitf+xml'><nitf><body><body.head><hedline><hl1>Inner</hl1></hedline>\
        <byline>By Jo Doe</byline></body.head><body.content><p>Ships came back.</p></body.content></body></nitf></inlineXML>";
    const PLAIN: &str =
        "<inlineData contenttype='text/plain'>Ships came back.\n\nThey were glad.</inlineData>";

    #[test]
    fn stories_are_read_in_each_rendition() {
        let headline =
            "<headline role='hlr:short'>Port</headline><headline>Port reopens</headline><by>By Ann Roe</by>";
        let rows: [(&str, &str, &[&str], Option<&str>); 5] = [
            (
                headline,
                XHTML,
                &["Port reopens", "Ships came back.", "Pilots", "They were glad."],
                Some("Ann Roe"),
            ),
            (headline, NITF, &["Port reopens", "Ships came back."], Some("Ann Roe")),
            ("", NITF, &["Inner", "Ships came back."], Some("Jo Doe")),
            (headline, PLAIN, &["Port reopens", "Ships came back.", "They were glad."], Some("Ann Roe")),
            (
                "<headline>Port reopens</headline><dateline>BUSAN</dateline>",
                "<inlineData contenttype='text/plain'>Short.</inlineData><inlineXML><div><p>Ships came back.</p></div></inlineXML>",
                &["Port reopens", "BUSAN — Ships came back."],
                None,
            ),
        ];
        each(rows, |(meta, content, want, byline)| {
            let article = article(&item("", meta, content)).unwrap();
            let texts: Vec<&str> =
                article.blocks().iter().map(|block| block.span.of(article.text())).collect();
            assert_eq!((texts, article.byline()), (want.to_vec(), byline), "{content}");
        });
        let message = format!(
            "<newsMessage><header/><itemSet><packageItem/>{}</itemSet></newsMessage>",
            item("", headline, XHTML)
        );
        let article = article(&message).unwrap();
        assert_eq!((article.title(), article.language()), (Some("Port reopens"), Some("en-GB")));
        assert_eq!(article.wire().and_then(|wire| wire.version.as_deref()), Some("3"));
    }

    #[test]
    fn what_may_not_be_read_is_refused() {
        let usable = item("", "", XHTML);
        let rows = [
            (item("<pubStatus qcode='stat:canceled'/>", "", ""), ErrorKind::Canceled, "urn:hw:1"),
            (
                item("<itemClass qcode='ninat:picture'/><pubStatus qcode='stat:canceled'/>", "", ""),
                ErrorKind::Canceled,
                "cancelled",
            ),
            (
                item("<embargoed>2099-01-01T06:00:00+01:00</embargoed>", "", XHTML),
                ErrorKind::Embargoed,
                "2099-01-01 06:00 +01:00",
            ),
            (item("<embargoed/>", "", XHTML), ErrorKind::Embargoed, "not set yet"),
            (item("<itemClass qcode='ninat:picture'/>", "", ""), ErrorKind::Input, "picture"),
            (
                item("", "", "<remoteContent href='a.txt'/>")
                    .replace("<itemMeta>", "<itemMeta><itemClass qcode='ninat:text'/>"),
                ErrorKind::Empty,
                "where its text is",
            ),
            (
                format!("<newsMessage><itemSet>{usable}{usable}</itemSet></newsMessage>"),
                ErrorKind::Input,
                "2 stories",
            ),
            ("<packageItem/>".to_owned(), ErrorKind::Input, "without a story"),
        ];
        each(rows, |(text, kind, words)| {
            let error = article(&text).unwrap_err();
            assert_eq!(error.kind(), kind, "{text}");
            assert!(error.what().contains(words), "{}", error.what());
        });
    }
}
