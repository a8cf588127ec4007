//! The visible text of a page, cut at its blocks: every word of it is in one leaf.

use std::borrow::Cow;

use super::element::{is_inline, is_program};
use super::marks::mark;
use super::table;
use super::tree::{Kind, Tree};
use crate::article::reason::Reason;
use crate::article::shape::ends_with_stop;
use crate::article::{BlockKind, mojibake};
use crate::text::Span;

/// So many nodes of a list's item are searched for paragraphs.
const LOOKED_AHEAD: usize = 300;

/// A heading of more words that ends with a stop is a paragraph, set large.
const LONGEST_HEADING: usize = 20;

/// A line or paragraph of a page.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// In [`Leaves::text`].
    pub(super) span: Span,
    /// The innermost block element around it.
    pub(super) owner: usize,
    pub(super) kind: BlockKind,
    /// Level of a heading, 1 to 6.
    pub(super) level: u8,
    pub(super) words: usize,
    /// All of it is a link.
    pub(super) is_link: bool,
    /// The share of it that is a link.
    pub(super) linked: f32,
    /// How many links stand in it.
    pub(super) links: u16,
    /// The share of it that is bold.
    pub(super) bold: f32,
    /// The share of it that is italic.
    pub(super) italic: f32,
    /// Its mark by its own elements, within the line.
    pub(super) mark: Option<Reason>,
    /// The mark is about this leaf alone and needs no second opinion.
    pub(super) is_sure: bool,
}

/// All leaves, and their text with a blank line between two.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaves {
    pub(super) text: String,
    pub(super) list: Vec<Leaf>,
    /// Characters that were set right: `&acirc;&euro;&trade;` is `’`.
    pub(super) mojibake: usize,
}

/// Cuts a page into leaves.
pub(super) fn leaves(tree: &Tree) -> Leaves {
    let paragraphs = (1..tree.nodes.len()).filter(|&node| tree.name(node) == "p").collect();
    let mut walker =
        Walker { tree, paragraphs, out: Leaves::default(), line: Line::default(), open: Vec::new() };
    let mut node = 1;
    while node < tree.nodes.len() {
        walker.close_before(node);
        node = walker.visit(node);
    }
    walker.close_before(usize::MAX);
    walker.flush();
    walker.out
}

/// The line that is being gathered, with the number of its bytes of each sort.
#[derive(Default)]
struct Line {
    text: String,
    owner: usize,
    solid: usize,
    linked: usize,
    bold: usize,
    italic: usize,
    marked: usize,
    links: u16,
    mark: Option<Reason>,
    /// No text stood after the last link yet.
    is_after_link: bool,
    /// White space after the last word; a line break is visible.
    gap: Option<char>,
    /// Elements that stand in the line but do not belong to it: buttons, words for screen readers.
    beside: Vec<(String, usize, Reason)>,
}

struct Open {
    node: usize,
    end: usize,
    is_block: bool,
    /// Leads to another page.
    is_link: bool,
    mark: Option<Reason>,
    /// Its text does not belong to the line.
    is_beside: bool,
}

struct Walker<'a> {
    tree: &'a Tree,
    /// The elements `p`, in their order.
    paragraphs: Vec<usize>,
    out: Leaves,
    line: Line,
    open: Vec<Open>,
}

impl Walker<'_> {
    /// Leaves the elements that end before `node`.
    fn close_before(&mut self, node: usize) {
        while let Some(last) = self.open.last().filter(|open| open.end <= node) {
            let (is_block, is_quote) = (last.is_block, self.tree.name(last.node) == "q");
            // Two links that touch are set apart by their style.
            self.line.is_after_link = self.tree.name(last.node) == "a";
            if is_quote {
                self.add("”");
            }
            if is_block && !self.is_beside() {
                self.flush();
            }
            self.open.pop();
        }
    }

    fn is_beside(&self) -> bool {
        self.open.iter().any(|open| open.is_beside)
    }

    /// Reads a node and returns the next one.
    fn visit(&mut self, node: usize) -> usize {
        let tree = self.tree;
        let element = match &tree.nodes[node].kind {
            Kind::Text(span) => {
                self.add(span.of(&tree.text));
                return node + 1;
            }
            Kind::Gap => {
                self.flush();
                return node + 1;
            }
            Kind::Element(element) => element,
        };
        let name = element.name.as_str();
        let end = tree.nodes[node].end;
        // Browsers that know `ruby` don't show `rp`.
        if is_program(name) || matches!(name, "head" | "title" | "rp") {
            return end;
        }
        match name {
            "br" if self.line.gap == Some('\n') => self.flush(),
            "br" => self.line.gap = Some('\n'),
            _ => {}
        }
        let is_block = !is_inline(name) && name != "br";
        if is_block && !self.is_beside() {
            self.flush();
        }
        if name == "table"
            && let Some(rows) = table::rows(tree, node)
        {
            for row in rows {
                self.line.owner = row.node;
                self.line.text = row.text;
                self.line.solid = 1;
                if row.is_left_out {
                    (self.line.mark, self.line.marked) = (Some(Reason::Table), 1);
                }
                self.flush();
            }
            return end;
        }
        // An element's name alone does not exclude a cell, a time or a quotation within a sentence.
        let mark = match name {
            // The word that it stands over is read.
            "rt" => Some(Reason::Duplicate),
            "sup" if is_note(tree, node) => Some(Reason::Footnote),
            _ if is_block => None,
            _ => mark(element),
        };
        let is_hidden = mark == Some(Reason::Hidden);
        let is_note = name == "sup" && mark == Some(Reason::Footnote);
        let is_beside = !is_block && (is_hidden || is_note || matches!(name, "button" | "rt"));
        if is_beside {
            let reason = mark.unwrap_or(Reason::PageFurniture);
            self.line.beside.push((String::new(), self.block(), reason));
        }
        if name == "q" {
            self.add("“");
        }
        if name == "a" {
            self.line.links = self.line.links.saturating_add(1);
        }
        if name == "a" && self.line.is_after_link {
            self.line.gap = self.line.gap.or(Some(' '));
        }
        self.open.push(Open {
            node,
            end,
            is_block,
            is_link: name == "a" && element.attribute("href").is_some_and(|href| !href.starts_with('#')),
            mark,
            is_beside,
        });
        node + 1
    }

    /// The innermost open block.
    fn block(&self) -> usize {
        self.open.iter().rev().find(|open| open.is_block).map_or(0, |open| open.node)
    }

    fn add(&mut self, text: &str) {
        if self.is_beside() {
            // A line may have ended since the element began.
            if self.line.beside.is_empty() {
                let mark = self.open.iter().rev().find(|open| open.is_beside).and_then(|open| open.mark);
                self.line.beside.push((String::new(), self.block(), mark.unwrap_or(Reason::PageFurniture)));
            }
            if let Some((beside, ..)) = self.line.beside.last_mut() {
                for word in text.split_whitespace() {
                    beside.push_str(if beside.is_empty() { "" } else { " " });
                    beside.push_str(word);
                }
            }
            return;
        }
        let owner = self.block();
        // A link may stand around a whole block.
        let is_link = self.open.iter().any(|open| open.is_link);
        let within = || self.open.iter().rev().take_while(|open| !open.is_block);
        let is_bold = within().any(|open| matches!(self.tree.name(open.node), "b" | "strong"));
        let is_italic = within().any(|open| matches!(self.tree.name(open.node), "i" | "em"));
        let mark = within().find_map(|open| open.mark);
        let line = &mut self.line;
        let mut first = true;
        for word in text.split(is_space) {
            if !first && line.gap.is_none() {
                line.gap = Some(' ');
            }
            first = false;
            if word.is_empty() {
                continue;
            }
            match line.gap.take().filter(|_| !line.text.is_empty()) {
                Some(gap) => line.text.push(gap),
                None if line.text.is_empty() => line.owner = owner,
                None => {}
            }
            line.is_after_link = false;
            line.text.push_str(word);
            line.solid += word.len();
            line.linked += if is_link { word.len() } else { 0 };
            line.bold += if is_bold { word.len() } else { 0 };
            line.italic += if is_italic { word.len() } else { 0 };
            if mark.is_some() {
                line.marked += word.len();
                line.mark = line.mark.or(mark);
            }
        }
    }

    /// Ends the line.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.text.is_empty() {
            let words = line.text.split_whitespace().count();
            let (kind, level) = self.kind(line.owner);
            // A few words beside a name, a time or a credit belong to it.
            let is_marked = line.marked == line.solid || (words <= 20 && line.marked * 2 >= line.solid);
            let is_stopped = ends_with_stop(&line.text) && !line.text.ends_with('?');
            let is_heading =
                line.bold == line.solid && !is_stopped && words <= 14 && kind == BlockKind::Paragraph;
            let (kind, level) = if is_heading { (BlockKind::Heading, 6) } else { (kind, level) };
            // The standfirst may be set as a heading.
            let is_paragraph =
                kind == BlockKind::Heading && level > 1 && words > LONGEST_HEADING && is_stopped;
            let (kind, level) = if is_paragraph { (BlockKind::Paragraph, 0) } else { (kind, level) };
            let share = |part: usize| part as f32 / line.solid.max(1) as f32;
            let leaf = Leaf {
                span: Span::default(),
                owner: line.owner,
                kind,
                level,
                words,
                is_link: line.linked == line.solid,
                linked: share(line.linked),
                links: line.links,
                bold: share(line.bold),
                italic: share(line.italic),
                mark: line.mark.filter(|_| is_marked),
                is_sure: false,
            };
            self.out.push(leaf, &line.text);
        }
        for (text, owner, reason) in line.beside.into_iter().filter(|(text, ..)| !text.is_empty()) {
            let words = text.split(' ').count();
            let leaf = Leaf {
                span: Span::default(),
                owner,
                kind: BlockKind::Paragraph,
                level: 0,
                words,
                is_link: false,
                linked: 0.0,
                links: 0,
                bold: 0.0,
                italic: 0.0,
                mark: Some(reason),
                is_sure: true,
            };
            self.out.push(leaf, &text);
        }
    }

    /// The mark of a line by the elements around it.
    fn kind(&self, owner: usize) -> (BlockKind, u8) {
        for node in self.tree.ancestors(owner) {
            match self.tree.name(node) {
                // Its end may be missing, and then the whole story stands in it.
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if node != owner && self.has_two_paragraphs(node) => {
                }
                name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                    return (BlockKind::Heading, name.as_bytes()[1] - b'0');
                }
                "summary" => return (BlockKind::Heading, 6),
                "li" | "dd" | "dt" | "tr" => {
                    let has_paragraphs = self.tree.name(owner) == "p" && self.has_two_paragraphs(node);
                    return (if has_paragraphs { BlockKind::Paragraph } else { BlockKind::ListItem }, 0);
                }
                "td" | "th" | "article" | "section" => break,
                "figcaption" | "caption" => return (BlockKind::Caption, 0),
                "blockquote" => return (BlockKind::Quote, 0),
                _ => {}
            }
        }
        (BlockKind::Paragraph, 0)
    }

    /// An entry of a live blog is an item of a list, too, but is read as paragraphs.
    fn has_two_paragraphs(&self, node: usize) -> bool {
        let end = self.tree.nodes[node].end.min(node + LOOKED_AHEAD);
        let first = self.paragraphs.partition_point(|&paragraph| paragraph < node);
        self.paragraphs.get(first + 1).is_some_and(|&second| second < end)
    }
}

impl Leaves {
    fn push(&mut self, mut leaf: Leaf, text: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let start = self.text.len();
        // The text as the page writes it is repaired already; its entities are not.
        let (text, repaired) = mojibake::repair(Cow::Borrowed(text));
        self.mojibake += repaired;
        self.text.push_str(&text);
        leaf.span = Span::new(start, self.text.len());
        self.list.push(leaf);
    }
}

/// Whether a raised number is the mark of a note: `[2]`, or a link within the page.
fn is_note(tree: &Tree, node: usize) -> bool {
    let text = tree.text_of(node);
    let number = text.trim_start_matches('[').trim_end_matches(']');
    let links_within = |below: usize| {
        tree.element(below)
            .and_then(|element| element.attribute("href"))
            .is_some_and(|href| href.starts_with('#'))
    };
    (1..=3).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && (number.len() < text.len() || (node..tree.nodes[node].end).any(links_within))
}

/// White space that a page's layout folds; a no-break space is not.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t' | '\r' | '\x0c')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn lines(page: &str) -> Vec<String> {
        let tree = Tree::parse(page).unwrap();
        let leaves = leaves(&tree);
        let show = |leaf: &Leaf| {
            let mark = leaf.mark.map(|mark| format!(" [{mark}]")).unwrap_or_default();
            format!("{} {}{mark}", &format!("{:?}", leaf.kind)[..1], leaf.span.of(&leaves.text))
        };
        leaves.list.iter().map(show).collect()
    }

    #[test]
    fn pages_are_cut_at_blocks() {
        let rows = [
            ("<p>One  <b>two</b>\n three</p>four", &["P One two three", "P four"][..]),
            ("a<br>b<br><br>c", &["P a\nb", "P c"]),
            ("<p>a<br>b</p>c", &["P a\nb", "P c"]),
            ("<h2>Head</h2><ul><li>x<li>y</ul>", &["H Head", "L x", "L y"]),
            ("<blockquote><p>Said.</p></blockquote>", &["Q Said."]),
            ("<p><strong>What now</strong></p><p><strong>It ended.</strong>", &["H What now", "P It ended."]),
            ("<figure><img alt=no><figcaption>Ships</figcaption></figure>", &["C Ships"]),
            ("He said <q>no</q>.", &["P He said “no”."]),
            (
                "<p>See <a href=x>this<span class=sr-only> (new window)</span></a>, please.</p>",
                &["P See this, please.", "P (new window) [hidden]"],
            ),
            (
                "<p>Rates rose 2%<sup><a href=#n1>1</a></sup> and 10<sup>6</sup> people<sup>[2]</sup> left.",
                &["P Rates rose 2% and 106 people left.", "P 1 [footnote]", "P [2] [footnote]"],
            ),
            (
                "<p><ruby>Ishiba<rp>(</rp><rt>いしば</rt><rp>)</rp></ruby> spoke.",
                &["P Ishiba spoke.", "P いしば [duplicate]"],
            ),
            ("<p>By <a rel=author>Jane Roe</a></p>", &["P By Jane Roe [byline]"]),
            (
                "<p>A minister whom <a class=author>Jane Roe</a> met said no.</p>",
                &["P A minister whom Jane Roe met said no."],
            ),
            ("<ul><li><p>One.</p><p>Two.</p></li></ul>", &["P One.", "P Two."]),
            ("<script>var a</script><style>p{}</style><noscript>no</noscript>x", &["P x"]),
            ("<table><tr><th>Port<th>Rate<tr><td>Busan<td>$5</table>", &["L Port, Rate", "L Busan, $5"]),
            ("<table><tr><td><p>A story.</p></td></tr></table>", &["P A story."]),
            ("in<b>side</b> <i>x</i>", &["P inside x"]),
        ];
        each(rows, |(page, want)| {
            assert_eq!(lines(page), want, "{page}");
        });
    }
}
