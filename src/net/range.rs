//! What an IP address is for, by the special-purpose registries of the IANA (RFC 6890 and its successors).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The use of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// Anybody's, on the open internet.
    Public,
    /// This machine.
    Loopback,
    /// A network of one's own (RFC 1918).
    Private,
    /// A provider's network behind one address (RFC 6598).
    Shared,
    /// A network of one's own in IPv6 (RFC 4193), and the older site-local addresses.
    UniqueLocal,
    /// Neighbours on one wire; clouds serve passwords of machines here.
    LinkLocal,
    /// Many at once.
    Multicast,
    /// No address, which systems take for this machine.
    Unspecified,
    /// Examples in books.
    Documentation,
    /// Kept for tests, protocols or later.
    Reserved,
    /// An address of IPv4 within one of IPv6; what becomes of it is decided on the way.
    Embedded(Ipv4Addr),
}

impl Range {
    /// The use of an address.
    pub(super) fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => of_v4(ip),
            IpAddr::V6(ip) => of_v6(ip),
        }
    }

    /// Whether it may be dialled: public addresses, and with `allow_private` also those of one's own networks.
    pub(super) fn is_allowed(self, allow_private: bool) -> bool {
        match self {
            Self::Public => true,
            Self::Loopback | Self::Private | Self::Shared | Self::UniqueLocal => allow_private,
            Self::Embedded(ip) => allow_private && of_v4(ip).is_allowed(true),
            Self::LinkLocal | Self::Multicast | Self::Unspecified | Self::Documentation | Self::Reserved => {
                false
            }
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "this machine itself",
            Self::Private => "a private network",
            Self::Shared => "a provider's inner network",
            Self::UniqueLocal => "a private network",
            Self::LinkLocal => "a link-local address",
            Self::Multicast => "a multicast address",
            Self::Unspecified => "no address",
            Self::Documentation => "an address for examples",
            Self::Reserved => "a reserved address",
            Self::Embedded(_) => "an address of IPv4 in disguise",
        })
    }
}

/// Networks of IPv4, the first that fits counts.
const V4: [([u8; 4], u32, Range); 18] = [
    ([0, 0, 0, 0], 8, Range::Unspecified),
    ([10, 0, 0, 0], 8, Range::Private),
    ([100, 64, 0, 0], 10, Range::Shared),
    ([127, 0, 0, 0], 8, Range::Loopback),
    ([169, 254, 0, 0], 16, Range::LinkLocal),
    ([172, 16, 0, 0], 12, Range::Private),
    // Protocol assignments.
    ([192, 0, 0, 0], 24, Range::Reserved),
    ([192, 0, 2, 0], 24, Range::Documentation),
    // Relays of 6to4 (RFC 7526).
    ([192, 88, 99, 0], 24, Range::Reserved),
    ([192, 168, 0, 0], 16, Range::Private),
    // Tests of routers (RFC 2544).
    ([198, 18, 0, 0], 15, Range::Reserved),
    ([198, 51, 100, 0], 24, Range::Documentation),
    ([203, 0, 113, 0], 24, Range::Documentation),
    // An example network for multicast (RFC 6676).
    ([233, 252, 0, 0], 24, Range::Multicast),
    ([224, 0, 0, 0], 4, Range::Multicast),
    ([255, 255, 255, 255], 32, Range::Reserved),
    ([240, 0, 0, 0], 4, Range::Reserved),
    ([0, 0, 0, 0], 0, Range::Public),
];

fn of_v4(ip: Ipv4Addr) -> Range {
    let bits = ip.to_bits();
    let fits = |(network, length, _): &&([u8; 4], u32, Range)| {
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or_default();
        bits & mask == u32::from_be_bytes(*network) & mask
    };
    V4.iter().find(fits).map_or(Range::Reserved, |(_, _, range)| *range)
}

fn of_v6(ip: Ipv6Addr) -> Range {
    let segments = ip.segments();
    let v4 =
        |high: u16, low: u16| Range::Embedded(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => Range::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Range::Loopback,
        // Compatible (RFC 4291), mapped, and translated (RFC 8215, 2765).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => v4(high, low),
        // NAT64 (RFC 6052, 8215).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x64, 0xff9b, 1, _, _, _, high, low] => v4(high, low),
        // 6to4 (RFC 3056); Teredo (RFC 4380) has the address of its client inverted.
        [0x2002, high, low, ..] => v4(high, low),
        [0x2001, 0, _, _, _, _, high, low] => v4(!high, !low),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Range::Documentation,
        // Protocol assignments: tests, ORCHID and the like (RFC 2928).
        [0x2001, 0..=0x1ff, ..] => Range::Reserved,
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Range::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Range::LinkLocal,
        [0xff00..=0xffff, ..] => Range::Multicast,
        // ISATAP (RFC 5214) tunnels to the address of IPv4 at its end.
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => v4(high, low),
        // All that is given out so far (RFC 4291, 2.4).
        [0x2000..=0x3fff, ..] => Range::Public,
        _ => Range::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn every_range_is_known_at_its_edges() {
        use Range::{
            Documentation, LinkLocal, Loopback, Multicast, Private, Public, Reserved, Shared, UniqueLocal,
            Unspecified,
        };
        let rows = [
            ("0.0.0.0", Unspecified),
            ("0.255.255.255", Unspecified),
            ("1.0.0.0", Public),
            ("9.255.255.255", Public),
            ("10.0.0.0", Private),
            ("10.255.255.255", Private),
            ("11.0.0.0", Public),
            ("100.63.255.255", Public),
            ("100.64.0.0", Shared),
            ("100.127.255.255", Shared),
            ("100.128.0.0", Public),
            ("126.255.255.255", Public),
            ("127.0.0.0", Loopback),
            ("127.0.0.1", Loopback),
            ("127.255.255.255", Loopback),
            ("128.0.0.0", Public),
            ("169.253.255.255", Public),
            ("169.254.0.0", LinkLocal),
            ("169.254.169.254", LinkLocal),
            ("169.254.255.255", LinkLocal),
            ("169.255.0.0", Public),
            ("172.15.255.255", Public),
            ("172.16.0.0", Private),
            ("172.31.255.255", Private),
            ("172.32.0.0", Public),
            ("191.255.255.255", Public),
            ("192.0.0.0", Reserved),
            ("192.0.0.255", Reserved),
            ("192.0.1.0", Public),
            ("192.0.2.0", Documentation),
            ("192.0.2.255", Documentation),
            ("192.0.3.0", Public),
            ("192.88.98.255", Public),
            ("192.88.99.1", Reserved),
            ("192.88.100.0", Public),
            ("192.167.255.255", Public),
            ("192.168.0.0", Private),
            ("192.168.255.255", Private),
            ("192.169.0.0", Public),
            ("198.17.255.255", Public),
            ("198.18.0.0", Reserved),
            ("198.19.255.255", Reserved),
            ("198.20.0.0", Public),
            ("198.51.99.255", Public),
            ("198.51.100.0", Documentation),
            ("198.51.100.255", Documentation),
            ("198.51.101.0", Public),
            ("203.0.112.255", Public),
            ("203.0.113.0", Documentation),
            ("203.0.113.255", Documentation),
            ("203.0.114.0", Public),
            ("223.255.255.255", Public),
            ("224.0.0.0", Multicast),
            ("239.255.255.255", Multicast),
            ("240.0.0.0", Reserved),
            ("255.255.255.254", Reserved),
            ("255.255.255.255", Reserved),
            ("::", Unspecified),
            ("::1", Loopback),
            ("100::1", Reserved),
            ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
            ("2000::", Public),
            ("2001:1::1", Reserved),
            ("2001:2::1", Reserved),
            ("2001:1ff:ffff::", Reserved),
            ("2001:200::1", Public),
            ("2001:db7:ffff::", Public),
            ("2001:db8::", Documentation),
            ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Documentation),
            ("2001:db9::", Public),
            ("2606:4700::1", Public),
            ("3ffe:ffff::1", Public),
            ("3fff::1", Documentation),
            ("3fff:fff:ffff::", Documentation),
            ("3fff:1000::", Public),
            ("4000::", Reserved),
            ("5f00::1", Reserved),
            ("fbff:ffff::1", Reserved),
            ("fc00::1", UniqueLocal),
            ("fd12:3456::1", UniqueLocal),
            ("fdff:ffff::1", UniqueLocal),
            ("fe00::1", Reserved),
            ("fe80::1", LinkLocal),
            ("febf:ffff::1", LinkLocal),
            ("fec0::1", UniqueLocal),
            ("ff00::", Multicast),
            ("ff02::1", Multicast),
            ("ffff::", Multicast),
        ];
        each(rows, |(ip, want)| assert_eq!(Range::of(ip.parse().unwrap()), want, "{ip}"));
    }

    #[test]
    fn addresses_within_addresses_are_found() {
        let rows = [
            ("::ffff:127.0.0.1", "127.0.0.1"),
            ("::ffff:8.8.8.8", "8.8.8.8"),
            ("::127.0.0.1", "127.0.0.1"),
            ("::ffff:0:10.0.0.1", "10.0.0.1"),
            ("64:ff9b::a9fe:a9fe", "169.254.169.254"),
            ("64:ff9b:1::10.0.0.1", "10.0.0.1"),
            ("2002:7f00:1::1", "127.0.0.1"),
            ("2001:0:4136:e378:8000:63bf:80ff:fffe", "127.0.0.1"),
            ("2001:470::5efe:10.0.0.1", "10.0.0.1"),
            ("2001:470::200:5efe:10.0.0.1", "10.0.0.1"),
        ];
        each(rows, |(ip, inner)| {
            let range = Range::of(ip.parse().unwrap());
            assert_eq!(range, Range::Embedded(inner.parse().unwrap()), "{ip}");
            assert!(!range.is_allowed(false), "{ip}");
        });
    }

    #[test]
    fn only_networks_of_ones_own_are_opened() {
        let rows = [
            ("127.0.0.1", true),
            ("::1", true),
            ("10.1.2.3", true),
            ("100.64.0.1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("64:ff9b::8.8.8.8", true),
            ("169.254.169.254", false),
            ("fe80::1", false),
            ("::ffff:169.254.169.254", false),
            ("0.0.0.0", false),
            ("::", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
        ];
        each(rows, |(ip, allowed)| {
            let range = Range::of(ip.parse().unwrap());
            assert!(!range.is_allowed(false), "{ip}");
            assert_eq!(range.is_allowed(true), allowed, "{ip}");
        });
    }

    proptest! {
        #[test]
        fn what_the_standard_library_calls_special_is_not_public(bits: u32) {
            let ip = Ipv4Addr::from_bits(bits);
            let is_special = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast()
                || ip.is_broadcast() || ip.is_documentation() || ip.is_unspecified();
            let range = Range::of(ip.into());
            prop_assert!(!(is_special && range == Range::Public), "{ip}");
            // Whatever it is, in disguise it is refused.
            for disguise in [ip.to_ipv6_mapped(), ip.to_ipv6_compatible()] {
                prop_assert!(!Range::of(disguise.into()).is_allowed(false), "{disguise}");
            }
        }

        #[test]
        fn public_addresses_of_ipv6_are_given_out_ones(bits: u128) {
            let ip = Ipv6Addr::from_bits(bits);
            let range = Range::of(ip.into());
            let is_special = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast()
                || ip.is_unique_local() || ip.is_unicast_link_local() || ip.to_ipv4_mapped().is_some();
            prop_assert!(range != Range::Public || (bits >> 125 == 1 && !is_special), "{ip}");
            prop_assert!(!range.is_allowed(false) || range.is_allowed(true), "{ip}");
        }
    }
}
