use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::article::{ReadOptions, read_article};
use crate::audio::Sink;
use crate::error::Result;
use crate::report::{Narrator, Summary};
use crate::table_test::each;

/// Takes any sound.
struct Nowhere;

impl Sink for Nowhere {
    fn write(&mut self, _: &[f32]) -> Result<()> {
        Ok(())
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

fn document_of(article: Article) -> (Document, Arc<Article>, Summary) {
    let article = Arc::new(article);
    let narrator = Narrator::tone_builder().build().unwrap();
    let summary = narrator.read(article.clone()).to(Box::new(Nowhere)).unwrap();
    (document(&article, &summary.timeline, &summary.voice, "a name"), article, summary)
}

/// An element with its sentences in braces, and its words between bars.
fn sketch(element: &Element) -> String {
    let mut text = format!("{:?}: ", element.role);
    for piece in &element.pieces {
        match piece {
            Piece::Silent(silent) => text.push_str(silent),
            Piece::Sentence(sentence) => {
                let parts = sentence.parts.iter().map(|part| match part {
                    Part::Silent(text) => text.clone(),
                    Part::Word(text, _) => format!("|{text}|"),
                });
                text.push_str(&format!("{{{}}}", parts.collect::<String>()));
            }
        }
    }
    text
}

fn words(document: &Document) -> Vec<(&str, u64)> {
    let parts = document.sentences().flat_map(|sentence| &sentence.parts);
    parts
        .filter_map(|part| match part {
            Part::Word(text, start) => Some((text.as_str(), *start)),
            Part::Silent(_) => None,
        })
        .collect()
}

#[test]
fn an_element_is_its_block_as_it_is_written() {
    let rows = [
        ("It cost $1.2\u{a0} billion. “Why?”", "Paragraph: {|It| |cost| |$1.2 billion|.} {“|Why|?”}"),
        ("Prices rose [8]. The end 🚢", "Paragraph: {|Prices| |rose| [8].} {|The| |end| 🚢}"),
        ("A\u{202e}b is now—or\u{7}", "Paragraph: {|Ab| |is| |now|—|or|}"),
    ];
    each(rows, |(text, want)| {
        let (document, ..) = document_of(Article::from_text(text.to_string()));
        assert_eq!(document.elements.iter().map(sketch).collect::<Vec<_>>(), [want], "{text}");
    });
}

#[test]
fn blocks_keep_their_kinds_and_what_is_left_out_is_not_there() {
    let page = "---\ntitle: Port reopens\nauthor: Ann Lee\ndate: 2026-11-03T10:00:00Z\nlang: en-GB\n---\n# Port reopens\n\n\
        The port reopened on Monday after a long winter.\n\n[Sign up for our newsletter](https://example.org)\n\n## At sea\n\n\
        > Ships came back.\n\n- One ship\n- Two ships\n";
    let article = read_article(page.as_bytes(), "page.md", &ReadOptions::default()).unwrap();
    let (document, article, _) = document_of(article);
    let want = [
        "Headline: {|Port| |reopens|}",
        "Paragraph: {|The| |port| |reopened| |on| |Monday| |after| |a| |long| |winter|.}",
        "Heading: {|At| |sea|}",
        "Quote: {|Ships| |came| |back|.}",
        "Item: {|One| |ship|}",
        "Item: {|Two| |ships|}",
    ];
    assert_eq!(document.elements.iter().map(sketch).collect::<Vec<_>>(), want);
    assert_eq!(document.groups().map(<[_]>::len).collect::<Vec<_>>(), [1, 1, 1, 1, 2]);
    assert_eq!((document.title.as_str(), document.byline.as_deref()), ("Port reopens", Some("Ann Lee")));
    assert_eq!(document.shown_date().as_deref(), Some("3 November 2026"));
    assert!(!article.removed().is_empty(), "{:?}", article.blocks());
}

#[test]
fn an_article_without_a_headline_has_a_name() {
    let (document, ..) = document_of(Article::from_text("Ships came back on Monday at noon.".into()));
    assert_eq!((document.title.as_str(), document.first(Role::Headline)), ("a name", None));
}

#[test]
fn dates_are_for_people_and_machines() {
    let rows = [
        ("2026-11-03", "3 November 2026", Some("2026-11-03")),
        ("2026-01-30T09:00:00+09:00", "30 January 2026", Some("2026-01-30")),
        ("Nov. 18, 2024", "Nov. 18, 2024", None),
        ("2026-13-03", "2026-13-03", None),
        ("2026-00-03", "2026-00-03", None),
        ("2026-11-00", "2026-11-00", None),
        ("yesterday é", "yesterday é", None),
    ];
    each(rows, |(date, shown, iso)| {
        let document = Document { date: Some(date.to_string()), ..Document::default() };
        assert_eq!(document.shown_date().as_deref(), Some(shown), "{date}");
        assert_eq!(document.iso_date(), iso, "{date}");
    });
}

#[test]
fn only_english_is_claimed() {
    let rows = [
        ("en-GB", "en-GB"),
        ("EN", "EN"),
        ("ko", "en"),
        ("en\"><script>", "en"),
        ("", "en"),
        ("english", "en"),
    ];
    each(rows, |(claimed, want)| {
        let article = Article::from_text("Ships came.".into()).with_language(claimed);
        assert_eq!(language(&article), want, "{claimed}");
    });
}

/// Stories of words, figures, marks, signs without a sound, and white space of all kinds.
fn stories() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        8 => "[A-Za-z]{1,9}",
        2 => "[$£]?[0-9]{1,4}(\\.[0-9])?( billion| percent|%)?",
        2 => "[.,;:!?—…\"“”()\\[\\]<>&'-]{1,3}",
        1 => "[🚢é\u{202e}\u{200d}\u{7}\u{ad}]{1,2}",
        1 => "\\[[0-9]\\]",
    ];
    let space = prop_oneof![8 => Just(" "), 1 => Just(""), 1 => Just("\n"), 1 => Just("\n\n"), 1 => Just(" \u{a0} "), 1 => Just(". ")];
    prop::collection::vec((token, space), 1..60)
        .prop_map(|tokens| tokens.into_iter().map(|(token, space)| token + space).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_spoken_word_is_there_once_and_no_text_is_lost(story in stories()) {
        let article = Article::from_text(format!("The port opened.\n\n{story}"));
        let (document, article, summary) = document_of(article);
        let timeline = &summary.timeline;
        let text = article.text();
        let seen = |text: &str| fold(text);
        let spoken: Vec<(String, u64)> = timeline
            .words()
            .iter()
            .map(|word| (seen(word.span.of(text)), milliseconds(timeline, word.start)))
            .filter(|(text, _)| !text.is_empty())
            .collect();
        let shown: Vec<(String, u64)> =
            words(&document).into_iter().map(|(text, start)| (text.to_string(), start)).collect();
        prop_assert_eq!(shown, spoken);
        let blocks: Vec<usize> = timeline.blocks().map(|(first, _)| first.block).collect();
        prop_assert_eq!(document.elements.len(), blocks.len());
        for (element, block) in document.elements.iter().zip(blocks) {
            let shown: String = element.pieces.iter().map(Piece::text).collect();
            prop_assert_eq!(shown.trim_end(), seen(article.blocks()[block].span.of(text)));
        }
    }
}
