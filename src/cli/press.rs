//! Makes the reports that others order, as `read` makes its own.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::article::ReadOptions;
use crate::article::{Article, Format as TextFormat, Served, read_served};
use crate::batch::Production;
use crate::cancel::Cancel;
use crate::cli::announce::Announcing;
use crate::cli::args::announce::AnnounceArgs;
use crate::cli::args::captions::{CaptionArgs, CaptionFormat};
use crate::cli::captions::Captions;
use crate::cli::config::{FileSettings, usual_loudness};
use crate::cli::input::{Input, Loaded, Reading};
use crate::cli::metadata::Tagging;
use crate::cli::production::{Begun, Producer};
use crate::cli::targets::{self, Assignment, Target};
use crate::cli::terminal::name_of;
use crate::cli::web;
use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};
use crate::files::PendingFile;
use crate::lexicon::user::Given;
use crate::net::{Address, Fetched, Fetcher, Validators, shown};
use crate::order::{
    Captions as Wanted, FileKind, Kind, LeftOut, Made, MadeFile, Maker, Order, Page, Source, Step, Story,
    Task, UnknownWord,
};
use crate::output::encode::Format;
use crate::output::metadata::cover::Cover;
use crate::output::programme::Finishing;
use crate::report::NarrationSettings;

/// What stands for the name of an article that has none.
const INPUT: &str = "the input";
/// Pieces that are told of those that were left out.
const LEFT_OUT: usize = 100;
/// Characters of each.
const LEFT_OUT_SHOWN: usize = 400;

/// Makes reports.
pub(super) struct Press {
    reading: Reading,
    announcing: Announcing,
    /// Characters that a story may have.
    characters: usize,
}

impl Press {
    /// One that fetches by this fetcher, says this around articles, and takes stories of so many characters.
    pub(super) fn new(fetcher: Arc<Fetcher>, announce: &AnnounceArgs, characters: usize) -> Self {
        let reading = Reading {
            options: ReadOptions::default(),
            fetcher,
            sites: Arc::default(),
            wants_picture: true,
            opens_messages: false,
        };
        Self { reading, announcing: Announcing::of(announce), characters }
    }

    /// The article.
    fn load(&self, order: &Order, content: Option<Vec<u8>>, cancel: &Cancel) -> Result<Loaded> {
        let gone = || Error::new(ErrorKind::Output, "the article is gone");
        let name = match &order.source {
            Source::Page(page) => return self.page(page, content.ok_or_else(gone)?, cancel),
            Source::Address(address) => {
                let input = Input::Address(address.clone());
                // Whoever deletes the report stops its fetching, too.
                let fetcher = Arc::new(self.reading.fetcher.with_cancel(cancel.clone()));
                let reading = Reading { fetcher, ..self.reading.clone() };
                return input.load_unless(&reading, cancel)?.article(&input);
            }
            Source::File(name) if !name.is_empty() => name,
            Source::File(_) | Source::Text => INPUT,
        };
        let content = content.ok_or_else(gone)?;
        let format = order.kind.map(|kind| match kind {
            Kind::Text => TextFormat::Plain,
            Kind::Html => TextFormat::Html,
            Kind::Markdown => TextFormat::Markdown,
        });
        // JSON is in UTF-8, whatever a page says that stands in it.
        let charset = (order.source == Source::Text).then_some("utf-8");
        let served = Served { charset, media_type: None, format };
        let article = read_served(&content, name, served, self.reading.options)?;
        Ok(Loaded { article: Arc::new(article), content: [0; 32], picture: None })
    }

    /// The article of a page that somebody else has fetched.
    fn page(&self, page: &Page, bytes: Vec<u8>, cancel: &Cancel) -> Result<Loaded> {
        let name = shown(&page.address);
        let address = Address::parse(&page.address).map_err(|fault| fault.at(&name))?;
        let fetcher = Arc::new(self.reading.fetcher.with_cancel(cancel.clone()));
        let reading = Reading { fetcher, ..self.reading.clone() };
        let page = Fetched {
            address,
            bytes,
            charset: page.charset.clone(),
            media_type: page.media_type.as_deref().map(Into::into),
            validators: Validators::default(),
        };
        let (article, picture) = web::load(page, &name, &reading)?;
        Ok(Loaded { article, content: [0; 32], picture })
    }

    fn check_length(&self, article: &Article) -> Result<()> {
        let text = article.text();
        let characters: usize =
            article.blocks().iter().map(|block| block.span.of(text).chars().count()).sum();
        if characters > self.characters {
            let what = format!("the story has {characters} characters, and {} are allowed", self.characters);
            return Err(Error::new(ErrorKind::TooLarge, what));
        }
        Ok(())
    }
}

impl Maker for Press {
    fn address(&self, typed: &str) -> Result<String> {
        let address = Address::parse(typed).map_err(|fault| fault.at(typed))?;
        self.reading.fetcher.check(&address).map_err(|fault| fault.at(typed))?;
        Ok(address.to_string())
    }

    fn make(&self, task: Task<'_>, observe: &mut dyn FnMut(Step)) -> Result<Made> {
        let Task { order, content, narrator, folder, cancel } = task;
        let narrator = order.manner.of(narrator, &Given::default())?;
        let mut loaded = self.load(order, content, cancel)?;
        if let Some(title) = &order.title {
            loaded.article = Arc::new(Arc::unwrap_or_clone(loaded.article).with_title(title));
        }
        self.check_length(&loaded.article)?;
        observe(Step::Loaded(story(&loaded.article)));
        let (picture, format) = (loaded.picture.clone(), order.format());
        let name = targets::slug(loaded.article.title().unwrap_or("report"));
        let sound = folder.join(format!("{name}.{}", format.ending()));
        let captions = captions(order);
        let endings = captions.endings();
        let producer = Arc::new(Producer {
            file: FileSettings {
                finishing: Finishing {
                    coding: order.finish.coding(format)?,
                    loudness: order.finish.loudness()?.unwrap_or_else(|| usual_loudness(format)),
                    music: None,
                    may_replace: true,
                },
            },
            captions,
            tagging: Tagging::default(),
            announcing: order.around.as_ref().map_or_else(|| self.announcing.clone(), Announcing::ordered),
            voice: narrator.voice().to_string(),
            cancel: cancel.clone(),
        });
        // A file that was sent has no folder with pictures around it.
        let assignment = Assignment { input: Input::Stdin, output: Target::File(sound.clone()) };
        let begun = Begun::default();
        let Production { article, announcements, open, complete, .. } =
            producer.production(loaded, &assignment, &begun, None, None)?;
        let sink = open(&narrator)?;
        let settings = NarrationSettings::default().with_speed(order.speed());
        let narration = narrator.begin(&article, &announcements, settings, cancel)?;
        let mut summary = narration.write_to(sink, &mut |progress| {
            let done = progress.bytes as f64 / progress.total_bytes.max(1) as f64;
            observe(Step::Spoken { done, seconds: progress.audio_seconds });
        })?;
        behind_speech(|| complete(&mut summary))?;
        let mut files =
            vec![MadeFile { path: sound.clone(), kind: FileKind::Audio, media_type: sound_type(format) }];
        for ending in endings {
            let path = sound.with_extension(ending);
            // There are chapters only where a story has some.
            if path.exists() {
                let (kind, media_type) = kind_of(ending);
                files.push(MadeFile { path, kind, media_type });
            }
        }
        if let Some(picture) = picture {
            files.push(keep(&picture, &sound)?);
        }
        let unknown = summary.guessed_words.into_iter();
        let unknown_words =
            unknown.map(|guess| UnknownWord { word: guess.word, phonemes: guess.phonemes }).collect();
        Ok(Made { unknown_words, seconds: summary.audio_seconds, files })
    }
}

/// Mastering and coding are done for all of the sound at once. They give way to the voice, for which somebody may wait.
fn behind_speech(work: impl FnOnce() -> Result<()> + Send) -> Result<()> {
    let run = || {
        // Elsewhere the whole program would give way.
        #[cfg(target_os = "linux")]
        if let Err(error) = crate::stream::nice::lower() {
            tracing::debug!(%error, "mastering a report can't give way");
        }
        work()
    };
    thread::scope(|scope| {
        let started = thread::Builder::new().name("mastering".to_string()).spawn_scoped(scope, run);
        let thread = started.map_err(|cause| {
            Error::new(ErrorKind::Output, "no thread can be started that masters the report")
                .because(cause)
                .with_cure(Cure::FreeProcesses)
        })?;
        let broke_off = |_| Err(Error::new(ErrorKind::Output, "mastering the report broke off"));
        thread.join().unwrap_or_else(broke_off)
    })
}

fn story(article: &Article) -> Story {
    let removed = article.removed().iter().take(LEFT_OUT);
    let left_out = removed.map(|removed| LeftOut {
        text: shorten(removed.span.of(article.text()), LEFT_OUT_SHOWN),
        reason: name_of(&removed.reason),
    });
    let is_address = |source: &&str| source.starts_with("https://") || source.starts_with("http://");
    Story {
        title: article.title().map(str::to_string),
        source: article.source().or(article.address()).filter(is_address).map(str::to_string),
        confidence: article.confidence(),
        left_out: left_out.collect(),
    }
}

fn captions(order: &Order) -> Captions {
    let captions = order.captions.iter().map(|wanted| match wanted {
        Wanted::Vtt => CaptionFormat::Vtt,
        Wanted::Srt => CaptionFormat::Srt,
        Wanted::Json => CaptionFormat::Json,
    });
    let args = CaptionArgs {
        captions: captions.collect(),
        chapters: true,
        page: order.page,
        #[cfg(feature = "epub")]
        epub: false,
    };
    Captions::of(&args, None)
}

fn sound_type(format: Format) -> &'static str {
    match format {
        Format::Wav => "audio/wav",
        Format::Flac => "audio/flac",
        Format::Mp3 => "audio/mpeg",
        Format::Opus => "audio/ogg; codecs=opus",
    }
}

/// What a file beside the sound is, by the end of its name.
fn kind_of(ending: &str) -> (FileKind, &'static str) {
    match ending {
        "vtt" => (FileKind::Captions, "text/vtt"),
        "srt" => (FileKind::Captions, "application/x-subrip"),
        "html" => (FileKind::Page, "text/html"),
        "chapters.json" => (FileKind::Chapters, "application/json+chapters"),
        _ => (FileKind::Captions, "application/json"),
    }
}

/// Keeps the article's picture beside the sound.
fn keep(picture: &Cover, sound: &Path) -> Result<MadeFile> {
    let media_type = picture.mime();
    let path = sound.with_extension(if media_type == "image/png" { "png" } else { "jpg" });
    let kept = PendingFile::create(&path).and_then(|pending| {
        pending.file().write_all(picture.bytes())?;
        pending.commit(true)
    });
    kept.map_err(|cause| {
        Error::new(ErrorKind::Output, "the picture can't be written").at(Place::file(&path)).because(cause)
    })?;
    Ok(MadeFile { path, kind: FileKind::Picture, media_type })
}
