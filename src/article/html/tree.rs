//! A page's bytes become a shallow tree, in time and memory linear in the page, for any content.
//!
//! The usual tree builder looks through all open elements at every tag and rebuilds formatting elements without end,
//! so that a hostile page takes hours. Here the tokens come from a library that follows the standard, but the tree is
//! built without either. [`DEEPEST`] bounds every walk up; elements nested deeper stand side by side.

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use super::element::{Name, implied_end, is_inline, is_of_head, is_program, is_void, is_wall};
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::text::Span;

/// Elements deeper than this stand beside, not within, their parent. Pages of news are some thirty deep.
pub(super) const DEEPEST: usize = 100;
/// Elements that stand within a line of text have less room.
const DEEPEST_INLINE: usize = 80;
/// A page of more elements is refused: the longest live blogs have some fifty thousand.
const MOST_ELEMENTS: usize = 1_000_000;
/// Attributes with information about the text, and how many bytes of each are kept.
const ATTRIBUTES: [(&str, usize); 24] = [
    ("alt", 0),
    ("aria-hidden", 8),
    ("aria-label", 200),
    ("class", 400),
    ("content", 4000),
    ("data-component", 100),
    ("data-n", 20),
    ("data-testid", 100),
    ("datetime", 100),
    ("hidden", 8),
    ("href", 8),
    ("http-equiv", 40),
    ("id", 200),
    ("itemprop", 100),
    ("lang", 40),
    ("name", 100),
    ("property", 100),
    ("rel", 100),
    ("role", 100),
    ("style", 400),
    ("type", 100),
    ("xml:lang", 40),
    // Where they mark the whole page, it is one in AMP.
    ("amp", 8),
    ("⚡", 8),
];
/// Bytes of the page's own address that are kept. Of other addresses, of which there are thousands, only the beginning
/// counts.
const LONGEST_ADDRESS: usize = 2_000;
/// The type of a script with a part of the page that a program is to show.
pub(super) const TEMPLATE: &str = "text/template";
/// Types of scripts whose text is kept.
const DATA: [&str; 2] = ["application/ld+json", TEMPLATE];
/// Bytes of one script of linked data that are kept; the longest hold a whole story.
const LONGEST_DATA: usize = 1 << 20;

/// The kind of a node.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// An element.
    Element(Element),
    /// Text, as a span of [`Tree::text`].
    Text(Span),
    /// Where an element that was nested too deep began or ended: the text on both sides is not one line.
    Gap,
}

/// An element with the attributes that inform about its text.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) name: Name,
    attributes: Vec<(&'static str, Box<str>)>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value)
    }
}

/// A node; its descendants follow it up to `end`.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Itself for the first node.
    pub(super) parent: usize,
    /// One past its last descendant.
    pub(super) end: usize,
}

/// A page's nodes in the order of its text; the first is the page itself.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// All text of the page, the linked data and the templates, as it is written but for entities.
    pub(super) text: String,
}

impl Tree {
    /// Reads a page. One with more than a million elements is no article.
    pub(super) fn parse(page: &str) -> Result<Self> {
        let mut builder = Builder::new(page.len());
        let mut emitter = CallbackEmitter::<_, ()>::new(|event: CallbackEvent<'_>, _| builder.take(&event));
        emitter.naively_switch_states(true);
        // The only possible token reports too many elements.
        let mut tokens = Tokenizer::new_with_emitter(page, emitter);
        let stopped = tokens.next().is_some();
        drop(tokens);
        if stopped {
            return Err(Error::new(
                ErrorKind::Input,
                format!("this page has more than {MOST_ELEMENTS} elements; that is no article"),
            )
            .with_cure(Cure::SaveStoryAlone));
        }
        Ok(builder.finish())
    }

    /// The element at a node.
    pub(super) fn element(&self, node: usize) -> Option<&Element> {
        match &self.nodes[node].kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The name of the element at a node; empty for text.
    pub(super) fn name(&self, node: usize) -> &str {
        self.element(node).map_or("", |element| element.name.as_str())
    }

    /// The node itself, its parent and so on, without the page.
    pub(super) fn ancestors(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(node), |&node| Some(self.nodes[node].parent)).take_while(|&node| node != 0)
    }

    /// The text below a node, white space folded.
    pub(super) fn text_of(&self, node: usize) -> String {
        let mut out = String::new();
        for below in &self.nodes[node..self.nodes[node].end] {
            if let Kind::Text(span) = below.kind {
                for word in span.of(&self.text).split_whitespace() {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(word);
                }
            }
        }
        out
    }
}

struct Builder {
    nodes: Vec<Node>,
    text: String,
    /// The open elements, the page first.
    open: Vec<usize>,
    /// Elements that were nested too deep and are still open.
    too_deep: usize,
    /// The same for programs within programs, each with its own end.
    too_deep_programs: usize,
    elements: usize,
    /// The tag that is being read.
    pending: Option<Element>,
    /// Which attribute's value comes next.
    attribute: Option<(&'static str, usize)>,
    /// Where linked data that is being read began.
    data_start: usize,
}

impl Builder {
    fn new(length: usize) -> Self {
        let page = Element { name: Name::Known("html"), attributes: Vec::new() };
        Self {
            nodes: vec![Node { kind: Kind::Element(page), parent: 0, end: 0 }],
            text: String::with_capacity(length / 4),
            open: vec![0],
            too_deep: 0,
            too_deep_programs: 0,
            elements: 0,
            pending: None,
            attribute: None,
            data_start: 0,
        }
    }

    /// Takes an event; returns `Some` when the page must not be read further.
    fn take(&mut self, event: &CallbackEvent<'_>) -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.pending = Some(Element { name: Name::new(name), attributes: Vec::new() });
                self.attribute = None;
            }
            CallbackEvent::AttributeName { name } => {
                let known = ATTRIBUTES.iter().find(|(known, _)| known.as_bytes() == *name);
                let is_link = self.pending.as_ref().is_some_and(|element| element.name.as_str() == "link");
                let room =
                    |(name, most)| (name, if name == "href" && is_link { LONGEST_ADDRESS } else { most });
                self.attribute = known.copied().map(room);
                if let (Some((name, _)), Some(element)) = (self.attribute, &mut self.pending)
                    && element.attribute(name).is_none()
                {
                    element.attributes.push((name, Box::default()));
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let (Some((name, most)), Some(element)) = (self.attribute.take(), &mut self.pending)
                    && let Some((_, kept)) = element.attributes.iter_mut().find(|(known, _)| *known == name)
                    && kept.is_empty()
                {
                    *kept = String::from_utf8_lossy(&value[..value.len().min(most)]).into();
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                let element = self.pending.take()?;
                self.elements += 1;
                if self.elements > MOST_ELEMENTS {
                    return Some(());
                }
                self.begin(element, *self_closing);
            }
            CallbackEvent::EndTag { name } => self.end(Name::new(name).as_str()),
            CallbackEvent::String { value } => self.add_text(value),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        None
    }

    fn top(&self) -> usize {
        self.open.last().copied().unwrap_or_default()
    }

    fn name(&self, node: usize) -> &str {
        match &self.nodes[node].kind {
            Kind::Element(element) => element.name.as_str(),
            _ => "",
        }
    }

    fn push(&mut self, kind: Kind) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { kind, parent: self.top(), end: node + 1 });
        node
    }

    /// Closes open elements until `depth` are left.
    fn close_to(&mut self, depth: usize) {
        let end = self.nodes.len();
        while self.open.len() > depth.max(1) {
            // These stood in the program that ends.
            self.too_deep_programs = 0;
            if let Some(node) = self.open.pop() {
                self.nodes[node].end = end;
            }
        }
    }

    fn begin(&mut self, element: Element, self_closing: bool) {
        let name = element.name.clone();
        let name = name.as_str();
        if self.name(self.top()) == "head" && !is_of_head(name) {
            self.close_to(self.open.len() - 1);
        }
        let (ended, up_to) = implied_end(name);
        if !ended.is_empty() {
            let stop = self.open.iter().rposition(|&node| up_to.contains(&self.name(node))).unwrap_or(0);
            let found = (stop..self.open.len()).rev().find(|&at| ended.contains(&self.name(self.open[at])));
            if let Some(at) = found.filter(|&at| at > 0) {
                self.close_to(at);
            }
        }
        let is_alone = is_void(name) || (self_closing && matches!(self.name(self.top()), "svg" | "math"));
        let most = if is_inline(name) { DEEPEST_INLINE } else { DEEPEST };
        if self.open.len() >= most && !is_alone && !is_program(name) {
            self.too_deep += 1;
            if !is_inline(name) {
                self.push(Kind::Gap);
            }
            return;
        }
        // A program holds no text for a reader, so that it may stand deeper, but not programs in it.
        if self.open.len() >= DEEPEST && !is_alone && is_program(self.name(self.top())) {
            self.too_deep_programs += 1;
            return;
        }
        let node = self.push(Kind::Element(element));
        if !is_alone {
            self.open.push(node);
        }
        self.data_start = self.text.len();
    }

    fn end(&mut self, name: &str) {
        if self.too_deep_programs > 0 && is_program(name) {
            self.too_deep_programs -= 1;
            return;
        }
        let is_block = !is_inline(name);
        let mut found = None;
        for at in (1..self.open.len()).rev() {
            let open = self.name(self.open[at]);
            if open == name {
                found = Some(at);
                break;
            }
            // `<b><p>…</b>`: the end of a formatting element ends no paragraph.
            let holds =
                is_wall(open) && !matches!(name, "table" | "tr" | "td" | "th" | "tbody" | "body" | "html");
            if holds || (!is_block && !is_inline(open)) {
                break;
            }
        }
        if self.too_deep > 0 && !is_program(name) {
            self.too_deep -= 1;
            if is_block {
                self.push(Kind::Gap);
            }
            return;
        }
        match found {
            Some(at) => self.close_to(at),
            // An end tag without an open paragraph is an empty paragraph.
            None if name == "p" => {
                self.push(Kind::Gap);
            }
            None => {}
        }
    }

    fn add_text(&mut self, value: &[u8]) {
        let top = self.top();
        let name = self.name(top);
        if is_program(name) {
            let is_kept = matches!(&self.nodes[top].kind, Kind::Element(element) if element.attribute("type")
                .is_some_and(|kind| DATA.iter().any(|known| kind.eq_ignore_ascii_case(known))));
            if !is_kept || self.text.len() - self.data_start + value.len() > LONGEST_DATA {
                return;
            }
        }
        let start = self.text.len();
        // The page is UTF-8, and the tokenizer cuts only at markup.
        self.text.push_str(&String::from_utf8_lossy(value));
        self.push(Kind::Text(Span::new(start, self.text.len())));
    }

    fn finish(mut self) -> Tree {
        self.close_to(1);
        self.nodes[0].end = self.nodes.len();
        Tree { nodes: self.nodes, text: self.text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    /// The tree with brackets, without white space.
    fn shape(page: &str) -> String {
        let tree = Tree::parse(page).unwrap();
        let mut out = String::new();
        let mut ends: Vec<usize> = Vec::new();
        for (number, node) in tree.nodes.iter().enumerate().skip(1) {
            while ends.last().is_some_and(|&end| end <= number) {
                ends.pop();
                out.push(')');
            }
            match &node.kind {
                Kind::Element(element) => {
                    out.push_str(element.name.as_str());
                    out.push('(');
                    ends.push(node.end);
                }
                Kind::Text(span) => out.push_str(span.of(&tree.text).trim()),
                Kind::Gap => out.push('|'),
            }
        }
        out + &")".repeat(ends.len())
    }

    #[test]
    fn tags_make_a_tree() {
        let rows = [
            ("<p>One<p>Two", "p(One)p(Two)"),
            ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "ul(li(a)li(bul(li(c))))d"),
            ("<b>a<p>b</b>c</p>", "b(ap(bc))"),
            ("<div><p>a</div>b", "div(p(a))b"),
            ("<p>a<div>b</div>c</p>", "p(a)div(b)c|"),
            ("<p>AT&amp;T &#8220;ok&#8221; &eacute;&nbsp;x", "p(AT&T “ok” é\u{a0}x)"),
            ("<table><tr><td>a<td>b</p></div>c<tr><td>d</table>e", "table(tr(td(a)td(b|c))tr(td(d)))e"),
            ("<script>if (a < b) { '<p>' }</script>x", "script()x"),
            ("<!-- <p>no --><br>x<img src=a>y", "br()ximg()y"),
            ("<p>a < b & c</p>", "p(a < b & c)"),
            ("<p title=\"a > b\">x", "p(x)"),
            ("</div></p>x", "|x"),
            ("<a>one<a>two", "a(one)a(two)"),
            ("<p>a<br>b<img>c<hr>d", "p(abr()bimg()c)hr()d"),
        ];
        each(rows, |(page, want)| {
            assert_eq!(shape(page), want, "{page}");
        });
    }

    #[test]
    fn deep_pages_become_shallow() {
        let page =
            format!("{}<p>One.</p><p>Two.</p>{}Three.", "<div>".repeat(50_000), "</div>".repeat(50_000));
        let tree = Tree::parse(&page).unwrap();
        assert!(tree.nodes.iter().enumerate().all(|(n, _)| tree.ancestors(n).count() <= DEEPEST + 1));
        assert_eq!(tree.text_of(0), "One. Two. Three.");
    }

    /// Each tag looks through the open elements; a bound on their number makes the whole linear.
    #[test]
    fn f9_programs_within_programs_stay_shallow() {
        each(["<svg><math><mi>", "<math><mi>", "<svg>", "<object>", "<div><svg>", "<b><video>"], |nest| {
            let mut builder = Builder::new(0);
            for tag in nest.repeat(20_000).split_inclusive('>') {
                let name = Name::new(tag.trim_matches(['<', '>']).as_bytes());
                builder.begin(Element { name, attributes: Vec::new() }, false);
                assert!(builder.open.len() <= DEEPEST + 1, "{nest}");
            }
        });
    }

    #[test]
    fn programs_nested_too_deep_end_where_they_do() {
        let page = |depth: usize| {
            format!(
                "<p>One.</p>{}<svg><math><mi>x</mi></math>hidden</svg>{}<p>Two.</p>",
                "<div>".repeat(depth),
                "</div>".repeat(depth)
            )
        };
        let failures: Vec<String> = [1, 90, 97, 98, 99, 100, 150]
            .into_iter()
            .filter_map(|depth| {
                let text = Tree::parse(&page(depth)).unwrap().text_of(0);
                let leaves = super::super::leaves::leaves(&Tree::parse(&page(depth)).unwrap()).text;
                let leaves: Vec<&str> = leaves.split_whitespace().collect();
                (leaves != ["One.", "Two."]).then(|| format!("{depth}: {leaves:?} of {text}"))
            })
            .collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn attributes_are_kept_once_and_short() {
        let page = format!("<p class=a class=b id={} onclick=evil hidden>x", "i".repeat(1000));
        let tree = Tree::parse(&page).unwrap();
        let element = tree.element(1).unwrap();
        assert_eq!(element.attribute("class"), Some("a"));
        assert_eq!(element.attribute("id").map(str::len), Some(200));
        assert_eq!(element.attribute("hidden"), Some(""));
        assert_eq!(element.attribute("onclick"), None);
    }
}
