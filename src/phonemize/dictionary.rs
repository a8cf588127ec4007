//! Misaki with its dictionaries, and cached look-ups.

use std::sync::LazyLock;

use misaki_rs::{G2P, Language};

use super::context::ContextReader;
use crate::text::Dialect;

/// Loaded once for each dialect and never freed: freeing the 180,000 words would cost every run of the program 0.1 s
/// at its end.
pub(super) struct Dictionary {
    pub(super) g2p: G2P,
    pub(super) context: ContextReader,
}

static AMERICAN: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::load(Language::EnglishUS));
static BRITISH: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::load(Language::EnglishGB));

impl Dictionary {
    /// The dictionary of a dialect; the first call loads it, in 0.2 s.
    pub(super) fn of(dialect: Dialect) -> &'static Self {
        match dialect {
            Dialect::AmericanEnglish => &AMERICAN,
            Dialect::BritishEnglish => &BRITISH,
        }
    }

    fn load(language: Language) -> Self {
        let g2p = G2P::new(language);
        Self { context: ContextReader::new(&g2p), g2p }
    }
}
