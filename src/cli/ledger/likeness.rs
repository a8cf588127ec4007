//! The same story from two feeds: of one group it is read once, across groups it is told.

use std::collections::{HashMap, HashSet};
use std::sync::{MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::article::Article;
use crate::calendar::{DAY, now};
use crate::cli::input::Input;
use crate::error::{Error, ErrorKind, Result};
use crate::feed::{Alike, Sketch};
use crate::store::manifest::{Manifest, State};

/// How long after it was read a story may have others like it.
const KEPT: i64 = 3 * DAY;

/// What is known of stories that others may be like.
#[derive(Debug, Default)]
pub(super) struct Likeness {
    is_loaded: bool,
    alike: Alike,
    stories: HashMap<String, Row>,
    /// Those that this run reads.
    claimed: HashSet<String>,
    /// What is told at the end.
    told: Vec<String>,
}

/// What the manifest keeps of a story.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Row {
    /// When it was published.
    time: i64,
    /// When it was read.
    noted: i64,
    group: String,
    /// What messages call it.
    name: String,
    sketch: String,
    /// The source that had the same story before.
    same_as: Option<String>,
}

impl Row {
    fn read(value: &str) -> Self {
        serde_json::from_str(value).unwrap_or_default()
    }

    fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Ledger {
    /// Looks whether another feed had the story of an article that was read. Another one of the same group is an error of kind
    /// [`ErrorKind::Exists`].
    pub(crate) fn check_likeness(&self, input: &Input, article: &Article) -> Result<()> {
        let Input::Entry(entry) = input else { return Ok(()) };
        let source = entry.key();
        let is_read =
            self.known.iter().any(|((known, _), result)| *known == source && !result.files.is_empty());
        let texts = article.blocks().iter().map(|block| block.span.of(article.text()));
        let Some(sketch) = Sketch::of(texts).filter(|_| !is_read) else { return Ok(()) };
        let mut likeness = self.likeness()?;
        let time = entry.entry.published.map_or_else(now, |time| time.min(now()));
        let group = entry.group.clone().unwrap_or_default();
        let mut row = Row { time, noted: now(), group, name: entry.name(), ..Row::default() };
        let before: Vec<(String, Row)> = likeness
            .alike
            .like(time, &sketch)
            .into_iter()
            .filter(|other| *other != source && self.counts(other, &likeness))
            .filter_map(|other| Some((other.to_string(), likeness.stories.get(other)?.clone())))
            .collect();
        let of_group = before.iter().find(|(_, other)| other.group == row.group);
        if let Some((same, other)) = of_group.filter(|_| !entry.keeps_similar) {
            likeness.told.push(format!("{}: the same story as {}, left out", row.name, other.name));
            row.same_as = Some(same.clone());
            self.manifest.note_likeness(&source, &row.written())?;
            return Err(Error::new(ErrorKind::Exists, "another feed had the same story"));
        }
        if let Some((_, other)) = before.first() {
            likeness.told.push(format!("{}: the same story as {}, both are read", row.name, other.name));
        }
        row.sketch = sketch.written();
        self.manifest.note_likeness(&source, &row.written())?;
        likeness.alike.add(&source, time, sketch);
        likeness.claimed.insert(source.clone());
        likeness.stories.insert(source, row);
        Ok(())
    }

    /// Stories that were left out or read twice, a line each.
    pub(crate) fn likeness_text(&self) -> String {
        let likeness = self.likeness.lock().unwrap_or_else(PoisonError::into_inner);
        likeness.told.iter().fold(String::new(), |text, told| text + "  " + told + "\n")
    }

    /// Whether a story is there or will be, or was taken back: what could not be read keeps no other from being read.
    fn counts(&self, source: &str, likeness: &Likeness) -> bool {
        let is_there = || {
            self.known.iter().any(|((known, _), result)| known == source && result.state == State::Published)
        };
        likeness.claimed.contains(source) || self.withdrawn.contains(source) || is_there()
    }

    fn likeness(&self) -> Result<MutexGuard<'_, Likeness>> {
        let mut likeness = self.likeness.lock().unwrap_or_else(PoisonError::into_inner);
        if !likeness.is_loaded {
            likeness.is_loaded = true;
            let mut old = Vec::new();
            for (source, value) in self.manifest.likenesses()? {
                let row = Row::read(&value);
                match Sketch::read(&row.sketch) {
                    _ if row.same_as.is_some() => {}
                    Some(sketch) if now() - row.noted < KEPT => {
                        likeness.alike.add(&source, row.time, sketch);
                        likeness.stories.insert(source, row);
                    }
                    _ => old.push(source),
                }
            }
            self.manifest.forget_likenesses(&old)?;
        }
        Ok(likeness)
    }
}

/// The articles of feeds that are left out, because another one with the same story is there.
pub(crate) fn left_out(manifest: &Manifest) -> Result<HashSet<String>> {
    let same: Vec<(String, String)> = manifest
        .likenesses()?
        .into_iter()
        .filter_map(|(source, value)| Some((source, Row::read(&value).same_as?)))
        .collect();
    if same.is_empty() {
        return Ok(HashSet::new());
    }
    let results = manifest.results()?;
    let mut there = manifest.withdrawn()?;
    there.extend(
        results.into_iter().filter(|known| known.state == State::Published).map(|known| known.source),
    );
    Ok(same.into_iter().filter(|(_, other)| there.contains(other)).map(|(source, _)| source).collect())
}
