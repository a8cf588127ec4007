use std::io::Write;

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::article::{Article, ReadOptions};
use crate::table_test::each;

/// A document of these parts.
fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn document(body: &str) -> Vec<u8> {
    packed(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", &format!("<w:document><w:body>{body}</w:body></w:document>")),
    ])
}

fn article(bytes: &[u8]) -> Result<Article> {
    let options = ReadOptions::default();
    Ok(read(bytes, "a.docx")?.finish(options))
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>")
}

fn styled(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn paragraphs_are_what_their_styles_say() {
    let body = [
        styled("Title", "Port reopens"),
        p("By Ann Roe"),
        p("Ships came back at noon."),
        styled("Heading2", "Pilots"),
        styled("Quote", "We are glad."),
        styled("ListBullet", "One ship"),
        styled("Caption", "A crane"),
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Monday</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>9</w:t></w:r></w:p></w:tc></w:tr></w:tbl>".to_owned(),
    ];
    let article = article(&document(&body.concat())).unwrap();
    let found: Vec<(&str, BlockKind)> =
        article.blocks().iter().map(|block| (block.span.of(article.text()), block.kind)).collect();
    let want = [
        ("Port reopens", BlockKind::Title),
        ("Ships came back at noon.", BlockKind::Paragraph),
        ("Pilots", BlockKind::Heading),
        ("We are glad.", BlockKind::Quote),
        ("One ship", BlockKind::ListItem),
        ("Monday, 9", BlockKind::ListItem),
    ];
    assert_eq!(found, want);
    assert_eq!(article.byline(), Some("Ann Roe"));
    assert!(article.removed().iter().any(|removed| removed.reason == Reason::Caption));
}

#[test]
fn changes_fields_and_boxes_are_read_as_word_shows_them() {
    let r = |text: &str| format!("<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>");
    let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>");
    let boxed = format!("<w:txbxContent>{}</w:txbxContent>", p("A pull quote."));
    let rows = [
        (
            format!(
                "<w:p>{}<w:ins>{}</w:ins><w:del><w:r><w:delText>nine</w:delText></w:r></w:del>{}</w:p>",
                r("It has "),
                r("ten"),
                r(" cranes.")
            ),
            "It has ten cranes.",
        ),
        (
            format!(
                "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{}</w:p><w:p>{}</w:p>",
                r("It has "),
                r("ten cranes.")
            ),
            "It has ten cranes.",
        ),
        (
            format!(
                "<w:p>{}{}<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>{}{}{}{}</w:p>",
                r("It has "),
                field("begin"),
                field("separate"),
                r("ten"),
                field("end"),
                r(" cranes.")
            ),
            "It has ten cranes.",
        ),
        (
            format!(
                "<w:p>{}<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>ten</w:t></w:r>{}</w:p>",
                r("It has "),
                r(" cranes.")
            ),
            "It has ten cranes.",
        ),
        (
            format!(
                "<w:p>{}<w:r><mc:AlternateContent><mc:Choice><w:drawing>{boxed}</w:drawing></mc:Choice><mc:Fallback><w:pict>{boxed}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
                r("It has ten cranes.")
            ),
            "It has ten cranes.",
        ),
        (
            format!(
                "<w:p>{}<w:hyperlink>{}</w:hyperlink><w:r><w:noBreakHyphen/></w:r><w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt></w:p>",
                r("It has "),
                r("X"),
                r("ray cranes.")
            ),
            "It has X-ray cranes.",
        ),
    ];
    each(rows, |(body, want)| {
        let article =
            article(&document(&format!("{body}{}", p("They moved again by night, and the crews cheered."))))
                .unwrap();
        let first = article.blocks()[0].span.of(article.text());
        assert_eq!(first, want, "{body}");
        let beside =
            article.removed().iter().filter(|removed| removed.reason == Reason::OutsideStory).count();
        assert_eq!(beside, usize::from(body.contains("txbx")), "a box is shown once");
    });
}

#[test]
fn a_story_in_boxes_alone_is_read() {
    let body = format!(
        "<w:p><w:r><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></w:r></w:p>",
        p("Ships came back.")
    );
    assert_eq!(article(&document(&body)).unwrap().blocks().len(), 1);
}

#[test]
fn parts_are_found_by_their_relations() {
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", "<R><Relationship Type='x/officeDocument' Target='/word/document2.xml'/></R>"),
        (
            "word/document2.xml",
            "<w:document><w:body><w:p><w:pPr><w:pStyle w:val='T'/></w:pPr><w:r><w:t>Port reopens</w:t></w:r></w:p>\
            <w:p><w:r><w:t>Ships came back.</w:t></w:r></w:p></w:body></w:document>",
        ),
        (
            "word/_rels/document2.xml.rels",
            "<R><Relationship Type='x/styles' Target='styles2.xml'/><Relationship Type='x/footnotes' Target='notes.xml'/>\
            <Relationship Type='x/header' Target='h.xml'/><Relationship Type='x/styles' TargetMode='External' Target='http://a.example/s.xml'/></R>",
        ),
        ("word/styles2.xml", "<w:styles><w:style w:styleId='T'><w:name w:val='Title'/></w:style></w:styles>"),
        (
            "word/notes.xml",
            "<w:footnotes><w:footnote w:type='separator'><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>\
            <w:footnote><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
        ("word/h.xml", "<w:hdr><w:p><w:r><w:t>DRAFT 3</w:t></w:r></w:p></w:hdr>"),
    ];
    let article = article(&packed(&parts)).unwrap();
    assert_eq!((article.title(), article.blocks().len()), (Some("Port reopens"), 2));
    let removed: Vec<(&str, Reason)> =
        article.removed().iter().map(|removed| (removed.span.of(article.text()), removed.reason)).collect();
    assert_eq!(removed, [("A note.", Reason::Footnote), ("DRAFT 3", Reason::PageFurniture)]);
}

#[test]
fn titles_are_found_without_a_style() {
    let story = p("Ships came back at noon, and the harbor master said that the pilots were glad.");
    let core = "<cp:coreProperties><dc:title>Port of Busan reopens</dc:title></cp:coreProperties>";
    let rows = [
        (format!("{}{story}", p("Port of Busan reopens")), "", Some("Port of Busan reopens")),
        (
            format!("{}{}{story}", p("By Ann Roe"), styled("Heading1", "Port reopens")),
            "",
            Some("Port reopens"),
        ),
        (
            format!(
                "{}<w:p><w:r><w:rPr><w:sz w:val='44'/></w:rPr><w:t>Ice holds</w:t></w:r></w:p>{}{story}",
                p("WINTER AND SEA"),
                p("Text: Ann Roe")
            ),
            "",
            Some("Ice holds"),
        ),
        (story.clone(), core, Some("Port of Busan reopens")),
        (story.clone(), "<c><dc:title>Microsoft Word - a.doc</dc:title></c>", None),
    ];
    each(rows, |(body, core, want)| {
        let text = format!("<w:document><w:body>{body}</w:body></w:document>");
        let mut parts = vec![("[Content_Types].xml", "<Types/>"), ("word/document.xml", text.as_str())];
        if !core.is_empty() {
            parts.push(("docProps/core.xml", core));
        }
        assert_eq!(article(&packed(&parts)).unwrap().title(), want, "{body}");
    });
}

#[test]
fn hostile_documents_have_one_message() {
    let whole = document(&p("Ships came back at noon."));
    let deep = "<w:sdt><w:sdtContent>".repeat(5_000);
    let bomb = "<!DOCTYPE x [<!ENTITY a 'b'>]><w:document/>";
    let rows = [
        (packed(&[("[Content_Types].xml", "<Types/>")]), "word/document.xml is missing"),
        (whole[..whole.len() / 2].to_vec(), "damaged"),
        (document(&deep), "nested too deep"),
        (packed(&[("word/document.xml", bomb)]), "declares entities"),
        (packed(&[("word/document.xml", "<w:document><w:body>")]), "breaks off"),
    ];
    each(rows, |(bytes, words)| {
        let error = article(&bytes).unwrap_err();
        assert!(error.what().contains(words), "{}", error.story());
    });
    assert!(article(&document("")).unwrap().blocks().is_empty());
}

proptest! {
    #[test]
    fn no_body_breaks_it(body in "(<w:p>|</w:p>|<w:r>|</w:r>|<w:t>|</w:t>|<w:tbl>|</w:tbl>|<w:del/>|<w:fldChar w:fldCharType='end'/>|a){0,20}") {
        let _ = article(&document(&body));
    }
}
