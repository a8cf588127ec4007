//! Voice manifests and the voices installed on this machine.
//!
//! A *family* is one model with its styles; a *voice* is one style of a family, or a weighted mean of several. The manifest lists a family's files
//! and their sources, the [`Store`] knows their places, and `install` fetches them:
//!
//! ```no_run
//! use audio_report::voice::{InstallOptions, Store, install};
//!
//! # fn main() -> audio_report::error::Result<()> {
//! let store = Store::from_env()?;
//! let voice = store.default_voice();
//! install(&store, &[voice.clone()], &InstallOptions::from_env()?, &mut |event| println!("{event}"))?;
//! println!("{}", store.locate(&voice)?.model.display());
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//!
//! - `manifest`: the TOML files of `voices/`, checked when they are read.
//! - `store`: the data folder: lists, checks, finds and removes voices.
//! - `mix`: names of mixed voices, and the styles that they mean.
//! - `installed`: a voice that lies here, and its files, read only when their checksums hold.
//! - `prepared`: files that an engine derives once from a model and keeps beside it; damaged ones are never used.
//! - `install`: fetches missing files, one process at a time; `event` holds the events on the way.
//! - `lock`: keeps two installing processes apart.
//! - `source`: one file a way of fetching (`url`, `pip`, `npm`).
//! - `failure`: why a file did not come.
//! - `part`, `checksum`: files written beside and named when their checksum holds.

mod checksum;
#[cfg(feature = "install")]
mod event;
#[cfg(feature = "install")]
mod failure;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
#[cfg(feature = "install")]
mod install;
mod installed;
mod lock;
mod manifest;
mod mix;
#[cfg(feature = "install")]
mod options;
#[cfg(feature = "install")]
mod part;
mod prepared;
#[cfg(feature = "install")]
mod source;
mod store;

pub use crate::text::Dialect;
#[cfg(feature = "install")]
pub use event::InstallEvent;
#[cfg(feature = "install")]
pub use install::install;
pub use installed::InstalledVoice;
pub use manifest::VoiceName;

pub(crate) use manifest::{Manifest, Style};
#[cfg(feature = "cluster")]
pub(crate) use mix::Styles;
pub(crate) use mix::{Ingredient, terms};
#[cfg(feature = "install")]
pub use options::InstallOptions;
#[cfg(all(test, feature = "install"))]
pub(crate) use options::SourceKind;
pub(crate) use prepared::{Form, Prepared, PreparedState, WORDS};
pub use store::Store;
pub(crate) use store::{Check, VoiceState, VoiceStatus};

#[cfg(all(test, feature = "registry-sources"))]
mod tests;
