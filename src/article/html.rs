//! A page in HTML becomes a draft of an article.
//!
//! The text of the draft is the page's visible text, without markup and with entities decoded, a blank line between
//! two blocks. All of it is in a piece. Attributes such as `alt`, and the content of `noscript`, are not visible text.

mod element;
mod json_ld;
mod leaves;
mod marks;
mod metadata;
mod story;
mod table;
mod tree;

use super::details::Details;
use super::draft::{Draft, Piece};
use super::furniture::site_title;
use super::reason::Reason;
use super::shape::{ends_with_stop, fold};
use super::{Article, BlockKind};
use crate::error::{Result, shorten};
use crate::text::Span;
use leaves::{Leaf, Leaves};
pub(super) use table::is_too_large;
use tree::Tree;

/// A page whose story has fewer words may have it in its linked data only.
const FEW_WORDS: usize = 20;
/// Lines of a page among which the headline is.
const MOST_LINES: usize = 300;
/// Most words of a line that is all link and no sentence.
const LONGEST_LINK: usize = 25;

/// Reads a page. One that is too large to be an article is refused.
pub(super) fn read(page: &str) -> Result<Draft> {
    let tree = Tree::parse(page)?;
    let metadata = metadata::read(&tree);
    let leaves = leaves::leaves(&tree);
    let mut reasons = story::outside(&tree, &leaves);
    drop(tree);
    let tab = metadata.tab.as_deref().map(|tab| without_site(tab, &leaves));
    let title = title_leaf(&leaves, &reasons, metadata.details.title.as_deref(), tab);
    let has_title = title.is_some() || metadata.details.title.is_some() || tab_title(tab).is_some();
    let title = title.or_else(|| if has_title { None } else { first_line(&leaves, &reasons) });
    let byline = metadata.details.byline.as_deref().map(fold);
    for (leaf, reason) in leaves.list.iter().zip(&mut reasons) {
        if matches!(reason, None | Some(Reason::OutsideStory)) && leaf.words <= 20 {
            let names = super::details::names_of(leaf.span.of(&leaves.text));
            if byline.is_some() && names.as_deref().map(fold) == byline {
                *reason = Some(Reason::Byline);
            }
        }
        let is_sentence = ends_with_stop(leaf.span.of(&leaves.text));
        if reason.is_none() && leaf.is_link && leaf.level != 1 && !is_sentence && leaf.words <= LONGEST_LINK {
            *reason = Some(Reason::Related);
        }
    }
    let mut pieces: Vec<Piece> = leaves
        .list
        .iter()
        .zip(reasons)
        .map(|(leaf, reason)| Piece { span: leaf.span, body: leaf.span, kind: leaf.kind, reason })
        .collect();
    let mut text = leaves.text;
    let mut details = metadata.details;
    if let Some(leaf) = title {
        (pieces[leaf].kind, pieces[leaf].reason) = (BlockKind::Title, None);
    } else if let Some(title) = details.title.as_deref().or(tab_title(tab)) {
        let line = format!("{title}\n\n");
        for piece in &mut pieces {
            (piece.span, piece.body) = (piece.span.shifted(line.len()), piece.body.shifted(line.len()));
        }
        let span = Span::new(0, title.len());
        pieces.insert(0, Piece { span, body: span, kind: BlockKind::Title, reason: None });
        text.insert_str(0, &line);
    }
    let mut draft = Draft { text, pieces, details: Details::default() };
    draft.refine();
    if let Some(body) = metadata.body.filter(|_| draft.words() < FEW_WORDS) {
        add_body(&mut draft, &body);
    }
    details.title = None;
    draft.details = details;
    Ok(draft)
}

/// The pieces of a few elements within another text: only their own marks count.
pub(super) fn pieces_of_part(page: &str) -> Vec<(String, BlockKind, Option<Reason>)> {
    let Ok(tree) = Tree::parse(page) else { return Vec::new() };
    let leaves = leaves::leaves(&tree);
    let mark_around =
        |leaf: &Leaf| tree.ancestors(leaf.owner).filter_map(|node| tree.element(node)).find_map(marks::mark);
    leaves
        .list
        .iter()
        .map(|leaf| {
            let text = leaf.span.of(&leaves.text).to_owned();
            let is_caption = leaf.kind == BlockKind::Caption;
            let reason = leaf.mark.or_else(|| mark_around(leaf)).or(is_caption.then_some(Reason::Caption));
            (text, leaf.kind, reason)
        })
        .collect()
}

fn tab_title(tab: Option<&str>) -> Option<&str> {
    tab.filter(|tab| tab.split_whitespace().nth(2).is_some())
}

/// Takes the story from the page's linked data, where the page shows none.
fn add_body(draft: &mut Draft, body: &str) {
    let body = body.replace('\r', "\n");
    let story = Draft::from_plain_text(if body.contains('<') { markup_to_lines(&body) } else { body });
    if story.words() <= draft.words() {
        return;
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
}

fn markup_to_lines(body: &str) -> String {
    Tree::parse(body).map(|tree| leaves::leaves(&tree).text).unwrap_or_default()
}

/// Text that may hold entities and tags, such as a headline in linked data, as it is shown.
fn fold_markup(text: &str) -> String {
    if text.contains(['&', '<'])
        && let Ok(tree) = Tree::parse(text)
    {
        return tree.text_of(0);
    }
    shorten(text, usize::MAX)
}

/// `Headline | The Daily` without the site's name.
fn without_site<'a>(tab: &'a str, leaves: &Leaves) -> &'a str {
    let folded = fold(tab);
    let is_headline =
        |leaf: &&Leaf| leaf.level == 1 && site_title(&folded, &fold(leaf.span.of(&leaves.text)));
    let cuts = [" | ", " - ", " – ", " — ", " :: ", " « "].iter().filter_map(|cut| tab.rfind(cut));
    match cuts.max() {
        Some(at) if leaves.list.iter().any(|leaf| is_headline(&leaf)) || words(&tab[..at]) >= 3 => &tab[..at],
        _ => tab,
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The leaf that is the headline: the one with the words of the page's title, else the only `h1`.
fn title_leaf(
    leaves: &Leaves,
    reasons: &[Option<Reason>],
    known: Option<&str>,
    tab: Option<&str>,
) -> Option<usize> {
    let text = |number: usize| fold(leaves.list[number].span.of(&leaves.text));
    let may_be = |number: &usize| {
        let reason = reasons[*number];
        leaves.list[*number].words <= 50 && reason != Some(Reason::Hidden)
    };
    let lines: Vec<usize> = (0..leaves.list.len()).filter(may_be).take(MOST_LINES).collect();
    let is_heading = |number: &usize| {
        let leaf = &leaves.list[*number];
        leaf.kind == BlockKind::Heading && leaf.level <= 2
    };
    let headings: Vec<usize> = lines.iter().copied().filter(is_heading).collect();
    let is_plain = |number: &usize| matches!(reasons[*number], None | Some(Reason::OutsideStory));
    let others = lines.iter().copied().filter(is_plain);
    let candidates: Vec<usize> = headings.iter().copied().chain(others).collect();
    for title in [known, tab].into_iter().flatten().map(fold) {
        if let Some(found) = candidates.iter().copied().find(|&number| text(number) == title) {
            return Some(found);
        }
    }
    let first: Vec<usize> = headings
        .into_iter()
        .filter(|&number| leaves.list[number].level == 1)
        .filter(|&number| !matches!(reasons[number], Some(Reason::Navigation | Reason::Related)))
        .collect();
    // Sites give search engines another headline than readers; the two have words in common.
    for title in [known, tab].into_iter().flatten().map(fold) {
        if let Some(found) = first.iter().copied().find(|&number| is_alike(&text(number), &title)) {
            return Some(found);
        }
    }
    match (first.as_slice(), known) {
        ([only], None) => Some(*only),
        _ => None,
    }
}

/// The line right over the story, on a page that names no headline.
fn first_line(leaves: &Leaves, reasons: &[Option<Reason>]) -> Option<usize> {
    let story = reasons.iter().position(Option::is_none)?;
    let is_headline = |&number: &usize| {
        let leaf = &leaves.list[number];
        (3..=35).contains(&leaf.words)
            && !leaf.is_link
            && matches!(reasons[number], None | Some(Reason::OutsideStory))
            && !ends_with_stop(leaf.span.of(&leaves.text))
    };
    (story.saturating_sub(3)..=story).find(is_headline)
}

/// Whether two headlines share more than a third of the words of the shorter one, or one begins the other.
fn is_alike(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if words(short) >= 3 && long.starts_with(short) {
        return true;
    }
    let rest: Vec<&str> = long.split(' ').collect();
    let all: Vec<&str> = short.split(' ').filter(|word| word.len() > 3).collect();
    let shared = all.iter().filter(|word| rest.contains(word)).count();
    shared >= 2 && shared * 3 > all.len()
}

impl Article {
    /// Whether any block beside a headline is read.
    pub(super) fn has_story(&self) -> bool {
        self.blocks.iter().any(|block| !matches!(block.kind, BlockKind::Title | BlockKind::Heading))
    }
}

#[cfg(test)]
mod tests;
