//! Reports on the disk.
//!
//! ```text
//!  DIR/.lock                one server at a time
//!  DIR/rep_…/order.json     what is asked for
//!           /input          the article, where it is not fetched
//!           /state.json     how it stands
//!           /making/        files that are not all whole
//!           /files/         files that are
//! ```
//!
//! A report comes by one rename and leaves by one, so there is never a part of one: what begins with a dot is swept at the next start.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tracing::warn;

use super::state::{self, State};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::lock::FileLock;
use crate::files::{PendingFile, sync_folder};
use crate::hash::hex;
use crate::order::{MadeFile, Order};

/// Begins the name of a report.
const REPORT: &str = "rep_";
/// Digits after it.
const DIGITS: usize = 32;
/// Begins the name of a report that comes.
const COMES: &str = ".new-";
/// Begins the name of a report that leaves.
const LEAVES: &str = ".gone-";
const LOCK: &str = ".lock";
const ORDER: &str = "order.json";
const INPUT: &str = "input";
const STATE: &str = "state.json";
const MAKING: &str = "making";
const FILES: &str = "files";
/// Bytes of a file that are hashed at once.
const BLOCK: usize = 64 << 10;

/// The folder of a server's reports. No other server has it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: FileLock,
}

/// A report as it was found.
pub(super) struct Found {
    pub id: String,
    pub state: State,
}

impl Folder {
    /// Opens the folder, which is made where it is missing, for its owner alone: texts of others lie there.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when another server has it, else [`ErrorKind::Output`].
    pub(super) fn open(path: &Path) -> Result<Self> {
        let failed = |cause: io::Error| {
            Error::new(ErrorKind::Output, "the folder of the reports can't be used")
                .at(Place::file(path))
                .because(cause)
                .with_cure(Cure::MakeFolderWritable)
        };
        make_folder(path, true).map_err(failed)?;
        let lock = FileLock::take(&path.join(LOCK), &Cancel::new(), &mut || false).map_err(failed)?;
        let lock = lock.ok_or_else(|| {
            Error::new(ErrorKind::InUse, "another server has the folder of the reports").at(Place::file(path))
        })?;
        Ok(Self { path: path.to_path_buf(), _lock: lock })
    }

    /// The reports that are there. Those that came or left when a server was cut off are swept.
    pub(super) fn found(&self) -> Result<Vec<Found>> {
        let entries = fs::read_dir(&self.path).map_err(|cause| {
            Error::new(ErrorKind::Output, "the folder of the reports can't be read")
                .at(Place::file(&self.path))
                .because(cause)
        })?;
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with(COMES) || name.starts_with(LEAVES) {
                let _ = fs::remove_dir_all(entry.path());
            } else if is_id(name) {
                match read_json::<State>(&entry.path().join(STATE)) {
                    Ok(state) => found.push(Found { id: name.to_string(), state }),
                    // It may be of a later version.
                    Err(error) => warn!(id = name, %error, "a report can't be read, and is left alone"),
                }
            }
        }
        Ok(found)
    }

    fn of(&self, id: &str) -> PathBuf {
        self.path.join(id)
    }

    /// Puts a new report on the disk.
    pub(super) fn add(
        &self,
        id: &str,
        order: &Order,
        content: Option<&[u8]>,
        state: &State,
    ) -> io::Result<()> {
        let comes = self.path.join(format!("{COMES}{id}"));
        let written = (|| {
            make_folder(&comes, false)?;
            write_new(&comes.join(ORDER), &json(order)?)?;
            if let Some(content) = content {
                write_new(&comes.join(INPUT), content)?;
            }
            write_new(&comes.join(STATE), &json(state)?)?;
            sync_folder(&comes);
            fs::rename(&comes, self.of(id))
        })();
        if written.is_err() {
            let _ = fs::remove_dir_all(&comes);
        }
        sync_folder(&self.path);
        written
    }

    /// What is asked for, with the article where the client sent it.
    pub(super) fn order(&self, id: &str) -> io::Result<(Order, Option<Vec<u8>>)> {
        let order = read_json(&self.of(id).join(ORDER))?;
        match fs::read(self.of(id).join(INPUT)) {
            Ok(content) => Ok((order, Some(content))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((order, None)),
            Err(error) => Err(error),
        }
    }

    /// An empty folder to make files in. What another attempt has left is removed.
    pub(super) fn making(&self, id: &str) -> io::Result<PathBuf> {
        for left in [MAKING, FILES] {
            remove(&self.of(id).join(left))?;
        }
        let making = self.of(id).join(MAKING);
        make_folder(&making, false)?;
        Ok(making)
    }

    /// Puts the files of a report in their place, and says what they are.
    pub(super) fn place(&self, id: &str, made: &[MadeFile]) -> io::Result<Vec<state::File>> {
        let mut files = Vec::new();
        for MadeFile { path, kind, media_type } in made {
            let (bytes, sha256) = measure(path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push(state::File {
                name,
                kind: *kind,
                media_type: (*media_type).to_string(),
                bytes,
                sha256,
            });
        }
        let folder = self.of(id);
        sync_folder(&folder.join(MAKING));
        fs::rename(folder.join(MAKING), folder.join(FILES))?;
        sync_folder(&folder);
        Ok(files)
    }

    /// Where a file of a report lies.
    pub(super) fn file(&self, id: &str, name: &str) -> PathBuf {
        self.of(id).join(FILES).join(name)
    }

    /// Keeps how a report stands.
    pub(super) fn keep(&self, id: &str, state: &State) -> io::Result<()> {
        let pending = PendingFile::create(&self.of(id).join(STATE))?;
        pending.file().write_all(&json(state)?)?;
        pending.commit(true)
    }

    /// Removes what is needed no more when a report has ended.
    pub(super) fn tidy(&self, id: &str) {
        let _ = fs::remove_file(self.of(id).join(INPUT));
    }

    /// Removes the files of a report that can't be made.
    pub(super) fn clear(&self, id: &str) {
        for left in [MAKING, FILES] {
            let _ = remove(&self.of(id).join(left));
        }
    }

    /// Removes a report.
    pub(super) fn remove(&self, id: &str) -> io::Result<()> {
        let leaves = self.path.join(format!("{LEAVES}{id}"));
        match fs::rename(self.of(id), &leaves) {
            Ok(()) => sync_folder(&self.path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        remove(&leaves)
    }
}

/// A new name for a report, which nobody can guess.
pub(super) fn new_id() -> io::Result<String> {
    let mut bytes = [0; DIGITS / 2];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{REPORT}{}", hex(&bytes)))
}

fn is_id(name: &str) -> bool {
    let digits = name.strip_prefix(REPORT).unwrap_or_default();
    digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn make_folder(path: &Path, with_parents: bool) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(with_parents);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Removes a folder, which may be gone.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::other)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The length and the SHA-256 of a file.
fn measure(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut length, mut block) = (Sha256::new(), 0, vec![0; BLOCK]);
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok((length, hex(&hash.finalize())));
        }
        length += read as u64;
        hash.update(&block[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Speed;
    use crate::order::{FileKind, Source};
    use crate::output::encode::Format;
    use crate::serve::reports::state::Status;
    use crate::table_test::each;

    fn order() -> Order {
        Order::new(Source::Text, "tone".to_string(), Speed::NORMAL, Format::Wav)
    }

    #[test]
    fn a_report_comes_whole_and_leaves_whole() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("reports");
        let folder = Folder::open(&path).unwrap();
        assert_eq!(Folder::open(&path).unwrap_err().kind(), ErrorKind::InUse);
        let id = new_id().unwrap();
        folder.add(&id, &order(), Some(b"One."), &State::queued(&order(), 7)).unwrap();
        assert_eq!(folder.order(&id).unwrap(), (order(), Some(b"One.".to_vec())));
        // What another attempt has left goes.
        let making = folder.making(&id).unwrap();
        fs::write(making.join("left"), "x").unwrap();
        let making = folder.making(&id).unwrap();
        assert!(fs::read_dir(&making).unwrap().next().is_none());
        fs::write(making.join("a.wav"), "sound").unwrap();
        let made = [MadeFile { path: making.join("a.wav"), kind: FileKind::Audio, media_type: "audio/wav" }];
        let files = folder.place(&id, &made).unwrap();
        assert_eq!((&*files[0].name, files[0].bytes), ("a.wav", 5));
        assert_eq!(fs::read(folder.file(&id, "a.wav")).unwrap(), b"sound");
        let mut state = State::queued(&order(), 7);
        state.status = Status::Done;
        folder.keep(&id, &state).unwrap();
        folder.tidy(&id);
        assert_eq!(folder.order(&id).unwrap().1, None);
        // A server that was cut off leaves parts, which the next one sweeps; what is no report is not touched.
        for left in [".new-rep_1", ".gone-rep_2", "other", "rep_short"] {
            fs::create_dir(path.join(left)).unwrap();
        }
        fs::create_dir(path.join(new_id().unwrap())).unwrap();
        drop(folder);
        let folder = Folder::open(&path).unwrap();
        let found = folder.found().unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].id, &found[0].state), (&id, &state));
        each(
            [(".new-rep_1", false), (".gone-rep_2", false), ("other", true), ("rep_short", true)],
            |(name, stays)| {
                assert_eq!(path.join(name).exists(), stays, "{name}");
            },
        );
        folder.remove(&id).unwrap();
        folder.remove(&id).unwrap();
        assert!(folder.found().unwrap().is_empty() && !folder.of(&id).exists());
    }

    #[test]
    fn names_of_reports_lead_nowhere_else() {
        let id = new_id().unwrap();
        assert!(is_id(&id) && id != new_id().unwrap());
        each(
            [
                "",
                "rep_",
                "..",
                "rep_../../x",
                "rep_0123456789abcdef0123456789abcde",
                "rep_0123456789ABCDEF0123456789abcdef",
            ],
            |name| {
                assert!(!is_id(name), "{name}");
            },
        );
    }
}
