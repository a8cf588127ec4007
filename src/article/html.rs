//! A page in HTML becomes a draft of an article.
//!
//! The text of the draft is the page's visible text, without markup and with entities decoded, a blank line between
//! two blocks. All of it is in a piece. Attributes such as `alt`, and the content of `noscript`, are not visible text.

mod element;
mod hidden;
mod json_ld;
pub mod judge;
mod leaves;
mod marks;
mod metadata;
mod story;
mod table;
mod title;
mod tree;

use std::cmp::Reverse;
use std::collections::HashMap;

use super::confidence::{Decision, Way, Weighed, expected_f1};
use super::details::Details;
use super::draft::{Draft, Piece};
use super::reason::Reason;
use super::shape::{ends_with_stop, fold};
use super::{Article, BlockKind};
use crate::error::{Result, shorten};
use crate::text::Span;
use judge::Page;
use leaves::Leaves;
use metadata::Metadata;
pub(super) use table::is_too_large;
use tree::Tree;

/// A page whose story has fewer words may have it in its linked data only.
const FEW_WORDS: usize = 20;
/// Or one that shows less than this share of the runs of words of its linked data's story: a program would draw it.
const LEAST_SHOWN: f32 = 0.1;
/// Most words of a line that is all link and no sentence.
const LONGEST_LINK: usize = 25;

/// Reads a page. One that is too large to be an article is refused.
pub(super) fn read(page: &str) -> Result<Draft> {
    read_titled(page, None)
}

/// The same for a page whose headline is known from elsewhere: the subject of a mail, the headline of an item.
pub(super) fn read_titled(page: &str, title: Option<&str>) -> Result<Draft> {
    Ok(Ruled::of(page, title)?.judged(judge::built_in()))
}

/// The same for the story's part of a page.
#[cfg(feature = "newsroom")]
pub(super) fn read_part(part: &str, title: Option<&str>) -> Result<Draft> {
    let lower = part.get(..1024).unwrap_or(part).to_ascii_lowercase();
    if lower.contains("<html") || lower.contains("<article") {
        return read_titled(part, title);
    }
    read_titled(&format!("<article>{part}</article>"), title)
}

impl Ruled {
    fn judged(self, judge: Option<&judge::Judge>) -> Draft {
        let by_rules = self.reasons();
        let mut reasons = by_rules.clone();
        let asked =
            judge.map(|judge| judge::judge(judge, &self.page(&by_rules), &mut reasons)).unwrap_or_default();
        self.read_lone_table(&mut reasons);
        let Self { mut draft, first, leaves, metadata, way, .. } = self;
        let mut decision = Decision { way: Some(way), ..Decision::default() };
        for ((piece, reason), by_rules) in draft.pieces[first..].iter_mut().zip(reasons).zip(by_rules) {
            match (by_rules, reason) {
                (Some(_), None) if piece.kind != BlockKind::Title => decision.brought.push(piece.span),
                (None, Some(_)) => decision.taken += 1,
                _ => {}
            }
            piece.reason = reason;
        }
        draft.drop_bare_headings();
        let is_shown = |body: &str| judge::found(body, &judge::runs(&leaves.text)) >= LEAST_SHOWN;
        let body = metadata.body.map(|body| to_lines(&body));
        let body = body.filter(|body| draft.words() < FEW_WORDS || !is_shown(body));
        let shown = draft.pieces.len();
        if body.is_some_and(|body| add_body(&mut draft, &body)) {
            decision.way = Some(Way::LinkedData);
        }
        // What the rules know for certain is not kept and counts nothing; what linked data gives is the story.
        let weighed = |(leaf, probability): (usize, f32)| Weighed {
            words: leaves.list[leaf].words as f32,
            probability,
            is_kept: draft.pieces[first + leaf].reason.is_none(),
        };
        let given = |piece: &Piece| Weighed {
            words: piece.body.of(&draft.text).split_whitespace().count() as f32,
            probability: 1.0,
            is_kept: piece.reason.is_none(),
        };
        let given = draft.pieces[shown..].iter().filter(|piece| piece.reason.is_none()).map(given);
        decision.confidence = expected_f1(asked.into_iter().map(weighed).chain(given));
        draft.decision = decision;
        draft.details = Details { title: None, ..metadata.details };
        draft
    }
}

/// A page as the rules understand it.
#[derive(Clone, Debug)]
struct Ruled {
    tree: Tree,
    leaves: Leaves,
    metadata: Metadata,
    /// The mark of each node.
    marks: Vec<Option<Reason>>,
    /// The leaves of the part that holds the story.
    chosen: Vec<bool>,
    /// What found that part.
    way: Way,
    /// The leaf that is the headline.
    title: Option<usize>,
    draft: Draft,
    /// Where the pieces of the leaves begin.
    first: usize,
}

impl Ruled {
    fn of(page: &str, title: Option<&str>) -> Result<Self> {
        let tree = Tree::parse(page)?;
        let metadata = metadata::read(&tree);
        let leaves = leaves::leaves(&tree);
        let mut marks = marks::marks(&tree);
        hidden::reveal(&tree, &leaves, &mut marks);
        let story::Found { mut reasons, chosen, way } = story::find(&tree, &leaves, &marks);
        keep_quotations(&leaves, &mut reasons);
        let (tab, known) = (metadata.tab.as_deref(), title.or(metadata.details.title.as_deref()));
        let title = title::Title::find(&leaves, &reasons, known, tab);
        let byline = metadata.details.byline.as_deref().map(fold);
        for (leaf, reason) in leaves.list.iter().zip(&mut reasons) {
            if matches!(reason, None | Some(Reason::OutsideStory)) && leaf.words <= 20 {
                let names = super::details::names_of(leaf.span.of(&leaves.text));
                if byline.is_some() && names.as_deref().map(fold) == byline {
                    *reason = Some(Reason::Byline);
                }
            }
            let is_sentence = ends_with_stop(leaf.span.of(&leaves.text));
            if reason.is_none()
                && leaf.is_link
                && leaf.level != 1
                && !is_sentence
                && leaf.words <= LONGEST_LINK
            {
                *reason = Some(Reason::Related);
            }
        }
        let mut pieces: Vec<Piece> = leaves
            .list
            .iter()
            .zip(reasons)
            .map(|(leaf, reason)| Piece { span: leaf.span, body: leaf.span, kind: leaf.kind, reason })
            .collect();
        let mut text = leaves.text.clone();
        let mut first = 0;
        if let Some(leaf) = title.leaf {
            (pieces[leaf].kind, pieces[leaf].reason) = (BlockKind::Title, None);
        } else if let Some(title) = title.text {
            let line = format!("{title}\n\n");
            for piece in &mut pieces {
                (piece.span, piece.body) = (piece.span.shifted(line.len()), piece.body.shifted(line.len()));
            }
            let span = Span::new(0, title.len());
            pieces.insert(0, Piece { span, body: span, kind: BlockKind::Title, reason: None });
            text.insert_str(0, &line);
            first = 1;
        }
        let title = title.leaf;
        let mut draft = Draft { text, pieces, mojibake: leaves.mojibake, ..Draft::default() };
        draft.refine();
        Ok(Self { tree, leaves, metadata, marks, chosen, way, title, draft, first })
    }

    /// What the rules said of each leaf.
    fn reasons(&self) -> Vec<Option<Reason>> {
        self.draft.pieces[self.first..].iter().map(|piece| piece.reason).collect()
    }

    /// A table is too large to be listened to, unless it is nearly all that the page has: the story of a page of standings is its table.
    fn read_lone_table(&self, reasons: &mut [Option<Reason>]) {
        /// How much more words the table has than the rest of the story.
        const TIMES: usize = 3;
        let (tree, list) = (&self.tree, &self.leaves.list);
        let is_row = |leaf: &usize| list[*leaf].mark == Some(Reason::Table);
        let mut words: HashMap<usize, usize> = HashMap::new();
        for leaf in (0..list.len()).filter(is_row) {
            let table = tree.ancestors(list[leaf].owner).find(|node| tree.name(*node) == "table");
            *words.entry(table.unwrap_or_default()).or_insert(0) += list[leaf].words;
        }
        let largest = words.into_iter().max_by_key(|(table, words)| (*words, Reverse(*table)));
        let is_kept = |leaf: &usize| reasons[*leaf].is_none() && Some(*leaf) != self.title;
        let kept = || (0..list.len()).filter(is_kept);
        let rest: usize = kept().map(|leaf| list[leaf].words).sum();
        let Some((table, words)) = largest.filter(|(table, words)| *table > 0 && *words >= TIMES * rest)
        else {
            return;
        };
        // The element around it and the rest of the story holds little else; beside the story stands a calendar.
        let story: Vec<usize> = kept().chain(self.title).collect();
        let around = tree.ancestors(table).find(|node| {
            let range = *node..tree.nodes[*node].end;
            story.iter().any(|leaf| range.contains(&list[*leaf].owner))
        });
        let Some(around) = around else { return };
        let is_in = |node: usize, leaf: &usize| (node..tree.nodes[node].end).contains(&list[*leaf].owner);
        let all: usize =
            (0..list.len()).filter(|leaf| is_in(around, leaf)).map(|leaf| list[leaf].words).sum();
        if all < 2 * words {
            for leaf in (0..list.len()).filter(|leaf| is_in(table, leaf)) {
                reasons[leaf] = None;
            }
        }
    }

    fn page<'a>(&'a self, reasons: &'a [Option<Reason>]) -> Page<'a> {
        Page {
            tree: &self.tree,
            leaves: &self.leaves,
            marks: &self.marks,
            reasons,
            chosen: &self.chosen,
            title: self.title,
            body: self.metadata.body.as_deref(),
        }
    }
}

/// A pull quote repeats the story's words. One that does not is a quotation of the story.
fn keep_quotations(leaves: &Leaves, reasons: &mut [Option<Reason>]) {
    /// Words of the shortest that can be told.
    const SHORTEST: usize = 8;
    /// The share of runs of words that a pull quote, which may be shortened, has from the story.
    const REPEATED: f32 = 0.3;
    let is_pulled = |number: &usize| reasons[*number] == Some(Reason::PullQuote);
    let pulled: Vec<usize> = (0..reasons.len()).filter(is_pulled).collect();
    if pulled.is_empty() {
        return;
    }
    let text = |number: usize| leaves.list[number].span.of(&leaves.text);
    let story = (0..reasons.len()).filter(|number| reasons[*number].is_none());
    let runs = story.flat_map(|number| judge::runs(text(number))).collect();
    for number in pulled {
        if leaves.list[number].words >= SHORTEST && judge::found(text(number), &runs) < REPEATED {
            reasons[number] = None;
        }
    }
}

/// The pieces of a few elements within another text: only their own marks count.
pub(super) fn pieces_of_part(page: &str) -> Vec<(String, BlockKind, Option<Reason>)> {
    let Ok(tree) = Tree::parse(page) else { return Vec::new() };
    let leaves = leaves::leaves(&tree);
    // Of the element itself, or else of the nearest around it that has one.
    let mut marks: Vec<Option<Reason>> = vec![None; tree.nodes.len()];
    for node in 1..tree.nodes.len() {
        marks[node] = tree.element(node).and_then(marks::mark).or(marks[tree.nodes[node].parent]);
    }
    leaves
        .list
        .iter()
        .map(|leaf| {
            let text = leaf.span.of(&leaves.text).to_owned();
            let is_caption = leaf.kind == BlockKind::Caption;
            let reason = leaf.mark.or(marks[leaf.owner]).or(is_caption.then_some(Reason::Caption));
            (text, leaf.kind, reason)
        })
        .collect()
}

/// Takes the story from the page's linked data or its template, where the page shows none. Returns whether it has one.
fn add_body(draft: &mut Draft, body: &str) -> bool {
    let story = Draft::from_story(body.to_owned());
    if story.words() <= draft.words() {
        return false;
    }
    for piece in &mut draft.pieces {
        if piece.kind != BlockKind::Title {
            piece.reason.get_or_insert(Reason::OutsideStory);
        }
    }
    draft.text.push_str("\n\n");
    let offset = draft.text.len();
    draft.text.push_str(&story.text);
    let has_title = draft.pieces.iter().any(|piece| piece.kind == BlockKind::Title);
    draft.pieces.extend(story.pieces.into_iter().map(|piece| Piece {
        span: piece.span.shifted(offset),
        body: piece.body.shifted(offset),
        kind: if has_title && piece.kind == BlockKind::Title { BlockKind::Paragraph } else { piece.kind },
        ..piece
    }));
    draft.refine();
    true
}

/// A story of linked data, which may hold markup, as lines.
fn to_lines(body: &str) -> String {
    let body = body.replace('\r', "\n");
    if body.contains('<') {
        return Tree::parse(&body).map(|tree| leaves::leaves(&tree).text).unwrap_or_default();
    }
    body
}

/// Text that may hold entities and tags, such as a headline in linked data, as it is shown.
pub(super) fn fold_markup(text: &str) -> String {
    if text.contains(['&', '<'])
        && let Ok(tree) = Tree::parse(text)
    {
        return tree.text_of(0);
    }
    shorten(text, usize::MAX)
}

impl Article {
    /// Whether any block beside a headline is read.
    pub(super) fn has_story(&self) -> bool {
        self.blocks.iter().any(|block| !matches!(block.kind, BlockKind::Title | BlockKind::Heading))
    }
}

#[cfg(test)]
mod tests;
