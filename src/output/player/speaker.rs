//! The loudspeaker of this machine.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rodio::cpal;
use rodio::{DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink};
use tracing::{debug, warn};

use super::PlaybackSource;
use crate::error::{Cure, Error, ErrorKind, Result};

/// The latency of the last samples: the sound system's buffer (rodio asks for two periods of about 50 ms) and that of
/// a sound server behind it.
const LATENCY: Duration = Duration::from_millis(250);

/// An open loudspeaker; dropped, it falls silent.
pub(crate) struct Speaker {
    device: MixerDeviceSink,
    failure: Arc<Mutex<Option<cpal::Error>>>,
}

impl Speaker {
    /// Begins to pull a programme.
    pub(crate) fn play(&self, source: PlaybackSource) {
        self.device.mixer().add(source);
    }

    /// The delay between the end of the source and its last audible sample.
    pub(crate) fn latency(&self) -> Duration {
        LATENCY
    }

    /// The reason for the silence, if the loudspeaker failed since it was opened.
    pub(crate) fn failure(&self) -> Option<Error> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(device_error("the loudspeaker stopped working", failure))
    }
}

/// Opens the default loudspeaker.
pub(crate) fn open_speaker() -> Result<Speaker> {
    // The ALSA library reports every missing device on standard error; our own error is enough.
    #[cfg(target_os = "linux")]
    let _alsa_messages = alsa::Output::local_error_handler();
    let failure = Arc::new(Mutex::new(None));
    let on_error = {
        let failure = failure.clone();
        move |error: cpal::Error| match error.kind() {
            // These do not stop the sound.
            cpal::ErrorKind::Xrun | cpal::ErrorKind::RealtimeDenied | cpal::ErrorKind::DeviceChanged => {
                debug!(%error, "the sound system reports");
            }
            _ => {
                warn!(%error, "the sound system failed");
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        }
    };
    let opened = DeviceSinkBuilder::from_default_device()
        .and_then(|builder| builder.with_error_callback(on_error).open_sink_or_fallback());
    let mut device = opened.map_err(|error| match error {
        DeviceSinkError::NoDevice => device_error("this machine has no loudspeaker", error),
        _ => device_error("the loudspeaker can't be opened", error),
    })?;
    device.log_on_drop(false);
    debug!(config = ?device.config(), "the loudspeaker is open");
    Ok(Speaker { device, failure })
}

fn device_error(what: &str, cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::AudioDevice, what).because(cause).with_cure(Cure::WriteFile)
}
