//! Word documents (ECMA-376, WordprocessingML): title, byline, headings, paragraphs, lists, tables, notes. Changes that are tracked are
//! taken as accepted; text boxes stand beside the story, headers and footers around it.

mod body;
mod styles;

use std::io::Cursor;

use super::super::decode;
use super::super::details::{Details, names_of};
use super::super::draft::Draft;
use super::super::reason::Reason;
use super::super::shape::{Mark, Shape, fold};
use super::archive::Archive;
use super::xml::{self, Element};
use crate::article::BlockKind;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use body::{Body, Known};
use styles::{Lists, Role, Styles};

/// Words of the longest line that is a byline.
const LONGEST_BYLINE: usize = 14;
/// What stands before the names.
const LABELS: [&str; 9] =
    ["by ", "text:", "words:", "author:", "byline:", "by:", "story by ", "words by ", "written by "];
/// Paragraphs at the top among which title and byline are.
const TOP: usize = 5;
/// Headers and footers at most.
const MOST_EDGES: usize = 20;

/// A document and what it is made of.
struct Document<'a> {
    archive: Archive<Cursor<&'a [u8]>>,
    name: &'a str,
    /// The part with the text.
    main: String,
    /// Kinds and names of the parts that belong to it.
    parts: Vec<(String, String)>,
}

impl<'a> Document<'a> {
    fn open(bytes: &'a [u8], name: &'a str) -> Result<Self> {
        let mut document = Self {
            archive: Archive::open(Cursor::new(bytes), name)?,
            name,
            main: "word/document.xml".to_owned(),
            parts: Vec::new(),
        };
        let relations = document.relations("_rels/.rels", "")?;
        if let Some((_, main)) = relations.into_iter().find(|(kind, _)| kind == "officeDocument") {
            document.main = main;
        }
        let (folder, file) = document.main.rsplit_once('/').unwrap_or(("", &document.main));
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let relations = format!("{folder}_rels/{file}.rels");
        document.parts = document.relations(&relations, &folder)?;
        Ok(document)
    }

    /// A part, if there is one. Text in another encoding than UTF-8 declares it, as pages do.
    fn part(&mut self, part: &str) -> Result<Option<Element>> {
        if !self.archive.has(part) {
            return Ok(None);
        }
        let bytes = self.archive.bytes(part)?;
        let place = format!("{}/{part}", self.name);
        let text = decode::decode(&bytes, &place, None, true)?.text;
        xml::parse(&text, &place).map(Some)
    }

    /// Kinds and targets of relations (ECMA-376, part 2, 9.3). What lies outside the document is left out: nothing is fetched.
    fn relations(&mut self, part: &str, folder: &str) -> Result<Vec<(String, String)>> {
        let Some(root) = self.part(part)? else { return Ok(Vec::new()) };
        let inner = root.children().filter(|relation| relation.attribute("TargetMode") != Some("External"));
        let read = inner.filter_map(|relation| {
            let kind = relation.attribute("Type")?.rsplit('/').next()?.to_owned();
            let target = relation.attribute("Target")?;
            let target = match target.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None => format!("{folder}{target}"),
            };
            Some((kind, target))
        });
        Ok(read.collect())
    }

    fn parts_of(&self, kind: &str) -> Vec<String> {
        self.parts.iter().filter(|(known, _)| known == kind).map(|(_, part)| part.clone()).collect()
    }

    /// The first part of a kind that is there. One that is broken is left out: the text is whole without it.
    fn first(&mut self, kind: &str) -> Option<Element> {
        self.parts_of(kind).into_iter().find_map(|part| self.part(&part).ok().flatten())
    }
}

/// The draft of the story in a document.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Draft> {
    let mut document = Document::open(bytes, name)?;
    let main = document.main.clone();
    let Some(root) = document.part(&main)? else {
        let what = format!("{name} is an office document without a text: its part {main} is missing");
        let error = Error::new(ErrorKind::Input, what).at(Place::file(name));
        return Err(error.with_cure(Cure::AskForWholeFile));
    };
    let styles = document.first("styles").map(|root| Styles::read(&root)).unwrap_or_default();
    let lists = document.first("numbering").map(|root| Lists::read(&root)).unwrap_or_default();
    let notes: Vec<Element> =
        ["footnotes", "endnotes"].into_iter().filter_map(|kind| document.first(kind)).collect();
    let edges = ["header", "footer"].map(|kind| document.parts_of(kind)).concat();
    let edges = edges.iter().take(MOST_EDGES);
    let edges: Vec<Element> = edges.filter_map(|part| document.part(part).ok().flatten()).collect();
    let mut body = Body::new(&styles, lists);
    if let Some(text) = root.child("body") {
        body.read(text, None);
    }
    // The lines between the text and its notes are notes, too, by their type.
    let is_note = |note: &&Element| note.attribute("type").is_none_or(|kind| kind == "normal");
    for note in notes.iter().flat_map(Element::children).filter(is_note) {
        body.read(note, Some(Reason::Footnote));
    }
    for edge in &edges {
        body.read(edge, Some(Reason::PageFurniture));
    }
    let core = document.part("docProps/core.xml").ok().flatten();
    let known = body.into_blocks();
    Ok(draft(known, core.as_ref(), styles.language))
}

/// The blocks with the title and the byline among them named.
fn draft(mut blocks: Vec<Known>, core: Option<&Element>, language: Option<String>) -> Draft {
    // A story that is laid out in text boxes alone.
    let is_read = |block: &Known| block.reason.is_none() && block.kind == BlockKind::Paragraph;
    if !blocks.iter().any(is_read) {
        for block in blocks.iter_mut().filter(|block| block.reason == Some(Reason::OutsideStory)) {
            block.reason = None;
        }
    }
    let title = title_of(&blocks);
    if let Some(title) = title {
        leave_kicker(&mut blocks, title);
    }
    let mut byline = None;
    let is_top = |block: &&mut Known| block.reason.is_none() || block.role == Role::Byline;
    for block in blocks.iter_mut().filter(is_top).take(TOP) {
        if let Some(names) = byline_of(block) {
            (block.kind, block.reason) = (BlockKind::Byline, Some(Reason::Byline));
            byline.get_or_insert(names);
        }
    }
    let mut draft = Draft::default();
    for (number, block) in blocks.iter().enumerate() {
        let kind = if Some(number) == title { BlockKind::Title } else { block.kind };
        draft.add(&block.text, kind, block.reason);
    }
    let property = |name: &str| core.and_then(|core| core.child(name)).and_then(Element::some_text);
    if title.is_none()
        && let Some(known) = property("title").filter(|known| is_headline(known))
    {
        draft.set_title(&known);
    }
    draft.details = Details { byline, language: property("language").or(language), ..Details::default() };
    draft
}

/// The paragraph in the style of a title, else the first heading over the story, else a first line that looks like one.
fn title_of(blocks: &[Known]) -> Option<usize> {
    let read = || blocks.iter().enumerate().filter(|(_, block)| block.reason.is_none());
    if let Some((number, _)) = read().find(|(_, block)| block.role == Role::Title) {
        return Some(number);
    }
    let is_line = |block: &Known| match block.kind {
        BlockKind::Heading => true,
        BlockKind::Paragraph => Shape::new(&block.text, Mark::None).is_title_like(),
        _ => false,
    };
    // The lines over the story: kicker, headline, byline.
    let lines: Vec<(usize, &Known)> = read()
        .take_while(|(_, block)| is_line(block))
        .filter(|(_, block)| byline_of(block).is_none())
        .take(TOP)
        .collect();
    let largest = lines.iter().map(|(_, block)| block.size).max().unwrap_or(0);
    let is_set_large = |block: &Known| lines.len() > 1 && largest > 0 && block.size == largest;
    let is_named = |block: &Known| {
        let stands_alone = lines.len() == 1 && block.text.contains(' ');
        block.kind == BlockKind::Heading || stands_alone || is_headline(&block.text)
    };
    let mut large = lines.iter().filter(|(_, block)| is_set_large(block));
    let (number, _) = large.next().or_else(|| lines.iter().find(|(_, block)| is_named(block)))?;
    let mut below = read().filter(|(other, _)| other > number);
    below.any(|(_, block)| block.kind == BlockKind::Paragraph).then_some(*number)
}

/// Leaves out the words over a headline that name its section: `FOOD`.
fn leave_kicker(blocks: &mut [Known], title: usize) {
    const LONGEST: usize = 3;
    for block in blocks[..title].iter_mut().filter(|block| block.reason.is_none()) {
        let words = block.text.split_whitespace().count();
        if words <= LONGEST && block.kind == BlockKind::Paragraph && byline_of(block).is_none() {
            block.reason = Some(Reason::Breadcrumb);
        }
    }
}

fn is_headline(text: &str) -> bool {
    (3..=35).contains(&text.split_whitespace().count()) && !fold(text).starts_with("microsoft word")
}

/// The names in a line that is a byline, by its style or its words.
fn byline_of(block: &Known) -> Option<String> {
    let label = LABELS
        .iter()
        .find(|label| block.text.get(..label.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(label)));
    let is_short = block.text.split_whitespace().count() <= LONGEST_BYLINE;
    let is_line = label.is_some() && is_short && !block.text.ends_with(['.', '!', '?', ':', '”', '"']);
    let is_byline = block.role == Role::Byline || (is_line && block.kind == BlockKind::Paragraph);
    if !is_byline {
        return None;
    }
    // `Text: Ann Roe`; what is said before names in other ways is known elsewhere.
    let label = label.filter(|label| label.ends_with(':')).map_or(0, |label| label.len());
    names_of(&block.text[label..])
}

#[cfg(test)]
mod tests;
