//! Tests of the decoder against files written by another library, and against garbage.

use std::f32::consts::PI;

use hound::{SampleFormat, WavSpec, WavWriter};
use proptest::prelude::*;

use super::*;
use crate::output::encode::{Coding, EncodedFile, Format};
use crate::output::metadata::Metadata;
use crate::table_test::each;

fn wave(index: usize) -> f32 {
    0.5 * (2.0 * PI * 220.0 * index as f32 / 24_000.0).sin()
}

/// Writes `count` frames of a sine; the second channel is half as loud.
fn write_wav(path: &Path, channels: u16, bits: u16, count: usize) {
    let sample_format = if bits == 32 { SampleFormat::Float } else { SampleFormat::Int };
    let spec = WavSpec { channels, sample_rate: 24_000, bits_per_sample: bits, sample_format };
    let mut writer = WavWriter::create(path, spec).unwrap();
    for index in 0..count {
        for channel in 0..channels {
            let sample = wave(index) / f32::from(channel + 1);
            if bits == 32 {
                writer.write_sample(sample).unwrap();
            } else {
                writer.write_sample((sample * (1_i32 << (bits - 1)) as f32).round() as i32).unwrap();
            }
        }
    }
    writer.finalize().unwrap();
}

fn decode(path: &Path) -> Result<(Vec<f32>, SampleRate)> {
    let file = SoundFile::open(path)?;
    let rate = file.sample_rate();
    let blocks: Result<Vec<_>> = file.collect();
    Ok((blocks?.concat(), rate))
}

#[test]
fn wav_files_of_every_format_come_out_as_mono() {
    let folder = tempfile::tempdir().unwrap();
    each(
        [(1, 16, 1e-4), (1, 24, 1e-6), (1, 32, 0.0), (2, 16, 1e-4), (2, 32, 1e-7)],
        |(channels, bits, tolerance)| {
            let path = folder.path().join("sound.wav");
            write_wav(&path, channels, bits, 30_000);
            let (samples, rate) = decode(&path).unwrap();
            assert_eq!((samples.len(), rate.hertz()), (30_000, 24_000), "{channels} channels, {bits} bits");
            let gain = if channels == 2 { 0.75 } else { 1.0 };
            let error =
                samples.iter().enumerate().map(|(n, x)| (x - gain * wave(n)).abs()).fold(0.0, f32::max);
            assert!(error <= tolerance, "off by {error}: {channels} channels, {bits} bits");
        },
    );
}

#[test]
fn a_pipe_is_decoded_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.wav");
    write_wav(&path, 1, 16, 30_000);
    let whole = std::fs::read(&path).unwrap();
    // Sizes that say “as long as it comes”.
    let mut endless = whole.clone();
    endless[4..8].fill(0xff);
    endless[40..44].fill(0xff);
    each([("with its length", whole), ("without a length", endless)], |(what, bytes)| {
        let file = SoundFile::from_reader(Path::new("pipe"), Cursor::new(bytes)).unwrap();
        let samples: usize = file.map(|block| block.unwrap().len()).sum();
        assert_eq!(samples, 30_000, "{what}");
    });
}

/// A sine of ours in another format.
fn coded(format: Format, count: usize) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound");
    let rate = SampleRate::new(24_000).unwrap();
    let file = EncodedFile::create(&path, rate, Coding::usual(format), &Metadata::default(), 0.0, false);
    let mut sink = Box::new(file.unwrap());
    sink.write(&(0..count).map(wave).collect::<Vec<_>>()).unwrap();
    sink.finalize().unwrap();
    std::fs::read(path).unwrap()
}

#[cfg(all(feature = "flac", feature = "mp3", feature = "opus"))]
#[test]
fn our_own_files_come_back_sample_by_sample_also_through_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        (Format::Wav, 1, 1e-4),
        (Format::Flac, 1, 1e-4),
        (Format::Mp3, 2, 0.02),
        // It keeps what is audible rather than the wave.
        (Format::Opus, 2, 0.1),
    ];
    each(rows, |(format, times, tolerance)| {
        let bytes = coded(format, 30_000);
        // The content decides, not the name.
        let path = folder.path().join("sound.bin");
        std::fs::write(&path, &bytes).unwrap();
        let (samples, rate) = decode(&path).unwrap();
        let file = SoundFile::from_reader(Path::new("pipe"), Cursor::new(bytes)).unwrap();
        let piped: Vec<f32> = file.flat_map(|block| block.unwrap()).collect();
        assert!(piped == samples, "{format:?}: a pipe gives {} samples", piped.len());
        assert_eq!((samples.len(), rate.hertz()), (30_000 * times, 24_000 * times as u32), "{format:?}");
        let mut worst = 0.0_f32;
        for (n, sample) in samples.iter().step_by(times).enumerate().skip(2_000).take(26_000) {
            worst = worst.max((sample - wave(n)).abs());
        }
        assert!(worst < tolerance, "{format:?}: {worst}");
    });
}

#[cfg(feature = "opus")]
#[test]
fn opus_that_is_cut_or_damaged_is_played_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.opus");
    let bytes = coded(Format::Opus, 120_000);
    let mut damaged = bytes.clone();
    let middle = bytes.len() / 2;
    damaged[middle..middle + 40].fill(0x55);
    each([bytes[..middle].to_vec(), damaged], |bytes| {
        std::fs::write(&path, bytes).unwrap();
        let (samples, _) = decode(&path).unwrap();
        assert!((40_000..240_000).contains(&samples.len()), "{}", samples.len());
    });
    std::fs::write(&path, &bytes[..60]).unwrap();
    assert_eq!(decode(&path).unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn a_file_that_is_cut_short_is_played_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.wav");
    write_wav(&path, 1, 16, 30_000);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..20_044]).unwrap();
    let (samples, _) = decode(&path).unwrap();
    assert!((9_000..=10_000).contains(&samples.len()), "{}", samples.len());
}

#[test]
fn what_is_no_sound_file_is_an_error_with_file_and_cure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("article.mp3");
    each([&b""[..], b"RIFF", b"A minister resigned on Monday.", &[0xff; 5_000]], |bytes| {
        std::fs::write(&path, bytes).unwrap();
        let error = decode(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error:?}");
        assert_eq!(error.place().and_then(|place| place.file.as_ref()), Some(&path));
        assert!(error.cure() == Some(&Cure::ConvertSound));
    });
    each([folder.path().join("missing.wav"), folder.path().to_path_buf()], |missing| {
        assert_eq!(decode(&missing).unwrap_err().kind(), ErrorKind::Input);
    });
}

#[test]
fn values_that_are_no_numbers_are_silence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.wav");
    let spec =
        WavSpec { channels: 1, sample_rate: 8_000, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let mut writer = WavWriter::create(&path, spec).unwrap();
    each([f32::NAN, f32::INFINITY, 7.0, -0.25], |sample| {
        writer.write_sample(sample).unwrap();
    });
    writer.finalize().unwrap();
    assert_eq!(decode(&path).unwrap().0, [0.0, 0.0, 1.0, -0.25]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every format's own beginning, followed by anything.
    #[test]
    fn rubbish_never_panics(kind in 0_usize..7, mut bytes in proptest::collection::vec(any::<u8>(), 0..6_000)) {
        let folder = tempfile::tempdir().unwrap();
        let beginnings: [&[u8]; 7] =
            [b"RIFF\x00\x10\x00\x00WAVEfmt ", b"fLaC\x00\x00\x00\x22", b"\xff\xfb\x90\x00", b"OggS\x00\x02",
             b"\x00\x00\x00\x18ftypM4A ", b"ID3\x04\x00\x00",
             b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01\x01"];
        bytes.splice(0..0, beginnings[kind].iter().copied());
        let path = folder.path().join("rubbish");
        std::fs::write(&path, &bytes).unwrap();
        let _ = decode(&path);
    }

    /// The same for Opus.
    #[cfg(feature = "opus")]
    #[test]
    fn damaged_opus_never_panics(damage in proptest::collection::vec((0_usize..1_000, any::<u8>()), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged.opus");
        let mut bytes = coded(Format::Opus, 12_000);
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        std::fs::write(&path, &bytes).unwrap();
        let _ = decode(&path);
    }

    /// A real file with some bytes changed.
    #[test]
    fn damaged_files_never_panic(damage in proptest::collection::vec((0_usize..300, any::<u8>()), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged.wav");
        write_wav(&path, 2, 16, 1_000);
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, byte) in damage {
            bytes[at] = byte;
        }
        std::fs::write(&path, &bytes).unwrap();
        let _ = decode(&path);
    }
}
