//! Who speaks now, who waits, and who is sent away.
//!
//! A place is held from the first moment until the last byte is sent. So the permit lies in the answer's body: a limit that ends with its head
//! would let any number of streams run.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::limits::Limits;

/// Seconds that a request takes, before any was measured.
const USUAL_SECONDS: f64 = 5.0;
/// Weight of the latest request in the mean of all.
const LATEST: f64 = 0.2;
/// Seconds after which clients are asked to come again: OpenAI's heed up to two minutes.
const AGAIN: std::ops::RangeInclusive<f64> = 1.0..=120.0;

/// The places of a server.
#[derive(Clone)]
pub(super) struct Admission {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    speaking: usize,
    /// Speaking and waiting.
    all: usize,
    /// Mean seconds of a request, as bits.
    mean: Arc<AtomicU64>,
    turned_away: Arc<AtomicU64>,
}

/// How many places are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// By those whose turn it is.
    pub(super) at_work: usize,
    /// By those that wait for it.
    pub(super) waiting: usize,
    /// How many found none, since the server began.
    pub(super) turned_away: u64,
}

/// A place, to speak or to wait.
#[derive(Debug)]
pub(super) struct Place {
    since: Instant,
    held: OwnedSemaphorePermit,
    turns: Arc<Semaphore>,
    mean: Arc<AtomicU64>,
}

/// The right to speak. Dropping it ends the request's work as far as others are concerned.
#[derive(Debug)]
pub(super) struct Permit {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
    since: Instant,
    /// When the place was taken, until somebody measures from there.
    asked: Mutex<Option<Instant>>,
    mean: Arc<AtomicU64>,
}

/// All places are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// When one is likely to be free.
    pub(super) again: Duration,
}

impl Admission {
    /// Places for those that speak.
    pub(super) fn new(limits: &Limits) -> Self {
        Self::of(limits.speaking, limits.waiting)
    }

    /// Places for so many at the same time, and for so many that wait.
    pub(super) fn of(speaking: NonZeroUsize, waiting: usize) -> Self {
        let speaking = speaking.get().min(Semaphore::MAX_PERMITS);
        let places = speaking.saturating_add(waiting).min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            turns: Arc::new(Semaphore::new(speaking)),
            speaking,
            all: places,
            mean: Arc::new(AtomicU64::new(USUAL_SECONDS.to_bits())),
            turned_away: Arc::default(),
        }
    }

    /// Takes a place, if there is one.
    pub(super) fn enter(&self) -> Result<Place, Full> {
        match self.places.clone().try_acquire_owned() {
            Ok(held) => {
                let (turns, mean) = (self.turns.clone(), self.mean.clone());
                Ok(Place { since: Instant::now(), held, turns, mean })
            }
            Err(_) => {
                self.turned_away.fetch_add(1, Ordering::Relaxed);
                Err(Full { again: self.again() })
            }
        }
    }

    /// How many places are taken.
    pub(super) fn places_taken(&self) -> Taken {
        let at_work = self.speaking - self.turns.available_permits();
        let taken = self.all - self.places.available_permits();
        let turned_away = self.turned_away.load(Ordering::Relaxed);
        // The two are not counted at the same moment.
        Taken { at_work, waiting: taken.saturating_sub(at_work), turned_away }
    }

    /// Lets nobody in from now on. Who waits is sent away, who speaks goes on.
    pub(super) fn close(&self) {
        self.places.close();
        self.turns.close();
    }

    /// Whether nobody is let in any more.
    pub(super) fn is_closed(&self) -> bool {
        self.turns.is_closed()
    }

    /// When the next request is likely to end: each takes its mean time, and as many as may speak do so.
    fn again(&self) -> Duration {
        let mean = f64::from_bits(self.mean.load(Ordering::Relaxed));
        Duration::from_secs_f64((mean / self.speaking as f64).clamp(*AGAIN.start(), *AGAIN.end()).ceil())
    }
}

impl Place {
    /// Waits for its turn; who came first speaks first.
    pub(super) async fn turn(self) -> Result<Permit, AcquireError> {
        let turn = self.turns.acquire_owned().await?;
        let asked = Mutex::new(Some(self.since));
        Ok(Permit { _place: self.held, _turn: turn, since: Instant::now(), asked, mean: self.mean })
    }
}

impl Permit {
    /// When its place was taken, the first time that somebody asks.
    pub(super) fn asked(&self) -> Option<Instant> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let seconds = self.since.elapsed().as_secs_f64();
        // Two that end at once may lose one's measurement, which the next one brings.
        let mean = f64::from_bits(self.mean.load(Ordering::Relaxed));
        self.mean.store((mean + LATEST * (seconds - mean)).to_bits(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(speaking: usize, waiting: usize) -> Admission {
        let speaking = NonZeroUsize::new(speaking).unwrap();
        Admission::new(&Limits { speaking, waiting, ..Limits::default() })
    }

    #[tokio::test]
    async fn who_came_first_speaks_first_and_one_too_many_is_sent_away() {
        let admission = admission(1, 2);
        let first = admission.enter().unwrap().turn().await.unwrap();
        let (second, third) = (admission.enter().unwrap(), admission.enter().unwrap());
        assert_eq!(admission.enter().unwrap_err().again, Duration::from_secs(5));
        assert_eq!(admission.places_taken(), Taken { at_work: 1, waiting: 2, turned_away: 1 });
        let order = Arc::new(Mutex::new(Vec::new()));
        let speak = |place: Place, number: u8| {
            let order = order.clone();
            tokio::spawn(async move {
                let permit = place.turn().await.unwrap();
                order.lock().unwrap().push(number);
                drop(permit);
            })
        };
        let (second, third) = (speak(second, 2), speak(third, 3));
        tokio::task::yield_now().await;
        assert!(order.lock().unwrap().is_empty(), "somebody speaks beside the first");
        drop(first);
        second.await.unwrap();
        third.await.unwrap();
        assert_eq!(*order.lock().unwrap(), [2, 3]);
        assert!(admission.enter().is_ok());
        assert_eq!(admission.turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn who_waits_when_the_server_ends_is_sent_away_and_who_speaks_goes_on() {
        let admission = admission(1, 2);
        let first = admission.enter().unwrap().turn().await.unwrap();
        let waiting = tokio::spawn(admission.enter().unwrap().turn());
        tokio::task::yield_now().await;
        assert!(!admission.is_closed());
        admission.close();
        assert!(waiting.await.unwrap().is_err() && admission.enter().is_err() && admission.is_closed());
        drop(first);
    }

    #[tokio::test]
    async fn who_leaves_while_it_waits_gives_its_place_back() {
        let admission = admission(1, 1);
        let first = admission.enter().unwrap().turn().await.unwrap();
        let waiting = tokio::spawn(admission.enter().unwrap().turn());
        tokio::task::yield_now().await;
        assert!(admission.enter().is_err());
        waiting.abort();
        assert!(waiting.await.is_err());
        assert!(admission.enter().is_ok());
        drop(first);
    }
}
