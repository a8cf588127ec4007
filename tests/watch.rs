//! `watch`: what comes into folders and feeds is read once, when it is whole, and a stop loses nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{Run, STORY, TestEnv, each};
use serde_json::Value;

/// A machine that is busy with other tests may need so long for anything.
const PATIENCE: Duration = Duration::from_mins(3);

/// A running `watch`, which is killed when a test fails.
struct Watching<'a> {
    env: &'a TestEnv,
    child: Option<Child>,
    args: Vec<&'a str>,
}

impl<'a> Watching<'a> {
    fn begin(env: &'a TestEnv, more: &[&'a str]) -> Self {
        let usual = ["watch", "--voice", "tone", "--format", "opus", "-oout", "--health", "health.json"];
        let args: Vec<&str> = usual.into_iter().chain(more.iter().copied()).collect();
        let child = Some(env.command(&args).spawn().unwrap());
        Self { env, child, args }
    }

    fn health(&self) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.env.path("health.json")).ok()?).ok()
    }

    /// Waits until the health file says so.
    #[track_caller]
    fn until(&mut self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let health = self.health();
            if let Some(health) = health.as_ref().filter(|health| is_so(health)) {
                return health.clone();
            }
            let has_ended = self.child.as_mut().unwrap().try_wait().unwrap().is_some();
            let run = has_ended.then(|| Run::wait(self.child.take().unwrap(), &self.args.join(" ")));
            assert!(run.is_none(), "it ended before {what}\n{}", run.unwrap());
            assert!(begun.elapsed() < PATIENCE, "{what} does not come: {health:?}, {:?}", self.env.files());
            sleep(Duration::from_millis(20));
        }
    }

    /// Waits until so many articles were read and failed, and all is quiet.
    #[track_caller]
    fn until_read(&mut self, read: u64, failed: u64) -> Value {
        self.until(&format!("{read} read and {failed} failed"), |health| {
            health["read"] == read && health["failed"] == failed && health["state"] == "waiting"
        })
    }

    fn signal(&self) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Asks it to stop, which it does without a failure.
    #[track_caller]
    fn stop(mut self) -> Run {
        self.signal();
        let run = Run::wait(self.child.take().unwrap(), &self.args.join(" ")).expect(0);
        assert_eq!(self.health().unwrap()["state"], "stopped", "{run}");
        run
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn results(env: &TestEnv) -> Vec<String> {
    env.files().into_iter().filter(|name| name.starts_with("out/")).collect()
}

#[test]
fn what_comes_into_a_folder_is_read_once_when_it_is_whole() {
    each([&[][..], &["--poll"]], |more| {
        let env = TestEnv::new();
        env.write("news/early.txt", STORY);
        env.write("news/.hidden.txt", STORY);
        env.write("news/later.txt.part", STORY);
        let mut watching = Watching::begin(&env, &[&["news"], more].concat());
        watching.until_read(1, 0);
        // Written beside and renamed, as by a careful program; written slowly, by one that is not; with nothing in it to read.
        fs::rename(env.path("news/later.txt.part"), env.path("news/later.txt")).unwrap();
        let mut slow = File::create(env.path("news/slow.txt")).unwrap();
        slow.write_all(b"The ferry sails again.\n").unwrap();
        // Where the system tells of writers, a pause of any length is none of the end.
        watching.until_read(if more.is_empty() { 2 } else { 3 }, 0);
        if more.is_empty() {
            sleep(Duration::from_secs(4));
            assert_eq!(watching.until_read(2, 0)["read"], 2);
        }
        drop(slow);
        env.write("news/empty.txt", "\n");
        watching.until_read(3, 1);
        assert_eq!(results(&env), ["out/early.opus", "out/later.opus", "out/slow.opus"]);

        // A correction is made again; what failed is tried again when it has changed.
        let before = env.bytes("out/early.opus");
        env.write("news/early.txt", STORY.replace("noon", "midnight"));
        env.write("news/empty.txt", STORY);
        watching.until_read(5, 1);
        assert!(env.bytes("out/early.opus") != before);
        // What somebody says of one article makes that one again.
        env.write("news/later.override.toml", "title = \"Another headline\"\n");
        watching.until_read(6, 1);
        let run = watching.stop();
        assert_eq!(run.stderr.matches("where: news/empty.txt").count(), 1, "a failure is told once\n{run}");
        assert!(run.stderr.contains("watching news: as things come\n"), "{run}");
        assert!(run.stderr.ends_with("stopped\n"), "{run}");

        // Started again, it finds nothing to do.
        let mut watching = Watching::begin(&env, &[&["news"], more].concat());
        let health = watching.until_read(0, 0);
        assert!(health["last_good"].is_number(), "{health}");
        let run = watching.stop();
        assert_eq!(run.stdout, "", "nothing is news\n{run}");
    });
}

#[test]
fn a_health_file_in_the_watched_folder_brings_no_look_by_itself() {
    let env = TestEnv::new();
    env.write("a.txt", STORY);
    let mut watching = Watching::begin(&env, &["."]);
    watching.until_read(1, 0);
    let changed = || fs::metadata(env.path("health.json")).unwrap().modified().unwrap();
    // What was on its way is there by now.
    sleep(Duration::from_secs(1));
    let before = changed();
    sleep(Duration::from_secs(2));
    assert_eq!(changed(), before, "it is written again and again");
    watching.stop();
}

#[test]
fn an_article_that_grows_later_is_read_again_whole() {
    let env = TestEnv::new();
    env.write("news/a.txt", STORY);
    let mut watching = Watching::begin(&env, &["news"]);
    watching.until_read(1, 0);
    let length = env.bytes("out/a.opus").len();
    let mut file = OpenOptions::new().append(true).open(env.path("news/a.txt")).unwrap();
    file.write_all(b"\nThe mayor spoke of a new beginning, and nobody disagreed with her.\n").unwrap();
    drop(file);
    watching.until_read(2, 0);
    assert!(env.bytes("out/a.opus").len() > length);
    watching.stop();
}

#[test]
fn a_list_of_feeds_is_asked_again_and_only_news_is_read() {
    let env = TestEnv::new();
    let item = |number: u32| {
        format!(
            "<item><title>Harbour {number} reopens</title><guid>urn:h:{number}</guid><description>{}</description></item>",
            format!("The harbour of town {number} reopened on Monday, and all were glad of it. ").repeat(30)
        )
    };
    let feed = |items: &[u32]| {
        let items: String = items.iter().map(|number| item(*number)).collect();
        format!("<rss version=\"2.0\"><channel><title>Harbour</title>{items}</channel></rss>")
    };
    env.write("harbour.xml", feed(&[1, 2]));
    env.write("feeds.toml", "[[feed]]\nurl = \"harbour.xml\"\ntext = \"feed\"\n");
    let mut watching = Watching::begin(&env, &["--feeds", "feeds.toml", "--every", "2s"]);
    watching.until_read(2, 0);
    env.write("harbour.tmp", feed(&[1, 2, 3]));
    fs::rename(env.path("harbour.tmp"), env.path("harbour.xml")).unwrap();
    watching.until_read(3, 0);
    let run = watching.stop();
    assert_eq!(results(&env).len(), 3, "{run}");
    assert!(run.stderr.contains("1 feed: as things come, and feeds every 2s"), "{run}");
    assert!(!run.stdout.contains("0 articles read"), "a round without news is told\n{run}");
}

#[test]
fn a_stop_keeps_what_was_spoken_and_a_second_one_ends_at_once() {
    let env = TestEnv::new();
    let paragraph = |number| format!("Report {number} says that the old harbor was quiet.");
    env.write("news/long.txt", (1..=200).map(paragraph).collect::<Vec<_>>().join("\n\n"));
    let mut watching = Watching::begin(&env, &["news", "-j", "1"]);
    watching.until("work", |health| health["state"] == "working");
    let spoken = || fs::read_dir(env.data("cache/chunks")).is_ok_and(|mut found| found.next().is_some());
    while !spoken() {
        sleep(Duration::from_millis(5));
    }
    let run = watching.stop();
    assert_eq!(results(&env), [""; 0], "half a report\n{run}");
    let run = env.ok(&["batch", "--voice", "tone", "--format", "opus", "-oout", "news"]);
    let kept = run.stdout.split(", ").find_map(|part| part.strip_suffix(" taken from the cache\n"));
    assert!(kept.is_some_and(|kept| kept.parse::<u32>().unwrap() > 0), "{run}");
    assert_eq!(results(&env), ["out/long.opus"]);
}

#[test]
fn hours_of_the_day_are_kept_and_made_up_for() {
    let env = TestEnv::new();
    env.write("news/a.txt", STORY);
    // An hour that is far from now on every clock of the world.
    let hour = (seconds_of_day() / 3_600 + 12) % 24;
    let at = format!("{hour:02}:00");
    let mut watching = Watching::begin(&env, &["news", "--at", &at]);
    let health = watching.until("rest", |health| health["state"] == "waiting");
    let (next, now) = (health["next"].as_i64().unwrap(), health["written"].as_i64().unwrap());
    assert!((1..=86_400).contains(&(next - now)), "{health}");
    env.write("news/b.txt", STORY);
    sleep(Duration::from_secs(1));
    let run = watching.stop();
    assert_eq!(results(&env), [""; 0], "{run}");

    // The hour passed while the computer was off.
    set_last_hour(&env, now - 86_400);
    let mut watching = Watching::begin(&env, &["news", "--at", &at]);
    watching.until_read(2, 0);
    watching.stop();
    assert_eq!(results(&env), ["out/a.opus", "out/b.opus"]);
    let mut watching = Watching::begin(&env, &["news", "--at", &at]);
    env.write("news/c.txt", STORY);
    watching.until_read(0, 0);
    watching.stop();
}

fn seconds_of_day() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() % 86_400
}

/// Writes when the work of an hour was last done.
fn set_last_hour(env: &TestEnv, time: i64) {
    let connection = rusqlite::Connection::open(env.path("out/.audio-report/manifest.db")).unwrap();
    let changed =
        connection.execute("UPDATE setting SET value = ?1 WHERE name = 'watched'", [time.to_string()]);
    assert_eq!(changed.unwrap(), 1);
    drop(connection);
    // The hash of the file as the program left it.
    fs::remove_file(env.path("out/.audio-report/manifest.sums")).unwrap();
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let env = TestEnv::new();
    env.write("news/a.txt", STORY);
    let rows: [(&[&str], &[&str]); 9] = [
        (&[], &["nothing to watch", "[[feeds]]"]),
        (&["missing"], &["there is no such folder", "missing"]),
        (&["https://a.example/news"], &["page on the web", "--feeds"]),
        (&["-"], &["standard input"]),
        (&["news/[a"], &["is no pattern"]),
        (&["news", "--at", "25:00"], &["hour of the day"]),
        (&["news", "--at", "06:00", "--every", "5m"], &["--every"]),
        (&["news", "--feeds", "none.toml"], &["none.toml"]),
        (&["news", "--voice", "nobody"], &["nobody"]),
    ];
    each(rows, |(more, words)| {
        let voice: &[&str] = if more.contains(&"--voice") { &[] } else { &["--voice", "tone"] };
        let run = env.run(&[&["watch", "-oout"], voice, more].concat());
        assert!(matches!(run.code, Some(2 | 3)), "{run}");
        assert!(words.iter().all(|word| run.stderr.contains(word)), "{words:?}\n{run}");
    });
    let run = env.run(&["watch", "--voice", "tone", "news", "--health", "no/such/folder/health.json"]);
    assert_eq!(run.code, Some(3), "{run}");
}

/// The files for services hold commands of this program.
#[test]
fn the_commands_of_services_are_right() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let mut commands: Vec<String> = Vec::new();
    for unit in ["audio-report-watch.service", "audio-report-daily.service", "audio-report-serve.service"] {
        let text = read(&format!("packaging/systemd/{unit}"));
        let lines = text.lines().filter(|line| line.starts_with("Exec"));
        let own = lines.filter_map(|line| line.split_once("=/usr/bin/audio-report "));
        commands.extend(own.map(|(_, command)| command.to_string()));
    }
    let cron = read("packaging/cron/audio-report");
    commands.extend(
        cron.lines()
            .filter_map(|line| line.split_once("  audio-report "))
            .map(|(_, command)| command.replace('"', "")),
    );
    // What the manual has to be written into units and shells.
    let manual = read("packaging/README.md");
    let lines = manual.lines().filter(|line| !line.starts_with('|'));
    let own = lines.filter_map(|line| line.split_once("audio-report serve ")).map(|(_, command)| command);
    commands.extend(own.map(|command| format!("serve {}", command.split(['#', ')']).next().unwrap())));
    let docker = read("packaging/docker/Dockerfile");
    let server = read("packaging/docker/serve.Dockerfile");
    for file in [&docker, &server] {
        let last = file.lines().last().unwrap().strip_prefix("CMD ").unwrap();
        let words: Vec<String> = serde_json::from_str(last).unwrap();
        commands.push(words.join(" "));
    }
    assert_eq!(commands.len(), 12, "{commands:?}");
    let env = TestEnv::new();
    each(commands, |command| {
        // With help wanted, all options before it are looked at, and nothing is done.
        let args: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        env.ok(&args);
    });
    let (_, features) = docker.split_once("--features \"").unwrap();
    let cargo: toml::Table = read("Cargo.toml").parse().unwrap();
    let (wanted, default) =
        (features.split_once('"').unwrap().0, cargo["features"]["default"].as_array().unwrap());
    let default: Vec<&str> =
        default.iter().map(|name| name.as_str().unwrap()).filter(|name| *name != "play").collect();
    assert_eq!(wanted.split(' ').collect::<Vec<_>>(), default, "all features but the loudspeaker");
    let (_, features) = server.split_once("--features \"").unwrap();
    for feature in features.split_once('"').unwrap().0.split(' ') {
        assert!(cargo["features"].get(feature).is_some(), "{feature}");
    }
}
