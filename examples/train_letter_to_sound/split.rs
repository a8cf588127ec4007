//! Which words are held out from training.

/// One in this many words is held out.
const HELD_OUT: u64 = 10;

/// How words are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Split {
    /// Each by itself: inflections of a held-out word may be trained on.
    Word,
    /// With all words that begin alike, without prefixes: no relative of a held-out word is in the training set.
    Family,
}

impl Split {
    /// Whether a word is held out. It depends only on the word, and is the same everywhere.
    pub fn holds_out(self, word: &str) -> bool {
        let key = match self {
            Self::Word => word,
            Self::Family => family(word),
        };
        hash(key).is_multiple_of(HELD_OUT)
    }
}

/// The first five letters after a prefix, which words of one stem share.
fn family(word: &str) -> &str {
    const PREFIXES: &str = "over under out inter counter anti super semi mis dis non pre un re de in im up";
    let stem =
        PREFIXES.split(' ').filter_map(|prefix| word.strip_prefix(prefix)).find(|stem| stem.len() >= 4);
    let stem = stem.unwrap_or(word);
    &stem[..stem.len().min(5)]
}

/// FNV-1a of 64 bits with its halves mixed, because the last letters alone would decide the low bits.
fn hash(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (fnv ^ (fnv >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_in_ten_is_held_out_with_its_family() {
        let held_out = (0..10_000).filter(|number| Split::Word.holds_out(&format!("word{number}"))).count();
        assert!((900..1100).contains(&held_out), "{held_out}");
        for (word, akin) in
            [("publish", "republishing"), ("govern", "governments"), ("expected", "unexpectedly")]
        {
            assert_eq!(Split::Family.holds_out(word), Split::Family.holds_out(akin), "{word}, {akin}");
        }
    }
}
