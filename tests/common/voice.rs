//! The real voice, where it is installed, and its backend.

use audio_report::synth::backend::Backend;
use audio_report::voice::{InstalledVoice, Store, VoiceName};
use kernels::Isa;

use super::{Need, TestEnv, skip};

/// The voice that tests speak with. `None` when it is not installed, and then the test `what` is skipped.
pub fn installed(what: &str) -> Option<InstalledVoice> {
    voice("af_heart", what)
}

/// Its fast student, in the same way.
pub fn fast(what: &str) -> Option<InstalledVoice> {
    voice("fast_heart", what)
}

/// A work folder whose home holds the fast voice, without a prepared form.
pub fn home_of_fast(what: &str) -> Option<TestEnv> {
    home_of(&["fast_heart"], what)
}

/// The same with several voices.
pub fn home_of(names: &[&str], what: &str) -> Option<TestEnv> {
    let env = TestEnv::new();
    for name in names {
        let InstalledVoice { engine, model, style, .. } = voice(name, what)?;
        let family = env.data(&format!("voices/{engine}-en"));
        std::fs::create_dir_all(&family).unwrap();
        for file in [Some(model), style].into_iter().flatten() {
            let copy = family.join(file.file_name().unwrap());
            if !copy.exists() {
                std::fs::copy(file, copy).unwrap();
            }
        }
    }
    Some(env)
}

fn voice(name: &str, what: &str) -> Option<InstalledVoice> {
    match Store::from_env().unwrap().locate(&VoiceName::new(name)) {
        Ok(voice) => Some(voice),
        Err(error) => {
            skip(Need::Voice, what, &format!("{error}; audio-report voices install {name}"));
            None
        }
    }
}

/// The backend for tests that compare backends: the one that `AUDIO_REPORT_KERNEL` names, or else the fastest of this
/// processor and the library runtime. `make instruction-sets` names one after the other.
pub fn backends() -> Vec<Backend> {
    let chosen = Backend::from_env().unwrap();
    let is_forced = std::env::var_os("AUDIO_REPORT_KERNEL").is_some_and(|name| !name.is_empty());
    if is_forced || chosen == Backend::Runtime { vec![chosen] } else { vec![chosen, Backend::Runtime] }
}

/// Whether a backend makes sound too slowly for more than one short sentence.
pub fn is_slow(backend: Backend) -> bool {
    backend == Backend::Fused(Isa::PORTABLE)
}
