//! What the ledger keeps of an article and its result.

use serde_json::json;

use crate::article::{Article, BlockKind};
use crate::cli::production::Produced;
use crate::error::shorten;
use crate::hash::Fields;
use crate::report::Summary;

/// The hash of all that is said of an article, or could be.
pub(super) fn story(article: &Article) -> [u8; 32] {
    let mut fields = Fields::of("audio-report story 1");
    for block in article.blocks() {
        fields = fields
            .with(format!("{:?}", block.kind).as_bytes())
            .with(block.span.of(article.text()).as_bytes());
    }
    for detail in [article.byline(), article.date()] {
        fields = fields.with(detail.unwrap_or_default().as_bytes());
    }
    fields.finish()
}

/// The name that an agency gave a story.
pub(super) fn wire_guid(facts: &str) -> Option<String> {
    let facts: serde_json::Value = serde_json::from_str(facts).ok()?;
    facts["wire"].as_str().map(str::to_string)
}

/// Characters of a lead, in a feed and on a page: it tells what the report is about, and is not the report.
const LONGEST_LEAD: usize = 250;

/// The beginning of the first paragraph.
fn lead(article: &Article) -> Option<String> {
    let paragraph = article.blocks().iter().find(|block| block.kind == BlockKind::Paragraph)?;
    Some(shorten(paragraph.span.of(article.text()), LONGEST_LEAD))
}

/// What the ledger tells of a result: what a podcast or a page of the day needs, and the names that were guessed.
pub(super) fn facts(summary: &Summary, produced: &Produced, article: &Article) -> String {
    json!({
        "title": summary.title,
        "lead": lead(article),
        "byline": article.byline(),
        "date": article.date(),
        "publication": article.publication(),
        "language": article.language(),
        "wire": article.wire().and_then(|wire| wire.guid.clone()),
        "link": article.source().or(article.address()),
        "image": article.image(),
        "voice": summary.voice,
        "seconds": summary.audio_seconds,
        "chunks": summary.chunks,
        "confidence": summary.confidence,
        "loudness": produced.mastered,
        "guessed_words": summary.guessed_words,
        "spelled_words": summary.spelled_words,
    })
    .to_string()
}
