//! The files that a feed names: in its folder, or on the web.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::net::{Address, Answer, Fetcher, Request, Wanted};
use crate::output::metadata::cover::LARGEST;

/// What is seen of a file of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Nobody looked, or could.
    Unseen,
    /// It can't be had.
    Missing(String),
    /// It lies in the feed's folder.
    File {
        /// Its length.
        bytes: u64,
    },
    /// A server answers for it.
    Served {
        /// The length that the server says.
        bytes: Option<u64>,
        /// The type that the server says.
        media_type: Option<String>,
        /// Whether it sends parts.
        has_ranges: bool,
    },
}

/// What is seen of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// Nobody looked, or could.
    Unseen,
    /// It can't be had.
    Missing(String),
    /// All of it.
    Bytes(Vec<u8>),
}

/// Where the files of a feed are looked for. `base` is the address that the feed says it has.
pub(crate) trait Around {
    /// The address from which the feed was fetched.
    fn address(&self) -> Option<&Address> {
        None
    }

    /// A file of sound.
    fn sound(&self, address: &Address, base: Option<&Address>) -> Sound;

    /// A picture.
    fn picture(&self, address: &Address, base: Option<&Address>) -> Picture;
}

/// Nothing is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nothing;

impl Around for Nothing {
    fn sound(&self, _: &Address, _: Option<&Address>) -> Sound {
        Sound::Unseen
    }

    fn picture(&self, _: &Address, _: Option<&Address>) -> Picture {
        Picture::Unseen
    }
}

/// The folder in which a feed lies. A file that is not there is unseen: it may be on the server only.
#[derive(Clone, Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    fn path(&self, address: &Address, base: Option<&Address>) -> Option<PathBuf> {
        let relative = within(address, base?)?;
        let path = self.0.join(relative);
        path.is_file().then_some(path)
    }
}

/// The path of a file below the folder of the feed.
fn within(address: &Address, base: &Address) -> Option<PathBuf> {
    let folder = &base.as_str()[..=base.as_str().split(['?', '#']).next()?.rfind('/')?];
    let rest = address.as_str().strip_prefix(folder)?.split(['?', '#']).next()?;
    let mut path = PathBuf::new();
    for segment in rest.split('/') {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        // A name that leads elsewhere is none of a file of this folder.
        let is_name =
            !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', ':', '\0']);
        path.push(is_name.then_some(&*name)?);
    }
    Some(path)
}

impl Around for Folder {
    fn sound(&self, address: &Address, base: Option<&Address>) -> Sound {
        let Some(path) = self.path(address, base) else { return Sound::Unseen };
        match fs::metadata(&path) {
            Ok(file) => Sound::File { bytes: file.len() },
            Err(cause) => Sound::Missing(format!("{} can't be read: {cause}", shown(&path))),
        }
    }

    fn picture(&self, address: &Address, base: Option<&Address>) -> Picture {
        let Some(path) = self.path(address, base) else { return Picture::Unseen };
        let read = fs::metadata(&path).and_then(|file| {
            // One byte more shows that it is too large, and the rest is of no use.
            let most = (LARGEST as u64 + 1).min(file.len()) as usize;
            let mut bytes = vec![0; most];
            std::io::Read::read_exact(&mut fs::File::open(&path)?, &mut bytes).map(|()| bytes)
        });
        match read {
            Ok(bytes) => Picture::Bytes(bytes),
            Err(cause) => Picture::Missing(format!("{} can't be read: {cause}", shown(&path))),
        }
    }
}

fn shown(path: &Path) -> String {
    crate::error::printable(&path.to_string_lossy())
}

/// The servers of a feed's files.
#[derive(Debug)]
pub(crate) struct Web<'a> {
    fetcher: &'a Fetcher,
    /// Where the feed itself is.
    address: Option<Address>,
    /// So many files of sound are still asked for.
    left: Cell<usize>,
}

impl<'a> Web<'a> {
    /// Asks for the first `sounds` files of sound, and for pictures where it asks for any.
    pub(crate) fn new(fetcher: &'a Fetcher, address: Option<Address>, sounds: usize) -> Self {
        Self { fetcher, address, left: Cell::new(sounds) }
    }

    fn request(&self, address: &Address, base: Option<&Address>, wanted: Wanted) -> Request {
        // A sign-in goes with the feed's own origin only.
        let page = self.address.as_ref().or(base).cloned();
        Request { wanted, page, ..Request::new(address.clone()) }
    }
}

impl Around for Web<'_> {
    fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    fn sound(&self, address: &Address, base: Option<&Address>) -> Sound {
        let Some(left) = self.left.get().checked_sub(1) else { return Sound::Unseen };
        self.left.set(left);
        match self.fetcher.head(&self.request(address, base, Wanted::Sound)) {
            Ok(head) => {
                Sound::Served { bytes: head.bytes, media_type: head.media_type, has_ranges: head.has_ranges }
            }
            Err(fault) => Sound::Missing(fault.to_string()),
        }
    }

    fn picture(&self, address: &Address, base: Option<&Address>) -> Picture {
        if self.left.get() == 0 {
            return Picture::Unseen;
        }
        match self.fetcher.get(&self.request(address, base, Wanted::Picture)) {
            Ok(Answer::Fresh(picture)) => Picture::Bytes(picture.bytes),
            Ok(Answer::Unchanged) => Picture::Unseen,
            Err(fault) => Picture::Missing(fault.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn files_are_looked_for_below_the_feed_only() {
        let base = Address::parse("https://a.example/news/podcast.xml?x=/1").unwrap();
        let rows = [
            ("https://a.example/news/2026-11-18/a%20b.mp3", Some("2026-11-18/a b.mp3")),
            ("https://a.example/news/a.mp3?v=2", Some("a.mp3")),
            ("https://a.example/a.mp3", None),
            ("https://b.example/news/a.mp3", None),
            ("https://a.example/news/%2e%2e/%2e%2e/a.mp3", None),
            ("https://a.example/news/..%2fa.mp3", None),
            ("https://a.example/news/..%5ca.mp3", None),
            ("https://a.example/news//etc/passwd", None),
            ("https://a.example/news/C%3Aa.mp3", None),
            ("https://a.example/news/", None),
        ];
        each(rows, |(address, want)| {
            let address = Address::parse(address).unwrap();
            assert_eq!(within(&address, &base), want.map(PathBuf::from), "{address}");
        });
    }
}
