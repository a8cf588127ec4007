//! What travels between machines, for `crate::fuzzing`.

use super::job::Job;
use super::queue::nats::credentials::Credentials;
use super::shelf::DeadLetter;

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("cluster_credentials", |bytes| {
        std::hint::black_box(Credentials::parse(&String::from_utf8_lossy(bytes)).is_ok());
    }),
    ("cluster_dead_letter", dead_letter),
    ("cluster_job", job),
];

/// A message of the queue. What is written must be read back as it was.
fn job(bytes: &[u8]) {
    let Ok(job) = Job::from_bytes(bytes) else { return };
    if let Some(Ok(article)) = job.text.inline() {
        std::hint::black_box(article.len());
    }
    std::hint::black_box((job.order.speed(), job.order.format(), job.key.as_str(), job.kernel.as_str()));
    // As a worker takes them.
    let finish = &job.order.finish;
    std::hint::black_box((finish.coding(job.order.format()).is_ok(), finish.loudness().is_ok()));
    let again = job.to_bytes().and_then(|bytes| Job::from_bytes(&bytes));
    assert_eq!(again.ok().as_ref(), Some(&job));
}

/// A dead letter, as it lies beside the results.
fn dead_letter(bytes: &[u8]) {
    let Ok(letter) = serde_json::from_slice::<DeadLetter>(bytes) else { return };
    let again = serde_json::to_vec(&letter).and_then(|bytes| serde_json::from_slice::<DeadLetter>(&bytes));
    assert_eq!(again.ok().as_ref(), Some(&letter));
}
