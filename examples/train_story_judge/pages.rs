//! Pages whose story is known: its whole text (`benchmark`), or passages that must stay or go (`decisive`).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use audio_report::internals::seen_leaves;
use audio_report::internals::story_judge::{Row, SeenLeaf};
use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::align::in_story;

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
    let mut pages: Vec<Vec<Leaf>> = Vec::new();
    let truths = fs::read(folder.join("benchmark/ground-truth.json"))?;
    for (name, story) in serde_json::from_slice::<BTreeMap<String, Story>>(&truths)? {
        let seen = seen(&folder.join(format!("benchmark/{name}.html.gz")))?;
        let texts: Vec<&str> = seen.iter().map(|leaf| leaf.text.as_str()).collect();
        let is_story: Vec<bool> = in_story(&texts, &story.body);
        pages.push(seen.iter().zip(is_story).map(|(leaf, is_story)| Leaf::of(leaf, is_story)).collect());
    }
    let mut decisive: Vec<Passages> =
        serde_json::from_slice(&fs::read(folder.join("decisive/decisive.json"))?)?;
    decisive.sort_by(|a, b| a.file.cmp(&b.file));
    for page in decisive {
        let seen = seen(&folder.join("decisive").join(&page.file))?;
        let leaf = |leaf: &SeenLeaf| Some(Leaf::of(leaf, by_passages(&leaf.text, &page)?));
        pages.push(seen.iter().filter_map(leaf).collect());
    }
    pages.retain(|page| !page.is_empty());
    Ok(pages)
}

impl Leaf {
    fn of(leaf: &SeenLeaf, is_story: bool) -> Self {
        Self {
            row: leaf.row,
            is_kept: leaf.is_kept,
            is_open: leaf.is_open,
            is_story,
            words: u8::try_from(leaf.text.split_whitespace().count()).unwrap_or(u8::MAX),
        }
    }
}

fn seen(path: &Path) -> Result<Vec<SeenLeaf>> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    seen_leaves(&String::from_utf8_lossy(&bytes)).with_context(|| path.display().to_string())
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
