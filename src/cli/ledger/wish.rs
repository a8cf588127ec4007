//! The settings of a run, as a ledger keeps them: a line for each that was set, in a form that later versions of the program keep, so
//! that a new version with new options does not take old results for outdated.

use std::path::Path;

use crate::audio::Speed;
use crate::cli::announce::Template;
use crate::cli::args::announce::Announce;
use crate::cli::args::common::{AroundArgs, SpeechArgs};
use crate::cli::args::{Acronyms, Extra};
use crate::cli::captions::Captions;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::hash::{Fields, hex};
use crate::master::Loudness;
use crate::output::encode::Coding;
use crate::output::programme::Finishing;
use crate::segment::PauseTable;

/// The settings that change a result: who speaks, which parts of the story, and what is around it. `finishing` and `captions` are what
/// presets made of the options.
pub(crate) fn wish(
    speech: &SpeechArgs,
    with: &[Extra],
    around: &AroundArgs,
    finishing: &Finishing,
    captions: &Captions,
) -> Result<String> {
    let SpeechArgs { voice, quotes, words } = speech;
    let AroundArgs { announce, music, tags, .. } = around;
    let Finishing { coding, loudness, .. } = *finishing;
    let mut lines = Vec::new();
    let mut set =
        |key: &str, value: Option<String>| lines.extend(value.map(|value| format!("{key}={value}")));
    let when = |is_set: bool| is_set.then(|| "yes".to_string());
    set("voice", voice.voice.as_ref().map(|voice| voice.trim().to_lowercase()));
    set("fast", when(voice.fast));
    let speed = voice.speed;
    set("speed", (speed != Speed::NORMAL).then(|| speed.factor().to_string()));
    set("pauses", voice.pauses.map(pauses));
    set("locale", voice.locale.locale.map(|locale| locale.to_string()));
    set("voice-quotes", quotes.voice_quotes.as_ref().map(|voice| voice.trim().to_lowercase()));
    set(
        "acronyms",
        match words.acronyms {
            Acronyms::Letters => None,
            Acronyms::ExpandFirst => Some("expand-first".to_string()),
            Acronyms::Expand => Some("expand".to_string()),
        },
    );
    set("with-captions", when(with.contains(&Extra::Captions)));
    set("with-byline", when(with.contains(&Extra::Byline)));
    let usual = Coding::usual(coding.format);
    set("rate", coding.rate.map(|rate| rate.hertz().to_string()));
    set("bitrate", coding.bitrate.filter(|_| coding.bitrate != usual.bitrate).map(|rate| rate.to_string()));
    set("best", when(coding.is_best));
    set(
        "bits",
        coding
            .samples
            .filter(|_| coding.samples != usual.samples)
            .map(|bits| format!("{bits:?}").to_lowercase()),
    );
    set(
        "loudness",
        match loudness {
            Loudness::Own => None,
            Loudness::Target(lufs) => Some(lufs.to_string()),
        },
    );
    for (key, file) in
        [("intro", &music.intro), ("outro", &music.outro), ("bed", &music.bed), ("cover", &tags.cover)]
    {
        set(key, file.as_deref().map(content).transpose()?);
    }
    let beside = captions.endings().join(",");
    set("beside", (!beside.is_empty()).then_some(beside));
    set("announce", (announce.announce == Announce::None).then(|| "none".to_string()));
    set("announce-before", announce.announce_before.as_ref().map(Template::written));
    set("announce-after", announce.announce_after.as_ref().map(Template::written));
    Ok(lines.join("\n"))
}

fn pauses(table: PauseTable) -> String {
    let PauseTable { phrase, comma, clause, sentence, paragraph, heading, title, list_item } = table;
    [phrase, comma, clause, sentence, paragraph, heading, title, list_item].map(|ms| ms.to_string()).join(",")
}

/// A file stands for what is in it.
pub(crate) fn content(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|cause| {
        Error::new(ErrorKind::Input, "the file can't be read").at(Place::file(path)).because(cause)
    })?;
    Ok(hex(&Fields::of("audio-report file 1").with(&bytes).finish()))
}
