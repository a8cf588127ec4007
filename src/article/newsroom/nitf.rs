//! NITF, the IPTC's News Industry Text Format (versions 3.x): the elements say what is headline, byline, dateline and story.

use super::super::details::Details;
use super::super::reason::Reason;
use super::markup;
use super::time::Moment;
use super::told::Told;
use super::wire::{Embargo, Status, Wire};
use super::xml::{Element, Node};

/// What the head of a document says of whether it may be published.
pub(super) fn wire(root: &Element) -> Wire {
    let data = root.at(&["head", "docdata"]);
    let part = |name: &str| data.and_then(|data| data.child(name));
    let of = |name: &str, key: &str| part(name).and_then(|part| part.attribute(key)).map(str::to_owned);
    let managed = data.and_then(|data| data.attribute("management-status"));
    let mut status = managed.map(Status::of).unwrap_or_default();
    // Many systems write when the story went out into both: that is no embargo, whatever the zone.
    let issued = of("date.issue", "norm");
    let released = of("date.release", "norm");
    let released = released.filter(|norm| !norm.trim().is_empty() && Some(norm) != issued.as_ref());
    // A release says from when on the status is lifted.
    if status == Status::Withheld && released.is_some() {
        status = Status::Usable;
    }
    Wire {
        guid: of("doc-id", "id-string"),
        version: of("du-key", "version").or_else(|| revision(root)),
        status,
        embargo: released.as_deref().map(Embargo::of),
        dateline: None,
    }
}

fn revision(root: &Element) -> Option<String> {
    let history = root.at(&["head"])?.children().filter(|child| child.name == "revision-history").count();
    (history > 0).then(|| history.to_string())
}

/// The parts of a document.
pub(super) fn read(root: &Element) -> Told {
    let head = root.child("head");
    let body = root.child("body");
    let top = body.and_then(|body| body.child("body.head"));
    let mut told = Told { wire: wire(root), details: details(head), ..Told::default() };
    if let Some(headline) = top.and_then(|top| top.child("hedline")) {
        told.title = headline.child("hl1").and_then(Element::some_text);
        let decks = headline.children().filter(|child| child.name == "hl2");
        told.decks = decks.filter_map(Element::some_text).collect();
    }
    told.title = told.title.or_else(|| head?.child("title")?.some_text());
    let bylines: Vec<String> = top
        .into_iter()
        .flat_map(|top| top.children().filter(|child| child.name == "byline"))
        .filter_map(byline)
        .collect();
    told.byline = (!bylines.is_empty()).then(|| bylines.join(", "));
    if let Some(dateline) = top.and_then(|top| top.child("dateline")) {
        told.wire.dateline = place_of(dateline);
        if let Some(date) = dateline.child("story.date").and_then(|date| date.attribute("norm")) {
            Details::set(&mut told.details.date, &iso(date));
        }
    }
    if let Some(top) = top {
        for (name, reason) in [
            ("note", Reason::OutsideStory),
            ("rights", Reason::Legal),
            ("distributor", Reason::OutsideStory),
            ("abstract", Reason::OutsideStory),
        ] {
            for part in top.children().filter(|child| child.name == name) {
                markup::read_as(part, &mut told.body, Some(reason));
            }
        }
    }
    let contents = body.into_iter().flat_map(Element::children);
    for content in contents.filter(|child| child.name == "body.content") {
        markup::read(content, &mut told.body);
    }
    if let Some(end) = body.and_then(|body| body.child("body.end")) {
        // `Reporting by …; editing by …`
        for part in end.children() {
            let reason = if part.name == "tagline" { Reason::Byline } else { Reason::OutsideStory };
            markup::read_as(part, &mut told.body, Some(reason));
        }
    }
    told
}

/// The words of a dateline. Where only elements stand in it, their commas are for the printer to set.
fn place_of(dateline: &Element) -> Option<String> {
    let is_bare = |node: &Node| matches!(node, Node::Text(text) if !text.trim().is_empty());
    if dateline.nodes.iter().any(is_bare) {
        return dateline.some_text();
    }
    let parts: Vec<String> = dateline.children().filter_map(Element::some_text).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A byline without the writer's role below it: `<byline>By <person>Ann Roe</person><byttl>Harbor Wire</byttl></byline>`.
fn byline(element: &Element) -> Option<String> {
    let mut text = String::new();
    for node in &element.nodes {
        match node {
            Node::Text(piece) => text.push_str(piece),
            Node::Element(part) if part.name == "byttl" => {}
            Node::Element(part) => {
                text.push_str(&part.text());
            }
        }
    }
    let text = crate::error::shorten(&text, usize::MAX);
    (!text.is_empty()).then_some(text)
}

fn details(head: Option<&Element>) -> Details {
    let mut details = Details::default();
    let Some(head) = head else { return details };
    let data = head.child("docdata");
    let norm = |name: &str| data?.child(name)?.attribute("norm");
    if let Some(date) = norm("date.issue").or_else(|| head.child("pubdata")?.attribute("date.publication")) {
        Details::set(&mut details.date, &iso(date));
    }
    let publication = head.child("pubdata");
    if let Some(name) = publication.and_then(|publication| publication.attribute("name")) {
        Details::set(&mut details.publication, name);
    }
    if let Some(address) = publication.and_then(|publication| publication.attribute("ex-ref")) {
        let is_whole = address.starts_with("http://") || address.starts_with("https://");
        details.canonical = is_whole.then(|| address.to_owned());
        details.source.clone_from(&details.canonical);
    }
    if let Some(copyright) = data.and_then(|data| data.child("doc.copyright")) {
        let of = |key| copyright.attribute(key).unwrap_or_default();
        let line = format!("© {} {}", of("year"), of("holder"));
        if !of("holder").is_empty() {
            Details::set(&mut details.copyright, &line);
        }
    }
    details
}

/// A date of NITF as other formats write it.
pub(super) fn iso(date: &str) -> String {
    Moment::parse(date).map_or_else(|| date.trim().to_owned(), Moment::iso)
}

#[cfg(test)]
mod tests {
    use super::super::super::ReadOptions;
    use super::super::xml;
    use super::*;
    use crate::table_test::each;

    #[test]
    fn parts_are_taken_as_they_are() {
        let text = r#"<nitf><head><title>Slug</title><docdata management-status="usable">
            <doc-id id-string="hw-7"/><date.issue norm="20261130T081500Z"/><doc.copyright year="2026" holder="Harbor Wire"/></docdata>
            <pubdata name="Harbor Wire" ex-ref="https://wire.example/7"/></head>
            <body><body.head><hedline><hl1>Port of Busan reopens</hl1><hl2>Crews waited nine days</hl2></hedline>
            <byline>By <person>Ann Roe</person><byttl>Staff Writer</byttl></byline>
            <dateline><location>BUSAN, South Korea</location> <story.date>Nov. 30</story.date></dateline><abstract><p>In short.</p></abstract></body.head>
            <body.content><block><p lede="true">Ships came back.</p><hl2>Pilots</hl2><p>They were glad.</p></block></body.content>
            <body.end><tagline>Editing by Jo Doe</tagline></body.end></body></nitf>"#;
        let told = read(&xml::parse(text, "a.xml").unwrap());
        let article = told.into_draft().finish(ReadOptions::default());
        let texts: Vec<&str> = article.blocks().iter().map(|block| block.span.of(article.text())).collect();
        let want = [
            "Port of Busan reopens",
            "Crews waited nine days",
            "BUSAN, South Korea, Nov. 30 — Ships came back.",
            "Pilots",
            "They were glad.",
        ];
        assert_eq!(texts, want);
        let reasons: Vec<Reason> = article.removed().iter().map(|removed| removed.reason).collect();
        assert_eq!(reasons, [Reason::Byline, Reason::OutsideStory, Reason::Byline]);
        assert_eq!((article.byline(), article.date()), (Some("Ann Roe"), Some("2026-11-30T08:15:00Z")));
        assert_eq!(
            (article.publication(), article.copyright()),
            (Some("Harbor Wire"), Some("© 2026 Harbor Wire"))
        );
        assert_eq!(article.claimed_address(), Some("https://wire.example/7"));
        assert_eq!(article.wire().and_then(|wire| wire.guid.as_deref()), Some("hw-7"));
    }

    #[test]
    fn status_and_release_are_read() {
        let rows = [
            ("<docdata management-status='canceled'/>", Status::Canceled, None),
            ("<docdata management-status='withheld'/>", Status::Withheld, None),
            (
                "<docdata management-status='embargoed'><date.release norm='20261201T060000Z'/></docdata>",
                Status::Usable,
                Some("2026-12-01 06:00 UTC"),
            ),
            ("<docdata><date.release/></docdata>", Status::Usable, None),
            (
                "<docdata><date.issue norm='20991201'/><date.release norm='20991201'/></docdata>",
                Status::Usable,
                None,
            ),
            ("", Status::Usable, None),
        ];
        each(rows, |(data, status, embargo)| {
            let wire = wire(&xml::parse(&format!("<nitf><head>{data}</head></nitf>"), "a.xml").unwrap());
            let found = wire.embargo.as_ref().map(|embargo| embargo.shown.as_str());
            assert_eq!((wire.status, found), (status, embargo), "{data}");
        });
    }
}
