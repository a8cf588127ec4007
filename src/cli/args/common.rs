//! Options that several commands have, in groups that `--help` shows in one place.

use clap::Args;

use super::announce::AnnounceArgs;
use super::captions::CaptionArgs;
use super::music::MusicArgs;
use super::tags::TagArgs;
use super::{FileArgs, QuoteArgs, VoiceArgs, WordArgs, WorkArgs};
use crate::cli::preset::Preset;

/// Who speaks, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct SpeechArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub voice: VoiceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub quotes: QuoteArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub words: WordArgs,
}

/// How the work is done, and how files are written.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct FormArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub work: WorkArgs,
    /// Set format, loudness and the files beside the sound for a purpose; each of these options overrides it
    #[arg(long, value_enum, value_name = "PURPOSE")]
    pub preset: Option<Preset>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub file: FileArgs,
}

/// What is said, played and written around the speech.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AroundArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub announce: AnnounceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub music: MusicArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub captions: CaptionArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub tags: TagArgs,
}
