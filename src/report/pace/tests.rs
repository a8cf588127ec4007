//! The controller on imaginary machines: a simulated clock, an article, workers, and a listener.

use super::*;
use crate::script::{ChunkLimits, Piece, next_chunk};
use crate::segment::Break;
use crate::table_test::each;

/// Numbers that look random and are the same every time: a linear congruential generator, with Knuth's constants (MMIX).
pub(crate) struct Numbers(pub u64);

impl Numbers {
    pub(crate) fn within(&mut self, range: std::ops::Range<f64>) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        range.start + (range.end - range.start) * ((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.within(0.0..end as f64) as usize
    }
}

/// A headline, then paragraphs of three sentences of 5 to 30 words.
pub(crate) fn article(numbers: &mut Numbers, sentences: usize) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for sentence in 0..sentences {
        for word in 1..=5 + numbers.below(26) {
            let break_after = match numbers.below(12) {
                0 if word > 2 => Break::Comma,
                1 => Break::Conjunction,
                2..5 => Break::Phrase,
                5..8 => Break::Bound,
                _ => Break::Word,
            };
            pieces.push(Piece { phonemes: 2 + numbers.below(9), break_after });
        }
        let break_after = if sentence % 3 == 0 { Break::Paragraph } else { Break::Sentence };
        pieces.last_mut().unwrap().break_after = break_after;
    }
    pieces
}

#[derive(Clone, Copy, Debug)]
struct Machine {
    workers: usize,
    /// Seconds of work of all workers for a second of sound, in chunks of 100 phonemes.
    real_time_factor: f64,
    /// Phonemes that cost as much as the fixed part of a chunk.
    fixed: f64,
    noise: f64,
    /// Chunks that are taken before a worker is free for them.
    taken_ahead: usize,
    /// The listener's speed.
    hearing_speed: f64,
}

const PLAIN: Machine =
    Machine { workers: 1, real_time_factor: 0.2, fixed: 8.0, noise: 0.0, taken_ahead: 0, hearing_speed: 1.0 };
/// Seconds of sound a phoneme.
pub(crate) const SOUND: f64 = 0.063;
/// Seconds of silence after a chunk.
pub(crate) const PAUSE: f64 = 0.3;
/// The least lead that the player waits for.
const LEAST_NEEDED: f64 = 0.3;
/// And at most.
const MOST_NEEDED: f64 = 10.0;

impl Machine {
    fn seconds(&self, phonemes: usize, threads: usize, numbers: &mut Numbers) -> f64 {
        let for_a_hundred = self.real_time_factor * self.workers as f64 * SOUND * 100.0;
        let one = for_a_hundred * (self.fixed + phonemes as f64) / (self.fixed + 100.0);
        let speed_up = if threads == 1 { 1.0 } else { 0.8 * threads as f64 };
        let noise = self.noise;
        one / speed_up * if noise > 0.0 { numbers.within(1.0 - noise..1.0 + noise) } else { 1.0 }
    }
}

#[derive(Debug, Default)]
struct Outcome {
    underruns: usize,
    first_made: f64,
    first_sound: f64,
    chunks: Vec<usize>,
    least_lead: f64,
}

/// The listener: finished and played sound, in seconds.
#[derive(Default)]
struct Ear {
    now: f64,
    made: f64,
    heard: f64,
    is_playing: bool,
    /// The required lead as it was set at a time; it decays while time passes.
    needed: f64,
    needed_at: f64,
    underruns: usize,
    first_sound: Option<f64>,
}

impl Ear {
    fn pass_to(&mut self, now: f64, speed: f64) {
        let lead = (self.made - self.heard) / speed;
        let begin = (self.needed_at + self.needed - lead.min(MOST_NEEDED)).max(self.now);
        if !self.is_playing && lead > LEAST_NEEDED && begin < now {
            self.now = begin;
            self.begin_if_ready(speed, false);
        }
        if self.is_playing {
            self.heard += (now - self.now) * speed;
            if self.heard > self.made {
                (self.heard, self.is_playing, self.underruns) = (self.made, false, self.underruns + 1);
            }
        }
        self.now = now;
    }

    fn needed_now(&self) -> f64 {
        (self.needed - (self.now - self.needed_at)).clamp(LEAST_NEEDED, MOST_NEEDED)
    }

    fn begin_if_ready(&mut self, speed: f64, is_complete: bool) {
        if !self.is_playing && self.made > self.heard {
            self.is_playing = is_complete || (self.made - self.heard) / speed >= self.needed_now() - 1e-9;
            if self.is_playing {
                self.first_sound.get_or_insert(self.now);
            }
        }
    }
}

struct Work {
    number: u64,
    phonemes: usize,
    /// When it is done; none while it waits for a worker.
    done: Option<f64>,
    is_made: bool,
}

fn read(machine: Machine, seed: u64) -> Outcome {
    let mut numbers = Numbers(seed);
    let pieces = article(&mut numbers, 70);
    let limits = ChunkLimits::default();
    let mut pace = Pace::new(machine.workers, 16.0, limits.longest_sentence);
    let mut ear = Ear { needed: 5.0, ..Ear::default() };
    let mut outcome = Outcome { least_lead: f64::INFINITY, ..Outcome::default() };
    let (mut next, mut work) = (0, Vec::<Work>::new());
    let (mut taken, mut delivered) = (0, 0);
    loop {
        // An idle worker takes a waiting chunk, or else a new one; all workers share the first chunk.
        loop {
            let busy = work.iter().filter(|job| job.done.is_some() && !job.is_made).count();
            let waiting = work.iter().position(|job| job.done.is_none());
            let is_first = delivered == 0;
            if let Some(index) = waiting.filter(|_| busy < machine.workers) {
                let threads = if is_first { machine.workers } else { 1 };
                let seconds = machine.seconds(work[index].phonemes, threads, &mut numbers);
                pace.begun(work[index].number, ear.now, threads);
                work[index].done = Some(ear.now + seconds);
                continue;
            }
            let waits = work.iter().filter(|job| job.done.is_none()).count();
            let may_take = if is_first {
                work.is_empty()
            } else {
                busy < machine.workers || waits < machine.taken_ahead
            };
            if next == pieces.len() || !may_take {
                break;
            }
            let lead =
                Lead { seconds: (ear.made - ear.heard) / machine.hearing_speed, is_waiting: !ear.is_playing };
            let room = pace.room(ear.now, lead);
            let count = next_chunk(&pieces[next..], room, &limits);
            let phonemes =
                pieces[next..next + count].iter().map(|piece| piece.phonemes + 1).sum::<usize>() - 1;
            next += count;
            pace.taken(phonemes, PAUSE);
            (ear.needed, ear.needed_at) = (pace.needed_lead(ear.now), ear.now);
            outcome.chunks.push(phonemes);
            work.push(Work { number: taken, phonemes, done: None, is_made: false });
            taken += 1;
        }
        let under_way = work.iter_mut().filter(|job| !job.is_made && job.done.is_some());
        let Some(job) = under_way.min_by(|a, b| a.done.unwrap().total_cmp(&b.done.unwrap())) else { break };
        job.is_made = true;
        let (now, number) = (job.done.unwrap(), job.number);
        ear.pass_to(now, machine.hearing_speed);
        pace.made(number, now);
        while work.first().is_some_and(|job| job.is_made) {
            let job = work.remove(0);
            let sound = SOUND * job.phonemes as f64;
            if ear.is_playing {
                outcome.least_lead = outcome.least_lead.min((ear.made - ear.heard) / machine.hearing_speed);
            }
            if delivered == 0 {
                outcome.first_made = now;
            }
            delivered += 1;
            ear.made += sound + PAUSE;
            pace.delivered(sound);
            (ear.needed, ear.needed_at) = (pace.needed_lead(now), now);
            ear.begin_if_ready(machine.hearing_speed, next == pieces.len() && work.is_empty());
        }
    }
    outcome.underruns = ear.underruns;
    outcome.first_sound = ear.first_sound.unwrap();
    outcome
}

/// Machines of every kind that are fast enough.
fn machines(factors: &[f64]) -> impl Iterator<Item = Machine> {
    let mut machines = Vec::new();
    for &real_time_factor in factors {
        for workers in [1, 2] {
            for noise in [0.0, 0.3] {
                for fixed in [4.0, 10.0, 25.0] {
                    for taken_ahead in [0, workers + 1] {
                        machines.push(Machine {
                            workers,
                            real_time_factor,
                            fixed,
                            noise,
                            taken_ahead,
                            ..PLAIN
                        });
                    }
                }
            }
        }
    }
    machines.into_iter()
}

#[test]
fn nothing_runs_dry_on_machines_that_are_fast_enough() {
    let machines = machines(&[0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.79]);
    // Where the fixed part is large, short sentences alone take more than their time.
    for machine in machines.filter(|machine| machine.fixed <= 10.0 || machine.real_time_factor <= 0.6) {
        for seed in 0..20 {
            let outcome = read(machine, seed);
            assert_eq!(outcome.underruns, 0, "{machine:?}, seed {seed}: {outcome:?}");
        }
    }
}

#[test]
fn the_reserve_is_kept_where_there_is_time_for_it() {
    for machine in machines(&[0.05, 0.1, 0.2, 0.3]) {
        for seed in 0..20 {
            let outcome = read(machine, seed);
            assert!(outcome.least_lead >= 0.3, "{machine:?}, seed {seed}: {outcome:?}");
        }
    }
}

#[test]
fn fast_machines_are_heard_as_soon_as_the_first_clause_is_made() {
    for machine in machines(&[0.05, 0.1, 0.12]).filter(|machine| machine.fixed <= 10.0) {
        for seed in 0..20 {
            let outcome = read(machine, seed);
            assert!(outcome.chunks[0] <= FIRST.most, "{machine:?}, seed {seed}: {outcome:?}");
            assert!(
                outcome.first_sound <= outcome.first_made,
                "{machine:?}, seed {seed}: {} after {}",
                outcome.first_sound,
                outcome.first_made
            );
        }
    }
}

#[test]
fn slow_machines_wait_for_more_but_not_for_long() {
    each([(0.2, 2.0), (0.3, 3.0), (0.4, 5.0), (0.6, 15.0), (0.79, 22.0)], |(factor, longest)| {
        for machine in machines(&[factor]) {
            for seed in 0..20 {
                let outcome = read(machine, seed);
                assert!(outcome.first_sound < longest, "{machine:?}, seed {seed}: {outcome:?}");
            }
        }
    });
}

#[test]
fn sentences_are_whole_again_after_a_few_chunks() {
    for machine in machines(&[0.05, 0.1, 0.2]) {
        for seed in 0..20 {
            let outcome = read(machine, seed);
            let mut numbers = Numbers(seed);
            let whole: Vec<usize> = crate::script::plan(&article(&mut numbers, 70), &ChunkLimits::default())
                .into_iter()
                .map(|range| range.len())
                .collect();
            // The clauses at the beginning make more chunks than sentences.
            let cuts = outcome.chunks.len().saturating_sub(whole.len());
            assert!(cuts <= 10, "{machine:?}, seed {seed}: {cuts} cuts, {outcome:?}");
        }
    }
}

#[test]
fn a_machine_that_is_too_slow_runs_dry_but_reads_on() {
    for machine in machines(&[0.9, 1.5]) {
        for seed in 0..5 {
            let outcome = read(machine, seed);
            assert!(outcome.first_sound < 60.0, "{machine:?}, seed {seed}: {outcome:?}");
            assert!(outcome.underruns < outcome.chunks.len() / 2, "{machine:?}, seed {seed}: {outcome:?}");
        }
    }
}

#[test]
fn who_hears_faster_is_served_in_time_as_well() {
    for machine in machines(&[0.1, 0.2]) {
        for seed in 0..10 {
            let outcome = read(Machine { hearing_speed: 2.0, ..machine }, seed);
            assert_eq!(outcome.underruns, 0, "{machine:?}, seed {seed}: {outcome:?}");
        }
    }
}

#[test]
fn the_first_chunk_is_a_clause_and_room_grows_with_the_lead() {
    let mut pace = Pace::new(2, 16.0, 180);
    let lead = |seconds| Lead { seconds, is_waiting: false };
    assert_eq!(pace.room(0.0, Lead { seconds: 0.0, is_waiting: true }), FIRST);
    pace.taken(20, 0.1);
    pace.begun(0, 0.0, 2);
    pace.made(0, 0.15);
    pace.delivered(1.2);
    let rooms = [0.5, 1.0, 1.5, 3.0].map(|seconds| pace.room(0.15, lead(seconds)).most);
    assert!(rooms.is_sorted() && rooms[0] < rooms[3], "{rooms:?}");
    assert_eq!(rooms[3], 50, "grows by {GROWTH} at most");
    assert!(pace.needed_lead(0.15) < 1.2, "{}", pace.needed_lead(0.15));
}

#[test]
fn who_shares_the_workers_counts_on_a_part_of_them() {
    // Two workers, a fifth of a second of work for a second of sound: up to ten readings.
    let pace_of = |readings| {
        let mut pace = Pace::new(2, 16.0, 180);
        pace.share_with(readings);
        for number in 0..4 {
            pace.taken(60, 0.0);
            pace.begun(number, 0.0, 1);
            pace.made(number, 0.8);
            pace.delivered(60.0 / 16.0);
        }
        pace
    };
    let lead = Lead { seconds: 3.0, is_waiting: false };
    let leasts = [1, 2, 4, 7, 100].map(|readings| pace_of(readings).room(0.8, lead).least);
    assert!(leasts.is_sorted() && leasts[0] < leasts[3], "{leasts:?}");
    assert_eq!(leasts[4], 90, "half of the longest, when no length is enough");
    let needed = [1, 2, 4, 7, 100].map(|readings| pace_of(readings).needed_lead(0.8));
    assert!(needed.is_sorted() && needed[0] < 0.9 && needed[3] > 1.5, "{needed:?}");
}

#[test]
fn a_chunk_may_rest_while_the_listener_has_sound() {
    let mut pace = Pace::new(1, 16.0, 180);
    let heard = |seconds| Lead { seconds, is_waiting: false };
    assert!((pace.can_rest(0.0, heard(4.0)) - 4.0).abs() < 1e-9, "nothing is under way");
    for number in 0..3 {
        pace.taken(50, 0.0);
        pace.begun(number, 0.0, 1);
        pace.made(number, 0.5);
        pace.delivered(50.0 / 16.0);
    }
    pace.taken(50, 0.0);
    pace.begun(3, 10.0, 1);
    // Half a second and a margin is needed at the beginning, less later.
    let rests = [10.0, 10.4].map(|now| pace.can_rest(now, heard(4.0)));
    assert!(rests[0] > 2.5 && rests[0] < 3.5 && rests[1] > rests[0], "{rests:?}");
    assert!(pace.can_rest(10.0, heard(0.3)) == 0.0, "it is late already");
    assert!(pace.can_rest(10.0, Lead { seconds: 4.0, is_waiting: true }) == 0.0, "it is waited for");
    // Who has nothing under way can wait until the next chunk takes its time.
    let can_wait = [4.0, 2.0, 0.1]
        .map(|seconds| Pace { pending: VecDeque::new(), ..pace.clone() }.can_wait(heard(seconds)));
    assert!(can_wait[0] > 3.0 && can_wait[1] < 2.0 && can_wait[2] == 0.0, "{can_wait:?}");
    // The rest is no time of work.
    let before = pace.speed();
    pace.rested(3, 20.0);
    assert_eq!(pace.made(3, 30.5), Some(0.5));
    assert!((pace.speed() / before - 1.0).abs() < 0.05, "{} after {before}", pace.speed());
}
