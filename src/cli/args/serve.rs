//! The options of `serve`.

mod access;
mod reports;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

pub(crate) use access::{AccessArgs, Site};
use clap::{Args, ValueHint};
pub(crate) use reports::ReportArgs;

use super::cache::CacheArgs;
use super::web::WebArgs;
use super::{VoiceArgs, WordArgs};
use crate::calendar::Period;

/// Where Wyoming is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WyomingAt {
    /// At an address.
    Address(SocketAddr),
    /// By standard input and output.
    Stdio,
}

impl FromStr for WyomingAt {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "stdio" {
            return Ok(Self::Stdio);
        }
        // The clients' own way to write it.
        let address = text.strip_prefix("tcp://").unwrap_or(text);
        address
            .parse()
            .map(Self::Address)
            .map_err(|_| "give an address and a port, 127.0.0.1:10200, or stdio")
    }
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port; port 0 is any that is free. An address that others reach needs --token-file or --insecure. Sockets that systemd
    /// hands over count more [default: 127.0.0.1:8880; none with --wyoming stdio]
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Network")]
    pub listen: Option<SocketAddr>,
    /// Speak Wyoming too, as Home Assistant does: at an address and port (Piper has 10200), or by standard input and output
    #[arg(long, value_name = "ADDRESS:PORT|stdio", help_heading = "Network")]
    pub wyoming: Option<WyomingAt>,
    /// Requests that are spoken at the same time
    #[arg(long, value_name = "N", default_value = "16", help_heading = "Limits")]
    pub speaking: NonZeroUsize,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    #[allow(missing_docs)]
    pub front: super::cluster::FrontArgs,
    /// Requests that may wait for their turn; one more is answered with 429
    #[arg(long, value_name = "N", default_value = "64", help_heading = "Limits")]
    pub waiting: usize,
    /// Characters that a text may have
    #[arg(long, value_name = "N", default_value = "200000", help_heading = "Limits")]
    pub most_characters: usize,
    /// Voices that are kept in memory; for another one the least recently used leaves
    #[arg(long, value_name = "N", default_value = "8", help_heading = "Limits")]
    pub most_voices: NonZeroUsize,
    /// How long a client may take nothing of what is ready for it
    #[arg(long, value_name = "TIME", default_value = "30s", help_heading = "Limits")]
    pub stalled: Period,
    /// How long streams may go on when the server is asked to stop
    #[arg(long, value_name = "TIME", default_value = "30s", help_heading = "Limits")]
    pub drain: Period,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub access: AccessArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub reports: ReportArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub web: WebArgs,
    /// Serve the podcast of a folder (`podcast make DIR`) for the apps of phones, at a path that nobody guesses and that needs no token. The
    /// path stays the same. Several folders are several podcasts
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub podcast: Vec<PathBuf>,
    /// Let clients save how words are said in this lexicon in TOML, which counts more than all others. It is made when the first word is
    /// saved
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save_words: Option<PathBuf>,
    /// Write the texts that are asked for to the log; without it no word of them gets there
    #[arg(long)]
    pub log_text: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub voice: VoiceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub words: WordArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub cache: CacheArgs,
    /// Print only errors
    #[arg(short, long)]
    pub quiet: bool,
}
