//! What the program needs that trains the judge.

use super::features::{Row, Rows};
use super::is_open;
use super::passes::{Judge, Kin};
use crate::article::html::Ruled;
use crate::article::reason::Reason;
use crate::article::{Article, ReadOptions};
use crate::error::Result;

/// What the judge sees of a leaf.
#[derive(Debug)]
pub struct SeenLeaf {
    /// Its text.
    pub text: String,
    /// Its row.
    pub row: Row,
    /// Its kin.
    pub kin: Kin,
    /// Why the rules left it out.
    pub reason: Option<Reason>,
    /// Whether the judge may decide about it.
    pub is_open: bool,
}

/// A page as the rules understand it.
#[derive(Debug)]
pub struct RuledPage(Ruled);

impl RuledPage {
    /// Reads it.
    pub fn of(page: &str) -> Result<Self> {
        Ruled::of(page, None).map(Self)
    }

    /// Its leaves but for its headline.
    pub fn leaves(&self) -> Vec<SeenLeaf> {
        let reasons = self.0.reasons();
        let page = self.0.page(&reasons);
        let rows = Rows::of(&page);
        let leaves = page.leaves.list.iter().zip(&reasons).enumerate();
        let seen = leaves.filter(|(number, _)| Some(*number) != page.title);
        let seen = seen.map(|(number, (leaf, reason))| SeenLeaf {
            text: leaf.span.of(&page.leaves.text).to_owned(),
            row: rows.row(number),
            kin: rows.kin(number),
            reason: *reason,
            is_open: is_open(&page, number),
        });
        seen.collect()
    }

    /// What is read of it by these trees.
    pub fn article(&self, judge: &Judge) -> Article {
        self.0.clone().judged(Some(judge)).finish(ReadOptions::default())
    }
}
