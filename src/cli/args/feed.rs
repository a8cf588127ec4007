//! The options of `feed`.

use std::path::PathBuf;

use clap::builder::ArgPredicate;
use clap::{Args, ValueEnum, ValueHint};
use serde::Deserialize;

use super::MakingArgs;
use crate::calendar::Period;

/// `feed`
#[derive(Debug, Args)]
pub(crate) struct FeedArgs {
    /// Feeds (RSS, Atom, JSON Feed, RDF): addresses (https://…) or files. A page stands for the first feed that its head names
    #[arg(value_name = "URL|FILE", value_hint = ValueHint::AnyPath)]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub wanted: WantedArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub making: MakingArgs,
}

/// Which feeds are read from a list, and which of their articles are wanted.
#[derive(Clone, Debug, Args)]
pub(crate) struct WantedArgs {
    /// A list of feeds, in TOML: each `[[feed]]` has url, and of its own, where it is to differ: group, since, max, text, include, exclude,
    /// voice, voice-quotes, fast, speed, preset, intro, outro, bed, lexicon, cover, announce, announce-before, announce-after, strict,
    /// auth-file (sign-ins for this feed and its pages, in the stead of --auth-file)
    // A list that stands in the settings is for a run that names no feed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value_if("inputs", ArgPredicate::IsPresent, None::<&'static str>))]
    pub feeds: Option<PathBuf>,
    /// Only articles that were published, or first seen, within this time
    #[arg(long, value_name = "TIME", default_value = "48h")]
    pub since: Period,
    /// At most so many articles of each feed, the latest
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub max: usize,
    /// Where the text comes from
    #[arg(long, value_enum, value_name = "FROM", default_value_t)]
    pub text: FeedText,
    /// Read a story though another feed of its group had the same on that day: nine tenths of its words alike
    #[arg(long)]
    pub keep_similar: bool,
}

/// Where the text of a feed's article comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FeedText {
    /// The feed where it has a whole story (250 words), else the article's page, where robots may fetch it
    #[default]
    Auto,
    /// The feed alone: no page is fetched
    Feed,
    /// The page alone
    Page,
}
