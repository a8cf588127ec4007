//! Sign-in files of single feeds: who gets which secret, and that nobody else does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::common::{Run, TestEnv, each};
use super::site::{Asked, Reply, Site, moved, page, reply};
use super::{item, rss, sounds, text};

/// The header that a request brings its sign-in in.
fn shown(asked: &Asked) -> Option<&str> {
    asked.header("authorization").or_else(|| asked.header("cookie"))
}

/// The paths of a site that were asked for with a sign-in, and those without one.
fn counted(site: &Site, secret: &str) -> (Vec<String>, Vec<String>) {
    let asked = site.asked();
    assert!(asked.iter().filter_map(shown).all(|value| value == secret), "another's secret: {asked:?}");
    let (with, without): (Vec<Asked>, Vec<Asked>) = asked
        .into_iter()
        .filter(|asked| asked.path != "/robots.txt")
        .partition(|asked| shown(asked).is_some());
    let paths = |asked: Vec<Asked>| {
        let mut paths: Vec<String> = asked.into_iter().map(|asked| asked.path).collect();
        paths.sort();
        paths
    };
    (paths(with), paths(without))
}

/// Writes a sign-in file that only its owner may read.
fn write_secret(env: &TestEnv, name: &str, site: &Site, entry: &str) {
    env.write(name, format!("[\"{}\"]\n{entry}\n", site.url("")));
    set_mode(env, name, 0o600);
}

fn set_mode(env: &TestEnv, name: &str, mode: u32) {
    fs::set_permissions(env.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

fn run(env: &TestEnv, args: &[&str]) -> Run {
    let usual = ["feed", "--voice", "tone", "--since", "5200w", "--keep-similar", "--text", "page", "-oout"];
    let mut command = env.command(&[&usual, args].concat());
    command.env("AUDIO_REPORT_LOG", "trace");
    Run::of(command)
}

/// Whether a file below a folder holds one of these texts, hidden files too.
fn holds(folder: &Path, secrets: &[&str]) -> bool {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return holds(&path, secrets);
        }
        let bytes = fs::read(&path).unwrap();
        secrets.iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
    })
}

fn story(asked: &Asked) -> Reply {
    page(&format!(
        "<html lang=en><title>Page {0}</title><article><h1>Page {0}</h1>{1}</article>",
        asked.path,
        text("Havn", 80)
    ))
}

/// Answers those who sign in, with a feed of four articles: one here, one elsewhere, one that leads elsewhere, one that stays.
fn guarded(header: &'static str, secret: &'static str, elsewhere: String) -> Site {
    Site::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => reply("404 Not Found", &[], b""),
        _ if asked.header(header) != Some(secret) => reply("401 Unauthorized", &[], b""),
        "/feed" => {
            let there = format!("{elsewhere}/there");
            rss(&[("/here", "Here"), (&there, "There"), ("/away", "Away"), ("/near", "Near")]
                .map(|(link, title)| item(title, title, link, "Read on.")))
        }
        "/moved" => moved(&format!("{elsewhere}/feed")),
        "/away" => moved(&format!("{elsewhere}/landed")),
        "/near" => moved("/stayed"),
        _ => story(asked),
    })
}

/// A site that asks for nothing.
fn open() -> Site {
    Site::start_on("127.0.0.2", |asked| match asked.path.as_str() {
        "/robots.txt" => reply("404 Not Found", &[], b""),
        "/feed" => rss(&[item("o", "Open", "/open", "Read on.")]),
        _ => story(asked),
    })
}

#[test]
fn a_feed_signs_in_at_its_own_origin_alone_and_tells_nobody() {
    let rows = [
        ("authorization", "Basic YW5uOlNFQ1JFVA==", "user = \"ann\"\npassword = \"SECRET\""),
        ("authorization", "Bearer SECRET", "bearer = \"SECRET\""),
        ("cookie", "session=SECRET", "cookie = \"session=SECRET\""),
    ];
    each(rows, |(header, secret, entry)| {
        let env = TestEnv::new();
        let other = open();
        let site = guarded(header, secret, other.url(""));
        // The path is one from the list's folder.
        write_secret(&env, "lists/own/secret.toml", &site, entry);
        let feed =
            |path: &str| format!("[[feed]]\nurl = \"{}\"\nauth-file = \"own/secret.toml\"\n", site.url(path));
        env.write("lists/feeds.toml", feed("/feed") + &feed("/moved"));
        let args = ["--allow-private", "--events", "--feeds", "lists/feeds.toml"];
        let first = run(&env, &args).expect(0);
        assert_eq!(sounds(&env).len(), 5, "{first}");
        let (with, without) = counted(&site, secret);
        assert_eq!(with, ["/away", "/feed", "/here", "/moved", "/near", "/stayed"], "{first}");
        assert_eq!(without, [""; 0], "{first}");
        let (with, without) = counted(&other, secret);
        assert_eq!(with, [""; 0], "{first}");
        assert_eq!(without, ["/feed", "/landed", "/open", "/there"], "{first}");
        let again = run(&env, &args).expect(0);
        let exported = env.ok(&["store", "export", "out", "-o", "memory.json"]);
        let status = env.ok(&["status", "out", "--json"]);
        let secrets = ["SECRET", "YW5uOlNFQ1JFVA"];
        for run in [&first, &again, &exported, &status] {
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!secrets.iter().any(|secret| said.contains(secret)), "{run}");
        }
        fs::remove_file(env.path("lists/own/secret.toml")).unwrap();
        assert!(!holds(&env.folder(), &secrets) && !holds(&env.data(""), &secrets), "{header}");
    });
}

#[test]
fn two_feeds_on_two_hosts_sign_in_with_a_file_each() {
    let env = TestEnv::new();
    let guard = |ip: &str, secret: &'static str| {
        Site::start_on(ip, move |asked| match asked.path.as_str() {
            "/robots.txt" => reply("404 Not Found", &[], b""),
            _ if asked.header("authorization") != Some(secret) => reply("401 Unauthorized", &[], b""),
            "/feed" => rss(&[item(secret, &secret.replace(' ', ""), "/a", "Read on.")]),
            _ => story(asked),
        })
    };
    let (north, south) = (guard("127.0.0.1", "Bearer NORTH"), guard("127.0.0.2", "Bearer SOUTH"));
    let plain = guard("127.0.0.3", "Bearer ALL");
    write_secret(&env, "north.toml", &north, "bearer = \"NORTH\"");
    write_secret(&env, "south.toml", &south, "bearer = \"SOUTH\"");
    write_secret(&env, "all.toml", &plain, "bearer = \"ALL\"");
    // In a settings file, too, where one file stands for all feeds without one of their own.
    let list = |key: &str| {
        format!(
            "[[{key}]]\nurl = \"{}\"\nauth-file = \"north.toml\"\n[[{key}]]\nurl = \"{}\"\nauth-file = \"south.toml\"\n[[{key}]]\nurl = \"{}\"\n",
            north.url("/feed"),
            south.url("/feed"),
            plain.url("/feed")
        )
    };
    env.write(
        "audio-report.toml",
        format!("auth-file = \"all.toml\"\nallow-private = true\n{}", list("feeds")),
    );
    let first = run(&env, &[]).expect(0);
    assert_eq!(sounds(&env).len(), 3, "{first}");
    each([(&north, "Bearer NORTH"), (&south, "Bearer SOUTH"), (&plain, "Bearer ALL")], |(site, secret)| {
        assert_eq!(counted(site, secret), (vec!["/a".to_string(), "/feed".to_string()], vec![]), "{first}");
    });
    env.ok(&["config", "check"]);
    set_mode(&env, "south.toml", 0o640);
    let check = env.run(&["config", "check"]).expect(3);
    assert!(check.stdout.contains("other users may read the sign-in file"), "{check}");
}

#[test]
fn a_wrong_sign_in_file_is_refused_before_anything_is_fetched() {
    let env = TestEnv::new();
    let site = open();
    write_secret(&env, "lists/secret.toml", &site, "bearer = \"SECRET\"");
    let good = "[[feed]]\nurl = \"good.xml\"\n";
    let list =
        |file: &str| format!("{good}[[feed]]\nurl = \"{}\"\nauth-file = \"{file}\"\n", site.url("/feed"));
    env.write("lists/feeds.toml", list("secret.toml"));
    env.write("lists/missing.toml", list("nowhere.toml"));
    let args = ["feed", "--voice", "tone", "--allow-private", "-oout", "--feeds", "lists/feeds.toml"];
    set_mode(&env, "lists/secret.toml", 0o644);
    let words = ["other users may read the sign-in file", "chmod 600 lists/secret.toml"];
    env.refused(&args, 2, &words);
    let watch = ["watch", "--voice", "tone", "--allow-private", "-oout", "--feeds", "lists/feeds.toml"];
    if cfg!(feature = "watch") {
        env.refused(&watch, 2, &words);
    }
    set_mode(&env, "lists/secret.toml", 0o600);
    // Anybody on the way reads along.
    let closed: Vec<&str> = args.into_iter().filter(|arg| *arg != "--allow-private").collect();
    env.refused(&closed, 2, &["over http", "secret.toml:1"]);
    let missing: Vec<&str> = args[..6].iter().copied().chain(["lists/missing.toml"]).collect();
    env.refused(&missing, 2, &["lists/nowhere.toml", "can't be read"]);
    assert_eq!(site.paths(), [""; 0]);
}
