//! Markdown becomes a draft of an article; title, author and date come from its front matter.

mod front_matter;

use pulldown_cmark::{Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use super::draft::{Draft, Piece};
use super::reason::Reason;
use super::shape::{ends_with_stop, fold};
use super::{BlockKind, html};
use crate::text::Span;

/// A line of more characters is not wrapped: it is a paragraph, whether or not a blank line follows.
const UNWRAPPED: usize = 120;

/// Reads a text in Markdown. The text of the draft is what a reader would see, a blank line between two blocks.
pub(super) fn read(text: &str) -> Draft {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut reader = Reader::default();
    for event in Parser::new_ext(text.trim_start_matches('\u{feff}'), options) {
        reader.take(event);
    }
    reader.flush();
    let mut draft = reader.draft;
    set_title(&mut draft, reader.first_heading);
    draft.refine();
    draft
}

/// The title is the front matter's, or a heading of the first level at the top of the text.
fn set_title(draft: &mut Draft, heading: Option<usize>) {
    let title = draft.details.title.take();
    if let (Some(heading), Some(title)) = (heading, &title)
        && fold(draft.pieces[heading].body.of(&draft.text)) == fold(title)
    {
        draft.pieces[heading].kind = BlockKind::Title;
    } else if let Some(title) = title {
        let line = format!("{title}\n\n");
        for piece in &mut draft.pieces {
            (piece.span, piece.body) = (piece.span.shifted(line.len()), piece.body.shifted(line.len()));
        }
        let span = Span::new(0, title.len());
        draft.pieces.insert(0, Piece { span, body: span, kind: BlockKind::Title, reason: None });
        draft.text.insert_str(0, &line);
    } else if let Some(heading) = heading {
        draft.pieces[heading].kind = BlockKind::Title;
    }
}

#[derive(Default)]
struct Reader {
    draft: Draft,
    line: String,
    /// Piece of the first heading of the first level.
    first_heading: Option<usize>,
    level: Option<HeadingLevel>,
    quotes: usize,
    /// Number of the next item of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// All of it is left out for this reason.
    reasons: Vec<Reason>,
    front_matter: Option<MetadataBlockKind>,
    /// The bytes of the current line that are an image's words, and all its bytes.
    of_image: usize,
    images: usize,
    /// The same for links.
    of_link: usize,
    links: usize,
    html: String,
    is_item: bool,
    cells: Vec<String>,
    rows: Vec<String>,
    columns: usize,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.front_matter.is_some() => self.line.push_str(&text),
            Event::Text(text) | Event::Code(text) => {
                self.of_image += if self.images > 0 { text.len() } else { 0 };
                self.of_link += if self.links > 0 { text.len() } else { 0 };
                self.line.push_str(&text);
            }
            Event::SoftBreak if self.is_unwrapped() => self.flush(),
            Event::SoftBreak | Event::HardBreak => self.line.push('\n'),
            Event::Html(text) => self.html.push_str(&text),
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.line.push('\n'),
            Event::FootnoteReference(_) | Event::InlineHtml(_) | Event::TaskListMarker(_) => {}
            Event::Rule => self.flush(),
            // Not asked for.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.line.push_str(&text),
        }
    }

    /// A copied page with a heading in Markdown has one line a paragraph.
    fn is_unwrapped(&self) -> bool {
        let last = self.line.rsplit('\n').next().unwrap_or_default();
        last.len() > UNWRAPPED && ends_with_stop(last)
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Image { .. } => {
                self.images += 1;
                return;
            }
            Tag::Link { .. } => {
                self.links += 1;
                return;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => return,
            Tag::TableCell | Tag::TableHead | Tag::TableRow => return,
            _ => self.flush(),
        }
        match tag {
            Tag::Heading { level, .. } => self.level = Some(*level),
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::List(first) => self.lists.push(*first),
            Tag::Item => {
                self.is_item = true;
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.line = format!("{number}. ");
                    *number += 1;
                }
            }
            Tag::CodeBlock(_) => self.reasons.push(Reason::Code),
            Tag::FootnoteDefinition(_) => self.reasons.push(Reason::Footnote),
            Tag::MetadataBlock(kind) => self.front_matter = Some(*kind),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            TagEnd::Link => self.links = self.links.saturating_sub(1),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {}
            TagEnd::TableCell => {
                self.columns = self.columns.max(self.cells.len() + 1);
                self.cells.push(std::mem::take(&mut self.line));
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                let cells = std::mem::take(&mut self.cells);
                let cells: Vec<String> = cells.into_iter().filter(|cell| !cell.trim().is_empty()).collect();
                self.rows.push(cells.join(", "));
            }
            TagEnd::Table => self.end_table(),
            TagEnd::HtmlBlock => self.end_html(),
            TagEnd::MetadataBlock(_) => {
                let text = std::mem::take(&mut self.line);
                if let Some(kind) = self.front_matter.take() {
                    let details = std::mem::take(&mut self.draft.details);
                    self.draft.details = details.or(front_matter::read(&text, kind));
                }
            }
            _ => {
                self.flush();
                match tag {
                    TagEnd::Heading(_) => self.level = None,
                    TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
                    TagEnd::List(_) => drop(self.lists.pop()),
                    TagEnd::Item => self.is_item = false,
                    TagEnd::CodeBlock | TagEnd::FootnoteDefinition => drop(self.reasons.pop()),
                    _ => {}
                }
            }
        }
    }

    fn end_table(&mut self) {
        let reason = html::is_too_large(self.columns, self.rows.len()).then_some(Reason::Table);
        for row in std::mem::take(&mut self.rows) {
            self.draft.add(&row, BlockKind::ListItem, reason);
        }
        self.columns = 0;
    }

    /// Elements within Markdown are read as a page of their own.
    fn end_html(&mut self) {
        let page = std::mem::take(&mut self.html);
        for (text, kind, reason) in html::pieces_of_part(&page) {
            self.draft.add(&text, kind, reason);
        }
    }

    /// Ends a block.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let (of_image, of_link) = (std::mem::take(&mut self.of_image), std::mem::take(&mut self.of_link));
        let text = line.trim();
        if text.is_empty() {
            return;
        }
        let kind = match (self.level, self.is_item, self.quotes) {
            (Some(_), ..) => BlockKind::Heading,
            (_, true, _) => BlockKind::ListItem,
            (.., 1..) => BlockKind::Quote,
            _ => BlockKind::Paragraph,
        };
        let is_caption = of_image > 0 && of_image == text.len();
        let is_pointer =
            of_link > 0 && of_link == text.len() && self.level.is_none() && !ends_with_stop(text);
        let reason = self.reasons.last().copied();
        let reason =
            reason.or(is_caption.then_some(Reason::Caption)).or(is_pointer.then_some(Reason::Related));
        if self.level == Some(HeadingLevel::H1) && self.first_heading.is_none() {
            self.first_heading = Some(self.draft.pieces.len());
        }
        self.draft.add(text, kind, reason);
    }
}

#[cfg(test)]
mod tests;
