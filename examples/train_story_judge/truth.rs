//! What is right of a page, and how much of what is read is: scored as the benchmark's own script does.

use std::collections::HashMap;

use audio_report::article::{Article, Block, BlockKind};
use serde::Deserialize;

/// What is known of a page's story.
#[derive(Clone, Debug)]
pub enum Truth {
    /// All of its text.
    Whole(String),
    /// Passages that must stay and that must go.
    Passages(Passages),
}

/// Passages that must stay and that must go.
#[derive(Clone, Debug, Deserialize)]
pub struct Passages {
    pub file: String,
    pub with: Vec<String>,
    pub without: Vec<String>,
}

/// Words that are compared at a time.
const RUN: usize = 4;

/// How much of one page is right.
#[derive(Clone, Copy, Debug)]
pub enum Score {
    /// Recall and precision of runs of words, and whether all words are the same.
    Whole { recall: f64, precision: f64, is_exact: bool },
    /// Passages that stayed, of how many that must; and those that were read although they must go.
    Passages { stayed: usize, wanted: usize, read: usize },
}

impl Truth {
    /// Scores what is read of the page.
    pub fn score(&self, title: &str, text: &str) -> Score {
        match self {
            Self::Whole(story) => {
                let (want, have) = (runs(story), runs(text));
                let hit: usize =
                    want.iter().map(|(run, count)| (*count).min(have.get(run).copied().unwrap_or(0))).sum();
                let share = |runs: &HashMap<Vec<String>, usize>| {
                    hit as f64 / runs.values().sum::<usize>().max(1) as f64
                };
                Score::Whole {
                    recall: share(&want),
                    precision: share(&have),
                    is_exact: words(story) == words(text),
                }
            }
            Self::Passages(passages) => {
                let text = folded(&format!("{title}\n{text}"));
                let count = |passages: &[String]| {
                    passages.iter().filter(|passage| text.contains(&folded(passage))).count()
                };
                Score::Passages {
                    stayed: count(&passages.with),
                    wanted: passages.with.len(),
                    read: count(&passages.without),
                }
            }
        }
    }
}

/// The headline, and the blocks that are read, each on a line.
pub fn spoken(article: &Article) -> (String, String) {
    let is_story = |block: &&Block| block.kind != BlockKind::Title;
    let blocks = article.blocks().iter().filter(is_story);
    let blocks: Vec<String> = blocks.map(|block| folded(block.span.of(article.text()))).collect();
    (article.title().map(folded).unwrap_or_default(), blocks.join("\n"))
}

pub fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// How often each run of words stands in a text; a shorter text is one run.
fn runs(text: &str) -> HashMap<Vec<String>, usize> {
    let words = words(text);
    let mut runs = HashMap::new();
    for run in words.windows(RUN.min(words.len()).max(1)) {
        *runs.entry(run.to_vec()).or_insert(0) += 1;
    }
    if words.is_empty() {
        runs.insert(Vec::new(), 1);
    }
    runs
}
