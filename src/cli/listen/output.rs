//! The loudspeaker during a playback: opened again when it fails.

use std::time::{Duration, Instant};

use tracing::{debug, warn};

use crate::error::{Error, Result};
use crate::output::player::{Controls, PlaybackSource, Speaker};

/// How long a loudspeaker that failed is tried again: a sound server that was restarted is back within seconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Wait between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(500);

/// A failure so soon after the output was opened again is still the same one.
const RELAPSE: Duration = Duration::from_secs(3);

/// A player of a source, which may fail while it plays.
pub(super) trait Output {
    /// The delay between the end of the source and its last audible sample.
    fn latency(&self) -> Duration;

    /// The reason for the silence, after a failure.
    fn failure(&self) -> Option<Error>;
}

impl Output for Speaker {
    fn latency(&self) -> Duration {
        Speaker::latency(self)
    }

    fn failure(&self) -> Option<Error> {
        Speaker::failure(self)
    }
}

/// An output that is opened again when it fails. The programme goes on where it was interrupted.
pub(super) struct KeptOpen<O, S> {
    start: S,
    patience: Duration,
    output: Option<O>,
    latency: Duration,
    outage: Option<Outage>,
}

/// A failure, and what was done since.
struct Outage {
    error: Error,
    since: Instant,
    last_try: Instant,
}

impl<O: Output, S: FnMut(PlaybackSource) -> Result<O>> KeptOpen<O, S> {
    /// Opens an output by `start`, to be tried again for as long as `patience` after a failure.
    pub(super) fn open(mut start: S, source: PlaybackSource, patience: Duration) -> Result<Self> {
        let output = start(source)?;
        let latency = output.latency();
        Ok(Self { start, patience, output: Some(output), latency, outage: None })
    }

    /// The delay between the end of the source and its last audible sample.
    pub(super) fn latency(&self) -> Duration {
        self.latency
    }

    /// Looks for a failure, and opens the output again after one. Fails when that did not help for too long.
    pub(super) fn check(&mut self, controls: &Controls) -> Result<()> {
        let now = Instant::now();
        if let Some(error) = self.output.as_ref().and_then(Output::failure) {
            self.output = None;
            warn!("{error}; it is opened again");
            let earlier = self.outage.take().filter(|outage| now.duration_since(outage.last_try) < RELAPSE);
            let since = earlier.map_or(now, |outage| outage.since);
            self.outage = Some(Outage { error, since, last_try: now });
            // At once, then after each wait.
            return self.open_again(controls, now);
        }
        let is_due = self.outage.as_ref().is_some_and(|outage| now >= outage.last_try + BETWEEN_TRIES);
        if self.output.is_none() && is_due { self.open_again(controls, now) } else { Ok(()) }
    }

    fn open_again(&mut self, controls: &Controls, now: Instant) -> Result<()> {
        let Some(mut outage) = self.outage.take() else { return Ok(()) };
        if now.duration_since(outage.since) >= self.patience {
            return Err(outage.error);
        }
        match (self.start)(controls.source_again(self.latency)) {
            Ok(output) => self.output = Some(output),
            Err(error) => debug!(%error, "not yet"),
        }
        outage.last_try = Instant::now();
        self.outage = Some(outage);
        Ok(())
    }
}
