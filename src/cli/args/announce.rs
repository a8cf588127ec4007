//! The options for the sentences around an article.

use clap::{Args, ValueEnum};

use super::values::parse_template;
use crate::cli::announce::Template;

/// What the voice says before and after an article.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AnnounceArgs {
    /// Whether it is said before the headline that this is read by AI. Every file says so to machines in any case
    #[arg(long, value_enum, default_value_t, value_name = "WHAT", env = "AUDIO_REPORT_ANNOUNCE")]
    pub announce: Announce,
    /// Say this before the headline instead. {title}, {byline}, {date} and {voice} stand for the article's; a sentence is left
    /// out when the article has none
    #[arg(long, value_name = "TEXT", value_parser = parse_template)]
    pub announce_before: Option<Template>,
    /// Say this after the last sentence
    #[arg(long, value_name = "TEXT", value_parser = parse_template)]
    pub announce_after: Option<Template>,
}

/// Announcements by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Announce {
    /// “Audio report, read by AI.”
    #[default]
    Usual,
    /// Nothing, unless another option gives a text
    None,
}
