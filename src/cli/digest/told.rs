//! What is said of a digest, for people and for programs.

use std::path::Path;
use std::time::Duration;

use super::chosen::Story;
use super::order::Order;
use crate::cli::captions::CaptionFile;
use crate::cli::outcomes::{Event, Telling};
use crate::cli::terminal::{self, clock, count};
use crate::error::printable;

/// What is told of a digest that was made.
pub(super) struct Told {
    /// Length of the sound.
    pub seconds: f64,
    /// Stories that come from finished files.
    pub from_files: usize,
    /// The files beside it.
    pub captions: Vec<CaptionFile>,
    /// The chunks that the cache had, and those that were spoken.
    pub counts: Option<(usize, usize)>,
    /// How long it took.
    pub wall: Duration,
}

/// Tells that there is nothing to be told in it.
pub(super) fn tell_none(order: &Order<'_>, path: &Path) -> anyhow::Result<()> {
    if !order.is_quiet() {
        terminal::show(&format!("{}: no new report, and so no digest\n", shown(path)))?;
    }
    Ok(())
}

/// Tells of a digest: one that was made, or one that is there already.
pub(super) fn tell(
    order: &Order<'_>,
    path: &Path,
    stories: &[Story],
    told: Option<&Told>,
) -> anyhow::Result<()> {
    match order.telling {
        Telling::Nothing => {}
        Telling::Text => terminal::show(&text(path, stories.len(), told))?,
        Telling::Json | Telling::Events => terminal::print_json(&Event::Digest {
            output: path.to_string_lossy().into_owned(),
            stories: stories.iter().map(|story| story.title.clone()).collect(),
            audio_seconds: told.map(|told| told.seconds),
            captions: told.map(|told| serde_json::to_value(&told.captions)).transpose()?,
            is_new: told.is_some(),
        })?,
    }
    Ok(())
}

fn text(path: &Path, stories: usize, told: Option<&Told>) -> String {
    let number = match stories {
        1 => "1 story".to_string(),
        number => format!("{number} stories"),
    };
    let Some(Told { seconds, from_files, captions, counts, wall }) = told else {
        return format!("{}: {number}, nothing has changed\n", shown(path));
    };
    let (wall, length) = (wall.as_secs_f64(), clock(*seconds));
    let mut text = format!("{}: {number}, {length} of sound in {wall:.1} s", shown(path));
    if let Some((kept, spoken)) = counts {
        text.push_str(&format!("; {} spoken, {kept} taken from the cache", count(*spoken, "chunk")));
    }
    text.push('\n');
    if *from_files > 0 {
        text.push_str(&format!(
            "  {} taken from finished files: the text is not kept any more\n",
            count(*from_files, "report")
        ));
    }
    for file in captions {
        text.push_str(&format!("  {}\n", file.text()));
    }
    text
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
