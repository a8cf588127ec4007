//! Which site's page sends a request, by its `Origin`; and which sites may.
//!
//! Browsers let every page send requests to every server; they only keep it from reading answers. Speech costs work, so a foreign page gets no
//! further than its head, unless its site is allowed. The rules of CORS then let it read the answer.

use super::host::Authority;

/// A site: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    authority: Authority,
}

impl Origin {
    /// Parses an origin as browsers send it, for example `https://news.example` or `app://obsidian.md`; `null` is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(is_letter) {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let mut authority = Authority::parse(authority)?;
        authority.port = authority.port.or_else(|| usual_port(&scheme));
        Some(Self { scheme, authority })
    }

    /// Whether a page of this site came from the server that a request means. A proxy in front may have another scheme.
    pub(super) fn is_of(&self, server: &Authority) -> bool {
        let port = server.port.or_else(|| usual_port(&self.scheme));
        matches!(&*self.scheme, "http" | "https")
            && self.authority.host == server.host
            && self.authority.port == port
    }
}

fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// The sites whose pages may use the server.
#[derive(Clone, Debug, Default)]
pub(crate) enum Cors {
    /// Only its own.
    #[default]
    Own,
    /// These, too.
    Sites(Vec<Origin>),
    /// All; they need a token.
    All,
}

/// Whose page sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Sender {
    /// No page, or one of this server.
    Own,
    /// A site that is allowed.
    Site(String),
    /// One of all sites.
    Anyone,
}

impl Cors {
    /// Whose page sends a request with this origin; `None` for one that may not. `server` is the host that the request means.
    pub(super) fn sender(&self, origin: Option<&str>, server: Option<&Authority>) -> Option<Sender> {
        let Some(text) = origin else { return Some(Sender::Own) };
        let origin = Origin::parse(text);
        if let (Some(origin), Some(server)) = (&origin, server)
            && origin.is_of(server)
        {
            return Some(Sender::Own);
        }
        match self {
            Self::Own => None,
            Self::Sites(sites) => {
                origin.filter(|origin| sites.contains(origin)).map(|_| Sender::Site(text.to_string()))
            }
            Self::All => Some(Sender::Anyone),
        }
    }

    /// Whether answers differ by the sender.
    pub(in crate::serve) fn has_sites(&self) -> bool {
        !matches!(self, Self::Own)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_sender_is_known_by_its_exact_origin() {
        let sites = [
            "https://news.example",
            "http://10.0.0.2:3000",
            "app://obsidian.md",
            "chrome-extension://abcdef",
        ];
        let sites = Cors::Sites(sites.map(|text| Origin::parse(text).unwrap()).to_vec());
        let (own, all) = (Cors::Own, Cors::All);
        let server = "127.0.0.1:8880";
        let site = |text: &str| Some(Sender::Site(text.to_string()));
        let rows = [
            (&own, None, server, Some(Sender::Own)),
            (&own, Some("http://127.0.0.1:8880"), server, Some(Sender::Own)),
            (&own, Some("https://127.0.0.1:8880"), server, Some(Sender::Own)),
            (&own, Some("http://127.0.0.1"), "127.0.0.1", Some(Sender::Own)),
            (&own, Some("https://speech.example"), "speech.example", Some(Sender::Own)),
            (&own, Some("https://speech.example"), "speech.example:443", Some(Sender::Own)),
            (&own, Some("http://127.0.0.1:3000"), server, None),
            (&own, Some("http://localhost:8880"), server, None),
            (&own, Some("ftp://127.0.0.1:8880"), server, None),
            (&own, Some("https://news.example"), server, None),
            (&own, Some("null"), server, None),
            (&own, Some(""), server, None),
            (&sites, Some("https://news.example"), server, site("https://news.example")),
            (&sites, Some("https://news.example:443"), server, site("https://news.example:443")),
            (&sites, Some("http://10.0.0.2:3000"), server, site("http://10.0.0.2:3000")),
            (&sites, Some("app://obsidian.md"), server, site("app://obsidian.md")),
            (&sites, Some("chrome-extension://abcdef"), server, site("chrome-extension://abcdef")),
            (&sites, Some("http://news.example"), server, None),
            (&sites, Some("https://news.example.evil.example"), server, None),
            (&sites, Some("https://www.news.example"), server, None),
            (&sites, Some("https://news.example:8443"), server, None),
            (&sites, Some("https://news.example/"), server, None),
            (&sites, Some("null"), server, None),
            (&all, Some("null"), server, Some(Sender::Anyone)),
            (&all, Some("https://any.example"), server, Some(Sender::Anyone)),
        ];
        each(rows, |(cors, origin, server, want)| {
            let server = Authority::parse(server);
            assert_eq!(cors.sender(origin, server.as_ref()), want, "{cors:?} {origin:?} {server:?}");
        });
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        let rows = [
            "*",
            "null",
            "news.example",
            "https://",
            "https://a/b",
            "https://a/",
            "https://u@a",
            "://a",
            "1s://a",
            "a b://c",
        ];
        each(rows, |text| assert_eq!(Origin::parse(text), None, "{text}"));
    }

    proptest! {
        #[test]
        fn any_text_is_an_origin_or_none(text in "\\PC{0,40}") {
            let _ = Origin::parse(&text);
        }
    }
}
