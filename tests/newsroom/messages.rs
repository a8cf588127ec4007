//! Messages with several stories: from files, addresses and standard input.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::common::{Run, TestEnv, each};
use super::site::{Site, page, reply, story as page_of};
use super::{newsml, zipped};

const HELD: &str = "<embargoed>2099-03-01T06:00:00+01:00</embargoed>";
const KILLED: &str = "<pubStatus qcode='stat:canceled'/>";

fn story(guid: &str, title: &str, meta: &str) -> String {
    newsml(meta)
        .replace("<?xml version='1.0'?>", "")
        .replace("urn:hw:7", guid)
        .replace("Port reopens", title)
        .replace("port", title)
}

fn message(stories: &[String]) -> String {
    format!(
        "<?xml version='1.0'?><newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><header/><itemSet>{}</itemSet></newsMessage>",
        stories.concat()
    )
}

/// Two stories, a third one that is held back, and a picture between them.
fn first() -> String {
    let picture = story("urn:hw:p", "Picture", "").replace("ninat:text", "ninat:picture");
    let (one, two) = (story("urn:hw:1", "Quay", ""), story("urn:hw:2", "Pier", ""));
    message(&[one, picture, two, story("urn:hw:3", "Lock", HELD)])
}

/// In another order, without one of them, with a new one and one that is taken back.
fn second() -> String {
    let (two, killed) = (story("urn:hw:2", "Pier", ""), story("urn:hw:1", "Quay", KILLED));
    message(&[story("urn:hw:6", "Weir", ""), two, killed])
}

fn made(env: &TestEnv) -> Vec<String> {
    env.files().into_iter().filter(|file| file.starts_with("out/")).collect()
}

#[test]
fn a_message_with_several_stories_is_read_story_by_story() {
    let env = TestEnv::new();
    env.write("in/wire.xml", first());
    let old = message(&[story("urn:hw:4", "Mole", ""), story("urn:hw:5", "Dock", "")]);
    env.write("in/old.zip", zipped(&[("wire.xml", old.as_bytes())]));
    let args = ["batch", "--voice", "tone", "in", "-oout"];
    let run = env.run(&args).expect(1);
    let want = ["out/urn-hw-1.wav", "out/urn-hw-2.wav", "out/urn-hw-4.wav", "out/urn-hw-5.wav"];
    assert_eq!(made(&env), want, "{run}");
    assert_eq!(run.stderr.matches("audio-report: ").count(), 1, "{run}");
    assert!(run.stderr.contains("in/wire.xml/urn-hw-3") && run.stderr.contains("2099-03-01 06:00"), "{run}");
    env.write("in/wire.xml", second());
    let run = env.run(&args).expect(1);
    // The names stay.
    let want = ["out/urn-hw-2.wav", "out/urn-hw-4.wav", "out/urn-hw-5.wav", "out/urn-hw-6.wav"];
    assert_eq!(made(&env), want, "{run}");
    assert!(run.stderr.contains("has cancelled"), "{run}");
    let article =
        &env.ok(&["explain", "--stage", "article", "--json", "in/wire.xml/urn-hw-6"]).json_lines()[0];
    assert_eq!((&article["title"], &article["wire"]["guid"]), (&"Weir".into(), &"urn:hw:6".into()));
    env.refused(
        &["explain", "in/wire.xml"],
        3,
        &["holds 3 stories", "urn-hw-6, urn-hw-2, urn-hw-1", "FILE/STORY"],
    );
    env.refused(&["explain", "in/wire.xml/urn-hw-9"], 3, &["no such story in the message"]);
    // One story is a document as before.
    env.write("single.xml", message(&[story("urn:hw:1", "Quay", "")]));
    assert_eq!(env.summary(&["single.xml"])["output"], "output/single.wav");
}

/// The counts of a summary.
fn counts(run: &Run) -> String {
    let line = run.stdout.lines().find(|line| line.contains(" read, ")).unwrap_or_default();
    line.split(';').next().unwrap_or_default().to_string()
}

#[test]
fn a_message_ends_alike_from_a_file_an_address_and_standard_input() {
    let content = Arc::new(Mutex::new(String::new()));
    let served = content.clone();
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/message.xml" => reply("200 OK", &[("Content-Type", "text/xml")], served.lock().unwrap().as_bytes()),
        "/items?id=7" => reply(
            "200 OK",
            &[("Content-Type", "application/vnd.iptc.g2.newsmessage+xml")],
            served.lock().unwrap().as_bytes(),
        ),
        _ => reply("404 Not Found", &[], b""),
    });
    // Endings say nothing, and what follows a # is no part of an address.
    let inputs =
        ["message.xml".to_string(), site.url("/message.xml"), site.url("/items?id=7#top"), "-".to_string()];
    let mut courses = Vec::new();
    each(inputs, |input| {
        let env = TestEnv::new();
        let mut course = Vec::new();
        for text in [first(), first(), second()] {
            env.write("message.xml", &text);
            content.lock().unwrap().clone_from(&text);
            let args = ["batch", "--voice", "tone", "--allow-private", "-oout", input.as_str()];
            let run = env.run_with_input(&args, text.as_bytes()).expect(1);
            let failed: Vec<&str> =
                run.stderr.lines().filter(|line| line.starts_with("audio-report: ")).collect();
            assert_eq!(failed.len(), 1, "{run}");
            let guilty = if text == second() { "urn-hw-1" } else { "urn-hw-3" };
            let name = input.split('#').next().unwrap().replace('-', "standard input");
            assert!(run.stderr.contains(guilty) && run.stderr.contains(&name), "{run}");
            course.push((counts(&run), made(&env)));
        }
        let sources: Vec<Value> = env.run(&["status", "out", "--json"]).json_lines();
        let named = |end: &str| sources.iter().any(|line| line["source"].as_str().unwrap().ends_with(end));
        assert!(named("/urn-hw-2") && named("/urn-hw-6"), "{sources:?}");
        courses.push(course);
    });
    let ends = |numbers: &[u8]| -> Vec<String> {
        numbers.iter().map(|number| format!("out/urn-hw-{number}.wav")).collect()
    };
    let said =
        |read: &str, skipped: usize| format!("{read} read, 1 failed, {skipped} skipped (nothing has changed");
    assert_eq!(
        courses[0],
        [
            (said("2 articles", 0), ends(&[1, 2])),
            (said("0 articles", 2), ends(&[1, 2])),
            (said("1 article", 1), ends(&[2, 6]))
        ]
    );
    for course in &courses[1..] {
        assert_eq!(*course, courses[0]);
    }
}

#[test]
fn a_message_among_other_inputs_keeps_to_the_rules_of_batch() {
    let env = TestEnv::new();
    let asked = AtomicUsize::new(0);
    let site = Site::start(move |request| match request.path.as_str() {
        "/busy.xml" if asked.fetch_add(1, Ordering::Relaxed) == 0 => {
            reply("503 Service Unavailable", &[], b"")
        }
        "/busy.xml" => reply(
            "200 OK",
            &[],
            message(&[story("urn:hw:4", "Mole", ""), story("urn:b", "Bell", "")]).as_bytes(),
        ),
        "/wire.xml" => reply("200 OK", &[], first().as_bytes()),
        _ => page(&page_of("Urn", "")),
    });
    let urls = ["/wire.xml", "/busy.xml", "/urn-b"].map(|path| site.url(path));
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let args =
        [&["batch", "--voice", "tone", "--allow-private", "--retry=1", "--events", "-oout"], &urls[..]]
            .concat();
    let run = env.run(&args).expect(1);
    // What another input of the run has as its name is nobody else's.
    assert_eq!(
        made(&env),
        ["out/busy-urn-b.wav", "out/urn-b.wav", "out/urn-hw-1.wav", "out/urn-hw-2.wav", "out/urn-hw-4.wav"],
        "{run}"
    );
    let events = run.json_lines();
    let of = |name: &str| -> Vec<&Value> { events.iter().filter(|event| event["event"] == name).collect() };
    let opened: Vec<(&str, u64, u64, u64)> = of("opened")
        .iter()
        .map(|event| {
            let number = |key: &str| event[key].as_u64().unwrap();
            let input = event["input"].as_str().unwrap().rsplit('/').next().unwrap();
            (input, number("articles"), number("to_read"), number("skipped"))
        })
        .collect();
    assert_eq!(opened, [("wire.xml", 3, 3, 0), ("busy.xml", 2, 2, 0)], "{run}");
    assert_eq!((of("failed").len(), of("done").len(), of("waiting").len()), (2, 5, 1), "{run}");
    assert!(of("done").iter().any(|done| done["input"] == format!("{}/urn-hw-2", urls[0])), "{run}");
    let ended = events.last().unwrap();
    assert_eq!((&ended["read"], &ended["failed"]), (&5.into(), &1.into()), "{run}");

    // That the message could not be had at first is over; what can't be read of it is told.
    let status = env.run(&["status", "out", "--json"]).json_lines();
    let failed: Vec<&str> = status
        .iter()
        .filter(|line| !line["failure"].is_null())
        .map(|line| line["source"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert_eq!((failed, status.len()), (vec!["urn-hw-3"], 6), "{status:?}");

    let env = TestEnv::new();
    let args = ["batch", "--voice", "tone", "--fail-fast", "--name", "{feed}/{slug}", "-oout", "-"];
    // That there are several stories is no failure that ends the work.
    let both = message(&[story("urn:hw:6", "Weir", ""), story("urn:hw:2", "Pier", "")]);
    let run = env.run_with_input(&args, both.as_bytes()).expect(0);
    assert_eq!(made(&env).len(), 2, "{run}");
    assert!(
        made(&env).iter().all(|name| name.ends_with("/weir.wav") || name.ends_with("/pier.wav")),
        "{run}"
    );
}

#[test]
fn a_command_for_one_story_names_those_of_a_message() {
    let env = TestEnv::new();
    let site = Site::start(|_| reply("200 OK", &[], second().as_bytes()));
    let url = site.url("/wire.xml");
    let names = "holds 3 stories, and one is read here: urn-hw-6, urn-hw-2, urn-hw-1";
    let mut rows = vec![
        vec!["read", "--voice", "tone", "-oone.wav"],
        vec!["read", "--voice", "tone", "-o-"],
        vec!["explain"],
        vec!["explain", "--stage", "article"],
    ];
    if cfg!(feature = "play") {
        rows.push(vec!["play", "--voice", "tone"]);
    }
    each(rows, |args| {
        let way_out = format!("audio-report batch '{url}' -o DIR");
        env.refused(&[&args[..], &["--allow-private", &url]].concat(), 3, &[names, &way_out]);
        let before = env.files();
        let piped = env.run_with_input(&[&args[..], &["-"]].concat(), second().as_bytes()).expect(3);
        let piped = piped.one_message(&["standard input", names, "audio-report batch - -o DIR"]);
        assert_eq!(env.files(), before, "{piped}");
    });
    // A folder takes them all.
    each([&[][..], &["-oout/"]], |more| {
        let args = [&["read", "--voice", "tone", "--force", "-"], more].concat();
        let run = env.run_with_input(&args, second().as_bytes()).expect(1);
        let folder = if more.is_empty() { "output" } else { "out" };
        let want = ["urn-hw-2.wav", "urn-hw-6.wav"].map(|name| format!("{folder}/{name}"));
        let found: Vec<String> =
            env.files().into_iter().filter(|name| name.starts_with(&format!("{folder}/"))).collect();
        assert_eq!(found, want, "{run}");
    });
    let unknown = second().replace("Weir", "Zorvinelk");
    let run = env.run_with_input(&["lexicon", "unknown", "-"], unknown.as_bytes()).expect(1);
    assert!(run.stdout.contains("Zorvinelk"), "{run}");
}
