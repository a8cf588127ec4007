//! Which server a request means, by its `Host`.
//!
//! A page of a foreign site can have its own name lead to 127.0.0.1 after it was loaded (DNS rebinding). Then its requests come from a browser
//! of this machine and look as if they were of the same site; only the foreign name in `Host` gives them away.

use std::net::{IpAddr, SocketAddr};

/// A host, and a port if one is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Address(IpAddr),
    /// In small letters, without a dot at the end.
    Name(String),
}

impl Authority {
    /// Parses `host`, `host:port`, `192.0.2.1:port`, `[2001:db8::1]:port`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            let address: std::net::Ipv6Addr = address.parse().ok()?;
            return Some(Self { host: Host::Address(address.to_canonical()), port: port_of(port).ok()? });
        }
        let end = text.find(':').unwrap_or(text.len());
        let (host, port) = text.split_at(end);
        Some(Self { host: Host::parse(host)?, port: port_of(port).ok()? })
    }
}

impl Host {
    /// Parses a name, or an address without a port and brackets.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self::Address(address.to_canonical()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_name = !name.is_empty() && name.len() <= 253 && name.chars().all(is_letter);
        is_name.then(|| Self::Name(name.to_ascii_lowercase()))
    }
}

/// What stands behind a host is no port.
struct NoPort;

fn port_of(text: &str) -> Result<Option<u16>, NoPort> {
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(None),
        Some("") => Ok(None),
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            digits.parse().map(Some).map_err(|_| NoPort)
        }
        _ => Err(NoPort),
    }
}

/// The hosts that mean this server.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts {
    known: Vec<Host>,
    is_everywhere: bool,
}

impl Hosts {
    /// Those of the addresses listened at, and further ones.
    pub(super) fn new(listened: &[SocketAddr], further: Vec<Host>) -> Self {
        let addresses = listened.iter().map(|address| address.ip().to_canonical());
        let is_everywhere = addresses.clone().any(|address| address.is_unspecified());
        Self { known: addresses.map(Host::Address).chain(further).collect(), is_everywhere }
    }

    /// Whether a host means this server. The port does not count: a container or a proxy may have another one outside.
    pub(super) fn has(&self, host: &Host) -> bool {
        match host {
            Host::Address(address) if address.is_loopback() => true,
            // A browser that was asked for an address has gone to that address, and to no other one; only names can lie.
            Host::Address(address) if self.is_everywhere && !address.is_unspecified() => true,
            Host::Name(name) if name == "localhost" => true,
            host => self.known.contains(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn hosts_are_parsed_strictly() {
        type Row = (&'static str, Option<(&'static str, Option<u16>)>);
        let rows: [Row; 22] = [
            ("localhost", Some(("localhost", None))),
            ("LocalHost.:8880", Some(("localhost", Some(8880)))),
            ("127.0.0.1:80", Some(("127.0.0.1", Some(80)))),
            ("[::1]:8880", Some(("::1", Some(8880)))),
            ("[::ffff:127.0.0.1]", Some(("127.0.0.1", None))),
            ("news.example:", Some(("news.example", None))),
            ("my_box-2", Some(("my_box-2", None))),
            ("", None),
            (".", None),
            (":80", None),
            ("::1", None),
            ("[::1", None),
            ("[::1]x", None),
            ("[fe80::1%eth0]", None),
            ("a:65536", None),
            ("a:+80", None),
            ("a:80:80", None),
            ("me@localhost", None),
            ("localhost/", None),
            ("local host", None),
            ("l\u{f6}calhost", None),
            ("127.0.0.1\u{0}", None),
        ];
        each(rows, |(text, want)| {
            let want = want.map(|(host, port)| Authority { host: Host::parse(host).unwrap(), port });
            assert_eq!(Authority::parse(text), want, "{text:?}");
        });
        // Browsers would take these for 127.0.0.1 and send that; whoever sends them as they are is none.
        each(["127.1", "2130706433", "0x7f.1"], |text| {
            assert!(matches!(Authority::parse(text).unwrap().host, Host::Name(_)), "{text}");
        });
    }

    #[test]
    fn only_hosts_that_mean_this_server_are_taken() {
        let local: &[&str] = &["127.0.0.1:8880"];
        let lan: &[&str] = &["192.168.1.5:8880", "[fd00::5]:8880"];
        let all: &[&str] = &["0.0.0.0:8880"];
        let rows = [
            (local, "localhost", true),
            (local, "127.0.0.1", true),
            (local, "127.9.9.9", true),
            (local, "[::1]", true),
            (local, "radio.lan", true),
            (local, "evil.example", false),
            (local, "localhost.evil.example", false),
            (local, "evil.localhost", false),
            (local, "127.1", false),
            (local, "0.0.0.0", false),
            (local, "192.168.1.5", false),
            (lan, "192.168.1.5", true),
            (lan, "[fd00::5]", true),
            (lan, "192.168.1.6", false),
            (lan, "evil.example", false),
            (all, "192.168.1.6", true),
            (all, "0.0.0.0", true),
            (all, "evil.example", false),
        ];
        each(rows, |(listened, text, is_known)| {
            let listened: Vec<SocketAddr> = listened.iter().map(|text| text.parse().unwrap()).collect();
            let hosts = Hosts::new(&listened, vec![Host::parse("radio.lan").unwrap()]);
            assert_eq!(hosts.has(&Authority::parse(text).unwrap().host), is_known, "{listened:?} {text}");
        });
    }

    proptest! {
        #[test]
        fn any_text_is_a_host_or_none(text in "\\PC{0,40}") {
            let _ = Authority::parse(&text);
        }
    }
}
