//! Chooses the engine that speaks a voice. A new engine adds only a line to [`ENGINES`] outside its own folder.

use std::sync::Arc;

use super::Synthesizer;
use super::backend::Backend;
use super::hibari::Hibari;
use super::kokoro::Kokoro;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::voice::InstalledVoice;

/// Loads a voice for a backend.
type Load = fn(&InstalledVoice, Backend) -> Result<Arc<dyn Synthesizer>>;

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
