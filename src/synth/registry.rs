//! Chooses the engine that speaks a voice. A new engine adds only a line to [`ENGINES`] outside its own folder.

use std::sync::Arc;

use super::Synthesizer;
use super::backend::Backend;
use super::hibari::Hibari;
use super::kokoro::Kokoro;
use crate::error::{Cure, Error, ErrorKind, Result};
#[cfg(feature = "cluster")]
use crate::voice::Styles;
use crate::voice::{Ingredient, InstalledVoice};

/// Loads a voice for a backend.
type Load = fn(&InstalledVoice, Backend) -> Result<Arc<dyn Synthesizer>>;

/// What speaks voices of a kind.
struct Engine {
    /// As manifests name it.
    name: &'static str,
    /// `ENGINE_VERSION`: it grows when the same utterance gives other samples than before, on any backend. Sound that was kept before is
    /// not used then. The tests tell when.
    version: u32,
    load: Load,
}

const ENGINES: &[Engine] = &[
    Engine { name: "hibari", version: 1, load: |voice, backend| Ok(Arc::new(Hibari::load(voice, backend)?)) },
    Engine { name: "kokoro", version: 1, load: |voice, backend| Ok(Arc::new(Kokoro::load(voice, backend)?)) },
];

/// The same of the stand-in voice.
const TONE_VERSION: u32 = 1;

/// The engine that a voice's manifest names, if it is known.
fn engine(voice: &InstalledVoice) -> Option<&'static Engine> {
    ENGINES.iter().find(|engine| engine.name == voice.engine)
}

/// The version of an installed voice's samples.
fn engine_version(voice: &InstalledVoice) -> u32 {
    engine(voice).map_or(0, |engine| engine.version)
}

/// Loads an installed voice with the engine that its manifest names.
pub(crate) fn load(voice: &InstalledVoice, backend: Backend) -> Result<Arc<dyn Synthesizer>> {
    let engine = engine(voice).ok_or_else(|| {
        Error::new(
            ErrorKind::UnknownVoice,
            format!("the engine “{}” of the voice {} is not known", voice.engine, voice.name),
        )
        .with_cure(Cure::UpdateProgram)
    })?;
    (engine.load)(voice, backend)
}

/// All that the samples of an installed voice depend on beside the utterance: engine, model, style, kernels.
pub(crate) fn identity(voice: &InstalledVoice, backend: Backend) -> String {
    let mut identity = format!("{} {}", voice.engine, engine_version(voice));
    let alone = [Ingredient { voice: voice.clone(), share: 1.0 }];
    let mixed = if voice.mix.is_empty() { &alone[..] } else { &voice.mix };
    for Ingredient { voice, share } in mixed {
        let InstalledVoice { model_sha256, style_sha256, gain_db, .. } = voice;
        identity.push_str(&format!(" {model_sha256} {style_sha256} {gain_db} {share}"));
    }
    format!("{identity} {backend}")
}

/// The same of a voice that need not be installed, but for the kernels.
#[cfg(feature = "cluster")]
pub(crate) fn identity_of(styles: &Styles<'_>) -> String {
    let family = styles.family;
    let version =
        ENGINES.iter().find(|engine| engine.name == family.engine).map_or(0, |engine| engine.version);
    let mut identity = format!("{} {version} {}", family.engine, styles.name());
    for style in styles.all() {
        identity.push_str(&format!(
            " {} {} {}",
            family.model_of(style).sha256,
            style.file.sha256,
            style.gain_db
        ));
    }
    identity
}

/// The same for the stand-in voice.
pub(crate) fn tone_identity() -> String {
    format!("tone {TONE_VERSION}")
}

#[cfg(test)]
#[cfg(feature = "runtime")]
mod tests;
