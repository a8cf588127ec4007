//! What the server measures, as Prometheus asks for it.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use crate::common::{TestEnv, each};
use crate::serve::client::{Server, json, until};

/// Every sample of a scrape, by its name and labels.
#[track_caller]
fn scrape(server: &Server) -> BTreeMap<String, f64> {
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"), "{answer}");
    let text = String::from_utf8(answer.body).unwrap();
    let mut told = BTreeMap::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            assert!(
                comment.starts_with("HELP audio_report_") || comment.starts_with("TYPE audio_report_"),
                "{line}"
            );
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line:?}"));
        assert!(told.insert(name.to_string(), value.parse().unwrap()).is_none(), "twice: {line}");
    }
    told
}

#[track_caller]
fn value(told: &BTreeMap<String, f64>, name: &str) -> f64 {
    told.get(&format!("audio_report_{name}")).copied().unwrap_or_default()
}

/// The samples when they are as wanted; else as they stay.
fn settled(server: &Server, is_so: impl Fn(&BTreeMap<String, f64>) -> bool) -> BTreeMap<String, f64> {
    for _ in 0..500 {
        let told = scrape(server);
        if is_so(&told) {
            return told;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    scrape(server)
}

#[test]
fn requests_and_their_sound_are_counted() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let order = json!({ "model": "tts-1", "voice": "alloy", "input": "The port reopened.", "response_format": "pcm" });
    let mut sound = 0;
    let mut sent = 0;
    for path in ["/v1/audio/speech", "/audio/speech", "/v1/audio/speech"] {
        let answer = server.post(path, &order);
        assert_eq!(answer.status, 200, "{answer}");
        sound += answer.body.len();
        sent += answer.body.len();
    }
    assert_eq!(server.speak(&json!({ "input": " " })).status, 400);
    assert_eq!(server.speak(&json!({ "input": "One.", "voice": "zanqor" })).status, 400);
    for path in ["/zanqor", "/v1/models/zanqor", "/v1/zanqor/zanqor"] {
        assert_eq!(server.get(path).status, 404);
    }
    sent += server.get("/healthz").body.len();
    let rows = [
        ("requests_total{route=\"/audio/speech\",outcome=\"done\"}", 3.0),
        ("requests_total{route=\"/audio/speech\",outcome=\"refused\"}", 2.0),
        ("requests_total{route=\"/models/{*id}\",outcome=\"refused\"}", 1.0),
        ("requests_total{route=\"none\",outcome=\"refused\"}", 2.0),
        ("requests_total{route=\"/healthz\",outcome=\"done\"}", 1.0),
        ("speeches_total{outcome=\"done\"}", 3.0),
        ("sound_seconds_total", sound as f64 / 2.0 / 24_000.0),
        ("first_sound_seconds_count", 3.0),
        ("first_sound_seconds_bucket{le=\"+Inf\"}", 3.0),
        ("real_time_factor_count", 3.0),
        ("cache_hits_total", 2.0),
        ("cache_misses_total", 1.0),
        ("turned_away_total", 0.0),
        ("speaking", 0.0),
        ("waiting", 0.0),
        ("connections", 1.0),
    ];
    let is_near = |found: f64, want: f64| (found - want).abs() < 1e-9;
    // A connection ends a moment after its answer.
    let told = settled(&server, |told| rows.iter().all(|(name, want)| is_near(value(told, name), *want)));
    each(rows, |(name, want)| {
        let found = value(&told, name);
        assert!(is_near(found, want), "{name}: {found}, not {want}: {told:#?}");
    });
    assert!(value(&told, "sent_bytes_total") >= sent as f64, "{told:#?}");
    assert!(!told.keys().any(|name| name.contains("zanqor")), "a client chose a label: {told:#?}");
    // A collector that prefers OpenMetrics gets it.
    let fields =
        [("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4")];
    let open = server.ask("GET", "/metrics", &fields, b"");
    let kind = open.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    assert!(open.body.ends_with(b"# EOF\n"), "{open}");
    assert_eq!(server.head("/metrics").status, 200);
    server.stop();
}

#[test]
fn how_a_request_ends_early_is_counted() {
    let env = TestEnv::new();
    // More sound than what may wait for the network: a voice that fails before anything went out is told instead.
    let breaks = "breaks=30";
    let server = Server::start_on_ground(&env, breaks, &["--speaking", "1", "--waiting", "1", "--no-cache"]);
    let story = |count: usize| "The port reopened on Monday, and ships came back at noon. ".repeat(count);
    let broken = server.speak(&json!({ "input": story(100), "response_format": "pcm" }));
    assert!(broken.is_cut, "{broken}");
    let count = |name: &str| value(&scrape(&server), name) as u64;
    until("a stream that was cut", || {
        count("requests_total{route=\"/audio/speech\",outcome=\"cut\"}") == 1
            && count("speeches_total{outcome=\"failed\"}") == 1
    });
    server.stop();
    let server = Server::start(&env, &["--speaking", "1", "--waiting", "1", "--no-cache"]);
    let count = |name: &str| value(&scrape(&server), name) as u64;
    let long = json!({ "input": story(3_000), "response_format": "pcm" });
    let mut first = server.begin(&long);
    first.read_exact(&mut [0; 4_000]).unwrap();
    let second = server.begin(&long);
    until("one that waits", || count("waiting") == 1);
    assert_eq!(count("speaking"), 1);
    assert_eq!(server.speak(&long).status, 429);
    assert_eq!(count("turned_away_total"), 1);
    assert_eq!(count("requests_total{route=\"/audio/speech\",outcome=\"busy\"}"), 1);
    // One leaves before it had its turn, and one in the middle.
    drop(second);
    until("one that leaves the queue", || count("waiting") == 0);
    drop(first);
    until("one that leaves in the middle", || count("speeches_total{outcome=\"cancelled\"}") == 1);
    until("both of them", || count("requests_total{route=\"/audio/speech\",outcome=\"cancelled\"}") == 2);
    assert_eq!(count("speaking"), 0);
    server.stop();
}
