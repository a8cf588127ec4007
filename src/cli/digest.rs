//! `digest`: the reports of a day in one programme.
//!
//! - `kept`: a story as the manifest keeps it
//! - `chosen`: which reports belong to it, and what is said of them first
//! - `programme`: rundown and stories become one sound with chapters and captions
//!
//! A story is spoken again from its kept text, and so comes out of the chunk cache bit for bit: no lossy file is decoded, no announcement
//! and no music of a report stands in the middle, and what is missing in the cache is simply spoken. Only a report whose text is not kept
//! any more is taken from its finished file.

mod chosen;
mod kept;
mod programme;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use self::chosen::{Story, rundown};
pub(crate) use self::kept::written;
use self::programme::{Joining, Made};
use super::announce::{Announcing, Template};
use super::args::announce::AnnounceArgs;
use super::args::cache::CacheArgs;
use super::args::captions::CaptionArgs;
use super::args::digest::DigestArgs;
use super::args::music::MusicArgs;
use super::args::tags::TagArgs;
use super::args::{FileArgs, MakingArgs, QuoteArgs, VoiceArgs, WordArgs, WorkArgs};
use super::captions::Captions;
use super::config::{self, unreadable};
use super::input::Input;
use super::metadata::Tagging;
use super::outcomes::{Event, Telling};
use super::preset::Preset;
use super::terminal::{self, clock, count};
use super::{DONE, SOME_FAILED, batch, cache, formats, interrupt};
use crate::article::{Article, Block, BlockKind};
use crate::calendar::{DAY, Date, now};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::files::PendingFile;
use crate::hash::{Fields, hex};
use crate::output::encode::Format;
use crate::output::music::{Music, MusicFiles};
use crate::output::programme::{Finished, Finishing, Programme};
use crate::output::wav;
use crate::report::SpeechSettings;
use crate::store::manifest::{DIGEST, Fresh, Known, Manifest, Part, unnamed};
use crate::store::paths;
use crate::text::Span;

/// What is wanted.
struct Order<'a> {
    folder: &'a Path,
    file: Option<PathBuf>,
    since: Duration,
    jingle: Option<&'a Path>,
    voice: &'a VoiceArgs,
    quotes: &'a QuoteArgs,
    words: &'a WordArgs,
    cache: &'a CacheArgs,
    work: WorkArgs,
    preset: Option<Preset>,
    format: FileArgs,
    announce: &'a AnnounceArgs,
    captions: &'a CaptionArgs,
    tags: &'a TagArgs,
    is_impatient: bool,
    /// Whether sound is kept for later.
    keeps: bool,
    telling: Telling,
}

/// Runs `digest`.
pub(crate) fn run(args: &DigestArgs) -> anyhow::Result<u8> {
    if Manifest::look(&args.folder)?.is_none() {
        return Err(Error::new(ErrorKind::Input, "no batch has written this folder")
            .at(Place::file(&args.folder))
            .with_cure(Cure::other("name the folder that a batch had after -o; output if it had none"))
            .into());
    }
    let cancel = interrupt::watch()?;
    make(&Order::of(args), &cancel)?;
    Ok(DONE)
}

/// Makes the digest at the end of a run that wants one. `code` is how the run ended.
pub(crate) fn after(args: &MakingArgs, code: u8, cancel: &Cancel) -> anyhow::Result<u8> {
    let is_ended_early = args.fail_fast && code != DONE;
    let Some(file) = args.digest.wanted().filter(|_| !is_ended_early) else { return Ok(code) };
    match make(&Order::of_run(args, file), cancel) {
        Ok(()) => Ok(code),
        Err(error) => match error.downcast::<Error>() {
            Ok(error) if error.kind() != ErrorKind::Interrupted => {
                terminal::report(&error);
                Ok(code.max(SOME_FAILED))
            }
            Ok(error) => Err(error.into()),
            Err(error) => Err(error),
        },
    }
}

impl<'a> Order<'a> {
    fn of(args: &'a DigestArgs) -> Self {
        Self {
            folder: &args.folder,
            file: args.output.clone(),
            since: args.since.0,
            jingle: args.jingle.as_deref(),
            voice: &args.voice,
            quotes: &args.quotes,
            words: &args.words,
            cache: &args.cache,
            work: args.work,
            preset: args.preset,
            format: args.file,
            announce: &args.announce,
            captions: &args.captions,
            tags: &args.tags,
            is_impatient: args.no_wait,
            keeps: true,
            telling: Telling::new(args.quiet, args.json),
        }
    }

    fn of_run(args: &'a MakingArgs, file: Option<&Path>) -> Self {
        Self {
            folder: &args.output,
            file: file.map(|file| args.output.join(file)),
            since: Duration::from_secs(DAY.unsigned_abs()),
            jingle: args.digest.jingle.as_deref(),
            voice: &args.voice,
            quotes: &args.quotes,
            words: &args.words,
            cache: &args.cache,
            work: args.work,
            preset: args.preset,
            format: args.file,
            announce: &args.announce,
            captions: &args.captions,
            tags: &args.tags,
            is_impatient: args.no_wait,
            keeps: !args.input.ignore_embargo,
            telling: Telling::of_batch(args),
        }
    }

    fn is_quiet(&self) -> bool {
        self.telling != Telling::Text
    }

    /// The format that is asked for, or that the file's name promises.
    fn coded(&self) -> Result<Format> {
        let usual = config::usual_format(self.preset);
        match &self.file {
            Some(file) => formats::of_file(file, self.format.format, usual),
            None => Ok(self.format.format.unwrap_or(usual)),
        }
    }

    /// What the sound depends on beside the stories: a line for each setting.
    fn wish(&self, finishing: &Finishing, beside: &[&str]) -> Result<String> {
        let voice = |voice: &Option<String>| voice.as_ref().map(|voice| voice.trim().to_lowercase());
        let Finishing { coding, loudness, .. } = finishing;
        let jingle = self.jingle.map(content).transpose()?;
        let cover = self.tags.cover.as_deref().map(content).transpose()?;
        let lines = [
            ("voice", voice(&self.voice.voice)),
            ("fast", self.voice.fast.then(|| "yes".to_string())),
            ("speed", Some(self.voice.speed.factor().to_string())),
            ("voice-quotes", voice(&self.quotes.voice_quotes)),
            ("coding", Some(format!("{coding:?}"))),
            ("loudness", Some(format!("{loudness:?}"))),
            ("jingle", jingle),
            ("cover", cover),
            ("announce", Some(format!("{:?}", self.announce.announce))),
            ("announce-before", self.announce.announce_before.as_ref().map(Template::written)),
            ("beside", Some(beside.join(","))),
            // One that was asked for by name is not there because another has the same stories.
            ("file", self.file.as_ref().map(|file| file.to_string_lossy().into_owned())),
        ];
        let set = lines.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", value?)));
        Ok(set.collect::<Vec<_>>().join("\n"))
    }
}

fn content(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|cause| unreadable(path, cause))?;
    Ok(hex(&Fields::of("audio-report file 1").with(&bytes).finish()))
}

/// Makes a digest, unless it is there and nothing about it has changed.
fn make(order: &Order<'_>, cancel: &Cancel) -> anyhow::Result<()> {
    let started = Instant::now();
    let format = order.coded()?;
    let settings = config::file(order.format, order.preset, &MusicArgs::default(), format)?;
    let cast = config::cast(order.voice, order.quotes);
    cast.check()?;
    let captions = Captions::of(order.captions, order.preset);
    let beside: Vec<&str> =
        captions.endings().into_iter().filter(|ending| programme::BESIDE.contains(ending)).collect();
    let jingle =
        Music::load(&MusicFiles { intro: order.jingle.map(Path::to_path_buf), ..MusicFiles::default() })?;
    let tagging = Tagging::of(order.tags)?;
    let wish = order.wish(&settings.finishing, &beside)?;

    let manifest = batch::open(order.folder, order.is_impatient, cancel)?;
    let known = manifest.results()?;
    let today = Date::here(now()).to_string();
    let path = match &order.file {
        Some(file) => within(order.folder, file),
        None => order.folder.join(format!("digest-{today}.{}", format.ending())),
    };
    let source = format!("{DIGEST}{today}:{}", path.file_stem().unwrap_or_default().to_string_lossy());
    let since = now().saturating_sub_unsigned(order.since.as_secs());
    let stories = chosen::stories(&known, since, &today, format.ending());
    if stories.is_empty() {
        if !order.is_quiet() {
            terminal::show(&format!("{}: no new report, and so no digest\n", shown(&path)))?;
        }
        return Ok(manifest.close()?);
    }
    let rundown = rundown(&stories);
    let key = chosen::key(&stories, &rundown, &wish);
    if let Some(same) = known.iter().find(|known| known.is_digest() && known.content.as_deref() == Some(&key))
        && is_whole(&manifest, same)
    {
        let path = same.files.last().map_or(path, |file| order.folder.join(paths::read(&file.name)));
        tell(order, &path, &stories, None)?;
        return Ok(manifest.close()?);
    }
    let before = known.iter().find(|known| known.source == source && known.ending == format.ending());
    let path = match before.filter(|before| !before.files.is_empty()) {
        // Podcast apps fetch no address twice.
        Some(before) if order.file.is_none() && batch::has_podcast(&manifest)? => {
            order.folder.join(format!("digest-{today}-r{}.{}", before.revision + 1, format.ending()))
        }
        _ => path,
    };
    check_own(&manifest, &known, &path, order.format.force)?;

    let finishing = Finishing { may_replace: true, ..settings.finishing };
    let target = Programme::for_file(&path, finishing)?;
    // Sound that is kept can be heard by whoever finds it: not that of headlines whose stories may not be kept.
    let cache = cache::chosen(order.cache, false).filter(|_| order.keeps);
    let cache = if chosen::are_kept(&manifest, &stories)? { cache } else { None };
    let speech = SpeechSettings {
        workers: config::workers(order.voice.jobs, order.work.nice),
        cache: cache.clone(),
        ..config::speech(order.voice, config::lexicon(order.words)?)
    };
    let narrator = cast.obtain(cancel, order.is_quiet())?.load(&speech)?;
    let announcing = Announcing::of(order.announce);
    let joining = Joining {
        manifest: &manifest,
        narrator: &narrator,
        speed: config::voice_speed(order.voice)?,
        jingle: &jingle,
        cancel,
    };
    let sink = target.record(narrator.sample_rate(), None)?;
    let announcements = announcing.for_article(&rundown, narrator.voice());
    let made = joining.join(sink, &rundown, &announcements, &stories)?;
    let title = format!("Digest, {today}");
    let name = headline(&title)?;
    let tags = tagging.of_article(&name.with_date(today.clone()), &Input::Stdin, None);
    let has_music = order.jingle.is_some();
    let metadata = tags.spoken(narrator.voice(), has_music, &made.chapters);
    let go_on = || programme::go_on(cancel);
    let Finished { file, mastered, .. } = target.finish(&metadata, &[], None, &go_on)?;

    let mut parts = made.beside(&path, &beside)?;
    let (file, place) = file.into_part();
    parts.push(Part { file, target: place });
    let guids: Vec<&str> = stories.iter().map(|story| story.known.guid.as_str()).collect();
    let facts = json!({
        "title": title, "lead": rundown.text(), "date": today, "language": "en", "voice": narrator.voice(),
        "seconds": made.seconds, "loudness": mastered, "stories": guids,
    });
    let fresh = Fresh {
        stem: unnamed(&source),
        source,
        ending: format.ending().to_string(),
        stamp: None,
        content: key,
        story: key,
        wish,
        lexicon: key,
        facts: facts.to_string(),
        edition: None,
        text: None,
    };
    manifest.publish(&fresh, parts, true)?;
    batch::finish(manifest)?;
    let told = Told { made: &made, cache: cache.map(|cache| cache.counts()), wall: started.elapsed() };
    tell(order, &path, &stories, Some(&told))
}

/// A file as a path through the folder, if it lies there, however it was written; else its whole path.
fn within(folder: &Path, file: &Path) -> PathBuf {
    let real = |path: &Path| {
        path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf())
    };
    let around = file.parent().filter(|around| !around.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (home, around, name) = (real(folder), real(around), file.file_name().unwrap_or_default());
    match around.strip_prefix(&home) {
        Ok(inner) => folder.join(inner).join(name),
        Err(_) => around.join(name),
    }
}

/// An article of a headline alone, for the tags.
fn headline(title: &str) -> Result<Article> {
    let block = Block { kind: BlockKind::Title, span: Span::new(0, title.len()) };
    Article::new(title.to_string(), vec![block])
}

/// Whether all files of a result are there as they were written.
fn is_whole(manifest: &Manifest, known: &Known) -> bool {
    let is_there = |name: &str, bytes: u64| {
        manifest.folder().join(paths::read(name)).metadata().is_ok_and(|data| data.len() == bytes)
    };
    !known.files.is_empty() && known.files.iter().all(|file| is_there(&file.name, file.bytes))
}

/// Refuses a place where a file stands that is no digest of the folder.
fn check_own(manifest: &Manifest, known: &[Known], path: &Path, may_replace: bool) -> Result<()> {
    let own = path.strip_prefix(manifest.folder()).unwrap_or(path);
    let digests = known.iter().filter(|known| known.is_digest());
    let is_own = digests.flat_map(|known| &known.files).any(|file| paths::read(&file.name) == own);
    wav::check_free(path, may_replace || is_own)
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// What is told of a digest that was made.
struct Told<'a> {
    made: &'a Made,
    cache: Option<(usize, usize)>,
    wall: Duration,
}

fn tell(
    order: &Order<'_>,
    path: &Path,
    stories: &[Story<'_>],
    told: Option<&Told<'_>>,
) -> anyhow::Result<()> {
    let output = path.to_string_lossy().into_owned();
    match order.telling {
        Telling::Nothing => {}
        Telling::Text => {
            let number = match stories.len() {
                1 => "1 story".to_string(),
                number => format!("{number} stories"),
            };
            let Some(Told { made, cache, wall }) = told else {
                terminal::show(&format!("{}: {number}, nothing has changed\n", shown(path)))?;
                return Ok(());
            };
            let wall = wall.as_secs_f64();
            let mut text =
                format!("{}: {number}, {} of sound in {wall:.1} s", shown(path), clock(made.seconds));
            if let Some((kept, spoken)) = cache {
                text.push_str(&format!("; {} spoken, {kept} taken from the cache", count(*spoken, "chunk")));
            }
            text.push('\n');
            if made.from_files > 0 {
                text.push_str(&format!(
                    "  {} taken from finished files: the text is not kept any more\n",
                    count(made.from_files, "report")
                ));
            }
            terminal::show(&text)?;
        }
        Telling::Json | Telling::Events => {
            let titles = stories.iter().map(|story| story.title.clone()).collect();
            let event = Event::Digest {
                output,
                stories: titles,
                audio_seconds: told.map(|told| told.made.seconds),
                is_new: told.is_some(),
            };
            terminal::print_json(&event)?;
        }
    }
    Ok(())
}

impl Made {
    /// The files beside the sound, whole and without names.
    fn beside(&self, sound: &Path, endings: &[&str]) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        for ending in endings {
            let target = sound.with_extension(ending);
            let failed = |cause| wav::failed(&target, cause);
            let Some(text) = self.text(ending) else { continue };
            let file = PendingFile::create(&target).map_err(failed)?;
            file.file().write_all(text.as_bytes()).map_err(failed)?;
            parts.push(Part { file, target });
        }
        Ok(parts)
    }
}
