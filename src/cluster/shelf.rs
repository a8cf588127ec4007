//! What lies beside the results: articles too long for a message, what is still wanted, and jobs that can't be done.
//!
//! ```text
//!  RESULTS/wanted/<key>.json    a job whose result somebody waits for; it goes when the result is there
//!         /texts/<key>          its article, where the message has no room for it
//!         /dead/<key>.json      a job that can't be done, with cause and log
//!         /identity            the name of this place among those that share a queue
//!         /excused/<hash>       how often a message came back for no fault of its own, as JSON
//! ```

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::job::{Job, Key, Text};
use super::objects::{Objects, Put};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::hex;

const WANTED: &str = "wanted";
const TEXTS: &str = "texts";
const DEAD: &str = "dead";
const EXCUSED: &str = "excused";
/// The identity of the place, and its bytes.
const IDENTITY: &str = "identity";
const IDENTITY_BYTES: usize = 8;
const ENDING: &str = ".json";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain";
/// Bytes of the longest article, as the command line takes it.
const LONGEST_TEXT: u64 = 256 << 20;
/// Bytes of the longest job, letter or note. A server of NATS takes jobs of 1 MiB where nobody allows more.
const LONGEST_NOTE: u64 = 3 << 20;

/// The shelf.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(Objects);

/// A job that can't be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeadLetter {
    /// Its key; of a message that is no job, the hash.
    pub key: Key,
    /// What messages call its article.
    pub name: String,
    /// The sort of its last failure, as in JSON elsewhere.
    pub kind: String,
    /// Its last failure, and what caused that.
    pub cause: String,
    /// What its last worker noted.
    pub log: Vec<String>,
    /// How often it was given out.
    pub deliveries: u64,
    /// The machine that gave it up.
    pub host: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// The job, to be put back; none where the message was no job.
    pub job: Option<Job>,
}

/// How often a message came back for no fault of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Excuses {
    /// The number of the delivery after which this was noted. A queue that lost everything counts from one again; then older excuses count no more.
    pub delivery: u64,
    /// All of these times.
    pub all: u64,
    /// Those among them at which a machine could not do it.
    pub refusals: u64,
}

impl Shelf {
    /// The shelf among these objects.
    pub(crate) fn of(objects: &Objects) -> Self {
        Self(objects.clone())
    }

    /// The identity of this place for results, which whoever comes first gives it (`Put::Now`): jobs are submitted for one place, and reports of texts that
    /// are not published must not lie in another one. A place that takes no object only where none is fails here.
    ///
    /// # Errors
    /// The place can't be written, or it has an identity that is none.
    pub(crate) async fn identity(&self) -> Result<(String, Put)> {
        let failed = |what| Error::new(ErrorKind::Output, what);
        let mut random = [0; IDENTITY_BYTES];
        getrandom::fill(&mut random)
            .map_err(|cause| failed("the system has no random numbers").because(cause))?;
        let own = hex(&random);
        if self.0.put_new(&[IDENTITY], own.clone().into_bytes(), TEXT).await? == Put::Now {
            return Ok((own, Put::Now));
        }
        let there =
            self.0.get(&[IDENTITY], LONGEST_NOTE).await?.and_then(|bytes| String::from_utf8(bytes).ok());
        let is_one =
            |text: &String| text.len() == own.len() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let there = there.filter(is_one).map(|there| (there, Put::Before));
        there.ok_or_else(|| failed("the place for results has an identity that is none"))
    }

    /// Notes that a result is wanted, before the queue knows of it. A long article is put first.
    pub(crate) async fn want(&self, job: &Job, article: &[u8]) -> Result<()> {
        if matches!(job.text, Text::Shelved(_)) {
            self.0.replace(&[TEXTS, job.key.as_str()], article.to_vec(), BYTES).await?;
        }
        self.0.replace(&[WANTED, &file(&job.key)], job.to_bytes()?, JSON).await
    }

    /// The keys of what is wanted.
    pub(crate) async fn wanted(&self) -> Result<Vec<Key>> {
        Ok(keys(&self.0.list(&[WANTED]).await?))
    }

    /// A job that is wanted; `None` where its result has come meanwhile.
    pub(crate) async fn wanted_job(&self, key: &Key) -> Result<Option<Job>> {
        self.0
            .get(&[WANTED, &file(key)], LONGEST_NOTE)
            .await?
            .map(|bytes| Job::from_bytes(&bytes))
            .transpose()
    }

    /// The article of a job.
    pub(crate) async fn article(&self, job: &Job) -> Result<Vec<u8>> {
        let Text::Shelved(sha256) = &job.text else {
            return job.text.inline().unwrap_or_else(|| Ok(Vec::new()));
        };
        let gone = || Error::new(ErrorKind::Input, "the article of a job is not on the shelf");
        let bytes = self.0.get(&[TEXTS, job.key.as_str()], LONGEST_TEXT).await?.ok_or_else(gone)?;
        if hex(&Sha256::digest(&bytes)) != *sha256 {
            return Err(Error::new(
                ErrorKind::Input,
                "the article of a job is another one than was submitted",
            ));
        }
        Ok(bytes)
    }

    /// Clears what a job needs no more when its result is there.
    pub(crate) async fn clear(&self, key: &Key) -> Result<()> {
        self.0.remove(&[WANTED, &file(key)]).await?;
        self.0.remove(&[TEXTS, key.as_str()]).await?;
        self.0.remove(&[DEAD, &file(key)]).await
    }

    /// Keeps a job that can't be done. It stays wanted, but nobody submits it by himself.
    pub(crate) async fn bury(&self, letter: &DeadLetter) -> Result<()> {
        let written = serde_json::to_vec_pretty(letter).map_err(|cause| {
            Error::new(ErrorKind::Output, "a dead letter can't be written").because(cause)
        })?;
        self.0.replace(&[DEAD, &file(&letter.key)], written, JSON).await
    }

    /// The keys of the jobs that can't be done.
    pub(crate) async fn dead(&self) -> Result<Vec<Key>> {
        Ok(keys(&self.0.list(&[DEAD]).await?))
    }

    /// Whether a job can't be done.
    pub(crate) async fn is_dead(&self, key: &Key) -> Result<bool> {
        self.0.has(&[DEAD, &file(key)]).await
    }

    /// What is known of a job that can't be done.
    pub(crate) async fn letter(&self, key: &Key) -> Result<Option<DeadLetter>> {
        let damaged = |cause| Error::new(ErrorKind::Input, "a dead letter is damaged").because(cause);
        let bytes = self.0.get(&[DEAD, &file(key)], LONGEST_NOTE).await?;
        bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(damaged)).transpose()
    }

    /// What speaks for a message that came back.
    pub(crate) async fn excuses(&self, message: &Key) -> Result<Excuses> {
        let noted = self.0.get(&[EXCUSED, message.as_str()], LONGEST_NOTE).await?;
        Ok(noted.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    /// Keeps that. Only whoever has the lease of the message does so.
    pub(crate) async fn excuse(&self, message: &Key, excuses: Excuses) -> Result<()> {
        let failed = |cause| Error::new(ErrorKind::Output, "an excuse can't be written").because(cause);
        let written = serde_json::to_vec(&excuses).map_err(failed)?;
        self.0.replace(&[EXCUSED, message.as_str()], written, JSON).await
    }

    /// Forgets that.
    pub(crate) async fn forget_excuses(&self, message: &Key) -> Result<()> {
        self.0.remove(&[EXCUSED, message.as_str()]).await
    }

    /// Whether a job is wanted.
    pub(crate) async fn is_wanted(&self, key: &Key) -> Result<bool> {
        self.0.has(&[WANTED, &file(key)]).await
    }

    /// Takes a dead letter away.
    pub(crate) async fn raise(&self, key: &Key) -> Result<()> {
        self.0.remove(&[DEAD, &file(key)]).await
    }
}

fn file(key: &Key) -> String {
    format!("{}{ENDING}", key.as_str())
}

fn keys(names: &[String]) -> Vec<Key> {
    let stems = names.iter().filter_map(|name| name.strip_suffix(ENDING));
    stems.filter_map(|stem| Key::try_from(stem.to_string()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_has_one_identity() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let of = async |folder: &tempfile::TempDir| {
            Shelf::of(&Objects::open(folder.path().to_str().unwrap()).unwrap()).identity().await
        };
        let (first, put) = of(&one).await.unwrap();
        assert_eq!(put, Put::Now);
        assert_eq!(of(&one).await.unwrap(), (first.clone(), Put::Before));
        assert_ne!(of(&other).await.unwrap().0, first);
        std::fs::write(one.path().join(IDENTITY), "../..").unwrap();
        assert_eq!(of(&one).await.unwrap_err().kind(), ErrorKind::Output);
    }
}
