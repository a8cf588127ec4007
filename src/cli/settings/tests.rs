//! Tables of what settings files may hold, and of what counts more.

use std::collections::HashSet;
use std::path::Path;

use clap::Arg;
use clap::builder::PossibleValue;
use clap::parser::ValueSource;

use super::file::Problem;
use super::places::Level;
use super::*;
use crate::cli::args::Command;
use crate::cli::args::asked::Asked;
use crate::table_test::each;

/// Texts of which every option that wants one takes at least one. A new kind of option may need another.
const EXAMPLES: [&str; 14] = [
    "1",
    "en-US",
    "48000",
    "14d",
    "1G",
    "sentence=300",
    "mp3",
    "podcast",
    "06:00",
    "{title}",
    "confidence<0.8",
    "127.0.0.1:0",
    "https://news.example",
    "x",
];

fn read(level: Level, file: &str, text: &str) -> (Vec<Setting>, Vec<Problem>) {
    file::read(level, Path::new(file), text, &Cli::command())
}

/// The settings of a user's and a project's file.
fn settings(user: &str, project: &str) -> Settings {
    let mut settings = Settings::default();
    for (level, name, text) in
        [(Level::User, "user/a.toml", user), (Level::Project, "project/a.toml", project)]
    {
        let (found, problems) = read(level, name, text);
        assert_eq!(problems, [], "{text}");
        settings.add(found);
    }
    settings
}

fn argv(typed: &str) -> Vec<OsString> {
    format!("audio-report {typed}").split(' ').map(OsString::from).collect()
}

fn parsed(settings: &Settings, typed: &str) -> Cli {
    let mut parsed = apply::matches(Cli::command, settings, &argv(typed)).unwrap();
    Cli::from_arg_matches_mut(&mut parsed.matches).unwrap()
}

/// A value in TOML that an option takes.
fn example(arg: &Arg, key: &str) -> String {
    if keys::is_switch(arg) {
        return "true".to_owned();
    }
    let known = arg.get_possible_values();
    let known = known.iter().map(PossibleValue::get_name);
    let takes = |text: &&str| {
        let toml = format!("x = \"{text}\"");
        let table = toml::de::DeTable::parse(&toml).unwrap();
        let value = table.get_ref().values().next().unwrap();
        keys::values(arg, key, value.get_ref(), Path::new("")).is_ok_and(|values| !values.is_empty())
    };
    let text = known.chain(EXAMPLES).find(takes);
    let text = text.unwrap_or_else(|| panic!("no example is good for `{key}`: add one to EXAMPLES"));
    if keys::is_list(arg) { format!("[\"{text}\"]") } else { format!("\"{text}\"") }
}

#[test]
fn every_option_of_every_command_can_be_set() {
    let root = Cli::command();
    let leaves = keys::leaves(&root, "");
    assert!(leaves.len() >= 15, "{leaves:?}");
    let mut count = 0;
    each(leaves, |(leaf, command)| {
        let mut text = format!("[{}]\n", keys::table(&leaf));
        let mut keys_of = HashSet::new();
        for (key, arg) in keys::options(command) {
            text.push_str(&format!("{key} = {}\n", example(arg, key)));
            keys_of.insert(key.to_owned());
        }
        let settings = settings("", &text);
        let set: HashSet<String> = settings.values.keys().map(|(_, key)| key.clone()).collect();
        assert_eq!(set, keys_of, "{text}");
        count += set.len();
        // Every long option is a setting, but for those that are told here.
        let left_out: Vec<&str> = command
            .get_arguments()
            .filter_map(Arg::get_long)
            .filter(|long| !keys_of.contains(*long) && !["help", "version"].contains(long))
            .collect();
        let once: &[&str] = if ["digest", "lexicon say", "podcast cover", "store export"].contains(&&*leaf) {
            &["output"]
        } else {
            &[]
        };
        assert_eq!(left_out, once, "{leaf}");
        // What is set becomes the option's value, unless two settings contradict each other.
        let mut typed = argv(&leaf);
        let positionals = command.get_positionals().filter(|arg| arg.is_required_set());
        // What is a key is also a name.
        typed.extend(positionals.map(|_| OsString::from("0".repeat(64))));
        let required = command.get_opts().filter(|arg| arg.is_required_set()).filter_map(Arg::get_long);
        typed.extend(required.map(|long| OsString::from(format!("--{long}=x"))));
        let parsed = apply::matches(Cli::command, &settings, &typed).unwrap();
        let mut matches = &parsed.matches;
        while let Some((_, inner)) = matches.subcommand() {
            matches = inner;
        }
        for (key, arg) in keys::options(command) {
            let at = (leaf.clone(), key.to_owned());
            let id = arg.get_id().as_str();
            let has_variable = matches.value_source(id) == Some(ValueSource::EnvVariable);
            if key == keys::FEEDS || has_variable || parsed.passed_over.contains(&at) {
                continue;
            }
            let values: Vec<_> = matches.get_raw(id).unwrap().map(ToOwned::to_owned).collect();
            assert_eq!(values, settings.get(&leaf, key).unwrap().values, "{leaf} {key}");
        }
        let mut passed_over: Vec<&str> = parsed.passed_over.iter().map(|(_, key)| key.as_str()).collect();
        passed_over.sort_unstable();
        let contradicted: &[&str] = match &*leaf {
            "explain" => &["json"],
            "batch" | "feed" => &["events"],
            "watch" => &["at", "events"],
            "approve" => &["all"],
            _ => &[],
        };
        assert_eq!(passed_over, contradicted, "{leaf}");
    });
    assert!(count > 150, "only {count} settings");
}

#[test]
fn what_counts_more_replaces_the_rest() {
    /// The user's file, the project's, what is typed; the speed, the lexicons, and whether it is quiet.
    type Row<'a> = (&'a str, &'a str, &'a str, f32, &'a [&'a str], bool);
    let batch = "batch news --voice tone";
    let rows: [Row<'_>; 14] = [
        ("", "", "", 1.0, &[], false),
        ("speed = 1.5\nquiet = true", "", "", 1.5, &[], true),
        ("speed = 1.5", "speed = 1.2", "", 1.2, &[], false),
        ("speed = 1.5", "speed = 1.2", " --speed 2", 2.0, &[], false),
        ("speed = 1.5\n[batch]\nspeed = 0.8", "", "", 0.8, &[], false),
        ("[batch]\nspeed = 0.8", "speed = 1.2", "", 1.2, &[], false),
        ("[play]\nspeed = 0.8", "[read]\nspeed = 0.9", "", 1.0, &[], false),
        ("lexicon = [\"a\"]", "", "", 1.0, &["user/a"], false),
        ("lexicon = [\"a\", \"b\"]", "lexicon = \"c\"", "", 1.0, &["project/c"], false),
        ("lexicon = [\"a\"]", "lexicon = []", "", 1.0, &[], false),
        ("lexicon = [\"a\"]", "", " --lexicon d --lexicon e", 1.0, &["d", "e"], false),
        ("lexicon = [\"a\"]", "", " --lexicon= --speed=", 1.0, &[], false),
        ("quiet = true", "", " --quiet=false", 1.0, &[], false),
        ("quiet = false", "", " -q", 1.0, &[], true),
    ];
    each(rows, |(user, project, typed, speed, lexicons, is_quiet)| {
        let cli = parsed(&settings(user, project), &format!("{batch}{typed}"));
        let Command::Batch(Asked(args)) = cli.command else { panic!("another command") };
        assert!(
            (args.making.speech.voice.speed.factor() - speed).abs() < 1e-6,
            "{:?}",
            args.making.speech.voice.speed
        );
        let lexicons: Vec<_> = lexicons.iter().map(std::path::PathBuf::from).collect();
        assert_eq!(args.making.speech.words.lexicons, lexicons, "{user} {project} {typed}");
        assert_eq!(args.making.quiet, is_quiet, "{user} {project} {typed}");
    });
}

#[test]
fn a_typed_option_passes_over_a_setting_that_contradicts_it() {
    let rows = [
        ("json = true", "explain a --stage article", (true, false)),
        ("json = true", "explain a", (false, false)),
        ("json = true", "explain a --stage article --jsonl", (false, true)),
        // Of two settings that contradict each other, the first of the command stays.
        ("[explain]\njson = true\njsonl = true\nstage = \"article\"", "explain a", (false, true)),
        ("[explain]\njsonl = true", "explain a --stage article --json", (true, false)),
        ("[explain]\njson = true\nstage = \"article\"", "explain a", (true, false)),
    ];
    each(rows, |(text, typed, want)| {
        let cli = parsed(&settings(text, ""), typed);
        let Command::Explain(Asked(args)) = cli.command else { panic!("another command") };
        assert_eq!((args.json, args.jsonl), want, "{text} {typed}");
    });
}

#[test]
fn an_option_that_may_be_bare_is_on_off_or_a_value() {
    let day = Some(Path::new("day.mp3"));
    let rows = [
        ("digest = true", "", "batch a", Some(None)),
        ("digest = true", "digest = false", "batch a", None),
        ("digest = \"day.mp3\"", "", "batch a", Some(day)),
        ("digest = \"day.mp3\"", "", "batch a --digest", Some(None)),
        ("digest = true", "", "batch a --digest=day.mp3", Some(day)),
        ("", "digest = true", "batch a --digest=false", None),
        ("", "", "batch a", None),
    ];
    each(rows, |(user, project, typed, want)| {
        let Command::Batch(Asked(args)) = parsed(&settings(user, project), typed).command else {
            panic!("another command")
        };
        assert_eq!(args.making.digest.wanted(), want, "{user} {project} {typed}");
    });
}

#[test]
fn a_list_of_feeds_is_for_a_run_that_names_none() {
    let settings = settings("", "[[feeds]]\nurl = \"https://a.example\"\n[feed]\nmax = 3\n");
    for (typed, want) in
        [("feed", Some("project/a.toml")), ("feed b.xml", None), ("feed --feeds c", Some("c"))]
    {
        let Command::Feed(Asked(args)) = parsed(&settings, typed).command else { panic!("another command") };
        assert_eq!(args.wanted.feeds.as_deref(), want.map(Path::new), "{typed}");
        assert_eq!(args.wanted.max, 3, "{typed}");
    }
}

#[test]
fn paths_are_those_of_the_file_that_names_them() {
    let text =
        "output = \"out\"\nintro = \"a/b.wav\"\nbed = \"/c.wav\"\nauth-file = \"~/d.toml\"\ncover = \"\"\n";
    let settings = settings("", text);
    let of = |command: &str, key: &str| -> Vec<String> {
        let setting = settings.get(command, key).unwrap();
        setting.values.iter().map(|value| value.to_string_lossy().into_owned()).collect()
    };
    let home = std::env::home_dir().unwrap().join("d.toml").to_string_lossy().into_owned();
    let rows = [
        ("batch", "output", "project/out"),
        // What could be a file is a folder, for every run would write over it.
        ("read", "output", "project/out/"),
        ("status", "output", "project/out"),
        ("withdraw", "output", "project/out"),
        ("read", "intro", "project/a/b.wav"),
        ("feed", "bed", "/c.wav"),
        ("batch", "auth-file", &home),
    ];
    each(rows, |(command, key, want)| assert_eq!(of(command, key), [want], "{command} {key}"));
    assert!(of("read", "cover").is_empty());
    assert!(
        settings.get("lexicon say", "output").is_none() && settings.get("podcast cover", "output").is_none()
    );
}

#[test]
fn wrong_files_are_told_with_place_and_cure() {
    let rows = [
        ("voise = \"x\"", 1, 1, "no setting `voise`", "`voice`"),
        ("\n  cache_size = 3", 2, 3, "no setting `cache_size`", "`cache-size`"),
        ("[bacth]\nx = 1", 1, 2, "no table `bacth`", "[batch]"),
        ("[podcast-mak]\ntitle = \"x\"", 1, 2, "no table `podcast-mak`", "[podcast-make]"),
        ("[podcast.make]\ntitle = \"x\"", 1, 2, "`podcast` is several commands", "[podcast-make]"),
        ("[speed]\nx = 1", 1, 2, "no table `speed`", "speed = …"),
        ("[adresses]\nproxy = \"x\"", 1, 2, "no table `adresses`", "[addresses]"),
        ("[addresses]\nspeed = 1", 2, 1, "no setting `speed` in [addresses]", "[read]"),
        ("[play]\nformat = \"mp3\"", 2, 1, "no setting `format` in [play]", "[read], [batch], [feed]"),
        ("[lexicon-say]\noutput = \"x\"", 2, 1, "`output` is for the command line alone", "remove"),
        ("no-config = true", 1, 1, "`no-config` is for the command line alone", "remove"),
        ("[completions]\n", 1, 2, "`completions` has no settings", "remove"),
        ("zzzzz = 1", 1, 1, "no setting `zzzzz`", "config show"),
        ("password = \"x\"", 1, 1, "no secrets", "auth-file"),
        ("[[feed]]\nurl = \"x\"", 1, 3, "`feed` is no list", "[[feeds]]"),
        ("quiet = \"true\"", 1, 9, "`quiet` can't be the text “true”", "quiet = true or quiet = false"),
        ("quiet = 1", 1, 9, "`quiet` can't be the number 1", "without quotes"),
        ("voice = 3", 1, 9, "`voice` can't be the number 3", "voice = \"NAME\""),
        ("voice = [\"a\"]", 1, 9, "`voice` can't be a list", "a text in quotes"),
        ("lexicon = [3]", 1, 11, "`lexicon` can't be a list", "lexicon = [\"FILE\"]"),
        ("speed = true", 1, 9, "`speed` can't be true", "speed = \"FACTOR\""),
        ("speed = 9", 1, 9, "`speed` can't be “9”", "from 0.5 to 2"),
        ("[read]\nspeed = { a = 1 }", 2, 9, "`speed` can't be a table", "FACTOR"),
        ("preset = \"podcas\"", 1, 10, "`preset` can't be “podcas”", "did you mean “podcast”"),
        ("captions = [\"vtt\", \"xyz\"]", 1, 12, "`captions` can't be “xyz”", "vtt, srt, json"),
        ("[feed]\nmax = \"many\"", 2, 7, "`max` can't be “many”", "a whole number"),
        ("language = \"de\"", 1, 12, "`language` can't be “de” for `read`", "in the tables of the commands"),
        ("voice = ", 1, 9, "", "config --help"),
        ("a = 1\na = 2", 2, 1, "duplicate key", "config --help"),
    ];
    each(rows, |(text, line, column, what, cure)| {
        let (_, problems) = read(Level::User, "a.toml", text);
        let [problem] = &*problems else { panic!("{text}: {problems:?}") };
        assert_eq!((problem.line, problem.column), (line, column), "{text}: {problem:?}");
        assert!(problem.what.contains(what) && problem.cure.contains(cure), "{text}: {problem:?}");
    });
}

#[test]
fn numbers_and_truths_stand_as_toml_writes_them() {
    let rows = [
        ("rate = 48_000", "rate", "48000"),
        ("rate = 0xBB80", "rate", "48000"),
        ("loudness = -19.5", "loudness", "-19.5"),
        ("loudness = \"podcast\"", "loudness", "podcast"),
        ("jobs = 2", "jobs", "2"),
        ("bits = 24", "bits", "24"),
        ("cache-size = 1_000", "cache-size", "1000"),
        ("[kept-sound]\ncache-size = \"2G\"", "cache-size", "2G"),
        ("page = true", "page", "true"),
        ("language = \"EN\"", "language", "EN"),
        ("announce-before = \"\"", "announce-before", ""),
    ];
    each(rows, |(text, key, want)| {
        let settings = settings(text, "");
        assert_eq!(settings.get("batch", key).unwrap().values, [want], "{text}");
        parsed(&settings, "batch news");
    });
    let settings = settings("[podcast-make]\nexplicit = true", "");
    assert_eq!(settings.get("podcast make", "explicit").unwrap().values, ["true"]);
}

proptest::proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(text in "([a-z-]{1,8}( = |\\.)|\\[+|\\]+|\"|[0-9]|true|voice = |feeds|\n|\\PC){0,24}") {
        let (settings, problems) = read(Level::User, "a.toml", &text);
        let lines = text.lines().count().max(1) + 1;
        assert!(problems.iter().all(|problem| problem.line <= lines && !problem.cure.is_empty()));
        assert!(settings.iter().all(|setting| setting.line <= lines));
    }
}
