//! How the server does, in numbers for Prometheus.
//!
//! Nothing here is a lock for a thread that makes sound: it is measured once, when its sound is made. What lies elsewhere already, such as
//! who waits, is looked up when somebody asks. No label has a value that a client could choose.

use std::fmt::{self, Write};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder, prometheus_text,
    text,
};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::admission::Admission;
use super::listen::connections::Connections;
use super::voices::Voices;

/// Begins the names of all measurements.
const PREFIX: &str = "audio_report";
/// Bounds of seconds until the first sound: tight where a fast voice and a slow one are, up to a long queue.
const FIRST_SOUND: [f64; 15] =
    [0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];
/// Bounds of seconds of work for a second of sound; at 1 a stream begins to stutter.
const WORK: [f64; 13] = [0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0];

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    /// The client has all of its answer.
    Done,
    /// Something in it was wrong, or not allowed.
    Refused,
    /// There was no place.
    Busy,
    /// The server could not.
    Failed,
    /// The client went away before the end.
    Cancelled,
    /// The connection was cut in the middle of the answer.
    Cut,
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        encoder.write_str(match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Cut => "cut",
        })
    }
}

/// What a request was, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Requested {
    /// The path as the router has it, without `/v1`.
    route: String,
    outcome: Outcome,
}

/// How a speech ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Spoken {
    outcome: Outcome,
}

/// The form in which measurements are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Prometheus's own text.
    Prometheus,
    /// `OpenMetrics`.
    OpenMetrics,
}

impl Form {
    /// Its media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// All measurements of a server.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Requested, Counter>,
    sent: Counter,
    speeches: Family<Spoken, Counter>,
    #[cfg(feature = "cluster")]
    elsewhere: Counter,
    sound: Counter<f64, AtomicU64>,
    first_sound: Histogram,
    work: Histogram,
    connections: Arc<OnceLock<Arc<Connections>>>,
}

impl Metrics {
    /// Measurements of a server with these voices and places.
    pub(super) fn new(voices: &Arc<Voices>, speaking: &Admission, explaining: &Admission) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let all = Self {
            requests: Family::default(),
            sent: Counter::default(),
            speeches: Family::default(),
            #[cfg(feature = "cluster")]
            elsewhere: Counter::default(),
            sound: Counter::default(),
            first_sound: Histogram::new(FIRST_SOUND),
            work: Histogram::new(WORK),
            connections: Arc::default(),
            registry: Registry::default(),
        };
        registry.register(
            "requests",
            "Requests by HTTP, by route and by how they ended",
            all.requests.clone(),
        );
        registry.register("sent_bytes", "Bytes of the bodies of answers by HTTP", all.sent.clone());
        registry.register("speeches", "Texts that were spoken, by how that ended", all.speeches.clone());
        #[cfg(feature = "cluster")]
        registry.register(
            "speeches_elsewhere",
            "Texts that workers spoke, or began to, of those that were spoken",
            all.elsewhere.clone(),
        );
        registry.register("sound_seconds", "Seconds of sound made", all.sound.clone());
        registry.register(
            "first_sound_seconds",
            "Seconds from a request's place in the queue to its first bytes of sound",
            all.first_sound.clone(),
        );
        registry.register(
            "real_time_factor",
            "Seconds of work for a second of sound, without the time for which the client was waited for",
            all.work.clone(),
        );
        registry.register_collector(Box::new(Looked {
            voices: voices.clone(),
            speaking: speaking.clone(),
            explaining: explaining.clone(),
            connections: all.connections.clone(),
        }));
        Self { registry, ..all }
    }

    /// Counts the connections among these.
    pub(super) fn watch(&self, connections: &Arc<Connections>) {
        // There is one door, and its connections stay the same.
        let _ = self.connections.set(connections.clone());
    }

    /// A request ended.
    pub(super) fn answered(&self, route: &str, outcome: Outcome) {
        self.requests.get_or_create(&Requested { route: route.to_owned(), outcome }).inc();
    }

    /// Bytes went to the network.
    pub(super) fn sent(&self, bytes: usize) {
        self.sent.inc_by(bytes as u64);
    }

    /// Speech ended that made so much sound in so much time.
    pub(super) fn spoke(&self, outcome: Outcome, sound: f64, work: Duration) {
        self.speeches.get_or_create(&Spoken { outcome }).inc();
        self.sound.inc_by(sound);
        if sound > 0.0 {
            self.work.observe(work.as_secs_f64() / sound);
        }
    }

    /// A worker speaks a text.
    #[cfg(feature = "cluster")]
    pub(super) fn helped(&self) {
        self.elsewhere.inc();
    }

    /// What waits for the first sound of a request that took its place then.
    pub(super) fn expect(&self, since: Instant) -> FirstSound {
        FirstSound { since, times: self.first_sound.clone() }
    }

    /// All of it as text.
    pub(super) fn told(&self, form: Form) -> Result<String, fmt::Error> {
        let mut told = String::new();
        match form {
            Form::Prometheus => prometheus_text::encode(&mut told, &self.registry)?,
            Form::OpenMetrics => text::encode(&mut told, &self.registry)?,
        }
        Ok(told)
    }
}

/// Waits for the first sound of a request.
#[derive(Debug)]
pub(super) struct FirstSound {
    since: Instant,
    times: Histogram,
}

impl FirstSound {
    /// It goes out now.
    pub(super) fn heard(self) {
        self.times.observe(self.since.elapsed().as_secs_f64());
    }
}

/// What is looked up where it lies.
struct Looked {
    voices: Arc<Voices>,
    speaking: Admission,
    explaining: Admission,
    connections: Arc<OnceLock<Arc<Connections>>>,
}

impl fmt::Debug for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Looked").finish_non_exhaustive()
    }
}

impl Collector for Looked {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (speaking, explaining) = (self.speaking.places_taken(), self.explaining.places_taken());
        let connections = self.connections.get().map_or(0, |connections| connections.open());
        let gauges = [
            ("speaking", "Requests that are spoken now", speaking.at_work),
            ("waiting", "Requests that wait until they are spoken", speaking.waiting),
            ("explaining", "Texts and pages that are explained now", explaining.at_work),
            (
                "explanations_waiting",
                "Texts and pages that wait until they are explained",
                explaining.waiting,
            ),
            ("connections", "Connections that are open", connections),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value as u64);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        let (found, spoken) = self.voices.cache_counts();
        let counters = [
            (
                "turned_away",
                "Requests for which there was no place",
                speaking.turned_away + explaining.turned_away,
            ),
            ("cache_hits", "Chunks of sound that were kept from before", found as u64),
            ("cache_misses", "Chunks of sound that had to be made", spoken as u64),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        Ok(())
    }
}
