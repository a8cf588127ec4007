//! The command line as typed. Its meaning is decided in [`config`](super::config).

pub(crate) mod announce;
mod approve;
pub(crate) mod asked;
mod batch;
pub(crate) mod cache;
pub(crate) mod captions;
#[cfg(feature = "cluster")]
pub(crate) mod cluster;
pub(crate) mod common;
pub(crate) mod config;
pub(crate) mod digest;
pub(crate) mod feed;
mod file;
#[cfg(feature = "inspect")]
pub(crate) mod inspect;
pub(crate) mod lexicon;
pub(crate) mod music;
#[cfg(feature = "podcast")]
pub(crate) mod podcast;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod tags;
pub(super) mod values;
mod voice;
#[cfg(feature = "watch")]
pub(crate) mod watch;
pub(crate) mod web;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

pub(crate) use approve::{ApproveArgs, RejectArgs};
use asked::Asked;
pub(crate) use batch::{BatchArgs, MakingArgs};
use common::{AroundArgs, FormArgs, SpeechArgs};
pub(crate) use file::{Bits, FileArgs, SoundArgs};
use lexicon::LexiconArgs;
use store::StoreArgs;
pub(crate) use voice::{LocaleArgs, QuoteArgs, VoiceArgs};
use web::WebArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 some inputs failed or the summary can't be printed, 2 wrong usage, 3 nothing could be done, 130 interrupted.
Environment: AUDIO_REPORT_HOME (where voices, the own lexicon and settings lie), AUDIO_REPORT_VOICE_URL (a mirror of the voice files),
AUDIO_REPORT_SOURCES (url, pip, npm: where voices may come from), AUDIO_REPORT_KERNEL (avx512, avx-vnni, avx2, neon,
portable, direct, rten: what the voice runs on), AUDIO_REPORT_LOG (for example debug), ACCESSIBLE (redraw nothing).
Settings: every option can also stand in a file, audio-report.toml: audio-report config --help.";

/// Written by reporters, read by AI: turns news articles into speech, on this computer.
#[derive(Debug, Parser)]
#[command(name = "audio-report", version, styles = STYLES, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub settings: config::SettingsArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read articles into WAV, FLAC, MP3 or Opus files
    Read(Asked<ReadArgs>),
    /// Speak an article, or a finished report, through the loudspeaker
    #[cfg(feature = "play")]
    Play(Asked<PlayArgs>),
    /// Read every article of a folder
    Batch(Asked<BatchArgs>),
    /// Read the new articles of news feeds
    Feed(Asked<feed::FeedArgs>),
    /// Read what comes into folders and feeds, until it is stopped
    #[cfg(feature = "watch")]
    Watch(Asked<watch::WatchArgs>),
    /// Speak for other programs over the network, as OpenAI's speech API does
    #[cfg(feature = "serve")]
    Serve(Asked<serve::ServeArgs>),
    /// Have articles read by many machines: put them into their queue
    #[cfg(feature = "cluster")]
    Submit(Asked<cluster::SubmitArgs>),
    /// Be one of many machines: take articles from the queue, and read them
    #[cfg(feature = "cluster")]
    Worker(Asked<cluster::WorkerArgs>),
    /// Say what waits in the queue of many machines, and put back what was given up
    #[cfg(feature = "cluster")]
    Queue(Asked<cluster::QueueArgs>),
    /// Join the reports of a day into one programme
    Digest(Asked<digest::DigestArgs>),
    /// Say how finished sound files are: loudness, peaks, silences, tags; draw them
    #[cfg(feature = "inspect")]
    Inspect(Asked<inspect::InspectArgs>),
    /// Show what would be said, and why
    Explain(Asked<ExplainArgs>),
    /// Check lexicons, hear words, find those that no dictionary knows
    Lexicon(Asked<LexiconArgs>),
    /// Check podcast feeds, and draw covers for them
    #[cfg(feature = "podcast")]
    Podcast(Asked<podcast::PodcastArgs>),
    /// Install, list and remove voices
    Voices(Asked<VoicesArgs>),
    /// Say what a batch has made in a folder, and what failed there
    Status(Asked<StatusArgs>),
    /// Publish reports that are held, or list them
    Approve(Asked<ApproveArgs>),
    /// Do not publish reports that are held
    Reject(Asked<RejectArgs>),
    /// Take reports back: their files go, and they are never made again
    Withdraw(Asked<WithdrawArgs>),
    /// Write what a folder remembers into a file, and read it back
    Store(Asked<StoreArgs>),
    /// Say how much spoken sound is kept, and remove it
    Cache(Asked<cache::CacheCommandArgs>),
    /// Say what is set in settings files (audio-report.toml), and check them
    Config(Asked<config::ConfigArgs>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages
    Man {
        /// Folder for one page a command; without it the main page goes to standard output
        #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        output: Option<PathBuf>,
    },
}

/// How input is read.
#[derive(Clone, Debug, Args)]
pub(crate) struct InputArgs {
    /// Leave out bytes that are not text instead of refusing the input. A page in HTML with a few of them is read anyway
    #[arg(long)]
    pub lossy: bool,
    /// Read the story as English, in whatever language it seems to be; without it other languages are refused
    #[arg(long, value_name = "TAG", value_enum, ignore_case = true)]
    pub language: Option<SpokenLanguage>,
    /// Read a story of an agency (NewsML-G2, NITF, ninjs) before the hour until which it is held back. A batch then keeps no sound for later
    #[arg(long)]
    pub ignore_embargo: bool,
    /// Read these, too: pictures' captions, and who wrote the story
    #[arg(long, value_name = "WHAT,…", value_enum, value_delimiter = ',')]
    pub with: Vec<Extra>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub web: WebArgs,
}

/// Languages that the voices speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpokenLanguage {
    /// English
    #[value(name = "en", aliases = ["en-US", "en-GB", "english"])]
    English,
}

/// Parts that are read only on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Extra {
    /// Pictures' captions
    #[value(alias = "caption")]
    Captions,
    /// Who wrote the story
    #[value(alias = "bylines")]
    Byline,
}

/// How words are said.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WordArgs {
    /// A lexicon of your own, TOML or PLS; may be given several times, the last one counts most
    #[arg(long = "lexicon", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub lexicons: Vec<PathBuf>,
    /// How acronyms are said: DPRK as letters, or as “the Democratic People's Republic of Korea”
    #[arg(long, value_enum, default_value_t, value_name = "STYLE")]
    pub acronyms: Acronyms,
}

/// Ways to say acronyms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Acronyms {
    /// As they are: letters, or a word where one is usual
    #[default]
    Letters,
    /// In full at the first mention
    ExpandFirst,
    /// Always in full
    Expand,
}

/// How the computer is shared with others.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct WorkArgs {
    /// Leave the computer usable: give way to other programs and, unless -j is given, leave one core alone
    #[arg(long)]
    pub nice: bool,
}

/// `read`
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Articles in plain text, HTML, Markdown, mail (.eml), Word (.docx), NewsML-G2, NITF or ninjs, recognised by content: files,
    /// addresses (https://…), ZIP archives of them, ARCHIVE.zip/NAME, or `-` for standard input
    #[arg(required = true, value_name = "INPUT", value_hint = ValueHint::FilePath)]
    pub inputs: Vec<PathBuf>,
    /// The file (its ending is its format: .wav, .flac, .mp3, .opus), or a folder for several; output/NAME.wav if not
    /// given; `-` is standard output. Articles with the same NAME become NAME-txt.wav, NAME-html.wav. The NAME of a page is the
    /// last part of its address
    #[arg(short, long, value_name = "FILE|DIR|-", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub speech: SpeechArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub input: InputArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub form: FormArgs,
    /// Refuse a page when it is doubtful that its story was found, instead of saying so in the summary
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub around: AroundArgs,
    /// Print only errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print one JSON object an input, in the order of the inputs: times, sentences, words that were guessed
    #[arg(long)]
    pub json: bool,
}

/// `play`
#[cfg(feature = "play")]
#[derive(Debug, Args)]
pub(crate) struct PlayArgs {
    /// An article (as for `read`), a finished report (WAV, FLAC, MP3, Opus, OGG, M4A), as a file, ARCHIVE.zip/NAME, an address
    /// (https://…), or `-` for standard input
    #[arg(value_name = "INPUT", value_hint = ValueHint::FilePath)]
    pub input: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub speech: SpeechArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: InputArgs,
    /// Refuse a page when it is doubtful that its story was found, instead of playing it
    #[arg(long)]
    pub strict: bool,
    /// Do not print the sentences
    #[arg(short, long)]
    pub quiet: bool,
    /// Redraw nothing: one line an event, as with ACCESSIBLE=1 or TERM=dumb
    #[arg(long)]
    pub plain: bool,
}

/// `status`
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// A folder that a batch has written
    #[arg(id = "output", value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// Print one JSON object a report
    #[arg(long)]
    pub json: bool,
}

/// `withdraw`
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// What is taken back: a guid, a source as `status` names it, the address of a page, or an agency's name of a story. A page that was
    /// not made yet never will be
    #[arg(required = true, value_name = "GUID|URL")]
    pub names: Vec<String>,
    /// The folder
    #[arg(short = 'o', long = "output", value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// When another process works on the same folder, end at once instead of waiting
    #[arg(long)]
    pub no_wait: bool,
}

/// Stages of the front end that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// The story, and the omitted pieces with their reasons
    Article,
    /// The sentences as they are written, without pictures
    Sentences,
    /// The spoken form, as words
    Spoken,
    /// The spoken form, as phonemes
    Phonemes,
}

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// An article as for `read`: a file, ARCHIVE.zip/NAME, an address (https://…), or `-` for standard input
    #[arg(value_name = "FILE|URL|-", value_hint = ValueHint::FilePath)]
    pub input: PathBuf,
    /// Only this stage, one line a sentence or piece; without it everything is shown, with reasons
    #[arg(long, value_enum)]
    pub stage: Option<Stage>,
    /// Every input line is a JSON string (for the stage `article` a whole page), every output line its JSON result
    #[arg(long, requires = "stage")]
    pub jsonl: bool,
    /// Print the stage `article` as one JSON object
    #[arg(long, requires = "stage", conflicts_with = "jsonl")]
    pub json: bool,
    /// The voice whose dialect decides the pronunciation
    #[arg(long, value_name = "NAME")]
    pub voice: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub locale: LocaleArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub words: WordArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: InputArgs,
}

/// `voices`
#[derive(Debug, Args)]
pub(crate) struct VoicesArgs {
    /// The command for voices.
    #[command(subcommand)]
    pub command: VoicesCommand,
}

/// The commands of `voices`.
#[derive(Debug, Subcommand)]
pub(crate) enum VoicesCommand {
    /// List the voices and check those that are installed
    List {
        /// Print one JSON object a voice
        #[arg(long)]
        json: bool,
    },
    /// Install voices, or repair them; the default voice if none is named
    Install {
        /// Names of voices, or `all`
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Print only errors
        #[arg(short, long)]
        quiet: bool,
    },
    /// Remove a voice
    Remove {
        /// Name of the voice
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Print the folder in which voices lie
    Path,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
