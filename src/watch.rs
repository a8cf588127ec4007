//! Folders that are watched, and the hours of work.
//!
//! - `scan`: which files are new or changed, and whole; what it finds is the truth
//! - `hints`: what the system says of folders as it happens; only when to look is taken from it
//! - `clock`: the hours at which work is due

mod clock;
mod hints;
mod scan;

pub(crate) use clock::{Clock, Hour};
pub(crate) use hints::{Hints, Woken};
pub(crate) use scan::{REST, Scan};
