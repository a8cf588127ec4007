//! Where a worker's utterance goes. Here the worker also looks up from it, for those who can't wait.
//!
//! An utterance of a file takes seconds, and a new listener should not have to wait for its end. So a worker that speaks
//! for somebody who can wait serves those who can't in the middle of it, between two steps of the voice, and then goes
//! on. No more threads are at work, and nothing is made twice. It does this once at a time: what it speaks meanwhile is
//! not interrupted itself.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::Shared;
use crate::stream::board::{LaneId, TakeRule};
use crate::stream::lane::Source;
use crate::synth::{BlockSink, Flow};

/// Delivers a worker's blocks to their place in the order.
pub(super) struct Outlet<'a> {
    pub shared: &'a Shared,
    pub id: LaneId,
    pub lane: &'a dyn Source,
    pub number: u64,
    /// Threads of idle workers that it may use beside its own.
    pub lent: &'a AtomicUsize,
    /// Whether those who can't wait are served meanwhile.
    pub may_rest: bool,
}

impl Outlet<'_> {
    /// Serves those who can't wait, as long as this utterance can.
    fn rest(&self) {
        let shared = self.shared;
        while self.lane.is_wanted() {
            let now = Instant::now();
            let mut state = shared.lock();
            let urgent = state.board.interrupt(now, self.id, self.number);
            shared.crowd.0.store(state.board.competing(), Ordering::Relaxed);
            drop(state);
            let Some((id, lane)) = urgent else { break };
            shared.serve(id, &*lane, false);
            shared.lock().board.resumed();
            self.lane.rested(self.number, now.elapsed());
        }
    }
}

impl BlockSink for Outlet<'_> {
    fn push(&mut self, block: Vec<f32>) -> Flow {
        self.lane.push(self.number, block);
        self.flow()
    }

    fn flow(&self) -> Flow {
        if self.may_rest {
            self.rest();
        }
        if self.lane.is_wanted() { Flow::Continue } else { Flow::Stop }
    }

    fn threads(&self, granted: NonZeroUsize) -> NonZeroUsize {
        let lent = NonZeroUsize::MIN.saturating_add(self.lent.load(Ordering::Relaxed));
        if granted > lent && self.shared.rule == TakeRule::LeastAhead {
            // Its helpers may have found work of their own.
            let helpers = self.shared.lock().board.idle();
            return granted.min(NonZeroUsize::MIN.saturating_add(helpers)).max(lent);
        }
        granted.max(lent)
    }
}
