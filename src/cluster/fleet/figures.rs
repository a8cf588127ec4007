//! What a day of a fleet was like.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::broker::Work;
use super::bucket::{Bucket, Requests};
use super::day::Arrival;
use super::speech;

/// Kilobytes of MP3 at 64 kbit/s for a second of sound.
const BYTES_OF_SOUND: f64 = 8_000.0;
/// The hours that count most.
const MORNING: std::ops::Range<Duration> = Duration::from_hours(6)..Duration::from_hours(8);

/// The figures.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// When, how many jobs waited, and how many were worked on or rested.
    depths: Vec<(Duration, usize, usize)>,
    /// From an article to its report, sorted.
    delays: Vec<Duration>,
    morning: Vec<Duration>,
    /// Articles without a report that could have one.
    pub missing: usize,
    /// Articles without a report that can have none.
    pub given_up: usize,
    /// Reports that were put although they were there.
    pub made_again: u64,
    queue: Option<Work>,
    requests: Requests,
    core: f64,
    sound: f64,
    lasted: Duration,
}

impl Figures {
    pub(super) fn note(&mut self, at: Duration, (waiting, working): (usize, usize)) {
        self.depths.push((at, waiting, working));
    }

    pub(super) fn end(
        &mut self,
        midnight: Instant,
        keys: &[(Instant, String)],
        day: &[Arrival],
        bucket: &Bucket,
        queue: Work,
    ) {
        for ((at, key), arrival) in keys.iter().zip(day) {
            let Some(done) = bucket.done_at(key) else {
                *(if arrival.is_poison { &mut self.given_up } else { &mut self.missing }) += 1;
                continue;
            };
            self.delays.push(done - *at);
            if MORNING.contains(&arrival.at) {
                self.morning.push(done - *at);
            }
            self.core += speech::work(arrival.words);
            self.sound += f64::from(arrival.words) * speech::SOUND_OF_A_WORD;
        }
        self.delays.sort_unstable();
        self.morning.sort_unstable();
        self.made_again = bucket.refused();
        self.queue = Some(queue);
        self.requests = bucket.requests();
        self.lasted = midnight.elapsed();
    }
}

/// The delay that so many parts of all do not exceed.
fn part(sorted: &[Duration], part: f64) -> String {
    let at = (part * sorted.len() as f64) as usize;
    let seconds = sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(0.0, Duration::as_secs_f64);
    if seconds < 600.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, delays) in [("all day", &self.delays), ("from 6 to 8", &self.morning)] {
            write!(f, "from article to report, {name} ({}):", delays.len())?;
            for (name, of) in [("half", 0.5), ("95 %", 0.95), ("99 %", 0.99), ("longest", 1.0)] {
                write!(f, " {name} {},", part(delays, of))?;
            }
            writeln!(f)?;
        }
        let deepest = self.depths.iter().max_by_key(|(_, waiting, _)| *waiting);
        if let Some((at, waiting, _)) = deepest {
            writeln!(f, "most that waited: {waiting}, at {:.1} h", at.as_secs_f64() / 3_600.0)?;
        }
        let empty = deepest
            .and_then(|(deep, ..)| self.depths.iter().find(|(at, waiting, _)| at > deep && *waiting == 0));
        if let Some((at, ..)) = empty {
            writeln!(f, "none waited from {:.1} h on", at.as_secs_f64() / 3_600.0)?;
        }
        let hours = self.lasted.as_secs_f64() / 3_600.0;
        writeln!(
            f,
            "all done after {hours:.1} h; {} missing, {} given up, {} objects made again",
            self.missing, self.given_up, self.made_again
        )?;
        writeln!(
            f,
            "cores at work: {:.0} hours, {:.0} in the mean of a day",
            self.core / 3_600.0,
            self.core / 86_400.0
        )?;
        writeln!(
            f,
            "sound: {:.0} hours; {:.2} TB as MP3",
            self.sound / 3_600.0,
            self.sound * BYTES_OF_SOUND / 1e12
        )?;
        if let Some(Work { messages, busy, deliveries }) = self.queue {
            let busy = busy.as_secs_f64();
            let rate = messages as f64 / self.lasted.as_secs_f64();
            writeln!(
                f,
                "queue: {messages} messages, {rate:.0} a second; at work {busy:.0} s; {deliveries} jobs given out"
            )?;
        }
        let Requests { heads, gets, puts, deletes, lists, failed } = self.requests;
        writeln!(
            f,
            "store: {heads} HEAD, {gets} GET, {puts} PUT, {deletes} DELETE, {lists} LIST; {failed} failed"
        )
    }
}
