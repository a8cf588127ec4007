//! How much of the stories is read, and how much of what is read is story: in words, the mean over pages.

use std::fmt;

use anyhow::Result;
use audio_report::internals::story_judge::{Candidate, Form, Trees, decide};

use crate::boost::train;
use crate::pages::Leaf;

/// The figures.
pub struct Score {
    recall: f64,
    precision: f64,
    /// Pages of which every leaf is right.
    exact: f64,
    /// Pages of which less than half of the story is read.
    lost: usize,
    pages: usize,
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recall, precision, exact, lost, pages } = self;
        let f1 = 2.0 * recall * precision / (recall + precision);
        write!(
            f,
            "{pages} pages: recall {recall:.3}, precision {precision:.3}, F1 {f1:.3}, exact {exact:.3}, lost {lost}"
        )
    }
}

/// Scores what is read of each page.
pub fn score(pages: &[Vec<Leaf>], read: &[Vec<bool>]) -> Score {
    let mut rows = Vec::new();
    for (page, read) in pages.iter().zip(read) {
        let (mut hit, mut all, mut story, mut is_exact) = (0.0, 0.0, 0.0, true);
        for (leaf, is_read) in page.iter().zip(read) {
            let words = f64::from(leaf.words);
            hit += if *is_read && leaf.is_story { words } else { 0.0 };
            all += if *is_read { words } else { 0.0 };
            story += if leaf.is_story { words } else { 0.0 };
            is_exact &= *is_read == leaf.is_story;
        }
        if story > 0.0 {
            rows.push((hit / story, if all > 0.0 { hit / all } else { 0.0 }, is_exact));
        }
    }
    let mean = |of: fn(&(f64, f64, bool)) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    Score {
        recall: mean(|row| row.0),
        precision: mean(|row| row.1),
        exact: mean(|row| f64::from(u8::from(row.2))),
        lost: rows.iter().filter(|row| row.0 < 0.5).count(),
        pages: rows.len(),
    }
}

/// What is read of a page; a leaf of which the rules are certain is not.
pub fn decided(page: &[Leaf], trees: &Trees) -> Vec<bool> {
    let candidate = |leaf: &Leaf| Candidate {
        form: Form::of(&leaf.row),
        probability: trees.probability(&leaf.row),
        is_kept: leaf.is_kept,
    };
    let candidates: Vec<Candidate> = page.iter().filter(|leaf| leaf.is_open).map(candidate).collect();
    let mut decided = decide(&candidates).into_iter();
    page.iter().map(|leaf| leaf.is_open && decided.next() == Some(true)).collect()
}

/// What is read of each page by trees that have not seen it: every fifth page is held out in turn.
pub fn held_out(pages: &[Vec<Leaf>]) -> Result<Vec<Vec<bool>>> {
    let mut read = vec![Vec::new(); pages.len()];
    for fold in 0..5 {
        let seen = pages.iter().enumerate().filter(|(page, _)| page % 5 != fold);
        let trees = train(&seen.flat_map(|(_, page)| page).collect::<Vec<_>>())?;
        for (page, read) in pages.iter().zip(&mut read).skip(fold).step_by(5) {
            *read = decided(page, &trees);
        }
    }
    Ok(read)
}
