//! An npm tarball: fetched once, every listed style in it is installed.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use super::{Delivery, client, copy, describe, key, named};
use crate::voice::failure::Failure;
use crate::voice::manifest::{FileSpec, Source};
use crate::voice::part::PartFile;

/// `entry` is the path inside the tarball, with `{file}` for the file's name.
pub(super) fn fetch(
    to: &mut dyn Delivery,
    source: &Source,
    package: &str,
    entry: &str,
    spec: &FileSpec,
) -> Result<(), Failure> {
    to.begun(spec, source, 0);
    let scratch = to.scratch(spec)?;
    let options = ["pack", package, "--ignore-scripts", "--fetch-retries=1", "--loglevel=error"];
    let mut arguments: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
    arguments.extend([OsStr::new("--pack-destination"), scratch.path().as_os_str()]);
    client::run(to, &to.options().clients.npm, &arguments, scratch.path())?;
    let tarball = client::only_file(scratch.path(), "tgz")?;
    let wanted = unpack(to, source, &tarball, scratch.path(), entry, spec);
    if !matches!(wanted, Err(Failure::Stop(_))) {
        // All that it has is installed by now: a second look would find no more.
        to.spend(key(source), "it was fetched already and did not hold it".into());
    }
    wanted
}

/// Installs all styles that the tarball holds and that are not here; the result is that of the wanted one.
fn unpack(
    to: &mut dyn Delivery,
    source: &Source,
    tarball: &Path,
    scratch: &Path,
    entry: &str,
    wanted: &FileSpec,
) -> Result<(), Failure> {
    let broken = |error: io::Error| Failure::source(format!("the package can't be unpacked: {error}"));
    let specs = std::iter::once(wanted.clone()).chain(to.missing_styles());
    let mut missing: HashMap<String, FileSpec> = specs.map(|spec| (named(entry, &spec), spec)).collect();
    let mut result = Err(Failure::source(format!("the package holds no {}", named(entry, wanted))));
    let tar = GzDecoder::new(BufReader::new(File::open(tarball).map_err(broken)?));
    each_file(tar, |path, packed| {
        let Some(spec) = missing.remove(path) else { return Ok(ControlFlow::Continue(())) };
        let installed = install_entry(to, packed, scratch, &spec);
        if spec.file == wanted.file {
            if let Err(stop @ Failure::Stop(_)) = installed {
                return Err(stop);
            }
            result = installed;
        } else {
            match installed {
                Ok(()) => {}
                Err(stop @ Failure::Stop(_)) => return Err(stop),
                Err(Failure::Source { why, .. } | Failure::WrongChecksum(why)) => {
                    to.failed(&spec, &describe(source, &spec), &why);
                }
            }
        }
        Ok(if missing.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    result
}

/// Hands out the regular files of a tar, by their paths in it, until one is the last that is wanted.
pub(in crate::voice) fn each_file(
    tar: impl Read,
    mut take: impl FnMut(&str, &mut dyn Read) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let broken = |error: io::Error| Failure::source(format!("the package can't be unpacked: {error}"));
    let mut archive = Archive::new(tar);
    for packed in archive.entries().map_err(broken)? {
        let mut packed = packed.map_err(broken)?;
        if packed.header().entry_type() != EntryType::Regular {
            continue;
        }
        let path = String::from_utf8_lossy(&packed.path_bytes()).into_owned();
        if take(&path, &mut packed)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn install_entry(
    to: &mut dyn Delivery,
    packed: impl Read,
    scratch: &Path,
    spec: &FileSpec,
) -> Result<(), Failure> {
    let mut part = PartFile::create(scratch.join(&spec.file), spec)?;
    copy(to, packed, &mut part)?;
    to.finish(part)
}
