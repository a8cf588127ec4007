use proptest::prelude::*;

use super::*;
use crate::article::ReadOptions;
use crate::error::shorten;
use crate::table_test::each;

/// Texts that are read, with the first letters of their kinds; reasons of the others.
fn outline(text: &str) -> Vec<String> {
    let article = read(text).finish(ReadOptions::default());
    let blocks = article.blocks.iter().map(|block| (block.span, format!("{:?}", block.kind)[..1].to_owned()));
    let removed = article.removed.iter().map(|removed| (removed.span, format!("[{}]", removed.reason)));
    let mut all: Vec<(Span, String)> = blocks.chain(removed).collect();
    all.sort();
    all.iter().map(|(span, kind)| format!("{kind} {}", shorten(span.of(&article.text), usize::MAX))).collect()
}

#[test]
fn markup_becomes_blocks() {
    let rows = [
        (
            "# Port *reopens*\n\nIt **did**, [they](http://x) say.",
            &["T Port reopens", "P It did, they say."][..],
        ),
        ("---\ntitle: Port\n---\n# Port\n\nIt did.", &["T Port", "P It did."]),
        ("---\ntitle: Port\n---\nIt did.", &["T Port", "P It did."]),
        ("---\ntitle: Port\n---\n# Other head\n\nIt did.", &["T Port", "H Other head", "P It did."]),
        ("One\nline.\n\nTwo  \nlines.", &["P One line.", "P Two lines."]),
        ("> Said.\n>\n> Again.", &["Q Said.", "Q Again."]),
        ("- a\n- b\n  - c\n\n3. d\n4. e", &["L a", "L b", "L c", "L 3. d", "L 4. e"]),
        ("- a\n\n  more\n- b", &["L a", "L more", "L b"]),
        ("It did.\n\n![Ships](s.jpg)\n\n```\ncode\n```", &["P It did.", "[caption] Ships", "[code] code"]),
        ("|a|b|\n|-|-|\n|1||\n|2|3|\n", &["L a, b", "L 1", "L 2, 3"]),
        ("It did.\n\n[All about it](http://x)", &["P It did.", "[related] All about it"]),
        ("It did.<br>It did so.\n\n<p>Once <b>more</b>.</p>", &["P It did. It did so.", "P Once more."]),
        ("It did.[^1]\n\n[^1]: In May.", &["P It did.", "[footnote] In May."]),
        ("## Head\n\nIt did.\n\n## Related articles", &["H Head", "P It did.", "[related] Related articles"]),
        ("\u{feff}# Port\n\nIt did.", &["T Port", "P It did."]),
        ("AT&amp;T \\*did\\* it &mdash; twice.", &["P AT&T *did* it — twice."]),
    ];
    each(rows, |(text, want)| {
        assert_eq!(outline(text), want, "{text:?}");
    });
}

#[test]
fn a_copied_page_has_a_paragraph_a_line() {
    let long = "This line is a whole paragraph, for nobody has wrapped it, and it goes on for longer than any margin \
        would let it, until it ends.";
    assert_eq!(outline(&format!("# Port\n{long}\n{long} Twice.")).len(), 3);
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "# ",
        "## ",
        "- ",
        "1. ",
        "> ",
        "**",
        "*",
        "`",
        "```\n",
        "[a](http://x)",
        "![b](c)",
        "|a|b|\n|-|-|\n",
        "---\n",
        "\n",
        "\n\n",
        " ",
        "The port reopened. ",
        "Home",
        "<div>",
        "</div>",
        "<b>",
        "[^1]",
        "[^1]: ",
        "&amp;",
        "\\",
        "    ",
        "서울",
    ]);
    prop::collection::vec(prop_oneof![10 => piece.prop_map(str::to_owned), 1 => "\\PC{0,3}"], 0..60)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn pieces_cover_the_text(text in any_text()) {
        let draft = read(&text);
        let mut end = 0;
        for piece in &draft.pieces {
            prop_assert!(piece.span.start >= end && !piece.span.is_empty());
            prop_assert!(draft.text[end..piece.span.start].trim().is_empty());
            end = piece.span.end;
        }
        prop_assert_eq!(end, draft.text.len());
    }
}
