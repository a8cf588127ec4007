use proptest::prelude::*;

use super::*;
use crate::table_test::each;

fn texts(text: &str) -> Vec<&str> {
    split_text(text).into_iter().map(|span| span.of(text)).collect()
}

/// `tests/data/sentences.txt` holds a case a line, with `¦` where a sentence ends and `\n` for a line end.
#[test]
fn the_table_of_sentences() {
    check_table(include_str!("../../../tests/data/sentences.txt"), 400);
}

/// These cases were written after the code was finished.
#[test]
fn the_second_table_of_sentences() {
    check_table(include_str!("../../../tests/data/sentences_second.txt"), 60);
}

/// These were written after the rules for lists in a line, footnotes, marks set apart and names behind abbreviations.
#[test]
fn the_third_table_of_sentences() {
    check_table(include_str!("../../../tests/data/sentences_third.txt"), 60);
}

fn check_table(table: &str, least: usize) {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let case = line.replace("\\r", "\r").replace("\\n", "\n");
        let want: Vec<&str> = case.split('¦').map(str::trim).collect();
        let text = case.replace('¦', "");
        let got = texts(&text);
        if got != want {
            wrong.push(format!("want {want:#?}\ngot {got:#?}"));
        }
        cases += 1;
    }
    assert!(wrong.is_empty(), "{} of {cases} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= least, "only {cases} cases");
}

#[test]
fn a_block_is_a_part_of_the_text() {
    let text = "Title\n\nOne. Two!\n\nThree.";
    let spans: Vec<Span> = sentences(text, Span::new(7, 16)).collect();
    assert_eq!(spans, [Span::new(7, 11), Span::new(12, 16)]);
    assert_eq!(sentences(text, Span::new(5, 7)).count(), 0);
    // Within a block a line that looks like a list item is only a line.
    let text = "rose to level\n5. The";
    assert_eq!(sentences(text, Span::new(0, text.len())).count(), 2);
    assert_eq!(split_text(text).len(), 2);
}

#[test]
fn huge_texts_take_linear_time() {
    const SIZE: usize = 600_000;
    let rows = [
        "word ",
        "a.b",
        "word",
        "! ",
        "\n",
        ".\n",
        "(",
        "… ",
        ". . ",
        "“",
        "No. ",
        "¶é",
        "U.S. ",
        "?” A",
        "x\r\n- ",
        "• ",
        "1. A ",
        "! ' ",
        "? ? x",
        ". 🎉",
        ". [1] ",
        "1) ",
        "In 5 B.C. A: ",
    ];
    each(rows, |piece| {
        let text = piece.repeat(SIZE / piece.len());
        let begun = std::time::Instant::now();
        let count = sentences(&text, Span::new(0, text.len())).count() + split_text(&text).len();
        assert!(begun.elapsed().as_secs() < 20, "{piece:?}: {count} in {:?}", begun.elapsed());
    });
}

fn any_text() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        prop::sample::select(vec![
            "The", "a", "Kim", "said", "U.S", "No", "5", "3.5", "Gen", "a.m", "KST", "etc", "J", "Mr", "Nov",
            "iPhone", "서울", "東京", "é", "x.com", "-", "—", "•", "Inc", "e.g", "[1]", "Yahoo", "\u{200b}",
            "\u{feff}", "🎉", "B.C", "Ph.D", "Seoul", "2)", "b.", "1.)", "°C", "Hz", "`", "⁃",
        ]),
        prop::sample::select(vec![
            ".", "!", "?", "…", "...", "。", "？", "\"", "”", "“", "’", "'", "(", ")", "[", "]", "»", ",",
            ". .",
        ]),
        prop::sample::select(vec![
            " ", " ", " ", "\n", "\n\n", "\r\n", "\u{a0}", "\t", "\u{2028}", "\n- ", "\n1. "
        ]),
    ];
    prop::collection::vec(prop_oneof![20 => token.prop_map(str::to_owned), 1 => "\\PC{0,3}"], 0..60)
        .prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn spans_hold_every_visible_character_once(text in any_text()) {
        for spans in [split_text(&text), sentences(&text, Span::new(0, text.len())).collect()] {
            let mut end = 0;
            for span in spans {
                prop_assert!(span.start >= end && !span.is_empty(), "{:?}", span);
                prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                prop_assert!(text[end..span.start].trim().is_empty(), "lost {:?}", &text[end..span.start]);
                prop_assert_eq!(span.of(&text), span.of(&text).trim());
                end = span.end;
            }
            prop_assert!(text[end..].trim().is_empty(), "lost {:?}", &text[end..]);
        }
    }
}
