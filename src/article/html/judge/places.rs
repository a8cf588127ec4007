//! Where a leaf stands: how far from bylines, comments, other stories and the like, and how far from the element that holds most prose.

use std::collections::{HashMap, HashSet};

use super::echo::{found, hashes, run};
use super::features::Page;
use super::whole::Whole;
use super::wording::wording;
use crate::article::reason::Reason;

/// Farther away is all the same.
const FARTHEST: f32 = 40.0;
/// Words that are compared at a time.
const RUN: usize = 4;

/// Groups of reasons to which distances are taken.
const GROUPS: [&[Reason]; 4] = [
    &[Reason::Byline, Reason::Timestamp],
    &[Reason::Comments, Reason::LogIn, Reason::Newsletter, Reason::Paywall, Reason::Legal],
    &[Reason::Related, Reason::Navigation, Reason::Advertisement],
    &[Reason::Caption, Reason::PageFurniture, Reason::Embed],
];

/// Numbers of a leaf.
pub(super) const PLACES: usize = 2 * GROUPS.len() + 10;

/// What is counted once a page.
pub(super) struct Places {
    /// Distances to each group before and behind each leaf.
    distances: Vec<[f32; 2 * GROUPS.len()]>,
    /// The element that holds most prose by itself, and its last leaf of prose.
    dominant: usize,
    last: usize,
    /// The share of the page's prose that it holds.
    share: f32,
    /// The share of the words of prose that join others: the page's language.
    joining: f32,
    /// Words of the mean leaf of prose in it.
    mean: f32,
    /// Runs of words that stand more than once on the page.
    repeated: HashSet<u64>,
}

impl Places {
    pub(super) fn of_page(page: &Page<'_>, is_prose: &[bool], parents: &[usize]) -> Self {
        let list = &page.leaves.list;
        let text = |leaf: usize| list[leaf].span.of(&page.leaves.text);
        let mut held: HashMap<usize, f32> = HashMap::new();
        let (mut joining, mut words) = (0.0, 0.0);
        let (mut once, mut repeated) = (HashSet::new(), HashSet::new());
        for (leaf, is_prose) in is_prose.iter().enumerate() {
            let own: HashSet<u64> = hashes(text(leaf)).windows(RUN).map(run).collect();
            for run in own {
                if !once.insert(run) {
                    repeated.insert(run);
                }
            }
            if *is_prose {
                *held.entry(parents[leaf]).or_insert(0.0) += list[leaf].words as f32;
                let wording = wording(text(leaf));
                joining += wording.joining;
                words += wording.words;
            }
        }
        let all: f32 = held.values().sum();
        let most = held.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)));
        let (dominant, share) = most.map_or((0, 0.0), |(node, words)| (*node, *words));
        let in_it = || (0..list.len()).filter(|leaf| is_prose[*leaf] && parents[*leaf] == dominant);
        Self {
            distances: distances(page),
            dominant,
            last: in_it().next_back().unwrap_or(0),
            share: share / all.max(1.0),
            joining: joining / f32::max(words, 1.0),
            mean: share / (in_it().count() as f32).max(1.0),
            repeated,
        }
    }

    /// The numbers of a leaf.
    pub(super) fn of(&self, page: &Page<'_>, whole: &Whole, number: usize) -> [f32; PLACES] {
        let (tree, list) = (page.tree, &page.leaves.list);
        let leaf = &list[number];
        let text = leaf.span.of(&page.leaves.text);
        let wording = wording(text);
        let inside = tree.ancestors(leaf.owner).take(FARTHEST as usize);
        let inside = inside
            .enumerate()
            .find(|(_, node)| *node == self.dominant)
            .map_or(-1.0, |(depth, _)| depth as f32);
        let own = [
            inside,
            f32::from(u8::from(whole.parents[number] == self.dominant)),
            (number as f32 - self.last as f32).clamp(-FARTHEST, FARTHEST),
            self.share,
            self.joining,
            wording.joining / wording.words - self.joining,
            (leaf.words as f32 / self.mean.max(1.0)).min(4.0),
            if leaf.words > RUN { found(text, &self.repeated) } else { -1.0 },
            f32::from(leaf.links.min(20)),
            f32::from(leaf.links) / (leaf.words as f32).max(1.0),
        ];
        let mut row = [0.0; PLACES];
        row[..2 * GROUPS.len()].copy_from_slice(&self.distances[number]);
        row[2 * GROUPS.len()..].copy_from_slice(&own);
        row
    }
}

/// For each leaf how far the next leaf of each group is, before it and behind it.
fn distances(page: &Page<'_>) -> Vec<[f32; 2 * GROUPS.len()]> {
    let count = page.reasons.len();
    let mut distances = vec![[FARTHEST; 2 * GROUPS.len()]; count];
    for (group, reasons) in GROUPS.iter().enumerate() {
        let (mut before, mut behind) = (FARTHEST, FARTHEST);
        for leaf in 0..count {
            let is_in = |leaf: usize| page.reasons[leaf].is_some_and(|reason| reasons.contains(&reason));
            distances[leaf][2 * group] = before;
            before = if is_in(leaf) { 1.0 } else { (before + 1.0).min(FARTHEST) };
            let back = count - 1 - leaf;
            distances[back][2 * group + 1] = behind;
            behind = if is_in(back) { 1.0 } else { (behind + 1.0).min(FARTHEST) };
        }
    }
    distances
}
