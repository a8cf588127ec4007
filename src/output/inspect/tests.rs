use std::fs;

use super::*;
use crate::table_test::each;

const RATE: u32 = 8_000;

/// A WAV of 16 bits with `channels`; `promised` bytes of sound, or as many as there are.
fn wav(samples: &[i16], channels: u16, promised: Option<u32>) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let frame = u32::from(channels) * 2;
    [
        &b"RIFF"[..],
        &u32::MAX.to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &channels.to_le_bytes(),
        &RATE.to_le_bytes(),
        &(RATE * frame).to_le_bytes(),
        &(channels * 2).to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &promised.unwrap_or(data.len() as u32).to_le_bytes(),
        &data,
    ]
    .concat()
}

fn examined(content: &[u8]) -> Result<(Findings, Courses)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.wav");
    fs::write(&path, content).unwrap();
    inspect(&path, File::open(&path).unwrap(), true, || Ok(()))
}

fn tone(frames: usize) -> Vec<i16> {
    (0..frames).map(|n| ((n as f32 * 0.4).sin() * 16_384.0) as i16).collect()
}

#[test]
fn a_head_that_lies_is_not_believed() {
    let samples = tone(16_000);
    let rows = [
        ("true", None, None, false),
        ("through a pipe", Some(u32::MAX), None, false),
        ("too long", Some(64_000), Some(32_000), true),
    ];
    each(rows, |(what, promised, told, is_cut_short)| {
        let (findings, _) = examined(&wav(&samples, 1, promised)).unwrap();
        assert_eq!((findings.samples, findings.seconds), (16_000, 2.0), "{what}");
        assert_eq!((findings.promised_samples, findings.is_cut_short), (told, is_cut_short), "{what}");
    });
}

#[test]
fn channels_are_counted_apart() {
    let both: Vec<i16> = tone(16_000).into_iter().flat_map(|sample| [sample, 0]).collect();
    let (findings, courses) = examined(&wav(&both, 2, None)).unwrap();
    assert_eq!((findings.channels, findings.samples, findings.seconds), (2, 16_000, 2.0));
    assert!(
        findings.loudness.lufs_one_loudspeaker.is_none() && findings.loudness.lufs_two_loudspeakers.is_some()
    );
    assert!(courses.peaks(10).iter().all(|peak| (peak - 0.5).abs() < 0.01));
}

#[test]
fn silence_has_nulls_and_no_infinities() {
    let (findings, courses) = examined(&wav(&[0; 16_000], 1, None)).unwrap();
    let json = serde_json::to_value(&findings).unwrap();
    let readings = json["loudness"].as_object().unwrap();
    assert!(readings.values().all(serde_json::Value::is_null), "{json}");
    assert!(json["sample_peak_dbfs"].is_null() && json["silence"]["is_silent"] == true, "{json}");
    assert!(courses.peaks(20).iter().all(|peak| *peak == 0.0));
}

#[test]
fn the_outline_is_where_the_sound_is() {
    let samples = [vec![0; 8_000], tone(3_968), vec![0; 12_032]].concat();
    let (_, courses) = examined(&wav(&samples, 1, None)).unwrap();
    let loud: Vec<usize> =
        courses.peaks(24).iter().enumerate().filter(|(_, peak)| **peak > 0.1).map(|(n, _)| n).collect();
    assert_eq!(loud, [8, 9, 10, 11]);
    // One column, and more columns than there are samples.
    assert_eq!(courses.peaks(1).len(), 1);
    assert_eq!(courses.peaks(50_000).len(), 50_000);
}

#[test]
fn what_holds_no_sound_is_refused() {
    each([Vec::new(), wav(&[], 1, None), b"just a text".to_vec(), wav(&[1; 400], 200, None)], |content| {
        let error = examined(&content).err().unwrap();
        assert!(error.kind() == ErrorKind::Decode && error.cure().is_some(), "{error:#}");
    });
}
