//! The podcast of a folder: its feed, its page and its cover, made of what the folder's manifest remembers and of nothing else.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::args::podcast::MakeArgs;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::PendingFile;
use crate::hash::{Fields, hex};
use crate::net::Address;
use crate::output::wav;
use crate::podcast::clean::Secrets;
use crate::podcast::day::{self, Day, Report};
use crate::podcast::guid::Guid;
use crate::podcast::show::{
    Alternate, Base, Enclosure, Episode, Image, Owner, Person, Rights, Show, Transcript,
};
use crate::podcast::{artwork, cover, write};
use crate::store::manifest::{Known, KnownFile, Manifest, State};
use crate::store::paths;

/// The feed in a folder.
pub(super) const FEED: &str = "podcast.xml";
/// The page that lists all reports.
const INDEX: &str = "index.html";
/// The name of the show in the manifest.
const SETTING: &str = "show";
/// Digits of a cover's name: a new picture has a new name, or apps keep the old one.
const COVER_DIGITS: usize = 8;

/// What is said of a show, as the manifest keeps it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Kept {
    /// Given once.
    guid: String,
    title: String,
    base_url: String,
    description: String,
    author: Option<String>,
    email: Option<String>,
    language: String,
    category: String,
    copyright: Option<String>,
    rights: KeptRights,
    is_explicit: bool,
    most_items: usize,
    /// The name of its file.
    cover: Option<String>,
}

/// Whose the texts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeptRights {
    /// Nobody said so: the feed is for its maker alone
    #[default]
    Private,
    /// They are the maker's own
    Own,
    /// They are licensed to the maker
    Licensed,
}

impl From<KeptRights> for Rights {
    fn from(rights: KeptRights) -> Self {
        match rights {
            KeptRights::Private => Self::Unknown,
            KeptRights::Own => Self::Own,
            KeptRights::Licensed => Self::Licensed,
        }
    }
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    /// Episodes in the feed.
    pub episodes: usize,
    /// Reports without a sound that podcast apps play.
    pub left_out: usize,
}

impl Kept {
    /// Whether nobody has said whose the texts are.
    pub(crate) fn is_private(&self) -> bool {
        self.rights == KeptRights::Private
    }

    /// The show of a folder, if it has one.
    pub(super) fn of(manifest: &Manifest) -> Result<Option<Self>> {
        Ok(manifest.setting(SETTING)?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// A show as the options say, and where they say nothing as it was before. What a show must have is asked for.
    pub(super) fn with(before: Option<Self>, args: &MakeArgs, folder: &Path) -> Result<Self> {
        let missing = |what: &str, cure: &str| {
            Error::new(ErrorKind::Usage, format!("the podcast has no {what} yet"))
                .with_cure(Cure::other(format!("give it once: {cure}")))
        };
        let before = before.unwrap_or_default();
        let kept = |given: &Option<String>, before: &str| given.clone().unwrap_or_else(|| before.to_string());
        let title = kept(&args.title, &before.title);
        if title.trim().is_empty() {
            return Err(missing("title", "--title NAME"));
        }
        let base_url = kept(&args.base_url, &before.base_url);
        if base_url.is_empty() {
            return Err(missing(
                "address",
                "--base-url https://…, the folder in which its files will be on the web",
            ));
        }
        let base = base(&base_url)?;
        // Of the first address, for ever.
        let guid =
            if before.guid.is_empty() { Guid::of_feed(&base.of(FEED)).to_string() } else { before.guid };
        let usual = |text: String, usual: &str| if text.is_empty() { usual.to_string() } else { text };
        let cover = match &args.cover {
            Some(file) => Some(take_cover(file, folder)?),
            None => before.cover.filter(|name| folder.join(name).is_file()),
        };
        Ok(Self {
            guid,
            description: usual(
                kept(&args.description, &before.description),
                &format!("{title}, read by AI."),
            ),
            author: args.author.clone().or(before.author),
            email: args.email.clone().or(before.email),
            language: usual(kept(&args.language, &before.language), "en"),
            category: usual(kept(&args.category, &before.category), "News > Daily News"),
            copyright: args.copyright.clone().or(before.copyright),
            rights: args.rights.unwrap_or(before.rights),
            is_explicit: args.explicit.unwrap_or(before.is_explicit),
            most_items: args.max_items.unwrap_or(if before.most_items == 0 {
                300
            } else {
                before.most_items
            }),
            cover,
            title,
            base_url,
        })
    }

    /// Writes feed, page and cover, and remembers the show.
    pub(super) fn make(mut self, manifest: &Manifest) -> Result<Made> {
        let folder = manifest.folder();
        if self.cover.is_none() {
            let failed = |cause| wav::failed(&folder.join("cover.png"), cause);
            let picture = cover::draw(&self.title, self.author.as_deref()).map_err(failed)?;
            self.cover = Some(put_cover(&picture, "png", folder)?);
        }
        let results = manifest.results()?;
        let (mut episodes, left_out) = episodes(&results);
        // Whoever says that the texts are theirs says so of the whole folder.
        for episode in &mut episodes {
            episode.is_ours = !self.is_private();
        }
        let secrets = Secrets::new(manifest.feeds()?.into_iter().map(|feed| feed.address));
        let show = self.show(secrets.clone())?;
        let feed = write::feed(&show, &episodes)?;
        let page = day::page(&self.day(&episodes, secrets))
            .map_err(|cause| wav::failed(&folder.join(INDEX), cause))?;
        manifest.set_setting(SETTING, &serde_json::to_string(&self).unwrap_or_default())?;
        put(&folder.join(INDEX), &page)?;
        put(&folder.join(FEED), &feed)?;
        Ok(Made { episodes: episodes.len().min(self.most_items), left_out })
    }

    fn show(&self, secrets: Secrets) -> Result<Show> {
        let guid = Guid::parse(&self.guid).unwrap_or_else(|| Guid::of_feed(&self.base_url));
        let mut category = self.category.split('>').map(|part| part.trim().to_string());
        let main = category.next().unwrap_or_default();
        let owner = self.email.as_ref().map(|email| Owner {
            name: self.author.clone().unwrap_or_else(|| self.title.clone()),
            email: email.clone(),
        });
        Ok(Show {
            author: self.author.clone(),
            owner,
            category: (main, category.next()),
            is_explicit: self.is_explicit,
            copyright: self.copyright.clone(),
            cover: self.cover.clone().map(|file| Image { file, is_ours: true }),
            rights: self.rights.into(),
            most_items: self.most_items,
            secrets,
            ..Show::new(guid, base(&self.base_url)?, &self.title, &self.description, &self.language)
        })
    }

    fn day(&self, episodes: &[Episode], secrets: Secrets) -> Day {
        let mut listed: Vec<&Episode> = episodes.iter().collect();
        listed.sort_by(|one, other| {
            other.published.cmp(&one.published).then_with(|| one.guid.cmp(&other.guid))
        });
        let report = |episode: &&Episode| {
            let sounds =
                std::iter::once(&episode.enclosure).chain(episode.alternates.iter().map(|of| &of.enclosure));
            let names: Vec<&str> = episode.persons.iter().map(|person| person.name.as_str()).collect();
            Report {
                title: episode.title.clone(),
                byline: Some(names.join(" and ")).filter(|names| !names.is_empty()),
                description: episode.description.clone(),
                language: episode.language.clone(),
                duration: episode.duration,
                sounds: sounds.map(|sound| (sound.file.clone(), sound.media_type.clone())).collect(),
                page: episode.page.clone(),
                link: episode.link.clone(),
            }
        };
        Day {
            title: self.title.clone(),
            date: None,
            language: self.language.clone(),
            feed: Some(FEED.to_string()),
            rights: self.rights.into(),
            is_synthetic: true,
            reports: listed.iter().take(self.most_items).map(report).collect(),
            secrets,
        }
    }
}

/// The folder's address on the web.
pub(crate) fn base(text: &str) -> Result<Base> {
    let address = Address::parse(text).map_err(|fault| fault.at(text))?;
    Base::new(&address).ok_or_else(|| {
        Error::new(ErrorKind::Usage, "this is no address of a folder")
            .at(Place::file(text))
            .with_cure(Cure::other("give --base-url without a question mark: https://host/folder/"))
    })
}

/// The episodes of all results, one an article, and the number of those that have no sound for podcasts.
pub(super) fn episodes(results: &[Known]) -> (Vec<Episode>, usize) {
    // A digest may lie elsewhere.
    let is_here = |known: &Known| known.files.iter().all(|file| paths::read(&file.name).is_relative());
    let published = |known: &&Known| known.state == State::Published && is_here(known);
    let mut episodes = Vec::new();
    let mut left_out = 0;
    for known in results.iter().filter(published).filter(|known| known.ending == "mp3") {
        episodes.extend(episode(known, results));
    }
    for known in results.iter().filter(published).filter(|known| known.ending != "mp3") {
        left_out += usize::from(!episodes.iter().any(|episode: &Episode| episode.guid == known.guid));
    }
    (episodes, left_out)
}

fn episode(known: &Known, results: &[Known]) -> Option<Episode> {
    let facts: Value = serde_json::from_str(&known.facts).ok()?;
    let text =
        |key: &str| facts[key].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_string);
    let seconds = |time: i64| UNIX_EPOCH + Duration::from_secs(time.max(0).unsigned_abs());
    let published: SystemTime = known.published.map_or(UNIX_EPOCH, seconds);
    let (sound, beside) = known.files.split_last()?;
    let enclosure = enclosure(sound, "audio/mpeg");
    let duration = facts["seconds"].as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let duration = duration.unwrap_or_default();
    let title = text("title").unwrap_or_else(|| known.stem.clone());
    let mut episode =
        Episode::new(&format!("urn:uuid:{}", known.guid), &title, published, enclosure, duration);
    episode.description = text("lead").unwrap_or_default();
    episode.link = text("link");
    let names = text("byline").unwrap_or_default();
    let person = |name: &str| Person {
        name: name.trim().to_string(),
        role: Some("author".to_string()),
        group: Some("writing".to_string()),
        link: None,
    };
    episode.persons = names.split(" and ").filter(|name| !name.trim().is_empty()).map(person).collect();
    for file in beside {
        let name = path_of(file);
        let transcript = |media_type: &str, is_captions| Transcript {
            file: name.clone(),
            media_type: media_type.to_string(),
            language: None,
            is_captions,
        };
        let is = |ending: &str| name.ends_with(ending);
        if is(".vtt") {
            episode.transcripts.push(transcript("text/vtt", true));
        } else if is(".srt") {
            episode.transcripts.push(transcript("application/x-subrip", true));
        } else if is(".transcript.json") {
            episode.transcripts.push(transcript("application/json", false));
        } else if is(".chapters.json") {
            episode.chapters = Some(name);
        } else if is(".html") {
            episode.page = Some(name);
        }
    }
    let is_opus = |other: &&Known| {
        other.guid == known.guid && other.ending == "opus" && other.state == State::Published
    };
    let opus = results.iter().find(is_opus).and_then(|other| other.files.last());
    episode.alternates.extend(opus.map(|file| Alternate {
        enclosure: self::enclosure(file, "audio/ogg"),
        bitrate: None,
        title: "Opus".to_string(),
    }));
    Some(episode)
}

fn enclosure(file: &KnownFile, media_type: &str) -> Enclosure {
    Enclosure { file: path_of(file), bytes: file.bytes, media_type: media_type.to_string() }
}

fn path_of(file: &KnownFile) -> String {
    paths::read(&file.name).to_string_lossy().replace('\\', "/")
}

/// Takes a picture that podcast apps take.
fn take_cover(file: &Path, folder: &Path) -> Result<String> {
    let bytes = fs::read(file).map_err(|cause| super::config::unreadable(file, cause))?;
    artwork::accept(&bytes, file)?;
    let ending = if bytes.starts_with(b"\x89PNG") { "png" } else { "jpg" };
    put_cover(&bytes, ending, folder)
}

fn put_cover(bytes: &[u8], ending: &str, folder: &Path) -> Result<String> {
    let digits = hex(&Fields::of("audio-report cover 1").with(bytes).finish());
    let name = format!("cover-{}.{ending}", &digits[..COVER_DIGITS]);
    put(&folder.join(&name), bytes)?;
    Ok(name)
}

/// Writes a file, but only where its bytes differ from those that are there.
fn put(path: &PathBuf, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let failed = |cause| wav::failed(path, cause);
    let pending = PendingFile::create(path).map_err(failed)?;
    pending.file().write_all(bytes).map_err(failed)?;
    pending.commit(true).map_err(failed)
}
