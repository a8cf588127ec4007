//! The fetcher: one request with its redirects, each of them checked, under one limit of time and of size.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use ureq::http::{HeaderMap, HeaderName, HeaderValue, Response, Uri, header};
use ureq::tls::TlsConfig;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

use super::address::Address;
use super::body::{self, Packing};
use super::credentials::Credentials;
use super::fault::Fault;
use super::ground::Ground;
use super::guard::{Guard, Policy, Way};
use super::head::{charset_of, next_hop, text};
use super::hosts::{self, Hosts};
use crate::cancel::Cancel;

/// The program, as servers see it.
const USER_AGENT: &str = concat!("audio-report/", env!("CARGO_PKG_VERSION"));
/// The longest head of an answer; servers send a tenth of it.
const LONGEST_HEAD: usize = 64 << 10;

/// What one request may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Redirects that are followed.
    pub(super) redirects: usize,
    /// Bytes of the answer, packed and unpacked.
    pub(super) bytes: usize,
    /// From the first byte of the first request to the last one of the answer.
    pub(super) time: Duration,
    /// Between two requests to one host.
    pub(super) pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { redirects: 5, bytes: 10_000_000, time: Duration::from_secs(20), pause: Duration::from_secs(1) }
    }
}

/// How things are fetched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Fetch from one's own networks, too.
    pub(crate) allow_private: bool,
    /// How connections are made.
    pub(crate) way: Way,
    /// Sign-ins.
    pub(crate) credentials: Credentials,
    /// Fetch nothing at all.
    pub(crate) is_offline: bool,
}

/// What is wanted of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A page, or another text or sound.
    Page,
    /// A picture.
    Picture,
    /// A feed.
    Feed,
    /// A sound, of which only the head is asked for.
    #[cfg(feature = "podcast")]
    Sound,
    /// The site's rules for robots.
    Rules,
}

impl Wanted {
    /// Whether it is fetched on behalf of a page or a podcast, right after it.
    fn is_of_a_page(self) -> bool {
        !matches!(self, Self::Page | Self::Feed | Self::Rules)
    }

    fn accept(self) -> &'static str {
        match self {
            Self::Page => "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, */*;q=0.5",
            Self::Feed => {
                "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, */*;q=0.5"
            }
            Self::Picture => "image/jpeg, image/png;q=0.9, */*;q=0.1",
            #[cfg(feature = "podcast")]
            Self::Sound => "audio/*, */*;q=0.5",
            Self::Rules => "text/plain, */*;q=0.1",
        }
    }
}

/// What a server gave to tell one version of a page from another. It is sent back byte for byte, never read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    /// `ETag`, with its quotation marks.
    pub(crate) etag: Option<Vec<u8>>,
    /// `Last-Modified`.
    pub(crate) last_modified: Option<Vec<u8>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// What is fetched.
    pub(crate) address: Address,
    /// As what.
    pub(crate) wanted: Wanted,
    /// The version that is here already.
    pub(crate) known: Validators,
    /// The pause between two requests that the site asks for; the usual one if it asks for none.
    pub(crate) pause: Option<Duration>,
    /// The page on whose behalf something is fetched: a sign-in goes to its origin only.
    pub(crate) page: Option<Address>,
}

impl Request {
    /// A page, of which nothing is here.
    pub(crate) fn new(address: Address) -> Self {
        Self { address, wanted: Wanted::Page, known: Validators::default(), pause: None, page: None }
    }
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What was fetched.
    Fresh(Fetched),
    /// The known version still holds.
    Unchanged,
}

/// What was fetched.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// Its address, behind all redirects.
    pub(crate) address: Address,
    /// All of it, unpacked.
    pub(crate) bytes: Vec<u8>,
    /// The encoding that the server names.
    pub(crate) charset: Option<String>,
    /// The format that the server names, without parameters.
    pub(crate) media_type: Option<Box<str>>,
    /// What to send with the next request.
    pub(crate) validators: Validators,
}

/// What a server says about a file without sending it.
#[cfg(feature = "podcast")]
#[derive(Debug)]
pub(crate) struct Head {
    /// Its length.
    pub(crate) bytes: Option<u64>,
    /// Its media type.
    pub(crate) media_type: Option<String>,
    /// Whether the server sends parts of it.
    pub(crate) has_ranges: bool,
}

/// How much of an answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All of it.
    Whole,
    /// Its head.
    #[cfg(feature = "podcast")]
    Head,
    /// Its first byte.
    #[cfg(feature = "podcast")]
    FirstByte,
}

/// Fetches pages, pictures and rules.
pub(crate) struct Fetcher {
    agent: Agent,
    policy: Policy,
    credentials: Credentials,
    limits: Limits,
    is_offline: bool,
    hosts: Arc<Hosts>,
    cancel: Cancel,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher that waits for no pause once `cancel` is set.
    pub(crate) fn new(options: Options, cancel: Cancel) -> Self {
        let ground = Ground::of_program(options.allow_private);
        Self::on(ground, options, cancel)
    }

    pub(super) fn on(ground: Ground, options: Options, cancel: Cancel) -> Self {
        let Ground { limits, policy, lookup, roots } = ground;
        let Options { way, credentials, is_offline, .. } = options;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Each redirect is looked at here.
            .max_redirects(0)
            .max_response_header_size(LONGEST_HEAD)
            .user_agent(USER_AGENT)
            // Never that of the environment unasked: behind a proxy the guard sees no address.
            .proxy(way.proxy())
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), Guard::new(policy, lookup, &way));
        Self { agent, policy, credentials, limits, is_offline, hosts: Arc::default(), cancel }
    }

    /// The same with other sign-ins. Both count as one to a host: the pauses are kept between all of their requests.
    pub(crate) fn with_credentials(&self, credentials: Credentials) -> Self {
        Self {
            agent: self.agent.clone(),
            credentials,
            hosts: self.hosts.clone(),
            cancel: self.cancel.clone(),
            ..*self
        }
    }

    /// The same for work that can be stopped alone. The pauses are kept between the requests of both.
    #[cfg(feature = "serve")]
    pub(crate) fn with_cancel(&self, cancel: Cancel) -> Self {
        Self {
            agent: self.agent.clone(),
            credentials: self.credentials.clone(),
            hosts: self.hosts.clone(),
            cancel,
            ..*self
        }
    }

    /// Refuses an address that would never be fetched, as far as it shows: its name is not looked up.
    #[cfg(feature = "serve")]
    pub(crate) fn check(&self, address: &Address) -> Result<(), Fault> {
        if self.is_offline { Err(Fault::Offline) } else { self.policy.check_literal(address) }
    }

    /// Fetches.
    pub(crate) fn get(&self, request: &Request) -> Result<Answer, Fault> {
        if self.is_offline {
            return Err(Fault::Offline);
        }
        if !request.wanted.is_of_a_page() {
            let pause = request.pause.map_or(self.limits.pause, |pause| pause.max(self.limits.pause));
            let turn = self.hosts.take_turn(&request.address.origin(), Instant::now(), pause);
            let wait = turn.map_err(|wait| Fault::Status { code: 429, wait: Some(round_up(wait)) })?;
            if !hosts::wait(wait, &self.cancel) {
                self.hosts.give_back(&request.address.origin(), pause);
                return Err(Fault::Interrupted);
            }
        }
        let (address, response) = self.walk(request, Part::Whole)?;
        match response.status().as_u16() {
            200 | 203 => self.receive(request, address, response).map(Answer::Fresh),
            304 if request.known != Validators::default() => Ok(Answer::Unchanged),
            code => Err(self.refused(&address, code, response.headers())),
        }
    }

    /// What a server says about a file. A server that does not say that it sends parts is asked for one.
    #[cfg(feature = "podcast")]
    pub(crate) fn head(&self, request: &Request) -> Result<Head, Fault> {
        if self.is_offline {
            return Err(Fault::Offline);
        }
        let (address, response) = self.walk(request, Part::Head)?;
        let headers = response.headers();
        match response.status().as_u16() {
            200 | 203 | 204 => {}
            code => return Err(self.refused(&address, code, headers)),
        }
        let bytes = text(headers, &header::CONTENT_LENGTH).and_then(|length| length.trim().parse().ok());
        let media_type = text(headers, &header::CONTENT_TYPE);
        let says_so = text(headers, &header::ACCEPT_RANGES).is_some_and(|unit| unit.trim() == "bytes");
        let has_ranges = says_so || self.walk(request, Part::FirstByte)?.1.status().as_u16() == 206;
        Ok(Head { bytes, media_type, has_ranges })
    }

    /// Goes to the address behind all redirects.
    fn walk(&self, request: &Request, part: Part) -> Result<(Address, Response<Body>), Fault> {
        let deadline = Instant::now() + self.limits.time;
        let mut seen = vec![request.address.clone()];
        let mut secret = self.secret(request);
        loop {
            let address = &seen[seen.len() - 1];
            let response = self.ask(request, part, address, secret.as_ref(), deadline)?;
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => {
                    let next = next_hop(address, response.headers())?;
                    if seen.contains(&next) {
                        return Err(Fault::Circle);
                    }
                    if seen.len() > self.limits.redirects {
                        return Err(Fault::TooManyRedirects(self.limits.redirects));
                    }
                    // Once it has left its origin, a request is nobody's any more.
                    if next.origin() != address.origin() {
                        secret = None;
                    }
                    tracing::debug!(%next, "redirected");
                    seen.push(next);
                }
                _ => return Ok((address.clone(), response)),
            }
            if self.cancel.is_cancelled() {
                return Err(Fault::Interrupted);
            }
        }
    }

    /// The sign-in for the first request. A picture has that of its page's origin only.
    fn secret(&self, request: &Request) -> Option<(HeaderName, HeaderValue)> {
        let is_foreign = request.page.as_ref().is_some_and(|page| page.origin() != request.address.origin());
        if is_foreign { None } else { self.credentials.header_for(&request.address) }
    }

    /// One request and the head of its answer.
    fn ask(
        &self,
        request: &Request,
        part: Part,
        address: &Address,
        secret: Option<&(HeaderName, HeaderValue)>,
        deadline: Instant,
    ) -> Result<Response<Body>, Fault> {
        self.policy.check_literal(address)?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Fault::TooSlow(self.limits.time));
        }
        let uri: Uri = address
            .as_str()
            .parse()
            .map_err(|error| Fault::NoAddress(format!("no request can be made of it: {error}")))?;
        let asked = match part {
            #[cfg(feature = "podcast")]
            Part::Head => self.agent.head(uri),
            _ => self.agent.get(uri),
        };
        // The length of a part is that of the file itself, not of what it is packed into.
        let packing = if part == Part::Whole { "gzip, deflate" } else { "identity" };
        let mut asked = asked
            .header(header::ACCEPT, request.wanted.accept())
            .header(header::ACCEPT_LANGUAGE, "en, *;q=0.5")
            .header(header::ACCEPT_ENCODING, packing);
        #[cfg(feature = "podcast")]
        if part == Part::FirstByte {
            asked = asked.header(header::RANGE, "bytes=0-0");
        }
        for (name, value) in [
            (header::IF_NONE_MATCH, &request.known.etag),
            (header::IF_MODIFIED_SINCE, &request.known.last_modified),
        ] {
            // Bytes that came as a header go back as one.
            if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_bytes(value).ok()) {
                asked = asked.header(name, value);
            }
        }
        if let Some((name, value)) = secret {
            asked = asked.header(name, value);
        }
        let asked = asked.config().timeout_global(Some(left)).build();
        asked.call().map_err(|error| self.fault(error, address))
    }

    /// The body of an answer.
    fn receive(
        &self,
        request: &Request,
        address: Address,
        response: Response<Body>,
    ) -> Result<Fetched, Fault> {
        let headers = response.headers();
        let packing = Packing::of(text(headers, &header::CONTENT_ENCODING).as_deref())?;
        let named = text(headers, &header::CONTENT_TYPE);
        let charset = named.as_deref().and_then(charset_of);
        let media_type = named.and_then(|named| named.split(';').next().map(|kind| kind.trim().into()));
        let bytes = |name| headers.get(name).map(|value: &HeaderValue| value.as_bytes().to_vec());
        let validators =
            Validators { etag: bytes(header::ETAG), last_modified: bytes(header::LAST_MODIFIED) };
        // Refused before a byte of it is taken; a body that is larger than it says is noticed on the way.
        if response.body().content_length().is_some_and(|length| length > self.limits.bytes as u64) {
            return Err(Fault::TooLarge(self.limits.bytes));
        }
        let failed = |error: io::Error| self.fault(ureq::Error::from(error), &address);
        let reader = response.into_body().into_reader();
        let only_text = !request.wanted.is_of_a_page();
        let bytes = body::read(reader, packing, self.limits.bytes, only_text, failed)?;
        Ok(Fetched { address, bytes, charset, media_type, validators })
    }

    /// A status without a page. A host that asks for patience is left alone.
    fn refused(&self, address: &Address, code: u16, headers: &HeaderMap) -> Fault {
        let wait = text(headers, &header::RETRY_AFTER)
            .filter(|_| matches!(code, 429 | 503))
            .and_then(|wait| hosts::retry_after(&wait, SystemTime::now()));
        if code == 429 || wait.is_some() {
            self.hosts.leave_alone(&address.origin(), Instant::now(), wait);
        }
        Fault::Status { code, wait }
    }

    /// What went wrong on the way.
    fn fault(&self, error: ureq::Error, address: &Address) -> Fault {
        use ureq::Error as Failed;
        match error {
            Failed::Other(cause) => match cause.downcast::<Fault>() {
                Ok(fault) => *fault,
                Err(other) => Fault::NoConnection(other.to_string()),
            },
            Failed::Timeout(_) => Fault::TooSlow(self.limits.time),
            Failed::HostNotFound => Fault::UnknownHost(address.host().to_owned()),
            Failed::Tls(why) => Fault::Tls(why.to_owned()),
            Failed::Rustls(why) => Fault::Tls(why.to_string()),
            Failed::TlsRequired => Fault::Tls("the server has no TLS".to_owned()),
            Failed::ConnectProxyFailed(why) => Fault::ProxyRefused(why),
            Failed::InvalidProxyUrl => Fault::NoProxy,
            Failed::BodyStalled => Fault::CutOff,
            Failed::Io(cause) => match cause.kind() {
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => Fault::CutOff,
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Fault::TooSlow(self.limits.time),
                // So rustls tells what is wrong with a certificate, or that it hears no TLS.
                io::ErrorKind::InvalidData if address.is_secure() => Fault::Tls(cause.to_string()),
                _ => Fault::NoConnection(plain(&cause)),
            },
            Failed::ConnectionFailed => Fault::NoConnection("no address of it answers".to_owned()),
            Failed::LargeResponseHeader(..) => {
                Fault::Protocol("the head of its answer is too long".to_owned())
            }
            Failed::Protocol(why) => Fault::Protocol(why.to_string()),
            Failed::BadUri(why) => Fault::NoAddress(why),
            other => Fault::Protocol(other.to_string()),
        }
    }
}

/// A failure of the system without its number.
fn plain(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::ConnectionRefused => "it refuses the connection".to_owned(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no way to it".to_owned()
        }
        _ => cause.to_string(),
    }
}

fn round_up(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}
