//! Who may use the server: what the options say, and what they may not say together.

use std::net::SocketAddr;

use crate::cli::args::serve::{AccessArgs, Site};
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::serve::{Access, Cors, Guard, Tls};

/// Refuses addresses that others reach, unless it was said who may come in.
pub(super) fn check(args: &AccessArgs, listened: &[SocketAddr]) -> Result<()> {
    let usage = |what: String, cure: &'static str| {
        Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::other(cure)))
    };
    let has_all = args.cors.iter().any(|site| matches!(site, Site::All));
    if has_all && args.token_file.is_none() {
        return usage(
            "--cors '*' would let every page of the web use the server".to_string(),
            "name the sites, or give --token-file FILE, so that a page needs a token, too",
        );
    }
    if args.tls_cert.is_some() != args.tls_key.is_some() {
        return usage(
            "a certificate and its key come together".to_string(),
            "give both --tls-cert FILE and --tls-key FILE",
        );
    }
    let is_for_all = |address: &&SocketAddr| !address.ip().to_canonical().is_loopback();
    match listened.iter().find(is_for_all) {
        Some(address) if args.token_file.is_none() && !args.insecure => usage(
            format!("everybody who reaches {address} could use the server"),
            "give --token-file FILE (`audio-report serve --new-token NAME --token-file FILE` makes one); or listen at 127.0.0.1; or say \
             --insecure if everybody may",
        ),
        _ => Ok(()),
    }
}

/// Reads the files that the options name.
pub(super) fn open(args: &AccessArgs, listened: &[SocketAddr]) -> Result<Guard> {
    let access = Access::new(listened, &args.host, cors(&args.cors), args.token_file.as_deref())?;
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::read(certificate, key)?),
        _ => None,
    };
    Ok(Guard::new(access, tls))
}

fn cors(sites: &[Site]) -> Cors {
    let mut origins = Vec::new();
    for site in sites {
        match site {
            Site::All => return Cors::All,
            Site::One(origin) => origins.push(origin.clone()),
        }
    }
    if origins.is_empty() { Cors::Own } else { Cors::Sites(origins) }
}
