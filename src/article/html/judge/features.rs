//! What the judge sees of a leaf: its text's form, the elements around it, its place, its neighbours, and what the rules said.
//! Numbers only, so that the rows of real pages can lie in this project without their text.

use super::cues::{CUES, cues};
use super::echo::{found, hash, telling};
use super::elements::around;
use super::passes::{Kin, SECOND};
use super::places::PLACES;
use super::whole::Whole;
use super::wording::wording;
use crate::article::BlockKind;
use crate::article::html::leaves::Leaves;
use crate::article::html::tree::Tree;
use crate::article::reason::Reason;
use crate::article::shape::ends_with_stop;

/// Numbers of a leaf by itself.
const OWN: usize = 62;
/// Numbers of what surrounds it.
const SURROUNDINGS: usize = 20;
/// Where what its words are about begins, and where it stands.
const ABOUT: usize = OWN + SURROUNDINGS;
const STANDS: usize = ABOUT + CUES;
/// Where those of its neighbours begin.
const BEGIN: usize = STANDS + PLACES;
/// Neighbours that are looked at, by their distance.
const NEIGHBOURS: [isize; 4] = [-2, -1, 1, 2];
/// Numbers of each.
const SEEN: usize = 8;
/// Numbers of a leaf before the first pass.
pub(super) const FIRST: usize = BEGIN + NEIGHBOURS.len() * SEEN;
/// Numbers of a leaf in all.
pub const FEATURES: usize = FIRST + SECOND;

/// Places in a row: the logarithm of one more than the words, the share that is a link, whether it ends with a stop, whether it is
/// a heading, what the rules said.
pub(super) const WORDS: usize = 0;
pub(super) const LINKED: usize = 2;
pub(super) const STOP: usize = 4;
pub(super) const HEADING: usize = 15;
pub(super) const REASON: usize = 49;

/// What the judge sees of a leaf.
pub type Row = [f32; FEATURES];

/// A page as the rules left it.
pub(in crate::article::html) struct Page<'a> {
    pub(in crate::article::html) tree: &'a Tree,
    pub(in crate::article::html) leaves: &'a Leaves,
    /// The mark of each node.
    pub(in crate::article::html) marks: &'a [Option<Reason>],
    /// What the rules said of each leaf.
    pub(in crate::article::html) reasons: &'a [Option<Reason>],
    /// The leaves that the page itself or the readability library calls the story.
    pub(in crate::article::html) chosen: &'a [bool],
    /// The headline.
    pub(in crate::article::html) title: Option<usize>,
    /// The story, where linked data gives it.
    pub(in crate::article::html) body: Option<&'a str>,
}

/// Makes the rows of a page's leaves.
pub(in crate::article::html) struct Rows<'a> {
    page: &'a Page<'a>,
    whole: Whole,
}

impl<'a> Rows<'a> {
    /// Counts what is counted once a page.
    pub(in crate::article::html) fn of(page: &'a Page<'a>) -> Self {
        Self { page, whole: Whole::of(page) }
    }

    /// Its kin.
    pub(in crate::article::html) fn kin(&self, number: usize) -> Kin {
        let parent = self.whole.parents[number];
        Kin([parent as u32, self.page.tree.nodes[parent].parent as u32, self.whole.signatures[number] as u32])
    }

    /// The row of a leaf, as the first pass sees it.
    pub(in crate::article::html) fn row(&self, number: usize) -> Row {
        let Self { page, whole } = self;
        let mut row = [0.0; FEATURES];
        row[..OWN].copy_from_slice(&own(page, whole, number));
        row[OWN..ABOUT].copy_from_slice(&surroundings(page, whole, number));
        let leaf = &page.leaves.list[number];
        row[ABOUT..STANDS].copy_from_slice(&cues(leaf.span.of(&page.leaves.text)));
        row[STANDS..BEGIN].copy_from_slice(&whole.places.of(page, whole, number));
        for (neighbour, place) in NEIGHBOURS.iter().zip(row[BEGIN..FIRST].chunks_exact_mut(SEEN)) {
            let other = number.checked_add_signed(*neighbour);
            if let Some(other) = other.filter(|other| *other < whole.parents.len()) {
                place.copy_from_slice(&seen(page, whole, other));
                place[SEEN - 1] = flag(whole.parents[other] == whole.parents[number]) + 1.0;
            }
        }
        row
    }
}

fn own(page: &Page<'_>, whole: &Whole, number: usize) -> [f32; OWN] {
    let (tree, list) = (page.tree, &page.leaves.list);
    let leaf = &list[number];
    let full = leaf.span.of(&page.leaves.text);
    let text = wording(full);
    let words = leaf.words as f32;
    let name = tree.name(leaf.owner);
    let around = around(page, &whole.named, leaf.owner);
    let parent = whole.parents[number];
    let above = tree.nodes[parent].parent;
    let (group, count) = (whole.groups.get(&whole.signatures[number]), list.len() as f32);
    let group = group.copied().unwrap_or_default();
    let share = |node: usize| {
        let (prose, words, linked) = whole.weights[node];
        [prose / whole.prose, linked / words.max(1.0), words.ln_1p()]
    };
    let ([own_share, _, _], parent_share, above_share) = (share(leaf.owner), share(parent), share(above));
    let from_title = page.title.map_or(0.0, |title| number as f32 - title as f32);
    let (begin, end) = whole.kept;
    let reason = page.reasons[number];
    [
        words.ln_1p(),
        text.letters / text.words,
        leaf.linked,
        text.commas / text.words,
        flag(ends_with_stop(full)),
        flag(full.ends_with(':')),
        flag(full.starts_with(char::is_lowercase)),
        text.digits / text.letters.max(1.0),
        text.capitalised / text.words,
        text.joining / text.words,
        text.addressing / text.words,
        flag(full.contains(['“', '"', '”'])),
        flag(full.ends_with('?')),
        text.labelling,
        text.labelling / text.words,
        flag(leaf.kind == BlockKind::Heading),
        f32::from(leaf.level),
        flag(leaf.kind == BlockKind::ListItem),
        flag(leaf.kind == BlockKind::Quote),
        flag(leaf.kind == BlockKind::Caption),
        code(leaf.mark),
        flag(name == "p"),
        flag(matches!(name, "div" | "section" | "article" | "body")),
        flag(matches!(name, "li" | "dd" | "dt")),
        flag(matches!(name, "td" | "th" | "tr")),
        around.article,
        around.main,
        around.aside,
        around.footer,
        around.header,
        around.nav,
        around.form,
        around.figure,
        around.table,
        around.list,
        around.depth,
        around.body_property,
        around.holding,
        around.marked,
        around.mark,
        number as f32 / count,
        whole.before[number] / whole.prose,
        from_title / count,
        flag(page.title.is_some_and(|title| number > title)),
        from_title.clamp(-30.0, 30.0),
        flag((begin..=end).contains(&number)),
        (number as f32 - begin as f32) / ((end - begin) as f32).max(1.0),
        whole.to_kept[number].0.min(30.0),
        whole.to_kept[number].1.min(30.0),
        code(reason),
        flag(page.chosen[number]),
        own_share,
        parent_share[0],
        parent_share[1],
        above_share[0],
        above_share[1],
        group.leaves.ln_1p(),
        group.words / whole.words,
        group.stopped / group.leaves.max(1.0),
        whole.repeats.get(&hash(full.bytes())).copied().unwrap_or(1.0),
        if whole.runs.is_empty() { -1.0 } else { found(full, &whole.runs) },
        (whole.kept_words / whole.prose).min(2.0),
    ]
}

/// What surrounds a leaf: its style, pictures, the heading above it, siblings, the echo of its words.
fn surroundings(page: &Page<'_>, whole: &Whole, number: usize) -> [f32; SURROUNDINGS] {
    let list = &page.leaves.list;
    let leaf = &list[number];
    let reason = page.reasons[number];
    let group = whole.groups.get(&whole.signatures[number]).copied().unwrap_or_default();
    let (begin, _) = whole.kept;
    let heading = whole.heading[number];
    let (before, siblings, prose_siblings) = whole.siblings[number];
    let about = telling(leaf.span.of(&page.leaves.text));
    [
        leaf.bold,
        leaf.italic,
        whole.pictures[number].min(3.0),
        whole.pictures[number + 1].min(3.0),
        whole.pictures[..=number].iter().rev().take(4).sum::<f32>().min(4.0),
        heading.map_or(-1.0, |above| code(page.reasons[above])),
        heading.map_or(-1.0, |above| (number - above) as f32).min(40.0),
        heading.map_or(-1.0, |above| f32::from(list[above].level)),
        heading.map_or(-1.0, |above| list[above].linked),
        heading.map_or(0.0, |above| wording(list[above].span.of(&page.leaves.text)).labelling),
        heading.map_or(0.0, |above| flag(Some(above) == page.title)),
        before,
        siblings.ln_1p(),
        prose_siblings / siblings.max(1.0),
        whole.row[number],
        group.kept / group.leaves.max(1.0),
        whole.title.intersection(&about).count() as f32 / (whole.title.len() as f32).max(1.0),
        whole.echo.share(&about, reason.is_none()),
        (about.len() as f32).ln_1p(),
        flag(whole.parents[number] == whole.parents[begin]),
    ]
}

/// What is seen of a leaf from its neighbour.
fn seen(page: &Page<'_>, whole: &Whole, number: usize) -> [f32; SEEN] {
    let leaf = &page.leaves.list[number];
    let text = leaf.span.of(&page.leaves.text);
    [
        (leaf.words as f32).ln_1p(),
        flag(ends_with_stop(text)),
        leaf.linked,
        code(page.reasons[number]),
        flag(page.chosen[number]),
        flag(whole.is_prose[number]),
        flag(leaf.kind == BlockKind::Heading),
        0.0,
    ]
}

/// A reason as a number; zero is none. The trees know reasons by these.
pub(super) fn code(reason: Option<Reason>) -> f32 {
    reason.map_or(0.0, |reason| f32::from(reason as u8) + 1.0)
}

pub(super) fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_the_numbers_that_the_trees_learned() {
        assert_eq!(
            [code(None), code(Some(Reason::Breadcrumb))].map(f32::to_bits),
            [0.0, 1.0_f32].map(f32::to_bits)
        );
        assert_eq!(code(Some(Reason::Related)).to_bits(), 10.0_f32.to_bits());
        assert_eq!(code(Some(Reason::OutsideStory)).to_bits(), 23.0_f32.to_bits(), "train the trees again");
    }
}
