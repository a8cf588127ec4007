//! Any feed as elements with their places. Nothing is fetched, and no entity of a document's own is expanded.

use std::borrow::Cow;
use std::collections::HashSet;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::Reader;
// Not those that HTML has besides: another feature of the crate would let them through.
use quick_xml::escape::{resolve_xml_entity, unescape_with};
use quick_xml::events::{BytesStart, Event};

use super::clean::is_legal;

/// Elements may lie so deep; feeds need six.
const DEEPEST: usize = 64;
/// Elements of a feed; 10,000 items have a tenth of it.
const MOST_ELEMENTS: usize = 1_000_000;
/// Prefixes that are declared at a time; a feed has some ten.
const MOST_PREFIXES: usize = 1_000;

/// A namespace that the rules know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS itself has none.
    Rss,
    /// Apple.
    Itunes,
    /// Podcasting 2.0.
    Podcast,
    /// Atom.
    Atom,
    /// Whole texts.
    Content,
    /// Any other.
    Other,
}

/// Prefixes that everybody uses, the addresses that they stand for, and the namespaces.
const SPACES: [(&str, &str, Space); 4] = [
    ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd", Space::Itunes),
    ("podcast", "https://podcastindex.org/namespace/1.0", Space::Podcast),
    ("atom", "http://www.w3.org/2005/Atom", Space::Atom),
    ("content", "http://purl.org/rss/1.0/modules/content/", Space::Content),
];
/// The name by which the podcast namespace went before.
const OLD_PODCAST: &str = "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md";

/// A place in a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// One-based.
    pub(super) line: usize,
    /// One-based, in characters.
    pub(super) column: usize,
}

/// An element.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) space: Space,
    /// As it is written, with its prefix.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// The text of it alone, without that of its elements.
    pub(super) text: String,
    pub(super) at: Spot,
}

impl Element {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    pub(super) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.local() == name
    }

    pub(super) fn all<'a>(&'a self, space: Space, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(space, name))
    }

    pub(super) fn first(&self, space: Space, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(space, name))
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its text without the space around it.
    pub(super) fn value(&self) -> &str {
        self.text.trim()
    }
}

/// What is wrong with a file before anything in it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is no well-formed XML.
    Xml(String),
    /// It is no UTF-8.
    Encoding(String),
    /// A prefix is not declared, or for another address.
    Namespace(String),
}

/// A feed as it was read.
#[derive(Debug)]
pub(super) struct Tree {
    /// What could be read of it.
    pub(super) root: Option<Element>,
    /// Whether it could not be read to its end.
    pub(super) is_cut: bool,
    pub(super) flaws: Vec<(Spot, Flaw)>,
}

/// Reads a feed as far as it can be read.
pub(super) fn read(bytes: &[u8]) -> Tree {
    let mut flaws = Vec::new();
    let text = decode(bytes, &mut flaws);
    let mut growing =
        Growing { text: &text, counted: 0, spot: Spot { line: 1, column: 1 }, ..Growing::default() };
    growing.flaws = flaws;
    let broken = growing.read().err();
    let is_cut = broken.is_some();
    growing.flaws.extend(broken.map(|(spot, what)| (spot, Flaw::Xml(what))));
    while growing.open.len() > 1 {
        growing.close();
    }
    let root = growing.root.or_else(|| growing.open.pop());
    Tree { root, is_cut, flaws: growing.flaws }
}

/// The text of a feed, by its byte order mark, its declaration, or as UTF-8.
fn decode<'a>(bytes: &'a [u8], flaws: &mut Vec<(Spot, Flaw)>) -> Cow<'a, str> {
    let start = Spot { line: 1, column: 1 };
    let (encoding, skipped) = Encoding::for_bom(bytes).unwrap_or_else(|| (declared(bytes), 0));
    if encoding == UTF_8 {
        let bytes = &bytes[skipped..];
        return match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                flaws.push((
                    spot_after(start, &before),
                    Flaw::Encoding("these bytes are no UTF-8".to_owned()),
                ));
                String::from_utf8_lossy(bytes)
            }
        };
    }
    flaws.push((start, Flaw::Encoding(format!("the feed is in {}", encoding.name()))));
    encoding.decode(bytes).0
}

/// The encoding that the declaration names.
fn declared(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let head = &bytes[..bytes.len().min(200)];
    let end = head.windows(2).position(|pair| pair == b"?>").unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..end]);
    let label = head.split_once("encoding").and_then(|(_, rest)| {
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest[1..].split(quote).next()
    });
    label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8)
}

fn spot_after(spot: Spot, text: &str) -> Spot {
    match text.rsplit_once('\n') {
        Some((before, last)) => Spot {
            line: spot.line + 1 + before.bytes().filter(|byte| *byte == b'\n').count(),
            column: 1 + last.chars().count(),
        },
        None => Spot { line: spot.line, column: spot.column + text.chars().count() },
    }
}

/// A tree while it is read.
#[derive(Default)]
struct Growing<'a> {
    text: &'a str,
    /// Bytes up to `spot`.
    counted: usize,
    spot: Spot,
    root: Option<Element>,
    /// Elements that have begun, from the root.
    open: Vec<Element>,
    /// Prefixes and addresses, and the depth at which they were declared.
    declared: Vec<(usize, String, String)>,
    /// Prefixes of which it was told that they are not declared.
    undeclared: HashSet<String>,
    elements: usize,
    flaws: Vec<(Spot, Flaw)>,
}

type Broken = (Spot, String);

impl Growing<'_> {
    /// The place of a byte; places are asked for in order.
    fn at(&mut self, byte: usize) -> Spot {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        if byte > self.counted {
            self.spot = spot_after(self.spot, &self.text[self.counted..byte]);
            self.counted = byte;
        }
        self.spot
    }

    fn read(&mut self) -> Result<(), Broken> {
        if let Some((byte, c)) = self.text.char_indices().find(|(_, c)| !is_legal(*c)) {
            let spot = spot_after(Spot { line: 1, column: 1 }, &self.text[..byte]);
            self.flaws.push((
                spot,
                Flaw::Xml(format!("the character U+{:04X} may not stand in XML", u32::from(c))),
            ));
        }
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().enable_all_checks(true);
        loop {
            let start = reader.buffer_position() as usize;
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(cause) => {
                    let byte = (reader.error_position() as usize).max(start);
                    return Err((self.at(byte), cause.to_string()));
                }
            };
            let spot = self.at(start);
            match event {
                Event::Start(start) => self.begin(&start, spot)?,
                Event::Empty(start) => {
                    self.begin(&start, spot)?;
                    self.close();
                }
                Event::End(_) => self.close(),
                Event::Text(text) => self.push(&text.xml10_content(), spot)?,
                Event::CData(text) => self.push(&text.xml10_content(), spot)?,
                Event::GeneralRef(entity) => {
                    let resolved = match entity.resolve_char_ref() {
                        Ok(Some(c)) if is_legal(c) => Some(c.to_string()),
                        Ok(Some(_)) | Err(_) => None,
                        Ok(None) => resolve_xml_entity(&entity).map(str::to_owned),
                    };
                    match resolved {
                        Some(text) => self.push(&text, spot)?,
                        None => {
                            let what = format!("&{}; stands for nothing in XML", short(&entity));
                            self.flaws.push((spot, Flaw::Xml(what)));
                        }
                    }
                }
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            }
        }
        match (&self.root, self.open.last()) {
            (_, Some(open)) => {
                let what = format!("<{}> has no end", short(&open.name));
                Err((self.at(self.text.len()), what))
            }
            (None, None) => Err((self.at(self.text.len()), "there is no element".to_owned())),
            (Some(_), None) => Ok(()),
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>, spot: Spot) -> Result<(), Broken> {
        self.elements += 1;
        if self.open.len() >= DEEPEST {
            return Err((spot, format!("elements lie more than {DEEPEST} deep")));
        }
        if self.elements > MOST_ELEMENTS {
            return Err((spot, format!("there are more than {MOST_ELEMENTS} elements")));
        }
        if self.root.is_some() {
            return Err((spot, "there is a second element beside the first".to_owned()));
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|cause| (spot, cause.to_string()))?;
            let value = match unescape_with(&attribute.value, resolve_xml_entity) {
                Ok(value) if value.chars().all(is_legal) && !attribute.value.contains('<') => {
                    value.into_owned()
                }
                Ok(value) => {
                    let what = format!(
                        "the attribute {} holds what may not stand in one",
                        short(attribute.key.as_ref())
                    );
                    self.flaws.push((spot, Flaw::Xml(what)));
                    value.into_owned()
                }
                Err(cause) => {
                    self.flaws.push((spot, Flaw::Xml(cause.to_string())));
                    attribute.value.to_string()
                }
            };
            attributes.push((attribute.key.as_ref().to_owned(), value));
        }
        let depth = self.open.len();
        for (name, value) in &attributes {
            if let Some(prefix) =
                name.strip_prefix("xmlns").filter(|rest| rest.is_empty() || rest.starts_with(':'))
            {
                let prefix = prefix.trim_start_matches(':').to_owned();
                self.declare(depth, prefix, value.clone(), spot);
            }
        }
        if self.declared.len() > MOST_PREFIXES {
            return Err((spot, format!("there are more than {MOST_PREFIXES} namespaces")));
        }
        let name: String = start.name().as_ref().to_owned();
        let space = self.space(&name, spot);
        self.open.push(Element {
            space,
            name,
            attributes,
            children: Vec::new(),
            text: String::new(),
            at: spot,
        });
        Ok(())
    }

    fn declare(&mut self, depth: usize, prefix: String, address: String, spot: Spot) {
        let known = SPACES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&prefix));
        if let Some((known, right, _)) = known
            && *right != address
            && address != OLD_PODCAST
        {
            let what = format!("xmlns:{prefix} is “{}”, and {known} is {right}", short(&address));
            self.flaws.push((spot, Flaw::Namespace(what)));
        }
        self.declared.push((depth, prefix, address));
    }

    /// The namespace of a name. Where the declaration is wrong or missing, the prefix tells what was meant.
    fn space(&mut self, name: &str, spot: Spot) -> Space {
        let (prefix, _) = name.split_once(':').unwrap_or(("", name));
        let address = self.declared.iter().rev().find(|(_, known, _)| known == prefix);
        let address = address.map(|(.., address)| address.as_str());
        let of_address = |address: &str| {
            let known = SPACES.iter().find(|(_, known, _)| *known == address).map(|(.., space)| *space);
            known.or((address == OLD_PODCAST).then_some(Space::Podcast))
        };
        let meant =
            SPACES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(prefix)).map(|(.., space)| *space);
        match address {
            Some(address) => of_address(address).or(meant).unwrap_or(match prefix {
                "" if address.is_empty() => Space::Rss,
                _ => Space::Other,
            }),
            None if prefix.is_empty() => Space::Rss,
            None => {
                let what = format!("the prefix {} is not declared", short(prefix));
                if prefix != "xml" && self.undeclared.insert(prefix.to_owned()) {
                    self.flaws.push((spot, Flaw::Namespace(what)));
                }
                meant.unwrap_or(Space::Other)
            }
        }
    }

    fn close(&mut self) {
        let Some(done) = self.open.pop() else { return };
        while self.declared.pop_if(|(depth, ..)| *depth >= self.open.len()).is_some() {}
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
    }

    fn push(&mut self, text: &str, spot: Spot) -> Result<(), Broken> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\n', '\r']).is_empty() => {}
            None => return Err((spot, "there is text outside of all elements".to_owned())),
        }
        Ok(())
    }
}

/// A name in a message.
fn short(text: &str) -> String {
    crate::error::shorten(text, 60)
}

#[cfg(test)]
mod tests;
