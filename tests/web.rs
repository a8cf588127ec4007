//! Inputs on the web: the real binary against a real server on this machine.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;
use std::io::Write;

use common::{Run, STORY, TestEnv, each};
use serde_json::Value;
use site::{Reply, Site, moved, page, reply, reply_as_said, story};

use crate::site;

/// A small picture.
fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[255, 0, 0, 0, 0, 255]).unwrap();
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The stage `article` of an address as JSON.
#[track_caller]
fn article(env: &TestEnv, url: &str) -> Value {
    let run = env.ok(&["explain", "--allow-private", "--stage", "article", "--json", url]);
    run.json_lines().into_iter().next().unwrap()
}

#[test]
fn an_address_is_read_like_a_file_and_named_after_its_page() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        "/old" => moved("/world/port-reopens.html?utm_source=mail&id=7"),
        "/plain.txt" => reply("200 OK", &[("Content-Type", "text/plain")], STORY.as_bytes()),
        "/packed" => {
            let packed = gzip(story("Port reopens", "").as_bytes());
            reply("200 OK", &[("Content-Type", "text/html"), ("Content-Encoding", "gzip")], &packed)
        }
        _ => page(&story("Port reopens", "")),
    });
    let run = env.ok(&["read", "--voice", "tone", "--allow-private", &site.url("/old")]);
    // The name is that of what was typed: it is known before anything is fetched.
    assert_eq!(env.files(), ["output/old.wav"]);
    assert!(run.stdout.contains(&format!("source: {}", site.url("/world/port-reopens.html?id=7"))), "{run}");
    let summary = env.summary(&["--allow-private", &site.url("/world/port-reopens.html#top")]);
    assert_eq!(summary["output"], "output/port-reopens.wav");
    assert_eq!(summary["title"], "Port reopens");
    assert_eq!(summary["address"], site.url("/world/port-reopens.html"));
    assert_eq!(summary["source"], site.url("/world/port-reopens.html"));
    assert_eq!(summary["input"], site.url("/world/port-reopens.html#top"));
    let inspected = &env.ok(&["inspect", "--json", "output/port-reopens.wav"]).json_lines()[0];
    assert!(inspected.to_string().contains(&site.url("/world/port-reopens.html")), "{inspected}");
    let plain = env.summary(&["--allow-private", &site.url("/plain.txt"), "-o", "x.wav"]);
    assert_eq!(
        (&plain["sentences"][1]["text"], &plain["output"]),
        (&"Ships came back at noon.".into(), &"x.wav".into())
    );
    assert_eq!(article(&env, &site.url("/packed"))["title"], "Port reopens");
    let spoken = env.ok(&["explain", "--allow-private", "--stage", "spoken", &site.url("/plain.txt")]);
    assert!(spoken.stdout.starts_with("The port reopened on Monday"), "{spoken}");
}

#[test]
fn nothing_private_is_fetched_without_leave() {
    let env = TestEnv::new();
    let site = Site::start(|_| page(&story("Port reopens", "")));
    let (url, port) = (site.url("/a"), site.port());
    let urls = [
        url.clone(),
        format!("http://localhost:{port}/a"),
        format!("http://[::ffff:127.0.0.1]:{port}/a"),
        format!("http://0x7f.1:{port}/a"),
    ];
    each(urls, |url| {
        env.refused(
            &["read", "--voice", "tone", &url],
            3,
            &["only public addresses are fetched", "--allow-private"],
        );
        env.refused(&["explain", &url], 3, &["only public addresses", &url]);
        env.refused(&["lexicon", "unknown", &url], 3, &["only public addresses"]);
        #[cfg(feature = "play")]
        env.refused(&["play", "--voice", "tone", &url], 3, &["only public addresses"]);
        env.run(&["batch", "--voice", "tone", &url]).expect(3);
    });
    // What is never meant is refused even with leave.
    for url in [
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
    ] {
        env.refused(&["explain", "--allow-private", url], 3, &["only public addresses are fetched"]);
    }
    env.refused(&["read", "--voice", "tone", "--allow-private", "--offline", &url], 3, &["--offline"]);
    assert_eq!(site.paths(), Vec::<String>::new(), "the server was asked");
    assert_eq!(env.files(), Vec::<String>::new());
}

#[test]
fn each_failure_is_told_with_its_cure() {
    let env = TestEnv::new();
    let html = ("Content-Type", "text/html");
    let bomb = gzip(&vec![b'a'; 50 << 20]);
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/401" => reply("401 Unauthorized", &[("WWW-Authenticate", "Basic")], b"<p>Sign in"),
        "/429" => reply("429 Too Many Requests", &[("Retry-After", "300")], b""),
        "/429-date" => {
            reply("429 Too Many Requests", &[("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT")], b"")
        }
        "/503" => reply("503 Service Unavailable", &[("Retry-After", "soon")], b""),
        "/circle" => moved("/circle"),
        "/file" => moved("file:///etc/passwd"),
        "/metadata" => moved("http://169.254.169.254/latest/"),
        "/mapped" => moved("http://[::ffff:169.254.169.254]/latest/"),
        "/6" | "/5" | "/4" | "/3" | "/2" | "/1" => {
            moved(&format!("/{}", asked.path[1..].parse::<u32>().unwrap() - 1))
        }
        "/endless" => Reply::Endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>".to_vec()),
        "/bomb" => reply("200 OK", &[html, ("Content-Encoding", "gzip")], &bomb),
        "/cut" => reply_as_said("200 OK", &[html, ("Content-Length", "1000")], b"<p>The port"),
        "/pdf" => reply("200 OK", &[html], b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
        "/picture" => reply("200 OK", &[html], &png()),
        "/sound" => reply("200 OK", &[html], b"ID3\x03\0\0\0\0\0\0"),
        "/empty" => page(""),
        "/login" => page(
            "<html><body><form><h1>Sign in</h1><label>E-mail</label><input><button>Sign in</button></form></body></html>",
        ),
        "/no-http" => Reply::Bytes(b"220 mail.example ESMTP\r\n".to_vec()),
        path => reply(&format!("{} Sorry", &path[1..]), &[html], b"<p>Sorry"),
    });
    let rows: [(&str, &[&str]); 25] = [
        ("/401", &["asks for a sign-in (HTTP status 401)", "--auth-file"]),
        ("/403", &["refuses the page", "403", "--auth-file"]),
        ("/404", &["there is no such page", "check the address"]),
        ("/410", &["gone for good", "check the address"]),
        ("/451", &["legal reasons", "browser"]),
        ("/500", &["a fault", "500", "try again later"]),
        ("/502", &["502", "try again later"]),
        ("/503", &["overloaded", "try again later"]),
        ("/429", &["asked too often", "in 300 s", "try again in 5 minutes"]),
        ("/429-date", &["asked too often", "try again in 24 hours"]),
        ("/204", &["no page for this address", "204"]),
        ("/circle", &["redirects in a circle"]),
        ("/6", &["redirects more than 5 times"]),
        ("/file", &["redirects to what is not fetched", "file:"]),
        ("/metadata", &["169.254.169.254 is a link-local address"]),
        ("/mapped", &["an address of IPv4 in disguise"]),
        ("/endless", &["larger than 10 MB"]),
        ("/bomb", &["larger than 10 MB"]),
        ("/cut", &["broke off", "try again"]),
        ("/pdf", &["this is a PDF document, not a page", "copy its text"]),
        ("/picture", &["this is a PNG image, not a page"]),
        ("/sound", &["MP3"]),
        ("/empty", &["empty"]),
        ("/login", &["no story is found", "browser"]),
        ("/no-http", &["does not answer in HTTP"]),
    ];
    each(rows, |(path, words)| {
        let url = site.url(path);
        env.refused(
            &["explain", "--allow-private", "--stage", "article", &url],
            3,
            &[words, &[&*url]].concat(),
        );
    });
    let local: [(String, &[&str]); 6] = [
        (site.url("/").replace("http:", "https:"), &["no safe connection"]),
        ("http://127.0.0.1:1/".into(), &["refuses the connection", "--proxy"]),
        ("http://no-such-host.invalid/".into(), &["no server has the name no-such-host.invalid"]),
        ("ftp://paper.example/a".into(), &["only http and https are fetched", "ftp:"]),
        ("https://".into(), &["no address of a page"]),
        (
            format!("http://ann:SECRET@127.0.0.1:{}/a", site.port()),
            &["has a name or a password", "--auth-file"],
        ),
    ];
    each(local, |(url, words)| {
        let run = env.refused(&["read", "--voice", "tone", "--allow-private", &url], 3, words);
        assert!(!run.stderr.contains("SECRET"), "{run}");
    });
    assert!(!site.paths().contains(&"/a".to_owned()));
    // JSON names the kind of each.
    let urls = ["/404", "/circle", "/cut", "/bomb"].map(|path| site.url(path));
    let run = env.run(
        &[
            &["read", "--voice", "tone", "--json", "--allow-private"],
            &urls.each_ref().map(String::as_str)[..],
        ]
        .concat(),
    );
    let kinds: Vec<Value> = run.json_lines().into_iter().map(|line| line["kind"].clone()).collect();
    assert_eq!(kinds, ["HttpStatus", "Redirect", "Network", "TooLarge"], "{run}");
}

/// The real limit is 20 s: `Limits::default`.
#[cfg(debug_assertions)]
#[test]
fn a_server_without_end_is_given_up() {
    let env = TestEnv::with_net("time=1");
    let site =
        Site::start(|_| Reply::Drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>".to_vec()));
    env.refused(
        &["read", "--voice", "tone", "--allow-private", &site.url("/a")],
        3,
        &["longer than 1 s", "try again later"],
    );
}

#[test]
fn the_encoding_of_the_header_is_believed_unless_the_bytes_refute_it() {
    let env = TestEnv::new();
    let site = Site::start(|asked| {
        let html = story("Caf\u{e9} “Port” reopens", "").replace("<meta charset=utf-8>", "");
        let (charset, encoding) = match asked.path.as_str() {
            "/header" => ("windows-1252", encoding_rs::WINDOWS_1252),
            "/lie" => ("utf-8", encoding_rs::WINDOWS_1252),
            "/wrong" => ("windows-1252", encoding_rs::UTF_8),
            _ => ("euc-kr", encoding_rs::EUC_KR),
        };
        let html = if asked.path == "/korean" {
            story("“Port” 항구 reopens", "").replace("charset=utf-8", "charset=shift_jis")
        } else {
            html
        };
        reply(
            "200 OK",
            &[("Content-Type", &*format!("text/html; charset={charset}"))],
            &encoding.encode(&html).0,
        )
    });
    each(
        [
            ("/header", "Café “Port” reopens"),
            ("/lie", "Café “Port” reopens"),
            ("/wrong", "Café “Port” reopens"),
            ("/korean", "“Port” 항구 reopens"),
        ],
        |(path, title)| {
            assert_eq!(article(&env, &site.url(path))["title"], title, "{path}");
        },
    );
}

#[test]
fn a_page_is_believed_about_its_own_site_only() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        "/amp/port" => page(
            &story("Port in short", "<link rel=canonical href=/port>")
                .replace("<html lang=en>", "<html amp lang=en>"),
        ),
        "/amp/lost" => page(
            &story("Port in short", "<link rel=canonical href=/404>")
                .replace("<html lang=en>", "<html ⚡ lang=en>"),
        ),
        "/amp/foreign" => page(
            &story("Port in short", "<link rel=canonical href=https://other.example/port>")
                .replace("<html lang=en>", "<html amp lang=en>"),
        ),
        "/copy?id=1" => page(&story("Port reopens", "<link rel=canonical href='/port?utm_source=x'>")),
        "/liar" => page(&story("Port reopens", "<link rel=canonical href=https://other.example/port>")),
        "/port" => page(&story("Port reopens", "")),
        _ => reply("404 Not Found", &[], b""),
    });
    let rows = [
        ("/copy?id=1", "Port reopens", "/copy?id=1", "/port", 1),
        ("/liar", "Port reopens", "/liar", "/liar", 1),
        ("/amp/port", "Port reopens", "/port", "/port", 2),
        ("/amp/lost", "Port in short", "/amp/lost", "/404", 2),
        ("/amp/foreign", "Port in short", "/amp/foreign", "/amp/foreign", 1),
    ];
    each(rows, |(path, title, address, source, requests)| {
        let before = site.asked().len();
        let article = article(&env, &site.url(path));
        assert_eq!(article["title"], title, "{path}");
        assert_eq!(
            (&article["address"], &article["source"]),
            (&site.url(address).into(), &site.url(source).into()),
            "{path}"
        );
        assert_eq!(site.asked().len() - before, requests, "{path}: {:?}", site.paths());
    });
}

#[test]
fn the_lead_picture_is_fetched_by_the_same_rules() {
    let env = TestEnv::new();
    let site = Site::start(|asked| {
        let with = |image: &str| {
            page(&story("Port reopens", &format!("<meta property=og:image content='{image}'>")))
        };
        match asked.path.as_str() {
            "/world/good" => with("../lead.png"),
            "/world/moved" => with("/moved.png"),
            "/world/metadata" => with("http://169.254.169.254/lead.png"),
            "/world/file" => with("file:///etc/passwd"),
            "/world/missing" => with("/404.png"),
            "/world/page" => with("/world/plain"),
            "/moved.png" => moved("/lead.png"),
            "/lead.png" => reply("200 OK", &[("Content-Type", "image/png")], &png()),
            "/404.png" => reply("404 Not Found", &[], b""),
            _ => page(&story("Port reopens", "")),
        }
    });
    let picture = png();
    let holds_picture = |name: &str| env.bytes(name).windows(picture.len()).any(|window| window == picture);
    let rows = [
        ("good", true),
        ("moved", true),
        ("metadata", false),
        ("file", false),
        ("missing", false),
        ("page", false),
    ];
    each(rows, |(name, want)| {
        env.ok(&["read", "--voice", "tone", "-q", "--allow-private", &site.url(&format!("/world/{name}"))])
            .silent();
        assert_eq!(holds_picture(&format!("output/{name}.wav")), want, "{name}");
    });
    // A cover of one's own needs no other.
    let before = site.asked().len();
    env.write("cover.png", png());
    env.ok(&[
        "read",
        "--voice",
        "tone",
        "--allow-private",
        "--cover",
        "cover.png",
        "-o",
        "own.wav",
        &site.url("/world/good"),
    ]);
    assert_eq!(site.paths()[before..], ["/world/good"]);
    // Who only looks at a page fetches none.
    article(&env, &site.url("/world/good"));
    assert_eq!(site.paths().last().unwrap(), "/world/good");
}

#[test]
fn a_batch_of_files_and_addresses_goes_on_after_a_bad_one() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        "/gone" => reply("410 Gone", &[], b""),
        "/file" => moved("file:///etc/passwd"),
        "/a/port?x=*" | "/b/port" => page(&story("Port reopens", "")),
        _ => page(&story("Ships return", "")),
    });
    env.write("news/storm.txt", STORY);
    let inputs = [
        site.url("/gone"),
        "news".into(),
        site.url("/a/port?x=*"),
        "ftp://paper.example/x".into(),
        site.url("/b/port"),
        site.url("/file"),
        site.url("/ships.html"),
    ];
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let run = env.run(&[&["batch", "--voice", "tone", "--allow-private"], &inputs[..]].concat()).expect(1);
    let files: Vec<String> = env.files().into_iter().filter(|name| name.starts_with("output/")).collect();
    assert_eq!(files.len(), 4, "{files:?}\n{run}");
    assert!(
        files.contains(&"output/ships.wav".to_owned()) && files.contains(&"output/storm.wav".to_owned()),
        "{files:?}"
    );
    assert!(files.iter().filter(|name| name.starts_with("output/port-")).count() == 2, "{files:?}");
    let end = run.stdout.split("4 articles read, 3 failed").nth(1).unwrap_or_else(|| panic!("{run}"));
    for failed in [
        &format!("{}: the page is gone for good", site.url("/gone")),
        "ftp://paper.example/x: only http",
        &format!("{}: the page redirects", site.url("/file")),
    ] {
        assert!(end.contains(failed), "“{failed}” is missing at the end\n{run}");
    }
    // Run again, it asks only for what is missing.
    let before = site.asked().len();
    env.run(&[&["batch", "--voice", "tone", "--allow-private"], &inputs[..]].concat()).expect(1);
    assert_eq!(site.paths()[before..], ["/gone", "/file"]);
}

#[cfg(unix)]
#[test]
fn a_sign_in_is_sent_to_its_origin_and_shown_nowhere() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::new();
    let other = Site::start(|_| page(&story("Ships return", "")));
    let away = other.url("/away");
    let site = Site::start(move |asked| match (asked.path.as_str(), asked.header("authorization")) {
        ("/away", _) => moved(&away),
        (_, Some("Basic YW5uOlNFQ1JFVA==")) => {
            page(&story("Port reopens", "<meta property=og:image content=/lead.png>"))
        }
        _ => reply("401 Unauthorized", &[], b""),
    });
    env.write("auth.toml", format!("[\"{}\"]\nuser = \"ann\"\npassword = \"SECRET\"\n", site.url("")));
    let chmod = |mode| fs::set_permissions(env.path("auth.toml"), fs::Permissions::from_mode(mode)).unwrap();
    let read = |args: &[&str]| {
        let mut command = env.command(
            &[&["read", "--voice", "tone", "--json", "--allow-private", "--auth-file", "auth.toml"], args]
                .concat(),
        );
        command.env("AUDIO_REPORT_LOG", "trace");
        Run::of(command)
    };
    let (port, away) = (site.url("/port"), site.url("/away"));
    chmod(0o644);
    let open = read(&[&port]).expect(2);
    assert!(open.stderr.contains("chmod 600 auth.toml") && site.asked().is_empty(), "{open}");
    chmod(0o600);
    let run = read(&[&port, &away, "-o", "out"]).expect(0);
    assert_eq!(other.asked()[0].header("authorization"), None);
    let refused = read(&[&site.url("/port").replace("127.0.0.1", "localhost")]).expect(3);
    assert!(refused.stderr.contains("401"), "{refused}");
    env.write("auth.toml", "[\"https://paper.example\"]\nbearer = \"SECRET\n");
    chmod(0o600);
    let broken = read(&[&port]).expect(2);
    assert!(broken.stderr.contains("auth.toml:2"), "{broken}");
    for run in [&open, &run, &refused, &broken] {
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!["SECRET", "YW5uOlNFQ1JFVA"].iter().any(|secret| said.contains(secret)), "{run}");
    }
    for name in env.files().iter().filter(|name| *name != "auth.toml") {
        assert!(!env.bytes(name).windows(6).any(|window| window == b"SECRET"), "{name}");
    }
}

#[test]
fn a_proxy_is_used_when_it_is_asked_for_and_not_otherwise() {
    let env = TestEnv::new();
    let proxy = Site::start(|_| reply_as_said("502 No way", &[], b""));
    let site = Site::start(|_| page(&story("Port reopens", "")));
    let run = |args: &[&str]| {
        let mut command =
            env.command(&[&["explain", "--allow-private", "--stage", "article"], args].concat());
        for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy"] {
            command.env(name, proxy.url(""));
        }
        Run::of(command)
    };
    run(&[&site.url("/a")]).expect(0);
    assert_eq!(proxy.asked().len(), 0);
    run(&["--proxy", "env", "http://paper.example/a"])
        .expect(3)
        .one_message(&["the proxy does not connect", "--proxy"]);
    assert_eq!(proxy.paths(), ["paper.example:80"]);
    run(&["--proxy", "socks5://127.0.0.1:1", "http://paper.example/a"])
        .expect(2)
        .one_message(&["no usable proxy"]);
    // Numbers are guarded on this side, too.
    run(&["--proxy", &proxy.url(""), "http://169.254.169.254/"]).expect(3).one_message(&["link-local"]);
    assert_eq!(proxy.asked().len(), 1);
}

#[cfg(feature = "play")]
#[test]
fn a_finished_report_at_an_address_is_known_as_sound() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        // Cut off, so that nothing has to be heard.
        "/cut.mp3" => reply("200 OK", &[("Content-Type", "audio/mpeg")], b"ID3\x03\0\0\0\0\0\0"),
        _ => reply("404 Not Found", &[], b""),
    });
    let run = env.run(&["play", "--allow-private", &site.url("/cut.mp3")]).expect(3);
    assert!(!run.stderr.contains("story"), "{run}");
    env.refused(
        &["play", "--voice", "tone", "--allow-private", &site.url("/404.mp3")],
        3,
        &["there is no such page"],
    );
}
