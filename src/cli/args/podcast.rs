//! The options of `podcast`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::web::WebArgs;
use crate::cli::show::KeptRights;

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
    /// Make a podcast of a folder that `batch` or `feed` has written: podcast.xml, index.html and a cover. Each later run of `batch` and
    /// `feed` keeps them up to date
    Make(MakeArgs),
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

/// `podcast make`. What is given once is remembered.
#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// The folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// The name of the show
    #[arg(long, value_name = "NAME")]
    pub title: Option<String>,
    /// The folder on the web in which the files will be
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// What the show is about
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Who makes it
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// Where directories write to
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Its language; en if not given
    #[arg(long, value_name = "TAG")]
    pub language: Option<String>,
    /// One of Apple's categories, such as “News > Politics”; “News > Daily News” if not given
    #[arg(long, value_name = "NAME")]
    pub category: Option<String>,
    /// A line of copyright
    #[arg(long, value_name = "TEXT")]
    pub copyright: Option<String>,
    /// A square picture of 1400 to 3000 pixels, JPEG or PNG; one with the title is drawn if none is given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub cover: Option<PathBuf>,
    /// Whose the texts are. As long as nobody says that they are own or licensed, directories are told to leave the feed out
    #[arg(long, value_enum, value_name = "WHOSE")]
    pub rights: Option<KeptRights>,
    /// Whether it is not for children: true or false
    #[arg(long, value_name = "BOOL")]
    pub explicit: Option<bool>,
    /// The feed lists the latest so many reports; 300 if not given
    #[arg(long, value_name = "N")]
    pub max_items: Option<usize>,
    /// When another process works on the same folder, end at once instead of waiting
    #[arg(long)]
    pub no_wait: bool,
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
