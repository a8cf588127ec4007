//! Sound files → mono blocks of samples, packet by packet: WAV, FLAC, MP3, Opus, Ogg Vorbis and M4A (AAC).

#[cfg(feature = "inspect")]
mod coding;
#[cfg(feature = "opus")]
mod opus;
mod tagged;

use std::fs::File;
#[cfg(feature = "opus")]
use std::io::Cursor;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as SoundError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use tracing::warn;

use super::finite;
use crate::audio::SampleRate;
use crate::audio::Sink;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};

/// Rates that sound files have: from telephones' and toys' up to the highest of studio converters. Other values mean a
/// damaged header.
const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;

/// Stands for the rate until the first block is decoded.
const UNKNOWN_RATE: SampleRate = SampleRate::new(1).unwrap();

/// A sound file that is decoded on demand: an iterator of mono blocks.
pub(crate) struct SoundFile {
    path: PathBuf,
    decoder: Decoder,
    rate: SampleRate,
    /// The first block, decoded while opening, for only a decoder knows the true rate.
    first: Option<Frames>,
    corrupt_packets: u64,
    /// Whether the file ended where its container promised more.
    #[cfg_attr(not(feature = "inspect"), allow(dead_code, reason = "only `inspect` tells"))]
    is_cut_short: bool,
    is_over: bool,
}

/// Samples of all channels, frame by frame, as they were decoded: floats may lie beyond ±1, or be no numbers.
pub(crate) struct Frames {
    /// Channels of a frame; never zero.
    pub channels: usize,
    /// The samples, whole frames.
    pub samples: Vec<f32>,
}

impl Frames {
    /// The mean of the channels. Float files may hold anything.
    fn mono(&self) -> Vec<f32> {
        let scale = 1.0 / self.channels as f32;
        let mean = |frame: &[f32]| finite(frame.iter().sum::<f32>() * scale);
        self.samples.chunks_exact(self.channels).map(mean).collect()
    }
}

/// What decodes a file.
enum Decoder {
    Symphonia(Track),
    #[cfg(feature = "opus")]
    Opus(Box<opus::OpusSound>),
}

/// One track of a file that Symphonia knows.
struct Track {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    id: u32,
}

impl SoundFile {
    /// Opens a file and decodes its beginning.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path)
            .and_then(|file| match file.metadata()? {
                metadata if metadata.is_dir() => Err(std::io::Error::other("it is a folder")),
                _ => Ok(file),
            })
            .map_err(|cause| unreadable(path, cause))?;
        Self::from_file(path, file)
    }

    /// Decodes a file that is open and at its beginning, and that `path` names in messages.
    pub(crate) fn from_file(path: &Path, mut file: File) -> Result<Self> {
        if tagged::is_tagged(&mut file).map_err(|cause| unreadable(path, cause))? {
            return Self::from_reader(path, BufReader::new(file));
        }
        #[cfg(feature = "opus")]
        if opus::is_opus_file(&mut file).map_err(|cause| unreadable(path, cause))? {
            return Self::decode_opus(path, Box::new(BufReader::new(file)));
        }
        Self::decode(path, Box::new(file))
    }

    /// Decodes sound from a pipe, which `path` names in messages. Files with their index at the end, such as some M4A
    /// files, can't be decoded this way.
    pub(crate) fn from_reader(path: &Path, reader: impl Read + Send + Sync + 'static) -> Result<Self> {
        let reader = tagged::behind_tags(reader).map_err(|cause| unreadable(path, cause))?;
        #[cfg(feature = "opus")]
        let reader = {
            let mut reader = reader;
            let head = opus::head(&mut reader).map_err(|cause| unreadable(path, cause))?;
            let is_opus = opus::is_opus(&head);
            let reader = Cursor::new(head).chain(reader);
            if is_opus {
                return Self::decode_opus(path, Box::new(BufReader::new(reader)));
            }
            reader
        };
        Self::decode(path, Box::new(ReadOnlySource::new(reader)))
    }

    #[cfg(feature = "opus")]
    fn decode_opus(path: &Path, source: Box<dyn Read + Send + Sync>) -> Result<Self> {
        let sound = guarded_opus(|| opus::OpusSound::new(source))
            .map_err(|cause| failed(path, "this is no Opus file that can be decoded", cause))?;
        Self::begin(path, Decoder::Opus(Box::new(sound)))
    }

    fn decode(path: &Path, source: Box<dyn MediaSource>) -> Result<Self> {
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
        let probe = symphonia::default::get_probe();
        let format =
            guarded(|| probe.probe(&hint, stream, FormatOptions::default(), MetadataOptions::default()))
                .map_err(|cause| failed(path, "this is not a sound file of a known kind", cause))?;
        let (id, decoder) = open_track(path, &*format)?;
        Self::begin(path, Decoder::Symphonia(Track { format, decoder, id }))
    }

    fn begin(path: &Path, decoder: Decoder) -> Result<Self> {
        let mut sound = Self {
            path: path.to_path_buf(),
            decoder,
            rate: UNKNOWN_RATE,
            first: None,
            corrupt_packets: 0,
            is_cut_short: false,
            is_over: false,
        };
        let Some((frames, rate)) = sound.decode_next()? else {
            return Err(Error::new(ErrorKind::Decode, "the file holds no sound")
                .at(Place::file(path))
                .with_cure(Cure::ConvertSound));
        };
        (sound.first, sound.rate) = (Some(frames), rate);
        Ok(sound)
    }

    /// Rate of the sound.
    pub(crate) fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    /// Decodes the whole file into a sink and finalises it.
    pub(crate) fn play_into(self, mut sink: Box<dyn Sink>) -> Result<()> {
        for block in self {
            sink.write(&block?)?;
        }
        sink.finalize()
    }

    /// The name for log lines.
    fn name(&self) -> String {
        printable(&self.path.to_string_lossy())
    }

    /// The next block that is not empty, and its rate.
    fn decode_next(&mut self) -> Result<Option<(Frames, SampleRate)>> {
        loop {
            let decoded = match &mut self.decoder {
                Decoder::Symphonia(track) => track.decode_next(&self.path)?,
                #[cfg(feature = "opus")]
                Decoder::Opus(sound) => decode_opus(sound, &self.path)?,
            };
            let (hertz, frames) = match decoded {
                Decoded::End => return Ok(None),
                Decoded::CutShort => {
                    self.is_cut_short = true;
                    return Ok(None);
                }
                Decoded::Nothing => continue,
                Decoded::Corrupt(cause) => {
                    self.corrupt_packets += 1;
                    // A file that is corrupt throughout should not drown everything else.
                    if self.corrupt_packets <= 3 {
                        warn!(file = %self.name(), %cause, "a corrupt packet of sound is skipped");
                    }
                    continue;
                }
                Decoded::Block(hertz, frames) => (hertz, frames),
            };
            let Some(rate) = SampleRate::new(hertz).filter(|_| RATES.contains(&hertz)) else {
                return Err(Error::new(ErrorKind::Decode, format!("{hertz} Hz is no rate of a sound"))
                    .at(Place::file(&self.path))
                    .with_cure(Cure::ConvertSound));
            };
            return Ok(Some((frames, rate)));
        }
    }

    /// The next block with all its channels; `None` at the end. After an error there is no further block.
    pub(crate) fn next_frames(&mut self) -> Result<Option<Frames>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let Some((frames, rate)) = self.decode_next()? else { return Ok(None) };
        if rate != self.rate {
            let what = format!("the rate changes within the file, to {} Hz", rate.hertz());
            return Err(Error::new(ErrorKind::Decode, what)
                .at(Place::file(&self.path))
                .with_cure(Cure::ConvertSound));
        }
        Ok(Some(frames))
    }
}

impl Iterator for SoundFile {
    type Item = Result<Vec<f32>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let block = self.next_frames().transpose().map(|frames| frames.map(|frames| frames.mono()));
        self.is_over = !matches!(block, Some(Ok(_)));
        if self.is_over && self.corrupt_packets > 3 {
            warn!(file = %self.name(), packets = self.corrupt_packets, "corrupt packets were skipped");
        }
        block
    }
}

/// What came of a packet.
enum Decoded {
    /// A rate, and samples.
    Block(u32, Frames),
    /// It held no sound, or that of another track.
    Nothing,
    /// It is damaged.
    Corrupt(String),
    /// There was none.
    End,
    /// The file ended within it.
    CutShort,
}

impl Track {
    /// Whether it came through a pipe as a WAV, whose head then promises more than any file has.
    fn is_of_unknown_length(&self) -> bool {
        let track = self.format.tracks().iter().find(|track| track.id == self.id);
        self.format.format_info().short_name == "wave"
            && track.is_some_and(|track| track.num_frames.is_none())
    }

    fn decode_next(&mut self, path: &Path) -> Result<Decoded> {
        let beyond = |cause| failed(path, "the sound file can't be decoded further", cause);
        let packet = match guarded(|| self.format.next_packet()) {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(Decoded::End),
            Err(SoundError::ResetRequired) => {
                // Chained streams, such as concatenated Ogg files, begin again.
                (self.id, self.decoder) = open_track(path, &*self.format)?;
                return Ok(Decoded::Nothing);
            }
            Err(SoundError::IoError(cause)) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                if self.is_of_unknown_length() {
                    return Ok(Decoded::End);
                }
                warn!(file = %printable(&path.to_string_lossy()), "the sound file is cut short");
                return Ok(Decoded::CutShort);
            }
            Err(cause) => return Err(beyond(cause)),
        };
        if packet.track_id != self.id {
            return Ok(Decoded::Nothing);
        }
        let decoded = guarded(|| {
            let sound = self.decoder.decode(&packet)?;
            let mut samples = Vec::new();
            sound.copy_to_vec_interleaved(&mut samples);
            Ok((sound.spec().rate(), Frames { channels: sound.num_planes().max(1), samples }))
        });
        Ok(match decoded {
            Ok((_, frames)) if frames.samples.is_empty() => Decoded::Nothing,
            Ok((hertz, frames)) => Decoded::Block(hertz, frames),
            Err(cause @ (SoundError::DecodeError(_) | SoundError::IoError(_))) => {
                Decoded::Corrupt(cause.to_string())
            }
            Err(SoundError::ResetRequired) => {
                self.decoder.reset();
                Decoded::Nothing
            }
            Err(cause) => return Err(beyond(cause)),
        })
    }
}

#[cfg(feature = "opus")]
fn decode_opus(sound: &mut opus::OpusSound, path: &Path) -> Result<Decoded> {
    use opus_pure::Error as OpusError;
    let channels = sound.channels;
    let decoded = guarded_opus(|| {
        let samples = sound.decode_next()?.map(<[f32]>::to_vec);
        Ok(samples.map(|samples| Frames { channels: channels.max(1), samples }))
    });
    Ok(match decoded {
        Ok(None) => Decoded::End,
        Ok(Some(frames)) if frames.samples.is_empty() => Decoded::Nothing,
        Ok(Some(frames)) => Decoded::Block(opus::SAMPLE_RATE.hertz(), frames),
        Err(OpusError::Io(cause)) if cause.kind() != std::io::ErrorKind::UnexpectedEof => {
            return Err(failed(path, "the sound file can't be decoded further", cause));
        }
        Err(cause @ (OpusError::Io(_) | OpusError::InvalidStream(_))) => {
            warn!(file = %printable(&path.to_string_lossy()), %cause, "the sound file is cut short");
            Decoded::CutShort
        }
        Err(cause) => Decoded::Corrupt(cause.to_string()),
    })
}

fn open_track(path: &Path, format: &dyn FormatReader) -> Result<(u32, Box<dyn AudioDecoder>)> {
    let track = format.default_track(TrackType::Audio);
    let parameters = track
        .and_then(|track| Some((track.id, track.codec_params.as_ref().and_then(|codec| codec.audio())?)));
    let Some((id, parameters)) = parameters else {
        return Err(Error::new(ErrorKind::Decode, "the file holds no sound")
            .at(Place::file(path))
            .with_cure(Cure::ConvertSound));
    };
    let codecs = symphonia::default::get_codecs();
    let decoder = guarded(|| codecs.make_audio_decoder(parameters, &AudioDecoderOptions::default()))
        .map_err(|cause| failed(path, "the sound is coded in a way that is not known", cause))?;
    Ok((id, decoder))
}

/// Calls the decoding library, some of whose arithmetic overflows on malformed files and panics where overflow is
/// checked; a file must not bring the program down.
fn guarded<T>(work: impl FnOnce() -> Result<T, SoundError>) -> Result<T, SoundError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or(Err(SoundError::DecodeError("the decoder gave up on malformed data")))
}

/// The same for Opus.
#[cfg(feature = "opus")]
fn guarded_opus<T>(work: impl FnOnce() -> Result<T, opus_pure::Error>) -> Result<T, opus_pure::Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or(Err(opus_pure::Error::InvalidStream("the decoder gave up on malformed data")))
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    Error::new(ErrorKind::Input, "the sound file can't be read").at(Place::file(path)).because(cause)
}

fn failed(path: &Path, what: &str, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Decode, what).at(Place::file(path)).because(cause).with_cure(Cure::ConvertSound)
}

#[cfg(test)]
mod tests;
