//! The web page, as the server sends it; `make serve-page-check` opens it in a browser.

use crate::common::{TestEnv, each};
use crate::serve::client::Server;

#[test]
fn the_page_and_its_parts_come_with_a_policy() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let parts = [
        ("/", "text/html; charset=utf-8"),
        ("/page/page.css", "text/css; charset=utf-8"),
        ("/page/main.js", "text/javascript; charset=utf-8"),
        ("/page/worklet.js", "text/javascript; charset=utf-8"),
        ("/page/icon.svg", "image/svg+xml"),
    ];
    each(parts, |(path, kind)| {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer}");
        assert_eq!(answer.header("content-type"), Some(kind));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; ") && !policy.contains("unsafe"),
            "{policy}"
        );
        let tag = answer.header("etag").unwrap();
        let again = server.ask("GET", path, &[("If-None-Match", tag)], b"");
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag)), "{path}");
        assert_eq!(server.ask("GET", path, &[("If-None-Match", "\"x\"")], b"").status, 200);
        let head = server.head(path);
        assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, Some(tag)), "{path}");
    });
    each(
        ["/page/", "/page/index.html", "/page/../page/main.js", "/page/%2e%2e%2fmain.js", "/page/tests.rs"],
        |path| {
            assert_eq!(server.get(path).status, 404, "{path}");
        },
    );
    let foreign = server.ask("GET", "/", &[("Host", "evil.example")], b"");
    assert_eq!(foreign.status, 421, "{foreign}");
    server.stop();
}

#[test]
fn every_part_is_asked_for_by_another_and_nothing_stands_within_the_page() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let text = |path: &str| String::from_utf8(server.get(path).body).unwrap();
    let page = text("/");
    for word in ["<style", "style=", " onclick", " onload", "javascript:", "http://", "https://"] {
        assert!(!page.contains(word), "{word}");
    }
    // What a script imports, what the page links.
    let sheets = ["page", "player", "story", "reports", "media"].map(|name| format!("{name}.css"));
    let mut known = [vec!["main.js".to_string(), "icon.svg".to_string()], sheets.to_vec()].concat();
    for name in &known {
        assert!(page.contains(&format!("\"/page/{name}\"")), "{name}");
    }
    let mut at = 0;
    while at < known.len() {
        let name = known[at].clone();
        let part = text(&format!("/page/{name}"));
        assert!(!part.contains("innerHTML") && !part.contains("eval("), "{name}: text must stay text");
        for import in part.split('\'').filter_map(|word| word.strip_prefix("/page/")) {
            assert_eq!(server.get(&format!("/page/{import}")).status, 200, "{name} imports {import}");
            if !known.iter().any(|known| known == import) {
                known.push(import.to_string());
            }
        }
        at += 1;
    }
    assert_eq!(known.len(), 17, "{known:?}");
    server.stop();
}
