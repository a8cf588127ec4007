//! The fetcher against real servers on this machine.

mod site;

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::tls::RootCerts;

use self::site::{Reply, Site, moved, page, reply, reply_as_said};
use super::fault::Fault;
use super::fetcher::{Limits, Validators};
use super::ground::Ground;
use super::guard::{Lookup, Policy, System};
use super::robots::{Robots, Sites};
use super::{Address, Answer, Credentials, Fetched, Fetcher, Options, Request, Wanted, Way};
use crate::cancel::Cancel;
use crate::table_test::each;

/// Limits that a test reaches soon.
const LIMITS: Limits =
    Limits { redirects: 5, bytes: 100_000, time: Duration::from_secs(20), pause: Duration::ZERO };
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A fetcher for which 127.0.0.1 alone is public.
fn fetcher() -> Fetcher {
    with(Options::default(), LIMITS, Arc::new(System))
}

fn with(options: Options, limits: Limits, lookup: Arc<dyn Lookup>) -> Fetcher {
    let policy = Policy { allow_private: options.allow_private, spared: Some(HERE) };
    Fetcher::on(Ground { limits, policy, lookup, roots: RootCerts::WebPki }, options, Cancel::new())
}

fn request(url: &str) -> Request {
    Request::new(Address::parse(url).unwrap())
}

fn get(fetcher: &Fetcher, url: &str) -> Result<Fetched, Fault> {
    match fetcher.get(&request(url))? {
        Answer::Fresh(page) => Ok(page),
        Answer::Unchanged => panic!("nobody asked"),
    }
}

fn fault(fetcher: &Fetcher, url: &str) -> Fault {
    get(fetcher, url).map(|fetched| fetched.address).unwrap_err()
}

/// Names and what they stand for, one answer a question; the last one stays.
#[derive(Default)]
struct Table {
    answers: HashMap<&'static str, Vec<Vec<SocketAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Lookup for Table {
    fn lookup(&self, host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
        let mut asked = self.asked.lock().unwrap();
        let before = asked.iter().filter(|known| *known == host).count();
        asked.push(host.to_owned());
        let answers = self.answers.get(host).ok_or_else(|| io::Error::other("no such name"))?;
        Ok(answers[before.min(answers.len() - 1)].clone())
    }
}

#[test]
fn a_page_comes_whole_and_says_who_asked() {
    let site = Site::start(|_| {
        reply(
            "200 OK",
            &[("Content-Type", "text/html; charset=\"windows-1252\""), ("ETag", "W/\"a\"")],
            b"<p>Caf\xe9",
        )
    });
    let fetched = get(&fetcher(), &site.url("/a?b=c#d")).unwrap();
    assert_eq!(
        (fetched.bytes.as_slice(), fetched.charset.as_deref()),
        (&b"<p>Caf\xe9"[..], Some("windows-1252"))
    );
    assert_eq!(fetched.address.to_string(), site.url("/a?b=c"));
    assert_eq!(fetched.validators.etag.as_deref(), Some(&b"W/\"a\""[..]));
    let asked = &site.asked()[0];
    assert_eq!(asked.path, "/a?b=c");
    let agent = asked.header("user-agent").unwrap();
    assert_eq!(agent, concat!("audio-report/", env!("CARGO_PKG_VERSION")));
    assert_eq!((asked.header("cookie"), asked.header("authorization")), (None, None));
    assert_eq!(asked.header("accept-encoding"), Some("gzip, deflate"));
}

#[test]
fn redirects_are_followed_five_times() {
    let site = Site::start(|asked| match asked.path.as_str() {
        "/a/relative" => moved("../done?x"),
        "/done?x" | "/0" => page("<p>done"),
        "/circle" => moved("/circle/2"),
        "/circle/2" => moved("/circle"),
        "/self" => moved(""),
        "/cookies" => reply("302 Found", &[("Location", "/done?x"), ("Set-Cookie", "a=b")], b"elsewhere"),
        "/nowhere" => reply("302 Found", &[], b""),
        "/file" => moved("file:///etc/passwd"),
        "/password" => moved("http://ann:secret@127.0.0.1/"),
        path => moved(&format!("/{}", path[1..].parse::<u32>().unwrap() - 1)),
    });
    let fetcher = fetcher();
    let rows = [("/a/relative", "/done?x"), ("/cookies", "/done?x"), ("/5", "/0")];
    each(rows, |(from, to)| {
        assert_eq!(get(&fetcher, &site.url(from)).unwrap().address.to_string(), site.url(to));
    });
    assert!(site.asked().iter().all(|asked| asked.header("cookie").is_none()));
    assert_eq!(fault(&fetcher, &site.url("/6")), Fault::TooManyRedirects(5));
    each(["/circle", "/self"], |path| assert_eq!(fault(&fetcher, &site.url(path)), Fault::Circle, "{path}"));
    each(["/nowhere", "/file", "/password"], |path| {
        let fault = fault(&fetcher, &site.url(path));
        assert!(
            matches!(fault, Fault::BadRedirect(_)) && !fault.to_string().contains("secret"),
            "{path}: {fault}"
        );
    });
}

#[test]
fn nothing_private_is_asked_even_behind_redirects() {
    let inner = Site::start_on("127.0.0.2", |_| page("<p>secret"));
    let port = inner.port();
    let targets = [
        format!("http://127.0.0.2:{port}/"),
        format!("http://0x7f000002:{port}/"),
        format!("http://2130706434:{port}/"),
        format!("http://127.2:{port}/"),
        format!("http://[::ffff:127.0.0.2]:{port}/"),
        format!("http://inner.example:{port}/"),
        format!("http://mixed.example:{port}/"),
    ];
    let known = targets.clone();
    let outer = Site::start(move |asked| moved(&known[asked.path[1..].parse::<usize>().unwrap()]));
    let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), port);
    let table = Table {
        answers: HashMap::from([
            ("inner.example", vec![vec![at("127.0.0.2")]]),
            ("mixed.example", vec![vec![at("10.0.0.1"), at("127.0.0.2"), at("::ffff:127.0.0.2")]]),
        ]),
        ..Table::default()
    };
    let fetcher = with(Options::default(), LIMITS, Arc::new(table));
    each(targets.iter().enumerate(), |(number, target)| {
        for url in [target.clone(), outer.url(&format!("/{number}"))] {
            let fault = fault(&fetcher, &url);
            assert!(matches!(fault, Fault::Private { .. }), "{url}: {fault:?}");
        }
    });
    assert_eq!(outer.asked().len(), targets.len());
    assert_eq!(inner.paths(), Vec::<String>::new());
    // They are real: with leave they are reached.
    let open = with(Options { allow_private: true, ..Options::default() }, LIMITS, Arc::new(System));
    assert_eq!(get(&open, &targets[0]).unwrap().bytes, b"<p>secret");
    assert_eq!(inner.asked().len(), 1);
}

#[test]
fn a_name_that_changes_between_check_and_connection_gains_nothing() {
    let inner = Site::start_on("127.0.0.2", |_| page("<p>secret"));
    let outer = Site::start(|asked| match asked.path.as_str() {
        "/again" => moved("/"),
        _ => page("<p>open"),
    });
    let at = |ip: &str, site: &Site| SocketAddr::new(ip.parse().unwrap(), site.port());
    let (good, bad) = (vec![at("127.0.0.1", &outer)], vec![at("127.0.0.2", &inner)]);
    let table = Arc::new(Table {
        answers: HashMap::from([
            ("once.example", vec![good.clone(), bad.clone()]),
            ("again.example", vec![good, bad]),
        ]),
        ..Table::default()
    });
    let fetcher = with(Options::default(), LIMITS, table.clone());
    // One look-up a connection, and its answer is the one dialled.
    assert_eq!(get(&fetcher, "http://once.example/").unwrap().bytes, b"<p>open");
    assert_eq!(*table.asked.lock().unwrap(), ["once.example"]);
    // The second connection looks again, and what it finds is checked again.
    let fault = fault(&fetcher, "http://again.example/again");
    assert!(matches!(fault, Fault::Private { ref host, .. } if host == "again.example"), "{fault:?}");
    assert_eq!(inner.asked().len(), 0);
    assert_eq!(fault_of_unknown_name(&fetcher), Fault::UnknownHost("unknown.example".to_owned()));
}

fn fault_of_unknown_name(fetcher: &Fetcher) -> Fault {
    fault(fetcher, "http://unknown.example/")
}

#[test]
fn slow_servers_are_given_up() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    let site = Site::start(|asked| match asked.path.as_str() {
        "/drip" => Reply::Drip(HEAD.to_vec()),
        "/head" => Reply::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec()),
        "/silence" => Reply::Silence,
        _ => moved("/drip"),
    });
    let time = Duration::from_millis(400);
    let fetcher = with(Options::default(), Limits { time, ..LIMITS }, Arc::new(System));
    each(["/drip", "/head", "/silence", "/moved"], |path| {
        assert_eq!(fault(&fetcher, &site.url(path)), Fault::TooSlow(time), "{path}");
    });
}

#[test]
fn endless_cut_and_false_answers_are_told_apart() {
    let gzip = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    let (bomb, story) = (gzip(&vec![b'a'; 10 << 20]), gzip(site::story("Port", "").as_bytes()));
    let html = ("Content-Type", "text/html");
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/endless" => Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
        "/large" => reply_as_said("200 OK", &[html, ("Content-Length", "100001")], b""),
        "/bomb" => reply("200 OK", &[html, ("Content-Encoding", "gzip")], &bomb),
        "/cut" => reply_as_said("200 OK", &[html, ("Content-Length", "1000")], b"<p>The port"),
        "/chunk" => reply_as_said("200 OK", &[html, ("Transfer-Encoding", "chunked")], b"5\r\n<p>Th\r\n"),
        "/half" => reply("200 OK", &[html, ("Content-Encoding", "gzip")], &story[..story.len() / 2]),
        "/brotli" => reply("200 OK", &[html, ("Content-Encoding", "br")], b"x"),
        "/head" => reply_as_said("200 OK", &[("X", "a".repeat(70_000).as_str())], b""),
        "/pdf" => reply("200 OK", &[html], &b"%PDF-1.7\n%\xe2\xe3\n".repeat(10)),
        "/no-http" => Reply::Bytes(b"220 mail.example ESMTP\r\n".to_vec()),
        "/hang-up" => Reply::Bytes(Vec::new()),
        "/unasked" => reply("304 Not Modified", &[], b""),
        path => reply(&format!("{} Sorry", &path[1..]), &[], b"<p>Sorry"),
    });
    let fetcher = fetcher();
    let rows = [
        ("/endless", Fault::TooLarge(100_000)),
        ("/large", Fault::TooLarge(100_000)),
        ("/bomb", Fault::TooLarge(100_000)),
        ("/cut", Fault::CutOff),
        ("/chunk", Fault::CutOff),
        ("/half", Fault::CutOff),
        ("/hang-up", Fault::CutOff),
        ("/pdf", Fault::NotText("a PDF document")),
        ("/unasked", Fault::Status { code: 304, wait: None }),
        ("/404", Fault::Status { code: 404, wait: None }),
        ("/451", Fault::Status { code: 451, wait: None }),
        ("/500", Fault::Status { code: 500, wait: None }),
        ("/204", Fault::Status { code: 204, wait: None }),
        ("/206", Fault::Status { code: 206, wait: None }),
    ];
    each(rows, |(path, want)| assert_eq!(fault(&fetcher, &site.url(path)), want, "{path}"));
    each(["/brotli"], |path| {
        assert!(matches!(fault(&fetcher, &site.url(path)), Fault::Compression(_)), "{path}");
    });
    each(["/head", "/no-http"], |path| {
        let fault = fault(&fetcher, &site.url(path));
        assert!(matches!(fault, Fault::Protocol(_)), "{path}: {fault:?}");
    });
    let tls = fault(&fetcher, &site.url("/").replace("http:", "https:"));
    assert!(matches!(tls, Fault::Tls(_)), "{tls:?}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = fault(&fetcher, &format!("http://{closed}/"));
    assert_eq!(closed, Fault::NoConnection("it refuses the connection".to_owned()));
}

#[test]
fn a_version_that_is_known_is_not_sent_again() {
    const TAG: &str = "W/\"caf\u{e9}, \\x\"";
    const DATE: &str = "Mon, 1 Nov 2026 9:00 here";
    let site = Site::start(|asked| match asked.header("if-none-match") {
        Some(TAG) if asked.header("if-modified-since") == Some(DATE) => {
            reply_as_said("304 Not Modified", &[], b"")
        }
        _ => reply("200 OK", &[("ETag", TAG), ("Last-Modified", DATE)], b"<p>Port"),
    });
    let fetcher = fetcher();
    let known = get(&fetcher, &site.url("/")).unwrap().validators;
    assert_eq!(known.etag.as_deref(), Some(TAG.as_bytes()));
    assert_eq!(known.last_modified.as_deref(), Some(DATE.as_bytes()));
    let again = Request { known, ..request(&site.url("/")) };
    assert!(matches!(fetcher.get(&again).unwrap(), Answer::Unchanged));
    let other = Validators { etag: Some(b"\"b\"".to_vec()), last_modified: None };
    let changed = Request { known: other, ..request(&site.url("/")) };
    assert!(matches!(fetcher.get(&changed).unwrap(), Answer::Fresh(_)));
    assert_eq!(site.asked()[2].header("if-modified-since"), None);
}

#[test]
fn a_host_that_asks_for_patience_is_not_asked_again() {
    let site = Site::start(|asked| match asked.path.as_str() {
        "/429" => reply("429 Too Many Requests", &[("Retry-After", "120")], b""),
        _ => page("<p>Port"),
    });
    let fetcher = fetcher();
    assert!(get(&fetcher, &site.url("/")).is_ok());
    let wait = Some(Duration::from_mins(2));
    assert_eq!(fault(&fetcher, &site.url("/429")), Fault::Status { code: 429, wait });
    let later = fault(&fetcher, &site.url("/"));
    assert!(
        matches!(later, Fault::Status { code: 429, wait: Some(left) } if left <= Duration::from_mins(2)),
        "{later:?}"
    );
    assert_eq!(site.paths(), ["/", "/429"]);
}

#[test]
fn requests_to_one_host_have_a_pause_between_them() {
    let site = Site::start(|_| page("<p>Port"));
    let pause = Duration::from_millis(150);
    let fetcher = with(Options::default(), Limits { pause, ..LIMITS }, Arc::new(System));
    let begun = Instant::now();
    for _ in 0..3 {
        assert!(get(&fetcher, &site.url("/")).is_ok());
    }
    assert!(begun.elapsed() >= 2 * pause, "{:?}", begun.elapsed());
    // A request to stop ends the wait.
    let cancel = Cancel::new();
    cancel.cancel();
    let policy = Policy { allow_private: true, spared: None };
    let limits = Limits { pause: Duration::from_hours(1), ..LIMITS };
    let ground = Ground { limits, policy, lookup: Arc::new(System), roots: RootCerts::WebPki };
    let stopped = Fetcher::on(ground, Options::default(), cancel);
    assert!(get(&stopped, &site.url("/")).is_ok());
    assert_eq!(fault(&stopped, &site.url("/")), Fault::Interrupted);
}

#[cfg(unix)]
#[test]
fn a_sign_in_stays_at_its_origin() {
    use std::os::unix::fs::PermissionsExt;
    let other = Site::start(|asked| match asked.path.as_str() {
        "/back" => moved(asked.header("x").unwrap_or("/")),
        _ => page("<p>other"),
    });
    let (away, port) = (other.url("/"), other.port());
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/away" => moved(&away),
        "/near" => moved("/here"),
        _ if asked.header("authorization").is_none() => reply("401 Unauthorized", &[], b""),
        _ => page("<p>here"),
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.toml");
    let text = format!(
        "[\"{}\"]\nbearer = \"TOKEN-1\"\n[\"http://127.0.0.1:{port}\"]\nbearer = \"TOKEN-2\"\n",
        site.url("")
    );
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let credentials = Credentials::read(&file, true).unwrap();
    let fetcher = with(Options { credentials, ..Options::default() }, LIMITS, Arc::new(System));
    assert_eq!(get(&fetcher, &site.url("/near")).unwrap().bytes, b"<p>here");
    // The other site has a sign-in of its own, which a redirect to it does not use.
    assert_eq!(get(&fetcher, &site.url("/away")).unwrap().bytes, b"<p>other");
    assert_eq!(other.asked()[0].header("authorization"), None);
    assert!(get(&fetcher, &other.url("/")).is_ok());
    assert_eq!(other.asked()[1].header("authorization"), Some("Bearer TOKEN-2"));
    // A picture has the sign-in of its page's origin only.
    for (page, want) in [(&site, None), (&other, Some("Bearer TOKEN-2"))] {
        let page = Some(Address::parse(&page.url("/story")).unwrap());
        let picture = Request { wanted: Wanted::Picture, page, ..request(&other.url("/lead.jpg")) };
        fetcher.get(&picture).unwrap();
        assert_eq!(other.asked().last().unwrap().header("authorization"), want);
    }
    assert!(!format!("{fetcher:?}").contains("TOKEN"));
}

#[cfg(unix)]
#[test]
fn who_signs_in_otherwise_shares_the_pauses() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::start(|asked| match asked.path.as_str() {
        "/busy" => reply("429 Too Many Requests", &[("Retry-After", "60")], b""),
        _ => page("<p>here"),
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.toml");
    std::fs::write(&file, format!("[\"{}\"]\nbearer = \"OWN\"\n", site.url(""))).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let usual = fetcher();
    let own = usual.with_credentials(Credentials::read(&file, true).unwrap());
    for (fetcher, want) in [(&own, Some("Bearer OWN")), (&usual, None)] {
        get(fetcher, &site.url("/")).unwrap();
        assert_eq!(site.asked().last().unwrap().header("authorization"), want);
    }
    assert!(matches!(fault(&usual, &site.url("/busy")), Fault::Status { code: 429, .. }));
    assert!(matches!(fault(&own, &site.url("/")), Fault::Status { code: 429, wait: Some(_) }));
    assert_eq!(site.paths(), ["/", "/", "/busy"], "a host that asked to be left alone is asked again");
}

#[test]
fn a_proxy_is_used_when_it_is_named_and_numbers_are_still_guarded() {
    // It takes the place of the server behind it.
    let proxy = Site::start(|_| reply_as_said("200 OK", &[], b""));
    let way = Way::through(&proxy.url("")).unwrap();
    let table = Arc::new(Table::default());
    let fetcher = with(Options { way, ..Options::default() }, LIMITS, table.clone());
    let _ = get(&fetcher, "http://paper.example/");
    assert_eq!(proxy.paths(), ["paper.example:80"], "the proxy looks the name up");
    assert!(table.asked.lock().unwrap().is_empty());
    each(["http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/"], |url| {
        assert!(matches!(fault(&fetcher, url), Fault::Private { .. }), "{url}");
    });
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn robots_are_asked_once_a_site() {
    let site = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => reply("200 OK", &[], b"User-agent: *\nDisallow: /private\nDisallow: /*?print"),
        _ => page("<p>Port"),
    });
    let statuses = [
        ("404 Not Found", true),
        ("403 Forbidden", true),
        ("410 Gone", true),
        ("429 Too Many", false),
        ("500 Fault", false),
        ("503 Busy", false),
    ];
    let sites = Sites::default();
    let fetcher = fetcher();
    let rows = [
        ("/a", true),
        ("/private/a", false),
        ("/a?print=1", false),
        ("/a?x=print", true),
        ("/robots.txt", true),
    ];
    each(rows, |(path, want)| {
        let address = Address::parse(&site.url(path)).unwrap();
        assert_eq!(sites.robots(&fetcher, &address).unwrap().allows(&address), want, "{path}");
    });
    assert_eq!(site.paths(), ["/robots.txt"]);
    each(statuses, |(status, want)| {
        let site = Site::start(move |_| reply(status, &[], b"User-agent: *\nDisallow:"));
        let address = Address::parse(&site.url("/a")).unwrap();
        assert_eq!(sites.robots(&fetcher, &address).unwrap().allows(&address), want, "{status}");
    });
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = Address::parse(&format!("http://{closed}/a")).unwrap();
    assert_eq!(*sites.robots(&fetcher, &address).unwrap(), Robots::NotNow);
    let private = Address::parse("http://10.0.0.1/").unwrap();
    assert!(matches!(sites.robots(&fetcher, &private), Err(Fault::Private { .. })));
}

#[test]
fn nothing_is_fetched_offline() {
    let site = Site::start(|_| page("<p>Port"));
    let fetcher = with(Options { is_offline: true, ..Options::default() }, LIMITS, Arc::new(System));
    assert_eq!(fault(&fetcher, &site.url("/")), Fault::Offline);
    assert!(site.asked().is_empty());
}
