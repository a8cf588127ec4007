use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::*;
use crate::article::Article;
use crate::audio::{Hearing, Listener, Sink};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::report::{NarrationSettings, SpeechSettings, Summary, Workers};
use crate::text::Span;

const STORY: &str = "Harbour opens again after the storm\n\nThe ferries to the islands left the harbour on Monday, \
    two days after the storm had torn down a crane. Workers had cleared the quay by noon, the port said. Fishermen \
    waited until the evening, when the wind died down and the swell in the channel was low enough for small boats.\n\n\
    Nobody was hurt. The crane will be put up again in spring, and until then a smaller one unloads the ships.";

/// The result: sentences and all samples.
#[derive(Clone, Debug, Default, PartialEq)]
struct Heard {
    sentences: Vec<String>,
    samples: Vec<f32>,
}

/// A client that always has the same lead, or a file.
struct Client {
    heard: Arc<Mutex<Heard>>,
    lead: Option<Duration>,
}

impl Sink for Client {
    fn begin_sentence(&mut self, _number: usize, text: &str, _span: Span) {
        self.heard.lock().unwrap().sentences.push(text.to_string());
    }
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.heard.lock().unwrap().samples.extend_from_slice(samples);
        Ok(())
    }
    fn listener(&self) -> Option<Arc<dyn Listener>> {
        Some(Arc::new(Steady(self.lead?)))
    }
    fn finalize(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

struct Steady(Duration);

impl Listener for Steady {
    fn hearing(&self) -> Hearing {
        Hearing { lead: self.0, is_waiting: self.0.is_zero() }
    }
}

fn read(narrator: &Narrator, lead: Option<Duration>, is_awaited: bool) -> (Heard, Summary) {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let sink = Box::new(Client { heard: heard.clone(), lead });
    let article = Arc::new(Article::from_text(STORY.to_string()));
    let settings =
        NarrationSettings { hurry_first: lead.is_some(), is_awaited, ..NarrationSettings::default() };
    let summary = narrator.narrate(&article, settings, sink, &Cancel::new(), &mut |_| {}).unwrap();
    let heard = heard.lock().unwrap().clone();
    (heard, summary)
}

/// What is said; how sentences are joined depends on the time there is.
fn letters(heard: &Heard) -> String {
    heard.sentences.concat().split_whitespace().collect()
}

/// Files and listeners at once: every file sounds as it does alone, to the bit, and every listener gets all sentences.
fn check(narrator: &Narrator, workers: usize, readers: usize) {
    let alone = read(narrator, None, false).0;
    let server = narrator.with_workers(Workers::new(NonZeroUsize::new(workers).unwrap())).serving();
    assert_eq!(server.workers().count.get(), workers);
    let leads = [None, Some(0.0), Some(3.0), None, Some(60.0), Some(0.5)].into_iter().cycle().take(readers);
    let threads: Vec<_> = leads
        .enumerate()
        .map(|(number, lead)| {
            let (server, lead) = (server.clone(), lead.map(Duration::from_secs_f64));
            let is_awaited = number % 2 == 1;
            // One after the other, so that the first are in the middle of a chunk.
            thread::sleep(Duration::from_millis(20));
            thread::spawn(move || (lead, read(&server, lead, is_awaited)))
        })
        .collect();
    for thread in threads {
        let (lead, (heard, summary)) = thread.join().unwrap();
        match lead {
            None => assert!(heard == alone, "a file sounds different"),
            Some(lead) => assert_eq!(letters(&heard), letters(&alone), "{lead:?} ahead"),
        }
        let all = heard.samples.len() as f64 / f64::from(server.sample_rate().hertz());
        assert!((summary.audio_seconds - all).abs() < 0.01, "{} of {all} s", summary.audio_seconds);
    }
}

#[test]
fn files_and_listeners_at_once_get_all_that_they_get_alone() {
    let narrator = Narrator::tone(&SpeechSettings::default());
    check(&narrator, 1, 12);
    check(&narrator, 2, 24);
}

#[test]
fn a_file_that_somebody_waits_for_goes_before_listeners_who_have_enough() {
    let server =
        Narrator::tone(&SpeechSettings::default()).with_workers(Workers::new(NonZeroUsize::MIN)).serving();
    let heard = Arc::new(Mutex::new(Heard::default()));
    let cancel = Cancel::new();
    let listening = thread::spawn({
        let sink = Box::new(Client { heard: heard.clone(), lead: Some(Duration::from_secs(20)) });
        let article = Arc::new(Article::from_text(STORY.repeat(2_000)));
        let (server, cancel) = (server.clone(), cancel.clone());
        move || server.narrate(&article, NarrationSettings::default(), sink, &cancel, &mut |_| {}).map(|_| ())
    });
    let made = || heard.lock().unwrap().samples.len();
    while made() == 0 {
        thread::yield_now();
    }
    let before = made();
    let file = read(&server, None, true).0;
    let beside = made() - before;
    cancel.cancel();
    assert_eq!(listening.join().unwrap().unwrap_err().kind(), crate::error::ErrorKind::Interrupted);
    assert!(
        beside < 10 * file.samples.len(),
        "{beside} samples for the listener, {} in the file",
        file.samples.len()
    );
}
