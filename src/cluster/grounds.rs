//! What a test of the real program changes, so that it need not wait for real times or find real processors. In a release build nothing
//! of this is left.

use std::time::Duration;

use super::job::Kernel;

/// How long a worker has a job before it must say that it still works on it: the default of NATS.
const ACK_WAIT: Duration = Duration::from_secs(30);
/// How often a worker with measurements asks how many jobs wait: one job may take longer than a morning's articles to come.
const LOOKED_EVERY: Duration = Duration::from_secs(15);

/// What a worker stands on.
#[derive(Clone, Debug)]
pub(crate) struct Grounds {
    /// How long a lease lasts.
    pub ack_wait: Duration,
    /// How often a worker with measurements asks how many jobs wait.
    pub looked: Duration,
    /// A rest after each step of a report.
    pub rest: Duration,
    /// The kernels that the machine is said to have.
    pub kernel: Option<Kernel>,
    /// Where the program ends, as if it were killed.
    pub end: Option<End>,
}

/// Where a program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// When a report is made, and nothing of it is put.
    BeforePut,
    /// When a result is put, and the queue does not know it.
    AfterPut,
}

impl Default for Grounds {
    fn default() -> Self {
        Self { ack_wait: ACK_WAIT, looked: LOOKED_EVERY, rest: Duration::ZERO, kernel: None, end: None }
    }
}

impl Grounds {
    /// The real ones, but where a debug build is told otherwise:
    /// `AUDIO_REPORT_TEST_CLUSTER="ack_wait=1 looked=0.2 sleep=0.5 kernel=avx2 stop_before_put stop_after_put"`.
    pub(crate) fn of_program() -> Self {
        let real = Self::default();
        #[cfg(debug_assertions)]
        return match std::env::var("AUDIO_REPORT_TEST_CLUSTER") {
            Ok(asked) => asked.split_whitespace().fold(real, Self::changed),
            Err(_) => real,
        };
        #[cfg(not(debug_assertions))]
        return real;
    }

    /// The same with one thing changed; what is not understood changes nothing.
    #[cfg(debug_assertions)]
    fn changed(mut self, part: &str) -> Self {
        let (what, value) = part.split_once('=').unwrap_or((part, ""));
        let time = || value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        match what {
            "ack_wait" => self.ack_wait = time().unwrap_or(self.ack_wait),
            "looked" => self.looked = time().unwrap_or(self.looked),
            "sleep" => self.rest = time().unwrap_or(self.rest),
            "kernel" => self.kernel = Kernel::try_from(value.to_string()).ok(),
            "stop_before_put" => self.end = Some(End::BeforePut),
            "stop_after_put" => self.end = Some(End::AfterPut),
            _ => {}
        }
        self
    }

    /// Ends the program here, where a test asks for that.
    pub(super) fn reach(&self, end: End) {
        #[cfg(all(debug_assertions, unix))]
        if self.end == Some(end) {
            // As if from outside: nothing is dropped, flushed or told.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
        #[cfg(not(all(debug_assertions, unix)))]
        let _ = (self.end, end);
    }
}
