//! Pages whose story is known: its whole text (`benchmark`), or passages that must stay or go (`decisive`).

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use audio_report::internals::seen_leaves;
use audio_report::internals::story_judge::{Row, SeenLeaf};
use flate2::read::GzDecoder;
use serde::Deserialize;

/// What the judge sees of a leaf, and what is right.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    pub row: Row,
    pub is_kept: bool,
    pub is_open: bool,
    pub is_story: bool,
    /// Words of it, 255 at most.
    pub words: u8,
}

#[derive(Deserialize)]
struct Story {
    #[serde(rename = "articleBody")]
    body: String,
}

#[derive(Deserialize)]
struct Passages {
    file: String,
    with: Vec<String>,
    without: Vec<String>,
}

/// Reads all pages in the order of their names; each is a list of leaves.
pub fn read(folder: &Path) -> Result<Vec<Vec<Leaf>>> {
    let mut pages = Vec::new();
    let truths = fs::read(folder.join("benchmark/ground-truth.json"))?;
    for (name, story) in serde_json::from_slice::<BTreeMap<String, Story>>(&truths)? {
        let is_story = in_story(&story.body);
        pages.push(leaves(&folder.join(format!("benchmark/{name}.html.gz")), |text| Some(is_story(text)))?);
    }
    let mut decisive: Vec<Passages> =
        serde_json::from_slice(&fs::read(folder.join("decisive/decisive.json"))?)?;
    decisive.sort_by(|a, b| a.file.cmp(&b.file));
    for page in decisive {
        let path = folder.join("decisive").join(&page.file);
        pages.push(leaves(&path, |text| by_passages(text, &page))?);
    }
    pages.retain(|page| !page.is_empty());
    Ok(pages)
}

fn leaves(path: &Path, is_story: impl Fn(&str) -> Option<bool>) -> Result<Vec<Leaf>> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    let page = String::from_utf8_lossy(&bytes);
    let seen = seen_leaves(&page).with_context(|| path.display().to_string())?;
    let leaf = |leaf: SeenLeaf| {
        Some(Leaf {
            row: leaf.row,
            is_kept: leaf.is_kept,
            is_open: leaf.is_open,
            is_story: is_story(&leaf.text)?,
            words: u8::try_from(leaf.text.split_whitespace().count()).unwrap_or(u8::MAX),
        })
    };
    Ok(seen.into_iter().filter_map(leaf).collect())
}

/// Words that are compared at a time.
const RUN: usize = 4;

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether most runs of words of a text are in the story; a text of few words has to be a line of it.
fn in_story(body: &str) -> impl Fn(&str) -> bool {
    let runs: HashSet<Vec<String>> = words(body).windows(RUN).map(<[String]>::to_vec).collect();
    let lines: HashSet<Vec<String>> = body.lines().map(words).collect();
    move |text| {
        let words = words(text);
        let count = words.len().saturating_sub(RUN - 1);
        if count < 2 {
            return !words.is_empty() && lines.contains(&words);
        }
        words.windows(RUN).filter(|run| runs.contains(*run)).count() * 2 > count
    }
}

/// A text that a passage tells nothing about is not learned from.
fn by_passages(text: &str, page: &Passages) -> Option<bool> {
    let text = folded(text);
    let tells = |passage: &String| {
        let passage = folded(passage);
        text.contains(&passage) || (text.len() > 25 && passage.contains(&text))
    };
    if page.with.iter().any(tells) {
        return Some(true);
    }
    page.without.iter().any(tells).then_some(false)
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
