//! Pages that were damaged on their way, and those in other languages: what is certain is set right and counted, the
//! rest is refused with a cure.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::sound::Sound;
use common::{TestEnv, each, fold};
use serde_json::{Value, json};

const STORY: [&str; 2] = [
    "The river crested at 41 feet early on Thursday, and crews spent the night on the levee of the town.",
    "Schools will stay closed through Friday, the mayor said.",
];

/// A page with the story and a further paragraph, as bytes.
fn page(head: &str, more: &[u8]) -> Vec<u8> {
    let [first, second] = STORY;
    let begin = format!(
        "<!DOCTYPE html><html><head>{head}<title>River crests</title></head><body><article>\
        <h1>River crests in Marlow</h1><p>{first}</p><p>"
    );
    [begin.as_bytes(), more, format!("</p><p>{second}</p></article></body></html>").as_bytes()].concat()
}

fn sentences(env: &TestEnv, name: &str) -> Vec<String> {
    let run = env.ok(&["explain", "--stage", "sentences", name]);
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_page_with_a_few_bad_bytes_is_read() {
    let env = TestEnv::new();
    let utf8 = "<meta charset=utf-8>";
    let rows = [
        ("cut.html", page(utf8, "Rain fell “for hours.”".as_bytes()), "Rain fell “for hours.”", 0),
        (
            "bad.html",
            page(utf8, b"Rain fell \xff for \xe2\x80\x9chours.\xe2\x80\x9d"),
            "Rain fell \u{fffd} for “hours.”",
            1,
        ),
        (
            "mixed.html",
            page(utf8, b"It\x92s over for Jos\xe9 and Zo\xc3\xab."),
            "It’s over for José and Zoë.",
            2,
        ),
        ("nul.html", page(utf8, b"Rain \0fell."), "Rain fell.", 1),
        (
            "x.xhtml",
            [
                &b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"[..],
                &page("", b"Rain \xe2\x80\x94 and \xfe\xfe snow."),
            ]
            .concat(),
            "Rain — and \u{fffd}\u{fffd} snow.",
            2,
        ),
    ];
    each(rows, |(name, content, want, bad_bytes)| {
        env.write(name, content);
        let found = sentences(&env, name);
        assert_eq!(found[1..], [STORY[0], want, STORY[1]], "{name}");
        let summary = env.summary(&[name, "--force"]);
        assert_eq!(summary["repairs"], json!({ "bad_bytes": bad_bytes, "mojibake": 0 }), "{name}");
        let told = env.ok(&["read", "--voice", "tone", "--force", name]).stdout;
        assert_eq!(told.contains("set right: "), bad_bytes > 0, "{name}: {told}");
        let spoken = env.ok(&["explain", "--stage", "spoken", name]).stdout;
        assert!(!spoken.contains('\u{fffd}'), "{name}: {spoken}");
    });
    let told = env.ok(&["batch", "--voice", "tone", "--force", "bad.html"]).stdout;
    assert!(told.contains("set right: 1 bad byte"), "{told}");
    // A plain text is refused as before.
    env.write("bad.txt", b"Rain fell \xff for hours on the town.\n");
    env.refused(&["read", "--voice", "tone", "bad.txt"], 3, &["bad.txt:1:11", "0xFF", "--lossy"]);
}

/// Only a share of bad bytes tells binary data without control characters from a page.
#[test]
fn what_only_begins_like_a_page_is_refused() {
    let env = TestEnv::new();
    let noise: Vec<u8> = (0..6000_u32).map(|n| [0xff, 0xfe, b'a', b' '][n as usize * 7 % 4]).collect();
    env.write("noise.html", page("<meta charset=utf-8>", &noise));
    env.refused(&["read", "--voice", "tone", "noise.html"], 3, &["noise.html", "no text", "--lossy"]);
    let binary: Vec<u8> = (0..6000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    env.write("binary.html", [b"<html><body>".to_vec(), binary].concat());
    env.refused(&["read", "--voice", "tone", "binary.html"], 3, &["binary.html", "binary data"]);
    // The story alone is in another encoding; around it is a page of any size.
    let korean = b"\xbc\xad\xbf\xef\xc0\xc7 \xc7\xd1\xb1\xdb\xc0\xd4\xb4\xcf. ".repeat(12);
    let around = format!("<script>{}</script>", "var a = 1; ".repeat(9000));
    let alone = format!("<html><head><meta charset=utf-8>{around}</head><body><article><p>");
    env.write("story.html", [alone.as_bytes(), &korean, b"</p></article></body></html>"].concat());
    env.refused(&["read", "--voice", "tone", "story.html"], 3, &["story.html", "encoding"]);
}

#[test]
fn text_that_was_read_in_a_wrong_encoding_is_set_right() {
    let env = TestEnv::new();
    let wrong = "â€œItâ€™s the cafÃ©,â€ said JosÃ© MuÃ±oz, who paid Â£5.";
    let want = "“It’s the café,” said José Muñoz, who paid £5.";
    let rows = [
        ("a.html", page("<meta charset=utf-8>", wrong.as_bytes())),
        (
            "a.md",
            format!("# River crests in Marlow\n\n{}\n\n{wrong}\n\n{}\n", STORY[0], STORY[1]).into_bytes(),
        ),
        (
            "a.txt",
            format!("River crests in Marlow\n\n{}\n\n{wrong}\n\n{}\n", STORY[0], STORY[1]).into_bytes(),
        ),
    ];
    each(rows, |(name, content)| {
        env.write(name, content);
        assert_eq!(sentences(&env, name)[2], want, "{name}");
        let summary = env.summary(&[name, "--force"]);
        assert_eq!(summary["repairs"], json!({ "bad_bytes": 0, "mojibake": 7 }), "{name}");
        let run = env.ok(&["batch", "--voice", "tone", "--force", name]);
        assert!(run.stdout.contains("set right: 7 characters read in a wrong encoding"), "{name}\n{run}");
        let article = env.ok(&["explain", "--stage", "article", "--json", name]).json_lines().remove(0);
        assert_eq!(article["repairs"]["mojibake"], 7, "{name}");
    });
    // Text that is meant so stays.
    let meant = "The Câmara of SÃO PAULO met. She typed “Â£” twice.";
    env.write("b.txt", meant);
    assert_eq!(sentences(&env, "b.txt").join(" "), meant);
}

const GERMAN: &str = "Der Fluss hat am frühen Donnerstag seinen höchsten Stand erreicht, und die Helfer verbrachten die \
    Nacht auf dem Deich der Stadt. Die Schulen bleiben bis Freitag geschlossen, sagte die Bürgermeisterin. Niemand weiß, \
    wann die Straßen wieder befahrbar sind, und das Wasser steht noch immer in den Kellern der Häuser am Ufer.";

#[test]
fn a_story_in_another_language_is_refused_with_a_cure() {
    let env = TestEnv::new();
    let german = |tag: &str| {
        format!(
            "<html lang={tag}><head><title>Fluss</title></head><body><article><h1>Der Fluss</h1>\
        <p>{GERMAN}</p></article></body></html>"
        )
    };
    let data =
        "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"inLanguage\":\"de\"}</script>";
    let rows = [
        ("declared.html", german("de-DE")),
        // The words decide.
        ("template.html", german("en")),
        ("plain.txt", GERMAN.to_owned()),
        ("short.html", "<html lang=de><body><p>Guten Morgen, Hamburg, und gute Fahrt.</p>".to_owned()),
        (
            "x.xhtml",
            "<?xml version='1.0'?><html xml:lang='de'><body><p>Guten Morgen, Hamburg, und gute Fahrt.</p>"
                .to_owned(),
        ),
        (
            "meta.html",
            "<meta http-equiv=Content-Language content=de><p>Guten Morgen, Hamburg, und gute Fahrt.</p>"
                .to_owned(),
        ),
        (
            "data.html",
            format!("<html><head>{data}</head><body><p>Guten Morgen, Hamburg, und gute Fahrt.</p>"),
        ),
        ("note.md", format!("---\nlang: de\ntitle: Fluss\n---\n\n{GERMAN}\n")),
    ];
    each(rows, |(name, content)| {
        env.write(name, content);
        let words = [name, "German", "what to do: ", "--language en"];
        env.refused(&["read", "--voice", "tone", name], 3, &words);
        env.refused(&["explain", name], 3, &words);
        env.refused(&["explain", "--stage", "spoken", name], 3, &words);
        let shown = env.ok(&["explain", "--stage", "article", "--json", name]).json_lines().remove(0);
        assert_eq!(shown["other_language"], "German");
        let shown = env.ok(&["explain", "--stage", "article", name]);
        assert!(shown.stdout.contains("not read   German"), "{shown}");
        env.ok(&["explain", "--language", "en", name]);
        env.ok(&["read", "--voice", "tone", "--force", "--language", "en", name]);
        let stem = name.split('.').next().unwrap();
        assert!(Sound::read(&env.bytes(&format!("output/{stem}.wav"))).seconds() > 0.5, "{name}");
    });
    let run = env.run(&["read", "--voice", "tone", "--language", "de", "plain.txt"]).expect(2);
    assert!(run.stderr.contains("en"), "{run}");
}

#[test]
fn an_english_story_is_read_whatever_it_claims_and_quotes() {
    let env = TestEnv::new();
    let quote = GERMAN.split_inclusive('.').next().unwrap();
    let rows = [
        ("claim.html", String::from_utf8(page("", b"")).unwrap().replace("<html>", "<html lang=fr>")),
        ("quote.txt", format!("{}\n\n“{quote}”\n\n{}\n", STORY[0], STORY[1])),
        ("hangul.txt", "Ships came back to 서울.\n".to_owned()),
    ];
    each(rows, |(name, content)| {
        env.write(name, content);
        env.ok(&["read", "--voice", "tone", name]);
    });
}

#[test]
fn a_batch_goes_on_after_a_story_in_another_language() {
    let env = TestEnv::new();
    env.write("news/a.txt", GERMAN);
    env.write("news/b.txt", STORY.join(" "));
    let run = env.run(&["batch", "--voice", "tone", "--json", "news"]).expect(1);
    let results = run.json_lines();
    assert_eq!(results.len(), 2, "{run}");
    assert_eq!(results[0]["kind"], "Language", "{run}");
    assert_eq!(results[1]["output"], "output/b.wav", "{run}");
    assert!(run.stderr.contains("German") && run.stderr.contains("--language en"), "{run}");
    let run = env.ok(&["batch", "--voice", "tone", "--language", "en", "news"]);
    assert!(run.stdout.contains("1 article read, 0 failed, 1 skipped"), "{run}");
    let lines = [GERMAN, STORY[0]].map(|text| Value::from(text).to_string()).join("\n");
    let run =
        env.run_with_input(&["explain", "--stage", "article", "--jsonl", "-"], lines.as_bytes()).expect(0);
    let results = run.json_lines();
    assert_eq!(results[0]["other_language"], "German", "{run}");
    assert_eq!(results[1]["text"].as_str().map(fold).as_deref(), Some(STORY[0]), "{run}");
}
