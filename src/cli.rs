//! The command line: the only place with printing, progress bars and exit codes.

pub(crate) mod announce;
mod approve;
mod archives;
mod args;
mod batch;
mod cache;
mod captions;
mod cast;
mod clock;
#[cfg(feature = "cluster")]
mod cluster;
mod config;
mod cures;
mod digest;
mod explain;
mod feed;
mod feed_text;
mod formats;
#[cfg(all(any(test, fuzzing), feature = "inspect", feature = "watch"))]
pub(crate) mod fuzzing;
mod input;
mod inputs;
#[cfg(feature = "inspect")]
mod inspect;
mod interrupt;
mod layout;
mod ledger;
mod lexicon;
#[cfg(feature = "play")]
mod listen;
mod manner;
mod metadata;
mod outcomes;
mod overrides;
#[cfg(feature = "play")]
mod play;
#[cfg(feature = "podcast")]
mod podcast;
mod preset;
#[cfg(feature = "serve")]
mod press;
mod production;
mod progress;
mod read;
#[cfg(feature = "serve")]
mod serve;
mod settings;
#[cfg(feature = "podcast")]
mod show;
mod source;
mod status;
mod store;
mod stories;
mod targets;
mod terminal;
mod voices;
#[cfg(feature = "watch")]
mod watch;
mod web;
mod withdraw;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use clap::CommandFactory;

use crate::error::{Error, ErrorKind, printable};
use args::asked::Asked;
use args::{Cli, Command};
use settings::Refusal;

/// Everything was done.
const DONE: u8 = 0;
/// Some inputs failed.
const SOME_FAILED: u8 = 1;
/// The command line is wrong.
const USAGE: u8 = 2;
/// Nothing could be done.
const NOTHING_DONE: u8 = 3;
/// The user interrupted: 128 + SIGINT, as in shells.
const INTERRUPTED: u8 = 130;

/// The exit code of work on several things, of which so many succeeded and so many failed.
fn code_of(succeeded: usize, failed: usize) -> u8 {
    match (succeeded, failed) {
        (_, 0) => DONE,
        (0, _) => NOTHING_DONE,
        _ => SOME_FAILED,
    }
}

/// Bytes of stack for the work: the definition of the command line alone takes more than some limits (`ulimit -s`) leave to a program's
/// first thread. This is the usual limit.
const STACK: usize = 8 << 20;

/// Runs the program and says how it ended.
pub fn run() -> ExitCode {
    let name = "command".to_string();
    match std::thread::Builder::new().name(name).stack_size(STACK).spawn(run_here) {
        Ok(work) => work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        // No thread is to be had: the stack may do.
        Err(_) => run_here(),
    }
}

fn run_here() -> ExitCode {
    let started = Instant::now();
    let typed: Vec<OsString> = std::env::args_os().collect();
    let cli = match settings::parse(&typed) {
        Ok(cli) => cli,
        Err(Refusal::Usage(error)) => {
            // Help and version go to standard output; a closed one is no failure.
            let _ = print_usage(&error, &typed);
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::from(DONE) };
        }
        Err(Refusal::Settings(error)) => return ExitCode::from(fail(&error.into())),
    };
    terminal::start_log();
    interrupt::ignore_file_limit();
    let outcome = match cli.command {
        Command::Read(Asked(args)) => read::run(&args, started),
        #[cfg(feature = "play")]
        Command::Play(Asked(args)) => play::run(&args, started),
        Command::Batch(Asked(args)) => batch::run(&args),
        #[cfg(feature = "inspect")]
        Command::Inspect(Asked(args)) => inspect::run(&args),
        Command::Explain(Asked(args)) => explain::run(&args),
        Command::Lexicon(Asked(args)) => lexicon::run(&args.command),
        #[cfg(feature = "podcast")]
        Command::Podcast(Asked(args)) => podcast::run(&args.command),
        Command::Voices(Asked(args)) => voices::run(args.command),
        Command::Feed(Asked(args)) => feed::run(&args),
        #[cfg(feature = "watch")]
        Command::Watch(Asked(args)) => watch::run(&args),
        #[cfg(feature = "serve")]
        Command::Serve(Asked(args)) => serve::run(&args),
        #[cfg(feature = "cluster")]
        Command::Submit(Asked(args)) => cluster::submit::run(&args),
        #[cfg(feature = "cluster")]
        Command::Worker(Asked(args)) => cluster::worker::run(&args),
        #[cfg(feature = "cluster")]
        Command::Queue(Asked(args)) => cluster::queue::run(&args.command),
        Command::Approve(Asked(args)) => approve::run(&args),
        Command::Reject(Asked(args)) => approve::reject(&args),
        Command::Digest(Asked(args)) => digest::run(&args),
        Command::Withdraw(Asked(args)) => withdraw::run(&args),
        Command::Status(Asked(args)) => status::run(&args),
        Command::Store(Asked(args)) => store::run(&args.command),
        Command::Cache(Asked(args)) => cache::run(&args.command),
        Command::Config(Asked(args)) => settings::run(&args, &cli.settings),
        Command::Completions { shell } => completions(shell),
        Command::Man { output } => manual(output),
    };
    ExitCode::from(match outcome {
        Ok(code) => code,
        Err(error) => fail(&error),
    })
}

/// Prints help, or the fault of the command line. A shell pattern can put a hostile file name in the place of an
/// option, and a message that quotes it is dangerous. So the message is made from harmless arguments.
fn print_usage(error: &clap::Error, typed: &[OsString]) -> std::io::Result<()> {
    let harmless: Vec<OsString> = typed.iter().map(|arg| printable(&arg.to_string_lossy()).into()).collect();
    match settings::parse(&harmless) {
        Err(Refusal::Usage(error)) => error.print(),
        _ => {
            terminal::note(&error.render().to_string());
            Ok(())
        }
    }
}

/// Reports an error that ended the program and returns the exit code.
fn fail(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<Error>() {
        Some(error) if error.kind() == ErrorKind::BrokenPipe => DONE,
        Some(error) => {
            terminal::report(error);
            match error.kind() {
                ErrorKind::Usage | ErrorKind::UnknownVoice => USAGE,
                ErrorKind::Interrupted => INTERRUPTED,
                _ => NOTHING_DONE,
            }
        }
        None => {
            terminal::complain(&format!("{error:#}"));
            NOTHING_DONE
        }
    }
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "audio-report", &mut script);
    terminal::print(&String::from_utf8(script)?)?;
    Ok(DONE)
}

fn manual(folder: Option<std::path::PathBuf>) -> anyhow::Result<u8> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        terminal::print(&String::from_utf8(page)?)?;
        return Ok(DONE);
    };
    std::fs::create_dir_all(&folder)?;
    clap_mangen::generate_to(Cli::command(), &folder)?;
    Ok(DONE)
}
