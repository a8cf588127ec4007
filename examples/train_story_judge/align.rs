//! Which leaves of a page are its story, by the alignment of the words of both.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Words of the longest leaf of which all must be found: a few words stand in many places.
const SHORT: usize = 4;

/// Whether most words of each text, in the order of the page, are aligned with words of the story.
pub fn in_story(texts: &[&str], story: &str) -> Vec<bool> {
    let parts: Vec<Vec<String>> = texts.iter().map(|text| words(text)).collect();
    let (page, story) = (parts.concat(), words(story));
    let mut is_found = vec![false; page.len()];
    for operation in capture_diff_slices(Algorithm::Patience, &page, &story) {
        if let DiffOp::Equal { old_index, len, .. } = operation {
            is_found[old_index..old_index + len].fill(true);
        }
    }
    let mut rest = is_found.as_slice();
    let mut is_most = |part: &Vec<String>| {
        let (own, behind) = rest.split_at(part.len());
        rest = behind;
        let found = own.iter().filter(|found| **found).count();
        found * 2 > part.len() && (part.len() > SHORT || found == part.len())
    };
    parts.iter().map(&mut is_most).collect()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}
