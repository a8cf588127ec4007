//! What is made of the model file once, and kept beside it: the weights in the layout of our own kernels, and, where the library
//! runtime is used, the file as that wants it. A result is made anew when the model changes. Where the folder can't be
//! written, the same is done in memory at every load.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

#[cfg(feature = "runtime")]
use rten::{Model, ModelOptions};
use rten_onnx::onnx::ModelProto;
use serde::{Deserialize, Serialize};
use tracing::{debug, warn};

use super::decoder::Decoder;
use super::export::export;
#[cfg(feature = "runtime")]
use super::rewritten::rewritten;
use super::text_side::TextSide;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::synth::nn::weights::Reader;
use crate::voice::prepared_folder;
use kernels::mapped;
use kernels::pack::{SharedBytes, aligned};

/// Raised when what is made changes, so that older results are made anew.
const FORMAT: u32 = 8;

/// One of the two things that are made of a model: its files, of which the stamp is written last.
struct Form {
    stamp: &'static str,
    files: &'static [&'static str],
}

/// For our own kernels.
const KERNELS: Form = Form { stamp: "kernels.json", files: &["kernels.safetensors"] };
/// For the runtime: the graph, and its weights.
const RUNTIME: Form = Form { stamp: "runtime.json", files: &["graph.onnx", "weights.data"] };

/// What a form was made from; it is used only when all of it still holds.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    format: u32,
    model_bytes: u64,
    model_modified: u128,
    file_bytes: Vec<u64>,
}

/// The network, for our own kernels.
pub struct Network {
    /// What comes before the decoder.
    pub text_side: TextSide,
    /// What makes the sound.
    pub decoder: Decoder,
}

/// Loads `model` for our own kernels, through its prepared form where possible.
pub fn for_kernels(model: &Path) -> Result<Network> {
    let read = |weights: &SharedBytes| {
        let reader = Reader::new(weights)?;
        Ok(Network { text_side: reader.text_side()?, decoder: reader.decoder()? })
    };
    load(
        model,
        &KERNELS,
        |model| Ok(vec![export(model.graph.as_ref().ok_or("it holds no graph")?)?]),
        |folder| read(&mapped::bytes(&folder.join(KERNELS.files[0])).map_err(|cause| cause.to_string())?),
        |made| read(&aligned(&made.concat())),
    )
}

/// Loads `model` for the runtime, through its prepared form where possible.
#[cfg(feature = "runtime")]
pub fn for_runtime(model: &Path) -> Result<Model> {
    let weights = RUNTIME.files[1];
    load(
        model,
        &RUNTIME,
        |model| rewritten(model, weights).map(|(graph, weights)| vec![graph, weights]),
        |folder| {
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

/// Loads one form of `model`: as `mapped` reads it in the prepared folder, or as `from_memory` reads what `derive` made.
fn load<T>(
    model: &Path,
    form: &Form,
    derive: impl Fn(ModelProto) -> std::result::Result<Vec<Vec<u8>>, String>,
    mapped: impl Fn(&Path) -> std::result::Result<T, String>,
    from_memory: impl Fn(Vec<Vec<u8>>) -> std::result::Result<T, String>,
) -> Result<T> {
    let folder = prepared_folder(model);
    let identity = identity(model)?;
    if is_current(&folder, form, identity) {
        match mapped(&folder) {
            Ok(loaded) => return Ok(loaded),
            Err(error) => warn!(%error, folder = %folder.display(), "the prepared model is made anew"),
        }
    }
    let bytes = fs::read(model).map_err(|cause| unreadable(model, cause))?;
    let parsed = ModelProto::parse_buf(&bytes).map_err(|cause| corrupt(model).because(cause.to_string()))?;
    drop(bytes);
    let made = derive(parsed).map_err(|lack| corrupt(model).because(lack))?;
    let loaded = match keep(&folder, form, &made, identity) {
        Ok(()) => mapped(&folder),
        Err(error) => {
            debug!(%error, folder = %folder.display(), "the prepared model can't be kept");
            from_memory(made)
        }
    };
    loaded.map_err(|cause| corrupt(model).because(cause))
}

/// Length and time of change of the model.
fn identity(model: &Path) -> Result<(u64, u128)> {
    let metadata = fs::metadata(model).map_err(|cause| unreadable(model, cause))?;
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok((metadata.len(), modified.map_or(0, |time| time.as_nanos())))
}

fn is_current(folder: &Path, form: &Form, (bytes, modified): (u64, u128)) -> bool {
    let length = |file: &&str| fs::metadata(folder.join(file)).ok().map(|metadata| metadata.len());
    let lengths: Option<Vec<u64>> = form.files.iter().map(length).collect();
    let stamp = fs::read(folder.join(form.stamp)).ok();
    let stamp: Option<Stamp> = stamp.and_then(|text| serde_json::from_slice(&text).ok());
    let (Some(file_bytes), Some(stamp)) = (lengths, stamp) else { return false };
    stamp == Stamp { format: FORMAT, model_bytes: bytes, model_modified: modified, file_bytes }
}

fn unreadable(model: &Path, cause: io::Error) -> Error {
    Error::new(ErrorKind::VoiceMissing, "the voice's model can't be read")
        .at(Place::file(model))
        .because(cause)
        .cure("install it: audio-report voices install")
}

fn corrupt(model: &Path) -> Error {
    Error::new(ErrorKind::VoiceCorrupt, "the voice's model file is damaged")
        .at(Place::file(model))
        .cure("install it again: audio-report voices install")
}

/// Writes a form beside and renames its files into place when they are whole. Two processes that do so at once put the same
/// there.
fn keep(folder: &Path, form: &Form, made: &[Vec<u8>], identity: (u64, u128)) -> io::Result<()> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(".preparing-").tempdir_in(parent)?;
    let stamp = Stamp {
        format: FORMAT,
        model_bytes: identity.0,
        model_modified: identity.1,
        file_bytes: made.iter().map(|bytes| bytes.len() as u64).collect(),
    };
    let stamp = serde_json::to_vec(&stamp)?;
    let files = form.files.iter().copied().zip(made.iter().map(Vec::as_slice));
    let files: Vec<(&str, &[u8])> = files.chain([(form.stamp, stamp.as_slice())]).collect();
    for (name, bytes) in &files {
        let mut file = fs::File::create(beside.path().join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    fs::create_dir_all(folder)?;
    for (name, _) in &files {
        fs::rename(beside.path().join(name), folder.join(name))?;
    }
    remove_stale(folder, identity);
    Ok(())
}

/// Removes what older versions left, and forms of another model. That some of it stays is no failure.
fn remove_stale(folder: &Path, identity: (u64, u128)) {
    let current = [KERNELS, RUNTIME].into_iter().filter(|form| is_current(folder, form, identity));
    let current: Vec<&str> =
        current.flat_map(|form| form.files.iter().copied().chain([form.stamp])).collect();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !current.iter().any(|name| entry.file_name() == *name) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_kept_while_its_model_is_the_same_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let (model, prepared) = (folder.path().join("m.onnx"), folder.path().join("m.onnx.prepared"));
        fs::create_dir(&prepared).unwrap();
        fs::write(prepared.join("decoder.safetensors"), "of an older version").unwrap();
        fs::write(&model, "model").unwrap();
        let identity = identity(&model).unwrap();
        assert!(!is_current(&prepared, &KERNELS, identity));
        keep(&prepared, &KERNELS, &[b"weights".to_vec()], identity).unwrap();
        keep(&prepared, &RUNTIME, &[b"graph".to_vec(), b"data".to_vec()], identity).unwrap();
        assert!(is_current(&prepared, &KERNELS, identity) && is_current(&prepared, &RUNTIME, identity));
        assert_eq!(fs::read_dir(&prepared).unwrap().count(), 5);
        let other = (identity.0 + 1, identity.1);
        assert!(!is_current(&prepared, &KERNELS, other));
        keep(&prepared, &KERNELS, &[b"others".to_vec()], other).unwrap();
        assert_eq!(fs::read_dir(&prepared).unwrap().count(), 2, "the runtime's form was of the old model");
        fs::write(prepared.join("kernels.safetensors"), "cut").unwrap();
        assert!(!is_current(&prepared, &KERNELS, other));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing may be left beside");
    }

    #[test]
    fn a_damaged_model_is_named_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.onnx");
        fs::write(&path, [0x0a, 0xff, 0xff, 0x01, 0x02]).unwrap();
        for error in [for_kernels(&path).map(|_| ()), for_runtime(&path).map(|_| ())].map(Result::unwrap_err)
        {
            assert_eq!(error.kind, ErrorKind::VoiceCorrupt);
            assert!(
                error.report().contains("model.onnx") && error.report().contains("voices install"),
                "{}",
                error.report()
            );
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing may be left beside");
    }
}
