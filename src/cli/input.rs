//! Inputs: standard input, files and addresses become articles.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::archives::{self, Archived};
use super::args::feed::FeedText;
use super::config::STDIN;
use super::source::Source;
use super::stories;
use crate::article::{Article, ReadOptions};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::feed::Entry;
use crate::net::{Fetcher, Sites, is_address, shown};
use crate::output::metadata::cover::Cover;

/// Where an article comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// An address on the web, as it was typed.
    Address(String),
    /// A file within an archive.
    Member {
        /// The archive.
        archive: Archived,
        /// The name in it.
        inner: String,
    },
    /// An article of a feed.
    Entry(Arc<FeedArticle>),
}

/// An article of a feed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FeedArticle {
    /// The feed's own address.
    pub feed: String,
    /// What the feed says of it.
    pub entry: Entry,
    /// Where its text comes from.
    pub text: FeedText,
    /// The group of feeds in which a story is read once.
    pub group: Option<String>,
    /// Whether it is read though another feed of the group had the same story.
    pub keeps_similar: bool,
}

impl FeedArticle {
    /// What tells it from all others.
    pub(crate) fn key(&self) -> String {
        format!("{}#{}", self.feed, self.entry.identity)
    }

    /// What it is called: the address of its page, its headline, or else its feed. A password in an address is left out.
    pub(crate) fn typed(&self) -> String {
        let Self { feed, entry, .. } = self;
        entry.link.as_deref().map(shown).or_else(|| entry.title.clone()).unwrap_or_else(|| shown(feed))
    }

    /// The same without control characters.
    pub(crate) fn name(&self) -> String {
        printable(&self.typed())
    }
}

/// How inputs are read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// What of an article is read.
    pub options: ReadOptions,
    /// Fetches addresses.
    pub fetcher: Arc<Fetcher>,
    /// What sites ask of robots.
    pub sites: Arc<Sites>,
    /// Whether the lead picture of a page is fetched, too.
    pub wants_picture: bool,
    /// Whether a message with several stories is opened rather than refused.
    pub opens_messages: bool,
}

/// An article, and what came with it.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The article.
    pub article: Arc<Article>,
    /// The SHA-256 of the bytes that it was read from.
    pub content: [u8; 32],
    /// The lead picture of a page that was fetched.
    pub picture: Option<Arc<Cover>>,
}

/// What an input brings.
#[derive(Debug)]
pub(crate) enum Brought {
    /// An article.
    Article(Loaded),
    /// A message with several of them.
    Message(Archived),
}

impl Brought {
    /// The article; a message is refused.
    pub(crate) fn article(self, input: &Input) -> Result<Loaded> {
        match self {
            Self::Article(loaded) => Ok(loaded),
            Self::Message(message) => Err(stories::refused(input, &message)),
        }
    }
}

impl Input {
    /// `-` is standard input, and what begins with a scheme an address.
    pub(crate) fn new(path: &Path) -> Self {
        if is_address(path) {
            return Self::Address(path.to_string_lossy().into_owned());
        }
        match Self::local(path) {
            Self::File(path) => match archives::member(&path) {
                Some((archive, inner)) => Self::Member { archive, inner },
                None => Self::File(path),
            },
            other => other,
        }
    }

    /// The same without addresses.
    pub(crate) fn local(path: &Path) -> Self {
        if path.as_os_str() == STDIN { Self::Stdin } else { Self::File(path.to_path_buf()) }
    }

    /// A path that no other input has. That of a file within an archive leads through the archive.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::Stdin => PathBuf::from(STDIN),
            Self::File(path) => path.clone(),
            Self::Address(typed) => PathBuf::from(typed),
            // No address: a feed's address is that of many articles.
            Self::Entry(article) => PathBuf::from(format!("entry:{}", article.key())),
            Self::Member { archive, inner } => archive.path().join(inner),
        }
    }

    /// The name that messages use, without control characters.
    pub(crate) fn name(&self) -> String {
        printable(&self.typed())
    }

    /// The name as it was typed, for JSON. Bytes that are no UTF-8 are replaced, and a password in an address is left out.
    pub(crate) fn typed(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_string(),
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Address(address) => shown(address),
            Self::Entry(article) => article.typed(),
            Self::Member { archive, inner } => format!("{}/{inner}", archive.typed()),
        }
    }

    /// The name as it is typed in a command: signs of an address mean something else to a shell.
    pub(crate) fn quoted(&self) -> String {
        match self {
            Self::Address(_) | Self::Entry(_) => format!("'{}'", self.name().replace('\'', "%27")),
            _ => self.name(),
        }
    }

    /// The article.
    pub(crate) fn article(&self, reading: &Reading) -> Result<Arc<Article>> {
        Ok(self.load(reading)?.article(self)?.article)
    }

    /// The article with what came with it, or a message with several.
    pub(crate) fn load(&self, reading: &Reading) -> Result<Brought> {
        match self {
            Self::Entry(article) => super::feed_text::load(article, reading).map(Brought::Article),
            _ => Source::open(self, &reading.fetcher)?.load(reading),
        }
    }

    /// The same; a wait for it ends as soon as `cancel` is set, because data on standard input may never come, and a server
    /// may be slow.
    pub(crate) fn load_unless(&self, reading: &Reading, cancel: &Cancel) -> Result<Brought> {
        let (sender, receiver) = sync_channel(1);
        let interrupt = sender.clone();
        let (input, settings) = (self.clone(), reading.clone());
        // A caller that gives up leaves the waiting thread alone.
        let thread = thread::Builder::new().name("input".to_string());
        let read = move || {
            let broke_off = |_| {
                Err(Error::new(ErrorKind::Input, "reading the input broke off").at(Place::file(input.name())))
            };
            // The receiver would wait for a thread that is gone.
            sender.send(catch_unwind(AssertUnwindSafe(|| input.load(&settings))).unwrap_or_else(broke_off))
        };
        thread.spawn(read).map_err(|cause| {
            Error::new(ErrorKind::Input, "no thread can be started that reads the input")
                .at(Place::file(self.name()))
                .because(cause)
                .with_cure(Cure::FreeProcesses)
        })?;
        let _woken = cancel.on_cancel(move || drop(interrupt.try_send(Err(interrupted()))));
        match receiver.recv() {
            Ok(brought) if !cancel.is_cancelled() => brought,
            _ => Err(interrupted()),
        }
    }
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}
