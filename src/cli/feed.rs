//! `feed`: the new articles of news feeds.

mod list;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::list::Subscription;
use super::args::MakingArgs;
use super::args::feed::FeedArgs;
use super::batch::{self, check_output};
use super::config::{self, unreadable};
use super::input::{FeedArticle, Input, Reading};
use super::terminal::{self, count};
use super::{DONE, NOTHING_DONE, SOME_FAILED, digest, interrupt};
use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Result, printable};
use crate::feed::{Feed, parse};
use crate::net::{Address, Answer, Fetched, Request, Validators, Wanted, is_address, shown};
use crate::store::manifest::{KnownFeed, Manifest, Poll, Seen};

/// Bytes of a feed's file; those from the web have the fetcher's own limit.
const LARGEST_FILE: u64 = 10 << 20;

/// Runs `feed`: asks each feed what is new, remembers it, and makes the reports. A feed that fails is told, and the others go on.
pub(crate) fn run(args: &FeedArgs) -> anyhow::Result<u8> {
    check_output(&args.making)?;
    let subscriptions = list::subscriptions(args)?;
    let cancel = interrupt::watch()?;
    let is_quiet = args.making.is_quiet();
    let reading = config::reading(&args.making.input, args.making.voice.offline, &cancel)?;
    let mut groups: Vec<(MakingArgs, Vec<Input>)> = Vec::new();
    let mut failures = 0;
    let manifest = batch::open(&args.making.output, args.making.no_wait, &cancel)?;
    for subscription in &subscriptions {
        match poll(&manifest, subscription, &reading) {
            Ok(seen) if !is_quiet => terminal::show(&told(subscription, seen))?,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error.into()),
            Err(error) => {
                failures += 1;
                terminal::report(&error);
            }
        }
        // What earlier polls brought is read even when this one failed.
        let inputs = inputs(&manifest, subscription)?;
        match groups.last_mut() {
            Some((_, last)) if subscription.is_usual => last.extend(inputs),
            _ => groups.push((subscription.making(&args.making), inputs)),
        }
    }
    manifest.close()?;
    let mut codes = Vec::new();
    for (making, inputs) in groups.iter().filter(|(_, inputs)| !inputs.is_empty()) {
        codes.push(batch::make(making, inputs, &[], &cancel)?.code());
        if making.fail_fast && codes.last() != Some(&DONE) {
            break;
        }
    }
    let is_all_well = failures == 0 && codes.iter().all(|code| *code == DONE);
    let is_any_well = failures < subscriptions.len() || codes.contains(&DONE) || codes.contains(&SOME_FAILED);
    let code = match (is_all_well, is_any_well) {
        (true, _) => DONE,
        (false, true) => SOME_FAILED,
        (false, false) => NOTHING_DONE,
    };
    digest::after(&args.making, code, &cancel)
}

/// What a poll brought, and how many entries of the feed were too many. `None` when nothing has changed.
type Polled = Option<(Seen, usize)>;

/// Asks a feed what is new, and writes down what it says.
fn poll(manifest: &Manifest, subscription: &Subscription, reading: &Reading) -> Result<Polled> {
    let known = manifest.feed(&subscription.key)?;
    let answer = ask(subscription, &known, reading);
    match &answer {
        Ok(Some((feed, validators))) => {
            let title = feed.title.as_deref();
            let poll = Poll::Fresh { title, entries: &feed.entries, validators };
            let seen = manifest.note_poll(&subscription.key, &poll)?;
            return Ok(Some((seen, feed.left_out)));
        }
        Ok(None) => manifest.note_poll(&subscription.key, &Poll::Unchanged)?,
        Err(error) if error.kind() == ErrorKind::Interrupted => return answer.map(|_| None),
        Err(error) => {
            let not_before = match error.cure() {
                Some(Cure::RetryLater { seconds: Some(seconds) }) => {
                    Some(now().saturating_add_unsigned(*seconds)).max(known.not_before)
                }
                _ => known.not_before.filter(|until| *until > now()),
            };
            manifest.note_poll(&subscription.key, &Poll::Failed { what: error.what(), not_before })?
        }
    };
    answer.map(|_| None)
}

/// The feed, and what to send with the next question; `None` when it has not changed.
fn ask(
    subscription: &Subscription,
    known: &KnownFeed,
    reading: &Reading,
) -> Result<Option<(Feed, Validators)>> {
    if !is_address(&subscription.source) {
        let path = &subscription.source;
        let bytes = read(path)?;
        return Ok(Some((parse(&bytes, &path.to_string_lossy(), None, None)?, Validators::default())));
    }
    let typed = subscription.source.to_string_lossy();
    let shown = shown(&typed);
    if let Some(until) = known.not_before.filter(|until| *until > now()) {
        let seconds = until.abs_diff(now());
        return Err(Error::new(ErrorKind::HttpStatus, format!("{shown} asked to be left alone for a while"))
            .with_cure(Cure::RetryLater { seconds: Some(seconds) }));
    }
    let address = Address::parse(&typed).map_err(|fault| fault.at(&shown))?;
    let request = Request { wanted: Wanted::Feed, known: known.validators.clone(), ..Request::new(address) };
    match reading.fetcher.get(&request).map_err(|fault| fault.at(&shown))? {
        Answer::Unchanged => Ok(None),
        Answer::Fresh(Fetched { address, bytes, charset, validators, .. }) => {
            let feed = parse(&bytes, &shown, charset.as_deref(), Some(&address))?;
            Ok(Some((feed, validators)))
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|cause| unreadable(path, cause))?;
    file.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    Ok(bytes)
}

/// The articles of a feed that are to be read.
fn inputs(manifest: &Manifest, subscription: &Subscription) -> Result<Vec<Input>> {
    let seconds = i64::try_from(subscription.since.0.as_secs()).unwrap_or(i64::MAX);
    let since = now().saturating_sub(seconds);
    let entries = manifest.entries(&subscription.key, Some(since))?;
    let wanted = entries.into_iter().filter(|entry| subscription.wants(entry)).take(subscription.max);
    let input = |entry| {
        Input::Entry(Arc::new(FeedArticle { feed: subscription.key.clone(), entry, text: subscription.text }))
    };
    Ok(wanted.map(input).collect())
}

/// A line about a poll.
fn told(subscription: &Subscription, polled: Polled) -> String {
    let name = printable(&shown(&subscription.source.to_string_lossy()));
    match polled {
        None => format!("{name}: nothing new\n"),
        Some((Seen { new, changed, repeated }, left_out)) => {
            let mut text = format!("{name}: {}", count(new, "new article"));
            for (number, what) in
                [(changed, "changed"), (repeated, "that another feed had before"), (left_out, "too many")]
            {
                if number > 0 {
                    text.push_str(&format!(", {number} {what}"));
                }
            }
            text + "\n"
        }
    }
}

/// The name of a feed in the manifest: its address, or the real path of its file.
fn key_of(source: &Path) -> String {
    if is_address(source) {
        let text = source.to_string_lossy();
        return Address::parse(&text)
            .map_or_else(|_| text.to_string(), |address| address.as_str().to_string());
    }
    let real: PathBuf = source.canonicalize().unwrap_or_else(|_| source.to_path_buf());
    crate::store::paths::written(&real)
}
