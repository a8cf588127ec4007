//! The options of `digest`, and those of a batch that ends with one.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::cache::CacheArgs;
use super::common::{AroundArgs, FormArgs, SpeechArgs};
use crate::calendar::Period;

/// A digest at the end of a run.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DayArgs {
    /// Join the reports of the last 24 hours into one programme, digest-DATE.wav (or the ending of --format) in the folder of the results,
    /// or --digest=FILE there: what there is, then each story as a chapter. --digest=false takes back what is set in a file. See
    /// `audio-report digest`
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, value_hint = ValueHint::FilePath)]
    #[expect(clippy::option_option, reason = "not wanted, wanted, wanted under a name")]
    pub digest: Option<Option<String>>,
    /// Play this sound file before each story of the digest, as loud as the speech
    #[arg(long, value_name = "FILE", requires = "digest", value_hint = ValueHint::FilePath)]
    pub jingle: Option<PathBuf>,
}

impl DayArgs {
    /// Whether a digest is wanted, and under which name in the folder of the results.
    #[expect(clippy::option_option, reason = "not wanted, wanted, wanted under a name")]
    pub(crate) fn wanted(&self) -> Option<Option<&Path>> {
        match self.digest.as_ref()?.as_deref() {
            // As of a switch that is set in a file.
            Some("false") => None,
            file => Some(file.filter(|file| !file.is_empty()).map(Path::new)),
        }
    }
}

/// `digest`
#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    /// A folder that `batch` or `feed` has written
    #[arg(value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// The file; its ending is its format. digest-DATE in the folder if not given
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// The reports that were first published within this time, and are in no digest of an earlier day
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub since: Period,
    /// Play this sound file before each story, as loud as the speech: WAV, FLAC, MP3, Opus, Ogg Vorbis or M4A, two minutes at most
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub jingle: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub speech: SpeechArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub cache: CacheArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub form: FormArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub around: AroundArgs,
    /// When another process works on the same folder, end at once instead of waiting
    #[arg(long)]
    pub no_wait: bool,
    /// Print only errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
