//! ZIP archives, within limits: of entries, of bytes after unpacking, of what a byte may become. Nothing is written to a disk, and a
//! name that leads out of the archive is refused all the same: results are named after it.

use std::io::{Cursor, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Cure, Error, ErrorKind, Place, Result, printable, shorten};

/// Entries at most.
const MOST_ENTRIES: u64 = 10_000;
/// Bytes of an entry after unpacking at most.
const LARGEST_ENTRY: u64 = 64 << 20;
/// Bytes of all articles after unpacking at most.
const LARGEST_WHOLE: u64 = 1 << 30;
/// Bytes that a packed byte may become, where it becomes more than [`HARMLESS`]: text becomes some ten times as large.
const HIGHEST_RATIO: u64 = 200;
const HARMLESS: u64 = 1 << 20;
/// What stands at the end of an archive: its record with a comment of any length, and the one of large archives.
const LONGEST_TAIL: u64 = 22 + 0xffff + 20 + 56;
/// Endings of articles within an archive.
const ENDINGS: [&str; 13] =
    ["txt", "text", "md", "markdown", "html", "htm", "xhtml", "eml", "docx", "xml", "nitf", "ninjs", "json"];

/// An archive that is open.
pub(crate) struct Archive<R: Read + Seek> {
    zip: ZipArchive<R>,
    name: String,
}

/// What lies in an archive.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Names of the articles, sorted.
    pub(crate) articles: Vec<String>,
    /// Entries that would be articles, and why they are not read.
    pub(crate) refused: Vec<Error>,
}

/// What a ZIP archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Package {
    /// Files in folders.
    Files,
    /// A Word document.
    Word,
    /// A document of another program, in words.
    Other(&'static str),
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive; `name` is what messages call it.
    pub(crate) fn open(mut reader: R, name: &str) -> Result<Self> {
        let failed = |cause: std::io::Error| {
            Error::new(ErrorKind::Input, "the archive can't be read").at(Place::file(name)).because(cause)
        };
        let entries = most_entries(&mut reader).map_err(failed)?;
        if entries > MOST_ENTRIES {
            let what = format!("the archive holds {entries} files, and at most {MOST_ENTRIES} are read");
            return Err(Error::new(ErrorKind::TooLarge, what)
                .at(Place::file(name))
                .with_cure(Cure::SplitArchive));
        }
        let zip = ZipArchive::new(reader).map_err(|cause| damaged(name, cause))?;
        Ok(Self { zip, name: name.to_owned() })
    }

    /// What the archive is, by the names in it.
    pub(crate) fn package(&mut self) -> Package {
        let has = |name: &str| self.has(name);
        if has("[Content_Types].xml") || has("word/document.xml") {
            return match () {
                () if has("xl/workbook.xml") => Package::Other("a workbook of Excel"),
                () if has("ppt/presentation.xml") => Package::Other("slides of PowerPoint"),
                () => Package::Word,
            };
        }
        let is_epub = has("META-INF/container.xml");
        if has("mimetype") {
            let kind = self.bytes("mimetype").unwrap_or_default();
            let kind = String::from_utf8_lossy(&kind).trim().to_owned();
            return match kind.as_str() {
                "application/epub+zip" => Package::Other("an EPUB book"),
                "application/vnd.oasis.opendocument.text" => Package::Other("an OpenDocument text"),
                kind if kind.starts_with("application/vnd.oasis") => Package::Other("an OpenDocument file"),
                _ => Package::Files,
            };
        }
        if is_epub { Package::Other("an EPUB book") } else { Package::Files }
    }

    /// The articles, and what would be one and is refused.
    pub(crate) fn list(&mut self) -> Listing {
        let mut listing = Listing::default();
        let mut whole: u64 = 0;
        for index in 0..self.zip.len() {
            let Ok(entry) = self.zip.by_index_raw(index) else { continue };
            let Ok(inner) = entry.name().map(std::borrow::Cow::into_owned) else { continue };
            if entry.is_dir() || entry.is_symlink() || is_hidden(&inner) {
                continue;
            }
            let ending = inner.rsplit(['/', '\\']).next().and_then(|file| file.rsplit_once('.'));
            let ending = ending.map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
            let is_article = ENDINGS.contains(&ending.as_str());
            if !is_article && ending != "zip" {
                continue;
            }
            let refused = |kind, what: &str, cure| {
                Error::new(kind, what)
                    .at(Place::file(format!("{}/{}", self.name, shown(&inner))))
                    .with_cure(cure)
            };
            // An entry may claim any size.
            whole = whole.saturating_add(entry.size());
            if !is_enclosed(&inner) {
                let what = "the name of this file in the archive leads out of it";
                listing.refused.push(refused(ErrorKind::Input, what, Cure::PackAgain));
            } else if !is_article {
                let what = "this is an archive within an archive, which is not opened";
                listing.refused.push(refused(ErrorKind::Input, what, Cure::GiveInnerArchive));
            } else if whole > LARGEST_WHOLE {
                let what = "the archive unpacks to more than 1 GiB; this file is not read any more";
                listing.refused.push(refused(ErrorKind::TooLarge, what, Cure::SplitArchive));
            } else {
                listing.articles.push(inner);
            }
        }
        // A page beside its sound and a document are told apart when they are read; JSON and XML by what they hold.
        listing.articles.sort();
        listing
    }

    /// Whether an entry with an ending that others use, too, is an article.
    pub(crate) fn is_article(&mut self, inner: &str) -> bool {
        let ending = inner.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        if !matches!(ending.as_str(), "json" | "xml" | "html" | "htm") {
            return true;
        }
        let Some(index) = self.zip.index_for_name(inner) else { return false };
        let mut head = Vec::new();
        // What can't be read is told when its turn comes.
        let Ok(entry) = self.zip.by_index(index) else { return true };
        if entry.take(super::HEAD as u64).read_to_end(&mut head).is_err() {
            return true;
        }
        super::is_article_head(&head, &ending)
    }

    /// Whether there is an entry.
    pub(crate) fn has(&self, inner: &str) -> bool {
        self.zip.index_for_name(inner).is_some()
    }

    /// The bytes of an entry.
    pub(crate) fn bytes(&mut self, inner: &str) -> Result<Vec<u8>> {
        let place = || Place::file(format!("{}/{}", self.name, shown(inner)));
        let Some(index) = self.zip.index_for_name(inner) else {
            let error = Error::new(ErrorKind::Input, "there is no such file in the archive");
            return Err(error.at(place()).with_cure(Cure::CheckFile));
        };
        let whole =
            |what: &str| Error::new(ErrorKind::Input, what).at(place()).with_cure(Cure::AskForWholeFile);
        let too_large =
            |what: String| Error::new(ErrorKind::TooLarge, what).at(place()).with_cure(Cure::PackAgain);
        let entry = self.zip.by_index(index).map_err(|cause| match cause {
            ZipError::UnsupportedArchive(why) if why.to_ascii_lowercase().contains("password") => {
                Error::new(ErrorKind::Input, "the file in the archive is locked by a password")
                    .at(place())
                    .with_cure(Cure::PackAgain)
            }
            ZipError::UnsupportedArchive(_) => {
                Error::new(ErrorKind::Input, "the file in the archive is packed in a way that is not known")
                    .at(place())
                    .because(cause)
                    .with_cure(Cure::PackAgain)
            }
            cause => whole("the file in the archive is damaged").because(cause),
        })?;
        let packed = entry.compressed_size();
        let most = HARMLESS.max(packed.saturating_mul(HIGHEST_RATIO)).min(LARGEST_ENTRY);
        let is_bomb = most < LARGEST_ENTRY;
        let mut bytes = Vec::new();
        // What an entry says of its size is not believed.
        entry
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|cause| whole("the file in the archive is damaged").because(cause))?;
        if bytes.len() as u64 > most {
            return Err(too_large(if is_bomb {
                format!(
                    "the file in the archive grows to more than {HIGHEST_RATIO} times its size; no article does"
                )
            } else {
                format!(
                    "the file in the archive is larger than {} MiB; that is no article",
                    LARGEST_ENTRY >> 20
                )
            }));
        }
        Ok(bytes)
    }
}

/// The bytes of the only article in an archive, and its name.
pub(super) fn only_article(bytes: &[u8], name: &str) -> Result<(Vec<u8>, String)> {
    let mut archive = Archive::open(Cursor::new(bytes), name)?;
    let Listing { articles, mut refused } = archive.list();
    let articles: Vec<String> = articles.into_iter().filter(|inner| archive.is_article(inner)).collect();
    match articles.as_slice() {
        [inner] => Ok((archive.bytes(inner)?, format!("{name}/{}", shown(inner)))),
        [] if !refused.is_empty() => Err(refused.remove(0)),
        [] => Err(Error::new(ErrorKind::Input, "there is no article in the archive")
            .at(Place::file(name))
            .with_cure(Cure::GiveArticle)),
        [first, ..] => {
            let what = format!("the archive holds {} articles, and one is read here", articles.len());
            let first = format!("{name}/{}", shown(first));
            Err(Error::new(ErrorKind::Input, what)
                .at(Place::file(name))
                .with_cure(Cure::NameMember { first }))
        }
    }
}

/// The name of an entry in a message.
fn shown(inner: &str) -> String {
    shorten(&printable(inner), 200)
}

/// Files that a system or an editor leaves: `__MACOSX/._a.txt`, `.DS_Store`, `~$story.docx`.
fn is_hidden(inner: &str) -> bool {
    inner.split(['/', '\\']).any(|part| {
        (part.starts_with('.') && !matches!(part, "." | "..")) || part.starts_with("~$") || part == "__MACOSX"
    })
}

/// Whether a name stays within its archive: no way up, no root, no drive, no separator of another system.
fn is_enclosed(inner: &str) -> bool {
    !inner.contains(['\\', '\0', ':'])
        && !inner.starts_with('/')
        && inner.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

fn damaged(name: &str, cause: ZipError) -> Error {
    let what = match cause {
        ZipError::InvalidArchive(_) | ZipError::Io(_) => "the archive is damaged, or was cut off",
        _ => "the archive is of a kind that is not read",
    };
    Error::new(ErrorKind::Input, what).at(Place::file(name)).because(cause).with_cure(Cure::AskForWholeFile)
}

/// The largest number of entries that any record at the end of an archive claims: the reader makes room for as many.
fn most_entries(reader: &mut (impl Read + Seek)) -> std::io::Result<u64> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(length.saturating_sub(LONGEST_TAIL)))?;
    let mut tail = Vec::new();
    reader.take(LONGEST_TAIL).read_to_end(&mut tail)?;
    reader.seek(SeekFrom::Start(0))?;
    let (mut most, mut most_of_large) = (0, None);
    for at in 0..tail.len() {
        let record = &tail[at..];
        // APPNOTE.TXT 4.3.16 and 4.3.14.
        if record.starts_with(b"PK\x05\x06") && record.len() >= 12 {
            let count = u64::from(u16::from_le_bytes([record[10], record[11]]));
            most = most.max(count);
        } else if record.starts_with(b"PK\x06\x06") && record.len() >= 40 {
            let count = record[32..40].iter().rev().fold(0, |count, byte| count << 8 | u64::from(*byte));
            most_of_large = most_of_large.max(Some(count));
        }
    }
    // All ones stand for the number in the record of large archives.
    Ok(match most_of_large {
        Some(count) if most == 0xffff => count,
        count => most.max(count.unwrap_or(0)),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;
    use crate::table_test::each;

    /// Names and bytes.
    type Files<'a> = &'a [(&'a str, &'a [u8])];

    fn packed(files: Files<'_>) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in files {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn open(bytes: &[u8]) -> Result<Archive<Cursor<&[u8]>>> {
        Archive::open(Cursor::new(bytes), "a.zip")
    }

    #[test]
    fn sizes_that_add_up_to_more_than_there_is_are_too_large() {
        let mut bytes = packed(&[("a.txt", b"one"), ("b.txt", b"two"), ("c.txt", b"three")]);
        // The sizes in the list at the end become those of large archives, in a field of their own (APPNOTE.TXT 4.5.3).
        let claimed = u64::MAX - 7;
        let mut at = 0;
        while let Some(found) = bytes[at..].windows(4).position(|window| window == b"PK\x01\x02") {
            let entry = at + found;
            bytes[entry + 24..entry + 28].fill(0xff);
            bytes[entry + 30..entry + 32].copy_from_slice(&12_u16.to_le_bytes());
            let extra: Vec<u8> = [&[1, 0, 8, 0][..], &claimed.to_le_bytes()].concat();
            bytes.splice(entry + 51..entry + 51, extra);
            at = entry + 46;
        }
        // The end knows where the list begins and how long it is.
        let end = bytes.windows(4).position(|window| window == b"PK\x05\x06").unwrap();
        let list = u32::from_le_bytes(bytes[end + 12..end + 16].try_into().unwrap());
        bytes[end + 12..end + 16].copy_from_slice(&(list + 3 * 12).to_le_bytes());
        let listing = open(&bytes).unwrap().list();
        assert!(listing.articles.is_empty(), "{:?}", listing.articles);
        let kinds: Vec<ErrorKind> = listing.refused.iter().map(Error::kind).collect();
        assert_eq!(kinds, [ErrorKind::TooLarge; 3]);
    }

    #[test]
    fn articles_are_listed_and_others_passed_over_or_told() {
        let files: [(&str, &[u8]); 11] = [
            ("b/two.html", b"<p>two"),
            ("a.txt", b"one"),
            ("picture.jpg", b"\xff\xd8\xff"),
            ("__MACOSX/._a.txt", b"x"),
            (".hidden.txt", b"x"),
            ("../up.txt", b"x"),
            ("/root.txt", b"x"),
            ("c:\\drive.txt", b"x"),
            ("b/../c.txt", b"x"),
            ("inner.zip", b"PK\x03\x04"),
            ("~$a.docx", b"x"),
        ];
        let bytes = packed(&files);
        let mut archive = open(&bytes).unwrap();
        let listing = archive.list();
        assert_eq!(listing.articles, ["a.txt", "b/two.html"]);
        let told: Vec<String> = listing.refused.iter().map(Error::story).collect();
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!(told.iter().filter(|told| told.contains("leads out")).count(), 4, "{told:?}");
        assert!(told.iter().any(|told| told.contains("archive within") && told.contains("a.zip/inner.zip")));
        assert_eq!(archive.bytes("b/two.html").unwrap(), b"<p>two");
        assert!(archive.bytes("no.txt").is_err());
    }

    #[test]
    fn packages_are_told_by_their_names() {
        let rows: [(Files<'_>, Package); 7] = [
            (&[("a.txt", b"x")], Package::Files),
            (&[("[Content_Types].xml", b""), ("word/document.xml", b"")], Package::Word),
            (
                &[("[Content_Types].xml", b""), ("xl/workbook.xml", b"")],
                Package::Other("a workbook of Excel"),
            ),
            (
                &[("[Content_Types].xml", b""), ("ppt/presentation.xml", b"")],
                Package::Other("slides of PowerPoint"),
            ),
            (
                &[("mimetype", b"application/vnd.oasis.opendocument.text")],
                Package::Other("an OpenDocument text"),
            ),
            (&[("mimetype", b"application/epub+zip")], Package::Other("an EPUB book")),
            (&[("mimetype", b"text"), ("a.txt", b"x")], Package::Files),
        ];
        each(rows, |(files, want)| assert_eq!(open(&packed(files)).unwrap().package(), want, "{files:?}"));
    }

    #[test]
    fn bombs_and_damage_are_refused() {
        let bomb = packed(&[("a.txt", &vec![b'a'; 8 << 20]), ("b.txt", b"good")]);
        let mut archive = open(&bomb).unwrap();
        let error = archive.bytes("a.txt").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.what().contains("times its size"), "{}", error.what());
        assert_eq!(archive.bytes("b.txt").unwrap(), b"good");
        // An end record that claims more entries than anybody needs.
        let mut claims = packed(&[("a.txt", b"x")]);
        let end = claims.len() - 22;
        claims[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
        assert_eq!(open(&claims).err().map(|error| error.kind()), Some(ErrorKind::TooLarge));
        let whole = packed(&[("a.txt", &b"The port reopened on Monday. ".repeat(50))]);
        assert!(open(&whole[..whole.len() - 30]).is_err());
        let mut flipped = whole.clone();
        flipped[45] ^= 0xff;
        assert!(open(&flipped).unwrap().bytes("a.txt").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..200, to in any::<u8>()) {
            let _ = open(&bytes).map(|mut archive| archive.list());
            bytes = packed(&[("a.txt", b"The port"), ("word/b.xml", &bytes)]);
            let at = at.min(bytes.len() - 1);
            bytes[at] = to;
            if let Ok(mut archive) = open(&bytes) {
                archive.package();
                for inner in archive.list().articles {
                    let _ = archive.bytes(&inner);
                }
            }
        }
    }
}
