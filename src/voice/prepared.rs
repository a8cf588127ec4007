//! Files that an engine derives once from a model and keeps beside it, in the layout that it needs.
//!
//! Damaged weights must never be spoken, and a checksum of 107 MB at every start would take too long. So a form has
//! three safeguards:
//!
//! - It is made of a model whose SHA-256 was compared with the manifest's.
//! - Its stamp holds a CRC-32 of each file. It is compared again after a day, after a start of the system, and when
//!   the record of the last comparison is missing. CRC-32 is the fastest checksum that this program has already: 11 ms
//!   for 107 MB, where XXH3 took 21 ms and SHA-256 87. (Two shared cores of an Intel Xeon with AVX-512, best of 36
//!   runs; the program that timed them was not kept.) It finds damage, not malice.
//! - That record holds the identity of each file: device, inode, length, times of change. It is compared at every start,
//!   which costs some microseconds. A write in place changes the times, and then the checksum decides.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tracing::debug;

use crate::files::{PendingFile, PendingFolder};

/// Begins the names of folders in which forms are written.
pub(super) const BESIDE_PREFIX: &str = ".preparing-";
/// How long a comparison of checksums holds.
const HOLDS: Duration = Duration::from_hours(24);
/// Stays within a core's cache.
const BLOCK: usize = 256 * 1024;

/// The folder beside a model in which an engine keeps the model in the form it needs; it is removed with the model.
pub(crate) fn prepared_folder(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".prepared");
    PathBuf::from(name)
}

/// A set of files that is made of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Names the stamp, which is written last.
    pub name: &'static str,
    /// Raised when the format of the results changes, so that older ones are made again.
    pub format: u32,
    /// The files.
    pub files: &'static [&'static str],
}

impl Form {
    fn stamp(&self) -> String {
        format!("{}.json", self.name)
    }

    /// The record of the last comparison of checksums.
    fn record(&self) -> String {
        format!("{}.checked", self.name)
    }
}

/// The dictionaries of both dialects, kept with a voice because it is installed once. The formats are raised with those of the
/// dictionaries.
pub(crate) const WORDS: [Form; 2] = [
    Form { name: "words-american", format: 1, files: &["words-american.table"] },
    Form { name: "words-british", format: 1, files: &["words-british.table"] },
];

/// Whether a form can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PreparedState {
    /// It can.
    Current,
    /// It is missing, or was made by another version or of another model.
    Stale,
    /// A file in it is not the one that was written.
    Damaged {
        /// The file's name.
        file: String,
    },
}

/// All forms of one model.
#[derive(Debug)]
pub(crate) struct Prepared {
    folder: PathBuf,
    model: ModelIdentity,
}

/// The origin of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ModelIdentity {
    bytes: u64,
    modified: u128,
    sha256: String,
}

/// The record of a form, which is used only while every field still holds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stamp {
    format: u32,
    model: ModelIdentity,
    files: Vec<StampedFile>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StampedFile {
    name: String,
    bytes: u64,
    crc32: u32,
}

/// When the checksums last matched, and the identities of the files then: the stamp first.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    boot: String,
    seconds: u64,
    files: Vec<FileIdentity>,
}

/// Changes whenever the file is written or replaced.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FileIdentity {
    bytes: u64,
    modified: u128,
    /// Device, inode, time of change; empty where the system has none.
    unix: Vec<i128>,
}

impl Prepared {
    /// The forms of the file `model`, whose SHA-256 should be `sha256`.
    pub(crate) fn of(model: &Path, sha256: &str) -> io::Result<Self> {
        let metadata = fs::metadata(model)?;
        let (bytes, modified) = (metadata.len(), modified(&metadata));
        let model_identity = ModelIdentity { bytes, modified, sha256: sha256.to_string() };
        Ok(Self { folder: prepared_folder(model), model: model_identity })
    }

    /// Where the files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a form can be used. Reads its files when the last comparison of checksums no longer holds, and then notes
    /// the new one.
    pub(crate) fn state(&self, form: &Form) -> PreparedState {
        let Some(stamp) = self.stamp(&form.stamp()).filter(|stamp| stamp.is_of(form)) else {
            return PreparedState::Stale;
        };
        if self.is_checked(form) {
            return PreparedState::Current;
        }
        // Taken before the files are read: a write after that is noticed next time.
        let identities = self.identities(form);
        if let Some(file) = stamp.damaged_file(&self.folder) {
            return PreparedState::Damaged { file };
        }
        self.note(form, identities);
        PreparedState::Current
    }

    /// Reads all forms of the model as it is now; the name of a file that is damaged.
    pub(crate) fn damaged_file(&self) -> Option<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut paths = entries.map(|entry| entry.path());
        paths.find_map(|path| {
            let is_stamp = path.extension().is_some_and(|extension| extension == "json");
            self.stamp(path.file_name().filter(|_| is_stamp)?.to_str()?)?.damaged_file(&self.folder)
        })
    }

    /// Writes a form beside and puts its files in place when they are whole. Two processes that do so at once write
    /// the same bytes. Files that belong to none of the forms in `all`, or to forms of another model, are removed, but for those
    /// that were [added](Self::add).
    pub(crate) fn keep(&self, form: &Form, made: &[Vec<u8>], all: &[Form]) -> io::Result<()> {
        self.add(form, made)?;
        self.remove_stale(all);
        Ok(())
    }

    /// Writes a form that has nothing to do with the model beside its forms.
    pub(crate) fn add(&self, form: &Form, made: &[Vec<u8>]) -> io::Result<()> {
        let parent = self.folder.parent().unwrap_or(Path::new("."));
        let beside = PendingFolder::create(parent, BESIDE_PREFIX)?;
        let mut stamp = Stamp { format: form.format, model: self.model.clone(), files: Vec::new() };
        for (name, bytes) in form.files.iter().zip(made) {
            fs::write(beside.path().join(name), bytes)?;
            let (length, crc32) = (bytes.len() as u64, crc32fast::hash(bytes));
            stamp.files.push(StampedFile { name: (*name).to_string(), bytes: length, crc32 });
        }
        let stamp_name = form.stamp();
        fs::write(beside.path().join(&stamp_name), serde_json::to_vec(&stamp)?)?;
        beside.commit(form.files.iter().copied().chain([&*stamp_name]), &self.folder)?;
        self.note(form, self.identities(form));
        Ok(())
    }

    /// The stamp of that name, if it is one of this model.
    fn stamp(&self, name: &str) -> Option<Stamp> {
        let stamp: Stamp = serde_json::from_slice(&fs::read(self.folder.join(name)).ok()?).ok()?;
        (stamp.model == self.model).then_some(stamp)
    }

    fn is_checked(&self, form: &Form) -> bool {
        let record = fs::read(self.folder.join(form.record())).ok();
        let Some(record) = record.and_then(|text| serde_json::from_slice::<Record>(&text).ok()) else {
            return false;
        };
        // A record from the future comes from a clock that was wrong.
        let age = seconds_now().checked_sub(record.seconds).map(Duration::from_secs);
        record.boot == boot()
            && age.is_some_and(|age| age < HOLDS)
            && self.identities(form).is_some_and(|now| now == record.files)
    }

    fn identities(&self, form: &Form) -> Option<Vec<FileIdentity>> {
        let names = std::iter::once(form.stamp()).chain(form.files.iter().map(ToString::to_string));
        names
            .map(|name| fs::metadata(self.folder.join(name)).ok().map(|found| FileIdentity::of(&found)))
            .collect()
    }

    /// Records that the checksums match. Where the record can't be written, they are compared at every start.
    fn note(&self, form: &Form, files: Option<Vec<FileIdentity>>) {
        let Some(files) = files else { return };
        let record = Record { boot: boot(), seconds: seconds_now(), files };
        let written = PendingFile::create(&self.folder.join(form.record())).and_then(|pending| {
            pending.file().write_all(&serde_json::to_vec(&record)?)?;
            pending.commit(true)
        });
        if let Err(error) = written {
            debug!(%error, folder = %self.folder.display(), "the check of the prepared model can't be noted");
        }
    }

    /// A rest that stays is no failure.
    fn remove_stale(&self, all: &[Form]) {
        let is_current = |form: &&Form| self.stamp(&form.stamp()).is_some_and(|stamp| stamp.is_of(form));
        let mut current = Vec::new();
        for form in all.iter().chain(&WORDS).filter(is_current) {
            current.extend(form.files.iter().map(ToString::to_string));
            current.extend([form.stamp(), form.record()]);
        }
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if !current.iter().any(|name| entry.file_name() == **name) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Stamp {
    fn is_of(&self, form: &Form) -> bool {
        self.format == form.format && self.files.iter().map(|file| &*file.name).eq(form.files.iter().copied())
    }

    fn damaged_file(&self, folder: &Path) -> Option<String> {
        let is_whole = |file: &StampedFile| file.is_whole(&folder.join(&file.name)).unwrap_or(false);
        self.files.iter().find(|file| !is_whole(file)).map(|file| file.name.clone())
    }
}

impl StampedFile {
    fn is_whole(&self, path: &Path) -> io::Result<bool> {
        let mut file = File::open(path)?;
        if file.metadata()?.len() != self.bytes {
            return Ok(false);
        }
        let (mut hasher, mut block) = (crc32fast::Hasher::new(), vec![0; BLOCK]);
        loop {
            match file.read(&mut block) {
                Ok(0) => return Ok(hasher.finalize() == self.crc32),
                Ok(count) => hasher.update(&block[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl FileIdentity {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let unix = {
            use std::os::unix::fs::MetadataExt;
            let numbers = [metadata.dev().into(), metadata.ino().into()];
            let times = [metadata.ctime().into(), metadata.ctime_nsec().into()];
            [numbers, times].concat()
        };
        #[cfg(not(unix))]
        let unix = Vec::new();
        Self { bytes: metadata.len(), modified: modified(metadata), unix }
    }
}

/// In nanoseconds.
fn modified(metadata: &Metadata) -> u128 {
    let time = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    time.map_or(0, |time| time.as_nanos())
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// Names this start of the system; empty where the system doesn't say.
fn boot() -> String {
    let id = if cfg!(target_os = "linux") {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default()
    } else {
        String::new()
    };
    id.trim().to_string()
}

#[cfg(test)]
mod tests;
