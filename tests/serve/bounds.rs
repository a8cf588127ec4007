//! What a server bears: clients that leave, are slow, come in crowds or say nothing, and its own end.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::common::{TestEnv, each};
use crate::serve::client::{Answer, PATIENCE, Server, json, until};

/// Far more sound than all buffers between two programs hold.
fn endless() -> Value {
    let text = "Ships came back to the harbor at noon, and men sang.\n\n".repeat(1_500);
    json!({ "model": "tts-1", "input": text, "response_format": "pcm" })
}

fn brief() -> Value {
    json!({ "model": "tts-1", "input": "Ships came.", "response_format": "pcm" })
}

/// Reads a head and a little of the body.
#[track_caller]
fn read_a_little(stream: &mut BufReader<TcpStream>) {
    let answer = Answer::read_head(stream).unwrap();
    assert_eq!(answer.status, 200, "{answer}");
    stream.read_exact(&mut [0; 1_000]).unwrap();
}

/// The body of an answer whose head was read, as far as it comes; it has no last chunk when it was cut.
fn is_cut(stream: &mut BufReader<TcpStream>) -> bool {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).is_err() || !rest.ends_with(b"\r\n0\r\n\r\n")
}

#[test]
fn one_too_many_is_told_when_to_come_again_and_a_client_that_leaves_makes_room() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--speaking", "1", "--waiting", "0"]);
    let mut first = server.begin(&endless());
    read_a_little(&mut first);
    let refused = server.speak(&brief());
    assert_eq!(refused.status, 429, "{refused}");
    let again: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=120).contains(&again), "{again}");
    let error = &refused.json()["error"];
    assert_eq!((&error["type"], &error["code"]), (&json!("rate_limit_error"), &json!("server_busy")));
    assert_eq!(server.get("/v1/models").status, 200, "lists need no place");
    drop(first);
    until("a place for the next one", || server.speak(&brief()).status == 200);
    #[cfg(target_os = "linux")]
    until("the end of the work for a client that left", || server.speaking_threads() == 0);
    server.stop();
}

#[test]
fn clients_that_leave_before_they_are_answered_leave_nothing_behind() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--speaking", "1", "--waiting", "2"]);
    for _ in 0..30 {
        drop(server.begin(&endless()));
        let mut half = server.connect();
        half.write_all(b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{")
            .unwrap();
    }
    until("a place for the next one", || server.speak(&brief()).status == 200);
    #[cfg(target_os = "linux")]
    until("the end of the work for clients that left", || server.speaking_threads() == 0);
    server.stop();
}

#[test]
fn who_leaves_the_queue_makes_room_in_it() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--speaking", "1", "--waiting", "1"]);
    let mut speaking = server.begin(&endless());
    read_a_little(&mut speaking);
    // One of them has the place in the queue, whichever came first.
    let mut waiting = vec![server.begin(&brief())];
    until("a full queue", || {
        let mut probe = server.begin(&brief());
        probe.get_ref().set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let is_refused = Answer::read(&mut probe).is_some_and(|answer| answer.status == 429);
        waiting.push(probe);
        is_refused
    });
    drop(waiting);
    let mut next = None;
    until("room in the queue", || {
        let mut probe = server.begin(&brief());
        probe.get_ref().set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let answer = Answer::read(&mut probe);
        if answer.is_none() {
            next = Some(probe);
        }
        next.is_some()
    });
    drop(speaking);
    let mut next = next.unwrap();
    next.get_ref().set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    assert_eq!(Answer::read(&mut next).unwrap().status, 200);
    server.stop();
}

#[test]
fn a_reader_that_stops_is_given_up() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--speaking", "1", "--waiting", "0", "--stalled", "1s"]);
    let mut idle = server.begin(&endless());
    read_a_little(&mut idle);
    assert_eq!(server.speak(&brief()).status, 429);
    until("the end of a reader that stopped", || server.speak(&brief()).status == 200);
    assert!(is_cut(&mut idle), "what it gets looks whole");
    server.stop();
}

#[test]
#[cfg(target_os = "linux")]
fn a_reader_at_the_speed_of_sound_is_not_given_up() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--stalled", "8s"]);
    let mut slow = server.begin(&endless());
    read_a_little(&mut slow);
    // The server has made far more by then than may wait for a client that takes nothing.
    let mut block = [0; 4_800];
    for _ in 0..140 {
        thread::sleep(Duration::from_millis(100));
        slow.read_exact(&mut block).unwrap();
    }
    assert_eq!(server.speaking_threads(), 1, "it is still spoken for");
    drop(slow);
    server.stop();
}

#[test]
fn a_fault_in_the_middle_is_seen() {
    let env = TestEnv::new();
    let server = Server::start_on_ground(&env, "breaks=1.5", &[]);
    each(["mp3", "opus", "flac", "wav", "pcm"], |format| {
        for stream in ["audio", "sse"] {
            let mut body = endless();
            (body["response_format"], body["stream_format"]) = (json!(format), json!(stream));
            // The voice may fail before the head is sent, and then the client is told; or while it is sent, and then nothing comes.
            let Some(answer) = server.try_speak(&body) else { continue };
            assert!(answer.is_cut || answer.status == 500, "{format} as {stream}: {answer}");
        }
    });
    // Whoever speaks HTTP/1.0 knows the end of a stream by that of the connection, which must be no good one.
    let request = server.request(
        "POST",
        "/v1/audio/speech",
        &[("Content-Type", "application/json")],
        endless().to_string().as_bytes(),
    );
    let mut old = BufReader::new(server.connect());
    old.get_mut()
        .write_all(&String::from_utf8(request).unwrap().replacen("HTTP/1.1", "HTTP/1.0", 1).into_bytes())
        .unwrap();
    let mut all = Vec::new();
    let ended = old.read_to_end(&mut all).map_err(|error| error.kind());
    let is_refused = all.starts_with(b"HTTP/1.0 500");
    assert!(
        is_refused || ended == Err(std::io::ErrorKind::ConnectionReset),
        "{ended:?} after {} bytes",
        all.len()
    );
    let text = "Ships came back to the harbor at noon, and men sang.";
    let told = server.speak(&json!({ "model": "tts-1", "input": text, "response_format": "wav" }));
    assert_eq!((told.status, told.header("x-should-retry")), (500, Some("false")), "{told}");
    assert_eq!(told.json()["error"]["type"], "server_error");
    assert_eq!(server.speak(&brief()).status, 200, "the server goes on");
    server.stop();
}

#[test]
fn an_answer_that_takes_too_long_is_cut() {
    let env = TestEnv::new();
    let server = Server::start_on_ground(&env, "answer=3", &["--speaking", "1", "--waiting", "1"]);
    let mut slow = server.begin(&endless());
    // On a machine that does other things, it may be too late for the head already.
    until("an answer in time", || {
        let is_begun = Answer::read_head(&mut slow).is_some_and(|answer| answer.status == 200);
        if !is_begun {
            slow = server.begin(&endless());
        }
        is_begun
    });
    let late = server.speak(&brief());
    // Where the first one is cut before its buffers are full, this one has its turn in time.
    if late.status != 200 {
        assert_eq!(late.status, 503, "{late}");
        assert_eq!(late.json()["error"]["code"], "answer_timeout");
        assert!(late.header("retry-after").is_some());
    }
    let mut block = vec![0; 64 << 10];
    let mut last = Vec::new();
    // All is there at once; only the client is slow.
    while let Ok(length @ 1..) = slow.read(&mut block) {
        last = block[..length].to_vec();
    }
    assert!(!last.ends_with(b"\r\n0\r\n\r\n"), "what it gets looks whole");
    until("a place for the next one", || server.speak(&brief()).status == 200);
    server.stop();
}

#[test]
fn a_crowd_is_answered_whole_and_in_its_order() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--speaking", "2", "--waiting", "200"]);
    let want = server.speak(&brief()).body;
    let mut asked: Vec<BufReader<TcpStream>> = Vec::new();
    for _ in 0..200 {
        asked.push(server.begin(&brief()));
        // The next one comes after it.
        thread::sleep(Duration::from_millis(2));
    }
    // Seen from the last one to the first: where one has an answer, those before it have theirs. Two threads of the network take requests,
    // and two places speak: a machine that does other things mixes those that came while it did.
    let has_answer =
        |stream: &BufReader<TcpStream>| stream.get_ref().peek(&mut [0]).is_ok_and(|count| count > 0);
    for stream in &asked {
        stream.get_ref().set_nonblocking(true).unwrap();
    }
    until("all answers", || {
        let mut answered: Vec<bool> = asked.iter().rev().map(has_answer).collect();
        answered.reverse();
        let (last, missing) = (answered.iter().rposition(|is| *is), answered.iter().position(|is| !is));
        if let (Some(last), Some(missing)) = (last, missing) {
            assert!(last < missing + 60, "number {last} has an answer before number {missing}");
        }
        missing.is_none()
    });
    for mut stream in asked {
        stream.get_ref().set_nonblocking(false).unwrap();
        let answer = Answer::read(&mut stream).unwrap();
        assert_eq!(answer.status, 200, "{answer}");
        assert!(answer.body == want, "{} bytes, not {}", answer.body.len(), want.len());
    }
    server.stop();
}

#[test]
fn a_connection_serves_many_requests_also_those_that_come_at_once() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let speech = |text: &str| {
        let body = json!({ "model": "tts-1", "input": text, "response_format": "pcm" }).to_string();
        let fields = [("Content-Type", "application/json")];
        server.request("POST", "/v1/audio/speech", &fields, body.as_bytes())
    };
    let list = server.request("GET", "/v1/models", &[], b"");
    let texts = ["One.", "Ships came.", "It rained."];
    let want = texts.map(|text| {
        Answer::read(&mut BufReader::new({
            let mut stream = server.connect();
            stream.write_all(&speech(text)).unwrap();
            stream
        }))
        .unwrap()
        .body
    });
    let mut stream = BufReader::new(server.connect());
    for (text, want) in texts.iter().zip(&want) {
        stream.get_mut().write_all(&speech(text)).unwrap();
        assert!(Answer::read(&mut stream).unwrap().body == *want, "{text}");
    }
    let all: Vec<u8> = texts.iter().flat_map(|text| [speech(text), list.clone()].concat()).collect();
    stream.get_mut().write_all(&all).unwrap();
    for (text, want) in texts.iter().zip(&want) {
        assert!(Answer::read(&mut stream).unwrap().body == *want, "{text}");
        assert_eq!(Answer::read(&mut stream).unwrap().json()["object"], "list");
    }
    server.stop();
}

#[test]
fn idle_connections_give_way_to_new_ones_and_busy_ones_do_not() {
    let env = TestEnv::new();
    let server = Server::start_on_ground(&env, "connections=20", &["--speaking", "2"]);
    let mut busy = server.begin(&endless());
    read_a_little(&mut busy);
    let idle: Vec<TcpStream> = (0..40).map(|_| server.connect()).collect();
    for _ in 0..10 {
        assert_eq!(server.speak(&brief()).status, 200);
    }
    busy.read_exact(&mut vec![0; 4 << 20]).unwrap();
    drop(idle);
    server.stop_at_once();
}

#[test]
fn a_thousand_that_say_nothing_keep_nobody_waiting() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let idle: Vec<TcpStream> = (0..900).map(|_| server.connect()).collect();
    assert_eq!(server.speak(&brief()).status, 200);
    drop(idle);
    server.stop();
}

#[test]
fn heads_and_bodies_that_trickle_in_are_given_up() {
    let env = TestEnv::new();
    let server = Server::start_on_ground(&env, "head=0.5 upload=0.5", &[]);
    let mut head = server.connect();
    let request = server.request("GET", "/v1/models", &[("X-Padding", &"a".repeat(500))], b"");
    let sent = request.iter().take_while(|byte| {
        thread::sleep(Duration::from_millis(20));
        head.write_all(&[**byte]).is_ok()
    });
    assert!(sent.count() < request.len(), "a head may take as long as it wants");
    let mut silent = server.connect();
    assert_eq!(silent.read(&mut [0; 10]).unwrap_or(0), 0, "a connection that says nothing is closed");
    let mut body = server.connect();
    let head = "POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{";
    body.write_all(head.as_bytes()).unwrap();
    let answer = Answer::read(&mut BufReader::new(body)).unwrap();
    assert_eq!(answer.status, 408, "{answer}");
    assert_eq!(answer.json()["error"]["code"], "request_timeout");
    assert_eq!(server.speak(&brief()).status, 200);
    server.stop();
}

#[test]
fn a_server_that_ends_takes_nothing_new_and_lets_streams_end() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--speaking", "1", "--waiting", "1", "--drain", "10m"]);
    let mut body = endless();
    body["input"] = json!("Ships came back to the harbor at noon, and men sang.\n\n".repeat(100));
    let mut running = server.begin(&body);
    read_a_little(&mut running);
    // One of them has the place in the queue, whichever came first.
    let mut begun = Vec::new();
    until("a full queue", || {
        let mut probe = server.begin(&brief());
        probe.get_ref().set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let is_refused = Answer::read(&mut probe).is_some_and(|answer| answer.status == 429);
        begun.extend((!is_refused).then_some(probe));
        is_refused
    });
    assert_eq!(server.get("/readyz").status, 200);
    server.signal("TERM");
    until("a server that is not ready", || server.get("/readyz").status == 503);
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/v1/models").status, 200);
    let answers = begun.into_iter().map(|mut probe| {
        probe.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        Answer::read(&mut probe).unwrap()
    });
    let mut sent_away: Vec<Answer> = answers.filter(|answer| answer.status != 429).collect();
    assert_eq!(sent_away.len(), 1, "one request waits");
    sent_away.push(server.speak(&brief()));
    for refused in sent_away {
        assert_eq!(refused.status, 503, "{refused}");
        assert_eq!(refused.json()["error"]["code"], "server_stops");
        assert!(refused.header("retry-after").is_some());
    }
    assert!(!is_cut(&mut running), "a stream is cut though there is time");
    server.ends_well();
}

#[test]
fn streams_that_do_not_end_in_time_are_cut() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--drain", "1s"]);
    let mut running = server.begin(&endless());
    read_a_little(&mut running);
    server.signal("TERM");
    server.ends_well();
    assert!(is_cut(&mut running), "what it gets looks whole");
}

#[test]
fn a_second_signal_ends_a_server_at_once() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--drain", "1h"]);
    let mut running = server.begin(&endless());
    read_a_little(&mut running);
    server.stop_at_once();
    assert!(is_cut(&mut running), "what it gets looks whole");
}
