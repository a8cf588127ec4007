//! A sink that gets the sound of a chunk after its words are told: when each word is heard is known when all of its chunk is spoken.

#[cfg(feature = "serve")]
use std::sync::Arc;

#[cfg(feature = "serve")]
use super::{Announcements, NarrationSettings, Narrator, Summary};
#[cfg(feature = "serve")]
use crate::article::Article;
use crate::audio::{SampleRate, Sink};
#[cfg(feature = "serve")]
use crate::cancel::Cancel;
use crate::error::Result;
use crate::text::Span;
use crate::timeline::TimedWord;

#[cfg(feature = "serve")]
impl Narrator {
    /// Reads an article into a sink, and tells the words of each chunk before its sound gets there.
    pub(crate) fn narrate_telling(
        &self,
        article: &Arc<Article>,
        settings: NarrationSettings,
        sink: Box<dyn Sink>,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Summary> {
        let live = sink.listener().map(|listener| self.live(listener, settings));
        let narration = self.begin_for(article, &Announcements::default(), settings, live, cancel)?;
        narration.write_telling(Box::new(self.limited(sink)), Some(tell), &mut |_| {})
    }
}

/// A written word, and when it is heard: seconds from the beginning.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "only a server tells them"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HeardWord {
    /// Where it is written: bytes of the article's text.
    pub span: Span,
    /// When it begins to sound.
    pub from: f64,
    /// When it has sounded.
    pub to: f64,
}

/// Takes the words of a chunk before its sound.
pub(crate) type Tell<'a> = &'a mut dyn FnMut(&[HeardWord]);

/// A sink, and whoever wants to know its words.
pub(super) struct WordsFirst<'a> {
    pub(super) sink: Box<dyn Sink>,
    rate: SampleRate,
    tell: Option<Tell<'a>>,
    /// Sound of the chunk that is being spoken.
    held: Vec<f32>,
    /// Words that were told, and the last of them.
    told: usize,
    last: Option<TimedWord>,
}

impl<'a> WordsFirst<'a> {
    /// Where nobody wants the words, sound is passed on at once.
    pub(super) fn new(sink: Box<dyn Sink>, rate: SampleRate, tell: Option<Tell<'a>>) -> Self {
        Self { sink, rate, tell, held: Vec::new(), told: 0, last: None }
    }

    /// Takes sound of a chunk.
    pub(super) fn write(&mut self, samples: &[f32]) -> Result<()> {
        if self.tell.is_none() {
            return self.sink.write(samples);
        }
        self.held.extend_from_slice(samples);
        Ok(())
    }

    /// The chunk is complete; `words` are all so far. One that goes on in this chunk is told again, as it is now.
    pub(super) fn end_chunk(&mut self, words: &[TimedWord]) -> Result<()> {
        let Some(tell) = &mut self.tell else { return Ok(()) };
        let goes_on = |last: TimedWord| {
            words
                .get(self.told.wrapping_sub(1))
                .is_some_and(|word| (word.span, word.end) != (last.span, last.end))
        };
        let from = self.told - usize::from(self.last.is_some_and(goes_on));
        let seconds = |samples| self.rate.seconds(samples);
        let heard = |word: &TimedWord| HeardWord {
            span: word.span,
            from: seconds(word.start),
            to: seconds(word.end),
        };
        let new: Vec<HeardWord> = words.get(from..).unwrap_or_default().iter().map(heard).collect();
        if !new.is_empty() {
            tell(&new);
        }
        (self.told, self.last) = (words.len(), words.last().copied());
        let sound = std::mem::take(&mut self.held);
        if sound.is_empty() { Ok(()) } else { self.sink.write(&sound) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Kept;
    use crate::segment::Break;

    const RATE: SampleRate = SampleRate::new(1_000).unwrap();

    fn word(span: std::ops::Range<usize>, samples: std::ops::Range<u64>) -> TimedWord {
        let span = Span::new(span.start, span.end);
        TimedWord { span, start: samples.start, end: samples.end, break_after: Break::Word }
    }

    #[test]
    fn words_are_told_before_their_sound_and_again_when_they_go_on() {
        let kept = Kept::default();
        let mut told = Vec::new();
        let mut tell = |words: &[HeardWord]| {
            let words = words.iter().map(|word| (word.span.start, word.span.end, word.from, word.to));
            told.push((words.collect::<Vec<_>>(), kept.samples().len()));
        };
        let mut out = WordsFirst::new(Box::new(kept.clone()), RATE, Some(&mut tell));
        out.write(&[0.1; 30]).unwrap();
        out.end_chunk(&[word(0..3, 0..10), word(4..8, 10..30)]).unwrap();
        out.write(&[0.1; 20]).unwrap();
        out.end_chunk(&[word(0..3, 0..10), word(4..9, 10..40), word(10..12, 40..50)]).unwrap();
        out.end_chunk(&[word(0..3, 0..10), word(4..9, 10..40), word(10..12, 40..50)]).unwrap();
        let want = vec![
            (vec![(0, 3, 0.0, 0.01), (4, 8, 0.01, 0.03)], 0),
            (vec![(4, 9, 0.01, 0.04), (10, 12, 0.04, 0.05)], 30),
        ];
        assert_eq!(told, want);
        assert_eq!(kept.samples().len(), 50);
    }

    #[test]
    fn without_a_listener_for_words_sound_goes_on_at_once() {
        let kept = Kept::default();
        let mut out = WordsFirst::new(Box::new(kept.clone()), RATE, None);
        out.write(&[0.1; 30]).unwrap();
        assert_eq!(kept.samples().len(), 30);
        out.end_chunk(&[word(0..3, 0..10)]).unwrap();
        assert_eq!(kept.samples().len(), 30);
    }
}
