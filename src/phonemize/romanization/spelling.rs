//! How likely each language is by the letters of a name alone: multinomial logistic regression over the sequences of one
//! to three letters, trained on lists of names by `examples/train_name_origins`, which shares this file.

/// Rows of the table; each sequence of letters belongs to one, and some share theirs.
pub(super) const ROWS: usize = 3_600;
/// Steps of the table's weights to a nat.
pub(super) const STEPS_PER_NAT: f32 = 48.0;

/// The rows of the table that speak about a name in small letters, its edges included.
pub(super) fn rows(word: &[char]) -> impl Iterator<Item = usize> {
    let edged: Vec<char> =
        std::iter::once('^').chain(word.iter().copied()).chain(std::iter::once('$')).collect();
    let mut rows = vec![0];
    for length in 1..=3 {
        rows.extend(edged.windows(length).map(|letters| 1 + hash(letters) as usize % (ROWS - 1)));
    }
    rows.into_iter()
}

/// FNV-1a of 32 bits over the letters, mixed.
fn hash(letters: &[char]) -> u32 {
    let fnv = letters
        .iter()
        .fold(0x811c_9dc5_u32, |hash, letter| (hash ^ u32::from(*letter)).wrapping_mul(0x0100_0193));
    let mixed = (fnv ^ (fnv >> 15)).wrapping_mul(0x2c1b_3c6d);
    mixed ^ (mixed >> 12)
}

/// Probabilities of the classes for a name, by the weights of each row.
pub(super) fn probabilities<const CLASSES: usize>(
    word: &[char],
    weight: impl Fn(usize, usize) -> f32,
) -> [f32; CLASSES] {
    let mut sums = [0.0_f32; CLASSES];
    for row in rows(word) {
        for (class, sum) in sums.iter_mut().enumerate() {
            *sum += weight(row, class);
        }
    }
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let mut total = 0.0;
    for sum in &mut sums {
        *sum = (*sum - most).exp();
        total += *sum;
    }
    sums.map(|sum| sum / total)
}
