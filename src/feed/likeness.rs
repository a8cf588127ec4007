//! How alike two texts are: the share of their runs of three words that both have (Broder, 1997).
//!
//! Of each text the smallest hashes of its runs are kept, up to a number that most stories do not reach. So texts of the usual length are
//! compared exactly, and longer ones by a sample that is the same for both. An article is compared only with those of the same day that
//! share one of their few smallest hashes with it: two texts of which nine tenths are alike all but certainly do.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::hash::{Fields, hex};

/// Words of a run.
const RUN: usize = 3;
/// Fewer words tell too little: a teaser has them, or a notice.
const FEWEST_WORDS: usize = 40;
/// Hashes that are kept of a text.
const KEPT: usize = 512;
/// The smallest hashes, by which texts find each other.
const KEYS: usize = 8;
/// Texts that one hash leads to: what more have is a footer, and tells nothing.
const MOST_OF_A_KEY: usize = 64;
/// From here on two texts are one story, in hundredths.
const ALIKE: usize = 90;
/// Seconds between two reports of one day.
const DAY: i64 = 86_400;

/// What is kept of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sketch(Vec<u32>);

impl Sketch {
    /// Of a text; `None` for one that is too short to be compared.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let text = texts.collect::<Vec<_>>().join(" ").to_lowercase();
        let words: Vec<&str> =
            text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if words.len() < FEWEST_WORDS {
            return None;
        }
        let hash = |run: &[&str]| {
            let fields = run.iter().fold(Fields::of("run"), |fields, word| fields.with(word.as_bytes()));
            let hash = fields.finish();
            u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]])
        };
        let mut hashes: Vec<u32> = words.windows(RUN).map(hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes.truncate(KEPT);
        Some(Self(hashes))
    }

    /// As text.
    pub(crate) fn written(&self) -> String {
        hex(&self.0.iter().flat_map(|hash| hash.to_be_bytes()).collect::<Vec<u8>>())
    }

    /// From text; `None` for what is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_whole = text.is_ascii() && text.len().is_multiple_of(8) && text.len() <= 8 * KEPT;
        let hashes = is_whole.then(|| text.as_bytes().chunks(8))?;
        let hash = |digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        hashes.map(hash).collect::<Option<Vec<u32>>>().map(Self)
    }

    /// How much of both is in both, in hundredths.
    fn percent(&self, other: &Self) -> usize {
        // Of both together only the smallest are known for sure.
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let is_cut = self.0.len() >= KEPT || other.0.len() >= KEPT;
        let (mut all, mut shared) = (0, 0);
        while !is_cut || all < KEPT {
            let next = match (ours.peek(), theirs.peek()) {
                (Some(one), Some(other)) => **one.min(other),
                (Some(one), None) | (None, Some(one)) => **one,
                (None, None) => break,
            };
            let has_one = ours.next_if(|hash| **hash == next).is_some();
            let has_other = theirs.next_if(|hash| **hash == next).is_some();
            all += 1;
            shared += usize::from(has_one && has_other);
        }
        (shared * 100).checked_div(all).unwrap_or(0)
    }
}

/// Texts that were seen, by what they are called.
#[derive(Debug, Default)]
pub(crate) struct Alike {
    texts: Vec<Text>,
    by_key: HashMap<u32, Vec<usize>>,
}

#[derive(Debug)]
struct Text {
    name: String,
    time: i64,
    sketch: Sketch,
}

impl Alike {
    /// One more, of a time in seconds since 1970.
    pub(crate) fn add(&mut self, name: &str, time: i64, sketch: Sketch) {
        for key in sketch.0.iter().take(KEYS) {
            let of_key = self.by_key.entry(*key).or_default();
            if of_key.len() < MOST_OF_A_KEY {
                of_key.push(self.texts.len());
            }
        }
        self.texts.push(Text { name: name.to_string(), time, sketch });
    }

    /// The names of texts of the same day that are the same story, and how much of both is in both, from 0 to 1. The most alike comes
    /// first.
    pub(crate) fn like(&self, time: i64, sketch: &Sketch) -> Vec<(&str, f64)> {
        let mut places: Vec<usize> =
            sketch.0.iter().take(KEYS).filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let near =
            places.iter().map(|place| &self.texts[*place]).filter(|text| (text.time - time).abs() < DAY);
        let mut alike: Vec<(usize, &str)> =
            near.map(|text| (text.sketch.percent(sketch), text.name.as_str())).collect();
        alike.retain(|(percent, _)| *percent >= ALIKE);
        alike.sort_by_key(|(percent, _)| Reverse(*percent));
        alike.into_iter().map(|(percent, name)| (name, percent as f64 / 100.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    /// A text of `words` words. No other seed has any of them.
    fn text(seed: usize, words: usize) -> String {
        (0..words).map(|number| format!("w{seed}x{number} ")).collect::<Vec<_>>().concat()
    }

    fn sketch(text: &str) -> Sketch {
        Sketch::of(std::iter::once(text)).unwrap()
    }

    fn with_changes(text: &str, changes: usize) -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        let step = words.len() / changes.max(1);
        let word_at = |(place, word): (usize, &&str)| {
            if place % step == step / 2 && place / step < changes {
                "other".to_string()
            } else {
                (*word).to_string()
            }
        };
        words.iter().enumerate().map(word_at).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn nine_tenths_alike_is_one_story() {
        // Each changed word is in three runs.
        let rows = [
            (300, 0, true),
            (300, 4, true),
            (300, 7, false),
            (3_000, 0, true),
            (3_000, 30, true),
            (3_000, 90, false),
            (41, 1, false),
        ];
        each(rows, |(words, changes, is_alike)| {
            let own = text(1, words);
            let mut seen = Alike::default();
            seen.add("a", 0, sketch(&own));
            let other = format!("{}!", with_changes(&own, changes).to_uppercase());
            assert_eq!(!seen.like(100, &sketch(&other)).is_empty(), is_alike, "{words} {changes}");
        });
        assert_eq!(Sketch::of(std::iter::once("Read on.")), None);
    }

    #[test]
    fn only_stories_of_one_day_are_one() {
        let mut seen = Alike::default();
        seen.add("a", 1_000_000, sketch(&text(1, 100)));
        each([(0, true), (DAY - 1, true), (1 - DAY, true), (DAY, false)], |(later, is_alike)| {
            assert_eq!(seen.like(1_000_000 + later, &sketch(&text(1, 100))).len() == 1, is_alike, "{later}");
        });
    }

    #[test]
    fn a_footer_that_all_share_costs_little_and_hides_nothing() {
        let footer = text(0, 60);
        let mut seen = Alike::default();
        for number in 1..=10_000 {
            let own = sketch(&format!("{} {footer}", text(number, 60)));
            assert!(seen.like(0, &own).is_empty(), "{number}");
            seen.add(&number.to_string(), 0, own);
        }
        assert!(seen.by_key.values().all(|of_key| of_key.len() <= MOST_OF_A_KEY));
        assert_eq!(seen.like(0, &sketch(&format!("{} {footer}", text(7, 60)))), [("7", 1.0)]);
    }

    proptest! {
        #[test]
        fn sketches_are_read_as_they_are_written(hashes in proptest::collection::btree_set(any::<u32>(), 0..KEPT), text: String) {
            let sketch = Sketch(hashes.into_iter().collect());
            prop_assert_eq!(Sketch::read(&sketch.written()), Some(sketch));
            let _ = Sketch::read(&text);
        }

        #[test]
        fn every_text_is_like_itself(words in proptest::collection::vec("[a-z]{1,6}", FEWEST_WORDS..900)) {
            let own = sketch(&words.join(" "));
            prop_assert_eq!(own.percent(&own), 100);
        }
    }
}
