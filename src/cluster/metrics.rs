//! How a worker does, in numbers for Prometheus, and a hint for those that start and stop workers.
//!
//! The queue says with each job how many wait behind it; in the middle of a long one a worker asks.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::debug;

use super::tallies::{Outcome, Tallies};
use crate::error::{Cure, Error, ErrorKind, Result};

/// Where measurements are.
const PATH: &str = "/metrics";
/// Their media type.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// A client sends its request within this time.
const HEAD: Duration = Duration::from_secs(10);
/// Connections at a time.
const MOST: usize = 16;
/// Before a worker has made a report, one is taken to need so many seconds.
const USUAL: f64 = 30.0;

/// The socket of the measurements.
pub(crate) struct Metrics(TcpListener);

impl Metrics {
    /// Listens.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] when the address can't be had.
    pub(crate) async fn listen(address: SocketAddr) -> Result<Self> {
        TcpListener::bind(address).await.map(Self).map_err(|cause| {
            Error::new(ErrorKind::Network, format!("the worker can't listen at {address}"))
                .because(cause)
                .with_cure(Cure::FreePort)
        })
    }

    /// Where it listens: port 0 is any that is free.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.0.local_addr().ok()
    }

    /// Answers until it is dropped.
    pub(crate) async fn serve(self, tallies: Arc<Tallies>) -> Infallible {
        let places = Arc::new(Semaphore::new(MOST));
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { std::future::pending().await };
            let stream = match self.0.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    debug!(%error, "a connection for measurements can't be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let tallies = tallies.clone();
            tokio::spawn(async move {
                let answer = service_fn(move |request| {
                    let answer = answer(&request, &tallies);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(HEAD).keep_alive(false);
                if let Err(error) = http.serve_connection(TokioIo::new(stream), answer).await {
                    debug!(%error, "a connection for measurements broke off");
                }
                drop(place);
            });
        }
    }
}

fn answer(request: &Request<Incoming>, tallies: &Tallies) -> Response<Full<Bytes>> {
    let is_known = request.uri().path() == PATH && [Method::GET, Method::HEAD].contains(request.method());
    let (status, body) = if is_known {
        (StatusCode::OK, told(tallies))
    } else {
        (StatusCode::NOT_FOUND, format!("measurements are at {PATH}\n"))
    };
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(TEXT));
    answer
}

/// All measurements, in the text of Prometheus.
fn told(tallies: &Tallies) -> String {
    let mut text = String::new();
    let mut tell = |name: &str, kind: &str, help: &str, rows: &[(String, f64)]| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP audio_report_{name} {help}\n# TYPE audio_report_{name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "audio_report_{name}{labels} {value}");
        }
    };
    let plain = |value: f64| vec![(String::new(), value)];
    let ended = Outcome::ALL
        .map(|outcome| (format!("{{outcome=\"{}\"}}", outcome.as_str()), tallies.count(outcome) as f64));
    tell("worker_jobs_total", "counter", "Jobs by how they ended at this worker.", &ended);
    tell(
        "worker_sound_seconds_total",
        "counter",
        "Seconds of sound that were made.",
        &plain(tallies.sound()),
    );
    tell("worker_work_seconds_total", "counter", "Seconds that reports took.", &plain(tallies.work()));
    let waiting = tallies.waiting() as f64;
    let help = "Whether this worker works on a job.";
    tell("worker_busy", "gauge", help, &plain(f64::from(u8::from(tallies.is_busy()))));
    let help =
        "Jobs for this worker's kernels that waited when it last took one, or a quarter of a minute ago.";
    tell("queue_waiting_jobs", "gauge", help, &plain(waiting));
    let help = "Seconds that one worker like this one would need for the jobs that wait.";
    let backlog = waiting * tallies.seconds_a_report().unwrap_or(USUAL);
    tell("queue_backlog_seconds", "gauge", help, &plain(backlog));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_told_in_seconds_of_one_worker() {
        let tallies = Tallies::default();
        tallies.waits(10);
        assert!(told(&tallies).contains("\naudio_report_queue_backlog_seconds 300\n"), "{}", told(&tallies));
        tallies.spoke(60.0, Duration::from_secs(8));
        tallies.spoke(30.0, Duration::from_secs(4));
        tallies.ended(Outcome::Made);
        let text = told(&tallies);
        for line in [
            "audio_report_queue_backlog_seconds 60",
            "audio_report_queue_waiting_jobs 10",
            "audio_report_worker_busy 0",
            "audio_report_worker_jobs_total{outcome=\"made\"} 1",
            "audio_report_worker_jobs_total{outcome=\"dead\"} 0",
            "audio_report_worker_sound_seconds_total 90",
            "audio_report_worker_work_seconds_total 12",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
}
