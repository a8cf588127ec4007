//! How much of the stories is read, and how much of what is read is story: in words, the mean over pages.

use std::fmt;

use audio_report::internals::story_judge::read_above;

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

/// Scores probabilities; they are asked for with a leaf and its number among all.
pub fn score(pages: &[Vec<Leaf>], probability: impl Fn(&Leaf, usize) -> f32) -> Score {
    let mut number = 0;
    let mut rows = Vec::new();
    for page in pages {
        let (mut hit, mut read, mut story, mut is_exact) = (0.0, 0.0, 0.0, true);
        for leaf in page {
            let is_read = leaf.is_open && probability(leaf, number) > read_above(leaf.is_kept, &leaf.row);
            number += 1;
            let words = f64::from(leaf.words);
            hit += if is_read && leaf.is_story { words } else { 0.0 };
            read += if is_read { words } else { 0.0 };
            story += if leaf.is_story { words } else { 0.0 };
            is_exact &= is_read == leaf.is_story;
        }
        if story > 0.0 {
            rows.push((hit / story, if read > 0.0 { hit / read } else { 0.0 }, is_exact));
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

/// Probabilities of all leaves by trees that have not seen their page: every fifth page is held out in turn.
pub fn held_out(pages: &[Vec<Leaf>]) -> Vec<f32> {
    let mut made: Vec<Vec<f32>> = pages.iter().map(|page| vec![0.0; page.len()]).collect();
    for fold in 0..5 {
        let seen = pages.iter().enumerate().filter(|(page, _)| page % 5 != fold);
        let leaves: Vec<&Leaf> = seen.flat_map(|(_, page)| page).collect();
        let Ok(trees) = train(&leaves) else { continue };
        for (page, made) in pages.iter().zip(&mut made).skip(fold).step_by(5) {
            *made = page.iter().map(|leaf| trees.probability(&leaf.row)).collect();
        }
    }
    made.concat()
}
