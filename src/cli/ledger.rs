//! What a batch remembers of its folder: which articles it has read, from what, and with which settings.
//!
//! What is published stays as it is until its story changes, the settings of the run, or the way its own words are said. A new version of
//! the program, or another processor, changes nothing.

mod lexicons;
mod wish;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde_json::json;

pub(crate) use self::lexicons::Lexicons;
pub(crate) use self::wish::wish;
use super::archives::Archived;
use super::input::{Input, Loaded};
use super::inputs::Spellings;
use super::production::Produced;
use super::targets::{Assignment, Target};
use super::terminal::name_of;
use crate::article::{Article, BlockKind};
use crate::calendar::{DAY, now};
use crate::error::{Cure, Error, ErrorKind, Result, shorten};
use crate::hash::Fields;
use crate::report::Summary;
use crate::store::manifest::{Failure, Fresh, Known, Manifest, Part, State};
use crate::store::paths;

/// What a batch remembers of its folder.
#[derive(Debug)]
pub(crate) struct Ledger {
    manifest: Manifest,
    /// The folder without links.
    folder: PathBuf,
    /// Results by the names of their sources and their endings.
    known: HashMap<(String, String), Known>,
    /// The files of all results, as paths from the folder.
    own_files: HashSet<PathBuf>,
    /// The sources of articles that were taken back.
    withdrawn: HashSet<String>,
    run: Run,
    lexicons: Lexicons,
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
    /// Whether a sound that is made again gets another name: podcast apps fetch no address twice.
    pub renames: bool,
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
    source: String,
    stem: String,
    stamp: Option<String>,
    content: [u8; 32],
    story: [u8; 32],
}

impl Ledger {
    /// The ledger of a folder that is open, and what is known of it.
    pub(crate) fn of(manifest: Manifest, known: Vec<Known>, run: Run, lexicons: Lexicons) -> Result<Self> {
        let own_files =
            known.iter().flat_map(|known| &known.files).map(|file| paths::read(&file.name)).collect();
        let known =
            known.into_iter().map(|known| ((known.source.clone(), known.ending.clone()), known)).collect();
        manifest.keep_lexicon(&lexicons.hash, &lexicons.files)?;
        let withdrawn = manifest.withdrawn()?;
        Ok(Self { folder: real(manifest.folder()), manifest, known, own_files, withdrawn, run, lexicons })
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
        let known = self.known(&assignment.input, spellings);
        if self.run.may_replace {
            return Plan::Make;
        }
        let Some(known) = known.filter(|known| !known.files.is_empty()) else {
            return if sound.is_file() { Plan::Taken } else { Plan::Make };
        };
        let length =
            |name: &str| fs::metadata(self.folder.join(paths::read(name))).ok().map(|data| data.len());
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
        let is_as_read = match (&known.stamp, &assignment.input) {
            (Some(before), Input::Address(_)) => was_asked_lately(before),
            (before, input) => before.is_some() && *before == stamp(input),
        };
        if is_as_read && known.lexicon == self.lexicons.hash { Plan::Done } else { Plan::Look }
    }

    /// Where the sound of an article goes: a corrected one may get another name.
    pub(crate) fn target(&self, assignment: &Assignment, spellings: &mut Spellings) -> Target {
        let before = self.known(&assignment.input, spellings).filter(|known| !known.files.is_empty());
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
    pub(crate) fn see(&self, assignment: &Assignment, loaded: &Loaded) -> Result<Seen> {
        let mut spellings = Spellings::default();
        let source = self.source(&assignment.input, &mut spellings);
        let stem = match &assignment.output {
            Target::File(path) => self.stem(path),
            Target::Stdout | Target::Later => String::new(),
        };
        let story = story(&loaded.article);
        let stamp = stamp(&assignment.input);
        let seen = Seen { source, stem, stamp, content: loaded.content, story };
        if self.plan(assignment, &mut spellings) != Plan::Look {
            return Ok(seen);
        }
        let Some(known) = self.known.get(&(seen.source.clone(), self.run.ending.to_string())) else {
            return Ok(seen);
        };
        let is_same =
            known.content.as_deref() == Some(&seen.content) || known.story.as_deref() == Some(&seen.story);
        if !is_same {
            return Ok(seen);
        }
        if known.lexicon != self.lexicons.hash {
            let before = self.manifest.kept_lexicon(&known.lexicon)?;
            if self.lexicons.concerns(&loaded.article, before.as_deref())? {
                return Ok(seen);
            }
            self.manifest.note_lexicon(known, &self.lexicons.hash)?;
        }
        self.manifest.note_unchanged(known, seen.stamp.as_deref(), &seen.content)?;
        Err(Error::new(ErrorKind::Exists, "the result is there, and nothing has changed"))
    }

    /// Publishes a result.
    pub(crate) fn publish(
        &self,
        seen: &Seen,
        summary: &Summary,
        produced: &Produced,
        article: &Article,
        parts: Vec<Part>,
    ) -> Result<()> {
        let fresh = Fresh {
            source: seen.source.clone(),
            stem: seen.stem.clone(),
            ending: self.run.ending.to_string(),
            stamp: seen.stamp.clone(),
            content: seen.content,
            story: seen.story,
            wish: self.run.wish.clone(),
            lexicon: self.lexicons.hash,
            facts: facts(summary, produced, article),
            text: self.run.keeps_stories.then(|| super::digest::written(article)),
        };
        self.manifest.publish(&fresh, parts, self.run.may_replace)
    }

    /// Remembers that an article could not be read. One that its agency cancelled is taken back, under whichever name it came.
    pub(crate) fn note_failure(&self, assignment: &Assignment, error: &Error) -> Result<()> {
        if let Some(Cure::Withdraw { guid }) = error.cure() {
            let is_it = |known: &&Known| guid.is_some() && wire_guid(&known.facts) == *guid;
            for known in self.known.values().filter(is_it) {
                self.manifest.withdraw(&known.source)?;
            }
            return self.manifest.withdraw(&self.source(&assignment.input, &mut Spellings::default()));
        }
        let source = self.source(&assignment.input, &mut Spellings::default());
        let stem = match &assignment.output {
            Target::File(sound) => Some(self.stem(sound)),
            Target::Later => None,
            Target::Stdout => return Ok(()),
        };
        let failure = Failure { kind: name_of(&error.kind()), what: error.what().to_string(), attempts: 1 };
        self.manifest.note_failure(&source, stem.as_deref(), self.run.ending, &failure)
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
        self.withdrawn.contains(&self.source(input, spellings))
            || link.is_some_and(|link| self.withdrawn.contains(link))
    }

    fn known(&self, input: &Input, spellings: &mut Spellings) -> Option<&Known> {
        self.known.get(&(self.source(input, spellings), self.run.ending.to_string()))
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

/// The names that the results of articles have already.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    folder: PathBuf,
    stems: HashMap<String, PathBuf>,
    taken: HashSet<PathBuf>,
}

impl Names {
    /// Those of a folder.
    pub(crate) fn of_folder(manifest: &Manifest, known: &[Known]) -> Self {
        let stems: HashMap<String, PathBuf> = known
            .iter()
            .filter(|known| known.is_named())
            .map(|known| (known.source.clone(), paths::read(&known.stem)))
            .collect();
        Self { folder: real(manifest.folder()), taken: stems.values().cloned().collect(), stems }
    }

    /// The name of an article that has one.
    pub(crate) fn of(&self, input: &Input, spellings: &mut Spellings) -> Option<&Path> {
        if self.stems.is_empty() {
            return None;
        }
        self.stems.get(&source(&self.folder, input, spellings)).map(PathBuf::as_path)
    }

    /// Whether an article has the name of this file.
    pub(crate) fn is_taken(&self, file: &Path) -> bool {
        file.file_stem().is_some_and(|stem| self.taken.contains(Path::new(stem)))
    }
}

fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}

/// What a source is called in the ledger of a folder: its path from there, so that both can be moved together.
fn source(folder: &Path, input: &Input, spellings: &mut Spellings) -> String {
    match input {
        Input::Stdin => "-".to_string(),
        Input::Entry(article) => article.key(),
        Input::Member { archive, inner } => {
            let archive = match archive {
                Archived::File(path) => Input::File(path.clone()),
                Archived::Fetched { typed, .. } => Input::Address(typed.clone()),
            };
            format!("{}/{inner}", source(folder, &archive, spellings))
        }
        Input::Address(typed) => spellings.of(Path::new(typed)).to_string_lossy().into_owned(),
        Input::File(path) => {
            let path = spellings.of(path);
            let path = std::path::absolute(&path).unwrap_or(path);
            let (mut above, mut here) = (folder.components().peekable(), path.components().peekable());
            while above.peek().is_some() && above.peek() == here.peek() {
                above.next();
                here.next();
            }
            let up = above.map(|_| Component::ParentDir);
            let relative: PathBuf = up.chain(here).collect();
            let written = paths::written(&relative);
            if cfg!(windows) { written.replace('\\', "/") } else { written }
        }
    }
}

/// Begins the stamp of a page: the time follows at which it was asked for.
const ASKED: &str = "asked ";

/// Whether a page was asked for within a day, as often as a feed without validators may be. Later it may have been corrected.
fn was_asked_lately(stamp: &str) -> bool {
    let asked = stamp.strip_prefix(ASKED).and_then(|time| time.parse::<i64>().ok());
    asked.is_some_and(|asked| (0..DAY).contains(&(now() - asked)))
}

/// Length and time of change of an input's file, or what stands for them.
fn stamp(input: &Input) -> Option<String> {
    let path = match input {
        Input::File(path) | Input::Member { archive: Archived::File(path), .. } => path,
        Input::Entry(article) => return Some(format!("{:?} {}", article.text, article.entry.stamp())),
        Input::Address(_) => return Some(format!("{ASKED}{}", now())),
        Input::Stdin | Input::Member { .. } => return None,
    };
    let data = fs::metadata(path).ok()?;
    let changed = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", data.len(), changed.as_nanos()))
}

/// The hash of all that is said of an article, or could be.
fn story(article: &Article) -> [u8; 32] {
    let mut fields = Fields::of("audio-report story 1");
    for block in article.blocks() {
        fields = fields
            .with(format!("{:?}", block.kind).as_bytes())
            .with(block.span.of(article.text()).as_bytes());
    }
    for detail in [article.byline(), article.date()] {
        fields = fields.with(detail.unwrap_or_default().as_bytes());
    }
    fields.finish()
}

/// The name that an agency gave a story.
fn wire_guid(facts: &str) -> Option<String> {
    let facts: serde_json::Value = serde_json::from_str(facts).ok()?;
    facts["wire"].as_str().map(str::to_string)
}

/// Characters of a lead, in a feed and on a page: it tells what the report is about, and is not the report.
const LONGEST_LEAD: usize = 250;

/// The beginning of the first paragraph.
fn lead(article: &Article) -> Option<String> {
    let paragraph = article.blocks().iter().find(|block| block.kind == BlockKind::Paragraph)?;
    Some(shorten(paragraph.span.of(article.text()), LONGEST_LEAD))
}

/// What the ledger tells of a result: what a podcast or a page of the day needs, and the names that were guessed.
fn facts(summary: &Summary, produced: &Produced, article: &Article) -> String {
    json!({
        "title": summary.title,
        "lead": lead(article),
        "byline": article.byline(),
        "date": article.date(),
        "publication": article.publication(),
        "language": article.language(),
        "wire": article.wire().and_then(|wire| wire.guid.clone()),
        "link": article.source().or(article.address()),
        "image": article.image(),
        "voice": summary.voice,
        "seconds": summary.audio_seconds,
        "chunks": summary.chunks,
        "confidence": summary.confidence,
        "loudness": produced.mastered,
        "guessed_words": summary.guessed_words,
        "spelled_words": summary.spelled_words,
    })
    .to_string()
}
