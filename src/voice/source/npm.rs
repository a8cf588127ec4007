//! An npm tarball: fetched once, every listed style in it is installed.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use super::{Failure, client, copy, describe, key, named};
use crate::voice::checksum::FileState;
use crate::voice::install::Job;
use crate::voice::manifest::{FileSpec, Source};
use crate::voice::part::PartFile;
use crate::voice::store::Check;

/// `entry` is the path inside the tarball, with `{file}` for the file's name.
pub(super) fn fetch(
    job: &mut Job,
    source: &Source,
    package: &str,
    entry: &str,
    spec: &FileSpec,
) -> Result<(), Failure> {
    job.tell_fetching(spec, source, 0);
    let scratch = job.scratch(spec)?;
    let options = ["pack", package, "--ignore-scripts", "--fetch-retries=1", "--loglevel=error"];
    let mut arguments: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
    arguments.extend([OsStr::new("--pack-destination"), scratch.path().as_os_str()]);
    client::run(job, &job.options.clients.npm, &arguments, scratch.path())?;
    let tarball = client::only_file(scratch.path(), "tgz")?;
    let wanted = unpack(job, source, &tarball, scratch.path(), entry, spec);
    if !matches!(wanted, Err(Failure::Stop(_))) {
        // Whatever it has is installed by now: a second look would find no more.
        job.spend(key(source), "it was fetched already and did not hold it".into());
    }
    wanted
}

/// Installs all styles that the tarball holds and that are not here; the result is that of the wanted one.
fn unpack(
    job: &mut Job,
    source: &Source,
    tarball: &Path,
    scratch: &Path,
    entry: &str,
    wanted: &FileSpec,
) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::source(format!("the package can't be unpacked: {error}"));
    let family = job.family;
    let specs = std::iter::once(wanted).chain(family.styles.iter().map(|style| &style.file));
    let mut missing: HashMap<String, &FileSpec> = specs
        .filter(|spec| job.store.state_of(family, spec, Check::Content) != FileState::Good)
        .map(|spec| (named(entry, spec), spec))
        .collect();
    let mut result = Err(Failure::source(format!("the package holds no {}", named(entry, wanted))));
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(File::open(tarball).map_err(broken)?)));
    for packed in archive.entries().map_err(broken)? {
        if missing.is_empty() {
            break;
        }
        let packed = packed.map_err(broken)?;
        let path = String::from_utf8_lossy(&packed.path_bytes()).into_owned();
        let (EntryType::Regular, Some(spec)) = (packed.header().entry_type(), missing.remove(&path)) else {
            continue;
        };
        let installed = install_entry(job, packed, scratch, spec);
        if spec.file == wanted.file {
            if let Err(stop @ Failure::Stop(_)) = installed {
                return Err(stop);
            }
            result = installed;
            continue;
        }
        match installed {
            Ok(()) => {}
            Err(stop @ Failure::Stop(_)) => return Err(stop),
            Err(Failure::Source { why, .. } | Failure::WrongChecksum(why)) => {
                job.tell_failure(spec, &describe(source, spec), &why);
            }
        }
    }
    result
}

fn install_entry(
    job: &mut Job,
    packed: impl std::io::Read,
    scratch: &Path,
    spec: &FileSpec,
) -> Result<(), Failure> {
    let mut part = PartFile::create(scratch.join(&spec.file), spec)?;
    copy(job, packed, &mut part)?;
    part.finish(&job.destination(spec))?;
    job.tell_installed(spec);
    Ok(())
}
