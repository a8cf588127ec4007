//! Networks that all voices of a model share while any of them is loaded.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::backend::Backend;
use crate::error::Result;
use crate::voice::InstalledVoice;

/// Two voices with the same origin have the same network.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    model: PathBuf,
    sha256: String,
    backend: Backend,
}

/// The loaded networks of one engine, for as long as a voice uses them.
pub(super) struct SharedNetworks<N>(Mutex<Vec<(Origin, Weak<N>)>>);

impl<N> SharedNetworks<N> {
    /// None is loaded.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The network of a voice. Only the first voice of a model calls `load`; others that are loaded meanwhile wait for it.
    pub(super) fn of(
        &self,
        voice: &InstalledVoice,
        backend: Backend,
        load: impl FnOnce() -> Result<N>,
    ) -> Result<Arc<N>> {
        let origin = Origin { model: voice.model.clone(), sha256: voice.model_sha256.clone(), backend };
        // A load that panicked left the list as it was.
        let mut loaded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.retain(|(_, network)| network.strong_count() > 0);
        let known = loaded.iter().find(|(other, _)| *other == origin);
        if let Some(network) = known.and_then(|(_, network)| network.upgrade()) {
            return Ok(network);
        }
        let network = Arc::new(load()?);
        loaded.push((origin, Arc::downgrade(&network)));
        Ok(network)
    }
}

#[cfg(test)]
#[cfg(feature = "runtime")]
mod tests {
    use super::*;
    use crate::audio::SampleRate;
    use crate::error::{Error, ErrorKind};
    use crate::text::Dialect;
    use crate::voice::VoiceName;
    use kernels::Isa;

    fn voice(style: &str, model: &str, sha256: &str) -> InstalledVoice {
        InstalledVoice {
            name: VoiceName::new(style),
            engine: "kokoro".into(),
            model: model.into(),
            model_sha256: sha256.into(),
            style: Some(style.into()),
            style_sha256: String::new(),
            sample_rate: SampleRate::new(24_000).unwrap(),
            dialect: Dialect::AmericanEnglish,
            gain_db: 0.0,
            lufs: None,
            mix: Vec::new(),
        }
    }

    #[test]
    fn voices_of_one_model_share_its_network_while_one_of_them_lives() {
        let networks = SharedNetworks::new();
        let portable = Backend::Fused(Isa::PORTABLE);
        let mut loads = 0;
        let mut load = |voice: &InstalledVoice, backend| {
            networks.of(voice, backend, || {
                loads += 1;
                Ok(loads)
            })
        };
        let heart = load(&voice("af_heart", "a.onnx", "12"), portable).unwrap();
        let emma = load(&voice("bf_emma", "a.onnx", "12"), portable).unwrap();
        assert!(Arc::ptr_eq(&heart, &emma));
        let others =
            [("b.onnx", "12", portable), ("a.onnx", "34", portable), ("a.onnx", "12", Backend::Runtime)];
        let others =
            others.map(|(model, sha256, backend)| load(&voice("x", model, sha256), backend).unwrap());
        assert_eq!(others.map(|network| *network), [2, 3, 4]);
        drop((heart, emma));
        assert_eq!(*load(&voice("af_heart", "a.onnx", "12"), portable).unwrap(), 5);
    }

    #[test]
    fn a_network_that_fails_to_load_is_tried_again() {
        let networks = SharedNetworks::new();
        let (voice, backend) = (voice("af_heart", "a.onnx", "12"), Backend::Fused(Isa::PORTABLE));
        let damaged = || Err(Error::new(ErrorKind::VoiceCorrupt, "it is damaged"));
        assert!(networks.of(&voice, backend, damaged).is_err());
        assert_eq!(*networks.of(&voice, backend, || Ok(7)).unwrap(), 7);
    }
}
