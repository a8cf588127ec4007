//! Feature rows of floats, channels last.

/// `len` rows of `channels` numbers, with room before and behind that padding may use.
#[derive(Clone, Debug)]
pub struct Rows {
    channels: usize,
    len: usize,
    /// Numbers before the first row.
    front: usize,
    data: Vec<f32>,
}

impl Rows {
    /// Rows of zeros, with `front` rows of zeros before them and `back` behind.
    pub fn new(len: usize, channels: usize, front: usize, back: usize) -> Self {
        Self { channels, len, front: front * channels, data: vec![0.0; (front + len + back) * channels] }
    }

    /// The rows that lie in `data` from the number `front` on.
    ///
    /// # Panics
    /// When `data` is too short.
    pub fn within(data: Vec<f32>, len: usize, channels: usize, front: usize) -> Self {
        assert!(data.len() >= front + len * channels);
        Self { channels, len, front, data }
    }

    /// Rows from `columns`, in which each channel lies in one piece; with room as in [`new`](Self::new).
    pub fn from_columns(columns: &[f32], channels: usize, front: usize, back: usize) -> Self {
        let len = columns.len() / channels;
        let mut rows = Self::new(len, channels, front, back);
        let target = rows.as_mut_slice();
        for (channel, column) in columns.chunks_exact(len.max(1)).enumerate() {
            for (row, x) in column.iter().enumerate() {
                target[row * channels + channel] = *x;
            }
        }
        rows
    }

    /// The channels of several rows beside each other, with `back` rows of room behind.
    ///
    /// # Panics
    /// When some have fewer rows than the first.
    pub fn beside(parts: &[&Self], back: usize) -> Self {
        let channels = parts.iter().map(|part| part.channels).sum();
        let len = parts.first().map_or(0, |part| part.len);
        let mut rows = Self::new(len, channels, 0, back);
        let mut first = 0;
        for part in parts {
            let source = part.as_slice().chunks_exact(part.channels);
            for (row, source) in rows.as_mut_slice().chunks_exact_mut(channels).zip(source) {
                row[first..first + part.channels].copy_from_slice(source);
            }
            assert!(part.len >= len);
            first += part.channels;
        }
        rows
    }

    /// Number of rows.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Numbers of a row.
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// The rows, one behind the other.
    pub fn as_slice(&self) -> &[f32] {
        &self.data[self.front..self.front + self.len * self.channels]
    }

    /// The rows, to be written.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data[self.front..self.front + self.len * self.channels]
    }

    /// The rows with the room before and behind them.
    pub fn with_room(&self) -> &[f32] {
        &self.data
    }

    /// Takes one more row before the first out of the room: a copy of what is then row `of` (reflection padding).
    ///
    /// # Panics
    /// When there is no room.
    pub fn reflect_front(&mut self, of: usize) {
        self.front -= self.channels;
        self.len += 1;
        let source = self.front + of * self.channels;
        self.data.copy_within(source..source + self.channels, self.front);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_rows_and_the_front_is_reflected() {
        let mut rows = Rows::from_columns(&[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], 2, 1, 1);
        assert_eq!(rows.as_slice(), [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]);
        assert_eq!(rows.with_room().len(), 10);
        rows.reflect_front(2);
        assert_eq!(rows.as_slice()[..4], [2.0, 20.0, 1.0, 10.0]);
        let beside = Rows::beside(&[&Rows::from_columns(&[1.0, 2.0], 1, 0, 0), &rows], 0);
        assert_eq!(beside.as_slice(), [1.0, 2.0, 20.0, 2.0, 1.0, 10.0]);
    }
}
