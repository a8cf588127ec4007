//! A voice that lies on this machine, and its files, read only when their checksums hold.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::checksum::hex;
use super::manifest::VoiceName;
use super::mix::Ingredient;
use crate::audio::SampleRate;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::text::Dialect;

/// A voice that is ready to speak.
#[derive(Clone, Debug, PartialEq)]
pub struct InstalledVoice {
    /// The style's name.
    pub name: VoiceName,
    /// Which synthesizer speaks it.
    pub engine: String,
    /// The network.
    pub model: PathBuf,
    /// The expected SHA-256 of the network's file, in lower-case hexadecimal.
    pub model_sha256: String,
    /// The style pack, when the network speaks with several voices.
    pub style: Option<PathBuf>,
    /// The expected SHA-256 of the style pack, in lower-case hexadecimal.
    pub style_sha256: String,
    /// Its sample rate.
    pub sample_rate: SampleRate,
    /// The language that it speaks.
    pub dialect: Dialect,
    /// How much louder than its network makes it the voice should be, in decibels.
    pub gain_db: f32,
    /// How loud its speech is, in LUFS as heard from two loudspeakers, where that was measured.
    pub lufs: Option<f64>,
    /// The voices that it is mixed of; none for a voice of its own. The fields above are those of the first, but for the name.
    pub(crate) mix: Vec<Ingredient>,
}

impl InstalledVoice {
    /// The bytes of the model; a file with another checksum is an error of kind [`VoiceCorrupt`](ErrorKind::VoiceCorrupt).
    pub(crate) fn read_model(&self) -> Result<Vec<u8>> {
        self.read(&self.model, &self.model_sha256)
    }

    /// The bytes of the style pack, checked in the same way.
    pub(crate) fn read_style(&self) -> Result<Vec<u8>> {
        let Some(style) = &self.style else {
            return Err(damaged(self.installed_as(), &self.model, "it has no style pack"));
        };
        self.read(style, &self.style_sha256)
    }

    /// The gain as a factor of samples.
    pub(crate) fn gain(&self) -> f32 {
        10_f32.powf(self.gain_db / 20.0)
    }

    fn read(&self, path: &Path, sha256: &str) -> Result<Vec<u8>> {
        let bytes = fs::read(path).map_err(|cause| self.unreadable(path, cause))?;
        if hex(Sha256::new_with_prefix(&bytes)) == sha256 {
            return Ok(bytes);
        }
        Err(damaged(self.installed_as(), path, "its SHA-256 is not the expected one"))
    }

    /// The error for a file of the voice that can't be read.
    pub(crate) fn unreadable(&self, path: &Path, cause: io::Error) -> Error {
        Error::new(ErrorKind::VoiceMissing, format!("a file of the voice {} can't be read", self.name))
            .at(Place::file(path))
            .because(cause)
            .with_cure(Cure::ReinstallVoice { voice: self.installed_as().to_owned() })
    }

    /// The name under which its files are installed: of a mix, that of the first voice.
    pub(crate) fn installed_as(&self) -> &str {
        self.mix.first().map_or(&self.name, |first| &first.voice.name).as_str()
    }
}

/// The error for a file that is there but wrong.
pub(super) fn damaged(style: &str, path: &Path, why: impl Into<String>) -> Error {
    Error::new(ErrorKind::VoiceCorrupt, format!("the voice {style} is damaged"))
        .at(Place::file(path))
        .because(why.into())
        .with_cure(Cure::ReinstallVoice { voice: style.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn f3_a_file_is_given_only_when_its_checksum_holds() {
        let folder = tempfile::tempdir().unwrap();
        let sha256 = |bytes: &[u8]| hex(Sha256::new_with_prefix(bytes));
        let voice = InstalledVoice {
            name: VoiceName::new("bm_two"),
            engine: "kokoro".into(),
            model: folder.path().join("model.onnx"),
            model_sha256: sha256(b"model"),
            style: Some(folder.path().join("bm_two.bin")),
            style_sha256: sha256(b"style"),
            sample_rate: SampleRate::new(24_000).unwrap(),
            dialect: Dialect::BritishEnglish,
            gain_db: 0.0,
            lufs: None,
            mix: Vec::new(),
        };
        // The damaged files, and the kinds of error for model and style.
        let corrupt = Some(ErrorKind::VoiceCorrupt);
        let rows = [
            ("model", "style", [None, None]),
            ("modem", "style", [corrupt, None]),
            ("model", "stale", [None, corrupt]),
            ("style", "model", [corrupt, corrupt]),
        ];
        each(rows, |(model, style, want)| {
            fs::write(&voice.model, model).unwrap();
            fs::write(voice.style.as_ref().unwrap(), style).unwrap();
            let errors = [voice.read_model().err(), voice.read_style().err()];
            assert_eq!(
                errors.each_ref().map(|error| error.as_ref().map(Error::kind)),
                want,
                "{model} {style}"
            );
            for error in errors.into_iter().flatten() {
                assert!(error.story().contains("SHA-256"), "{}", error.story());
                assert_eq!(error.cure(), Some(&Cure::ReinstallVoice { voice: "bm_two".into() }));
            }
        });
        fs::remove_file(voice.style.as_ref().unwrap()).unwrap();
        assert_eq!(voice.read_style().unwrap_err().kind(), ErrorKind::VoiceMissing);
    }
}
