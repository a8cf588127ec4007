//! The news desk's say in what is published: reports that are held, approved and rejected.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;
#[path = "gate/editions.rs"]
mod editions;
#[path = "gate/kept.rs"]
mod kept;
#[path = "gate/overrides.rs"]
mod overrides;

use std::collections::BTreeMap;
use std::fs;

use common::{Run, TestEnv, each};
use kept::age;
use serde_json::Value;

const BATCH: [&str; 9] =
    ["batch", "--voice", "tone", "--format", "mp3", "--captions", "vtt", "news", "-oout"];
/// The same with names that nobody knows held back.
const GATED: [&str; 11] = [
    "batch",
    "--voice",
    "tone",
    "--format",
    "mp3",
    "--captions",
    "vtt",
    "news",
    "-oout",
    "--hold",
    "unknown-name",
];

const PLAIN: &str = "Harbour reopens\n\nThe harbour reopened on Monday. Ships came back at noon.\n";
const NAMED: &str = "Market opens\n\nThe market of Zorvinelk opened on Monday. Farmers came at noon.\n";
const CORRECTED: &str = "Market opens\n\nThe market of Zorvinelk opened on Tuesday. Farmers came at noon.\n";

/// Two articles, of which the second has a name that no dictionary knows.
fn newsroom() -> TestEnv {
    let env = TestEnv::new();
    env.write("news/1.txt", PLAIN);
    env.write("news/2.txt", NAMED);
    env
}

/// The files that whoever lists the folder sees, with their bytes.
fn results(env: &TestEnv) -> BTreeMap<String, Vec<u8>> {
    let names = env.files().into_iter().filter(|name| name.starts_with("out/"));
    names.map(|name| (name.clone(), env.bytes(&name))).collect()
}

fn names(env: &TestEnv) -> Vec<String> {
    results(env).into_keys().collect()
}

/// What `status` tells of an article.
fn status(env: &TestEnv, source: &str) -> Vec<Value> {
    let lines = env.run(&["status", "out", "--json"]).json_lines();
    lines.into_iter().filter(|line| line["source"] == source).collect()
}

/// The files that lie aside.
fn aside(env: &TestEnv) -> Vec<String> {
    let mut found = Vec::new();
    for folder in fs::read_dir(env.path("out/.audio-report/held")).into_iter().flatten().flatten() {
        for file in fs::read_dir(folder.path()).unwrap().flatten() {
            found.push(file.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

#[test]
fn an_event_tells_of_a_report_that_is_held() {
    let env = newsroom();
    let run = env.ok(&[&GATED[..], &["--events", "-j", "1"]].concat());
    let events = run.json_lines();
    let at = |event: &str, input: &str| {
        events.iter().position(|told| told["event"] == event && told["input"] == input)
    };
    let place = at("held", "news/2.txt").unwrap_or_else(|| panic!("no event\n{run}"));
    assert_eq!(at("done", "news/2.txt"), Some(place - 1), "{run}");
    assert_eq!(at("held", "news/1.txt"), None, "{run}");
    let held = &events[place];
    assert_eq!(
        (&held["number"], &held["reasons"]),
        (&events[place - 1]["held"]["number"], &events[place - 1]["held"]["reasons"])
    );
    assert!(held["reasons"][0].as_str().unwrap().contains("Zorvinelk"), "{run}");
    assert!(env.path(held["sound"].as_str().unwrap()).is_file(), "{run}");
    env.ok(&["approve", &held["number"].to_string(), "-oout"]);
    assert!(names(&env).contains(&"out/2.mp3".to_string()));
}

#[test]
fn a_held_report_is_spoken_and_published_when_it_is_approved() {
    let free = newsroom();
    free.ok(&BATCH);
    let env = newsroom();
    let run = env.ok(&GATED);
    assert!(run.stdout.contains("2 articles read, 0 failed, 0 skipped"), "{run}");
    for word in [
        "): a name was guessed: Zorvinelk",
        "to hear it: audio-report play",
        "1 held: audio-report approve --list -o out",
    ] {
        assert!(run.stdout.contains(word), "{word} is missing\n{run}");
    }
    assert_eq!(names(&env), ["out/1.mp3", "out/1.vtt"], "{run}");
    assert_eq!(aside(&env), ["2.mp3", "2.vtt"]);
    let told = status(&env, "../news/2.txt");
    let [held] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&held["state"], &held["published"]), (&"held".into(), &Value::Null));
    assert!(held["reasons"][0].as_str().unwrap().contains("Zorvinelk"), "{held}");
    // It can be heard before.
    let sound = held["sound"].as_str().unwrap();
    assert_eq!(env.bytes(sound), free.bytes("out/2.mp3"));
    let text = env.ok(&["status", "out"]).stdout;
    assert!(
        text.contains("1 report published, 0 failed") && text.contains(": Market opens (../news/2.txt)"),
        "{text}"
    );
    let list = env.ok(&["approve", "--list", "-oout"]).stdout;
    assert!(list.contains("because a name was guessed: Zorvinelk") && list.contains(sound), "{list}");
    assert_eq!(env.ok(&["approve", "--list", "--json", "-oout"]).json_lines()[0]["number"], held["number"]);
    // A run that finds it waiting makes nothing again, with and without the rule.
    for args in [&GATED[..], &BATCH[..]] {
        let run = env.ok(args);
        assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{run}");
    }
    let run = env.ok(&["approve", &held["number"].to_string(), "-oout"]);
    assert!(run.stdout.contains("1 report published"), "{run}");
    assert_eq!(results(&env), results(&free));
    assert_eq!(aside(&env), [""; 0]);
    assert_eq!(status(&env, "../news/2.txt")[0]["state"], "published");
    let run = env.ok(&GATED);
    assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{run}");
    env.refused(&["approve", "../news/2.txt", "-oout"], 3, &["is published", "--list"]);
    assert!(env.ok(&["approve", "--list", "-oout"]).stdout.contains("nothing waits"));
}

#[test]
fn a_digest_tells_what_was_approved_in_the_voice_of_the_run() {
    let env = newsroom();
    env.ok(&GATED);
    let run = env.ok(&["digest", "out", "--voice", "tone"]);
    assert!(run.stdout.contains("1 story"), "what waits is told\n{run}");
    env.ok(&["approve", "--all", "-oout"]);
    let run = env.ok(&["digest", "out", "--voice", "tone"]);
    assert!(run.stdout.contains("2 stories") && !run.stdout.contains("finished files"), "{run}");
}

#[test]
fn what_is_published_stays_until_its_correction_is_approved() {
    let env = newsroom();
    env.ok(&BATCH);
    let before = results(&env);
    env.write("news/2.txt", CORRECTED);
    env.ok(&GATED);
    assert_eq!(results(&env), before);
    let states: Vec<_> = status(&env, "../news/2.txt").iter().map(|line| line["state"].clone()).collect();
    assert_eq!(states, ["published", "held"]);
    // The correction is corrected: the first one is not wanted any more.
    env.write("news/2.txt", CORRECTED.replace("noon", "dawn"));
    env.ok(&GATED);
    assert_eq!((results(&env) == before, aside(&env).len()), (true, 2));
    let guid = status(&env, "../news/2.txt")[0]["guid"].as_str().unwrap().to_string();
    env.ok(&["approve", &guid[..8], "-oout"]);
    assert!(String::from_utf8(env.bytes("out/2.vtt")).unwrap().contains("dawn"));
    assert_eq!(status(&env, "../news/2.txt")[0]["revision"], 2);
    // A correction that is taken back before anybody approves it.
    env.write("news/2.txt", CORRECTED);
    env.ok(&GATED);
    assert_eq!(aside(&env).len(), 2);
    env.write("news/2.txt", CORRECTED.replace("noon", "dawn"));
    let run = env.ok(&GATED);
    assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{run}");
    assert_eq!(aside(&env), [""; 0], "{run}");
    // One that no rule holds is published, and what waited is outdated.
    env.write("news/2.txt", CORRECTED);
    env.ok(&GATED);
    env.write("news/2.txt", PLAIN.replace("Monday", "Friday"));
    env.ok(&GATED);
    assert!(String::from_utf8(env.bytes("out/2.vtt")).unwrap().contains("Friday"));
    assert_eq!(aside(&env), [""; 0]);
}

#[test]
fn a_rejected_text_is_not_made_again_and_a_corrected_one_is() {
    let env = newsroom();
    env.ok(&GATED);
    let run = env.ok(&["reject", "../news/2.txt", "-oout"]);
    assert!(run.stdout.contains("1 report rejected"), "{run}");
    assert_eq!((names(&env).len(), aside(&env).len()), (2, 0));
    assert_eq!(status(&env, "../news/2.txt")[0]["state"], "rejected");
    assert!(env.ok(&["status", "out"]).stdout.contains("rejected: 1"));
    env.refused(&["approve", "../news/2.txt", "-oout"], 3, &["was rejected", "--undo"]);
    for more in [&[][..], &["--remake"], &["--speed", "1.25"]] {
        let run = env.ok(&[&BATCH[..], more].concat());
        assert_eq!(status(&env, "../news/2.txt")[0]["state"], "rejected", "{more:?}\n{run}");
    }
    // The same story with other bytes is the same text.
    env.write("news/2.txt", format!("{NAMED}\n\n"));
    env.ok(&BATCH);
    assert_eq!(status(&env, "../news/2.txt")[0]["state"], "rejected");
    env.write("news/2.txt", CORRECTED);
    env.ok(&GATED);
    assert_eq!(status(&env, "../news/2.txt")[0]["state"], "held");
    env.ok(&["reject", "../news/2.txt", "-oout"]);
    env.ok(&["reject", "../news/2.txt", "--undo", "-oout"]);
    env.ok(&BATCH);
    assert_eq!(status(&env, "../news/2.txt")[0]["state"], "published");
    // A word of the lexicon that the text holds makes it another one.
    env.write("news/2.txt", NAMED);
    env.ok(&GATED);
    env.ok(&["reject", "../news/2.txt", "-oout"]);
    env.write("lexicon.toml", "[words]\nZorvinelk = \"ZOR-vih-nelk\"\n");
    env.ok(&[&GATED[..], &["--lexicon", "lexicon.toml"]].concat());
    assert_eq!(status(&env, "../news/2.txt")[0]["state"], "published");
}

#[test]
fn rules_hold_what_they_name() {
    let mojibake = "CafÃ© reopens\n\nThe cafÃ© reopened on Monday. Guests came back at noon, and the owner said itâ€™s fine.\n";
    let untitled = "the harbour reopened on Monday after a storm that had closed it for three days. Ships came back at noon.\n";
    let rows: [(&str, &str, &str); 10] = [
        ("unknown-name", NAMED, "Zorvinelk"),
        ("unknown-word", "Port reopens\n\nThe port smelled of blorvikly fish on Monday.\n", "blorvikly"),
        ("mojibake", mojibake, "wrong encoding"),
        ("no-title", untitled, "no headline"),
        ("words<50", PLAIN, "only 12 words long"),
        ("words>5", PLAIN, "12 words long"),
        ("always", PLAIN, "everything"),
        ("mojibake,unknown-name", PLAIN, ""),
        ("correction", PLAIN, ""),
        ("spelled-word,bad-bytes,'confidence<0.8'", PLAIN, "?"),
    ];
    each(rows, |(rules, text, reason)| {
        let env = TestEnv::new();
        env.write("news/1.txt", text);
        let args = ["batch", "--voice", "tone", "news", "-oout", "--hold", rules];
        if reason == "?" {
            env.refused(&args, 2, &["--hold", "confidence<0.8"]);
            return;
        }
        let run = env.ok(&args);
        let told = &status(&env, "../news/1.txt")[0];
        if reason.is_empty() {
            assert_eq!(told["state"], "published", "{rules}\n{run}");
        } else {
            assert!(told["reasons"].to_string().contains(reason), "{rules}: {told}\n{run}");
        }
    });
    let env = newsroom();
    env.ok(&BATCH);
    env.write("news/1.txt", PLAIN.replace("Monday", "Friday"));
    env.ok(&[&BATCH[..], &["--hold", "correction"]].concat());
    assert_eq!(status(&env, "../news/1.txt")[1]["reasons"][0], "an earlier version is published");
}

#[test]
fn the_podcast_lists_what_is_approved() {
    let env = newsroom();
    env.ok(&GATED);
    env.ok(&["podcast", "make", "out", "--title", "Coast", "--base-url", "https://a.example/"]);
    let feed = |env: &TestEnv| String::from_utf8(env.bytes("out/podcast.xml")).unwrap();
    let index = |env: &TestEnv| String::from_utf8(env.bytes("out/index.html")).unwrap();
    env.ok(&GATED);
    assert!(!feed(&env).contains("Market opens") && !index(&env).contains("Market opens"));
    env.ok(&["approve", "--all", "-oout"]);
    assert!(feed(&env).contains("Market opens") && index(&env).contains("Market opens"));
    // A correction gets another name when it is approved, and not before.
    env.write("news/2.txt", CORRECTED);
    let before = feed(&env);
    env.ok(&GATED);
    assert_eq!(feed(&env), before);
    env.ok(&["approve", "../news/2.txt", "-oout"]);
    assert!(
        feed(&env).contains("2-r2.mp3") && !names(&env).contains(&"out/2.mp3".to_string()),
        "{:?}",
        names(&env)
    );
}

#[test]
fn what_waits_goes_with_what_is_taken_back() {
    let env = newsroom();
    env.ok(&GATED);
    env.ok(&["withdraw", "../news/2.txt", "-oout"]);
    assert_eq!((aside(&env).len(), status(&env, "../news/2.txt").len()), (0, 0));
    env.write("news/2.txt", CORRECTED);
    env.ok(&GATED);
    assert_eq!((aside(&env).len(), names(&env).len()), (0, 2));
}

#[test]
fn a_damaged_sound_is_not_published() {
    let env = newsroom();
    env.ok(&GATED);
    let sound = status(&env, "../news/2.txt")[0]["sound"].as_str().unwrap().to_string();
    let mut bytes = env.bytes(&sound);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(env.path(&sound), bytes).unwrap();
    env.refused(&["approve", "../news/2.txt", "-oout"], 3, &["is not as it was made", "run the batch again"]);
    assert_eq!(names(&env).len(), 2);
    env.ok(&GATED);
    env.write("out/2.vtt", "somebody's own");
    env.refused(&["approve", "../news/2.txt", "-oout"], 3, &["exists already", "2.vtt"]);
    env.ok(&["approve", "../news/2.txt", "--force", "-oout"]);
    assert_eq!(names(&env).len(), 4);
}

/// A run that ends itself, or fails, at a step.
#[cfg(all(unix, debug_assertions))]
fn stopped_at(env: &TestEnv, step: &str, args: &[&str]) -> Run {
    let mut command = env.command(args);
    command.env("AUDIO_REPORT_TEST_STEP", step);
    Run::of(command)
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_kill_at_each_step_of_holding_approving_and_rejecting_leaves_one_state_or_the_next() {
    let undisturbed = newsroom();
    undisturbed.ok(&BATCH);
    let want = results(&undisturbed);
    let approve = ["approve", "../news/2.txt", "-oout"];
    let rows = ["synced", "aside", "held"]
        .into_iter()
        .flat_map(|step| ["kill", "fail"].map(|how| (format!("{step}:{how}"), "hold")));
    let rows = rows.chain(
        ["staged", "first-named", "named", "cleared", "published"]
            .into_iter()
            .flat_map(|step| ["kill", "fail"].map(|how| (format!("{step}:{how}"), "approve"))),
    );
    each(rows, |(step, what)| {
        let env = newsroom();
        if what == "hold" {
            // Only the second article is held, and the first one is synced before.
            let step = if step.starts_with("synced") { format!("{step}:2") } else { step.clone() };
            let run = stopped_at(&env, &step, &GATED);
            assert_ne!(run.code, Some(0), "{step}\n{run}");
            env.ok(&GATED);
            assert_eq!(aside(&env), ["2.mp3", "2.vtt"], "{step}");
            env.ok(&approve);
        } else {
            env.ok(&GATED);
            let run = stopped_at(&env, &step, &approve);
            assert_ne!(run.code, Some(0), "{step}\n{run}");
            // The next run, whatever it is for, goes on.
            env.ok(&GATED);
        }
        assert!(results(&env) == want, "{step}: {:?}", names(&env));
        assert_eq!(aside(&env), [""; 0], "{step}");
        let run = env.ok(&GATED);
        assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{step}\n{run}");
        assert_eq!(status(&env, "../news/2.txt")[0]["state"], "published", "{step}");
    });
    each(["gone:kill", "gone:fail"], |step| {
        let env = newsroom();
        env.ok(&BATCH);
        age(&env, "../news/2.txt", 20);
        let kept = [&BATCH[..], &["--keep", "14d"]].concat();
        let run = stopped_at(&env, step, &kept);
        assert_ne!(run.code, Some(0), "{step}\n{run}");
        env.ok(&BATCH);
        assert_eq!(names(&env), ["out/1.mp3", "out/1.vtt"], "{step}");
        assert_eq!(status(&env, "../news/2.txt")[0]["state"], "expired", "{step}");
    });
    let env = newsroom();
    env.ok(&GATED);
    stopped_at(&env, "rejected:kill", &["reject", "../news/2.txt", "-oout"]);
    assert_eq!(aside(&env).len(), 2);
    env.ok(&GATED);
    assert_eq!((aside(&env).len(), names(&env).len()), (0, 2));
}
