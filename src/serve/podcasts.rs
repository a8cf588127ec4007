//! Folders of the daily news as podcasts: each at a path that nobody guesses, because apps of podcasts send no tokens.
//!
//! The secret of a path lies in the folder itself, so that it is the same after a restart, and wherever the folder is moved to.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::PendingFile;

/// Begins the paths of all podcasts.
pub(super) const BEGIN: &str = "/podcast/";
/// The feed of a folder.
const FEED: &str = "podcast.xml";
/// Where the secret lies, in the folder that holds what a batch remembers.
const PLACE: [&str; 2] = [".audio-report", "podcast-secret"];
/// Random bytes of a secret.
const RANDOM: usize = 16;
/// Its characters.
const LENGTH: usize = 22;

/// The podcasts of a server.
#[derive(Debug, Default)]
pub(crate) struct Podcasts(Vec<Podcast>);

/// A folder with a feed.
#[derive(Debug)]
pub(crate) struct Podcast {
    folder: PathBuf,
    secret: String,
    /// The hash of the secret: how long two of these take to be compared tells nothing of it.
    hash: [u8; 32],
}

impl Podcasts {
    /// The podcasts of these folders; one without a secret gets one.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when something is no folder, and [`ErrorKind::Output`] when a secret can't be kept.
    pub(crate) fn open(folders: &[PathBuf]) -> Result<Self> {
        folders.iter().map(|folder| Podcast::open(folder)).collect::<Result<_>>().map(Self)
    }

    /// Each of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Podcast> {
        self.0.iter()
    }

    /// The one with this secret.
    pub(super) fn find(&self, secret: &str) -> Option<&Podcast> {
        let hash = hash_of(secret);
        self.0.iter().find(|podcast| podcast.hash == hash)
    }
}

impl Podcast {
    fn open(folder: &Path) -> Result<Self> {
        let found = fs::canonicalize(folder).and_then(|path| Ok((fs::metadata(&path)?.is_dir(), path)));
        let wrong = || {
            Error::new(ErrorKind::Usage, "this is no folder with a podcast")
                .at(Place::file(folder))
                .with_cure(Cure::CheckFile)
        };
        let folder = match found {
            Ok((true, path)) => path,
            Ok((false, _)) => return Err(wrong()),
            Err(cause) => return Err(wrong().because(cause)),
        };
        let place = folder.join(PLACE[0]).join(PLACE[1]);
        let secret = secret_at(&place).map_err(|cause| {
            Error::new(ErrorKind::Output, "the secret of a podcast's address can't be kept")
                .at(Place::file(&place))
                .because(cause)
                .with_cure(Cure::MakeFolderWritable)
        })?;
        Ok(Self { hash: hash_of(&secret), folder, secret })
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where its secret lies.
    pub(crate) fn place(&self) -> PathBuf {
        self.folder.join(PLACE[0]).join(PLACE[1])
    }

    /// The path of its feed on the server.
    pub(crate) fn path(&self) -> String {
        format!("{BEGIN}{}/{FEED}", self.secret)
    }

    /// Whether there is a feed.
    pub(crate) fn has_feed(&self) -> bool {
        self.folder.join(FEED).is_file()
    }

    /// The file of a name, if it is one of the podcast: neither hidden nor anywhere else.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        let is_fair =
            |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0', ':']);
        if !name.split('/').all(is_fair) {
            return None;
        }
        // A link may lead elsewhere.
        let path = fs::canonicalize(self.folder.join(name)).ok()?;
        path.starts_with(&self.folder).then_some(path)
    }
}

/// The media type of a file that a podcast has; others are none of it.
pub(super) fn media_type(name: &str) -> Option<&'static str> {
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match ending.as_str() {
        "xml" => "application/rss+xml; charset=utf-8",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/x-m4a",
        "opus" => "audio/ogg",
        "flac" => "audio/flac",
        "wav" => "audio/wav",
        "vtt" => "text/vtt; charset=utf-8",
        "srt" => "application/x-subrip; charset=utf-8",
        "json" if name.ends_with(".chapters.json") => "application/json+chapters",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "epub" => "application/epub+zip",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        _ => return None,
    })
}

fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// The secret that lies there, or a new one.
fn secret_at(place: &Path) -> io::Result<String> {
    match fs::File::open(place) {
        Ok(file) => {
            let mut text = String::new();
            file.take(LENGTH as u64 * 2).read_to_string(&mut text)?;
            let is_whole = text.trim_end().len() == LENGTH
                && text.trim_end().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            if is_whole { Ok(text.trim_end().to_owned()) } else { new_secret(place) }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => new_secret(place),
        Err(error) => Err(error),
    }
}

fn new_secret(place: &Path) -> io::Result<String> {
    let mut random = [0; RANDOM];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let secret = URL_SAFE_NO_PAD.encode(random);
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let pending = PendingFile::create(place)?;
    #[cfg(unix)]
    pending.file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    pending.file().write_all(format!("{secret}\n").as_bytes())?;
    pending.commit(true)?;
    Ok(secret)
}

/// A feed as it is seen from another address than the one that it was written for: apps follow the addresses in it. Names of episodes
/// (`guid`) stay, and so does a feed that says no address of its own.
pub(super) fn seen_from(feed: &str, base: &str) -> String {
    let Some(written) = written_for(feed).filter(|written| *written != base) else { return feed.to_owned() };
    let base = base.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    // Addresses stand in attributes, and the one of the page in an element.
    feed.replace(&format!("=\"{written}"), &format!("=\"{base}"))
        .replace(&format!("<link>{written}"), &format!("<link>{base}"))
}

/// The address of its folder for which a feed was written.
fn written_for(feed: &str) -> Option<&str> {
    let links = feed.split("<atom:link").skip(1).filter_map(|rest| rest.split('>').next());
    let own = links.into_iter().find(|link| link.contains("rel=\"self\""))?;
    let address = own.split("href=\"").nth(1)?.split('"').next()?;
    address.rfind('/').map(|end| &address[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_secret_stays_and_a_damaged_one_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Podcasts::open(&[folder.path().to_path_buf()]).unwrap();
        let first = open().0[0].secret.clone();
        assert_eq!(first.len(), LENGTH);
        assert_eq!(open().0[0].secret, first);
        let podcasts = open();
        assert!(
            podcasts.find(&first).is_some()
                && podcasts.find("").is_none()
                && podcasts.find(&first[1..]).is_none()
        );
        fs::write(podcasts.0[0].place(), &first[..9]).unwrap();
        assert_ne!(open().0[0].secret, first);
        let gone = Podcasts::open(&[folder.path().join("gone")]).unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::Usage);
    }

    #[test]
    fn only_what_a_podcast_shows_is_a_file_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("news");
        fs::create_dir_all(inner.join("day")).unwrap();
        for name in ["podcast.xml", "day/a.mp3", ".hidden", "../beside.mp3"] {
            fs::write(inner.join(name), "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("../beside.mp3", inner.join("link.mp3")).unwrap();
        let podcasts = Podcasts::open(&[inner]).unwrap();
        let rows = [
            ("podcast.xml", true),
            ("day/a.mp3", true),
            ("day/../podcast.xml", false),
            ("../beside.mp3", false),
            ("link.mp3", false),
            (".hidden", false),
            (".audio-report/podcast-secret", false),
            ("day/", false),
            ("/etc/passwd", false),
            ("gone.mp3", false),
            ("", false),
        ];
        each(rows, |(name, is_there)| {
            assert_eq!(podcasts.0[0].file(name).is_some(), is_there, "{name}");
        });
        each(
            [("a.MP3", true), ("a.b.vtt", true), ("a.sqlite", false), ("tokens", false)],
            |(name, is_shown)| {
                assert_eq!(media_type(name).is_some(), is_shown, "{name}");
            },
        );
    }

    #[test]
    fn a_feed_leads_where_it_is_asked_for() {
        let feed = "<rss><channel><atom:link href=\"https://a.example/p/podcast.xml\" rel=\"self\"/><link>https://a.example/p/index.html</link>\
                    <item><guid isPermaLink=\"false\">https://a.example/p/1</guid><enclosure url=\"https://a.example/p/1.mp3\" length=\"5\"/>\
                    <link>https://paper.example/1</link></item></channel></rss>";
        let seen = seen_from(feed, "http://10.0.0.2:8880/podcast/s/");
        assert_eq!(seen.matches("http://10.0.0.2:8880/podcast/s/").count(), 3, "{seen}");
        assert!(seen.contains("<guid isPermaLink=\"false\">https://a.example/p/1</guid>"), "{seen}");
        assert!(seen.contains("<link>https://paper.example/1</link>"), "{seen}");
        assert_eq!(seen_from(feed, "https://a.example/p/"), feed);
        assert_eq!(seen_from("<rss/>", "http://b.example/"), "<rss/>");
    }
}
