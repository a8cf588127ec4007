//! What a batch remembers: nothing is done twice, nothing that is published changes without a reason, and a kill at any moment
//! leaves the old result or the new one.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use common::{Run, TestEnv, each};

const ARGS: [&str; 9] = ["batch", "--voice", "tone", "--format", "mp3", "--captions", "vtt", "news", "-oout"];

/// A folder with so many short articles, each with two sentences that no other has.
fn newsroom(articles: usize) -> TestEnv {
    let env = TestEnv::new();
    for number in 1..=articles {
        env.write(&format!("news/{number:02}.txt"), story(number, "busy"));
    }
    env
}

fn story(number: usize, how: &str) -> String {
    format!(
        "Harbour {number} reopens\n\nThe harbour of town {number} reopened on Monday. The quay was {how} at {number} o'clock in the evening.\n"
    )
}

/// The files of all results with their bytes.
fn results(env: &TestEnv) -> BTreeMap<String, Vec<u8>> {
    let names = env.files().into_iter().filter(|name| name.starts_with("out/"));
    names.map(|name| (name.clone(), env.bytes(&name))).collect()
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == ending)
}

/// When the files of all results were last written.
fn times(env: &TestEnv) -> BTreeMap<String, SystemTime> {
    let time = |name: &String| fs::metadata(env.path(name)).unwrap().modified().unwrap();
    results(env).into_keys().map(|name| (name.clone(), time(&name))).collect()
}

/// The results that are not as they were.
fn changed(before: &BTreeMap<String, SystemTime>, env: &TestEnv) -> Vec<String> {
    let after = times(env);
    after.into_iter().filter(|(name, time)| before.get(name) != Some(time)).map(|(name, _)| name).collect()
}

/// How many chunks a run spoke, and how many it took from the cache.
fn chunks(run: &Run) -> (usize, usize) {
    let words: Vec<&str> = run.stdout.split([' ', ';']).collect();
    let before = |word: &str| {
        let at = words.iter().position(|found| *found == word);
        at.map_or(0, |at| words[at - if word == "spoken," { 2 } else { 1 }].parse().unwrap())
    };
    (before("spoken,"), before("taken"))
}

#[test]
fn an_unchanged_batch_touches_nothing_and_a_changed_word_speaks_its_sentence() {
    let env = newsroom(3);
    let run = env.ok(&ARGS);
    assert!(run.stdout.contains("3 articles read, 0 failed, 0 skipped"), "{run}");
    let first = times(&env);
    assert_eq!(first.len(), 6, "{first:?}");
    let run = env.ok(&ARGS);
    assert!(run.stdout.contains("0 articles read, 0 failed, 3 skipped"), "{run}");
    assert_eq!(changed(&first, &env), [""; 0], "{run}");

    env.write("news/02.txt", story(2, "quiet"));
    let run = env.ok(&ARGS);
    assert!(run.stdout.contains("1 article read, 0 failed, 2 skipped"), "{run}");
    assert_eq!(changed(&first, &env), ["out/02.mp3", "out/02.vtt"], "{run}");
    assert_eq!(chunks(&run), (1, 2), "{run}");

    // Its bytes are others, its story is the same.
    let second = times(&env);
    env.write("news/03.txt", format!("{}\n\n", story(3, "busy")));
    let run = env.ok(&ARGS);
    assert!(run.stdout.contains("0 articles read, 0 failed, 3 skipped"), "{run}");
    assert_eq!(changed(&second, &env), [""; 0], "{run}");
    // Now that this is known, it is not even read again.
    fs::remove_file(env.path("out/01.vtt")).unwrap();
    let run = env.ok(&ARGS);
    assert!(run.stdout.contains("1 article read, 0 failed, 2 skipped"), "{run}");
    assert_eq!(changed(&second, &env), ["out/01.mp3", "out/01.vtt"], "{run}");
    assert_eq!(chunks(&run).0, 0, "{run}");
}

#[test]
fn a_changed_setting_makes_again_what_it_touches() {
    let rows: [(&[&str], usize, bool); 8] = [
        (&[], 0, false),
        (&["--jobs", "1", "--nice"], 0, false),
        (&["--captions", "srt"], 2, false),
        (&["--speed", "1.25"], 2, true),
        (&["--loudness", "-18"], 2, false),
        (&["--bitrate", "64"], 2, false),
        (&["--acronyms", "expand"], 2, false),
        (&["--announce-before", "News from {date}. Hello."], 2, true),
    ];
    each(rows, |(options, made, speaks)| {
        let env = newsroom(2);
        env.ok(&ARGS);
        let run = env.ok(&[&ARGS[..], options].concat());
        assert!(run.stdout.contains(&format!("{made} articles read")), "{options:?}\n{run}");
        assert_eq!(chunks(&run).0 > 0, speaks, "{options:?}\n{run}");
        let vtt = results(&env).keys().filter(|name| has_ending(name, "vtt")).count();
        assert_eq!(vtt, 2, "{options:?}: {:?}\n{run}", results(&env).keys());
        let again = env.ok(&[&ARGS[..], options].concat());
        assert!(again.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{options:?}\n{again}");
    });
}

#[test]
fn captions_that_are_no_longer_wanted_go() {
    let env = newsroom(1);
    env.ok(&ARGS);
    env.ok(&["batch", "--voice", "tone", "--format", "mp3", "news", "-oout"]);
    assert_eq!(results(&env).into_keys().collect::<Vec<_>>(), ["out/01.mp3"]);
}

#[test]
fn a_word_of_the_lexicon_concerns_the_articles_that_hold_it() {
    let env = newsroom(2);
    env.write("news/11.txt", "Blorvik reopens\n\nThe port of Blorvik reopened on Monday.\n");
    env.write("lexicon.toml", "[words]\nZorvinel = \"ZOR-vih-nel\"\n");
    let args = [&ARGS[..], &["--lexicon", "lexicon.toml"]].concat();
    env.ok(&args);
    let before = times(&env);
    env.write("lexicon.toml", "[words]\nZorvinel = \"ZOR-vih-nel\"\nBlorvik = \"blor-VEEK\"\n");
    let run = env.ok(&args);
    assert_eq!(changed(&before, &env), ["out/11.mp3", "out/11.vtt"], "{run}");
    let run = env.ok(&args);
    assert!(run.stdout.contains("0 articles read, 0 failed, 3 skipped"), "{run}");
}

#[test]
fn remake_makes_all_again_and_what_somebody_edited_stays() {
    let env = newsroom(2);
    env.write("out/02.mp3", "mine");
    let run = env.ok(&ARGS);
    assert!(run.stdout.contains("1 article read, 0 failed, 1 skipped"), "{run}");
    let before = times(&env);
    let run = env.ok(&[&ARGS[..], &["--remake"]].concat());
    assert_eq!(changed(&before, &env), ["out/01.mp3", "out/01.vtt"], "{run}");
    env.write("out/01.vtt", "mine, too");
    let run = env.ok(&[&ARGS[..], &["--remake"]].concat());
    assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{run}");
    let status = env.run(&["status", "out"]).expect(0);
    assert!(status.stdout.contains("changed by another program: 01.vtt"), "{status}");
    env.ok(&[&ARGS[..], &["--force"]].concat());
    assert!(env.bytes("out/02.mp3") != b"mine" && env.bytes("out/01.vtt") != b"mine, too");
}

#[test]
fn an_article_keeps_its_name_and_its_identity() {
    let env = newsroom(1);
    env.ok(&ARGS);
    let guid = |env: &TestEnv, source: &str| {
        let status = env.run(&["status", "out", "--json"]);
        let lines = status.json_lines();
        let line = lines.iter().find(|line| line["source"] == source);
        line.unwrap_or_else(|| panic!("{source}\n{status}"))["guid"].as_str().unwrap().to_string()
    };
    let first = guid(&env, "../news/01.txt");
    // Another article of the same name: in one run with the first, both would have others.
    env.write("late/01.txt", story(7, "busy"));
    let run = env.ok(&[&ARGS[..], &["late"]].concat());
    let names: Vec<String> = results(&env).into_keys().filter(|name| has_ending(name, "mp3")).collect();
    assert_eq!(names, ["out/01-txt.mp3", "out/01.mp3"], "{run}");
    assert_eq!(guid(&env, "../news/01.txt"), first);
    assert_ne!(guid(&env, "../late/01.txt"), first);
    // Articles and results moved together are the same.
    fs::create_dir(env.path("moved")).unwrap();
    for folder in ["news", "late", "out"] {
        fs::rename(env.path(folder), env.path(&format!("moved/{folder}"))).unwrap();
    }
    let run = env.ok(&[
        "batch",
        "--voice",
        "tone",
        "--format",
        "mp3",
        "--captions",
        "vtt",
        "moved/news",
        "-omoved/out",
    ]);
    assert!(run.stdout.contains("0 articles read, 0 failed, 1 skipped"), "{run}");
}

#[test]
fn status_tells_what_failed_and_how_often() {
    let env = newsroom(1);
    env.write("news/02.txt", "");
    env.refused(&["status", "out"], 3, &["no batch"]);
    env.run(&ARGS).expect(1);
    env.run(&ARGS).expect(1);
    let status = env.run(&["status", "out"]).expect(1);
    for word in ["1 report published, 1 failed", "../news/02.txt", "empty", "tried 2 times"] {
        assert!(status.stdout.contains(word), "{word} is missing\n{status}");
    }
    env.write("news/02.txt", story(2, "busy"));
    env.ok(&ARGS);
    let status = env.run(&["status", "out"]).expect(0);
    assert!(status.stdout.contains("2 reports published, 0 failed"), "{status}");
}

/// A run that ends itself, or fails, at a step.
fn stopped_at(env: &TestEnv, step: &str, args: &[&str]) -> Run {
    let mut command = env.command(args);
    command.env("AUDIO_REPORT_TEST_STEP", step);
    Run::of(command)
}

const STEPS: [&str; 6] = ["synced", "staged", "first-named", "named", "cleared", "published"];

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_kill_at_each_step_leaves_nothing_behind_and_nothing_undone() {
    let undisturbed = newsroom(3);
    undisturbed.ok(&ARGS);
    let want = results(&undisturbed);
    undisturbed.write("news/02.txt", story(2, "quiet"));
    undisturbed.ok(&ARGS);
    let want_corrected = results(&undisturbed);
    let rows = STEPS.iter().flat_map(|step| ["1", "3"].map(|turn| format!("{step}:kill:{turn}")));
    each(rows, |step| {
        let env = newsroom(3);
        let run = stopped_at(&env, &step, &ARGS);
        assert_ne!(run.code, Some(0), "{step}: it was not killed\n{run}");
        let run = env.ok(&ARGS);
        assert!(results(&env) == want, "{step}: {:?}\n{run}", results(&env).keys());
        // All that was spoken before the kill comes from the cache, beyond what was in work.
        assert!(chunks(&run).0 <= 9, "{step}\n{run}");
        if step.ends_with('3') {
            return;
        }
        // The correction of one article, killed at the same step.
        env.write("news/02.txt", story(2, "quiet"));
        stopped_at(&env, &step, &ARGS);
        let run = env.ok(&ARGS);
        assert!(results(&env) == want_corrected, "{step}, corrected: {:?}\n{run}", results(&env).keys());
        let run = env.ok(&ARGS);
        assert!(run.stdout.contains("0 articles read, 0 failed, 3 skipped"), "{step}\n{run}");
    });
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_correction_that_a_power_cut_took_is_made_again() {
    let env = newsroom(2);
    env.ok(&ARGS);
    env.write("news/02.txt", story(2, "quiet"));
    stopped_at(&env, "staged:kill", &ARGS);
    let parts: Vec<String> = env.files().into_iter().filter(|name| has_ending(name, "part")).collect();
    assert!(!parts.is_empty(), "{:?}", env.files());
    for part in parts {
        fs::remove_file(env.path(&part)).unwrap();
    }
    let before = times(&env);
    let run = env.ok(&ARGS);
    assert_eq!(changed(&before, &env), ["out/02.mp3", "out/02.vtt"], "{run}");
    assert!(String::from_utf8(env.bytes("out/02.vtt")).unwrap().contains("quiet"), "{run}");
    let run = env.ok(&ARGS);
    assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{run}");
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_disk_that_fails_at_a_step_costs_one_article_until_the_next_run() {
    let undisturbed = newsroom(2);
    undisturbed.ok(&ARGS);
    each(STEPS, |step| {
        let env = newsroom(2);
        let run = stopped_at(&env, &format!("{step}:fail"), &ARGS).expect(1);
        assert!(run.stderr.contains("Input/output error"), "{step}\n{run}");
        env.ok(&ARGS);
        assert!(results(&env) == results(&undisturbed), "{step}: {:?}", results(&env).keys());
        let run = env.ok(&ARGS);
        assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{step}\n{run}");
    });
}

#[test]
fn a_damaged_manifest_is_replaced_by_its_copy() {
    let env = newsroom(2);
    env.ok(&ARGS);
    let before = times(&env);
    let database = env.path("out/.audio-report/manifest.db");
    let whole = fs::read(&database).unwrap();
    let torn = |page: usize| {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0x5A);
        bytes
    };
    // SQLite itself can't notice this one.
    let letter = {
        let mut bytes = whole.clone();
        let at = bytes.windows(6).position(|window| window == b"01.vtt").unwrap();
        bytes[at] = b'7';
        bytes
    };
    let rows = [
        ("a letter of a name", letter),
        ("first page", torn(0)),
        ("second page", torn(1)),
        ("cut", whole[..5000].to_vec()),
        ("empty", Vec::new()),
    ];
    each(rows, |(how, bytes)| {
        for journal in ["manifest.db-wal", "manifest.db-shm"] {
            let _ = fs::remove_file(env.path(&format!("out/.audio-report/{journal}")));
        }
        fs::write(&database, bytes).unwrap();
        let run = env.ok(&ARGS);
        assert!(run.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{how}\n{run}");
        assert_eq!(changed(&before, &env), [""; 0], "{how}\n{run}");
    });
}

#[test]
fn a_manifest_of_a_later_version_is_refused() {
    let env = newsroom(1);
    env.ok(&ARGS);
    let database = env.path("out/.audio-report/manifest.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    // Its own run would have left hashes of its own.
    fs::remove_file(env.path("out/.audio-report/manifest.sums")).unwrap();
    env.refused(&ARGS, 3, &["later version", "manifest.db", "update"]);
    env.refused(&["status", "out"], 3, &["later version"]);
}

#[test]
fn the_second_process_waits_or_ends_with_3() {
    let env = newsroom(1);
    fs::create_dir_all(env.path("out/.audio-report")).unwrap();
    let lock = fs::File::create(env.path("out/.audio-report/lock")).unwrap();
    lock.lock().unwrap();
    env.refused(&[&ARGS[..], &["--no-wait"]].concat(), 3, &["another process", "wait until it is done"]);
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        drop(lock);
    });
    let run = env.ok(&ARGS);
    release.join().unwrap();
    assert!(run.stderr.contains("another process works on out; waiting"), "{run}");
    assert!(run.stdout.contains("1 article read"), "{run}");
}

#[test]
fn two_batches_at_once_do_nothing_twice() {
    let env = newsroom(8);
    let mut runs: Vec<_> = (0..2).map(|_| env.command(&ARGS).spawn().unwrap()).collect();
    let outputs: Vec<String> = runs
        .drain(..)
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8_lossy(&output.stdout).into_owned()
        })
        .collect();
    let done = outputs.iter().filter(|text| text.contains("8 articles read, 0 failed, 0 skipped")).count();
    let skipped = outputs.iter().filter(|text| text.contains("0 articles read, 0 failed, 8 skipped")).count();
    assert_eq!((done, skipped), (1, 1), "{outputs:?}");
}

#[cfg(unix)]
#[test]
fn only_the_user_may_look_at_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let env = newsroom(1);
    env.ok(&ARGS);
    each([env.path("out/.audio-report"), env.data("cache/chunks")], |folder| {
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
    });
}

#[test]
fn kept_sound_is_counted_checked_and_removed() {
    let env = newsroom(2);
    env.ok(&ARGS);
    let stat =
        |env: &TestEnv| env.ok(&["cache", "stat", "--json"]).json_lines()[0]["chunks"].as_u64().unwrap();
    assert_eq!(stat(&env), 6);
    let run = env.ok(&["cache", "verify"]);
    assert!(run.stdout.contains("whole: 6 chunks") && run.stdout.contains("removed: 0 chunks"), "{run}");
    let drawer = fs::read_dir(env.data("cache/chunks")).unwrap().next().unwrap().unwrap().path();
    let file = fs::read_dir(drawer).unwrap().next().unwrap().unwrap().path();
    fs::write(file, "torn").unwrap();
    let run = env.run(&["cache", "verify"]).expect(1);
    assert!(run.stdout.contains("removed: 1 chunk"), "{run}");
    let run = env.ok(&["cache", "clear"]);
    assert!(run.stdout.contains("removed: 5 chunks"), "{run}");
    assert_eq!(stat(&env), 0);
    env.ok(&[&ARGS[..], &["--remake", "--no-cache"]].concat());
    assert_eq!(stat(&env), 0);
    env.ok(&[&ARGS[..], &["--remake", "--cache-size", "300K"]].concat());
    let bytes = env.ok(&["cache", "stat", "--json"]).json_lines()[0]["bytes"].as_u64().unwrap();
    assert!((1..=300 << 10).contains(&bytes), "{bytes}");
}

#[test]
fn what_is_taken_back_goes_and_stays_away() {
    let env = newsroom(3);
    env.ok(&ARGS);
    let status = env.run(&["status", "out", "--json"]);
    let is_first = |line: &&serde_json::Value| line["source"] == "../news/01.txt";
    let first = status.json_lines().iter().find(is_first).unwrap()["guid"].as_str().unwrap().to_string();
    env.refused(&["withdraw", "nothing", "-oout"], 3, &["no report here", "status"]);
    let run = env.ok(&["withdraw", &format!("urn:uuid:{first}"), "-oout"]);
    assert!(run.stdout.contains("1 article taken back, 2 files removed"), "{run}");
    assert_eq!(results(&env).len(), 4, "{:?}", results(&env).keys());
    assert!(env.ok(&["cache", "stat"]).stdout.contains(": 0 chunks"));
    // Neither a run nor a correction nor --force brings it back.
    env.write("news/01.txt", story(1, "quiet"));
    for more in [&[][..], &["--remake"], &["--force"]] {
        let run = env.ok(&[&ARGS[..], more].concat());
        assert_eq!(results(&env).len(), 4, "{more:?}: {:?}\n{run}", results(&env).keys());
    }
    let run = env.ok(&["withdraw", "../news/02.txt", "-oout"]);
    assert!(run.stdout.contains("1 article taken back"), "{run}");
    assert_eq!(results(&env).into_keys().collect::<Vec<_>>(), ["out/03.mp3", "out/03.vtt"]);
}

#[test]
fn a_story_that_its_agency_cancels_is_taken_back() {
    let env = TestEnv::new();
    let ninjs = |status: &str| {
        serde_json::json!({
            "uri": "urn:agency:harbour:7", "version": "1", "pubstatus": status, "language": "en", "headline": "Port reopens",
            "body_text": "The port of Havn reopened on Monday after a storm. Ships came back at noon, the harbour master said."
        })
        .to_string()
    };
    env.write("news/port.ninjs", ninjs("usable"));
    let args = ["batch", "--voice", "tone", "news", "-oout"];
    env.ok(&args);
    assert_eq!(results(&env).len(), 1, "{:?}", results(&env).keys());
    // The notice comes as a file of its own.
    env.write("news/port-2.ninjs", ninjs("canceled"));
    let run = env.run(&args).expect(1);
    assert!(run.stderr.contains("cancel"), "{run}");
    assert_eq!(results(&env).len(), 0, "{:?}\n{run}", results(&env).keys());
    fs::remove_file(env.path("news/port-2.ninjs")).unwrap();
    let run = env.ok(&args);
    assert_eq!(results(&env).len(), 0, "{run}");
}

#[test]
fn no_sound_is_kept_of_what_may_be_embargoed() {
    let env = newsroom(1);
    env.ok(&[&ARGS[..], &["--ignore-embargo"]].concat());
    assert!(env.ok(&["cache", "stat"]).stdout.contains(": 0 chunks"));
    env.ok(&[&ARGS[..], &["--remake"]].concat());
    assert!(!env.ok(&["cache", "stat"]).stdout.contains(": 0 chunks"));
}
