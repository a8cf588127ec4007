//! When words are heard, on their way from the voice to the client: where each is written is counted as clients count.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::points::Points;
use crate::report::HeardWord;

/// Parts of a second that times are told in.
const PARTS: f64 = 10_000.0;

/// A word as clients are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SpokenWord {
    /// Code points of the input before it.
    pub start: usize,
    /// Code points of the input before its end.
    pub end: usize,
    /// Seconds of sound before it.
    pub from: f64,
    /// Seconds of sound before its end.
    pub to: f64,
}

/// Where the bytes of a text stand in the input that it was made of: line ends became shorter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Places {
    /// Bytes of the text before each line end that has two characters in the input.
    shortened: Vec<usize>,
}

impl Places {
    /// For a text that was made of `input` by writing every `\r\n` as `\n`.
    pub(super) fn of(input: &str) -> Self {
        let shortened = input.match_indices("\r\n").enumerate().map(|(before, (at, _))| at - before);
        Self { shortened: shortened.collect() }
    }

    /// Code points of the input before `byte` of the text, apart from those that `text` itself has before it.
    fn further(&self, byte: usize) -> usize {
        self.shortened.partition_point(|at| *at < byte)
    }
}

/// Words that wait to be told. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Arc<Mutex<Vec<SpokenWord>>>);

impl Times {
    /// What takes the words of a text from the voice; its sound becomes `times` as fast later.
    pub(super) fn taker<'a>(
        &'a self,
        text: &'a str,
        places: &'a Places,
        times: Option<f64>,
    ) -> impl FnMut(&[HeardWord]) + 'a {
        let mut points = Points::from(text, 0, 0);
        let mut points_before = move |byte| points.at(byte) + places.further(byte);
        let seconds = move |seconds: f64| (seconds / times.unwrap_or(1.0) * PARTS).round() / PARTS;
        move |words| {
            let words = words.iter().map(|word| SpokenWord {
                start: points_before(word.span.start),
                end: points_before(word.span.end),
                from: seconds(word.from),
                to: seconds(word.to),
            });
            let words: Vec<SpokenWord> = words.collect();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(words);
        }
    }

    /// Adds words that another machine has timed.
    #[cfg(feature = "cluster")]
    pub(super) fn add(&self, words: Vec<SpokenWord>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(words);
    }

    /// Those that were not taken yet. All words of sound that was taken before are among them.
    pub(super) fn take(&self) -> Vec<SpokenWord> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;
    use crate::text::Span;

    #[test]
    fn places_are_counted_in_code_points_of_the_input() {
        let rows = [
            ("One two.", "two", (4, 7)),
            ("Zoë’s 🎉 two.", "two", (8, 11)),
            ("a\r\n\r\nb\r\ntwo", "two", (8, 11)),
            ("a\r\nb two\r\n", "two", (5, 8)),
            ("a\n\r two", "two", (4, 7)),
        ];
        each(rows, |(input, word, want)| {
            let text = input.replace("\r\n", "\n");
            let at = text.find(word).unwrap();
            let (times, places) = (Times::default(), Places::of(input));
            let mut take = times.taker(&text, &places, Some(2.0));
            let heard = |start, end| HeardWord { span: Span::new(start, end), from: 1.0, to: 2.000_04 };
            take(&[heard(at, at + word.len())]);
            // A word that goes on is told again.
            take(&[heard(0, 1), heard(at, at + word.len())]);
            drop(take);
            let spoken = times.take();
            assert_eq!((spoken[0].start, spoken[0].end), want, "{input:?}");
            assert_eq!(spoken[2], spoken[0], "{input:?}");
            assert_eq!((spoken[0].from, spoken[0].to), (0.5, 1.0));
            assert_eq!(times.take(), []);
        });
    }
}
