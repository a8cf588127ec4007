//! Files derived once from the model file and kept beside it: the weights in the layout of our own kernels and, for
//! the library runtime, a rewritten graph.

use std::fs;

use super::decoder::Decoder;
use super::export::export;
#[cfg(feature = "runtime")]
use super::rewritten::rewritten;
use super::text_side::TextSide;
use crate::error::Result;
use crate::synth::nn::weights::Reader;
use crate::synth::prepared::load;
use crate::voice::{Form, InstalledVoice};
use kernels::mapped;
use kernels::pack::{SharedBytes, aligned};
#[cfg(feature = "runtime")]
use rten::{Model, ModelOptions};

/// Raised when the format of the results changes, so that older ones are made again.
const FORMAT: u32 = 11;
/// For our own kernels.
const KERNELS: Form = Form { name: "kernels", format: FORMAT, files: &["kernels.safetensors"] };
/// For the runtime: the graph, and its weights.
const RUNTIME: Form = Form { name: "runtime", format: FORMAT, files: &["graph.onnx", "weights.data"] };

const FORMS: [Form; 2] = [KERNELS, RUNTIME];

/// The network, for our own kernels.
pub(crate) struct Network {
    /// The part before the decoder.
    pub text_side: TextSide,
    /// The part that makes the sound.
    pub decoder: Decoder,
}

/// Loads the model of `voice` for our own kernels, through its prepared form where possible.
pub(crate) fn for_kernels(voice: &InstalledVoice) -> Result<Network> {
    let read = |weights: &SharedBytes| {
        let reader = Reader::new(weights)?;
        Ok(Network { text_side: reader.text_side()?, decoder: reader.decoder()? })
    };
    load(
        voice,
        (&KERNELS, &FORMS),
        |model| Ok(vec![export(model.graph.as_ref().ok_or("it holds no graph")?)?]),
        |prepared| {
            let file = prepared.folder().join(KERNELS.files[0]);
            read(&mapped::bytes(&file).map_err(|cause| cause.to_string())?)
        },
        |made| {
            let bytes = made.first().map(|bytes| aligned(bytes)).ok_or("nothing was made of it")?;
            drop(made);
            read(&bytes)
        },
    )
}

/// Loads the model of `voice` for the runtime, through its prepared form where possible.
#[cfg(feature = "runtime")]
pub(crate) fn for_runtime(voice: &InstalledVoice) -> Result<Model> {
    let weights = RUNTIME.files[1];
    load(
        voice,
        (&RUNTIME, &FORMS),
        |model| rewritten(model, weights).map(|(graph, weights)| vec![graph, weights]),
        |prepared| {
            let folder = prepared.folder();
            let graph = fs::read(folder.join(RUNTIME.files[0])).map_err(|cause| cause.to_string())?;
            // The runtime borrows the weights for as long as the process lives, so that their pages are shared.
            let data = mapped::bytes_forever(&folder.join(weights)).map_err(|cause| cause.to_string())?;
            let loaded = ModelOptions::with_all_ops().external_data_static(weights, data).load(graph);
            loaded.map_err(|cause| cause.to_string())
        },
        |made| {
            let mut made = made.into_iter();
            let (graph, data) = (made.next().unwrap_or_default(), made.next().unwrap_or_default());
            let loaded = ModelOptions::with_all_ops().external_data(weights, data).load(graph);
            loaded.map_err(|cause| cause.to_string())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Cure, Error, ErrorKind};
    use crate::synth::kokoro::tests::voice;

    /// The engines' answers for a voice.
    fn errors(voice: &InstalledVoice) -> Vec<Error> {
        vec![
            for_kernels(voice).map(|_| ()).unwrap_err(),
            #[cfg(feature = "runtime")]
            for_runtime(voice).map(|_| ()).unwrap_err(),
        ]
    }

    #[test]
    fn f3_a_damaged_model_is_named_with_the_cure_and_nothing_is_made_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let voice = voice(folder.path(), b"model", b"style");
        fs::write(&voice.model, "modem").unwrap();
        for error in errors(&voice) {
            assert_eq!(error.kind(), ErrorKind::VoiceCorrupt);
            assert!(error.story().contains("model.onnx"), "{}", error.story());
            assert_eq!(error.cure(), Some(&Cure::ReinstallVoice { voice: "af_one".into() }));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing may be left beside");
    }

    #[test]
    fn f1_a_whole_model_is_never_called_damaged() {
        let folder = tempfile::tempdir().unwrap();
        for error in errors(&voice(folder.path(), &[0x0a, 0xff, 0xff, 0x01, 0x02], b"style")) {
            assert_eq!(error.kind(), ErrorKind::Synthesis);
            assert!(!error.story().contains("damaged"), "{}", error.story());
            assert_eq!(error.cure(), Some(&Cure::UpdateProgram));
        }
    }
}
