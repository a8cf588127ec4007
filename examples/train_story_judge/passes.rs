//! Makes the trees of both passes.

use anyhow::Result;
use audio_report::internals::story_judge::{Judge, Kin, Row, Trees, complete};

use crate::boost::{self, Sample};
use crate::pages::Leaf;

/// Folds of the pages from which the second pass learns what the first one says of pages that it has not seen.
const FOLDS: usize = 4;
/// Words beyond which a leaf counts no more.
const MOST_WORDS: f64 = 60.0;

/// Makes the trees of both passes for the open leaves of some pages.
pub fn train(pages: &[&[Leaf]]) -> Result<Judge> {
    let first_of = |is_in: &dyn Fn(usize) -> bool| {
        let mut samples = Vec::new();
        for (_, page) in pages.iter().enumerate().filter(|(number, _)| is_in(*number)) {
            add_samples(page, &rows(page), &mut samples);
        }
        boost::train(&samples)
    };
    let mut samples = Vec::new();
    for fold in 0..FOLDS {
        let first = first_of(&|page| page % FOLDS != fold)?;
        for page in pages.iter().skip(fold).step_by(FOLDS) {
            add_samples(page, &completed(page, &first), &mut samples);
        }
    }
    Ok(Judge { first: first_of(&|_| true)?, second: boost::train(&samples)? })
}

fn rows(page: &[Leaf]) -> Vec<Row> {
    page.iter().map(|leaf| leaf.row).collect()
}

/// The rows of a page's leaves as the second pass sees them.
fn completed(page: &[Leaf], first: &Trees) -> Vec<Row> {
    let mut rows = rows(page);
    let probabilities: Vec<f32> = rows.iter().map(|row| first.probability(row)).collect();
    let kin: Vec<Kin> = page.iter().map(|leaf| leaf.kin).collect();
    complete(&mut rows, &kin, &probabilities);
    rows
}

/// Adds the leaves of which the truth is known. A longer leaf counts more.
fn add_samples(page: &[Leaf], rows: &[Row], samples: &mut Vec<Sample>) {
    for (leaf, row) in page.iter().zip(rows) {
        if let Some(is_story) = leaf.is_story {
            let weight = 1.0 + f64::from(leaf.words).min(MOST_WORDS).sqrt();
            samples.push(Sample { row: *row, is_story, weight });
        }
    }
}
