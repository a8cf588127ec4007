//! How well a model reads words.

use audio_report::internals::letter_to_sound::Model;

use super::dictionary::{Entry, sounds};

/// Counts over some words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    pub words: usize,
    right: usize,
    right_with_stress: usize,
    sounds: usize,
    wrong_sounds: usize,
}

impl Score {
    /// Reads words and compares; a word is right when it is read in one of the right ways.
    pub fn of<'a>(model: &Model, entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut score = Self::default();
        for entry in entries {
            let read = sounds(&model.pronounce(&entry.word, entry.is_name).unwrap_or_default());
            let plain = without_stress(&read);
            let best = entry.pronunciations.iter().map(|right| {
                let right = without_stress(right);
                (distance(&right, &plain), right.len())
            });
            let (wrong, length) = best.min().unwrap_or_default();
            score.words += 1;
            score.right += usize::from(wrong == 0);
            score.right_with_stress += usize::from(entry.pronunciations.contains(&read));
            score.sounds += length;
            score.wrong_sounds += wrong;
        }
        score
    }

    /// Words read right when stress does not count, in percent.
    pub fn words_right(&self) -> f64 {
        percent(self.right, self.words)
    }

    /// Share of words read right with all stress marks, secondary ones too, in percent.
    pub fn words_right_with_stress(&self) -> f64 {
        percent(self.right_with_stress, self.words)
    }

    /// Sounds added, left out or mistaken, without stress, in percent of the right sounds.
    pub fn phoneme_error(&self) -> f64 {
        percent(self.wrong_sounds, self.sounds)
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn without_stress(pronunciation: &[String]) -> Vec<&str> {
    pronunciation.iter().map(|sound| sound.trim_start_matches(['ˈ', 'ˌ'])).collect()
}

/// Levenshtein's distance.
fn distance(left: &[&str], right: &[&str]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in right.iter().enumerate() {
            let cheapest = (diagonal + usize::from(a != b)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cheapest);
        }
    }
    row[right.len()]
}
