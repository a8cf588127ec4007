//! Rundown and stories become one sound, with chapters.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::chosen::Story;
use super::kept;
use super::narrators::Narrators;
use super::whole::Whole;
use crate::article::Article;
use crate::audio::{SampleRate, Sink, Speed};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::output::joined::Joined;
use crate::output::music::Music;
use crate::report::{Announcements, NarrationSettings, Narrator};
use crate::store::manifest::Manifest;
use crate::store::paths;
use crate::timeline::Timeline;
use crate::timeline::chapters::Chapter;

/// The first chapter.
const RUNDOWN: &str = "Today";
/// Silence between stories, and around a jingle.
const REST: Duration = Duration::from_millis(900);

/// What a digest is joined of, and by whom.
pub(super) struct Joining<'a> {
    /// Where the stories are.
    pub manifest: &'a Manifest,
    /// What stands between stories.
    pub jingle: &'a Music,
    /// Set by Ctrl-C.
    pub cancel: &'a Cancel,
}

/// What is known of a digest beside its sound.
pub(super) struct Made {
    /// A chapter for the rundown, and one a story.
    pub chapters: Vec<Chapter>,
    /// Samples of the sound.
    pub length: u64,
    /// Stories that come from finished files.
    pub from_files: usize,
    /// Its text.
    pub whole: Whole,
    /// Sound that is no speech of the text: jingles, finished files.
    other: Vec<Range<u64>>,
}

impl Joining<'_> {
    /// Joins all into a sink at the usual narrator's rate; `whole` takes what is said.
    pub(super) fn join(
        &self,
        into: Box<dyn Sink>,
        narrators: &mut Narrators<'_>,
        rundown: &Article,
        announcements: &Announcements,
        stories: &[Story],
        whole: Whole,
    ) -> Result<Made> {
        let usual = narrators.usual();
        let rate = usual.0.sample_rate();
        let mut joined = Joined::new(into, rate, self.manifest.folder(), usual.0.loudness());
        let mut made = Made { chapters: Vec::new(), length: 0, from_files: 0, whole, other: Vec::new() };
        let before = Announcements { before: announcements.before.clone(), after: None };
        let rundown = Arc::new(rundown.clone());
        let timeline = self.speak(&usual, &rundown, &before, &mut joined)?;
        made.whole.add(&rundown, &timeline);
        let mut starts = vec![(0, RUNDOWN.to_string())];
        for story in stories {
            go_on(self.cancel)?;
            joined.rest(REST)?;
            let level = joined.level().unwrap_or_default();
            let jingle = self.jingle.pieces(rate, level).intro;
            if !jingle.is_empty() {
                let start = joined.position();
                joined.write(&jingle)?;
                made.other.push(start..joined.position());
                joined.rest(REST)?;
            }
            starts.push((joined.position(), story.title.clone()));
            match self.manifest.story(&story.source, &story.ending)?.as_deref().and_then(kept::read) {
                Some((article, manner)) => {
                    let article = Arc::new(article);
                    let narrator = narrators.of(&manner, story, self.manifest)?;
                    let timeline = self.speak(&narrator, &article, &Announcements::default(), &mut joined)?;
                    made.whole.add(&article, &timeline);
                }
                None => {
                    made.from_files += 1;
                    let sound = self.manifest.folder().join(paths::read(&story.sound));
                    made.other.push(joined.add_file(&sound, &|| go_on(self.cancel))?);
                }
            }
        }
        made.length = joined.position();
        if let Some(after) = &announcements.after {
            joined.rest(REST)?;
            let timeline = self.speak(&usual, after, &Announcements::default(), &mut joined)?;
            made.whole.announce(after.text(), &timeline);
            made.length = joined.position();
        }
        made.chapters = chapters(&starts, made.length, rate);
        joined.finish()?;
        Ok(made)
    }

    /// Adds an article in a voice and at a speed, and returns its words at their places in the whole. Chunks that were spoken before
    /// come from the cache.
    fn speak(
        &self,
        (narrator, speed): &(Narrator, Speed),
        article: &Arc<Article>,
        announcements: &Announcements,
        joined: &mut Joined,
    ) -> Result<Timeline> {
        let settings = NarrationSettings::default().with_speed(*speed);
        let narration = narrator.begin(article, announcements, settings, self.cancel)?;
        let summary = narration.write_to(joined.recorder(narrator.sample_rate()), &mut |_| ())?;
        let Range { start, .. } = joined.add()?;
        let mut timeline = summary.timeline.at_rate(joined.rate());
        timeline.surround(start, 0);
        Ok(timeline)
    }
}

impl Made {
    /// The samples in which somebody speaks or something else is heard, in order: there a bed stays low.
    pub(super) fn heard(&self) -> Vec<Range<u64>> {
        let mut heard: Vec<_> = self.whole.words().chain(self.other.iter().cloned()).collect();
        heard.sort_by_key(|range| range.start);
        heard
    }

    /// Music comes before and after it.
    pub(super) fn surround(&mut self, before: Duration, after: Duration) {
        let last = self.chapters.len().saturating_sub(1);
        for (number, chapter) in self.chapters.iter_mut().enumerate() {
            // The first chapter begins with the sound, and the last one ends with it.
            chapter.start += if number == 0 { Duration::ZERO } else { before };
            chapter.end += if number == last { before + after } else { before };
        }
    }
}

/// An error once the work is interrupted.
pub(super) fn go_on(cancel: &Cancel) -> Result<()> {
    if cancel.is_cancelled() {
        return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing is kept of the digest"));
    }
    Ok(())
}

fn chapters(starts: &[(u64, String)], length: u64, rate: SampleRate) -> Vec<Chapter> {
    let time = |samples: u64| Duration::from_secs_f64(rate.seconds(samples));
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([length]);
    let chapter = |((start, title), end): (&(u64, String), u64)| Chapter {
        start: time(*start),
        end: time(end),
        title: title.clone(),
    };
    starts.iter().zip(ends).map(chapter).collect()
}
