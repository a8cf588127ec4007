//! The file of rows: a line of JSON with the number of leaves of each page and the levels of each feature, and behind it, column by
//! column, the level of each leaf; compressed. A feature has few levels, between which it is not told apart.

use std::io::{BufRead, Read, Write};

use anyhow::{Context, Result};
use audio_report::internals::story_judge::FEATURES;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::pages::Leaf;

/// Levels of a feature, as far as its numbers differ.
const LEVELS: usize = 48;

#[derive(Serialize, Deserialize)]
struct Header {
    pages: Vec<usize>,
    levels: Vec<Vec<f32>>,
}

/// The file of pages.
pub fn write(pages: &[Vec<Leaf>]) -> Result<Vec<u8>> {
    let leaves: Vec<&Leaf> = pages.iter().flatten().collect();
    let levels: Vec<Vec<f32>> = (0..FEATURES).map(|feature| levels(&leaves, feature)).collect();
    let header = Header { pages: pages.iter().map(Vec::len).collect(), levels };
    let mut file = DeflateEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut file, &header)?;
    file.write_all(b"\n")?;
    for (feature, levels) in header.levels.iter().enumerate() {
        let column: Vec<u8> = leaves
            .iter()
            .map(|leaf| (levels.partition_point(|level| *level <= leaf.row[feature]).max(1) - 1) as u8)
            .collect();
        file.write_all(&column)?;
    }
    let column = |of: fn(&Leaf) -> u8| leaves.iter().map(|leaf| of(leaf)).collect::<Vec<u8>>();
    file.write_all(&column(|leaf| u8::from(leaf.is_kept)))?;
    file.write_all(&column(|leaf| u8::from(leaf.is_open)))?;
    file.write_all(&column(|leaf| u8::from(leaf.is_story)))?;
    file.write_all(&column(|leaf| leaf.words))?;
    Ok(file.finish()?)
}

/// The lowest number of each level: as many leaves in each as the numbers allow.
fn levels(leaves: &[&Leaf], feature: usize) -> Vec<f32> {
    let mut numbers: Vec<f32> = leaves.iter().map(|leaf| leaf.row[feature]).collect();
    numbers.sort_by(f32::total_cmp);
    let mut levels: Vec<f32> = (0..LEVELS).map(|level| numbers[level * numbers.len() / LEVELS]).collect();
    // Four digits are enough, and shorter.
    for level in &mut levels {
        *level = (*level * 1e4).floor() / 1e4;
    }
    levels.dedup();
    levels
}

/// Reads a file.
pub fn read(file: &[u8]) -> Result<Vec<Vec<Leaf>>> {
    let mut whole = Vec::new();
    DeflateDecoder::new(file).read_to_end(&mut whole)?;
    let mut rest = whole.as_slice();
    let mut header = Vec::new();
    rest.read_until(b'\n', &mut header)?;
    let header: Header = serde_json::from_slice(&header)?;
    let count: usize = header.pages.iter().sum();
    let column =
        |number: usize| rest.get(number * count..(number + 1) * count).context("the file is too short");
    let (kept, open) = (column(FEATURES)?, column(FEATURES + 1)?);
    let (story, words) = (column(FEATURES + 2)?, column(FEATURES + 3)?);
    let empty = |leaf: usize| Leaf {
        row: [0.0; FEATURES],
        is_kept: kept[leaf] == 1,
        is_open: open[leaf] == 1,
        is_story: story[leaf] == 1,
        words: words[leaf],
    };
    let mut leaves: Vec<Leaf> = (0..count).map(empty).collect();
    for (feature, levels) in header.levels.iter().enumerate() {
        for (leaf, level) in leaves.iter_mut().zip(column(feature)?) {
            leaf.row[feature] = *levels.get(usize::from(*level)).context("a level that is not there")?;
        }
    }
    let mut leaves = leaves.into_iter();
    Ok(header.pages.iter().map(|page| leaves.by_ref().take(*page).collect()).collect())
}
