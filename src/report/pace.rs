//! How long the next chunk of a live reading may be: as long as can be made before the listener runs out of sound.
//!
//! A chunk is delivered in one piece when it is complete, and a part of its cost does not depend on its length. So a
//! short chunk comes soon but gains little sound for its time. A long one needs a sufficient lead. The controller
//! knows the listener's lead. From the times of earlier chunks it predicts when the next one would be done. It makes
//! that chunk as long as it can while [`RESERVE`] seconds of sound remain even if synthesis is slower than predicted.
//! The first chunk is a clause; from it on the room grows with the lead until whole sentences fit.
//!
//! Everything here is arithmetic over times that the caller passes in (in seconds since any moment), so that it can be
//! tested on simulated machines.

mod cost;

use std::collections::VecDeque;

use self::cost::Cost;
use crate::script::Room;

/// Seconds of sound that are still ahead when a chunk is done, if all goes as expected.
const RESERVE: f64 = 0.35;
/// Room for the first chunk, in phonemes: a clause, about a second of speech.
const FIRST: Room = Room { least: 10, most: 20 };
/// How much longer a chunk may be than the longest before it: a measurement with a clause says little about whole
/// sentences.
const GROWTH: f64 = 2.5;
/// Weight of the voice's own figure for its speed, in measured phonemes.
const PRIOR_WEIGHT: f64 = 30.0;
/// Weight of earlier sound beside the newest chunk.
const MEMORY: f64 = 0.85;
/// Safety factor on the break-even length of a chunk, at which synthesis just keeps up with playback.
const SUSTAIN: f64 = 1.25;
/// Beyond this share of the longest chunk, more length gains too little for the longer wait.
const WORTH: f64 = 0.5;
/// Between the least and the most there must be some boundary worth cutting at.
const CHOICE: f64 = 1.3;
/// Assumed remainder of overdue work, as a share of the whole.
const OVERDUE: f64 = 0.15;
/// Below this share of idle worker time, prediction errors accumulate: [`CUSHION`] × the shortfall, in seconds, is
/// added.
const SPARE: f64 = 0.4;
const CUSHION: f64 = 2.0;
/// Longest predicted wait, in seconds: more makes no difference.
const LONGEST_WAIT: f64 = 60.0;

/// How far the listener is behind the finished sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lead {
    /// Seconds of lead: finished sound that is still to be played.
    pub seconds: f64,
    /// Whether the listener hears silence until the lead is larger.
    pub is_waiting: bool,
}

/// Watches a reading and sets its pace.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    workers: usize,
    /// Readings that share the workers, this one included.
    readings: usize,
    /// Phonemes of the longest chunk that may be made.
    longest: usize,
    /// Phonemes of the longest chunk so far; 0 before the first.
    grown: usize,
    cost: Cost,
    /// Seconds of speech and their phonemes; older ones count less.
    heard: (f64, f64),
    /// Chunks that are taken and not yet delivered, in order, and the number of the first.
    pending: VecDeque<Pending>,
    first_pending: u64,
}

#[derive(Clone, Debug)]
struct Pending {
    phonemes: usize,
    /// Seconds of silence after it.
    pause: f64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Waiting,
    Begun { at: f64, threads: usize },
    Made,
}

/// When the chunks under way will be done, in seconds from now.
struct Forecast {
    /// One a pending chunk.
    done: Vec<f64>,
    /// The moment from which a worker is idle.
    free: f64,
}

impl Pace {
    /// A controller for a number of workers, for speech of `phonemes_per_second`, and chunks of `longest` phonemes at most.
    pub(crate) fn new(workers: usize, phonemes_per_second: f64, longest: usize) -> Self {
        let prior_sound = 1.0 / phonemes_per_second;
        Self {
            workers: workers.max(1),
            readings: 1,
            longest: longest.max(1),
            grown: 0,
            cost: Cost::new(prior_sound),
            heard: (prior_sound * PRIOR_WEIGHT, PRIOR_WEIGHT),
            pending: VecDeque::new(),
            first_pending: 0,
        }
    }

    /// From now on so many readings share the workers, this one included.
    pub(crate) fn share_with(&mut self, readings: usize) {
        self.readings = readings.max(1);
    }

    /// How long the chunk may be that is taken now.
    pub(crate) fn room(&self, now: f64, lead: Lead) -> Room {
        if self.grown == 0 {
            return Room { least: FIRST.least.min(self.longest), most: FIRST.most.min(self.longest) };
        }
        let forecast = self.forecast(now);
        let least = self.least();
        let most = if lead.is_waiting && self.cost.is_measured() {
            // The sooner there is enough, the sooner playback begins.
            (least * CHOICE).min(self.grown as f64 * GROWTH).max(FIRST.most as f64)
        } else {
            // A waiting listener begins with the next chunk.
            let begin = if lead.is_waiting { forecast.done.first().copied().unwrap_or(0.0) } else { 0.0 };
            let runs_dry = begin + lead.seconds + self.pending_sound();
            let time = runs_dry - RESERVE - forecast.free;
            let fitting = self.cost.phonemes_within(time / self.cost.margin());
            fitting.clamp(least * CHOICE, (self.grown as f64 * GROWTH).max(least * CHOICE))
        };
        Room { least: (least as usize).min(self.longest), most: (most as usize).clamp(1, self.longest) }
    }

    /// A chunk is taken, to be spoken when a worker is free; `pause` seconds follow it.
    pub(crate) fn taken(&mut self, phonemes: usize, pause: f64) {
        self.grown = self.grown.max(phonemes);
        self.pending.push_back(Pending { phonemes, pause, stage: Stage::Waiting });
    }

    /// A worker begins to speak a chunk, on this many threads; chunks are numbered from zero as they are taken.
    pub(crate) fn begun(&mut self, number: u64, now: f64, threads: usize) {
        if let Some(chunk) = self.pending(number) {
            chunk.stage = Stage::Begun { at: now, threads: threads.max(1) };
        }
    }

    fn pending(&mut self, number: u64) -> Option<&mut Pending> {
        let index = number.checked_sub(self.first_pending).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.pending.get_mut(index))
    }

    /// The work on a chunk rested for so many seconds.
    pub(crate) fn rested(&mut self, number: u64, seconds: f64) {
        if let Some(Pending { stage: Stage::Begun { at, .. }, .. }) = self.pending(number) {
            *at += seconds;
        }
    }

    /// A worker has spoken a chunk. Returns the seconds that it took.
    pub(crate) fn made(&mut self, number: u64, now: f64) -> Option<f64> {
        let chunk = self.pending(number)?;
        let Stage::Begun { at, threads } = chunk.stage else { return None };
        chunk.stage = Stage::Made;
        let phonemes = chunk.phonemes;
        self.cost.learn(phonemes, now - at, threads);
        Some(now - at)
    }

    /// The oldest chunk is handed over: `sound` seconds of speech.
    pub(crate) fn delivered(&mut self, sound: f64) {
        let Some(chunk) = self.pending.pop_front() else { return };
        self.first_pending += 1;
        let (seconds, phonemes) = self.heard;
        self.heard = (seconds * MEMORY + sound, phonemes * MEMORY + chunk.phonemes as f64);
    }

    /// Seconds of lead that the listener must have to begin, or to resume. With that lead the chunks under way come in
    /// time. The next chunk does too, though it is long enough to keep the lead from shrinking.
    pub(crate) fn needed_lead(&self, now: f64) -> f64 {
        let forecast = self.forecast(now);
        let (mut needed, mut ahead) = (0.0_f64, 0.0);
        for (chunk, done) in self.pending.iter().zip(&forecast.done) {
            needed = needed.max(done + RESERVE - ahead);
            ahead += self.sound_of(chunk);
        }
        // The others have their turn before.
        let turns = (1.0 / self.share()).max(1.0);
        let next = forecast.free + turns * self.cost.margin() * self.cost.seconds(self.least());
        let busy = self.careful_cost_per_phoneme() / (self.share() * self.sound_per_phoneme());
        let cushion = CUSHION * (busy - SPARE).max(0.0);
        (needed.max(next + RESERVE - ahead) + cushion).min(LONGEST_WAIT)
    }

    /// Seconds of sound that are made or under way, and not handed over.
    fn pending_sound(&self) -> f64 {
        self.pending.iter().map(|chunk| self.sound_of(chunk)).sum()
    }

    /// Seconds that the next chunk may wait for a worker: then it is made when the listener's sound ends.
    pub(crate) fn can_wait(&self, lead: Lead) -> f64 {
        // A guess at the cost must not push aside those whose cost is known.
        let next =
            if self.cost.is_measured() { self.cost.margin() * self.cost.seconds(self.least()) } else { 0.0 };
        (lead.seconds + self.pending_sound() - next - RESERVE).max(0.0)
    }

    /// Seconds that the work under way may rest without the listener's missing it.
    pub(crate) fn can_rest(&self, now: f64, lead: Lead) -> f64 {
        if lead.is_waiting {
            return 0.0;
        }
        let (mut rest, mut ahead) = (f64::INFINITY, lead.seconds);
        for (chunk, done) in self.pending.iter().zip(self.forecast(now).done) {
            rest = rest.min(ahead - done);
            ahead += self.sound_of(chunk);
        }
        rest.clamp(0.0, ahead)
    }

    /// Seconds of sound that one worker makes in a second, for a chunk of the length of a sentence.
    pub(crate) fn speed(&self) -> f64 {
        let phonemes = self.longest as f64;
        self.sound_per_phoneme() * phonemes / self.cost.seconds(phonemes)
    }

    /// Phonemes of the shortest chunk that is worth its time: while its share of the workers makes such chunks the lead does
    /// not shrink.
    fn least(&self) -> f64 {
        let alone = self.break_even(self.workers as f64);
        if !self.cost.is_measured() {
            return alone;
        }
        // A first measurement says little about whether a part of the workers is enough.
        alone.max(self.break_even(self.share()).min(self.grown as f64 * GROWTH / CHOICE))
    }

    /// The same, if there are so many workers.
    fn break_even(&self, workers: f64) -> f64 {
        let longest = (self.longest as f64 * WORTH).max(1.0);
        let shortest = (FIRST.least as f64).min(longest);
        let won_per_phoneme = workers * self.sound_per_phoneme() - self.cost.per_phoneme();
        if won_per_phoneme <= 0.0 {
            return longest;
        }
        (SUSTAIN * self.cost.fixed() / won_per_phoneme).clamp(shortest, longest)
    }

    /// Half the margin of a single chunk: over several chunks errors even out.
    fn careful_cost_per_phoneme(&self) -> f64 {
        f64::midpoint(1.0, self.cost.margin()) * self.cost.per_phoneme()
    }

    fn sound_per_phoneme(&self) -> f64 {
        self.heard.0 / self.heard.1
    }

    fn sound_of(&self, chunk: &Pending) -> f64 {
        self.sound_per_phoneme() * chunk.phonemes as f64 + chunk.pause
    }

    /// Workers that are there for this reading: a part of one, when there are more readings than workers.
    fn share(&self) -> f64 {
        self.workers as f64 / self.readings as f64
    }

    /// Gives the chunks that wait to the workers that are there for this reading, each to the first that is free.
    fn forecast(&self, now: f64) -> Forecast {
        let mut free_at = vec![0.0_f64; (self.workers / self.readings).max(1)];
        let mut done = Vec::with_capacity(self.pending.len());
        let mut last = 0.0_f64;
        for chunk in &self.pending {
            let cost = self.cost.margin() * self.cost.seconds(chunk.phonemes as f64);
            let first_free = free_at.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
            let worker = first_free.map_or(0, |(worker, _)| worker);
            let end = match chunk.stage {
                Stage::Made => 0.0,
                Stage::Begun { at, threads } => {
                    let cost = cost / threads as f64;
                    let end = (at + cost - now).max(OVERDUE * cost);
                    let crew = if threads > 1 { &mut free_at[..] } else { &mut free_at[worker..=worker] };
                    crew.fill(end);
                    end
                }
                Stage::Waiting => {
                    free_at[worker] += cost;
                    free_at[worker]
                }
            };
            // Handed over in order.
            last = last.max(end);
            done.push(last);
        }
        Forecast { done, free: free_at.into_iter().fold(f64::INFINITY, f64::min) }
    }
}

#[cfg(test)]
pub(super) mod tests;
