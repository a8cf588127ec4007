//! What the judge sees of a leaf: its text's form, the elements around it, its place, its neighbours, and what the rules said.
//! Numbers only, so that the rows of real pages can lie in this project without their text.

use std::collections::{HashMap, HashSet};

use super::wording::wording;
use crate::article::BlockKind;
use crate::article::html::element::is_inline;
use crate::article::html::leaves::{Leaf, Leaves};
use crate::article::html::tree::Tree;
use crate::article::reason::Reason;
use crate::article::shape::{ends_with_stop, fold};

/// Numbers of a leaf by itself.
const OWN: usize = 62;
/// Neighbours that are looked at, by their distance.
const NEIGHBOURS: [isize; 4] = [-2, -1, 1, 2];
/// Numbers of each.
const SEEN: usize = 8;
/// Numbers of a leaf in all.
pub const FEATURES: usize = OWN + NEIGHBOURS.len() * SEEN;

/// What the judge sees of a leaf.
pub type Row = [f32; FEATURES];

/// Elements around a leaf that are looked at.
const AROUND: usize = 40;

/// Words of classes and ids of elements that hold stories.
const HOLDING: [&str; 10] =
    ["article", "body", "content", "story", "post", "entry", "text", "paragraph", "main", "copy"];

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

    /// The row of a leaf.
    pub(in crate::article::html) fn row(&self, number: usize) -> Row {
        let Self { page, whole } = self;
        let mut row = [0.0; FEATURES];
        row[..OWN].copy_from_slice(&own(page, whole, number));
        for (neighbour, place) in NEIGHBOURS.iter().zip(row[OWN..].chunks_exact_mut(SEEN)) {
            let other = number.checked_add_signed(*neighbour);
            if let Some(other) = other.filter(|other| *other < whole.parents.len()) {
                place.copy_from_slice(&seen(page, whole, other));
                place[SEEN - 1] = flag(whole.parents[other] == whole.parents[number]) + 1.0;
            }
        }
        row
    }
}

/// Words of the shortest leaf that is taken for a sentence by its stop.
const SENTENCE: f32 = 8.0;

/// Whether the leaf of a row is long enough for a sentence, and ends as one.
pub(super) fn is_sentence(row: &Row) -> bool {
    let [words, stop] = [row[0].exp_m1(), row[4]];
    words > SENTENCE - 0.5 && stop > 0.5
}

/// What is counted once a page.
struct Whole {
    is_prose: Vec<bool>,
    parents: Vec<usize>,
    /// What the names of each node's element say.
    named: Vec<Named>,
    /// Kinds of elements around each leaf, as a number.
    signatures: Vec<u64>,
    /// Leaves, words and stopped leaves of each.
    groups: HashMap<u64, (f32, f32, f32)>,
    /// How often each text stands on the page.
    repeats: HashMap<u64, f32>,
    /// Words of prose, all words and linked words within each node.
    weights: Vec<(f32, f32, f32)>,
    /// Words of prose before each leaf.
    before: Vec<f32>,
    prose: f32,
    words: f32,
    kept_words: f32,
    /// The first and the last leaf that the rules kept.
    kept: (usize, usize),
    /// Distance to the nearest leaf that the rules kept, before and behind.
    to_kept: Vec<(f32, f32)>,
    /// Runs of words of the story in linked data.
    runs: HashSet<u64>,
}

impl Whole {
    fn of(page: &Page<'_>) -> Self {
        let (tree, list) = (page.tree, &page.leaves.list);
        let text = |leaf: &Leaf| leaf.span.of(&page.leaves.text);
        let is_prose: Vec<bool> = list
            .iter()
            .map(|leaf| {
                leaf.linked < 0.5 && leaf.words >= 6 && (leaf.words > 25 || ends_with_stop(text(leaf)))
            })
            .collect();
        let parents = list.iter().map(|leaf| tree.nodes[leaf.owner].parent).collect();
        let signatures: Vec<u64> = list.iter().map(|leaf| signature(tree, leaf.owner)).collect();
        let (mut groups, mut repeats) = (HashMap::new(), HashMap::new());
        for (leaf, signature) in list.iter().zip(&signatures) {
            let group: &mut (f32, f32, f32) = groups.entry(*signature).or_default();
            group.0 += 1.0;
            group.1 += leaf.words as f32;
            group.2 += flag(ends_with_stop(text(leaf)));
            *repeats.entry(hash(text(leaf).bytes())).or_insert(0.0) += 1.0;
        }
        let mut weights = vec![(0.0, 0.0, 0.0); tree.nodes.len()];
        let (mut before, mut prose) = (Vec::with_capacity(list.len()), 0.0);
        for (leaf, is_prose) in list.iter().zip(&is_prose) {
            let words = leaf.words as f32;
            before.push(prose);
            prose += words * flag(*is_prose);
            let weight: &mut (f32, f32, f32) = &mut weights[leaf.owner];
            *weight = (weight.0 + words * flag(*is_prose), weight.1 + words, weight.2 + words * leaf.linked);
        }
        // Children follow their parents.
        for node in (1..tree.nodes.len()).rev() {
            let (weight, above) = (weights[node], &mut weights[tree.nodes[node].parent]);
            *above = (above.0 + weight.0, above.1 + weight.1, above.2 + weight.2);
        }
        let kept = |leaf: usize| page.reasons[leaf].is_none() && Some(leaf) != page.title;
        let all_kept: Vec<usize> = (0..list.len()).filter(|leaf| kept(*leaf)).collect();
        let mut to_kept = vec![(99.0, 99.0); list.len()];
        let (mut behind, mut ahead) = (99.0, 99.0);
        for leaf in 0..list.len() {
            to_kept[leaf].0 = behind;
            behind = if kept(leaf) { 1.0 } else { behind + 1.0 };
            let back = list.len() - 1 - leaf;
            to_kept[back].1 = ahead;
            ahead = if kept(back) { 1.0 } else { ahead + 1.0 };
        }
        Self {
            named: (0..tree.nodes.len()).map(|node| Named::of(tree, node)).collect(),
            is_prose,
            parents,
            signatures,
            groups,
            repeats,
            weights,
            before,
            prose: prose.max(1.0),
            words: list.iter().map(|leaf| leaf.words as f32).sum::<f32>().max(1.0),
            kept_words: all_kept.iter().map(|leaf| list[*leaf].words as f32).sum(),
            kept: (all_kept.first().copied().unwrap_or(0), all_kept.last().copied().unwrap_or(0)),
            to_kept,
            runs: page.body.map(runs).unwrap_or_default(),
        }
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
    let (group_count, group_words, group_stops) = group.copied().unwrap_or_default();
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
        group_count.ln_1p(),
        group_words / whole.words,
        group_stops / group_count.max(1.0),
        whole.repeats.get(&hash(full.bytes())).copied().unwrap_or(1.0),
        if whole.runs.is_empty() { -1.0 } else { found(full, &whole.runs) },
        (whole.kept_words / whole.prose).min(2.0),
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
fn code(reason: Option<Reason>) -> f32 {
    reason.map_or(0.0, |reason| f32::from(reason as u8) + 1.0)
}

pub(super) fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

/// The elements around a leaf.
#[derive(Default)]
struct Around {
    article: f32,
    main: f32,
    aside: f32,
    footer: f32,
    header: f32,
    nav: f32,
    form: f32,
    figure: f32,
    table: f32,
    list: f32,
    depth: f32,
    body_property: f32,
    /// Elements whose classes or ids speak of a story.
    holding: f32,
    /// How far away the nearest element with a mark is.
    marked: f32,
    /// That mark.
    mark: f32,
}

/// What an element's class, id and other names say. Leaves share the elements around them, so that each is looked at once.
#[derive(Clone, Copy, Default)]
struct Named {
    is_body: bool,
    /// They speak of a story.
    holds: bool,
}

impl Named {
    fn of(tree: &Tree, node: usize) -> Self {
        let Some(element) = tree.element(node).filter(|element| !is_inline(element.name.as_str())) else {
            return Self::default();
        };
        let names = [element.attribute("class"), element.attribute("id")];
        let mut names =
            names.into_iter().flatten().flat_map(|names| names.split(|c: char| !c.is_ascii_alphabetic()));
        Self {
            is_body: element.attribute("itemprop") == Some("articleBody"),
            holds: names.any(|name| HOLDING.iter().any(|word| name.eq_ignore_ascii_case(word))),
        }
    }
}

fn around(page: &Page<'_>, named: &[Named], owner: usize) -> Around {
    let tree = page.tree;
    let mut around = Around::default();
    for node in tree.ancestors(owner).take(AROUND) {
        around.depth += 1.0;
        let Some(element) = tree.element(node) else { continue };
        let place = match element.name.as_str() {
            "article" => &mut around.article,
            "main" => &mut around.main,
            "aside" => &mut around.aside,
            "footer" => &mut around.footer,
            "header" => &mut around.header,
            "nav" => &mut around.nav,
            "form" => &mut around.form,
            "figure" => &mut around.figure,
            "table" => &mut around.table,
            "ul" | "ol" | "dl" => &mut around.list,
            _ => &mut 0.0,
        };
        *place += 1.0;
        let Named { is_body, holds } = named[node];
        let mark = page.marks[node];
        around.body_property += flag(is_body);
        around.holding += flag(holds);
        if around.mark == 0.0 && mark.is_some() {
            (around.marked, around.mark) = (around.depth, code(mark));
        }
    }
    around
}

/// The names of the elements around a leaf and the classes of the nearest, as a number.
fn signature(tree: &Tree, owner: usize) -> u64 {
    let names = tree.ancestors(owner).take(5).map(|node| tree.name(node));
    let class = tree.element(owner).and_then(|element| element.attribute("class")).unwrap_or_default();
    hash(names.flat_map(|name| name.bytes().chain([b'/'])).chain(class.bytes()))
}

/// FNV-1a, which gives the same numbers on every machine.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Words that are compared at a time.
const RUN: usize = 4;

fn hashes(text: &str) -> Vec<u64> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| hash(word.bytes()))
        .collect()
}

fn runs(text: &str) -> HashSet<u64> {
    hashes(text).windows(RUN).map(run).collect()
}

fn run(words: &[u64]) -> u64 {
    words.iter().fold(0, |sum, word| sum.rotate_left(9) ^ word)
}

/// The share of a text's runs of words that are among `runs`; a half where it is too short to tell.
fn found(text: &str, runs: &HashSet<u64>) -> f32 {
    let words = hashes(text);
    let count = words.len().saturating_sub(RUN - 1);
    if count == 0 {
        return 0.5;
    }
    words.windows(RUN).filter(|words| runs.contains(&run(words))).count() as f32 / count as f32
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
