//! Objects by name, in a folder that all machines share or in a bucket of S3. An object appears whole, and one that is put as new
//! replaces none.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::{Path, PathPart};
use object_store::{
    Attribute, Attributes, ClientConfigKey, GetResult, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    PutPayload,
};
use sha2::{Digest, Sha256};

use super::choose_ring;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::hash::hex;

/// Begins the address of a bucket.
const S3: &str = "s3://";
/// An object of this length or more, in bytes, is large. The client allows 30 seconds for a request with its body: too little for these.
const LARGE: usize = 4 << 20;
/// The time that a large object may take: 700 MB, four hours of sound in WAV, at 3 Mbit/s.
const PATIENCE: &str = "30m";
/// So often a put may meet another one before that is an error.
const CONFLICTS: usize = 5;

/// Where objects lie.
#[derive(Clone, Debug)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    /// The same for large objects, which may take long.
    patient: Arc<dyn ObjectStore>,
    /// The part of a bucket.
    root: Path,
    /// Whether it is a bucket, where a type can be kept with an object.
    is_bucket: bool,
    name: String,
}

/// What became of an object that was put as new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is there.
    Now,
    /// One of its name was there before, and still is.
    Before,
}

impl Objects {
    /// Opens `s3://BUCKET/PREFIX`, by the variables `AWS_…` of the environment, or else a folder, which is made where it is missing.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a bucket that can't be meant, [`ErrorKind::Output`] for a folder that can't be used.
    pub(crate) fn open(typed: &str) -> Result<Self> {
        match typed.strip_prefix(S3) {
            Some(rest) => Self::bucket(typed, rest),
            None => Self::folder(typed.as_ref()),
        }
    }

    /// Those of a store that a test has.
    #[cfg(test)]
    pub(crate) fn of(store: Arc<dyn ObjectStore>) -> Self {
        let name = store.to_string();
        Self { patient: store.clone(), store, root: Path::default(), is_bucket: false, name }
    }

    fn bucket(typed: &str, rest: &str) -> Result<Self> {
        let wrong = |what: &str| Error::new(ErrorKind::Usage, what).at(Place::file(typed));
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(wrong("the bucket has no name"));
        }
        choose_ring();
        let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        let built = |builder: AmazonS3Builder| -> Result<Arc<dyn ObjectStore>> {
            let store = builder.build().map_err(|cause| wrong("the bucket can't be used").because(cause))?;
            Ok(Arc::new(store))
        };
        let timeout = AmazonS3ConfigKey::Client(ClientConfigKey::Timeout);
        let (store, patient) = (built(builder.clone())?, built(builder.with_config(timeout, PATIENCE))?);
        let root =
            Path::parse(prefix).map_err(|cause| wrong("that is no place in a bucket").because(cause))?;
        Ok(Self { store, patient, root, is_bucket: true, name: typed.to_string() })
    }

    fn folder(path: &FilePath) -> Result<Self> {
        let failed = |cause: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Output, "the folder of the results can't be used")
                .at(Place::file(path))
                .because(cause)
                .with_cure(Cure::MakeFolderWritable)
        };
        std::fs::create_dir_all(path).map_err(|cause| failed(cause.into()))?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|cause| failed(cause.into()))?;
        let store: Arc<dyn ObjectStore> = Arc::new(store.with_fsync(true));
        Ok(Self {
            patient: store.clone(),
            store,
            root: Path::default(),
            is_bucket: false,
            name: path.display().to_string(),
        })
    }

    fn path(&self, parts: &[&str]) -> Path {
        // Letters of all scripts stay as they are; what no part may hold is coded.
        let part = |part| PathPart::parse(part).unwrap_or_else(|_| PathPart::from(part));
        parts.iter().fold(self.root.clone(), |path, name| path.join(part(*name)))
    }

    fn failed(&self, what: &str, parts: &[&str], cause: object_store::Error) -> Error {
        Error::new(ErrorKind::Output, what).at(Place::file(self.place(parts))).because(cause)
    }

    /// What messages call an object.
    fn place(&self, parts: &[&str]) -> PathBuf {
        PathBuf::from(&self.name).join(parts.iter().collect::<PathBuf>())
    }

    /// Whether what failed may do well at another time: the bucket is away.
    pub(crate) fn may_come_back(&self, error: &Error) -> bool {
        self.is_bucket && error.kind() == ErrorKind::Output && !Self::is_refusal(error)
    }

    /// Whether a store, though it answers, will not do what is asked of it: it forbids that, or does not know it.
    pub(crate) fn is_refusal(error: &Error) -> bool {
        use object_store::Error::{NotImplemented, NotSupported, PermissionDenied, Unauthenticated};
        let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref());
        matches!(
            cause,
            Some(
                PermissionDenied { .. }
                    | Unauthenticated { .. }
                    | NotSupported { .. }
                    | NotImplemented { .. }
            )
        )
    }

    /// Puts an object, unless one of its name is there.
    pub(crate) async fn put_new(&self, parts: &[&str], bytes: Vec<u8>, media_type: &str) -> Result<Put> {
        use object_store::Error::{AlreadyExists, Precondition};
        let failed = |cause| self.failed("a result can't be written", parts, cause);
        let bytes = Bytes::from(bytes);
        let mut tries = 0;
        loop {
            match self.put(parts, bytes.clone(), media_type, PutMode::Create).await {
                Ok(()) => return Ok(Put::Now),
                // S3 also says so (409) when two puts or a removal come at the same time. Then nothing may be there, and Amazon says that it should
                // be put again.
                Err(cause @ (AlreadyExists { .. } | Precondition { .. })) => {
                    if self.has(parts).await? {
                        return Ok(Put::Before);
                    }
                    tries += 1;
                    if tries == CONFLICTS {
                        return Err(failed(cause));
                    }
                }
                Err(cause) => return Err(failed(cause)),
            }
        }
    }

    /// Puts an object, in the place of one that may be there.
    pub(crate) async fn replace(&self, parts: &[&str], bytes: Vec<u8>, media_type: &str) -> Result<()> {
        let put = self.put(parts, bytes.into(), media_type, PutMode::Overwrite).await;
        put.map_err(|cause| self.failed("an object can't be written", parts, cause))
    }

    async fn put(
        &self,
        parts: &[&str],
        bytes: Bytes,
        media_type: &str,
        mode: PutMode,
    ) -> object_store::Result<()> {
        let mut attributes = Attributes::new();
        if self.is_bucket {
            attributes.insert(Attribute::ContentType, media_type.to_string().into());
        }
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let store = if bytes.len() < LARGE { &self.store } else { &self.patient };
        store.put_opts(&self.path(parts), PutPayload::from(bytes), options).await.map(drop)
    }

    /// Whether an object is there.
    pub(crate) async fn has(&self, parts: &[&str]) -> Result<bool> {
        match self.store.head(&self.path(parts)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(cause) => Err(self.failed("it can't be seen whether a result is there", parts, cause)),
        }
    }

    /// The bytes of an object; `None` where there is none. Others may write there, too: one with more bytes than `most` is not read.
    pub(crate) async fn get(&self, parts: &[&str], most: u64) -> Result<Option<Vec<u8>>> {
        let unread = |cause| self.failed("an object can't be read", parts, cause);
        let store = if most < LARGE as u64 { &self.store } else { &self.patient };
        let Some(found) = self.find(store, parts).await? else { return Ok(None) };
        if found.meta.size > most {
            let place = Place::file(self.place(parts));
            return Err(Error::new(ErrorKind::Input, "an object is larger than any of its kind").at(place));
        }
        Ok(Some(found.bytes().await.map_err(unread)?.to_vec()))
    }

    /// The length of an object in bytes, and the SHA-256 of its content; `None` where there is none. It is never whole in memory.
    pub(crate) async fn measure(&self, parts: &[&str]) -> Result<Option<(u64, String)>> {
        let unread = |cause| self.failed("an object can't be read", parts, cause);
        let Some(found) = self.find(&self.patient, parts).await? else { return Ok(None) };
        let (mut size, mut hash, mut bytes) = (0, Sha256::new(), found.into_stream());
        while let Some(some) = bytes.try_next().await.map_err(unread)? {
            size += some.len() as u64;
            hash.update(&some);
        }
        Ok(Some((size, hex(&hash.finalize()))))
    }

    async fn find(&self, store: &Arc<dyn ObjectStore>, parts: &[&str]) -> Result<Option<GetResult>> {
        match store.get(&self.path(parts)).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(self.failed("an object can't be read", parts, cause)),
        }
    }

    /// Removes an object, where there is one.
    pub(crate) async fn remove(&self, parts: &[&str]) -> Result<()> {
        match self.store.delete(&self.path(parts)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(self.failed("an object can't be removed", parts, cause)),
        }
    }

    /// The last names of the objects below a place, sorted.
    pub(crate) async fn list(&self, parts: &[&str]) -> Result<Vec<String>> {
        let path = self.path(parts);
        let found = self.store.list(Some(&path)).map_ok(|object| object.location);
        let found: Vec<Path> = found
            .try_collect()
            .await
            .map_err(|cause| self.failed("objects can't be listed", parts, cause))?;
        let mut names: Vec<String> =
            found.iter().filter_map(|path| path.filename().map(str::to_string)).collect();
        names.sort();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[tokio::test]
    async fn an_object_that_is_put_as_new_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(folder.path().join("new/results").to_str().unwrap()).unwrap();
        let parts = ["key", "항구 100%.mp3"];
        assert!(!objects.has(&parts).await.unwrap());
        assert_eq!(objects.get(&parts, 1).await.unwrap(), None);
        assert_eq!(objects.measure(&parts).await.unwrap(), None);
        objects.remove(&parts).await.unwrap();
        assert_eq!(objects.put_new(&parts, b"a".to_vec(), "audio/mpeg").await.unwrap(), Put::Now);
        assert_eq!(objects.put_new(&parts, b"b".to_vec(), "audio/mpeg").await.unwrap(), Put::Before);
        assert_eq!(objects.get(&parts, 1).await.unwrap().as_deref(), Some(&b"a"[..]));
        let file = folder.path().join("new/results/key/항구 100%.mp3");
        assert!(file.exists(), "others look for it by its name");
        objects.replace(&parts, b"c".to_vec(), "audio/mpeg").await.unwrap();
        assert_eq!(objects.get(&parts, 1).await.unwrap().as_deref(), Some(&b"c"[..]));
        assert_eq!(objects.measure(&parts).await.unwrap(), Some((1, hex(&Sha256::digest(b"c")))));
        objects.replace(&parts, b"cd".to_vec(), "audio/mpeg").await.unwrap();
        let error = objects.get(&parts, 1).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Input && !objects.may_come_back(&error), "{error:?}");
        assert_eq!(objects.list(&["key"]).await.unwrap().len(), 1);
        objects.remove(&parts).await.unwrap();
        assert!(objects.list(&["key"]).await.unwrap().is_empty());
        assert!(objects.list(&["never"]).await.unwrap().is_empty());
    }

    #[test]
    fn a_store_that_forbids_is_none_that_is_away() {
        let objects = Objects::of(Arc::new(object_store::memory::InMemory::new()));
        let (path, source) = ("a".to_string(), || "no".into());
        let rows = [
            (object_store::Error::PermissionDenied { path: path.clone(), source: source() }, true),
            (object_store::Error::Unauthenticated { path, source: source() }, true),
            (object_store::Error::NotSupported { source: source() }, true),
            (object_store::Error::Generic { store: "S3", source: source() }, false),
        ];
        each(rows, |(cause, is)| {
            let shown = cause.to_string();
            assert_eq!(Objects::is_refusal(&objects.failed("no", &["a"], cause)), is, "{shown}");
        });
    }

    #[test]
    fn a_place_that_can_not_be_meant_is_refused() {
        each(["s3://", "s3:///a", "s3://bucket/a//b"], |typed| {
            assert_eq!(Objects::open(typed).unwrap_err().kind(), ErrorKind::Usage, "{typed}");
        });
        let file = tempfile::NamedTempFile::new().unwrap();
        let inside = file.path().join("results");
        assert_eq!(Objects::open(inside.to_str().unwrap()).unwrap_err().kind(), ErrorKind::Output);
    }
}
