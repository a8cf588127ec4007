//! The loudspeaker of this machine.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rodio::cpal;
use rodio::{DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink};
use tracing::debug;

use super::PlaybackSource;
use crate::error::{Cure, Error, ErrorKind, Result};

/// The latency of the last samples: the sound system's buffer (rodio asks for two periods of about 50 ms) and that of
/// a sound server behind it.
const LATENCY: Duration = Duration::from_millis(250);

/// A sound system that reported an error and took no sound for so long has failed. ALSA's plugin for `PulseAudio`
/// reports an I/O error as long as the server has no timing yet (alsa-plugins, issue 65), some 10 ms after the start.
const GRACE: Duration = Duration::from_secs(1);

/// The sound system asks again at once after an error; this keeps it from doing so thousands of times.
const BREATH: Duration = Duration::from_millis(5);

/// Wait before a loudspeaker that can't be opened is tried once more: a sound server may just be starting.
const SECOND_TRY: Duration = Duration::from_millis(300);

/// An open loudspeaker; dropped, it falls silent.
pub(crate) struct Speaker {
    device: MixerDeviceSink,
    health: Arc<Health>,
}

/// What the sound system reported.
#[derive(Debug, Default)]
struct Health {
    /// Hops of sound that it took.
    pulls: Arc<AtomicU64>,
    trouble: Mutex<Option<Trouble>>,
}

/// An error, since which no sound was taken.
#[derive(Debug)]
struct Trouble {
    error: cpal::Error,
    since: Instant,
    pulls: u64,
}

impl Speaker {
    /// Begins to pull a programme.
    pub(crate) fn play(&self, mut source: PlaybackSource) {
        source.count_pulls(self.health.pulls.clone());
        self.device.mixer().add(source);
    }

    /// The delay between the end of the source and its last audible sample.
    pub(crate) fn latency(&self) -> Duration {
        LATENCY
    }

    /// The reason for the silence, if the loudspeaker failed since it was opened.
    pub(crate) fn failure(&self) -> Option<Error> {
        let failure = self.health.failure(Instant::now())?;
        Some(device_error("the loudspeaker stopped working", failure))
    }
}

impl Health {
    /// The sound system reports an error.
    fn report(&self, error: cpal::Error, now: Instant) {
        let pulls = self.pulls.load(Ordering::Relaxed);
        let mut trouble = self.trouble();
        if trouble.as_ref().is_none_or(|trouble| trouble.pulls != pulls) {
            debug!(%error, "the sound system reports");
            *trouble = Some(Trouble { error, since: now, pulls });
        }
    }

    /// Takes the error after which nothing was pulled for longer than [`GRACE`].
    fn failure(&self, now: Instant) -> Option<cpal::Error> {
        let mut trouble = self.trouble();
        let (since, pulls) = trouble.as_ref().map(|trouble| (trouble.since, trouble.pulls))?;
        if pulls != self.pulls.load(Ordering::Relaxed) {
            *trouble = None;
            return None;
        }
        if now.duration_since(since) < GRACE {
            return None;
        }
        trouble.take().map(|trouble| trouble.error)
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the default loudspeaker.
pub(crate) fn open_speaker() -> Result<Speaker> {
    // The ALSA library reports every missing device on standard error; our own error is enough.
    #[cfg(target_os = "linux")]
    let _alsa_messages = alsa::Output::local_error_handler();
    open().or_else(|error| match error {
        DeviceSinkError::NoDevice => Err(device_error("this machine has no loudspeaker", error)),
        error => {
            debug!(%error, "the loudspeaker is tried once more");
            thread::sleep(SECOND_TRY);
            open().map_err(|error| device_error("the loudspeaker can't be opened", error))
        }
    })
}

fn open() -> std::result::Result<Speaker, DeviceSinkError> {
    let health = Arc::new(Health::default());
    let on_error = {
        let health = health.clone();
        move |error: cpal::Error| match error.kind() {
            // These do not stop the sound.
            cpal::ErrorKind::Xrun | cpal::ErrorKind::RealtimeDenied | cpal::ErrorKind::DeviceChanged => {
                debug!(%error, "the sound system reports");
            }
            _ => {
                health.report(error, Instant::now());
                thread::sleep(BREATH);
            }
        }
    };
    let builder = DeviceSinkBuilder::from_default_device()?;
    let mut device = builder.with_error_callback(on_error).open_sink_or_fallback()?;
    device.log_on_drop(false);
    debug!(config = ?device.config(), "the loudspeaker is open");
    Ok(Speaker { device, health })
}

fn device_error(what: &str, cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::AudioDevice, what).because(cause).with_cure(Cure::WriteFile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> cpal::Error {
        cpal::Error::new(cpal::ErrorKind::Other)
    }

    #[test]
    fn an_error_before_the_first_sound_is_forgotten_when_sound_is_taken() {
        let (health, start) = (Health::default(), Instant::now());
        (0..9).for_each(|step| health.report(error(), start + BREATH * step));
        assert!(health.failure(start + GRACE / 2).is_none());
        health.pulls.fetch_add(1, Ordering::Relaxed);
        assert!(health.failure(start + GRACE * 2).is_none());
    }

    #[test]
    fn errors_without_sound_are_a_failure_after_the_grace() {
        let (health, start) = (Health::default(), Instant::now());
        health.pulls.fetch_add(7, Ordering::Relaxed);
        (0..300).for_each(|step| health.report(error(), start + BREATH * step));
        assert!(health.failure(start + GRACE / 2).is_none());
        assert!(health.failure(start + GRACE).is_some());
        assert!(health.failure(start + GRACE * 3).is_none(), "reported twice");
    }
}
