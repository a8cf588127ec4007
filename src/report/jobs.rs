//! The work for the voice: the chunks of an article, and of the announcements around it.

use std::collections::VecDeque;
use std::iter;
use std::sync::Arc;

use tracing::warn;

use super::Narrator;
use super::live::Live;
use crate::article::Article;
use crate::audio::Speed;
use crate::error::Result;
use crate::script::{Quotations, Script, ScriptChunk};
use crate::segment::PauseKind;
use crate::stream::Job;
use crate::synth::Synthesizer;
use crate::text::Span;

/// Sentences that the voice says around an article.
#[derive(Clone, Debug, Default)]
pub(crate) struct Announcements {
    /// Before the headline.
    pub before: Option<Arc<Article>>,
    /// After the last sentence.
    pub after: Option<Arc<Article>>,
}

impl Announcements {
    /// The text of a part that is none of the article's.
    pub(super) fn text(&self, part: Part) -> &str {
        let article = match part {
            Part::Before => &self.before,
            Part::After => &self.after,
            Part::Story => &None,
        };
        article.as_deref().map_or("", Article::text)
    }
}

/// A part of a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Before,
    Story,
    After,
}

/// A chunk, and the part that it belongs to.
#[derive(Debug)]
pub(super) struct PartChunk {
    pub(super) part: Part,
    pub(super) chunk: ScriptChunk,
}

impl PartChunk {
    /// The first sentence of the article that begins in it, and where all is written that it holds from there on. The end of a long
    /// sentence may stand before it.
    pub(super) fn sentence(&self) -> Option<(usize, Span)> {
        let sentence = self.chunk.sentences.iter().find(|sentence| sentence.is_start)?;
        let last = self.chunk.sentences.last().unwrap_or(sentence);
        (self.part == Part::Story).then(|| (sentence.number, sentence.span.join(last.span)))
    }
}

impl Narrator {
    /// The chunks of a programme, made as they are asked for.
    pub(super) fn jobs(
        &self,
        article: Arc<Article>,
        announcements: Announcements,
        quotations: Option<Arc<Quotations>>,
        speed: Speed,
        live: Option<Arc<Live>>,
    ) -> impl Iterator<Item = Result<Job<PartChunk>>> + Send + 'static {
        let narrating = self.synthesizer.clone();
        let quoting = self.quoting.as_ref().map(|quoting| quoting.voice.clone());
        let pause = self.front_end.pauses.after(PauseKind::Heading);
        let mut parts = self.parts(article, announcements, quotations, live.clone());
        let mut number = 0;
        iter::from_fn(move || {
            let (part, mut chunk) = loop {
                let (part, script) = parts.front_mut()?;
                match script.next() {
                    Some(chunk) => break (*part, chunk),
                    None => parts.pop_front(),
                };
            };
            let is_over = parts.front().is_none_or(|(_, script)| script.is_over());
            if let (Ok(chunk), Part::Before, true) = (&mut chunk, part, is_over) {
                chunk.pause = pause;
            }
            Some(chunk.map(|chunk| {
                if let Some(live) = &live {
                    live.taken(number, &chunk);
                }
                number += 1;
                let voice = quoting.as_ref().filter(|_| chunk.is_quoted).unwrap_or(&narrating);
                Job {
                    voice: voice.clone(),
                    phonemes: speakable(&chunk, &**voice),
                    speed,
                    is_last: is_over && parts.len() == 1,
                    label: PartChunk { part, chunk },
                }
            }))
        })
    }

    fn parts(
        &self,
        article: Arc<Article>,
        announcements: Announcements,
        quotations: Option<Arc<Quotations>>,
        live: Option<Arc<Live>>,
    ) -> VecDeque<(Part, Script)> {
        let Announcements { before, after } = announcements;
        let story = match live {
            Some(live) => self.front_end.live_script(article, move || live.chunk_budget()),
            None => self.front_end.script(article),
        };
        let story = match (&self.quoting, quotations) {
            (Some(quoting), Some(quotations)) => quoting.prepare(story, &quotations),
            _ => story,
        };
        let announced = |part, article: Option<Arc<Article>>| {
            article.map(|article| (part, self.front_end.script(article)))
        };
        let parts =
            [announced(Part::Before, before), Some((Part::Story, story)), announced(Part::After, after)];
        parts.into_iter().flatten().collect()
    }
}

/// The phonemes of a chunk. A symbol that the voice lacks becomes a space, for timings count symbols.
pub(super) fn speakable(chunk: &ScriptChunk, voice: &dyn Synthesizer) -> String {
    let phonemes = &chunk.phonemes;
    if phonemes.chars().all(|symbol| voice.has_symbol(symbol)) {
        return phonemes.clone();
    }
    warn!(chunk = chunk.number + 1, %phonemes, "the voice lacks a symbol; it is left out");
    phonemes.chars().map(|symbol| if voice.has_symbol(symbol) { symbol } else { ' ' }).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::script::ScriptSentence;
    use crate::table_test::each;

    /// A chunk of sentences: number, place in the text, whether it begins there.
    fn chunk(part: Part, sentences: &[(usize, Span, bool)]) -> PartChunk {
        let sentences = sentences.iter().map(|&(number, span, is_start)| ScriptSentence {
            number,
            span,
            first_symbol: 0,
            is_start,
        });
        let chunk = ScriptChunk {
            number: 0,
            phonemes: String::new(),
            span: Span::new(0, 30),
            block: 0,
            sentences: sentences.collect(),
            words: Vec::new(),
            is_quoted: false,
            pause: Duration::ZERO,
            guessed: Vec::new(),
            spelled: Vec::new(),
        };
        PartChunk { part, chunk }
    }

    #[test]
    fn a_chunk_tells_the_first_sentence_that_begins_in_it() {
        let (first, second, third) = (Span::new(0, 10), Span::new(11, 20), Span::new(21, 30));
        let rows = [
            ("one", chunk(Part::Story, &[(4, first, true)]), Some((4, first))),
            ("two", chunk(Part::Story, &[(4, first, true), (5, second, true)]), Some((4, Span::new(0, 20)))),
            ("the end of a long one", chunk(Part::Story, &[(4, first, false)]), None),
            (
                "a short one after the end of a long one",
                chunk(Part::Story, &[(4, first, false), (5, second, true), (6, third, true)]),
                Some((5, Span::new(11, 30))),
            ),
            ("an announcement", chunk(Part::Before, &[(0, first, true)]), None),
            ("nothing", chunk(Part::Story, &[]), None),
        ];
        each(rows, |(what, chunk, told)| assert_eq!(chunk.sentence(), told, "{what}"));
    }
}
