//! Recognises the format of a text by its content.

/// The bytes of a text that are examined.
const LOOKED_AT: usize = 64 << 10;
/// Lines of the longest front matter.
const LONGEST_FRONT_MATTER: usize = 200;

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A copied page, wire copy, anything without markup.
    Plain,
    /// A page, or a part of one.
    Html,
    /// Markdown, with or without front matter.
    Markdown,
    /// RSS or Atom: a list of articles.
    Feed,
    /// `NewsML`, the IPTC's container of items.
    NewsMl,
    /// The IPTC's News Industry Text Format.
    Nitf,
    /// The IPTC's news in JSON.
    Ninjs,
}

impl Format {
    /// Looks at the beginning of a text.
    pub(super) fn of(text: &str) -> Self {
        let head = &text[..text.floor_char_boundary(LOOKED_AT)];
        let start = past_prologue(head);
        if begins(start, &["<rss", "<feed", "<rdf:rdf"]) {
            return Self::Feed;
        }
        let root = root_of(past_document_type(start));
        if root.eq_ignore_ascii_case("nitf") {
            return Self::Nitf;
        }
        if ITEMS.contains(&root) {
            return Self::NewsMl;
        }
        #[cfg(feature = "newsroom")]
        if super::newsroom::is_ninjs(head) {
            return Self::Ninjs;
        }
        if is_html(head, start) {
            return Self::Html;
        }
        if is_markdown(head) { Self::Markdown } else { Self::Plain }
    }
}

/// Without byte order mark, white space, comments and XML declarations.
fn past_prologue(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with("<?") {
            rest.find('>').map(|at| at + 1)
        } else {
            None
        };
        match end {
            Some(end) => rest = &rest[end..],
            None => return rest,
        }
    }
}

/// Without a document type, and what it declares.
fn past_document_type(text: &str) -> &str {
    if !text.get(..9).is_some_and(|begin| begin.eq_ignore_ascii_case("<!doctype")) {
        return text;
    }
    let end = match (text.find('['), text.find('>')) {
        (Some(open), Some(close)) if open < close => text.find("]>").map(|end| end + 2),
        (_, close) => close.map(|end| end + 1),
    };
    end.map_or(text, |end| past_prologue(&text[end..]))
}

/// The name of the element that a text begins with, without its prefix.
fn root_of(text: &str) -> &str {
    let Some(tag) = text.strip_prefix('<') else { return "" };
    let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len());
    let name = &tag[..end];
    name.rsplit(':').next().unwrap_or(name)
}

fn begins(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
            && !text[word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
    })
}

/// Roots of NewsML-G2, and of `NewsML` 1.
const ITEMS: [&str; 7] =
    ["newsItem", "newsMessage", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "NewsML"];
/// Elements that a page or a part of one may begin with.
const FIRST: [&str; 39] = [
    "<!doctype",
    "<html",
    "<head",
    "<body",
    "<article",
    "<main",
    "<section",
    "<div",
    "<p",
    "<h1",
    "<h2",
    "<h3",
    "<header",
    "<meta",
    "<title",
    "<link",
    "<script",
    "<style",
    "<table",
    "<ul",
    "<ol",
    "<figure",
    "<blockquote",
    "<nav",
    "<span",
    "<a",
    "<img",
    "<center",
    "<font",
    "<aside",
    "<b",
    "<strong",
    "<em",
    "<i",
    "<form",
    "<noscript",
    "<base",
    "<iframe",
    "<tr",
];
/// Blocks that end; prose about markup has few of them.
const ENDS: [&str; 10] =
    ["</p>", "</div>", "</h1>", "</h2>", "</li>", "</article>", "</body>", "</html>", "</td>", "</section>"];

fn is_html(head: &str, start: &str) -> bool {
    if start.starts_with('<') && begins(start, &FIRST) {
        return true;
    }
    if !head.contains("</") || front_matter(head).is_some() {
        return false;
    }
    // A part that begins in the middle of a paragraph.
    let lower = head.to_ascii_lowercase();
    ENDS.iter().map(|end| lower.matches(end).count()).sum::<usize>() >= 3
}

/// Which sign fences the front matter that a text begins with: `-` for YAML, `+` for TOML.
pub(super) fn front_matter(text: &str) -> Option<char> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines();
    let fence = lines.next()?.trim_end();
    let (sign, parts): (char, fn(&str) -> bool) = match fence {
        "---" => ('-', |line| line.contains(':')),
        "+++" => ('+', |line| line.contains('=')),
        _ => return None,
    };
    let mut has_field = false;
    for line in lines.take(LONGEST_FRONT_MATTER) {
        if line.trim_end() == fence || (sign == '-' && line.trim_end() == "...") {
            return has_field.then_some(sign);
        }
        has_field |= parts(line);
    }
    None
}

/// Markdown is recognised by signs that prose does not have. A text needs two of them, or one that can't be anything
/// else.
fn is_markdown(head: &str) -> bool {
    if front_matter(head).is_some() {
        return true;
    }
    let mut score = 0;
    let mut headings = 0;
    for line in head.lines() {
        let trimmed = line.trim_start();
        let hashes = trimmed.len() - trimmed.trim_start_matches('#').len();
        if (1..=6).contains(&hashes)
            && trimmed[hashes..].starts_with(' ')
            && trimmed[hashes..].contains(char::is_alphanumeric)
        {
            headings += 1;
        }
        if trimmed.starts_with("```") || is_table_rule(trimmed) {
            score += 1;
        }
        score += link_signs(line);
        if let Some(at) = line.find("**")
            && line[at + 2..].find("**").is_some_and(|end| end > 0)
        {
            score += 1;
        }
        if score > 2 {
            return true;
        }
    }
    headings > 0 || score >= 2
}

/// `](https://…)`, `](/…)`, `![`, and definitions `[1]: https://…`.
fn link_signs(line: &str) -> usize {
    let targets = ["](http", "](/", "](#", "](mailto:", "](./"];
    let links = targets.iter().filter(|target| line.contains(**target)).count();
    let is_definition = line.starts_with('[') && line.contains("]: http");
    2 * links + 2 * usize::from(is_definition) + usize::from(line.contains("![") && line.contains("]("))
}

/// `|---|:--:|`
fn is_table_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains('|') && line.contains("--") && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn formats_are_told_by_content() {
        use Format::{Feed, Html, Markdown, NewsMl, Nitf, Plain};
        let rows = [
            ("Port reopens\n\nThe port reopened.", Plain),
            ("", Plain),
            ("#Busan is open again", Plain),
            ("###", Plain),
            ("He typed <b> and </b> in the form.", Plain),
            ("- one\n- two\n\n* * *\n\n1. three", Plain),
            ("5 < 6 and 7 > 6", Plain),
            ("Use a * b * c, or 2**3.", Plain),
            ("<b>Port</b> reopens", Html),
            ("<!DOCTYPE html><p>x", Html),
            ("\u{feff}\n<!-- saved -->\n<?xml version=\"1.0\"?>\n<HTML>", Html),
            ("story ends here.</p><p>Two.</p></div>", Html),
            ("<pre", Plain),
            ("<!DOCTYPE nitf SYSTEM 'nitf.dtd'>\n<nitf>", Nitf),
            ("<?xml version='1.0'?><newsItem xmlns='http://iptc.org/std/nar/2006-10-01/'>", NewsMl),
            ("<g2:newsMessage>", NewsMl),
            ("<newsitems><p>a</p></newsitems>", Plain),
            ("<rss version=\"2.0\"><channel>", Feed),
            ("<?xml version='1.0'?><feed xmlns='x'>", Feed),
            ("# Port reopens\n\nIt did.", Markdown),
            ("---\ntitle: Port\n---\nIt did.", Markdown),
            ("+++\ntitle = 'Port'\n+++\nIt did.", Markdown),
            ("---\n\nA rule above.\n\n---\n", Plain),
            ("See [the port](https://example.com/port).", Markdown),
            ("A **bold** word and **another**.\n\nAnd **more**.", Markdown),
            ("| a | b |\n|---|---|\n| 1 | 2 |\n```\nx\n```", Markdown),
        ];
        each(rows, |(text, want)| {
            assert_eq!(Format::of(text), want, "{text:?}");
        });
    }
}
