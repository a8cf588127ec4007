//! The options for the voices and their manner of speaking.

use std::num::NonZeroUsize;

use clap::Args;

use super::values::{parse_jobs, parse_locale, parse_pauses, parse_speed};
use crate::audio::Speed;
use crate::normalize::Locale;
use crate::segment::PauseTable;

/// Which voice speaks, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct VoiceArgs {
    /// The voice, as `af_heart` or `heart`; `audio-report voices list` shows all of them. `af_bella(2)+af_sky` mixes
    /// Kokoro voices by weight; the first one gives the dialect. `tone` is a stand-in that beeps
    #[arg(long, value_name = "NAME", env = "AUDIO_REPORT_VOICE")]
    pub voice: Option<String>,
    /// The voice's quick student instead: many times as fast, a little less natural
    #[arg(long)]
    pub fast: bool,
    /// Speed, 0.5 to 2; `play` to 4
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = parse_speed)]
    pub speed: Speed,
    /// Threads that speak; one a core if not given
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// Silence after each kind of chunk in milliseconds, for example sentence=300,paragraph=700
    #[arg(long, value_name = "KIND=MS,…", value_parser = parse_pauses)]
    pub pauses: Option<PauseTable>,
    /// Never use the network: a voice that is missing is an error, and so is an address
    #[arg(long)]
    pub offline: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub locale: LocaleArgs,
}

/// The locale whose conventions are followed.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LocaleArgs {
    /// How dates, numbers, scores and the letter Z are read: en-US or en-GB; as the voice's dialect if not given
    #[arg(long, value_name = "TAG", value_parser = parse_locale)]
    pub locale: Option<Locale>,
}

/// Who speaks quotations.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct QuoteArgs {
    /// Another voice for direct quotations of more than four words, at the same loudness. Captions name the speaker where the
    /// sentence does
    #[arg(long, value_name = "NAME", env = "AUDIO_REPORT_VOICE_QUOTES")]
    pub voice_quotes: Option<String>,
}
