//! Gradient boosting with second derivatives (Friedman, 2001; Chen and Guestrin, “A scalable tree boosting system”, 2016). A tree grows at the leaf whose
//! split gains most. All sums have one order, so that the same rows give the same trees.

use anyhow::{Context, Result};
use audio_report::internals::story_judge::{FEATURES, Next, Split, Tree, Trees};

use crate::pages::Leaf;

const TREES: usize = 150;
/// Leaves of a tree.
const LEAVES: usize = 8;
/// How much of its answer a tree adds.
const RATE: f64 = 0.08;
/// Rows a leaf has at least.
const FEWEST: usize = 20;
/// Draws answers towards zero.
const RIDGE: f64 = 1.0;
/// Words beyond which a leaf counts no more.
const MOST_WORDS: f64 = 60.0;

/// A row while trees are made.
struct Sample<'a> {
    leaf: &'a Leaf,
    weight: f64,
    /// The sum of the trees so far.
    sum: f64,
    /// First and second derivative of the loss.
    slope: f64,
    curve: f64,
}

/// Makes trees for leaves.
pub fn train<'a>(leaves: &[&'a Leaf]) -> Result<Trees> {
    let weight = |leaf: &Leaf| 1.0 + f64::from(leaf.words).min(MOST_WORDS).sqrt();
    let sample = |leaf: &&'a Leaf| Sample { leaf, weight: weight(leaf), sum: 0.0, slope: 0.0, curve: 0.0 };
    let mut samples: Vec<Sample> = leaves.iter().map(sample).collect();
    // The rows in the order of each feature; ties in that of the rows.
    let orders: Vec<Vec<usize>> = (0..FEATURES)
        .map(|feature| {
            let mut order: Vec<usize> = (0..leaves.len()).collect();
            order.sort_by(|a, b| leaves[*a].row[feature].total_cmp(&leaves[*b].row[feature]));
            order
        })
        .collect();
    let mut trees = Vec::new();
    for _ in 0..TREES {
        for sample in &mut samples {
            let probability = 1.0 / (1.0 + (-sample.sum).exp());
            sample.slope = sample.weight * (f64::from(u8::from(sample.leaf.is_story)) - probability);
            sample.curve = sample.weight * (probability * (1.0 - probability)).max(1e-6);
        }
        let tree = grow(&samples, &orders);
        for sample in &mut samples {
            sample.sum += f64::from(tree.answer(&sample.leaf.row));
        }
        trees.push(tree);
    }
    Trees::new(trees).context("a tree has no end")
}

/// A split that could be made.
#[derive(Clone, Copy)]
struct Choice {
    gain: f64,
    feature: usize,
    threshold: f32,
}

fn grow(samples: &[Sample], orders: &[Vec<usize>]) -> Tree {
    // The leaf of each row.
    let mut places = vec![0_u8; samples.len()];
    let mut tree = Tree { splits: Vec::new(), leaves: vec![0.0] };
    let mut choices = vec![best(samples, orders, &places, 0)];
    while tree.leaves.len() < LEAVES {
        let better = |a: &usize, b: &usize| {
            let gain = |leaf: usize| choices[leaf].map_or(f64::MIN, |choice| choice.gain);
            gain(*a).total_cmp(&gain(*b))
        };
        let Some(leaf) = (0..choices.len()).rev().max_by(better) else { break };
        let Some(choice) = choices[leaf] else { break };
        let (number, fresh) = (tree.splits.len() as u8, tree.leaves.len() as u8);
        let old = Next::Leaf(leaf as u8);
        for split in &mut tree.splits {
            for next in [&mut split.low, &mut split.high] {
                if *next == old {
                    *next = Next::Split(number);
                }
            }
        }
        let feature = choice.feature as u8;
        tree.splits.push(Split { feature, threshold: choice.threshold, low: old, high: Next::Leaf(fresh) });
        tree.leaves.push(0.0);
        for (place, sample) in places.iter_mut().zip(samples) {
            if usize::from(*place) == leaf && sample.leaf.row[choice.feature] > choice.threshold {
                *place = fresh;
            }
        }
        choices[leaf] = best(samples, orders, &places, leaf as u8);
        choices.push(best(samples, orders, &places, fresh));
    }
    for (leaf, answer) in tree.leaves.iter_mut().enumerate() {
        let rows = samples.iter().zip(&places).filter(|(_, place)| usize::from(**place) == leaf);
        let (slope, curve) =
            rows.fold((0.0, 0.0), |(slope, curve), (row, _)| (slope + row.slope, curve + row.curve));
        *answer = (RATE * slope / (curve + RIDGE)) as f32;
    }
    tree
}

/// The split of a leaf that gains most, if one gains anything.
fn best(samples: &[Sample], orders: &[Vec<usize>], places: &[u8], leaf: u8) -> Option<Choice> {
    let rows = samples.iter().zip(places).filter(|(_, place)| **place == leaf);
    let (slope, curve, count) = rows.fold((0.0, 0.0, 0), |(slope, curve, count), (row, _)| {
        (slope + row.slope, curve + row.curve, count + 1)
    });
    let score = |slope: f64, curve: f64| slope * slope / (curve + RIDGE);
    let mut best: Option<Choice> = None;
    for (feature, order) in orders.iter().enumerate() {
        let (mut low_slope, mut low_curve, mut low_count) = (0.0, 0.0, 0);
        let mut last: Option<f32> = None;
        for sample in order.iter().filter(|row| places[**row] == leaf).map(|row| &samples[*row]) {
            let number = sample.leaf.row[feature];
            if let Some(last) = last.filter(|last| *last < number)
                && low_count >= FEWEST
                && count - low_count >= FEWEST
            {
                let gain = score(low_slope, low_curve) + score(slope - low_slope, curve - low_curve)
                    - score(slope, curve);
                if gain > best.map_or(1e-6, |best| best.gain) {
                    best = Some(Choice { gain, feature, threshold: last.midpoint(number) });
                }
            }
            low_slope += sample.slope;
            low_curve += sample.curve;
            low_count += 1;
            last = Some(number);
        }
    }
    best
}
