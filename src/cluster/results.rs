//! Results by key. A job is done when the manifest of its result is there: that is the only truth in a cluster.
//!
//! ```text
//!  RESULTS/<key>/NAME.mp3, …      the files of a report
//!         /<key>/manifest.json    put last: what they are
//! ```
//!
//! Two workers may make the same result. Each file is put once, by whoever comes first, and is never changed after that. A worker that
//! comes second writes down what lies there, so a manifest is true whoever puts it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::job::{Job, Key};
use super::objects::{Objects, Put};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::hash::hex;
use crate::order::{FileKind, LeftOut, Made, Story, UnknownWord};

/// The version of a manifest.
const VERSION: u32 = 1;
/// The name of a manifest.
const MANIFEST: &str = "manifest.json";

/// Where results lie.
#[derive(Clone, Debug)]
pub(crate) struct Results(Objects);

/// What a result is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// The key of the job.
    pub key: Key,
    /// What messages called the article.
    pub name: String,
    /// Its headline.
    pub title: Option<String>,
    /// Its address.
    pub source: Option<String>,
    /// How sure it is that this is the story.
    pub confidence: Option<f64>,
    /// Who reads.
    pub voice: String,
    /// How fast.
    pub speed: f32,
    /// The kernels.
    pub kernel: String,
    /// The version of the program.
    pub program: String,
    /// The machine that made it.
    pub host: String,
    /// Seconds of sound.
    pub seconds: f64,
    /// What is not read.
    pub left_out: Vec<LeftOut>,
    /// Words that no dictionary has.
    pub unknown_words: Vec<UnknownWord>,
    /// Its files, the sound first.
    pub files: Vec<ResultFile>,
}

/// A file of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResultFile {
    /// Its name beside the manifest.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Its media type.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its content.
    pub sha256: String,
}

impl Results {
    /// The results among these objects.
    pub(crate) fn of(objects: &Objects) -> Self {
        Self(objects.clone())
    }

    /// Whether the result of a job is there.
    pub(crate) async fn has(&self, key: &Key) -> Result<bool> {
        self.0.has(&[key.as_str(), MANIFEST]).await
    }

    /// What the result of a job is; `None` where there is none.
    #[cfg(test)]
    pub(crate) async fn manifest(&self, key: &Key) -> Result<Option<Manifest>> {
        let bytes = self.0.get(&[key.as_str(), MANIFEST], u64::MAX).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Puts a result: its files, and then the manifest.
    pub(crate) async fn put(&self, job: &Job, story: &Story, made: &Made, host: &str) -> Result<Put> {
        let mut files = Vec::new();
        for file in &made.files {
            let unread = |cause| {
                Error::new(ErrorKind::Synthesis, "a file of the report is gone")
                    .at(Place::file(&file.path))
                    .because(cause)
            };
            let bytes = tokio::fs::read(&file.path).await.map_err(unread)?;
            let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (size, sha256) = self.put_file(&job.key, &name, bytes, file.media_type).await?;
            let media_type = file.media_type.to_string();
            files.push(ResultFile { name, kind: file.kind, media_type, size, sha256 });
        }
        let Story { title, source, confidence, left_out } = story.clone();
        let manifest = Manifest {
            version: VERSION,
            key: job.key.clone(),
            name: job.name.clone(),
            title,
            source,
            confidence,
            voice: job.order.voice.clone(),
            speed: job.order.speed().factor(),
            kernel: job.kernel.as_str().to_string(),
            program: env!("CARGO_PKG_VERSION").to_string(),
            host: host.to_string(),
            seconds: made.seconds,
            left_out,
            unknown_words: made.unknown_words.clone(),
            files,
        };
        let written = serde_json::to_vec_pretty(&manifest)
            .map_err(|cause| Error::new(ErrorKind::Output, "a manifest can't be written").because(cause))?;
        self.0.put_new(&[job.key.as_str(), MANIFEST], written, "application/json").await
    }

    /// Puts a file, and says how long the one is that lies there, and its hash.
    async fn put_file(
        &self,
        key: &Key,
        name: &str,
        bytes: Vec<u8>,
        media_type: &str,
    ) -> Result<(u64, String)> {
        let parts = [key.as_str(), name];
        let own = (bytes.len() as u64, hex(&Sha256::digest(&bytes)));
        if self.0.put_new(&parts, bytes, media_type).await? == Put::Now {
            return Ok(own);
        }
        let there = self.0.measure(&parts).await?;
        there.ok_or_else(|| Error::new(ErrorKind::Output, "a file of the result is gone"))
    }
}
