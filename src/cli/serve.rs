//! `serve`: a server that other programs have text spoken by.

mod access;
mod token;

use std::net::{SocketAddr, TcpListener};

use super::args::serve::ServeArgs;
use super::{DONE, cache, config, interrupt, terminal};
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::report::SpeechSettings;
use crate::serve::{self, Limits, Server, Stop, Voices};
use crate::synth::backend::Backend;
use crate::voice::Store;

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
    let sockets = listen(args)?;
    let listened: Vec<SocketAddr> = sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect();
    access::check(&args.access, &listened)?;
    let guard = access::open(&args.access, &listened)?;
    let cancel = interrupt::watch_and_reload({
        let guard = guard.clone();
        move || guard.reload()
    })?;
    let voice = choice.obtain(&cancel, args.quiet)?;
    let settings = SpeechSettings {
        cache: cache::chosen(&args.cache, false),
        backend: Backend::from_env()?,
        ..config::speech(&args.voice, config::lexicon(&args.words)?)
    };
    let own = voice.load(&settings)?;
    let name = own.voice().to_string();
    let limits = limits(args);
    let voices = Voices::beside(own, Store::from_env()?, settings, limits.voices);
    let stop = Stop::default();
    let _stopped = cancel.on_cancel({
        let stop = stop.clone();
        move || stop.stop()
    });
    let ready = |address: SocketAddr| -> Result<()> {
        if args.quiet {
            return Ok(());
        }
        let scheme = if args.access.tls_cert.is_some() { "https" } else { "http" };
        terminal::show(&format!(
            "{name} speaks at {scheme}://{address}/v1/audio/speech; Ctrl-C ends the server\n"
        ))
    };
    serve::run(Server::new(voices, limits).behind(guard), sockets, &stop, ready)?;
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

/// The sockets of systemd, or else one of our own.
fn listen(args: &ServeArgs) -> Result<Vec<TcpListener>> {
    let sockets = serve::sockets()?;
    if !sockets.is_empty() {
        return Ok(sockets);
    }
    // Nobody may come in before it is clear who may.
    access::check(&args.access, &[args.listen])?;
    Ok(vec![bind(args.listen)?])
}

fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|cause| {
        let cure = match cause.kind() {
            std::io::ErrorKind::AddrInUse => "give another port with --listen; another program has this one",
            std::io::ErrorKind::PermissionDenied => "give a port above 1023 with --listen",
            _ => "give an address of this machine with --listen",
        };
        Error::new(ErrorKind::Network, format!("the server can't listen at {address}"))
            .because(cause)
            .with_cure(Cure::other(cure))
    })
}
