//! A voice that obeys its symbols, and a pool whose jobs it speaks.

use std::collections::HashSet;
use std::iter;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::audio::{SampleRate, Speed};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::stream::{Audience, Delivery, Job, Pool, Speech, StreamSettings, TakeRule, Workers};
use crate::synth::tone::Tone;
use crate::synth::{BlockSink, Flow, Synthesizer, Timings, Utterance, VoiceLimits};

/// Speaks like [`Tone`], block by block, and keeps account. Phonemes are instructions: `a` takes 40 ms, a digit as many
/// milliseconds, `!` fails, `?` panics, `∞` goes on until it is stopped, `#` makes ten seconds of sound at once,
/// `+` goes on until it may use another thread, `-` until it may not.
#[derive(Default)]
pub(crate) struct Scripted {
    pub at_work: AtomicUsize,
    pub most_at_work: AtomicUsize,
    /// Phonemes and threads of each utterance, in the order in which they were begun.
    pub begun: Mutex<Vec<(String, usize)>>,
    pub threads: Mutex<HashSet<thread::ThreadId>>,
    pub stopped: AtomicUsize,
}

impl Scripted {
    pub(crate) fn begun(&self) -> Vec<(String, usize)> {
        self.begun.lock().unwrap().clone()
    }
}

/// A panic also counts as leaving.
pub(crate) struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Synthesizer for Scripted {
    fn sample_rate(&self) -> SampleRate {
        Tone.sample_rate()
    }
    fn limits(&self) -> VoiceLimits {
        Tone.limits()
    }
    fn has_symbol(&self, _symbol: char) -> bool {
        true
    }
    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let now = self.at_work.fetch_add(1, Ordering::SeqCst) + 1;
        let _here = AtWork(&self.at_work);
        self.most_at_work.fetch_max(now, Ordering::SeqCst);
        self.threads.lock().unwrap().insert(thread::current().id());
        self.begun.lock().unwrap().push((utterance.phonemes.clone(), utterance.threads.get()));
        for symbol in utterance.phonemes.chars() {
            match symbol {
                'a' => thread::sleep(Duration::from_millis(40)),
                '!' => return Err(Error::new(ErrorKind::Synthesis, "no such sound")),
                '?' => panic!("a voice that panics"),
                '∞' => {
                    while sink.push(vec![0.0; 100]) == Flow::Continue {
                        thread::sleep(Duration::from_millis(1));
                    }
                    self.stopped.fetch_add(1, Ordering::SeqCst);
                    return Err(Error::new(ErrorKind::Interrupted, "speaking was stopped"));
                }
                '#' => {
                    if sink.push(vec![0.25; 240_000]) == Flow::Stop {
                        return Err(Error::new(ErrorKind::Interrupted, "speaking was stopped"));
                    }
                }
                '+' | '-' => {
                    let may = || sink.threads(utterance.threads).get() > 1;
                    let end = Instant::now() + Duration::from_secs(20);
                    while may() != (symbol == '+') {
                        assert!(Instant::now() < end, "{symbol} was waited for in vain");
                        thread::sleep(Duration::from_millis(1));
                    }
                }
                digit => thread::sleep(Duration::from_millis(digit.to_digit(10).unwrap_or(0).into())),
            }
            // Many small blocks, more than any queue could hold back.
            for _ in 0..10 {
                if sink.push(vec![0.25; 10]) == Flow::Stop {
                    return Err(Error::new(ErrorKind::Interrupted, "speaking was stopped"));
                }
            }
        }
        let symbols = vec![100; utterance.phonemes.chars().count()];
        Ok(Timings { lead_in: 0, symbols, lead_out: 0 })
    }
}

/// A job for the scripted voice.
pub(crate) struct Said<T> {
    pub phonemes: String,
    pub label: T,
}

pub(crate) fn job(phonemes: impl Into<String>) -> Said<String> {
    let phonemes = phonemes.into();
    Said { label: phonemes.clone(), phonemes }
}

pub(crate) fn jobs(phonemes: &[&str]) -> impl Iterator<Item = Result<Said<String>>> + Send + use<> {
    let jobs: Vec<_> = phonemes.iter().map(|phonemes| Ok(job(*phonemes))).collect();
    jobs.into_iter()
}

/// A pool with one voice for all jobs.
#[derive(Clone)]
pub(crate) struct OneVoice {
    pub pool: Pool,
    pub voice: Arc<Scripted>,
}

impl OneVoice {
    pub(crate) fn jobs<T, I: Iterator<Item = Result<Said<T>>>>(
        &self,
        mut said: I,
    ) -> impl Iterator<Item = Result<Job<T>>> + use<T, I> {
        let voice = self.voice.clone();
        iter::from_fn(move || {
            let next = said.next()?;
            let is_last = said.size_hint().1 == Some(0);
            let voice: Arc<dyn Synthesizer> = voice.clone();
            Some(next.map(|Said { phonemes, label }| Job {
                voice,
                phonemes,
                speed: Speed::NORMAL,
                is_last,
                label,
            }))
        })
    }

    pub(crate) fn begin<T: Send + 'static>(
        &self,
        said: impl Iterator<Item = Result<Said<T>>> + Send + 'static,
        settings: StreamSettings,
        cancel: &Cancel,
    ) -> Result<Speech<T>> {
        self.pool.begin(self.jobs(said), settings, cancel)
    }

    pub(crate) fn speak<T: Send + 'static>(
        &self,
        said: impl Iterator<Item = Result<Said<T>>> + Send + 'static,
        settings: StreamSettings,
        cancel: &Cancel,
        deliver: impl FnMut(Delivery<T>) -> Result<()>,
    ) -> Result<()> {
        self.pool.speak(self.jobs(said), settings, cancel, deliver)
    }
}

impl Deref for OneVoice {
    type Target = Pool;

    fn deref(&self) -> &Pool {
        &self.pool
    }
}

pub(crate) fn pool(workers: usize) -> (Arc<Scripted>, OneVoice) {
    pool_by(TakeRule::OldestFirst, workers)
}

pub(crate) fn pool_by(rule: TakeRule, workers: usize) -> (Arc<Scripted>, OneVoice) {
    let voice = Arc::new(Scripted::default());
    let workers = Workers { count: NonZeroUsize::new(workers).unwrap(), is_nice: false };
    (voice.clone(), OneVoice { pool: Pool::new(workers, rule), voice })
}

/// Somebody who listens, and always says the same.
pub(crate) struct Steady {
    pub can_wait: Duration,
    pub can_rest: Duration,
}

impl Audience for Steady {
    fn can_wait(&self) -> Duration {
        self.can_wait
    }
    fn can_rest(&self) -> Duration {
        self.can_rest
    }
}

/// For a listener who can wait, and whose work can rest, for so many milliseconds.
pub(crate) fn heard(can_wait: u64, can_rest: u64) -> StreamSettings {
    let [can_wait, can_rest] = [can_wait, can_rest].map(Duration::from_millis);
    StreamSettings { audience: Some(Arc::new(Steady { can_wait, can_rest })), ..USUAL }
}

pub(crate) const HURRY: StreamSettings = StreamSettings { hurry_first: true, observer: None, audience: None };
pub(crate) const USUAL: StreamSettings =
    StreamSettings { hurry_first: false, observer: None, audience: None };

/// The delivered labels, one after the other, and the number of samples.
pub(crate) fn labels<I>(pool: &OneVoice, jobs: I, settings: StreamSettings) -> (String, usize, Result<()>)
where
    I: Iterator<Item = Result<Said<String>>> + Send + 'static,
{
    let (mut labels, mut samples, mut last) = (String::new(), 0, 0);
    let result = pool.speak(jobs, settings, &Cancel::new(), |delivery| {
        match delivery {
            Delivery::Begin(label) => {
                labels.push_str(&label);
                last = 0;
            }
            Delivery::Block(block) => last += block.len(),
            Delivery::End(timings) => {
                assert_eq!(timings.total(), last, "the sound of {labels} is not whole");
                samples += last;
            }
        }
        Ok(())
    });
    (labels, samples, result)
}
