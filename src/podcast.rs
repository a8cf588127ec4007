//! Podcasts: a feed out of plain data, and any feed against the rules of those who read it.
//!
//! - [`show`]: what a feed is written of; nothing here knows where it is kept
//! - [`guid`]: the name of a feed for ever
//! - [`date`]: days and times as feeds write them
//! - [`clean`]: texts and links as they may stand in a feed
//! - [`mod@write`]: RSS 2.0 with the tags of Apple and of Podcasting 2.0; a feed that breaks a rule is not written
//! - [`tree`]: any feed as elements with their places
//! - [`rules`]: what Apple and the specifications require, as a table
//! - [`names`]: categories, languages and media types that they know
//! - [`check`]: a feed against the table
//! - [`around`]: the files that a feed names, in its folder or on the web
//! - [`artwork`]: pictures against the rules for covers
//! - [`cover`]: a plain cover with a title
//! - [`day`]: a page that lists the reports of a day
//!
//! A feed is private unless its owner says that the texts are theirs: see [`show::Rights`].

pub(crate) mod around;
pub(crate) mod artwork;
pub(crate) mod check;
pub(crate) mod clean;
pub(crate) mod cover;
mod date;
pub(crate) mod day;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub(crate) mod guid;
mod names;
pub(crate) mod rules;
pub(crate) mod show;
mod tree;
pub(crate) mod write;

#[cfg(test)]
mod tests;
