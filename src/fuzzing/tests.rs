use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::*;

/// Changed forms of each seed that are tried here. `make fuzz` tries millions.
const MUTATIONS: usize = 24;

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// The seeds of a target by their names.
fn seeds(name: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(folder) = fs::read_dir(corpus().join(name)) else { return Vec::new() };
    let seed =
        |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap());
    let mut seeds: Vec<_> = folder.map(|entry| seed(entry.unwrap().path())).collect();
    seeds.sort();
    seeds
}

/// The same numbers in every run (Marsaglia, "Xorshift RNGs", 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// Bytes that are changed at one place or several.
    fn mutated(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let length = self.below(16).min(bytes.len() - at);
            match self.below(5) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 => drop(bytes.drain(at..at + length)),
                2 => drop(bytes.splice(at..at, [0xff; 4])),
                3 => bytes.truncate(at),
                _ => {
                    let part = bytes[at..at + length].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, part);
                }
            }
        }
        bytes
    }
}

#[test]
fn every_target_takes_its_seeds_and_what_is_like_them() {
    let mut wrong = Vec::new();
    for (name, run) in targets() {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for (seed, bytes) in seeds(name) {
            let changed = (0..MUTATIONS).map(|_| numbers.mutated(&bytes)).collect::<Vec<_>>();
            for bytes in [bytes].iter().chain(&changed) {
                if catch_unwind(AssertUnwindSafe(|| run(bytes))).is_err() {
                    wrong.push(format!("{name} of {seed}: {}", bytes.escape_ascii()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Pieces that were, or may be, looked at again for each of their kind.
const REPEATED: [(&str, &str, &str); 22] = [
    ("plain", "Port reopens\n\n", "-\n"),
    ("plain", "Port reopens\n\n", "Ab Cd\n10:42\n"),
    ("plain", "By\n", "b c\n"),
    ("plain", "", "Ships came back to the port at noon, and men sang. "),
    ("plain", "", "“"),
    ("plain", "", "A.B."),
    ("markdown", "# Port\n\n<div class='share xq'>", "<p>a"),
    ("markdown", "", "> "),
    ("markdown", "", "[a](b"),
    ("markdown", "", "* a\n"),
    ("markdown", "", "`"),
    ("html", "<div hidden class='a'>", "<p>Ships came back to the port, they said."),
    ("html", "", "<div class='share'>"),
    ("html", "<title>", "harbor "),
    ("html", "<h1><h1><h1><h1>", "<p>a"),
    ("html", "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"publisher\":[", "{\"@id\":0},"),
    ("mail", "From: a\nTo: b\nMIME-Version: 1.0\nSubject: - port\n\n", "b\n"),
    ("podcast", "<rss>", "<a:b/>"),
    ("podcast", "<rss>", "<a xmlns:b='c'>"),
    ("robots", "User-agent: *\n", "Disallow: /*a*b\n"),
    ("feed", "<rss><channel>", "<item><title>a</title></item>"),
    ("lexicon_toml", "[words]\n", "a = \"b\"\n"),
];

#[test]
fn what_is_repeated_takes_no_time_without_end() {
    const LONGEST: usize = 200_000;
    // No measurement: it takes a second on a slow machine, and minutes where each piece has all others looked at again.
    const ENDLESS: std::time::Duration = std::time::Duration::from_mins(1);
    for (name, head, piece) in REPEATED {
        let (_, run) = targets().into_iter().find(|(known, _)| *known == name).unwrap();
        let whole = format!("{head}{}", piece.repeat((LONGEST - head.len()) / piece.len()));
        let begun = std::time::Instant::now();
        run(whole.as_bytes());
        assert!(begun.elapsed() < ENDLESS, "{name} of {piece:?}: {:?}", begun.elapsed());
    }
}

#[cfg(feature = "cluster")]
#[test]
fn every_target_has_seeds_and_a_name_of_its_own() {
    let names: Vec<&str> = targets().into_iter().map(|(name, _)| name).collect();
    let folders: std::collections::BTreeSet<String> = fs::read_dir(corpus())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.iter().copied().map(str::to_owned).collect::<std::collections::BTreeSet<_>>(), folders);
    assert_eq!(names.len(), folders.len(), "{names:?}");
    let without: Vec<&&str> = names.iter().filter(|name| seeds(name).is_empty()).collect();
    assert!(without.is_empty(), "no seeds: {without:?}");
}
