//! The file of rows: a line of JSON with the number of open leaves of each page and the levels of each feature. Behind it, column by
//! column, the level of each leaf, its truth, its words and its kin; compressed.

use std::collections::HashMap;
use std::io::{BufRead, Read, Write};

use anyhow::{Context, Result};
use audio_report::internals::story_judge::{FEATURES, Kin};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::levels::Levels;
use crate::pages::Leaf;

/// Elements of a leaf's kin.
const KIN: usize = 3;
/// The truth of a leaf of which nothing tells.
const UNKNOWN: u8 = 2;

#[derive(Serialize, Deserialize)]
struct Header {
    pages: Vec<usize>,
    levels: Levels,
}

/// The file of pages.
pub fn write(pages: &[Vec<Leaf>]) -> Result<Vec<u8>> {
    let leaves: Vec<&Leaf> = pages.iter().flatten().collect();
    let levels = Levels::new(&leaves.iter().map(|leaf| &leaf.row).collect::<Vec<_>>());
    let header = Header { pages: pages.iter().map(Vec::len).collect(), levels };
    let mut file = DeflateEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut file, &header)?;
    file.write_all(b"\n")?;
    for feature in 0..FEATURES {
        let column: Vec<u8> =
            leaves.iter().map(|leaf| header.levels.of(feature, leaf.row[feature])).collect();
        file.write_all(&column)?;
    }
    let column = |of: fn(&Leaf) -> u8| leaves.iter().map(|leaf| of(leaf)).collect::<Vec<u8>>();
    file.write_all(&column(|leaf| leaf.is_story.map_or(UNKNOWN, u8::from)))?;
    file.write_all(&column(|leaf| leaf.words))?;
    for element in 0..KIN {
        let numbers: Vec<u16> = pages.iter().flat_map(|page| numbered(page, element)).collect();
        file.write_all(&numbers.iter().map(|number| number.to_le_bytes()[0]).collect::<Vec<u8>>())?;
        file.write_all(&numbers.iter().map(|number| number.to_le_bytes()[1]).collect::<Vec<u8>>())?;
    }
    Ok(file.finish()?)
}

/// One element of the kin of each leaf of a page, numbered in the order in which they come.
fn numbered(page: &[Leaf], element: usize) -> Vec<u16> {
    let mut known = HashMap::new();
    page.iter()
        .map(|leaf| {
            let next = known.len() as u16;
            *known.entry(leaf.kin.0[element]).or_insert(next)
        })
        .collect()
}

/// Reads a file.
pub fn read(file: &[u8]) -> Result<Vec<Vec<Leaf>>> {
    let mut whole = Vec::new();
    DeflateDecoder::new(file).read_to_end(&mut whole)?;
    let mut rest = whole.as_slice();
    let mut header = Vec::new();
    rest.read_until(b'\n', &mut header)?;
    let Header { pages, levels } = serde_json::from_slice(&header)?;
    let count: usize = pages.iter().sum();
    let column =
        |number: usize| rest.get(number * count..(number + 1) * count).context("the file is too short");
    let (story, words) = (column(FEATURES)?, column(FEATURES + 1)?);
    let empty = |leaf: usize| Leaf {
        row: [0.0; FEATURES],
        kin: Kin([0; KIN]),
        is_story: (story[leaf] != UNKNOWN).then_some(story[leaf] == 1),
        words: words[leaf],
    };
    let mut leaves: Vec<Leaf> = (0..count).map(empty).collect();
    for feature in 0..FEATURES {
        for (leaf, level) in leaves.iter_mut().zip(column(feature)?) {
            leaf.row[feature] = levels.lowest(feature, *level).context("a level that is not there")?;
        }
    }
    for element in 0..KIN {
        let low = column(FEATURES + 2 + 2 * element)?;
        let high = column(FEATURES + 3 + 2 * element)?;
        for (leaf, bytes) in leaves.iter_mut().zip(low.iter().zip(high)) {
            leaf.kin.0[element] = u32::from(u16::from_le_bytes([*bytes.0, *bytes.1]));
        }
    }
    let mut leaves = leaves.into_iter();
    Ok(pages.iter().map(|page| leaves.by_ref().take(*page).collect()).collect())
}
