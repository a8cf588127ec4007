//! How much a client may ask for, and how long it may take.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::audio::Speed;

/// The limits of a server. Times are those after which a connection or a request is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Requests that are spoken at the same time.
    pub speaking: NonZeroUsize,
    /// Requests that wait for that; one more is sent away.
    pub waiting: usize,
    /// Texts and pages that are explained at the same time; as many wait as for speech.
    pub explaining: NonZeroUsize,
    /// How fast a request is spoken that says nothing of it.
    pub speed: Speed,
    /// Characters of a text.
    pub characters: usize,
    /// Characters of a text whose WAV is made whole before it is sent, so that its head has the true sizes: strict readers refuse others.
    /// Nearly every sentence of news is shorter, and sentences are what clients send that split a text. For more than some 13 seconds of
    /// sound a listener would wait too long.
    pub whole: usize,
    /// Voices that are kept in memory.
    pub voices: NonZeroUsize,
    /// Bytes of a request's body.
    pub body: usize,
    /// The same where it has a file.
    pub upload_body: usize,
    /// Connections that are open at the same time.
    pub connections: usize,
    /// For the head of a request, and between two requests of a connection.
    pub head: Duration,
    /// How long a client may send nothing of a request's body, or of a text that comes in pieces.
    pub upload: Duration,
    /// For all of a request's body.
    pub whole_upload: Duration,
    /// The same where it has a file: 16 MiB at 450 kbit/s.
    pub file_upload: Duration,
    /// How long a client may take nothing of what is ready for it.
    pub stalled: Duration,
    /// For all of an answer, from the request on. The longest text lasts for 16 hours where it is spoken slowest and heard as it is made.
    pub answer: Duration,
    /// How long streams may go on after the server was asked to stop.
    pub drain: Duration,
    /// After so much sound of a request its voice fails, where a test asks for that.
    #[cfg(debug_assertions)]
    pub breaks_after: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            speaking: NonZeroUsize::MIN.saturating_add(15),
            waiting: 64,
            explaining: NonZeroUsize::MIN.saturating_add(1),
            speed: Speed::NORMAL,
            characters: 200_000,
            whole: 200,
            voices: NonZeroUsize::MIN.saturating_add(7),
            body: 4 << 20,
            upload_body: 16 << 20,
            connections: 2_048,
            head: Duration::from_secs(15),
            upload: Duration::from_mins(1),
            whole_upload: Duration::from_mins(1),
            file_upload: Duration::from_mins(5),
            stalled: Duration::from_secs(30),
            answer: Duration::from_hours(24),
            drain: Duration::from_secs(30),
            #[cfg(debug_assertions)]
            breaks_after: None,
        }
    }
}

impl Limits {
    /// The limits that no option changes, but a test of the real program may: it need not wait for real ones. In a release build nothing of
    /// this is left. `AUDIO_REPORT_TEST_SERVE="head=0.5 upload=0.5 answer=2 connections=20 breaks=1.5"`
    pub(crate) fn of_program() -> Self {
        let real = Self::default();
        #[cfg(debug_assertions)]
        return match std::env::var("AUDIO_REPORT_TEST_SERVE") {
            Ok(asked) => asked.split_whitespace().fold(real, Self::changed),
            Err(_) => real,
        };
        #[cfg(not(debug_assertions))]
        return real;
    }

    /// The same with one limit changed; what is not understood changes nothing.
    #[cfg(debug_assertions)]
    fn changed(mut self, part: &str) -> Self {
        let Some((what, value)) = part.split_once('=') else { return self };
        let Some(number) = value.parse::<f64>().ok() else { return self };
        let Ok(time) = Duration::try_from_secs_f64(number) else { return self };
        match what {
            "head" => self.head = time,
            "upload" => self.upload = time,
            "answer" => self.answer = time,
            "breaks" => self.breaks_after = Some(time),
            "connections" => self.connections = number as usize,
            _ => {}
        }
        self
    }
}
