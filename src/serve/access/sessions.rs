//! Sessions of browsers: a page can't keep a token where only this server sees it, but a cookie is kept so.
//!
//! A session begins with the one-time code that the server prints at its start, or with a token. It is known by the hash of its cookie, and
//! only in memory. It ends with the server, after some hours, or when its token is taken out of the file.

use std::hash::{BuildHasher, RandomState};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::tokens::{Hash, hash_of, random};
use crate::error::Result;

/// How long a session lasts: a long day's work.
pub(in crate::serve) const LIFE: Duration = Duration::from_hours(12);
/// How long a one-time code is good.
const CODE_LIFE: Duration = Duration::from_hours(1);
/// Sessions at the same time; for another one the oldest ends.
const MOST: usize = 64;
/// Random bytes of a cookie.
const RANDOM: usize = 32;
/// Signs of a code: five bits each, none like another (Crockford).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs that a code has.
const LENGTH: usize = 10;
/// The name of the cookie. Browsers do not part the cookies of two servers on one machine, so each server has a name of its own.
pub(in crate::serve) static NAME: LazyLock<String> =
    LazyLock::new(|| format!("audio-report-{:08x}", RandomState::new().hash_one("cookie") as u32));
/// Begins the name where browsers may send it by TLS alone, and keep others from setting it.
const SECURE: &str = "__Host-";
/// Cookies of this name that are tried: one may have been set for a path.
const TRIED: usize = 4;

/// All sessions.
#[derive(Default)]
pub(super) struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    code: Option<(Hash, Instant)>,
    /// The oldest first.
    open: Vec<Session>,
}

struct Session {
    hash: Hash,
    /// The token that it began with.
    token: Option<Hash>,
    since: Instant,
}

/// A session that a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The token that it began with.
    pub token: Option<Hash>,
}

impl Sessions {
    /// Makes a code that opens one session; an earlier one is no longer good.
    pub(super) fn new_code(&self, now: Instant) -> Result<String> {
        let random: [u8; LENGTH] = random()?;
        let signs = random.map(|byte| char::from(SIGNS[usize::from(byte & 31)]));
        let code: String = signs.iter().collect();
        self.lock().code = Some((hash_of(code.as_bytes()), now));
        let (head, tail) = code.split_at(LENGTH / 2);
        Ok(format!("{head}-{tail}"))
    }

    /// Whether a code is the right one, which it is once.
    pub(super) fn take_code(&self, code: &str, now: Instant) -> bool {
        let mut state = self.lock();
        let Some((hash, made)) = state.code else { return false };
        let is_right =
            bool::from(hash.ct_eq(&code_hash(code))) && now.saturating_duration_since(made) < CODE_LIFE;
        if is_right {
            state.code = None;
        }
        is_right
    }

    /// Begins a session, and returns the secret of its cookie.
    pub(super) fn begin(&self, token: Option<Hash>, now: Instant) -> Result<String> {
        let secret = URL_SAFE_NO_PAD.encode(random::<RANDOM>()?);
        let mut state = self.lock();
        state.forget(now);
        if state.open.len() >= MOST {
            state.open.remove(0);
        }
        state.open.push(Session { hash: hash_of(secret.as_bytes()), token, since: now });
        Ok(secret)
    }

    /// The session of a request, by its cookie.
    pub(super) fn of(&self, headers: &HeaderMap, now: Instant) -> Option<Known> {
        let hashes: Vec<Hash> = cookies(headers).map(|secret| hash_of(secret.as_bytes())).collect();
        if hashes.is_empty() {
            return None;
        }
        let mut state = self.lock();
        state.forget(now);
        let mut known = None;
        for session in &state.open {
            for hash in &hashes {
                if bool::from(session.hash.ct_eq(hash)) {
                    known = Some(Known { token: session.token });
                }
            }
        }
        known
    }

    /// Ends the session of a request.
    pub(super) fn end(&self, headers: &HeaderMap) {
        let mut state = self.lock();
        for secret in cookies(headers) {
            let hash = hash_of(secret.as_bytes());
            state.open.retain(|session| !bool::from(session.hash.ct_eq(&hash)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is small and leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, now: Instant) {
        self.open.retain(|session| now.saturating_duration_since(session.since) < LIFE);
    }
}

/// A cookie as a browser gets it; without a secret it is taken away.
pub(in crate::serve) fn cookie(secret: Option<&str>, is_secure: bool) -> String {
    let (before, secure) = if is_secure { (SECURE, "; Secure") } else { ("", "") };
    let (value, age) = secret.map_or(("", 0), |secret| (secret, LIFE.as_secs()));
    format!("{before}{}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}", *NAME)
}

/// The values of the cookies that may be ours.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let ours =
        pairs.filter(|(name, value)| name.strip_prefix(SECURE).unwrap_or(name) == *NAME && !value.is_empty());
    ours.map(|(_, value)| value).take(TRIED)
}

/// The hash of a code, however it was typed.
fn code_hash(code: &str) -> Hash {
    let signs = code.chars().filter(char::is_ascii_alphanumeric).take(2 * LENGTH);
    let signs = signs.map(|sign| match sign.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        sign => sign,
    });
    hash_of(signs.collect::<String>().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn with_cookie(field: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, field.parse().unwrap())])
    }

    #[test]
    fn a_code_is_good_once_and_for_an_hour_however_it_is_typed() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        assert!(!sessions.take_code("", now), "there is none yet");
        let code = sessions.new_code(now).unwrap();
        assert!(code.len() == 11 && code.as_bytes()[5] == b'-', "{code}");
        assert!(!sessions.take_code("AAAAA-AAAAA", now) && !sessions.take_code("", now));
        assert!(
            sessions
                .take_code(&code.to_lowercase().replace('-', " ").replace('1', "l").replace('0', "o"), now)
        );
        assert!(!sessions.take_code(&code, now), "a second time");
        let code = sessions.new_code(now).unwrap();
        assert!(!sessions.take_code(&code, now + CODE_LIFE));
        let later = sessions.new_code(now).unwrap();
        assert!(!sessions.take_code(&code, now) && sessions.take_code(&later, now));
    }

    #[test]
    fn a_session_is_known_by_its_cookie_until_it_ends() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let token = Some([7; 32]);
        let secret = sessions.begin(token, now).unwrap();
        let own = NAME.as_str();
        let rows = [
            (format!("{own}={secret}"), true),
            (format!("a=b; __Host-{own}={secret}; c"), true),
            (format!("{own}=other; {own}={secret}"), true),
            (format!("{own}-{secret}"), false),
            (format!("other={secret}"), false),
            (format!("{own}="), false),
            (format!("{own}=x"), false),
        ];
        each(rows, |(field, is_known)| {
            let known = sessions.of(&with_cookie(&field), now);
            assert_eq!(known, is_known.then_some(Known { token }), "{field}");
        });
        let own = with_cookie(&format!("{}={secret}", *NAME));
        assert_eq!(sessions.of(&own, now + LIFE), None, "it is over");
        let secret = sessions.begin(None, now).unwrap();
        let own = with_cookie(&format!("{}={secret}", *NAME));
        sessions.end(&own);
        assert_eq!(sessions.of(&own, now), None, "it was ended");
    }

    #[test]
    fn the_oldest_session_gives_way() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let secrets: Vec<String> = (0..=MOST).map(|_| sessions.begin(None, now).unwrap()).collect();
        let known =
            |secret: &String| sessions.of(&with_cookie(&format!("{}={secret}", *NAME)), now).is_some();
        assert_eq!(secrets.iter().filter(|secret| known(secret)).count(), MOST);
        assert!(!known(&secrets[0]));
    }

    #[test]
    fn scripts_and_other_sites_get_no_cookie() {
        let set = cookie(Some("x"), true);
        let own = NAME.as_str();
        assert_eq!(set, format!("__Host-{own}=x; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure"));
        assert_eq!(cookie(None, false), format!("{own}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"));
    }
}
