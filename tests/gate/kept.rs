//! Old reports go, and what a folder remembers is carried to another one and back.

use super::editions::version;
use super::*;

/// Does something to the manifest that no run does.
fn tamper(env: &TestEnv, sql: &str) {
    let connection = rusqlite::Connection::open(env.path("out/.audio-report/manifest.db")).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    fs::remove_file(env.path("out/.audio-report/manifest.sums")).unwrap();
}

/// Makes what was published so many days older.
pub fn age(env: &TestEnv, source: &str, days: i64) {
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
