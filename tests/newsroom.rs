//! What newsrooms have: mail, Word documents, the IPTC's formats and archives, through the real binary. The documents in
//! tests/data/newsroom were written by other programs, or in the manner of the systems that write such files.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use common::{TestEnv, each};
use serde_json::Value;
use site::{Site, reply};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[path = "newsroom/messages.rs"]
mod messages;
use crate::site;

const STORY: &str = "<p>The port reopened on Monday after a storm had closed it for a week. Ships came back at noon.</p>\
    <p>Cranes moved the first containers in the evening, and the crews worked through the night without a break.</p>";

fn data(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/newsroom").join(name)).unwrap()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An item of NewsML-G2 with what its metadata say of publishing it.
fn newsml(meta: &str) -> String {
    format!(
        "<?xml version='1.0'?><newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='urn:hw:7' version='2' xml:lang='en'>\
         <itemMeta><itemClass qcode='ninat:text'/>{meta}</itemMeta><contentMeta><headline>Port reopens</headline></contentMeta>\
         <contentSet><inlineXML contenttype='application/xhtml+xml'><html><body>{STORY}</body></html></inlineXML></contentSet></newsItem>"
    )
}

fn ninjs(fields: &str) -> String {
    format!(r#"{{"uri":"urn:hw:8","headline":"Port reopens",{fields}"body_html":"{STORY}"}}"#)
}

fn nitf(data: &str) -> String {
    format!(
        "<nitf><head><docdata {data}</docdata></head><body><body.head><hedline><hl1>Port reopens</hl1></hedline></body.head>\
         <body.content>{STORY}</body.content></body></nitf>"
    )
}

fn mail(head: &str, body: &str) -> String {
    format!(
        "From: The Bay Letter <news@bay.example>\r\nTo: a@b.example\r\nSubject: Port reopens\r\nMIME-Version: 1.0\r\n{head}\r\n\r\n{body}"
    )
}

#[test]
fn stories_are_read_as_their_formats_tell_them() {
    let env = TestEnv::new();
    let expected: Value = serde_json::from_slice(&data("expected.json")).unwrap();
    each(expected.as_object().unwrap(), |(name, want)| {
        env.write(name, data(name));
        let run = env.ok(&["explain", "--stage", "article", "--json", name]);
        let article = &run.json_lines()[0];
        let found: Vec<&Value> =
            article["blocks"].as_array().unwrap().iter().map(|block| &block["text"]).collect();
        let blocks: Vec<&Value> = want["blocks"].as_array().unwrap().iter().collect();
        assert_eq!((found, &article["title"]), (blocks, &want["title"]), "{name}");
        if !want["byline"].is_null() {
            assert_eq!(article["byline"], want["byline"], "{name}");
        }
        // From a pipe, without a name that says what it is.
        let piped =
            env.run_with_input(&["explain", "--stage", "article", "--json", "-"], &data(name)).expect(0);
        assert_eq!(piped.json_lines()[0]["blocks"], article["blocks"], "{name}");
    });
    let article = &env.ok(&["explain", "--stage", "article", "--json", "wire-nitf.xml"]).json_lines()[0];
    assert_eq!(article["wire"]["guid"], "urn:newsml:wire.example:20261130:3f9c");
    assert_eq!((&article["wire"]["version"], &article["wire"]["status"]), (&"4".into(), &"usable".into()));
    assert_eq!(
        (&article["date"], &article["publication"]),
        (&"2026-11-30T09:15:00Z".into(), &"Harbor Wire".into())
    );
    let summary = env.summary(&["item-2.json"]);
    assert_eq!(summary["source"], "https://newsroom.tagus.example/releases/118");
    let unknown = env.ok(&["lexicon", "unknown", "tracked.docx"]);
    assert!(unknown.stdout.contains("Oslunde"), "{unknown}");
}

#[test]
fn an_embargo_holds_and_what_was_cancelled_is_never_read() {
    let env = TestEnv::new();
    let rows = [
        (
            "g2.xml",
            newsml("<embargoed>2099-03-01T06:00:00+01:00</embargoed>"),
            "2099-03-01 06:00 +01:00 (2099-03-01 05:00 UTC)",
        ),
        ("item.json", ninjs(r#""embargoed":"2099-03-01T06:00:00Z","#), "2099-03-01 06:00 UTC"),
        (
            "old.nitf",
            nitf("management-status='embargoed'><date.release norm='20990301T060000Z'/>"),
            "2099-03-01 06:00 UTC",
        ),
        ("held.xml", newsml("<pubStatus qcode='stat:withheld'/>"), "until further notice"),
    ];
    each(rows, |(name, text, hour)| {
        env.write(name, text);
        let words = [hour, "--ignore-embargo"];
        env.refused(&["read", "--voice", "tone", name], 3, &words);
        env.refused(&["explain", name], 3, &words);
        env.refused(&["lexicon", "unknown", name], 3, &words);
        #[cfg(feature = "play")]
        env.refused(&["play", "--voice", "tone", name], 3, &words);
        env.run(&["batch", "--voice", "tone", name]).expect(3);
        let summary = env.summary(&["--ignore-embargo", name, "-o", "early.wav", "--force"]);
        assert_eq!(summary["title"], "Port reopens");
    });
    let rows = [
        ("g2-kill.xml", newsml("<pubStatus qcode='stat:canceled'/>"), "urn:hw:7"),
        ("kill.json", ninjs(r#""pubstatus":"canceled","#), "urn:hw:8"),
        ("kill.nitf", nitf("management-status='canceled'><doc-id id-string='hw-9'/>"), "hw-9"),
        // Cancelled items come without a text.
        (
            "bare.json",
            r#"{"uri":"urn:hw:8","versioncreated":"2026-11-30T00:00:00Z","pubstatus":"canceled"}"#.into(),
            "urn:hw:8",
        ),
    ];
    each(rows, |(name, text, guid)| {
        env.write(name, text);
        env.refused(
            &["read", "--voice", "tone", "--ignore-embargo", name],
            3,
            &["has cancelled", guid, "take back"],
        );
    });
    let passed = newsml("<embargoed>2001-03-01T06:00:00Z</embargoed><pubStatus qcode='stat:usable'/>");
    env.write("passed.xml", passed);
    assert_eq!(env.summary(&["passed.xml", "-o", "passed.wav"])["title"], "Port reopens");
}

#[test]
fn a_folder_and_its_archives_are_read_whole() {
    let env = TestEnv::new();
    env.write("in/letter.eml", data("campaign.eml"));
    env.write("in/pier.docx", data("pier.docx"));
    env.write("in/~$pier.docx", "lock");
    env.write("in/g2.xml", newsml(""));
    env.write("in/map.xml", "<?xml version='1.0'?><urlset><url/></urlset>");
    env.write("in/chapters.json", r#"{"version":"1.2.0","chapters":[]}"#);
    env.write("in/item.json", ninjs(""));
    env.write("in/bundle.zip", data("bundle.zip"));
    let run = env.run(&["batch", "--voice", "tone", "in", "-o", "out"]).expect(0);
    let made: Vec<String> = env.files().into_iter().filter(|file| file.starts_with("out/")).collect();
    assert_eq!(
        made,
        [
            "out/881.wav",
            "out/g2.wav",
            "out/item.wav",
            "out/letter.wav",
            "out/moose.wav",
            "out/pier.wav",
            "out/text.wav"
        ],
        "{run}"
    );
    // The same again: all is there.
    let again = env.run(&["batch", "--voice", "tone", "in", "-o", "out"]).expect(0);
    assert!(again.stdout.contains("0 read") || again.stdout.contains("7 skipped"), "{again}");
    // One story of an archive by its name, and what takes one article only.
    let one = env.ok(&["explain", "--stage", "article", "--json", "in/bundle.zip/20261130/881/881.xml"]);
    assert_eq!(one.json_lines()[0]["title"], "Library of seeds opens in old bank");
    env.refused(&["explain", "in/bundle.zip"], 3, &["3 articles", "in/bundle.zip/20261130"]);
    env.refused(&["explain", "in/bundle.zip/none.txt"], 3, &["no such file in the archive"]);
    let summary = env.ok(&["read", "--voice", "tone", "--json", "in/bundle.zip", "-o", "both/"]);
    let inputs: Vec<Value> = summary.json_lines().into_iter().map(|line| line["input"].clone()).collect();
    assert_eq!(inputs.len(), 3, "{summary}");
    assert_eq!(inputs[0], "in/bundle.zip/20261130/881/881.xml");
}

#[test]
fn hostile_archives_lose_nothing_else() {
    let env = TestEnv::new();
    let good = format!("Port reopens\n\n{}", STORY.replace("<p>", "").replace("</p>", "\n\n"));
    let mut bomb = zipped(&[("a.txt", good.as_bytes())]);
    let large = vec![b'a'; 8 << 20];
    let mut writer = ZipWriter::new_append(Cursor::new(&mut bomb)).unwrap();
    let packed = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in [
        ("bomb.txt", &large[..]),
        ("../../up.txt", b"x"),
        ("/etc/cron.txt", b"x"),
        ("inner.zip", b"PK\x03\x04"),
        ("b.html", STORY.as_bytes()),
    ] {
        writer.start_file(name, packed).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    env.write("in/news.zip", bomb);
    env.write("in/cut.zip", &zipped(&[("a.txt", good.as_bytes())])[..60]);
    env.write("in/empty.zip", zipped(&[]));
    env.write("in/last.txt", &good);
    let run = env.run(&["batch", "--voice", "tone", "in", "-o", "out"]).expect(1);
    assert_eq!(
        env.files().into_iter().filter(|file| file.starts_with("out/")).collect::<Vec<_>>(),
        ["out/a.wav", "out/b.wav", "out/last.wav"],
        "{run}"
    );
    for words in [
        "in/news.zip/bomb.txt",
        "times its size",
        "in/news.zip/../../up.txt",
        "leads out of it",
        "an archive within an archive",
        "in/cut.zip",
        "there is no article in the archive",
    ] {
        assert!(run.stderr.contains(words), "“{words}” is missing\n{run}");
    }
    assert!(!env.path("../../up.txt").exists());
}

#[test]
fn hostile_documents_have_one_message_each() {
    let env = TestEnv::new();
    let document =
        |body: &str| zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", body.as_bytes())]);
    let whole = document(
        "<w:document><w:body><w:p><w:r><w:t>Ships came back.</w:t></w:r></w:p></w:body></w:document>",
    );
    let parts = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(10_000);
    let mut deep = mail("Content-Type: multipart/mixed; boundary=b0", "");
    for level in 0..200 {
        deep.push_str(&format!(
            "--b{level}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n",
            level + 1
        ));
    }
    let rows: [(&str, Vec<u8>, &[&str]); 17] = [
        ("cut.docx", whole[..whole.len() / 2].to_vec(), &["damaged, or was cut off"]),
        ("bare.docx", zipped(&[("[Content_Types].xml", b"<Types/>")]), &["word/document.xml is missing"]),
        ("empty.docx", document("<w:document><w:body/></w:document>"), &["its body is empty"]),
        (
            "bomb.docx",
            document(&format!("<w:document>{}</w:document>", "a".repeat(70 << 20))),
            &["grows to more than"],
        ),
        (
            "xxe.docx",
            document("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><w:document/>"),
            &["declares entities"],
        ),
        (
            "sheet.xlsx",
            zipped(&[("[Content_Types].xml", b""), ("xl/workbook.xml", b"")]),
            &["workbook of Excel", ".docx"],
        ),
        (
            "xxe.xml",
            newsml("<!-- -->")
                .replace("<newsItem", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><newsItem")
                .into(),
            &["declares entities"],
        ),
        ("deep.nitf", format!("<nitf>{}", "<block>".repeat(50_000)).into(), &["nested too deep"]),
        ("broken.xml", newsml("").replace("</itemMeta>", "").into(), &["the XML is broken"]),
        ("empty.nitf", "<nitf><body><body.content/></body></nitf>".into(), &["its body is empty"]),
        ("list.ninjs", b"[1, 2]".to_vec(), &["no story in ninjs"]),
        ("broken.json", br#"{"headline":"A","pubstatus":"usable","#.to_vec(), &["broken JSON"]),
        (
            "parts.eml",
            mail("Content-Type: multipart/mixed; boundary=b", &parts).into(),
            &["more than 1000 parts"],
        ),
        ("deep.eml", deep.into(), &["nested more than 20 deep"]),
        (
            "base64.eml",
            mail("Content-Transfer-Encoding: base64", "VGhl!!##IHBv").into(),
            &["its base64 is broken"],
        ),
        ("bare.eml", mail("Content-Type: image/png", "x").into(), &["mail without a text"]),
        ("page.pdf", b"%PDF-1.7\n1 0 obj\n".to_vec(), &["a PDF document", "pdftotext"]),
    ];
    each(rows, |(name, bytes, words)| {
        env.write(name, bytes);
        env.refused(&["explain", "--stage", "article", name], 3, words);
    });
    let german = newsml("").replace(STORY, "<p>Der Hafen ist am Montag nach einem Sturm wieder geöffnet worden, der ihn eine Woche lang geschlossen hatte, sagte der Hafenmeister. Die Schiffe kehrten am Mittag zurück, und die Lotsen freuten sich.</p>");
    env.write("german.xml", german.replace("xml:lang='en'", "xml:lang='de'"));
    env.refused(&["explain", "german.xml"], 3, &["is in German", "--language en"]);
}

#[test]
fn addresses_bring_all_of_these_too() {
    let env = TestEnv::new();
    let site = Site::start(|asked| {
        let of = |kind: &str, bytes: &[u8]| reply("200 OK", &[("Content-Type", kind)], bytes);
        match asked.path.as_str() {
            "/letter" => of("message/rfc822", &data("campaign.eml")),
            "/pier" => of("application/octet-stream", &data("pier.docx")),
            "/item" => of("application/json; charset=utf-8", ninjs("").as_bytes()),
            "/other" => of("application/json", b"{\"a\": 1}"),
            "/g2" => of("application/vnd.iptc.g2.newsitem+xml", newsml("").as_bytes()),
            "/bundle.zip" => of("application/zip", &data("bundle.zip")),
            "/one" => of("application/zip", &zipped(&[("g2.xml", newsml("").as_bytes())])),
            "/page.pdf" => of("application/pdf", &b"%PDF-1.7 \n".repeat(20)),
            _ => reply("404 Not Found", &[], b""),
        }
    });
    let rows = [
        ("/letter", "Trams to return to the waterfront"),
        ("/pier", "Pier at Stonewater is raised by a meter"),
        ("/item", "Port reopens"),
        ("/g2", "Port reopens"),
        ("/one", "Port reopens"),
    ];
    each(rows, |(path, title)| {
        let run =
            env.ok(&["read", "--voice", "tone", "--json", "--allow-private", &site.url(path), "--force"]);
        assert_eq!(run.json_lines()[0]["title"], title, "{run}");
    });
    let run = env.ok(&["batch", "--voice", "tone", "--allow-private", &site.url("/bundle.zip"), "-o", "out"]);
    let made = env.files().into_iter().filter(|file| file.starts_with("out/")).count();
    assert_eq!(made, 3, "{run}");
    env.refused(
        &["explain", "--allow-private", &site.url("/bundle.zip")],
        3,
        &["3 articles", "save the archive"],
    );
    env.refused(&["explain", "--allow-private", &site.url("/other")], 3, &["no story in ninjs"]);
    env.refused(&["explain", "--allow-private", &site.url("/page.pdf")], 3, &["a PDF document", "pdftotext"]);
    // Nothing that a mail or an item names was asked for.
    let known = ["/letter", "/pier", "/item", "/g2", "/one", "/bundle.zip", "/other", "/page.pdf"];
    assert!(site.paths().iter().all(|path| known.contains(&path.as_str())), "{:?}", site.paths());
}

#[test]
fn no_picture_of_a_mail_is_fetched() {
    let env = TestEnv::new();
    let site = Site::start(|_| reply("200 OK", &[("Content-Type", "image/png")], b"x"));
    let page = format!(
        "<html><head><meta property='og:image' content='{0}'><link rel='canonical' href='{0}'></head><body><h1>Port reopens</h1>\
         <img src='{0}' width=1 height=1>{STORY}</body></html>",
        site.url("/spy.png")
    );
    env.write("letter.eml", mail("Content-Type: text/html; charset=utf-8", &page));
    let summary = env.summary(&["--allow-private", "letter.eml"]);
    assert_eq!(summary["title"], "Port reopens");
    assert_eq!(site.paths(), Vec::<String>::new(), "the sender would know that the mail was read");
    assert!(!summary.to_string().contains("spy.png"), "{summary}");
}
