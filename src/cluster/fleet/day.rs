//! A day of news: when articles come, and how long they are.

use std::time::Duration;

/// Articles of each hour of the day, in parts of all: a quiet night, the morning editions, a long afternoon.
const HOURS: [f64; 24] = [
    1.0, 1.0, 1.0, 1.0, 2.0, 8.0, 20.0, 14.0, 8.0, 5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0,
    2.0, 2.0, 1.0, 1.0,
];
/// The part of all articles that publishers release at six sharp, and the time that takes them.
const AT_SIX: f64 = 0.1;
const SIX: Duration = Duration::from_hours(6);
const RELEASE: Duration = Duration::from_secs(30);
/// Words of an article: half have more, and one in six more than e^`SPREAD` times as many.
const MEDIAN_WORDS: f64 = 450.0;
const SPREAD: f64 = 0.6;

/// Random numbers that are the same in every run (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Evenly between 0 and 1, without both.
    pub(super) fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + f64::EPSILON / 4.0
    }

    /// Times between things that happen by chance, so long in the mean.
    pub(super) fn wait(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-self.part().ln())
    }

    /// Normally distributed around 0 (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.part().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.part()).cos()
    }
}

/// An article.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// When it comes, since midnight.
    pub at: Duration,
    /// Its words.
    pub words: u32,
    /// Whether no worker can make its report.
    pub is_poison: bool,
}

/// A day with so many articles, of which so many in a million are poison, in the order in which they come.
pub(super) fn day(articles: usize, poison: usize, chance: &mut Chance) -> Vec<Arrival> {
    let all: f64 = HOURS.iter().sum();
    let mut day: Vec<Arrival> = (0..articles)
        .map(|_| {
            let at = if chance.part() < AT_SIX {
                SIX + RELEASE.mul_f64(chance.part())
            } else {
                moment(chance.part() * all, chance)
            };
            let words = (MEDIAN_WORDS * (SPREAD * chance.normal()).exp()).clamp(50.0, 5_000.0) as u32;
            Arrival { at, words, is_poison: chance.part() * 1e6 < poison as f64 }
        })
        .collect();
    day.sort_by_key(|arrival| arrival.at);
    day
}

/// The moment before which so many parts of all articles come.
fn moment(mut parts: f64, chance: &mut Chance) -> Duration {
    let mut hour = 0;
    while hour < HOURS.len() - 1 && parts > HOURS[hour] {
        parts -= HOURS[hour];
        hour += 1;
    }
    Duration::from_secs_f64(3_600.0 * (hour as f64 + chance.part()))
}

#[test]
fn a_day_has_its_morning_and_its_lengths() {
    let day = day(100_000, 1_000, &mut Chance::new(1));
    let between = |from: u64, to: u64| {
        let hours = Duration::from_hours(from)..Duration::from_hours(to);
        day.iter().filter(|arrival| hours.contains(&arrival.at)).count() as f64 / day.len() as f64
    };
    // A tenth of all at six, and what is left by the hours.
    assert!((between(6, 7) - (0.1 + 0.9 * 20.0 / 105.0)).abs() < 0.01, "{}", between(6, 7));
    assert!((between(0, 5) - 0.9 * 6.0 / 105.0).abs() < 0.01, "{}", between(0, 5));
    let mut words: Vec<u32> = day.iter().map(|arrival| arrival.words).collect();
    words.sort_unstable();
    assert!((440..460).contains(&words[words.len() / 2]), "{}", words[words.len() / 2]);
    let poison = day.iter().filter(|arrival| arrival.is_poison).count();
    assert!((50..150).contains(&poison), "{poison}");
    assert!(day.is_sorted_by_key(|arrival| arrival.at));
}
