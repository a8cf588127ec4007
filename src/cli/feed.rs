//! `feed`: the new articles of news feeds.

pub(super) mod list;
mod own;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use self::list::{Subscription, subscriptions};
use super::args::MakingArgs;
use super::args::feed::{FeedArgs, WantedArgs};
use super::args::web::WebArgs;
use super::batch::{self, check_output};
use super::config::{self, unreadable};
use super::input::{FeedArticle, Input, Reading};
use super::ledger::left_out;
use super::outcomes::Outcomes;
use super::terminal::{self, count};
use super::{DONE, NOTHING_DONE, SOME_FAILED, digest, interrupt};
use crate::calendar::now;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result, printable};
use crate::feed::{Feed, Named, feeds_of, parse};
use crate::net::{Address, Answer, Fetched, Request, Validators, Wanted, is_address, shown};
use crate::store::manifest::{KnownFeed, Manifest, Poll, Seen};

/// Bytes of a feed's file; those from the web have the fetcher's own limit.
const LARGEST_FILE: u64 = 10 << 20;

/// Runs `feed`: asks each feed what is new, remembers it, and makes the reports. A feed that fails is told, and the others go on.
pub(crate) fn run(args: &FeedArgs) -> anyhow::Result<u8> {
    check_output(&args.making)?;
    if args.inputs.is_empty() && args.wanted.feeds.is_none() {
        let cure = "give their addresses or files, a list of them with --feeds FILE, or [[feeds]] in a settings file";
        return Err(Error::new(ErrorKind::Usage, "no feed is named").with_cure(Cure::other(cure)).into());
    }
    let subscriptions = subscriptions(&args.inputs, &args.wanted, &args.making.input.web)?;
    let cancel = interrupt::watch()?;
    let Round { failures, outcomes, .. } =
        round(&args.making, &args.wanted, &subscriptions, &Choice::default(), &cancel)?;
    let codes: Vec<u8> = outcomes.iter().map(Outcomes::code).collect();
    let is_all_well = failures == 0 && codes.iter().all(|code| *code == DONE);
    let is_any_well = failures < subscriptions.len() || codes.contains(&DONE) || codes.contains(&SOME_FAILED);
    let code = match (is_all_well, is_any_well) {
        (true, _) => DONE,
        (false, true) => SOME_FAILED,
        (false, false) => NOTHING_DONE,
    };
    digest::after(&args.making, code, &cancel)
}

/// Which feeds are asked now, and which of their articles are tried.
pub(crate) struct Choice<'a> {
    /// Whether a feed is asked, by what is known of it.
    pub is_due: &'a dyn Fn(&KnownFeed) -> bool,
    /// Whether an article is tried.
    pub is_tried: &'a dyn Fn(&Input) -> bool,
}

impl Default for Choice<'_> {
    /// All of them.
    fn default() -> Self {
        Self { is_due: &|_| true, is_tried: &|_| true }
    }
}

/// How a round of feeds ended.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// Feeds that failed.
    pub failures: usize,
    /// How their articles ended, by groups that share a voice.
    pub outcomes: Vec<Outcomes>,
    /// The articles that were tried.
    pub inputs: Vec<Input>,
}

/// Asks feeds what is new, remembers it, and makes the reports.
pub(crate) fn round(
    args: &MakingArgs,
    wanted: &WantedArgs,
    subscriptions: &[Subscription],
    choice: &Choice,
    cancel: &Cancel,
) -> anyhow::Result<Round> {
    let is_quiet = args.is_quiet();
    let usual = config::reading(&args.input, args.speech.voice.offline, cancel)?;
    let mut groups: Vec<(MakingArgs, Vec<Input>)> = Vec::new();
    let mut round = Round::default();
    let manifest = batch::open(&args.output, args.no_wait, cancel)?;
    let left_out = if wanted.keep_similar { HashSet::new() } else { left_out(&manifest)? };
    for subscription in subscriptions {
        let reading = match reading(subscription, &usual, &args.input.web) {
            Ok(reading) => reading,
            Err(error) => {
                round.failures += 1;
                terminal::report(&error);
                continue;
            }
        };
        if (choice.is_due)(&manifest.feed(&subscription.key)?) {
            match poll(&manifest, subscription, &reading) {
                Ok(polled) if args.is_unattended && polled.seen.is_none() => {}
                Ok(polled) if !is_quiet => terminal::show(&told(subscription, &polled))?,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error.into()),
                Err(error) => {
                    round.failures += 1;
                    terminal::report(&error);
                }
            }
        }
        // What earlier polls brought is read even when this one failed.
        let mut inputs = inputs(&manifest, subscription, wanted.keep_similar)?;
        inputs.retain(|input| !matches!(input, Input::Entry(article) if left_out.contains(&article.key())));
        inputs.retain(choice.is_tried);
        match groups.last_mut() {
            Some((_, last)) if subscription.is_usual => last.extend(inputs),
            _ => groups.push((subscription.making(args), inputs)),
        }
    }
    batch::end(manifest, args.keep)?;
    for (making, inputs) in groups.into_iter().filter(|(_, inputs)| !inputs.is_empty()) {
        let outcomes = batch::make(&making, &inputs, &[], cancel)?;
        let is_over = making.fail_fast && outcomes.code() != DONE;
        round.outcomes.push(outcomes);
        round.inputs.extend(inputs);
        if is_over {
            break;
        }
    }
    Ok(round)
}

/// Checks a list of feeds.
pub(crate) fn check_list(file: &Path) -> Result<()> {
    list::check(file)
}

/// How a feed is asked: as all are, unless it has a sign-in file of its own. That is read anew each time, for it may have changed.
fn reading(subscription: &Subscription, usual: &Reading, web: &WebArgs) -> Result<Reading> {
    let Some(file) = subscription.auth_file() else { return Ok(usual.clone()) };
    let credentials = config::credentials(file, web.allow_private)?;
    Ok(Reading { fetcher: Arc::new(usual.fetcher.with_credentials(credentials)), ..usual.clone() })
}

/// What a poll brought.
#[derive(Debug, Default)]
struct Polled {
    /// How many entries were new, and how many of the feed were too many; `None` when nothing has changed.
    seen: Option<(Seen, usize)>,
    /// The feed that was found in the head of a page just now, and how many others the page names.
    found: Option<(String, usize)>,
}

/// The name under which a folder remembers the feed of a page.
fn setting(subscription: &Subscription) -> String {
    format!("feed of {}", subscription.key)
}

/// Asks a feed what is new, and writes down what it says.
fn poll(manifest: &Manifest, subscription: &Subscription, reading: &Reading) -> Result<Polled> {
    let known = manifest.feed(&subscription.key)?;
    let found = manifest.setting(&setting(subscription))?;
    let answer = ask(subscription, &known, found.as_deref(), reading);
    match &answer {
        Ok(Asked { fresh: Some((feed, validators)), found }) => {
            if let Some((found, _)) = found {
                manifest.set_setting(&setting(subscription), found)?;
            }
            let title = feed.title.as_deref();
            let poll = Poll::Fresh { title, entries: &feed.entries, validators };
            let seen = manifest.note_poll(&subscription.key, &poll)?;
            let found = found.as_ref().map(|(found, others)| (shown(found), *others));
            return Ok(Polled { seen: Some((seen, feed.left_out)), found });
        }
        Ok(Asked { fresh: None, .. }) => manifest.note_poll(&subscription.key, &Poll::Unchanged)?,
        Err(error) if error.kind() == ErrorKind::Interrupted => return answer.map(|_| Polled::default()),
        Err(error) => {
            // The feed has moved, or is none any more: the next poll looks at the page again.
            if found.is_some() && matches!(error.kind(), ErrorKind::Input | ErrorKind::HttpStatus) {
                manifest.set_setting(&setting(subscription), "")?;
            }
            let not_before = match error.cure() {
                Some(Cure::RetryLater { seconds: Some(seconds) }) => {
                    Some(now().saturating_add_unsigned(*seconds)).max(known.not_before)
                }
                _ => known.not_before.filter(|until| *until > now()),
            };
            manifest.note_poll(&subscription.key, &Poll::Failed { what: error.what(), not_before })?
        }
    };
    answer.map(|_| Polled::default())
}

/// What a server said.
#[derive(Debug, Default)]
struct Asked {
    /// The feed, and what to send with the next question; `None` when it has not changed.
    fresh: Option<(Feed, Validators)>,
    /// The feed that the head of a page names, and how many others the page names.
    found: Option<(String, usize)>,
}

impl Asked {
    fn fresh(feed: Feed, validators: Validators) -> Self {
        Self { fresh: Some((feed, validators)), found: None }
    }
}

/// Asks a feed; `found` is the one that was found in the page that the subscription names, and empty when that is one no more.
fn ask(
    subscription: &Subscription,
    known: &KnownFeed,
    found: Option<&str>,
    reading: &Reading,
) -> Result<Asked> {
    if !is_address(&subscription.source) {
        let path = &subscription.source;
        let bytes = read(path)?;
        let feed = parse(&bytes, &path.to_string_lossy(), None, None)?;
        return Ok(Asked::fresh(feed, Validators::default()));
    }
    let typed = subscription.source.to_string_lossy();
    let shown = shown(&typed);
    if let Some(until) = known.not_before.filter(|until| *until > now()) {
        let seconds = until.abs_diff(now());
        return Err(Error::new(ErrorKind::HttpStatus, format!("{shown} asked to be left alone for a while"))
            .with_cure(Cure::RetryLater { seconds: Some(seconds) }));
    }
    let is_lost = found == Some("");
    let address = found.filter(|_| !is_lost).unwrap_or(&typed);
    let address = Address::parse(address).map_err(|fault| fault.at(&shown))?;
    let validators = if is_lost { Validators::default() } else { known.validators.clone() };
    let request = Request { wanted: Wanted::Feed, known: validators, ..Request::new(address) };
    let fetched = match reading.fetcher.get(&request).map_err(|fault| fault.at(&shown))? {
        Answer::Unchanged => return Ok(Asked::default()),
        Answer::Fresh(fetched) => fetched,
    };
    let fault = match read_feed(&fetched, &shown) {
        Ok(feed) => return Ok(Asked::fresh(feed, fetched.validators)),
        Err(fault) => fault,
    };
    let named = named_by(&fetched);
    let Some(first) = named.first() else { return Err(fault) };
    if known.good.is_some() && found.is_none() {
        // It was a feed: nobody chose the one that the page names now.
        let named: Vec<String> = named.iter().map(|named| named.address.to_string()).collect();
        return Err(fault.with_cure(Cure::other(format!("give the feed of this page: {}", named.join(", ")))));
    }
    let request = Request {
        wanted: Wanted::Feed,
        page: Some(fetched.address.clone()),
        ..Request::new(first.address.clone())
    };
    match reading.fetcher.get(&request).map_err(|fault| fault.at(&shown))? {
        Answer::Unchanged => Err(fault),
        Answer::Fresh(fetched) => {
            let feed = read_feed(&fetched, &shown)?;
            let found = Some((first.address.to_string(), named.len() - 1));
            Ok(Asked { found, ..Asked::fresh(feed, fetched.validators) })
        }
    }
}

fn read_feed(fetched: &Fetched, shown: &str) -> Result<Feed> {
    parse(&fetched.bytes, shown, fetched.charset.as_deref(), Some(&fetched.address))
}

/// The feeds that a page names: those of articles before those of comments, and none that is less safe than the page.
fn named_by(page: &Fetched) -> Vec<Named> {
    let mut named = feeds_of(&page.bytes, page.charset.as_deref(), &page.address);
    named.retain(|named| named.address.is_secure() || !page.address.is_secure());
    named.sort_by_key(|named| named.is_of_comments);
    named
}

fn read(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|cause| unreadable(path, cause))?;
    file.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    Ok(bytes)
}

/// The articles of a feed that are to be read.
fn inputs(manifest: &Manifest, subscription: &Subscription, keeps_similar: bool) -> Result<Vec<Input>> {
    let seconds = i64::try_from(subscription.since.0.as_secs()).unwrap_or(i64::MAX);
    let since = now().saturating_sub(seconds);
    let entries = manifest.entries(&subscription.key, Some(since))?;
    let wanted = entries.into_iter().filter(|entry| subscription.wants(entry)).take(subscription.max);
    let input = |entry| {
        Input::Entry(Arc::new(FeedArticle {
            feed: subscription.key.clone(),
            entry,
            text: subscription.text,
            group: subscription.group.clone(),
            keeps_similar,
        }))
    };
    Ok(wanted.map(input).collect())
}

/// A line about a poll.
fn told(subscription: &Subscription, polled: &Polled) -> String {
    let mut name = printable(&shown(&subscription.source.to_string_lossy()));
    if let Some((found, others)) = &polled.found {
        name.push_str(&format!(": its feed {}", printable(found)));
        if *others > 0 {
            name.push_str(&format!(" (it names {others} more)"));
        }
    }
    match polled.seen {
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
