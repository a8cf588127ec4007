//! `watch`: reads what comes into folders and feeds, until it is stopped.
//!
//! What the system tells of folders only says when to look. Each look is a batch of the files that are new or changed; the folder of the
//! results remembers what was made, as it does for `batch` and `feed`, so that a kill at any moment loses nothing. Between two looks
//! nothing is held: no voice, no lock.

mod health;
mod patience;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use self::health::Health;
use self::patience::Patience;
use super::args::MakingArgs;
use super::args::watch::WatchArgs;
use super::feed::{self, Choice, Subscription};
use super::input::Input;
use super::inputs::{self, Found};
use super::ledger::stamp;
use super::outcomes::{FailedInput, Outcomes};
use super::overrides::Override;
use super::terminal::{self, count};
use super::{DONE, archives, batch, config, digest, interrupt};
use crate::calendar::now;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::net::{Validators, is_address};
use crate::store::manifest::{KnownFeed, Manifest};
use crate::watch::{Clock, Hints, REST, Scan, Woken};

/// Folders are looked at so often though the system tells of nothing: its messages can be lost.
const LOOK_ANYWAY: Duration = Duration::from_mins(5);
/// The same where the system tells nothing.
const LOOK_OFTEN: Duration = Duration::from_secs(5);
/// The longest wait: the clock may have been set, or the computer asleep.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A feed that does not say what has changed is sent whole each time: it is asked so often at most.
const FEED_WITHOUT_VALIDATORS: i64 = 3_600;
/// The name in the manifest of the last time at which all work of an hour was done.
const LAST: &str = "watched";

/// Runs `watch`.
pub(crate) fn run(args: &WatchArgs) -> anyhow::Result<u8> {
    let mut watcher = Watcher::of(args)?;
    let ended = watcher.run();
    watcher.health.ended();
    match ended {
        Err(error) if is_interrupt(&error) => {
            watcher.tell("stopped\n");
            Ok(DONE)
        }
        ended => ended.map(|()| DONE),
    }
}

/// Overrides, and how long each is and when it changed.
type Overrides = BTreeMap<PathBuf, Option<(u64, SystemTime)>>;

/// What is watched, and how far it is.
struct Watcher<'a> {
    args: &'a WatchArgs,
    making: MakingArgs,
    subscriptions: Vec<Subscription>,
    clock: Clock,
    hints: Hints,
    /// How often folders are looked at in any case.
    look_again: Duration,
    scan: Scan,
    /// The overrides of articles as they were at the last look; any article may be theirs.
    overrides: Overrides,
    patience: Patience,
    health: Health,
    cancel: Cancel,
    /// When the folders were last looked at.
    looked: Option<Instant>,
    /// When work was last done by the clock, in seconds since 1970.
    last: Option<i64>,
    is_hinted: bool,
    /// Whether reports were made that no digest tells yet.
    has_news: bool,
    /// What is wrong with a folder, as it was last told.
    complaints: HashSet<String>,
}

impl<'a> Watcher<'a> {
    fn of(args: &'a WatchArgs) -> anyhow::Result<Self> {
        batch::check_output(&args.making)?;
        check(&args.folders)?;
        if args.folders.is_empty() && args.wanted.feeds.is_none() {
            let cure = "name folders, a list of feeds with --feeds FILE, or [[feeds]] in a settings file";
            return Err(Error::new(ErrorKind::Usage, "nothing to watch is named")
                .with_cure(Cure::other(cure))
                .into());
        }
        // What fails is tried again later, and stops nothing.
        let making = MakingArgs { is_unattended: true, fail_fast: false, ..args.making.clone() };
        let subscriptions = feed::subscriptions(&[], &args.wanted, &args.making.input.web)?;
        let cancel = interrupt::watch()?;
        let mut hints = Hints::new();
        let folders = folders(&args.folders).into_iter().chain(args.making.overrides.clone());
        // All of them, though one of them is not told of.
        let are_told: Vec<bool> = folders.map(|folder| !args.poll && hints.watch(&folder)).collect();
        let is_told = are_told.into_iter().all(|is_told| is_told);
        let clock = if args.at.is_empty() {
            Clock::every(args.every.0, &args.making.output)
        } else {
            Clock::At(args.at.clone())
        };
        let mut watcher = Self {
            making,
            subscriptions,
            look_again: if is_told { LOOK_ANYWAY } else { LOOK_OFTEN },
            clock,
            hints,
            scan: Scan::default(),
            overrides: Overrides::new(),
            patience: Patience::default(),
            health: Health::begin(args.health.clone())?,
            cancel,
            looked: None,
            last: None,
            is_hinted: false,
            has_news: false,
            complaints: HashSet::new(),
            args,
        };
        if let Clock::At(_) = watcher.clock {
            watcher.last = Some(watcher.last_hour()?);
        }
        // A wrong pattern or setting ends the program now; one that somebody makes wrong later does not.
        for pattern in &args.folders {
            inputs::find(pattern, &mut Found::default())?;
        }
        batch::make(&watcher.making, &[], &[], &watcher.cancel)?;
        watcher.tell_begin();
        Ok(watcher)
    }

    /// Works and waits, until it is interrupted: that is the only way it ends, but for a wrong setting.
    fn run(&mut self) -> anyhow::Result<()> {
        loop {
            if self.patience.has_rested() {
                let by_clock = now() >= self.clock.next(self.last, now());
                let folders = !self.args.folders.is_empty() && self.are_folders_due(by_clock);
                let feeds = !self.subscriptions.is_empty() && by_clock;
                if folders || feeds {
                    let done = self.round(folders, feeds);
                    self.survive(done)?;
                }
                if by_clock && self.patience.has_rested() {
                    self.last = Some(now());
                    let kept = self.remember_hour();
                    self.survive(kept.map_err(Into::into))?;
                }
            }
            self.health.waits(self.clock.next(self.last, now()), self.patience.waiting());
            match self.hints.wait(self.pause(), &self.cancel) {
                Woken::Cancelled => return Err(interrupted().into()),
                Woken::Hint => self.is_hinted = true,
                Woken::Time => {}
            }
        }
    }

    fn are_folders_due(&self, by_clock: bool) -> bool {
        match self.clock {
            Clock::At(_) => by_clock || self.scan.is_waiting() || self.patience.is_due(),
            Clock::Every { .. } => {
                self.is_hinted
                    || self.scan.is_waiting()
                    || self.patience.is_due()
                    || self.looked.is_none_or(|looked| looked.elapsed() >= self.look_again)
            }
        }
    }

    /// How long to wait at most.
    fn pause(&self) -> Duration {
        let until = u64::try_from(self.clock.next(self.last, now()) - now()).unwrap_or(0);
        let growing = if self.scan.is_waiting() { REST } else { LONGEST_WAIT };
        let pauses = [Duration::from_secs(until), growing, self.look_again, LONGEST_WAIT];
        let pause = pauses.into_iter().min().unwrap_or(LONGEST_WAIT);
        // A clock that is due while the program rests after a failure must not keep it busy.
        self.patience.rest().unwrap_or(pause.max(Duration::from_millis(50))).min(LONGEST_WAIT)
    }

    /// One look at folders and feeds, and the reports on what is new.
    fn round(&mut self, folders: bool, feeds: bool) -> anyhow::Result<()> {
        if folders {
            self.read_folders()?;
        }
        if feeds {
            self.read_feeds()?;
        }
        if std::mem::take(&mut self.has_news) {
            digest::after(&self.making, DONE, &self.cancel)?;
        }
        self.health.is_well();
        Ok(())
    }

    fn read_folders(&mut self) -> anyhow::Result<()> {
        (self.is_hinted, self.looked) = (false, Some(Instant::now()));
        let mut found = Found::default();
        for pattern in &self.args.folders {
            inputs::find(pattern, &mut found)?;
        }
        let failures: HashSet<String> = found.failures.iter().map(super::cures::report).collect();
        for failure in failures.difference(&self.complaints) {
            terminal::complain(failure);
        }
        self.complaints = failures;
        for path in self.patience.take_due() {
            self.scan.forget(&path);
        }
        let folders = folders(&self.args.folders).into_iter().chain(self.making.overrides.clone());
        let overrides: Overrides = folders.flat_map(|folder| Override::all(&folder)).collect();
        if overrides != self.overrides {
            self.overrides = overrides;
            self.scan.forget_all();
        }
        let whole = self.scan.take(&found.articles, &self.hints.writers());
        self.hints.forget(&whole, &found.articles);
        if whole.is_empty() {
            return Ok(());
        }
        self.health.works();
        let MakingArgs { input, speech, .. } = &self.making;
        let is_offline = speech.voice.offline;
        let opened = archives::open(&whole, || Ok(config::reading(input, is_offline, &self.cancel)?.fetcher));
        let (inputs, failures) = match opened {
            Ok(opened) => (opened.inputs, opened.failures),
            Err(error) => (Vec::new(), vec![error]),
        };
        let made = batch::make(&self.making, &inputs, &failures, &self.cancel);
        match made {
            Ok(outcomes) => self.note(&[outcomes], &inputs),
            Err(error) => {
                for path in &whole {
                    self.scan.forget(path);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn read_feeds(&mut self) -> anyhow::Result<()> {
        self.health.works();
        let every = i64::try_from(self.args.every.0.as_secs()).unwrap_or(i64::MAX);
        let is_by_hours = matches!(self.clock, Clock::At(_));
        let round = feed::round(
            &self.making,
            &self.args.wanted,
            &self.subscriptions,
            &Choice {
                is_due: &|known| is_by_hours || is_feed_due(known, every),
                is_tried: &|input| !self.patience.holds(&input.path(), stamp(input, None).as_deref()),
            },
            &self.cancel,
        )?;
        self.note(&round.outcomes, &round.inputs);
        Ok(())
    }

    /// Remembers what failed, so that it is tried again later, and less and less often.
    fn note(&mut self, outcomes: &[Outcomes], inputs: &[Input]) {
        for outcomes in outcomes {
            self.health.counts(outcomes.done, outcomes.failed);
            self.has_news |= outcomes.done > 0;
        }
        let failed = outcomes.iter().flat_map(|outcomes| &outcomes.failed_inputs);
        let failed: HashMap<&Path, &FailedInput> =
            failed.map(|failed| (failed.path.as_path(), failed)).collect();
        for input in inputs {
            let path = input.path();
            match failed.get(path.as_path()) {
                Some(failed) => self.patience.failed(failed, stamp(input, None)),
                None => self.patience.done(&path),
            }
        }
    }

    /// A failure that would meet every article is told once, and all is tried again after a pause.
    fn survive(&mut self, done: anyhow::Result<()>) -> anyhow::Result<()> {
        let Err(error) = done else {
            self.patience.goes_on();
            return Ok(());
        };
        let Some(known) = error.downcast_ref::<Error>() else { return Err(error) };
        if is_interrupt(&error) {
            return Err(error);
        }
        let what = super::cures::report(known);
        if self.health.is_troubled(&what) {
            terminal::complain(&what);
        }
        self.patience.rest_from_all();
        Ok(())
    }

    /// When the work of an hour was last done. A folder that was never watched begins now.
    fn last_hour(&self) -> Result<i64> {
        let known = match Manifest::look(&self.making.output)? {
            Some(manifest) => manifest.setting(LAST)?,
            None => None,
        };
        match known.and_then(|last| last.parse().ok()) {
            Some(last) => Ok(last),
            None => self.write_hour(now()).map(|()| now()),
        }
    }

    fn remember_hour(&self) -> Result<()> {
        match (&self.clock, self.last) {
            (Clock::At(_), Some(last)) => self.write_hour(last),
            _ => Ok(()),
        }
    }

    fn write_hour(&self, time: i64) -> Result<()> {
        let manifest = batch::open(&self.making.output, false, &self.cancel)?;
        manifest.set_setting(LAST, &time.to_string())?;
        manifest.close()
    }

    fn tell_begin(&self) {
        let mut what = Vec::new();
        if !self.args.folders.is_empty() {
            let names: Vec<_> =
                self.args.folders.iter().map(|input| printable(&input.to_string_lossy())).collect();
            what.push(names.join(", "));
        }
        if !self.subscriptions.is_empty() {
            what.push(count(self.subscriptions.len(), "feed"));
        }
        let when = match &self.clock {
            Clock::At(hours) => {
                format!("at {}", hours.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
            Clock::Every { .. } if self.subscriptions.is_empty() => "as things come".to_string(),
            Clock::Every { .. } => format!("as things come, and feeds every {}", self.args.every),
        };
        self.tell(&format!("watching {}: {when}\n", what.join(" and ")));
    }

    fn tell(&self, text: &str) {
        if !self.making.is_quiet() {
            terminal::note(text);
        }
    }
}

/// Whether a feed is asked: not again right after a restart, and one that is sent whole each time only now and then.
fn is_feed_due(known: &KnownFeed, every: i64) -> bool {
    let is_whole = known.validators == Validators::default() && is_address(Path::new(&known.address));
    let pause = if is_whole { every.max(FEED_WITHOUT_VALIDATORS) } else { every };
    // Some seconds early is on time: each round takes some.
    known.asked.is_none_or(|asked| !(0..pause - pause / 10).contains(&(now() - asked)))
}

/// Refuses what can't be watched.
fn check(inputs: &[PathBuf]) -> Result<()> {
    let refused = |input: &PathBuf, what: &str, cure: &str| {
        Err(Error::new(ErrorKind::Usage, what).at(Place::file(input)).with_cure(Cure::other(cure)))
    };
    for input in inputs {
        let text = input.to_string_lossy();
        if is_address(input) {
            let cure = "name feeds in a list: --feeds FILE; read a page: audio-report batch URL";
            return refused(input, "a page on the web tells nobody when it changes", cure);
        }
        if input.as_os_str() == config::STDIN {
            return refused(input, "standard input can't be watched", "name a folder");
        }
        if !input.exists() && !text.contains(['*', '?', '[']) {
            return refused(input, "there is no such folder", "check the name, or make the folder");
        }
    }
    Ok(())
}

/// The folders in which inputs come: of a pattern the one above its first sign that stands for others.
fn folders(inputs: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |input: &PathBuf| {
        if input.is_dir() {
            return input.clone();
        }
        let is_plain = |part: &&std::ffi::OsStr| !part.to_string_lossy().contains(['*', '?', '[']);
        let folder: PathBuf = input.parent().unwrap_or(Path::new("")).iter().take_while(is_plain).collect();
        if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder }
    };
    inputs.iter().map(folder).collect()
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}

fn is_interrupt(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Error>().is_some_and(|error| error.kind() == ErrorKind::Interrupted)
}
