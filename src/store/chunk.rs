//! The file of one chunk: how long its symbols last, its samples, and a hash of all of it.
//!
//! It is written without waiting for the disk. A file that a crash or a bad disk has damaged fails its hash, counts as
//! missing, and is made again.

use sha2::{Digest, Sha256};

use crate::synth::Timings;

/// Begins every file; the digit is the version of the layout.
const MAGIC: &[u8; 8] = b"archunk1";
/// Bytes of SHA-256 at the end.
const HASH: usize = 32;

/// The sound of one utterance.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chunk {
    /// How long each part of it lasts, as the voice plans it.
    pub timings: Timings,
    /// Mono samples, nominally within ±1.
    pub samples: Vec<f32>,
}

impl Chunk {
    /// The bytes of its file. The key is a part of the hash, so that a file under another's name is refused.
    pub(super) fn to_bytes(&self, key: &[u8; 32]) -> Vec<u8> {
        let Timings { lead_in, symbols, lead_out } = &self.timings;
        let mut bytes = Vec::with_capacity(8 * (5 + symbols.len()) + 4 * self.samples.len() + HASH);
        bytes.extend_from_slice(MAGIC);
        let mut number = |value: usize| bytes.extend_from_slice(&(value as u64).to_le_bytes());
        number(symbols.len());
        number(self.samples.len());
        number(*lead_in);
        number(*lead_out);
        symbols.iter().copied().for_each(number);
        bytes.extend_from_slice(bytemuck::cast_slice(&self.samples));
        let hash = hash(&bytes, key);
        bytes.extend_from_slice(&hash);
        bytes
    }

    /// The chunk of a file; `None` if any bit of it is not as it was written.
    pub(super) fn from_bytes(bytes: &[u8], key: &[u8; 32]) -> Option<Self> {
        let (content, found) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
        let rest = content.strip_prefix(MAGIC)?;
        if found != hash(content, key) {
            return None;
        }
        let (head, rest) = rest.split_at_checked(4 * 8)?;
        let [symbols, samples, lead_in, lead_out] = numbers(head)[..] else { return None };
        let (lengths, sound) = rest.split_at_checked(symbols.checked_mul(8)?)?;
        if sound.len() != samples.checked_mul(4)? {
            return None;
        }
        let samples = sound.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        Some(Self { timings: Timings { lead_in, symbols: numbers(lengths), lead_out }, samples })
    }
}

fn numbers(bytes: &[u8]) -> Vec<usize> {
    bytes.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes) as usize).collect()
}

pub(super) fn hash(content: &[u8], key: &[u8; 32]) -> [u8; HASH] {
    Sha256::new().chain_update(key).chain_update(content).finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn chunk() -> Chunk {
        let timings = Timings { lead_in: 3, symbols: vec![5, 0, 7], lead_out: 2 };
        Chunk { timings, samples: vec![0.25, -1.0, f32::MIN_POSITIVE, 0.0, -0.0] }
    }

    #[test]
    fn a_chunk_comes_back_bit_for_bit() {
        let back = Chunk::from_bytes(&chunk().to_bytes(&KEY), &KEY).unwrap();
        assert_eq!(back.timings, chunk().timings);
        let bits = |chunk: &Chunk| chunk.samples.iter().map(|sample| sample.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(&chunk()));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_seen() {
        let whole = chunk().to_bytes(&KEY);
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                assert_eq!(Chunk::from_bytes(&damaged, &KEY), None, "bit {bit} of byte {at}");
            }
            assert_eq!(Chunk::from_bytes(&whole[..at], &KEY), None, "cut at {at}");
        }
        assert_eq!(Chunk::from_bytes(&whole, &[8; 32]), None, "under another's name");
    }

    proptest! {
        #[test]
        fn no_file_panics(bytes: Vec<u8>) {
            let mut file = MAGIC.to_vec();
            file.extend(bytes);
            // Whatever lengths a file claims, with a hash that is right.
            let hash = hash(&file, &KEY);
            file.extend(hash);
            let _ = Chunk::from_bytes(&file, &KEY);
        }
    }
}
