//! Messages with several stories that are seen only when they have come: from an address, or on standard input.

use std::time::Instant;

use super::archives::Archived;
use super::input::Input;
use super::outcomes::Outcomes;
use super::progress::Bars;
use super::read::Reader;
use super::targets::Assignment;
use crate::article::newsroom::{HEAD, parts};
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// Stories that a refusal names.
const NAMED: usize = 8;

/// Gives the stories of messages their places, and leaves those out that are not to be read.
pub(super) type Open<'a> = dyn FnMut(&[Archived], &mut Outcomes) -> Result<Vec<Assignment>> + 'a;

/// The message that an input brought; `None` for a document with one story, and for any other.
pub(super) fn of(input: &Input, bytes: &[u8]) -> Option<Archived> {
    let is_whole = !matches!(input, Input::Member { .. } | Input::Entry(_));
    let may_be = is_whole
        && bytes.len() as u64 <= parts::LARGEST
        && parts::may_be_message(&bytes[..bytes.len().min(HEAD)]);
    let stories = may_be.then(|| parts::of_message(bytes)).filter(|stories| !stories.is_empty())?;
    Some(Archived::Message { of: Box::new(input.clone()), stories: stories.into() })
}

/// The refusal of a message where one story is read.
pub(super) fn refused(input: &Input, message: &Archived) -> Error {
    let names = message.names();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let (name, shown) = (input.name(), names[..names.len().min(NAMED)].join(", "));
    let what = format!("{name} holds {} stories, and one is read here: {shown}{more}", names.len());
    let cure = match input {
        Input::File(_) => Cure::SplitStories,
        _ => {
            let typed = if *input == Input::Stdin { "-".to_owned() } else { input.quoted() };
            Cure::other(format!(
                "read all of them into a folder: audio-report batch {typed} -o DIR; or save it, and name one as FILE/STORY"
            ))
        }
    };
    Error::new(ErrorKind::Input, what).at(Place::file(name)).with_cure(cure)
}

/// Reads all articles, and then the stories of the messages that came among them.
pub(super) fn read_all(
    reader: &Reader,
    mut articles: Vec<Assignment>,
    mut started: Instant,
    bars: impl Fn(usize) -> Bars,
    outcomes: &mut Outcomes,
    open: &mut Open<'_>,
) -> anyhow::Result<()> {
    while !articles.is_empty() {
        let bars = bars(articles.len());
        let read = reader.read(&articles, started, &bars, outcomes);
        bars.finish();
        read?;
        let messages = std::mem::take(&mut outcomes.opened);
        articles = if messages.is_empty() { Vec::new() } else { open(&messages, outcomes)? };
        started = Instant::now();
    }
    Ok(())
}
