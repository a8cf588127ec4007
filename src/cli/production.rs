//! One article and its result: the sound, and the files beside it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::announce::Announcing;
use super::captions::{CaptionFile, Captions};
use super::clock::Clock;
use super::config::FileSettings;
use super::targets::Target;
use crate::article::{Article, BlockKind};
use crate::audio::Sink;
use crate::batch::{Complete, OpenSink, Production};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result, shorten};
use crate::output::encode::EncodedPipe;
use crate::output::programme::{Mastered, Programme};
use crate::output::wav::Tags;
use crate::report::{Narrator, Summary};

/// From this number of headings on there are chapters, whose times the head of a file holds.
const CHAPTERS_FROM: usize = 2;
/// Characters of a title in the tags.
const LONGEST_TITLE: usize = 250;

/// How results are made.
pub(crate) struct Producer {
    /// How files are written.
    pub file: FileSettings,
    /// What is written beside the sound.
    pub captions: Captions,
    /// What is said around each article.
    pub announcing: Announcing,
    /// Who says it.
    pub voice: String,
    /// Set by Ctrl-C.
    pub cancel: Cancel,
}

/// One article under way.
#[derive(Default)]
pub(crate) struct Begun {
    /// Its clock.
    pub clock: Arc<Clock>,
    produced: Arc<Mutex<Option<Produced>>>,
}

/// What is known of a result beside its summary.
#[derive(Debug)]
pub(crate) struct Produced {
    /// How loud the sound is.
    pub mastered: Mastered,
    /// The files beside it.
    pub captions: Vec<CaptionFile>,
}

impl Begun {
    /// What is known of the result; `None` for a stream.
    pub(crate) fn take(&self) -> Option<Produced> {
        self.produced.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Producer {
    /// The production of an article. A place where no result can appear is refused now.
    pub(crate) fn production(
        self: &Arc<Self>,
        article: Arc<Article>,
        output: &Target,
        begun: &Begun,
    ) -> Result<Production> {
        let (open, complete) = match output {
            Target::File(path) => self.to_file(&article, path, begun)?,
            Target::Stdout => self.to_stdout(&article, begun),
        };
        let announcements = self.announcing.for_article(&article, &self.voice);
        Ok(Production { article, announcements, open, complete })
    }

    fn to_file(
        self: &Arc<Self>,
        article: &Arc<Article>,
        path: &Path,
        begun: &Begun,
    ) -> Result<(OpenSink, Complete)> {
        let finishing = self.file.finishing;
        let programme = Arc::new(Programme::for_file(path, finishing)?);
        self.captions.check_free(path, finishing.may_replace)?;
        let headings = article.blocks().iter().filter(|block| block.kind == BlockKind::Heading);
        let has_chapters = headings.count() >= CHAPTERS_FROM;
        let (recorded, clock) = (programme.clone(), begun.clock.clone());
        let title = title(article);
        let open_title = title.clone();
        let open = move |narrator: &Narrator| -> Result<Box<dyn Sink>> {
            clock.start();
            let tags = (!has_chapters).then(|| tags(open_title, narrator.voice()));
            Ok(clock.watch(recorded.record(narrator.sample_rate(), tags)?))
        };
        let (producer, article, path) = (self.clone(), article.clone(), path.to_path_buf());
        let (clock, produced) = (begun.clock.clone(), begun.produced.clone());
        let complete = move |summary: &Summary| -> Result<()> {
            let go_on = || producer.go_on();
            let (file, mastered) = programme.finish(tags(title, &summary.voice), &go_on)?;
            let prepared = producer.captions.prepare(&path, summary, &article, finishing.may_replace)?;
            let captions = prepared.commit(file)?;
            clock.complete();
            *produced.lock().unwrap_or_else(PoisonError::into_inner) = Some(Produced { mastered, captions });
            Ok(())
        };
        Ok((Box::new(open), Box::new(complete)))
    }

    /// A stream is passed on as it comes, at the loudness that the voice is known to have.
    fn to_stdout(&self, article: &Arc<Article>, begun: &Begun) -> (OpenSink, Complete) {
        let finishing = self.file.finishing;
        let (title, clock) = (title(article), begun.clock.clone());
        let open = move |narrator: &Narrator| -> Result<Box<dyn Sink>> {
            clock.start();
            let gain = finishing.loudness.gain(narrator.loudness());
            let (tags, rate) = (tags(title, narrator.voice()), narrator.sample_rate());
            let pipe = EncodedPipe::create(io::stdout(), rate, finishing.coding, &tags, gain)?;
            Ok(clock.watch(Box::new(pipe)))
        };
        let clock = begun.clock.clone();
        let complete = move |_: &Summary| -> Result<()> {
            clock.complete();
            Ok(())
        };
        (Box::new(open), Box::new(complete))
    }

    fn go_on(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        Ok(())
    }
}

fn title(article: &Article) -> Option<String> {
    article.title().map(|title| shorten(title, LONGEST_TITLE))
}

fn tags(title: Option<String>, voice: &str) -> Tags {
    Tags {
        title,
        comment: Some(format!(
            "Written by reporters, read by AI: synthetic speech, voice {voice}, audio-report {}",
            env!("CARGO_PKG_VERSION")
        )),
    }
}
