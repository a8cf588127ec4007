//! The body of a story in XHTML or NITF, as the elements say it. Both have the same elements for paragraphs, lists and tables.

use super::super::BlockKind;
use super::super::draft::Draft;
use super::super::html::is_too_large;
use super::super::reason::Reason;
use super::xml::{Element, Node};

/// What an element is.
enum Part {
    /// Words within a line.
    Inline,
    /// Ends the line.
    Break,
    /// Holds no words of the story.
    Nothing,
    /// Lines of its own.
    Lines(Context),
    List {
        is_numbered: bool,
    },
    Table,
}

/// What the lines within an element are.
#[derive(Clone, Copy, Debug)]
struct Context {
    kind: BlockKind,
    reason: Option<Reason>,
}

/// Classes of what agencies tell their clients within a body: whom to call, what to look up.
const NOTES: [&str; 6] = ["notepad", "contacts", "ednote", "editorial-note", "editornote", "internal-notes"];

const STORY: Context = Context { kind: BlockKind::Paragraph, reason: None };

/// Adds the blocks of an element to a draft.
pub(super) fn read(element: &Element, draft: &mut Draft) {
    read_as(element, draft, None);
}

/// The same, all of it left out for a reason.
pub(super) fn read_as(element: &Element, draft: &mut Draft, reason: Option<Reason>) {
    let mut walker = Walker { draft, line: String::new(), number: None };
    let context = Context { reason, ..STORY };
    walker.walk(element, context);
    walker.flush(context);
}

struct Walker<'a> {
    draft: &'a mut Draft,
    line: String,
    /// What stands before the next line: the number of an item.
    number: Option<String>,
}

impl Walker<'_> {
    fn walk(&mut self, element: &Element, context: Context) {
        for node in &element.nodes {
            let child = match node {
                Node::Text(text) => {
                    self.push(text);
                    continue;
                }
                Node::Element(child) => child,
            };
            match part(child, context) {
                Part::Inline => self.walk(child, context),
                Part::Break => {
                    self.line.truncate(self.line.trim_end().len());
                    self.line.push('\n');
                }
                Part::Nothing => {}
                Part::Lines(own) => {
                    self.flush(context);
                    self.walk(child, own);
                    self.flush(own);
                }
                Part::List { is_numbered } => {
                    self.flush(context);
                    self.list(child, context, is_numbered);
                }
                Part::Table => {
                    self.flush(context);
                    self.table(child, context);
                }
            }
        }
    }

    fn list(&mut self, list: &Element, context: Context, is_numbered: bool) {
        let item = Context { kind: BlockKind::ListItem, ..context };
        let mut number: usize = list.attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1);
        for child in list.children() {
            if is_numbered && child.name == "li" {
                self.number = Some(format!("{number}. "));
                number = number.saturating_add(1);
            }
            self.walk(child, item);
            self.flush(item);
            self.number = None;
        }
    }

    /// Small tables are read row by row, as those of a page. One column lays out other blocks.
    fn table(&mut self, table: &Element, context: Context) {
        let mut rows = Vec::new();
        gather(table, "tr", &mut rows);
        let cells = |row: &Element| row.children().filter(|cell| is_cell(cell)).count();
        let columns = rows.iter().map(|row| cells(row)).max().unwrap_or_default();
        for caption in table.children().filter(|child| child.name == "caption") {
            let own = Context { kind: BlockKind::Caption, reason: Some(Reason::Caption) };
            self.walk(caption, own);
            self.flush(own);
        }
        let reason = context.reason.or(is_too_large(columns, rows.len()).then_some(Reason::Table));
        for row in rows {
            let cells = row.children().filter(|cell| is_cell(cell));
            if columns <= 1 {
                for cell in cells {
                    self.walk(cell, context);
                    self.flush(context);
                }
            } else {
                let cells: Vec<String> = cells.filter_map(Element::some_text).collect();
                self.draft.add(&cells.join(", "), BlockKind::ListItem, reason);
            }
        }
    }

    /// Text within a line: white space is one space.
    fn push(&mut self, text: &str) {
        for (number, word) in text.split(char::is_whitespace).enumerate() {
            if number > 0 && !self.line.is_empty() && !self.line.ends_with([' ', '\n']) {
                self.line.push(' ');
            }
            self.line.push_str(word);
        }
    }

    fn flush(&mut self, context: Context) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        let number = self.number.take().unwrap_or_default();
        self.draft.add(&format!("{number}{line}"), context.kind, context.reason);
    }
}

fn is_cell(element: &Element) -> bool {
    matches!(element.name.as_str(), "td" | "th")
}

/// The elements with a name that are not within another such.
fn gather<'a>(element: &'a Element, name: &str, found: &mut Vec<&'a Element>) {
    for child in element.children() {
        if child.name == name {
            found.push(child);
        } else {
            gather(child, name, found);
        }
    }
}

/// What an element is within another one. What nobody knows is a part of its line.
fn part(element: &Element, context: Context) -> Part {
    let left_out = |reason| Part::Lines(Context { reason: context.reason.or(Some(reason)), ..context });
    let mut classes = element.attribute("class").unwrap_or_default().split_whitespace();
    if classes.any(|class| NOTES.iter().any(|known| class.eq_ignore_ascii_case(known))) {
        return left_out(Reason::OutsideStory);
    }
    match element.name.as_str() {
        "br" => Part::Break,
        "head" | "script" | "style" | "template" | "object" | "iframe" | "svg" | "math"
        | "media-metadata" | "media-object" | "media-reference" | "col" | "colgroup" => Part::Nothing,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hl1" | "hl2" => {
            Part::Lines(Context { kind: BlockKind::Heading, ..context })
        }
        "blockquote" | "bq" => Part::Lines(Context { kind: BlockKind::Quote, ..context }),
        "li" | "dt" | "dd" => Part::Lines(Context { kind: BlockKind::ListItem, ..context }),
        "ul" => Part::List { is_numbered: false },
        "ol" => Part::List { is_numbered: true },
        "table" => Part::Table,
        "figcaption" | "media-caption" | "media-producer" | "caption" => {
            let reason = context.reason.or(Some(Reason::Caption));
            Part::Lines(Context { kind: BlockKind::Caption, reason })
        }
        "fn" => left_out(Reason::Footnote),
        "nav" => left_out(Reason::Navigation),
        "aside" | "note" => left_out(Reason::OutsideStory),
        "pre" | "p" | "div" | "section" | "article" | "main" | "header" | "footer" | "block" | "body"
        | "body.head" | "body.content" | "body.end" | "address" | "figure" | "media" | "dl" | "hr"
        | "html" | "credit" | "details" | "summary" | "center" | "thead" | "tbody" | "tfoot" | "tr"
        | "td" | "th" | "nitf-table" => Part::Lines(context),
        _ => Part::Inline,
    }
}

#[cfg(test)]
mod tests {
    use super::super::xml;
    use super::*;
    use crate::table_test::each;

    type Blocks<'a> = &'a [(&'a str, BlockKind, Option<Reason>)];

    #[test]
    fn elements_are_blocks_as_they_say() {
        use BlockKind::{Caption, Heading, ListItem, Paragraph, Quote};
        let rows: [(&str, Blocks<'_>); 9] = [
            (
                "<p>The <em>port</em> of\n <location>Busan</location>\n reopened.</p><hr/><p> </p><h2>Later</h2>",
                &[("The port of Busan reopened.", Paragraph, None), ("Later", Heading, None)],
            ),
            (
                "<ol start='2'><li><p>One.</p><p>More.</p></li><li>Two.</li></ol><ul><li>Three.</li></ul>",
                &[
                    ("2. One.", ListItem, None),
                    ("More.", ListItem, None),
                    ("3. Two.", ListItem, None),
                    ("Three.", ListItem, None),
                ],
            ),
            (
                "<bq><block><p>We are glad.</p></block></bq><p>One<br/>two.</p>",
                &[("We are glad.", Quote, None), ("One\ntwo.", Paragraph, None)],
            ),
            (
                "<media><media-reference/><media-caption><p>A crane.</p></media-caption></media>",
                &[("A crane.", Caption, Some(Reason::Caption))],
            ),
            (
                "<table><caption>Ships</caption><tr><th>Day</th><th>Ships</th></tr><tr><td>Monday</td><td><p>9</p></td></tr></table>",
                &[
                    ("Ships", Caption, Some(Reason::Caption)),
                    ("Day, Ships", ListItem, None),
                    ("Monday, 9", ListItem, None),
                ],
            ),
            ("<table><tr><td><p>One.</p></td></tr></table>", &[("One.", Paragraph, None)]),
            (
                "<p>One.<fn>A note.</fn></p>",
                &[("One.", Paragraph, None), ("A note.", Paragraph, Some(Reason::Footnote))],
            ),
            (
                "<section class='main'><p>One.</p></section><section class='x Notepad'><h2>Notes</h2></section>",
                &[("One.", Paragraph, None), ("Notes", Heading, Some(Reason::OutsideStory))],
            ),
            ("Bare words.<script>x</script>", &[("Bare words.", Paragraph, None)]),
        ];
        each(rows, |(body, want)| {
            let mut draft = Draft::default();
            read(&xml::parse(&format!("<x>{body}</x>"), "a.xml").unwrap(), &mut draft);
            let found: Vec<_> = draft
                .pieces
                .iter()
                .map(|piece| (piece.body.of(&draft.text), piece.kind, piece.reason))
                .collect();
            assert_eq!(found, want, "{body}");
        });
    }
}
