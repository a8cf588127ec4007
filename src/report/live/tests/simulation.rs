//! Readings and files at once on imaginary workers: the real board, the real controllers, a simulated clock.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::report::pace::tests::{Numbers, PAUSE, SOUND, article};
use crate::report::pace::{Lead, Pace};
use crate::script::{ChunkLimits, Piece, Room, next_chunk};
use crate::segment::Break;
use crate::stream::{Board, LaneId, Supply, TakeRule};

/// Sound that may wait to be taken, in seconds: as much as a lane of the pool holds.
pub(super) const MOST_UNTAKEN: f64 = 10.9;
/// The work of a chunk is done in so many steps, between which it may rest: the slower voice has fourteen.
const STEPS: f64 = 10.0;
/// Phonemes that cost as much as the fixed part of a chunk.
const FIXED: f64 = 8.0;

#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    pub workers: usize,
    /// Seconds of work of one worker for a second of sound, in chunks of 100 phonemes.
    pub real_time_factor: f64,
    /// How much the work for a chunk varies.
    pub noise: f64,
    pub rule: TakeRule,
    /// Whether chunks rest for those who can't wait.
    pub rests: bool,
    /// Whether the controllers know how many share the workers.
    pub counts: bool,
}

impl Machine {
    pub(super) fn new(workers: usize, real_time_factor: f64) -> Self {
        Self { workers, real_time_factor, noise: 0.0, rule: TakeRule::LeastAhead, rests: true, counts: true }
    }

    /// As before there was a rule for servers.
    pub(super) fn before(self) -> Self {
        Self { rule: TakeRule::OldestFirst, rests: false, counts: false, ..self }
    }

    /// Seconds that a worker needs for a chunk.
    pub(super) fn work(&self, phonemes: usize) -> f64 {
        self.real_time_factor * SOUND * 100.0 * (FIXED + phonemes as f64) / (FIXED + 100.0)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// An article of so many sentences, made up of `seed`, for a listener on the network. The sink takes more while less
    /// than `most_ahead` seconds of sound are ahead.
    Live { sentences: usize, seed: u64, most_ahead: f64 },
    /// So many chunks of a file, of 100 phonemes.
    File { chunks: usize },
}

/// Somebody who comes at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub at: f64,
    pub what: What,
}

pub(super) fn live(at: f64, sentences: usize) -> Request {
    let seed = (at * 1000.0) as u64;
    Request { at, what: What::Live { sentences, seed, most_ahead: f64::INFINITY } }
}

pub(super) fn file(at: f64, chunks: usize) -> Request {
    Request { at, what: What::File { chunks } }
}

/// How a request was served.
#[derive(Clone, Debug, Default)]
pub(super) struct Served {
    /// Seconds until its first chunk was begun, and made.
    pub first_begun: Option<f64>,
    pub first_made: Option<f64>,
    pub underruns: usize,
    /// Seconds of silence in them, and of that what came later than in the first three seconds.
    pub silence: f64,
    pub late_silence: f64,
    /// Chunks that were delivered.
    pub chunks: usize,
    /// When all was delivered.
    pub ends: Option<f64>,
    /// Seconds of sound that were delivered.
    pub sound: f64,
    /// Longest time between two of its chunks, or before the first.
    pub longest_wait: f64,
    /// Most sound that waited to be taken.
    pub most_untaken: f64,
}

/// Seconds of a chunk.
struct Chunk {
    speech: f64,
    pause: f64,
    is_made: bool,
}

/// A request that is being served.
struct Client {
    at: f64,
    what: What,
    pieces: Vec<Piece>,
    pace: Pace,
    /// Chunks of a file that were taken.
    taken: usize,
    /// Chunks that were taken and not delivered.
    open: VecDeque<Chunk>,
    plays_until: Option<f64>,
    last_turn: f64,
    served: Served,
}

impl Client {
    fn is_live(&self) -> bool {
        matches!(self.what, What::Live { .. })
    }

    fn hearing(&self, now: f64) -> Lead {
        let seconds = self.plays_until.map_or(0.0, |until| (until - now).max(0.0));
        Lead { seconds, is_waiting: self.plays_until.is_none() }
    }

    fn untaken(&self) -> f64 {
        self.open.iter().filter(|chunk| chunk.is_made).map(|chunk| chunk.speech + chunk.pause).sum()
    }

    /// Phonemes of the next chunk, the pause after it, and whether it is the last.
    fn pull(&mut self, now: f64) -> Option<(usize, f64, bool)> {
        self.served.longest_wait = self.served.longest_wait.max(now - self.last_turn);
        self.last_turn = now;
        let What::File { chunks } = self.what else {
            let room: Room = self.pace.room(now, self.hearing(now));
            let count = next_chunk(&self.pieces, room, &ChunkLimits::default());
            // Within a sentence there is hardly a pause.
            let ends = self.pieces.get(count.wrapping_sub(1))?.break_after >= Break::Sentence;
            let phonemes = self.pieces.drain(..count).map(|piece| piece.phonemes + 1).sum::<usize>();
            return Some((phonemes - 1, if ends { PAUSE } else { 0.0 }, self.pieces.is_empty()));
        };
        self.taken += 1;
        (self.taken <= chunks).then_some((100, PAUSE, self.taken == chunks))
    }

    /// When the sink takes the oldest chunk.
    fn takes_at(&self) -> Option<f64> {
        let chunk = self.open.front()?;
        let at = match (self.what, self.plays_until) {
            (What::Live { most_ahead, .. }, Some(until)) => until - most_ahead,
            _ => f64::NEG_INFINITY,
        };
        chunk.is_made.then_some(at)
    }

    /// The sink takes the oldest chunk.
    fn take(&mut self, now: f64) {
        let Some(chunk) = self.open.pop_front() else { return };
        self.pace.delivered(chunk.speech);
        let silence = self.plays_until.map_or(0.0, |until| (now - until).max(0.0));
        if self.is_live() && silence > 1e-6 {
            self.served.underruns += 1;
            self.served.silence += silence;
            if self.served.first_made.is_some_and(|first| now > self.at + first + 3.0) {
                self.served.late_silence += silence;
            }
        }
        self.served.first_made.get_or_insert(now - self.at);
        self.plays_until =
            Some(self.plays_until.map_or(now, |until| until.max(now)) + chunk.speech + chunk.pause);
        self.served.chunks += 1;
        self.served.sound += chunk.speech + chunk.pause;
    }
}

/// A client as the board sees it.
#[derive(Clone)]
struct Seen(Rc<RefCell<Client>>, Rc<Cell<f64>>);

impl Supply for Seen {
    fn can_wait(&self) -> Option<Duration> {
        let client = self.0.borrow();
        let time = client.pace.can_wait(client.hearing(self.1.get()));
        client.is_live().then(|| Duration::from_secs_f64(time))
    }

    fn can_rest(&self) -> Duration {
        let (client, now) = (self.0.borrow(), self.1.get());
        if !client.is_live() {
            return Duration::MAX;
        }
        Duration::from_secs_f64(client.pace.can_rest(now, client.hearing(now)))
    }

    fn is_full(&self) -> bool {
        self.0.borrow().untaken() > MOST_UNTAKEN
    }
}

/// A chunk that a worker speaks.
struct Job {
    id: LaneId,
    client: Seen,
    number: u64,
    granted: usize,
    /// Seconds of work that are left, and in a step.
    left: f64,
    step: f64,
    rests_since: f64,
}

/// A worker: its chunk, and above it the one for which that one rests.
#[derive(Default)]
struct Worker {
    jobs: Vec<Job>,
    /// When the step is done.
    at: f64,
}

struct Simulation {
    machine: Machine,
    numbers: Numbers,
    begin: Instant,
    clock: Rc<Cell<f64>>,
    board: Board<Seen>,
    clients: Vec<(Option<LaneId>, Seen)>,
    workers: Vec<Worker>,
}

/// Serves requests, in the order of their times, until `until` (in seconds) or until all is delivered.
pub(super) fn serve(machine: Machine, requests: &[Request], until: f64, seed: u64) -> Vec<Served> {
    let clock = Rc::new(Cell::new(0.0));
    let clients = requests.iter().map(|request| {
        let pieces = match request.what {
            What::Live { sentences, seed: own, .. } => article(&mut Numbers(seed + own), sentences),
            What::File { .. } => Vec::new(),
        };
        let client = Client {
            at: request.at,
            what: request.what,
            pieces,
            pace: Pace::new(machine.workers, 16.0, ChunkLimits::default().longest_sentence),
            taken: 0,
            open: VecDeque::new(),
            plays_until: None,
            last_turn: request.at,
            served: Served::default(),
        };
        (None, Seen(Rc::new(RefCell::new(client)), clock.clone()))
    });
    let mut simulation = Simulation {
        machine,
        clients: clients.collect(),
        numbers: Numbers(seed),
        begin: Instant::now(),
        clock,
        board: Board::new(NonZeroUsize::new(machine.workers).unwrap(), machine.rule),
        workers: (0..machine.workers).map(|_| Worker::default()).collect(),
    };
    simulation.run(until);
    let clients = simulation.clients.iter();
    clients.map(|(_, Seen(client, _))| client.borrow().served.clone()).collect()
}

impl Simulation {
    fn now(&self) -> Instant {
        self.begin + Duration::from_secs_f64(self.clock.get())
    }

    fn run(&mut self, until: f64) {
        let mut came = 0;
        loop {
            let now = self.clock.get();
            while let Some((id, client)) = self.clients.get_mut(came).filter(|(_, c)| c.0.borrow().at <= now)
            {
                let is_live = client.0.borrow().is_live();
                let time = self.begin + Duration::from_secs_f64(now);
                *id = Some(self.board.open(client.clone(), is_live, time));
                came += 1;
            }
            self.deliver(came);
            for worker in 0..self.workers.len() {
                self.employ(worker);
            }
            let steps = self.workers.iter().filter(|worker| !worker.jobs.is_empty()).map(|worker| worker.at);
            let takings = self.clients[..came].iter().filter_map(|(_, client)| client.0.borrow().takes_at());
            let arrival = self.clients.get(came).map(|(_, client)| client.0.borrow().at);
            let next = steps.chain(takings).chain(arrival).min_by(f64::total_cmp);
            let Some(next) = next.filter(|next| *next <= until) else { return };
            self.clock.set(next.max(now));
            for worker in 0..self.workers.len() {
                if !self.workers[worker].jobs.is_empty() && self.workers[worker].at <= next {
                    self.step(worker);
                }
            }
        }
    }

    /// The sinks take what they have room for.
    fn deliver(&mut self, came: usize) {
        let now = self.clock.get();
        for (id, Seen(client, _)) in &self.clients[..came] {
            let (mut client, id) = (client.borrow_mut(), id.unwrap());
            client.served.most_untaken = client.served.most_untaken.max(client.untaken());
            while client.takes_at().is_some_and(|at| at <= now) {
                client.take(now);
                self.board.delivered(id);
            }
        }
    }

    /// Gives a worker that is idle something to do.
    fn employ(&mut self, worker: usize) {
        while self.workers[worker].jobs.is_empty() {
            let Some((id, client)) = self.board.take(self.now()) else { return };
            self.begin(worker, id, client);
        }
    }

    /// The worker pulls a chunk and begins with it.
    fn begin(&mut self, worker: usize, id: LaneId, client: Seen) {
        let now = self.clock.get();
        let mut state = client.0.borrow_mut();
        if self.machine.counts {
            state.pace.share_with(self.board.competing());
        }
        let Some((phonemes, pause, is_last)) = state.pull(now) else {
            self.board.exhausted(id);
            state.served.ends.get_or_insert(now);
            return;
        };
        state.pace.taken(phonemes, pause);
        let speech = SOUND * phonemes as f64;
        state.open.push_back(Chunk { speech, pause, is_made: false });
        let at = state.at;
        state.served.first_begun.get_or_insert(now - at);
        drop(state);
        let grant = self.board.pulled(id, is_last).unwrap();
        let granted = grant.threads.get();
        client.0.borrow_mut().pace.begun(grant.number, now, granted);
        let noise = self.machine.noise;
        let varies = if noise > 0.0 { self.numbers.within(1.0 - noise..1.0 + noise) } else { 1.0 };
        let left = self.machine.work(phonemes) * varies;
        let job =
            Job { id, client, number: grant.number, granted, left, step: left / STEPS, rests_since: 0.0 };
        self.workers[worker].jobs.push(job);
        self.schedule(worker);
    }

    fn schedule(&mut self, worker: usize) {
        let idle = self.board.idle();
        let now = self.clock.get();
        let Worker { jobs, at } = &mut self.workers[worker];
        let Some(job) = jobs.last() else { return };
        let helped = self.machine.rule == TakeRule::OldestFirst;
        let threads = if helped { job.granted } else { job.granted.min(1 + idle) };
        let speed = if threads == 1 { 1.0 } else { 0.8 * threads as f64 };
        *at = now + job.step / speed;
    }

    /// A step of a worker's chunk is done.
    fn step(&mut self, worker: usize) {
        let now = self.clock.get();
        let job = self.workers[worker].jobs.last_mut().unwrap();
        job.left -= job.step;
        if job.left <= 1e-9 {
            let job = self.workers[worker].jobs.pop().unwrap();
            self.board.spoken(job.id, job.number);
            self.finish(&job);
            let Some(resting) = self.workers[worker].jobs.last() else { return };
            self.board.resumed();
            resting.client.0.borrow_mut().pace.rested(resting.number, now - resting.rests_since);
        }
        self.look_up(worker);
        self.schedule(worker);
    }

    /// A worker looks for those who can't wait.
    fn look_up(&mut self, worker: usize) {
        while self.machine.rests && self.workers[worker].jobs.len() == 1 {
            let time = self.now();
            let job = &mut self.workers[worker].jobs[0];
            job.rests_since = self.clock.get();
            let Some((id, client)) = self.board.interrupt(time, job.id, job.number) else { return };
            self.begin(worker, id, client);
            if self.workers[worker].jobs.len() == 1 {
                self.board.resumed();
            }
        }
    }

    fn finish(&mut self, job: &Job) {
        let now = self.clock.get();
        let mut client = job.client.0.borrow_mut();
        client.pace.made(job.number, now);
        let place = job.number as usize - client.served.chunks;
        client.open[place].is_made = true;
        let is_over = match client.what {
            What::Live { .. } => client.pieces.is_empty(),
            What::File { chunks } => client.taken >= chunks,
        };
        if is_over && client.open.iter().all(|chunk| chunk.is_made) {
            client.served.ends = Some(now);
        }
    }
}
