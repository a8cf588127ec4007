//! The options that say who may use the server.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueHint};

use crate::serve::Origin;

/// Who may use the server.
#[derive(Clone, Debug, Args)]
pub(crate) struct AccessArgs {
    /// Let in only programs with a token: `Authorization: Bearer TOKEN`, which clients of OpenAI call the API key. A line of the file is the
    /// SHA-256 of a token and a name; only you may be able to change the file, and not everybody may read it (mode 0600 or 0640). SIGHUP has
    /// it read again
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Access")]
    pub token_file: Option<PathBuf>,
    /// Make a token, print it once, and end. With --token-file its line is added to the file, else it is printed, too
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", help_heading = "Access")]
    pub new_token: Option<String>,
    /// Listen at an address that others reach, without tokens: everybody there may use the server
    #[arg(long, help_heading = "Access")]
    pub insecure: bool,
    /// A further name by which clients may call the server; without tokens it answers only to its addresses and to `localhost`
    #[arg(long, value_name = "NAME", help_heading = "Access")]
    pub host: Vec<String>,
    /// Let pages of another site use the server, for example `https://news.example`; `*` is all sites, and needs --token-file
    #[arg(long, value_name = "ORIGIN", help_heading = "Access")]
    pub cors: Vec<Site>,
    /// Serve with TLS: the certificate, and behind it those between it and its authority, in PEM. SIGHUP has it read again
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Access")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM and without a password, for you alone
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Access")]
    pub tls_key: Option<PathBuf>,
}

/// A site, or all of them.
#[derive(Clone, Debug)]
pub(crate) enum Site {
    /// `*`
    All,
    /// One.
    One(Origin),
}

impl FromStr for Site {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::All);
        }
        Origin::parse(text).map(Self::One).ok_or_else(|| {
            "write it as browsers do, without a path and without a slash at the end: https://news.example"
                .to_string()
        })
    }
}
