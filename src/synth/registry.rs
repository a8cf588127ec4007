//! Chooses the engine that speaks a voice. A new engine adds only a line to [`ENGINES`] outside its own folder.

use std::sync::Arc;

use super::Synthesizer;
use super::backend::Backend;
use super::hibari::Hibari;
use super::kokoro::Kokoro;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::voice::{Ingredient, InstalledVoice};

/// Loads a voice for a backend.
type Load = fn(&InstalledVoice, Backend) -> Result<Arc<dyn Synthesizer>>;

/// Sound that another version of the program kept is not used: whether its engines gave the same samples nobody knows.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Engines by the names that manifests give them.
const ENGINES: &[(&str, Load)] = &[
    ("hibari", |voice, backend| Ok(Arc::new(Hibari::load(voice, backend)?))),
    ("kokoro", |voice, backend| Ok(Arc::new(Kokoro::load(voice, backend)?))),
];

/// Loads an installed voice with the engine that its manifest names.
pub(crate) fn load(voice: &InstalledVoice, backend: Backend) -> Result<Arc<dyn Synthesizer>> {
    let engine = ENGINES.iter().find(|(name, _)| *name == voice.engine);
    let (_, load) = engine.ok_or_else(|| {
        Error::new(
            ErrorKind::UnknownVoice,
            format!("the engine “{}” of the voice {} is not known", voice.engine, voice.name),
        )
        .with_cure(Cure::UpdateProgram)
    })?;
    load(voice, backend)
}

/// All that the samples of an installed voice depend on beside the utterance: program, engine, model, style, kernels.
pub(crate) fn identity(voice: &InstalledVoice, backend: Backend) -> String {
    let mut identity = format!("{} {PROGRAM}", voice.engine);
    let alone = [Ingredient { voice: voice.clone(), share: 1.0 }];
    let mixed = if voice.mix.is_empty() { &alone[..] } else { &voice.mix };
    for Ingredient { voice, share } in mixed {
        let InstalledVoice { model_sha256, style_sha256, gain_db, .. } = voice;
        identity.push_str(&format!(" {model_sha256} {style_sha256} {gain_db} {share}"));
    }
    format!("{identity} {backend}")
}

/// The same for the stand-in voice.
pub(crate) fn tone_identity() -> String {
    format!("tone {PROGRAM}")
}
