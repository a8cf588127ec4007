//! The dictionaries of a dialect as a table that is made once and kept with the voice.

use std::sync::Arc;

use kernels::mapped;
use tracing::debug;

use crate::phonemize::dictionary::{self, TableBytes};
use crate::text::Dialect;
use crate::voice::{InstalledVoice, Prepared, PreparedState, WORDS};

/// Maps the table of the voice's dialect, and makes it first where it is missing or damaged. Without a table, or a place for it,
/// the dictionaries are loaded as they are.
pub(crate) fn load(voice: &InstalledVoice) {
    if !dictionary::is_loaded(voice.dialect)
        && let Err(error) = use_table(voice)
    {
        debug!(error, "the table of words can't be used");
    }
}

fn use_table(voice: &InstalledVoice) -> Result<(), String> {
    let [american, british] = &WORDS;
    let form = match voice.dialect {
        Dialect::AmericanEnglish => american,
        Dialect::BritishEnglish => british,
    };
    let prepared = Prepared::of(&voice.model, &voice.model_sha256).map_err(|cause| cause.to_string())?;
    let mapped = || mapped::bytes(&prepared.folder().join(form.files[0])).map_err(|cause| cause.to_string());
    if prepared.state(form) == PreparedState::Current {
        return dictionary::use_table(voice.dialect, mapped()?);
    }
    let made = vec![dictionary::encode(voice.dialect)?];
    let bytes: TableBytes = match prepared.add(form, &made) {
        Ok(()) => mapped()?,
        Err(error) => {
            debug!(%error, "the table of words can't be kept");
            Arc::new(made.into_iter().next().unwrap_or_default())
        }
    };
    dictionary::use_table(voice.dialect, bytes)
}
