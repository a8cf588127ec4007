//! A day of a large fleet, in minutes: the workers and submitters of the program, as they are, in simulated time. Only what is around them
//! is simulated: the queue's server, the store of the results, the voice, and machines that end.
//!
//! ```text
//!  day ─▶ Submitter ─▶ broker ─▶ Worker ─▶ speech ─▶ bucket
//! ```
//!
//! - `day`: when articles come
//! - `broker`: a queue that takes its time
//! - `bucket`: a store of objects that takes its time
//! - `crowd`: the workers at a real server, in real time
//! - `speech`: making a report takes as long as its words need
//! - `figures`: what a day was like
//!
//! `make fleet` prints the figures of whole days.

mod broker;
mod bucket;
mod crowd;
mod day;
mod figures;
mod speech;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep, sleep_until};

use self::broker::Broker;
use self::bucket::Bucket;
use self::day::{Arrival, Chance, day};
use self::figures::Figures;
use self::speech::{Mute, Speech};
use super::job::tests::{kernel, order};
use super::{Grounds, Job, Making, Objects, Reconciler, Results, Shelf, Stop, Submitter, Tallies, Worker};
use crate::cancel::Cancel;

/// Whoever has submitted jobs looks for what is missing so often.
const RECONCILED_EVERY: Duration = Duration::from_mins(1);
/// How deep the queue is, is noted so often.
const NOTED_EVERY: Duration = Duration::from_mins(10);

/// A fleet and its day.
#[derive(Clone, Debug)]
struct Fleet {
    articles: usize,
    /// Articles of a million that no worker can make.
    poison: usize,
    workers: usize,
    /// Each so many-th worker takes twice the time.
    slow: usize,
    /// A worker ends by a fault after so long, in the mean.
    lives: Duration,
    /// And is there again after this time.
    rises: Duration,
    broker: broker::Settings,
    bucket: bucket::Settings,
    seed: u64,
}

impl Fleet {
    /// What the figures of BENCHMARKS assume.
    fn usual(articles: usize, workers: usize) -> Self {
        Self {
            articles,
            poison: 20,
            workers,
            slow: 10,
            lives: Duration::from_hours(24),
            rises: Duration::from_mins(1),
            broker: broker::Settings {
                ack_wait: Duration::from_secs(30),
                trip: Duration::from_millis(1),
                written: Duration::from_micros(500),
                told: Duration::from_micros(20),
                away: Vec::new(),
                loses_at: None,
            },
            bucket: bucket::Settings { latency: Duration::from_millis(30), failures: 1_000 },
            seed: 7,
        }
    }
}

/// Lives through a day, until each article has its report or is given up.
async fn live(fleet: &Fleet) -> Figures {
    let midnight = Instant::now();
    let mut chance = Chance::new(fleet.seed);
    let day = day(fleet.articles, fleet.poison, &mut chance);
    let broker = Arc::new(Broker::new(fleet.broker.clone(), midnight));
    let bucket = Bucket::new(fleet.bucket, chance.clone());
    let objects = Objects::of(Arc::new(bucket.clone()));
    let over = Cancel::new();
    let mut tasks = JoinSet::new();
    for number in 0..fleet.workers {
        let speech = Speech { times: if number % fleet.slow == 0 { 2.0 } else { 1.0 } };
        let worker = Worker {
            queue: broker.clone(),
            results: Results::of(&objects),
            shelf: Shelf::of(&objects),
            maker: Arc::new(Mute),
            narrators: Arc::new(Mute),
            workplace: speech,
            kernel: kernel("avx2"),
            host: format!("worker {number}"),
            tallies: Arc::new(Tallies::default()),
            grounds: Grounds { ack_wait: fleet.broker.ack_wait, ..Grounds::default() },
        };
        let (stop, mut chance) = (Stop::of(&over, Duration::ZERO), Chance::new(fleet.seed ^ number as u64));
        let (lives, rises) = (fleet.lives, fleet.rises);
        tasks.spawn_local(async move {
            while !stop.is_asked() {
                // What is dropped here is lost, as in a machine that loses its power.
                tokio::select! {
                    () = worker.run(&stop, async || false) => {}
                    () = sleep(chance.wait(lives)) => sleep(rises).await,
                }
            }
        });
    }
    let submitter = Arc::new(Submitter {
        queue: broker.clone(),
        results: Results::of(&objects),
        shelf: Shelf::of(&objects),
    });
    let keeper = broker.clone();
    tasks.spawn_local(async move { keeper.keep().await });
    let reconciler = submitter.clone();
    tasks.spawn_local(async move {
        let mut rounds = Reconciler::default();
        loop {
            sleep(RECONCILED_EVERY).await;
            // What can't be reached now is looked at a minute later.
            let _ = rounds.look_at_all(&reconciler).await;
        }
    });
    let mut figures = Figures::default();
    let mut submitting = JoinSet::new();
    let mut next = midnight + NOTED_EVERY;
    let jobs = day.iter().enumerate().map(|(number, arrival)| (midnight + arrival.at, job(number, arrival)));
    let keys: Vec<_> = jobs
        .map(|(at, (job, article))| {
            let (key, submitter) = (job.key.as_str().to_string(), submitter.clone());
            submitting.spawn_local(async move {
                sleep_until(at).await;
                while submitter.submit(&job, &article).await.is_err() {
                    sleep(Duration::from_secs(5)).await;
                }
            });
            (at, key)
        })
        .collect();
    let poison = day.iter().filter(|arrival| arrival.is_poison).count();
    let last = keys.last().map_or(midnight, |(at, _)| *at);
    loop {
        sleep_until(next).await;
        figures.note(next - midnight, broker.depth());
        next += NOTED_EVERY;
        let is_all_submitted = next > last && submitting.try_join_next().is_none() && submitting.is_empty();
        while submitting.try_join_next().is_some() {}
        if is_all_submitted && bucket.count() + poison >= fleet.articles && broker.depth() == (0, 0) {
            break;
        }
        assert!(next - midnight < Duration::from_hours(96), "it never ends: {figures:?}");
    }
    figures.end(midnight, &keys, &day, &bucket, broker.work());
    over.cancel();
    tasks.abort_all();
    figures
}

fn job(number: usize, arrival: &Arrival) -> (Job, Vec<u8>) {
    let article = speech::article(number, arrival);
    let making = Making { engine: "simulated", kernel: &kernel("avx2") };
    (Job::new("article", order(), &making, &article), article)
}

fn in_simulated_time(fleet: &Fleet) -> Figures {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, live(fleet))
}

#[test]
fn nothing_is_lost_on_a_day_with_every_fault() {
    let hours =
        |from: f64, to: f64| Duration::from_secs_f64(from * 3_600.0)..Duration::from_secs_f64(to * 3_600.0);
    let usual = Fleet::usual(1_500, 4);
    let fleet = Fleet {
        poison: 10_000,
        slow: 2,
        lives: Duration::from_mins(20),
        broker: broker::Settings {
            away: vec![hours(6.02, 6.03), hours(7.0, 7.1)],
            loses_at: Some(Duration::from_hours(7)),
            ..usual.broker
        },
        bucket: bucket::Settings { failures: 50_000, ..usual.bucket },
        ..usual
    };
    let figures = in_simulated_time(&fleet);
    assert_eq!(figures.missing, 0, "{figures:?}");
    assert!(figures.given_up > 0 && figures.made_again > 0, "the faults did not happen: {figures:?}");
}

#[test]
#[ignore = "whole days take minutes; `make fleet` runs them"]
fn whole_days() {
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
    };
    let articles = number("ARTICLES", 1_000_000);
    let workers = number("WORKERS", 1_000);
    let begun = std::time::Instant::now();
    let mut fleet = Fleet::usual(articles, workers);
    // The queue's server is restarted when it is needed most.
    let restart = Duration::from_hours(6) + Duration::from_mins(5);
    fleet.broker.away = vec![restart..restart + Duration::from_secs(30)];
    let figures = in_simulated_time(&fleet);
    let took = begun.elapsed().as_secs_f64();
    let told = format!("{articles} articles, {workers} workers; simulated in {took:.0} s\n{figures}");
    std::fs::write(std::env::var("FIGURES").unwrap(), told).unwrap();
}
