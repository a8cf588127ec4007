//! How far a batch is, in seconds of sound, and how much is to come.
//!
//! An article that is not loaded yet counts as long as the mean of the others. A byte of text counts for as much sound as the bytes
//! before it made. So the estimate is rough at first, gets better with every chunk, and is exact at the end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::report::Progress;

/// Seconds of sound of a byte of text, before anything was spoken: 150 words a minute.
const USUAL_PACE: f64 = 0.068;
/// So many bytes of text count for the usual pace: one odd sentence is no rule.
const USUAL_WEIGHT: f64 = 400.0;
/// Time that has to pass before it says how long the rest will take.
const TOO_EARLY: Duration = Duration::from_secs(2);

/// The course of a batch.
#[derive(Debug)]
pub(crate) struct Course {
    articles: usize,
    ended: usize,
    begun: Option<Instant>,
    /// Articles whose text is known, and its bytes.
    loaded: (usize, usize),
    /// Bytes that were spoken in articles that ended, and the seconds of their sound.
    spoken: (usize, f64),
    open: BTreeMap<usize, Open>,
}

/// An article in work.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    bytes: usize,
    spoken_bytes: usize,
    seconds: f64,
}

/// Where a batch is. Seconds are rounded to tenths: the rest would be false precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Standing {
    /// Articles of this run, and those of them that have ended.
    pub articles: usize,
    /// Those that have ended, well or not.
    pub ended: usize,
    /// Seconds of sound that were made.
    pub audio_seconds: f64,
    /// Seconds of sound that all of them will have, by an estimate; `None` before the first text is known.
    pub expected_seconds: Option<f64>,
    /// Seconds of work that are left, by an estimate; `None` where it is too early to say.
    pub seconds_left: Option<f64>,
}

impl Course {
    /// A batch of this number of articles, before the first one.
    pub(crate) fn of(articles: usize) -> Self {
        Self { articles, ended: 0, begun: None, loaded: (0, 0), spoken: (0, 0.0), open: BTreeMap::new() }
    }

    /// An article is in work, whose text has so many bytes.
    pub(crate) fn begin(&mut self, number: usize, bytes: Option<usize>, now: Instant) {
        self.begun.get_or_insert(now);
        let open = self.open.entry(number).or_default();
        if let Some(bytes) = bytes
            && open.bytes == 0
        {
            open.bytes = bytes;
            self.loaded = (self.loaded.0 + 1, self.loaded.1 + bytes);
        }
    }

    /// An article is so far.
    pub(crate) fn advance(&mut self, number: usize, progress: &Progress) {
        if let Some(open) = self.open.get_mut(&number) {
            (open.spoken_bytes, open.seconds) = (progress.bytes, progress.audio_seconds);
        }
    }

    /// An article has ended; `seconds` of sound are its result, if it has one.
    pub(crate) fn end(&mut self, number: usize, seconds: Option<f64>) {
        self.ended += 1;
        let Some(open) = self.open.remove(&number) else { return };
        match seconds {
            Some(seconds) => self.spoken = (self.spoken.0 + open.bytes, self.spoken.1 + seconds),
            // What was loaded of it says nothing about the others' length.
            None if open.bytes > 0 => self.loaded = (self.loaded.0 - 1, self.loaded.1 - open.bytes),
            None => {}
        }
    }

    /// Seconds of sound that an article in work will have.
    pub(crate) fn expected(&self, number: usize) -> Option<f64> {
        let open = self.open.get(&number).filter(|open| open.bytes > 0)?;
        Some(tenths(self.length(open)))
    }

    /// Where it is.
    pub(crate) fn standing(&self, now: Instant) -> Standing {
        let made = self.spoken.1 + self.open.values().map(|open| open.seconds).sum::<f64>();
        let expected = (self.loaded.0 > 0 || self.ended >= self.articles).then(|| {
            let mean = self.loaded.1 as f64 / self.loaded.0.max(1) as f64;
            let unknown = self.articles.saturating_sub(self.ended + self.open.len());
            let open: f64 = self.open.values().map(|open| self.length(open)).sum();
            self.spoken.1 + open + unknown as f64 * mean * self.pace()
        });
        let gone = self.begun.map(|begun| now.saturating_duration_since(begun));
        let left = expected.zip(gone.filter(|gone| *gone >= TOO_EARLY && made > 0.0));
        let left = left.map(|(expected, gone)| (expected - made).max(0.0) * gone.as_secs_f64() / made);
        Standing {
            articles: self.articles,
            ended: self.ended,
            audio_seconds: tenths(made),
            expected_seconds: expected.map(tenths),
            seconds_left: left.map(tenths),
        }
    }

    /// Seconds of sound of a byte of text.
    fn pace(&self) -> f64 {
        let open = self.open.values();
        let (bytes, seconds) = open
            .fold(self.spoken, |(bytes, seconds), open| (bytes + open.spoken_bytes, seconds + open.seconds));
        (USUAL_PACE * USUAL_WEIGHT + seconds) / (USUAL_WEIGHT + bytes as f64)
    }

    fn length(&self, open: &Open) -> f64 {
        open.seconds + open.bytes.saturating_sub(open.spoken_bytes) as f64 * self.pace()
    }
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(bytes: usize, total_bytes: usize, audio_seconds: f64) -> Progress {
        Progress { bytes, total_bytes, audio_seconds }
    }

    #[test]
    fn the_estimate_gets_better_as_it_goes_and_is_exact_at_the_end() {
        let begun = Instant::now();
        let after = |seconds: u64| begun + Duration::from_secs(seconds);
        // Four articles, of which one fails; each byte takes 0.1 s, and the work a tenth of the sound.
        let mut course = Course::of(4);
        assert_eq!(course.standing(begun), Standing { articles: 4, ..Standing::default() });
        course.begin(0, None, begun);
        assert_eq!(course.standing(begun).expected_seconds, None);
        course.begin(0, Some(1_000), begun);
        assert_eq!(course.expected(0), Some(68.0));
        let first = course.standing(begun).expected_seconds.unwrap();
        assert!((first - 4.0 * 68.0).abs() < 0.1, "{first}");
        course.advance(0, &progress(500, 1_000, 50.0));
        let standing = course.standing(after(5));
        let second = standing.expected_seconds.unwrap();
        assert!((first..400.0).contains(&second), "{second}");
        let left = standing.seconds_left.unwrap();
        assert!((left - (second - 50.0) / 10.0).abs() < 0.1, "{left}");
        assert_eq!(course.standing(after(1)).seconds_left, None);
        course.end(0, Some(100.0));
        // One that is loaded and fails changes nothing about the others.
        course.begin(1, Some(90_000), after(10));
        course.end(1, None);
        let third = course.standing(after(10)).expected_seconds.unwrap();
        assert!((250.0..=300.0).contains(&third), "{third}");
        course.begin(2, Some(3_000), after(10));
        course.begin(3, Some(2_000), after(10));
        course.end(2, Some(300.0));
        course.advance(3, &progress(2_000, 2_000, 200.0));
        course.end(3, Some(200.0));
        let end = course.standing(after(60));
        let want = Standing {
            articles: 4,
            ended: 4,
            audio_seconds: 600.0,
            expected_seconds: Some(600.0),
            seconds_left: Some(0.0),
        };
        assert_eq!(end, want);
    }

    #[test]
    fn a_batch_where_nothing_could_be_read_has_no_sound() {
        let mut course = Course::of(1);
        course.begin(0, None, Instant::now());
        course.end(0, None);
        let standing = course.standing(Instant::now());
        assert_eq!((standing.audio_seconds, standing.expected_seconds), (0.0, Some(0.0)));
    }
}
