//! The cost of a chunk, learnt from finished ones.

use std::collections::VecDeque;

/// Seconds of work for a second of sound before anything was measured; own kernels need a fifth, the library runtime on an
/// old processor may need this.
const PRIOR_REAL_TIME_FACTOR: f64 = 0.7;
/// Fixed cost of a chunk, in phonemes, before it was measured: padding, silence at both ends, and work that is the
/// same for all.
const PRIOR_FIXED: f64 = 10.0;
/// How much the prior shape of the cost counts, in measured chunks.
const PRIOR_WEIGHT: f64 = 0.3;
/// Threads help by this power of their number: two by 1.6.
const THREADS: f64 = 0.7;
/// Number of past chunks that are remembered.
const KEPT: usize = 16;
/// How much a chunk counts beside the one after it.
const MEMORY: f64 = 0.85;
/// Relative error of a prediction before there were any.
const PRIOR_ERROR: f64 = 0.2;
/// How much of the error was known before.
const ERROR_MEMORY: f64 = 0.8;
/// With evenly spread errors the largest is twice the mean.
const ERRORS_COVERED: f64 = 2.0;
/// Never less than this is added to a prediction.
const LEAST_MARGIN: f64 = 0.35;
/// Margin after one measured chunk; it shrinks with 1/√n after n of them.
const MARGIN_OF_ONE: f64 = 0.5;
/// Upper limit of the margin: larger errors mean that the machine has changed.
const LARGEST_MARGIN: f64 = 1.2;

/// Seconds that a chunk takes on one thread: a fixed part, and a part for each phoneme.
#[derive(Clone, Debug)]
pub(super) struct Cost {
    fixed: f64,
    per_phoneme: f64,
    /// Phonemes and seconds, the newest first.
    measured: VecDeque<(f64, f64)>,
    count: usize,
    error: f64,
}

impl Cost {
    /// The prior when a phoneme makes `sound` seconds.
    pub(crate) fn new(sound: f64) -> Self {
        let per_phoneme = PRIOR_REAL_TIME_FACTOR * sound;
        Self {
            fixed: PRIOR_FIXED * per_phoneme,
            per_phoneme,
            measured: VecDeque::with_capacity(KEPT + 1),
            count: 0,
            error: PRIOR_ERROR,
        }
    }

    /// Whether any chunk was measured.
    pub(crate) fn is_measured(&self) -> bool {
        self.count > 0
    }

    /// The fixed part.
    pub(crate) fn fixed(&self) -> f64 {
        self.fixed
    }

    /// Seconds a phoneme.
    pub(crate) fn per_phoneme(&self) -> f64 {
        self.per_phoneme
    }

    /// Seconds that a chunk takes on average.
    pub(crate) fn seconds(&self, phonemes: f64) -> f64 {
        self.fixed + self.per_phoneme * phonemes
    }

    /// Phonemes of the chunk that takes `seconds` on average; 0 when there is none.
    pub(crate) fn phonemes_within(&self, seconds: f64) -> f64 {
        ((seconds - self.fixed) / self.per_phoneme).max(0.0)
    }

    /// Factor by which a chunk may take longer than on average.
    pub(crate) fn margin(&self) -> f64 {
        let of_few = MARGIN_OF_ONE / (self.count.clamp(1, KEPT) as f64).sqrt();
        1.0 + ((ERRORS_COVERED * self.error).max(LEAST_MARGIN) + of_few).min(LARGEST_MARGIN)
    }

    /// Records the time of a chunk that was made with `threads` threads.
    pub(crate) fn learn(&mut self, phonemes: usize, seconds: f64, threads: usize) {
        let (phonemes, seconds) = (phonemes as f64, (seconds * (threads as f64).powf(THREADS)).max(1e-6));
        if self.count > 0 && threads == 1 {
            let error = (seconds / self.seconds(phonemes) - 1.0).abs();
            self.error = ERROR_MEMORY * self.error + (1.0 - ERROR_MEMORY) * error;
        }
        self.measured.push_front((phonemes, seconds));
        self.measured.truncate(KEPT);
        self.count += 1;
        self.fit();
    }

    /// Weighted least squares of the relative errors. One made-up chunk without phonemes costs as much as the prior
    /// shape says; otherwise two chunks of one length could not determine the fixed part.
    fn fit(&mut self) {
        let weighted = || {
            let weights = std::iter::successors(Some(1.0), |weight| Some(weight * MEMORY));
            self.measured.iter().zip(weights)
        };
        let (mut seconds, mut shape) = (0.0, 0.0);
        for (&(phonemes, took), weight) in weighted() {
            seconds += weight * took;
            shape += weight * (PRIOR_FIXED + phonemes);
        }
        let scale = seconds / shape;
        let made_up = ((0.0, PRIOR_FIXED * scale), PRIOR_WEIGHT);
        let (mut w, mut wn, mut wnn, mut wt, mut wnt) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for ((phonemes, took), weight) in weighted().map(|(chunk, weight)| (*chunk, weight)).chain([made_up])
        {
            let typical = scale * (PRIOR_FIXED + phonemes);
            let weight = weight / (typical * typical);
            w += weight;
            wn += weight * phonemes;
            wnn += weight * phonemes * phonemes;
            wt += weight * took;
            wnt += weight * phonemes * took;
        }
        let determinant = w * wnn - wn * wn;
        let per_phoneme = (w * wnt - wn * wt) / determinant;
        let fixed = (wt - per_phoneme * wn) / w;
        if determinant > 0.0 && per_phoneme > 0.0 && fixed > 0.0 {
            (self.fixed, self.per_phoneme) = (fixed, per_phoneme);
        } else {
            (self.fixed, self.per_phoneme) = (PRIOR_FIXED * scale, scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn fixed_part_and_slope_are_learnt_at_any_scale() {
        each([0.001, 0.02, 0.3], |scale| {
            for fixed in [2.0, 10.0, 30.0] {
                let mut cost = Cost::new(0.06);
                for phonemes in [20, 48, 120, 150, 90, 30, 170, 100] {
                    cost.learn(phonemes, scale * (fixed + phonemes as f64), 1);
                }
                for phonemes in [20.0, 60.0, 160.0] {
                    let (got, want) = (cost.seconds(phonemes), scale * (fixed + phonemes));
                    assert!((0.75..1.3).contains(&(got / want)), "{scale} {fixed} {phonemes}: {got} {want}");
                }
                assert!((cost.phonemes_within(cost.seconds(60.0)) - 60.0).abs() < 1e-6);
            }
        });
    }

    #[test]
    fn one_measurement_sets_the_scale_and_threads_are_counted() {
        let (mut one, mut several) = (Cost::new(0.06), Cost::new(0.06));
        one.learn(20, 0.3, 1);
        several.learn(20, 0.15, 2);
        assert!((one.seconds(20.0) - 0.3).abs() < 1e-9);
        assert!((0.2..0.3).contains(&several.seconds(20.0)), "{}", several.seconds(20.0));
        assert!(one.fixed() > 0.0 && one.per_phoneme() > 0.0);
    }

    #[test]
    fn margins_follow_the_errors() {
        let steady = (0..20).fold(Cost::new(0.06), |mut cost, _| {
            cost.learn(100, 1.0, 1);
            cost
        });
        let noisy = (0..20).fold(Cost::new(0.06), |mut cost, index| {
            cost.learn(100, if index % 2 == 0 { 0.6 } else { 1.4 }, 1);
            cost
        });
        assert!(Cost::new(0.06).margin() > steady.margin());
        assert!(noisy.margin() > 1.5 && noisy.margin() <= 1.0 + LARGEST_MARGIN, "{}", noisy.margin());
        assert!((steady.margin() - 1.475).abs() < 0.01, "{}", steady.margin());
    }

    #[test]
    fn a_machine_that_becomes_slower_is_noticed() {
        let mut cost = Cost::new(0.06);
        for _ in 0..20 {
            cost.learn(100, 1.0, 1);
        }
        for _ in 0..4 {
            cost.learn(100, 3.0, 1);
        }
        assert!(
            cost.seconds(100.0) > 1.8 && cost.margin() > 1.8,
            "{} {}",
            cost.seconds(100.0),
            cost.margin()
        );
    }
}
