//! Feeds that are broken, lie, or want to be fetched from elsewhere: all of them in one run, in which each costs at most a message and
//! the others go on. What may not be fetched stands on a server that counts.

#![expect(clippy::too_many_lines, reason = "tables of feeds, and of what they cost")]

use super::common::{TestEnv, each};
use super::paper::messages;
use super::site::{Asked, Reply, Site, moved, page, reply, reply_as_said, story};
use super::text;

/// A feed, what it costs, and what it brings.
struct Row {
    name: &'static str,
    url: String,
    /// Words of its one message; none for a feed that is read.
    says: &'static [&'static str],
    /// Reports.
    brings: usize,
}

fn item(fields: &str, title: &str, html: &str) -> String {
    format!("<item>{fields}<title>{title}</title><description><![CDATA[{html}]]></description></item>")
}

const DATE: &str = "<pubDate>Sat, 29 Nov 2025 06:00:00 GMT</pubDate>";

/// An item that is well.
fn good(name: &str, number: usize) -> String {
    let guid = format!("<guid isPermaLink=\"false\">{name}-{number}</guid>{DATE}");
    item(&guid, &format!("{name} story {number}"), &text(&format!("{name} {number}"), 50))
}

fn channel(items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>C</title>{items}</channel></rss>")
}

fn served(body: impl AsRef<[u8]>) -> Reply {
    reply("200 OK", &[("Content-Type", "application/rss+xml")], body.as_ref())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn bomb(name: &str) -> String {
    let entities = ('b'..='k')
        .map(|name| format!("<!ENTITY {name} \"{}\">", format!("&{};", (name as u8 - 1) as char).repeat(10)))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\">{entities}]>{}",
        channel(&good(name, 1).replace("</item>", "<category>&k;</category></item>"))
    )
}

/// What the server says for the feed with a name; `turn` counts its polls from 0, `inner` is a server that nobody may ask.
fn feed(name: &str, turn: usize, inner: &str) -> Reply {
    let one = || channel(&good(name, 1));
    let titled = |title: &str| {
        channel(&item(&format!("<guid isPermaLink=\"false\">{name}</guid>{DATE}"), title, &text(name, 50)))
    };
    let plain_fields = |fields: &str| channel(&item(fields, &format!("{name} story 1"), &text(name, 50)));
    match name {
        "malformed" => served("<rss version=\"2.0\"><channel><item><title>A</item></channel></rss>"),
        "truncated" => served(&one()[..150]),
        "bomb" => served(bomb(name)),
        "xxe" => served(format!(
            "<!DOCTYPE rss [<!ENTITY x SYSTEM \"{inner}/entity\"><!ENTITY y SYSTEM \"file:///etc/passwd\">]>{}",
            one().replace("<title>C", "<title>&x;&y;")
        )),
        "dtd" => served(format!("<!DOCTYPE rss SYSTEM \"{inner}/rss.dtd\">{}", one())),
        "stylesheet" => served(format!(
            "<?xml version=\"1.0\"?><?xml-stylesheet href=\"{inner}/x.xsl\" type=\"text/xsl\"?>{}",
            one().replace(
                "</channel>",
                &format!("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"{inner}/i.xml\"/></channel>")
            )
        )),
        "many" => {
            let more = (4..=12_000).map(|number| {
                format!("<item><guid>many-{number}</guid><title>T</title><pubDate>Fri, 28 Nov 2025 06:00:00 GMT</pubDate></item>")
            });
            let first: String = (1..=3).map(|number| good(name, number)).collect();
            served(channel(&(first + &more.collect::<String>())))
        }
        "no-guid" => served(plain_fields(DATE)),
        "one-guid" => {
            let items = (1..=3).map(|number| good(name, number).replace(&format!("{name}-{number}<"), "same<"));
            served(channel(&items.collect::<String>()))
        }
        "new-guids" => served(plain_fields(&format!(
            "<guid isPermaLink=\"false\">{name}-{turn}</guid><link>/new-guids/quay</link>{DATE}"
        ))),
        "new-titles" => served(titled(&format!("{name} story {turn}"))),
        "future" => served(plain_fields("<guid>f</guid><pubDate>Sat, 29 Nov 2999 06:00:00 GMT</pubDate>")),
        "no-date" => served(plain_fields("<guid isPermaLink=\"false\">n</guid>")),
        "odd-date" => served(plain_fields("<guid isPermaLink=\"false\">o</guid><pubDate>Invalid Date</pubDate>")),
        "html-title" => served(titled("&lt;b onclick='x()'&gt;html-title&lt;/b&gt; story &amp;amp; quay")),
        "long-title" => served(titled(&format!("long-title {}", "very ".repeat(200_000)))),
        "path-title" => served(titled("../../../../etc/path-title")),
        "to-private" => moved(&format!("{inner}/feed")),
        "to-name" => moved(&format!("http://inner.example:{}/feed", inner.rsplit(':').next().unwrap_or_default())),
        "to-mapped" => moved(&inner.replace("127.0.0.2", "[::ffff:127.0.0.2]")),
        "to-nat64" => moved(&inner.replace("127.0.0.2", "[64:ff9b::7f00:2]")),
        "to-metadata" => moved("http://169.254.169.254/latest/meta-data/"),
        "to-file" => moved("file:///etc/passwd"),
        "to-password" => moved("http://ann:SECRET@127.0.0.1/"),
        "rebound" => served(one()),
        "rebinding" => moved("/rebinding/again"),
        "private-page" => served(channel(&item(
            &format!("<guid isPermaLink=\"false\">p</guid><link>{inner}/private-page/1</link>{DATE}"),
            "private-page story",
            "Short.",
        ))),
        "file-link" => served(plain_fields(&format!(
            "<guid isPermaLink=\"false\">l</guid><link>file:///etc/passwd</link>{DATE}"
        ))),
        "script-link" => served(plain_fields(&format!(
            "<guid isPermaLink=\"false\">s</guid><link>javascript:alert(1)</link>{DATE}"
        ))),
        "utf-16" => {
            let units = std::iter::once(0xFEFF).chain(one().encode_utf16().collect::<Vec<_>>());
            served(units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
        }
        "bom" => served(format!("\u{feff}<?xml version=\"1.0\"?>{}", one())),
        "wrong-charset" => {
            let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode("wrong-charset story – Caf\u{e9}");
            let [before, after] = ["<TITLE>", ""].map(str::as_bytes);
            let text = titled("<TITLE>");
            let at = text.find("<TITLE>").unwrap();
            let whole = [&text.as_bytes()[..at], &bytes, &text.as_bytes()[at + before.len()..], after].concat();
            reply("200 OK", &[("Content-Type", "application/rss+xml; charset=utf-8")], &whole)
        }
        "wrong-type" => reply("200 OK", &[("Content-Type", "image/png")], one().as_bytes()),
        "deep" => served(format!("<rss version=\"2.0\"><channel>{}", "<a>".repeat(100_000))),
        "deep-html" => served(channel(&item(
            &format!("<guid isPermaLink=\"false\">d</guid>{DATE}"),
            "deep-html story",
            &format!("{}{}", "<div>".repeat(50_000), text(name, 50)),
        ))),
        "attribute" => served(one().replace("<item>", &format!("<item x=\"{}\">", "a".repeat(5 << 20)))),
        "controls" => served(one().replace("story", "\u{1b}[2J&#27;[31m&#7;\u{202e}story")),
        "nul" => served(one().replace("story", "st\0ory")),
        "unasked-304" => reply("304 Not Modified", &[], b""),
        "new-etag" => reply("200 OK", &[("ETag", &*format!("\"{turn}\""))], one().as_bytes()),
        "sick-robots" => served(plain_fields("")),
        "circle" => moved("/circle"),
        "empty" => served(""),
        "page" => page(&story("No feed", "")),
        "linked-page" => page(&story(
            "A site",
            "<link rel='alternate stylesheet' href=/x.css><link rel=alternate type='application/rss+xml' title='All' href='/linked-feed'>",
        )),
        "linked-feed" => served(channel(&good("linked-page", 1))),
        "private-link" => page(&story(
            "A site",
            &format!("<link rel=alternate type='application/atom+xml' href='{inner}/private-link'>"),
        )),
        "pdf" => served(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
        "json" => reply("200 OK", &[("Content-Type", "application/feed+json")], b"{\"version\": 3, \"items\": 7}"),
        "deep-json" => reply("200 OK", &[("Content-Type", "application/feed+json")], "[".repeat(200_000).as_bytes()),
        "twice" => served(channel(&good(name, 1).repeat(5))),
        "slow" => Reply::Drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>".to_vec()),
        "endless" => Reply::Endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>".to_vec()),
        "packed-bomb" => reply("200 OK", &[("Content-Encoding", "gzip")], &gzip(&vec![b' '; 12 << 20])),
        "cut" => reply_as_said("200 OK", &[("Content-Length", "9999")], one().as_bytes()),
        "gone" => reply("410 Gone", &[], b""),
        "no-http" => Reply::Bytes(b"220 mail.example ESMTP\r\n".to_vec()),
        "fine" => served(one()),
        number if number.starts_with("hop-") => {
            let left: u32 = number[4..].parse().unwrap();
            moved(&if left == 0 { "/fine".to_string() } else { format!("/hop-{}", left - 1) })
        }
        _ => reply("404 Not Found", &[], b""),
    }
}

/// Serves the feed that a path names, and notes its turn.
fn serve(
    site: &std::sync::Mutex<std::collections::HashMap<String, usize>>,
    asked: &Asked,
    inner: &str,
) -> Reply {
    let name = asked.path.split('/').nth(1).unwrap_or_default();
    match asked.path.as_str() {
        "/robots.txt" => reply("404 Not Found", &[], b""),
        "/new-guids/quay" => page(&story("new-guids story", "")),
        _ => {
            let mut turns = site.lock().unwrap();
            let turn = turns.entry(name.to_string()).or_default();
            *turn += 1;
            feed(name, *turn - 1, inner)
        }
    }
}

#[test]
fn sixty_hostile_feeds_cost_a_message_each_and_fetch_nothing_private() {
    let inner = Site::start_on("127.0.0.2", |_| page(&story("Secret", "")));
    let (inside, turns) = (inner.url(""), std::sync::Mutex::default());
    let outer = Site::start(move |asked| serve(&turns, asked, &inside));
    let busy = Site::start(|_| reply("429 Too Many Requests", &[("Retry-After", "3600")], b""));
    let later = Site::start(|_| {
        reply("503 Service Unavailable", &[("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT")], b"")
    });
    let sick = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => reply("500 Fault", &[], b""),
        "/sick-robots" => served(channel(&item(
            &format!("<guid isPermaLink=\"false\">r</guid><link>/sick-robots/1</link>{DATE}"),
            "sick-robots story",
            "Short.",
        ))),
        _ => page(&story("Page", "")),
    });
    let secure = ["good", "expired", "unsigned"].map(|certificate| {
        let open = outer.url("/fine");
        Site::start_secure(certificate, move |asked| match asked.path.as_str() {
            "/downgrade" => moved(&open),
            _ => served(channel(&good("tls", 1))),
        })
    });
    let secure_url =
        |number: usize, host: &str, path: &str| format!("https://{host}:{}{path}", secure[number].port());
    let row = |name: &'static str, says: &'static [&'static str], brings| Row {
        name,
        url: outer.url(&format!("/{name}")),
        says,
        brings,
    };
    let refused = |name| row(name, &["only public addresses are fetched"], 0);
    let unread = |name| row(name, &["no feed that can be read"], 0);
    let named =
        |host: &str, name| Row { url: format!("http://{host}:{}/{name}", outer.port()), ..row(name, &[], 1) };
    let rows = [
        unread("malformed"),
        unread("truncated"),
        row("bomb", &[], 1),
        row("xxe", &[], 1),
        row("dtd", &[], 1),
        row("stylesheet", &[], 1),
        row("many", &[], 3),
        row("no-guid", &[], 1),
        row("one-guid", &[], 3),
        row("new-guids", &[], 1),
        row("new-titles", &[], 1),
        row("future", &[], 1),
        row("no-date", &[], 1),
        row("odd-date", &[], 1),
        row("html-title", &[], 1),
        row("long-title", &[], 1),
        row("path-title", &[], 1),
        refused("to-private"),
        refused("to-name"),
        refused("to-mapped"),
        refused("to-nat64"),
        refused("to-metadata"),
        row("to-file", &["redirects to what is not fetched"], 0),
        row("to-password", &["redirects to what is not fetched"], 0),
        named("rebound.example", "rebound"),
        Row {
            says: &["only public addresses are fetched"],
            brings: 0,
            ..named("rebinding.example", "rebinding")
        },
        refused("private-page"),
        row("file-link", &[], 1),
        row("script-link", &[], 1),
        row("utf-16", &[], 1),
        row("bom", &[], 1),
        row("wrong-charset", &[], 1),
        row("wrong-type", &[], 1),
        unread("deep"),
        row("deep-html", &[], 1),
        row("attribute", &[], 1),
        row("controls", &[], 1),
        row("nul", &[], 1),
        row("unasked-304", &["said not to have changed"], 0),
        row("new-etag", &[], 1),
        Row {
            url: sick.url("/sick-robots"),
            ..row("sick-robots", &["does not say now what robots may fetch"], 0)
        },
        Row { url: secure_url(0, "good.example", "/tls"), ..row("tls", &[], 1) },
        Row { url: secure_url(1, "good.example", "/expired"), ..row("expired", &["no safe connection"], 0) },
        Row {
            url: secure_url(2, "good.example", "/unsigned"),
            ..row("unsigned", &["no safe connection"], 0)
        },
        Row { url: secure_url(0, "other.example", "/other"), ..row("other", &["no safe connection"], 0) },
        Row {
            url: secure_url(0, "good.example", "/downgrade"),
            ..row("downgrade", &["from https to an open connection"], 0)
        },
        Row {
            url: outer.url("/plain").replace("http:", "https:"),
            ..row("plain", &["no safe connection"], 0)
        },
        row("circle", &["redirects in a circle"], 0),
        row("hop-6", &["redirects more than 5 times"], 0),
        row("hop-4", &[], 1),
        unread("empty"),
        row("page", &["no feed that can be read", "sites link to it"], 0),
        row("linked-page", &[], 1),
        refused("private-link"),
        row("pdf", &["this is a PDF document"], 0),
        unread("json"),
        unread("deep-json"),
        row("twice", &[], 1),
        row("slow", &["longer than 4 s"], 0),
        row("endless", &["larger than 10 MB"], 0),
        row("packed-bomb", &["larger than 10 MB"], 0),
        row("cut", &["broke off"], 0),
        row("gone", &["410"], 0),
        row("no-http", &["does not answer in HTTP"], 0),
        Row { url: busy.url("/busy"), ..row("busy", &["asked again in 3600 s"], 0) },
        Row { url: later.url("/later"), ..row("later", &["asked again in"], 0) },
        row("nowhere", &["404"], 0),
    ];
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls/authority.pem");
    let env = TestEnv::with_net(&format!(
        "time=4 public=127.0.0.1 root={root} name=good.example:127.0.0.1 name=other.example:127.0.0.1 name=inner.example:127.0.0.2 \
         name=rebound.example:127.0.0.1,127.0.0.2 name=rebinding.example:127.0.0.1,127.0.0.2"
    ));
    let mut args = vec!["feed", "--voice", "tone", "--since", "5200w", "--max", "3", "-oout"];
    args.extend(rows.iter().map(|row| row.url.as_str()));
    let sounds =
        || -> Vec<String> { env.files().into_iter().filter(|name| name.starts_with("out/")).collect() };
    let run = env.run(&args).expect(1);
    let messages = messages(&run);
    let first = sounds();
    // The name of the feed that hop-4 leads to.
    let is_of = |sound: &str, name: &str| {
        let name = if name == "hop-4" { "fine" } else { name };
        sound.strip_prefix("out/").is_some_and(|sound| {
            sound.starts_with(&format!("{name}-story"))
                || sound.starts_with(&format!("{name}-very"))
                || (name == "controls" && sound == "controls-2j-31m-story-1.wav")
                || (name == "new-guids" && sound == "quay.wav")
                || (name == "path-title" && sound == "etc-path-title.wav")
        })
    };
    let is_about = |message: &str, row: &Row| {
        message.contains(&format!("where: {}\n", row.url))
            || message.contains(&format!("/{}/", row.name))
            || message.contains(&format!("where: {} ", row.name))
    };
    let stray: Vec<&String> =
        messages.iter().filter(|message| !rows.iter().any(|row| is_about(message, row))).collect();
    each(&rows, |row| {
        let own: Vec<&String> = messages.iter().filter(|message| is_about(message, row)).collect();
        let brought = first.iter().filter(|sound| is_of(sound, row.name)).count();
        assert_eq!(
            brought, row.brings,
            "{}: {first:?}\n{own:?}\nabout none: {stray:?}\n{}",
            row.name, run.stdout
        );
        assert_eq!(own.len(), usize::from(!row.says.is_empty()), "{}: {own:?}", row.name);
        for words in row.says {
            assert!(own[0].contains(words), "{}: {}", row.name, own[0]);
        }
    });
    let brought: usize = rows.iter().map(|row| row.brings).sum();
    assert_eq!(
        (first.len(), messages.len()),
        (brought, rows.iter().filter(|row| !row.says.is_empty()).count()),
        "{first:?}\n{run}"
    );
    assert!(run.stdout.contains("2000 too many"), "{run}");
    let said = format!("{}{}", run.stdout, run.stderr);
    for secret in ["SECRET", "root:", "\u{1b}", "\u{202e}"] {
        assert!(!said.contains(secret), "{secret:?}\n{run}");
    }
    // The next morning: nothing is new, and who asked to be left alone is left alone.
    let run = env.run(&args).expect(1);
    assert_eq!(sounds(), first, "{run}");
    assert!(run.stderr.matches("left alone").count() == 2, "{run}");
    assert_eq!((busy.asked().len(), later.asked().len()), (1, 1));
    assert_eq!(sick.paths().iter().filter(|path| *path == "/sick-robots/1").count(), 0);
    assert_eq!(inner.paths(), Vec::<String>::new(), "what is private was fetched");
}
