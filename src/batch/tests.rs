use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::report::{SpeechSettings, Workers};
use crate::table_test::each;

const FAST: Speed = Speed::new(2.0).unwrap();

fn narrator(workers: usize) -> Narrator {
    let workers = Workers { count: NonZeroUsize::new(workers).unwrap(), is_nice: false };
    Narrator::tone(&SpeechSettings { workers, ..SpeechSettings::default() })
}

/// An article of `sentences` sentences that are chunks of their own.
fn article(number: usize, sentences: usize) -> Arc<Article> {
    let sentence = |place: usize| {
        let more = "and nobody could say for certain how long the repairs of the old bridge would take "
            .repeat(1 + place % 2);
        format!("Report {number} says that the harbor was quiet on day {place}, {more}in the end.")
    };
    Arc::new(Article::from_text((1..=sentences).map(sentence).collect::<Vec<_>>().join(" ")))
}

/// The written sound, by article, and how many sinks were open at once.
#[derive(Default)]
struct Store {
    sounds: Mutex<BTreeMap<usize, Vec<f32>>>,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Open,
    Write,
    Finalize,
    Panic,
}

struct MemorySink {
    number: usize,
    sound: Vec<f32>,
    fault: Fault,
    store: Arc<Store>,
}

impl MemorySink {
    fn open(number: usize, fault: Fault, store: Arc<Store>) -> Result<Box<dyn Sink>> {
        if fault == Fault::Open {
            return Err(Error::new(ErrorKind::Output, "not opened"));
        }
        let open = store.open.fetch_add(1, Ordering::SeqCst) + 1;
        store.most_open.fetch_max(open, Ordering::SeqCst);
        Ok(Box::new(Self { number, sound: Vec::new(), fault, store }))
    }
}

impl Sink for MemorySink {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.sound.extend_from_slice(samples);
        match self.fault {
            Fault::Write if self.sound.len() > 50_000 => Err(Error::new(ErrorKind::Output, "not written")),
            Fault::Panic if self.sound.len() > 50_000 => panic!("a sink that panics"),
            _ => Ok(()),
        }
    }

    fn finalize(mut self: Box<Self>) -> Result<()> {
        if self.fault == Fault::Finalize {
            return Err(Error::new(ErrorKind::Output, "not finalized"));
        }
        let sound = std::mem::take(&mut self.sound);
        self.store.sounds.lock().unwrap().insert(self.number, sound);
        Ok(())
    }
}

impl Drop for MemorySink {
    fn drop(&mut self) {
        self.store.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn item(number: usize, sentences: usize, fault: Fault, store: &Arc<Store>) -> Item {
    let store = store.clone();
    let open = move |_: &Narrator| MemorySink::open(number, fault, store);
    Item { article: article(number, sentences), open: Box::new(open) }
}

/// Runs a batch; returns how each article ended, in the order of the reports.
fn run(
    narrator: &Narrator,
    items: impl Iterator<Item = Result<Item>> + Send,
    cancel: &Cancel,
) -> Vec<(usize, Result<Summary>)> {
    let mut ended = Vec::new();
    let mut begun = BTreeSet::new();
    narrate_all(narrator, items.map(|item| || item), FAST, cancel, &mut |event| {
        match event {
            Event::Began(number) => assert!(begun.insert(number), "{number} began twice"),
            Event::Progressed(number, progress) => {
                assert!(begun.contains(&number) && progress.bytes <= progress.total_bytes);
            }
            Event::Ended(number, outcome) => ended.push((number, outcome)),
        }
        Flow::Continue
    })
    .unwrap();
    ended
}

#[test]
fn an_article_sounds_the_same_alone_and_among_others_whatever_the_workers() {
    const LENGTHS: [usize; 6] = [7, 1, 12, 3, 1, 5];
    let mut alone = BTreeMap::new();
    for (number, sentences) in LENGTHS.into_iter().enumerate() {
        let store = Arc::new(Store::default());
        let items = [item(number, sentences, Fault::None, &store)];
        assert!(run(&narrator(1), items.into_iter().map(Ok), &Cancel::new())[0].1.is_ok());
        alone.extend(std::mem::take(&mut *store.sounds.lock().unwrap()));
    }
    each([1, 2, 3, 8], |workers| {
        let store = Arc::new(Store::default());
        let items = LENGTHS
            .into_iter()
            .enumerate()
            .map(|(number, sentences)| Ok(item(number, sentences, Fault::None, &store)));
        let ended = run(&narrator(workers), items, &Cancel::new());
        for (place, (number, outcome)) in ended.iter().enumerate() {
            let summary = outcome.as_ref().unwrap();
            assert_eq!((*number, summary.sentences.len()), (place, LENGTHS[place]), "{workers} workers");
        }
        assert_eq!(ended.len(), LENGTHS.len());
        assert!(*store.sounds.lock().unwrap() == alone, "{workers} workers: another sound");
        assert!(store.most_open.load(Ordering::SeqCst) <= 2 * workers, "{workers} workers: too many sinks");
    });
}

#[test]
fn a_failure_is_the_article_s_own() {
    let faults =
        [Fault::None, Fault::Open, Fault::None, Fault::Write, Fault::Finalize, Fault::Panic, Fault::None];
    let want = ["", "not opened", "", "not written", "not finalized", "writing the report broke off", ""];
    each([1, 3], |workers| {
        let store = Arc::new(Store::default());
        let items = faults.into_iter().enumerate().map(|(number, fault)| Ok(item(number, 4, fault, &store)));
        let unreadable = || Err(Error::new(ErrorKind::Input, "unreadable"));
        let nothing = Item {
            article: Arc::new(Article::from_text("…".into())),
            open: Box::new(|_| Ok(Box::new(crate::audio::Discard))),
        };
        let items = items.chain([unreadable(), Ok(nothing)]).chain(std::iter::once_with(unreadable));
        let ended = run(&narrator(workers), items, &Cancel::new());
        let what: Vec<String> = ended
            .iter()
            .map(|(_, outcome)| outcome.as_ref().err().map_or(String::new(), |e| e.what().to_owned()))
            .collect();
        assert_eq!(what[..7], want, "{workers} workers");
        assert_eq!(what[7], "unreadable");
        assert!(what[8].contains("nothing that can be spoken"), "{}", what[8]);
        assert_eq!(what[9], "unreadable");
        assert_eq!(store.sounds.lock().unwrap().keys().copied().collect::<Vec<_>>(), [0, 2, 6]);
        assert_eq!(store.open.load(Ordering::SeqCst), 0, "a sink is left");
    });
}

#[test]
fn articles_are_taken_only_as_they_are_needed() {
    let store = Arc::new(Store::default());
    let (taken, complete) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let most_ahead = AtomicUsize::new(0);
    let prepare = &|number| {
        let taken = taken.fetch_add(1, Ordering::SeqCst) + 1;
        most_ahead.fetch_max(taken - complete.load(Ordering::SeqCst), Ordering::SeqCst);
        Ok(item(number, 3, Fault::None, &store))
    };
    let items = (0..30).map(|number| move || prepare(number));
    narrate_all(&narrator(2), items, FAST, &Cancel::new(), &mut |event| {
        if let Event::Ended(_, outcome) = event {
            outcome.unwrap();
            complete.fetch_add(1, Ordering::SeqCst);
        }
        Flow::Continue
    })
    .unwrap();
    assert_eq!(complete.load(Ordering::SeqCst), 30);
    // Four open, one that waits, and complete ones that are not reported yet.
    let most_ahead = most_ahead.load(Ordering::SeqCst);
    assert!(most_ahead <= 12, "{most_ahead} articles were taken ahead");
}

#[test]
fn stopping_ends_what_is_open_and_takes_nothing_more() {
    each([1, 2], |workers| {
        let store = Arc::new(Store::default());
        let taken = AtomicUsize::new(0);
        let prepare = &|number| {
            taken.fetch_add(1, Ordering::SeqCst);
            Ok(item(number, if number == 1 { 500 } else { 2 }, Fault::None, &store))
        };
        let items = (0..1000).map(|number| move || prepare(number));
        let cancel = Cancel::new();
        let mut ended = Vec::new();
        narrate_all(&narrator(workers), items, FAST, &cancel, &mut |event| {
            match event {
                // The second is long.
                Event::Progressed(1, _) => return Flow::Stop,
                Event::Ended(number, outcome) => ended.push((number, outcome.map_err(|error| error.kind()))),
                _ => {}
            }
            Flow::Continue
        })
        .unwrap();
        assert!(cancel.is_cancelled());
        let numbers: Vec<usize> = ended.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (0..taken.load(Ordering::SeqCst)).collect::<Vec<_>>(), "an article was lost");
        assert!(ended[0].1.is_ok());
        assert_eq!(ended[1].1.as_ref().unwrap_err(), &ErrorKind::Interrupted);
        assert!(ended.len() < 100, "{} articles were taken", ended.len());
        let whole: Vec<usize> =
            ended.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(number, _)| *number).collect();
        assert_eq!(store.sounds.lock().unwrap().keys().copied().collect::<Vec<_>>(), whole);
        assert_eq!(store.open.load(Ordering::SeqCst), 0, "a sink is left");
    });
}

#[test]
fn a_batch_that_is_cancelled_before_it_begins_opens_nothing() {
    let store = Arc::new(Store::default());
    let cancel = Cancel::new();
    cancel.cancel();
    let ended = run(&narrator(2), (0..10).map(|number| Ok(item(number, 2, Fault::None, &store))), &cancel);
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].1.as_ref().unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(store.most_open.load(Ordering::SeqCst), 0);
    assert!(run(&narrator(2), std::iter::empty(), &cancel).is_empty());
}
