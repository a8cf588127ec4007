//! A download over HTTP that resumes where an earlier one stopped.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{Response, Uri, header};

use super::Delivery;
use crate::cancel::{Cancel, OnCancel};
use crate::voice::checksum::BLOCK;
use crate::voice::failure::Failure;
use crate::voice::manifest::{FileSpec, Source};
use crate::voice::options::TimeLimits;
use crate::voice::part::PartFile;

/// How often in a row one source may break off without a new byte. A download that advances is never given up.
const IDLE_ATTEMPTS: usize = 3;

/// Blocks that the network may be ahead of the disk.
const BLOCKS_AHEAD: usize = 8;

/// How a successful request ended.
enum Ended {
    /// All bytes have come.
    Whole,
    /// The connection broke or stalled.
    Broken(String),
    /// The server can't resume at our position: 416, or another range than requested.
    RangeRefused(String),
}

pub(super) fn fetch(
    to: &mut dyn Delivery,
    source: &Source,
    url: &str,
    spec: &FileSpec,
) -> Result<(), Failure> {
    let mut part = PartFile::resume(to.part(spec), spec, &mut || to.check_cancelled())?;
    let mut from_earlier = part.written() > 0;
    to.begun(spec, source, part.written());
    let mut idle_attempts = 0;
    // With a server that always sends everything from the start, only bytes beyond the last position are progress.
    let mut furthest = part.written();
    loop {
        while part.written() < spec.size {
            let before = part.written();
            match request(to, url, &mut part)? {
                Ended::Whole => {}
                Ended::Broken(why) => {
                    idle_attempts = if part.written() > furthest { 0 } else { idle_attempts + 1 };
                    furthest = furthest.max(part.written());
                    if idle_attempts == IDLE_ATTEMPTS {
                        return Err(Failure::source(why));
                    }
                }
                Ended::RangeRefused(why) if before == 0 => return Err(Failure::source(why)),
                Ended::RangeRefused(_) => {
                    part.restart()?;
                    from_earlier = false;
                }
            }
        }
        match to.finish(part) {
            // The earlier part may have come from a source that had other bytes.
            Err(Failure::WrongChecksum(_)) if from_earlier => {
                from_earlier = false;
                furthest = 0;
                part = PartFile::create(to.part(spec), spec)?;
            }
            Err(failure) => return Err(failure),
            Ok(()) => return Ok(()),
        }
    }
}

/// A message of the network thread.
enum Message {
    /// The answer has begun.
    Head(Head),
    /// Some of its body.
    Block(Vec<u8>),
    /// The body ended as it should.
    End,
    /// The request failed.
    Failed(String),
    /// The user wants to stop.
    Cancelled,
}

/// A message of the network thread or a request to cancel.
struct Messages {
    received: Receiver<Message>,
    _woken: OnCancel,
}

struct Head {
    status: u16,
    length: Option<u64>,
    range_start: Option<u64>,
}

/// Requests the missing bytes and writes those that come.
fn request(to: &mut dyn Delivery, url: &str, part: &mut PartFile) -> Result<Ended, Failure> {
    let limits = to.options().limits;
    let from = part.written();
    let messages = start(url, from, limits, &to.options().cancel)?;
    let patience = limits.connect + limits.stall;
    let head = match next(to, &messages, patience)? {
        Some(Message::Head(head)) => head,
        Some(Message::Failed(why)) => return Err(Failure::exhausted(why)),
        _ => return Err(Failure::exhausted(format!("no answer for {} s", patience.as_secs_f64()))),
    };
    let size = part.spec().size;
    let expected = match head.status {
        200 => size,
        206 if head.range_start == Some(from) => size - from,
        206 => return Ok(Ended::RangeRefused("it sends another range than asked for".into())),
        416 => return Ok(Ended::RangeRefused("HTTP status 416".into())),
        status => return Err(Failure::source(format!("HTTP status {status}"))),
    };
    // A sign-in page or a moved file is noticed before a byte of it is taken.
    if let Some(length) = head.length
        && length != expected
    {
        return Err(Failure::source(format!("it offers {length} bytes instead of {expected}")));
    }
    if head.status == 200 && from > 0 {
        part.restart()?;
    }
    loop {
        match next(to, &messages, limits.stall)? {
            Some(Message::Block(block)) => {
                part.push(&block)?;
                to.progress(part.spec(), part.written());
            }
            Some(Message::End) if part.written() == size => return Ok(Ended::Whole),
            Some(Message::End | Message::Head(_)) => {
                return Ok(Ended::Broken(format!("it ended after {} of {size} bytes", part.written())));
            }
            Some(Message::Cancelled) => to.check_cancelled()?,
            Some(Message::Failed(why)) => {
                return Ok(Ended::Broken(format!(
                    "it broke off after {} of {size} bytes: {why}",
                    part.written()
                )));
            }
            None => {
                let seconds = limits.stall.as_secs_f64();
                let done = part.written();
                return Ok(Ended::Broken(format!("no byte for {seconds} s after {done} of {size} bytes")));
            }
        }
    }
}

/// The next message; `None` when `patience` is over.
fn next(to: &dyn Delivery, messages: &Messages, patience: Duration) -> Result<Option<Message>, Failure> {
    to.check_cancelled()?;
    let message = messages.received.recv_timeout(patience);
    to.check_cancelled()?;
    match message {
        Ok(message) => Ok(Some(message)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Ok(Some(Message::Failed("it was lost".into()))),
    }
}

/// The network has its own thread, so that neither a slow name server nor a silent peer keeps us from stopping. The
/// thread ends when its receiver is gone, at the latest after its own time limits.
fn start(url: &str, from: u64, limits: TimeLimits, cancel: &Cancel) -> Result<Messages, Failure> {
    let uri: Uri = url.parse().map_err(|error| Failure::exhausted(format!("no web address: {error}")))?;
    let (sender, received) = sync_channel(BLOCKS_AHEAD);
    let wake = sender.clone();
    // A full channel holds messages, and these wake the receiver.
    let woken = cancel.on_cancel(move || drop(wake.try_send(Message::Cancelled)));
    thread::Builder::new()
        .name("download".into())
        .spawn(move || {
            if let Err(why) = run(uri, from, limits, &sender) {
                // The receiver is gone: nothing to do.
                let _ = sender.send(Message::Failed(why));
            }
        })
        .map_err(|error| Failure::source(format!("no thread: {error}")))?;
    Ok(Messages { received, _woken: woken })
}

fn run(uri: Uri, from: u64, limits: TimeLimits, sender: &SyncSender<Message>) -> Result<(), String> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("audio-report/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(limits.connect))
        .timeout_connect(Some(limits.connect))
        .timeout_recv_response(Some(limits.stall))
        .timeout_per_read(Some(limits.stall));
    // No proxy can reach what listens on this machine only.
    if matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]")) {
        config = config.proxy(None);
    }
    let mut request = config.build().new_agent().get(uri).header(header::ACCEPT_ENCODING, "identity");
    if from > 0 {
        request = request.header(header::RANGE, format!("bytes={from}-"));
    }
    let response = request.call().map_err(|error| error.to_string())?;
    let head = Head {
        status: response.status().as_u16(),
        length: response.body().content_length(),
        range_start: range_start(&response),
    };
    if sender.send(Message::Head(head)).is_err() {
        return Ok(());
    }
    let mut body = response.into_body().into_reader();
    loop {
        let mut block = vec![0; BLOCK];
        match body.read(&mut block) {
            Ok(0) => {
                let _ = sender.send(Message::End);
                return Ok(());
            }
            Ok(count) => {
                block.truncate(count);
                if sender.send(Message::Block(block)).is_err() {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Where a partial answer begins: `Content-Range: bytes 5-9/10` (RFC 9110, section 14.4).
fn range_start<T>(response: &Response<T>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.trim().strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_start_of_a_range_is_read() {
        let rows = [
            ("bytes 5-9/10", Some(5)),
            ("bytes 5-9/*", Some(5)),
            ("bytes */10", None),
            ("items 5-9/10", None),
            ("", None),
        ];
        each(rows, |(range, start)| {
            let response = Response::builder().header(header::CONTENT_RANGE, range).body(()).unwrap();
            assert_eq!(range_start(&response), start, "{range}");
        });
    }
}
