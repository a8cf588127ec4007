//! The stories of a digest as one text with one timeline, for the files beside its sound.

use std::ops::Range;

use crate::article::{Article, Block, BlockKind};
use crate::audio::SampleRate;
use crate::error::Result;
use crate::text::Span;
use crate::timeline::Timeline;

/// What was spoken so far.
pub(super) struct Whole {
    /// Whether somebody asks for it: it grows with the stories.
    is_wanted: bool,
    text: String,
    blocks: Vec<Block>,
    timeline: Timeline,
}

impl Whole {
    /// Nothing yet, under a headline that nobody speaks.
    pub(super) fn new(title: &str, rate: SampleRate, is_wanted: bool) -> Self {
        let headline = Block { kind: BlockKind::Title, span: Span::new(0, title.len()) };
        Self { is_wanted, text: title.to_string(), blocks: vec![headline], timeline: Timeline::new(rate) }
    }

    /// Adds a story whose times are samples of the digest.
    pub(super) fn add(&mut self, article: &Article, timeline: &Timeline) {
        if !self.is_wanted {
            return;
        }
        self.text.push_str("\n\n");
        let (byte, block) = (self.text.len(), self.blocks.len());
        self.text.push_str(article.text());
        self.blocks.extend(article.blocks().iter().map(|block| Block {
            span: block.span.shifted(byte),
            // A text has one headline.
            kind: if block.kind == BlockKind::Title { BlockKind::Heading } else { block.kind },
        }));
        self.timeline.append(timeline, byte, block);
    }

    /// Adds what is said at the end, and belongs to no story.
    pub(super) fn announce(&mut self, text: &str, timeline: &Timeline) {
        if let (Some(first), Some(last)) = (timeline.words().first(), timeline.words().last()) {
            self.timeline.announce(text, first.start..last.end);
        }
    }

    /// The samples in which somebody speaks.
    pub(super) fn words(&self) -> impl Iterator<Item = Range<u64>> {
        self.timeline.words().iter().map(|word| word.start..word.end)
    }

    /// The whole text and its timeline, with so many samples before and after it.
    pub(super) fn finish(self, length: u64, before: u64, after: u64) -> Result<(Article, Timeline)> {
        let Self { text, blocks, mut timeline, .. } = self;
        timeline.finish(length);
        timeline.surround(before, after);
        Ok((Article::new(text, blocks)?, timeline))
    }
}
