//! WAV files that appear under their final name only when they are whole.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use hound::{WavSpec, WavWriter};

use super::dither::Ditherer;
use super::metadata::text::TagText;
use super::metadata::{Metadata, riff};
use crate::audio::Sink;
use crate::audio::{SampleFormat, SampleRate};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::PendingFile;

/// Bytes of sound and tags that one file takes: sizes in a RIFF header have 32 bits, and the header needs some, too.
const LARGEST_CONTENT: usize = u32::MAX as usize - (1 << 16);

/// The tags of a file, for callers without an article's details. The file also gets the mark of synthetic sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tags {
    /// The headline.
    pub title: Option<String>,
    /// A sentence that says how the sound was made by a machine; the program's own if not given.
    pub comment: Option<String>,
}

impl Tags {
    /// The same with a headline.
    #[must_use]
    pub fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// The same with a sentence that says how the sound was made.
    #[must_use]
    pub fn with_comment(self, comment: impl Into<String>) -> Self {
        Self { comment: Some(comment.into()), ..self }
    }
}

impl From<Tags> for Metadata {
    fn from(tags: Tags) -> Self {
        let own = Self::of_speech(None);
        let disclosure = tags.comment.as_deref().and_then(TagText::new).or_else(|| own.disclosure.clone());
        Self { title: tags.title.as_deref().and_then(TagText::new), disclosure, ..own }
    }
}

/// Writes a mono WAV beside its final name and renames it when it is whole; dropped early, it leaves no file.
pub struct WavSink {
    writer: WavWriter<BufWriter<File>>,
    pending: PendingFile,
    ditherer: Option<Ditherer>,
    path: PathBuf,
    /// The chunks behind the sound.
    tags: Vec<u8>,
    may_replace: bool,
    /// Samples that the file still takes.
    room: usize,
}

impl WavSink {
    /// Begins a file for `path`. Without `may_replace` an existing file is an error, now and at the end. Folders on the
    /// way are made.
    pub fn create(
        path: &Path,
        rate: SampleRate,
        format: SampleFormat,
        tags: Tags,
        may_replace: bool,
    ) -> Result<Self> {
        Self::begin(path, rate, format, &tags.into(), may_replace)
    }

    /// The same with all metadata of a report.
    pub(crate) fn begin(
        path: &Path,
        rate: SampleRate,
        format: SampleFormat,
        metadata: &Metadata,
        may_replace: bool,
    ) -> Result<Self> {
        let pending = begin_file(path, may_replace)?;
        let file = pending.file().try_clone().map_err(|cause| failed(path, cause))?;
        let writer = WavWriter::new(BufWriter::with_capacity(1 << 16, file), spec(rate, format))
            .map_err(|cause| failed(path, io_error(cause)))?;
        let ditherer = (format != SampleFormat::Float32).then(|| Ditherer::new(format.bits()));
        let tags = riff::chunks(metadata).map_err(|cause| failed(path, cause))?;
        let room = LARGEST_CONTENT.saturating_sub(tags.len()) / usize::from(format.bits() / 8);
        Ok(Self { writer, pending, ditherer, path: path.to_path_buf(), tags, may_replace, room })
    }
}

impl Sink for WavSink {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        // `hound` counts bytes in 32 bits and would start again at zero.
        let Some(room) = self.room.checked_sub(samples.len()) else {
            return Err(failed(&self.path, io::ErrorKind::FileTooLarge.into()));
        };
        self.room = room;
        for &sample in samples {
            match &mut self.ditherer {
                Some(ditherer) => self.writer.write_sample(ditherer.quantize(sample)),
                None => self.writer.write_sample(sample),
            }
            .map_err(|cause| failed(&self.path, io_error(cause)))?;
        }
        Ok(())
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        let (pending, path, may_replace) = self.finish()?;
        commit(pending, &path, may_replace)
    }
}

impl WavSink {
    /// Completes the file, which has no name yet; with its path, and whether it may replace a file there.
    pub(super) fn finish(self) -> Result<(PendingFile, PathBuf, bool)> {
        let Self { writer, pending, path, tags, may_replace, .. } = self;
        let at_fault = |cause: io::Error| failed(&path, cause);
        writer.finalize().map_err(|cause| at_fault(io_error(cause)))?;
        append(pending.file(), &tags).map_err(at_fault)?;
        Ok((pending, path, may_replace))
    }
}

/// Begins a file beside `path`, in a folder that is made where it is missing.
pub(super) fn begin_file(path: &Path, may_replace: bool) -> Result<PendingFile> {
    check_free(path, may_replace)?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| PendingFile::create(path))
        .map_err(|cause| failed(path, cause))
}

/// Gives a file that is whole its name.
pub(super) fn commit(pending: PendingFile, path: &Path, may_replace: bool) -> Result<()> {
    pending.commit(may_replace).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists if !may_replace => exists(path),
        _ => failed(path, cause),
    })
}

/// The file's format, in the words of `hound`.
pub(super) fn spec(rate: SampleRate, format: SampleFormat) -> WavSpec {
    WavSpec {
        channels: 1,
        sample_rate: rate.hertz(),
        bits_per_sample: format.bits(),
        sample_format: match format {
            SampleFormat::Float32 => hound::SampleFormat::Float,
            SampleFormat::Int16 | SampleFormat::Int24 => hound::SampleFormat::Int,
        },
    }
}

/// Appends chunks, which `hound` can't write, and corrects the size in the RIFF header.
fn append(mut file: &File, chunks: &[u8]) -> io::Result<()> {
    if chunks.is_empty() {
        return Ok(());
    }
    let mut end = file.seek(SeekFrom::End(0))?;
    if end % 2 == 1 {
        file.write_all(&[0])?;
        end += 1;
    }
    file.write_all(chunks)?;
    let riff = end as usize + chunks.len() - 8;
    file.seek(SeekFrom::Start(4))?;
    file.write_all(&riff::size(riff)?)
}

pub(super) fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

/// Refuses a path at which no result can appear: an existing file unless it may be replaced, and anything that is not
/// a regular file.
pub(crate) fn check_free(path: &Path, may_replace: bool) -> Result<()> {
    let data = match path.metadata() {
        Ok(data) => data,
        // The link has the name already, though its target is missing.
        Err(cause) if path.is_symlink() && !may_replace => {
            return Err(Error::new(ErrorKind::Output, "the result's name is a link that leads nowhere")
                .at(Place::file(path))
                .because(cause)
                .with_cure(Cure::ReplaceLink));
        }
        Err(_) => return Ok(()),
    };
    if data.is_file() {
        return if may_replace { Ok(()) } else { Err(exists(path)) };
    }
    // A rename would put a file in the place of a device or a pipe, and at a folder it would fail only after all the
    // work.
    let what = if data.is_dir() { "a folder" } else { "no regular file" };
    Err(Error::new(ErrorKind::Output, format!("what stands in the result's place is {what}"))
        .at(Place::file(path))
        .with_cure(Cure::NameAnotherFile))
}

fn exists(path: &Path) -> Error {
    Error::new(ErrorKind::Exists, "the result exists already and is not overwritten")
        .at(Place::file(path))
        .with_cure(Cure::AllowOverwrite)
}

/// The error of a result that can't be written, with its cure.
pub(crate) fn failed(path: &Path, cause: io::Error) -> Error {
    let (what, cure) = match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("there is no room left for the result; nothing was kept of it", Cure::FreeSpace)
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ("the result can't be written there", Cure::NameWritableFolder)
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            ("the result can't be written there: a file is in the way of a folder", Cure::NameAnotherFile)
        }
        io::ErrorKind::FileTooLarge => (
            "the result is larger than a file of its format, or any file in that place, can be",
            Cure::WriteLess,
        ),
        _ => ("the result can't be written", Cure::CheckFolder),
    };
    Error::new(ErrorKind::Output, what).at(Place::file(path)).because(cause).with_cure(cure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    fn write(path: &Path, format: SampleFormat, tags: Tags, samples: &[f32]) -> Result<()> {
        let mut sink = Box::new(WavSink::create(path, RATE, format, tags, false)?);
        sink.write(samples)?;
        sink.finalize()
    }

    #[test]
    fn every_format_reads_back_and_the_riff_size_covers_the_tags() {
        let folder = tempfile::tempdir().unwrap();
        let samples: Vec<f32> = (0..999).map(|i| (i as f32 * 0.05).sin() * 0.7).collect();
        let tags = Tags { title: Some("Tïtle".into()), comment: Some("read by AI".into()) };
        each(
            [(SampleFormat::Int16, 5e-5), (SampleFormat::Int24, 2e-7), (SampleFormat::Float32, 0.0)],
            |(format, tolerance)| {
                let path = folder.path().join(format!("{}.wav", format.bits()));
                write(&path, format, tags.clone(), &samples).unwrap();
                let bytes = std::fs::read(&path).unwrap();
                let riff = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
                assert_eq!(riff + 8, bytes.len(), "{format:?}");
                let text = String::from_utf8_lossy(&bytes);
                assert!(text.contains("INAM") && text.contains("Tïtle") && text.contains("read by AI"));
                let mut reader = hound::WavReader::open(&path).unwrap();
                let read: Vec<f32> = if format == SampleFormat::Float32 {
                    reader.samples::<f32>().map(|s| s.unwrap()).collect()
                } else {
                    let scale = ((1 << (format.bits() - 1)) - 1) as f32;
                    reader.samples::<i32>().map(|s| s.unwrap() as f32 / scale).collect()
                };
                assert_eq!(read.len(), samples.len(), "{format:?}");
                for (a, b) in read.iter().zip(&samples) {
                    assert!((a - b).abs() <= tolerance, "{format:?}: {a} for {b}");
                }
            },
        );
    }

    #[test]
    fn an_existing_file_stays_as_it_is_and_a_dropped_sink_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.wav");
        std::fs::write(&path, "precious").unwrap();
        let error = write(&path, SampleFormat::Int16, Tags::default(), &[0.0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exists);
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");

        let other = folder.path().join("dropped.wav");
        let mut sink = WavSink::create(&other, RATE, SampleFormat::Int16, Tags::default(), false).unwrap();
        sink.write(&[0.1; 5000]).unwrap();
        drop(sink);
        let left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["kept.wav"]);
    }

    #[test]
    fn a_sound_beyond_the_format_is_refused_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endless.wav");
        each(
            [(SampleFormat::Int16, 24), (SampleFormat::Int24, 16), (SampleFormat::Float32, 12)],
            |(format, hours)| {
                let mut sink = WavSink::create(&path, RATE, format, Tags::default(), false).unwrap();
                assert_eq!(sink.room / (24_000 * 3600), hours, "{format:?}");
                sink.room = 1000;
                sink.write(&[0.1; 600]).unwrap();
                let error = sink.write(&[0.1; 600]).unwrap_err();
                assert!(error.story().contains("larger than a file of its format"), "{}", error.story());
            },
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_in_the_way_of_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let path = folder.path().join("file/out.wav");
        let error = write(&path, SampleFormat::Int16, Tags::default(), &[0.0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Output);
        assert!(error.story().contains("out.wav"), "{}", error.story());
    }
}
