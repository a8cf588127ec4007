//! Levels of numbers: a feature has few, between which it is not told apart.

use audio_report::internals::story_judge::{FEATURES, Row};
use serde::{Deserialize, Serialize};

/// The lowest number of each level, for each feature.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Levels(Vec<Vec<f32>>);

impl Levels {
    /// Most levels of a feature.
    pub const MOST: usize = 48;

    /// As many rows in each level as the numbers allow.
    pub fn new(rows: &[&Row]) -> Self {
        let of = |feature: usize| {
            let mut numbers: Vec<f32> = rows.iter().map(|row| row[feature]).collect();
            numbers.sort_by(f32::total_cmp);
            let mut levels: Vec<f32> =
                (0..Self::MOST).map(|level| numbers[level * numbers.len() / Self::MOST]).collect();
            // Four digits are enough, and shorter.
            for level in &mut levels {
                *level = (*level * 1e4).floor() / 1e4;
            }
            levels.dedup();
            levels
        };
        Self((0..FEATURES).map(of).collect())
    }

    /// The level of a number.
    pub fn of(&self, feature: usize, number: f32) -> u8 {
        (self.0[feature].partition_point(|level| *level <= number).max(1) - 1) as u8
    }

    /// How many there are of a feature.
    pub fn count(&self, feature: usize) -> usize {
        self.0[feature].len()
    }

    /// The lowest number of a level.
    pub fn lowest(&self, feature: usize, level: u8) -> Option<f32> {
        self.0[feature].get(usize::from(level)).copied()
    }

    /// The highest number below a level.
    pub fn below(&self, feature: usize, level: usize) -> f32 {
        self.0[feature][level].next_down()
    }
}
