//! What a batch remembers of its folder: which articles it has read, from what, and with which settings.
//!
//! What is published stays as it is until its story changes, the settings of the run, or the way its own words are said. A new version of
//! the program, or another processor, changes nothing.

mod editions;
mod facts;
pub(crate) mod gate;
pub(crate) mod keep;
mod lexicons;
mod likeness;
mod names;
mod sources;
mod wish;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::Serialize;

use self::editions::{Editions, Met};
use self::facts::{facts, story, wire_guid};
use self::gate::HoldRule;
pub(crate) use self::lexicons::{Lexicons, lexicon_of};
pub(crate) use self::likeness::{SameStory, left_out};
pub(crate) use self::names::Names;
pub(crate) use self::sources::stamp;
use self::sources::{source, was_asked_lately};
pub(crate) use self::wish::{content, wish};
use super::input::{Input, Loaded};
use super::inputs::Spellings;
use super::manner::Manner;
use super::overrides::Override;
use super::production::Produced;
use super::targets::{Assignment, Target};
use super::terminal::{count, name_of};
use crate::article::Article;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::hash::Fields;
use crate::report::Summary;
use crate::store::manifest::{Edition, Failure, Fresh, Known, Manifest, Part, State};
use crate::store::paths;

/// What a batch remembers of its folder.
#[derive(Debug)]
pub(crate) struct Ledger {
    manifest: Manifest,
    /// The folder without links.
    folder: PathBuf,
    /// Results by the names of their sources and their endings.
    known: HashMap<(String, String), Known>,
    /// The versions that wait for approval or were rejected, by the same.
    held: HashMap<(String, String), Known>,
    /// The files of all results, as paths from the folder.
    own_files: HashSet<PathBuf>,
    /// The sources of articles that were taken back.
    withdrawn: HashSet<String>,
    editions: Editions,
    run: Run,
    lexicons: Lexicons,
    likeness: Mutex<likeness::Likeness>,
}

/// The settings of a run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(crate) struct Run {
    /// Those that change a result.
    pub wish: String,
    /// The ending of the sounds' names.
    pub ending: &'static str,
    /// Whether what was published is made again in any case.
    pub is_remade: bool,
    /// Whether files that are none of the folder's results are replaced.
    pub may_replace: bool,
    /// Whether stories are kept for a digest; those of an embargo that was ignored are not.
    pub keeps_stories: bool,
    /// How they are said where that differs from other runs into the same folder.
    pub manner: Manner,
    /// Whether a sound that is made again gets another name: podcast apps fetch no address twice.
    pub renames: bool,
    /// What is not published before somebody has approved it.
    pub hold: Vec<HoldRule>,
    /// Where overrides lie, beside those beside their articles.
    pub overrides: Option<PathBuf>,
}

/// A result that is not published yet.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Held {
    /// The number of its article.
    pub number: i64,
    /// Why.
    pub reasons: Vec<String>,
    /// Where its sound lies.
    pub sound: PathBuf,
}

/// What is to be done about an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It was read, and nothing about it has changed.
    Done,
    /// It was taken back.
    Withdrawn,
    /// A file that is none of the folder's results stands in its place.
    Taken,
    /// It is to be read; whether anything has changed is seen then.
    Look,
    /// It is to be read and spoken.
    Make,
}

/// What is known of an article that was loaded.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Of the article, should it be new: articles are seen in their order, but end in any.
    number: i64,
    source: String,
    stem: String,
    stamp: Option<String>,
    content: [u8; 32],
    story: [u8; 32],
    edition: Option<Edition>,
    /// How it is said where its override says so.
    manner: Manner,
    /// What its override says in vain.
    pub unmatched: Vec<String>,
}

impl Ledger {
    /// The ledger of a folder that is open, and what is [known](known_of) of it.
    pub(crate) fn of(manifest: Manifest, known: Vec<Known>, run: Run, lexicons: Lexicons) -> Result<Self> {
        let own_files =
            known.iter().flat_map(|known| &known.files).map(|file| paths::read(&file.name)).collect();
        let (held, known): (Vec<Known>, Vec<Known>) =
            known.into_iter().partition(|known| matches!(known.state, State::Held | State::Rejected));
        let by_source = |all: Vec<Known>| {
            all.into_iter().map(|known| ((known.source.clone(), known.ending.clone()), known)).collect()
        };
        let (held, known) = (by_source(held), by_source(known));
        manifest.keep_lexicon(&lexicons.hash, &lexicons.files)?;
        let withdrawn = manifest.withdrawn()?;
        let editions = Editions::of(&manifest)?;
        let folder = real(manifest.folder());
        Ok(Self {
            folder,
            manifest,
            known,
            held,
            own_files,
            withdrawn,
            editions,
            run,
            lexicons,
            likeness: Mutex::default(),
        })
    }

    /// Whether a file is one of the folder's results, so that it may be replaced by its successor.
    pub(crate) fn may_replace(&self, path: &Path) -> bool {
        let own = path.strip_prefix(self.manifest.folder()).unwrap_or(path);
        self.run.may_replace || self.own_files.contains(own)
    }

    /// What is to be done about an article, as far as can be told without reading it.
    pub(crate) fn plan(&self, assignment: &Assignment, spellings: &mut Spellings) -> Plan {
        if self.is_withdrawn(&assignment.input, spellings) {
            return Plan::Withdrawn;
        }
        let Target::File(sound) = &assignment.output else { return Plan::Make };
        if self.run.may_replace {
            return Plan::Make;
        }
        let known = self.known(&assignment.input, spellings);
        let length =
            |name: &str| fs::metadata(self.folder.join(paths::read(name))).ok().map(|data| data.len());
        match self.held(&assignment.input, spellings) {
            Some(held) if held.state == State::Rejected => {
                return self.plan_unchanged(held, assignment, spellings);
            }
            Some(held) => {
                // What waits stands before what is published.
                let is_whole = held.files.iter().all(|file| length(&file.name) == Some(file.bytes));
                if self.run.is_remade || held.wish != self.run.wish || !is_whole {
                    return Plan::Make;
                }
                return self.plan_unchanged(held, assignment, spellings);
            }
            None => {}
        }
        if let Some(known) = known.filter(|known| known.state == State::Expired) {
            return if self.is_as_read(known, assignment, spellings) { Plan::Done } else { Plan::Look };
        }
        let Some(known) = known.filter(|known| !known.files.is_empty()) else {
            return if sound.is_file() { Plan::Taken } else { Plan::Make };
        };
        // Somebody has edited it: it is theirs now.
        let is_edited = |found: Option<u64>, bytes: u64| found.is_some_and(|found| found != bytes);
        if known.files.iter().any(|file| is_edited(length(&file.name), file.bytes)) {
            return Plan::Taken;
        }
        // A power cut may have taken its successor, or somebody one of its files.
        if known.state != State::Published || known.files.iter().any(|file| length(&file.name).is_none()) {
            return Plan::Make;
        }
        if self.run.is_remade || known.wish != self.run.wish {
            return Plan::Make;
        }
        self.plan_unchanged(known, assignment, spellings)
    }

    /// What is to be done about an article of which a version is there: nothing, unless its source or a lexicon has changed.
    fn plan_unchanged(&self, known: &Known, assignment: &Assignment, spellings: &mut Spellings) -> Plan {
        let is_as_read = self.is_as_read(known, assignment, spellings);
        if is_as_read && known.lexicon == self.lexicons.hash { Plan::Done } else { Plan::Look }
    }

    /// Whether the source of an article is as it was when it was read.
    fn is_as_read(&self, known: &Known, assignment: &Assignment, spellings: &mut Spellings) -> bool {
        let Assignment { input, .. } = assignment;
        // Another file may have brought a later version of the story since.
        let before = match self.editions.known(&self.source(input, spellings)) {
            Some(edition) => &edition.stamp,
            None => &known.stamp,
        };
        let Some(before) = before else { return false };
        let own = self.override_of(assignment, spellings);
        match input {
            Input::Address(_) => was_asked_lately(before, own.as_deref()),
            input => stamp(input, own.as_deref()).as_ref() == Some(before),
        }
    }

    /// What the newsroom says of an article, if it says something.
    pub(crate) fn overriding(&self, assignment: &Assignment) -> Result<Option<Override>> {
        let own = self.override_of(assignment, &mut Spellings::default());
        own.map(|path| Override::read(&path)).transpose()
    }

    /// The file of an article's override, which is called as its report: under the name that it had first.
    fn override_of(&self, assignment: &Assignment, spellings: &mut Spellings) -> Option<PathBuf> {
        let Assignment { input, output: Target::File(sound) } = assignment else { return None };
        let known = self.held(input, spellings).or_else(|| self.known(input, spellings));
        let stem = known.map_or_else(|| self.stem(sound), |known| known.stem.clone());
        Override::find(input, &paths::read(&stem), self.run.overrides.as_deref())
    }

    /// Where the sound of an article goes: a corrected one may get another name.
    pub(crate) fn target(&self, assignment: &Assignment, spellings: &mut Spellings) -> Target {
        let was_there = |known: &&Known| !known.files.is_empty() || known.state == State::Expired;
        let before = self.known(&assignment.input, spellings).filter(was_there);
        match (&assignment.output, before) {
            (Target::File(_), Some(known)) if self.run.renames => {
                let mut name = paths::read(&known.stem).into_os_string();
                name.push(format!("-r{}.{}", known.revision + 1, known.ending));
                Target::File(self.manifest.folder().join(name))
            }
            (output, _) => output.clone(),
        }
    }

    /// Looks at an article that was read. One that is there already, and would be said alike, is an error of kind
    /// [`ErrorKind::Exists`].
    pub(crate) fn see(
        &self,
        assignment: &Assignment,
        loaded: &Loaded,
        own: Option<&Override>,
        unmatched: Vec<String>,
    ) -> Result<Seen> {
        let mut spellings = Spellings::default();
        let source = self.source(&assignment.input, &mut spellings);
        let stem = match &assignment.output {
            Target::File(path) => self.stem(path),
            Target::Stdout | Target::Later => String::new(),
        };
        // What the result is made from is both.
        let with_own = |hash: [u8; 32]| match own {
            Some(own) => Fields::of("audio-report overridden 1").with(&hash).with(&own.hash()).finish(),
            None => hash,
        };
        let (content, story) = (with_own(loaded.content), with_own(story(&loaded.article)));
        let stamp = stamp(&assignment.input, self.override_of(assignment, &mut spellings).as_deref());
        let manner = own.map(Override::manner).unwrap_or_default();
        let own = source.clone();
        let number = self.manifest.reserve_number();
        let mut seen = Seen { number, source, stem, stamp, content, story, edition: None, manner, unmatched };
        self.see_edition(&mut seen, &loaded.article)?;
        // The same version may come under a second name.
        let is_another_name = seen.source != own && self.editions.known(&own).is_none();
        if self.plan(assignment, &mut spellings) != Plan::Look && !is_another_name {
            return Ok(seen);
        }
        let key = (seen.source.clone(), self.run.ending.to_string());
        let (held, published) = (self.held.get(&key), self.known.get(&key));
        let is_same = |known: &&Known| {
            known.content.as_deref() == Some(&seen.content) || known.story.as_deref() == Some(&seen.story)
        };
        let of_published = || {
            published
                .filter(|known| known.state == State::Published && known.wish == self.run.wish)
                .filter(is_same)
        };
        let known = match held {
            None => published.filter(is_same),
            Some(held) if is_same(&held) => Some(held),
            // The correction was taken back before somebody approved it.
            Some(held) => match of_published() {
                Some(published) => {
                    self.manifest.forget_version(held)?;
                    Some(published)
                }
                None => None,
            },
        };
        let Some(known) = known else { return Ok(seen) };
        if known.lexicon != self.lexicons.hash && known.state != State::Expired {
            let before = self.manifest.kept_lexicon(&known.lexicon)?;
            if self.lexicons.concerns(&loaded.article, before.as_deref())? {
                return Ok(seen);
            }
            self.manifest.note_lexicon(known, &self.lexicons.hash)?;
        }
        self.manifest.note_unchanged(known, seen.stamp.as_deref(), &seen.content)?;
        if let Some(edition) = &seen.edition {
            self.manifest.note_edition(&self.editions.story_of(edition), edition)?;
        }
        Err(Error::new(ErrorKind::Exists, "the result is there, and nothing has changed"))
    }

    /// Looks whether an article is a version of an agency's story that is known under another name: then it is one of that article.
    /// An earlier version than the one that is there is an error of kind [`ErrorKind::Exists`].
    fn see_edition(&self, seen: &mut Seen, article: &Article) -> Result<()> {
        let Some((wire, version)) =
            article.wire().and_then(|wire| Some((wire.guid.clone()?, wire.version.clone())))
        else {
            return Ok(());
        };
        // Earlier versions of the program made an article of each.
        let key = (seen.source.clone(), self.run.ending.to_string());
        let is_own = self.known.get(&key).is_some_and(|known| !known.files.is_empty());
        let Seen { source, stem, stamp, .. } = &*seen;
        let edition =
            Edition { source: source.clone(), stem: stem.clone(), stamp: stamp.clone(), wire, version };
        match self.editions.see(&edition, is_own) {
            Met::First(story) | Met::Later(story) => {
                (seen.source, seen.stem) = (story.source, story.stem);
                seen.edition = Some(edition);
                Ok(())
            }
            Met::Earlier(story) => {
                self.manifest.note_edition(&story, &edition)?;
                Err(Error::new(ErrorKind::Exists, "a later version of the story is there"))
            }
            Met::Withdrawn => Err(Error::new(ErrorKind::Exists, "the story was taken back")),
        }
    }

    /// Publishes a result, or keeps it aside where a rule says so.
    pub(crate) fn publish(
        &self,
        seen: &Seen,
        summary: &Summary,
        produced: &Produced,
        article: &Article,
        parts: Vec<Part>,
    ) -> Result<Option<Held>> {
        let fresh = Fresh {
            number: Some(seen.number),
            source: seen.source.clone(),
            stem: seen.stem.clone(),
            ending: self.run.ending.to_string(),
            stamp: seen.stamp.clone(),
            content: seen.content,
            story: seen.story,
            wish: self.run.wish.clone(),
            lexicon: self.lexicons.hash,
            facts: facts(summary, produced, article),
            edition: seen.edition.clone(),
            text: self
                .run
                .keeps_stories
                .then(|| super::digest::written(article, self.run.manner.clone().with(seen.manner.clone()))),
        };
        if seen.edition.as_ref().is_some_and(|edition| self.editions.is_outdated(edition)) {
            return Err(Error::new(ErrorKind::Exists, "a later version of the story came in the meantime"));
        }
        let published = self.known.get(&(seen.source.clone(), self.run.ending.to_string()));
        let is_correction = published.is_some_and(|known| known.state == State::Published);
        let reasons = gate::reasons(&self.run.hold, summary, article, is_correction);
        if reasons.is_empty() {
            return self.manifest.publish(&fresh, parts, self.run.may_replace).map(|()| None);
        }
        let (number, sound) = self.manifest.hold(&fresh, parts, &reasons)?;
        Ok(Some(Held { number, reasons, sound }))
    }

    /// Remembers that an article could not be read. One that its agency cancelled is taken back, under whichever name it came.
    pub(crate) fn note_failure(&self, assignment: &Assignment, error: &Error) -> Result<()> {
        if let Some(Cure::Withdraw { guid }) = error.cure() {
            let is_it = |known: &&Known| guid.is_some() && wire_guid(&known.facts) == *guid;
            let guid = guid.as_deref();
            for known in self.known.values().chain(self.held.values()).filter(is_it) {
                self.manifest.withdraw(&known.source, guid)?;
            }
            if let Some(source) = guid.and_then(|guid| self.editions.withdraw(guid)) {
                self.manifest.withdraw(&source, guid)?;
            }
            return self.manifest.withdraw(&self.source(&assignment.input, &mut Spellings::default()), guid);
        }
        let source = self.article(&assignment.input, &mut Spellings::default());
        let stem = match &assignment.output {
            Target::File(sound) => Some(self.stem(sound)),
            Target::Later => None,
            Target::Stdout => return Ok(()),
        };
        let failure = Failure { kind: name_of(&error.kind()), what: error.what().to_string(), attempts: 1 };
        self.manifest.note_failure(&source, stem.as_deref(), self.run.ending, &failure)
    }

    /// Remembers that an input is a message with several stories, and no article.
    pub(crate) fn note_message(&self, input: &Input) -> Result<()> {
        self.manifest.forget_failure(&self.source(input, &mut Spellings::default()))
    }

    /// Ends the run: the manifest with all that was done.
    pub(crate) fn into_manifest(self) -> Result<Manifest> {
        self.manifest.tell_named()?;
        Ok(self.manifest)
    }

    /// Whether an article was taken back, by itself or by the address of its page.
    fn is_withdrawn(&self, input: &Input, spellings: &mut Spellings) -> bool {
        if self.withdrawn.is_empty() {
            return false;
        }
        let link = match input {
            Input::Entry(article) => article.entry.link.as_ref(),
            _ => None,
        };
        self.withdrawn.contains(&self.article(input, spellings))
            || link.is_some_and(|link| self.withdrawn.contains(link))
    }

    fn known(&self, input: &Input, spellings: &mut Spellings) -> Option<&Known> {
        self.known.get(&(self.article(input, spellings), self.run.ending.to_string()))
    }

    fn held(&self, input: &Input, spellings: &mut Spellings) -> Option<&Known> {
        if self.held.is_empty() {
            return None;
        }
        self.held.get(&(self.article(input, spellings), self.run.ending.to_string()))
    }

    /// The source of the article that an input brings, as far as that is known: the file with an agency's first version.
    fn article(&self, input: &Input, spellings: &mut Spellings) -> String {
        let source = self.source(input, spellings);
        self.editions.known(&source).map_or(source, |edition| edition.article.clone())
    }

    fn source(&self, input: &Input, spellings: &mut Spellings) -> String {
        source(&self.folder, input, spellings)
    }

    /// What the source of an article is called.
    pub(crate) fn source_of(&self, input: &Input) -> String {
        self.source(input, &mut Spellings::default())
    }

    /// What a feed calls itself.
    pub(crate) fn feed_title(&self, feed: &str) -> Result<Option<String>> {
        Ok(self.manifest.feed(feed)?.title)
    }

    /// The name of a result's files: a path from the folder, without an ending.
    fn stem(&self, sound: &Path) -> String {
        let own = sound.strip_prefix(self.manifest.folder()).unwrap_or(sound);
        paths::written(&own.with_file_name(own.file_stem().unwrap_or_default()))
    }
}

/// All that is known of a folder's results: what is published, what failed, what waits, what was rejected.
pub(crate) fn known_of(manifest: &Manifest) -> Result<Vec<Known>> {
    let mut known = manifest.results()?;
    known.extend(manifest.held()?);
    Ok(known)
}

fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}
