//! Rundown and stories become one sound, with chapters and captions.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::chosen::Story;
use super::kept;
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
use crate::timeline::chapters::{Chapter, json};
use crate::timeline::cues::{Cues, SRT_COLUMNS, VTT_COLUMNS};
use crate::timeline::srt::srt;
use crate::timeline::vtt::vtt;

/// The files that stand beside a digest, where they are wanted, by the endings of their names.
pub(super) const BESIDE: [&str; 3] = ["vtt", "srt", "chapters.json"];
/// The first chapter.
const RUNDOWN: &str = "Today";
/// Silence between stories, and around a jingle.
const REST: Duration = Duration::from_millis(900);

/// What a digest is joined of, and by whom.
pub(super) struct Joining<'a> {
    /// Where the stories are.
    pub manifest: &'a Manifest,
    /// Who speaks.
    pub narrator: &'a Narrator,
    /// How fast.
    pub speed: Speed,
    /// What stands between stories.
    pub jingle: &'a Music,
    /// Set by Ctrl-C.
    pub cancel: &'a Cancel,
}

/// What is known of a digest beside its sound.
#[derive(Default)]
pub(super) struct Made {
    /// A chapter for the rundown, and one a story.
    pub chapters: Vec<Chapter>,
    /// Length of the sound.
    pub seconds: f64,
    /// Stories that come from finished files.
    pub from_files: usize,
    vtt: String,
    /// The cues, without their numbers.
    srt: Vec<String>,
}

impl Joining<'_> {
    /// Joins all into a sink at the narrator's rate.
    pub(super) fn join(
        &self,
        into: Box<dyn Sink>,
        rundown: &Article,
        announcements: &Announcements,
        stories: &[Story<'_>],
    ) -> Result<Made> {
        let rate = self.narrator.sample_rate();
        let mut joined = Joined::new(into, rate, self.manifest.folder(), self.narrator.loudness());
        let mut made = Made { vtt: "WEBVTT\n".to_string(), ..Made::default() };
        let before = Announcements { before: announcements.before.clone(), after: None };
        self.speak(&Arc::new(rundown.clone()), &before, &mut joined, &mut made)?;
        let mut starts = vec![(0, RUNDOWN.to_string())];
        for Story { known, title } in stories {
            go_on(self.cancel)?;
            joined.rest(REST)?;
            let level = joined.level().unwrap_or_default();
            let jingle = self.jingle.pieces(rate, level).intro;
            if !jingle.is_empty() {
                joined.write(&jingle)?;
                joined.rest(REST)?;
            }
            starts.push((joined.position(), title.clone()));
            match self.manifest.story(known)?.as_deref().and_then(kept::read) {
                Some(article) => {
                    self.speak(&Arc::new(article), &Announcements::default(), &mut joined, &mut made)?;
                }
                None => {
                    made.from_files += 1;
                    let sound = known.files.last().map(|file| paths::read(&file.name)).unwrap_or_default();
                    let sound = self.manifest.folder().join(sound);
                    joined.add_file(&sound, &|| go_on(self.cancel))?;
                }
            }
        }
        let (announcements, end) = (announcements.after.as_ref(), joined.position());
        let mut length = end;
        if let Some(after) = announcements {
            joined.rest(REST)?;
            self.speak(after, &Announcements::default(), &mut joined, &mut made)?;
            length = joined.position();
        }
        made.chapters = chapters(&starts, length, rate);
        made.seconds = rate.seconds(length);
        joined.finish()?;
        Ok(made)
    }

    /// Adds an article in the narrator's voice. Chunks that were spoken before come from the cache.
    fn speak(
        &self,
        article: &Arc<Article>,
        announcements: &Announcements,
        joined: &mut Joined,
        made: &mut Made,
    ) -> Result<()> {
        let settings = NarrationSettings { speed: self.speed, hurry_first: false };
        let narration = self.narrator.begin(article, announcements, settings, self.cancel)?;
        let summary = narration.write_to(joined.recorder(), &mut |_| ())?;
        let Range { start, .. } = joined.add()?;
        let mut timeline = summary.timeline;
        timeline.surround(start, 0);
        made.caption(&timeline, article);
        Ok(())
    }
}

impl Made {
    fn caption(&mut self, timeline: &Timeline, article: &Article) {
        let written = timeline.written(article.text());
        let cues = Cues::new(timeline, &written, VTT_COLUMNS);
        let text = vtt(timeline, &written, &cues);
        self.vtt.push_str(text.strip_prefix("WEBVTT\n").unwrap_or(&text));
        let text = srt(&written, &Cues::new(timeline, &written, SRT_COLUMNS));
        // Every cue is a number on a line, times, and lines of text; none of them is empty.
        let cues = text.split("\n\n").filter_map(|cue| Some(cue.split_once('\n')?.1.trim_end().to_string()));
        self.srt.extend(cues);
    }

    /// The file of an ending, where there is anything in it.
    pub(super) fn text(&self, ending: &str) -> Option<String> {
        match ending {
            "vtt" => Some(self.vtt.clone()),
            "srt" => {
                let cues = self.srt.iter().enumerate().map(|(index, cue)| format!("{}\n{cue}\n", index + 1));
                Some(cues.collect::<Vec<_>>().join("\n"))
            }
            "chapters.json" => json(&self.chapters)?.ok(),
            _ => None,
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
