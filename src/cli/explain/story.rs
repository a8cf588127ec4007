//! `explain --stage article`: the story of a page, and the omitted pieces with their reasons.

use serde_json::{Value, json};

use super::super::input::{Input, Reading};
use super::super::source::Source;
use super::super::{DONE, code_of, terminal};
use super::strings;
use crate::article::confidence::{Way, percent};
use crate::article::{Article, BlockKind, read_text};
use crate::error::shorten;
use crate::text::Span;

/// Characters of a piece that are shown.
const SHOWN: usize = 90;

/// Shows the article of an input for people, as one JSON object, or as one a line.
/// A story in another language is shown too, since only its words can't be read out.
pub(crate) fn run(input: &Input, reading: Reading, as_json: bool, as_lines: bool) -> anyhow::Result<u8> {
    let reading = Reading { options: reading.options.with_any_language(true), ..reading };
    if as_lines {
        return lines(input, &reading);
    }
    let article = input.article(&reading)?;
    if as_json {
        terminal::print_json(&json_of(&article))?;
    } else {
        terminal::show(&shown(&article))?;
    }
    Ok(DONE)
}

/// Each line is a page. One that can't be read is reported in its place, and the others are read.
fn lines(input: &Input, reading: &Reading) -> anyhow::Result<u8> {
    let bytes = Source::open(input, &reading.fetcher)?.bytes()?;
    let (mut done, mut failed) = (0, 0);
    for string in strings(&bytes, &input.name()) {
        let (line, page) = string?;
        let name = format!("line {line} of {}", input.name());
        let result = match read_text(page, &name, reading.options) {
            Ok(article) => {
                done += 1;
                json_of(&article)
            }
            Err(error) => {
                failed += 1;
                terminal::report(&error);
                json!({ "error": error.what(), "kind": error.kind() })
            }
        };
        terminal::print_json(&result)?;
    }
    Ok(code_of(done, failed))
}

/// The title has a field of its own and is not among the blocks. Spans are bytes of `text`.
fn json_of(article: &Article) -> Value {
    let text = |span: Span| shorten(span.of(article.text()), usize::MAX);
    let blocks: Vec<Value> = article
        .blocks()
        .iter()
        .filter(|block| block.kind != BlockKind::Title)
        .map(|block| {
            let (kind, reason) = (block.kind.name(), article.kept_by(block));
            json!({ "kind": kind, "text": text(block.span), "reason": reason, "span": block.span })
        })
        .collect();
    let removed: Vec<Value> = article
        .removed()
        .iter()
        .map(|removed| json!({ "text": text(removed.span), "reason": removed.reason, "span": removed.span }))
        .collect();
    let (added, taken) = article.corrections();
    let decided = article.way().map(|way| json!({ "by": way, "added": added, "removed": taken }));
    json!({
        "confidence": article.confidence(),
        "decided": decided,
        "title": article.title().map(|title| shorten(title, usize::MAX)),
        "byline": article.byline(),
        "date": article.date(),
        "publication": article.publication(),
        "address": article.address(),
        "source": article.source(),
        "copyright": article.copyright(),
        "language": article.language(),
        "other_language": article.other_language(),
        "image": article.image(),
        "wire": article.wire(),
        "blocks": blocks,
        "removed": removed,
        "repairs": article.repairs(),
        "text": article.text(),
    })
}

/// How sure the program is of the story and what decided, on a line.
fn sureness(article: &Article) -> String {
    let (Some(confidence), Some(way)) = (article.confidence(), article.way()) else { return String::new() };
    let way = match way {
        Way::Mark => "the page marks its story",
        Way::Vote => "the readability library voted",
        Way::Prose => "all prose was looked at",
        Way::LinkedData => "the page's linked data has it",
    };
    let corrected = match article.corrections() {
        (0, 0) => "the trees changed nothing".to_owned(),
        (added, removed) => format!("the trees added {added} and removed {removed}"),
    };
    format!("{:<10} {}: {way}, {corrected}\n", "sure", percent(confidence))
}

fn shown(article: &Article) -> String {
    let mut text = sureness(article);
    for (name, field) in [
        ("byline", article.byline()),
        ("date", article.date()),
        ("publisher", article.publication()),
        ("address", article.address()),
        ("source", article.source()),
        ("copyright", article.copyright()),
        ("language", article.language()),
        ("image", article.image()),
        ("guid", article.wire().and_then(|wire| wire.guid.as_deref())),
    ] {
        if let Some(value) = field {
            text.push_str(&format!("{name:<10} {value}\n"));
        }
    }
    if let Some(language) = article.other_language() {
        text.push_str(&format!("not read   {language}, unless with --language en\n"));
    }
    text.push_str("\nread:\n");
    for block in article.blocks() {
        let words = shorten(block.span.of(article.text()), SHOWN);
        text.push_str(&format!("  {:<16} {words}\n", block.kind.name()));
    }
    text.push_str("\nleft out:\n");
    for removed in article.removed() {
        let words = shorten(removed.span.of(article.text()), SHOWN);
        text.push_str(&format!("  {:<16} {words}\n", removed.reason.to_string()));
    }
    text.trim_start().to_owned()
}
