//! What every encoder must bear, and that its bytes stay the same.
#![cfg(all(feature = "flac", feature = "mp3", feature = "opus"))]

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::*;
use crate::audio::Sink;
use crate::table_test::each;

const RATE: SampleRate = SampleRate::new(24_000).unwrap();

const fn coding(
    format: Format,
    samples: Option<SampleFormat>,
    bitrate: Option<u32>,
    is_best: bool,
) -> Coding {
    Coding { format, samples, rate: None, bitrate, is_best }
}

/// Every way to code that differs in more than a number.
const CODINGS: [Coding; 8] = [
    coding(Format::Flac, None, None, false),
    coding(Format::Flac, Some(SampleFormat::Int24), None, false),
    coding(Format::Mp3, None, Some(48), false),
    coding(Format::Mp3, None, None, false),
    coding(Format::Mp3, None, Some(192), false),
    coding(Format::Opus, None, Some(12), false),
    coding(Format::Opus, None, None, false),
    coding(Format::Opus, None, Some(128), true),
];

fn write(sink: Result<impl Sink>, samples: &[f32], block: usize) {
    let mut sink = Box::new(sink.unwrap());
    for block in samples.chunks(block) {
        sink.write(block).unwrap();
    }
    sink.finalize().unwrap();
}

fn file(coding: Coding, rate: SampleRate, samples: &[f32], block: usize) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound");
    write(EncodedFile::create(&path, rate, coding, &Metadata::default(), 0.0, false), samples, block);
    std::fs::read(path).unwrap()
}

#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn piped(coding: Coding, samples: &[f32]) -> Vec<u8> {
    let pipe = Pipe::default();
    write(EncodedPipe::create(pipe.clone(), RATE, coding, &Metadata::default(), 0.0), samples, 1_000);
    let bytes = pipe.0.lock().unwrap();
    bytes.clone()
}

#[cfg(feature = "decode")]
fn decode(bytes: Vec<u8>) -> (Vec<f32>, u32) {
    use crate::output::decode::SoundFile;
    let file = SoundFile::from_reader(Path::new("sound"), io::Cursor::new(bytes)).unwrap();
    let rate = file.sample_rate().hertz();
    (file.flat_map(|block| block.unwrap()).collect(), rate)
}

/// Noise within ±1, made of whole numbers only, so that it is the same everywhere.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Something like speech: pulses through a decay, with pauses.
fn pulses(count: usize) -> Vec<f32> {
    let noise = noise(count);
    let (mut level, mut low) = (0.0_f32, 0.0_f32);
    (0..count)
        .map(|n| {
            let is_spoken = n / 6_000 % 4 != 3;
            if is_spoken && n.is_multiple_of(192) {
                level = 0.75;
            }
            level *= 0.984_375;
            low = low * 0.75 + level * (0.875 + noise[n] * 0.125) * 0.25;
            if (n / 96).is_multiple_of(2) { low } else { -low }
        })
        .collect()
}

fn signals() -> Vec<(&'static str, Vec<f32>)> {
    let second = 24_000;
    let square = |n: usize| if (n / 30).is_multiple_of(2) { 1.0 } else { -1.0 };
    let with = |at: usize, value: f32| {
        let mut samples = pulses(second);
        samples[at..at + 3].fill(value);
        samples
    };
    let mut signals: Vec<(&str, Vec<f32>)> = [0, 1, 2, 94, 479, 480, 481, 1_151, 1_152, 1_153]
        .into_iter()
        .map(|count| ("short", vec![0.3; count]))
        .collect();
    signals.extend([
        ("silence", vec![0.0; second]),
        ("square", (0..second).map(square).collect()),
        ("every second", (0..second).map(|n| if n.is_multiple_of(2) { 1.0 } else { -1.0 }).collect()),
        ("constant", vec![0.9; second]),
        ("noise", noise(second)),
        ("a hundred times too loud", noise(second).iter().map(|sample| sample * 100.0).collect()),
        ("beyond all measure", noise(second).iter().map(|sample| sample * 1e30).collect()),
        ("tiny", noise(second).iter().map(|sample| sample * 1e-38).collect()),
        ("not a number", with(9_000, f32::NAN)),
        ("infinite", with(9_000, f32::INFINITY)),
        ("all infinite", vec![f32::NEG_INFINITY; second]),
    ]);
    signals
}

#[cfg(feature = "decode")]
#[test]
fn every_signal_comes_back_with_its_exact_length() {
    each(CODINGS, |coding| {
        for (name, samples) in signals() {
            let bytes = file(coding, RATE, &samples, 1_000);
            let what = format!("{coding:?}, {name}, {} samples", samples.len());
            assert!(bytes.len() < 20_000 + 4 * samples.len(), "{what}: {} bytes", bytes.len());
            if samples.is_empty() {
                continue;
            }
            let (decoded, rate) = decode(bytes);
            assert_eq!(decoded.len(), samples.len() * rate as usize / 24_000, "{what}");
            if ["not a number", "infinite"].contains(&name) {
                // A wrong sample touches its surroundings and nothing else; the signal's own peaks are at 0.6.
                let times = rate as usize / 24_000;
                let loud = decoded[10_500 * times..].iter().fold(0.0_f32, |loud, s| loud.max(s.abs()));
                assert!(loud < 0.7, "{what}: {loud}");
            }
        }
    });
}

#[cfg(feature = "decode")]
#[test]
fn the_sound_keeps_its_level_and_its_place() {
    let samples = pulses(72_000);
    let energy = |samples: &[f32]| {
        samples.iter().map(|sample| f64::from(sample * sample)).sum::<f64>() / samples.len() as f64
    };
    each(CODINGS.iter().filter(|coding| coding.bitrate.is_none()), |&coding| {
        let (decoded, rate) = decode(file(coding, RATE, &samples, 1_000));
        // Opus lowers the band from 4 to 8 kHz of speech, as the reference encoder does.
        let tolerance = if coding.format == Format::Opus { 0.5 } else { 0.1 };
        let change = 10.0 * (energy(&decoded) / energy(&samples)).log10();
        assert!(change.abs() < tolerance, "{coding:?}: {change} dB");
        let times = rate as usize / 24_000;
        let late = |late: usize| -> f64 {
            let pairs = samples.iter().zip(decoded[late..].iter().step_by(times));
            pairs.map(|(a, b)| f64::from(a * b)).sum()
        };
        let early = |early: usize| -> f64 {
            samples[early..].iter().zip(decoded.iter().step_by(times)).map(|(a, b)| f64::from(a * b)).sum()
        };
        // For speech Opus has a filter whose delay is no whole number of samples.
        let nearest = if coding.format == Format::Opus { 3 } else { 1 };
        for shift in nearest..10 {
            assert!(late(shift) < late(0) && early(shift) < late(0), "{coding:?}: {shift} samples");
        }
    });
}

#[test]
fn the_bytes_are_those_of_any_blocks_and_of_any_run() {
    let samples = pulses(9_999);
    each(CODINGS, |coding| {
        let whole = file(coding, RATE, &samples, usize::MAX);
        for block in [1, 100, 333, 480, 777, 1_152, 5_000, 9_999] {
            assert!(file(coding, RATE, &samples, block) == whole, "{coding:?}: blocks of {block}");
        }
    });
}

#[test]
fn a_coder_beside_makes_the_same_bytes_and_passes_on_what_fails() {
    let samples = pulses(60_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound");
    each(CODINGS, |coding| {
        let mut sink = EncodedFile::create(&path, RATE, coding, &Metadata::default(), 0.0, false).unwrap();
        sink.write_all(|take| samples.chunks(1_000).try_for_each(take)).unwrap();
        Box::new(sink).finalize().unwrap();
        assert!(std::fs::read(&path).unwrap() == file(coding, RATE, &samples, 1_000), "{coding:?}");
        std::fs::remove_file(&path).unwrap();

        let mut sink = EncodedFile::create(&path, RATE, coding, &Metadata::default(), 0.0, false).unwrap();
        let failed = sink.write_all(|take| {
            take(&samples)?;
            Err(Error::new(ErrorKind::Interrupted, "it is enough"))
        });
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::Interrupted, "{coding:?}");
        drop(sink);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{coding:?}");
    });
}

/// Whose estimates of square roots this processor gives. The encoder of Opus takes them (`rsqrtps`), as the reference encoder does,
/// and each maker rounds them in another way. `None` where nobody has looked.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn maker() -> Option<&'static str> {
    let processor = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name: &str| {
        let line =
            processor.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split_once(':')?.1.trim())
    };
    let has_vectors = ["avx2", "fma"]
        .iter()
        .all(|set| field("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == *set)));
    match (field("vendor_id")?, field("cpu family")?) {
        ("GenuineIntel", _) if has_vectors => Some("Intel"),
        ("AuthenticAMD", "25") if has_vectors => Some("AMD"),
        _ => None,
    }
}

/// Other bytes mean that an encoder has changed, or our use of it.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn the_bytes_are_those_of_the_last_version() {
    let everywhere = [
        ("flac", CODINGS[0], 24_000, "4accae5236982a76"),
        ("flac, 24 bits", CODINGS[1], 24_000, "8a477088e2727d90"),
        ("mp3", CODINGS[3], 48_000, "1494dd204236407e"),
        ("mp3 of another rate", CODINGS[3], 24_000, "3b387b0e192deec2"),
    ];
    let opus = match maker() {
        Some("Intel") => Some(["c7c647e78aad24c1", "c5eca1246c7cc19e", "e27046cf0b3def5e"]),
        Some("AMD") => Some(["b9852ccb39434d21", "cde40415da5bd5d8", "6fd859f0c7ec3845"]),
        _ => None,
    };
    let opus = opus.map(|[usual, other_rate, best]| {
        [
            ("opus", CODINGS[6], 24_000, usual),
            ("opus of another rate", CODINGS[6], 22_050, other_rate),
            ("opus, best", CODINGS[7], 24_000, best),
        ]
    });
    each(everywhere.into_iter().chain(opus.into_iter().flatten()), |(name, coding, hertz, want)| {
        let bytes = file(coding, SampleRate::new(hertz).unwrap(), &pulses(12_345), 1_000);
        let sum = u64::from_be_bytes(Sha256::digest(&bytes)[..8].try_into().unwrap());
        assert_eq!(format!("{sum:016x}"), want, "{name}, {} bytes", bytes.len());
    });
}

#[test]
fn a_pipe_gets_what_a_file_gets_but_for_the_head() {
    let samples = pulses(30_000);
    // A FLAC's marker, and the sizes and the checksum of its STREAMINFO; the first frame of an MP3.
    let rows = [(CODINGS[0], 42), (CODINGS[3], 288)];
    each(rows, |(coding, head)| {
        let (file, pipe) = (file(coding, RATE, &samples, 1_000), piped(coding, &samples));
        assert!(file[head..] == pipe[head..], "{coding:?}: {} and {} bytes", file.len(), pipe.len());
        assert_eq!(file[..4], pipe[..4], "{coding:?}");
    });
}

/// The packets of an Opus file, and where its pages end, in samples at 48 kHz.
fn packets(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<i64>) {
    let mut reader = opus_pure::OggOpusReader::new(bytes).unwrap();
    let all: Vec<_> = reader.packets().map(Result::unwrap).collect();
    let mut ends: Vec<_> = all.iter().map(|packet| packet.page_granule).filter(|end| *end > 0).collect();
    ends.dedup();
    (all.into_iter().map(|packet| packet.data).collect(), ends)
}

#[test]
fn a_piped_opus_has_the_packets_of_its_file_in_short_pages() {
    const FIFTH: i64 = 48_000 / 5;
    let silence = vec![0.0; 48_000];
    each([CODINGS[5], CODINGS[6], CODINGS[7]], |coding| {
        for samples in [pulses(60_000), silence.clone(), [pulses(12_000), silence.clone()].concat()] {
            let (packets_of_file, ends_of_file) = packets(&file(coding, RATE, &samples, 1_000));
            let (packets, ends) = packets(&piped(coding, &samples));
            assert!(packets == packets_of_file, "{} and {}", packets.len(), packets_of_file.len());
            assert_eq!(ends.last(), ends_of_file.last(), "the last page tells how long it is");
            let longest = ends.windows(2).map(|ends| ends[1] - ends[0]).chain(ends.first().copied()).max();
            assert_eq!(longest, Some(FIFTH), "{ends:?}");
        }
    });
}

#[cfg(feature = "decode")]
#[test]
fn a_piped_mp3_begins_with_its_first_sample() {
    let samples = pulses(30_000);
    let (file, _) = decode(file(CODINGS[3], RATE, &samples, 1_000));
    let (pipe, _) = decode(piped(CODINGS[3], &samples));
    let differ = file.iter().zip(&pipe).position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!((differ, file.len()), (None, 60_000));
    assert!((60_000..63_500).contains(&pipe.len()), "{}", pipe.len());
}

#[test]
fn a_dropped_sink_leaves_nothing_and_an_existing_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    each([Format::Flac, Format::Mp3, Format::Opus], |format| {
        let coding = Coding::usual(format);
        let path = folder.path().join("deep").join(format.ending());
        let mut sink =
            Box::new(EncodedFile::create(&path, RATE, coding, &Metadata::default(), 0.0, false).unwrap());
        sink.write(&pulses(50_000)).unwrap();
        drop(sink);
        assert_eq!(std::fs::read_dir(folder.path().join("deep")).unwrap().count(), 0, "{format:?}");
        let kept = folder.path().join("kept");
        std::fs::write(&kept, "precious").unwrap();
        let refused = EncodedFile::create(&kept, RATE, coding, &Metadata::default(), 0.0, false);
        assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::Exists), "{format:?}");
        assert_eq!(std::fs::read(&kept).unwrap(), b"precious");
    });
}

#[test]
fn a_reader_that_goes_away_ends_the_sound() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    each([Format::Flac, Format::Mp3, Format::Opus], |format| {
        let sink = EncodedPipe::create(Closed, RATE, Coding::usual(format), &Metadata::default(), 0.0);
        let written = sink.and_then(|mut sink| {
            sink.write(&pulses(100_000))?;
            Box::new(sink).finalize()
        });
        assert_eq!(written.err().map(|error| error.kind()), Some(ErrorKind::BrokenPipe), "{format:?}");
    });
}

#[test]
fn what_a_format_can_not_do_is_refused() {
    let int16 = Some(SampleFormat::Int16);
    let float = Some(SampleFormat::Float32);
    let rows = [
        (coding(Format::Wav, float, None, true), true),
        (coding(Format::Wav, None, Some(96), false), false),
        (coding(Format::Flac, Some(SampleFormat::Int24), None, false), true),
        (coding(Format::Flac, float, None, false), false),
        (coding(Format::Flac, None, Some(96), false), false),
        (coding(Format::Mp3, None, Some(64), false), true),
        (coding(Format::Mp3, None, Some(65), false), false),
        (coding(Format::Mp3, int16, None, false), false),
        (coding(Format::Opus, None, Some(33), true), true),
        (coding(Format::Opus, None, Some(500), false), false),
    ];
    each(rows, |(coding, is_possible)| {
        assert_eq!(coding.check().is_ok(), is_possible, "{coding:?}");
    });
}
