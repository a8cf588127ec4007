mod listeners;
mod scripted;

use std::iter;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use self::scripted::*;
use super::*;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::table_test::each;

#[test]
fn order_out_is_order_in_whatever_finishes_first() {
    each([1, 2, 5], |workers| {
        for settings in [USUAL, HURRY] {
            let (_, pool) = pool(workers);
            let (got, samples, result) =
                labels(&pool, jobs(&["a", "b", "c", "d", "e", "f"]), settings.clone());
            result.unwrap();
            assert_eq!((got.as_str(), samples), ("abcdef", 600), "{workers} workers, {settings:?}");
        }
    });
}

#[test]
fn workers_stay_for_all_that_is_spoken_and_go_with_the_pool() {
    let (voice, pool) = pool(3);
    for _ in 0..5 {
        labels(&pool, jobs(&["1", "2", "3", "1", "2", "3"]), USUAL).2.unwrap();
    }
    let threads = voice.threads.lock().unwrap().len();
    assert!((1..=3).contains(&threads), "{threads} threads spoke");
    drop(pool);
    // The workers let go of the voice when they end.
    let started = Instant::now();
    while Arc::strong_count(&voice) > 1 {
        assert!(started.elapsed() < Duration::from_secs(20), "workers outlive the pool");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn speech_outlives_the_pool_it_came_from() {
    let (_, pool) = pool(2);
    let speech = pool.begin(jobs(&["a", "b", "c"]), USUAL, &Cancel::new()).unwrap();
    drop(pool);
    assert_eq!(speech.filter(|delivery| matches!(delivery, Ok(Delivery::End(_)))).count(), 3);
}

#[test]
fn a_failed_utterance_ends_the_work_with_its_error_and_nothing_after_it_is_delivered() {
    let (_, pool) = pool(2);
    let (got, _, result) = labels(&pool, jobs(&["a", "b", "!", "d"]), USUAL);
    assert_eq!(got, "ab!");
    assert_eq!(result.unwrap_err().what(), "no such sound");
}

#[test]
fn a_failed_job_ends_the_work_in_its_turn() {
    let (_, pool) = pool(2);
    let jobs = jobs(&["a"]).chain([Err(Error::new(ErrorKind::Phonemes, "unreadable"))]);
    let (got, samples, result) = labels(&pool, jobs, USUAL);
    assert_eq!((got.as_str(), samples, result.unwrap_err().what()), ("a", 100, "unreadable"));
}

#[test]
fn a_panic_fails_its_own_work_only_and_costs_no_worker() {
    let (voice, pool) = pool(1);
    for _ in 0..3 {
        let error = labels(&pool, jobs(&["a", "?", "b"]), USUAL).2.unwrap_err();
        assert_eq!(error.what(), "the voice broke off in utterance 2");
        let front_end = jobs(&["a"]).chain(iter::once_with(|| panic!("a front end that panics")));
        let (got, _, result) = labels(&pool, front_end, USUAL);
        assert_eq!(got, "a");
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Synthesis);
    }
    labels(&pool, jobs(&["a"]), USUAL).2.unwrap();
    assert_eq!(voice.threads.lock().unwrap().len(), 1);
}

#[test]
fn jobs_are_pulled_only_as_the_window_moves() {
    each([1, 2, 3], |workers| {
        let pulled = Arc::new(AtomicUsize::new(0));
        let counter = pulled.clone();
        let endless = (0..).map(move |number| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Said { phonemes: "b".to_string(), label: number })
        });
        let (_, pool) = pool(workers);
        let mut most_open = 0;
        let result = pool.speak(endless, USUAL, &Cancel::new(), |delivery| {
            if let Delivery::Begin(number) = delivery {
                thread::sleep(Duration::from_millis(2));
                most_open = most_open.max(pulled.load(Ordering::SeqCst) - number);
                if number == 50 {
                    return Err(Error::new(ErrorKind::Output, "enough"));
                }
            }
            Ok(())
        });
        assert_eq!(result.unwrap_err().what(), "enough");
        let window = 2 * workers + 1;
        assert!(most_open <= window, "{most_open} jobs were open with {workers} workers");
        assert!(
            most_open > workers,
            "only {most_open} were open with {workers} workers: nothing is spoken ahead"
        );
    });
}

#[test]
fn a_job_is_pulled_by_the_worker_that_speaks_it_when_it_is_free() {
    // With one worker the second job must not be pulled before the first one is spoken.
    let (voice, pool) = pool(1);
    let seen = voice.clone();
    let jobs = (0..4).map(move |number| {
        assert_eq!(seen.begun().len(), number, "job {number} was pulled too early or too late");
        assert_eq!(seen.at_work.load(Ordering::SeqCst), 0, "job {number} was pulled while another is spoken");
        Ok(job("2"))
    });
    let (got, _, result) = labels(&pool, jobs, USUAL);
    result.unwrap();
    assert_eq!(got, "2222");
}

#[test]
fn the_first_utterance_gets_all_threads_when_it_hurries_or_is_alone() {
    each(
        [(&["a"][..], USUAL, 3), (&["a", "b"], HURRY, 3), (&["a", "b"], USUAL, 1)],
        |(phonemes, settings, want)| {
            let (voice, pool) = pool(3);
            labels(&pool, jobs(phonemes), settings.clone()).2.unwrap();
            // Where both are begun at once, the second may be written down before the first.
            let first = voice.begun().into_iter().find(|(phonemes, _)| phonemes == "a");
            assert_eq!(first, Some(("a".to_string(), want)), "{phonemes:?}, {settings:?}");
            if settings.hurry_first {
                assert_eq!(voice.most_at_work.load(Ordering::SeqCst), 1, "the first was not alone");
            }
        },
    );
}

#[test]
fn idle_workers_lend_their_threads_when_nothing_is_left_for_them_and_take_them_back() {
    let (_, pool) = pool(2);
    let mut first = pool.begin(jobs(&["a", "+-+"]), USUAL, &Cancel::new()).unwrap();
    assert!(first.by_ref().take_while(|next| !matches!(next, Ok(Delivery::End(_)))).all(|next| next.is_ok()));
    // The worker that spoke the first is idle now, until there is another article.
    thread::sleep(Duration::from_millis(20));
    let second = pool.begin(jobs(&["a", "a"]), USUAL, &Cancel::new()).unwrap();
    assert!(second.into_iter().all(|next| next.is_ok()));
    assert!(first.into_iter().all(|next| next.is_ok()));
    // A caller that expects to begin more keeps them.
    let more = pool.expect_more();
    let third = pool.begin(jobs(&["-1", "-9a-"]), USUAL, &Cancel::new()).unwrap();
    assert!(third.into_iter().all(|next| next.is_ok()));
    let fourth = pool.begin(jobs(&["1", "a+"]), USUAL, &Cancel::new()).unwrap();
    drop(more);
    assert!(fourth.into_iter().all(|next| next.is_ok()));
}

#[test]
fn no_threads_are_borrowed_from_other_articles() {
    let (voice, pool) = pool(2);
    // The first keeps one worker busy. The second is in a hurry, but only one thread is left for it.
    let cancel = Cancel::new();
    let mut first = pool.begin(jobs(&["∞"]), USUAL, &cancel).unwrap();
    assert!(matches!(first.next(), Some(Ok(Delivery::Begin(_)))));
    assert!(matches!(first.next(), Some(Ok(Delivery::Block(_)))));
    let (got, _, result) = labels(&pool, jobs(&["b", "c"]), HURRY);
    result.unwrap();
    assert_eq!(got, "bc");
    assert_eq!(voice.begun()[1], ("b".to_string(), 1));
    cancel.cancel();
    assert_eq!(first.last().unwrap().unwrap_err().kind(), ErrorKind::Interrupted);
}

#[test]
fn cancelling_stops_the_wait_at_once_and_the_work_in_flight() {
    let (voice, pool) = pool(2);
    let cancel = Cancel::new();
    cancel.cancel();
    let result = pool.speak(jobs(&["a"]), USUAL, &cancel, |_| Ok(()));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);

    let cancel = Cancel::new();
    let mut blocks = 0;
    let result = pool.speak(jobs(&["∞", "∞", "∞"]), USUAL, &cancel, |delivery| {
        blocks += usize::from(matches!(delivery, Delivery::Block(_)));
        if blocks == 3 {
            cancel.cancel();
        }
        Ok(())
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    // The test did not wait for the workers, but they are free again for others.
    labels(&pool, jobs(&["b"]), USUAL).2.unwrap();
    let begun = voice.begun().iter().filter(|(phonemes, _)| phonemes == "∞").count();
    let started = Instant::now();
    while voice.stopped.load(Ordering::SeqCst) < begun {
        assert!(started.elapsed() < Duration::from_secs(20), "work goes on that nobody waits for");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_listener_who_waits_holds_up_nobody_else() {
    // One worker; the first sequence is never listened to, and has more blocks than any queue takes.
    let (_, pool) = pool(1);
    let cancel = Cancel::new();
    let ignored = pool.begin(jobs(&["bbbbbbbb"; 10]), USUAL, &cancel).unwrap();
    for _ in 0..3 {
        let (got, _, result) = labels(&pool, jobs(&["c", "d"]), USUAL);
        result.unwrap();
        assert_eq!(got, "cd");
    }
    drop(ignored);
}

#[test]
fn a_slow_front_end_holds_up_nobody_else() {
    let (_, pool) = pool(2);
    let is_over = Arc::new(Mutex::new(()));
    let held = is_over.lock().unwrap();
    let gate = is_over.clone();
    let slow = iter::once_with(move || {
        drop(gate.lock());
        Ok(job("slow"))
    });
    let mut first = pool.begin(slow, USUAL, &Cancel::new()).unwrap();
    let (got, _, result) = labels(&pool, jobs(&["b", "c", "d"]), USUAL);
    result.unwrap();
    assert_eq!(got, "bcd");
    drop(held);
    assert!(matches!(first.next(), Some(Ok(Delivery::Begin(label))) if label == "slow"));
}

#[test]
fn what_was_begun_first_goes_first_and_the_next_fills_the_gaps() {
    let (voice, pool) = pool(2);
    let (first, second) = (["9", "9", "9", "a"], ["8"; 6]);
    let cancel = Cancel::new();
    let one = pool.begin(jobs(&first), USUAL, &cancel).unwrap();
    let two = pool.begin(jobs(&second), USUAL, &cancel).unwrap();
    let both = [one, two].map(|speech| {
        thread::spawn(move || speech.filter(|delivery| matches!(delivery, Ok(Delivery::End(_)))).count())
    });
    assert_eq!(both.map(|thread| thread.join().unwrap()), [4, 6]);
    let begun: Vec<String> = voice.begun().into_iter().map(|(phonemes, _)| phonemes).collect();
    let last_of_first = begun.iter().position(|phonemes| phonemes == "a").unwrap();
    assert!(last_of_first <= 4, "the first had to wait for the second: {begun:?}");
    assert_eq!(voice.most_at_work.load(Ordering::SeqCst), 2);
}

#[test]
fn hunger_is_told_when_a_worker_has_nothing_to_do() {
    let (_, pool) = pool(2);
    let cancel = Cancel::new();
    pool.wait_until_hungry(&cancel).unwrap();
    // Two endless utterances keep both workers busy.
    let speech = pool.begin(jobs(&["∞", "∞", "∞"]), USUAL, &cancel).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let (other, stop) = (pool.clone(), cancel.clone());
    let waiting = thread::spawn(move || {
        let result = other.wait_until_hungry(&stop);
        sender.send(()).unwrap();
        result
    });
    assert!(receiver.recv_timeout(Duration::from_millis(100)).is_err(), "both are busy");
    drop(speech);
    receiver.recv_timeout(Duration::from_secs(20)).unwrap();
    waiting.join().unwrap().unwrap();

    let _speech = pool.begin(jobs(&["∞", "∞", "∞"]), USUAL, &Cancel::new()).unwrap();
    cancel.cancel();
    assert_eq!(pool.wait_until_hungry(&cancel).unwrap_err().kind(), ErrorKind::Interrupted);
}

/// The fate of one job.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Spoken(u8),
    Fails,
    IsUnreadable,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![20 => (0..4u8).prop_map(Fate::Spoken), 1 => Just(Fate::Fails), 1 => Just(Fate::IsUnreadable)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Any number of articles at once, of any length, with failures anywhere and listeners who leave. Each listener
    /// gets everything before the first failure, in order, and none waits for ever.
    #[test]
    fn every_article_gets_its_own_whatever_happens_to_others(
        workers in 1..4usize,
        rule in prop_oneof![Just(TakeRule::OldestFirst), Just(TakeRule::LeastAhead)],
        articles in prop::collection::vec((prop::collection::vec(fate(), 0..8), any::<bool>(), prop::option::of(0..8usize)), 1..7),
        audiences in prop::collection::vec(prop::option::of((0..40_000u64, 0..5_000u64)), 7),
    ) {
        let (_, pool) = pool_by(rule, workers);
        let mut audiences = audiences.into_iter();
        let listen = |(fates, hurries, leaves_after): (Vec<Fate>, bool, Option<usize>)| {
            let jobs = fates.clone().into_iter().enumerate().map(|(number, fate)| {
                let phonemes = match fate {
                    Fate::Spoken(milliseconds) => milliseconds.to_string(),
                    Fate::Fails => "!".to_string(),
                    Fate::IsUnreadable => return Err(Error::new(ErrorKind::Phonemes, "unreadable")),
                };
                Ok(Said { phonemes, label: number })
            });
            let settings = audiences.next().unwrap().map_or(USUAL, |(can_wait, can_rest)| heard(can_wait, can_rest));
            let settings = StreamSettings { hurry_first: hurries, ..settings };
            let mut speech = pool.begin(jobs, settings, &Cancel::new()).unwrap();
            move || {
                let mut complete = Vec::new();
                let outcome = speech.try_for_each(|delivery| match delivery {
                    Ok(Delivery::Begin(number)) => { complete.push((number, 0)); ControlFlow::Continue(()) }
                    Ok(Delivery::Block(block)) => { complete.last_mut().unwrap().1 += block.len(); ControlFlow::Continue(()) }
                    Ok(Delivery::End(_)) if leaves_after == Some(complete.len()) => ControlFlow::Break(None),
                    Ok(Delivery::End(_)) => ControlFlow::Continue(()),
                    Err(error) => ControlFlow::Break(Some(error.what().to_owned())),
                });
                (complete, outcome)
            }
        };
        let spoken: Vec<_> = articles.iter().cloned().map(listen).map(thread::spawn).collect();
        for ((fates, _, leaves_after), thread) in articles.into_iter().zip(spoken) {
            let (complete, outcome) = thread.join().unwrap();
            let first_failure = fates.iter().position(|fate| !matches!(fate, Fate::Spoken(_)));
            let leaves = leaves_after.filter(|&after| (1..=first_failure.unwrap_or(fates.len())).contains(&after));
            let (want, ending) = match (leaves, first_failure) {
                (Some(after), _) => (after, ControlFlow::Break(None)),
                (None, Some(failure)) if fates[failure] == Fate::Fails => (failure, ControlFlow::Break(Some("no such sound".to_string()))),
                (None, Some(failure)) => (failure, ControlFlow::Break(Some("unreadable".to_string()))),
                (None, None) => (fates.len(), ControlFlow::Continue(())),
            };
            prop_assert_eq!(&outcome, &ending);
            // The failed job was begun, and had no sound.
            let whole: Vec<_> = complete.iter().filter(|(_, samples)| *samples > 0).collect();
            prop_assert_eq!(whole.len(), want);
            prop_assert!(whole.iter().enumerate().all(|(place, (number, samples))| place == *number && *samples == 100));
        }
    }
}

/// Writes down what the workers report of one sequence.
#[derive(Default)]
struct Notes(Mutex<Vec<(u64, bool)>>);

impl WorkObserver for Notes {
    fn begun(&self, number: u64, _threads: NonZeroUsize) {
        self.0.lock().unwrap().push((number, false));
    }

    fn rested(&self, _number: u64, _time: Duration) {}

    fn spoken(&self, number: u64) {
        self.0.lock().unwrap().push((number, true));
    }
}

#[test]
fn each_sequence_is_observed_by_its_own_though_all_say_the_same() {
    let (_, pool) = pool(2);
    let observed: Vec<Arc<Notes>> = (0..2)
        .map(|_| {
            let notes = Arc::new(Notes::default());
            let settings =
                StreamSettings { hurry_first: false, observer: Some(notes.clone()), audience: None };
            let mut speech = pool.begin(jobs(&["a", "b", "!"]), settings, &Cancel::new()).unwrap();
            assert!(speech.any(|delivery| delivery.is_err()), "the third job fails");
            notes
        })
        .collect();
    for notes in observed {
        let mut notes = notes.0.lock().unwrap().clone();
        notes.sort_unstable();
        assert_eq!(notes, [(0, false), (0, true), (1, false), (1, true), (2, false)]);
    }
}
