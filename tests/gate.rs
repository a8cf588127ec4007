//! The news desk's say in what is published: reports that are held, approved and rejected.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{Run, TestEnv, each};
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

/// Does something to the manifest that no run does.
fn tamper(env: &TestEnv, sql: &str) {
    let connection = rusqlite::Connection::open(env.path("out/.audio-report/manifest.db")).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    fs::remove_file(env.path("out/.audio-report/manifest.sums")).unwrap();
}

/// Makes what was published so many days older.
fn age(env: &TestEnv, source: &str, days: i64) {
    tamper(
        env,
        &format!(
            "UPDATE result SET published = published - {days} * 86400 WHERE article = (SELECT id FROM article WHERE source = '{source}')"
        ),
    );
}

#[test]
fn old_reports_go_and_stay_away_until_their_text_changes() {
    each([("14d", 20), ("1", 1)], |(keep, days)| {
        let env = newsroom();
        env.ok(&BATCH);
        env.ok(&["podcast", "make", "out", "--title", "Coast", "--base-url", "https://a.example/"]);
        let all = names(&env);
        age(&env, "../news/2.txt", days);
        let kept = [&BATCH[..], &["--keep", keep]].concat();
        let run = env.ok(&kept);
        assert!(run.stdout.contains("1 report gone, because old"), "{keep}\n{run}");
        let left: Vec<String> = all.iter().filter(|name| !name.contains("/2.")).cloned().collect();
        assert_eq!(names(&env), left, "{keep}");
        let feed = || String::from_utf8(env.bytes("out/podcast.xml")).unwrap();
        assert!(feed().contains("Harbour reopens") && !feed().contains("Market opens"), "{keep}");
        assert_eq!(status(&env, "../news/2.txt")[0]["state"], "expired", "{keep}");
        assert!(
            env.run(&["status", "out"]).expect(0).stdout.contains("1 report published, 0 failed"),
            "{keep}"
        );
        // Neither the next run, nor one with other settings, nor the same story in other bytes brings it back.
        for more in [&[][..], &["--remake"], &["--speed", "1.25"]] {
            env.ok(&[&kept[..], more].concat());
            assert!(!feed().contains("Market opens"), "{keep} {more:?}");
        }
        env.write("news/2.txt", format!("{NAMED}\n\n"));
        let run = env.ok(&BATCH);
        assert_eq!(status(&env, "../news/2.txt")[0]["state"], "expired", "{keep}\n{run}");
        // A corrected one is a new report, under a name that no podcast app has seen.
        env.write("news/2.txt", CORRECTED);
        let run = env.ok(&BATCH);
        assert!(feed().contains("2-r2.mp3"), "{keep}\n{run}");
        let told = &status(&env, "../news/2.txt")[0];
        assert_eq!((&told["state"], &told["revision"]), (&"published".into(), &2.into()), "{keep}");
        let run = env.ok(&[&BATCH[..], &["--keep", "14d"]].concat());
        assert!(!run.stdout.contains("gone"), "{keep}\n{run}");
    });
    let env = newsroom();
    env.refused(&[&BATCH[..], &["--keep", "0"]].concat(), 2, &["--keep"]);
}

const STORY_ARGS: [&str; 7] = ["batch", "--voice", "tone", "--format", "mp3", "news", "-oout"];

/// A version of an agency's story.
fn version(number: &str, day: &str) -> String {
    serde_json::json!({
        "uri": "urn:agency:harbour:7", "version": number, "pubstatus": "usable", "language": "en", "headline": "Port reopens",
        "body_text": format!("The port of Havn reopened on {day} after a storm. Ships came back at noon, the harbour master said.")
    })
    .to_string()
}

fn guids(env: &TestEnv) -> Vec<String> {
    let lines = env.run(&["status", "out", "--json"]).json_lines();
    let published = lines.iter().filter(|line| line["state"] == "published");
    published.map(|line| line["guid"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_later_version_of_a_story_in_a_file_of_its_own_corrects_the_first() {
    let env = TestEnv::new();
    env.write("news/port-1.ninjs", version("1", "Monday"));
    env.ok(&STORY_ARGS);
    let first = guids(&env);
    env.write("news/port-2.ninjs", version("2", "Tuesday"));
    let run = env.ok(&STORY_ARGS);
    assert!(run.stdout.contains("1 article read, 0 failed, 1 skipped"), "{run}");
    assert_eq!((guids(&env), names(&env)), (first.clone(), vec!["out/port-2.mp3".to_string()]));
    // An unchanged folder is not even read again, and an earlier version that comes late changes nothing.
    env.write("news/port-late.ninjs", version("1", "Friday"));
    env.write("news/port-same.ninjs", version("2", "Tuesday"));
    for turn in 0..3 {
        let run = env.ok(&STORY_ARGS);
        let skipped = "0 articles read, 0 failed, 4 skipped";
        assert!(run.stdout.contains(skipped), "turn {turn}\n{run}");
        assert_eq!((guids(&env), names(&env).len()), (first.clone(), 1), "turn {turn}");
    }
    // Version 10 is later than version 2, also in the file of the first.
    env.write("news/port-1.ninjs", version("10", "Sunday"));
    let run = env.ok(&STORY_ARGS);
    assert_eq!((guids(&env), names(&env)), (first.clone(), vec!["out/port-1.mp3".to_string()]), "{run}");
    // Other settings make it again, once, from its latest version.
    let faster = [&STORY_ARGS[..], &["--speed", "1.25"]].concat();
    let run = env.ok(&faster);
    assert!(run.stdout.contains("1 article read, 0 failed, 3 skipped"), "{run}");
    let run = env.ok(&faster);
    assert!(run.stdout.contains("0 articles read, 0 failed, 4 skipped"), "{run}");
    // Taken back, under whichever name it comes.
    env.ok(&["withdraw", "urn:agency:harbour:7", "-oout"]);
    env.write("news/port-11.ninjs", version("11", "Sunday"));
    let run = env.ok(&faster);
    assert_eq!(names(&env), [""; 0], "{run}");
}

#[test]
fn versions_that_come_together_become_one_report_of_the_latest() {
    let rows = [["1", "2", "3"], ["3", "2", "1"], ["2", "3", "1"]];
    each(rows, |order| {
        let env = TestEnv::new();
        for (place, number) in order.iter().enumerate() {
            env.write(
                &format!("news/{place}.ninjs"),
                version(number, ["Monday", "Tuesday", "Friday"][place]),
            );
        }
        let run = env.ok(&STORY_ARGS);
        let latest = order.iter().position(|number| *number == "3").unwrap();
        assert_eq!(names(&env), [format!("out/{latest}.mp3")], "{order:?}\n{run}");
        let run = env.ok(&STORY_ARGS);
        assert!(run.stdout.contains("0 articles read, 0 failed, 3 skipped"), "{order:?}\n{run}");
        // Nor does --force bring an earlier one back.
        env.ok(&[&STORY_ARGS[..], &["--force"]].concat());
        assert_eq!(names(&env), [format!("out/{latest}.mp3")], "{order:?}");
    });
}

#[test]
fn what_a_folder_remembers_is_carried_to_another_and_back() {
    let env = newsroom();
    env.write("news/3.txt", "");
    env.write("news/4.txt", PLAIN.replace("Harbour", "Airport"));
    env.write("news/port-1.ninjs", version("1", "Monday"));
    env.run(&GATED).expect(1);
    env.ok(&["reject", "../news/2.txt", "-oout"]);
    env.ok(&["withdraw", "../news/4.txt", "-oout"]);
    env.write("news/2.txt", CORRECTED);
    env.run(&GATED).expect(1);
    env.ok(&["podcast", "make", "out", "--title", "Coast", "--base-url", "https://a.example/"]);
    let run = env.ok(&["store", "export", "out", "-o", "memory.json"]);
    assert!(run.stdout.contains("memory.json: "), "{run}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(env.path("memory.json")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    env.refused(&["store", "export", "out", "-o", "memory.json"], 3, &["exists already"]);
    env.refused(&["store", "export", "news", "-o", "x.json"], 3, &["no batch"]);
    let before = (results(&env), aside(&env), env.run(&["status", "out", "--json"]).stdout);
    // The same folder knows it; one that knows something else does not take it.
    assert!(env.ok(&["store", "import", "memory.json", "-oout"]).stdout.contains("was known"));
    env.ok(&["batch", "--voice", "tone", "news/1.txt", "-oother"]);
    env.refused(
        &["store", "import", "memory.json", "-oother"],
        3,
        &["remembers other results", ".audio-report"],
    );
    // A memory that is lost, while the files are there.
    for name in ["manifest.db", "manifest.backup.db", "manifest.sums"] {
        fs::remove_file(env.path(&format!("out/.audio-report/{name}"))).unwrap();
    }
    let run = env.ok(&["store", "import", "memory.json", "-oout"]);
    assert!(run.stdout.contains("6 files as they were made"), "{run}");
    assert_eq!((results(&env), aside(&env), env.run(&["status", "out", "--json"]).stdout), before);
    assert_eq!(
        env.ok(&["store", "export", "out", "-o-"]).stdout,
        String::from_utf8(env.bytes("memory.json")).unwrap()
    );
    let run = env.run(&GATED).expect(1);
    assert!(run.stdout.contains("0 articles read, 1 failed, 4 skipped"), "{run}");
    // A folder without files gets them from the next batch.
    let run = env.ok(&["store", "import", "memory.json", "-oempty"]);
    assert!(run.stdout.contains("0 files as they were made; 6 files missing"), "{run}");
    let args: Vec<&str> = GATED.iter().map(|arg| if *arg == "-oout" { "-oempty" } else { *arg }).collect();
    let run = env.run(&args).expect(1);
    assert!(run.stdout.contains("3 articles read, 1 failed, 1 skipped"), "{run}");
    // Under a new name: podcast apps fetch no address twice.
    assert_eq!(env.bytes("empty/1-r2.mp3"), env.bytes("out/1.mp3"));
    // Files that are not those it tells of.
    fs::create_dir_all(env.path("wrong")).unwrap();
    let mut bytes = env.bytes("out/1.mp3");
    bytes[100] ^= 1;
    env.write("wrong/1.mp3", bytes);
    env.refused(
        &["store", "import", "memory.json", "-owrong"],
        3,
        &["wrong/1.mp3", "others than the export tells of"],
    );
    let cut = &env.bytes("memory.json")[..900];
    env.write("cut.json", cut);
    env.refused(&["store", "import", "cut.json", "-onew"], 3, &["cut.json", "store export"]);
    assert!(!env.path("new").exists());
}

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
