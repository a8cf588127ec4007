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

/// An engine. Its version is raised when the same voice gives other samples than before: kept sound of other versions is not
/// used. `tests/golden_samples.rs` tells when that is due.
struct Engine {
    /// The name that manifests give it.
    name: &'static str,
    version: u32,
    load: Load,
}

const ENGINES: &[Engine] = &[
    Engine { name: "hibari", version: 1, load: |voice, backend| Ok(Arc::new(Hibari::load(voice, backend)?)) },
    Engine { name: "kokoro", version: 1, load: |voice, backend| Ok(Arc::new(Kokoro::load(voice, backend)?)) },
];

/// The same for the stand-in voice.
const TONE_VERSION: u32 = 1;

/// Loads an installed voice with the engine that its manifest names.
pub(crate) fn load(voice: &InstalledVoice, backend: Backend) -> Result<Arc<dyn Synthesizer>> {
    (engine_of(voice)?.load)(voice, backend)
}

/// All that the samples of an installed voice depend on beside the utterance: engine, model, style, kernels.
pub(crate) fn identity(voice: &InstalledVoice, backend: Backend) -> Result<String> {
    let mut identity = format!("{} {}", voice.engine, engine_of(voice)?.version);
    let alone = [Ingredient { voice: voice.clone(), share: 1.0 }];
    let mixed = if voice.mix.is_empty() { &alone[..] } else { &voice.mix };
    for Ingredient { voice, share } in mixed {
        let InstalledVoice { model_sha256, style_sha256, gain_db, .. } = voice;
        identity.push_str(&format!(" {model_sha256} {style_sha256} {gain_db} {share}"));
    }
    Ok(format!("{identity} {backend}"))
}

/// The same for the stand-in voice.
pub(crate) fn tone_identity() -> String {
    format!("tone {TONE_VERSION}")
}

fn engine_of(voice: &InstalledVoice) -> Result<&'static Engine> {
    ENGINES.iter().find(|engine| engine.name == voice.engine).ok_or_else(|| {
        Error::new(
            ErrorKind::UnknownVoice,
            format!("the engine “{}” of the voice {} is not known", voice.engine, voice.name),
        )
        .with_cure(Cure::UpdateProgram)
    })
}
