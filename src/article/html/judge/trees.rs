//! Boosted trees (Friedman, “Greedy function approximation”, 2001): each adds a number, the logistic function of the sum is
//! the probability.
//!
//! The file: the number of trees; for each the number of its splits, the splits (feature, threshold, where to go at most the
//! threshold and above it), and the numbers of its leaves, one more than splits. All in little endian.

use super::features::{FEATURES, Row};

/// Where to go from a split: to a later split, or to a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The split of that number.
    Split(u8),
    /// The leaf of that number.
    Leaf(u8),
}

/// A question about one number of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// Which number.
    pub feature: u8,
    /// It is compared with this.
    pub threshold: f32,
    /// Where to go when it is at most that.
    pub low: Next,
    /// Where to go otherwise.
    pub high: Next,
}

/// One tree; it begins at the first split.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The questions.
    pub splits: Vec<Split>,
    /// The answers.
    pub leaves: Vec<f32>,
}

/// The whole model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trees(Vec<Tree>);

/// Marks a leaf in the file.
const LEAF: u8 = 0x80;

impl Tree {
    /// What it adds for a row.
    pub fn answer(&self, row: &Row) -> f32 {
        let mut at = if self.splits.is_empty() { Next::Leaf(0) } else { Next::Split(0) };
        loop {
            match at {
                Next::Leaf(leaf) => return self.leaves[usize::from(leaf)],
                Next::Split(split) => {
                    let split = &self.splits[usize::from(split)];
                    let is_low = row[usize::from(split.feature)] <= split.threshold;
                    at = if is_low { split.low } else { split.high };
                }
            }
        }
    }

    /// Whether every way ends at a leaf that is there.
    fn is_whole(&self) -> bool {
        let goes_on = |from: usize, next: Next| match next {
            Next::Split(split) => usize::from(split) > from && usize::from(split) < self.splits.len(),
            Next::Leaf(leaf) => usize::from(leaf) < self.leaves.len(),
        };
        !self.leaves.is_empty()
            && self.splits.iter().enumerate().all(|(number, split)| {
                usize::from(split.feature) < FEATURES
                    && goes_on(number, split.low)
                    && goes_on(number, split.high)
            })
    }
}

impl Trees {
    /// Trees of which each row finds its way; `None` if one of them is not whole.
    pub fn new(trees: Vec<Tree>) -> Option<Self> {
        trees.iter().all(Tree::is_whole).then_some(Self(trees))
    }

    /// The probability that a leaf is of the story.
    pub fn probability(&self, row: &Row) -> f32 {
        let sum: f32 = self.0.iter().map(|tree| tree.answer(row)).sum();
        1.0 / (1.0 + (-sum).exp())
    }

    /// Reads a file; `None` when it is not whole.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let count = u16::from_le_bytes(take(&mut bytes)?);
        let trees: Option<Vec<Tree>> = (0..count).map(|_| read_tree(&mut bytes)).collect();
        Self::new(trees?).filter(|_| bytes.is_empty())
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let mut file = (self.0.len() as u16).to_le_bytes().to_vec();
        let next = |next: Next| match next {
            Next::Split(split) => split,
            Next::Leaf(leaf) => leaf | LEAF,
        };
        for tree in &self.0 {
            file.push(tree.splits.len() as u8);
            for split in &tree.splits {
                file.push(split.feature);
                file.extend(split.threshold.to_le_bytes());
                file.extend([next(split.low), next(split.high)]);
            }
            file.extend(tree.leaves.iter().flat_map(|answer| answer.to_le_bytes()));
        }
        file
    }
}

fn read_tree(bytes: &mut &[u8]) -> Option<Tree> {
    let [splits] = take(bytes)?;
    let next = |byte: u8| if byte & LEAF == 0 { Next::Split(byte) } else { Next::Leaf(byte & !LEAF) };
    let mut tree = Tree::default();
    for _ in 0..splits {
        let [feature] = take(bytes)?;
        let threshold = f32::from_le_bytes(take(bytes)?);
        let [low, high] = take(bytes)?;
        tree.splits.push(Split { feature, threshold, low: next(low), high: next(high) });
    }
    for _ in 0..=splits {
        tree.leaves.push(f32::from_le_bytes(take(bytes)?));
    }
    Some(tree)
}

fn take<const COUNT: usize>(bytes: &mut &[u8]) -> Option<[u8; COUNT]> {
    let (first, rest) = bytes.split_first_chunk::<COUNT>()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let split = |feature, threshold, low, high| Split { feature, threshold, low, high };
        let splits =
            vec![split(3, 0.5, Next::Leaf(0), Next::Split(1)), split(0, 2.0, Next::Leaf(1), Next::Leaf(2))];
        Tree { splits, leaves: vec![-2.0, 0.0, 2.0] }
    }

    #[test]
    fn a_row_finds_its_way_and_a_file_is_read_as_it_was_written() {
        let trees = Trees::new(vec![tree(), tree()]).unwrap();
        let mut row = [0.0; FEATURES];
        assert!((trees.probability(&row) - 0.018).abs() < 0.001);
        row[3] = 1.0;
        assert!((trees.probability(&row) - 0.5).abs() < 1e-6);
        row[0] = 3.0;
        assert!((trees.probability(&row) - 0.982).abs() < 0.001);
        let file = trees.write();
        assert_eq!(Trees::read(&file), Some(trees));
        for length in 0..file.len() {
            assert_eq!(Trees::read(&file[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn trees_in_which_a_row_could_get_lost_are_refused() {
        let broken = |change: fn(&mut Tree)| {
            let mut tree = tree();
            change(&mut tree);
            Trees::new(vec![tree])
        };
        assert_eq!(broken(|tree| tree.splits[1].low = Next::Split(1)), None, "round and round");
        assert_eq!(broken(|tree| tree.splits[1].low = Next::Leaf(3)), None, "no such leaf");
        assert_eq!(broken(|tree| tree.splits[0].feature = 255), None, "no such feature");
        assert_eq!(broken(|tree| tree.leaves.clear()), None, "no leaf at all");
    }
}
