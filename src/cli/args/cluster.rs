//! The options of `submit`, `worker` and `queue`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueHint};

use super::announce::AnnounceArgs;
use super::cache::CacheArgs;
use super::captions::CaptionFormat;
use super::values::{parse_format, parse_jobs, parse_pauses, parse_speed};
use super::voice::LocaleArgs;
use super::web::WebArgs;
use super::{SoundArgs, WordArgs};
use crate::audio::Speed;
use crate::calendar::Period;
use crate::cluster::{Kernel, Key};
use crate::output::encode::Format;
use crate::segment::PauseTable;

/// By what a server of NATS knows us.
#[derive(Clone, Debug, Args)]
pub(crate) struct CredentialArgs {
    /// The file of credentials for the queue, as `nsc` makes it. It is read at each connection, so it may be replaced before they end
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Cluster")]
    pub nats_creds: Option<PathBuf>,
    /// The certificate of your own authority, in PEM, that has signed that of the queue; it makes TLS a must
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Cluster")]
    pub tls_ca: Option<PathBuf>,
}

/// Where jobs wait, and where their results are.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct ClusterArgs {
    /// The queue: a NATS server with `JetStream`, as `nats://HOST:PORT` or `tls://HOST:PORT`; several of one cluster behind commas. Off this
    /// machine it needs --nats-creds, and TLS: texts travel that are not published yet
    #[arg(long, value_name = "ADDRESS")]
    pub queue: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub credentials: CredentialArgs,
    /// Where results lie, as KEY/manifest.json and the files that it names: a folder that all machines share, or `s3://BUCKET/PREFIX`, for
    /// which the usual variables `AWS_…` count, such as `AWS_ACCESS_KEY_ID` and `AWS_ENDPOINT_URL`
    #[arg(long, value_name = "DIR|s3://…", value_hint = ValueHint::DirPath)]
    pub results: Option<String>,
    /// Use a queue that others reach without credentials or TLS: whoever is on its network can read the texts
    #[arg(long)]
    pub insecure: bool,
}

/// The workers that speak for `serve`.
#[derive(Clone, Debug, Args)]
pub(crate) struct FrontArgs {
    /// Have requests spoken by the workers at this queue, a NATS server as for `worker`. What finds none with a free place is spoken here. Off
    /// this machine it needs --nats-creds, and TLS
    #[arg(long, value_name = "ADDRESS", help_heading = "Cluster")]
    pub queue: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub credentials: CredentialArgs,
    /// Use a queue that others reach without credentials or TLS: whoever is on its network can read the texts
    #[arg(long, help_heading = "Cluster")]
    pub insecure_queue: bool,
    /// Requests that workers speak at the same time, beside --speaking
    #[arg(long, value_name = "N", default_value = "256", help_heading = "Cluster")]
    pub by_workers: usize,
}

/// `submit`
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    /// Articles as for `read`: files, ZIP archives of them, addresses (https://…), feeds, `-` for standard input. Pages are fetched here, and
    /// of a feed each article's page
    #[arg(required = true, value_name = "INPUT|FEED", value_hint = ValueHint::FilePath)]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub cluster: ClusterArgs,
    /// The voice, as for `read`. It need not be installed here
    #[arg(long, value_name = "NAME", env = "AUDIO_REPORT_VOICE")]
    pub voice: Option<String>,
    /// The voice's quick student instead: many times as fast, a little less natural
    #[arg(long)]
    pub fast: bool,
    /// Speed, 0.5 to 2
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = parse_speed)]
    pub speed: Speed,
    /// mp3, opus, flac or wav
    #[arg(long, value_name = "FORMAT", default_value = "mp3", value_parser = parse_format)]
    pub format: Format,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub sound: SoundArgs,
    /// Silence after each kind of chunk in milliseconds, for example sentence=300,paragraph=700
    #[arg(long, value_name = "KIND=MS,…", value_parser = parse_pauses)]
    pub pauses: Option<PauseTable>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub locale: LocaleArgs,
    /// Captions beside the sound: vtt, srt, json
    #[arg(long, value_name = "FORMAT,…", value_enum, value_delimiter = ',')]
    pub captions: Vec<CaptionFormat>,
    /// A page beside the sound, on which the article lights up
    #[arg(long)]
    pub page: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub announce: AnnounceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub words: WordArgs,
    /// The kernels that speak, as `AUDIO_REPORT_KERNEL` names them: each makes other samples, and only workers that have these take the jobs.
    /// Those of this machine if not given
    #[arg(long, value_name = "NAME", value_parser = kernels())]
    pub kernel: Option<Kernel>,
    /// Wait until every result is there, and put back jobs that the queue has lost
    #[arg(long)]
    pub wait: bool,
    /// Never use the network but for queue and results: an address is an error
    #[arg(long)]
    pub offline: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub web: WebArgs,
    /// Print only errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print one JSON object a job: key, input, state
    #[arg(long)]
    pub json: bool,
}

/// `worker`
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub cluster: ClusterArgs,
    /// Serve measurements for Prometheus at this address and port, path /metrics
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub metrics: Option<SocketAddr>,
    /// End when the queue is empty and nobody works, instead of waiting for more
    #[arg(long)]
    pub once_empty: bool,
    /// How long the job in hand may go on when the worker is asked to stop; then it goes back to the queue
    #[arg(long, value_name = "TIME", default_value = "25s")]
    pub drain: Period,
    /// Requests of `serve --queue` that are spoken at the same time, beside a job; 0 leaves them to others, as --once-empty does
    #[arg(long, value_name = "N", default_value = "4")]
    pub speaking: usize,
    /// Threads that speak; one a core if not given
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// Voices that are kept in memory; for another one the least recently used leaves
    #[arg(long, value_name = "N", default_value = "4")]
    pub most_voices: NonZeroUsize,
    /// Characters that a story may have
    #[arg(long, value_name = "N", default_value = "200000")]
    pub most_characters: usize,
    /// Never use the network but for queue and results: a voice that is missing is an error
    #[arg(long)]
    pub offline: bool,
    /// Write the texts that are spoken to the log; without it no word of them gets there
    #[arg(long)]
    pub log_text: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub web: WebArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub cache: CacheArgs,
    /// Print only errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// `queue`
#[derive(Debug, Args)]
pub(crate) struct QueueArgs {
    /// The command for the queue.
    #[command(subcommand)]
    pub command: QueueCommand,
}

/// The commands of `queue`.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// Say how many jobs wait, are worked on or about to be tried again, are still wanted, and were given up
    Status(LookArgs),
    /// List the jobs that were given up, with cause and log
    Dead(LookArgs),
    /// Put jobs back that were given up
    Retry(RetryArgs),
    /// Forget jobs that nobody wants any more, given up or not, and messages that never were jobs. A worker that has one ends it
    Forget(ForgetArgs),
    /// Take all jobs that wait out of the queue, and let workers finish what they have. `reconcile` puts back what is still wanted
    Drain(DrainArgs),
    /// Put back what is wanted and missing, as after the loss of the queue's disk
    Reconcile(ReconcileArgs),
}

/// What all commands of `queue` take.
#[derive(Clone, Debug, Args)]
pub(crate) struct LookArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub cluster: ClusterArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `queue drain`
#[derive(Clone, Debug, Args)]
pub(crate) struct DrainArgs {
    /// Forget all that is wanted, too: `reconcile` puts nothing back
    #[arg(long)]
    pub forget: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: LookArgs,
}

/// `queue forget`
#[derive(Clone, Debug, Args)]
pub(crate) struct ForgetArgs {
    /// Their keys
    #[arg(value_name = "KEY", value_parser = parse_key, required = true)]
    pub keys: Vec<Key>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: LookArgs,
}

/// `queue retry`
#[derive(Clone, Debug, Args)]
pub(crate) struct RetryArgs {
    /// Their keys; all of them if none is given
    #[arg(value_name = "KEY", value_parser = parse_key)]
    pub keys: Vec<Key>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: LookArgs,
}

/// `queue reconcile`
#[derive(Clone, Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// Do it again and again, with this time between
    #[arg(long, value_name = "TIME")]
    pub every: Option<Period>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: LookArgs,
}

fn parse_key(text: &str) -> Result<Key, String> {
    Key::try_from(text.to_string()).map_err(str::to_string)
}

/// The kernels that some machine has. A wrong name would be a job that nobody takes.
const KERNELS: [&str; 7] = ["avx512", "avx-vnni", "avx2", "neon", "portable", "direct", "rten"];

fn kernels() -> impl TypedValueParser<Value = Kernel> {
    PossibleValuesParser::new(KERNELS).try_map(Kernel::try_from)
}
