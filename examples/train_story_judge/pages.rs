//! Pages whose story is known: its whole text (`benchmark`), or passages that must stay or go (`decisive`).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use audio_report::internals::page_text;
use audio_report::internals::story_judge::{Kin, Row, RuledPage, SeenLeaf};
use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::align::in_story;
use crate::truth::{Passages, Truth, folded};

/// What the judge sees of a leaf about which it decides, and what is right.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub row: Row,
    pub kin: Kin,
    /// Unknown where no passage tells.
    pub is_story: Option<bool>,
    /// Words of it, 255 at most.
    pub words: u8,
}

/// A page whose story is known.
pub struct Page {
    pub truth: Truth,
    pub ruled: RuledPage,
    pub leaves: Vec<Leaf>,
}

#[derive(Deserialize)]
struct Story {
    #[serde(rename = "articleBody")]
    body: String,
}

/// Reads all pages in the order of their names.
pub fn read(folder: &Path) -> Result<Vec<Page>> {
    let mut pages: Vec<Page> = Vec::new();
    let truths = fs::read(folder.join("benchmark/ground-truth.json"))?;
    for (name, story) in serde_json::from_slice::<BTreeMap<String, Story>>(&truths)? {
        let ruled = ruled(&folder.join(format!("benchmark/{name}.html.gz")))?;
        let seen = ruled.leaves();
        let texts: Vec<&str> = seen.iter().map(|leaf| leaf.text.as_str()).collect();
        let is_story = in_story(&texts, &story.body);
        let leaf = |(leaf, is_story): (SeenLeaf, bool)| Leaf::of(&leaf, Some(is_story));
        let leaves = seen.into_iter().zip(is_story).filter(|(leaf, _)| leaf.is_open).map(leaf).collect();
        pages.push(Page { truth: Truth::Whole(story.body), ruled, leaves });
    }
    let mut decisive: Vec<Passages> =
        serde_json::from_slice(&fs::read(folder.join("decisive/decisive.json"))?)?;
    decisive.sort_by(|a, b| a.file.cmp(&b.file));
    for passages in decisive {
        let ruled = ruled(&folder.join("decisive").join(&passages.file))?;
        let seen = ruled.leaves();
        let open = seen.iter().filter(|leaf| leaf.is_open);
        let leaves = open.map(|leaf| Leaf::of(leaf, by_passages(&leaf.text, &passages))).collect();
        pages.push(Page { truth: Truth::Passages(passages), ruled, leaves });
    }
    Ok(pages)
}

impl Leaf {
    fn of(leaf: &SeenLeaf, is_story: Option<bool>) -> Self {
        Self {
            row: leaf.row,
            kin: leaf.kin,
            is_story,
            words: u8::try_from(leaf.text.split_whitespace().count()).unwrap_or(u8::MAX),
        }
    }
}

fn ruled(path: &Path) -> Result<RuledPage> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    page_text(&bytes).and_then(|text| RuledPage::of(&text)).with_context(|| path.display().to_string())
}

/// Whether a text is of the story; unknown where no passage tells.
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
