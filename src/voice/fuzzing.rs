//! The parsers of manifests and names, for `crate::fuzzing`.

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
];
