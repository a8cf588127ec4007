//! What newsrooms have beside pages and text: mail, Word documents, the IPTC's NewsML-G2, NITF and ninjs, and archives of these.
//!
//! A format that says what is title, byline and story is taken at its word. The page of a mail, or of an item of ninjs, goes through the
//! finding of stories as any page does. All of it is read within limits, and nothing that a document names is fetched.

pub(crate) mod archive;
mod docx;
mod ends;
mod mail;
mod markup;
mod mime;
mod newsml;
mod ninjs;
mod nitf;
pub(crate) mod parts;
mod time;
mod told;
pub(crate) mod wire;
mod xml;

use std::io::Cursor;

use super::ReadOptions;
use super::draft::Draft;
use super::format::Format;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use archive::{Archive, Package};
pub(super) use ninjs::is_ninjs;

/// So many first bytes tell what a file with an ending such as `.json` or `.xml` is.
pub(crate) const HEAD: usize = 64 << 10;
/// What the program writes into the head of its own pages.
const OWN_PAGE: &[u8] = b"<meta name=\"generator\" content=\"audio-report ";

/// What a file of a newsroom holds.
pub(super) enum Held {
    /// A story, and how many of its bytes were no text.
    Story(Box<Draft>, usize),
    /// Another file, and its name.
    File(Vec<u8>, String),
}

/// Reads a mail, a Word document or an archive. `None` for anything else: that may be text.
pub(super) fn read_bytes(
    bytes: &[u8],
    name: &str,
    media_type: Option<&str>,
    options: ReadOptions,
) -> Result<Option<Held>> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return match Archive::open(Cursor::new(bytes), name)?.package() {
            Package::Word => docx::read(bytes, name).map(|mut draft| {
                ends::leave(&mut draft);
                Some(Held::Story(Box::new(draft), 0))
            }),
            Package::Files => {
                archive::only_article(bytes, name).map(|(bytes, name)| Some(Held::File(bytes, name)))
            }
            Package::Other(what) => {
                Err(Error::new(ErrorKind::Encoding, format!("this is {what}, which is not read"))
                    .at(Place::file(name))
                    .with_cure(Cure::SaveAsDocx))
            }
        };
    }
    let is_named =
        ending(name) == "eml" || media_type.is_some_and(|kind| kind.eq_ignore_ascii_case("message/rfc822"));
    if mail::is_mail(bytes, is_named) {
        return mail::read(bytes, name, options).map(|(draft, bad)| Some(Held::Story(Box::new(draft), bad)));
    }
    Ok(None)
}

/// Whether a text that does not look like ninjs is meant to be JSON: by its name, or by its server.
pub(super) fn is_named_json(text: &str, name: &str, media_type: Option<&str>) -> bool {
    let is_json = |kind: &str| {
        let kind = kind.to_ascii_lowercase();
        kind == "application/json" || kind.ends_with("+json")
    };
    let begins = text.trim_start().starts_with(['{', '[', '"']);
    ending(name) == "ninjs" || (begins && (ending(name) == "json" || media_type.is_some_and(is_json)))
}

/// Reads a text in one of the IPTC's formats; `None` in another one.
pub(super) fn read_text(
    format: Format,
    text: &str,
    name: &str,
    options: ReadOptions,
) -> Result<Option<Draft>> {
    let mut draft = match format {
        Format::NewsMl => newsml::read(&xml::parse(text, name)?, name, options)?,
        Format::Nitf => {
            let root = xml::parse(text, name)?;
            nitf::wire(&root).check(name, options)?;
            nitf::read(&root).into_draft()
        }
        Format::Ninjs => ninjs::read(text, name, options)?,
        Format::Plain | Format::Html | Format::Markdown | Format::Feed => return Ok(None),
    };
    ends::leave(&mut draft);
    Ok(Some(draft))
}

/// The story in a document has no words.
pub(super) fn no_body(name: &str) -> Error {
    Error::new(ErrorKind::Empty, format!("{name} has no story: its body is empty"))
        .at(Place::file(name))
        .with_cure(Cure::GiveArticle)
}

/// Whether a file is an article, by how it begins; its ending is one that other files have, too.
pub(crate) fn is_article_head(head: &[u8], ending: &str) -> bool {
    let text = || String::from_utf8_lossy(head);
    match ending {
        "json" => is_ninjs(&text()),
        "xml" => matches!(Format::of(&text()), Format::NewsMl | Format::Nitf),
        _ => !is_own_page(head),
    }
}

/// Whether a page is one that the program wrote beside its sound.
pub(crate) fn is_own_page(head: &[u8]) -> bool {
    const LOOKED_AT: usize = 300;
    head[..head.len().min(LOOKED_AT)].windows(OWN_PAGE.len()).any(|window| window == OWN_PAGE)
}

/// The ending of a file or an address, in lower case.
fn ending(name: &str) -> String {
    let path = if name.contains("://") { name.split(['?', '#']).next().unwrap_or_default() } else { name };
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::read_article;
    use super::*;
    use crate::table_test::each;

    #[test]
    fn files_with_common_endings_are_told_by_their_beginning() {
        let rows: [(&str, &[u8], bool); 8] = [
            ("json", br#"{"uri":"u","headline":"A","pubstatus":"usable"}"#, true),
            ("json", br#"{"version":"1.2.0","chapters":[]}"#, false),
            ("xml", b"<?xml version='1.0'?><newsItem guid='a'>", true),
            ("xml", b"<!DOCTYPE nitf SYSTEM 'n.dtd' [<!ELEMENT a ANY>]>\n<nitf>", true),
            ("xml", b"<n:newsMessage xmlns:n='x'>", true),
            ("xml", b"<rss version='2.0'>", false),
            ("html", b"<!DOCTYPE html><meta name=\"generator\" content=\"audio-report 0.1\">", false),
            ("htm", b"<p>x", true),
        ];
        each(rows, |(ending, head, want)| {
            assert_eq!(is_article_head(head, ending), want, "{}", String::from_utf8_lossy(head));
        });
        let names = [
            ("a/b.EML", "eml"),
            ("https://a.example/n.xml?x=1.json#y", "xml"),
            ("a.zip/b.c/d", ""),
            ("standard input", ""),
        ];
        each(names, |(name, want)| assert_eq!(ending(name), want, "{name}"));
    }

    #[test]
    fn what_is_no_text_names_the_way_out() {
        let rows: [(&[u8], &str, &str, ErrorKind); 4] = [
            (b"%PDF-1.7\n", "a.pdf", "convert-pdf", ErrorKind::Encoding),
            (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "a.zip", "give-article", ErrorKind::Input),
            (b"PK\x03\x04 cut off", "a.docx", "ask-for-whole-file", ErrorKind::Input),
            (b"[1, 2]", "a.ninjs", "give-text-item", ErrorKind::Input),
        ];
        each(rows, |(bytes, name, cure, kind)| {
            let error = read_article(bytes, name, &ReadOptions::default()).unwrap_err();
            assert_eq!(
                (error.kind(), error.cure().map(Cure::as_str)),
                (kind, Some(cure)),
                "{}",
                error.story()
            );
        });
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300), which in 0usize..6) {
            let begins: [&[u8]; 6] = [b"PK\x03\x04", b"PK\x05\x06", b"From: a\nMIME-Version: 1\nTo: b\n", b"<newsItem>", b"<nitf>", b"{\"headline\":"];
            let all = [begins[which], &bytes].concat();
            for name in ["a.eml", "a.docx", "a.zip", "a.json", "a.xml"] {
                let _ = read_article(&all, name, &ReadOptions::default());
            }
        }
    }
}
