//! Tags, covers and chapters in the files of all formats, as ffprobe, mutagen and lofty read them.
#![cfg(all(feature = "flac", feature = "mp3", feature = "opus"))]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::collections::BTreeMap;
use std::fs;

use common::tool::{mutagen, tool};
use common::{STORY, TestEnv, each};
use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::TaggedFileExt;
use lofty::picture::PictureType;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag};
use serde_json::Value;

const FORMATS: [&str; 4] = ["wav", "flac", "mp3", "opus"];
const SOURCE_TYPE: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
const PROGRAM: &str = concat!("audio-report ", env!("CARGO_PKG_VERSION"));

/// A page as a browser saves it, with its lead picture beside it.
const PAGE: &str = r#"<!doctype html>
<html lang="en-GB">
<head>
<title>Port “reopens” | The Harbour Post</title>
<meta property="og:title" content="Port “reopens”">
<meta property="og:site_name" content="The Harbour Post">
<meta property="og:image" content="Port%20files/lead.jpg?w=600">
<meta property="og:url" content="https://post.example/short">
<link rel="stylesheet" href="Port%20files/a.css">
<link rel="canonical" href="https://post.example/world/2024/the-port-reopens">
<script type="application/ld+json">
{"@type": "NewsArticle", "headline": "Port “reopens”", "datePublished": "2024-11-08T17:59:00+09:00",
 "author": [{"name": "Jane Roe"}, {"name": "José Díaz"}],
 "publisher": {"@type": "Organization", "name": "Harbour Media Ltd"},
 "copyrightHolder": {"name": "Harbour Media Ltd"}, "copyrightYear": 2024}
</script>
</head>
<body><article>
<h1>Port “reopens”</h1>
<p>The port reopened on Monday after nine weeks. Ships came back at noon, and trucks waited at the gates.</p>
<h2>At sea</h2>
<p>The first ship was a ferry with four hundred people on board. It came from the islands in the morning.</p>
<h2>On land</h2>
<p>Trucks left the port all day long. The harbour master said that the work would go on for some weeks.</p>
</article></body>
</html>"#;

/// Prints the tags of a file as JSON: fields, pictures, chapters, and the version of ID3.
const MUTAGEN: &str = r#"
import base64, hashlib, json, sys
import mutagen
from mutagen.flac import Picture

file = mutagen.File(sys.argv[1])
tags, fields, pictures, chapters, version = file.tags, {}, [], [], None
if hasattr(tags, "getall"):
    version = list(tags.version)
    for frame in tags.values():
        name = frame.FrameID if frame.FrameID != "TXXX" else frame.desc
        if frame.FrameID not in ("APIC", "CHAP", "CTOC"):
            fields[name] = frame.url if frame.FrameID.startswith("W") else str(frame)
    pictures = tags.getall("APIC")
    for contents in tags.getall("CTOC"):
        assert contents.flags == 3, contents
        for name in contents.child_element_ids:
            chapter = tags["CHAP:" + name]
            titles = chapter.sub_frames.getall("TIT2")
            chapters.append([chapter.start_time, chapter.end_time, str(titles[0])])
else:
    fields = {name.upper(): value for name, value in tags if name.upper() != "METADATA_BLOCK_PICTURE"}
    pictures = list(getattr(file, "pictures", []))
    pictures += [Picture(base64.b64decode(value)) for value in tags.get("METADATA_BLOCK_PICTURE", [])]
print(json.dumps({
    "fields": fields,
    "version": version,
    "chapters": chapters,
    "pictures": [[p.mime, int(p.type), hashlib.sha256(p.data).hexdigest()] for p in pictures],
    "sizes": [[p.width, p.height, p.depth] for p in pictures if isinstance(p, Picture)],
    "seconds": file.info.length,
}))
"#;

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A picture that ffmpeg makes, of so many pixels a side.
#[track_caller]
fn picture(env: &TestEnv, name: &str, pixels: u32) {
    let source = format!("testsrc2=s={pixels}x{pixels}");
    let (_, said) =
        tool(env, "ffmpeg", &["-v", "error", "-f", "lavfi", "-i", &source, "-frames:v", "1", "-y", name]);
    assert_eq!(said, "");
}

/// The page, its lead picture, and its sounds in all formats.
fn read_page(args: &[&str]) -> TestEnv {
    let env = TestEnv::new();
    env.write("port.html", PAGE);
    env.write("Port files/a.css", "");
    picture(&env, "Port files/lead.jpg", 400);
    if let Some(cover) = args.get(1) {
        picture(&env, cover, 1_400);
    }
    for format in FORMATS {
        let output = format!("port.{format}");
        env.ok(&[&["read", "--voice", "tone", "port.html", "-o", &output], args].concat());
    }
    env
}

/// A file as ffprobe sees it: names of tags in lower case.
#[track_caller]
fn ffprobe(env: &TestEnv, name: &str) -> (BTreeMap<String, String>, Value) {
    let args = ["-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", name];
    let (shown, said) = tool(env, "ffprobe", &args);
    assert_eq!(said, "", "{name}");
    let shown: Value = serde_json::from_slice(&shown).unwrap();
    // The name of a coder within the stream comes second.
    let tags = [&shown["streams"][0]["tags"], &shown["format"]["tags"]];
    let tags = tags.into_iter().filter_map(Value::as_object).flatten();
    let tags = tags.map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned())).collect();
    (tags, shown)
}

/// The tags of a file as lofty reads them where it forgives nothing.
#[track_caller]
fn lofty(env: &TestEnv, name: &str) -> Tag {
    let options = ParseOptions::new().parsing_mode(ParsingMode::Strict);
    let file = Probe::open(env.path(name)).unwrap().options(options).guess_file_type().unwrap().read();
    file.unwrap_or_else(|error| panic!("{name}: {error}")).primary_tag().unwrap().clone()
}

#[test]
fn a_saved_page_gives_every_field_in_every_format() {
    let env = read_page(&[]);
    let picture = sha256(&env.bytes("Port files/lead.jpg"));
    let sentence = format!("Written by reporters, read by AI: synthetic speech, voice tone, {PROGRAM}");
    let want: BTreeMap<&str, &str> = [
        ("title", "Port “reopens”"),
        ("artist", "Jane Roe, José Díaz"),
        ("album", "The Harbour Post"),
        ("date", "2024-11-08"),
        ("genre", "Speech"),
        ("copyright", "© 2024 Harbour Media Ltd"),
        ("comment", sentence.as_str()),
        ("encoder", PROGRAM),
    ]
    .into();
    let url = "https://post.example/world/2024/the-port-reopens";
    each(FORMATS, |format| {
        let name = format!("port.{format}");
        let (tags, shown) = ffprobe(&env, &name);
        for (field, value) in &want {
            assert_eq!(tags.get(*field).map(String::as_str), Some(*value), "ffprobe: {field} of {name}");
        }
        // ffprobe shows only INFO of a WAV.
        let marks = [("digitalsourcetype", SOURCE_TYPE), ("voice", "tone")];
        for (field, value) in marks.iter().filter(|_| format != "wav") {
            assert_eq!(tags.get(*field).map(String::as_str), Some(*value), "ffprobe: {field} of {name}");
        }
        let cover = &shown["streams"][1];
        assert_eq!(
            (&cover["codec_name"], &cover["width"]),
            (&"mjpeg".into(), &400.into()),
            "ffprobe: {name}"
        );
        assert_eq!(cover["disposition"]["attached_pic"], 1, "ffprobe: {name}");

        let read = mutagen(&env, MUTAGEN, &[&name]);
        let is_id3 = ["wav", "mp3"].contains(&format);
        let rows = [
            ("TIT2", "TITLE", want["title"]),
            ("TPE1", "ARTIST", want["artist"]),
            ("TALB", "ALBUM", want["album"]),
            ("TPUB", "ORGANIZATION", want["album"]),
            ("TDRC", "DATE", want["date"]),
            ("TLAN", "LANGUAGE", if is_id3 { "eng" } else { "en-GB" }),
            ("TCON", "GENRE", "Speech"),
            ("TCOP", "COPYRIGHT", want["copyright"]),
            ("WOAS", "URL", url),
            ("COMM", "COMMENT", &sentence),
            ("DigitalSourceType", "DIGITALSOURCETYPE", SOURCE_TYPE),
            ("AI-Disclosure", "AI_DISCLOSURE", &sentence),
            ("VOICE", "VOICE", "tone"),
            ("TSSE", "ENCODER", PROGRAM),
        ];
        for (id3, vorbis, value) in rows {
            let field = if is_id3 { id3 } else { vorbis };
            assert_eq!(read["fields"][field], value, "mutagen: {field} of {name} in {read}");
        }
        assert_eq!(read["version"], if is_id3 { [2, 3, 0].as_slice().into() } else { Value::Null }, "{name}");
        assert_eq!(read["pictures"], serde_json::json!([["image/jpeg", 3, picture]]), "mutagen: {name}");
        if !is_id3 {
            assert_eq!(read["sizes"], serde_json::json!([[400, 400, 24]]), "mutagen: {name}");
        }

        let tag = lofty(&env, &name);
        let rows = [
            (ItemKey::TrackTitle, want["title"]),
            (ItemKey::TrackArtist, want["artist"]),
            (ItemKey::AlbumTitle, want["album"]),
            (ItemKey::CopyrightMessage, want["copyright"]),
            (ItemKey::Comment, &sentence),
        ];
        for (key, value) in rows {
            assert_eq!(tag.get_string(key), Some(value), "lofty: {key:?} of {name}");
        }
        let pictures: Vec<_> = tag.pictures().iter().map(|p| (p.pic_type(), sha256(p.data()))).collect();
        assert_eq!(pictures, [(PictureType::CoverFront, picture.clone())], "lofty: {name}");
    });
}

#[test]
fn a_large_cover_of_the_command_line_is_in_every_file_and_breaks_none() {
    let env = read_page(&["--cover", "cover.png"]);
    let cover = env.bytes("cover.png");
    assert!(cover.len() > 200_000, "{} bytes", cover.len());
    env.write("bare.html", PAGE.replace("og:image", "og:other"));
    each(FORMATS, |format| {
        let (name, bare) = (format!("port.{format}"), format!("bare.{format}"));
        let read = mutagen(&env, MUTAGEN, &[&name]);
        assert_eq!(read["pictures"], serde_json::json!([["image/png", 3, sha256(&cover)]]), "{name}");
        assert_eq!(lofty(&env, &name).pictures()[0].data(), cover, "{name}");
        let (_, shown) = ffprobe(&env, &name);
        assert_eq!(shown["streams"][1]["width"], 1_400, "{name}");
        // Another decoder gives the same samples with and without it.
        env.ok(&["read", "--voice", "tone", "bare.html", "-o", &bare]);
        let samples = |name: &str| {
            let (samples, said) =
                tool(&env, "ffmpeg", &["-v", "error", "-i", name, "-map", "0:a", "-f", "s16le", "-"]);
            assert_eq!(said, "", "{name}");
            samples
        };
        assert!(samples(&name) == samples(&bare), "{name}");
        assert!(mutagen(&env, MUTAGEN, &[&bare])["pictures"].as_array().unwrap().is_empty(), "{bare}");
    });
    check(&env, "port");
}

/// The formats' own checkers find nothing.
#[track_caller]
fn check(env: &TestEnv, stem: &str) {
    tool(env, "flac", &["--silent", "--test", "--warnings-as-errors", &format!("{stem}.flac")]);
    let (shown, said) = tool(env, "opusinfo", &[&format!("{stem}.opus")]);
    let shown = String::from_utf8_lossy(&shown).to_lowercase() + &said.to_lowercase();
    assert!(
        shown.contains("opus stream 1") && !shown.contains("warning") && !shown.contains("error"),
        "{shown}"
    );
    let (shown, said) = tool(env, "mp3val", &[&format!("{stem}.mp3")]);
    let shown = String::from_utf8_lossy(&shown).into_owned() + &said;
    assert!(shown.contains("+ID3v2") && !shown.contains("WARNING") && !shown.contains("ERROR"), "{shown}");
}

#[test]
fn chapters_are_those_of_the_file_beside_the_sound() {
    let env = TestEnv::new();
    env.write("port.html", PAGE);
    env.write("one.html", PAGE.replace("<h2>At sea</h2>", ""));
    picture(&env, "cover.png", 1_400);
    each(FORMATS, |format| {
        let name = format!("port.{format}");
        let args = ["--cover", "cover.png", "--chapters", "--force", "-o", &name];
        env.ok(&[&["read", "--voice", "tone", "port.html"], &args[..]].concat());
        let beside: Value = serde_json::from_slice(&env.bytes("port.chapters.json")).unwrap();
        let milliseconds = |seconds: &Value| (seconds.as_f64().unwrap() * 1_000.0 + 1e-6) as u64;
        let want: Vec<(u64, u64, &str)> = beside["chapters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    milliseconds(&one["startTime"]),
                    milliseconds(&one["endTime"]),
                    one["title"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(want.iter().map(|one| one.2).collect::<Vec<_>>(), ["Port “reopens”", "At sea", "On land"]);

        let (_, shown) = ffprobe(&env, &name);
        let is_id3 = ["wav", "mp3"].contains(&format);
        let chapters = shown["chapters"].as_array().unwrap();
        assert_eq!(chapters.len(), want.len(), "ffprobe: {name}");
        for (chapter, (start, end, title)) in chapters.iter().zip(&want) {
            assert_eq!(chapter["tags"]["title"], *title, "ffprobe: {name}");
            let time =
                |key: &str| (chapter[key].as_str().unwrap().parse::<f64>().unwrap() * 1_000.0).round() as u64;
            assert_eq!(time("start_time"), *start, "ffprobe: {title} of {name}");
            // Vorbis comments have no ends: ffprobe takes the next start, and at the end its own measure, which counts what an
            // Opus decoder skips at the beginning.
            assert!(
                time("end_time").abs_diff(*end) <= if is_id3 { 0 } else { 10 },
                "ffprobe: {title} of {name}"
            );
        }
        let read = mutagen(&env, MUTAGEN, &[&name]);
        if is_id3 {
            assert_eq!(read["chapters"], serde_json::json!(want), "mutagen: {name}");
        } else {
            let start = format!("00:00:{:02}.{:03}", want[1].0 / 1_000, want[1].0 % 1_000);
            assert_eq!(read["fields"]["CHAPTER002"], start, "mutagen: {name}");
            assert_eq!(read["fields"]["CHAPTER002NAME"], "At sea", "mutagen: {name}");
            assert!(read["fields"]["CHAPTER004"].is_null(), "mutagen: {name}");
        }
        let one = format!("one.{format}");
        env.ok(&["read", "--voice", "tone", "one.html", "-o", &one]);
        assert_eq!(ffprobe(&env, &one).1["chapters"], serde_json::json!([]), "one heading makes none: {one}");
    });
    check(&env, "port");
}

#[test]
fn a_plain_text_claims_nothing_and_is_marked_all_the_same() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    each(FORMATS, |format| {
        let name = format!("story.{format}");
        env.ok(&["read", "--voice", "tone", "story.txt", "-o", &name]);
        let read = mutagen(&env, MUTAGEN, &[&name]);
        let mut fields: Vec<&str> = read["fields"].as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        let want = match format {
            "wav" | "mp3" => "AI-Disclosure COMM DigitalSourceType TCON TENC TLAN TSSE VOICE",
            _ => "AI_DISCLOSURE COMMENT DIGITALSOURCETYPE ENCODER GENRE LANGUAGE VOICE",
        };
        assert_eq!(fields.join(" "), want, "{name}");
        assert_eq!(read["pictures"], serde_json::json!([]), "{name}");
    });
}

#[test]
fn a_pipe_has_the_tags_in_front_of_the_sound() {
    let env = TestEnv::new();
    env.write("port.html", PAGE);
    picture(&env, "cover.png", 1_400);
    each(FORMATS, |format| {
        let name = format!("piped.{format}");
        let mut command = env.command_of("sh");
        command.env("NAME", &name).args(["-c", "\"$@\" > \"$NAME\"", "sh", common::BINARY]);
        command.args([
            "read",
            "--voice",
            "tone",
            "port.html",
            "-o",
            "-",
            "--format",
            format,
            "--cover",
            "cover.png",
        ]);
        common::Run::of(command).expect(0);
        let (tags, shown) = ffprobe(&env, &name);
        assert_eq!(tags["title"], "Port “reopens”", "{name}");
        assert_eq!(shown["streams"][1]["width"], 1_400, "{name}");
    });
}

#[test]
fn hostile_titles_break_no_file() {
    let env = TestEnv::new();
    let long = format!("{}end", "word ".repeat(150));
    let rows = [
        ("long", long.as_str(), "word word word"),
        ("control", "Port&#x1b;[31m re&#7;opens&#x85;", "Port [31m re opens"),
        ("direction", "Port \u{202e}reopens\u{feff}", "Port reopens"),
        ("signs", "TITLE=Port; 항구 🚢", "TITLE=Port; 항구 🚢"),
    ];
    each(rows, |(stem, title, want)| {
        let page = PAGE.replace("Port “reopens”", title);
        let input = format!("{stem}.html");
        env.write(&input, page);
        for format in FORMATS {
            let name = format!("{stem}.{format}");
            env.ok(&["read", "--voice", "tone", "--speed", "2", &input, "-o", &name]);
            let read = mutagen(&env, MUTAGEN, &[&name]);
            let field = if ["wav", "mp3"].contains(&format) { "TIT2" } else { "TITLE" };
            let title = read["fields"][field].as_str().unwrap();
            assert!(title.starts_with(want) && title.chars().count() <= 501, "{name}: {title}");
            assert_eq!(ffprobe(&env, &name).0["title"], title, "{name}");
            assert_eq!(lofty(&env, &name).get_string(ItemKey::TrackTitle), Some(title), "{name}");
        }
        check(&env, stem);
    });
}

#[test]
fn a_wrong_cover_is_refused_before_anything_is_spoken() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("a.webp", b"RIFF\x24\0\0\0WEBPVP8 ".repeat(20));
    env.write("a.gif", b"GIF89a\x01\0\x01\0");
    env.write("a.avif", b"\0\0\0\x20ftypavif\0\0\0\0");
    env.write("a.txt", "no picture");
    env.write("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF");
    env.write("large.png", vec![0; 10_000_001]);
    env.write("empty.png", "");
    fs::create_dir(env.path("folder")).unwrap();
    let rows = [
        ("a.webp", 2, &["WebP", "JPEG and PNG", "ffmpeg"][..]),
        ("a.gif", 2, &["GIF", "JPEG and PNG"]),
        ("a.avif", 2, &["AVIF", "JPEG and PNG"]),
        ("a.txt", 2, &["no JPEG or PNG image"]),
        ("empty.png", 2, &["no JPEG or PNG image"]),
        ("cut.jpg", 2, &["damaged"]),
        ("large.png", 2, &["10 MB", "smaller"]),
        ("missing.png", 3, &["can't be read", "missing.png", "--cover"]),
        ("folder", 3, &["can't be read", "no regular file"]),
    ];
    each(rows, |(cover, code, words)| {
        env.refused(&["read", "--voice", "tone", "story.txt", "--cover", cover], code, words);
        env.refused(&["batch", "--voice", "tone", "story.txt", "--cover", cover], code, words);
    });
}

#[test]
fn the_lead_picture_is_taken_from_beside_the_page_alone() {
    let env = TestEnv::new();
    for name in ["in/pictures/lead.png", "in/lead.png", "lead.png"] {
        env.write(name, "");
        picture(&env, name, 64);
    }
    env.write("in/large.png", [env.bytes("lead.png"), vec![0; 10_000_000]].concat());
    env.write("in/lead.webp", b"RIFF\x24\0\0\0WEBPVP8 ");
    fs::create_dir(env.path("in/folder.png")).unwrap();
    let absolute = env.path("in/lead.png");
    let mut rows = vec![
        ("pictures/lead.png", true),
        ("./pictures/../lead.png#a", true),
        ("../lead.png", false),
        ("pictures/../../lead.png", false),
        (absolute.to_str().unwrap(), false),
        ("file:lead.png", false),
        ("https://post.example/lead.png", false),
        ("missing.png", false),
        ("lead.webp", false),
        ("large.png", false),
        ("folder.png", false),
        (".", false),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../lead.png", env.path("in/out.png")).unwrap();
        rows.push(("out.png", false));
    }
    each(rows, |(image, is_taken)| {
        env.write("in/port.html", PAGE.replace("Port%20files/lead.jpg?w=600", image));
        let run = env.ok(&["read", "--voice", "tone", "--force", "in/port.html", "-o", "port.mp3"]);
        assert_eq!(run.stderr, "", "{image}");
        let pictures = mutagen(&env, MUTAGEN, &["port.mp3"])["pictures"].as_array().unwrap().len();
        assert_eq!(pictures, usize::from(is_taken), "{image}");
    });
    // A page from standard input lies nowhere.
    let page = PAGE.replace("Port%20files/lead.jpg?w=600", "lead.png");
    env.run_with_input(&["read", "--voice", "tone", "-", "-o", "piped.mp3"], page.as_bytes()).expect(0);
    assert_eq!(mutagen(&env, MUTAGEN, &["piped.mp3"])["pictures"], serde_json::json!([]));
}
