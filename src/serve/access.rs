//! Who may use the server.
//!
//! ```text
//!  request ─▶ host ───────────▶ origin ──────────▶ tokens ─▶ routes
//!             does it mean us?  whose page sends   who sends
//!             (without tokens)  it, if any?        it?
//! ```
//!
//! - `host`: names and addresses that mean this server; foreign ones are the sign of DNS rebinding
//! - `origin`: pages of other sites stay out, unless they are allowed
//! - `tokens`: programs that have a token, known by its hash
//! - `sessions`: browsers that have shown a token or a code, known by a cookie
//! - `guesses`: whoever tries many tokens waits

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod guesses;
mod host;
mod origin;
mod sessions;
mod tokens;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, Version, header};
use tracing::{debug, warn};

use self::guesses::Guesses;
use self::host::{Authority, Host, Hosts};
pub(super) use self::origin::Sender;
pub(crate) use self::origin::{Cors, Origin};
use self::sessions::Sessions;
pub(super) use self::sessions::{LIFE, NAME as COOKIE, cookie};
pub(crate) use self::tokens::NewToken;
use self::tokens::{Hash, Tokens};
use super::podcasts;
use crate::error::{Cure, Error, ErrorKind, Result};

/// Paths that say nothing but that the server is there, for those who watch over it.
pub(super) const OPEN: [&str; 2] = ["/healthz", "/readyz"];
/// Paths that need no token: the page where one is shown, and where it is shown to.
const ENTRY: [&str; 3] = ["/", "/sessions", "/v1/sessions"];
/// Begins the paths of the page's parts.
const PAGE: &str = "/page/";
/// Says where in a browser a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The rules. Those by default are for a server that only this machine reaches.
#[derive(Default)]
pub(crate) struct Access {
    tokens: Option<Tokens>,
    hosts: Hosts,
    cors: Cors,
    guesses: Mutex<Guesses>,
    sessions: Sessions,
}

/// What somebody shows to begin a session.
pub(super) enum Shown<'a> {
    /// The code that the server printed at its start.
    Code(&'a str),
    /// A token.
    Token(&'a str),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It does not say which server it means, or not clearly.
    NoHost,
    /// It means another server.
    ForeignHost,
    /// A page sends it, of a site that is not allowed.
    ForeignSite,
    /// It has no token.
    NoToken,
    /// Its token is not known.
    WrongToken,
    /// Its code is not good, or no longer.
    WrongCode,
    /// It has a browser's cookie, and does not come from a page of this server.
    NotOurPage,
    /// Too many wrong ones came from there.
    Guessing(Duration),
}

impl Access {
    /// Rules of a server that listens at these addresses; further `hosts` mean it, too.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the file of tokens can't be used, or something is no host.
    pub(crate) fn new(
        listened: &[SocketAddr],
        hosts: &[String],
        cors: Cors,
        token_file: Option<&Path>,
    ) -> Result<Self> {
        let mut further = Vec::new();
        for name in hosts {
            further.push(Host::parse(name).ok_or_else(|| {
                Error::new(ErrorKind::Usage, format!("{name:?} is no name of a host"))
                    .with_cure(Cure::NameHost)
            })?);
        }
        let tokens = token_file.map(Tokens::read).transpose()?;
        Ok(Self { tokens, hosts: Hosts::new(listened, further), cors, ..Self::default() })
    }

    /// A code that opens the page once, for whoever starts the server; `None` where nobody needs one.
    pub(crate) fn one_time_code(&self) -> Result<Option<String>> {
        self.tokens.as_ref().map(|_| self.sessions.new_code(Instant::now())).transpose()
    }

    /// Whether a token is needed.
    pub(super) fn has_tokens(&self) -> bool {
        self.tokens.is_some()
    }

    /// Begins a session, and returns the secret of its cookie. An error within is the system's.
    pub(super) fn sign_in(&self, shown: &Shown<'_>, peer: IpAddr) -> Result<Result<String>, Refusal> {
        let token = match shown {
            Shown::Token(token) => Some(self.known(token.as_bytes(), peer)?),
            Shown::Code(code) => {
                self.is_right_code(code, peer)?;
                None
            }
        };
        debug!(%peer, "a session begins");
        Ok(self.sessions.begin(token, Instant::now()))
    }

    fn is_right_code(&self, code: &str, peer: IpAddr) -> Result<(), Refusal> {
        let now = Instant::now();
        if let Some(wait) = self.guesses().wait(peer, now) {
            return Err(Refusal::Guessing(wait));
        }
        if self.sessions.take_code(code, now) {
            return Ok(());
        }
        self.note_guess(code.as_bytes(), peer, now);
        Err(Refusal::WrongCode)
    }

    /// Ends the session of a request.
    pub(super) fn sign_out(&self, headers: &HeaderMap) {
        self.sessions.end(headers);
    }

    /// Reads the file of tokens again, and says how many there are. A file with a fault changes nothing.
    pub(crate) fn reload(&self) -> Result<Option<usize>> {
        self.tokens.as_ref().map(Tokens::reload).transpose()
    }

    /// The sites whose pages may come.
    pub(super) fn cors(&self) -> &Cors {
        &self.cors
    }

    /// Whose page sends a request, or why it goes no further. Its token is another question.
    pub(super) fn sender(&self, head: &Parts) -> Result<Sender, Refusal> {
        if is_open(head) {
            return Ok(Sender::Own);
        }
        let server = meant(head);
        // Browsers name the host always; only old programs leave it out.
        let is_old = head.version < Version::HTTP_11
            && !head.headers.contains_key(header::HOST)
            && head.uri.authority().is_none();
        if self.tokens.is_none() && !is_old {
            let server = server.as_ref().ok_or(Refusal::NoHost)?;
            if !self.hosts.has(&server.host) {
                return Err(Refusal::ForeignHost);
            }
        }
        let origin = match single(&head.headers, &header::ORIGIN) {
            Ok(origin) => origin,
            Err(Twice) => return Err(Refusal::ForeignSite),
        };
        self.cors.sender(origin, server.as_ref()).ok_or(Refusal::ForeignSite)
    }

    /// Whether a request has a token or a session, where one is needed. `sender` is whose page sends it.
    pub(super) fn admit(&self, head: &Parts, sender: &Sender, peer: IpAddr) -> Result<(), Refusal> {
        let is_entry = || {
            let path = head.uri.path();
            // The path of a podcast is a secret itself.
            ENTRY.contains(&path) || path.starts_with(PAGE) || path.starts_with(podcasts::BEGIN)
        };
        let Some(tokens) = self.tokens.as_ref().filter(|_| !is_open(head) && !is_entry()) else {
            return Ok(());
        };
        if head.headers.contains_key(header::AUTHORIZATION) {
            let token = bearer(&head.headers).ok_or(Refusal::NoToken)?;
            return self.known(token, peer).map(|_| ());
        }
        if !self.is_in_session(tokens, &head.headers) {
            return Err(Refusal::NoToken);
        }
        if is_of_our_page(head, sender) { Ok(()) } else { Err(Refusal::NotOurPage) }
    }

    /// Whether a request has a session, where one is needed.
    pub(super) fn has_session(&self, headers: &HeaderMap) -> bool {
        self.tokens.as_ref().is_some_and(|tokens| self.is_in_session(tokens, headers))
    }

    fn is_in_session(&self, tokens: &Tokens, headers: &HeaderMap) -> bool {
        let session = self.sessions.of(headers, Instant::now());
        // Who began it may have lost its token since.
        session.is_some_and(|session| session.token.is_none_or(|token| tokens.holder(&token).is_some()))
    }

    /// The hash of a token that is known.
    fn known(&self, token: &[u8], peer: IpAddr) -> Result<Hash, Refusal> {
        let tokens = self.tokens.as_ref().ok_or(Refusal::WrongToken)?;
        let now = Instant::now();
        if let Some(wait) = self.guesses().wait(peer, now) {
            return Err(Refusal::Guessing(wait));
        }
        let hash = tokens::hash_of(token);
        if let Some(holder) = tokens.holder(&hash) {
            debug!(%peer, %holder, "a token is known");
            return Ok(hash);
        }
        self.note_guess(token, peer, now);
        Err(Refusal::WrongToken)
    }

    fn note_guess(&self, guess: &[u8], peer: IpAddr, now: Instant) {
        if self.guesses().note(peer, tokens::hash_of(guess), now) {
            warn!(%peer, "too many wrong tokens came from an address, which has to wait");
        }
    }

    fn guesses(&self) -> MutexGuard<'_, Guesses> {
        // Every change is small and leaves it usable.
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request with a cookie is sent by a page of this server: browsers send cookies with whatever any page asks for.
fn is_of_our_page(head: &Parts, sender: &Sender) -> bool {
    let is_safe = [Method::GET, Method::HEAD].contains(&head.method);
    let site = head.headers.get(FETCH_SITE);
    *sender == Sender::Own
        && (is_safe || head.headers.contains_key(header::ORIGIN))
        && site.is_none_or(|site| site == "same-origin" || site == "none")
}

fn is_open(head: &Parts) -> bool {
    OPEN.contains(&head.uri.path())
}

/// The host that a request means. One in the request line counts more than `Host`, and both have to be clear.
fn meant(head: &Parts) -> Option<Authority> {
    let named = single(&head.headers, &header::HOST).ok()?;
    let named = named.map(Authority::parse);
    match (head.uri.authority(), named) {
        (_, Some(None)) => None,
        (Some(line), _) => Authority::parse(line.as_str()),
        (None, named) => named.flatten(),
    }
}

/// A field has several values, and which of them counts is anybody's guess.
struct Twice;

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Twice> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Twice);
    }
    // What is not ASCII is no host and no origin: it is taken for one that nobody has.
    Ok(first.map(|value| value.to_str().unwrap_or("\u{fffd}")))
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?.as_bytes(), values.next()) else { return None };
    let (scheme, token) = value.split_at(value.iter().position(|byte| *byte == b' ')?);
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests;
