//! One article and its result: the sound, and the files beside it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::announce::Announcing;
use super::archives::Archived;
use super::args::InputArgs;
use super::args::common::AroundArgs;
use super::captions::{CaptionFile, Captions, Spoken};
use super::cast::Cast;
use super::clock::Clock;
use super::config::{self, FileSettings};
use super::input::{Loaded, Reading};
use super::ledger::{Held, Ledger, SameStory, Seen};
use super::metadata::{ArticleTags, Tagging};
use super::targets::{Assignment, Target};
use crate::article::{Article, BlockKind};
use crate::audio::Sink;
use crate::batch::{Complete, OpenSink, Production, Recast};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::output::encode::EncodedPipe;
use crate::output::programme::{Finished, Finishing, Mastered, Programme};
use crate::report::{Narrator, Summary};
use crate::timeline::chapters::chapters;

/// From this number of headings on there are chapters, whose times the head of a file holds.
const CHAPTERS_FROM: usize = 2;

/// How results are made.
pub(crate) struct Producer {
    /// How files are written.
    pub file: FileSettings,
    /// What is written beside the sound.
    pub captions: Captions,
    /// What the sound carries beside the article's own details.
    pub tagging: Tagging,
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
    length: OnceLock<usize>,
    placed: OnceLock<Assignment>,
    message: OnceLock<Archived>,
    same_story: OnceLock<SameStory>,
}

/// What is known of a result beside its summary.
#[derive(Debug)]
pub(crate) struct Produced {
    /// How loud the sound is.
    pub mastered: Mastered,
    /// The files beside it.
    pub captions: Vec<CaptionFile>,
    /// Where it waits for approval, if it does.
    pub held: Option<Held>,
    /// What its override says in vain.
    pub unmatched: Vec<String>,
}

impl Begun {
    /// Notes how many bytes of text it has.
    pub(crate) fn note_length(&self, bytes: usize) {
        self.length.get_or_init(|| bytes);
    }

    /// Notes where its sound goes, now that this is known.
    pub(crate) fn note_place(&self, placed: Assignment) {
        self.placed.get_or_init(|| placed);
    }

    /// Notes the same story of another feed.
    pub(crate) fn note_same_story(&self, same: SameStory) {
        self.same_story.get_or_init(|| same);
    }

    /// The same story of another feed.
    pub(crate) fn same_story(&self) -> Option<&SameStory> {
        self.same_story.get()
    }

    /// Notes that the input is a message with several stories.
    pub(crate) fn note_message(&self, message: Archived) {
        self.message.get_or_init(|| message);
    }

    /// The message with several stories that the input is.
    pub(crate) fn message(&self) -> Option<&Archived> {
        self.message.get()
    }

    /// The article with the place of its sound, as far as it is known.
    pub(crate) fn placed<'a>(&'a self, assignment: &'a Assignment) -> &'a Assignment {
        self.placed.get().unwrap_or(assignment)
    }

    /// How many bytes of text it has, once it is loaded.
    pub(crate) fn length(&self) -> Option<usize> {
        self.length.get().copied()
    }

    /// What is known of the result; `None` for a stream.
    pub(crate) fn take(&self) -> Option<Produced> {
        self.produced.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Producer {
    /// What the options of a command ask for.
    pub(crate) fn of(
        file: FileSettings,
        captions: Captions,
        around: &AroundArgs,
        cast: &Cast,
        cancel: Cancel,
    ) -> Result<Self> {
        let (tagging, announcing) = (Tagging::of(&around.tags)?, Announcing::of(&around.announce));
        let voice = cast.narrator.meant()?;
        Ok(Self { file, captions, tagging, announcing, voice, cancel })
    }

    /// How inputs are read, with messages opened. A page's lead picture is fetched unless there is a cover for all.
    pub(crate) fn reading(&self, args: &InputArgs, is_offline: bool) -> Result<Reading> {
        let reading = config::reading(args, is_offline, &self.cancel)?;
        Ok(Reading { wants_picture: !self.tagging.has_cover(), opens_messages: true, ..reading })
    }

    /// The production of an article. A place where no result can appear is refused now. A ledger publishes the result, and
    /// remembers it by what it has seen of the article. `recast` is who reads it where somebody else does, and the voice's name.
    pub(crate) fn production(
        self: &Arc<Self>,
        loaded: Loaded,
        assignment: &Assignment,
        begun: &Begun,
        remembering: Option<(Arc<Ledger>, Seen)>,
        recast: Option<(Recast, String)>,
    ) -> Result<Production> {
        let Assignment { input, output } = assignment;
        let Loaded { article, picture, .. } = loaded;
        let tags = self.tagging.of_article(&article, input, picture);
        let (open, complete) = match output {
            Target::File(path) => self.to_file(&article, tags, path, begun, remembering)?,
            Target::Stdout => self.to_stdout(tags, begun),
            Target::Later => return Err(Error::new(ErrorKind::Output, "the result has no name yet")),
        };
        let (narrator, voice) = recast.unzip();
        let announcements = self.announcing.for_article(&article, voice.as_ref().unwrap_or(&self.voice));
        Ok(Production { article, announcements, open, complete, narrator })
    }

    fn to_file(
        self: &Arc<Self>,
        article: &Arc<Article>,
        tags: ArticleTags,
        path: &Path,
        begun: &Begun,
        remembering: Option<(Arc<Ledger>, Seen)>,
    ) -> Result<(OpenSink, Complete)> {
        let ledger = remembering.as_ref().map(|(ledger, _)| ledger.clone());
        let may_replace = self.file.finishing.may_replace;
        let may_replace =
            move |path: &Path| may_replace || ledger.as_ref().is_some_and(|ledger| ledger.may_replace(path));
        let finishing = Finishing { may_replace: may_replace(path), ..self.file.finishing.clone() };
        let programme = Arc::new(Programme::for_file(path, finishing)?);
        self.captions.check_free(path, &may_replace)?;
        let headings = article.blocks().iter().filter(|block| block.kind == BlockKind::Heading);
        // Then the head of the file, or a file that encloses the sound, waits for the voice.
        let is_spooled = headings.count() >= CHAPTERS_FROM || self.captions.enclosed().is_some();
        let (recorded, clock) = (programme.clone(), begun.clock.clone());
        let first_tags = tags.clone();
        let open = move |narrator: &Narrator| -> Result<Box<dyn Sink>> {
            clock.start();
            let metadata = (!is_spooled).then(|| first_tags.spoken(narrator.voice(), false, &[]));
            Ok(clock.watch(recorded.record(narrator.sample_rate(), metadata.as_ref())?))
        };
        let (producer, article, path) = (self.clone(), article.clone(), path.to_path_buf());
        let (clock, result) = (begun.clock.clone(), begun.produced.clone());
        let complete = move |summary: &mut Summary| -> Result<()> {
            let go_on = || producer.go_on();
            let words: Vec<_> = summary.timeline.words().iter().map(|word| word.start..word.end).collect();
            if let Some(music) = &producer.file.finishing.music {
                summary.surround(music.lead(), music.tail());
            }
            let timeline = &summary.timeline;
            let chapters = chapters(timeline, &timeline.written(article.text()));
            let has_music = producer.file.finishing.music.is_some();
            let metadata = tags.spoken(&summary.voice, has_music, &chapters);
            let Finished { file, mastered, enclosed } =
                programme.finish(&metadata, &words, producer.captions.enclosed(), &go_on)?;
            let enclosed = enclosed.as_ref().unwrap_or(&file);
            let spoken = Spoken {
                article: &article,
                timeline,
                voice: &summary.voice,
                chapters: &chapters,
                cover: metadata.cover.as_deref(),
            };
            let prepared = producer.captions.prepare(&path, &spoken, enclosed, may_replace(&path))?;
            let finished = match remembering {
                Some((ledger, seen)) => {
                    let (parts, captions) = prepared.into_parts(file);
                    let mut finished =
                        Produced { mastered, captions, held: None, unmatched: seen.unmatched.clone() };
                    finished.held = ledger.publish(&seen, summary, &finished, &article, parts)?;
                    finished
                }
                None => {
                    Produced { mastered, captions: prepared.commit(file)?, held: None, unmatched: Vec::new() }
                }
            };
            clock.complete();
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(finished);
            Ok(())
        };
        Ok((Box::new(open), Box::new(complete)))
    }

    /// A stream is passed on as it comes, at the loudness that the voice is known to have.
    fn to_stdout(&self, tags: ArticleTags, begun: &Begun) -> (OpenSink, Complete) {
        let finishing = self.file.finishing.clone();
        let clock = begun.clock.clone();
        let open = move |narrator: &Narrator| -> Result<Box<dyn Sink>> {
            clock.start();
            let gain = finishing.loudness.gain(narrator.loudness());
            let (metadata, rate) = (tags.spoken(narrator.voice(), false, &[]), narrator.sample_rate());
            let pipe = EncodedPipe::create(io::stdout(), rate, finishing.coding, &metadata, gain)?;
            Ok(clock.watch(Box::new(pipe)))
        };
        let clock = begun.clock.clone();
        let complete = move |_: &mut Summary| -> Result<()> {
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
