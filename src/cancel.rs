//! A request to stop, shared by all stages. Waiting threads are woken; none has to poll.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

type Wake = Arc<dyn Fn() + Send + Sync>;

/// A request to stop that any thread may make and every stage checks. Clones share one request.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Request>);

#[derive(Default)]
struct Request {
    is_made: AtomicBool,
    wakers: Mutex<Wakers>,
    made: Condvar,
}

#[derive(Default)]
struct Wakers {
    next: u64,
    waiting: BTreeMap<u64, Wake>,
}

impl Cancel {
    /// A request that has not been made yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every holder to stop, and wakes those that wait.
    pub fn cancel(&self) {
        self.0.is_made.store(true, Ordering::Release);
        let wakers: Vec<Wake> = self.wakers().waiting.values().cloned().collect();
        self.0.made.notify_all();
        for wake in wakers {
            wake();
        }
    }

    /// Whether a stop was requested.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_made.load(Ordering::Acquire)
    }

    /// Calls `wake` when the request is made, or at once if it was made already; it may be called twice. Dropping the
    /// result ends this. `wake` runs on the thread that cancels: it must be short, and takes the lock of the condition
    /// before it signals it.
    #[must_use]
    pub fn on_cancel(&self, wake: impl Fn() + Send + Sync + 'static) -> OnCancel {
        let wake: Wake = Arc::new(wake);
        let mut wakers = self.wakers();
        let id = wakers.next;
        wakers.next += 1;
        wakers.waiting.insert(id, wake.clone());
        drop(wakers);
        if self.is_cancelled() {
            wake();
        }
        OnCancel { request: self.clone(), id }
    }

    /// Sleeps for `time`, or until the request is made. Returns whether it was.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        let mut wakers = self.wakers();
        while !self.is_cancelled() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            wakers = self.0.made.wait_timeout(wakers, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn wakers(&self) -> MutexGuard<'_, Wakers> {
        // Every change is small and leaves it usable.
        self.0.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// A waker that is called when a request is made; see [`Cancel::on_cancel`].
#[derive(Debug)]
pub struct OnCancel {
    request: Cancel,
    id: u64,
}

impl Drop for OnCancel {
    fn drop(&mut self) {
        self.request.wakers().waiting.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    #[test]
    fn wakers_are_called_once_a_request_until_they_are_dropped() {
        let (cancel, calls) = (Cancel::new(), Arc::new(AtomicUsize::new(0)));
        let count = |calls: &Arc<AtomicUsize>| {
            let calls = calls.clone();
            move || {
                calls.fetch_add(1, Ordering::SeqCst);
            }
        };
        drop(cancel.on_cancel(count(&calls)));
        let kept = cancel.on_cancel(count(&calls));
        cancel.cancel();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        let late = cancel.on_cancel(count(&calls));
        assert_eq!(calls.load(Ordering::SeqCst), 2, "a request that was made wakes at once");
        drop((kept, late));
    }

    #[test]
    fn a_sleep_ends_with_its_time_or_with_the_request() {
        let cancel = Cancel::new();
        assert!(!cancel.sleep(Duration::from_millis(1)));
        let other = cancel.clone();
        let sleeper = thread::spawn(move || other.sleep(Duration::from_hours(1)));
        cancel.cancel();
        assert!(sleeper.join().unwrap());
    }
}
