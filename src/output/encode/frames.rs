//! Blocks of any length become frames of one length.

use std::io;

/// Samples that wait until their frame is full.
pub(super) struct Frames {
    length: usize,
    held: Vec<f32>,
}

impl Frames {
    /// Frames of `length` samples.
    pub(super) fn of(length: usize) -> Self {
        Self { length, held: Vec::with_capacity(length) }
    }

    /// Takes samples, and gives every frame that is full to `encode`.
    pub(super) fn push(
        &mut self,
        mut samples: &[f32],
        mut encode: impl FnMut(&[f32]) -> io::Result<()>,
    ) -> io::Result<()> {
        while !samples.is_empty() {
            let (taken, rest) = samples.split_at(samples.len().min(self.length - self.held.len()));
            self.held.extend_from_slice(taken);
            samples = rest;
            if self.held.len() == self.length {
                encode(&self.held)?;
                self.held.clear();
            }
        }
        Ok(())
    }

    /// The samples of the frame that is not full.
    pub(super) fn left(&self) -> &[f32] {
        &self.held
    }
}
