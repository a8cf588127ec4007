//! News feeds: lists of articles that a site keeps up to date.
//!
//! - `parse`: RSS, Atom, JSON Feed and RDF become entries
//! - `discover`: the feeds that a page names
//! - `entry`: an entry, what tells it from others, and the page that is made of its text
//! - `likeness`: how alike two stories are
//!
//! How often a feed is asked, and what of it is known, is for the store.

mod discover;
mod entry;
mod likeness;
mod parse;

pub(crate) use discover::{Named, feeds_of};
pub(crate) use entry::Entry;
pub(crate) use likeness::{Alike, Sketch};
pub(crate) use parse::{Feed, parse};
