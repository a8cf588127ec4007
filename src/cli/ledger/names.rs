//! The names that the results of articles have already.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::real;
use super::sources::source;
use crate::cli::input::Input;
use crate::cli::inputs::Spellings;
use crate::cli::targets::{Assignment, Target};
use crate::error::Result;
use crate::store::manifest::{Known, Manifest};
use crate::store::paths;

/// The names that the results of articles have already.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    folder: PathBuf,
    stems: HashMap<String, PathBuf>,
    taken: HashSet<PathBuf>,
}

impl Names {
    /// Those of a folder.
    pub(crate) fn of_folder(manifest: &Manifest, known: &[Known]) -> Result<Self> {
        let mut stems: HashMap<String, PathBuf> = known
            .iter()
            .filter(|known| known.is_named())
            .map(|known| (known.source.clone(), paths::read(&known.stem)))
            .collect();
        let editions = manifest.editions()?;
        stems.extend(editions.into_iter().map(|(source, edition)| (source, paths::read(&edition.stem))));
        Ok(Self { folder: real(manifest.folder()), taken: stems.values().cloned().collect(), stems })
    }

    /// The name of an article that has one.
    pub(crate) fn of(&self, input: &Input, spellings: &mut Spellings) -> Option<&Path> {
        if self.stems.is_empty() {
            return None;
        }
        self.stems.get(&source(&self.folder, input, spellings)).map(PathBuf::as_path)
    }

    /// These names are given now, too.
    pub(crate) fn take(&mut self, assignments: &[Assignment]) {
        let stems = assignments.iter().filter_map(|assignment| match &assignment.output {
            Target::File(path) => path.file_stem().map(PathBuf::from),
            Target::Stdout | Target::Later => None,
        });
        self.taken.extend(stems);
    }

    /// Whether an article has the name of this file.
    pub(crate) fn is_taken(&self, file: &Path) -> bool {
        file.file_stem().is_some_and(|stem| self.taken.contains(Path::new(stem)))
    }
}
