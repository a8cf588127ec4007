//! The options for sound that is kept, and the command for it.

use clap::{Args, Subcommand};

use super::values::parse_bytes;

/// Whether chunks that were spoken are kept.
#[derive(Clone, Debug, Args)]
pub(crate) struct CacheArgs {
    /// How much spoken sound is kept, so that an article that was edited is spoken again only where it differs: bytes, or with K,
    /// M, G, T. What was not wanted for longest goes first
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, default_value = "4G", env = "AUDIO_REPORT_CACHE_SIZE", help_heading = "Kept sound")]
    pub cache_size: u64,
    /// Neither use sound that is kept nor keep any
    #[arg(long, help_heading = "Kept sound")]
    pub no_cache: bool,
}

/// `cache`
#[derive(Debug, Args)]
pub(crate) struct CacheCommandArgs {
    /// The command for kept sound.
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// The commands of `cache`.
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Say how much is kept, and where
    Stat {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Remove all of it
    Clear,
    /// Read all of it, and remove what is damaged
    Verify,
}
