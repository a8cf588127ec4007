//! Messages with several stories, in files and within archives: each story stands for itself, and all of them come out of one reading.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::super::config::unreadable;
use crate::article::newsroom::parts::Part;
use crate::article::newsroom::{self, parts};
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// Length and time of change of a file; `None` where the system doesn't tell.
pub(super) type Version = Option<(u64, SystemTime)>;

/// The message whose stories were asked for last. Without it, each of ten thousand stories would have the whole message read again.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastMessage(Arc<Mutex<Option<Opened>>>);

/// A message that was read.
#[derive(Debug)]
struct Opened {
    /// Its name within an archive; of a file, none.
    name: String,
    /// That of the file it was in.
    version: Version,
    stories: Arc<[Part]>,
}

/// What was read of an archive does not tell it from others.
impl PartialEq for LastMessage {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for LastMessage {}

impl LastMessage {
    /// The stories of a message, which is read unless it was read last and its file is as it was then.
    pub(super) fn stories(
        &self,
        name: &str,
        version: Version,
        read: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Arc<[Part]>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known =
            |opened: &&Opened| opened.name == name && version.is_some() && opened.version == version;
        if let Some(opened) = last.as_ref().filter(is_known) {
            return Ok(opened.stories.clone());
        }
        let stories: Arc<[Part]> = parts::of_message(&read()?).into();
        *last = Some(Opened { name: name.to_owned(), version, stories: stories.clone() });
        Ok(stories)
    }
}

/// That of a file now. It is asked for before the file is read: what changes meanwhile is read again.
pub(super) fn version(path: &Path) -> Version {
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// The document of one story.
pub(super) fn one_of(stories: &[Part], story: &str, name: &str) -> Result<Vec<u8>> {
    let part = stories.iter().find(|part| part.name == story);
    part.map(|part| part.text.clone().into_bytes()).ok_or_else(|| {
        Error::new(ErrorKind::Input, "there is no such story in the message")
            .at(Place::file(format!("{name}/{story}")))
            .with_cure(Cure::CheckFile)
    })
}

/// All of a message.
pub(super) fn whole(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|cause| unreadable(path, cause))
}

/// Whether a file may be a message with several stories, by how it begins.
pub(super) fn is_message(path: &Path) -> bool {
    let is_small =
        path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= parts::LARGEST);
    let mut head = Vec::new();
    is_small
        && File::open(path).is_ok_and(|file| file.take(newsroom::HEAD as u64).read_to_end(&mut head).is_ok())
        && parts::may_be_message(&head)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_message_is_read_once_for_all_its_stories_and_again_when_it_has_changed() {
        let item = |guid: &str| {
            format!(
                "<newsItem guid='{guid}'><contentSet><inlineXML><p>Ships.</p></inlineXML></contentSet></newsItem>"
            )
        };
        let message = |guid: &str| {
            let items = item(guid) + &item("urn:other");
            let open = "<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'>";
            format!("{open}<itemSet>{items}</itemSet></newsMessage>").into_bytes()
        };
        let (early, late) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        let last = LastMessage::default();
        let first_name = |name: &str, version: Version, guid: &'static str| {
            let stories = last.clone().stories(name, version, || Ok(message(guid))).unwrap();
            stories[0].name.clone()
        };
        assert_eq!(first_name("a.xml", Some((1, early)), "urn:a"), "urn-a");
        assert_eq!(first_name("a.xml", Some((1, early)), "urn:b"), "urn-a", "it is not read again");
        assert_eq!(first_name("a.xml", Some((1, late)), "urn:b"), "urn-b", "it has changed");
        assert_eq!(first_name("a.xml", Some((2, late)), "urn:c"), "urn-c", "it is longer");
        assert_eq!(first_name("b.xml", Some((2, late)), "urn:d"), "urn-d", "another message");
        assert_eq!(first_name("b.xml", None, "urn:e"), "urn-e", "nobody knows whether it has changed");
        assert_eq!(first_name("b.xml", None, "urn:f"), "urn-f", "nobody knows whether it has changed");
    }
}
