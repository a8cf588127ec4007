//! Tests of the playback, pulled by hand instead of by a loudspeaker.

use std::time::Duration;

use super::*;
use crate::error::ErrorKind;
use crate::table_test::each;
use crate::text::Span;

const RATE: SampleRate = SampleRate::new(24_000).unwrap();
const SECOND: usize = 24_000;
const HOP: usize = 360;

fn ready() -> PlayerSettings {
    PlayerSettings { start_lead: Duration::ZERO, ..PlayerSettings::default() }
}

/// A value that shows the position and never jumps much.
fn slope(position: usize) -> f32 {
    position as f32 / 10_000_000.0
}

fn sound(from: usize, count: usize) -> Vec<f32> {
    (from..from + count).map(slope).collect()
}

/// Three sentences of four seconds, complete.
fn three_sentences(settings: PlayerSettings) -> (PlaybackSource, Controls) {
    let (mut sink, source, controls) = player(RATE, settings);
    for number in 0..3 {
        sink.begin_sentence(number, &format!("Sentence {number}."), Span::default());
        sink.write(&sound(number * 4 * SECOND, 4 * SECOND)).unwrap();
    }
    Box::new(sink).finalize().unwrap();
    (source, controls)
}

fn pull(source: &mut PlaybackSource, count: usize) -> Vec<f32> {
    source.by_ref().take(count).collect()
}

/// As many hops as fit into a number of seconds.
fn pull_hops(source: &mut PlaybackSource, seconds: usize) -> Vec<f32> {
    pull(source, seconds * SECOND / HOP * HOP)
}

/// Like `assert_eq`, but names the first difference rather than all samples.
#[track_caller]
fn assert_heard(heard: &[f32], expected: &[f32]) {
    assert_eq!(heard.len(), expected.len());
    let difference = heard.iter().zip(expected).position(|(a, b)| a.to_bits() != b.to_bits());
    if let Some(at) = difference {
        panic!("sample {at} is {} instead of {}", heard[at], expected[at]);
    }
}

fn number(controls: &Controls) -> Option<usize> {
    controls.status().sentence.map(|sentence| sentence.number)
}

fn is_silent(sound: &[f32]) -> bool {
    sound.iter().all(|&sample| sample == 0.0)
}

#[test]
fn a_whole_programme_comes_out_as_it_was_written() {
    let (source, controls) = three_sentences(ready());
    let heard: Vec<f32> = source.collect();
    assert_eq!(heard.len(), 12 * SECOND);
    assert_heard(&heard[HOP..], &sound(HOP, 12 * SECOND - HOP));
    let status = controls.status();
    assert!(status.finished && status.complete && status.underruns == 0);
    let begun: Vec<usize> = controls.take_begun().iter().map(|sentence| sentence.number).collect();
    assert_eq!(begun, [0, 1, 2]);
}

#[test]
fn the_rate_changes_how_long_it_takes() {
    each([(10, 2.0), (3, 1.3), (-5, 0.5), (-20, 0.5), (99, 4.0)], |(steps, rate)| {
        let (source, controls) = three_sentences(ready());
        for _ in 0..i32::abs(steps) {
            if steps > 0 { controls.faster() } else { controls.slower() }
        }
        let seconds = source.count() as f64 / SECOND as f64;
        assert!((controls.status().rate - rate).abs() < 1e-9);
        assert!((seconds * rate / 12.0 - 1.0).abs() < 0.02, "{seconds} s at {rate}");
    });
}

#[test]
fn playback_begins_when_enough_is_there_or_all_of_it() {
    let settings = PlayerSettings { start_lead: Duration::from_secs(1), ..PlayerSettings::default() };
    let (mut sink, mut source, controls) = player(RATE, settings);
    sink.write(&vec![0.5; SECOND - 1]).unwrap();
    assert!(is_silent(&pull_hops(&mut source, 2)));
    assert!(controls.status().waiting);
    sink.write(&[0.5]).unwrap();
    assert!(!is_silent(&pull(&mut source, 2 * HOP)));
    assert_eq!(controls.status().underruns, 0);

    let (mut sink, source, controls) = player(RATE, PlayerSettings::default());
    sink.write(&vec![0.5; 1_000]).unwrap();
    Box::new(sink).finalize().unwrap();
    assert_eq!(source.count(), 1_000);
    assert_eq!(controls.status().underruns, 0);
}

#[test]
fn the_narrator_says_how_much_is_needed() {
    let (mut sink, mut source, controls) = player(RATE, PlayerSettings::default());
    let listener = sink.listener().unwrap();
    sink.write(&sound(0, SECOND)).unwrap();
    assert!(is_silent(&pull_hops(&mut source, 1)));
    let hearing = listener.hearing();
    assert!(hearing.is_waiting && hearing.lead == Duration::from_secs(1), "{hearing:?}");
    listener.set_needed_lead(Duration::from_millis(900));
    assert!(!is_silent(&pull(&mut source, 2 * HOP)));
    assert!(!listener.hearing().is_waiting);
    // The last requirement holds after an underrun, too, less the time since.
    listener.set_needed_lead(Duration::from_secs(4));
    pull_hops(&mut source, 2);
    assert_eq!(controls.status().underruns, 1);
    sink.write(&sound(SECOND, SECOND)).unwrap();
    assert!(is_silent(&pull(&mut source, 2 * HOP)), "2 of 4 seconds are left to wait, and 1 is there");
    assert!(!is_silent(&pull_hops(&mut source, 2)));
    assert_eq!(controls.status().underruns, 2);
}

#[test]
fn the_lead_is_as_long_as_it_is_heard() {
    let (mut sink, _source, controls) = player(RATE, ready());
    sink.write(&vec![0.1; 3 * SECOND]).unwrap();
    for _ in 0..10 {
        controls.faster();
    }
    assert_eq!(sink.listener().unwrap().hearing().lead, Duration::from_millis(1_500));
}

#[test]
fn running_dry_is_counted_once_and_playback_resumes_without_losing_a_sample() {
    let (mut sink, mut source, controls) = player(RATE, ready());
    sink.write(&sound(0, SECOND)).unwrap();
    let heard = pull_hops(&mut source, 3);
    assert_eq!(controls.status().underruns, 1);
    let last = heard.iter().rposition(|&sample| sample != 0.0).unwrap();
    assert!(is_silent(&heard[last + 1..]) && last < SECOND);
    let stood = controls.status().position;
    sink.write(&sound(SECOND, SECOND / 4)).unwrap();
    assert!(is_silent(&pull_hops(&mut source, 1)));
    sink.write(&sound(SECOND + SECOND / 4, SECOND)).unwrap();
    let heard = pull(&mut source, 2 * HOP);
    let from = (stood * SECOND as f64).round() as usize;
    assert_heard(&heard[HOP..], &sound(from + HOP, HOP));
    assert_eq!(controls.status().underruns, 1);
}

#[test]
fn a_pause_is_silent_and_goes_on_where_it_was() {
    let (mut source, controls) = three_sentences(ready());
    pull(&mut source, 10 * HOP);
    controls.toggle_pause();
    pull(&mut source, HOP);
    assert!(is_silent(&pull_hops(&mut source, 1)));
    assert!(controls.status().paused);
    controls.toggle_pause();
    let heard = pull(&mut source, 3 * HOP);
    assert_heard(&heard[HOP..], &sound(11 * HOP, 2 * HOP));
}

#[test]
fn keys_jump_between_sentences() {
    let (mut source, controls) = three_sentences(ready());
    pull(&mut source, HOP);
    assert_eq!(number(&controls), Some(0));
    controls.next_sentence();
    controls.next_sentence();
    assert_eq!(number(&controls), Some(2));
    controls.next_sentence();
    assert_eq!(number(&controls), Some(2), "there is none after the last");
    let heard = pull(&mut source, 2 * HOP);
    assert_heard(&heard[HOP..], &sound(8 * SECOND + HOP, HOP));
    controls.previous_sentence();
    assert_eq!(number(&controls), Some(1), "at once: the one before");
    pull_hops(&mut source, 2);
    controls.previous_sentence();
    assert_eq!(number(&controls), Some(1), "well into it: its beginning");
    assert!((controls.status().position - 4.0).abs() < 1e-9);
    for _ in 0..5 {
        controls.previous_sentence();
    }
    assert!(controls.status().position == 0.0);
    let begun: Vec<usize> = controls.take_begun().iter().map(|sentence| sentence.number).collect();
    assert_eq!(begun, [0, 2, 1], "only sentences that were heard");
}

#[test]
fn a_sound_without_sentences_is_jumped_through_by_ten_seconds() {
    let (mut sink, mut source, controls) = player(RATE, ready());
    sink.write(&vec![0.1; 25 * SECOND]).unwrap();
    pull(&mut source, HOP);
    controls.next_sentence();
    assert!((controls.status().position - 10.015).abs() < 1e-6);
    controls.previous_sentence();
    controls.previous_sentence();
    assert!(controls.status().position == 0.0);
}

#[test]
fn a_jump_to_what_is_barely_made_waits_without_counting_an_underrun() {
    let (mut sink, mut source, controls) = player(RATE, ready());
    sink.begin_sentence(0, "One.", Span::default());
    sink.write(&sound(0, 2 * SECOND)).unwrap();
    sink.begin_sentence(1, "Two.", Span::default());
    sink.write(&sound(2 * SECOND, 100)).unwrap();
    pull(&mut source, HOP);
    controls.next_sentence();
    assert!(is_silent(&pull_hops(&mut source, 1)[HOP..]));
    assert_eq!(controls.status().underruns, 0);
    sink.write(&sound(2 * SECOND + 100, SECOND)).unwrap();
    assert_heard(&pull(&mut source, 2 * HOP)[HOP..], &sound(2 * SECOND + HOP, HOP));
}

#[test]
fn the_narrator_waits_for_the_listener_and_memory_stays_bounded() {
    let settings = PlayerSettings {
        longest_lead: Duration::from_secs(2),
        kept_behind: Duration::from_secs(3),
        ..ready()
    };
    let (mut sink, mut source, controls) = player(RATE, settings);
    let narrator = std::thread::spawn(move || {
        for number in 0..60 {
            sink.begin_sentence(number, "Sentence.", Span::default());
            sink.write(&sound(number * SECOND, SECOND))?;
        }
        Box::new(sink).finalize()
    });
    let mut heard = 0;
    let mut most_kept = 0;
    loop {
        // A listener who waits for the narrator, so that the machine's load does not matter.
        let status = controls.status();
        if !status.complete && status.made - status.position < 1.0 {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        }
        let state = controls.timeline.lock();
        most_kept = most_kept.max(state.samples.end() - state.samples.base());
        assert!(state.sentences.len() < 12);
        drop(state);
        let pulled = pull(&mut source, HOP).len();
        heard += pulled;
        if pulled == 0 {
            break;
        }
    }
    narrator.join().unwrap().unwrap();
    assert_eq!((heard, controls.status().underruns), (60 * SECOND, 0));
    assert!(most_kept < 8 * SECOND as u64, "{most_kept}");
    controls.previous_sentence();
    assert!(controls.status().position > 50.0, "what was forgotten can't be jumped to");
}

#[test]
fn stopping_ends_the_sound_and_interrupts_a_waiting_narrator() {
    let settings = PlayerSettings { longest_lead: Duration::from_secs(1), ..ready() };
    let (mut sink, mut source, controls) = player(RATE, settings);
    let narrator = std::thread::spawn(move || sink.write(&vec![0.1; 30 * SECOND]));
    while controls.status().made < 1.0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    controls.stop();
    assert_eq!(narrator.join().unwrap().unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(source.next(), None);
    assert_eq!(source.next(), None);
    assert!(controls.status().finished);
}

#[test]
fn a_narrator_that_gives_up_ends_the_sound() {
    let (mut sink, mut source, controls) = player(RATE, ready());
    sink.write(&vec![0.1; SECOND]).unwrap();
    drop(sink);
    assert_eq!(source.next(), None);
    assert!(controls.status().finished && !controls.status().complete);
}

#[test]
fn an_empty_programme_is_over_at_once() {
    let (sink, mut source, _) = player(RATE, PlayerSettings::default());
    Box::new(sink).finalize().unwrap();
    assert_eq!(source.next(), None);
}
