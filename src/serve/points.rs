//! Clients count the characters of a string in Unicode code points; bytes of UTF-8 they don't know.

/// Turns places of a text in bytes into places in code points. It goes on from the place that was asked last, for each is near the one before.
pub(super) struct Points<'a> {
    text: &'a str,
    byte: usize,
    count: usize,
}

impl<'a> Points<'a> {
    /// Begins at a byte of `text` that has `count` code points before it.
    pub(super) fn from(text: &'a str, byte: usize, count: usize) -> Self {
        Self { text, byte, count }
    }

    /// The code points before a byte. Bytes behind the end count as the end.
    pub(super) fn at(&mut self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        let between =
            |range: std::ops::Range<usize>| self.text.get(range).unwrap_or_default().chars().count();
        if byte >= self.byte {
            self.count += between(self.byte..byte);
        } else {
            self.count -= between(byte..self.byte);
        }
        self.byte = byte;
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_forth_and_back() {
        let text = "Zoë’s 🎉 two.";
        let mut points = Points::from(text, 0, 3);
        for (byte, _) in text.char_indices().chain(text.char_indices().rev()) {
            assert_eq!(points.at(byte), 3 + text[..byte].chars().count(), "byte {byte}");
        }
        assert_eq!(points.at(1_000), 3 + text.chars().count());
    }
}
