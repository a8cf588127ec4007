//! What the head of an answer says: where a redirect leads, and the encoding of a text.

use ureq::http::header::LOCATION;
use ureq::http::{HeaderMap, HeaderName};

use super::address::Address;
use super::fault::Fault;

/// Where a redirect leads: to http or https, and never from a safe connection to an open one.
pub(super) fn next_hop(from: &Address, headers: &HeaderMap) -> Result<Address, Fault> {
    let location =
        headers.get(LOCATION).ok_or_else(|| Fault::BadRedirect("it does not say where to".to_owned()))?;
    let location = String::from_utf8_lossy(location.as_bytes());
    let next = from.join(&location).map_err(|fault| match fault {
        Fault::Scheme(scheme) => Fault::BadRedirect(format!("an address that begins with {scheme}:")),
        Fault::Password => Fault::BadRedirect("an address with a password".to_owned()),
        other => Fault::BadRedirect(other.to_string()),
    })?;
    if from.is_secure() && !next.is_secure() {
        return Err(Fault::Downgrade(next.to_string()));
    }
    Ok(next)
}

/// A header as text, whatever its bytes.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The parameter `charset` of a media type (RFC 9110, 8.3.2).
pub(super) fn charset_of(media_type: &str) -> Option<String> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use ureq::http::HeaderValue;

    use super::*;
    use crate::table_test::each;

    fn hop(from: &str, to: &[u8]) -> Result<String, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_bytes(to).unwrap());
        next_hop(&Address::parse(from).unwrap(), &headers).map(|address| address.to_string())
    }

    #[test]
    fn redirects_lead_where_browsers_go() {
        let rows: [(&str, &[u8], &str); 7] = [
            ("https://a.example/x/y?z", b"/b", "https://a.example/b"),
            ("https://a.example/x/y?z", b"b#c", "https://a.example/x/b"),
            ("https://a.example/x/y?z", b"?q", "https://a.example/x/y?q"),
            ("https://a.example/x/y", b"//b.example/c", "https://b.example/c"),
            ("http://a.example/", b"https://a.example/", "https://a.example/"),
            ("http://a.example/", b"http://b.example", "http://b.example/"),
            ("https://a.example/", "/größe".as_bytes(), "https://a.example/gr%C3%B6%C3%9Fe"),
        ];
        each(rows, |(from, to, want)| assert_eq!(hop(from, to).as_deref(), Ok(want), "{from} {to:?}"));
    }

    #[test]
    fn redirects_to_worse_places_are_refused() {
        let rows: [(&str, &[u8], &str); 8] = [
            ("https://a.example/", b"http://a.example/", "an open connection"),
            ("https://a.example/", b"http:/b", "an open connection"),
            ("https://a.example/", b"file:///etc/passwd", "begins with file:"),
            ("http://a.example/", b"FILE:/etc/passwd", "begins with file:"),
            ("http://a.example/", b"data:text/html,x", "begins with data:"),
            ("http://a.example/", b"javascript:alert(1)", "begins with javascript:"),
            ("http://a.example/", b"http://ann:secret@b.example/", "an address with a password"),
            ("http://a.example/", b"http://[::1", "no address"),
        ];
        each(rows, |(from, to, want)| {
            let fault = hop(from, to).unwrap_err().to_string();
            assert!(fault.contains(want) && !fault.contains("secret"), "{from} {to:?}: {fault}");
        });
        let nowhere = next_hop(&Address::parse("http://a.example/").unwrap(), &HeaderMap::new());
        assert!(matches!(nowhere, Err(Fault::BadRedirect(_))), "{nowhere:?}");
    }

    #[test]
    fn the_encoding_of_a_header_is_read() {
        let rows = [
            ("text/html; charset=windows-1251", Some("windows-1251")),
            ("text/html;Charset = \"UTF-8\" ; x=y", Some("UTF-8")),
            ("text/html; boundary=x; charset='euc-kr'", Some("euc-kr")),
            ("text/html; charset=", None),
            ("text/html", None),
            ("charset=utf-8", None),
        ];
        each(rows, |(header, want)| assert_eq!(charset_of(header).as_deref(), want, "{header}"));
    }
}
