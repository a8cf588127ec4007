//! Text copied from pages in the manner of 50 outlets, each beside the story that a reader would hear. Of the first twenty, pages
//! and stories were written before the rules; later ones showed what kinds the rules did not know.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use audio_report::article::{Article, BlockKind, ReadOptions, read_article};
use common::fold;

/// Of so many lines that are read, one may be a line too many: that is better than a paragraph too few.
const ONE_IN: usize = 35;

/// The pages, sorted by name.
fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/copied");
    let mut pages: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 50, "only {} pages are there", pages.len());
    pages
}

/// What a page's `.expected` file says: kinds and texts.
fn expected(page: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(page.with_extension("expected")).unwrap();
    let rows = text.lines().filter_map(|line| line.split_once(": "));
    rows.map(|(kind, text)| (kind.to_owned(), fold(text))).collect()
}

fn read(page: &Path) -> Article {
    let name = page.file_name().unwrap().to_string_lossy();
    read_article(&fs::read(page).unwrap(), &name, &ReadOptions::default()).unwrap()
}

/// What a page lost, and what it has too much, a line each; and how many lines are read.
struct Faults {
    lost: String,
    extra: Vec<String>,
    read: usize,
}

fn faults(page: &Path) -> Faults {
    let (article, expected) = (read(page), expected(page));
    let mut lost = String::new();
    let title = expected.iter().find(|(kind, _)| kind == "title").map(|(_, text)| text.clone());
    if article.title().map(fold) != title {
        writeln!(lost, "  the title is {:?}, not {title:?}", article.title()).unwrap();
    }
    let blocks = article.blocks().iter().filter(|block| block.kind != BlockKind::Title);
    let read: Vec<String> = blocks.map(|block| fold(block.span.of(article.text()))).collect();
    let is_story = |kind: &str| matches!(kind, "paragraph" | "list" | "heading");
    let story: Vec<&String> =
        expected.iter().filter(|(kind, _)| is_story(kind)).map(|(_, text)| text).collect();
    for text in story.iter().filter(|text| !read.contains(text)) {
        writeln!(lost, "  lost: {text}").unwrap();
    }
    let extra = read.iter().filter(|text| !story.contains(text)).cloned().collect();
    Faults { lost, extra, read: read.len() }
}

#[test]
fn copied_pages_become_their_stories() {
    let mut wrong = String::new();
    let mut too_many = String::new();
    let (mut extra, mut all) = (0, 0);
    for page in pages() {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        let faults = faults(&page);
        if !faults.lost.is_empty() {
            writeln!(wrong, "{name}:\n{}", faults.lost).unwrap();
        }
        for text in &faults.extra {
            writeln!(too_many, "{name}: too many: {text}").unwrap();
        }
        extra += faults.extra.len();
        all += faults.read;
    }
    if extra * ONE_IN > all {
        writeln!(wrong, "{extra} of {all} lines are not of the story:\n{too_many}").unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn nothing_of_a_copied_page_is_lost() {
    for page in pages() {
        let article = read(&page);
        let mut spans: Vec<_> = article.blocks().iter().map(|block| block.span).collect();
        spans.extend(article.removed().iter().map(|removed| removed.span));
        spans.sort();
        let mut end = 0;
        for span in spans {
            assert!(span.start >= end, "{page:?}: {span:?} begins before {end}");
            let between = &article.text()[end..span.start];
            assert!(!between.contains(char::is_alphanumeric), "{page:?}: {between:?} is lost");
            end = span.end;
        }
        assert!(!article.text()[end..].contains(char::is_alphanumeric), "{page:?}: the end is lost");
        // Joined words and moved page heads change no letter.
        let letters = |text: &str| {
            let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
            letters.sort_unstable();
            letters
        };
        assert_eq!(letters(article.text()), letters(&fs::read_to_string(&page).unwrap()), "{page:?}");
    }
}
