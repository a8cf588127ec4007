//! Style packs: who speaks. A pack is 510 rows of 256 little-endian f32, one row for each length of utterance.

use super::MAX_SYMBOLS;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::voice::{Ingredient, InstalledVoice};

/// Numbers in a row: 128 for the timbre of the decoder, 128 for the prosody of the predictor.
pub(crate) const STYLE_SIZE: usize = 256;

/// Half of the style: the first belongs to the decoder, the second to the text side.
pub(crate) const HALF_STYLE: usize = STYLE_SIZE / 2;

/// A loaded style pack.
#[derive(Debug)]
pub(crate) struct StylePack {
    rows: Vec<f32>,
}

impl StylePack {
    /// Reads the pack of a voice, if its checksum is the one of the voice's manifest. A mix is the weighted mean of its
    /// voices' packs, number by number.
    pub(crate) fn load(voice: &InstalledVoice) -> Result<Self> {
        if voice.mix.is_empty() {
            return Self::load_single(voice);
        }
        let mut sums = vec![0.0; MAX_SYMBOLS * STYLE_SIZE];
        for Ingredient { voice, share } in &voice.mix {
            let pack = Self::load_single(voice)?;
            sums.iter_mut().zip(&pack.rows).for_each(|(sum, number)| *sum += share * f64::from(*number));
        }
        Ok(Self { rows: sums.into_iter().map(|sum| sum as f32).collect() })
    }

    fn load_single(voice: &InstalledVoice) -> Result<Self> {
        let bytes = voice.read_style()?;
        let expected = MAX_SYMBOLS * STYLE_SIZE * 4;
        if bytes.len() != expected {
            return Err(Error::new(
                ErrorKind::VoiceCorrupt,
                format!("the voice's style pack has {} bytes instead of {expected}", bytes.len()),
            )
            .at(Place::file(voice.style.as_deref().unwrap_or(&voice.model)))
            .with_cure(Cure::UpdateProgram));
        }
        let (words, _) = bytes.as_chunks::<4>();
        Ok(Self { rows: words.iter().copied().map(f32::from_le_bytes).collect() })
    }

    /// The row for an utterance of `symbols` symbols: number of tokens − 1, as the model's authors index it
    /// (`ref_s = pack[len(ps) - 1]`, kokoro `pipeline.py`). An utterance has at least one symbol.
    pub(crate) fn row(&self, symbols: usize) -> &[f32] {
        let row = symbols.clamp(1, MAX_SYMBOLS) - 1;
        &self.rows[row * STYLE_SIZE..(row + 1) * STYLE_SIZE]
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::synth::kokoro::tests::voice;
    use crate::table_test::each;

    #[test]
    fn the_row_is_the_number_of_symbols_less_one() {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<u8> = (0..MAX_SYMBOLS)
            .flat_map(|row| std::iter::repeat_n((row as f32).to_le_bytes(), STYLE_SIZE).flatten())
            .collect();
        let pack = StylePack::load(&voice(folder.path(), b"model", &rows)).unwrap();
        each([(1, 0.0), (2, 1.0), (510, 509.0)], |(symbols, want)| {
            assert!((pack.row(symbols)[0] - want).abs() < f32::EPSILON, "{symbols} symbols");
            assert_eq!(pack.row(symbols).len(), STYLE_SIZE);
        });
    }

    /// A pack with `number` of its place everywhere, as a voice in a folder of its own.
    fn part(folder: &std::path::Path, name: &str, number: impl Fn(usize) -> f32) -> InstalledVoice {
        let bytes = (0..MAX_SYMBOLS * STYLE_SIZE).flat_map(|place| number(place).to_le_bytes());
        fs::create_dir_all(folder.join(name)).unwrap();
        voice(&folder.join(name), b"model", &bytes.collect::<Vec<u8>>())
    }

    fn mixed(parts: &[(&InstalledVoice, f64)]) -> Vec<f32> {
        let mix = parts.iter().map(|(voice, share)| Ingredient { voice: (*voice).clone(), share: *share });
        StylePack::load(&InstalledVoice { mix: mix.collect(), ..parts[0].0.clone() }).unwrap().rows
    }

    #[test]
    fn a_mix_is_the_weighted_mean_of_every_number() {
        let folder = tempfile::tempdir().unwrap();
        let wave = part(folder.path(), "wave", |place| (place as f32 * 0.1).sin());
        let same = part(folder.path(), "same", |place| (place as f32 * 0.1).sin());
        let line = part(folder.path(), "line", |place| place as f32 - 1000.0);
        let (alone, lines) = (StylePack::load(&wave).unwrap().rows, StylePack::load(&line).unwrap().rows);
        let rows = [
            (mixed(&[(&wave, 1.0 / 3.0), (&same, 2.0 / 3.0)]), [1.0, 0.0]),
            (mixed(&[(&wave, 0.25), (&line, 0.75)]), [0.25, 0.75]),
            (mixed(&[(&wave, 1.0 / 3.0), (&same, 1.0 / 3.0), (&line, 1.0 / 3.0)]), [2.0 / 3.0, 1.0 / 3.0]),
        ];
        each(rows, |(got, [of_wave, of_line])| {
            for (place, ((got, wave), line)) in got.iter().zip(&alone).zip(&lines).enumerate() {
                let want = of_wave * f64::from(*wave) + of_line * f64::from(*line);
                assert!((f64::from(*got) - want).abs() <= want.abs() * 1e-7, "{place}: {got}, not {want}");
            }
        });
        assert_eq!(mixed(&[(&wave, 0.3), (&same, 0.7)]), alone, "equal packs to the bit");
    }

    #[test]
    fn a_damaged_voice_of_a_mix_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let good = part(folder.path(), "good", |_| 0.5);
        let mut bad = part(folder.path(), "bad", |_| 0.5);
        bad.name = "bm_bad".into();
        fs::write(bad.style.as_ref().unwrap(), "short").unwrap();
        let mix = [&good, &bad].map(|voice| Ingredient { voice: voice.clone(), share: 0.5 });
        let error = StylePack::load(&InstalledVoice { mix: mix.into(), ..good.clone() }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VoiceCorrupt);
        assert_eq!(error.cure(), Some(&Cure::ReinstallVoice { voice: "bm_bad".into() }));
    }

    #[test]
    fn a_pack_of_the_wrong_size_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = StylePack::load(&voice(folder.path(), b"model", &[0; 1000])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VoiceCorrupt);
        assert!(error.story().contains("style.bin"), "{}", error.story());
    }

    #[test]
    fn f3_a_pack_without_sense_is_refused_before_anything_is_spoken() {
        let folder = tempfile::tempdir().unwrap();
        let zeros = vec![0; MAX_SYMBOLS * STYLE_SIZE * 4];
        let voice = voice(folder.path(), b"model", &zeros);
        StylePack::load(&voice).unwrap();
        each([f32::NAN, f32::INFINITY, 1.0], |number| {
            fs::write(voice.style.as_ref().unwrap(), number.to_le_bytes().repeat(MAX_SYMBOLS * STYLE_SIZE))
                .unwrap();
            let error = StylePack::load(&voice).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::VoiceCorrupt, "{number}");
            assert!(matches!(error.cure(), Some(Cure::ReinstallVoice { .. })), "{error:?}");
        });
    }
}
