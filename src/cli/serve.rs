//! `serve`: a server that other programs have text spoken by.

mod access;
mod explainer;
mod reports;
mod token;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use self::explainer::Explaining;
use super::args::serve::{ServeArgs, WyomingAt};
#[cfg(feature = "cluster")]
use super::cluster;
use super::{DONE, cache, config, interrupt, terminal};
use crate::error::{Cure, Error, ErrorKind, Result, printable};
use crate::report::SpeechSettings;
use crate::serve::{self, Door, Limits, Podcasts, Server, Stop, Voices};
#[cfg(feature = "cluster")]
use crate::serve::{Helpers, Places};
use crate::synth::backend::Backend;
use crate::voice::Store;

/// Where the server listens if nothing is said.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8880);

/// Runs `serve`.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<u8> {
    if let Some(name) = &args.access.new_token {
        return Ok(token::make(name, args.access.token_file.as_deref(), args.quiet)?);
    }
    if !args.log_text {
        terminal::hide_texts();
    }
    let choice = config::voice(&args.voice);
    choice.check()?;
    let door = args.wyoming.map(|at| open(at, args.access.insecure)).transpose()?;
    let is_stdio = matches!(door, Some(Door::Stdio));
    let sockets = listen(args, is_stdio)?;
    let listened: Vec<SocketAddr> = sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect();
    access::check(&args.access, &listened)?;
    let guard = access::open(&args.access, &listened)?;
    let cancel = interrupt::watch_and_reload({
        let guard = guard.clone();
        move || guard.reload()
    })?;
    // Standard output belongs to the client.
    let is_quiet = args.quiet || is_stdio;
    let voice = choice.obtain(&cancel, is_quiet)?;
    let settings = SpeechSettings {
        cache: cache::chosen(&args.cache, false),
        backend: Backend::from_env()?,
        ..config::speech(&args.voice, false, config::lexicon(&args.words)?)
    };
    let own = voice.load(&settings)?;
    let name = own.voice().to_string();
    let limits = limits(args);
    let voices = Voices::beside(&own, Store::from_env()?, settings, limits.voices);
    let voices = match &args.save_words {
        Some(file) => voices.saving_words(file)?,
        None => voices,
    };
    let fetcher = config::fetcher(&args.web, args.voice.offline, &cancel)?;
    let reports = if sockets.is_empty() { None } else { reports::open(args, fetcher.clone())? };
    let wyoming = match &door {
        Some(Door::Socket(socket)) => socket.local_addr().ok(),
        _ => None,
    };
    let podcasts = Arc::new(Podcasts::open(&args.podcast)?);
    let explainer = Arc::new(Explaining::new(fetcher));
    let stop = Stop::default();
    let _stopped = cancel.on_cancel({
        let stop = stop.clone();
        move || stop.stop()
    });
    let ready = |address: SocketAddr| -> Result<()> {
        if is_quiet {
            return Ok(());
        }
        let scheme = if args.access.tls_cert.is_some() { "https" } else { "http" };
        let beside = wyoming.map_or(String::new(), |address| format!(", and Wyoming at tcp://{address}"));
        // A log keeps what is written to it, and others read it: the code is for a terminal alone.
        let code = if terminal::is_stdout_shown() { guard.one_time_code()? } else { None };
        let page = match code {
            Some(code) => format!("#code={code} (this opens it once, within an hour)"),
            None => String::new(),
        };
        let feeds = feeds(&podcasts, &format!("{scheme}://{address}"));
        terminal::show(&format!(
            "{name} speaks at {scheme}://{address}/v1/audio/speech{beside}; Ctrl-C ends the server\n\
             A page to listen on is at {scheme}://{address}/{page}\n{feeds}"
        ))
    };
    let server = Server::new(voices, explainer, limits);
    #[cfg(feature = "cluster")]
    let server = server.helped_by(helpers(args)?);
    let server = server.behind(guard.clone()).reporting(reports)?.with_podcasts(podcasts.clone());
    serve::run(server, sockets, door, &stop, ready)?;
    Ok(DONE)
}

/// Where podcasts are, a line each. Their paths are for a terminal alone, as the code is.
fn feeds(podcasts: &Podcasts, server: &str) -> String {
    let mut lines = String::new();
    for podcast in podcasts.iter() {
        let folder = printable(&podcast.folder().to_string_lossy());
        let place = if terminal::is_stdout_shown() {
            format!("is at {server}{}", podcast.path())
        } else {
            format!("has its secret in {}", printable(&podcast.place().to_string_lossy()))
        };
        let missing =
            if podcast.has_feed() { "" } else { ", which has no feed yet: audio-report podcast make" };
        lines.push_str(&format!("The podcast of {folder} {place}{missing}\n"));
    }
    lines
}

/// The workers that speak for the server.
#[cfg(feature = "cluster")]
fn helpers(args: &ServeArgs) -> Result<Option<Helpers>> {
    let Some(connection) = cluster::connection_of_front(&args.front) else { return Ok(None) };
    let manner = cluster::manner(args.voice.locale.locale, args.voice.pauses, &args.words)?;
    let places =
        Places { own: args.speaking.get(), by_workers: args.front.by_workers, waiting: args.waiting };
    Helpers::new(connection, places, manner).map(Some)
}

fn limits(args: &ServeArgs) -> Limits {
    #[cfg(feature = "cluster")]
    let by_workers = if args.front.queue.is_some() { args.front.by_workers } else { 0 };
    #[cfg(not(feature = "cluster"))]
    let by_workers = 0;
    Limits {
        speaking: args.speaking.saturating_add(by_workers),
        waiting: args.waiting,
        speed: args.voice.speed,
        characters: args.most_characters,
        voices: args.most_voices,
        stalled: args.stalled.0,
        drain: args.drain.0,
        ..Limits::of_program()
    }
}

/// The sockets of systemd, or else one of our own; none where Wyoming has standard input alone.
fn listen(args: &ServeArgs, is_stdio: bool) -> Result<Vec<TcpListener>> {
    let sockets = serve::sockets()?;
    if !sockets.is_empty() {
        return Ok(sockets);
    }
    let Some(address) = args.listen.or((!is_stdio).then_some(USUAL)) else { return Ok(Vec::new()) };
    // Nobody may come in before it is clear who may.
    access::check(&args.access, &[address])?;
    Ok(vec![bind(address, "--listen")?])
}

/// Where Wyoming is spoken. It knows no passwords, so whoever reaches it may speak.
fn open(at: WyomingAt, is_insecure: bool) -> Result<Door> {
    match at {
        WyomingAt::Stdio => Ok(Door::Stdio),
        WyomingAt::Address(address) if !address.ip().to_canonical().is_loopback() && !is_insecure => {
            let what = format!("Wyoming at {address} could be used by everybody who reaches it");
            Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::other(
                "give 127.0.0.1, or --insecure where only your own machines reach this one",
            )))
        }
        WyomingAt::Address(address) => Ok(Door::Socket(bind(address, "--wyoming")?)),
    }
}

fn bind(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|cause| {
        let cure = match cause.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("give another port with {option}; another program has this one")
            }
            std::io::ErrorKind::PermissionDenied => format!("give a port above 1023 with {option}"),
            _ => format!("give an address of this machine with {option}"),
        };
        Error::new(ErrorKind::Network, format!("the server can't listen at {address}"))
            .because(cause)
            .with_cure(Cure::other(cure))
    })
}
