//! Which leaves of a page are its story.
//!
//! A readability library votes. Since it drops pieces without a reason, its vote is only the start of the search. The vote is worth
//! its dependency: by the rules alone, on 95 pages of a public benchmark, F1 is 0.955 with it and 0.945 without, and 35 % of the stories
//! are exact, not 31 %.
//! Prose among the pieces that it kept stays too; all else is left out with a reason.

use std::fmt::Write;

use dom_smoothie::{Config, Readability};

use super::element::{Name, is_inline, is_program};
use super::leaves::{Leaf, Leaves};
use super::tree::{Kind, Tree};
use crate::article::BlockKind;
use crate::article::confidence::Way;
use crate::article::reason::Reason;
use crate::article::shape::ends_with_stop;

/// The library does not vote on pages with more nodes: its time grows faster than the page. The longest live blogs
/// have some fifty thousand.
const MOST_NODES: usize = 60_000;
/// Nor about pages of more text, in bytes.
const MOST_TEXT: usize = 3 << 20;

/// An element with fewer words of prose is not taken for the story.
const FEWEST_WORDS: usize = 12;
/// A line of more words is prose, with or without a stop.
const LONGEST_LINE: usize = 25;
/// A line of fewer words within a story, without a stop, is a label.
const SHORTEST_LINE: usize = 5;
/// Words of the longest teaser: a linked heading and the text beside it.
const LONGEST_TEASER: usize = 80;
/// Words of the longest byline or date.
const LONGEST_LABEL: usize = 40;
/// Words of the longest caption.
const LONGEST_CAPTION: usize = 150;

/// The story as the rules find it.
pub(super) struct Found {
    /// Why each leaf is not of the story; `None` for those that are.
    pub(super) reasons: Vec<Option<Reason>>,
    /// Whether each leaf is of the part that the page itself or the readability library calls the story.
    pub(super) chosen: Vec<bool>,
    /// What found that part.
    pub(super) way: Way,
}

/// Finds the story; `own` is the mark of each node.
pub(super) fn find(tree: &Tree, leaves: &Leaves, own: &[Option<Reason>]) -> Found {
    let marked = marked_story(tree, leaves);
    let mut is_kept = match marked {
        Some(story) => {
            let is_in = |leaf: &Leaf| (story..tree.nodes[story].end).contains(&leaf.owner);
            leaves.list.iter().map(|leaf| is_in(leaf) && is_prose(leaf, leaves)).collect()
        }
        None => vote(tree, leaves),
    };
    let mut way = if marked.is_some() { Way::Mark } else { Way::Vote };
    let words_of = |is_kept: &[bool]| -> usize {
        leaves.list.iter().zip(is_kept).filter(|&(_, kept)| *kept).map(|(leaf, _)| leaf.words).sum()
    };
    if words_of(&is_kept) == 0 {
        way = Way::Prose;
        is_kept = leaves.list.iter().map(|leaf| is_prose(leaf, leaves)).collect();
    }
    let weights = weights(tree, leaves, &is_kept);
    let all = words_of(&is_kept);
    let container = marked.unwrap_or_else(|| container(tree, &weights, all));
    let is_inside = |leaf: &Leaf| (container..tree.nodes[container].end).contains(&leaf.owner);
    let mut marks = marks(tree, own, &weights, all);
    mark_teasers(tree, leaves, &weights, all, &mut marks);
    let mut reasons: Vec<Option<Reason>> = leaves
        .list
        .iter()
        .zip(&is_kept)
        .map(|(leaf, is_kept)| {
            let text = leaf.span.of(&leaves.text);
            if leaf.is_sure {
                return leaf.mark;
            }
            let fits = |reason: &Reason| match reason {
                Reason::Byline | Reason::Timestamp => leaf.words <= LONGEST_LABEL,
                Reason::Caption => leaf.words <= LONGEST_CAPTION,
                _ => true,
            };
            let around = marks[leaf.owner].filter(fits).filter(|_| !is_correction(text));
            let own = leaf.mark.filter(|_| leaf.words <= LONGEST_LABEL);
            let is_text = leaf.words >= SHORTEST_LINE
                || ends_with_stop(text)
                || text.ends_with(':')
                || (tree.name(leaf.owner) == "p" && leaf.words > 1)
                || matches!(leaf.kind, BlockKind::ListItem | BlockKind::Quote);
            let belongs = (is_text && !leaf.is_link) || leaf.kind == BlockKind::Heading;
            let is_story = *is_kept || (is_inside(leaf) && belongs);
            match around.or(own) {
                Some(reason) => Some(reason),
                None if leaf.kind == BlockKind::Caption => Some(Reason::Caption),
                None if is_story => None,
                None => Some(Reason::OutsideStory),
            }
        })
        .collect();
    keep_linked_paragraphs(tree, leaves, &mut reasons);
    Found { reasons, chosen: is_kept, way }
}

/// A paragraph that is a link as a whole is of the story where it is a sentence among the story's paragraphs. A teaser
/// is short, or stands among others.
fn keep_linked_paragraphs(tree: &Tree, leaves: &Leaves, reasons: &mut [Option<Reason>]) {
    let is_paragraph = |leaf: &Leaf| leaf.kind == BlockKind::Paragraph && tree.name(leaf.owner) == "p";
    for number in 1..reasons.len().saturating_sub(1) {
        let leaf = &leaves.list[number];
        let is_sentence = leaf.words >= FEWEST_WORDS && ends_with_stop(leaf.span.of(&leaves.text));
        let is_story = |other: usize| {
            let other_leaf = &leaves.list[other];
            reasons[other].is_none() && is_paragraph(other_leaf) && is_prose(other_leaf, leaves)
        };
        if reasons[number] == Some(Reason::OutsideStory)
            && leaf.is_link
            && is_paragraph(leaf)
            && is_sentence
            && is_story(number - 1)
            && is_story(number + 1)
        {
            reasons[number] = None;
        }
    }
}

/// The innermost element that can hold paragraphs and contains most of the kept text.
fn container(tree: &Tree, weights: &[usize], all: usize) -> usize {
    let holds_most = |&node: &usize| weights[node] * 5 >= all * 4;
    let innermost = (0..tree.nodes.len()).rev().find(holds_most).unwrap_or_default();
    let holds_paragraphs = |&node: &usize| {
        let name = tree.name(node);
        // The text within `font`, between its blocks, belongs to the block around it.
        !is_inline(name) && !matches!(name, "p" | "li" | "ul" | "ol" | "dl" | "blockquote" | "pre")
    };
    tree.ancestors(innermost).find(holds_paragraphs).unwrap_or_default()
}

/// Reads like a sentence and is not all link.
fn is_prose(leaf: &Leaf, leaves: &Leaves) -> bool {
    !leaf.is_link
        && leaf.words >= 3
        && (leaf.words > LONGEST_LINE || ends_with_stop(leaf.span.of(&leaves.text)))
}

/// The element that the page itself calls the story: an `article` with the page's only headline in it, or the only
/// element called its body. Where there is one, it decides alone.
fn marked_story(tree: &Tree, leaves: &Leaves) -> Option<usize> {
    let is_body =
        |&node: &usize| tree.element(node).and_then(|e| e.attribute("itemprop")) == Some("articleBody");
    let mut bodies = (1..tree.nodes.len()).filter(is_body);
    let body = bodies.next().filter(|_| bodies.next().is_none());
    let headlines = leaves.list.iter().filter(|leaf| leaf.level == 1);
    let mut articles =
        headlines.filter_map(|leaf| tree.ancestors(leaf.owner).find(|&node| tree.name(node) == "article"));
    let article = articles.next().filter(|first| articles.all(|other| other == *first));
    let has_story = |&story: &usize| {
        let range = story..tree.nodes[story].end;
        let prose = leaves.list.iter().filter(|leaf| range.contains(&leaf.owner) && is_prose(leaf, leaves));
        prose.map(|leaf| leaf.words).sum::<usize>() >= FEWEST_WORDS
    };
    [body, article].into_iter().flatten().find(has_story)
}

/// A newsroom's note about its own mistakes is part of the story, in any place.
fn is_correction(text: &str) -> bool {
    ["correction", "corrections", "clarification", "editor's note", "editor’s note"].iter().any(|word| {
        text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
            && !text[word.len()..].starts_with(char::is_alphanumeric)
    }) && text.split_whitespace().nth(5).is_some()
}

/// Words of kept leaves below each node.
fn weights(tree: &Tree, leaves: &Leaves, is_kept: &[bool]) -> Vec<usize> {
    let mut weights = vec![0; tree.nodes.len()];
    for (leaf, _) in leaves.list.iter().zip(is_kept).filter(|&(_, kept)| *kept) {
        weights[leaf.owner] += leaf.words;
    }
    // Children follow their parents.
    for node in (1..tree.nodes.len()).rev() {
        weights[tree.nodes[node].parent] += weights[node];
    }
    weights
}

/// For each node the mark of itself, or else of the elements around it; the mark of an element that holds much of the
/// kept text is ignored.
fn marks(tree: &Tree, own: &[Option<Reason>], weights: &[usize], all: usize) -> Vec<Option<Reason>> {
    let mut marks: Vec<Option<Reason>> = vec![None; tree.nodes.len()];
    for node in 1..tree.nodes.len() {
        let inherited = marks[tree.nodes[node].parent];
        let own = own[node].filter(|_| weights[node] * 5 < all * 2 || weights[node] == 0);
        marks[node] = own.or(inherited);
    }
    marks
}

/// A heading that links to another story belongs to that story, and so does the text beside it in its element.
fn mark_teasers(tree: &Tree, leaves: &Leaves, weights: &[usize], all: usize, marks: &mut [Option<Reason>]) {
    let is_teaser = |leaf: &&Leaf| leaf.is_link && leaf.kind == BlockKind::Heading && leaf.level > 1;
    let mut in_card = vec![false; tree.nodes.len()];
    for leaf in leaves.list.iter().filter(is_teaser) {
        // The heading's own element is the innermost block around it; one above may hold it alone.
        let card = tree.nodes[leaf.owner].parent;
        let is_small = weights[card] <= LONGEST_TEASER && (weights[card] * 5 < all * 2 || weights[card] == 0);
        in_card[card] |= card != 0 && is_small;
    }
    for node in 1..tree.nodes.len() {
        in_card[node] |= in_card[tree.nodes[node].parent];
        if in_card[node] {
            marks[node].get_or_insert(Reason::Related);
        }
    }
}

/// Which leaves the readability library keeps.
fn vote(tree: &Tree, leaves: &Leaves) -> Vec<bool> {
    let none = || vec![false; leaves.list.len()];
    if tree.nodes.len() > MOST_NODES || leaves.text.len() > MOST_TEXT {
        return none();
    }
    let config = Config { disable_json_ld: true, ..Config::default() };
    let Ok(mut reader) = Readability::new(plain_page(tree), None, Some(config)) else { return none() };
    let Ok(found) = reader.parse() else { return none() };
    let Ok(kept) = Tree::parse(&found.content) else { return none() };
    let mut is_kept = vec![false; tree.nodes.len()];
    for (number, node) in kept.nodes.iter().enumerate() {
        if let Kind::Text(span) = node.kind
            && !span.of(&kept.text).trim().is_empty()
            && let Some(original) = kept
                .ancestors(number)
                .find_map(|above| kept.element(above)?.attribute("data-n")?.parse::<usize>().ok())
            && let Some(kept) = is_kept.get_mut(original)
        {
            *kept = true;
        }
    }
    leaves.list.iter().map(|leaf| is_kept[leaf.owner]).collect()
}

/// The page again, well-formed and reduced to the parts that the library looks at; each block carries its number.
fn plain_page(tree: &Tree) -> String {
    let mut page = String::with_capacity(tree.text.len() * 2);
    page.push_str("<html><body>");
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut number = 1;
    while number < tree.nodes.len() {
        while let Some((_, name)) = open.pop_if(|(end, _)| *end <= number) {
            close(&mut page, name);
        }
        let node = &tree.nodes[number];
        number += 1;
        let element = match &node.kind {
            Kind::Text(span) => {
                push_tame(span.of(&tree.text), &mut page);
                continue;
            }
            Kind::Gap => {
                page.push_str("<br><br>");
                continue;
            }
            Kind::Element(element) => element,
        };
        let name = element.name.as_str();
        if is_program(name) || name == "head" {
            number = node.end;
            continue;
        }
        let name = match &element.name {
            Name::Known("br") => {
                page.push_str("<br>");
                continue;
            }
            Name::Known("a") => "a",
            Name::Known("html" | "body" | "hr") => continue,
            _ if is_inline(name) => continue,
            // Tables and forms would be moved about by the parser.
            Name::Known("table" | "caption" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th" | "form") => {
                "div"
            }
            Name::Known(name) => name,
            Name::Other(_) => "div",
        };
        if name == "a" {
            page.push_str("<a href=\"/a\">");
        } else {
            // Writing to a string can't fail.
            let _ = write!(page, "<{name} data-n=\"{}\"", number - 1);
            for attribute in ["class", "id", "role", "itemprop"] {
                if let Some(value) = element.attribute(attribute).filter(|value| !value.is_empty()) {
                    let _ = write!(page, " {attribute}=\"");
                    push_tame(value, &mut page);
                    page.push('"');
                }
            }
            page.push('>');
        }
        open.push((node.end, name));
    }
    while let Some((_, name)) = open.pop() {
        close(&mut page, name);
    }
    page.push_str("</body></html>");
    page
}

fn close(page: &mut String, name: &str) {
    page.push_str("</");
    page.push_str(name);
    page.push('>');
}

/// Appends text without signs of markup: the library counts letters and commas, and is slow with many entities.
fn push_tame(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&', '"', '\0']) {
        out.push_str(&rest[..at]);
        out.push('+');
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}
