//! `serve`: a server that other programs have text spoken by.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::args::serve::{ServeArgs, WyomingAt};
use super::{DONE, cache, config, interrupt, terminal};
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::report::SpeechSettings;
use crate::serve::{self, Door, Limits, Server, Stop, Voices};
use crate::synth::backend::Backend;
use crate::voice::Store;

/// Where the server listens if nothing is said.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8880);

/// Runs `serve`.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<u8> {
    let choice = config::voice(&args.voice);
    choice.check()?;
    let door = args.wyoming.map(|at| open(at, args.insecure)).transpose()?;
    let is_stdio = matches!(door, Some(Door::Stdio));
    let wanted = args.listen.or((!is_stdio).then_some(USUAL));
    let listener = wanted.map(|address| bind(address, "--listen")).transpose()?;
    // Standard output belongs to the client.
    let is_quiet = args.quiet || is_stdio;
    let cancel = interrupt::watch()?;
    let voice = choice.obtain(&cancel, is_quiet)?;
    let settings = SpeechSettings {
        cache: cache::chosen(&args.cache, false),
        backend: Backend::from_env()?,
        ..config::speech(&args.voice, config::lexicon(&args.words)?)
    };
    let own = voice.load(&settings)?;
    let name = own.voice().to_string();
    let limits = limits(args);
    let voices = Voices::beside(own, Store::from_env()?, settings, limits.voices);
    let wyoming = match &door {
        Some(Door::Socket(listener)) => listener.local_addr().ok(),
        _ => None,
    };
    let stop = Stop::default();
    let _stopped = cancel.on_cancel({
        let stop = stop.clone();
        move || stop.stop()
    });
    let ready = |address: SocketAddr| -> Result<()> {
        if is_quiet {
            return Ok(());
        }
        let beside = wyoming.map_or(String::new(), |address| format!(", and Wyoming at tcp://{address}"));
        terminal::show(&format!(
            "{name} speaks at http://{address}/v1/audio/speech{beside}; Ctrl-C ends the server\n"
        ))
    };
    serve::run(Server::new(voices, limits), listener, door, &stop, ready)?;
    Ok(DONE)
}

fn limits(args: &ServeArgs) -> Limits {
    Limits {
        speaking: args.speaking,
        waiting: args.waiting,
        speed: args.voice.speed,
        characters: args.most_characters,
        voices: args.most_voices,
        stalled: args.stalled.0,
        drain: args.drain.0,
        ..Limits::of_program()
    }
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
