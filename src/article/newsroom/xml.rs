//! XML as a tree of elements, within limits. Entities that a document declares are refused, and no other file is read: so there
//! is neither a bomb of entities nor a way to the files of this machine. Prefixes of names are left off.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::{resolve_html5_entity, unescape_with};
use quick_xml::events::{BytesStart, Event};

use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};
use crate::text::line_and_column;

/// Elements within elements at most; a Word document with tables in tables has some thirty.
const DEEPEST: usize = 128;
/// Elements at most; a book in Word has some hundred thousand.
const MOST_ELEMENTS: usize = 1_000_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) nodes: Vec<Node>,
}

/// What stands within an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// An attribute with a name, whatever its prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The elements right within.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child with a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children().find(|child| child.name == name)
    }

    /// The element behind these names, each a child of the one before.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// All text within, white space folded.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.gather(&mut text);
        shorten(&text, usize::MAX)
    }

    /// The same; `None` where there is none.
    pub(super) fn some_text(&self) -> Option<String> {
        Some(self.text()).filter(|text| !text.is_empty())
    }

    /// All text within, with its lines.
    pub(super) fn text_as_written(&self) -> String {
        let mut text = String::new();
        self.gather(&mut text);
        text
    }

    fn gather(&self, text: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Text(piece) => text.push_str(piece),
                Node::Element(element) => element.gather(text),
            }
        }
    }
}

/// The root of a document. `name` is what messages call it.
pub(super) fn parse(text: &str, name: &str) -> Result<Element> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut count = 0;
    loop {
        let event = reader.read_event().map_err(|cause| {
            let at = usize::try_from(reader.error_position()).unwrap_or(text.len());
            wrong("the XML is broken", text, at, name).because(cause)
        })?;
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        match event {
            Event::Start(start) => {
                count += 1;
                if open.len() >= DEEPEST || count > MOST_ELEMENTS {
                    return Err(wrong(
                        "the XML is nested too deep, or has too many elements",
                        text,
                        at,
                        name,
                    ));
                }
                open.push(element(&start));
            }
            Event::Empty(start) => {
                count += 1;
                if count > MOST_ELEMENTS {
                    return Err(wrong("the XML has too many elements", text, at, name));
                }
                let element = element(&start);
                match open.last_mut() {
                    Some(parent) => parent.nodes.push(Node::Element(element)),
                    None => root = root.or(Some(element)),
                }
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) => parent.nodes.push(Node::Element(element)),
                    None => root = root.or(Some(element)),
                }
            }
            Event::Text(piece) => push(&mut open, &piece.xml10_content()),
            Event::CData(piece) => push(&mut open, &piece.xml10_content()),
            Event::GeneralRef(entity) => {
                let known = match entity.resolve_char_ref() {
                    Ok(Some(character)) => Cow::Owned(character.to_string()),
                    _ => match resolve_html5_entity(&entity) {
                        Some(text) => Cow::Borrowed(text),
                        None => Cow::Owned(format!("&{};", &*entity)),
                    },
                };
                push(&mut open, &known);
            }
            Event::DocType(kind) if kind.to_ascii_uppercase().contains("<!ENTITY") => {
                let what =
                    "the XML declares entities of its own, which could stand for anything; they are not read";
                return Err(wrong(what, text, at, name));
            }
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if let Some(element) = open.last() {
        let what = format!("the XML breaks off within <{}>", shorten(&element.name, 40));
        return Err(wrong(what, text, text.len(), name));
    }
    root.ok_or_else(|| wrong("the XML has no element", text, 0, name))
}

/// Where the elements with a name stand in a text, each with all that it holds; those before a fault of the XML.
pub(super) fn spans(text: &str, name: &str) -> Vec<Range<usize>> {
    let mut reader = Reader::from_str(text);
    let is_named = |found: &str| found.rsplit(':').next() == Some(name);
    let (mut spans, mut open, mut begin) = (Vec::new(), 0_usize, 0);
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        match reader.read_event() {
            Ok(Event::Start(start)) if is_named(start.name().as_ref()) => {
                if open == 0 {
                    begin = before;
                }
                open += 1;
            }
            Ok(Event::End(end)) if open > 0 && is_named(end.name().as_ref()) => {
                open -= 1;
                if open == 0 {
                    let after = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
                    spans.extend(text.get(begin..after).map(|_| begin..after));
                }
            }
            Ok(Event::Eof) | Err(_) => return spans,
            Ok(_) => {}
        }
    }
}

fn push(open: &mut [Element], piece: &str) {
    let Some(element) = open.last_mut() else { return };
    match element.nodes.last_mut() {
        Some(Node::Text(text)) => text.push_str(piece),
        _ => element.nodes.push(Node::Text(piece.to_owned())),
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let mut all = start.attributes();
    let attributes = all
        .with_checks(false)
        .filter_map(std::result::Result::ok)
        .filter(|attribute| !attribute.key.as_ref().starts_with("xmlns"))
        .map(|attribute| {
            let value = unescape_with(&attribute.value, resolve_html5_entity);
            let value = value.map_or_else(|_| attribute.value.to_string(), Cow::into_owned);
            (local(attribute.key.as_ref()), value)
        })
        .collect();
    Element { name: local(start.name().as_ref()), attributes, nodes: Vec::new() }
}

fn wrong(what: impl Into<String>, text: &str, at: usize, name: &str) -> Error {
    let (line, column) = line_and_column(text.as_bytes(), at.min(text.len()));
    Error::new(ErrorKind::Input, what)
        .at(Place::file(name).line(line, column))
        .with_cure(Cure::AskForWholeFile)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn text_and_attributes_are_read() {
        let text = "\u{feff}<?xml version='1.0'?><!DOCTYPE nitf SYSTEM 'nitf.dtd'><!-- c --><a:x xmlns:a='u' a:k='1 &amp; 2'>\
            <b>Caf&eacute; &#8211; <![CDATA[<raw>]]>&what;</b><c/>  </a:x>";
        let root = parse(text, "a.xml").unwrap();
        assert_eq!((root.name.as_str(), root.attribute("k")), ("x", Some("1 & 2")));
        assert_eq!(root.child("b").unwrap().text(), "Café – <raw>&what;");
        assert!(root.child("c").unwrap().some_text().is_none());
    }

    #[test]
    fn hostile_documents_are_refused_with_their_fault() {
        let bomb = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><x>&b;</x>";
        let file = "<!DOCTYPE x [<!entity a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>";
        let deep = "<x>".repeat(100_000);
        let rows = [
            (bomb, "declares entities"),
            (file, "declares entities"),
            (&deep, "nested too deep"),
            ("<x><y></x>", "is broken"),
            ("<x><y>", "breaks off within <y>"),
            ("<x", "is broken"),
            ("", "no element"),
            ("<!-- only -->", "no element"),
        ];
        each(rows, |(text, want)| {
            let error = parse(text, "a.xml").unwrap_err();
            assert!(error.what().contains(want), "{}", error.story());
            assert_eq!(error.kind(), ErrorKind::Input);
        });
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[<>&;a-c/!\\[\\]'\"= \u{e9}-]{0,200}") {
            let _ = parse(&text, "a.xml");
        }
    }
}
