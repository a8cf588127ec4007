//! `inspect`: how finished sound files are.

pub(super) mod beside;
mod outline;
mod words;

use std::cell::OnceCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use self::beside::Beside;
use super::args::inspect::InspectArgs;
use super::config::{STDIN, unreadable};
use super::input::Input;
use super::inputs::Spellings;
use super::ledger::Names;
use super::targets::{ends_with_separator, is_same_file, names};
use super::{code_of, interrupt, terminal};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::output::inspect::picture::{self, Captioning};
use crate::output::inspect::{Courses, Findings, inspect};
use crate::output::wav;

/// The findings about one file, in the form of JSON.
#[derive(Serialize)]
struct Report {
    input: String,
    #[serde(flatten)]
    findings: Findings,
    /// Files of its name with captions, chapters or a page.
    beside: Vec<Beside>,
    /// The picture that was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
}

/// Runs `inspect`. A file that can't be examined is reported, and the others are examined.
pub(crate) fn run(args: &InspectArgs) -> anyhow::Result<u8> {
    let mut spellings = Spellings::default();
    let inputs: Vec<Input> = spellings.once(&args.inputs).iter().map(|path| Input::local(path)).collect();
    let pictures = match &args.png {
        Some(png) => pictures(&inputs, png, &mut spellings)?.into_iter().map(Some).collect(),
        None => vec![None; inputs.len()],
    };
    let cancel = OnceCell::new();
    let (mut done, mut failed) = (0, 0);
    for (input, picture) in inputs.iter().zip(pictures) {
        match examine(input, picture.as_deref(), args.force, &cancel) {
            Ok((report, courses)) => {
                done += 1;
                show(&report, &courses, args)?;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error.into()),
            Err(error) => {
                failed += 1;
                terminal::report(&error);
                if args.json {
                    let (what, kind) = (error.what(), error.kind());
                    terminal::print_json(&json!({ "input": input.typed(), "error": what, "kind": kind }))?;
                }
            }
        }
    }
    Ok(code_of(done, failed))
}

fn show(report: &Report, courses: &Courses, args: &InspectArgs) -> Result<()> {
    if args.json {
        return terminal::print_json(report);
    }
    let is_drawn = terminal::is_stdout_shown() && !args.plain && !terminal::is_plain();
    let drawn = if is_drawn { outline::of(courses) } else { String::new() };
    terminal::show(&words::text(report, &drawn))
}

fn examine(
    input: &Input,
    picture: Option<&Path>,
    may_replace: bool,
    cancel: &OnceCell<Cancel>,
) -> Result<(Report, Courses)> {
    if let Some(picture) = picture {
        wav::check_free(picture, may_replace).map_err(of_picture)?;
    }
    let file = open(input)?;
    // Only now: while a pipe is read, Ctrl-C ends the program at once.
    if cancel.get().is_none() {
        let _ = cancel.set(interrupt::watch()?);
    }
    let go_on = || match cancel.get() {
        Some(cancel) if cancel.is_cancelled() => Err(Error::new(ErrorKind::Interrupted, "interrupted")),
        _ => Ok(()),
    };
    let name = input.name();
    let path = match input {
        Input::File(path) => path.as_path(),
        _ => Path::new(&name),
    };
    let (findings, courses) = inspect(path, file, picture.is_some(), go_on)?;
    let beside = match input {
        Input::File(path) => beside::find(path),
        _ => Vec::new(),
    };
    if let Some(picture) = picture {
        let captioning = captioning(input, &findings, &beside);
        picture::write(picture, &findings, &courses, &captioning, may_replace).map_err(of_picture)?;
    }
    let picture = picture.map(|picture| picture.to_string_lossy().into_owned());
    Ok((Report { input: input.typed(), findings, beside, picture }, courses))
}

fn captioning(input: &Input, findings: &Findings, beside: &[Beside]) -> Captioning {
    let own = findings.chapters.iter().map(|chapter| (chapter.start, chapter.title.clone())).collect();
    let title = match input {
        Input::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        _ => input.name(),
    };
    Captioning {
        title,
        subtitle: words::subtitle(findings),
        sentences: beside::sentences(beside),
        chapters: if findings.chapters.is_empty() { beside::chapters(beside) } else { own },
    }
}

/// Opens an input. What comes through a pipe is kept in a file without a name, because tags may stand behind the sound, and
/// some formats are read back and forth.
fn open(input: &Input) -> Result<File> {
    let Input::File(path) = input else { return kept(io::stdin(), input) };
    if path.is_dir() {
        return Err(Error::new(ErrorKind::Input, "this is a folder, not a sound file")
            .at(Place::file(path))
            .with_cure(Cure::other(format!(
                "name the files in it: audio-report inspect {}/*.mp3",
                input.name()
            ))));
    }
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    let is_regular = file.metadata().map_err(|cause| unreadable(path, cause))?.is_file();
    if is_regular { Ok(file) } else { kept(file, input) }
}

fn kept(mut source: impl Read, input: &Input) -> Result<File> {
    let full = |cause: io::Error| {
        Error::new(ErrorKind::Output, "there is no place to keep what comes through the pipe")
            .at(Place::file(input.name()))
            .because(cause)
            .with_cure(Cure::other("set TMPDIR to a folder with more room, or save it as a file first"))
    };
    let mut file = tempfile::tempfile().map_err(full)?;
    let mut block = vec![0; 1 << 16];
    loop {
        match source.read(&mut block) {
            Ok(0) => break,
            Ok(count) => file.write_all(&block[..count]).map_err(full)?,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(unreadable(Path::new(&input.name()), cause)),
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(full)?;
    Ok(file)
}

/// The pictures of the inputs: one file, or one in a folder for each.
fn pictures(inputs: &[Input], png: &Path, spellings: &mut Spellings) -> Result<Vec<PathBuf>> {
    let usage = |what: &str, cure: &str| {
        Err(Error::new(ErrorKind::Usage, what).at(Place::file(png)).with_cure(Cure::other(cure)))
    };
    if png.as_os_str() == STDIN {
        return usage("a picture is a file, and standard output has the findings", "name a file with --png");
    }
    let is_folder = inputs.len() > 1 || png.is_dir() || ends_with_separator(png);
    let pictures: Vec<PathBuf> = if is_folder {
        if png.is_file() || (png.extension().is_some_and(is_png) && !png.is_dir()) {
            return usage(
                "each of several files has its own picture, and this name is that of one",
                "name a folder with --png",
            );
        }
        names(inputs, "png", spellings, &Names::default()).into_iter().map(|name| png.join(name)).collect()
    } else {
        if !png.extension().is_some_and(is_png) {
            return usage(
                "a picture is a PNG, and this name promises none",
                "name a file that ends with .png",
            );
        }
        vec![png.to_path_buf()]
    };
    for picture in &pictures {
        if inputs.iter().any(|input| matches!(input, Input::File(path) if is_same_file(path, picture))) {
            return usage("the picture would overwrite the sound file", "name another file with --png");
        }
    }
    Ok(pictures)
}

fn is_png(ending: &std::ffi::OsStr) -> bool {
    ending.eq_ignore_ascii_case("png")
}

/// An error of a picture, whose name is given by another option than that of a result.
fn of_picture(error: Error) -> Error {
    let words = match error.cure() {
        Some(Cure::AllowOverwrite) => "overwrite it with --force, or name another file with --png",
        Some(Cure::ReplaceLink) => {
            "remove the link, replace it with --force, or name another file with --png"
        }
        Some(Cure::NameAnotherFile) => "name another file with --png",
        Some(Cure::NameWritableFolder) => "choose a folder that you may write to with --png",
        Some(Cure::FreeSpace | Cure::WriteLess) => "make room, or write to another disk with --png",
        Some(Cure::CheckFolder) => "check the folder and the disk, or choose another with --png",
        _ => return error,
    };
    error.with_cure(Cure::other(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn each_file_has_its_picture_or_the_fault_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("there")).unwrap();
        std::fs::write(at("a.wav"), "").unwrap();
        std::fs::write(at("sound.png"), "").unwrap();
        let rows = [
            (&["a.wav"][..], "x.png", Ok(&["x.png"][..])),
            (&["a.wav"], "x.PNG", Ok(&["x.PNG"])),
            (&["a.wav"], "there", Ok(&["there/a.png"])),
            (&["a.wav"], "new/", Ok(&["new/a.png"])),
            (&["a.wav", "a.mp3"], "new", Ok(&["new/a-wav.png", "new/a-mp3.png"])),
            (&["a.wav", "b.wav"], "x.png", Err("its own picture")),
            (&["a.wav", "b.wav"], "a.wav", Err("its own picture")),
            (&["a.wav"], "x.jpg", Err("a PNG")),
            (&["a.wav"], "x", Err("a PNG")),
            (&["sound.png"], "sound.png", Err("overwrite the sound")),
            (&["sound.png", "a.wav"], "there/..", Err("overwrite the sound")),
        ];
        each(rows, |(inputs, png, want)| {
            let inputs: Vec<Input> = inputs.iter().map(|name| Input::File(at(name))).collect();
            let mut png = at(png).into_os_string();
            png.push(if want == Ok(&["new/a.png"]) { "/" } else { "" });
            match (pictures(&inputs, Path::new(&png), &mut Spellings::default()), want) {
                (Ok(got), Ok(want)) => {
                    assert_eq!(
                        got,
                        want.iter().map(|name| at(name)).collect::<Vec<_>>(),
                        "{}",
                        png.display()
                    );
                }
                (Err(error), Err(words)) => {
                    assert!(error.what().contains(words), "{}: {error}", png.display());
                    assert!(error.kind() == ErrorKind::Usage && error.cure().is_some(), "{}", png.display());
                }
                (got, want) => panic!("{}: {got:?} and not {want:?}", png.display()),
            }
        });
    }
}
