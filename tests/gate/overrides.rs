//! What a newsroom says of one article: title, paragraphs, words, voice.

use super::*;
use crate::common::sound::{Sound, likeness};
use crate::common::voice::home_of;
use crate::common::{assert_chapters_are_reports, fold};

/// The captions of a report, without the times of its words.
fn captions(env: &TestEnv, name: &str) -> String {
    let text = String::from_utf8(env.bytes(name)).unwrap();
    let mut parts = text.split('<');
    let first = parts.next().unwrap().to_string();
    parts.fold(first, |text, part| text + part.split_once('>').unwrap().1)
}

#[test]
fn an_override_changes_one_article_and_survives_its_corrections() {
    let env = newsroom();
    let long = |day: &str| {
        format!(
            "Market opens\n\nThe market of Zorvinelk opened on {day}.\n\nFarmers came at noon.\n\nThe mayor spoke for an hour.\n"
        )
    };
    env.write("news/2.txt", long("Monday"));
    env.ok(&BATCH);
    let others = env.bytes("out/1.mp3");
    let words = "[words]\nZorvinelk = \"ZOR-vih-nelk\"\n";
    env.write(
        "news/2.override.toml",
        format!("title = \"The market is open\"\nleave-out = [\"Farmers  came\", 3]\n{words}"),
    );
    let run = env.ok(&GATED);
    assert!(
        run.stdout.contains("1 article read, 0 failed, 1 skipped") && !run.stdout.contains("override:"),
        "{run}"
    );
    let said = captions(&env, "out/2.vtt");
    for (text, is_said) in [
        ("The market is open", true),
        ("Zorvinelk opened on Monday", true),
        ("Market opens", false),
        ("Farmers", false),
        ("mayor", false),
    ] {
        assert_eq!(said.contains(text), is_said, "{text}\n{said}");
    }
    // Its words are known now, so that nothing holds it.
    assert_eq!(status(&env, "../news/2.txt")[0]["facts"]["title"], "The market is open");
    assert_eq!(status(&env, "../news/2.txt")[0]["facts"]["guessed_words"].as_array().unwrap().len(), 0);
    let run = env.ok(&GATED);
    assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{run}");
    // The article is corrected: what still fits is done, and the rest is told.
    env.write(
        "news/2.txt",
        long("Tuesday").replace("The mayor spoke for an hour.\n", "").replace("Farmers came", "Guests came"),
    );
    let run = env.ok(&GATED);
    for word in
        ["override: no paragraph begins with “Farmers came”", "override: there is no paragraph 3: it has 2"]
    {
        assert!(run.stdout.contains(word), "{word}\n{run}");
    }
    let said = captions(&env, "out/2.vtt");
    assert!(
        said.contains("Tuesday") && said.contains("The market is open") && said.contains("Guests"),
        "{said}"
    );
    // Another override, or none any more, is another result.
    env.write("news/2.override.toml", format!("voice = \"tone\"\ntitle = \"Open at last\"\n{words}"));
    env.ok(&GATED);
    assert!(captions(&env, "out/2.vtt").contains("Open at last"));
    fs::remove_file(env.path("news/2.override.toml")).unwrap();
    env.ok(&BATCH);
    assert!(captions(&env, "out/2.vtt").contains("Market opens"));
    assert_eq!(env.bytes("out/1.mp3"), others);
}

#[test]
fn a_digest_says_a_story_as_its_report_does() {
    let env = newsroom();
    env.write(
        "news/2.txt",
        "Market opens\n\nThe market of Zorvinelk opened on Monday.\n\nFarmers came at noon.\n\nThe mayor spoke for an hour.\n",
    );
    let words = "[words]\nZorvinelk = \"ZOR-vih-nelk\"\n";
    env.write(
        "news/2.override.toml",
        format!("title = \"The market is open\"\nleave-out = [\"Farmers came\"]\n{words}"),
    );
    let args = ["batch", "--voice", "tone", "-j", "1", "news", "-o", "out"];
    env.ok(&args);
    let digest = ["digest", "out", "--voice", "tone", "-o", "out/day.wav", "--captions", "vtt", "--chapters"];
    let run = env.ok(&digest);
    // The rundown is all that is new: left-out paragraphs and words are those of the report.
    assert!(run.stdout.contains("2 stories") && run.stdout.contains("; 1 chunk spoken, "), "{run}");
    let said = captions(&env, "out/day.vtt");
    for (text, is_said) in [
        ("Today: Harbour reopens; and The market is open.", true),
        ("Zorvinelk opened on Monday", true),
        ("spoke for an hour", true),
        ("Market opens", false),
        ("Farmers", false),
    ] {
        assert_eq!(fold(&said).contains(text), is_said, "{text}\n{said}");
    }
    assert_chapters_are_reports(&env, "day", &[(1, "1"), (2, "2")]);
    // Other words are another report, and another digest.
    env.write("news/2.override.toml", words.replace("ZOR", "BAR"));
    env.ok(&args);
    let before = env.bytes("out/day.wav");
    let run = env.ok(&digest);
    assert!(run.stdout.contains("; 1 chunk spoken, "), "{run}");
    assert!(env.bytes("out/day.wav") != before);
    assert!(captions(&env, "out/day.vtt").contains("Farmers"));
    assert_chapters_are_reports(&env, "day", &[(1, "1"), (2, "2")]);
}

#[test]
fn the_voice_of_an_override_speaks_its_report_and_its_part_of_the_digest() {
    let what = "the voice of an override";
    let Some(env) = home_of(&["fast_heart", "af_heart"], what) else { return };
    env.write("news/1.txt", "Port reopens\n\nThe port reopened.\n");
    env.write("news/2.txt", "Market opens\n\nThe market opened.\n");
    env.write("news/2.override.toml", "voice = \"af_heart\"\n");
    let args = ["batch", "--voice", "fast_heart", "-j", "1", "--offline", "news", "-o", "out"];
    env.ok(&args);
    let voice = |name: &str| status(&env, &format!("../news/{name}.txt"))[0]["facts"]["voice"].clone();
    assert_eq!((voice("1"), voice("2")), ("fast_heart".into(), "af_heart".into()));
    // It is her report to the last sample, and not the other's.
    for (name, is_alike) in [("af_heart", true), ("fast_heart", false)] {
        let output = format!("{name}.wav");
        env.ok(&["read", "--voice", name, "--offline", "news/2.txt", "-o", &output]);
        let [own, other] = ["out/2.wav", &output].map(|name| Sound::read(&env.bytes(name)).samples);
        assert_eq!(own == other, is_alike, "{name}");
        assert!(is_alike || likeness(&own, &other) < 0.5, "{name}: {}", likeness(&own, &other));
    }
    let digest =
        ["digest", "out", "--voice", "fast_heart", "--offline", "-o", "out/day.wav", "--chapters", "--json"];
    let run = env.ok(&digest);
    assert!(run.json_lines()[0]["is_new"] == true, "{run}");
    assert_chapters_are_reports(&env, "day", &[(1, "1"), (2, "2")]);
    let tags = String::from_utf8_lossy(&env.bytes("out/day.wav")).into_owned();
    assert!(tags.contains("fast_heart, af_heart"), "the disclosure names one voice");
    let run = env.ok(&["digest", "out", "--voice", "fast_heart", "--offline", "-o", "out/again.wav"]);
    assert!(run.stdout.contains("; 0 chunks spoken, "), "{run}");
}

#[test]
fn overrides_in_a_folder_of_their_own_count_before_those_beside() {
    let env = newsroom();
    env.write("news/2.override.toml", "title = \"Beside\"\n");
    env.write("desk/2.override.toml", "title = \"From the desk\"\n");
    env.write("news/1.override.toml", "title = \"Also beside\"\n");
    env.ok(&[&BATCH[..], &["--overrides", "desk"]].concat());
    assert!(captions(&env, "out/2.vtt").contains("From the desk"));
    assert!(captions(&env, "out/1.vtt").contains("Also beside"));
}

#[test]
fn a_wrong_override_costs_its_article_and_no_other() {
    let rows = [
        ("titel = \"x\"\n", "titel"),
        ("title = \n", "2.override.toml:1"),
        ("title = \" \"\n", "need a text"),
        ("leave-out = [0]\n", "counted from 1"),
        ("leave-out = [\"\"]\n", "needs a text"),
        ("leave-out = [1, 2]\n", "leaves nothing"),
        ("voice = \"nobody\"\n", "can't be used"),
        ("title = \"a\"\n\n[words]\nZorvinelk = \"/q/\"\n", "2.override.toml:4"),
        ("[words]\nZorvinelk = 3\n", "2.override.toml:2"),
        ("\u{0}", "2.override.toml"),
    ];
    each(rows, |(text, want)| {
        let env = newsroom();
        env.write("news/2.txt", "Market opens\n\nThe market opened on Monday.\n\nFarmers came at noon.\n");
        env.write("news/2.override.toml", text);
        let run = env.run(&BATCH).expect(1);
        assert!(run.stdout.contains("1 article read, 1 failed"), "{text}\n{run}");
        assert!(run.stderr.contains(want), "{text}: {want} is missing\n{run}");
        assert_eq!(names(&env), ["out/1.mp3", "out/1.vtt"], "{text}");
        env.write("news/2.override.toml", "");
        env.ok(&BATCH);
        assert_eq!(names(&env).len(), 4, "{text}");
    });
}
