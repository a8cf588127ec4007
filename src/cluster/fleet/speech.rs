//! A voice that says nothing, and takes as long as one that speaks.

use std::fs;
use std::time::Duration;

use super::day::Arrival;
use crate::cluster::Narrators;
use crate::cluster::worker::{Making, Workplace};
use crate::error::{Error, ErrorKind, Result};
use crate::order::{FileKind, Made, MadeFile, Maker, Step, Story, Task};
use crate::report::{Narrator, SpeechSettings};

/// Seconds of sound of a word, and seconds of one core for one of sound: README's figures for the usual voice.
pub(super) const SOUND_OF_A_WORD: f64 = 0.456;
pub(super) const CORE_OF_SOUND: f64 = 0.16;
/// Begins an article that no worker can make.
const POISON: &str = "poison";

/// An article: its words are only a number.
pub(super) fn article(number: usize, arrival: &Arrival) -> Vec<u8> {
    let Arrival { words, is_poison, .. } = arrival;
    let begin = if *is_poison { POISON.to_string() } else { words.to_string() };
    format!("{begin} words, article {number}").into_bytes()
}

/// Seconds that one core works on so many words.
pub(super) fn work(words: u32) -> f64 {
    f64::from(words) * SOUND_OF_A_WORD * CORE_OF_SOUND
}

/// A machine with one core that takes so many times as long as a usual one.
pub(super) struct Speech {
    pub times: f64,
}

impl Workplace for Speech {
    async fn make(&self, making: Making) -> Result<(Story, Made)> {
        let text = String::from_utf8_lossy(&making.article).into_owned();
        let words: u32 = text.split(' ').next().and_then(|words| words.parse().ok()).unwrap_or(0);
        let (sender, cancelled) = tokio::sync::oneshot::channel();
        let sender = std::sync::Mutex::new(Some(sender));
        let _waker = making.cancel.on_cancel(move || {
            let sender = sender.lock().ok().and_then(|mut sender| sender.take());
            sender.map(|sender| sender.send(()));
        });
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs_f64(self.times * work(words))) => {}
            Ok(()) = cancelled => return Err(Error::new(ErrorKind::Interrupted, "interrupted")),
        }
        if text.starts_with(POISON) {
            return Err(Error::new(ErrorKind::Synthesis, "no worker can make it"));
        }
        let path = making.folder.join("report.mp3");
        let unwritten = |cause| Error::new(ErrorKind::Output, "the disk of a worker is full").because(cause);
        fs::write(&path, &text).map_err(unwritten)?;
        let file = MadeFile { path, kind: FileKind::Audio, media_type: "audio/mpeg" };
        let seconds = f64::from(words) * SOUND_OF_A_WORD;
        Ok((Story::default(), Made { unknown_words: Vec::new(), seconds, files: vec![file] }))
    }
}

/// Stands where nobody is asked.
pub(super) struct Mute;

impl Maker for Mute {
    fn address(&self, typed: &str) -> Result<String> {
        Ok(typed.to_string())
    }

    fn make(&self, _: Task<'_>, _: &mut dyn FnMut(Step)) -> Result<Made> {
        Err(Error::new(ErrorKind::Synthesis, "nobody makes reports here"))
    }
}

impl Narrators for Mute {
    fn narrator(&self, _: &str, _: &str) -> Result<Narrator> {
        Ok(Narrator::tone(&SpeechSettings::default()))
    }
}
