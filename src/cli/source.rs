//! The bytes of an input, from one handle: a pipe gives them once.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::config::unreadable;
use super::input::{Brought, Input, Loaded, Reading};
use super::{stories, web};
use crate::article::read_article;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::magic::{self, HEAD};
use crate::net::{Fetched, Fetcher};

/// Larger inputs are refused: no article has a hundred million letters.
const LARGEST_INPUT: u64 = 256 << 20;

/// An input that is open.
pub(crate) struct Source {
    input: Input,
    /// The first bytes.
    head: Vec<u8>,
    /// The rest.
    rest: Box<dyn Read + Send + Sync>,
    /// What was fetched, without its bytes.
    page: Option<Fetched>,
}

impl Source {
    /// Opens an input and reads how it begins; a page is fetched as a whole.
    pub(crate) fn open(input: &Input, fetcher: &Fetcher) -> Result<Self> {
        let mut page = None;
        let mut rest: Box<dyn Read + Send + Sync> = match input {
            Input::Address(typed) => {
                let mut answer = web::fetch(typed, fetcher)?;
                let bytes = std::mem::take(&mut answer.bytes);
                page = Some(answer);
                Box::new(Cursor::new(bytes))
            }
            Input::Stdin => Box::new(io::stdin()),
            // Its text comes from the feed or from its page, see `feed_text`.
            Input::Entry(_) => Box::new(io::empty()),
            Input::Member { archive, inner } => Box::new(Cursor::new(archive.bytes(inner)?)),
            Input::File(path) => {
                if path.is_dir() {
                    return Err(Error::new(ErrorKind::Input, "this is a folder, not an article")
                        .at(Place::file(path))
                        .with_cure(Cure::other(format!(
                            "read all articles in it: audio-report batch {}",
                            input.name()
                        ))));
                }
                Box::new(File::open(path).map_err(|cause| unreadable(path, cause))?)
            }
        };
        let mut head = Vec::new();
        let read = rest.by_ref().take(HEAD as u64).read_to_end(&mut head);
        read.map_err(|cause| failed(input, cause))?;
        Ok(Self { input: input.clone(), head, rest, page })
    }

    /// Whether it begins like a sound file.
    pub(crate) fn is_sound(&self) -> bool {
        magic::of(&self.head).is_some_and(|kind| kind.is_sound)
    }

    /// All of it, as it comes.
    pub(crate) fn into_reader(self) -> impl Read + Send + Sync + 'static {
        Cursor::new(self.head).chain(self.rest)
    }

    /// All bytes.
    pub(crate) fn bytes(self) -> Result<Vec<u8>> {
        let Self { input, head: mut bytes, rest, .. } = self;
        let left = LARGEST_INPUT + 1 - bytes.len() as u64;
        rest.take(left).read_to_end(&mut bytes).map_err(|cause| failed(&input, cause))?;
        if bytes.len() as u64 > LARGEST_INPUT {
            return Err(Error::new(ErrorKind::Input, "the input is larger than 256 MiB; that is no article")
                .at(Place::file(input.name())));
        }
        Ok(bytes)
    }

    /// All bytes, and what a site said of them where they were fetched.
    #[cfg(feature = "cluster")]
    pub(crate) fn whole(mut self) -> Result<(Vec<u8>, Option<Fetched>)> {
        let page = self.page.take();
        Ok((self.bytes()?, page))
    }

    /// The article, or a message with several where these are opened.
    pub(crate) fn load(mut self, reading: &Reading) -> Result<Brought> {
        let (page, input) = (self.page.take(), self.input.clone());
        let bytes = self.bytes()?;
        let message = stories::of(&input, &bytes);
        if let Some(message) = message.as_ref().filter(|_| reading.opens_messages) {
            return Ok(Brought::Message(message.clone()));
        }
        // All but one of them may be no texts.
        let loaded = article(bytes, page, &input.name(), reading);
        loaded.map(Brought::Article).map_err(|error| match &message {
            Some(message) if error.cure() == Some(&Cure::SplitStories) => stories::refused(&input, message),
            _ => error,
        })
    }
}

/// The article in the bytes of an input; `page` is what was fetched, without them.
fn article(bytes: Vec<u8>, page: Option<Fetched>, name: &str, reading: &Reading) -> Result<Loaded> {
    let content = Sha256::digest(&bytes).into();
    match page {
        Some(page) => {
            let (article, picture) = web::load(Fetched { bytes, ..page }, name, reading)?;
            Ok(Loaded { article, content, picture })
        }
        None => {
            let article = Arc::new(read_article(&bytes, name, &reading.options)?);
            Ok(Loaded { article, content, picture: None })
        }
    }
}

fn failed(input: &Input, cause: io::Error) -> Error {
    match input {
        Input::Stdin => Error::new(ErrorKind::Input, "standard input can't be read")
            .because(cause)
            .with_cure(Cure::other("pipe an article's text in, or name its file")),
        Input::File(path) => unreadable(path, cause),
        Input::Address(_) | Input::Entry(_) | Input::Member { .. } => {
            unreadable(input.name().as_ref(), cause)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn fetcher() -> Fetcher {
        Fetcher::new(crate::net::Options::default(), crate::cancel::Cancel::new())
    }

    #[test]
    fn the_head_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        let rows = [
            (Vec::new(), false),
            (b"Ministers met.".to_vec(), false),
            (b"Ministers met.".repeat(100), false),
            ([b"RIFF....WAVEfmt ".to_vec(), vec![0; 1000]].concat(), true),
        ];
        each(rows, |(content, is_sound)| {
            std::fs::write(&path, &content).unwrap();
            let open = || Source::open(&Input::new(&path), &fetcher()).unwrap();
            assert_eq!(open().is_sound(), is_sound, "{content:?}");
            assert_eq!(open().bytes().unwrap(), content);
            let mut read = Vec::new();
            open().into_reader().read_to_end(&mut read).unwrap();
            assert_eq!(read, content);
        });
        assert!(Source::open(&Input::new(&folder.path().join("missing")), &fetcher()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_once() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"Ministers met on Monday.").unwrap();
        drop(writer);
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let source = Source::open(&Input::new(path.as_ref()), &fetcher()).unwrap();
        assert!(!source.is_sound());
        assert_eq!(source.bytes().unwrap(), b"Ministers met on Monday.");
    }
}
