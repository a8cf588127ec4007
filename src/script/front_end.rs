//! Normaliser and phonemizer, with the settings of speech.

use std::sync::Arc;

use super::chunks::Script;
use super::next::Room;
use super::plan::ChunkLimits;
use crate::article::Article;
use crate::error::Result;
use crate::lexicon::{ArticleLexicon, Definitions, Lexicon};
use crate::normalize::{Normalizer, PageNumbers, SpokenToken};
use crate::phonemize::{PhonemeWord, Phonemizer, Story};
use crate::segment::PauseTable;
use crate::text::Span;

/// A sentence longer than this many bytes is normalised in parts.
const LONGEST_PART: usize = 4096;

/// Normaliser, phonemizer and the settings of speech.
pub(crate) struct FrontEnd {
    /// The knowledge about words.
    pub lexicon: Arc<Lexicon>,
    /// Written → spoken.
    pub normalizer: Normalizer,
    /// Spoken → phonemes.
    pub phonemizer: Phonemizer,
    /// Silence after each kind of chunk.
    pub pauses: PauseTable,
    /// How long chunks may be.
    pub limits: ChunkLimits,
}

/// What a text as a whole says about its words.
#[derive(Clone, Debug)]
pub(crate) struct Study {
    /// With the text's own acronyms.
    lexicon: ArticleLexicon,
    /// With the places that it names.
    story: Story,
    /// How it writes numbers.
    numbers: PageNumbers,
}

impl Study {
    /// The phonemes of a sentence's spoken form, as another phonemizer reads it.
    pub(super) fn words_in(
        &self,
        phonemizer: &Phonemizer,
        tokens: &[SpokenToken],
    ) -> Result<Vec<PhonemeWord>> {
        phonemizer.phonemize_in(&self.story, tokens)
    }
}

impl FrontEnd {
    /// The spoken form of `text`, piece by piece.
    pub(crate) fn tokens(&self, text: &str) -> Vec<SpokenToken> {
        read_parts(text, |part, _| self.normalizer.normalize(part))
    }

    /// What an article as a whole says about its words.
    pub(crate) fn study(&self, article: &Article) -> Study {
        self.study_text(article.text(), article.blocks().iter().map(|block| block.span))
    }

    /// What the parts of a text that are read aloud say about its words.
    pub(crate) fn study_text(&self, text: &str, spans: impl Iterator<Item = Span> + Clone) -> Study {
        let lexicon = self.lexicon.for_article(Definitions::learn(text, spans.clone()));
        let mut numbers = PageNumbers::default();
        spans.clone().for_each(|span| numbers.add(span.of(text)));
        Study { lexicon, story: Story::of(text, spans), numbers }
    }

    /// The spoken form of a part of an article's text, piece by piece; the spans are relative to the part.
    pub(crate) fn tokens_of(&self, text: &str, study: &Study, span: Span) -> Vec<SpokenToken> {
        read_parts(span.of(text), |part, start| {
            self.normalizer.normalize_with(part, &study.lexicon.at(span.start + start), study.numbers)
        })
    }

    /// The phonemes of a sentence's spoken form.
    pub(crate) fn words_of(&self, study: &Study, tokens: &[SpokenToken]) -> Result<Vec<PhonemeWord>> {
        self.phonemizer.phonemize_in(&study.story, tokens)
    }

    /// The chunks of an article, made as they are asked for: whole sentences.
    pub(crate) fn script(self: &Arc<Self>, article: Arc<Article>) -> Script {
        Script::new(self.clone(), article, None)
    }

    /// The chunks of an article for a listener who waits for them: for each chunk `room` returns how long it may be.
    /// No more of the article is read than fills the room.
    pub(crate) fn live_script(
        self: &Arc<Self>,
        article: Arc<Article>,
        room: impl FnMut() -> Room + Send + 'static,
    ) -> Script {
        Script::new(self.clone(), article, Some(Box::new(room)))
    }
}

/// The tokens of a text, read part by part; `read` gets a part and where it begins.
fn read_parts(text: &str, read: impl Fn(&str, usize) -> Vec<SpokenToken>) -> Vec<SpokenToken> {
    parts(text)
        .flat_map(|part| {
            let mut tokens = read(part.of(text), part.start);
            for token in &mut tokens {
                token.span = token.span.shifted(part.start);
            }
            if let Some(first) = tokens.first_mut() {
                first.space_before |= part.start > 0;
            }
            tokens
        })
        .collect()
}

/// Slices of a sentence of at most [`LONGEST_PART`] bytes, cut at white space.
fn parts(text: &str) -> impl Iterator<Item = Span> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let mut end = text.len();
        if end - start > LONGEST_PART {
            let limit = text.floor_char_boundary(start + LONGEST_PART);
            end = text[start..limit]
                .rfind(char::is_whitespace)
                .filter(|at| *at > 0)
                .map_or(limit, |at| start + at);
        }
        let part = Span::new(start, end);
        start = end;
        Some(part)
    })
}
