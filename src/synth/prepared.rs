//! Loads a model through a form that is derived from it once and kept beside it. The form is made again when the model changes
//! or the form is damaged. Where the folder can't be written, the same is done in memory at every load.

use rten_onnx::onnx::ModelProto;
use tracing::{debug, warn};

use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::voice::{Form, InstalledVoice, Prepared, PreparedState};

/// Loads one form of a model, which has `all_forms`: as `mapped` reads it in the prepared folder, or as `from_memory` reads the output of
/// `derive`.
pub(super) fn load<T>(
    voice: &InstalledVoice,
    (form, all_forms): (&Form, &[Form]),
    derive: impl Fn(ModelProto) -> std::result::Result<Vec<Vec<u8>>, String>,
    mapped: impl Fn(&Prepared) -> std::result::Result<T, String>,
    from_memory: impl Fn(Vec<Vec<u8>>) -> std::result::Result<T, String>,
) -> Result<T> {
    let prepared = Prepared::of(&voice.model, &voice.model_sha256)
        .map_err(|cause| voice.unreadable(&voice.model, cause))?;
    let folder = prepared.folder().display();
    match prepared.state(form) {
        PreparedState::Current => match mapped(&prepared) {
            Ok(loaded) => return Ok(loaded),
            Err(error) => warn!(%error, %folder, "the prepared model is made again"),
        },
        PreparedState::Damaged { file } => {
            warn!(file, %folder, "the prepared model was damaged and is made again");
        }
        PreparedState::Stale => {}
    }
    let bytes = voice.read_model()?;
    let parsed = ModelProto::parse_buf(&bytes).map_err(|cause| unfit(voice, cause.to_string()))?;
    drop(bytes);
    let made = derive(parsed).map_err(|lack| unfit(voice, lack))?;
    let kept = prepared.keep(form, &made, all_forms).map_err(|error| error.to_string());
    let loaded = kept.and_then(|()| mapped(&prepared)).or_else(|error| {
        debug!(error, %folder, "the prepared model can't be kept");
        from_memory(made)
    });
    loaded.map_err(|cause| unfit(voice, cause))
}

/// The error for a model that is undamaged, and yet can't be used.
fn unfit(voice: &InstalledVoice, cause: String) -> Error {
    Error::new(
        ErrorKind::Synthesis,
        format!("the model of the voice {} is whole but can't be loaded", voice.name),
    )
    .at(Place::file(&voice.model))
    .because(cause)
    .with_cure(Cure::UpdateProgram)
}
