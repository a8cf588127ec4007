//! Gradient boosting with second derivatives (Friedman, 2001; Chen and Guestrin, “A scalable tree boosting system”, 2016). A tree
//! grows at the leaf whose split gains most, by histograms of levels. All sums have one order, so that the same rows give the same
//! trees.

use anyhow::{Context, Result};
use audio_report::internals::story_judge::{FEATURES, Next, Row, Split, Tree, Trees};

use crate::levels::Levels;

/// Trees are grown in so many rows of their own, whose mean is the answer.
const BAGS: usize = 3;
/// Trees of a bag.
const TREES: usize = 150;
/// Leaves of a tree.
const LEAVES: usize = 8;
/// How much of its answer a tree adds.
const RATE: f64 = 0.08;
/// Rows a leaf has at least.
const FEWEST: f64 = 20.0;
/// Draws answers towards zero.
const RIDGE: f64 = 1.0;
/// The share of the features, and of the samples, that a tree sees.
const FEATURES_SEEN: f64 = 0.3;
const SAMPLES_SEEN: f64 = 0.6;

/// A row that is learned from.
#[derive(Clone, Debug)]
pub struct Sample {
    pub row: Row,
    pub is_story: bool,
    pub weight: f64,
}

/// Sums of the samples of one level.
#[derive(Clone, Copy, Default)]
struct Sum {
    slope: f64,
    curve: f64,
    count: f64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.slope += other.slope;
        self.curve += other.curve;
        self.count += other.count;
    }

    fn less(self, other: Self) -> Self {
        Self {
            slope: self.slope - other.slope,
            curve: self.curve - other.curve,
            count: self.count - other.count,
        }
    }

    fn score(self) -> f64 {
        self.slope * self.slope / (self.curve + RIDGE)
    }
}

/// A split that could be made.
#[derive(Clone, Copy)]
struct Choice {
    gain: f64,
    feature: usize,
    /// The lowest level above it.
    level: usize,
}

/// A leaf of a tree that grows.
struct Leaf {
    samples: Vec<u32>,
    sums: Vec<Sum>,
    whole: Sum,
    choice: Option<Choice>,
}

struct Grower<'a> {
    levels: &'a Levels,
    /// The level of each feature of each sample.
    binned: Vec<u8>,
    sums: Vec<Sum>,
    is_used: Vec<bool>,
}

/// Makes trees for samples.
pub fn train(samples: &[Sample]) -> Result<Trees> {
    let levels = Levels::new(&samples.iter().map(|sample| &sample.row).collect::<Vec<_>>());
    let level = |sample: &Sample, feature: usize| levels.of(feature, sample.row[feature]);
    let binned =
        samples.iter().flat_map(|sample| (0..FEATURES).map(move |feature| level(sample, feature))).collect();
    let mut grower = Grower { levels: &levels, binned, sums: Vec::new(), is_used: vec![true; FEATURES] };
    let (mut chance, mut made) = (Chance::default(), Vec::new());
    for _ in 0..BAGS {
        let mut answers = vec![0.0_f64; samples.len()];
        for _ in 0..TREES {
            grower.sums = samples.iter().zip(&answers).map(|(sample, answer)| sample.sum(*answer)).collect();
            let drawn = (0..samples.len() as u32).filter(|_| chance.is_below(SAMPLES_SEEN)).collect();
            grower.is_used.fill_with(|| chance.is_below(FEATURES_SEEN));
            let mut tree = grower.grow(drawn);
            for (sample, answer) in samples.iter().zip(&mut answers) {
                *answer += f64::from(tree.answer(&sample.row));
            }
            for answer in &mut tree.leaves {
                *answer /= BAGS as f32;
            }
            made.push(tree);
        }
    }
    Trees::new(made).context("a tree has no end")
}

impl Sample {
    /// Its derivatives where the trees so far answer this.
    fn sum(&self, answer: f64) -> Sum {
        let probability = 1.0 / (1.0 + (-answer).exp());
        Sum {
            slope: self.weight * (f64::from(u8::from(self.is_story)) - probability),
            curve: self.weight * (probability * (1.0 - probability)).max(1e-6),
            count: 1.0,
        }
    }
}

/// Numbers by chance, the same ones each time (Marsaglia, “Xorshift RNGs”, 2003).
struct Chance(u64);

impl Default for Chance {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Chance {
    fn is_below(&mut self, share: f64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64) < share * (1_u64 << 53) as f64
    }
}

impl Grower<'_> {
    fn grow(&self, drawn: Vec<u32>) -> Tree {
        let mut tree = Tree { splits: Vec::new(), leaves: vec![0.0] };
        let mut grown = vec![self.leaf(drawn, None)];
        while grown.len() < LEAVES {
            let gain = |leaf: &usize| grown[*leaf].choice.map_or(f64::MIN, |choice| choice.gain);
            let Some(at) = (0..grown.len()).rev().max_by(|a, b| gain(a).total_cmp(&gain(b))) else { break };
            let Some(choice) = grown[at].choice else { break };
            let (number, fresh) = (tree.splits.len() as u8, grown.len() as u8);
            let old = Next::Leaf(at as u8);
            for split in &mut tree.splits {
                for next in [&mut split.low, &mut split.high] {
                    if *next == old {
                        *next = Next::Split(number);
                    }
                }
            }
            let threshold = self.levels.below(choice.feature, choice.level);
            tree.splits.push(Split {
                feature: choice.feature as u8,
                threshold,
                low: old,
                high: Next::Leaf(fresh),
            });
            let samples = std::mem::take(&mut grown[at].samples);
            let is_low = |sample: &u32| {
                usize::from(self.binned[*sample as usize * FEATURES + choice.feature]) < choice.level
            };
            let (low, high): (Vec<u32>, Vec<u32>) = samples.into_iter().partition(is_low);
            let sums = std::mem::take(&mut grown[at].sums);
            // The sums of the smaller leaf are counted, those of the other are the rest.
            let (low, high) = if low.len() < high.len() {
                let low = self.leaf(low, None);
                let rest = rest(&sums, &low.sums);
                (low, self.leaf(high, Some(rest)))
            } else {
                let high = self.leaf(high, None);
                let rest = rest(&sums, &high.sums);
                (self.leaf(low, Some(rest)), high)
            };
            grown[at] = low;
            grown.push(high);
        }
        tree.leaves =
            grown.iter().map(|leaf| (RATE * leaf.whole.slope / (leaf.whole.curve + RIDGE)) as f32).collect();
        tree
    }

    fn leaf(&self, samples: Vec<u32>, sums: Option<Vec<Sum>>) -> Leaf {
        let mut whole = Sum::default();
        for sample in &samples {
            whole.add(self.sums[*sample as usize]);
        }
        let sums = sums.unwrap_or_else(|| {
            let mut sums = vec![Sum::default(); FEATURES * Levels::MOST];
            for sample in &samples {
                let own = self.sums[*sample as usize];
                let row = &self.binned[*sample as usize * FEATURES..][..FEATURES];
                for (level, sums) in row.iter().zip(sums.chunks_exact_mut(Levels::MOST)) {
                    sums[usize::from(*level)].add(own);
                }
            }
            sums
        });
        let choice = self.choice(&sums, whole);
        Leaf { samples, sums, whole, choice }
    }

    /// The split that gains most, if one gains anything.
    fn choice(&self, sums: &[Sum], whole: Sum) -> Option<Choice> {
        let mut best: Option<Choice> = None;
        for (feature, sums) in
            sums.chunks_exact(Levels::MOST).enumerate().filter(|(feature, _)| self.is_used[*feature])
        {
            let mut low = Sum::default();
            for level in 1..self.levels.count(feature) {
                low.add(sums[level - 1]);
                let high = whole.less(low);
                if low.count < FEWEST || high.count < FEWEST {
                    continue;
                }
                let gain = low.score() + high.score() - whole.score();
                if gain > best.map_or(1e-6, |best| best.gain) {
                    best = Some(Choice { gain, feature, level });
                }
            }
        }
        best
    }
}

fn rest(all: &[Sum], part: &[Sum]) -> Vec<Sum> {
    all.iter().zip(part).map(|(all, part)| all.less(*part)).collect()
}
