//! Captions, chapters and the page in files beside the sound.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::captions::{CaptionArgs, CaptionFormat};
use super::input::Input;
use super::preset::Preset;
use super::targets::{Assignment, Target, is_same_file};
use super::terminal::count;
use crate::article::Article;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::files::PendingFile;
#[cfg(any(feature = "epub", feature = "page"))]
use crate::output::document::Document;
use crate::output::encode::{Coding, Format, WholeFile};
use crate::output::metadata::cover::Cover;
use crate::output::wav;
#[cfg(any(feature = "epub", feature = "page"))]
use crate::report;
#[cfg(feature = "store")]
use crate::store::manifest::Part;
use crate::timeline::Timeline;
use crate::timeline::chapters::{self, Chapter};
use crate::timeline::cues::{Cues, SRT_COLUMNS, VTT_COLUMNS};
use crate::timeline::json::{transcript, words};
use crate::timeline::srt::srt;
use crate::timeline::vtt::vtt;

/// A kind of file beside the sound; the endings of their names differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Vtt,
    Srt,
    Transcript,
    Words,
    Chapters,
    Page,
    Epub,
}

impl Kind {
    /// All of them.
    #[cfg(feature = "inspect")]
    pub(super) const ALL: [Self; 7] =
        [Self::Vtt, Self::Srt, Self::Transcript, Self::Words, Self::Chapters, Self::Page, Self::Epub];

    /// How the names of its files end, after the stem of the sound.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Vtt => "vtt",
            Self::Srt => "srt",
            Self::Transcript => "transcript.json",
            Self::Words => "words.json",
            Self::Chapters => "chapters.json",
            Self::Page => "html",
            Self::Epub => "epub",
        }
    }
}

/// What was spoken, for the files beside its sound.
pub(crate) struct Spoken<'a> {
    /// Its text.
    pub article: &'a Article,
    /// The times in it.
    pub timeline: &'a Timeline,
    /// Who spoke.
    pub voice: &'a str,
    /// Its chapters, if it has any.
    pub chapters: &'a [Chapter],
    /// Its picture.
    pub cover: Option<&'a Cover>,
}

/// The files that are wanted beside each sound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Captions(Vec<Kind>);

/// A file that was written beside the sound.
#[derive(Debug, Serialize)]
pub(crate) struct CaptionFile {
    file: String,
    /// Its cues, where it has any.
    #[serde(flatten)]
    cues: Option<Counts>,
}

#[derive(Debug, Serialize)]
struct Counts {
    cues: usize,
    too_short: usize,
    too_wide: usize,
}

impl CaptionFile {
    /// A line about it.
    pub(crate) fn text(&self) -> String {
        let mut text = printable(&self.file);
        let Some(Counts { cues, too_short, too_wide }) = &self.cues else { return text };
        text.push_str(&format!(": {}", count(*cues, "cue")));
        for (faulty, fault) in [(too_short, "too short"), (too_wide, "too wide")] {
            if *faulty > 0 {
                text.push_str(&format!(", {faulty} {fault} for the words"));
            }
        }
        text
    }
}

impl Captions {
    /// Those of the command line, and of a preset.
    pub(crate) fn of(args: &CaptionArgs, preset: Option<Preset>) -> Self {
        let mut args = args.clone();
        if let Some(preset) = preset {
            preset.complete_captions(&mut args);
        }
        let mut kinds: Vec<Kind> = Vec::new();
        let wanted = args.captions.iter().flat_map(|format| match format {
            CaptionFormat::Vtt => &[Kind::Vtt][..],
            CaptionFormat::Srt => &[Kind::Srt],
            CaptionFormat::Json => &[Kind::Transcript, Kind::Words],
        });
        let chapters = args.chapters.then_some(&Kind::Chapters);
        let page = args.wants_page().then_some(&Kind::Page);
        let epub = args.wants_epub().then_some(&Kind::Epub);
        for kind in wanted.chain(chapters).chain(page).chain(epub) {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        Self(kinds)
    }

    /// How the names of the files end.
    pub(crate) fn endings(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.ending()).collect()
    }

    /// Whether there is a file for which all words have to be known.
    pub(crate) fn need_words(&self) -> bool {
        self.0.iter().any(|kind| *kind != Kind::Chapters)
    }

    /// The coding of the sound that goes into another file beside the sound.
    pub(crate) fn enclosed(&self) -> Option<Coding> {
        self.0.contains(&Kind::Epub).then(|| Coding::usual(Format::Mp3))
    }

    /// Refuses sound without a place beside it, and files that would take an article's place.
    pub(crate) fn check(&self, assignments: &[Assignment]) -> Result<()> {
        for Assignment { input, output } in assignments.iter().filter(|_| !self.0.is_empty()) {
            if *output == Target::Later {
                continue;
            }
            let Target::File(sound) = output else {
                let what = "captions, chapters and the page stand beside the sound, and standard output has no place for them";
                return Err(Error::new(ErrorKind::Usage, what)
                    .with_cure(Cure::other("name a file or a folder with -o")));
            };
            for path in self.paths(sound) {
                if let Input::File(article) = input
                    && is_same_file(article, &path)
                {
                    return Err(Error::new(
                        ErrorKind::Usage,
                        "a file beside the sound would overwrite the article",
                    )
                    .at(Place::file(path))
                    .with_cure(Cure::other("name another file with -o")));
                }
            }
        }
        Ok(())
    }

    fn paths(&self, sound: &Path) -> Vec<PathBuf> {
        self.0.iter().map(|kind| sound.with_extension(kind.ending())).collect()
    }

    /// Refuses names that are taken, before anything is spoken.
    pub(crate) fn check_free(&self, sound: &Path, may_replace: &dyn Fn(&Path) -> bool) -> Result<()> {
        for path in self.paths(sound) {
            wav::check_free(&path, may_replace(&path)).map_err(|error| taken(error, &path))?;
        }
        Ok(())
    }

    /// Prepares the files of a sound that is complete; `enclosed` is the sound for a file that holds it.
    pub(crate) fn prepare(
        &self,
        sound: &Path,
        spoken: &Spoken<'_>,
        enclosed: &WholeFile,
        may_replace: bool,
    ) -> Result<Prepared> {
        let Spoken { article, timeline, chapters, .. } = spoken;
        let written = timeline.written(article.text());
        let cues = |columns| Cues::new(timeline, &written, columns);
        let counts = |cues: &Cues| Counts {
            cues: cues.list.len(),
            too_short: cues.too_short,
            too_wide: cues.too_wide,
        };
        let mut prepared = Prepared { files: Vec::new(), may_replace };
        for (kind, path) in self.0.iter().zip(self.paths(sound)) {
            let (content, counts) = match kind {
                Kind::Vtt => {
                    let cues = cues(VTT_COLUMNS);
                    (Ok(vtt(timeline, &written, &cues)), Some(counts(&cues)))
                }
                Kind::Srt => {
                    let cues = cues(SRT_COLUMNS);
                    (Ok(srt(&written, &cues)), Some(counts(&cues)))
                }
                Kind::Transcript => {
                    let cues = cues(VTT_COLUMNS);
                    (transcript(timeline, &written, &cues).map_err(Into::into), Some(counts(&cues)))
                }
                Kind::Words => (words(timeline, &written).map_err(Into::into), None),
                Kind::Chapters => match chapters::json(chapters) {
                    Some(chapters) => (chapters.map_err(Into::into), None),
                    None => continue,
                },
                Kind::Page => (page(spoken, sound), None),
                Kind::Epub => {
                    prepared.put(path, None, |file| epub(file, spoken, sound, enclosed))?;
                    continue;
                }
            };
            let content = content.map_err(|cause| wav::failed(&path, cause))?;
            prepared.put(path, counts, |mut file| file.write_all(content.as_bytes()))?;
        }
        Ok(prepared)
    }
}

#[cfg(any(feature = "epub", feature = "page"))]
fn document(spoken: &Spoken<'_>, sound: &Path) -> Document {
    let Spoken { article, timeline, voice, cover, .. } = spoken;
    let name = sound.file_stem().unwrap_or_default().to_string_lossy();
    Document { cover: cover.map(Into::into), ..report::document(article, timeline, voice, &name) }
}

#[cfg(feature = "page")]
fn page(spoken: &Spoken<'_>, sound: &Path) -> io::Result<String> {
    crate::output::page::page(&document(spoken, sound), sound)
}

#[cfg(not(feature = "page"))]
fn page(_: &Spoken<'_>, _: &Path) -> io::Result<String> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(feature = "epub")]
fn epub(file: &File, spoken: &Spoken<'_>, sound: &Path, mp3: &WholeFile) -> io::Result<()> {
    crate::output::epub::write(file, &document(spoken, sound), &mut mp3.reader()?)
}

#[cfg(not(feature = "epub"))]
fn epub(_: &File, _: &Spoken<'_>, _: &Path, _: &WholeFile) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Files beside a sound that are whole and have no names yet.
pub(crate) struct Prepared {
    files: Vec<(PendingFile, PathBuf, Option<Counts>)>,
    may_replace: bool,
}

impl Prepared {
    fn put(
        &mut self,
        path: PathBuf,
        counts: Option<Counts>,
        write: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<()> {
        let pending = PendingFile::create(&path).map_err(|cause| wav::failed(&path, cause))?;
        write(pending.file()).map_err(|cause| wav::failed(&path, cause))?;
        self.files.push((pending, path, counts));
        Ok(())
    }

    /// The files with their places, the sound last, and what is told of the files beside it.
    #[cfg(feature = "store")]
    pub(crate) fn into_parts(self, sound: WholeFile) -> (Vec<Part>, Vec<CaptionFile>) {
        let (mut parts, mut told) = (Vec::new(), Vec::new());
        for (file, target, cues) in self.files {
            told.push(CaptionFile { file: target.to_string_lossy().into_owned(), cues });
            parts.push(Part { file, target });
        }
        let (file, target) = sound.into_part();
        parts.push(Part { file, target });
        (parts, told)
    }

    /// Gives them their names, and then the sound its own: where there is sound, the files beside it are there, too. When one
    /// step fails, new files go again.
    pub(crate) fn commit(self, sound: WholeFile) -> Result<Vec<CaptionFile>> {
        let Self { files, may_replace } = self;
        let mut named = Vec::new();
        let undo = |named: Vec<CaptionFile>, error| {
            if !may_replace {
                for CaptionFile { file, .. } in named {
                    let _ = std::fs::remove_file(file);
                }
            }
            Err(error)
        };
        for (pending, path, cues) in files {
            match pending.commit(may_replace) {
                Ok(()) => named.push(CaptionFile { file: path.to_string_lossy().into_owned(), cues }),
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && !may_replace => {
                    return undo(named, exists(&path));
                }
                Err(cause) => return undo(named, wav::failed(&path, cause)),
            }
        }
        match sound.commit() {
            Ok(()) => Ok(named),
            Err(error) => undo(named, error),
        }
    }
}

/// A batch counts sound that exists as done. Captions without their sound are another's file, and a failure.
fn taken(error: Error, path: &Path) -> Error {
    if error.kind() == ErrorKind::Exists { exists(path) } else { error }
}

fn exists(path: &Path) -> Error {
    Error::new(
        ErrorKind::Output,
        "the file for the captions, chapters or page exists already and is not overwritten",
    )
    .at(Place::file(path))
    .with_cure(Cure::AllowOverwrite)
}
