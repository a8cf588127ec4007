//! Tests of the player with a listener who plays faster than real time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::text::Span;

const RATE: SampleRate = SampleRate::new(24_000).unwrap();

/// Pulls a source in a thread, and may fail.
#[derive(Default)]
struct FastListener {
    heard: Arc<AtomicU64>,
    failures: AtomicU64,
}

impl FastListener {
    fn play(&self, source: PlaybackSource) {
        let heard = self.heard.clone();
        std::thread::spawn(move || {
            for (index, sample) in source.enumerate() {
                if sample != 0.0 {
                    heard.fetch_add(1, Ordering::Relaxed);
                }
                if index % 2_400 == 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        });
    }
}

impl Output for Arc<FastListener> {
    fn latency(&self) -> Duration {
        Duration::ZERO
    }

    fn failure(&self) -> Option<Error> {
        let failures = &self.failures;
        failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).ok()?;
        Some(Error::new(ErrorKind::AudioDevice, "unplugged"))
    }
}

fn listen_to<T: Send + 'static>(
    listener: &Arc<FastListener>,
    cancel: &Cancel,
    feed: impl FnOnce(Box<dyn Sink>) -> Result<T> + Send + 'static,
) -> anyhow::Result<Option<T>> {
    let start = |source| {
        listener.play(source);
        Ok(listener.clone())
    };
    run_on(start, Duration::from_millis(300), RATE, feed, cancel, Listening::new(true))
}

fn kind(error: &anyhow::Error) -> Option<ErrorKind> {
    error.downcast_ref::<Error>().map(Error::kind)
}

#[test]
fn a_programme_is_played_out_and_the_feeders_result_returned() {
    let listener = Arc::new(FastListener::default());
    let result = listen_to(&listener, &Cancel::new(), |mut sink| {
        sink.begin_sentence(0, "One.", Span::default());
        sink.write(&[0.1; 48_000])?;
        sink.finalize()?;
        Ok(7)
    });
    assert_eq!(result.unwrap(), Some(7));
    assert!(listener.heard.load(Ordering::Relaxed) >= 47_999);
}

#[test]
fn an_error_of_the_feeder_ends_the_playback_with_it() {
    let listener = Arc::new(FastListener::default());
    let result: anyhow::Result<Option<()>> = listen_to(&listener, &Cancel::new(), |mut sink| {
        sink.write(&vec![0.1; 24_000 * 50])?;
        Err(Error::new(ErrorKind::Synthesis, "chunk 3 failed"))
    });
    assert_eq!(kind(&result.unwrap_err()), Some(ErrorKind::Synthesis));
    assert!(listener.heard.load(Ordering::Relaxed) < 24_000 * 50);
}

#[test]
fn a_feeder_that_panics_is_an_error() {
    let listener = Arc::new(FastListener::default());
    let result: anyhow::Result<Option<()>> =
        listen_to(&listener, &Cancel::new(), |_sink| panic!("a fault of the feeder"));
    assert_eq!(kind(&result.unwrap_err()), Some(ErrorKind::Synthesis));
}

#[test]
fn cancelling_from_elsewhere_interrupts() {
    let listener = Arc::new(FastListener::default());
    let cancel = Cancel::new();
    let canceller = cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        canceller.cancel();
    });
    let result = listen_to(&listener, &cancel, |mut sink| {
        // Until the sink reports that the listener left.
        while sink.write(&[0.1; 24_000]).is_ok() {}
        Ok(())
    });
    assert_eq!(kind(&result.unwrap_err()), Some(ErrorKind::Interrupted));
}

#[test]
fn a_loudspeaker_that_fails_for_a_moment_is_opened_again() {
    let listener = Arc::new(FastListener::default());
    listener.failures.store(1, Ordering::Relaxed);
    let result = listen_to(&listener, &Cancel::new(), |mut sink| {
        sink.write(&[0.1; 48_000])?;
        sink.finalize()
    });
    assert_eq!(result.unwrap(), Some(()));
    assert_eq!(listener.failures.load(Ordering::Relaxed), 0);
    assert!(listener.heard.load(Ordering::Relaxed) >= 47_999);
}

#[test]
fn a_loudspeaker_that_fails_for_good_ends_the_playback() {
    let listener = Arc::new(FastListener::default());
    listener.failures.store(u64::MAX, Ordering::Relaxed);
    let cancel = Cancel::new();
    let result = listen_to(&listener, &cancel, |mut sink| sink.write(&vec![0.1; 24_000 * 500]));
    assert_eq!(kind(&result.unwrap_err()), Some(ErrorKind::AudioDevice));
    assert!(cancel.is_cancelled());
}

#[test]
fn without_a_loudspeaker_the_feeder_is_stopped() {
    let (told, outcome) = std::sync::mpsc::channel();
    let result = run_on(
        |_source| Err::<Arc<FastListener>, _>(Error::new(ErrorKind::AudioDevice, "none")),
        Duration::ZERO,
        RATE,
        move |mut sink| -> Result<()> {
            // Until the sink reports that the listener left.
            let error = loop {
                if let Err(error) = sink.write(&[0.1; 24_000]) {
                    break error;
                }
            };
            let _ = told.send(error.kind());
            Err(error)
        },
        &Cancel::new(),
        Listening::new(true),
    );
    assert_eq!(kind(&result.unwrap_err()), Some(ErrorKind::AudioDevice));
    assert_eq!(outcome.recv_timeout(Duration::from_mins(1)).unwrap(), ErrorKind::Interrupted);
}
