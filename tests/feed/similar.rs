//! The same story from several feeds, and feeds that the head of a page names.

use serde_json::Value;

use super::common::{Run, TestEnv, each, number};
use super::site::{Site, page, reply, story};
use super::{item, rss, sounds, text};

/// A feed with one story, which the agency's name and some words at its end tell from the same one elsewhere.
fn feed(env: &TestEnv, name: &str, html: &str) {
    let items = item(&format!("{name}-1"), &format!("{name} harbour"), "", html);
    env.write(name, format!("<rss version=\"2.0\"><channel><title>{name}</title>{items}</channel></rss>"));
}

fn run(env: &TestEnv, args: &[&str]) -> Run {
    env.ok(&[&["feed", "--voice", "tone", "--since", "5200w", "-oout"], args].concat())
}

#[test]
fn a_story_of_one_group_is_read_once_and_told() {
    let env = TestEnv::new();
    let own = text("Havn", 300);
    feed(&env, "north", &own);
    feed(&env, "south", &format!("{own}<p>Copyright of the agency.</p>"));
    feed(
        &env,
        "other",
        &text("Brede", 300)
            .replace("Ships", "Boats")
            .replace("mayor", "captain")
            .replace("harbour", "bridge"),
    );
    let feeds = ["north", "south", "other"];
    let first = run(&env, &feeds);
    assert_eq!(sounds(&env), ["out/north-harbour.wav", "out/other-harbour.wav"], "{first}");
    assert!(first.stdout.contains("south harbour: the same story as north harbour, left out"), "{first}");
    // The next run does not look at it again.
    let again = run(&env, &feeds);
    assert!(again.stdout.contains("0 articles read, 0 failed, 2 skipped"), "{again}");
    // It comes after all when it is wanted.
    let kept = run(&env, &[&feeds[..], &["--keep-similar"]].concat());
    assert_eq!(
        sounds(&env),
        ["out/north-harbour.wav", "out/other-harbour.wav", "out/south-harbour.wav"],
        "{kept}"
    );
    assert!(kept.stdout.contains("south harbour: the same story as north harbour, both are read"), "{kept}");
}

#[test]
fn a_story_of_two_groups_is_read_twice_and_told() {
    let env = TestEnv::new();
    let own = text("Havn", 300);
    each(["coast", "inland", "inland2"], |name| feed(&env, name, &own));
    env.write(
        "feeds.toml",
        "[[feed]]\nurl = \"coast\"\ngroup = \"coast\"\n[[feed]]\nurl = \"inland\"\ngroup = \"inland\"\n[[feed]]\nurl = \"inland2\"\ngroup = \"inland\"\n",
    );
    let told = run(&env, &["--feeds", "feeds.toml"]);
    assert_eq!(sounds(&env), ["out/coast-harbour.wav", "out/inland-harbour.wav"], "{told}");
    assert!(told.stdout.contains("inland harbour: the same story as coast harbour, both are read"), "{told}");
    assert_eq!(told.stdout.matches("left out").count(), 1, "{told}");
}

#[test]
fn programs_are_told_which_story_is_the_same_and_how_alike_it_is() {
    each(["--json", "--events"], |format| {
        let env = TestEnv::new();
        let own = text("Havn", 300);
        feed(&env, "north", &own);
        feed(&env, "south", &format!("{own}<p>Copyright of the agency.</p>"));
        feed(&env, "inland", &own);
        let list = ["north", "south", "inland"].map(|name| {
            let group = if name == "inland" { "inland" } else { "coast" };
            format!("[[feed]]\nurl = \"{name}\"\ngroup = \"{group}\"\n")
        });
        env.write("feeds.toml", list.concat());
        let args = [format, "-j1", "--feeds", "feeds.toml"];
        let first = run(&env, &args);
        // What the run told of an article at its end.
        let told = |name: &str| -> Value {
            let lines = first.json_lines().into_iter();
            let ends = ["done", "skipped"];
            let is_end = |line: &Value| line["event"].as_str().is_none_or(|event| ends.contains(&event));
            let mut lines = lines.filter(|line| line["input"] == format!("{name} harbour") && is_end(line));
            lines.next().unwrap_or_else(|| panic!("nothing is told of {name}\n{first}"))
        };
        assert!(told("north")["same_story"].is_null() && told("north")["output"].is_string(), "{first}");
        let (left_out, read) = (told("south"), told("inland"));
        let why = if format == "--json" { &left_out["skipped"] } else { &left_out["why"] };
        assert_eq!((why, &left_out["output"]), (&"same-story".into(), &Value::Null), "{first}");
        for (article, is_read) in [(&left_out, false), (&read, true)] {
            let same = &article["same_story"];
            assert_eq!(
                (&same["input"], &same["is_read"]),
                (&"north harbour".into(), &is_read.into()),
                "{first}"
            );
            assert!(same["feed"].as_str().unwrap().ends_with("/north"), "{first}");
        }
        // Headlines are a part of the story, and those of all three differ.
        let [less, more] = [&left_out, &read].map(|article| number(&article["same_story"], "likeness"));
        assert!(0.9 <= less && less < more && more < 1.0, "{less} {more}\n{first}");
        assert!(read["output"].as_str().unwrap().ends_with("inland-harbour.wav"), "{first}");
        // It is told when it is decided, and not again.
        let again = run(&env, &args);
        assert!(!again.stdout.contains("same_story"), "{again}");
    });
}

#[test]
fn a_story_that_only_its_page_tells_is_compared_before_it_is_spoken_and_the_next_day_is_another() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => reply("404 Not Found", &[], b""),
        "/north" | "/south" => {
            let name = &asked.path[1..];
            rss(&[item(name, &format!("{name} harbour"), &format!("/{name}/1"), "Read on.")])
        }
        "/later" => {
            rss(&[item("later", "later harbour", "/later/1", "Read on.").replace("29 Nov", "27 Nov")])
        }
        path => page(&story(&path[1..path.len() - 2], "")),
    });
    let urls = ["/north", "/south", "/later"].map(|path| site.url(path));
    let mut args = vec!["--allow-private", "--text", "page"];
    args.extend(urls.iter().map(String::as_str));
    let first = run(&env, &args);
    assert_eq!(sounds(&env).len(), 2, "{first}");
    assert!(first.stdout.contains("the same story as") && first.stdout.contains("1 skipped"), "{first}");
    let before = site.asked().len();
    let again = run(&env, &args);
    assert!(again.stdout.contains("0 articles read"), "{again}");
    // Three feeds, and no page.
    assert_eq!(site.asked().len() - before, 3, "{:?}", site.paths());
}

#[test]
fn a_page_stands_for_the_feed_that_it_names() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => reply("404 Not Found", &[], b""),
        "/" => page(&story(
            "Front",
            "<link rel=alternate type=application/rss+xml title='Comments on all' href=/comments>\
             <link rel=alternate type='application/rss+xml' href='news.xml'>",
        )),
        "/news.xml" if asked.header("if-none-match") == Some("\"1\"") => reply("304 Not Modified", &[], b""),
        "/news.xml" => {
            let items = item("1", "Port", "", &text("Havn", 50));
            let body = format!("<rss version=\"2.0\"><channel><title>C</title>{items}</channel></rss>");
            reply("200 OK", &[("ETag", "\"1\"")], body.as_bytes())
        }
        // It was a feed once.
        "/was-feed" if asked.header("if-none-match").is_some() => {
            page(&story("Front", "<link rel=alternate type=application/rss+xml href=/news.xml>"))
        }
        "/was-feed" => rss(&[item("w", "Pier", "", &text("Vik", 50))]),
        _ => reply("404 Not Found", &[], b""),
    });
    let front = site.url("/");
    let first = run(&env, &["--allow-private", &front]);
    assert_eq!(sounds(&env), ["out/port.wav"], "{first}");
    let told = format!("its feed {} (it names 1 more): 1 new article", site.url("/news.xml"));
    assert!(first.stdout.contains(&told), "{first}");
    let again = run(&env, &["--allow-private", &front]);
    assert!(again.stdout.contains("nothing new"), "{again}");
    assert_eq!(site.paths(), ["/", "/news.xml", "/news.xml"], "the page is asked for once");
    let status = env.ok(&["status", "out"]);
    assert!(status.stdout.contains(&format!("feed {front}: good just now")), "{status}");
    let was = site.url("/was-feed");
    run(&env, &["--allow-private", &was]);
    let lost = env.run(&["feed", "--voice", "tone", "--allow-private", "-oout", &was]);
    assert_eq!(lost.stderr.matches("audio-report: ").count(), 1, "{lost}");
    assert!(
        lost.stderr.contains(&format!("give the feed of this page: {}", site.url("/news.xml"))),
        "{lost}"
    );
}
