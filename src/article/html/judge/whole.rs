//! What is counted once a page.

use std::collections::{HashMap, HashSet};

use super::echo::{Echo, hash, runs, telling};
use super::elements::{Named, signature};
use super::features::{Page, flag};
use super::places::Places;
use crate::article::BlockKind;
use crate::article::html::leaves::Leaf;
use crate::article::html::tree::Kind;
use crate::article::shape::ends_with_stop;

/// What is counted once a page.
pub(super) struct Whole {
    pub(super) is_prose: Vec<bool>,
    pub(super) parents: Vec<usize>,
    /// What the names of each node's element say.
    pub(super) named: Vec<Named>,
    /// Kinds of elements around each leaf, as a number.
    pub(super) signatures: Vec<u64>,
    /// The leaves of each kind.
    pub(super) groups: HashMap<u64, Group>,
    /// How often each text stands on the page.
    pub(super) repeats: HashMap<u64, f32>,
    /// Words of prose, all words and linked words within each node.
    pub(super) weights: Vec<(f32, f32, f32)>,
    /// Words of prose before each leaf.
    pub(super) before: Vec<f32>,
    pub(super) prose: f32,
    pub(super) words: f32,
    pub(super) kept_words: f32,
    /// The first and the last leaf that the rules kept.
    pub(super) kept: (usize, usize),
    /// Distance to the nearest leaf that the rules kept, before and behind.
    pub(super) to_kept: Vec<(f32, f32)>,
    /// Runs of words of the story in linked data.
    pub(super) runs: HashSet<u64>,
    /// Telling words of the headline.
    pub(super) title: HashSet<u64>,
    /// The words of the story.
    pub(super) echo: Echo,
    /// Pictures and players between each leaf and the one before it, and behind the last.
    pub(super) pictures: Vec<f32>,
    /// The heading above each leaf.
    pub(super) heading: Vec<Option<usize>>,
    /// How many leaves of prose stand in a row here, without another between.
    pub(super) row: Vec<f32>,
    /// Of the leaves whose elements have the same parent: how many come before, how many there are, how many are prose.
    pub(super) siblings: Vec<(f32, f32, f32)>,
    /// Where each leaf stands, compared with what surely is none of the story.
    pub(super) places: Places,
}

/// The leaves whose elements have the same names.
#[derive(Clone, Copy, Default)]
pub(super) struct Group {
    pub(super) leaves: f32,
    pub(super) words: f32,
    /// Those that end with a stop.
    pub(super) stopped: f32,
    /// Those that the rules kept.
    pub(super) kept: f32,
}

impl Whole {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let (tree, list) = (page.tree, &page.leaves.list);
        let text = |leaf: &Leaf| leaf.span.of(&page.leaves.text);
        let kept = |leaf: usize| page.reasons[leaf].is_none() && Some(leaf) != page.title;
        let is_prose: Vec<bool> = list.iter().map(|leaf| is_prose(leaf, text(leaf))).collect();
        let parents: Vec<usize> = list.iter().map(|leaf| tree.nodes[leaf.owner].parent).collect();
        let signatures: Vec<u64> = list.iter().map(|leaf| signature(tree, leaf.owner)).collect();
        let (mut groups, mut repeats) = (HashMap::new(), HashMap::new());
        for (number, (leaf, signature)) in list.iter().zip(&signatures).enumerate() {
            let group: &mut Group = groups.entry(*signature).or_default();
            group.leaves += 1.0;
            group.words += leaf.words as f32;
            group.stopped += flag(ends_with_stop(text(leaf)));
            group.kept += flag(kept(number));
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
            title: page.title.map(|title| telling(text(&list[title]))).unwrap_or_default(),
            echo: Echo::of(all_kept.iter().map(|leaf| text(&list[*leaf]))),
            pictures: pictures(page),
            heading: headings(list),
            row: rows_of(&is_prose),
            siblings: siblings(&parents, &is_prose),
            named: (0..tree.nodes.len()).map(|node| Named::of(tree, node)).collect(),
            places: Places::of_page(page, &is_prose, &parents),
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

/// Several words without much of a link, and a stop at their end, or many.
pub(super) fn is_prose(leaf: &Leaf, text: &str) -> bool {
    leaf.linked < 0.5 && leaf.words >= 6 && (leaf.words > 25 || ends_with_stop(text))
}

/// The heading above each leaf.
fn headings(list: &[Leaf]) -> Vec<Option<usize>> {
    let mut above = None;
    let mut headings = Vec::with_capacity(list.len());
    for (number, leaf) in list.iter().enumerate() {
        headings.push(above);
        if leaf.kind == BlockKind::Heading {
            above = Some(number);
        }
    }
    headings
}

/// Pictures and players between each leaf and the one before it, and behind the last.
fn pictures(page: &Page<'_>) -> Vec<f32> {
    let (tree, list) = (page.tree, &page.leaves.list);
    let mut counts = vec![0.0; list.len() + 1];
    let mut leaf = 0;
    for node in 1..tree.nodes.len() {
        while leaf < list.len() && list[leaf].owner < node {
            leaf += 1;
        }
        let Kind::Element(element) = &tree.nodes[node].kind else { continue };
        if matches!(element.name.as_str(), "img" | "picture" | "video" | "iframe" | "svg") {
            counts[leaf] += 1.0;
        }
    }
    counts
}

/// For each leaf of prose, how many stand in a row with it.
fn rows_of(is_prose: &[bool]) -> Vec<f32> {
    let lengths = is_prose.chunk_by(|a, b| a == b);
    lengths.flat_map(|row| std::iter::repeat_n(flag(row[0]) * row.len() as f32, row.len())).collect()
}

/// Of the leaves with the same parent: how many come before each, how many there are, how many are prose.
fn siblings(parents: &[usize], is_prose: &[bool]) -> Vec<(f32, f32, f32)> {
    let mut counts: HashMap<usize, (f32, f32)> = HashMap::new();
    let mut places = Vec::with_capacity(parents.len());
    for (parent, is_prose) in parents.iter().zip(is_prose) {
        let count = counts.entry(*parent).or_default();
        places.push(count.0);
        *count = (count.0 + 1.0, count.1 + flag(*is_prose));
    }
    let whole = |parent: &usize| counts.get(parent).copied().unwrap_or_default();
    places.into_iter().zip(parents).map(|(place, parent)| (place, whole(parent).0, whole(parent).1)).collect()
}
