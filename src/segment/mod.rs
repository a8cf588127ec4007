//! Blocks become sentences with spans, sentences become the chunks one call of the voice speaks, and the pause after each is decided by its kind.
