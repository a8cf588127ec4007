//! The parsers of what is kept between runs, for `crate::fuzzing`.

use super::chunk::{Chunk, hash};
use super::manifest::fuzzing::{carried, cells, file};
use super::paths;

/// The key of a chunk.
const KEY: [u8; 32] = [7; 32];

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("cached_chunk", |bytes| {
        assert!(Chunk::from_bytes(bytes, &KEY).is_none_or(|chunk| chunk.to_bytes(&KEY) == bytes));
        // With the hash that belongs to it, as nobody can tell from a file that is whole.
        let whole = [bytes, &hash(bytes, &KEY)].concat();
        assert!(Chunk::from_bytes(&whole, &KEY).is_none_or(|chunk| chunk.to_bytes(&KEY) == whole));
    }),
    ("carried", carried),
    ("kept_path", |bytes| {
        let path = paths::read(&String::from_utf8_lossy(bytes));
        assert_eq!(paths::read(&paths::written(&path)), path);
    }),
    ("manifest_cells", cells),
    ("manifest_file", file),
];
