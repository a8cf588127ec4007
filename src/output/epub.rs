//! A book of one article that a reading system speaks: EPUB 3 with a media overlay, a clip a sentence. W3C, *EPUB 3.3*.
//!
//! The same article and sound make the same bytes: nothing in the book comes from a clock.

use std::io::{self, Read, Seek, Write};

use askama::Template;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::document::{DIGITAL_SOURCE_TYPE, Document, Element, Piece, Role};

const CONTAINER: &str = include_str!("epub/container.xml");
const STYLE: &str = include_str!("epub/book.css");
/// When a book without a date was last changed: the first day that an archive can write.
const NO_DATE: &str = "1980-01-01";

#[derive(Template)]
#[template(path = "epub/package.opf")]
struct Package<'a> {
    document: &'a Document,
    identifier: String,
    modified: String,
    digital_source_type: &'static str,
    /// Its name and its media type.
    cover: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "epub/nav.xhtml")]
struct Navigation<'a> {
    document: &'a Document,
    headings: Vec<(usize, String)>,
}

#[derive(Template)]
#[template(path = "epub/article.xhtml")]
struct Article<'a> {
    document: &'a Document,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "epub/article.smil")]
struct Overlay {
    clips: Vec<Clip>,
}

/// Elements that are shown together.
struct Group {
    role: Role,
    elements: Vec<Shown>,
}

/// An element, numbered through the book.
struct Shown {
    id: usize,
    runs: Vec<Run>,
}

/// Text, and its number if it is a sentence.
struct Run {
    id: Option<usize>,
    text: String,
}

/// The part of the sound that speaks a sentence, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clip {
    sentence: usize,
    begin: u64,
    end: u64,
}

impl Clip {
    fn begin(self) -> f64 {
        self.begin as f64 / 1000.0
    }

    fn end(self) -> f64 {
        self.end as f64 / 1000.0
    }
}

/// Writes the book of `document`; `mp3` is its sound.
pub(crate) fn write(out: impl Write + Seek, document: &Document, mp3: &mut impl Read) -> io::Result<()> {
    let cover = document.cover.as_ref().map(|cover| match cover.media_type {
        "image/png" => ("cover.png", cover.media_type),
        _ => ("cover.jpg", cover.media_type),
    });
    let package = Package {
        document,
        identifier: identifier(document),
        modified: format!("{}T00:00:00Z", document.iso_date().unwrap_or(NO_DATE)),
        digital_source_type: DIGITAL_SOURCE_TYPE,
        cover,
    };
    let groups = groups(document);
    let mut book = Book(ZipWriter::new(out));
    // The first file, as it is, so that the kind of the book stands at a fixed place: EPUB 3.3, 4.2.2.
    book.stored("mimetype", &mut &b"application/epub+zip"[..])?;
    book.deflated("META-INF/container.xml", CONTAINER)?;
    book.deflated("EPUB/package.opf", &rendered(&package)?)?;
    book.deflated("EPUB/nav.xhtml", &rendered(&Navigation { document, headings: headings(document) })?)?;
    book.deflated("EPUB/article.xhtml", &rendered(&Article { document, groups })?)?;
    book.deflated("EPUB/article.smil", &rendered(&Overlay { clips: clips(document) })?)?;
    book.deflated("EPUB/book.css", STYLE)?;
    if let (Some((name, _)), Some(cover)) = (cover, &document.cover) {
        book.stored(&format!("EPUB/{name}"), &mut cover.bytes.as_slice())?;
    }
    book.stored("EPUB/sound.mp3", mp3)?;
    book.0.finish()?.flush()
}

/// The archive.
struct Book<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> Book<W> {
    fn begin(&mut self, name: &str, method: CompressionMethod) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        Ok(self.0.start_file(name, options)?)
    }

    fn stored(&mut self, name: &str, content: &mut impl Read) -> io::Result<()> {
        self.begin(name, CompressionMethod::Stored)?;
        io::copy(content, &mut self.0).map(|_| ())
    }

    fn deflated(&mut self, name: &str, content: &str) -> io::Result<()> {
        self.begin(name, CompressionMethod::Deflated)?;
        self.0.write_all(content.as_bytes())
    }
}

fn rendered(template: &impl Template) -> io::Result<String> {
    template.render().map_err(io::Error::other)
}

/// A UUID of version 8 (RFC 9562, 5.8), made from the text and the voice: the same article keeps its place in a
/// reader's library.
fn identifier(document: &Document) -> String {
    let mut hash = Sha256::new();
    hash.update(&document.voice);
    for element in &document.elements {
        hash.update(text_of(element));
        hash.update([0]);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn text_of(element: &Element) -> String {
    element.pieces.iter().map(Piece::text).collect()
}

/// The headings within the article, with the numbers of their elements.
fn headings(document: &Document) -> Vec<(usize, String)> {
    let numbered = document.elements.iter().enumerate();
    let headings = numbered.filter(|(_, element)| element.role == Role::Heading);
    headings.map(|(number, element)| (number, text_of(element))).collect()
}

fn groups(document: &Document) -> Vec<Group> {
    let (mut elements, mut sentences) = (0.., 0..);
    let mut shown = |element: &Element| {
        let mut run = |piece: &Piece| {
            let is_sentence = matches!(piece, Piece::Sentence(_));
            Run { id: is_sentence.then(|| sentences.next()).flatten(), text: piece.text() }
        };
        let runs = element.pieces.iter().map(&mut run).collect();
        Shown { id: elements.next().unwrap_or_default(), runs }
    };
    let mut group = |group: &[Element]| {
        let role = group.first()?.role;
        Some(Group { role, elements: group.iter().map(&mut shown).collect() })
    };
    document.groups().filter_map(&mut group).collect()
}

/// A clip a sentence, each until the next one begins: together they are the whole sound. None is empty, which reading
/// systems refuse.
fn clips(document: &Document) -> Vec<Clip> {
    let starts: Vec<u64> = document.sentences().map(|sentence| sentence.start).collect();
    let mut begin = 0;
    (0..starts.len())
        .map(|sentence| {
            let end = starts.get(sentence + 1).copied().unwrap_or(document.milliseconds).max(begin + 1);
            let clip = Clip { sentence, begin, end };
            begin = end;
            clip
        })
        .collect()
}

#[cfg(test)]
#[cfg(feature = "mp3")]
mod tests;
