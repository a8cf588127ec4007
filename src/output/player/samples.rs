//! The sound kept for jumping back, and the sound made ahead, by absolute position.

use std::collections::VecDeque;

/// Samples a block: about a second of speech. Blocks are allocated one at a time, so that growing never copies
/// minutes of sound while the audio callback waits for the lock.
const BLOCK: usize = 1 << 15;

/// A stretch of a programme; positions count samples from the programme's very beginning.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    blocks: VecDeque<Vec<f32>>,
    base: u64,
    end: u64,
}

impl Samples {
    /// Position of the first sample that is still kept.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    /// One past the last sample.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Adds samples at the end.
    pub(crate) fn append(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            if self.blocks.back().is_none_or(|block| block.len() == BLOCK) {
                self.blocks.push_back(Vec::with_capacity(BLOCK));
            }
            let Some(block) = self.blocks.back_mut() else { return };
            let (now, later) = samples.split_at(samples.len().min(BLOCK - block.len()));
            block.extend_from_slice(now);
            self.end += now.len() as u64;
            samples = later;
        }
    }

    /// Lets go of whole blocks that end at `position` or before.
    pub(crate) fn forget_before(&mut self, position: u64) {
        while self.blocks.len() > 1 && self.base + BLOCK as u64 <= position {
            self.blocks.pop_front();
            self.base += BLOCK as u64;
        }
    }

    /// Copies the sound from `start` on; parts that are gone or not made yet become silence.
    pub(crate) fn read(&self, start: u64, out: &mut [f32]) {
        out.fill(0.0);
        let wanted_end = start + out.len() as u64;
        let mut at = start.max(self.base);
        while at < wanted_end.min(self.end) {
            let offset = (at - self.base) as usize;
            let Some(block) = self.blocks.get(offset / BLOCK) else { return };
            let found = &block[(offset % BLOCK).min(block.len())..];
            let to = (at - start) as usize;
            let count = found.len().min(out.len() - to);
            if count == 0 {
                return;
            }
            out[to..to + count].copy_from_slice(&found[..count]);
            at += count as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn ramp(from: usize, count: usize) -> Vec<f32> {
        (from..from + count).map(|value| value as f32).collect()
    }

    #[test]
    fn samples_are_found_by_position_across_blocks_and_after_forgetting() {
        let mut samples = Samples::default();
        for start in (0..200_000).step_by(1_000) {
            samples.append(&ramp(start, 1_000));
        }
        assert_eq!((samples.base(), samples.end()), (0, 200_000));
        samples.forget_before(100_000);
        assert!(samples.base() <= 100_000 && samples.base() + BLOCK as u64 > 100_000);
        each([100_000, 131_000, 199_000], |start| {
            let mut out = vec![0.0; 1_000];
            samples.read(start as u64, &mut out);
            assert_eq!(out, ramp(start, 1_000), "from {start}");
        });
    }

    #[test]
    fn what_is_gone_or_not_made_yet_is_silence() {
        let mut samples = Samples::default();
        samples.append(&vec![1.0; 3 * BLOCK]);
        samples.forget_before(2 * BLOCK as u64 + 5);
        let mut out = vec![9.0; BLOCK + 20];
        samples.read(2 * BLOCK as u64 - 10, &mut out);
        assert!(out[..10].iter().chain(&out[BLOCK + 10..]).all(|&sample| sample == 0.0));
        assert!(out[10..BLOCK + 10].iter().all(|&sample| sample > 0.99));
        samples.read(u64::from(u32::MAX), &mut out);
        assert!(out.iter().all(|&sample| sample == 0.0));
    }
}
