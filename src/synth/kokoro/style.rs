//! Style packs: who speaks. A pack is 510 rows of 256 little-endian f32, one row for each length of utterance.

use std::fs;
use std::path::Path;

use crate::error::{Error, ErrorKind, Place, Result};
use crate::synth::symbols::MAX_SYMBOLS;

/// Numbers in a row: 128 for the timbre of the decoder, 128 for the prosody of the predictor.
pub const STYLE_SIZE: usize = 256;

/// Half of the style: the first belongs to the decoder, the second to the text side.
pub const HALF_STYLE: usize = STYLE_SIZE / 2;

/// A loaded style pack.
#[derive(Debug)]
pub struct StylePack {
    rows: Vec<f32>,
}

impl StylePack {
    /// Reads a pack; a file of another size than 510 × 256 × 4 bytes is refused.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(|cause| {
            Error::new(ErrorKind::VoiceMissing, "the voice's style pack can't be read")
                .at(Place::file(path))
                .because(cause)
                .cure("install it: audio-report voices install")
        })?;
        let expected = MAX_SYMBOLS * STYLE_SIZE * 4;
        if bytes.len() != expected {
            return Err(Error::new(
                ErrorKind::VoiceCorrupt,
                format!("the voice's style pack has {} bytes instead of {expected}", bytes.len()),
            )
            .at(Place::file(path))
            .cure("install it again: audio-report voices install"));
        }
        let (words, _) = bytes.as_chunks::<4>();
        Ok(Self { rows: words.iter().copied().map(f32::from_le_bytes).collect() })
    }

    /// The row for an utterance of `symbols` symbols: number of tokens − 1, as the model's authors index it
    /// (`ref_s = pack[len(ps) - 1]`, kokoro `pipeline.py`). An utterance has at least one symbol.
    pub fn row(&self, symbols: usize) -> &[f32] {
        let row = symbols.clamp(1, MAX_SYMBOLS) - 1;
        &self.rows[row * STYLE_SIZE..(row + 1) * STYLE_SIZE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_the_number_of_symbols_less_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voice.bin");
        let rows: Vec<u8> = (0..MAX_SYMBOLS)
            .flat_map(|row| std::iter::repeat_n((row as f32).to_le_bytes(), STYLE_SIZE).flatten())
            .collect();
        fs::write(&path, rows).unwrap();
        let pack = StylePack::load(&path).unwrap();
        for (symbols, want) in [(1, 0.0), (2, 1.0), (510, 509.0)] {
            assert!((pack.row(symbols)[0] - want).abs() < f32::EPSILON, "{symbols} symbols");
            assert_eq!(pack.row(symbols).len(), STYLE_SIZE);
        }
    }

    #[test]
    fn a_pack_of_the_wrong_size_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("half.bin");
        fs::write(&path, vec![0; 1000]).unwrap();
        let error = StylePack::load(&path).unwrap_err();
        assert_eq!(error.kind, ErrorKind::VoiceCorrupt);
        assert!(error.report().contains("half.bin"), "{}", error.report());
    }
}
