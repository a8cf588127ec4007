//! Each failure of the web by its kind, and as an error of the library. No message holds anything of a sign-in.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::range::Range;
use crate::error::{Cure, Error, ErrorKind, Place, printable};

/// Why something is not fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is no whole address.
    NoAddress(String),
    /// Another scheme than http and https.
    Scheme(String),
    /// The address has a name or a password in it.
    Password,
    /// The guard refuses it.
    Private {
        /// As the address has it.
        host: String,
        /// What it stands for.
        ip: IpAddr,
        /// What that is for.
        range: Range,
    },
    /// No name server knows the host.
    UnknownHost(String),
    /// The server does not take the connection.
    NoConnection(String),
    /// The proxy does not connect.
    ProxyRefused(String),
    /// No proxy is set, or of a kind that is not used.
    NoProxy,
    /// The connection can't be made safe: a certificate, or no TLS at all.
    Tls(String),
    /// The answer is no HTTP.
    Protocol(String),
    /// The time is over.
    TooSlow(Duration),
    /// The answer ended before it was whole.
    CutOff,
    /// More bytes than a page has.
    TooLarge(usize),
    /// A compression that was not asked for, or a damaged one.
    Compression(String),
    /// More redirects than are followed.
    TooManyRedirects(usize),
    /// A redirect leads back to where it began.
    Circle,
    /// From https to http.
    Downgrade(String),
    /// A redirect to something that is not fetched, or to nothing.
    BadRedirect(String),
    /// A status that brings no page.
    Status {
        /// Its number.
        code: u16,
        /// When the server may be asked again.
        wait: Option<Duration>,
    },
    /// What came is no text.
    NotText(&'static str),
    /// The caller asked to stop.
    Interrupted,
    /// The network may not be used.
    Offline,
    /// Other users may read the file with the sign-in, or its form is wrong.
    Credentials {
        /// Where it lies.
        file: PathBuf,
        /// Where in it.
        line: Option<usize>,
        /// What is wrong, without a word of its content.
        what: String,
        /// Whether its permissions are at fault.
        is_open: bool,
    },
}

impl Fault {
    /// Whether the same request may succeed later.
    #[cfg_attr(not(test), expect(dead_code, reason = "feeds decide by it when they come again"))]
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::UnknownHost(_)
            | Self::NoConnection(_)
            | Self::ProxyRefused(_)
            | Self::TooSlow(_)
            | Self::CutOff
            | Self::Protocol(_) => true,
            Self::Status { code, .. } => matches!(code, 408 | 425 | 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// Its kind among the errors of the library.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoAddress(_) | Self::Scheme(_) | Self::Password => ErrorKind::Address,
            Self::Private { .. } => ErrorKind::PrivateAddress,
            Self::TooManyRedirects(_) | Self::Circle | Self::Downgrade(_) | Self::BadRedirect(_) => {
                ErrorKind::Redirect
            }
            Self::UnknownHost(_)
            | Self::NoConnection(_)
            | Self::ProxyRefused(_)
            | Self::Tls(_)
            | Self::Protocol(_)
            | Self::CutOff
            | Self::Compression(_) => ErrorKind::Network,
            Self::TooSlow(_) => ErrorKind::TimedOut,
            Self::TooLarge(_) => ErrorKind::TooLarge,
            Self::Status { .. } => ErrorKind::HttpStatus,
            Self::NotText(_) => ErrorKind::Encoding,
            Self::Interrupted => ErrorKind::Interrupted,
            Self::NoProxy | Self::Offline | Self::Credentials { .. } => ErrorKind::Usage,
        }
    }

    fn cure(&self) -> Option<Cure> {
        Some(match self {
            Self::NoAddress(_) | Self::UnknownHost(_) | Self::Circle | Self::BadRedirect(_) => {
                Cure::CheckAddress
            }
            Self::TooManyRedirects(_) => Cure::CheckAddress,
            Self::Scheme(_) => Cure::GiveWebPage,
            Self::Password => Cure::UseCredentialsFile,
            Self::Private { range, .. } if range.is_allowed(true) => Cure::AllowPrivate,
            Self::Private { .. } => Cure::GiveWebPage,
            Self::NoConnection(_) => Cure::CheckNetwork,
            Self::ProxyRefused(_) | Self::NoProxy => Cure::NameProxy,
            Self::Tls(_) | Self::Compression(_) => Cure::OpenInBrowser,
            Self::Downgrade(_) => Cure::GiveOpenAddress,
            Self::TooSlow(_) | Self::CutOff | Self::Protocol(_) => Cure::RetryLater { seconds: None },
            Self::TooLarge(_) => Cure::SaveStoryAlone,
            Self::NotText(what) if what.contains("PDF") => Cure::ConvertPdf,
            Self::NotText(_) => Cure::GiveWebPage,
            Self::Status { code: 401 | 403 | 407 | 402, .. } => Cure::SignIn,
            Self::Status { code: 404 | 410, .. } => Cure::CheckAddress,
            Self::Status { code: 408 | 425 | 429 | 500..=599, wait } => {
                Cure::RetryLater { seconds: wait.map(|wait| wait.as_secs()) }
            }
            Self::Status { .. } => Cure::OpenInBrowser,
            Self::Offline => Cure::GoOnline,
            Self::Credentials { is_open: true, .. } => Cure::ProtectFile,
            Self::Credentials { .. } => Cure::MendCredentials,
            Self::Interrupted => return None,
        })
    }

    /// The error of the library, at the address as it may be shown.
    pub(crate) fn at(self, shown: &str) -> Error {
        let place = match &self {
            Self::Credentials { file, line, .. } => match line {
                Some(line) => Place::file(file).line(*line, 1),
                None => Place::file(file),
            },
            _ => Place::file(shown),
        };
        let error = Error::new(self.kind(), self.to_string()).at(place);
        match self.cure() {
            Some(cure) => error.with_cure(cure),
            None => error,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress(why) => write!(f, "this is no address of a page: {why}"),
            Self::Scheme(scheme) => {
                write!(f, "only http and https are fetched, and this address begins with {scheme}:")
            }
            Self::Password => {
                f.write_str("the address has a name or a password in it, which would be shown and kept")
            }
            Self::Private { host, ip, range } => {
                let host = printable(host);
                let bare = host.trim_matches(['[', ']']);
                let named = if bare == ip.to_string() { host.clone() } else { format!("{host} ({ip})") };
                write!(f, "{named} is {range}, and only public addresses are fetched")
            }
            Self::UnknownHost(host) => write!(f, "no server has the name {}", printable(host)),
            Self::NoConnection(why) => write!(f, "the server can't be reached: {why}"),
            Self::ProxyRefused(why) => write!(f, "the proxy does not connect: {why}"),
            Self::NoProxy => f.write_str("no usable proxy is named: only those of http and https are used"),
            Self::Tls(why) => write!(f, "no safe connection can be made: {}", printable(why)),
            Self::Protocol(why) => write!(f, "the server does not answer in HTTP: {}", printable(why)),
            Self::TooSlow(limit) => {
                write!(f, "the server took longer than {} s", limit.as_secs_f64().round())
            }
            Self::CutOff => f.write_str("the connection broke off before the page was whole"),
            Self::TooLarge(limit) => {
                write!(f, "the page is larger than {} MB; that is no article", limit / 1_000_000)
            }
            Self::Compression(what) => write!(f, "the page can't be unpacked: {}", printable(what)),
            Self::TooManyRedirects(most) => write!(f, "the page redirects more than {most} times"),
            Self::Circle => f.write_str("the page redirects in a circle"),
            Self::Downgrade(to) => {
                write!(f, "the page redirects from https to an open connection, {}", printable(to))
            }
            Self::BadRedirect(why) => {
                write!(f, "the page redirects to what is not fetched: {}", printable(why))
            }
            Self::Status { code, wait } => {
                let meaning = match code {
                    304 => "the page is said not to have changed, which nobody asked",
                    401 => "the page asks for a sign-in",
                    402 => "the page asks for a payment",
                    403 => "the server refuses the page to this program",
                    404 => "there is no such page",
                    407 => "the proxy asks for a sign-in",
                    410 => "the page is gone for good",
                    429 => "the server was asked too often",
                    451 => "the page is withheld for legal reasons",
                    503 => "the server is overloaded or under repair",
                    500..=599 => "the server has a fault",
                    _ => "the server has no page for this address",
                };
                write!(f, "{meaning} (HTTP status {code})")?;
                match wait {
                    Some(wait) => {
                        write!(f, "; it wants to be asked again in {} s at the earliest", wait.as_secs())
                    }
                    None => Ok(()),
                }
            }
            Self::NotText(what) => write!(f, "this is {what}, not a page"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Offline => {
                f.write_str("the page would have to be fetched, and the network may not be used")
            }
            Self::Credentials { what, .. } => f.write_str(what),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn every_fault_has_a_kind_and_a_cure() {
        let ip = IpAddr::from([127, 0, 0, 1]);
        let link_local = IpAddr::from([169, 254, 169, 254]);
        let private = |ip: IpAddr| Fault::Private { host: ip.to_string(), ip, range: Range::of(ip) };
        let status = |code| Fault::Status { code, wait: None };
        let rows = [
            (Fault::NoAddress("x".into()), ErrorKind::Address, "check-address"),
            (Fault::Scheme("file".into()), ErrorKind::Address, "give-web-page"),
            (Fault::Password, ErrorKind::Address, "use-credentials-file"),
            (private(ip), ErrorKind::PrivateAddress, "allow-private"),
            (private(link_local), ErrorKind::PrivateAddress, "give-web-page"),
            (Fault::UnknownHost("a".into()), ErrorKind::Network, "check-address"),
            (Fault::NoConnection("refused".into()), ErrorKind::Network, "check-network"),
            (Fault::Tls("expired".into()), ErrorKind::Network, "open-in-browser"),
            (Fault::CutOff, ErrorKind::Network, "retry-later"),
            (Fault::TooSlow(Duration::from_secs(20)), ErrorKind::TimedOut, "retry-later"),
            (Fault::TooLarge(10_000_000), ErrorKind::TooLarge, "save-story-alone"),
            (Fault::TooManyRedirects(5), ErrorKind::Redirect, "check-address"),
            (Fault::Downgrade("http://a/".into()), ErrorKind::Redirect, "give-open-address"),
            (Fault::NotText("a PDF document"), ErrorKind::Encoding, "convert-pdf"),
            (Fault::NotText("a PNG image"), ErrorKind::Encoding, "give-web-page"),
            (status(401), ErrorKind::HttpStatus, "sign-in"),
            (status(403), ErrorKind::HttpStatus, "sign-in"),
            (status(404), ErrorKind::HttpStatus, "check-address"),
            (status(410), ErrorKind::HttpStatus, "check-address"),
            (status(429), ErrorKind::HttpStatus, "retry-later"),
            (status(451), ErrorKind::HttpStatus, "open-in-browser"),
            (status(500), ErrorKind::HttpStatus, "retry-later"),
            (status(503), ErrorKind::HttpStatus, "retry-later"),
            (Fault::Offline, ErrorKind::Usage, "go-online"),
        ];
        each(rows, |(fault, kind, cure)| {
            let error = fault.at("https://a.example/");
            assert_eq!((error.kind(), error.cure().map(Cure::as_str)), (kind, Some(cure)), "{error:?}");
            assert!(error.story().contains("https://a.example/"), "{}", error.story());
        });
    }

    #[test]
    fn a_wait_is_told_and_kept() {
        let error = Fault::Status { code: 429, wait: Some(Duration::from_mins(2)) }.at("https://a.example/");
        assert!(error.what().contains("asked again in 120 s"), "{}", error.what());
        assert_eq!(error.cure(), Some(&Cure::RetryLater { seconds: Some(120) }));
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        let status = |code| Fault::Status { code, wait: None };
        let rows = [
            (status(429), true),
            (status(503), true),
            (status(501), false),
            (status(404), false),
            (status(410), false),
            (Fault::CutOff, true),
            (Fault::Circle, false),
            (Fault::TooLarge(1), false),
        ];
        each(rows, |(fault, may_pass)| assert_eq!(fault.may_pass(), may_pass, "{fault}"));
    }
}
