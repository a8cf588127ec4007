//! Which files are new or changed since they were taken, and whole.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::hints::Writers;

/// A file is whole when it has stood still for this time, or its writer has closed it.
pub(crate) const REST: Duration = Duration::from_secs(2);
/// The same for a file whose writer has not closed it: the message may be lost, and some keep a file open that they have finished.
const REST_OF_OPEN: Duration = Duration::from_mins(1);

/// Length and time of change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let data = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { bytes: data.len(), changed: data.modified().ok() })
    }

    /// Whether the file was changed so long ago, by the system's clock. A time in the future says nothing.
    fn has_rested(self, rest: Duration, now: SystemTime) -> bool {
        self.changed.and_then(|changed| now.duration_since(changed).ok()).is_some_and(|age| age >= rest)
    }
}

/// What earlier looks at the files saw.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Files that were taken, as they were then.
    taken: HashMap<PathBuf, Stamp>,
    /// Files that may still be written, as they were, and since when they have been so.
    growing: HashMap<PathBuf, (Stamp, Instant)>,
}

impl Scan {
    /// The files among those that are there now which are new or changed since they were taken, and whole: they have stood still for
    /// [`REST`], or were closed after their last change. Their order stays.
    pub(crate) fn take(&mut self, there: &[PathBuf], writers: &Writers) -> Vec<PathBuf> {
        let (now, at) = (SystemTime::now(), Instant::now());
        let known: HashSet<&PathBuf> = there.iter().collect();
        self.taken.retain(|path, _| known.contains(path));
        self.growing.retain(|path, _| known.contains(path));
        let mut whole = Vec::new();
        for path in there.iter().filter(|path| !is_unfinished(path)) {
            let Some(stamp) = Stamp::of(path) else { continue };
            if self.taken.get(path) == Some(&stamp) {
                self.growing.remove(path);
                continue;
            }
            let since = match self.growing.get(path) {
                Some((before, since)) if *before == stamp => *since,
                _ => at,
            };
            let rest = if writers.hold(path) { REST_OF_OPEN } else { REST };
            let has_rested = stamp.has_rested(rest, now) || at.duration_since(since) >= rest;
            if writers.have_closed(path) || has_rested {
                self.growing.remove(path);
                self.taken.insert(path.clone(), stamp);
                whole.push(path.clone());
            } else {
                self.growing.insert(path.clone(), (stamp, since));
            }
        }
        whole
    }

    /// Whether a file may still be written: it is to be looked at again after [`REST`].
    pub(crate) fn is_waiting(&self) -> bool {
        !self.growing.is_empty()
    }

    /// All files are taken again at the next look.
    pub(crate) fn forget_all(&mut self) {
        self.taken.clear();
    }

    /// A file is taken again at the next look, though it has not changed.
    pub(crate) fn forget(&mut self, path: &Path) {
        self.taken.remove(path);
    }
}

/// Whether a name is one that programs give to files which they have not finished, or that is hidden.
fn is_unfinished(path: &Path) -> bool {
    const ENDINGS: [&str; 5] = [".part", ".tmp", ".crdownload", ".download", "~"];
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.starts_with('.') || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::table_test::each;

    /// A folder, and files in it that were changed an hour ago.
    fn folder(names: &[&str]) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
        for path in &paths {
            fs::write(path, "whole").unwrap();
            age(path, Duration::from_hours(1));
        }
        (folder, paths)
    }

    fn age(path: &Path, by: Duration) {
        File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - by).unwrap();
    }

    #[test]
    fn a_file_is_taken_once_and_again_when_it_has_changed() {
        let (_folder, paths) = folder(&["a.txt", "b.txt"]);
        let (mut scan, none) = (Scan::default(), Writers::default());
        assert_eq!(scan.take(&paths, &none), paths);
        assert_eq!(scan.take(&paths, &none), [""; 0].map(PathBuf::from));
        fs::write(&paths[1], "whole again").unwrap();
        age(&paths[1], Duration::from_mins(1));
        assert_eq!(scan.take(&paths, &none), paths[1..]);
        scan.forget(&paths[0]);
        assert_eq!(scan.take(&paths, &none), paths[..1]);
        scan.forget_all();
        assert_eq!(scan.take(&paths, &none), paths);
        // What is gone, and comes back, is new.
        assert!(scan.take(&paths[1..], &none).is_empty());
        assert_eq!(scan.take(&paths, &none), paths[..1]);
        assert!(!scan.is_waiting());
    }

    #[test]
    fn a_file_that_may_grow_waits_until_it_stands_still_or_is_closed() {
        let (_folder, paths) = folder(&["a.txt"]);
        let future = || SystemTime::now() + Duration::from_mins(1);
        let [none, closed, open] = [Writers::default(), Writers::of(&paths, &[]), Writers::of(&[], &paths)];
        for (row, writers, rest, is_whole) in [
            (0, &none, Duration::ZERO, false),
            (1, &closed, Duration::ZERO, true),
            (2, &none, REST, true),
            (3, &open, REST, false),
            (4, &open, REST_OF_OPEN, true),
        ] {
            let mut scan = Scan::default();
            // A time in the future: only looking twice tells whether the file stands still.
            File::options().write(true).open(&paths[0]).unwrap().set_modified(future()).unwrap();
            assert!(scan.take(&paths, &none).is_empty() && scan.is_waiting(), "row {row}");
            let (_, since) = scan.growing.get_mut(&paths[0]).unwrap();
            *since = since.checked_sub(rest).unwrap();
            let taken = scan.take(&paths, writers);
            assert_eq!(taken.len() == 1, is_whole, "row {row}");
            assert_eq!(scan.is_waiting(), !is_whole, "row {row}");
        }
        // One that grew between two looks begins to wait anew.
        let mut scan = Scan::default();
        File::options().write(true).open(&paths[0]).unwrap().set_modified(future()).unwrap();
        scan.take(&paths, &none);
        let (_, since) = scan.growing.get_mut(&paths[0]).unwrap();
        *since = since.checked_sub(REST).unwrap();
        fs::write(&paths[0], "whole and more").unwrap();
        assert!(scan.take(&paths, &none).is_empty());
    }

    #[test]
    fn names_of_unfinished_files_are_left_alone() {
        let rows = [
            ("a.txt", false),
            (".a.txt", true),
            ("a.txt.part", true),
            ("a.txt.TMP", true),
            ("a.html.crdownload", true),
            ("a.txt~", true),
            ("part.txt", false),
            ("tmp", false),
        ];
        each(rows, |(name, want)| assert_eq!(is_unfinished(Path::new(name)), want, "{name}"));
    }
}
