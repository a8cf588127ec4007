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
    state: Mutex<State>,
    _place: OwnedSemaphorePermit,
}

/// What a connection does.
#[derive(Default)]
struct State {
    /// Its place among the idle ones, if it is one.
    number: Option<u64>,
    /// Answers that are made or sent.
    answers: usize,
    /// Those of them that are made.
    made: usize,
    /// An answer whose end is the end of the connection.
    last: Option<Last>,
}

/// How far such an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// It is being made.
    Begun,
    /// It is made to its end, and not all of it has left.
    Whole,
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
            Connection { all: self.clone(), cut: Arc::default(), state: Mutex::default(), _place: place };
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
        let mut state = lock(&self.state);
        state.answers += 1;
        let number = state.number.take();
        drop(state);
        if let Some(number) = number {
            self.all.idle().cuts.remove(&number);
        }
        Working(Some(self.clone()))
    }

    /// Whether a request is answered now.
    pub(super) fn is_working(&self) -> bool {
        lock(&self.state).answers > 0
    }

    /// All that was written until now has left.
    pub(super) fn sent(&self) {
        let mut state = lock(&self.state);
        let made = std::mem::take(&mut state.made);
        state.last = state.last.filter(|last| *last == Last::Begun);
        drop(state);
        self.answered(made);
    }

    /// Whether an answer is not whole whose client takes the end of the connection for its own.
    pub(super) fn breaks_off(&self) -> bool {
        lock(&self.state).last.is_some()
    }

    fn answered(&self, answers: usize) {
        if answers == 0 {
            return;
        }
        let mut state = lock(&self.state);
        state.answers -= answers;
        let is_idle = state.answers == 0;
        drop(state);
        if is_idle {
            self.rest();
        }
    }

    fn rest(&self) {
        let mut idle = self.all.idle();
        let mut state = lock(&self.state);
        if state.answers > 0 {
            // Another request has come meanwhile.
            return;
        }
        let number = idle.next;
        idle.next += 1;
        idle.cuts.insert(number, self.cut.clone());
        state.number = Some(number);
        drop((state, idle));
        if self.all.waiting.load(Ordering::SeqCst) > 0 {
            self.all.cut_idlest();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let number = lock(&self.state).number.take();
        if let Some(number) = number {
            self.all.idle().cuts.remove(&number);
        }
    }
}

/// An answer that is being made or sent.
pub(in crate::serve) struct Working(Option<Arc<Connection>>);

impl Working {
    /// It is made, and ends when it has left.
    fn made(mut self) {
        if let Some(connection) = self.0.take() {
            lock(&connection.state).made += 1;
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            connection.answered(1);
        }
    }
}

/// The body of an answer. When it is sent the work for it ends.
pub(super) struct Worked<B> {
    body: B,
    working: Option<Working>,
    /// The connection, where the client knows the end of the body by its end.
    ends_connection: Option<Arc<Connection>>,
}

impl<B: Body> Worked<B> {
    /// The body of an answer that a client gets; one of HTTP/1.0 knows the end of a stream only by that of the connection.
    pub(super) fn new(body: B, working: Working, is_of_old_client: bool) -> Self {
        let ends_connection =
            working.0.clone().filter(|_| is_of_old_client && body.size_hint().exact().is_none());
        if let Some(connection) = &ends_connection {
            lock(&connection.state).last = Some(Last::Begun);
        }
        Self { body, working: Some(working), ends_connection }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Worked<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        let is_whole = matches!(next, Poll::Ready(None)) || self.body.is_end_stream();
        if is_whole && let Some(connection) = self.ends_connection.take() {
            lock(&connection.state).last = Some(Last::Whole);
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Worked<B> {
    fn drop(&mut self) {
        if let Some(working) = self.working.take() {
            working.made();
        }
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
    async fn an_answer_counts_until_it_has_left() {
        let connection = Connections::new(1).enter().await.unwrap();
        drop(Worked::new(String::from("all of it"), connection.work(), true));
        assert!(connection.is_working(), "it is made, and not sent");
        connection.sent();
        assert!(!connection.is_working());
        assert!(!connection.breaks_off(), "its length is known");
    }

    /// A body of a length that nobody knows.
    struct Stream(Option<Bytes>);

    impl Body for Stream {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
            Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
        }
    }

    #[tokio::test]
    async fn a_stream_is_whole_when_its_end_has_left() {
        for is_ended in [true, false] {
            let connection = Connections::new(1).enter().await.unwrap();
            let mut body = Worked::new(Stream(Some(Bytes::from("a"))), connection.work(), true);
            while is_ended && http_body_util::BodyExt::frame(&mut body).await.is_some() {}
            drop(body);
            assert!(connection.breaks_off(), "nothing has left yet");
            connection.sent();
            assert_eq!(connection.breaks_off(), !is_ended);
        }
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
