//! (phonemize)
