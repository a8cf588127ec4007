//! A thousand workers at a real server of NATS, each with a connection of its own, in real time: only their voice and the store of their results
//! are simulated. `make cluster-load` prints the figures.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep};

use super::bucket::{self, Bucket};
use super::day::{Arrival, Chance};
use super::speech::{Mute, Speech, work};
use crate::cancel::Cancel;
use crate::cluster::job::tests::kernel;
use crate::cluster::job::{Job, Kernel};
use crate::cluster::queue::{Failed, Queue, Submitted, Taken};
use crate::cluster::{
    Connection, Grounds, NatsQueue, Objects, Results, Shelf, Stop, Submitter, Tallies, Worker,
};
use crate::error::Result;

/// The lease of NATS's own default.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// How long the queue's server took for each.
#[derive(Default)]
struct Took {
    taken: Mutex<Vec<Duration>>,
    done: Mutex<Vec<Duration>>,
    submitted: Mutex<Vec<Duration>>,
}

/// A queue whose answers are timed.
struct Timed {
    queue: NatsQueue,
    took: Arc<Took>,
}

async fn timed<T>(times: &Mutex<Vec<Duration>>, work: impl Future<Output = Result<T>>) -> Result<T> {
    let begun = Instant::now();
    let done = work.await;
    times.lock().unwrap_or_else(PoisonError::into_inner).push(begun.elapsed());
    done
}

impl Queue for Timed {
    type Lease = <NatsQueue as Queue>::Lease;

    fn ack_wait(&self) -> Duration {
        self.queue.ack_wait()
    }

    async fn submit(&self, job: &Job) -> Result<Submitted> {
        timed(&self.took.submitted, self.queue.submit(job)).await
    }

    async fn take(&self, kernel: &Kernel) -> Result<Option<Taken<Self::Lease>>> {
        let begun = Instant::now();
        let taken = self.queue.take(kernel).await?;
        // Where nothing waits it is no matter how long that is waited for.
        if taken.as_ref().is_some_and(|taken| taken.waiting > 0) {
            self.took.taken.lock().unwrap_or_else(PoisonError::into_inner).push(begun.elapsed());
        }
        Ok(taken)
    }

    async fn extend(&self, lease: &Self::Lease) -> Result<()> {
        self.queue.extend(lease).await
    }

    async fn done(&self, lease: &Self::Lease) -> Result<()> {
        timed(&self.took.done, self.queue.done(lease)).await
    }

    async fn fail(&self, lease: &Self::Lease, failed: Failed) -> Result<()> {
        self.queue.fail(lease, failed).await
    }
}

/// Half of them took no longer than the first, 99 in a hundred no longer than the second, and none longer than the third; in milliseconds.
fn quantiles(times: &Mutex<Vec<Duration>>) -> [f64; 3] {
    let mut times = std::mem::take(&mut *times.lock().unwrap_or_else(PoisonError::into_inner));
    times.sort();
    [0.5, 0.99, 1.0].map(|part| {
        let at = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    })
}

async fn crowd(address: &str, workers: usize, jobs: usize, words: u32) -> String {
    let connection = Connection { address: address.to_string(), ..Connection::default() };
    let bucket =
        Bucket::new(bucket::Settings { latency: Duration::from_millis(1), failures: 0 }, Chance::new(1));
    let objects = Objects::of(Arc::new(bucket.clone()));
    let took = Arc::new(Took::default());
    let over = Cancel::new();
    let open = async || {
        let queue = NatsQueue::connect(&connection, "crowd".to_string(), ACK_WAIT).await.unwrap();
        Arc::new(Timed { queue, took: took.clone() })
    };
    let submitter =
        Submitter { queue: open().await, results: Results::of(&objects), shelf: Shelf::of(&objects) };
    let begun = Instant::now();
    for number in 0..jobs {
        let arrival = Arrival { at: Duration::ZERO, words, is_poison: false };
        let (job, article) = super::job(number, &arrival);
        submitter.submit(&job, &article).await.unwrap();
    }
    let submitting = begun.elapsed().as_secs_f64();
    let mut tasks = JoinSet::new();
    for number in 0..workers {
        let worker = Worker {
            queue: open().await,
            results: Results::of(&objects),
            shelf: Shelf::of(&objects),
            maker: Arc::new(Mute),
            narrators: Arc::new(Mute),
            workplace: Speech { times: 1.0 },
            kernel: kernel("avx2"),
            host: format!("worker {number}"),
            tallies: Arc::new(Tallies::default()),
            grounds: Grounds::default(),
        };
        let stop = Stop::of(&over, Duration::ZERO);
        tasks.spawn_local(async move { worker.run(&stop, async || false).await });
    }
    let begun = Instant::now();
    while bucket.count() < jobs {
        sleep(Duration::from_millis(50)).await;
    }
    let working = begun.elapsed().as_secs_f64();
    let waiting = submitter.queue.queue.waiting().await.unwrap();
    assert!(waiting.waiting + waiting.working <= workers as u64, "{waiting:?}");
    over.cancel();
    tasks.abort_all();
    let best = work(words) * (jobs as f64 / workers as f64).ceil();
    let told = |what: &str, times| {
        let [half, most, all] = quantiles(times);
        format!("{what}: half within {half:.1} ms, 99 % within {most:.1}, all within {all:.1}\n")
    };
    format!(
        "{workers} workers, {jobs} jobs of {:.1} s each\nsubmitted in {submitting:.1} s, {:.0} a second\nmade in {working:.1} s, {:.1} a \
         second; by a queue that takes no time {best:.1} s\n{}{}{}",
        work(words),
        jobs as f64 / submitting,
        jobs as f64 / working,
        told("to submit one", &took.submitted),
        told("to take one", &took.taken),
        told("to say that one is done", &took.done),
    )
}

#[test]
#[ignore = "takes a server of NATS, and all of a machine; `make cluster-load` runs it"]
fn a_thousand_workers() {
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
    };
    let address = std::env::var("QUEUE").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let told = LocalSet::new().block_on(
        &runtime,
        crowd(&address, number("WORKERS", 1_000), number("JOBS", 10_000), number("WORDS", 140) as u32),
    );
    std::fs::write(std::env::var("FIGURES").unwrap(), told).unwrap();
}
