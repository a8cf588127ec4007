//! Feature rows, channels last: of floats, or of halves where they are many.

/// `len` rows of `channels` numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows<T = f32> {
    channels: usize,
    len: usize,
    /// May be longer than the rows.
    data: Vec<T>,
}

impl<T: Copy + Default> Rows<T> {
    /// Rows of zeros.
    pub(crate) fn new(len: usize, channels: usize) -> Self {
        Self { channels, len, data: vec![T::default(); len * channels] }
    }

    /// Makes this `len` rows of `channels`, in the memory that it has where that is enough; their contents are
    /// undefined values.
    pub(crate) fn reshape(&mut self, len: usize, channels: usize) {
        let needed = len * channels;
        if self.data.len() < needed {
            // Too small a block is given back first: both are not needed at once.
            self.data = Vec::new();
            self.data = vec![T::default(); needed];
        }
        (self.len, self.channels) = (len, channels);
    }

    /// Number of rows.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Numbers of a row.
    pub(crate) const fn channels(&self) -> usize {
        self.channels
    }

    /// The rows, one behind the other.
    pub(crate) fn as_slice(&self) -> &[T] {
        &self.data[..self.len * self.channels]
    }

    /// The rows, to be written.
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.data[..self.len * self.channels]
    }
}

impl Rows {
    /// The rows that lie in `data`.
    ///
    /// # Panics
    /// When `data` has another length.
    pub(crate) fn within(data: Vec<f32>, len: usize, channels: usize) -> Self {
        assert!(data.len() == len * channels);
        Self { channels, len, data }
    }

    /// The numbers of all rows.
    pub(crate) fn into_numbers(mut self) -> Vec<f32> {
        self.data.truncate(self.len * self.channels);
        self.data
    }

    /// Rows from `columns`, in which each channel lies in one piece.
    pub(crate) fn from_columns(columns: &[f32], channels: usize) -> Self {
        let len = columns.len() / channels;
        let mut rows = Self::new(len, channels);
        let target = rows.as_mut_slice();
        for (channel, column) in columns.chunks_exact(len.max(1)).enumerate() {
            for (row, x) in column.iter().enumerate() {
                target[row * channels + channel] = *x;
            }
        }
        rows
    }

    /// The channels of several rows beside each other.
    ///
    /// # Panics
    /// When some have fewer rows than the first.
    pub(crate) fn beside(parts: &[&Self]) -> Self {
        let channels = parts.iter().map(|part| part.channels).sum();
        let len = parts.first().map_or(0, |part| part.len);
        let mut rows = Self::new(len, channels);
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
}

/// Multiplies by `factor`, and negative values by `slope` too.
pub(crate) fn leak(numbers: &mut [f32], factor: f32, slope: f32) {
    for x in numbers {
        *x *= if *x < 0.0 { factor * slope } else { factor };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_rows_that_lie_beside_others() {
        let rows = Rows::from_columns(&[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], 2);
        assert_eq!(rows.as_slice(), [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]);
        let beside = Rows::beside(&[&Rows::from_columns(&[4.0, 5.0], 1), &rows]);
        assert_eq!(beside.as_slice(), [4.0, 1.0, 10.0, 5.0, 2.0, 20.0]);
    }

    #[test]
    fn rows_keep_their_memory_when_they_get_fewer() {
        let mut rows: Rows<u16> = Rows::new(100, 8);
        let place = rows.as_slice().as_ptr();
        rows.reshape(10, 16);
        assert_eq!((rows.len(), rows.channels(), rows.as_slice().len()), (10, 16, 160));
        rows.reshape(50, 16);
        assert_eq!((rows.as_slice().as_ptr(), rows.as_slice().len()), (place, 800));
        rows.reshape(51, 16);
        assert_eq!(rows.as_slice().len(), 816);
    }
}
