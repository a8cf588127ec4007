//! Podcasts of the daily news, for apps of phones: no token, but a path that nobody guesses.

use crate::common::{STORY, TestEnv, each};
use crate::serve::client::Server;

const WRITTEN_FOR: &str = "https://paper.example/podcast/";

/// A folder with a podcast of two articles, as the program makes it.
fn made(env: &TestEnv) {
    env.write("in/port.txt", format!("Port reopens\n\n{STORY}"));
    env.write(
        "in/ferry.txt",
        "Ferry returns\n\nThe ferry returned on Tuesday. It had been away for a year.\n",
    );
    env.ok(&["batch", "in", "-o", "news", "--voice", "tone", "--preset", "podcast", "--page"]);
    env.ok(&[
        "podcast",
        "make",
        "news",
        "--title",
        "Harbour News",
        "--rights",
        "own",
        "--base-url",
        WRITTEN_FOR,
    ]);
}

/// The path of a podcast on the server.
fn path(env: &TestEnv) -> String {
    let secret = std::fs::read_to_string(env.path("news/.audio-report/podcast-secret")).unwrap();
    format!("/podcast/{}", secret.trim())
}

fn write_tokens(env: &TestEnv) {
    use std::os::unix::fs::PermissionsExt;
    env.write("tokens", format!("{} ann\n", "00".repeat(32)));
    std::fs::set_permissions(env.path("tokens"), std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// The values of an attribute.
fn values<'a>(feed: &'a str, name: &str) -> Vec<&'a str> {
    feed.split(name).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[cfg(unix)]
#[test]
fn an_app_follows_a_feed_to_its_sound() {
    let env = TestEnv::new();
    made(&env);
    write_tokens(&env);
    let server = Server::start(&env, &["--token-file", "tokens", "--podcast", "news"]);
    assert_eq!(server.get("/v1/models").status, 401);
    let path = path(&env);
    let feed = server.get(&format!("{path}/podcast.xml"));
    assert_eq!(feed.status, 200, "{feed}");
    assert_eq!(feed.header("content-type"), Some("application/rss+xml; charset=utf-8"));
    assert_eq!(feed.header("referrer-policy"), Some("no-referrer"));
    let text = String::from_utf8(feed.body.clone()).unwrap();
    assert!(!text.contains(WRITTEN_FOR), "addresses lead elsewhere: {text}");
    let base = format!("http://{}{path}/", server.address);
    let sounds = values(&text, "<enclosure url=\"");
    assert_eq!(sounds.len(), 2, "{text}");
    let lengths = values(&text, "length=\"");
    let others = values(&text, "href=\"").into_iter().filter(|address| address.starts_with(&base));
    let addresses: Vec<&str> =
        sounds.iter().copied().chain(others).chain(values(&text, "<podcast:transcript url=\"")).collect();
    assert!(addresses.len() > 4, "{addresses:?}");
    each(addresses, |address| {
        let place = address
            .strip_prefix(&format!("http://{}", server.address))
            .unwrap_or_else(|| panic!("{address}"));
        let file = server.get(place);
        assert_eq!(file.status, 200, "{address}: {file}");
        assert!(!file.body.is_empty(), "{address}");
        let head = server.head(place);
        assert_eq!((head.status, head.body.len()), (200, 0), "{address}: {head}");
        assert_eq!(head.header("content-length"), Some(&*file.body.len().to_string()), "{address}");
        let tag = file.header("etag").unwrap_or_else(|| panic!("{address}: {file}"));
        assert_eq!(server.ask("GET", place, &[("If-None-Match", tag)], b"").status, 304, "{address}");
    });
    let page = server.get(&format!("{path}/port.html"));
    let policy = page.header("content-security-policy").unwrap_or_else(|| panic!("{page}"));
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let place = sounds[0].strip_prefix(&format!("http://{}", server.address)).unwrap();
    let whole = server.get(place);
    assert_eq!(whole.header("content-type"), Some("audio/mpeg"), "{whole}");
    assert_eq!(whole.header("accept-ranges"), Some("bytes"), "{whole}");
    assert!(lengths.contains(&&*whole.body.len().to_string()), "{lengths:?}, not {}", whole.body.len());
    let part = server.ask("GET", place, &[("Range", "bytes=100-199")], b"");
    assert_eq!((part.status, &part.body[..]), (206, &whole.body[100..200]), "{part}");
    server.stop();
    // The same path after a restart, and the feed's own address where it is asked for by that.
    let server = Server::start(&env, &["--podcast", "news", "--host", "paper.example"]);
    let again = server.get(&format!("{path}/podcast.xml"));
    assert_eq!(again.status, 200, "{again}");
    let fields = [("Host", "paper.example"), ("X-Forwarded-Proto", "https")];
    let outside = server.ask("GET", &format!("{path}/podcast.xml"), &fields, b"");
    let text = String::from_utf8(outside.body).unwrap();
    assert!(text.contains(&format!("<enclosure url=\"https://paper.example{path}/")), "{text}");
    assert!(server.said.contains("speaks at"), "{}", server.said);
    server.stop();
}

#[cfg(unix)]
#[test]
fn nothing_but_the_podcast_is_shown() {
    let env = TestEnv::new();
    made(&env);
    env.write("news/.secret.mp3", "x");
    env.write("news/notes.sqlite", "x");
    env.write("beside.mp3", "x");
    std::os::unix::fs::symlink(env.path("beside.mp3"), env.path("news/link.mp3")).unwrap();
    write_tokens(&env);
    let server = Server::start(&env, &["--token-file", "tokens", "--podcast", "news"]);
    let path = path(&env);
    let rows = [
        format!("{path}/gone.mp3"),
        format!("{path}/.secret.mp3"),
        format!("{path}/notes.sqlite"),
        format!("{path}/link.mp3"),
        format!("{path}/../beside.mp3"),
        format!("{path}/..%2Fbeside.mp3"),
        format!("{path}/%2e%2e/beside.mp3"),
        format!("{path}/.audio-report/podcast-secret"),
        format!("{path}/"),
        format!("{path}x/podcast.xml"),
        format!("{}/podcast.xml", &path[..path.len() - 1]),
        "/podcast//podcast.xml".to_string(),
        "/podcast/news/podcast.xml".to_string(),
        "/podcast/".to_string(),
    ];
    each(rows, |place| {
        let answer = server.get(&place);
        assert_eq!(answer.status, 404, "{place}: {answer}");
        assert!(!answer.to_string().contains("work"), "a place of this machine: {answer}");
    });
    assert_eq!(server.ask("POST", &format!("{path}/podcast.xml"), &[], b"").status, 405);
    let told = server.ask("GET", &format!("{path}/podcast.xml"), &[("Authorization", "Bearer wrong")], b"");
    assert_eq!(told.status, 200, "a token is neither asked for nor looked at");
    server.stop();
    env.refused(
        &["serve", "--voice", "tone", "--listen", "127.0.0.1:0", "--podcast", "gone"],
        2,
        &["gone", "podcast"],
    );
}

#[cfg(unix)]
#[test]
fn the_command_of_speech_dispatcher_says_any_text() {
    use std::io::Write;
    use std::process::Stdio;
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/speech-dispatcher/audio-report-say");
    let say = |text: &str, rate: &str| {
        let mut command = env.command_of(script);
        command.args(["tone", rate]).env("AUDIO_REPORT_SERVER", format!("http://{}", server.address));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{text:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let texts = [
        "The port reopened.",
        "He said \"one\", and C:\\new\\table.",
        "It’s $5 & `more` 'quoted' %s %n {} \\\" end",
        "Two\nlines,\r\nand\ta tab\u{1}\u{7f}.",
        "Café 😀 reopens.",
    ];
    each(texts, |text| {
        let sound = say(text, "0");
        assert!(sound.starts_with(b"RIFF") && sound.len() > 20_000, "{text:?}: {} bytes", sound.len());
    });
    let (usual, fast, slow) =
        (say("One two three.", "0"), say("One two three.", "50"), say("One two three.", "-50"));
    assert!(
        fast.len() < usual.len() && usual.len() < slow.len(),
        "{} {} {}",
        fast.len(),
        usual.len(),
        slow.len()
    );
    assert!(say(" \n", "0").is_empty(), "nothing is said of nothing");
    server.stop();
}
