//! Title, author, date, language, lead image, publication, address and copyright line of a page: from linked data, Open Graph and other `meta` elements.

use super::element::is_inline;
use super::fold_markup;
use super::json_ld::{self, LinkedData};
use super::marks::mark;
use super::tree::{Kind, TEMPLATE, Tree};
use crate::article::details::{Details, names_of};
use crate::article::reason::Reason;

/// Names of `meta` elements, the best first.
const TITLES: [&str; 5] = ["og:title", "twitter:title", "dc.title", "sailthru.title", "headline"];
const AUTHORS: [&str; 7] = [
    "author",
    "article:author",
    "byl",
    "parsely-author",
    "dc.creator",
    "sailthru.author",
    "og:article:author",
];
const DATES: [&str; 9] = [
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publish-date",
    "dc.date",
    "date",
];
const LANGUAGES: [&str; 4] = ["og:locale", "language", "dc.language", "content-language"];
const IMAGES: [&str; 3] = ["og:image", "og:image:url", "twitter:image"];
const COPYRIGHTS: [&str; 4] = ["copyright", "dc.rights", "dcterms.rights", "rights"];

/// Upper limit of `meta` elements that are read; a page has some fifty.
const MOST_METAS: usize = 1000;

/// A page's own account of itself.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) details: Details,
    /// The title in the browser's tab, often with the site's name.
    pub(super) tab: Option<String>,
    /// The story, where linked data or a template gives it.
    pub(super) body: Option<String>,
}

/// Reads a page's own account of itself.
pub(super) fn read(tree: &Tree) -> Metadata {
    let scripts = tree.nodes.iter().enumerate().filter_map(|(number, node)| match node.kind {
        Kind::Text(span) if tree.name(node.parent) == "script" && number > 0 => Some(span.of(&tree.text)),
        _ => None,
    });
    let LinkedData { details, body } = json_ld::read(scripts);
    let body = body.or_else(|| template(tree));
    let metas = metas(tree);
    let first = |names: &[&str]| {
        let find =
            |name: &&str| metas.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        names.iter().find_map(find)
    };
    let authors = AUTHORS.iter().find_map(|name| {
        let mut names: Vec<String> = Vec::new();
        for author in metas.iter().filter(|(known, _)| known == name).filter_map(|(_, value)| names_of(value))
        {
            if !names.contains(&author) {
                names.push(author);
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    });
    let page = Details {
        title: first(&TITLES),
        byline: authors.or_else(|| signature(tree)),
        date: first(&DATES).or_else(|| time(tree)),
        language: language(tree).or_else(|| first(&LANGUAGES)).map(|tag| tag.replace('_', "-")),
        image: first(&IMAGES),
        publication: None,
        source: [canonical(tree), first(&["og:url"])].into_iter().flatten().find(|address| is_whole(address)),
        copyright: first(&COPYRIGHTS),
        canonical: canonical(tree).or_else(|| first(&["og:url"])),
        is_amp: is_amp(tree),
    };
    // The name that readers know comes before the publisher's, who may be a company.
    let site = Details { publication: first(&["og:site_name"]), ..Details::default() };
    let program = Details { publication: first(&["application-name"]), ..Details::default() };
    let tab = (0..tree.nodes.len())
        .find(|&node| {
            tree.name(node) == "title" && tree.ancestors(node).all(|above| tree.name(above) != "svg")
        })
        .map(|node| tree.text_of(node))
        .filter(|title| !title.is_empty());
    Metadata { details: site.or(details).or(page).or(program), tab, body }
}

/// Names in lower case, and contents, of all `meta` elements that have both.
fn metas(tree: &Tree) -> Vec<(String, String)> {
    let meta = |node: usize| {
        let element = tree.element(node).filter(|element| element.name.as_str() == "meta")?;
        let name =
            ["property", "name", "itemprop", "http-equiv"].iter().find_map(|key| element.attribute(key))?;
        let content = fold_markup(element.attribute("content")?);
        (!content.is_empty()).then(|| (name.trim().to_ascii_lowercase(), content))
    };
    (0..tree.nodes.len()).filter_map(meta).take(MOST_METAS).collect()
}

fn language(tree: &Tree) -> Option<String> {
    let page = (1..tree.nodes.len()).find(|&node| tree.name(node) == "html")?;
    let element = tree.element(page)?;
    let tags = ["lang", "xml:lang"].into_iter().filter_map(|name| element.attribute(name));
    tags.map(str::trim).find(|tag| !tag.is_empty()).map(str::to_owned)
}

/// The address that the page gives as its own.
fn canonical(tree: &Tree) -> Option<String> {
    let address = |node: usize| {
        let element = tree.element(node).filter(|element| element.name.as_str() == "link")?;
        let is_canonical =
            |rel: &str| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("canonical"));
        element.attribute("rel").filter(|rel| is_canonical(rel))?;
        element.attribute("href").map(str::trim).map(str::to_owned)
    };
    (1..tree.nodes.len()).find_map(address)
}

/// Whether the page is written in AMP: `<html amp>` or `<html ⚡>`.
fn is_amp(tree: &Tree) -> bool {
    let page = (1..tree.nodes.len()).find(|&node| tree.name(node) == "html");
    let element = page.and_then(|page| tree.element(page));
    element.is_some_and(|element| ["amp", "⚡"].iter().any(|name| element.attribute(name).is_some()))
}

/// Whether an address says where on the web the page is: a path alone does not.
fn is_whole(address: &str) -> bool {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| scheme == "http" || scheme == "https")
}

/// The page's story in markup, where it is a template for a program: a script within the element that the page calls its story.
fn template(tree: &Tree) -> Option<String> {
    let is_template = |&node: &usize| {
        let kind = tree.element(node).and_then(|element| element.attribute("type"));
        tree.name(node) == "script" && kind.is_some_and(|kind| kind.eq_ignore_ascii_case(TEMPLATE))
    };
    let is_body = |node: usize| {
        tree.element(node).and_then(|element| element.attribute("itemprop")) == Some("articleBody")
    };
    let script = (1..tree.nodes.len()).filter(is_template).find(|&node| tree.ancestors(node).any(is_body))?;
    let texts = tree.nodes[script..tree.nodes[script].end].iter().filter_map(|node| match node.kind {
        Kind::Text(span) => Some(span.of(&tree.text)),
        _ => None,
    });
    Some(texts.collect())
}

/// The first few words within a line that their element calls an author.
fn signature(tree: &Tree) -> Option<String> {
    const LONGEST: usize = 12;
    let is_byline = |&node: &usize| {
        is_inline(tree.name(node)) && tree.element(node).and_then(mark) == Some(Reason::Byline)
    };
    let text = |node: usize| tree.text_of(node);
    let is_short = |text: &String| text.split(' ').count() <= LONGEST;
    (1..tree.nodes.len())
        .filter(is_byline)
        .take(20)
        .map(text)
        .filter(is_short)
        .find_map(|text| names_of(&text))
}

/// The first time the page shows, as a machine reads it.
fn time(tree: &Tree) -> Option<String> {
    let time = |node: usize| {
        let element = tree.element(node).filter(|element| element.name.as_str() == "time")?;
        element.attribute("datetime").map(str::trim).filter(|time| time.contains('-')).map(str::to_owned)
    };
    (0..tree.nodes.len()).find_map(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn publication_address_and_copyright_are_those_that_the_page_gives() {
        const DATA: &str = r#"<script type="application/ld+json">{"@graph":[{"@id":"org","@type":"Organization","name":"Post Media"},
            {"@type":"NewsArticle","publisher":{"@id":"org"},"copyrightHolder":[{"name":"Post &amp; Sons"}],"copyrightYear":2024}]}</script>"#;
        const NOTICE: &str = r#"<script type="application/ld+json">{"@type":"NewsArticle","copyrightHolder":"Post",
            "copyrightNotice":"(c) 2024 Post. All rights reserved."}</script>"#;
        const YEAR: &str =
            r#"<script type="application/ld+json">{"@type":"NewsArticle","copyrightYear":"2024"}</script>"#;
        const HOLDER: &str = r#"<script type="application/ld+json">{"@type":"NewsArticle","copyrightHolder":"Post","copyrightYear":"MMXXIV"}</script>"#;
        let long = "a".repeat(1_000);
        let long_link = format!("<link href='https://post.example/{long}' rel=canonical>");
        let long_address = format!("https://post.example/{long}");
        let site = "<meta property=og:site_name content='The  Post'><meta name=application-name content=App>";
        let with_site = [site, DATA].concat();
        let rows = [
            (with_site.as_str(), Some("The Post"), None, Some("© 2024 Post & Sons")),
            (DATA, Some("Post Media"), None, Some("© 2024 Post & Sons")),
            ("<meta name=application-name content=App>", Some("App"), None, None),
            (NOTICE, None, None, Some("(c) 2024 Post. All rights reserved.")),
            (YEAR, None, None, None),
            (HOLDER, None, None, Some("© Post")),
            ("<meta name=copyright content='2024 Post'>", None, None, Some("2024 Post")),
            ("<meta name=DC.rights content='Post'>", None, None, Some("Post")),
            (
                "<link rel='canonical' href='https://post.example/a'><meta property=og:url content=https://post.example/b>",
                None,
                Some("https://post.example/a"),
                None,
            ),
            (
                "<link rel=canonical href=/a><meta property=og:url content=HTTP://post.example/b>",
                None,
                Some("HTTP://post.example/b"),
                None,
            ),
            ("<link rel=alternate href=https://post.example/amp>", None, None, None),
            (&long_link, None, Some(long_address.as_str()), None),
            ("<p>© 2024 The Post", None, None, None),
        ];
        let pages = [
            ("<html amp><link rel=canonical href=/a>", Some("/a"), true),
            (
                "<html ⚡ lang=en><meta property=og:url content=https://post.example/b>",
                Some("https://post.example/b"),
                true,
            ),
            ("<html><link rel=canonical href=/a><meta property=og:url content=/b>", Some("/a"), false),
            ("<html><p amp>Port", None, false),
        ];
        each(pages, |(page, canonical, is_amp)| {
            let details = read(&Tree::parse(page).unwrap()).details;
            assert_eq!((details.canonical.as_deref(), details.is_amp), (canonical, is_amp), "{page}");
        });
        each(rows, |(head, publication, source, copyright)| {
            let details = read(&Tree::parse(head).unwrap()).details;
            assert_eq!(details.publication.as_deref(), publication, "{head}");
            assert_eq!(details.source.as_deref(), source, "{head}");
            assert_eq!(details.copyright.as_deref(), copyright, "{head}");
        });
    }
}
