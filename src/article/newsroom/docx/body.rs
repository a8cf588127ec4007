//! The text of a Word document, paragraph by paragraph.

use super::super::super::BlockKind;
use super::super::super::html::is_too_large;
use super::super::super::reason::Reason;
use super::super::xml::{Element, Node};
use super::styles::{InList, Lists, Role, Styles, has_outline, list_of};

/// Words of a cell that is a piece of text, and its table a layout.
const MOST_WORDS: usize = 30;

/// A paragraph, an item or a row.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) text: String,
    pub(super) kind: BlockKind,
    pub(super) reason: Option<Reason>,
    pub(super) role: Role,
    /// The size of its largest letters in half points, where that is said.
    pub(super) size: u32,
}

/// Gathers the blocks of a document.
pub(super) struct Body<'a> {
    styles: &'a Styles,
    lists: Lists,
    blocks: Vec<Known>,
    /// Text of a paragraph whose end was deleted: the next one goes on with it.
    joined: Option<Line<'a>>,
    /// Fields that are open, and whether their instructions are over.
    fields: Vec<bool>,
}

/// The words of a paragraph, and what floats beside it.
#[derive(Debug, Default)]
struct Line<'a> {
    text: String,
    hidden: String,
    boxes: Vec<&'a Element>,
    size: u32,
}

impl<'a> Body<'a> {
    pub(super) fn new(styles: &'a Styles, lists: Lists) -> Self {
        Self { styles, lists, blocks: Vec::new(), joined: None, fields: Vec::new() }
    }

    pub(super) fn into_blocks(self) -> Vec<Known> {
        self.blocks
    }

    /// Reads the paragraphs and tables within an element, all of them left out where there is a reason.
    pub(super) fn read(&mut self, element: &'a Element, reason: Option<Reason>) {
        for child in element.children() {
            match child.name.as_str() {
                "p" => self.paragraph(child, reason),
                "tbl" => self.table(child, reason),
                "sdt" => {
                    let gallery = child.at(&["sdtPr", "docPartObj", "docPartGallery"]);
                    let gallery = gallery.and_then(|gallery| gallery.attribute("val")).unwrap_or_default();
                    let is_contents = gallery == "Table of Contents";
                    let reason = reason.or(is_contents.then_some(Reason::Navigation));
                    if let Some(content) = child.child("sdtContent") {
                        self.read(content, reason);
                    }
                }
                "customXml" | "smartTag" | "ins" | "moveTo" => self.read(child, reason),
                "AlternateContent" => {
                    if let Some(content) = chosen(child) {
                        self.read(content, reason);
                    }
                }
                _ => {}
            }
        }
        self.end_joined(reason);
    }

    fn paragraph(&mut self, paragraph: &'a Element, reason: Option<Reason>) {
        let mut line = self.joined.take().unwrap_or_default();
        self.runs(paragraph, &mut line);
        let properties = paragraph.child("pPr");
        let mark = properties.and_then(|properties| properties.child("rPr"));
        if mark.is_some_and(|mark| mark.child("del").is_some() || mark.child("moveFrom").is_some()) {
            self.joined = Some(line);
            return;
        }
        let style = properties
            .and_then(|properties| properties.child("pStyle"))
            .and_then(|style| style.attribute("val"));
        let role = style.map(|style| self.styles.role(style)).unwrap_or_default();
        let own = properties.and_then(list_of);
        let list = own.or_else(|| self.styles.list(style?)).filter(|(number, _)| number != "0");
        let role = match role {
            Role::Text if properties.is_some_and(has_outline) => Role::Heading,
            role => role,
        };
        self.finish(line, role, list.as_ref(), reason);
    }

    /// A paragraph whose end was deleted, and that nothing follows.
    fn end_joined(&mut self, reason: Option<Reason>) {
        if let Some(line) = self.joined.take() {
            self.finish(line, Role::Text, None, reason);
        }
    }

    fn finish(&mut self, line: Line<'a>, role: Role, list: Option<&InList>, reason: Option<Reason>) {
        let (kind, own) = match role {
            Role::Caption => (BlockKind::Caption, Some(Reason::Caption)),
            Role::Contents => (BlockKind::ListItem, Some(Reason::Navigation)),
            Role::Edge => (BlockKind::Paragraph, Some(Reason::PageFurniture)),
            Role::Date => (BlockKind::Paragraph, Some(Reason::Timestamp)),
            Role::Heading => (BlockKind::Heading, None),
            Role::Quote => (BlockKind::Quote, None),
            Role::Item => (BlockKind::ListItem, None),
            Role::Title | Role::Subtitle | Role::Byline => (BlockKind::Paragraph, None),
            Role::Text if list.is_some() => (BlockKind::ListItem, None),
            Role::Text => (BlockKind::Paragraph, None),
        };
        let text = folded(&line.text);
        if !text.is_empty() {
            // A heading that is numbered is none the less a heading.
            let number = list.filter(|_| kind == BlockKind::ListItem).map(|list| self.lists.next(list));
            let text = format!("{}{text}", number.unwrap_or_default());
            let reason = reason.or(own);
            self.blocks.push(Known { text, kind, reason, role, size: line.size });
        }
        let hidden = folded(&line.hidden);
        if !hidden.is_empty() {
            let reason = Some(Reason::Hidden);
            let kind = BlockKind::Paragraph;
            self.blocks.push(Known { text: hidden, kind, reason, role: Role::Text, size: 0 });
        }
        for text in line.boxes {
            self.read(text, reason.or(Some(Reason::OutsideStory)));
        }
    }

    /// The runs of a paragraph: with what was inserted, without what was deleted.
    fn runs(&mut self, element: &'a Element, line: &mut Line<'a>) {
        for child in element.children() {
            match child.name.as_str() {
                "r" => self.run(child, line),
                "del" | "moveFrom" | "pPr" => {}
                "sdt" => {
                    if let Some(content) = child.child("sdtContent") {
                        self.runs(content, line);
                    }
                }
                "AlternateContent" => {
                    if let Some(content) = chosen(child) {
                        self.runs(content, line);
                    }
                }
                "ruby" => {
                    if let Some(base) = child.child("rubyBase") {
                        self.runs(base, line);
                    }
                }
                "oMath" | "oMathPara" => line.text.push_str(&child.text()),
                "hyperlink" | "smartTag" | "ins" | "moveTo" | "fldSimple" | "customXml" | "dir" | "bdo" => {
                    self.runs(child, line);
                }
                _ => {}
            }
        }
    }

    fn run(&mut self, run: &'a Element, line: &mut Line<'a>) {
        let properties = run.child("rPr");
        let size =
            properties.and_then(|properties| properties.child("sz")).and_then(|size| size.attribute("val"));
        line.size = line.size.max(size.and_then(|size| size.parse().ok()).unwrap_or(0));
        let is_hidden = ["vanish", "webHidden"].iter().any(|name| is_on(properties, name));
        for child in run.children() {
            let shows = self.fields.last().is_none_or(|is_over| *is_over);
            let piece = match child.name.as_str() {
                "t" => {
                    let words: String = child.nodes.iter().filter_map(text_of).collect();
                    words
                }
                "tab" | "ptab" => " ".to_owned(),
                "br" | "cr" => match child.attribute("type") {
                    Some("page" | "column") => String::new(),
                    _ => "\n".to_owned(),
                },
                "noBreakHyphen" => "-".to_owned(),
                "fldChar" => {
                    match child.attribute("fldCharType") {
                        Some("begin") => self.fields.push(false),
                        Some("separate") => {
                            if let Some(is_over) = self.fields.last_mut() {
                                *is_over = true;
                            }
                        }
                        Some("end") => drop(self.fields.pop()),
                        _ => {}
                    }
                    String::new()
                }
                "AlternateContent" => {
                    if let Some(content) = chosen(child) {
                        boxes(content, &mut line.boxes);
                    }
                    String::new()
                }
                "drawing" | "pict" | "object" => {
                    boxes(child, &mut line.boxes);
                    String::new()
                }
                _ => String::new(),
            };
            if shows {
                let to = if is_hidden { &mut line.hidden } else { &mut line.text };
                to.push_str(&piece);
            }
        }
    }

    /// A small table is read row by row, as that of a page. One that lays out paragraphs is no table.
    fn table(&mut self, table: &'a Element, reason: Option<Reason>) {
        let mut rows: Vec<Vec<&Element>> = Vec::new();
        for row in table.children().flat_map(rows_of) {
            let is_deleted = row.child("trPr").is_some_and(|properties| properties.child("del").is_some());
            if !is_deleted {
                rows.push(row.children().flat_map(cells_of).collect());
            }
        }
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let texts: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| self.cell(cell)).collect()).collect();
        let words = |cell: &String| cell.split_whitespace().count();
        if columns <= 1 || texts.iter().flatten().any(|cell| words(cell) > MOST_WORDS) {
            for cell in rows.into_iter().flatten() {
                self.read(cell, reason);
            }
            return;
        }
        let reason = reason.or(is_too_large(columns, rows.len()).then_some(Reason::Table));
        for row in texts {
            let cells: Vec<String> = row.into_iter().filter(|cell| !cell.is_empty()).collect();
            if !cells.is_empty() {
                let text = cells.join(", ");
                let kind = BlockKind::ListItem;
                self.blocks.push(Known { text, kind, reason, role: Role::Text, size: 0 });
            }
        }
    }

    /// The words of a cell on one line.
    fn cell(&mut self, cell: &'a Element) -> String {
        let mut line = Line::default();
        for child in cell.children() {
            match child.name.as_str() {
                "p" => {
                    self.runs(child, &mut line);
                    line.text.push(' ');
                }
                "tbl" => {
                    let inner =
                        child.children().flat_map(rows_of).flat_map(|row| row.children().flat_map(cells_of));
                    for cell in inner {
                        line.text.push_str(&self.cell(cell));
                        line.text.push(' ');
                    }
                }
                _ => {}
            }
        }
        line.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn text_of(node: &Node) -> Option<&str> {
    match node {
        Node::Text(text) => Some(text),
        Node::Element(_) => None,
    }
}

/// Rows, also those that were inserted or stand in a control.
fn rows_of(child: &Element) -> Vec<&Element> {
    within(child, "tr")
}

fn cells_of(child: &Element) -> Vec<&Element> {
    within(child, "tc")
}

fn within<'a>(child: &'a Element, name: &str) -> Vec<&'a Element> {
    match child.name.as_str() {
        known if known == name => vec![child],
        "sdt" | "sdtContent" | "customXml" | "ins" => {
            child.children().flat_map(|inner| within(inner, name)).collect()
        }
        _ => Vec::new(),
    }
}

/// The first choice of content that has alternatives: the others say the same for older programs.
fn chosen(alternatives: &Element) -> Option<&Element> {
    alternatives.child("Choice").or_else(|| alternatives.child("Fallback"))
}

/// The text boxes within a drawing.
fn boxes<'a>(drawing: &'a Element, found: &mut Vec<&'a Element>) {
    for child in drawing.children() {
        match child.name.as_str() {
            "txbxContent" => found.push(child),
            "AlternateContent" => {
                if let Some(content) = chosen(child) {
                    boxes(content, found);
                }
            }
            _ => boxes(child, found),
        }
    }
}

/// Whether a property is set: it stands there, and does not say no.
fn is_on(properties: Option<&Element>, name: &str) -> bool {
    let property = properties.and_then(|properties| properties.child(name));
    property.is_some_and(|property| !matches!(property.attribute("val"), Some("0" | "false" | "off")))
}

/// White space folded within each line.
fn folded(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}
