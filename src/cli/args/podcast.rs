//! The options of `podcast`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::web::WebArgs;

/// `podcast`
#[derive(Debug, Args)]
pub(crate) struct PodcastArgs {
    /// The command for podcasts.
    #[command(subcommand)]
    pub command: PodcastCommand,
}

/// The commands of `podcast`.
#[derive(Debug, Subcommand)]
pub(crate) enum PodcastCommand {
    /// Check feeds and covers by the rules of Apple, RSS and Podcasting 2.0, and name each fault with its place
    Check(CheckArgs),
    /// Print the rules that `check` goes by, with their documents and cures
    Rules {
        /// Print one JSON object a rule
        #[arg(long)]
        json: bool,
    },
    /// Draw a plain cover: the title in bold letters, a PNG of 1400 by 1400 pixels
    Cover(CoverArgs),
}

/// `podcast check`
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Feeds: files, folders with a podcast.xml, addresses (https://…), `-` for standard input; or covers in JPEG or PNG
    #[arg(required = true, value_name = "FILE|URL", value_hint = ValueHint::AnyPath)]
    pub inputs: Vec<PathBuf>,
    /// Ask the servers for the sound and pictures that a feed in a file names. Without it only files beside the feed are looked
    /// at. For a feed that is fetched they are always asked
    #[arg(long)]
    pub online: bool,
    /// Ask for the sound of the first N items: does it answer, is it as long as the feed says, can a player jump in it. 0 asks for
    /// no sound and no picture
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub ask: usize,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub web: WebArgs,
    /// Print one JSON object an input, in their order
    #[arg(long)]
    pub json: bool,
}

/// `podcast cover`
#[derive(Debug, Args)]
pub(crate) struct CoverArgs {
    /// The show's title; Latin, Greek and Cyrillic letters are drawn
    pub title: String,
    /// Who makes the show; it stands below the title
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// The picture
    #[arg(short, long, value_name = "PNG", default_value = "cover.png", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Overwrite the picture if it exists
    #[arg(short, long)]
    pub force: bool,
}
