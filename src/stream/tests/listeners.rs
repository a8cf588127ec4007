//! Many listeners on real threads.

use super::*;
use crate::audio::Speed;
use crate::synth::backend::Backend;
use crate::synth::registry;
use crate::synth::{Collect, Synthesizer, Utterance};
use crate::voice::{Store, VoiceName};

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}: in vain");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Takes all of it; the labels.
fn all(speech: Speech<String>) -> String {
    let begun = speech.filter_map(|delivery| match delivery.unwrap() {
        Delivery::Begin(label) => Some(label),
        _ => None,
    });
    begun.collect()
}

/// Writes down how many jobs were begun, and for how long they rested.
#[derive(Default)]
struct Rests {
    begun: AtomicUsize,
    rests: Mutex<Vec<(u64, Duration)>>,
}

impl WorkObserver for Rests {
    fn begun(&self, _number: u64, _threads: NonZeroUsize) {
        self.begun.fetch_add(1, Ordering::SeqCst);
    }

    fn rested(&self, number: u64, time: Duration) {
        self.rests.lock().unwrap().push((number, time));
    }

    fn spoken(&self, _number: u64) {}
}

#[test]
fn an_utterance_rests_for_who_cannot_wait_and_goes_on() {
    // A file, and a listener who has enough.
    each([USUAL, heard(20_000, 10_000)], |settings| {
        let (voice, pool) = pool_by(TakeRule::LeastAhead, 1);
        let rests = Arc::new(Rests::default());
        let settings = StreamSettings { observer: Some(rests.clone()), ..settings };
        let cancel = Cancel::new();
        // The second goes on until it is stopped, so all others are spoken in the middle of it.
        let mut long = pool.begin(jobs(&["1", "∞"]), settings, &cancel).unwrap();
        wait_until("the long one", || voice.begun().len() == 2);
        for labels in [["b", "2"], ["c", "3"]] {
            assert_eq!(all(pool.begin(jobs(&labels), heard(0, 0), &Cancel::new()).unwrap()), labels.concat());
        }
        assert_eq!(voice.stopped.load(Ordering::SeqCst), 0);
        assert_eq!(voice.most_at_work.load(Ordering::SeqCst), 2);
        assert_eq!(voice.threads.lock().unwrap().len(), 1, "one worker speaks all");
        cancel.cancel();
        assert!(long.any(|delivery| delivery.is_err()));
        wait_until("the end of the long one", || voice.stopped.load(Ordering::SeqCst) == 1);
        let rests = rests.rests.lock().unwrap().clone();
        assert!(!rests.is_empty() && rests.iter().all(|(number, _)| *number == 1), "{rests:?}");
        let rested: Duration = rests.iter().map(|(_, time)| *time).sum();
        assert!(rested >= Duration::from_millis(5), "{rests:?}");
    });
}

#[test]
fn nothing_rests_for_who_can_wait_nor_by_the_other_rule() {
    each(
        [
            (TakeRule::OldestFirst, USUAL, heard(0, 0)),
            (TakeRule::LeastAhead, heard(20_000, 400), heard(0, 0)),
            (TakeRule::LeastAhead, USUAL, USUAL),
        ],
        |(rule, first, second)| {
            let (voice, pool) = pool_by(rule, 1);
            let first = pool.begin(jobs(&["1", "aaaa"]), first, &Cancel::new()).unwrap();
            wait_until("the long one", || voice.begun().len() == 2);
            let second = pool.begin(jobs(&["2"]), second, &Cancel::new()).unwrap();
            assert_eq!([first, second].map(all), ["1aaaa", "2"]);
            assert_eq!(voice.most_at_work.load(Ordering::SeqCst), 1, "{rule:?}");
        },
    );
}

#[test]
fn what_is_spoken_meanwhile_may_fail_or_be_left_and_costs_nothing() {
    let (voice, pool) = pool_by(TakeRule::LeastAhead, 1);
    let cancel = Cancel::new();
    let mut long = pool.begin(jobs(&["∞"]), USUAL, &cancel).unwrap();
    wait_until("the long one", || voice.begun().len() == 1);
    for phonemes in ["!", "?"] {
        let mut speech = pool.begin(jobs(&[phonemes]), heard(0, 0), &Cancel::new()).unwrap();
        assert_eq!(speech.find_map(Result::err).unwrap().kind(), ErrorKind::Synthesis);
    }
    drop(pool.begin(jobs(&["a", "a"]), heard(0, 0), &Cancel::new()).unwrap());
    let nothing = pool.begin(jobs(&[]), heard(0, 0), &Cancel::new()).unwrap();
    assert_eq!(all(nothing), "");
    assert_eq!(all(pool.begin(jobs(&["1"]), heard(0, 0), &Cancel::new()).unwrap()), "1");
    cancel.cancel();
    assert!(long.any(|delivery| delivery.is_err()));
    // The worker is as good as new.
    assert_eq!(all(pool.begin(jobs(&["2", "3"]), USUAL, &Cancel::new()).unwrap()), "23");
}

#[test]
fn who_takes_nothing_holds_no_worker_and_little_sound() {
    // By the other rule only the window bounds it.
    each([(TakeRule::LeastAhead, 2..=4), (TakeRule::OldestFirst, 5..=5)], |(rule, want)| {
        let (voice, pool) = pool_by(rule, 2);
        let pulled = Arc::new(AtomicUsize::new(0));
        let counter = pulled.clone();
        let endless = (0..).map(move |number| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Said { phonemes: "#".to_string(), label: number })
        });
        let speech = pool.begin(endless, heard(0, 0), &Cancel::new()).unwrap();
        let others = [heard(0, 0), USUAL]
            .map(|settings| all(pool.begin(jobs(&["b", "c", "d"]), settings, &Cancel::new()).unwrap()));
        assert_eq!(others, ["bcd", "bcd"]);
        let mut quiet = Instant::now();
        let mut seen = 0;
        wait_until("the end of the work", || {
            let now = pulled.load(Ordering::SeqCst);
            now >= *want.start() && voice.at_work.load(Ordering::SeqCst) == 0
        });
        while quiet.elapsed() < Duration::from_millis(100) {
            let now = pulled.load(Ordering::SeqCst);
            if now != seen || voice.at_work.load(Ordering::SeqCst) > 0 {
                (quiet, seen) = (Instant::now(), now);
            }
            thread::sleep(Duration::from_millis(1));
        }
        assert!(want.contains(&seen), "{rule:?}: {seen} were spoken for nobody");
        // When the listener is back, more comes.
        let ends = speech.filter(|delivery| matches!(delivery, Ok(Delivery::End(_)))).take(20).count();
        assert_eq!(ends, 20);
    });
}

#[test]
fn the_helpers_of_a_first_utterance_leave_for_work_of_their_own() {
    let (voice, pool) = pool_by(TakeRule::LeastAhead, 2);
    let cancel = Cancel::new();
    let settings = StreamSettings { hurry_first: true, ..heard(0, 0) };
    let hurried = pool.begin(jobs(&["+-", "1"]), settings, &Cancel::new()).unwrap();
    wait_until("the first", || voice.begun().len() == 1);
    let _file = pool.begin(jobs(&["∞"]), USUAL, &cancel).unwrap();
    assert_eq!(all(hurried), "+-1");
    assert_eq!(voice.begun()[0], ("+-".to_string(), 2));
    cancel.cancel();
}

#[test]
fn two_hundred_at_once_on_two_workers_are_all_served_in_their_order() {
    let (voice, pool) = pool_by(TakeRule::LeastAhead, 2);
    let begun: Vec<_> = (0..200)
        .map(|number| {
            let name = char::from_u32(0x4E00 + number).unwrap().to_string();
            let phonemes = [format!("{name}1"), format!("{name}0"), format!("{name}1")];
            let jobs = phonemes.into_iter().map(|phonemes| Ok(job(phonemes)));
            let settings = if number % 10 == 9 { USUAL } else { heard(0, 0) };
            pool.begin(jobs, settings, &Cancel::new()).unwrap()
        })
        .collect();
    let served: Vec<_> = begun.into_iter().map(|speech| thread::spawn(move || all(speech))).collect();
    for thread in served {
        assert_eq!(thread.join().unwrap().chars().count(), 6);
    }
    // Listeners get a worker for the first time in the order in which they came. A worker may fall asleep before it begins,
    // but each of the two is true to the order, so no three are in the wrong one.
    let order = voice.begun();
    let firsts: Vec<usize> = (0..200)
        .filter(|number| number % 10 != 9)
        .map(|number| {
            let name = char::from_u32(0x4E00 + number).unwrap();
            order.iter().position(|(phonemes, _)| phonemes.starts_with(name)).unwrap()
        })
        .collect();
    let mut falling = vec![1; firsts.len()];
    for later in 0..firsts.len() {
        let before = (0..later).filter(|earlier| firsts[*earlier] > firsts[later]);
        falling[later] += before.map(|earlier| falling[earlier]).max().unwrap_or(0);
    }
    assert!(falling.iter().all(|count| *count <= 2), "{firsts:?}");
    assert!(voice.threads.lock().unwrap().len() <= 2);
}

#[test]
fn a_chunk_of_the_real_voice_rests_and_sounds_the_same() {
    let voice = match Store::from_env().unwrap().locate(&VoiceName::new("af_heart")) {
        Ok(voice) => voice,
        Err(error) => {
            let is_required =
                std::env::var_os("AUDIO_REPORT_REQUIRE_VOICE").is_some_and(|value| value == "1");
            assert!(!is_required, "{error}");
            return;
        }
    };
    let voice = registry::load(&voice, Backend::from_env().unwrap()).unwrap();
    let long = "ðə fˈɛɹiz tə ðə ˈIləndz lˈɛft ðə hˈɑɹbəɹ ɔn mˈʌndˌA, tˈu dˈAz ˈæftəɹ ðə stˈɔɹm, ænd nˈObᵊdi wʌz hˈɜɹt.";
    let short = "ðə kɹˈAn stˈændz.";
    let alone = |phonemes: &str| {
        let mut sound = Collect::default();
        let utterance =
            Utterance { phonemes: phonemes.into(), speed: Speed::NORMAL, threads: NonZeroUsize::MIN };
        voice.synthesize(&utterance, &mut sound).unwrap();
        sound.0
    };
    let pool = Pool::new(Workers::new(NonZeroUsize::MIN), TakeRule::LeastAhead);
    let begin = |phonemes: &str, settings| {
        let voice: Arc<dyn Synthesizer> = voice.clone();
        let phonemes = phonemes.to_string();
        let job = Job { voice, phonemes, speed: Speed::NORMAL, is_last: true, label: () };
        pool.begin(iter::once(Ok(job)), settings, &Cancel::new()).unwrap()
    };
    let sound = |speech: Speech<()>| -> Vec<f32> {
        let blocks = speech.filter_map(|delivery| match delivery.unwrap() {
            Delivery::Block(block) => Some(block),
            _ => None,
        });
        blocks.flatten().collect()
    };
    let rests = Arc::new(Rests::default());
    let file = begin(long, StreamSettings { observer: Some(rests.clone()), ..USUAL });
    wait_until("the file", || rests.begun.load(Ordering::SeqCst) == 1);
    let heard = sound(begin(short, heard(0, 0)));
    assert!(heard == alone(short), "it sounds different in the middle of another");
    assert!(sound(file) == alone(long), "it sounds different after a rest");
    assert_eq!(rests.rests.lock().unwrap().len(), 1);
}
