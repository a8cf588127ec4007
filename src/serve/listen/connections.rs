//! The connections that are open: no more than may be, and the one that was idle longest gives way to a new one.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All connections of a server.
pub(in crate::serve) struct Connections {
    most: usize,
    places: Arc<Semaphore>,
    /// New connections that wait for a place.
    waiting: AtomicUsize,
    idle: Mutex<Idle>,
}

/// Connections on which nothing is asked, in the order in which they became idle.
#[derive(Default)]
struct Idle {
    next: u64,
    cuts: BTreeMap<u64, Arc<Notify>>,
}

/// One of them. Dropping it gives its place to another one.
pub(in crate::serve) struct Connection {
    all: Arc<Connections>,
    cut: Arc<Notify>,
    /// Its place among the idle ones, if it is one.
    number: Mutex<Option<u64>>,
    _place: OwnedSemaphorePermit,
}

impl Connections {
    pub(in crate::serve) fn new(most: usize) -> Arc<Self> {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Arc::new(Self {
            most,
            places: Arc::new(Semaphore::new(most)),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
        })
    }

    /// How many are open.
    pub(in crate::serve) fn open(&self) -> usize {
        self.most - self.places.available_permits()
    }

    /// A place for a new connection. While all have something to do it waits.
    pub(in crate::serve) async fn enter(self: &Arc<Self>) -> Option<Arc<Connection>> {
        let place = if let Ok(place) = self.places.clone().try_acquire_owned() {
            place
        } else {
            let _waiting = Waiting::of(&self.waiting);
            self.cut_idlest();
            self.places.clone().acquire_owned().await.ok()?
        };
        let connection =
            Connection { all: self.clone(), cut: Arc::default(), number: Mutex::default(), _place: place };
        connection.rest();
        Some(Arc::new(connection))
    }

    /// Closes the connection that was idle longest. Whether there was one.
    pub(in crate::serve) fn cut_idlest(&self) -> bool {
        let idlest = self.idle().cuts.pop_first();
        idlest.is_some_and(|(_, cut)| {
            cut.notify_one();
            true
        })
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        lock(&self.idle)
    }
}

/// Counts a new connection for as long as it waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connection {
    /// Returns when another one needs the place.
    pub(in crate::serve) async fn is_cut(&self) {
        self.cut.notified().await;
    }

    /// A request is answered from now on, until the result is dropped.
    pub(in crate::serve) fn work(self: &Arc<Self>) -> Working {
        let number = lock(&self.number).take();
        if let Some(number) = number {
            self.all.idle().cuts.remove(&number);
        }
        Working(self.clone())
    }

    /// Whether a request is answered now.
    pub(super) fn is_working(&self) -> bool {
        lock(&self.number).is_none()
    }

    fn rest(&self) {
        let mut idle = self.all.idle();
        let number = idle.next;
        idle.next += 1;
        idle.cuts.insert(number, self.cut.clone());
        *lock(&self.number) = Some(number);
        drop(idle);
        if self.all.waiting.load(Ordering::SeqCst) > 0 {
            self.all.cut_idlest();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let number = lock(&self.number).take();
        if let Some(number) = number {
            self.all.idle().cuts.remove(&number);
        }
    }
}

/// An answer that is being made or sent.
pub(in crate::serve) struct Working(Arc<Connection>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// The body of an answer, with which the work for it ends.
pub(super) struct Worked<B> {
    body: B,
    _working: Working,
}

impl<B> Worked<B> {
    pub(super) fn new(body: B, working: Working) -> Self {
        Self { body, _working: working }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Worked<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is small and leaves it usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_one_that_was_idle_longest_gives_way() {
        let all = Connections::new(3);
        let first = all.enter().await.unwrap();
        let second = all.enter().await.unwrap();
        let third = all.enter().await.unwrap();
        // The first is busy, and then idle again: later than the others.
        drop(first.work());
        let working = second.work();
        let entering = tokio::spawn({
            let all = all.clone();
            async move { all.enter().await.is_some() }
        });
        third.is_cut().await;
        drop(third);
        assert!(entering.await.unwrap());
        drop(working);
        let (one, two) = (all.idle().cuts.len(), all.places.available_permits());
        assert_eq!((one, two), (2, 1));
        drop((first, second));
        assert_eq!(all.idle().cuts.len(), 0);
    }

    #[tokio::test]
    async fn where_all_are_busy_the_first_that_rests_gives_way() {
        let all = Connections::new(1);
        let only = all.enter().await.unwrap();
        let working = only.work();
        let entering = tokio::spawn({
            let all = all.clone();
            async move { all.enter().await.is_some() }
        });
        tokio::task::yield_now().await;
        assert!(!entering.is_finished());
        drop(working);
        only.is_cut().await;
        drop(only);
        assert!(entering.await.unwrap());
    }
}
