//! All reports of a day in one programme: what is spoken for it, when it is made again, and what belongs to it.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::sound::{Sound, silence};
use common::voice::home_of_fast;
use common::{Run, TestEnv, assert_chapters_are_reports, number};
use serde_json::Value;

use crate::morning::{newsroom, results, text};

/// What `--json` tells of a digest.
fn digest(run: &Run) -> Value {
    let lines = run.json_lines();
    lines.into_iter().find(|line| line["event"] == "digest").unwrap_or_else(|| panic!("no digest\n{run}"))
}

const DAY: [&str; 8] =
    ["batch", "--voice", "tone", "--format=mp3", "-o", "out", "--digest=today.mp3", "news"];

#[test]
fn a_digest_joins_the_day_and_speaks_no_story_twice() {
    let env = newsroom(3);
    env.write("chime.txt", "Ding.\n");
    env.ok(&["read", "--voice", "tone", "-o", "jingle.wav", "chime.txt"]);
    let args = [&DAY[..], &["--captions", "vtt,srt", "--chapters", "--jingle", "jingle.wav"]].concat();
    let run = env.ok(&args);
    assert!(run.stdout.contains("out/today.mp3: 3 stories, "), "{run}");
    // All that is spoken for it is the rundown: the stories are there.
    let line = run.stdout.lines().find(|line| line.starts_with("out/today.mp3")).unwrap();
    assert!(line.contains("; 1 chunk spoken, "), "{run}");

    // A chapter for the rundown and one a story, in the file and beside it.
    let chapters: Value = serde_json::from_slice(&env.bytes("out/today.chapters.json")).unwrap();
    let titles: Vec<&str> = chapters["chapters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chapter| chapter["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Today", "Harbour 1 reopens", "Harbour 2 reopens", "Harbour 3 reopens"], "{run}");
    let inspected = env.ok(&["inspect", "--json", "out/today.mp3"]);
    for title in &titles {
        assert!(inspected.stdout.contains(title), "{title}\n{inspected}");
    }
    let vtt = String::from_utf8(env.bytes("out/today.vtt")).unwrap();
    assert!(vtt.contains("Today") && vtt.contains("Harbour"), "{vtt}");
    let cues: Vec<&str> = vtt.lines().filter(|line| line.contains(" --> ")).collect();
    let mut sorted = cues.clone();
    sorted.sort_unstable();
    assert_eq!(cues, sorted, "the cues are in order");
    assert!(cues.len() > 10, "{vtt}");
    let srt = String::from_utf8(env.bytes("out/today.srt")).unwrap();
    let numbers: Vec<usize> =
        srt.split("\n\n").map(|cue| cue.lines().next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{srt}");
    let seconds = number(chapters["chapters"].as_array().unwrap().last().unwrap(), "endTime");
    // It is as long as its parts and what stands between, and as loud as it should be.
    let status = env.ok(&["status", "out", "--json"]);
    let facts = |line: &Value| line["facts"].clone();
    let (day, parts): (Vec<Value>, Vec<Value>) = status
        .json_lines()
        .into_iter()
        .partition(|line: &Value| line["source"].as_str().unwrap().starts_with("digest:"));
    assert_eq!((day.len(), parts.len()), (1, 3), "{status}");
    let day = facts(&day[0]);
    assert!((number(&day, "seconds") - seconds).abs() < 0.01, "{seconds}\n{status}");
    let of_parts: f64 = parts.iter().map(|part| number(&facts(part), "seconds")).sum();
    assert!(seconds > of_parts + 3.0, "{seconds} {of_parts}\n{status}");
    assert!((number(&day["loudness"], "lufs_two_loudspeakers") + 16.0).abs() < 0.3, "{status}");

    // Nothing has changed: it is not made again. A corrected story makes it again, and speaks its edited sentence only.
    let before = env.bytes("out/today.mp3");
    let run = env.ok(&[&args[..], &["--json"]].concat());
    assert_eq!(digest(&run)["is_new"], false, "{run}");
    env.write("news/02.txt", text(2).replacen("quiet", "busy", 1));
    let run = env.ok(&[&args[..], &["--json"]].concat());
    assert_eq!(
        (&digest(&run)["is_new"], digest(&run)["stories"].as_array().unwrap().len()),
        (&true.into(), 3),
        "{run}"
    );
    assert!(env.bytes("out/today.mp3") != before);

    // A story that is taken back takes the digest with it, and the next one does not tell it.
    env.ok(&["withdraw", "../news/02.txt", "-o", "out"]);
    assert!(!env.files().iter().any(|name| name.contains("today")), "{:?}", env.files());
    let run = env.ok(&[&args[..], &["--json"]].concat());
    assert_eq!(
        digest(&run)["stories"],
        serde_json::json!(["Harbour 1 reopens", "Harbour 3 reopens"]),
        "{run}"
    );
    assert!(env.files().contains(&"out/today.mp3".to_string()));
}

#[test]
fn a_digest_is_made_of_a_folder_wherever_its_articles_are() {
    let env = newsroom(2);
    env.ok(&["batch", "--voice", "tone", "--format=flac", "-o", "out", "news"]);
    std::fs::remove_dir_all(env.path("news")).unwrap();
    let run = env.ok(&["digest", "--voice", "tone", "out", "-o", "out/day.flac"]);
    assert!(run.stdout.contains("out/day.flac: 2 stories") && run.stdout.contains("1 chunk spoken"), "{run}");
    assert!(!run.stdout.contains("finished files"), "{run}");
    let status = env.run(&["status", "out"]).expect(0);
    assert!(status.stdout.contains("3 reports published, 0 failed"), "{status}");
    // Where the text is kept no more, the finished file has the sound.
    let database = env.path("out/.audio-report/manifest.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection.execute("DELETE FROM story", []).unwrap();
    drop(connection);
    std::fs::remove_file(env.path("out/.audio-report/manifest.sums")).unwrap();
    let run = env.ok(&["digest", "--voice", "tone", "out", "-o", "out/day.flac", "--speed", "1.1"]);
    assert!(run.stdout.contains("2 reports taken from finished files"), "{run}");
    // Without a name it has that of the day.
    env.ok(&["digest", "--voice", "tone", "out", "--quiet"]).silent();
    let names = env.files();
    assert!(names.iter().any(|name| name.starts_with("out/digest-20") && name.contains(".wav")), "{names:?}");
}

#[test]
fn a_digest_says_the_stories_of_a_feed_as_its_list_does() {
    let env = newsroom(1);
    let text = "The port of Zorvinelk reopened on Monday, and ships came back at noon. ".repeat(30);
    let item = |guid: u8| {
        format!(
            "<item><guid>{guid}</guid><title>Port {guid} reopens</title><description>{text}</description></item>"
        )
    };
    for (name, guid) in [("plain", 1), ("own", 2)] {
        env.write(
            &format!("{name}.xml"),
            format!("<rss version=\"2.0\"><channel><title>Coast</title>{}</channel></rss>", item(guid)),
        );
    }
    env.write("own.toml", "[words]\nZorvinelk = \"ZOR-vih-nelk\"\n");
    env.write(
        "feeds.toml",
        "[[feed]]\nurl = \"plain.xml\"\n[[feed]]\nurl = \"own.xml\"\nspeed = 1.5\nlexicon = \"own.toml\"\n",
    );
    let feed = [
        "feed",
        "--feeds",
        "feeds.toml",
        "--text=feed",
        "--voice",
        "tone",
        "-o",
        "out",
        "--digest=day.wav",
        "--chapters",
    ];
    let run = env.ok(&feed);
    let line = run.stdout.lines().find(|line| line.starts_with("out/day.wav")).unwrap();
    assert!(line.contains("2 stories") && line.contains("; 1 chunk spoken, "), "{run}");
    let names = results(&env);
    let mut reports = names.iter().filter_map(|name| name.strip_suffix(".wav")).filter(|name| *name != "day");
    let reports: [&str; 2] = std::array::from_fn(|_| reports.next().unwrap());
    assert!(reports[0].contains("port-1") && reports[1].contains("port-2"), "{names:?}");
    let seconds = reports.map(|name| Sound::read(&env.bytes(&format!("out/{name}.wav"))).seconds());
    assert!((1.3..1.7).contains(&(seconds[0] / seconds[1])), "{seconds:?}");
    assert_chapters_are_reports(&env, "day", &[(1, reports[0]), (2, reports[1])]);
}

#[test]
fn a_digest_in_a_real_voice_is_whole() {
    let Some(env) = home_of_fast("a digest in a real voice") else { return };
    let stories = [
        ("Port reopens", "The port reopened on Monday. Ships came back at noon."),
        ("Ferry returns", "The ferry is back after a storm."),
    ];
    for (number, (title, text)) in stories.iter().enumerate() {
        env.write(&format!("news/{}.txt", number + 1), format!("{title}\n\n{text}\n"));
    }
    let voice = ["--voice", "fast_heart", "--offline"];
    env.ok(&[&["batch", "news", "-j", "1", "-o", "out"], &voice[..]].concat());
    let args = ["digest", "out", "-o", "out/day.wav", "--chapters", "--captions", "json"];
    let run = env.ok(&[&args[..], &voice].concat());
    assert!(run.stdout.contains("2 stories") && run.stdout.contains("; 1 chunk spoken, "), "{run}");
    assert_chapters_are_reports(&env, "day", &[(1, "1"), (2, "2")]);
    let day = Sound::read(&env.bytes("out/day.wav"));
    let chapters: Value = serde_json::from_slice(&env.bytes("out/day.chapters.json")).unwrap();
    let chapters = chapters["chapters"].as_array().unwrap();
    let titles: Vec<&str> = chapters.iter().map(|chapter| chapter["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Today", "Port reopens", "Ferry returns"]);
    let (mut end, mut spoken) = (0.0, 0.0);
    for (number, chapter) in chapters.iter().enumerate() {
        let [start, until] = ["startTime", "endTime"].map(|key| common::number(chapter, key));
        assert!((start - end).abs() < 1e-6, "a gap before {chapter}");
        end = until;
        let sound = day.part(start, until);
        // The silence before the next story belongs to the chapter.
        let rest = if number + 1 < chapters.len() { 0.9 } else { 0.0 };
        let rate = f64::from(day.rate);
        let silent = silence(sound) as f64 / rate;
        assert!(silent < rest + 0.9, "{silent} s of silence in {chapter}");
        let first = sound.iter().position(|sample| sample.abs() > 0.01).unwrap() as f64 / rate;
        assert!(first < 0.5, "{chapter} begins after {first} s");
        spoken += until - start - rest;
    }
    assert!((end - day.seconds()).abs() < 1e-3, "{end} {}", day.seconds());
    let reports: f64 =
        ["1", "2"].map(|name| Sound::read(&env.bytes(&format!("out/{name}.wav"))).seconds()).iter().sum();
    assert!(spoken > reports + 1.0 && spoken < reports + 6.0, "{spoken} {reports}");
    let words = heard_words(&env, "out/day");
    assert_eq!(
        words.iter().filter(|(word, _)| word.starts_with("ferry") || word.starts_with("Ferry")).count(),
        3
    );
    assert!(words.iter().all(|(_, loudest)| *loudest > 0.005), "{words:?}");
}

#[test]
fn a_digest_takes_no_place_of_anothers_and_needs_reports() {
    let env = newsroom(1);
    env.refused(&["digest", "nowhere"], 3, &["no batch"]);
    env.write("out/today.mp3", "mine");
    let run = env.run(&DAY).expect(1);
    assert!(run.stderr.contains("today.mp3") && run.stderr.contains("exists already"), "{run}");
    assert_eq!(env.bytes("out/today.mp3"), b"mine");
    env.ok(&[&DAY[..], &["--force"]].concat());
    assert!(env.bytes("out/today.mp3") != b"mine");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let run = env.ok(&["digest", "--voice", "tone", "out", "-o", "out/none.wav", "--since", "1s"]);
    assert!(
        run.stdout.contains("no new report") && !env.files().contains(&"out/none.wav".to_string()),
        "{run}"
    );
    env.refused(&["digest", "--voice", "tone", "out", "--jingle", "missing.wav"], 3, &["missing.wav"]);
    env.refused(&["batch", "--voice", "tone", "--jingle", "a.wav", "news"], 2, &["--digest"]);
}

/// The words of a digest, with their times, and the sound below each.
fn heard_words(env: &TestEnv, name: &str) -> Vec<(String, f32)> {
    let words: Value = serde_json::from_slice(&env.bytes(&format!("{name}.words.json"))).unwrap();
    let sound = Sound::read(&env.bytes(&format!("{name}.wav")));
    assert!((number(&words, "seconds") - sound.seconds()).abs() < 1e-3, "{}", sound.seconds());
    let sentences = words["sentences"].as_array().unwrap().iter();
    let words = sentences.flat_map(|sentence| sentence["words"].as_array().unwrap());
    words
        .map(|word| {
            let at = |key| (number(word, key) * f64::from(sound.rate)) as usize;
            let loudest =
                sound.samples[at("start")..at("end")].iter().fold(0.0, |most: f32, x| most.max(x.abs()));
            (word["text"].as_str().unwrap().to_string(), loudest)
        })
        .collect()
}

#[test]
fn a_digest_has_page_book_captions_and_music() {
    let env = newsroom(2);
    env.write("chime.txt", "Ding.\n");
    env.ok(&["read", "--voice", "tone", "-o", "chime.wav", "chime.txt"]);
    env.ok(&["batch", "--voice", "tone", "-o", "out", "news"]);
    let args =
        ["digest", "out", "--voice", "tone", "-o", "out/day.wav", "--captions", "vtt,json", "--chapters"];
    let more = ["--page", "--epub", "--announce-before", "Good morning.", "--announce-after", "Good bye."];
    let args = [&args[..], &more].concat();
    env.write("out/day.html", "mine");
    env.refused(&args, 3, &["day.html", "exists already"]);
    std::fs::remove_file(env.path("out/day.html")).unwrap();
    let run = env.ok(&args);
    // All that is spoken are the rundown and what is said around.
    assert!(run.stdout.contains("; 3 chunks spoken, ") && run.stdout.contains("out/day.vtt: "), "{run}");
    let text = |name: &str| String::from_utf8(env.bytes(name)).unwrap();
    let page = text("out/day.html");
    for part in ["<title>Digest, 20", "day.wav", "Good morning.", "Good bye."] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert_eq!(page.matches("<h2").count(), 2, "{page}");
    let transcript: Value = serde_json::from_str(&text("out/day.transcript.json")).unwrap();
    let segments: Vec<String> = transcript["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["body"].as_str().unwrap().to_string())
        .collect();
    assert_eq!((&*segments[0], segments.last().unwrap().as_str()), ("Good morning.", "Good bye."));
    assert!(
        segments.join(" ").contains("In part 5 of report 2 the old harbour was quiet in the evening."),
        "{segments:?}"
    );
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(env.bytes("out/day.epub"))).unwrap();
    let mut contents = String::new();
    std::io::Read::read_to_string(&mut book.by_name("EPUB/nav.xhtml").unwrap(), &mut contents).unwrap();
    assert!(contents.contains("Harbour 1 reopens") && contents.contains("Harbour 2 reopens"), "{contents}");
    assert!(book.by_name("EPUB/sound.mp3").unwrap().size() > 10_000);
    let words = heard_words(&env, "out/day");
    let of_story = words.iter().filter(|(word, _)| word == "harbour").count();
    assert_eq!(of_story, 3 + 5, "{words:?}");
    assert!(words.iter().all(|(_, loudest)| *loudest > 0.01), "{words:?}");
    let chapters = |env: &TestEnv| -> Value {
        serde_json::from_slice::<Value>(&env.bytes("out/day.chapters.json")).unwrap()["chapters"].clone()
    };
    let before = chapters(&env);

    // Music around it moves all times, and other files beside it are no reason to speak.
    let music = ["--intro", "chime.wav", "--outro", "chime.wav", "--bed", "chime.wav"];
    let run = env.ok(&[&args[..], &music].concat());
    assert!(run.stdout.contains("; 0 chunks spoken, "), "{run}");
    let words = heard_words(&env, "out/day");
    assert!(words.iter().all(|(_, loudest)| *loudest > 0.01), "{words:?}");
    let after = chapters(&env);
    assert_eq!((number(&after[0], "startTime"), number(&before[0], "startTime")), (0.0, 0.0));
    let seconds = Sound::read(&env.bytes("out/day.wav")).seconds();
    assert!((number(&after[2], "endTime") - seconds).abs() < 1e-3, "{after} {seconds}");
    assert!(number(&after[1], "startTime") > number(&before[1], "startTime") + 1.0, "{before} {after}");
    // They go with it.
    env.ok(&["withdraw", "../news/02.txt", "-o", "out"]);
    assert!(!env.files().iter().any(|name| name.contains("day.")), "{:?}", env.files());
}

#[test]
fn a_podcast_has_the_digest_as_an_episode() {
    let env = newsroom(2);
    env.ok(&DAY);
    env.ok(&["podcast", "make", "out", "--title", "Coast", "--base-url", "https://paper.example/audio"]);
    let feed = String::from_utf8(env.bytes("out/podcast.xml")).unwrap();
    assert!(
        feed.contains("https://paper.example/audio/today.mp3\"") && feed.contains("Digest, 20"),
        "{feed}"
    );
    let run = env.ok(&["podcast", "check", "out"]);
    assert!(run.stdout.contains("0 rules broken"), "{run}");
}
