//! The options for inputs on the web.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// How addresses are fetched.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WebArgs {
    /// Fetch from this machine and private networks, too; link-local addresses stay refused. Without it only public addresses
    /// are fetched, also behind redirects
    #[arg(long, help_heading = "Addresses")]
    pub allow_private: bool,
    /// Fetch through a proxy of http or https; `env` takes that of `HTTPS_PROXY` and its like, which are not heeded otherwise. The
    /// proxy looks names up, so it, and not this program, must refuse those of private servers
    #[arg(long, value_name = "URL|env", help_heading = "Addresses")]
    pub proxy: Option<String>,
    /// Sign-ins, in TOML: `["https://host"]` and under it bearer, or cookie, or user and password. Only you may be able to read the
    /// file (mode 0600). Each goes to its own host only
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Addresses")]
    pub auth_file: Option<PathBuf>,
}
