//! The Kokoro-82M voices (StyleTTS 2 with an iSTFTNet vocoder), on kernels of our own, or on the `rten` runtime.
//!
//! - [`style`]: who speaks
//! - `prepared`: the form of the model file that is kept beside it; `export` writes the weights of our own kernels,
//!   `rewritten` is the file for the runtime
//! - `network`: the run, on the backend that was chosen
//! - [`text_side`]: from tokens to durations, features, pitch and loudness
//! - `decode_block`: the block that both sides use
//! - [`decoder`]: from features to samples, the larger part by far
//! - `runtime`: the whole network on the library runtime, in stages that bound memory and can be cancelled

mod decode_block;
pub(crate) mod decoder;
pub(super) mod export;
mod network;
mod prepared;
#[cfg(feature = "runtime")]
mod rewritten;
#[cfg(feature = "runtime")]
mod runtime;
pub(crate) mod style;
pub(crate) mod text_side;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::backend::Backend;
use super::shared::SharedNetworks;
use super::{heard, symbols};
use decoder::Features;
use network::Network;
use style::StylePack;
use text_side::Reading;

use super::{BlockSink, Flow, Synthesizer, Timings, Utterance, VoiceLimits};
use crate::audio::{SampleRate, Speed};
use crate::error::{Error, ErrorKind, Result};
use crate::voice::InstalledVoice;

/// Samples in one frame of the duration predictor: 25 ms at 24 kHz.
const FRAME_SAMPLES: usize = 600;
const RATE: SampleRate = match SampleRate::new(24_000) {
    Some(rate) => rate,
    None => unreachable!(),
};

/// Symbols one call takes at most: the text encoder (PL-BERT) has 512 positions, two of which are the padding
/// token before and after.
const MAX_SYMBOLS: usize = 510;

/// A padding token of at least 25 ms stands before every utterance, and the network's first samples may click.
const EDGE_SILENCE: Duration = Duration::from_millis(20);
/// Symbols a second of speech with its pauses, rounded: `af_heart` says the 2,834 symbols of three articles in tests/data/articles
/// in 172 seconds (`explain --stage phonemes` and `read`).
const SYMBOLS_PER_SECOND: f64 = 16.0;

/// One Kokoro voice: a network, which any number of voices share, and a style.
pub struct Kokoro {
    network: Arc<Network>,
    style: StylePack,
}

impl Kokoro {
    /// Loads the style pack of an installed voice, and the network unless another voice has loaded it. The first load lays the
    /// weights out for the backend and keeps the result beside the model; later ones map that into memory.
    pub fn load(voice: &InstalledVoice, backend: Backend) -> Result<Self> {
        static NETWORKS: SharedNetworks<Network> = SharedNetworks::new();
        let style = StylePack::load(voice)?;
        let network = NETWORKS.of(voice, backend, || Network::load(voice, backend))?;
        Ok(Self { network, style })
    }

    /// Whether two voices speak with one network.
    pub fn shares_network_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.network, &other.network)
    }

    /// The timing, pitch and loudness of phonemes, without the sound: the text side of the network alone.
    pub fn read(&self, phonemes: &str, speed: Speed, threads: NonZeroUsize) -> Result<Reading> {
        let tokens = symbols::tokens(phonemes, MAX_SYMBOLS)?;
        self.network.read(&tokens, self.style.row(tokens.len() - 2), speed.factor(), threads)
    }

    /// The voice's sound for features of its text side, for an utterance of `symbols` symbols: the decoder alone. The
    /// library runtime refuses.
    pub fn decode(&self, features: &Features, symbols: usize, threads: NonZeroUsize) -> Result<Vec<f32>> {
        self.network.decode(features, self.style.row(symbols), threads)
    }
}

impl Synthesizer for Kokoro {
    fn sample_rate(&self) -> SampleRate {
        RATE
    }

    fn limits(&self) -> VoiceLimits {
        VoiceLimits {
            max_symbols: MAX_SYMBOLS,
            edge_silence: EDGE_SILENCE,
            symbols_per_second: SYMBOLS_PER_SECOND,
        }
    }

    fn has_symbol(&self, symbol: char) -> bool {
        symbols::token(symbol).is_some()
    }

    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let tokens = symbols::tokens(&utterance.phonemes, MAX_SYMBOLS)?;
        let style = self.style.row(tokens.len() - 2);
        let stopped = || Error::new(ErrorKind::Interrupted, "speaking was stopped");
        let spoken = self
            .network
            .run(&tokens, style, utterance.speed.factor(), utterance.threads, &|| {
                (sink.flow() == Flow::Continue).then(|| sink.threads(utterance.threads))
            })?
            .ok_or_else(stopped)?;
        let lengths = spoken.frames.iter().map(|frames| frames * FRAME_SAMPLES);
        let timings = Timings::of_tokens(lengths);
        match sink.push(spoken.samples) {
            Flow::Continue => Ok(timings),
            Flow::Stop => Err(stopped()),
        }
    }

    fn heard(&self, phonemes: &str, timings: Timings) -> Timings {
        heard::timings(phonemes, timings)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::synth::Collect;
    use crate::text::Dialect;
    use crate::voice::{Ingredient, Store, VoiceName};

    /// A voice of these files, whose checksums hold.
    pub(crate) fn voice(folder: &Path, model: &[u8], style: &[u8]) -> InstalledVoice {
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, bytes).unwrap();
            let digits: Vec<String> =
                Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            (path, digits.concat())
        };
        let ((model, model_sha256), (style, style_sha256)) =
            (put("model.onnx", model), put("style.bin", style));
        InstalledVoice {
            name: VoiceName::new("af_one"),
            engine: "kokoro".into(),
            model,
            model_sha256,
            style: Some(style),
            style_sha256,
            sample_rate: RATE,
            dialect: Dialect::AmericanEnglish,
            gain_db: 0.0,
            lufs: None,
            mix: Vec::new(),
        }
    }

    #[test]
    fn a_mix_sounds_different_and_shares_the_network() {
        let heart = match Store::from_env().unwrap().locate(&VoiceName::new("af_heart")) {
            Ok(heart) => heart,
            Err(error) => {
                let is_required =
                    std::env::var_os("AUDIO_REPORT_REQUIRE_VOICE").is_some_and(|value| value == "1");
                assert!(!is_required, "{error}");
                return;
            }
        };
        // Another voice: the styles of all lengths in the opposite order.
        let folder = tempfile::tempdir().unwrap();
        let bytes = fs::read(heart.style.as_ref().unwrap()).unwrap();
        let reversed = bytes.chunks_exact(style::STYLE_SIZE * 4).rev().flatten().copied();
        let other = voice(folder.path(), b"no model", &reversed.collect::<Vec<u8>>());
        let mixed = |share: f64| {
            let mix = [(&heart, share), (&other, 1.0 - share)];
            let mix = mix.map(|(voice, share)| Ingredient { voice: voice.clone(), share });
            InstalledVoice { mix: mix.into(), ..heart.clone() }
        };
        let backend = Backend::fastest();
        let speak = |voice: &InstalledVoice| {
            let mut sound = Collect::default();
            let utterance =
                Utterance { phonemes: "hˈɛlO.".into(), speed: Speed::NORMAL, threads: NonZeroUsize::MIN };
            Kokoro::load(voice, backend).unwrap().synthesize(&utterance, &mut sound).unwrap();
            sound.0
        };
        let single = Kokoro::load(&heart, backend).unwrap();
        assert!(single.shares_network_with(&Kokoro::load(&mixed(0.5), backend).unwrap()));
        let (alone, most, half) = (speak(&heart), speak(&mixed(0.75)), speak(&mixed(0.5)));
        assert!(alone != most && most != half && alone != half, "a mix sounds like another");
        assert!(half == speak(&mixed(0.5)), "a mix does not sound like itself");
    }
}
