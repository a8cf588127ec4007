//! Archives among the inputs, and messages with several stories: each stands for the articles within it.
//!
//! - `messages`: messages with several stories

mod messages;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use self::messages::{LastMessage, Version, is_message};
use super::config::unreadable;
use super::input::Input;
use super::source::Source;
use crate::article::newsroom::archive::{Archive, Listing, Package};
use crate::article::newsroom::parts::Part;
use crate::article::newsroom::{self, parts};
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::net::{Address, Fetcher, shown};

/// An archive, and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Archived {
    /// In a file.
    File(PathBuf, LastMessage),
    /// In memory: it was fetched from an address, as it was typed.
    Fetched {
        /// The address.
        typed: String,
        /// All of it.
        bytes: Arc<[u8]>,
        /// The message in it that was read last.
        last: LastMessage,
    },
    /// A message that came from an address, or on standard input.
    Message {
        /// From where.
        of: Box<Input>,
        /// Its stories.
        stories: Arc<[Part]>,
    },
}

/// Inputs without archives.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    /// Articles, those of an archive in the order of their names.
    pub inputs: Vec<Input>,
    /// Archives that can't be opened, and files in them that are refused.
    pub failures: Vec<Error>,
}

impl Archived {
    /// The name as it was typed.
    pub(super) fn typed(&self) -> String {
        match self {
            Self::File(path, _) => path.to_string_lossy().into_owned(),
            Self::Fetched { typed, .. } => shown(typed),
            Self::Message { of, .. } => of.typed(),
        }
    }

    /// From where it is.
    pub(super) fn input(&self) -> Input {
        match self {
            Self::File(path, _) => Input::File(path.clone()),
            Self::Fetched { typed, .. } => Input::Address(typed.clone()),
            Self::Message { of, .. } => (**of).clone(),
        }
    }

    /// A path of its own.
    pub(super) fn path(&self) -> PathBuf {
        match self.input() {
            // What stands behind a `#` is no part of an address, and names of articles follow.
            Input::Address(typed) => Address::parse(&typed)
                .map_or_else(|_| PathBuf::from(&typed), |address| PathBuf::from(address.as_str())),
            input => input.path(),
        }
    }

    /// The name of the folder that it is like, where its path has none.
    pub(super) fn folder_name(&self) -> Option<String> {
        match self.input() {
            Input::Address(typed) => Address::parse(&typed).ok().map(|address| address.name()),
            Input::Stdin => Some("stdin".to_owned()),
            _ => None,
        }
    }

    /// The names of the stories of a message.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Message { stories, .. } => stories.iter().map(|story| story.name.as_str()).collect(),
            Self::File(..) | Self::Fetched { .. } => Vec::new(),
        }
    }

    /// The stories of a message as inputs.
    pub(super) fn stories(&self) -> Vec<Input> {
        let member = |name: &str| Input::Member { archive: self.clone(), inner: name.to_owned() };
        self.names().into_iter().map(member).collect()
    }

    /// The bytes of a file in the archive.
    pub(super) fn bytes(&self, inner: &str) -> Result<Vec<u8>> {
        let name = printable(&self.typed());
        match self {
            Self::File(path, last) if !is_archive(path) => {
                let stories = last.stories("", messages::version(path), || messages::whole(path))?;
                messages::one_of(&stories, inner, &name)
            }
            Self::File(path, last) => {
                let version = messages::version(path);
                let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
                bytes_of(Archive::open(BufReader::new(file), &name)?, inner, &name, version, last)
            }
            Self::Fetched { bytes, last, .. } => {
                let version = Some((bytes.len() as u64, SystemTime::UNIX_EPOCH));
                bytes_of(Archive::open(Cursor::new(bytes), &name)?, inner, &name, version, last)
            }
            Self::Message { stories, .. } => messages::one_of(stories, inner, &name),
        }
    }

    /// What is in it; `None` when it is a document.
    fn list(&self) -> Result<Option<Listing>> {
        let name = printable(&self.typed());
        match self {
            Self::File(path, last) if !is_archive(path) => {
                let stories = last.stories("", messages::version(path), || messages::whole(path))?;
                Ok(Some(listing(stories.iter())).filter(|listing| !listing.articles.is_empty()))
            }
            Self::File(path, _) => {
                let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
                Ok(list(Archive::open(BufReader::new(file), &name)?))
            }
            Self::Fetched { bytes, .. } => Ok(list(Archive::open(Cursor::new(bytes), &name)?)),
            Self::Message { stories, .. } => Ok(Some(listing(stories.iter()))),
        }
    }
}

fn listing<'a>(stories: impl Iterator<Item = &'a Part>) -> Listing {
    Listing { articles: stories.map(|story| story.name.clone()).collect(), refused: Vec::new() }
}

fn list(mut archive: Archive<impl Read + Seek>) -> Option<Listing> {
    if archive.package() != Package::Files {
        return None;
    }
    let Listing { articles, refused } = archive.list();
    let mut found = Vec::new();
    for inner in articles {
        if !archive.is_article(&inner) {
            continue;
        }
        // What can't be read is told when its turn comes.
        let parts = match is_xml(&inner).then(|| archive.bytes(&inner)) {
            Some(Ok(bytes)) if parts::may_be_message(&bytes[..bytes.len().min(newsroom::HEAD)]) => {
                parts::of_message(&bytes)
            }
            _ => Vec::new(),
        };
        if parts.is_empty() {
            found.push(inner);
        } else {
            found.extend(parts.into_iter().map(|part| format!("{inner}/{}", part.name)));
        }
    }
    Some(Listing { articles: found, refused })
}

fn is_xml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"))
}

/// The bytes of a file in an archive, or of a story of a message in it.
fn bytes_of(
    mut archive: Archive<impl Read + Seek>,
    inner: &str,
    name: &str,
    version: Version,
    last: &LastMessage,
) -> Result<Vec<u8>> {
    match inner.rsplit_once('/') {
        Some((message, story)) if is_xml(message) && !archive.has(inner) => {
            let stories = last.stories(message, version, || archive.bytes(message))?;
            messages::one_of(&stories, story, name)
        }
        _ => archive.bytes(inner),
    }
}

/// The inputs with archives opened. `fetcher` makes the one that fetches archives from addresses, where there are any.
pub(crate) fn open(paths: &[PathBuf], fetcher: impl FnOnce() -> Result<Arc<Fetcher>>) -> Result<Opened> {
    let mut opened = Opened::default();
    let (mut waiting, mut made) = (Some(fetcher), None);
    for path in paths {
        let input = Input::new(path);
        let archive = match &input {
            Input::File(path) if is_archive(path) || is_message(path) => {
                Ok(Some(Archived::File(path.clone(), LastMessage::default())))
            }
            Input::Address(typed) if is_address_of_archive(typed) => {
                if let Some(make) = waiting.take() {
                    made = Some(make()?);
                }
                made.as_ref().map(|fetcher| fetched(typed, &input, fetcher)).transpose()
            }
            _ => Ok(None),
        };
        match archive.and_then(|archive| archive.map(|archive| Ok((archive.list()?, archive))).transpose()) {
            Ok(Some((Some(listing), archive))) => opened.add(listing, &archive),
            // A Word document, or another file that is read as a whole or told what is wrong with it.
            Ok(_) => opened.inputs.push(input),
            Err(error) => opened.failures.push(error),
        }
    }
    match (opened.inputs.is_empty(), opened.failures.len()) {
        (true, 1) => Err(opened.failures.remove(0)),
        _ => Ok(opened),
    }
}

impl Opened {
    fn add(&mut self, listing: Listing, archive: &Archived) {
        if listing.articles.is_empty() && listing.refused.is_empty() {
            let nothing = Error::new(ErrorKind::Input, "there is no article in the archive");
            self.failures.push(nothing.at(Place::file(archive.path())).with_cure(Cure::GiveArticle));
        }
        self.failures.extend(listing.refused);
        let member = |inner| Input::Member { archive: archive.clone(), inner };
        self.inputs.extend(listing.articles.into_iter().map(member));
    }
}

fn fetched(typed: &str, input: &Input, fetcher: &Fetcher) -> Result<Archived> {
    let bytes = Source::open(input, fetcher)?.bytes()?;
    Ok(Archived::Fetched { typed: typed.to_owned(), bytes: bytes.into(), last: LastMessage::default() })
}

/// Whether a file is a ZIP archive, by its first bytes. A pipe would lose them.
fn is_archive(path: &Path) -> bool {
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    let mut head = [0; 4];
    is_file
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut head).is_ok())
        && (head == *b"PK\x03\x04" || head == *b"PK\x05\x06")
}

fn is_address_of_archive(typed: &str) -> bool {
    let path = typed.split(['?', '#']).next().unwrap_or_default();
    path.to_ascii_lowercase().ends_with(".zip")
}

/// The archive or message, and the name in it, that a path such as `news.zip/monday/port.html` means.
pub(super) fn member(path: &Path) -> Option<(Archived, String)> {
    // What is there is what is meant; the system says "not a directory" of a path through a file.
    if path.symlink_metadata().is_ok() {
        return None;
    }
    let archive = path.ancestors().skip(1).find(|above| is_archive(above) || is_message(above))?;
    let inner = path.strip_prefix(archive).ok()?;
    let parts: Vec<String> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    Some((Archived::File(archive.to_path_buf(), LastMessage::default()), parts.join("/")))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn an_archive_stands_for_its_articles() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut writer = ZipWriter::new(File::create(at("news.zip")).unwrap());
        for (name, text) in [
            ("b/two.txt", "Ships came back."),
            ("one.json", r#"{"uri":"u","headline":"A","body_text":"b"}"#),
            ("chapters.json", r#"{"version":"1.2.0"}"#),
            ("../up.txt", "x"),
        ] {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        std::fs::write(at("a.txt"), "x").unwrap();
        let nobody = || -> Result<Arc<Fetcher>> { panic!("nothing is fetched") };
        let opened = open(&[at("a.txt"), at("news.zip"), at("missing.zip")], nobody).unwrap();
        let names: Vec<String> = opened
            .inputs
            .iter()
            .map(|input| input.typed().replace(&*folder.path().to_string_lossy(), "").replace('\\', "/"))
            .collect();
        assert_eq!(names, ["/a.txt", "/news.zip/b/two.txt", "/news.zip/one.json", "/missing.zip"]);
        assert_eq!(opened.failures.len(), 1);
        let rows = [
            ("news.zip/b/two.txt", Some("b/two.txt")),
            ("news.zip/none.txt", Some("none.txt")),
            ("news.zip", None),
            ("a.txt/b", None),
            ("missing/b.txt", None),
        ];
        each(rows, |(path, want)| {
            assert_eq!(member(&at(path)).map(|(_, inner)| inner).as_deref(), want, "{path}");
        });
        let (archive, inner) = member(&at("news.zip/b/two.txt")).unwrap();
        assert_eq!(archive.bytes(&inner).unwrap(), b"Ships came back.");
    }

    #[test]
    fn a_message_stands_for_its_stories_wherever_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let item = |guid: &str| {
            format!(
                "<newsItem guid='{guid}'><contentSet><inlineXML><p>Ships of {guid}.</p></inlineXML></contentSet></newsItem>"
            )
        };
        let message = |items: &str| {
            format!(
                "<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><itemSet>{items}</itemSet></newsMessage>"
            )
        };
        let several = message(&(item("urn:a.b") + &item("urn:c")));
        std::fs::write(at("wire.xml"), &several).unwrap();
        std::fs::write(at("single.xml"), message(&item("urn:a"))).unwrap();
        let mut writer = ZipWriter::new(File::create(at("news.zip")).unwrap());
        for (name, text) in [("in/wire.xml", &several), ("in/single.xml", &message(&item("urn:d")))] {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let nobody = || -> Result<Arc<Fetcher>> { panic!("nothing is fetched") };
        let opened = open(&[at("wire.xml"), at("single.xml"), at("news.zip")], nobody).unwrap();
        let names: Vec<String> = opened
            .inputs
            .iter()
            .map(|input| input.typed().replace(&*folder.path().to_string_lossy(), "").replace('\\', "/"))
            .collect();
        assert_eq!(
            names,
            [
                "/wire.xml/urn-a-b",
                "/wire.xml/urn-c",
                "/single.xml",
                "/news.zip/in/single.xml",
                "/news.zip/in/wire.xml/urn-a-b",
                "/news.zip/in/wire.xml/urn-c"
            ]
        );
        for path in ["wire.xml/urn-c", "news.zip/in/wire.xml/urn-c"] {
            let (archive, inner) = member(&at(path)).unwrap();
            assert!(
                String::from_utf8(archive.bytes(&inner).unwrap()).unwrap().contains("Ships of urn:c."),
                "{path}"
            );
            assert!(archive.bytes(&inner.replace("urn-c", "urn-x")).is_err(), "{path}");
        }
    }

    #[test]
    fn archives_on_the_web_are_known_by_their_address() {
        let rows = [
            ("https://a.example/News.ZIP?x=1", true),
            ("https://a.example/a.zip/b", false),
            ("https://a.example/?a.zip", false),
        ];
        each(rows, |(address, want)| assert_eq!(is_address_of_archive(address), want, "{address}"));
    }
}
