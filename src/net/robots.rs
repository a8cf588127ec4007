//! What a site asks robots to leave alone (robots.txt, RFC 9309). People who name an address are no robots; feeds are.
//!
//! Written here, in one pass over the file. The crate `robotstxt` parses it anew for each question. It takes memory by the product
//! of pattern and path, so a hostile file of 500 KiB fills gigabytes. `texting_robots` makes regular expressions of patterns, and
//! brings old versions of crates that the program has already.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::address::Address;
use super::fault::Fault;
use super::fetcher::{Answer, Fetcher, Request, Wanted};

/// So many bytes of a file count (RFC 9309, 2.5, asks for 500 KiB at least).
const READ: usize = 512 << 10;
/// Rules of one group; more are those of a hostile file.
const MOST_RULES: usize = 10_000;
/// The name by which files call this program.
const NAME: &str = "audio-report";
/// The longest pause between two requests that a site may ask for.
const LONGEST_DELAY: Duration = Duration::from_mins(1);

/// The rules of a site for this program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Robots {
    /// Nothing is forbidden: there is no file.
    Open,
    /// The file could not be had because of a fault of the server: nothing may be fetched for now.
    NotNow,
    /// As the file says.
    Rules(Rules),
}

/// The group of a file that is meant for this program.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    /// The pause that the site asks for between two requests.
    pub(crate) delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    pattern: String,
    is_allowed: bool,
}

impl Robots {
    /// Whether a page may be fetched.
    pub(crate) fn allows(&self, address: &Address) -> bool {
        match self {
            Self::Open => true,
            Self::NotNow => false,
            Self::Rules(rules) => rules.allow(&address.path_and_query()),
        }
    }
}

impl Rules {
    /// Reads a file.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(READ)]);
        let (mut own, mut general) = (Self::default(), Self::default());
        let (mut is_own_named, mut is_own, mut is_general, mut is_in_rules) = (false, false, false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    // The names before the first rule share one group.
                    if is_in_rules {
                        (is_own, is_general, is_in_rules) = (false, false, false);
                    }
                    let end = value.find(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_');
                    let name = &value[..end.unwrap_or(value.len())];
                    is_own |= name.eq_ignore_ascii_case(NAME);
                    is_general |= value.starts_with('*');
                    is_own_named |= is_own;
                }
                "allow" | "disallow" => {
                    is_in_rules = true;
                    let is_allowed = key.trim().eq_ignore_ascii_case("allow");
                    for (group, is_meant) in [(&mut own, is_own), (&mut general, is_general)] {
                        // An empty rule forbids nothing.
                        if is_meant && !value.is_empty() && group.rules.len() < MOST_RULES {
                            group.rules.push(Rule { pattern: normal(value), is_allowed });
                        }
                    }
                }
                "crawl-delay" => {
                    is_in_rules = true;
                    let seconds = value.parse().ok().filter(|seconds: &f64| *seconds >= 0.0);
                    let delay = seconds.map(|seconds| {
                        Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY)
                    });
                    for (group, is_meant) in [(&mut own, is_own), (&mut general, is_general)] {
                        if is_meant {
                            group.delay = delay.or(group.delay);
                        }
                    }
                }
                _ => {}
            }
        }
        if is_own_named { own } else { general }
    }

    /// Whether a path with its query may be fetched: the longest rule that fits counts, and among equals the one that allows.
    fn allow(&self, path: &str) -> bool {
        let path = normal(path);
        // RFC 9309, 2.2.2.
        if path == "/robots.txt" {
            return true;
        }
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, &path));
        let best = fitting.max_by_key(|rule| (rule.pattern.len(), rule.is_allowed));
        best.is_none_or(|rule| rule.is_allowed)
    }
}

/// A path in one spelling: signs beyond ASCII are percent-encoded, escapes in capitals, and letters, digits and `-._~` as they are.
fn normal(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut normal = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (byte, digit(at), digit(at + 1)) {
            (b'%', Some(high), Some(low)) => {
                at += 2;
                let byte = (high * 16 + low) as u8;
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    normal.push(char::from(byte));
                } else {
                    normal.push_str(&format!("%{byte:02X}"));
                }
            }
            (byte, ..) if byte.is_ascii_graphic() => normal.push(char::from(byte)),
            (byte, ..) => normal.push_str(&format!("%{byte:02X}")),
        }
    }
    normal
}

/// Whether a pattern fits the beginning of a path: `*` is any number of signs, `$` at its end the end of the path. The time is linear in
/// both, because each piece between two `*` is taken where it first stands.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, is_ended) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let Some((first, pieces)) = pattern.split_once('*') else {
        return if is_ended { path == pattern } else { path.starts_with(pattern) };
    };
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let (between, last) = pieces.rsplit_once('*').unwrap_or(("", pieces));
    for piece in between.split('*') {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    if is_ended { rest.ends_with(last) } else { rest.contains(last) }
}

/// The rules of sites, each fetched once.
#[derive(Debug, Default)]
pub(crate) struct Sites(Mutex<HashMap<String, Arc<Robots>>>);

impl Sites {
    /// The rules of the site of an address. Only a request to stop, and an address that the guard refuses, are errors.
    pub(crate) fn robots(&self, fetcher: &Fetcher, address: &Address) -> Result<Arc<Robots>, Fault> {
        let key = address.origin();
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let robots = Arc::new(fetch(fetcher, address)?);
        // A fault may be over at the next question.
        if *robots != Robots::NotNow {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, robots.clone());
        }
        Ok(robots)
    }
}

/// 4xx means that there is no file, and everything is allowed; but 429 is no answer, as 5xx and a silent server are none
/// (RFC 9309, 2.3.1).
fn fetch(fetcher: &Fetcher, address: &Address) -> Result<Robots, Fault> {
    let request = Request { wanted: Wanted::Rules, ..Request::new(address.join("/robots.txt")?) };
    match fetcher.get(&request) {
        Ok(Answer::Fresh(file)) => Ok(Robots::Rules(Rules::parse(&file.bytes))),
        Err(Fault::Status { code: 429, .. }) => Ok(Robots::NotNow),
        Err(Fault::Status { code: 300..=499, .. } | Fault::TooManyRedirects(_) | Fault::Circle) => {
            Ok(Robots::Open)
        }
        Err(fault @ (Fault::Private { .. } | Fault::Interrupted | Fault::Offline)) => Err(fault),
        Ok(Answer::Unchanged) | Err(_) => Ok(Robots::NotNow),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_longest_rule_counts() {
        let rows = [
            ("User-agent: *\nDisallow: /", "/a", false),
            ("User-agent: *\nDisallow:", "/a", true),
            ("", "/a", true),
            ("User-agent: other\nDisallow: /", "/a", true),
            ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true),
            ("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", false),
            ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", true),
            // The query counts.
            ("User-agent: *\nDisallow: /*?print=", "/a?print=1", false),
            ("User-agent: *\nDisallow: /a?b", "/a", true),
            ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", false),
            ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", true),
            ("User-agent: *\nDisallow: /a*b*c", "/axxbyyc", false),
            ("User-agent: *\nDisallow: /$", "/", false),
            ("User-agent: *\nDisallow: /$", "/a", true),
            // The own group counts alone, by its name without a version.
            ("User-agent: *\nDisallow: /\n\nUser-agent: Audio-Report/0.1\nDisallow: /x", "/a", true),
            ("User-agent: audio-report\nDisallow: /x\nUser-agent: *\nDisallow: /", "/x", false),
            ("User-agent: other\nUser-agent: audio-report\nDisallow: /a", "/a", false),
            ("User-agent: audio-reporter\nDisallow: /", "/a", true),
            ("User-agent: audio-report\nDisallow:\n\nUser-agent: *\nDisallow: /", "/a", true),
            // Groups of one name are one.
            ("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", false),
            ("\u{feff}user-agent : *\r\ndisallow : /a # not this\r\n", "/a", false),
            ("User-agent: *\nDisallow: /%c3%a9%41", "/\u{e9}A", false),
            ("User-agent: *\nDisallow: /é", "/%C3%A9", false),
            ("User-agent: *\nDisallow: /a%2Fb", "/a/b", true),
            ("Disallow: /", "/a", true),
            ("<html><body>Not found</body></html>", "/a", true),
            ("User-agent: *\nDisallow: /", "/robots.txt", true),
        ];
        each(rows, |(file, path, want)| {
            assert_eq!(Rules::parse(file.as_bytes()).allow(path), want, "{file:?} {path}");
        });
    }

    #[test]
    fn a_pause_may_be_asked_for() {
        let rows = [
            ("User-agent: *\nCrawl-delay: 2.5", Some(2.5)),
            ("User-agent: *\nCrawl-delay: 1e30", Some(60.0)),
            ("User-agent: *\nCrawl-delay: -1", None),
            ("User-agent: *\nCrawl-delay: NaN", None),
            ("User-agent: other\nCrawl-delay: 3", None),
        ];
        each(rows, |(file, want)| {
            assert_eq!(Rules::parse(file.as_bytes()).delay.map(|delay| delay.as_secs_f64()), want, "{file}");
        });
    }

    #[test]
    fn a_hostile_file_costs_little() {
        let stars = format!("User-agent: *\nDisallow: /{}b", "a*".repeat(200_000));
        assert!(Rules::parse(stars.as_bytes()).allow(&"/a".repeat(2_000)));
        let many = format!("User-agent: *\n{}", "Disallow: /*a*a*a*a*a*b\n".repeat(30_000));
        let rules = Rules::parse(many.as_bytes());
        assert!(rules.rules.len() <= MOST_RULES, "{}", rules.rules.len());
    }

    /// As the standard describes it, without a thought for time.
    fn fits_simply(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => true,
            [b'$'] => path.is_empty(),
            [b'*', rest @ ..] => (0..=path.len()).any(|from| fits_simply(rest, &path[from..])),
            [sign, rest @ ..] => path.first() == Some(sign) && fits_simply(rest, &path[1..]),
        }
    }

    proptest! {
        #[test]
        fn patterns_fit_as_the_standard_says(pattern in "[ab*$]{0,8}", path in "[ab$]{0,10}") {
            prop_assert_eq!(fits(&pattern, &path), fits_simply(pattern.as_bytes(), path.as_bytes()));
        }

        #[test]
        fn no_file_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..300), path in "/\\PC{0,30}") {
            Rules::parse(&bytes).allow(&path);
            let text = String::from_utf8_lossy(&bytes);
            Rules::parse(format!("User-agent: *\nDisallow: {text}").as_bytes()).allow(&path);
        }
    }
}
