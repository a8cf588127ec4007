//! Sign-in data from a file that only its owner may read. A secret goes to the origin it is written for and nowhere else, and
//! no form of it that could be printed exists.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use toml::{Table, Value};
use ureq::http::header::{AUTHORIZATION, COOKIE};
use ureq::http::{HeaderName, HeaderValue};

use super::address::Address;
use super::fault::Fault;

/// Larger files are refused.
const LARGEST: u64 = 64 << 10;

/// What signs in at some origins.
#[derive(Clone, Default)]
pub(crate) struct Credentials(Vec<(String, Secret)>);

/// A header with a secret; its value is marked as sensitive, so `http` and `ureq` do not show it either.
#[derive(Clone)]
struct Secret {
    name: HeaderName,
    value: HeaderValue,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(origin, _)| origin)).finish()
    }
}

impl Credentials {
    /// Reads a file. `allow_open` takes origins of http, too, where anybody on the way reads along.
    pub(crate) fn read(path: &Path, allow_open: bool) -> Result<Self, Fault> {
        let wrong = |what: &str| Fault::Credentials {
            file: path.to_path_buf(),
            line: None,
            what: what.to_owned(),
            is_open: false,
        };
        // The permissions are those of the file that is read: the name may lead to another one meanwhile.
        let file =
            File::open(path).map_err(|cause| wrong(&format!("the sign-in file can't be read: {cause}")))?;
        let metadata =
            file.metadata().map_err(|cause| wrong(&format!("the sign-in file can't be read: {cause}")))?;
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Err(wrong("the sign-in file is no file, or larger than 64 KiB"));
        }
        if is_open_to_others(&metadata) {
            return Err(Fault::Credentials {
                file: path.to_path_buf(),
                line: None,
                what: "other users may read the sign-in file".to_owned(),
                is_open: true,
            });
        }
        let mut text = String::new();
        // A message about its bytes would show some of them.
        if file.take(LARGEST).read_to_string(&mut text).is_err() {
            return Err(wrong("the sign-in file is not UTF-8 text"));
        }
        Self::parse(&text, allow_open).map_err(|(line, what)| Fault::Credentials {
            file: path.to_path_buf(),
            line,
            what,
            is_open: false,
        })
    }

    /// Parses the text of a file; an error says on which line, and never what is there.
    pub(super) fn parse(text: &str, allow_open: bool) -> Result<Self, (Option<usize>, String)> {
        let table: Table = toml::from_str(text).map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            (line, "the sign-in file is no TOML".to_owned())
        })?;
        let mut known = Vec::new();
        for (site, entry) in table {
            let line = text.lines().position(|line| line.contains(&site)).map(|index| index + 1);
            let wrong = |what: &str| (line, what.to_owned());
            let address = Address::parse(&site)
                .map_err(|_| wrong("a section of the sign-in file must be named [\"https://host\"]"))?;
            if address.path_and_query() != "/" {
                return Err(wrong("a sign-in is for a whole host: name it without a path"));
            }
            if !address.is_secure() && !allow_open {
                return Err(wrong(
                    "a sign-in over http can be read on the way; only https is taken, unless with --allow-private",
                ));
            }
            let Value::Table(entry) = entry else {
                return Err(wrong("a section of the sign-in file must be named [\"https://host\"]"));
            };
            let secret = secret(&entry).ok_or_else(|| {
                wrong("a section has user and password, or bearer, or cookie, each a text of one line")
            })?;
            known.push((address.origin(), secret));
        }
        Ok(Self(known))
    }

    /// The header for requests to an address.
    pub(super) fn header_for(&self, address: &Address) -> Option<(HeaderName, HeaderValue)> {
        let origin = address.origin();
        let (_, secret) = self.0.iter().find(|(known, _)| *known == origin)?;
        Some((secret.name.clone(), secret.value.clone()))
    }
}

/// The header that an entry asks for; `None` when it is unclear.
fn secret(entry: &Table) -> Option<Secret> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let keys: Vec<&str> = entry.keys().map(String::as_str).collect();
    let (name, value) = match keys.as_slice() {
        ["bearer"] => (AUTHORIZATION, format!("Bearer {}", text("bearer")?)),
        ["cookie"] => (COOKIE, text("cookie")?.to_owned()),
        ["password", "user"] | ["user", "password"] => {
            let user = text("user").filter(|user| !user.contains(':'))?;
            let pair = format!("{user}:{}", text("password")?);
            (AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
        }
        _ => return None,
    };
    // Line ends would begin another header.
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    Some(Secret { name, value })
}

/// Whether others than its owner may read or write a file; where there are no such permissions nobody can tell.
#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_metadata: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    const FILE: &str = "[\"https://paper.example\"]\nbearer = \"TOKEN-1\"\n[\"https://intranet.example:8443\"]\nuser = \"ann\"\n\
        password = \"pass word\"\n[\"https://other.example\"]\ncookie = \"session=COOKIE-1; b=2\"\n";

    fn header(credentials: &Credentials, address: &str) -> Option<String> {
        let (name, value) = credentials.header_for(&Address::parse(address).unwrap())?;
        assert!(value.is_sensitive());
        Some(format!("{name}: {}", value.to_str().unwrap()))
    }

    #[test]
    fn a_secret_is_for_one_origin() {
        let credentials = Credentials::parse(FILE, false).unwrap();
        let rows = [
            ("https://paper.example/a?b", Some("authorization: Bearer TOKEN-1")),
            ("https://paper.example:443/", Some("authorization: Bearer TOKEN-1")),
            ("https://intranet.example:8443/", Some("authorization: Basic YW5uOnBhc3Mgd29yZA==")),
            ("https://other.example/", Some("cookie: session=COOKIE-1; b=2")),
            ("http://paper.example/", None),
            ("https://www.paper.example/", None),
            ("https://paper.example:8443/", None),
            ("https://intranet.example/", None),
        ];
        each(rows, |(address, want)| assert_eq!(header(&credentials, address).as_deref(), want, "{address}"));
    }

    #[test]
    fn wrong_files_are_told_by_their_line_alone() {
        let rows = [
            ("[\"https://a.example\"]\nbearer = SECRET\n", Some(2)),
            ("[\"https://a.example\"]\nbearer = [\"SECRET\"]\n", Some(1)),
            ("[\"https://a.example\"]\nbearer = \"SECRET\\nX: y\"\n", Some(1)),
            ("[\"https://a.example\"]\nuser = \"SE:CRET\"\npassword = \"SECRET\"\n", Some(1)),
            ("[\"https://a.example\"]\nuser = \"SECRET\"\n", Some(1)),
            ("[\"https://a.example\"]\nbearer = \"SECRET\"\ncookie = \"SECRET\"\n", Some(1)),
            ("[\"https://a.example\"]\ntoken = \"SECRET\"\n", Some(1)),
            ("\n[\"https://a.example/SECRET\"]\nbearer = \"SECRET\"\n", Some(2)),
            ("[\"http://a.example\"]\nbearer = \"SECRET\"\n", Some(1)),
            ("[\"https://SECRET@a.example\"]\nbearer = \"SECRET\"\n", Some(1)),
            ("bearer = \"SECRET\"\n", Some(1)),
            ("[paper]\nbearer = \"SECRET\"\n", Some(1)),
        ];
        each(rows, |(text, line)| {
            let (place, what) = Credentials::parse(text, false).unwrap_err();
            assert_eq!(place, line, "{text}");
            assert!(!what.contains("SECRET") && !what.contains('\n'), "{what}");
        });
        assert!(Credentials::parse("[\"http://a.example\"]\nbearer = \"x\"\n", true).is_ok());
        let shown = format!("{:?}", Credentials::parse(FILE, false).unwrap());
        assert!(!shown.contains("TOKEN") && !shown.contains("COOKIE") && !shown.contains("pass"), "{shown}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.toml");
        std::fs::write(&path, FILE).unwrap();
        each(
            [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o620, false), (0o644, false)],
            |(mode, is_taken)| {
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
                match Credentials::read(&path, false) {
                    Ok(_) => assert!(is_taken, "{mode:o}"),
                    Err(Fault::Credentials { is_open, .. }) => assert!(is_open && !is_taken, "{mode:o}"),
                    Err(other) => panic!("{mode:o}: {other:?}"),
                }
            },
        );
        let missing = Credentials::read(&folder.path().join("none"), false);
        assert!(matches!(missing, Err(Fault::Credentials { is_open: false, .. })), "{missing:?}");
        assert!(Credentials::read(folder.path(), false).is_err());
    }

    proptest! {
        #[test]
        fn no_message_shows_the_file(text in "[\\[\\]\"=a-z\\n .:/]{0,60}", secret in "[A-Z]{8}") {
            if let Err((_, what)) = Credentials::parse(&format!("{text}{secret}{text}"), true) {
                prop_assert!(!what.contains(&secret), "{}", what);
            }
        }
    }
}
