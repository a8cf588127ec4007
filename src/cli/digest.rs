//! `digest`: the reports of a day in one programme.
//!
//! - `order`: what the options ask for
//! - `kept`: a story as the manifest keeps it
//! - `chosen`: which reports belong to it, and what is said of them first
//! - `narrators`: who speaks a story
//! - `programme`: rundown and stories become one sound with chapters
//! - `whole`: their texts as one, for captions, page and book
//! - `told`: what is said of it
//!
//! A story is spoken again from its kept text, and so comes out of the chunk cache bit for bit: no lossy file is decoded, no announcement
//! and no music of a report stands in the middle, and what is missing in the cache is simply spoken. Only a report whose text is not kept
//! any more is taken from its finished file.

mod chosen;
pub(super) mod kept;
mod narrators;
mod order;
mod programme;
mod told;
mod whole;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use self::chosen::{Story, rundown};
pub(crate) use self::kept::written;
use self::narrators::Narrators;
use self::order::Order;
use self::programme::Joining;
use self::told::{Told, tell, tell_none};
use self::whole::Whole;
use super::announce::Announcing;
use super::args::MakingArgs;
use super::args::common::SpeechArgs;
use super::args::digest::DigestArgs;
use super::captions::Spoken;
use super::config;
use super::input::Input;
use super::outcomes::Telling;
use super::terminal;
use super::{DONE, SOME_FAILED, batch, cache, interrupt};
use crate::article::{Article, Block, BlockKind};
use crate::calendar::{Date, now};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::output::programme::{Finished, Finishing, Programme};
use crate::output::wav;
use crate::report::SpeechSettings;
use crate::store::manifest::{DIGEST, Fresh, Known, Manifest, unnamed};
use crate::store::paths;
use crate::text::Span;

/// Runs `digest`.
pub(crate) fn run(args: &DigestArgs) -> anyhow::Result<u8> {
    if Manifest::look(&args.folder)?.is_none() {
        return Err(Error::new(ErrorKind::Input, "no batch has written this folder")
            .at(Place::file(&args.folder))
            .with_cure(Cure::other("name the folder that a batch had after -o; output if it had none"))
            .into());
    }
    let cancel = interrupt::watch()?;
    make(&Order::of(args, true, Telling::new(args.quiet, args.json))?, &cancel)?;
    Ok(DONE)
}

/// Makes the digest at the end of a run that wants one. `code` is how the run ended.
pub(crate) fn after(making: &MakingArgs, code: u8, cancel: &Cancel) -> anyhow::Result<u8> {
    let is_ended_early = making.fail_fast && code != DONE;
    let Some(file) = making.digest.wanted().filter(|_| !is_ended_early) else { return Ok(code) };
    let args = DigestArgs::after(making, file);
    let order = Order::of(&args, !making.input.ignore_embargo, Telling::of_batch(making));
    match order.map_err(Into::into).and_then(|order| make(&order, cancel)) {
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

/// Makes a digest, unless it is there and nothing about it has changed.
fn make(order: &Order<'_>, cancel: &Cancel) -> anyhow::Result<()> {
    let started = Instant::now();
    let DigestArgs { folder, since, no_wait, .. } = order.args;
    let manifest = batch::open(folder, *no_wait, cancel)?;
    let known = manifest.results()?;
    let today = Date::here(now()).to_string();
    let mut path = order.path(&today);
    let since = now().saturating_sub_unsigned(since.0.as_secs());
    let ending = order.format.ending();
    let stories = chosen::stories(&known, since, &today, ending);
    if stories.is_empty() {
        tell_none(order, &path)?;
        return Ok(manifest.close()?);
    }
    let rundown = rundown(&stories);
    let key = chosen::key(&stories, &rundown, &order.wish);
    if let Some(same) = known.iter().find(|known| known.is_digest() && known.content.as_deref() == Some(&key))
        && is_whole(&manifest, same)
    {
        let path = same.files.last().map_or(path, |file| folder.join(paths::read(&file.name)));
        tell(order, &path, &stories, None)?;
        return Ok(manifest.close()?);
    }
    let source = format!("{DIGEST}{today}:{}", path.file_stem().unwrap_or_default().to_string_lossy());
    let before = known.iter().find(|known| known.source == source && known.ending == ending);
    if let Some(before) = before.filter(|before| !before.files.is_empty())
        && order.args.output.is_none()
        && batch::has_podcast(&manifest)?
    {
        // Podcast apps fetch no address twice.
        path = order.later_path(&today, before.revision + 1);
    }
    check_own(&manifest, &known, &path, order)?;
    // What a folder remembers of its reports is more than a digest needs while it is made.
    drop(known);
    let digest = Digest { order, manifest: &manifest, stories: &stories, today: &today, path: &path };
    let told = digest.publish(&rundown, source, key, cancel)?;
    batch::finish(manifest)?;
    tell(order, &path, &stories, Some(&Told { wall: started.elapsed(), ..told }))
}

/// A digest that is to be made.
struct Digest<'a> {
    order: &'a Order<'a>,
    manifest: &'a Manifest,
    stories: &'a [Story],
    today: &'a str,
    path: &'a Path,
}

impl Digest<'_> {
    /// Speaks it, and puts it with the files beside it into its place.
    fn publish(&self, rundown: &Article, source: String, key: [u8; 32], cancel: &Cancel) -> Result<Told> {
        let Self { order, manifest, stories, today, path } = *self;
        let DigestArgs { speech, form, around, cache, .. } = order.args;
        let SpeechArgs { voice, words, .. } = speech;
        // Sound that is kept can be heard by whoever finds it: not that of headlines whose stories may not be kept.
        let cache = cache::chosen(cache, false).filter(|_| order.keeps);
        let cache = if chosen::are_kept(manifest, stories)? { cache } else { None };
        let settings = SpeechSettings {
            cache: cache.clone(),
            ..config::speech(voice, form.work.nice, config::lexicon(words)?)
        };
        let mut narrators = Narrators::load(order, settings, cancel)?;
        let (narrator, _) = narrators.usual();
        let finishing = Finishing { may_replace: true, ..order.finishing.clone() };
        let music = finishing.music.clone();
        let target = Programme::for_file(path, finishing)?;
        let rate = narrator.sample_rate();
        let sink = target.record(rate, None)?;
        let announcements = Announcing::of(&around.announce).for_article(rundown, narrator.voice());
        let title = format!("Digest, {today}");
        let whole = Whole::new(&title, rate, order.captions.need_words() || music.is_some());
        let joining = Joining { manifest, jingle: &order.jingle, cancel };
        let mut made = joining.join(sink, &mut narrators, rundown, &announcements, stories, whole)?;
        let voices = narrators.voices();
        let heard = made.heard();
        let (lead, tail) = music.map(|music| (music.lead(), music.tail())).unwrap_or_default();
        made.surround(lead, tail);
        let name = headline(&title)?.with_date(today);
        let has_music = order.args.jingle.is_some() || !(lead + tail).is_zero();
        let tags = order.tagging.of_article(&name, &Input::Stdin, None);
        let metadata = tags.spoken(&voices, has_music, &made.chapters);
        let enclosed = order.captions.enclosed();
        let Finished { file, mastered, enclosed } =
            target.finish(&metadata, &heard, enclosed, &|| programme::go_on(cancel))?;

        let samples = |time: Duration| rate.samples(time) as u64;
        let (article, timeline) = made.whole.finish(made.length, samples(lead), samples(tail))?;
        let spoken = Spoken {
            article: &article.with_date(today),
            timeline: &timeline,
            voice: &voices,
            chapters: &made.chapters,
            cover: metadata.cover.as_deref(),
        };
        let prepared = order.captions.prepare(path, &spoken, enclosed.as_ref().unwrap_or(&file), true)?;
        let (parts, captions) = prepared.into_parts(file);
        let seconds = rate.seconds(timeline.length());
        let guids: Vec<&str> = stories.iter().map(|story| story.guid.as_str()).collect();
        let facts = json!({
            "title": title, "lead": rundown.text(), "date": today, "language": "en", "voice": voices,
            "seconds": seconds, "loudness": mastered, "stories": guids,
        });
        let fresh = Fresh {
            number: None,
            stem: unnamed(&source),
            source,
            ending: order.format.ending().to_string(),
            stamp: None,
            content: key,
            story: key,
            wish: order.wish.clone(),
            lexicon: key,
            facts: facts.to_string(),
            edition: None,
            text: None,
        };
        manifest.publish(&fresh, parts, true)?;
        let counts = cache.map(|cache| cache.counts());
        Ok(Told { seconds, from_files: made.from_files, captions, counts, wall: Duration::ZERO })
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

/// Refuses places where files stand that are none of a digest of the folder.
fn check_own(manifest: &Manifest, known: &[Known], path: &Path, order: &Order<'_>) -> Result<()> {
    let digests = known.iter().filter(|known| known.is_digest());
    let own: Vec<PathBuf> =
        digests.flat_map(|known| &known.files).map(|file| paths::read(&file.name)).collect();
    let may_replace = |path: &Path| {
        let place = path.strip_prefix(manifest.folder()).unwrap_or(path);
        order.args.form.file.force || own.iter().any(|own| own == place)
    };
    wav::check_free(path, may_replace(path))?;
    order.captions.check_free(path, &may_replace)
}
