//! The same story from two feeds: of one group it is read once, across groups it is told.

use std::collections::{HashMap, HashSet};
use std::sync::{MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::article::Article;
use crate::calendar::{DAY, now};
use crate::cli::input::Input;
use crate::error::Result;
use crate::feed::{Alike, Sketch};
use crate::net::shown;
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

/// The story that another feed had before an article.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct SameStory {
    /// The name of its article.
    pub input: String,
    /// The address or file of its feed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub feed: String,
    /// How much of both is in both, from 0 to 1.
    pub likeness: f64,
    /// Whether the article is read all the same.
    pub is_read: bool,
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
    /// The address or file of its feed.
    feed: String,
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
    /// Looks whether another feed had the story of an article that was loaded. One that is not to be read because of that is left out
    /// from now on.
    pub(crate) fn same_story(&self, input: &Input, article: &Article) -> Result<Option<SameStory>> {
        let Input::Entry(entry) = input else { return Ok(None) };
        let source = entry.key();
        let is_read =
            self.known.iter().any(|((known, _), result)| *known == source && !result.files.is_empty());
        let texts = article.blocks().iter().map(|block| block.span.of(article.text()));
        let Some(sketch) = Sketch::of(texts).filter(|_| !is_read) else { return Ok(None) };
        let mut likeness = self.likeness()?;
        let time = entry.entry.published.map_or_else(now, |time| time.min(now()));
        let group = entry.group.clone().unwrap_or_default();
        let (feed, name) = (shown(&entry.feed), entry.name());
        let mut row = Row { time, noted: now(), group, feed, name, ..Row::default() };
        let before: Vec<(String, f64, Row)> = likeness
            .alike
            .like(time, &sketch)
            .into_iter()
            .filter(|(other, _)| *other != source && self.counts(other, &likeness))
            .filter_map(|(other, alike)| {
                Some((other.to_string(), alike, likeness.stories.get(other)?.clone()))
            })
            .collect();
        let same = |(_, alike, other): &(String, f64, Row), is_read| SameStory {
            input: other.name.clone(),
            feed: other.feed.clone(),
            likeness: *alike,
            is_read,
        };
        let of_group = before.iter().find(|(_, _, other)| other.group == row.group);
        if let Some(found) = of_group.filter(|_| !entry.keeps_similar) {
            let same = same(found, false);
            likeness.told.push(format!("{}: the same story as {}, left out", row.name, same.input));
            row.same_as = Some(found.0.clone());
            self.manifest.note_likeness(&source, &row.written())?;
            return Ok(Some(same));
        }
        let same = before.first().map(|found| same(found, true));
        if let Some(same) = &same {
            likeness.told.push(format!("{}: the same story as {}, both are read", row.name, same.input));
        }
        row.sketch = sketch.written();
        self.manifest.note_likeness(&source, &row.written())?;
        likeness.alike.add(&source, time, sketch);
        likeness.claimed.insert(source.clone());
        likeness.stories.insert(source, row);
        Ok(same)
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
