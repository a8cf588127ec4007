//! The options of `batch`, and of all that makes many results.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::InputArgs;
use super::cache::CacheArgs;
use super::common::{AroundArgs, FormArgs, SpeechArgs};
use super::digest::DayArgs;
use crate::cli::layout::Layout;
use crate::cli::ledger::gate::HoldRule;
use crate::cli::ledger::keep::KeepFor;
use crate::cli::manner::Manner;

/// `batch`
#[derive(Debug, Args)]
pub(crate) struct BatchArgs {
    /// Folders (of .txt, .md, .html, .htm, .eml, .docx, .nitf, .ninjs, .zip, and news in .xml and .json), files, ZIP archives,
    /// patterns such as 'news/*.txt', addresses (https://…), or - for standard input. Archives and messages stand for their stories
    #[arg(required = true, value_name = "DIR|GLOB|URL", value_hint = ValueHint::AnyPath)]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub making: MakingArgs,
}

/// How many articles become results in a folder that remembers them.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(crate) struct MakingArgs {
    /// Folder for the results: NAME.wav each, or the ending of --format. Articles with the same NAME become NAME-txt.wav, NAME-html.wav, and
    /// FOLDER-NAME.wav where that is not enough
    #[arg(short, long, value_name = "DIR", default_value = "output", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// Name the results by a template, such as '{date}/{slug}': {date}, {year}, {month}, {day}, {slug} (of the headline), {name} (of the
    /// source), {feed}, {guid8}, with / between folders. An article keeps the name that it has
    #[arg(long, value_name = "TEMPLATE", value_parser = Layout::parse)]
    pub name: Option<Layout>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub speech: SpeechArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub input: InputArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub cache: CacheArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub form: FormArgs,
    /// Make again what was made, though nothing has changed
    #[arg(long)]
    pub remake: bool,
    /// When another process works on the same folder, end at once instead of waiting
    #[arg(long)]
    pub no_wait: bool,
    /// End at the first article that fails: what is being spoken is completed, and nothing more is begun
    #[arg(long)]
    pub fail_fast: bool,
    /// Try articles again, so many times, that failed in a way that can pass (a network, a busy server), after pauses that grow
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retry: u32,
    /// Refuse a page when it is doubtful that its story was found, instead of saying so in the summary
    #[arg(long)]
    pub strict: bool,
    /// Speak but do not publish what meets one of these rules, until `approve` or `reject`: 'confidence<0.8', unknown-name, unknown-word,
    /// spelled-word, mojibake, bad-bytes, no-title, 'words<80', 'words>3000', correction, always
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    pub hold: Vec<HoldRule>,
    /// A folder of overrides: PORT.override.toml says of the report PORT.mp3 its spoken title, paragraphs to leave out, words and voice.
    /// Those beside their articles count, too
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub overrides: Option<PathBuf>,
    /// Remove reports that were published longer ago (14d), or all but the latest (200): from the folder, its podcast and its page. They
    /// are not made again unless their text changes
    #[arg(long, value_name = "TIME|N")]
    pub keep: Option<KeepFor>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub around: AroundArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub digest: DayArgs,
    /// Print only errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print one JSON object an article, in their order
    #[arg(long)]
    pub json: bool,
    /// Print one JSON object an event, as it happens: what begins, goes on, is done, is held, fails, is passed over
    #[arg(long, conflicts_with = "json")]
    pub events: bool,
    /// Whether nobody waits for it: only news is told, and chunks in work are ended and kept before it stops.
    #[arg(skip)]
    pub is_unattended: bool,
    /// How all of it is said where that differs from other runs into the same folder.
    #[arg(skip)]
    pub manner: Manner,
}

impl MakingArgs {
    /// Whether nothing is written for people beside errors.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet || self.json || self.events
    }
}
