//! Reports outlive a kill, a stop and each other.

use std::fs;
use std::io::BufRead;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{
    done, ended, events, files, in_the_middle, kept, long_text, look, names, order, start_slow, watch,
};
use crate::common::{STORY, TestEnv};
use crate::serve::client::{Server, json, until};

#[test]
fn a_report_that_is_deleted_ends_and_leaves_nothing() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.1, &[]);
    let text = json!({ "input": long_text(), "response_format": "opus", "page": false });
    let (running, queued) = (order(&server, &text), order(&server, &text));
    in_the_middle(&server, &running);
    assert_eq!(look(&server, &queued)["status"], "queued");
    let mut watched = [watch(&server, &running), watch(&server, &queued)];
    // Both streams have begun.
    for stream in &mut watched {
        stream.fill_buf().unwrap();
    }
    for id in [&queued, &running] {
        let answer = server.ask("DELETE", &format!("/v1/reports/{id}"), &[], b"");
        assert_eq!(answer.json(), json!({ "id": id, "object": "report", "deleted": true }), "{answer}");
        for path in ["", "/events", "/files/many-days.opus"] {
            let gone = server.get(&format!("/v1/reports/{id}{path}"));
            assert_eq!(
                (gone.status, &gone.json()["error"]["code"]),
                (404, &json!("report_not_found")),
                "{gone}"
            );
        }
        assert_eq!(server.ask("DELETE", &format!("/v1/reports/{id}"), &[], b"").status, 404);
    }
    assert_eq!(names(&kept(&env)), [""; 0]);
    for stream in &mut watched {
        let (events, is_cut) = events(stream);
        assert!(!is_cut && events.last().unwrap()["status"] == "cancelled", "{events:?}");
    }
    // One that is made goes as well, and the server goes on.
    let id = order(&server, &json!({ "input": STORY }));
    done(&server, &id);
    assert_eq!(server.ask("DELETE", &format!("/v1/reports/{id}"), &[], b"").status, 200);
    assert_eq!(server.get("/v1/reports").json()["data"], json!([]));
    assert_eq!(names(&kept(&env)), [""; 0]);
    server.stop();
}

#[test]
fn a_report_goes_on_after_the_server_was_stopped_or_killed() {
    let env = TestEnv::new();
    let body = json!({ "input": long_text(), "response_format": "opus", "captions": ["vtt", "srt", "json"] });
    // The same, made without a break, and without kept sound.
    let other = TestEnv::new();
    let server = Server::start(&other, &["--no-cache"]);
    let want = files(&server, &done(&server, &order(&server, &body)));
    server.stop();
    let server = start_slow(&env, 0.1, &[]);
    let (id, second) =
        (order(&server, &body), order(&server, &json!({ "input": STORY, "response_format": "wav" })));
    in_the_middle(&server, &id);
    let mut watched = watch(&server, &id);
    watched.fill_buf().unwrap();
    let begun = Instant::now();
    server.stop();
    assert!(begun.elapsed() < Duration::from_secs(20), "a report is waited for");
    let (seen, is_cut) = events(&mut watched);
    assert!(is_cut && seen.iter().all(|event| event["status"] == "running"), "{seen:?}");
    let state = fs::read(kept(&env).join(&id).join("state.json")).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&state).unwrap()["attempts"],
        0,
        "a stop in order is no fault"
    );
    let server = start_slow(&env, 0.1, &[]);
    in_the_middle(&server, &id);
    server.signal("KILL");
    assert!(!server.end().success());
    let left = kept(&env).join(&id);
    assert!(left.join("making").is_dir() && !left.join("files").exists(), "the middle was missed");
    // Whatever a killed server has left behind is swept.
    fs::create_dir(kept(&env).join(".new-rep_0")).unwrap();
    fs::create_dir(kept(&env).join(".gone-rep_0")).unwrap();
    fs::write(left.join("making/odd"), "half").unwrap();
    let server = Server::start(&env, &[]);
    let told = done(&server, &id);
    assert_eq!(told["voice"], "tone");
    let made = files(&server, &told);
    assert_eq!(made.len(), want.len());
    for ((name, bytes), (wanted, original)) in made.iter().zip(&want) {
        assert!(name == wanted && bytes == original, "{name} differs after a break");
    }
    done(&server, &second);
    let list: Vec<Value> = server.get("/v1/reports").json()["data"].as_array().unwrap().clone();
    let ids: Vec<&str> = list.iter().map(|report| report["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&*second, &*id], "the newest first");
    assert_eq!(names(&kept(&env)).len(), 2);
    assert_eq!(names(&left), ["files", "order.json", "state.json"]);
    server.stop();
    // What is made stays made.
    let server = Server::start(&env, &[]);
    assert_eq!(look(&server, &id), told);
    assert!(files(&server, &told) == made);
    server.stop();
}

#[test]
fn wherever_a_server_is_killed_the_next_one_ends_the_work() {
    let env = TestEnv::new();
    let body = json!({ "input": long_text(), "response_format": "wav", "captions": ["vtt"], "page": false });
    let server = start_slow(&env, 0.01, &[]);
    let id = order(&server, &body);
    server.signal("KILL");
    server.end();
    // Later and later: in the speech, among the files, behind them.
    for moment in (0..8).map(|step| Duration::from_millis(50 * step * step)) {
        let server = start_slow(&env, 0.01, &[]);
        std::thread::sleep(moment);
        server.signal("KILL");
        server.end();
        let folder = kept(&env).join(&id);
        assert_eq!(names(&kept(&env)), [&*id], "after {moment:?}");
        let state: Value = serde_json::from_slice(&fs::read(folder.join("state.json")).unwrap()).unwrap();
        assert!(state["status"] != "done" || folder.join("files/many-days.wav").exists(), "after {moment:?}");
    }
    let server = Server::start(&env, &[]);
    let told = done(&server, &id);
    env.write("many.txt", long_text());
    env.ok(&[
        "read",
        "many.txt",
        "--voice",
        "tone",
        "-o",
        "many-days.wav",
        "--captions",
        "vtt",
        "--chapters",
    ]);
    for (name, bytes) in files(&server, &told) {
        assert!(env.bytes(&name) == bytes, "{name} differs");
    }
    server.stop();
}

#[test]
fn a_report_that_was_deleted_before_a_kill_does_not_come_back() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.1, &[]);
    let id = order(&server, &json!({ "input": long_text(), "response_format": "opus" }));
    in_the_middle(&server, &id);
    let mut stream = server.connect();
    stream.write_all(&server.request("DELETE", &format!("/v1/reports/{id}"), &[], b"")).unwrap();
    until("a report that is cancelled", || server.get(&format!("/v1/reports/{id}")).status == 404);
    std::thread::sleep(Duration::from_millis(20));
    server.signal("KILL");
    server.end();
    let server = Server::start(&env, &[]);
    assert_eq!(server.get("/v1/reports").json()["data"], json!([]));
    assert_eq!(names(&kept(&env)), [""; 0]);
    server.stop();
}

#[test]
fn what_kills_the_server_each_time_is_given_up() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.1, &[]);
    let id = order(&server, &json!({ "input": long_text(), "response_format": "opus" }));
    in_the_middle(&server, &id);
    server.signal("KILL");
    server.end();
    let place = kept(&env).join(&id).join("state.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&place).unwrap()).unwrap();
    assert_eq!(state["attempts"], 1, "{state}");
    // As nine more times would have it.
    state["attempts"] = json!(10);
    fs::write(&place, state.to_string()).unwrap();
    let server = Server::start(&env, &[]);
    let told = ended(&server, &id);
    assert_eq!((&told["status"], &told["error"]["code"]), (&json!("failed"), &json!("given_up")), "{told}");
    assert!(told.get("attempts").is_none());
    server.stop();
}

#[test]
fn ended_reports_leave_after_their_time() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--keep-reports", "1s"]);
    let (made, failed) = (
        order(&server, &json!({ "input": STORY })),
        order(&server, &json!({ "input": "Share this article" })),
    );
    until("the end of both", || server.get("/v1/reports").json()["data"] == json!([]));
    for id in [&made, &failed] {
        assert_eq!(server.get(&format!("/v1/reports/{id}")).status, 404);
    }
    until("an empty folder", || names(&kept(&env)).is_empty());
    server.stop();
    // Those that ended while no server ran, too; those that have time left stay.
    let server = Server::start(&env, &[]);
    let id = order(&server, &json!({ "input": STORY }));
    done(&server, &id);
    server.stop();
    std::thread::sleep(Duration::from_millis(1_100));
    let server = Server::start(&env, &["--keep-reports", "1h"]);
    assert_eq!(look(&server, &id)["status"], "done");
    server.stop();
    let server = Server::start(&env, &["--keep-reports", "1s"]);
    until("an empty folder", || names(&kept(&env)).is_empty());
    server.stop();
}
