//! Speech by other machines: a server is a front for many workers, and speaks by itself where none of them has a free place.
//!
//! ```text
//!  server ── Asked ──────────────────────▶ one of the workers that have a free place
//!         ◀─ Begun, Words, Sound, Alive, Done ── on the inbox of this request
//!         ── Taken, Gone ────────────────▶ on a subject beside that inbox
//! ```
//!
//! It is plain NATS, which may lose what it carries; nothing is kept there. Messages are counted, so a lost one is seen; a worker says each
//! second that it is alive. What goes wrong before the first sound is tried elsewhere, what goes wrong later cuts the connection of the
//! client, as any fault does. A worker that has no free place does not listen, so nobody waits behind one that is busy while another is free.
//!
//! - `message`: what travels
//! - `helpers`: the workers, as a server has them
//! - `helped`: a speech that a worker makes
//! - `helper`: a worker that speaks for servers

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod helped;
mod helper;
mod helpers;
mod message;

use std::time::Duration;

pub(super) use self::helped::Helped;
pub(crate) use self::helper::{Helper, Voice};
pub(super) use self::helpers::Place;
pub(crate) use self::helpers::{Helpers, Places};
pub(super) use self::message::Asked;

/// Where requests go. Those that wait on it are one group: a request reaches one of them.
const SUBJECT: &str = "audio-report.speech";
/// The group.
const GROUP: &str = "audio-report";
/// How often a worker says that it is alive.
const ALIVE: Duration = Duration::from_secs(1);
/// One that says nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(5);
/// Bytes that may be on their way from a worker to a server: seconds of sound in any format, as in the outlet behind it.
const WINDOW: usize = 256 << 10;

/// Where a worker hears of a request that has this inbox. Both derive it, so neither chooses where the other one publishes.
fn heard_at(inbox: &str) -> String {
    format!("{inbox}.heard")
}
