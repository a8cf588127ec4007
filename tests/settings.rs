//! Settings files: the user's, the project's and a named one, what counts more, what is told of them.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;

use common::{Run, STORY, TestEnv, each};
use serde_json::Value;

/// Writes the user's file.
fn user(env: &TestEnv, text: &str) {
    fs::write(env.data("audio-report.toml"), text).unwrap();
}

/// What `config show` says of a setting.
#[track_caller]
fn shown(run: &Run, key: &str) -> Value {
    let rows = run.json_lines();
    let row = rows.into_iter().find(|row| row["key"] == key);
    row.unwrap_or_else(|| panic!("`{key}` is not shown\n{run}"))
}

#[test]
fn flags_count_over_environment_over_project_over_user_over_defaults() {
    let sized = |text: &str| (!text.is_empty()).then(|| format!("cache-size = \"{text}\"\n"));
    // The user's file, the project's, the environment, what is typed; the value and its origin.
    let rows = [
        ("", "", "", "", "4G", "default"),
        ("1G", "", "", "", "1G", "user"),
        ("1G", "2G", "", "", "2G", "project"),
        ("1G", "2G", "3G", "", "3G", "environment"),
        ("1G", "2G", "3G", "5G", "5G", "flag"),
        ("1G", "", "3G", "", "3G", "environment"),
        ("1G", "", "", "5G", "5G", "flag"),
        ("", "2G", "3G", "5G", "5G", "flag"),
    ];
    each(rows, |(of_user, of_project, of_environment, typed, value, origin)| {
        let env = TestEnv::new();
        if let Some(text) = sized(of_user) {
            user(&env, &format!("# the user's\n{text}"));
        }
        if let Some(text) = sized(of_project) {
            env.write("audio-report.toml", text);
        }
        let typed = if typed.is_empty() { String::new() } else { format!("--cache-size={typed}") };
        let args = ["config", "show", "batch", "--json", "--", &typed];
        let mut command = env.command(if typed.is_empty() { &args[..4] } else { &args });
        if !of_environment.is_empty() {
            command.env("AUDIO_REPORT_CACHE_SIZE", of_environment);
        }
        let run = Run::of(command).expect(0);
        let row = shown(&run, "cache-size");
        assert_eq!((row["value"].as_str(), row["origin"].as_str()), (Some(value), Some(origin)), "{run}");
        match origin {
            "user" => {
                assert_eq!(row["line"], 2, "{row}");
                assert_eq!(row["file"], env.data("audio-report.toml").to_str().unwrap(), "{row}");
            }
            "project" => assert_eq!((&row["file"], &row["line"]), (&"audio-report.toml".into(), &1.into())),
            "environment" => assert_eq!(row["variable"], "AUDIO_REPORT_CACHE_SIZE", "{row}"),
            _ => {}
        }
    });
}

#[test]
fn a_run_does_what_the_files_say_and_what_is_typed_counts_more() {
    let env = TestEnv::new();
    env.write("news/story.txt", STORY);
    user(&env, "voice = \"tone\"\ncaptions = [\"srt\"]\n");
    env.write("audio-report.toml", "output = \"reports\"\n[batch]\ncaptions = [\"vtt\"]\nquiet = true\n");
    env.ok(&["batch", "news"]).silent();
    env.ok(&["read", "news/story.txt", "--format", "flac"]);
    // `status` looks where `batch` writes.
    let status = env.ok(&["status"]);
    assert!(status.stdout.contains("1 report published"), "{status}");
    let loud = env.ok(&["batch", "news", "-o", "other", "--captions=", "--quiet=false"]);
    assert!(loud.stdout.contains("1 article read"), "{loud}");
    let want = [
        "audio-report.toml",
        "news/story.txt",
        "other/story.wav",
        "reports/story.flac",
        "reports/story.srt",
        "reports/story.vtt",
        "reports/story.wav",
    ];
    assert_eq!(env.files(), want);
}

#[test]
fn the_nearest_file_up_to_the_repository_is_the_projects() {
    let env = TestEnv::new();
    env.write("audio-report.toml", "[batch]\nnice = true\n");
    env.write("desk/sport/a.txt", STORY);
    let nice = |folder: &str| {
        let mut command = env.command(&["config", "show", "batch", "--json"]);
        command.current_dir(env.path(folder));
        shown(&Run::of(command).expect(0), "nice")
    };
    assert_eq!(nice("desk/sport")["value"], true);
    let file = nice("desk/sport")["file"].as_str().unwrap().to_owned();
    assert_eq!(fs::canonicalize(file).unwrap(), fs::canonicalize(env.path("audio-report.toml")).unwrap());
    env.write("desk/audio-report.toml", "[batch]\nnice = false\n");
    assert_eq!(nice("desk/sport")["value"], false);
    fs::remove_file(env.path("desk/audio-report.toml")).unwrap();
    // A repository within ends the search.
    fs::create_dir(env.path("desk/.git")).unwrap();
    assert_eq!(nice("desk/sport")["origin"], "default");
}

#[test]
fn one_file_can_be_named_and_none_be_wanted() {
    let env = TestEnv::new();
    user(&env, "speed = 1.5\n");
    env.write("audio-report.toml", "nice = true\n");
    env.write("own/other.toml", "output = \"out\"\n");
    let show = |options: &[&str]| env.ok(&[&["config", "show", "batch", "--json"], options].concat());
    let run = show(&["--config", "own/other.toml"]);
    assert_eq!(shown(&run, "output")["value"], "own/out");
    assert_eq!(shown(&run, "output")["origin"], "named");
    for run in [run, show(&["--no-config"])] {
        assert_eq!(
            (&shown(&run, "speed")["value"], &shown(&run, "nice")["value"]),
            (&1.into(), &false.into())
        );
    }
    env.refused(&["batch", "x", "--config", "gone.toml"], 3, &["no such settings file", "gone.toml"]);
    env.refused(&["batch", "x", "--config", "a", "--no-config"], 2, &["cannot be used with"]);
    let run = env.ok(&["config", "path"]);
    let places: Vec<&str> = run.stdout.lines().collect();
    assert!(places[0].starts_with("user     ") && places[0].ends_with("audio-report.toml"), "{run}");
    assert_eq!(places[1], "project  audio-report.toml", "{run}");
}

#[test]
fn a_wrong_file_stops_every_command_but_those_that_mend_it() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("audio-report.toml", "\nvoise = \"tone\"\n[play]\nspeed = 9\n");
    let words =
        ["there is no setting `voise`", "audio-report.toml:2:1", "did you mean `voice`?", "all 2 problems"];
    for args in [&["read", "story.txt"][..], &["voices", "path"], &["config", "show"], &["status"]] {
        env.refused(args, 2, &words);
    }
    for args in
        [&["read", "--help"][..], &["--version"], &["config", "path"], &["completions", "bash"], &["man"]]
    {
        env.ok(args);
    }
    // What is wrong on the command line is told first.
    env.refused(&["read", "story.txt", "--nope"], 2, &["--nope"]);
    env.ok(&["explain", "story.txt", "--no-config"]);
    let run = env.run(&["config", "check"]).expect(3);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{run}");
    assert!(lines[0].starts_with("audio-report.toml:2:1: there is no setting `voise`"), "{run}");
    assert!(lines[1].starts_with("audio-report.toml:4:9: `speed` can't be “9”"), "{run}");
    assert_eq!(lines[2], "audio-report.toml: 0 settings, 2 problems");
}

#[test]
fn check_finds_files_that_are_not_there_and_lists_that_are_wrong() {
    let env = TestEnv::new();
    env.write("names.toml", "[words]\n");
    env.write("good.toml", "lexicon = [\"names.toml\"]\nproxy = \"env\"\n");
    env.write("gone.toml", "lexicon = [\"names.toml\", \"lost.toml\"]\n[batch]\nintro = \"jingle.wav\"\n");
    env.write("feeds.toml", "[[feeds]]\nurl = \"a.xml\"\n[[feeds]]\nmax = 3\n");
    env.write("voice.toml", "voice = \"fast_hart\"\n");
    env.write("show.toml", "[podcast-make]\nbase-url = \"paper.example/podcast\"\n");
    let good = env.ok(&["config", "check", "good.toml"]);
    assert_eq!(good.stdout, "good.toml: 2 settings, 0 problems\n");
    let rows = [
        ("gone.toml", "gone.toml:1:1: `lexicon` names lost.toml, which is not there", 2),
        (
            "voice.toml",
            "voice.toml:1:1: `voice` can't be “fast_hart”: there is no voice named “fast_hart”",
            1,
        ),
        ("show.toml", "show.toml:2:1: `base-url` can't be “paper.example/podcast”: ", 1),
        ("gone.toml", "gone.toml:3:1: `intro` names jingle.wav, which is not there", 2),
        (
            "feeds.toml",
            "feeds.toml:1:1: the list of feeds in feeds.toml is wrong: a feed of the list has no url",
            1,
        ),
    ];
    each(rows, |(file, line, problems)| {
        let run = env.run(&["config", "check", file]).expect(3);
        assert!(run.stdout.contains(line), "{run}");
        assert!(
            run.stdout.ends_with(&format!(" {problems} problem{}\n", if problems > 1 { "s" } else { "" })),
            "{run}"
        );
    });
    env.run(&["config", "check", "good.toml", "gone.toml"]).expect(1);
    let none = env.ok(&["config", "check"]);
    assert!(none.stdout.contains("no settings file"), "{none}");
}

#[test]
fn feeds_of_the_settings_are_read_when_none_is_named() {
    let feed = |title: &str| {
        let text = "the port reopened after the storm and ships came back ".repeat(40);
        format!(
            "<rss version=\"2.0\"><channel><title>News</title><item><title>{title}</title><guid>{title}</guid>\
             <description>The mayor said that {text}.</description></item></channel></rss>"
        )
    };
    let env = TestEnv::new();
    env.write("feeds/a.xml", feed("Harbour"));
    env.write("b.xml", feed("Bridge"));
    env.write(
        "audio-report.toml",
        "voice = \"tone\"\n[[feeds]]\nurl = \"feeds/a.xml\"\n[feed]\ntext = \"feed\"\n",
    );
    let names = |folder: &str| {
        let prefix = format!("{folder}/");
        env.files().into_iter().filter(|file| file.starts_with(&prefix)).collect::<Vec<_>>()
    };
    env.ok(&["feed", "-o", "all"]);
    assert_eq!(names("all"), ["all/harbour.wav"]);
    env.ok(&["feed", "b.xml", "-o", "one"]);
    assert_eq!(names("one"), ["one/bridge.wav"]);
    env.refused(&["feed", "--no-config"], 2, &["no feed is named", "[[feeds]]"]);
}

#[test]
fn what_show_prints_is_a_settings_file_that_sets_the_same() {
    let env = TestEnv::new();
    let text = "voice = \"tone\"\nspeed = 1.25\nlexicon = [\"a.toml\"]\nloudness = -19.5\nannounce-after = \"“{title}”: \\\"done\\\".\"\n\
                [batch]\noutput = \"reports\"\npauses = \"sentence=300\"\n[podcast-make]\ntitle = \"Harbour\"\nexplicit = false\n";
    env.write("audio-report.toml", text);
    let rows = |args: &[&str]| -> Vec<(String, String, Value)> {
        let run = env.ok(&[&["config", "show", "--json"], args].concat());
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        run.json_lines()
            .into_iter()
            .map(|row| (text(&row, "command"), text(&row, "key"), row["value"].clone()))
            .collect()
    };
    let before = rows(&[]);
    assert!(before.len() > 150, "{} settings", before.len());
    env.write("shown.toml", env.ok(&["config", "show"]).stdout);
    env.ok(&["config", "check", "--no-config"]);
    assert_eq!(rows(&["--config", "shown.toml"]), before);
    // A command alone is shown as a table.
    let one = env.ok(&["config", "show", "podcast", "make"]).stdout;
    assert!(one.starts_with("[podcast-make]\n") && one.contains("title = \"Harbour\""), "{one}");
    env.refused(&["config", "show", "bacth"], 2, &["`bacth` is no command", "`batch`"]);
    env.refused(&["config", "show", "batch", "--", "--nope"], 2, &["--nope"]);
}

#[test]
fn the_examples_of_the_manual_are_settings_files() {
    let env = TestEnv::new();
    for name in ["names.toml", "sign-ins.toml", "jingle.wav"] {
        env.write(name, "");
    }
    fs::copy(env.path("sign-ins.toml"), env.path("../home/sign-ins.toml")).unwrap();
    let readme = include_str!("../README.md");
    let (_, after) = readme.split_once("## Settings\n").unwrap();
    let (section, _) = after.split_once("\n## ").unwrap();
    let help = env.ok(&["config", "--help"]).stdout;
    for (name, text) in [("readme.toml", section), ("help.toml", &*help)] {
        let (_, example) = text.split_once("\n\n").unwrap();
        let indented = |line: &&str| line.starts_with("  ") || line.is_empty();
        let example: Vec<&str> = example
            .lines()
            .skip_while(|line| !line.trim_start().starts_with("voice = "))
            .take_while(indented)
            .collect();
        env.write(name, example.join("\n"));
        let run = env.ok(&["config", "check", name]);
        assert!(run.stdout.contains("settings, 0 problems"), "{run}");
        let settings: usize =
            run.stdout.split_once(": ").unwrap().1.split_once(' ').unwrap().0.parse().unwrap();
        assert!(settings >= 6, "{run}");
    }
}
