//! Narration for many listeners at once: what a server needs.
//!
//! All readings of [`Narrator::serving`] share its workers. The listener who would hear silence first goes first. A new one
//! comes before all who can wait for a second, and long chunks rest meanwhile, so it waits for one step of the voice. What has
//! no listener, such as a job that makes a file, gets the rest, and a chunk in a minute even when too many listen.
//!
//! # What a listener reports
//!
//! The [sink](crate::audio::Sink) of a request that is streamed has a [`Listener`](crate::audio::Listener). Whoever stores
//! what it gets has none.
//!
//! - **Lead**: a client on the network is taken to play what it gets from the first byte on, at normal speed, and to go
//!   on as soon as more comes after a gap. So its lead is all sound that [`Sink::write`] was given, less the time since;
//!   never below zero. What waits in a queue for the socket counts, for the client is about to get it. Sound that was not
//!   yet written must not count: chunks that are made or under way are added here.
//! - **Waiting**: until the first sound is written, and never after. Nobody can tell what a client does after a gap.
//! - **Needed lead**: passed over, as by default. On a machine where a worker is hardly faster than speech, a server may
//!   hold the first bytes back until the lead is as long; otherwise clients that begin at once hear gaps.
//! - **Backpressure**: `write` waits while enough lies in the queue. No worker waits with it. Chunks of the request that
//!   are complete then wait here: a mebibyte of samples, and what is under way. A client that takes nothing holds up
//!   nobody.
//! - **Promptness**: `hearing` is called whenever a worker looks for work, with the state of the workers locked. It must
//!   not wait, nor call the narrator.
//!
//! [`Narrator::stream`] has a listener of that kind: a block counts as written when it is made, and as played from when it is
//! taken.
//!
//! [`Narrator::narrate`] writes on the thread that calls it: one a request. Its [`Cancel`](crate::cancel::Cancel) ends the
//! work at the next step of the voice, and so does an error of the sink.
//!
//! Chunks can rest only where the voice asks its sink whether to go on. A [cache](crate::store::ChunkCache) that ends chunks
//! which nobody wants any more takes that away.
//!
//! [`Sink::write`]: crate::audio::Sink::write

use super::Narrator;
use crate::stream::{Pool, TakeRule};

impl Narrator {
    /// The same voice and front end for many listeners at once, with workers of its own, as many as before. Other voices
    /// join them by [`with_workers_of`](Self::with_workers_of).
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "only a server needs it"))]
    pub(crate) fn serving(&self) -> Self {
        Self { pool: Pool::new(self.workers(), TakeRule::LeastAhead), ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
