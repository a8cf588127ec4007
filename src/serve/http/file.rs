//! A file as an answer: `GET` and `HEAD`, ranges, and the fields by which a client asks only for what it has not.
//!
//! The order of the questions is that of RFC 9110, 13.2.2. Of several ranges none is sent, but the whole file, as the RFC allows: players
//! and downloads ask for one. The file is read in blocks as the network takes them.

use std::fs::{self, File, Metadata};
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::task::{JoinHandle, spawn_blocking};

use super::fault::Fault;
use crate::hash::{Fields, hex};

/// Bytes that are read at once.
const BLOCK: u64 = 64 << 10;
/// A file that changed within this time of now may change again in the same second, so its date names no version of it.
const SECOND: Duration = Duration::from_secs(1);
/// What stands for itself in a name by RFC 8187.
const NAME: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~').remove(b'!').remove(b'+');
/// Tells browsers to believe the media type.
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// May be kept by the client alone, which asks each time whether it still holds.
const KEPT: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A file that is to be sent.
#[derive(Clone, Debug)]
pub(super) struct Sendable {
    /// Where it lies.
    pub path: PathBuf,
    /// The name under which a client saves it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What tells its content from all others under this address, such as a hash. Without it, its name, its length and the moment of its
    /// last change do.
    pub tag: Option<String>,
    /// Whether a browser saves it rather than shows it.
    pub is_saved: bool,
}

/// Answers a request for a file.
///
/// # Errors
/// A fault with status 404 where there is no such file, 412 where it is not the one that is asked about, 416 where it has no such part.
pub(super) async fn send(file: Sendable, method: &Method, asked: &HeaderMap) -> Result<Response, Fault> {
    let path = file.path.clone();
    let opened = spawn_blocking(move || open(&path)).await.map_err(io::Error::other).flatten();
    let (handle, found) = opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput => missing(),
        _ => {
            tracing::warn!(%error, "a file can't be read");
            Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "The file can't be read.").named("file_unreadable")
        }
    })?;
    let version = Version::of(&file, &found);
    let length = found.len();
    let mut fields = HeaderMap::new();
    version.tell(&mut fields);
    fields.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    fields.insert(header::CACHE_CONTROL, KEPT);
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    let (status, part) = match wanted(method, asked, &version, length, SystemTime::now()) {
        Wanted::Whole => (StatusCode::OK, Part { first: 0, length }),
        Wanted::Part(part) => {
            let (first, last) = (part.first, part.first + part.length - 1);
            put(&mut fields, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{length}"));
            (StatusCode::PARTIAL_CONTENT, part)
        }
        Wanted::Nothing => {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            *answer.headers_mut() = fields;
            return Ok(answer);
        }
        Wanted::Another => {
            let fault = Fault::new(StatusCode::PRECONDITION_FAILED, "The file is another one by now.");
            return Ok(with(fault.named("file_changed"), fields));
        }
        Wanted::NoSuchPart => {
            put(&mut fields, header::CONTENT_RANGE, &format!("bytes */{length}"));
            let message = format!("The file has {length} bytes, and no such part.");
            let fault = Fault::new(StatusCode::RANGE_NOT_SATISFIABLE, message);
            return Ok(with(fault.named("range_not_satisfiable"), fields));
        }
    };
    put(&mut fields, header::CONTENT_TYPE, &file.media_type);
    put(&mut fields, header::CONTENT_DISPOSITION, &disposition(&file.name, file.is_saved));
    fields.insert(header::CONTENT_LENGTH, HeaderValue::from(part.length));
    let body = if *method == Method::HEAD { Body::empty() } else { Body::new(FileBody::new(handle, part)) };
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = fields;
    Ok(answer)
}

/// There is no such file.
pub(super) fn missing() -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "There is no such file.").named("file_not_found")
}

fn open(path: &PathBuf) -> io::Result<(File, Metadata)> {
    // A pipe would wait for somebody who writes.
    if !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = File::open(path)?;
    let found = file.metadata()?;
    Ok((file, found))
}

fn put(fields: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        fields.insert(name, value);
    }
}

fn with(fault: Fault, fields: HeaderMap) -> Response {
    let mut answer = fault.answer();
    answer.headers_mut().extend(fields);
    answer
}

/// How the file is shown and called. A name that is no plain ASCII comes twice, for old clients and in full (RFC 6266).
fn disposition(name: &str, is_saved: bool) -> String {
    let how = if is_saved { "attachment" } else { "inline" };
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%' | '/' | ';');
    let plain: String = name.chars().map(|c| if is_plain(c) || c == ' ' { c } else { '_' }).collect();
    if plain == name {
        return format!("{how}; filename=\"{plain}\"");
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, NAME))
}

/// What tells a file from what stood or will stand at its place.
#[derive(Clone, Debug)]
struct Version {
    /// The entity tag, with its quotes; a strong one.
    tag: String,
    changed: Option<SystemTime>,
}

impl Version {
    fn of(file: &Sendable, found: &Metadata) -> Self {
        let changed = found.modified().ok().filter(|changed| can_be_told(*changed));
        let tag = file.tag.clone().filter(|tag| tag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let tag = tag.unwrap_or_else(|| {
            let since = changed.and_then(|changed| changed.duration_since(SystemTime::UNIX_EPOCH).ok());
            let key = Fields::of("file 1")
                .with(file.name.as_bytes())
                .with(&found.len().to_le_bytes())
                .with(&since.unwrap_or_default().as_nanos().to_le_bytes());
            hex(&key.finish()[..16])
        });
        Self { tag: format!("\"{tag}\""), changed }
    }

    fn tell(&self, fields: &mut HeaderMap) {
        put(fields, header::ETAG, &self.tag);
        if let Some(changed) = self.changed {
            put(fields, header::LAST_MODIFIED, &httpdate::fmt_http_date(changed));
        }
    }

    /// Whether a list of tags has this one. Where a wrong part could be the result, weak ones do not count.
    fn is_among(&self, asked: &HeaderMap, name: HeaderName, is_strong: bool) -> bool {
        let lists = asked.get_all(name).iter().filter_map(|value| value.to_str().ok());
        lists.flat_map(|list| list.split(',')).map(str::trim).any(|tag| {
            tag == "*" || tag == self.tag || (!is_strong && tag.strip_prefix("W/") == Some(&*self.tag))
        })
    }

    /// Seconds of its last change after a date; a date that is none is not heeded.
    fn is_newer(&self, date: Option<&HeaderValue>) -> Option<bool> {
        let date = httpdate::parse_http_date(date?.to_str().ok()?).ok()?;
        Some(whole_seconds(self.changed?) > date)
    }

    /// Whether a part may be sent to a client that has the rest of a version.
    fn is_that(&self, asked: &HeaderMap, now: SystemTime) -> bool {
        let Some(version) = asked.get(header::IF_RANGE) else { return true };
        let Ok(text) = version.to_str() else { return false };
        if text.trim() == self.tag {
            return true;
        }
        let date = httpdate::parse_http_date(text).ok();
        let is_settled = |changed: SystemTime| now.duration_since(changed).is_ok_and(|age| age > SECOND);
        let settled = self.changed.filter(|changed| is_settled(*changed));
        date.is_some_and(|date| settled.is_some_and(|changed| whole_seconds(changed) == date))
    }
}

/// Whether HTTP can write a time: from 1970 to 9999. Files may be of any other, too, where their clock was wrong.
fn can_be_told(moment: SystemTime) -> bool {
    const LAST: u64 = 253_402_300_799;
    moment.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.as_secs() <= LAST)
}

/// A moment as HTTP can say it.
fn whole_seconds(moment: SystemTime) -> SystemTime {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) first: u64,
    pub(super) length: u64,
}

/// What a client gets of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Whole,
    Part(Part),
    /// It has this version.
    Nothing,
    /// It means another version.
    Another,
    NoSuchPart,
}

fn wanted(method: &Method, asked: &HeaderMap, version: &Version, length: u64, now: SystemTime) -> Wanted {
    let has = |name: HeaderName| asked.contains_key(name);
    if has(header::IF_MATCH) {
        if !version.is_among(asked, header::IF_MATCH, true) {
            return Wanted::Another;
        }
    } else if version.is_newer(asked.get(header::IF_UNMODIFIED_SINCE)) == Some(true) {
        return Wanted::Another;
    }
    if has(header::IF_NONE_MATCH) {
        if version.is_among(asked, header::IF_NONE_MATCH, false) {
            return Wanted::Nothing;
        }
    } else if version.is_newer(asked.get(header::IF_MODIFIED_SINCE)) == Some(false) {
        return Wanted::Nothing;
    }
    // Parts are for GET alone.
    if *method != Method::GET || !version.is_that(asked, now) {
        return Wanted::Whole;
    }
    match asked.get(header::RANGE).and_then(|range| range.to_str().ok()) {
        Some(range) => part_of(range, length),
        None => Wanted::Whole,
    }
}

/// The part that a range asks for; a range that is not understood is not heeded.
pub(super) fn part_of(range: &str, length: u64) -> Wanted {
    let parsed = range.split_once('=').filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes"));
    let Some((first, last)) = parsed.and_then(|(_, range)| range.trim().split_once('-')) else {
        return Wanted::Whole;
    };
    // A number that is too long is larger than any file.
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    match (number(first), number(last), first.is_empty(), last.is_empty()) {
        (None, Some(count), true, _) => {
            let count = count.min(length);
            if count == 0 {
                Wanted::NoSuchPart
            } else {
                Wanted::Part(Part { first: length - count, length: count })
            }
        }
        (Some(first), Some(last), ..) if first > last => Wanted::Whole,
        (Some(first), None, _, true) | (Some(first), Some(_), ..) if first >= length => Wanted::NoSuchPart,
        (Some(first), None, _, true) => Wanted::Part(Part { first, length: length - first }),
        (Some(first), Some(last), ..) => {
            Wanted::Part(Part { first, length: last.min(length - 1) - first + 1 })
        }
        _ => Wanted::Whole,
    }
}

/// A part of a file as a body. A file that has become shorter is an error, which cuts the connection.
struct FileBody {
    left: u64,
    state: Reading,
}

enum Reading {
    Begins(File, u64),
    Rests(File),
    Reads(JoinHandle<io::Result<(File, Bytes)>>),
    Over,
}

impl FileBody {
    fn new(file: File, part: Part) -> Self {
        Self { left: part.length, state: Reading::Begins(file, part.first) }
    }
}

fn read(mut file: File, from: Option<u64>, length: u64) -> JoinHandle<io::Result<(File, Bytes)>> {
    spawn_blocking(move || {
        if let Some(first) = from {
            file.seek(SeekFrom::Start(first))?;
        }
        let mut block = vec![0; length as usize];
        file.read_exact(&mut block)?;
        Ok((file, Bytes::from(block)))
    })
}

impl http_body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        loop {
            let length = this.left.min(BLOCK);
            this.state = match std::mem::replace(&mut this.state, Reading::Over) {
                _ if length == 0 => return Poll::Ready(None),
                Reading::Begins(file, first) => Reading::Reads(read(file, Some(first), length)),
                Reading::Rests(file) => Reading::Reads(read(file, None, length)),
                Reading::Reads(mut reading) => {
                    let Poll::Ready(read) = Pin::new(&mut reading).poll(context) else {
                        this.state = Reading::Reads(reading);
                        return Poll::Pending;
                    };
                    let (file, block) = match read.map_err(io::Error::other).flatten() {
                        Ok(read) => read,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    };
                    this.left -= block.len() as u64;
                    this.state = Reading::Rests(file);
                    return Poll::Ready(Some(Ok(Frame::data(block))));
                }
                Reading::Over => return Poll::Ready(None),
            };
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests;
