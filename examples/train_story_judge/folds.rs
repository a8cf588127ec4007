//! What is read of pages by trees that have not seen them.

use std::thread;

use anyhow::{Context, Result};
use audio_report::internals::story_judge::Judge;

use crate::pages::{Leaf, Page};
use crate::passes;
use crate::truth::{Score, spoken};

const FOLDS: usize = 5;

/// How a page is read.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    pub score: Score,
    /// How sure the trees are of it.
    pub confidence: f64,
}

/// How each page is read by trees that have not seen it. Every fifth page is held out in turn; each `shuffle` puts the pages into
/// other folds.
pub fn held_out(pages: &[Page], shuffle: usize) -> Result<Vec<Judged>> {
    let fold_of = |page: usize| (page + page / FOLDS * shuffle) % FOLDS;
    let judge_fold = |fold: usize| -> Result<Vec<(usize, Judged)>> {
        let numbered = || pages.iter().enumerate();
        let seen = numbered().filter(|(page, _)| fold_of(*page) != fold);
        let leaves: Vec<&[Leaf]> = seen.map(|(_, page)| page.leaves.as_slice()).collect();
        let judge = passes::train(&leaves)?;
        let held = numbered().filter(|(page, _)| fold_of(*page) == fold);
        Ok(held.map(|(number, page)| (number, judged(page, &judge))).collect())
    };
    let mut all = thread::scope(|scope| -> Result<Vec<(usize, Judged)>> {
        let folds: Vec<_> = (0..FOLDS).map(|fold| scope.spawn(move || judge_fold(fold))).collect();
        let mut all = Vec::new();
        for fold in folds {
            all.extend(fold.join().ok().context("a fold failed")??);
        }
        Ok(all)
    })?;
    all.sort_by_key(|(page, _)| *page);
    Ok(all.into_iter().map(|(_, judged)| judged).collect())
}

/// How a page is read by these trees.
pub fn judged(page: &Page, judge: &Judge) -> Judged {
    let article = page.ruled.article(judge);
    let (title, text) = spoken(&article);
    Judged { score: page.truth.score(&title, &text), confidence: article.confidence().unwrap_or(0.0) }
}
