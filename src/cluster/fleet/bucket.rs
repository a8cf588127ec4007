//! A store of objects that is far away: each request takes its time, some fail, and all are counted.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio::time::{Instant, sleep};

use super::day::Chance;

/// Objects that one request lists.
const LISTED_AT_ONCE: usize = 1_000;
/// The name of what is put last.
const MANIFEST: &str = "manifest.json";

/// How the store is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// A request's usual time; some take several times as long.
    pub latency: Duration,
    /// Requests of a million that fail.
    pub failures: u32,
}

/// Requests so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Requests {
    pub heads: u64,
    pub gets: u64,
    pub puts: u64,
    pub deletes: u64,
    pub lists: u64,
    pub failed: u64,
}

/// The store. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    settings: Settings,
    objects: Arc<InMemory>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    requests: Requests,
    done: HashMap<String, Instant>,
    refused: u64,
}

impl Bucket {
    pub(super) fn new(settings: Settings, chance: Chance) -> Self {
        let state = State { chance, requests: Requests::default(), done: HashMap::new(), refused: 0 };
        Self { settings, objects: Arc::default(), state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn requests(&self) -> Requests {
        self.state().requests
    }

    /// Results that are there.
    pub(super) fn count(&self) -> usize {
        self.state().done.len()
    }

    /// When the result of a key was there.
    pub(super) fn done_at(&self, key: &str) -> Option<Instant> {
        self.state().done.get(key).copied()
    }

    /// Objects that were made anew although they were there.
    pub(super) fn refused(&self) -> u64 {
        self.state().refused
    }

    async fn request(&self, kind: impl Fn(&mut Requests) -> &mut u64) -> Result<()> {
        let (time, fails) = {
            let mut state = self.state();
            *kind(&mut state.requests) += 1;
            let time = self.settings.latency / 2 + state.chance.wait(self.settings.latency / 2);
            let fails = state.chance.part() * 1e6 < f64::from(self.settings.failures);
            state.requests.failed += u64::from(fails);
            (time, fails)
        };
        sleep(time).await;
        if fails {
            return Err(Error::Generic { store: "bucket", source: "503 Slow Down".into() });
        }
        Ok(())
    }
}

impl Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bucket far away")
    }
}

#[async_trait]
impl ObjectStore for Bucket {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.request(|requests| &mut requests.puts).await?;
        let manifest = path.as_ref().strip_suffix(MANIFEST);
        // Whether it is there is all that anybody asks of a manifest; a million of them would fill the memory.
        let kept = if manifest.is_some() { PutPayload::new() } else { payload };
        let put = self.objects.put_opts(path, kept, options).await;
        if put.is_err() {
            self.state().refused += 1;
        } else if let Some(folder) = manifest {
            self.state().done.insert(folder.trim_end_matches('/').to_string(), Instant::now());
        }
        put
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(Error::NotImplemented { operation: "put_multipart".into(), implementer: self.to_string() })
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let is_head = options.head;
        self.request(|requests| if is_head { &mut requests.heads } else { &mut requests.gets }).await?;
        self.objects.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let bucket = self.clone();
        let delete = move |path: Result<Path>| {
            let bucket = bucket.clone();
            async move {
                bucket.request(|requests| &mut requests.deletes).await?;
                let one = stream::once(async { path }).boxed();
                let mut deleted: Vec<Path> = bucket.objects.delete_stream(one).try_collect().await?;
                deleted
                    .pop()
                    .ok_or(Error::NotImplemented { operation: "delete".into(), implementer: String::new() })
            }
        };
        paths.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (bucket, prefix) = (self.clone(), prefix.cloned());
        let pages = async move {
            let all: Vec<_> = bucket.objects.list(prefix.as_ref()).collect().await;
            for _ in 0..all.len().div_ceil(LISTED_AT_ONCE).max(1) {
                bucket.request(|requests| &mut requests.lists).await?;
            }
            Ok::<_, Error>(stream::iter(all))
        };
        stream::once(pages).try_flatten().boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Err(Error::NotImplemented { operation: "list_with_delimiter".into(), implementer: self.to_string() })
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(Error::NotImplemented { operation: "copy".into(), implementer: self.to_string() })
    }
}
