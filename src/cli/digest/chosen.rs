//! Which reports belong to a digest, and what is said of them first.

use std::collections::HashSet;

use serde_json::Value;

use crate::article::{Article, Block, BlockKind};
use crate::calendar::{DAY, now};
use crate::error::Result;
use crate::hash::Fields;
use crate::store::manifest::{DIGEST, Known, Manifest, State};
use crate::text::Span;

/// Headlines that are said before it says how many more stories there are.
const MOST_HEADLINES: usize = 12;

/// A story of a digest: as little of its report as is needed, for there may be many.
pub(super) struct Story {
    /// Its headline, or the name of its report.
    pub title: String,
    /// The identity of its article.
    pub guid: String,
    /// What its article's source is called.
    pub source: String,
    /// The ending of the report's sound.
    pub ending: String,
    /// The name of the report's sound.
    pub sound: String,
    /// The hash of the lexicons that the report was made with.
    pub lexicon: Vec<u8>,
    revision: u32,
    published: Option<i64>,
}

impl Story {
    fn of(known: &Known, title: String) -> Self {
        Self {
            title,
            guid: known.guid.clone(),
            source: known.source.clone(),
            ending: known.ending.clone(),
            sound: known.files.last().map(|file| file.name.clone()).unwrap_or_default(),
            lexicon: known.lexicon.clone(),
            revision: known.revision,
            published: known.published,
        }
    }
}

/// The reports that were first published after a time and that no digest of an earlier day tells, in the order in which they were first
/// seen. Of one article that was made in several formats, the one that the digest has is taken.
pub(super) fn stories(known: &[Known], since: i64, today: &str, ending: &str) -> Vec<Story> {
    let facts = |known: &Known| serde_json::from_str::<Value>(&known.facts).unwrap_or_default();
    let day_of = |known: &Known| {
        let rest = known.source.strip_prefix(DIGEST)?;
        rest.split(':').next().map(str::to_string)
    };
    let mut told: HashSet<String> = HashSet::new();
    for digest in known.iter().filter(|known| day_of(known).is_some_and(|day| day.as_str() < today)) {
        let facts = facts(digest);
        let guids = facts["stories"].as_array().into_iter().flatten().filter_map(Value::as_str);
        told.extend(guids.map(str::to_string));
    }
    let is_new = |known: &&Known| {
        known.state == State::Published
            && !known.is_digest()
            && !known.files.is_empty()
            && known.published.is_some_and(|published| published >= since)
            && !told.contains(&known.guid)
    };
    let mut stories: Vec<Story> = Vec::new();
    for known in known.iter().filter(is_new) {
        // Its formats stand together.
        match stories.last_mut().filter(|story| story.guid == known.guid) {
            Some(story) if known.ending == ending => *story = Story::of(known, story.title.clone()),
            Some(_) => {}
            None => {
                let title = facts(known)["title"].as_str().map(str::trim).unwrap_or_default().to_string();
                let name = || known.stem.rsplit('/').next().unwrap_or(&known.stem).to_string();
                let title = if title.is_empty() { name() } else { title };
                stories.push(Story::of(known, title));
            }
        }
    }
    stories
}

/// Whether the texts of all these reports are kept, or are too old to be. That of an embargo that was ignored never is.
pub(super) fn are_kept(manifest: &Manifest, stories: &[Story]) -> Result<bool> {
    let is_fresh = |story: &&Story| story.published.is_some_and(|published| now() - published < DAY);
    for Story { source, ending, .. } in stories.iter().filter(is_fresh) {
        if !manifest.has_story(source, ending)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is said first: “Today: …; …; and ….”
pub(super) fn rundown(stories: &[Story]) -> Article {
    let is_end = |c: char| matches!(c, '.' | ';' | ':' | ',') || c.is_whitespace();
    let headlines = stories.iter().map(|story| story.title.trim_end_matches(is_end).to_string());
    let mut said: Vec<String> = headlines.take(MOST_HEADLINES).collect();
    let more = stories.len() - said.len();
    match more {
        0 => {}
        1 => said.push("one more story".to_string()),
        _ => said.push(format!("{more} more stories")),
    }
    let end = said.pop().unwrap_or_default();
    let list = match said.len() {
        0 => end,
        _ => format!("{}; and {end}", said.join("; ")),
    };
    let ending = if list.ends_with(['?', '!', '”', '"']) { "" } else { "." };
    let text = format!("Today: {list}{ending}");
    let block = Block { kind: BlockKind::Paragraph, span: Span::new(0, text.len()) };
    Article::new(text.clone(), vec![block]).unwrap_or_else(|_| Article::from_text(text))
}

/// The hash of all that a digest depends on.
pub(super) fn key(stories: &[Story], rundown: &Article, wish: &str) -> [u8; 32] {
    let mut fields =
        Fields::of("audio-report digest 1").with(wish.as_bytes()).with(rundown.text().as_bytes());
    for Story { guid, revision, .. } in stories {
        fields = fields.with(guid.as_bytes()).with(&revision.to_le_bytes());
    }
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fuzzing;
    use crate::table_test::each;

    fn known(source: &str, ending: &str, published: i64, facts: &str) -> Known {
        let row = fuzzing::published(source, ending, facts);
        Known { stem: format!("2026/{source}"), published: Some(published), changed: published, ..row }
    }

    #[test]
    fn the_days_reports_are_told_once() {
        let mut all = vec![
            known("old", "mp3", 10, "{\"title\":\"Old\"}"),
            known("a", "wav", 100, "{\"title\":\"Port reopens\"}"),
            known("a", "mp3", 100, "{\"title\":\"Port reopens\"}"),
            known("b", "mp3", 101, "{}"),
            known("c", "mp3", 102, "{\"title\":\"Told yesterday\"}"),
            known("d", "mp3", 103, "{\"title\":\"In today's digest, too\"}"),
            known("e", "mp3", 104, "{\"title\":\"Failed\"}"),
            known("digest:2026-11-29:digest", "mp3", 105, "{\"stories\":[\"guid-c\"]}"),
            known("digest:2026-11-30:digest", "mp3", 106, "{\"stories\":[\"guid-d\"]}"),
        ];
        all[6].state = State::Failed;
        let stories = stories(&all, 50, "2026-11-30", "mp3");
        let told: Vec<_> = stories.iter().map(|story| (&*story.title, &*story.ending)).collect();
        assert_eq!(told, [("Port reopens", "mp3"), ("b", "mp3"), ("In today's digest, too", "mp3")]);
        let (first, second) =
            (key(&stories, &rundown(&stories), "x"), key(&stories[1..], &rundown(&stories), "x"));
        assert!(first != second && first != key(&stories, &rundown(&stories), "y"));
    }

    #[test]
    fn the_rundown_names_the_stories() {
        let rows = [
            (vec!["Port reopens"], "Today: Port reopens."),
            (vec!["Port reopens.", "Ferry returns"], "Today: Port reopens; and Ferry returns."),
            (vec!["A", "B;", "What now?"], "Today: A; B; and What now?"),
        ];
        let of = |titles: &[&str]| {
            let all: Vec<Known> = titles
                .iter()
                .map(|title| known(title, "mp3", 1, &format!("{{\"title\":\"{title}\"}}")))
                .collect();
            rundown(&stories(&all, 0, "2026-11-30", "mp3")).text().to_string()
        };
        each(rows, |(titles, want)| assert_eq!(of(&titles), want));
        let names: Vec<String> = (1..=MOST_HEADLINES + 2).map(|number| format!("N{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(of(&names).ends_with("; N12; and 2 more stories."), "{}", of(&names));
        assert!(of(&names[1..]).ends_with("; N13; and one more story."), "{}", of(&names[1..]));
    }
}
