//! Versions of the stories of agencies, as a run meets them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::store::manifest::{Edition, KnownEdition, Manifest, Story};

/// The stories of agencies, and the files that brought versions of them.
#[derive(Debug)]
pub(super) struct Editions {
    known: HashMap<String, KnownEdition>,
    /// By their agencies' names; also those that this run has met.
    stories: Mutex<HashMap<String, Story>>,
}

/// What a version of a story is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// The first that is known.
    First(Story),
    /// Later than those that are known, or not told from them.
    Later(Story),
    /// Earlier than one that is known.
    Earlier(Story),
    /// One of a story that was taken back.
    Withdrawn,
}

impl Editions {
    /// What a folder knows of them.
    pub(super) fn of(manifest: &Manifest) -> Result<Self> {
        Ok(Self { known: manifest.editions()?, stories: Mutex::new(manifest.stories()?) })
    }

    /// What is known of a file.
    pub(super) fn known(&self, source: &str) -> Option<&KnownEdition> {
        self.known.get(source)
    }

    /// Meets a version. One that `is_own` is an article of its own, whatever came before.
    pub(super) fn see(&self, edition: &Edition, is_own: bool) -> Met {
        let Edition { source, stem, wire, version, .. } = edition;
        let own = || Story {
            source: source.clone(),
            stem: stem.clone(),
            version: version.clone(),
            is_withdrawn: false,
        };
        let mut stories = self.stories();
        match stories.get_mut(wire) {
            None => Met::First(stories.entry(wire.clone()).or_insert_with(own).clone()),
            Some(story) if story.is_withdrawn => Met::Withdrawn,
            Some(story) if is_own && story.source != *source => Met::First(own()),
            Some(story) if is_earlier(version.as_deref(), story.version.as_deref()) => {
                Met::Earlier(story.clone())
            }
            Some(story) => {
                story.version.clone_from(version);
                Met::Later(story.clone())
            }
        }
    }

    /// The story of a version that was met.
    pub(super) fn story_of(&self, edition: &Edition) -> Story {
        let Edition { source, stem, wire, version, .. } = edition;
        self.stories().get(wire).cloned().unwrap_or_else(|| Story {
            source: source.clone(),
            stem: stem.clone(),
            version: version.clone(),
            is_withdrawn: false,
        })
    }

    /// Whether a later version, or the end of the story, came while this one was spoken.
    pub(super) fn is_outdated(&self, edition: &Edition) -> bool {
        self.stories().get(&edition.wire).is_some_and(|story| {
            story.is_withdrawn || is_earlier(edition.version.as_deref(), story.version.as_deref())
        })
    }

    /// Remembers that a story was taken back; the result is the source of its article.
    pub(super) fn withdraw(&self, wire: &str) -> Option<String> {
        let mut stories = self.stories();
        let story = stories.get_mut(wire)?;
        story.is_withdrawn = true;
        Some(story.source.clone())
    }

    fn stories(&self) -> MutexGuard<'_, HashMap<String, Story>> {
        self.stories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a version is earlier than another: numbers by their value, also with points between, and anything else, such as a date, by its
/// letters. What can't be told is not earlier.
fn is_earlier(version: Option<&str>, than: Option<&str>) -> bool {
    let (Some(version), Some(than)) = (version.map(str::trim), than.map(str::trim)) else { return false };
    let order = match (numbers(version), numbers(than)) {
        (Some(version), Some(than)) => version.cmp(&than),
        (None, None) => version.cmp(than),
        _ => Ordering::Equal,
    };
    order == Ordering::Less
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn versions_are_compared_as_numbers_or_as_text() {
        let rows = [
            (Some("1"), Some("2"), true),
            (Some("2"), Some("10"), true),
            (Some("10"), Some("2"), false),
            (Some("2"), Some("2"), false),
            (Some("1.9"), Some("1.10"), true),
            (Some("2026-11-30T01:00"), Some("2026-11-30T02:00"), true),
            (Some("b"), Some("a"), false),
            (Some("a"), Some("2"), false),
            (None, Some("2"), false),
            (Some("1"), None, false),
        ];
        each(rows, |(version, than, want)| {
            assert_eq!(is_earlier(version, than), want, "{version:?} {than:?}");
        });
    }
}
