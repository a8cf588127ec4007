//! Workers on a queue within this process, and results in a folder.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::*;
use crate::cluster::Objects;
use crate::cluster::job::MOST_INLINE;
use crate::cluster::job::tests::{job, kernel, order};
use crate::cluster::queue::local::LocalQueue;
use crate::cluster::queue::{Failed, Submitted, Waiting};
use crate::cluster::results::Manifest;
use crate::cluster::submit::{State, Submitter};
use crate::order::{FileKind, Made, MadeFile, Step, Story, Task};
use crate::report::SpeechSettings;

/// A lease that ends soon.
const ACK_WAIT: Duration = Duration::from_millis(300);
/// One that is longer than a busy machine takes to extend it.
const LONG_ACK_WAIT: Duration = Duration::from_millis(1_500);

/// Writes the article in capitals. Fails so often first, and takes so long.
#[derive(Default)]
struct Stub {
    failures: AtomicUsize,
    kind: Option<ErrorKind>,
    takes: Duration,
    made: AtomicUsize,
}

impl Maker for Stub {
    fn address(&self, typed: &str) -> Result<String> {
        Ok(typed.to_string())
    }

    fn make(&self, task: Task<'_>, observe: &mut dyn FnMut(Step)) -> Result<Made> {
        let title = Some("Port".to_string());
        observe(Step::Loaded(Story { title, ..Story::default() }));
        if task.cancel.sleep(self.takes) {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        let left = self.failures.load(Ordering::SeqCst);
        if left > 0 {
            self.failures.store(left - 1, Ordering::SeqCst);
            return Err(Error::new(self.kind.unwrap_or(ErrorKind::Synthesis), "the voice is hoarse"));
        }
        let text = String::from_utf8_lossy(&task.content.unwrap_or_default()).to_uppercase();
        let path = task.folder.join("port.mp3");
        fs::write(&path, text).unwrap();
        self.made.fetch_add(1, Ordering::SeqCst);
        let file = MadeFile { path, kind: FileKind::Audio, media_type: "audio/mpeg" };
        Ok(Made { unknown_words: Vec::new(), seconds: 2.0, files: vec![file] })
    }
}

struct Tone;

impl Narrators for Tone {
    fn narrator(&self, _: &str, _: &str) -> Result<Narrator> {
        Ok(Narrator::tone(&SpeechSettings::default()))
    }
}

/// A machine that lacks the voice.
struct Voiceless;

impl Narrators for Voiceless {
    fn narrator(&self, _: &str, _: &str) -> Result<Narrator> {
        Err(Error::new(ErrorKind::VoiceMissing, "the voice is not here"))
    }
}

/// Machines around one folder.
struct Cluster {
    folder: TempDir,
    queue: Arc<LocalQueue>,
    stub: Arc<Stub>,
}

impl Cluster {
    fn of(stub: Stub) -> Self {
        Self::with_leases(stub, ACK_WAIT)
    }

    fn with_leases(stub: Stub, ack_wait: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, queue: Arc::new(LocalQueue::new(ack_wait)), stub: Arc::new(stub) }
    }

    fn objects(&self) -> Objects {
        Objects::open(self.folder.path().to_str().unwrap()).unwrap()
    }

    fn submitter(&self) -> Submitter<LocalQueue> {
        let objects = self.objects();
        Submitter { queue: self.queue.clone(), results: Results::of(&objects), shelf: Shelf::of(&objects) }
    }

    fn worker(&self) -> Worker<LocalQueue, OwnThread> {
        let objects = self.objects();
        Worker {
            queue: self.queue.clone(),
            results: Results::of(&objects),
            shelf: Shelf::of(&objects),
            maker: self.stub.clone(),
            narrators: Arc::new(Tone),
            workplace: OwnThread,
            kernel: kernel("avx2"),
            host: "here".to_string(),
            tallies: Arc::default(),
            grounds: Grounds::default(),
        }
    }

    /// Submits a text.
    async fn submit(&self, text: &str) -> (Job, State) {
        let job = job(text);
        let state = self.submitter().submit(&job, text.as_bytes()).await.unwrap();
        (job, state)
    }

    /// Works until the queue is empty.
    async fn work(&self) {
        let stop = Stop::of(&Cancel::new(), Duration::ZERO);
        let queue = self.queue.clone();
        let is_enough = async || queue.waiting() == Waiting::default();
        self.worker().run(&stop, is_enough).await;
    }

    async fn manifest(&self, key: &Key) -> Option<Manifest> {
        Results::of(&self.objects()).manifest(key).await.unwrap()
    }

    fn files(&self, place: &str) -> usize {
        fs::read_dir(self.folder.path().join(place)).map_or(0, Iterator::count)
    }
}

#[tokio::test]
async fn a_job_is_done_when_its_result_is_there() {
    let cluster = Cluster::of(Stub::default());
    let (job, state) = cluster.submit("Ships came back.").await;
    assert_eq!(state, State::Submitted);
    assert_eq!(cluster.submit("Ships came back.").await.1, State::Queued);
    assert!(cluster.manifest(&job.key).await.is_none());
    cluster.work().await;
    let manifest = cluster.manifest(&job.key).await.unwrap();
    assert_eq!((manifest.title.as_deref(), manifest.host.as_str()), (Some("Port"), "here"));
    let file = &manifest.files[0];
    let bytes = fs::read(cluster.folder.path().join(job.key.as_str()).join(&file.name)).unwrap();
    assert_eq!(bytes, b"SHIPS CAME BACK.");
    assert_eq!(file.size, bytes.len() as u64);
    assert_eq!(file.sha256, Key::of_bytes(&bytes).as_str());
    assert_eq!((cluster.files("wanted"), cluster.files("dead")), (0, 0));
    assert_eq!(cluster.submit("Ships came back.").await.1, State::There);
    assert_eq!(cluster.stub.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_long_article_lies_on_the_shelf_until_its_result_is_there() {
    let cluster = Cluster::of(Stub::default());
    let text = "x".repeat(MOST_INLINE + 1);
    let (job, _) = cluster.submit(&text).await;
    assert_eq!(cluster.files("texts"), 1);
    cluster.work().await;
    assert_eq!(cluster.manifest(&job.key).await.unwrap().files[0].size, text.len() as u64);
    assert_eq!(cluster.files("texts"), 0);
}

#[tokio::test]
async fn what_the_queue_loses_is_submitted_again() {
    let cluster = Cluster::of(Stub::default());
    let (job, _) = cluster.submit("Ships came back.").await;
    assert_eq!(cluster.submitter().reconcile().await.unwrap(), 0, "the queue has it");
    cluster.queue.lose();
    assert_eq!(cluster.submitter().reconcile().await.unwrap(), 1);
    cluster.work().await;
    assert!(cluster.manifest(&job.key).await.is_some());
    assert_eq!(cluster.submitter().reconcile().await.unwrap(), 0);
}

#[tokio::test]
async fn a_late_acknowledgement_does_no_harm() {
    let cluster = Cluster::with_leases(Stub { takes: LONG_ACK_WAIT * 3, ..Stub::default() }, LONG_ACK_WAIT);
    let (job, _) = cluster.submit("Ships came back.").await;
    // The first worker is frozen, and its lease ends.
    let late = cluster.queue.take(&job.kernel).await.unwrap().unwrap();
    tokio::time::sleep(LONG_ACK_WAIT * 2).await;
    let second = cluster.work();
    let first = async {
        tokio::time::sleep(LONG_ACK_WAIT).await;
        // It wakes up, and believes that all is done: the job leaves the queue while the second works.
        cluster.queue.done(&late.lease).await.unwrap();
    };
    tokio::join!(second, first);
    // The second goes on, as nothing says that the job is done.
    assert!(cluster.manifest(&job.key).await.is_some());
    assert_eq!(cluster.submitter().reconcile().await.unwrap(), 0);
}

#[tokio::test]
async fn a_job_that_outlives_its_lease_is_kept_by_extending_it() {
    let cluster = Cluster::with_leases(Stub { takes: LONG_ACK_WAIT * 3, ..Stub::default() }, LONG_ACK_WAIT);
    let (job, _) = cluster.submit("Ships came back.").await;
    tokio::join!(cluster.work(), cluster.work());
    assert!(cluster.manifest(&job.key).await.is_some());
    assert_eq!(cluster.stub.made.load(Ordering::SeqCst), 1, "nobody else got it");
}

#[tokio::test]
async fn a_job_that_fails_is_tried_four_times_and_then_kept_with_cause_and_log() {
    let cluster = Cluster::of(Stub { failures: AtomicUsize::new(4), ..Stub::default() });
    let (job, _) = cluster.submit("Ships came back.").await;
    cluster.work().await;
    let shelf = Shelf::of(&cluster.objects());
    let letter = shelf.letter(&job.key).await.unwrap().unwrap();
    assert_eq!((letter.deliveries, &*letter.kind), (4, "Synthesis"), "{letter:?}");
    assert!(letter.cause.contains("hoarse"), "{letter:?}");
    assert!(letter.log.iter().any(|line| line.contains("the article is read")), "{letter:?}");
    assert_eq!(letter.job.as_ref(), Some(&job));
    assert_eq!(cluster.submitter().reconcile().await.unwrap(), 0, "nobody puts it back by himself");
    assert_eq!(cluster.submit("Ships came back.").await.1, State::Dead);
    assert_eq!(cluster.submitter().retry(&job.key).await.unwrap(), State::Submitted);
    cluster.work().await;
    assert!(cluster.manifest(&job.key).await.is_some());
    assert!(shelf.dead().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_article_at_fault_is_given_up_at_once_and_other_failures_are_forgiven() {
    let failing = |failures, kind| Stub { failures: AtomicUsize::new(failures), kind, ..Stub::default() };
    let cluster = Cluster::of(failing(9, Some(ErrorKind::Empty)));
    let (job, _) = cluster.submit("Share").await;
    cluster.work().await;
    let letter = Shelf::of(&cluster.objects()).letter(&job.key).await.unwrap().unwrap();
    assert_eq!(letter.deliveries, 1);
    let cluster = Cluster::of(failing(3, None));
    let (job, _) = cluster.submit("Ships").await;
    cluster.work().await;
    assert!(cluster.manifest(&job.key).await.is_some());
}

#[tokio::test]
async fn a_machine_without_the_voice_harms_no_job() {
    let cluster = Cluster::of(Stub::default());
    let (job, _) = cluster.submit("Ships came back.").await;
    let sick = Worker { narrators: Arc::new(Voiceless), ..cluster.worker() };
    let stop = Stop::of(&Cancel::new(), Duration::ZERO);
    // It gets the job more often than one may fail.
    while sick.tallies.count(Outcome::Failed) < 6 {
        if let Some(taken) = cluster.queue.take(&job.kernel).await.unwrap() {
            assert_eq!(sick.work(&taken, &stop).await, Blame::Machine);
        }
    }
    let shelf = Shelf::of(&cluster.objects());
    assert!(shelf.dead().await.unwrap().is_empty());
    assert_eq!(cluster.files("excused"), 1);
    cluster.work().await;
    assert!(cluster.manifest(&job.key).await.is_some());
    assert_eq!((cluster.files("excused"), cluster.files("dead")), (0, 0));
}

#[tokio::test]
async fn a_job_of_another_version_waits_for_its_workers() {
    let mut of_before: serde_json::Value = serde_json::from_slice(&job("Ships").to_bytes().unwrap()).unwrap();
    of_before["program"] = "0.1.9".into();
    for message in [r#"{"version":999}"#.to_string(), of_before.to_string()] {
        let (cluster, kernel) = (Cluster::of(Stub::default()), kernel("avx2"));
        cluster.queue.put("x", &kernel, message.as_bytes());
        let (worker, stop) = (cluster.worker(), Stop::of(&Cancel::new(), Duration::ZERO));
        let work = async || {
            let taken = cluster.queue.take(&kernel).await.unwrap().unwrap();
            let blame = worker.work(&taken, &stop).await;
            cluster.queue.fail(&taken.lease, Failed::Again(Duration::ZERO)).await.unwrap();
            blame
        };
        // Far more often than a job may fail or not come back.
        for _ in 0..20 {
            assert_eq!(work().await, Blame::Nobody, "{message}");
        }
        assert_eq!(cluster.queue.waiting(), Waiting { waiting: 1, working: 0 }, "{message}");
        assert_eq!((cluster.files("excused"), cluster.files("dead")), (1, 0), "{message}");
        assert_eq!(work().await, Blame::Job, "nobody came for it: {message}");
        assert_eq!((cluster.files("excused"), cluster.files("dead")), (0, 1), "{message}");
    }
}

#[tokio::test]
async fn a_job_of_a_later_program_is_given_up_by_its_own_key_and_put_back_by_that_program() {
    let (cluster, later) = (Cluster::of(Stub::default()), job("Ships"));
    let mut message: serde_json::Value = serde_json::from_slice(&later.to_bytes().unwrap()).unwrap();
    message["version"] = 999.into();
    let worker = cluster.worker();
    let stop = Stop::of(&Cancel::new(), Duration::ZERO);
    cluster.queue.put("x", &later.kernel, message.to_string().as_bytes());
    let taken = cluster.queue.take(&later.kernel).await.unwrap().unwrap();
    let error = Error::new(ErrorKind::Usage, "a later version");
    worker.bury_message(&taken, &Watched::new(&*cluster.queue, &taken.lease, &stop), &error).await;
    let shelf = Shelf::of(&cluster.objects());
    let letter = shelf.letter(&later.key).await.unwrap().unwrap();
    assert!(!letter.log.join(" ").contains("Ships"), "its text: {letter:?}");
    // To that program it is a job like others.
    shelf.want(&later, b"Ships").await.unwrap();
    assert_eq!(cluster.submitter().retry(&later.key).await.unwrap(), State::Submitted);
    assert_eq!(cluster.files("dead"), 0);
}

#[tokio::test]
async fn a_message_that_is_no_job_is_put_aside() {
    let cluster = Cluster::of(Stub::default());
    assert_eq!(cluster.queue.put("x", &kernel("avx2"), b"{\"version\":1}"), Submitted::Now);
    cluster.work().await;
    let dead = Shelf::of(&cluster.objects()).dead().await.unwrap();
    assert_eq!(dead, [Key::of_bytes(b"{\"version\":1}")]);
    assert_eq!(cluster.submitter().retry(&dead[0]).await.unwrap_err().kind(), ErrorKind::Input);
}

#[tokio::test]
async fn workers_take_only_jobs_for_their_kernels() {
    let cluster = Cluster::of(Stub::default());
    let making = crate::cluster::Making { engine: "tone 1", kernel: &kernel("neon") };
    let job = Job::new("port.txt", order(), &making, b"Ships");
    cluster.submitter().submit(&job, b"Ships").await.unwrap();
    let stop = Stop::of(&Cancel::new(), Duration::ZERO);
    cluster.worker().run(&stop, async || true).await;
    assert_eq!(cluster.queue.waiting(), Waiting { waiting: 1, working: 0 });
}

#[tokio::test]
async fn a_worker_that_must_end_gives_its_job_back() {
    let cluster = Cluster::of(Stub { takes: Duration::from_mins(1), ..Stub::default() });
    cluster.submit("Ships came back.").await;
    let cancel = Cancel::new();
    let stop = Stop::of(&cancel, Duration::from_millis(10));
    let worker = cluster.worker();
    let asked = async {
        while cluster.queue.waiting().working == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    };
    let begun = Instant::now();
    tokio::join!(worker.run(&stop, async || false), asked);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(cluster.queue.waiting(), Waiting { waiting: 1, working: 0 });
    assert_eq!(cluster.files("dead"), 0);
}

#[tokio::test]
async fn a_manifest_tells_what_lies_there_whoever_put_it() {
    let cluster = Cluster::of(Stub::default());
    let (job, _) = cluster.submit("Ships came back.").await;
    // A worker that was cut off has put a file, and no manifest.
    let folder = cluster.folder.path().join(job.key.as_str());
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("port.mp3"), b"Ships").unwrap();
    cluster.work().await;
    let manifest = cluster.manifest(&job.key).await.unwrap();
    assert_eq!(manifest.files[0].sha256, Key::of_bytes(b"Ships").as_str());
    assert_eq!(manifest.files[0].size, 5);
}
