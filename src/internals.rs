//! Parts that the benches, the trainer and the parity tests of this project reach into. Nothing here is stable.

use std::sync::Arc;

use crate::article::Article;
#[cfg(feature = "html")]
pub use crate::article::html::judge as story_judge;
pub use crate::phonemize::letter_to_sound;
use crate::report::Narrator;
use crate::script::FrontEnd;
use crate::segment;
pub use crate::synth::kokoro::Kokoro;
pub use crate::synth::kokoro::decoder::Features;
pub use crate::synth::kokoro::text_side::Reading;
use crate::text::Span;

/// The text of a page's bytes.
pub fn page_text(bytes: &[u8]) -> crate::error::Result<String> {
    crate::article::page_text(bytes)
}

/// The sentences of an article.
pub fn sentences(article: &Article) -> Vec<Span> {
    article.blocks().iter().flat_map(|block| segment::sentences(article.text(), block.span)).collect()
}

/// The stages of the front end one by one; each says how much it made.
pub struct Stages(Arc<FrontEnd>);

impl Stages {
    /// Those of a narrator, with their dictionaries loaded.
    pub fn of(narrator: &Narrator) -> Self {
        let front_end = narrator.front_end().clone();
        front_end.phonemizer.preload();
        Self(front_end)
    }

    /// Spoken tokens of a text.
    pub fn tokens(&self, text: &str) -> usize {
        self.0.tokens(text).len()
    }

    /// Spoken tokens of a text in which nobody has found the sentences.
    pub fn sentences_and_tokens(&self, text: &str) -> usize {
        segment::split_text(text).iter().map(|span| self.tokens(span.of(text))).sum()
    }

    /// Learns the acronyms that an article defines.
    pub fn study(&self, article: &Article) {
        std::hint::black_box(self.0.study(article));
    }

    /// Symbols of the phonemes of an article.
    pub fn phonemes(&self, article: &Arc<Article>) -> usize {
        self.0.script(article.clone()).map(|chunk| chunk.map_or(0, |chunk| chunk.phonemes.len())).sum()
    }
}

#[cfg(feature = "play")]
pub use silence::{Heard, play_in_silence};

/// A loudspeaker that makes no sound but takes its time.
#[cfg(feature = "play")]
mod silence {
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use crate::article::Article;
    use crate::cancel::Cancel;
    use crate::error::Result;
    use crate::output::player::{PlaybackSource, PlayerSettings, player};
    use crate::report::{NarrationSettings, Narrator, Summary};

    /// An article as a listener had it.
    pub struct Heard {
        /// The sound, waits included.
        pub samples: Vec<f32>,
        /// The summary of the narration.
        pub summary: Summary,
        /// Time from the call until playback began.
        pub began_after: Duration,
        /// Time from the call until all was made.
        pub made_after: Duration,
        /// How often the sound ran dry.
        pub underruns: u64,
    }

    /// Plays an article to nobody; `period` is how much a sound card asks for at once.
    pub fn play_in_silence(narrator: &Narrator, article: &Arc<Article>, period: Duration) -> Result<Heard> {
        let rate = narrator.sample_rate();
        let (sink, source, controls) = player(rate, PlayerSettings::default());
        let started = Instant::now();
        let settings = NarrationSettings::default().with_hurry_first(true);
        let samples = rate.samples(period);
        let listener = thread::spawn(move || listen(source, samples, period));
        let summary = narrator.narrate(article, settings, Box::new(sink), &Cancel::new(), &mut |_| {})?;
        let made_after = started.elapsed();
        // It panics only where the player does.
        let samples = listener.join().unwrap_or_default();
        let status = controls.status();
        let began_after = status.began.map_or(Duration::ZERO, |began| began - started);
        Ok(Heard { samples, summary, began_after, made_after, underruns: status.underruns })
    }

    /// Pulls the sound period by period to its end, and returns it.
    fn listen(mut source: PlaybackSource, samples: usize, period: Duration) -> Vec<f32> {
        let (mut heard, mut next) = (Vec::new(), Instant::now());
        loop {
            let before = heard.len();
            heard.extend(source.by_ref().take(samples));
            if heard.len() < before + samples {
                return heard;
            }
            next += period;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }
}
