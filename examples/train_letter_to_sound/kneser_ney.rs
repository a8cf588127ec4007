//! N-grams with interpolated modified Kneser-Ney smoothing (Chen and Goodman, “An empirical study of smoothing techniques
//! for language modeling”, 1998).

/// Bits of a symbol in a key.
const BITS: usize = 8;

/// The n-grams of one length.
pub struct Level {
    /// The symbols, the last in the lowest bits; sorted, so that those with the same beginning stand together.
    pub keys: Vec<u64>,
    /// Of the last symbol after those before.
    pub probabilities: Vec<f64>,
    /// The share left for symbols that were never seen after these; 1 where there were none at all.
    pub backoffs: Vec<f64>,
}

/// The n-grams of lengths 1 to `order` of rows of symbols; a row begins with one of the `starts`, which are never
/// predicted.
pub fn train(rows: &[Vec<u8>], order: usize, starts: [u8; 2]) -> Vec<Level> {
    assert!((1..=64 / BITS).contains(&order), "n-grams of {order} symbols");
    let occurrences: Vec<Counted> = (1..=order).map(|length| Counted::of(rows, length)).collect();
    let mut levels: Vec<Level> = Vec::with_capacity(order);
    for length in 1..=order {
        let Counted { keys, counts } = &occurrences[length - 1];
        let counts = match occurrences.get(length) {
            Some(longer) => continuations(keys, counts, longer, length, starts),
            None => counts.clone(),
        };
        let level = estimate(keys, &counts, levels.last_mut(), length, starts);
        levels.push(level);
    }
    levels
}

/// The last symbol of a key.
pub fn last(key: u64) -> u8 {
    (key & 0xff) as u8
}

/// A key without its last symbol.
pub fn context(key: u64) -> u64 {
    key >> BITS
}

/// The last symbols of a key.
fn suffix(key: u64, length: usize) -> u64 {
    key & (u64::MAX >> (64 - BITS * length))
}

/// N-grams, sorted, and how often each occurs.
struct Counted {
    keys: Vec<u64>,
    counts: Vec<u32>,
}

impl Counted {
    fn of(rows: &[Vec<u8>], length: usize) -> Self {
        let pack = |symbols: &[u8]| symbols.iter().fold(0, |key, &symbol| (key << BITS) | u64::from(symbol));
        let mut all: Vec<u64> = rows.iter().flat_map(|row| row.windows(length).map(pack)).collect();
        all.sort_unstable();
        let (keys, counts) = all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).unzip();
        Self { keys, counts }
    }
}

/// How many different symbols stand before each n-gram; where no symbol can stand before it, how often it occurs.
fn continuations(keys: &[u64], counts: &[u32], longer: &Counted, length: usize, starts: [u8; 2]) -> Vec<u32> {
    let mut continuations = vec![0; keys.len()];
    for &key in &longer.keys {
        if let Ok(index) = keys.binary_search(&suffix(key, length)) {
            continuations[index] += 1;
        }
    }
    for ((&key, &count), continuation) in keys.iter().zip(counts).zip(&mut continuations) {
        if starts.contains(&last(key >> (BITS * (length - 1)))) {
            *continuation = count;
        }
    }
    continuations
}

/// The probabilities of the n-grams of a length; fills the backoffs of the shorter ones.
fn estimate(
    keys: &[u64],
    counts: &[u32],
    mut shorter: Option<&mut Level>,
    length: usize,
    starts: [u8; 2],
) -> Level {
    let is_predicted = |key: u64| length > 1 || !starts.contains(&last(key));
    let discounts =
        discounts(keys.iter().zip(counts).filter(|(key, _)| is_predicted(**key)).map(|(_, c)| *c));
    let discount = |count: u32| discounts[count.min(3) as usize];
    let mut probabilities = Vec::with_capacity(keys.len());
    for same in keys.chunk_by(|a, b| context(*a) == context(*b)) {
        let counts = &counts[probabilities.len()..probabilities.len() + same.len()];
        let seen = || same.iter().zip(counts).filter(|(key, _)| is_predicted(**key)).map(|(_, count)| *count);
        let sum: f64 = seen().map(f64::from).sum();
        let left = seen().map(discount).sum::<f64>() / sum;
        for (&key, &count) in same.iter().zip(counts) {
            let lower = match &shorter {
                None => 1.0 / keys.len() as f64,
                Some(level) => level.probability(suffix(key, length - 1)),
            };
            let own =
                if is_predicted(key) { (f64::from(count) - discount(count)).max(0.0) / sum } else { 0.0 };
            probabilities.push(own + left * lower);
        }
        if let Some(level) = &mut shorter
            && let Ok(index) = level.keys.binary_search(&context(same[0]))
        {
            level.backoffs[index] = left;
        }
    }
    Level { keys: keys.to_vec(), probabilities, backoffs: vec![1.0; keys.len()] }
}

impl Level {
    fn probability(&self, key: u64) -> f64 {
        self.keys.binary_search(&key).map_or(0.0, |index| self.probabilities[index])
    }
}

/// The discounts of n-grams that occur once, twice, and three times or more.
fn discounts(counts: impl Iterator<Item = u32>) -> [f64; 4] {
    let mut occurring = [0.0; 5];
    for count in counts.filter(|count| (1..=4).contains(count)) {
        occurring[count as usize] += 1.0;
    }
    let [_, once, twice, thrice, four_times] = occurring;
    let share = once / (once + 2.0 * twice);
    let by_counts = [
        0.0,
        1.0 - 2.0 * share * twice / once,
        2.0 - 3.0 * share * thrice / twice,
        3.0 - 4.0 * share * four_times / thrice,
    ];
    // Too few n-grams for an estimate: half of the count.
    let usable = |(count, discount): (usize, f64)| {
        let highest = count as f64;
        if discount.is_finite() && (0.0..=highest).contains(&discount) { discount } else { highest / 2.0 }
    };
    let mut discounts = by_counts;
    for (count, discount) in discounts.iter_mut().enumerate() {
        *discount = usable((count, *discount));
    }
    discounts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The probability of a symbol after others, from the longest n-gram that is known.
    fn probability(levels: &[Level], symbols: &[u8]) -> f64 {
        let find = |symbols: &[u8]| {
            let key = symbols.iter().fold(0, |key, &symbol| (key << BITS) | u64::from(symbol));
            let level = levels.get(symbols.len() - 1)?;
            level
                .keys
                .binary_search(&key)
                .ok()
                .map(|index| (level.probabilities[index], level.backoffs[index]))
        };
        match find(symbols) {
            Some((probability, _)) => probability,
            None if symbols.len() == 1 => 0.0,
            None => {
                let backoff = find(&symbols[..symbols.len() - 1]).map_or(1.0, |(_, backoff)| backoff);
                backoff * probability(levels, &symbols[1..])
            }
        }
    }

    #[test]
    fn after_any_symbols_the_probabilities_add_up_to_one() {
        const START: u8 = 4;
        let rows = ["0120", "01120", "212", "0", "00121", "2210", "01", "1201"].map(|digits| {
            let symbols = digits.bytes().map(|digit| digit - b'0');
            [START].into_iter().chain(symbols).chain([3]).collect::<Vec<u8>>()
        });
        let levels = train(&rows, 4, [START, 5]);
        assert_eq!(levels.len(), 4);
        for context in
            [&[][..], &[0], &[1], &[START], &[0, 1], &[START, 0], &[0, 1, 2], &[2, 2, 2], &[1, 1, 1]]
        {
            let after = |symbol: u8| probability(&levels, &[context, &[symbol]].concat());
            let sum: f64 = (0..=5).map(after).sum();
            // The start symbol keeps one share, though no row continues with it.
            let missing = 1.0 - sum;
            assert!((-1e-9..0.05).contains(&missing), "after {context:?}: {sum}");
            assert!(after(START) < 0.1, "a start after {context:?}");
        }
    }

    #[test]
    fn what_is_seen_often_is_likely() {
        let rows: Vec<Vec<u8>> =
            (0..20).map(|round| vec![4, 0, if round % 5 == 0 { 1 } else { 2 }, 3]).collect();
        let levels = train(&rows, 3, [4, 5]);
        let [seldom, often] = [1, 2].map(|symbol| probability(&levels, &[4, 0, symbol]));
        assert!(often > 0.6 && (0.1..0.4).contains(&seldom), "{often} {seldom}");
    }
}
