//! The samples of a fixed utterance, voice by voice and kernel by kernel, as they were when they were recorded
//! (`tests/data/golden_samples.tsv`). Other samples mean another version of the engine: else a digest would join sound that was kept
//! before a change with sound that was made after it.
//!
//! Samples depend on more than the kernels: sines, powers and such come from the system's library, and the Fourier transform and the
//! library runtime choose instructions by themselves. So each record names its *ground*: a hash of what such functions give here. On
//! another ground, and with kernels that nobody has recorded, samples may differ in their last bits. There the test says so, and
//! compares the length of the sound and its loudness every 50 ms.

use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroUsize;

use kernels::Isa;
use realfft::RealFftPlanner;

use super::*;
use crate::audio::Speed;
use crate::hash::{Fields, hex};
use crate::synth::backend::VARIABLE;
use crate::synth::tone::Tone;
use crate::synth::{Collect, Utterance};
use crate::table_test::each;
use crate::voice::{Store, VoiceName};

const RECORDS: &str = "tests/data/golden_samples.tsv";
/// “The port.”
const PHONEMES: &str = "ðə pˈɔɹt.";
/// Samples of 50 ms.
const FRAME: usize = 1_200;
/// Softer frames are all alike, in dBFS.
const FLOOR: f64 = -50.0;
/// How much two sounds may differ in a frame, in dB, and on average over all frames. Between kernels 1 and 0.04 were measured, between the
/// two voices 30 and 5.
const FRAME_NOISE: f64 = 6.0;
const MEAN_NOISE: f64 = 1.5;

/// A line of the records.
struct Record {
    voice: String,
    version: String,
    backend: String,
    ground: String,
    hash: String,
    levels: Vec<f64>,
}

impl Record {
    fn of(line: &str) -> Self {
        let [voice, version, backend, ground, hash, levels] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("six columns are wanted: {line}")
        };
        let levels = levels.split(' ').map(|level| level.parse().unwrap()).collect();
        let [voice, version, backend, ground, hash] =
            [voice, version, backend, ground, hash].map(str::to_string);
        Self { voice, version, backend, ground, hash, levels }
    }

    fn all() -> Vec<Self> {
        let text = std::fs::read_to_string(RECORDS).unwrap_or_default();
        text.lines().filter(|line| !line.starts_with('#')).map(Self::of).collect()
    }
}

/// What the functions give here that are none of ours. The library runtime is another matter.
fn ground(backend: Option<Backend>) -> String {
    let mut bits: Vec<u8> = Vec::new();
    let mut put = |value: f32| bits.extend(value.to_bits().to_le_bytes());
    for step in -400..400_i16 {
        let x = std::hint::black_box(f32::from(step) * 0.0173);
        for value in [x.exp(), x.sin(), x.cos(), x.tanh(), x.atan2(0.3), x.max(0.0).ln_1p(), 2_f32.powf(x)] {
            put(value);
        }
        let (sine, cosine) = (f64::from(x) * TAU).sin_cos();
        put(sine as f32);
        put(cosine as f32);
    }
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(FRAME), planner.plan_fft_inverse(FRAME));
    let mut samples: Vec<f32> = (0..FRAME).map(|n| ((n * n) % 97) as f32 / 97.0 - 0.5).collect();
    let mut numbers = forward.make_output_vec();
    forward.process(&mut samples, &mut numbers).unwrap();
    inverse.process(&mut numbers, &mut samples).unwrap();
    samples.iter().copied().for_each(&mut put);
    // Which instructions the runtime takes; it has no way to say so.
    let runtime = matches!(backend, Some(Backend::Runtime)).then(|| Isa::fastest().to_string());
    let hash = Fields::of("ground 1").with(&bits).with(runtime.unwrap_or_default().as_bytes()).finish();
    hex(&hash[..6])
}

fn speak(voice: &dyn Synthesizer, threads: usize) -> Vec<f32> {
    let threads = NonZeroUsize::new(threads).unwrap();
    let utterance = Utterance { phonemes: PHONEMES.into(), speed: Speed::NORMAL, threads };
    let mut sound = Collect::default();
    voice.synthesize(&utterance, &mut sound).unwrap();
    sound.0
}

fn hash(samples: &[f32]) -> String {
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_bits().to_le_bytes()).collect();
    hex(&Fields::of("samples 1").with(&bytes).finish()[..16])
}

/// The level of every frame, in dBFS.
fn levels(samples: &[f32]) -> Vec<f64> {
    let power = |frame: &[f32]| frame.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / frame.len() as f64;
    samples.chunks(FRAME).map(|frame| (10.0 * power(frame).log10()).max(FLOOR).round()).collect()
}

/// How two sounds differ that should be alike but for rounding: one may be a frame longer, and be that much later.
fn difference(levels: &[f64], want: &[f64]) -> Option<String> {
    if levels.len().abs_diff(want.len()) > 1 {
        return Some(format!("{} frames of 50 ms instead of {}", levels.len(), want.len()));
    }
    // A frame that begins a little later has a level between those of two frames.
    let beyond = |number: usize, level: f64| {
        let near = &want[number.saturating_sub(1)..(number + 2).min(want.len())];
        let (softest, loudest) =
            near.iter().fold((f64::INFINITY, FLOOR), |(low, high), want| (low.min(*want), high.max(*want)));
        (softest - level).max(level - loudest).max(0.0)
    };
    let off: Vec<f64> = levels.iter().enumerate().map(|(number, level)| beyond(number, *level)).collect();
    let (most, mean) = (off.iter().copied().fold(0.0, f64::max), off.iter().sum::<f64>() / off.len() as f64);
    (most > FRAME_NOISE || mean > MEAN_NOISE)
        .then(|| format!("up to {most:.1} dB louder or softer, {mean:.1} dB on average"))
}

/// Compares a voice with its records. `backend` is what its network runs on, where it has one.
fn check(name: &str, version: u32, backend: Option<Backend>, voice: &dyn Synthesizer) {
    let samples = speak(voice, 2);
    // Kokoro takes ten seconds in plain Rust.
    if backend != Some(Backend::Fused(Isa::PORTABLE)) {
        assert!(speak(voice, 1) == samples, "{name}: one thread gives other samples than two");
    }
    let family = backend.map_or("any".to_string(), |backend| backend.to_string());
    let (ground, hash, levels) = (ground(backend), hash(&samples), levels(&samples));
    let mut row = format!("{name}\t{version}\t{family}\t{ground}\t{hash}\t");
    let shown: Vec<String> = levels.iter().map(|level| format!("{level:.0}")).collect();
    let _ = write!(row, "{}", shown.join(" "));
    let records = Record::all();
    let mut of_voice = records.iter().filter(|record| record.voice == name);
    let own: Vec<&Record> = of_voice.clone().filter(|record| record.backend == family).collect();
    let advice = format!(
        "bump ENGINE_VERSION (the engine's version in src/synth/registry.rs) or find out why the sound changed; the record would be: {row}"
    );
    if let Some(record) = own.iter().find(|record| record.ground == ground) {
        assert_eq!(
            record.version,
            version.to_string(),
            "{name} on {family}: record the sound of the new version: {row}"
        );
        assert!(record.hash == hash, "{name} on {family} gives other samples than before: {advice}");
        return;
    }
    let known = if own.is_empty() {
        "nobody has recorded these kernels"
    } else {
        "the system's mathematics round otherwise"
    };
    let _ = writeln!(std::io::stderr(), "not to the bit: {name} on {family}: {known}; {row}");
    let record = of_voice.next().unwrap_or_else(|| panic!("{name} has no record: {row}"));
    if let Some(difference) = difference(&levels, &record.levels) {
        panic!("{name} on {family} sounds otherwise than on {}: {difference}; {advice}", record.backend);
    }
}

#[test]
fn the_samples_of_an_engines_version_are_as_they_were_recorded() {
    check("tone", TONE_VERSION, None, &Tone);
    // Where one is forced, as by `make instruction-sets`, it is the only one.
    let is_forced = std::env::var_os(VARIABLE).is_some_and(|name| !name.is_empty());
    let all = Isa::available().into_iter().map(Backend::Fused).chain([Backend::Runtime]);
    let backends: Vec<Backend> = if is_forced { vec![Backend::from_env().unwrap()] } else { all.collect() };
    let store = Store::from_env().unwrap();
    for name in ["fast_heart", "af_heart"] {
        let voice = match store.locate(&VoiceName::new(name)) {
            Ok(voice) => voice,
            Err(error) => {
                let is_required =
                    std::env::var_os("AUDIO_REPORT_REQUIRE_VOICE").is_some_and(|value| value == "1");
                assert!(!is_required, "{error}");
                let _ = writeln!(std::io::stderr(), "skipped: {error}; audio-report voices install {name}");
                continue;
            }
        };
        each(backends.clone(), |backend| {
            let loaded = load(&voice, backend).unwrap();
            check(name, engine_version(&voice), Some(backend), &*loaded);
        });
    }
}

#[test]
fn another_sound_is_told_from_another_rounding() {
    let sound = |gain: f32, late: usize| -> Vec<f32> {
        let voice = speak(&Tone, 1);
        std::iter::repeat_n(0.0, late).chain(voice.into_iter().map(|sample| sample * gain)).collect()
    };
    let right = levels(&sound(1.0, 0));
    assert!(right.iter().any(|level| *level > -30.0), "{right:?}");
    // How loud, how late, and whether it passes.
    let rows = [
        (1.0, 0, true),
        (1.02, 0, true),
        (1.0, 300, true),
        (3.0, 0, false),
        (1.0, 3_000, false),
        (0.1, 0, false),
    ];
    each(rows, |(gain, late, passes)| {
        let told = difference(&levels(&sound(gain, late)), &right);
        assert_eq!(told.is_none(), passes, "{gain} {late}: {told:?}");
    });
}

#[test]
fn identities_hold_the_version_and_all_that_samples_depend_on() {
    let rows: Vec<_> =
        Record::all().into_iter().map(|record| (record.voice, record.backend, record.ground)).collect();
    let different: std::collections::HashSet<_> = rows.iter().collect();
    assert_eq!(different.len(), rows.len(), "a record stands there twice");
    assert_eq!(tone_identity(), format!("tone {TONE_VERSION}"));
    let Ok(voice) = Store::from_env().unwrap().locate(&VoiceName::new("fast_heart")) else { return };
    let own = identity(&voice, Backend::fastest());
    assert!(own.starts_with(&format!("hibari {} ", engine_version(&voice))), "{own}");
    assert!(own.contains(&voice.model_sha256) && own.ends_with(&Backend::fastest().to_string()), "{own}");
    assert_ne!(own, identity(&voice, Backend::Runtime));
}
