//! What is known of feeds: what to send with the next question, how the last ones ended, and every entry that was seen.
//!
//! All that a poll brings is written in one transaction, the validators too. So no crash hides an article behind the answer "not modified":
//! either both are known or none. An entry stays until its feed forgets it and it is old; its text stays until its report is made.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension, params};

use super::Manifest;
use crate::calendar::now;
use crate::error::Result;
use crate::feed::Entry;
use crate::net::Validators;

/// Begins the name of what is kept of a story, among the settings of the folder.
const LIKENESS: &str = "like ";

/// What is known of a feed.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownFeed {
    /// Where it is.
    pub address: String,
    /// What it is called.
    pub title: Option<String>,
    /// What tells the server which version is known.
    pub validators: Validators,
    /// When it was asked last, in seconds since 1970.
    pub asked: Option<i64>,
    /// When it last answered well.
    pub good: Option<i64>,
    /// What went wrong since.
    pub failure: Option<String>,
    /// Not before this time, said the server.
    pub not_before: Option<i64>,
}

/// What a poll of a feed brought.
#[derive(Debug)]
pub(crate) enum Poll<'a> {
    /// The feed, and what to send with the next question.
    Fresh {
        /// What it is called.
        title: Option<&'a str>,
        /// Its entries.
        entries: &'a [Entry],
        /// To be sent back, byte for byte.
        validators: &'a Validators,
    },
    /// The known version still holds.
    Unchanged,
    /// It failed.
    Failed {
        /// In a sentence.
        what: &'a str,
        /// When the server may be asked again, in seconds since 1970.
        not_before: Option<i64>,
    },
}

/// What a poll meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Entries that were never seen before.
    pub new: usize,
    /// Entries that say something else than before.
    pub changed: usize,
    /// New entries of an article that another feed had before.
    pub repeated: usize,
}

impl Manifest {
    /// What is known of a feed; nothing, for one that was never asked.
    pub(crate) fn feed(&self, address: &str) -> Result<KnownFeed> {
        let known = self.feeds_where("address = ?1", &[address])?.pop();
        Ok(known.unwrap_or_else(|| KnownFeed { address: address.to_string(), ..KnownFeed::default() }))
    }

    /// All feeds that were ever asked.
    pub(crate) fn feeds(&self) -> Result<Vec<KnownFeed>> {
        self.feeds_where("1", &[])
    }

    fn feeds_where(&self, condition: &str, parameters: &[&str]) -> Result<Vec<KnownFeed>> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Vec<KnownFeed>> {
            let mut statement = connection.prepare(&format!(
                "SELECT address, title, etag, modified, asked, good, failure, not_before FROM feed WHERE {condition} ORDER BY rowid"
            ))?;
            let known = |row: &rusqlite::Row<'_>| {
                Ok(KnownFeed {
                    address: row.get("address")?,
                    title: row.get("title")?,
                    validators: Validators { etag: row.get("etag")?, last_modified: row.get("modified")? },
                    asked: row.get("asked")?,
                    good: row.get("good")?,
                    failure: row.get("failure")?,
                    not_before: row.get("not_before")?,
                })
            };
            statement.query_map(rusqlite::params_from_iter(parameters), known)?.collect()
        };
        read().map_err(|cause| self.failed(cause))
    }

    /// Writes down what a poll brought.
    pub(crate) fn note_poll(&self, feed: &str, poll: &Poll<'_>) -> Result<Seen> {
        let now = now();
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO feed (address, asked) VALUES (?1, ?2) ON CONFLICT (address) DO UPDATE SET asked = ?2",
                params![feed, now],
            )?;
            let mut seen = Seen::default();
            match poll {
                Poll::Failed { what, not_before } => {
                    transaction.execute(
                        "UPDATE feed SET failure = ?2, not_before = ?3 WHERE address = ?1",
                        params![feed, what, not_before],
                    )?;
                }
                Poll::Unchanged => {
                    transaction.execute(
                        "UPDATE feed SET failure = NULL, not_before = NULL, good = ?2 WHERE address = ?1",
                        params![feed, now],
                    )?;
                }
                Poll::Fresh { title, entries, validators } => {
                    let renamed = renamed(transaction, feed, entries)?;
                    for entry in *entries {
                        let before = renamed.get(entry.identity.as_str());
                        let entry = match before {
                            Some(before) => Cow::Owned(Entry { identity: before.clone(), ..entry.clone() }),
                            None => Cow::Borrowed(entry),
                        };
                        note_entry(transaction, feed, &entry, now, &mut seen)?;
                    }
                    transaction.execute(
                        "UPDATE feed SET failure = NULL, not_before = NULL, good = ?2, title = coalesce(?3, title), etag = ?4, modified = ?5
                         WHERE address = ?1",
                        params![feed, now, title, validators.etag, validators.last_modified],
                    )?;
                }
            }
            Ok(seen)
        })
    }

    /// What is kept of stories that others may be like, by their sources.
    pub(crate) fn likenesses(&self) -> Result<Vec<(String, String)>> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            let mut statement = connection.prepare(
                "SELECT substr(name, length(?1) + 1), value FROM setting WHERE substr(name, 1, length(?1)) = ?1 ORDER BY rowid",
            )?;
            statement.query_map([LIKENESS], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|cause| self.failed(cause))
    }

    /// Keeps something of a story that others may be like.
    pub(crate) fn note_likeness(&self, source: &str, value: &str) -> Result<()> {
        self.set_setting(&format!("{LIKENESS}{source}"), value)
    }

    /// Forgets it again.
    pub(crate) fn forget_likenesses(&self, sources: &[String]) -> Result<()> {
        if sources.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            for source in sources {
                transaction
                    .execute("DELETE FROM setting WHERE name = ?1", [format!("{LIKENESS}{source}")])?;
            }
            Ok(())
        })
    }

    /// The entries of a feed that were published, or first seen, at `since` or later, the latest first. Entries of
    /// articles that another feed had before are none of its own.
    pub(crate) fn entries(&self, feed: &str, since: Option<i64>) -> Result<Vec<Entry>> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Vec<Entry>> {
            let mut statement = connection.prepare(
                "SELECT identity, content FROM entry
                 WHERE feed = ?1 AND repeats IS NULL AND min(coalesce(published, seen), seen) >= ?2
                 ORDER BY coalesce(published, seen) DESC, rowid",
            )?;
            let entry = |row: &rusqlite::Row<'_>| {
                let (identity, content): (String, String) = (row.get(0)?, row.get(1)?);
                Ok(Entry { identity, ..serde_json::from_str(&content).unwrap_or_default() })
            };
            statement.query_map(params![feed, since.unwrap_or(i64::MIN)], entry)?.collect()
        };
        read().map_err(|cause| self.failed(cause))
    }
}

/// Entries under new names, and their names before: some sites give all their articles new guids one day. Such an entry has the address
/// of one that the feed no longer has, and its time, or its headline where there is no time.
fn renamed<'a>(
    transaction: &rusqlite::Transaction<'_>,
    feed: &str,
    entries: &'a [Entry],
) -> rusqlite::Result<HashMap<&'a str, String>> {
    let here: HashSet<&str> = entries.iter().map(|entry| entry.identity.as_str()).collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for link in entries.iter().filter_map(|entry| entry.link.as_deref()) {
        *times.entry(link).or_default() += 1;
    }
    let mut of_link = transaction
        .prepare("SELECT identity, published, content FROM entry WHERE feed = ?1 AND link = ?2")?;
    let mut renamed = HashMap::new();
    for entry in entries {
        let Some(link) = entry.link.as_deref().filter(|link| times.get(link) == Some(&1)) else { continue };
        let before =
            of_link.query_map(params![feed, link], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let before: Vec<(String, Option<i64>, String)> = before.collect::<rusqlite::Result<_>>()?;
        let [(identity, published, content)] = before.as_slice() else { continue };
        let is_same = match (entry.published, published) {
            (Some(now), Some(before)) => now == *before,
            _ => serde_json::from_str(content).is_ok_and(|before: Entry| before.title == entry.title),
        };
        if is_same && !here.contains(identity.as_str()) {
            renamed.insert(entry.identity.as_str(), identity.clone());
        }
    }
    Ok(renamed)
}

fn note_entry(
    transaction: &rusqlite::Transaction<'_>,
    feed: &str,
    entry: &Entry,
    now: i64,
    seen: &mut Seen,
) -> rusqlite::Result<()> {
    let content = serde_json::to_string(entry).unwrap_or_default();
    let known: Option<String> = transaction
        .query_row(
            "SELECT content FROM entry WHERE feed = ?1 AND identity = ?2",
            params![feed, entry.identity],
            |row| row.get(0),
        )
        .optional()?;
    match known {
        Some(known) if known == content => {}
        Some(_) => {
            seen.changed += 1;
            transaction.execute(
                "UPDATE entry SET content = ?3, link = ?4 WHERE feed = ?1 AND identity = ?2",
                params![feed, entry.identity, content, entry.link],
            )?;
        }
        None => {
            // The same address in another feed is the same article. Within a feed it may be a live blog's.
            let repeats: Option<String> = transaction
                .query_row(
                    "SELECT feed FROM entry WHERE link = ?1 AND feed <> ?2 AND repeats IS NULL",
                    params![entry.link, feed],
                    |row| row.get(0),
                )
                .optional()?;
            *(if repeats.is_some() { &mut seen.repeated } else { &mut seen.new }) += 1;
            transaction.execute(
                "INSERT INTO entry (feed, identity, link, published, seen, content, repeats) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![feed, entry.identity, entry.link, entry.published, now, content, repeats],
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;

    fn entry(identity: &str, link: &str, published: i64) -> Entry {
        Entry {
            identity: identity.into(),
            link: Some(link.into()),
            published: Some(published),
            title: Some(format!("Story {identity}")),
            ..Entry::default()
        }
    }

    #[test]
    fn new_guids_for_old_addresses_are_no_new_entries() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = Manifest::open(folder.path(), &Cancel::new(), &mut || false).unwrap();
        let validators = Validators::default();
        let note = |entries: &[Entry]| {
            let seen = manifest
                .note_poll("f", &Poll::Fresh { title: None, entries, validators: &validators })
                .unwrap();
            let known = manifest.entries("f", None).unwrap();
            (seen.new, known.into_iter().map(|entry| entry.identity).collect::<Vec<_>>())
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
        assert_eq!(note(&[entry("1", "a", 100), entry("2", "b", 90)]), (2, names(&["1", "2"])));
        assert_eq!(note(&[entry("x", "a", 100), entry("y", "b", 90)]), (0, names(&["1", "2"])));
        // Every day another article at one address, and several at once.
        assert_eq!(note(&[entry("z", "a", 200)]), (1, names(&["z", "1", "2"])));
        let several = [entry("p", "b", 90), entry("q", "b", 90)];
        assert_eq!(note(&several).0, 2);
    }

    #[test]
    fn polls_are_remembered_with_their_entries() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Manifest::open(folder.path(), &Cancel::new(), &mut || false).unwrap();
        let validators =
            Validators { etag: Some(b"W/\"\xff x\"".to_vec()), last_modified: Some(b"whenever".to_vec()) };
        let manifest = open();
        assert_eq!(manifest.feed("https://a.example/feed").unwrap().validators, Validators::default());
        let entries = [entry("1", "https://a.example/1", 100), entry("2", "https://a.example/2", 200)];
        let fresh = |entries| Poll::Fresh { title: Some("Coast"), entries, validators: &validators };
        let seen = manifest.note_poll("https://a.example/feed", &fresh(&entries)).unwrap();
        assert_eq!(seen, Seen { new: 2, changed: 0, repeated: 0 });
        drop(manifest);
        // A later run sends back what it got, byte for byte, and still knows what was not made.
        let manifest = open();
        let known = manifest.feed("https://a.example/feed").unwrap();
        assert_eq!((known.validators, known.title.as_deref()), (validators.clone(), Some("Coast")));
        let names = |since| -> Vec<String> {
            let found = manifest.entries("https://a.example/feed", since).unwrap();
            found.into_iter().map(|entry| entry.identity).collect()
        };
        assert_eq!(names(None), ["2", "1"]);
        assert_eq!(names(Some(150)), ["2"]);
        // A changed headline, and one story that another feed has, too.
        let changed = Entry { title: Some("Another".into()), ..entries[1].clone() };
        let after = [changed.clone()];
        let seen = manifest.note_poll("https://a.example/feed", &fresh(&after)).unwrap();
        assert_eq!(seen, Seen { new: 0, changed: 1, repeated: 0 });
        assert_eq!(manifest.entries("https://a.example/feed", None).unwrap()[0], changed);
        let others = [entry("x", "https://a.example/1", 100), entry("y", "https://a.example/3", 100)];
        let seen = manifest.note_poll("https://b.example/feed", &fresh(&others)).unwrap();
        assert_eq!(seen, Seen { new: 1, changed: 0, repeated: 1 });
        assert_eq!(manifest.entries("https://b.example/feed", None).unwrap(), others[1..]);
        let failed = Poll::Failed { what: "the server is ill", not_before: Some(77) };
        manifest.note_poll("https://b.example/feed", &failed).unwrap();
        let known = manifest.feed("https://b.example/feed").unwrap();
        assert_eq!((known.failure.as_deref(), known.not_before), (Some("the server is ill"), Some(77)));
        assert!(known.good.is_some());
        assert_eq!(manifest.feeds().unwrap().len(), 2);
    }
}
