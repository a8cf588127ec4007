//! Addresses of pages: parsed as browsers do, without a password, a fragment, or the marks of trackers.

use std::fmt;
use std::path::Path;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};

use super::fault::Fault;

/// Longest address that is fetched, in bytes; browsers and servers take some thousand.
const LONGEST: usize = 8_000;
/// Longest name of a result, in bytes: file systems take 255 with the ending, and others add to it.
const LONGEST_NAME: usize = 120;
/// Parameters that follow readers around and name no page. Those that begin with `utm_` are more.
const TRACKERS: [&str; 12] = [
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "igshid", "mc_cid", "mc_eid",
    "yclid", "_ga",
];
/// Last segments of a path that name no page.
const NAMELESS: [&str; 8] = ["index", "default", "amp", "home", "article", "story", "view", "print"];
/// Endings of pages, and of what newsrooms have; other dots belong to the name.
const ENDINGS: [&str; 21] = [
    "html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp", "cfm", "cms", "amp", "md", "txt", "ece",
    "xml", "json", "nitf", "ninjs", "eml", "docx", "zip",
];
/// Names that Windows gives to devices.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A page or picture on the web: http or https, with a host and without a password.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address(Url);

impl Address {
    /// Parses a whole address.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        Self::of(Url::parse(text.trim()).map_err(|error| Fault::NoAddress(error.to_string()))?)
    }

    /// The address that a page means by `reference`, which may be relative.
    pub(crate) fn join(&self, reference: &str) -> Result<Self, Fault> {
        Self::of(self.0.join(reference.trim()).map_err(|error| Fault::NoAddress(error.to_string()))?)
    }

    /// Whether a text is an address with a name or a password in it.
    #[cfg(feature = "podcast")]
    pub(crate) fn has_password(text: &str) -> bool {
        matches!(Self::parse(text), Err(Fault::Password))
    }

    fn of(mut url: Url) -> Result<Self, Fault> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Fault::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Fault::Password);
        }
        if url.as_str().len() > LONGEST {
            return Err(Fault::NoAddress(format!("it is longer than {LONGEST} bytes")));
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// All of it.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is fetched through TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host as it is looked up: a name in ASCII, or a number in its one spelling.
    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Scheme, host and port: the unit that passwords and robots.txt are for.
    pub(super) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Path and query, as robots.txt matches them.
    pub(super) fn path_and_query(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }

    /// Whether both belong to one owner: their registrable domain is the same (`news.example.co.uk` and
    /// `amp.example.co.uk`). A host without one, such as a number, is alone with its port.
    pub(crate) fn is_same_site(&self, other: &Self) -> bool {
        match (self.domain(), other.domain()) {
            (Some(one), Some(another)) => one == another,
            (None, None) => {
                self.0.host() == other.0.host()
                    && self.0.port_or_known_default() == other.0.port_or_known_default()
            }
            _ => false,
        }
    }

    /// The registrable domain, by the Public Suffix List.
    fn domain(&self) -> Option<&str> {
        match self.0.host()? {
            // A name with an empty part is nobody's; the list would find one for `a..b`.
            Host::Domain(name) if name.trim_end_matches('.').split('.').any(str::is_empty) => None,
            Host::Domain(name) => psl::domain_str(name.trim_end_matches('.')),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    /// The same without the parameters of trackers.
    pub(crate) fn without_trackers(&self) -> Self {
        let is_tracker = |part: &str| {
            let name = part.split('=').next().unwrap_or_default().to_ascii_lowercase();
            name.starts_with("utm_") || TRACKERS.contains(&&*name)
        };
        let Some(query) = self.0.query().filter(|query| query.split('&').any(is_tracker)) else {
            return self.clone();
        };
        let kept: Vec<&str> = query.split('&').filter(|part| !is_tracker(part)).collect();
        let kept = kept.join("&");
        let mut url = self.0.clone();
        url.set_query((!kept.is_empty()).then_some(&kept));
        Self(url)
    }

    /// The name of a result made of the page, without an ending. It is the last segment of the path that says something, else
    /// the host. Every file system takes it.
    pub(crate) fn name(&self) -> String {
        let mut segments = self.0.path_segments().into_iter().flatten().rev();
        let named = segments.find_map(name_of_segment);
        let name = named.unwrap_or_else(|| safe(self.host()));
        if name.is_empty() { "page".to_owned() } else { name }
    }

    /// The host as a part of a name.
    pub(crate) fn host_name(&self) -> String {
        safe(self.host().trim_start_matches("www."))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name in a segment of a path; `None` when it says nothing about the page.
fn name_of_segment(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    let stem = match decoded.rsplit_once('.') {
        Some((stem, ending)) if ENDINGS.contains(&&*ending.to_ascii_lowercase()) => stem,
        _ => &*decoded,
    };
    let name = safe(stem);
    (!name.is_empty() && !NAMELESS.contains(&&*name.to_lowercase())).then_some(name)
}

/// Letters and digits of any script, with single hyphens for all else; no name of a device.
fn safe(text: &str) -> String {
    let mut name = String::new();
    for c in text.nfc() {
        let is_kept = c.is_alphanumeric() || (c == '_' && !name.is_empty());
        let c = if is_kept { c } else { '-' };
        if c == '-' && (name.is_empty() || name.ends_with('-')) {
            continue;
        }
        if name.len() + c.len_utf8() > LONGEST_NAME {
            break;
        }
        name.push(c);
    }
    let name = name.trim_end_matches(['-', '_']);
    if DEVICES.contains(&&*name.to_ascii_lowercase()) { format!("{name}-page") } else { name.to_owned() }
}

/// Whether an input is meant as an address rather than a file: it begins with a scheme and `://`, and no file has that name.
pub(crate) fn is_address(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let Some((scheme, _)) = text.split_once("://") else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.len() > 1
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_of_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_scheme && (is_of_web || !path.exists())
}

/// An address as it may be shown, however wrong it is: without what stands before an `@` in its host.
pub(crate) fn shown(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once(':') else { return text.to_owned() };
    let slashes = rest.len() - rest.trim_start_matches(['/', '\\']).len();
    let (slashes, rest) = rest.split_at(slashes);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}:{slashes}…{}", &rest[at..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn addresses_are_read_as_browsers_do() {
        let rows = [
            ("https://Paper.Example/a b?c#d", "https://paper.example/a%20b?c"),
            (" http://paper.example ", "http://paper.example/"),
            ("http://paper.example:80/", "http://paper.example/"),
            ("https://zeitung.example/größe", "https://zeitung.example/gr%C3%B6%C3%9Fe"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("https://paper.example/../../etc/passwd", "https://paper.example/etc/passwd"),
            // Numbers have one spelling, so none slips past the guard.
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://2130706433/", "http://127.0.0.1/"),
            ("http://[0:0:0:0:0:ffff:7f00:1]/", "http://[::ffff:7f00:1]/"),
        ];
        each(rows, |(text, want)| assert_eq!(address(text).as_str(), want, "{text}"));
        let long = format!("https://paper.example/{}", "a".repeat(LONGEST));
        let wrong =
            ["", "paper.example/a", "https://", "https://a b/", "https://[::1", "//paper.example/", &long];
        each(wrong, |text| assert!(matches!(Address::parse(text), Err(Fault::NoAddress(_))), "{text}"));
        each(["file:///etc/passwd", "ftp://paper.example/", "data:text/html,x", "javascript:x"], |text| {
            assert!(matches!(Address::parse(text), Err(Fault::Scheme(_))), "{text}");
        });
        each(["https://ann:secret@paper.example/", "https://ann@paper.example/"], |text| {
            assert!(matches!(Address::parse(text), Err(Fault::Password)), "{text}");
        });
    }

    #[test]
    fn a_site_is_a_registrable_domain() {
        let rows = [
            ("https://news.paper.example/a", "https://amp.paper.example/b", true),
            ("https://paper.example/", "http://paper.example/", true),
            ("https://a.paper.co.uk/", "https://paper.co.uk/", true),
            ("https://one.co.uk/", "https://two.co.uk/", false),
            ("https://one.github.io/", "https://two.github.io/", false),
            ("https://paper.example/", "https://paper.example.evil.example/", false),
            ("https://paper.公司.cn/", "https://www.paper.xn--55qx5d.cn/", true),
            ("https://one.公司.cn/", "https://two.公司.cn/", false),
            ("https://paper.example./", "https://paper.example/", true),
            ("http://127.0.0.1:81/", "http://127.0.0.1:81/b", true),
            ("http://127.0.0.1:81/", "http://127.0.0.1:82/", false),
            ("http://1.127.0.0/", "http://2.127.0.0/", false),
            ("http://localhost/", "http://localhost/", true),
            ("http://intranet/", "http://other/", false),
            ("http://a..paper.example/", "http://paper.example/", false),
            ("http://a..example/", "http://b..example/", false),
            ("http://.../", "http://.../", true),
        ];
        each(rows, |(one, other, want)| {
            assert_eq!(address(one).is_same_site(&address(other)), want, "{one} {other}");
            assert_eq!(address(other).is_same_site(&address(one)), want, "{other} {one}");
        });
    }

    #[test]
    fn trackers_are_left_out() {
        let rows = [
            ("https://a.example/?utm_source=x&id=7&fbclid=y", "https://a.example/?id=7"),
            ("https://a.example/?UTM_medium=x", "https://a.example/"),
            ("https://a.example/?id=%41&b", "https://a.example/?id=%41&b"),
            ("https://a.example/?_ga=1&automatic=2", "https://a.example/?automatic=2"),
        ];
        each(rows, |(text, want)| assert_eq!(address(text).without_trackers().as_str(), want, "{text}"));
    }

    #[test]
    fn results_are_named_after_pages() {
        let rows = [
            ("https://a.example/world/port-reopens.html", "port-reopens"),
            ("https://a.example/wire/message.XML?id=7", "message"),
            ("https://a.example/world/port-reopens/", "port-reopens"),
            ("https://a.example/2026/11/18/port-reopens/index.html", "port-reopens"),
            ("https://a.example/world/port-reopens/amp", "port-reopens"),
            ("https://a.example/article/20261118.123?x=1", "20261118-123"),
            ("https://a.example/%ED%95%AD%EA%B5%AC", "항구"),
            ("https://a.example/Caf%C3%A9%20%2F..%5C%3A%00", "Café"),
            ("https://a.example/con.html", "con-page"),
            ("https://a.example/%FF%FE", "a-example"),
            ("https://www.paper.example", "www-paper-example"),
            ("https://www.paper.example/index.php?id=7", "www-paper-example"),
            ("http://[::1]/", "1"),
        ];
        each(rows, |(text, want)| assert_eq!(address(text).name(), want, "{text}"));
        assert_eq!(address("https://www.paper.example").host_name(), "paper-example");
    }

    #[test]
    fn inputs_with_a_scheme_are_addresses() {
        let rows = [
            ("https://a.example/b", true),
            ("HTTP://a.example", true),
            ("file:///etc/passwd", true),
            ("a.txt", false),
            ("C://a.txt", false),
            ("./https://a.example", false),
            ("a/b://c", false),
            ("-", false),
        ];
        each(rows, |(text, want)| assert_eq!(is_address(text.as_ref()), want, "{text}"));
    }

    #[test]
    fn no_password_is_shown() {
        let rows = [
            ("https://ann:secret@a.example/b", "https://…@a.example/b"),
            ("https://ann:se@cret@a.example", "https://…@a.example"),
            ("https:\\\\ann:secret@a.example", "https:\\\\…@a.example"),
            ("https:ann:secret@a.example/", "https:…@a.example/"),
            ("https://a.example/@ann", "https://a.example/@ann"),
            ("news/a.txt", "news/a.txt"),
        ];
        each(rows, |(text, want)| assert_eq!(shown(text), want, "{text}"));
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_none(text in "\\PC{0,40}") {
            for text in [text.clone(), format!("https://{text}"), format!("https://a.example/{text}")] {
                if let Ok(address) = Address::parse(&text) {
                    prop_assert_eq!(Address::parse(address.as_str()).unwrap(), address.clone());
                    let name = address.name();
                    prop_assert!(!name.is_empty() && name.len() <= LONGEST_NAME + 5, "{}", name);
                    prop_assert!(!name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0', '.', ' ']), "{}", name);
                    prop_assert!(!name.chars().any(char::is_control));
                    prop_assert!(address.join(&text).is_ok() || Address::parse(&text).is_err());
                }
            }
        }

        #[test]
        fn a_password_is_never_shown(user in "[a-z:@]{0,8}", rest in "[a-z./?#]{0,8}") {
            let text = format!("https://{user}SECRET@a.example{rest}");
            prop_assert!(!shown(&text).contains("SECRET"), "{}", shown(&text));
        }
    }
}
