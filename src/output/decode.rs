//! Sound files → mono blocks of samples, packet by packet: WAV, FLAC, MP3, Ogg Vorbis and M4A (AAC).

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as SoundError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use tracing::warn;

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
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    rate: SampleRate,
    /// The first block, decoded while opening, for only a decoder knows the true rate.
    first: Option<Vec<f32>>,
    interleaved: Vec<f32>,
    corrupt_packets: u64,
    is_over: bool,
}

impl SoundFile {
    /// Opens a file and decodes its beginning.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path)
            .and_then(|file| match file.metadata()? {
                metadata if metadata.is_dir() => Err(std::io::Error::other("it is a folder")),
                _ => Ok(file),
            })
            .map_err(|cause| {
                Error::new(ErrorKind::Input, "the sound file can't be read")
                    .at(Place::file(path))
                    .because(cause)
            })?;
        Self::decode(path, Box::new(file))
    }

    /// Decodes sound from a pipe, which `path` names in messages. Files with their index at the end, such as some M4A
    /// files, can't be decoded this way.
    pub(crate) fn from_reader(path: &Path, reader: impl Read + Send + Sync + 'static) -> Result<Self> {
        Self::decode(path, Box::new(ReadOnlySource::new(reader)))
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
        let (track, decoder) = open_track(path, &*format)?;
        let mut sound = Self {
            path: path.to_path_buf(),
            format,
            decoder,
            track,
            rate: UNKNOWN_RATE,
            first: None,
            interleaved: Vec::new(),
            corrupt_packets: 0,
            is_over: false,
        };
        let Some((block, rate)) = sound.decode_next()? else {
            return Err(Error::new(ErrorKind::Decode, "the file holds no sound")
                .at(Place::file(path))
                .with_cure(Cure::ConvertSound));
        };
        (sound.first, sound.rate) = (Some(block), rate);
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
    fn decode_next(&mut self) -> Result<Option<(Vec<f32>, SampleRate)>> {
        loop {
            let packet = match guarded(|| self.format.next_packet()) {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(None),
                Err(SoundError::ResetRequired) => {
                    // Chained streams, such as concatenated Ogg files, begin again.
                    (self.track, self.decoder) = open_track(&self.path, &*self.format)?;
                    continue;
                }
                Err(SoundError::IoError(cause)) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                    warn!(file = %self.name(), "the sound file is cut short");
                    return Ok(None);
                }
                Err(cause) => {
                    return Err(failed(&self.path, "the sound file can't be decoded further", cause));
                }
            };
            if packet.track_id != self.track {
                continue;
            }
            let decoded = guarded(|| {
                let sound = self.decoder.decode(&packet)?;
                sound.copy_to_vec_interleaved(&mut self.interleaved);
                Ok((sound.spec().rate(), sound.num_planes()))
            });
            match decoded {
                Ok(_) if self.interleaved.is_empty() => {}
                Ok((hertz, channels)) => {
                    let Some(rate) = SampleRate::new(hertz).filter(|_| RATES.contains(&hertz)) else {
                        return Err(Error::new(
                            ErrorKind::Decode,
                            format!("{hertz} Hz is no rate of a sound"),
                        )
                        .at(Place::file(&self.path))
                        .with_cure(Cure::ConvertSound));
                    };
                    return Ok(Some((mono(&self.interleaved, channels.max(1)), rate)));
                }
                Err(cause @ (SoundError::DecodeError(_) | SoundError::IoError(_))) => {
                    self.corrupt_packets += 1;
                    // A file that is corrupt throughout should not drown everything else.
                    if self.corrupt_packets <= 3 {
                        warn!(file = %self.name(), %cause, "a corrupt packet of sound is skipped");
                    }
                }
                Err(SoundError::ResetRequired) => self.decoder.reset(),
                Err(cause) => {
                    return Err(failed(&self.path, "the sound file can't be decoded further", cause));
                }
            }
        }
    }

    fn next_block(&mut self) -> Result<Option<Vec<f32>>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let Some((block, rate)) = self.decode_next()? else { return Ok(None) };
        if rate != self.rate {
            let what = format!("the rate changes within the file, to {} Hz", rate.hertz());
            return Err(Error::new(ErrorKind::Decode, what)
                .at(Place::file(&self.path))
                .with_cure(Cure::ConvertSound));
        }
        Ok(Some(block))
    }
}

impl Iterator for SoundFile {
    type Item = Result<Vec<f32>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let block = self.next_block().transpose();
        self.is_over = !matches!(block, Some(Ok(_)));
        if self.is_over && self.corrupt_packets > 3 {
            warn!(file = %self.name(), packets = self.corrupt_packets, "corrupt packets were skipped");
        }
        block
    }
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

/// The mean of the channels.
fn mono(interleaved: &[f32], channels: usize) -> Vec<f32> {
    let scale = 1.0 / channels as f32;
    interleaved.chunks_exact(channels).map(|frame| finite(frame.iter().sum::<f32>() * scale)).collect()
}

/// Float files may hold anything; a sample that is not a number is silence.
fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}

fn failed(path: &Path, what: &str, cause: SoundError) -> Error {
    Error::new(ErrorKind::Decode, what).at(Place::file(path)).because(cause).with_cure(Cure::ConvertSound)
}

#[cfg(test)]
mod tests;
