//! The order of the rules, and what they read in a request's head.

use axum::http::Request;

use super::*;
use crate::table_test::each;

fn head(target: &str, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri(target);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// A path, the fields of the head, and what comes of them.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Result<Sender, Refusal>);

#[test]
fn without_tokens_a_request_has_to_mean_this_server() {
    let access =
        Access::new(&["127.0.0.1:8880".parse().unwrap()], &["radio.lan".to_string()], Cors::Own, None)
            .unwrap();
    let (host, origin) = ("host", "origin");
    let rows: [Row<'_>; 13] = [
        ("/v1/models", &[(host, "localhost:8880")], Ok(Sender::Own)),
        ("/v1/models", &[(host, "RADIO.lan")], Ok(Sender::Own)),
        ("/v1/models", &[(host, "evil.example")], Err(Refusal::ForeignHost)),
        ("/v1/models", &[], Err(Refusal::NoHost)),
        ("/v1/models", &[(host, "")], Err(Refusal::NoHost)),
        ("/v1/models", &[(host, "localhost"), (host, "evil.example")], Err(Refusal::NoHost)),
        ("http://localhost/v1/models", &[(host, "localhost")], Ok(Sender::Own)),
        ("http://evil.example/v1/models", &[(host, "localhost")], Err(Refusal::ForeignHost)),
        ("http://localhost/v1/models", &[(host, "a b")], Err(Refusal::NoHost)),
        ("/healthz", &[(host, "evil.example"), (origin, "https://evil.example")], Ok(Sender::Own)),
        ("/healthz/../v1/models", &[(host, "evil.example")], Err(Refusal::ForeignHost)),
        ("/v1/models", &[(host, "localhost"), (origin, "https://evil.example")], Err(Refusal::ForeignSite)),
        (
            "/v1/models",
            &[(host, "localhost"), (origin, "http://localhost"), (origin, "https://evil.example")],
            Err(Refusal::ForeignSite),
        ),
    ];
    each(rows, |(target, fields, want)| {
        assert_eq!(access.sender(&head(target, fields)), want, "{target} {fields:?}");
        assert_eq!(access.admit(&head(target, fields), &Sender::Own, [127, 0, 0, 1].into()), Ok(()));
    });
    let wrong = Access::new(&[], &["radio.lan:8880".to_string()], Cors::Own, None);
    assert_eq!(wrong.err().and_then(|error| error.cure().cloned()), Some(Cure::NameHost));
}

#[test]
fn a_token_is_one_field_of_its_scheme() {
    let rows: [(&[&str], Option<&str>); 10] = [
        (&["Bearer art_x"], Some("art_x")),
        (&["bearer  art_x "], Some("art_x")),
        (&["Bearer a b"], Some("a b")),
        (&["Bearer"], None),
        (&["Bearer "], None),
        (&["art_x"], None),
        (&["Basic YTpi"], None),
        (&["Bearerart_x"], None),
        (&["Bearer one", "Bearer two"], None),
        (&[], None),
    ];
    each(rows, |(values, want)| {
        let fields: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
        let found = head("/", &fields);
        assert_eq!(bearer(&found.headers), want.map(str::as_bytes), "{values:?}");
    });
}
