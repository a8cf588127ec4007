//! (lexicon)
