//! Whoever tries tokens by guessing has to wait.
//!
//! Each address has a bucket of wrong tokens, which fills up again with time. When it is empty the address gets no answer but "later", also for
//! a right token: else it could go on guessing. A program that has only one wrong token sends it again and again, and would shut out all others
//! behind the same proxy. So a token that was wrong just before costs nothing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use super::tokens::Hash;

/// Wrong tokens that an address may try at once.
const MOST: u32 = 20;
/// After this long it may try one more.
const GAP: Duration = Duration::from_secs(3);
/// Addresses that are remembered; the one that was quiet longest gives way.
const ADDRESSES: usize = 4_096;
/// Wrong tokens that are remembered of an address.
const REMEMBERED: usize = 4;

/// The addresses that tried wrong tokens.
#[derive(Default)]
pub(super) struct Guesses(HashMap<IpAddr, Bucket>);

struct Bucket {
    /// When all of it is there again.
    full: Instant,
    last: [Hash; REMEMBERED],
}

impl Guesses {
    /// How long an address has to wait before it may try a token.
    pub(super) fn wait(&self, peer: IpAddr, now: Instant) -> Option<Duration> {
        let lacking = self.0.get(&place(peer))?.full.saturating_duration_since(now);
        let wait = (lacking + GAP).saturating_sub(GAP * MOST);
        (!wait.is_zero()).then_some(wait)
    }

    /// Notes a wrong token. Says whether the address has to wait from now on.
    pub(super) fn note(&mut self, peer: IpAddr, hash: Hash, now: Instant) -> bool {
        let peer = place(peer);
        if self.0.len() >= ADDRESSES && !self.0.contains_key(&peer) {
            self.make_room(now);
        }
        let bucket =
            self.0.entry(peer).or_insert_with(|| Bucket { full: now, last: [Hash::default(); REMEMBERED] });
        if bucket.last.contains(&hash) {
            return false;
        }
        bucket.last.rotate_right(1);
        bucket.last[0] = hash;
        bucket.full = bucket.full.max(now) + GAP;
        self.wait(peer, now).is_some()
    }

    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, bucket| bucket.full > now);
        if self.0.len() >= ADDRESSES {
            let first = self.0.iter().min_by_key(|(_, bucket)| bucket.full).map(|(peer, _)| *peer);
            first.map(|peer| self.0.remove(&peer));
        }
    }
}

/// What is one place on the network: with IPv6 everybody has a whole /64.
fn place(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u32) -> Hash {
        super::super::tokens::hash_of(&number.to_le_bytes())
    }

    #[test]
    fn who_guesses_waits_and_who_is_merely_wrong_does_not() {
        let (mut guesses, now) = (Guesses::default(), Instant::now());
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        for _ in 0..1_000 {
            assert!(!guesses.note(other, hash(7), now), "the same wrong token");
        }
        for number in 1..MOST {
            assert!(!guesses.note(one, hash(number), now), "{number}");
            assert_eq!(guesses.wait(one, now), None, "{number}");
        }
        assert!(guesses.note(one, hash(MOST), now));
        assert_eq!(guesses.wait(one, now), Some(GAP));
        assert_eq!(guesses.wait(other, now), None);
        assert_eq!(guesses.wait(one, now + GAP), None, "one more is allowed");
        assert!(guesses.note(one, hash(MOST + 1), now + GAP));
        assert_eq!(guesses.wait(one, now + GAP), Some(GAP));
    }

    #[test]
    fn memory_is_bounded_and_the_busiest_stay() {
        let (mut guesses, now) = (Guesses::default(), Instant::now());
        let busy: IpAddr = [192, 0, 2, 1].into();
        for number in 1..=MOST {
            guesses.note(busy, hash(number), now);
        }
        for number in 0..ADDRESSES as u32 + 500 {
            let peer = IpAddr::from((0x0a00_0000 | number).to_be_bytes());
            guesses.note(peer, hash(1), now);
            assert!(guesses.0.len() <= ADDRESSES);
        }
        assert!(guesses.wait(busy, now).is_some());
        guesses.note([198, 51, 100, 1].into(), hash(1), now + GAP * (MOST + 1));
        assert_eq!(guesses.0.len(), 1, "what has passed is forgotten when room is needed");
    }

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        let place = |text: &str| place(text.parse().unwrap());
        assert_eq!(place("2001:db8::1"), place("2001:db8::ffff:1"));
        assert_ne!(place("2001:db8::1"), place("2001:db8:0:1::1"));
        assert_eq!(place("::ffff:192.0.2.1"), place("192.0.2.1"));
    }
}
