//! Tests of the stretcher against sounds whose length, pitch and smoothness are known.

use super::*;
use crate::table_test::each;

const RATE: SampleRate = SampleRate::new(24_000).unwrap();

fn sine(hertz: f32, seconds: f32) -> Vec<f32> {
    let count = (seconds * 24_000.0) as usize;
    (0..count).map(|n| 0.5 * (2.0 * PI * hertz * n as f32 / 24_000.0).sin()).collect()
}

fn read(sound: &[f32]) -> impl FnMut(u64, &mut [f32]) + '_ {
    |start, out| {
        for (index, sample) in out.iter_mut().enumerate() {
            *sample = sound.get(start as usize + index).copied().unwrap_or(0.0);
        }
    }
}

/// Plays a whole sound at one rate, as long as every hop finds all the sound that it needs.
fn stretch(sound: &[f32], rate: f64) -> (Vec<f32>, f64) {
    let mut stretcher = Stretcher::new(RATE);
    let (mut out, mut hop) = (Vec::new(), Vec::new());
    let mut step = Step::Jump(0);
    let mut position = 0.0;
    while stretcher.end_of(step, rate) <= sound.len() as u64 {
        position = stretcher.gather(step, rate, read(sound)).unwrap();
        stretcher.render(&mut hop);
        out.extend_from_slice(&hop);
        step = Step::Continue(position);
    }
    (out, position)
}

fn biggest_step(sound: &[f32]) -> f32 {
    sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

fn hertz(sound: &[f32]) -> f32 {
    let crossings: Vec<usize> = (1..sound.len()).filter(|&n| sound[n - 1] < 0.0 && sound[n] >= 0.0).collect();
    let (first, last) = (crossings[0], crossings[crossings.len() - 1]);
    (crossings.len() - 1) as f32 * 24_000.0 / (last - first) as f32
}

#[test]
fn the_rate_changes_the_length_and_not_the_pitch() {
    let sound = sine(200.0, 3.0);
    for tenths in 5..=20 {
        let rate = f64::from(tenths) / 10.0;
        let (out, position) = stretch(&sound, rate);
        let expected = position / rate;
        assert!((out.len() as f64 / expected - 1.0).abs() < 0.02, "{} at {rate}", out.len());
        assert!(position > sound.len() as f64 - 2_000.0, "stopped at {position} at {rate}");
        let heard = hertz(&out);
        assert!((heard - 200.0).abs() < 2.0, "{heard} Hz at {rate}");
        let (most, allowed) = (biggest_step(&out), biggest_step(&sound));
        assert!(most <= allowed * 1.02, "a jump of {most} where the sound has {allowed}, at {rate}");
    }
}

#[test]
fn at_the_natural_rate_the_sound_comes_out_as_it_is_after_the_fade_in() {
    let mut noise = 1_u32;
    let sound: Vec<f32> = (0..24_000)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise as f32 / u32::MAX as f32 - 0.5
        })
        .collect();
    let (out, _) = stretch(&sound, 1.0);
    assert_eq!(out[360..], sound[360..out.len()]);
    assert!(out[0].abs() < 1e-4);
}

#[test]
fn a_change_of_rate_a_jump_and_a_rest_do_not_click() {
    let sound = sine(150.0, 4.0);
    let mut stretcher = Stretcher::new(RATE);
    let (mut out, mut hop) = (Vec::new(), Vec::new());
    let mut position = 0.0;
    for turn in 0..100 {
        let step = match turn {
            0 | 70 => Step::Jump(position as u64),
            40 => Step::Jump(12_345),
            60..70 => Step::Rest,
            _ => Step::Continue(position),
        };
        let rate = [1.0, 1.5, 1.0, 0.7, 2.0][turn / 20];
        position = stretcher.gather(step, rate, read(&sound)).unwrap_or(position);
        stretcher.render(&mut hop);
        assert_eq!(hop.len(), 360);
        out.extend_from_slice(&hop);
    }
    // A fade adds the slope of its window, a change of at most π/2 of the faded sound in a hop.
    let allowed = biggest_step(&sound) + 1.0 * PI / 2.0 / 360.0;
    assert!(biggest_step(&out) <= allowed, "{} > {allowed}", biggest_step(&out));
    assert!(out[61 * 360..70 * 360].iter().all(|&sample| sample == 0.0));
}

#[test]
fn silence_stays_silence_and_is_shortened_too() {
    let (out, position) = stretch(&vec![0.0; 48_000], 1.6);
    assert!(out.iter().all(|&sample| sample == 0.0));
    assert!((out.len() as f64 * 1.6 / position - 1.0).abs() < 0.02);
}

#[test]
fn any_sample_rate_makes_a_stretcher() {
    each([1, 100, 8_000, 192_000], |hertz| {
        let rate = SampleRate::new(hertz).unwrap();
        let mut stretcher = Stretcher::new(rate);
        let mut hop = Vec::new();
        stretcher.gather(Step::Jump(0), 1.3, read(&[0.1; 10_000]));
        stretcher.render(&mut hop);
        stretcher.gather(Step::Continue(hop.len() as f64 * 1.3), 1.3, read(&[0.1; 10_000]));
        stretcher.render(&mut hop);
        assert_eq!(hop.len(), stretcher.hop());
    });
}
