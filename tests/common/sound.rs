//! WAV files as read by `hound`, by `symphonia`, and as bare chunks of the RIFF file.

use std::io::Cursor;

use hound::{SampleFormat, WavReader};
use symphonia::core::audio::sample::Sample;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

/// A WAV file as `hound` reads it, samples scaled to ±1.
pub struct Sound {
    pub rate: u32,
    pub bits: u16,
    pub is_float: bool,
    pub samples: Vec<f32>,
}

impl Sound {
    #[track_caller]
    pub fn read(bytes: &[u8]) -> Self {
        let mut reader = WavReader::new(Cursor::new(bytes)).unwrap();
        let spec = reader.spec();
        assert_eq!(spec.channels, 1, "channels");
        let is_float = spec.sample_format == SampleFormat::Float;
        let samples = if is_float {
            reader.samples::<f32>().map(Result::unwrap).collect()
        } else {
            let scale = (1_i64 << (spec.bits_per_sample - 1)) as f32;
            reader.samples::<i32>().map(|sample| sample.unwrap() as f32 / scale).collect()
        };
        Self { rate: spec.sample_rate, bits: spec.bits_per_sample, is_float, samples }
    }

    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// The part between two times, in seconds.
    pub fn part(&self, start: f64, end: f64) -> &[f32] {
        let at = |seconds: f64| ((seconds * f64::from(self.rate)).round() as usize).min(self.samples.len());
        &self.samples[at(start)..at(end)]
    }

    /// The longest stretch without a sample above −60 dBFS, in seconds.
    pub fn longest_silence(&self) -> f64 {
        silence(&self.samples) as f64 / f64::from(self.rate)
    }
}

/// The longest stretch of samples below −60 dBFS.
pub fn silence(samples: &[f32]) -> usize {
    samples.split(|sample| sample.abs() > 0.001).map(<[f32]>::len).max().unwrap_or(0)
}

/// How alike two sounds are whatever their levels, from −1 to 1: 1 for the same sound, near 0 for different ones.
pub fn likeness(a: &[f32], b: &[f32]) -> f64 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    product(a, b) / (product(a, a) * product(b, b)).sqrt().max(f64::MIN_POSITIVE)
}

/// A WAV file as `symphonia` decodes it: the rate and the samples.
#[track_caller]
pub fn decode(bytes: &[u8]) -> (u32, Vec<f32>) {
    let stream =
        MediaSourceStream::new(Box::new(Cursor::new(bytes.to_vec())), MediaSourceStreamOptions::default());
    let probe = symphonia::default::get_probe();
    let mut format =
        probe.probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default()).unwrap();
    let track = format.default_track(TrackType::Audio).unwrap();
    let parameters = track.codec_params.as_ref().unwrap().audio().unwrap();
    let rate = parameters.sample_rate.unwrap();
    let codecs = symphonia::default::get_codecs();
    let mut decoder = codecs.make_audio_decoder(parameters, &AudioDecoderOptions::default()).unwrap();
    let mut samples = Vec::new();
    let mut block = Vec::new();
    while let Some(packet) = format.next_packet().unwrap() {
        let buffer = decoder.decode(&packet).unwrap();
        block.resize(buffer.samples_interleaved(), f32::MID);
        buffer.copy_to_slice_interleaved(&mut block);
        samples.extend_from_slice(&block);
    }
    (rate, samples)
}

/// The chunks of a RIFF file, name and content; they must fill the file to its last byte.
#[track_caller]
pub fn chunks(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
    assert_eq!(size(&bytes[4..]) + 8, bytes.len(), "the size in the RIFF header");
    list(&bytes[12..])
}

/// The entries of the LIST/INFO chunk, without the NUL at their ends.
#[track_caller]
pub fn info(bytes: &[u8]) -> Vec<(String, String)> {
    let chunks = chunks(bytes);
    let (_, content) = chunks.iter().find(|(name, _)| name == "LIST").expect("a LIST chunk");
    let entries = list(content.strip_prefix(b"INFO").expect("a LIST of INFO"));
    let text = |content: Vec<u8>| String::from_utf8(content).unwrap().trim_end_matches('\0').to_string();
    entries.into_iter().map(|(name, content)| (name, text(content))).collect()
}

fn list(mut rest: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let size = size(&rest[4..]);
        found.push((String::from_utf8_lossy(&rest[..4]).into_owned(), rest[8..8 + size].to_vec()));
        rest = &rest[8 + size.next_multiple_of(2)..];
    }
    found
}

fn size(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize
}
