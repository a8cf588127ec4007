//! How much of the stories is read, and how much of what is read is story: in words, the mean over pages.

use std::fmt;

use anyhow::Result;
use audio_report::internals::story_judge::{Candidate, Form, Trees, confidence, decide};

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

/// What is read of a page, and how sure the trees are of it.
pub struct Decided {
    pub read: Vec<bool>,
    pub confidence: f64,
}

/// How the confidence of each page goes with its F1: a line for each of some thresholds.
pub fn doubt(pages: &[Vec<Leaf>], decided: &[Decided]) -> String {
    let f1 = |(page, decided): (&Vec<Leaf>, &Decided)| {
        let words = |is_in: &dyn Fn(usize) -> bool| -> f64 {
            (0..page.len()).filter(|leaf| is_in(*leaf)).map(|leaf| f64::from(page[leaf].words)).sum()
        };
        let (story, read) = (words(&|leaf| page[leaf].is_story), words(&|leaf| decided.read[leaf]));
        let hit = words(&|leaf| page[leaf].is_story && decided.read[leaf]);
        (story > 0.0).then(|| (decided.confidence, 2.0 * hit / (story + read)))
    };
    let rows: Vec<(f64, f64)> = pages.iter().zip(decided).filter_map(f1).collect();
    let line = |threshold: f64| {
        let count = |is_below: bool, bad: f64| {
            rows.iter().filter(|(sure, f1)| (*sure < threshold) == is_below && *f1 < bad).count()
        };
        let (all, bad, fair, missed) =
            (count(true, 2.0), count(true, 0.8), count(true, 0.9), count(false, 0.8));
        format!(
            "confidence below {threshold}: {all} pages; F1 below 0.8: {bad}, below 0.9: {fair}; of the others below 0.8: {missed}"
        )
    };
    [0.8, 0.9, 0.92].map(line).join("\n")
}

/// Scores what is read of each page.
pub fn score<'a>(pages: &[Vec<Leaf>], read: impl IntoIterator<Item = &'a Vec<bool>>) -> Score {
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
pub fn decided(page: &[Leaf], trees: &Trees) -> Decided {
    let candidate = |leaf: &Leaf| Candidate {
        form: Form::of(&leaf.row),
        probability: trees.probability(&leaf.row),
        is_kept: leaf.is_kept,
    };
    let candidates: Vec<Candidate> = page.iter().filter(|leaf| leaf.is_open).map(candidate).collect();
    let read = decide(&candidates);
    let confidence = confidence(&candidates, &read).unwrap_or(0.0);
    let mut read = read.into_iter();
    Decided { read: page.iter().map(|leaf| leaf.is_open && read.next() == Some(true)).collect(), confidence }
}

/// What is read of each page by trees that have not seen it: every fifth page is held out in turn.
pub fn held_out(pages: &[Vec<Leaf>]) -> Result<Vec<Decided>> {
    let mut read: Vec<Option<Decided>> = pages.iter().map(|_| None).collect();
    for fold in 0..5 {
        let seen = pages.iter().enumerate().filter(|(page, _)| page % 5 != fold);
        let trees = train(&seen.flat_map(|(_, page)| page).collect::<Vec<_>>())?;
        for (page, read) in pages.iter().zip(&mut read).skip(fold).step_by(5) {
            *read = Some(decided(page, &trees));
        }
    }
    Ok(read.into_iter().flatten().collect())
}
