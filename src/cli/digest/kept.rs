//! A story as the manifest keeps it: its blocks in JSON, without what was left out of the page around them, and how it was said.

use serde::{Deserialize, Serialize};

use crate::article::{Article, Block, BlockKind};
use crate::cli::manner::Manner;
use crate::text::Span;

#[derive(Deserialize, Serialize)]
struct Kept {
    blocks: Vec<(Kind, String)>,
    #[serde(default, skip_serializing_if = "Manner::is_usual")]
    manner: Manner,
}

/// The kinds of blocks by names that later versions keep.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Title,
    Heading,
    Paragraph,
    Quote,
    ListItem,
    Caption,
    Byline,
}

const KINDS: [(Kind, BlockKind); 7] = [
    (Kind::Title, BlockKind::Title),
    (Kind::Heading, BlockKind::Heading),
    (Kind::Paragraph, BlockKind::Paragraph),
    (Kind::Quote, BlockKind::Quote),
    (Kind::ListItem, BlockKind::ListItem),
    (Kind::Caption, BlockKind::Caption),
    (Kind::Byline, BlockKind::Byline),
];

impl From<BlockKind> for Kind {
    fn from(kind: BlockKind) -> Self {
        KINDS.into_iter().find(|(_, known)| *known == kind).map_or(Self::Paragraph, |(name, _)| name)
    }
}

impl From<Kind> for BlockKind {
    fn from(name: Kind) -> Self {
        match name {
            Kind::Title => Self::Title,
            Kind::Heading => Self::Heading,
            Kind::Paragraph => Self::Paragraph,
            Kind::Quote => Self::Quote,
            Kind::ListItem => Self::ListItem,
            Kind::Caption => Self::Caption,
            Kind::Byline => Self::Byline,
        }
    }
}

/// The story of an article that is said in a manner.
pub(crate) fn written(article: &Article, manner: Manner) -> String {
    let block = |block: &Block| (block.kind.into(), block.span.of(article.text()).to_string());
    let kept = Kept { blocks: article.blocks().iter().map(block).collect(), manner };
    serde_json::to_string(&kept).unwrap_or_default()
}

/// The article that was written so, and its manner; `None` for what is no such text.
pub(in crate::cli) fn read(text: &str) -> Option<(Article, Manner)> {
    let Kept { blocks, manner } = serde_json::from_str(text).ok()?;
    let mut text = String::new();
    let mut spans = Vec::new();
    for (kind, block) in blocks {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let start = text.len();
        text.push_str(&block);
        spans.push(Block { kind: kind.into(), span: Span::new(start, text.len()) });
    }
    Some((Article::new(text, spans).ok()?, manner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{ReadOptions, read_article};
    use crate::table_test::each;

    #[test]
    fn a_story_comes_back_block_by_block() {
        let page = "<html><head><title>Port reopens</title></head><body><nav>Home News Sport</nav><article><h1>Port reopens</h1>\
            <p>The port reopened on “Monday” after a storm &amp; a flood. Ships came back at noon.</p><h2>What now?</h2>\
            <blockquote>We are glad to be back, and so are the gulls.</blockquote><ul><li>One ship of many came back.</li></ul>\
            </article></body></html>";
        let rows = [
            page,
            "Port reopens\n\nThe port reopened on Monday. Ships came back.\n",
            "Only a line of text, that is all.",
        ];
        each(rows, |source| {
            let article = read_article(source.as_bytes(), "x", &ReadOptions::default()).unwrap();
            let manner = Manner { voice: Some("sky".into()), ..Manner::default() };
            let (back, kept) = read(&written(&article, manner.clone())).unwrap();
            assert_eq!(kept, manner);
            let blocks = |article: &Article| -> Vec<(BlockKind, String)> {
                article
                    .blocks()
                    .iter()
                    .map(|block| (block.kind, block.span.of(article.text()).to_string()))
                    .collect()
            };
            assert_eq!(blocks(&back), blocks(&article));
        });
        // As earlier versions wrote it.
        let (_, manner) = read("{\"blocks\":[[\"title\",\"a\"],[\"paragraph\",\"b\"]]}").unwrap();
        assert!(manner.is_usual());
        each(["", "{}", "[]", "{\"blocks\":[[\"title\",\"a\"],[\"title\",\"b\"]]}"], |text| {
            assert!(read(text).is_none(), "{text}");
        });
    }
}
