//! `submit`, `worker`, `queue`, `serve --queue`: many machines, here one, with a real server of NATS where there is one.
#![cfg(feature = "cluster")]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

#[path = "cluster/front.rs"]
mod front;
#[path = "cluster/nats.rs"]
mod nats;
#[path = "cluster/secured.rs"]
mod secured;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::common;
use crate::serve::client::{Answer, until};

use common::{STORY, TestEnv, each};
use nats::{Queue, free_port};

/// A program that is killed when it is dropped.
pub(crate) struct Killed(pub(crate) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn texts_do_not_leave_the_machine_unless_they_are_safe() {
    let env = TestEnv::new();
    env.write("a.txt", STORY);
    each(
        [
            ("nats://queue.example:4222", 2, "queue.example"),
            ("http://127.0.0.1:1", 2, "no address of a NATS server"),
            ("nats://127.0.0.1:1", 3, "can't be reached"),
        ],
        |(queue, code, words)| {
            let run = env.run(&["submit", "a.txt", "--voice", "tone", "--queue", queue, "--results", "out"]);
            run.expect(code).one_message(&[words]);
        },
    );
}

#[test]
fn what_is_submitted_is_made_once_and_what_can_not_be_is_kept() {
    let env = TestEnv::new();
    let Some(queue) = Queue::start(&env) else { return };
    env.write("a.txt", STORY);
    env.write("b.dat", [0, 159, 146, 150, 1, 2, 3, 0]);
    let at = ["--queue", &queue.address, "--results", "out"];
    let submit = |more: &[&str]| {
        env.run(
            &[&["submit", "a.txt", "b.dat", "--voice", "tone", "--json", "--page"], &at[..], more].concat(),
        )
    };
    let state = |run: &common::Run| -> Vec<String> {
        run.json_lines().iter().map(|line| line["state"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(state(&submit(&[]).expect(0)), ["submitted", "submitted"]);
    let again = submit(&[]).expect(0);
    assert_eq!(state(&again), ["queued", "queued"]);
    let status =
        |code| env.run(&[&["queue", "status", "--json"], &at[..]].concat()).expect(code).json_lines();
    assert_eq!(status(0)[0]["waiting"], 2);
    env.ok(&[&["worker", "--once-empty", "--quiet"], &at[..]].concat());
    let key = again.json_lines()[0]["key"].as_str().unwrap().to_string();
    let manifest: serde_json::Value =
        serde_json::from_slice(&env.bytes(&format!("out/{key}/manifest.json"))).unwrap();
    let files = manifest["files"].as_array().unwrap();
    for file in files {
        let name = file["name"].as_str().unwrap();
        assert_eq!(file["size"], env.bytes(&format!("out/{key}/{name}")).len(), "{file}");
    }
    let kinds: Vec<&str> = files.iter().map(|file| file["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["audio", "page"]);
    assert_eq!(status(1)[0], serde_json::json!({ "waiting": 0, "working": 0, "wanted": 1, "dead": 1 }));
    assert_eq!(state(&submit(&[]).expect(1)), ["there", "refused"]);
    let dead = env.ok(&[&["queue", "dead", "--json"], &at[..]].concat()).json_lines();
    assert_eq!((dead.len(), &dead[0]["kind"], &dead[0]["deliveries"]), (1, &"Encoding".into(), &1.into()));
    assert!(dead[0].get("job").is_none(), "no text of an article is shown");
    env.ok(&[&["queue", "retry"], &at[..]].concat());
    assert_eq!(status(0)[0]["waiting"], 1);
    env.ok(&[&["queue", "drain"], &at[..]].concat());
    env.ok(&[&["queue", "reconcile"], &at[..]].concat());
    assert_eq!(status(0)[0]["waiting"], 1, "it is still wanted");
    env.ok(&[&["worker", "--once-empty", "--quiet"], &at[..]].concat());
    let key = dead[0]["key"].as_str().unwrap();
    let forget = [&["queue", "forget", key], &at[..]].concat();
    env.ok(&forget);
    assert_eq!(status(0)[0], serde_json::json!({ "waiting": 0, "working": 0, "wanted": 0, "dead": 0 }));
    env.run(&forget).expect(3).one_message(&["neither wanted nor given up", "queue dead"]);
    // What nobody wants any more is not put back.
    env.write("a.txt", "Ships came back at noon.\n");
    assert_eq!(state(&submit(&[]).expect(0)), ["submitted", "submitted"]);
    let drained = env.ok(&[&["queue", "drain", "--forget", "--json"], &at[..]].concat()).json_lines();
    assert_eq!(drained[0], serde_json::json!({ "drained": 2, "forgotten": 2 }));
    env.ok(&[&["queue", "reconcile"], &at[..]].concat());
    assert_eq!(status(0)[0], serde_json::json!({ "waiting": 0, "working": 0, "wanted": 0, "dead": 0 }));
}

#[test]
fn a_worker_makes_no_report_of_another_place() {
    let env = TestEnv::new();
    let Some(queue) = Queue::start(&env) else { return };
    env.write("a.txt", STORY);
    let at = |results: &'static str| ["--queue", &*queue.address, "--results", results].map(str::to_string);
    let run = |words: &[&str], results| {
        let at = at(results);
        env.ok(&words.iter().copied().chain(at.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let key = run(&["submit", "a.txt", "--voice", "tone", "--json"], "own").json_lines()[0]["key"].clone();
    let key = key.as_str().unwrap();
    // As where a shared folder is not mounted.
    run(&["worker", "--once-empty", "--quiet"], "other");
    assert_eq!(run(&["queue", "status", "--json"], "other").json_lines()[0]["waiting"], 0);
    run(&["queue", "drain"], "other");
    assert_eq!(run(&["queue", "status", "--json"], "own").json_lines()[0]["waiting"], 1);
    run(&["worker", "--once-empty", "--quiet"], "own");
    assert!(env.path(&format!("own/{key}/manifest.json")).exists());
    assert!(!env.path(&format!("other/{key}")).exists());
}

#[test]
fn a_job_for_other_kernels_keeps_no_worker() {
    let env = TestEnv::new();
    let Some(queue) = Queue::start(&env) else { return };
    env.write("a.txt", STORY);
    let at = ["--queue", &queue.address, "--results", "out"];
    env.ok(&[&["submit", "a.txt", "--voice", "tone", "--kernel", "direct"], &at[..]].concat());
    env.ok(&[&["worker", "--once-empty", "--quiet"], &at[..]].concat());
    let status = env.ok(&[&["queue", "status", "--json"], &at[..]].concat()).json_lines();
    assert_eq!(status[0], serde_json::json!({ "waiting": 1, "working": 0, "wanted": 1, "dead": 0 }));
}

#[test]
fn a_password_of_the_queue_is_told_to_nobody() {
    let env = TestEnv::new();
    env.write("a.txt", STORY);
    each(
        ["nats://ann:pa55@127.0.0.1:1", "nats://ann:pa55#@127.0.0.1:1", "http://ann:pa55@127.0.0.1"],
        |queue| {
            let run = env.run(&["submit", "a.txt", "--voice", "tone", "--queue", queue, "--results", "out"]);
            assert!(!run.stderr.contains("pa55") && !run.stdout.contains("pa55"), "{queue}: {}", run.stderr);
        },
    );
    let Some(server) =
        Queue::start_with(&env, free_port(), "authorization { user: ann, password: \"pa55/\" }\n")
    else {
        return;
    };
    let known = server.address.replace("nats://", "nats://ann:pa55%2F@");
    let run = env.ok(&["worker", "--once-empty", "--queue", &known, "--results", "out"]);
    assert!(run.stdout.contains(&server.address) && !run.stdout.contains("pa55"), "{}", run.stdout);
}

#[test]
fn how_the_sound_is_travels_with_a_job() {
    let env = TestEnv::new();
    let Some(queue) = Queue::start(&env) else { return };
    env.write("a.txt", "The port reopened, the DPRK said.\n");
    let at = ["--queue", &queue.address, "--results", "out"];
    let rows: [(&[&str], u32, u16); 3] = [
        (&[], 24_000, 16),
        (&["--rate", "48000", "--bits", "24"], 48_000, 24),
        (&["--acronyms", "expand", "--pauses", "title=50"], 24_000, 16),
    ];
    let mut sounds = Vec::new();
    each(rows, |(options, rate, bits)| {
        let submit = ["submit", "a.txt", "--voice", "tone", "--format", "wav", "--json"];
        let line = env.ok(&[&submit[..], &at[..], options].concat()).json_lines();
        env.ok(&[&["worker", "--once-empty", "--quiet"], &at[..]].concat());
        let key = line[0]["key"].as_str().unwrap();
        let manifest: serde_json::Value =
            serde_json::from_slice(&env.bytes(&format!("out/{key}/manifest.json"))).unwrap();
        let wav = env.bytes(&format!("out/{key}/{}", manifest["files"][0]["name"].as_str().unwrap()));
        let told =
            (u32::from_le_bytes(*wav[24..].first_chunk().unwrap()), u16::from_le_bytes([wav[34], wav[35]]));
        assert_eq!(told, (rate, bits), "{options:?}");
        sounds.push(wav.len());
    });
    assert!(sounds[2] > sounds[0], "an acronym in full takes longer: {sounds:?}");
    let wrong = ["submit", "a.txt", "--voice", "tone", "--format", "mp3", "--bits", "24"];
    env.run(&[&wrong[..], &at[..]].concat()).expect(2).one_message(&["MP3"]);
}

#[cfg(debug_assertions)]
#[test]
fn a_worker_at_work_tells_how_many_jobs_wait() {
    let env = TestEnv::new();
    let Some(queue) = Queue::start(&env) else { return };
    let at = ["--queue", &queue.address, "--results", "out"];
    let submit = |names: &[&str]| {
        for name in names {
            env.write(name, format!("{STORY} That was {name}."));
        }
        env.ok(&[&["submit"], names, &["--voice", "tone"], &at[..]].concat());
    };
    submit(&["a.txt", "b.txt", "c.txt"]);
    let mut command =
        env.command(&[&["worker", "--speaking", "0", "--metrics", "127.0.0.1:0"], &at[..]].concat());
    // The first job goes on until the worker is ended.
    command.env("AUDIO_REPORT_TEST_CLUSTER", "looked=0.1 sleep=600").stdout(Stdio::piped());
    let mut worker = Killed(command.spawn().unwrap());
    let place = BufReader::new(worker.0.stdout.take().unwrap())
        .lines()
        .find_map(|line| line.unwrap().split_once("http://")?.1.strip_suffix("/metrics").map(str::to_string))
        .unwrap();
    let tells = |line: &str| {
        let mut stream = TcpStream::connect(&place).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n").unwrap();
        let answer = Answer::read(&mut BufReader::new(stream)).unwrap();
        String::from_utf8(answer.body).unwrap().lines().any(|told| told == line)
    };
    until("a worker at work", || tells("audio_report_worker_busy 1"));
    until("two jobs that wait", || tells("audio_report_queue_waiting_jobs 2"));
    submit(&["d.txt"]);
    until("a third job that waits", || tells("audio_report_queue_waiting_jobs 3"));
    assert!(tells("audio_report_queue_backlog_seconds 90"));
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_worker_that_is_killed_before_or_after_it_puts_a_result_loses_none() {
    each(["stop_before_put", "stop_after_put"], |end| {
        let env = TestEnv::new();
        let Some(queue) = Queue::start(&env) else { return };
        env.write("a.txt", STORY);
        let at = ["--queue", &queue.address, "--results", "out"];
        let line =
            env.ok(&[&["submit", "a.txt", "--voice", "tone", "--json"], &at[..]].concat()).json_lines();
        let work = |grounds: &str| {
            let mut command = env.command(&[&["worker", "--once-empty", "--quiet"], &at[..]].concat());
            command.env("AUDIO_REPORT_TEST_CLUSTER", grounds).status().unwrap()
        };
        assert_eq!(work(&format!("ack_wait=1 {end}")).code(), None, "{end}");
        let manifest = format!("out/{}/manifest.json", line[0]["key"].as_str().unwrap());
        assert_eq!(env.path(&manifest).exists(), end == "stop_after_put", "{end}");
        assert!(work("ack_wait=1").success(), "{end}");
        assert!(env.path(&manifest).exists(), "{end}");
        let status = env.ok(&[&["queue", "status", "--json"], &at[..]].concat()).json_lines();
        let empty = serde_json::json!({ "waiting": 0, "working": 0, "wanted": 0, "dead": 0 });
        assert_eq!(status[0], empty, "{end}");
    });
}
