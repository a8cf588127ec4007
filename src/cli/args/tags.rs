//! The options for the tags of sound files.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// What the sound carries beside the article's own details.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct TagArgs {
    /// The picture that players show: JPEG or PNG, at most 10 MB, put into the sound as it is. Without it a saved page's own
    /// lead picture is taken, where it lies beside the page
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub cover: Option<PathBuf>,
}
