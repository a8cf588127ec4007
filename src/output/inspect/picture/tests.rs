use std::fs::File;

use super::*;
use crate::output::inspect::inspect;

/// Two seconds, of which the second has sound.
fn sound() -> (Findings, Courses) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for n in 0..32_000_u32 {
        let level = if n < 16_000 { 0.0 } else { 16_384.0 };
        writer.write_sample(((n as f32 * 0.5).sin() * level) as i16).unwrap();
    }
    writer.finalize().unwrap();
    inspect(&path, File::open(&path).unwrap(), true, || Ok(())).unwrap()
}

fn captioning() -> Captioning {
    Captioning {
        title: "sound.wav".to_owned(),
        subtitle: "WAV".to_owned(),
        sentences: vec![0.5, 1.0, 99.0],
        chapters: vec![(0.0, None), (1.5, Some("항구".to_owned())), (99.0, None)],
    }
}

fn pixel(pixels: &[u8], x: i32, y: i32) -> [u8; 3] {
    let at = (y as usize * WIDTH as usize + x as usize) * 3;
    [pixels[at], pixels[at + 1], pixels[at + 2]]
}

#[test]
fn the_wave_and_the_spectrogram_are_where_the_sound_is() {
    let (findings, courses) = sound();
    let pixels = draw(&findings, &courses, &captioning()).unwrap();
    let accent = [ACCENT.0, ACCENT.1, ACCENT.2];
    let axis = TimeAxis { left: LEFT, right: WIDTH.cast_signed() - RIGHT, seconds: 2.0 };
    let middle = WAVEFORM.top + WAVEFORM.height / 2;
    for (seconds, is_loud) in [(0.1, false), (0.9, false), (1.1, true), (1.9, true)] {
        let x = axis.x(seconds) + 3;
        assert_eq!(pixel(&pixels, x, middle - 40) == accent, is_loud, "{seconds} s above");
        assert_eq!(pixel(&pixels, x, middle + 40) == accent, is_loud, "{seconds} s below");
        assert_ne!(pixel(&pixels, x, middle - 80), accent, "{seconds} s: half of full scale");
        let coloured =
            (SPECTROGRAM.top + 1..SPECTROGRAM.bottom()).filter(|y| pixel(&pixels, x, *y) != [255; 3]);
        assert_eq!(coloured.count() > 5, is_loud, "{seconds} s in the spectrogram");
    }
    let is_marked = |seconds| pixel(&pixels, axis.x(seconds) + 1, SENTENCES + 5) == accent;
    assert!(is_marked(0.5) && is_marked(1.0) && !is_marked(0.75));
    assert_eq!(pixel(&pixels, axis.x(1.5), LOUDNESS.top + 2), [INK.0, INK.1, INK.2]);
}

#[test]
fn a_picture_is_whole_or_not_there() {
    let (findings, courses) = sound();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    write(&path, &findings, &courses, &captioning(), false).unwrap();
    let first = std::fs::read(&path).unwrap();
    let refused = write(&path, &findings, &courses, &captioning(), false).unwrap_err();
    assert_eq!(refused.kind(), crate::error::ErrorKind::Exists);
    write(&path, &findings, &courses, &captioning(), true).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let mut short = [0_u8; 8];
    assert!(encode(&mut short[..], &vec![0; (WIDTH * HEIGHT * 3) as usize]).is_err());
}
