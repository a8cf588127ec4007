use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::audio::SampleRate;
use crate::synth::tone::Tone;

/// Speaks like [`Tone`], later utterances sooner than earlier ones, and counts how many are at work.
#[derive(Default)]
struct Uneven {
    at_work: AtomicUsize,
    most_at_work: AtomicUsize,
    threads_of_first: AtomicUsize,
}

impl Synthesizer for Uneven {
    fn sample_rate(&self) -> SampleRate {
        Tone.sample_rate()
    }
    fn max_symbols(&self) -> usize {
        510
    }
    fn has_symbol(&self, _symbol: char) -> bool {
        true
    }
    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let now = self.at_work.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_work.fetch_max(now, Ordering::SeqCst);
        if utterance.phonemes == "a" {
            self.threads_of_first.store(utterance.threads.get(), Ordering::SeqCst);
            thread::sleep(Duration::from_millis(40));
        }
        if utterance.phonemes == "!" {
            self.at_work.fetch_sub(1, Ordering::SeqCst);
            return Err(Error::new(ErrorKind::Synthesis, "no such sound"));
        }
        let result = Tone.synthesize(utterance, sink);
        self.at_work.fetch_sub(1, Ordering::SeqCst);
        result
    }
}

fn jobs(phonemes: &[&str]) -> impl Iterator<Item = Result<Job<String>>> + Send + use<> {
    let jobs: Vec<_> = phonemes
        .iter()
        .map(|p| Ok(Job { phonemes: (*p).to_string(), speed: 1.0, label: (*p).to_string() }))
        .collect();
    jobs.into_iter()
}

fn settings(workers: usize, hurry_first: bool) -> StreamSettings {
    StreamSettings { workers: NonZeroUsize::new(workers).unwrap(), hurry_first }
}

fn labels(
    voice: &Arc<dyn Synthesizer>,
    phonemes: &[&str],
    settings: StreamSettings,
) -> (Vec<String>, usize, Result<()>) {
    let (mut labels, mut samples) = (Vec::new(), 0);
    let result = speak(voice, jobs(phonemes), settings, &Cancel::new(), |delivery| {
        match delivery {
            Delivery::Begin(label) => labels.push(label),
            Delivery::Block(block) => samples += block.len(),
            Delivery::End(timings) => assert_eq!(timings.symbols.len(), 1),
        }
        Ok(())
    });
    (labels, samples, result)
}

#[test]
fn order_out_is_order_in_whatever_finishes_first() {
    for workers in [1, 2, 5] {
        for hurry_first in [false, true] {
            let voice: Arc<dyn Synthesizer> = Arc::new(Uneven::default());
            let (got, samples, result) =
                labels(&voice, &["a", "b", "c", "d", "e", "f"], settings(workers, hurry_first));
            result.unwrap();
            assert_eq!(got.concat(), "abcdef", "{workers} workers, hurry {hurry_first}");
            assert_eq!(samples, 6 * (1440 + 2400));
        }
    }
}

#[test]
fn a_failed_utterance_ends_the_work_with_its_error_and_nothing_after_it_is_delivered() {
    let voice: Arc<dyn Synthesizer> = Arc::new(Uneven::default());
    let (got, _, result) = labels(&voice, &["a", "b", "!", "d"], settings(2, false));
    assert_eq!(got.concat(), "ab!");
    assert_eq!(result.unwrap_err().what, "no such sound");
}

#[test]
fn a_failed_job_ends_the_work_in_its_turn() {
    let voice: Arc<dyn Synthesizer> = Arc::new(Tone);
    let jobs = jobs(&["a"]).chain([Err(Error::new(ErrorKind::Phonemes, "unreadable"))]);
    let mut delivered = 0;
    let result = speak(&voice, jobs, settings(2, false), &Cancel::new(), |delivery| {
        delivered += usize::from(matches!(delivery, Delivery::End(_)));
        Ok(())
    });
    assert_eq!((delivered, result.unwrap_err().what.as_str()), (1, "unreadable"));
}

#[test]
fn jobs_are_pulled_only_as_the_window_moves() {
    let pulled = Arc::new(AtomicUsize::new(0));
    let counter = pulled.clone();
    let endless = (0..).map(move |i| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(Job { phonemes: "b".to_string(), speed: 1.0, label: i })
    });
    let voice: Arc<dyn Synthesizer> = Arc::new(Tone);
    let mut most_ahead = 0;
    let result = speak(&voice, endless, settings(2, false), &Cancel::new(), |delivery| {
        if let Delivery::Begin(i) = delivery {
            thread::sleep(Duration::from_millis(2));
            most_ahead = most_ahead.max(pulled.load(Ordering::SeqCst) - i);
            if i == 50 {
                return Err(Error::new(ErrorKind::Output, "enough"));
            }
        }
        Ok(())
    });
    assert_eq!(result.unwrap_err().what, "enough");
    assert!(most_ahead <= 10, "{most_ahead} jobs were pulled ahead of the one delivered");
}

#[test]
fn the_first_utterance_gets_all_threads_when_it_hurries_or_is_alone() {
    for (phonemes, hurry_first, want) in
        [(&["a"][..], false, 3), (&["a", "b"], true, 3), (&["a", "b"], false, 1)]
    {
        let voice = Arc::new(Uneven::default());
        let shared: Arc<dyn Synthesizer> = voice.clone();
        labels(&shared, phonemes, settings(3, hurry_first)).2.unwrap();
        let got = voice.threads_of_first.load(Ordering::SeqCst);
        assert_eq!(got, want, "{phonemes:?}, hurry {hurry_first}");
    }
}

#[test]
fn cancelling_stops_the_wait_at_once() {
    let voice: Arc<dyn Synthesizer> = Arc::new(Uneven::default());
    let cancel = Cancel::new();
    cancel.cancel();
    let result = speak(&voice, jobs(&["a"]), settings(1, false), &cancel, |_| Ok(()));
    assert_eq!(result.unwrap_err().kind, ErrorKind::Interrupted);
}
