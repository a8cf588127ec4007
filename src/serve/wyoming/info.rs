//! What a client is told that it can have, and which voice it gets for what it asks.

use serde::Serialize;
use tracing::warn;

use super::fault::Fault;
use super::wire::Voice;
use crate::serve::voices::{Choice, Entry, Voices};

/// This program.
const NAME: &str = "audio-report";
/// Where the model of all voices comes from, or the one that taught theirs.
const MODEL: &str = "https://huggingface.co/hexgrad/Kokoro-82M";

/// All lists that there are; a client that reads one that is missing fails.
#[derive(Debug, Serialize)]
pub(super) struct Info {
    tts: [Program; 1],
    asr: [(); 0],
    handle: [(); 0],
    intent: [(); 0],
    wake: [(); 0],
    mic: [(); 0],
    snd: [(); 0],
}

#[derive(Debug, Serialize)]
struct Program {
    name: &'static str,
    description: &'static str,
    attribution: Attribution,
    installed: bool,
    version: &'static str,
    voices: Vec<Speaker>,
    supports_synthesize_streaming: bool,
}

#[derive(Debug, Serialize)]
struct Speaker {
    name: String,
    description: String,
    attribution: Attribution,
    installed: bool,
    version: Option<&'static str>,
    /// As Home Assistant has them: BCP 47 tags. It asks for none but these.
    languages: [&'static str; 1],
}

#[derive(Debug, Serialize)]
struct Attribution {
    name: String,
    url: &'static str,
}

impl Info {
    /// The installed voices. Looks at files.
    pub(super) fn of(voices: &Voices) -> Self {
        let own = voices.own();
        let mut list = voices.list();
        // Who takes the first takes the one that speaks where nobody chose.
        list.sort_by_key(|voice| voice.name != own);
        let program = Program {
            name: NAME,
            description: "News read aloud, on this machine",
            attribution: Attribution { name: NAME.to_string(), url: env!("CARGO_PKG_REPOSITORY") },
            installed: true,
            version: env!("CARGO_PKG_VERSION"),
            voices: list.into_iter().map(|voice| Speaker::of(voices, voice)).collect(),
            supports_synthesize_streaming: true,
        };
        Self { tts: [program], asr: [], handle: [], intent: [], wake: [], mic: [], snd: [] }
    }
}

impl Speaker {
    fn of(voices: &Voices, voice: Entry) -> Self {
        let attribution = match voices.maker(&voice.family) {
            Some(maker) => Attribution { name: maker.to_string(), url: MODEL },
            None => Attribution { name: NAME.to_string(), url: env!("CARGO_PKG_REPOSITORY") },
        };
        Self {
            description: format!("{} ({})", voice.name, voice.family),
            name: voice.name,
            attribution,
            installed: true,
            version: None,
            languages: [voice.dialect.tag()],
        }
    }
}

/// The voice for a wish. Looks at files.
///
/// Home Assistant sends the name that was chosen in its settings, also after another server has taken the place of the one that had the voice.
/// A name of Piper's begins with the language, and then a voice of that language speaks; a house should not fall silent. Other names
/// that nobody has are refused, as everywhere.
pub(super) fn choice(voices: &Voices, wish: &Voice) -> Result<Choice, Fault> {
    let named = |name: &str| Choice { name: Some(name.to_string()), is_fast: false };
    let given =
        |wish: &'_ Option<String>| wish.as_deref().map(str::trim).filter(|wish| !wish.is_empty()).map(named);
    // No voice here has several speakers; but a family's voices may be asked for like that.
    if let Some(speaker) = given(&wish.speaker).filter(|speaker| voices.meant(speaker).is_ok()) {
        return Ok(speaker);
    }
    if let Some(wanted) = given(&wish.name) {
        let Err(error) = voices.meant(&wanted) else { return Ok(wanted) };
        let name = wanted.name.unwrap_or_default();
        let language = name.split_once('-').map(|(language, _)| language).filter(|tag| tag.contains('_'));
        let list = voices.list();
        let Some(entry) = language.and_then(|language| speaker_of(&list, voices.own(), language)) else {
            return Err(Fault::of(&error));
        };
        warn!(asked = name, speaks = entry.name, "there is no such voice; one of its language speaks");
        return Ok(named(&entry.name));
    }
    let Some(language) = wish.language.as_deref().map(str::trim).filter(|language| !language.is_empty())
    else {
        return Ok(Choice::default());
    };
    let list = voices.list();
    let entry = speaker_of(&list, voices.own(), language).ok_or_else(|| Fault::language(language))?;
    Ok(named(&entry.name))
}

/// Who speaks a language: this very one, or else another form of it. The server's own voice first.
fn speaker_of<'a>(list: &'a [Entry], own: &str, language: &str) -> Option<&'a Entry> {
    let tag = language.replace('_', "-").to_ascii_lowercase();
    let first = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
    let fits = |entry: &&Entry| first(entry.dialect.tag()) == first(&tag);
    list.iter().filter(fits).min_by_key(|entry| {
        let is_other_form = tag.contains('-') && !entry.dialect.tag().eq_ignore_ascii_case(&tag);
        (is_other_form, entry.name != own)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;
    use crate::text::Dialect;

    #[test]
    fn a_language_is_spoken_by_who_speaks_its_form_best() {
        let entry = |name: &str, dialect| Entry { name: name.into(), dialect, family: "kokoro-en".into() };
        let list = [
            entry("af_bella", Dialect::AmericanEnglish),
            entry("af_heart", Dialect::AmericanEnglish),
            entry("bm_george", Dialect::BritishEnglish),
        ];
        let rows = [
            ("en", "af_heart", Some("af_heart")),
            ("en", "bm_george", Some("bm_george")),
            ("EN_us", "bm_george", Some("af_bella")),
            ("en-GB", "af_heart", Some("bm_george")),
            ("en_AU", "af_heart", Some("af_heart")),
            ("de", "af_heart", None),
            ("e", "af_heart", None),
            ("english", "af_heart", None),
        ];
        each(rows, |(language, own, want)| {
            let found = speaker_of(&list, own, language).map(|entry| &*entry.name);
            assert_eq!(found, want, "{language} with {own}");
        });
    }
}
