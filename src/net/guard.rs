//! The guard: a resolver that hands on checked addresses only. `ureq` asks it anew for every connection, so each redirect is
//! checked. `ureq` dials what it is given, so a name can't turn into another address between the check and the connection.

use std::fmt::{self, Debug};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Proxy, ProxyProtocol};

use super::address::Address;
use super::fault::Fault;
use super::range::Range;

/// Addresses of one name that are tried; `ureq` takes no more.
const MOST: usize = 16;

/// How connections are made.
#[derive(Clone, Debug, Default)]
pub(crate) enum Way {
    /// To the server itself.
    #[default]
    Direct,
    /// Through a proxy, which looks names up by itself: there the guard sees only addresses that are written as numbers.
    Through(Proxy),
}

impl Way {
    /// Through the proxy at an address, or through the one that the environment names (`ALL_PROXY`, `HTTPS_PROXY`,
    /// `HTTP_PROXY`, and `NO_PROXY` for hosts without it).
    pub(crate) fn through(proxy: &str) -> Result<Self, Fault> {
        let proxy = match proxy {
            "env" => Proxy::try_from_env().ok_or(Fault::NoProxy)?,
            address => Proxy::new(address).map_err(|_| Fault::NoProxy)?,
        };
        match proxy.protocol() {
            ProxyProtocol::Http | ProxyProtocol::Https => Ok(Self::Through(proxy)),
            _ => Err(Fault::NoProxy),
        }
    }

    pub(super) fn proxy(&self) -> Option<Proxy> {
        match self {
            Self::Direct => None,
            Self::Through(proxy) => Some(proxy.clone()),
        }
    }
}

/// Which addresses may be dialled.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Policy {
    /// Those of one's own networks, too.
    pub(super) allow_private: bool,
    /// One address of the tests, which counts as public.
    #[cfg(any(test, debug_assertions))]
    pub(super) spared: Option<IpAddr>,
}

impl Policy {
    pub(super) fn new(allow_private: bool) -> Self {
        Self {
            allow_private,
            #[cfg(any(test, debug_assertions))]
            spared: None,
        }
    }

    fn allows(self, ip: IpAddr) -> bool {
        #[cfg(any(test, debug_assertions))]
        if self.spared == Some(ip) {
            return true;
        }
        Range::of(ip).is_allowed(self.allow_private)
    }

    /// The addresses of a host that may be dialled; an error when there are none.
    pub(super) fn sift(self, host: &str, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, Fault> {
        let kept: Vec<SocketAddr> =
            found.iter().filter(|address| self.allows(address.ip())).take(MOST).copied().collect();
        match (kept.is_empty(), found.first()) {
            (false, _) => Ok(kept),
            (true, Some(first)) => {
                Err(Fault::Private { host: host.to_owned(), ip: first.ip(), range: Range::of(first.ip()) })
            }
            (true, None) => Err(Fault::UnknownHost(host.to_owned())),
        }
    }

    /// Checks an address that is written as a number, which a proxy would dial unasked, and the names of this machine.
    pub(super) fn check_literal(self, address: &Address) -> Result<(), Fault> {
        let host = address.host();
        let named = host.trim_end_matches('.');
        let is_local = named == "localhost" || named.ends_with(".localhost");
        let ip = if is_local { Some(IpAddr::from([127, 0, 0, 1])) } else { literal(host) };
        match ip {
            Some(ip) if !self.allows(ip) => {
                Err(Fault::Private { host: host.to_owned(), ip, range: Range::of(ip) })
            }
            _ => Ok(()),
        }
    }
}

/// A host that is a number.
fn literal(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

/// What finds the addresses of a name.
pub(super) trait Lookup: Send + Sync + 'static {
    /// All addresses of a name.
    fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// The system's own.
pub(super) struct System;

impl Lookup for System {
    fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }
}

/// The resolver with the guard.
pub(super) struct Guard {
    policy: Policy,
    lookup: Arc<dyn Lookup>,
    proxy: Option<Proxy>,
}

impl Guard {
    pub(super) fn new(policy: Policy, lookup: Arc<dyn Lookup>, way: &Way) -> Self {
        Self { policy, lookup, proxy: way.proxy() }
    }

    fn checked(&self, uri: &Uri, timeout: NextTimeout) -> Result<Vec<SocketAddr>, ureq::Error> {
        let host = uri.host().unwrap_or_default();
        let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(usual);
        let found = match literal(host) {
            Some(ip) => vec![SocketAddr::new(ip, port)],
            None => self.look_up(host, port, timeout)?,
        };
        // The proxy was named by the user, and usually stands in a network of one's own.
        let is_proxy = self
            .proxy
            .as_ref()
            .is_some_and(|proxy| proxy.host() == host && proxy.uri().scheme() == uri.scheme());
        if is_proxy && self.proxy.as_ref().is_some_and(|proxy| proxy.port() == port) {
            return Ok(found);
        }
        self.policy.sift(host, &found).map_err(|fault| ureq::Error::Other(Box::new(fault)))
    }

    /// Looks a name up on a thread of its own, which lives on when the system does not answer in time.
    fn look_up(&self, host: &str, port: u16, timeout: NextTimeout) -> Result<Vec<SocketAddr>, ureq::Error> {
        let (sender, receiver) = sync_channel(1);
        let (lookup, name) = (self.lookup.clone(), host.to_owned());
        // A receiver that has given up does not wait.
        let ask = move || drop(sender.send(lookup.lookup(&name, port)));
        thread::Builder::new().name("name server".to_owned()).spawn(ask).map_err(ureq::Error::Io)?;
        match receiver.recv_timeout(*timeout.after) {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(cause)) => {
                tracing::debug!(host, %cause, "the name is not found");
                Err(ureq::Error::Other(Box::new(Fault::UnknownHost(host.to_owned()))))
            }
            Err(RecvTimeoutError::Timeout) => Err(ureq::Error::Timeout(timeout.reason)),
            Err(RecvTimeoutError::Disconnected) => Err(ureq::Error::HostNotFound),
        }
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut resolved = self.empty();
        for address in self.checked(uri, timeout)?.into_iter().take(MOST) {
            resolved.push(address);
        }
        if resolved.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(resolved) }
    }
}

impl Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("policy", &self.policy).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn sift(found: &[&str], allow_private: bool) -> Result<Vec<String>, Fault> {
        let found: Vec<SocketAddr> =
            found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 80)).collect();
        let kept = Policy { allow_private, spared: None }.sift("host.example", &found)?;
        Ok(kept.iter().map(|address| address.ip().to_string()).collect())
    }

    #[test]
    fn only_allowed_addresses_of_a_name_are_handed_on() {
        let rows: [(&[&str], &[&str], &[&str]); 6] = [
            (&["8.8.8.8", "127.0.0.1"], &["8.8.8.8"], &["8.8.8.8", "127.0.0.1"]),
            (&["10.0.0.1"], &[], &["10.0.0.1"]),
            (&["169.254.169.254", "fe80::1"], &[], &[]),
            (&["::ffff:127.0.0.1", "2606:4700::1"], &["2606:4700::1"], &["::ffff:127.0.0.1", "2606:4700::1"]),
            (&["64:ff9b::8.8.8.8"], &[], &["64:ff9b::808:808"]),
            (&["8.8.8.8"; 20], &["8.8.8.8"; 16], &["8.8.8.8"; 16]),
        ];
        each(rows, |(found, strict, open)| {
            for (allow_private, want) in [(false, strict), (true, open)] {
                match sift(found, allow_private) {
                    Ok(kept) => assert_eq!(kept, want, "{found:?} {allow_private}"),
                    Err(Fault::Private { host, .. }) => {
                        assert_eq!(
                            (host.as_str(), want),
                            ("host.example", &[][..]),
                            "{found:?} {allow_private}"
                        );
                    }
                    Err(other) => panic!("{found:?}: {other:?}"),
                }
            }
        });
        assert!(matches!(sift(&[], true), Err(Fault::UnknownHost(_))));
    }

    #[test]
    fn numbers_and_this_machine_are_checked_without_a_name_server() {
        let rows = [
            ("http://127.0.0.1/", false),
            ("http://0x7f.1/", false),
            ("http://[::1]/", false),
            ("http://[::ffff:a00:1]/", false),
            ("http://localhost/", false),
            ("http://printer.LOCALHOST./", false),
            ("http://169.254.169.254/", false),
            ("http://8.8.8.8/", true),
            ("http://paper.example/", true),
        ];
        each(rows, |(text, is_allowed)| {
            let checked = Policy::default().check_literal(&Address::parse(text).unwrap());
            assert_eq!(checked.is_ok(), is_allowed, "{text}: {checked:?}");
        });
    }

    #[test]
    fn proxies_are_of_http_only() {
        let rows = [
            ("http://proxy.example:3128", true),
            ("https://proxy.example", true),
            ("proxy.example:3128", true),
            ("socks5://proxy.example", false),
            ("", false),
            ("http://", false),
        ];
        each(rows, |(proxy, is_taken)| assert_eq!(Way::through(proxy).is_ok(), is_taken, "{proxy}"));
    }
}
