//! How an article is said where that differs from the others of its run: who speaks, how fast, which words are known.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cast::Cast;
use super::voices::VoiceChoice;
use crate::audio::Speed;
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::lexicon::user::UserLexicon;

/// What differs; what is not named is as for all. The manifest keeps it with the story, so that a digest says it alike.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Manner {
    /// Who reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// Whether it is the voice's student.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast: Option<bool>,
    /// Who speaks quotations; nobody else, if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_quotes: Option<String>,
    /// How fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f32>,
    /// Whether its lexicons are others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_lexicons: bool,
    /// What an override says of words: the name of its file, and its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<(String, String)>,
}

impl Manner {
    /// Whether nothing differs.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The same with another above it, which counts more.
    pub(crate) fn with(self, own: Self) -> Self {
        Self {
            voice: own.voice.or(self.voice),
            fast: own.fast.or(self.fast),
            voice_quotes: own.voice_quotes.or(self.voice_quotes),
            speed: own.speed.or(self.speed),
            has_lexicons: own.has_lexicons || self.has_lexicons,
            words: own.words.or(self.words),
        }
    }

    /// The voices, where they are others than usual.
    pub(crate) fn cast(&self, usual: &Cast) -> Option<Cast> {
        let Self { voice, fast, voice_quotes, .. } = self;
        if voice.is_none() && fast.is_none() && voice_quotes.is_none() {
            return None;
        }
        let narrator = VoiceChoice {
            name: voice.clone().or_else(|| usual.narrator.name.clone()),
            is_fast: fast.unwrap_or(usual.narrator.is_fast),
            may_fetch: usual.narrator.may_fetch,
        };
        let quoting = match voice_quotes {
            Some(name) => VoiceChoice::for_quotations(name, narrator.may_fetch),
            None => usual.quoting.clone(),
        };
        Some(Cast { narrator, quoting })
    }

    /// The speed, where it is another.
    pub(crate) fn speed(&self) -> Option<Speed> {
        self.speed.and_then(Speed::new)
    }

    /// The knowledge about words with that of an override above it; `None` where it has none.
    pub(crate) fn lexicon(&self, below: &Lexicon) -> Result<Option<Arc<Lexicon>>> {
        let Some((name, text)) = &self.words else { return Ok(None) };
        let user: UserLexicon = below.user().clone().with_part(Path::new(name), text)?;
        Ok(Some(Arc::new(Lexicon::built_in().with_user(user).with_style(below.style()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn cast(name: &str, is_fast: bool, quotes: &str) -> Cast {
        let narrator = VoiceChoice { name: Some(name.into()), is_fast, may_fetch: false };
        Cast { narrator, quoting: VoiceChoice::for_quotations(quotes, false) }
    }

    fn shown(cast: &Cast) -> (Option<&str>, bool, Option<&str>) {
        let quoting = cast.quoting.as_ref().and_then(|voice| voice.name.as_deref());
        (cast.narrator.name.as_deref(), cast.narrator.is_fast, quoting)
    }

    #[test]
    fn what_is_named_differs_and_the_manifest_keeps_it() {
        let usual = cast("heart", true, "emma");
        let rows = [
            ("{}", None),
            ("{\"speed\":1.25}", None),
            ("{\"voice\":\"sky\"}", Some((Some("sky"), true, Some("emma")))),
            ("{\"voice\":\"sky\",\"fast\":false}", Some((Some("sky"), false, Some("emma")))),
            ("{\"voice-quotes\":\"\"}", Some((Some("heart"), true, None))),
            ("{\"voice-quotes\":\"lily\"}", Some((Some("heart"), true, Some("lily")))),
        ];
        each(rows, |(text, want)| {
            let manner: Manner = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&manner).unwrap(), text);
            assert_eq!(manner.cast(&usual).as_ref().map(shown), want, "{text}");
            assert_eq!(manner.is_usual(), text == "{}");
        });
        let of_feed = Manner { voice: Some("sky".into()), speed: Some(1.5), ..Manner::default() };
        let own = Manner { voice: Some("lily".into()), fast: Some(false), ..Manner::default() };
        let both = of_feed.with(own);
        assert_eq!(both.speed(), Speed::new(1.5));
        assert_eq!(both.cast(&usual).as_ref().map(shown), Some((Some("lily"), false, Some("emma"))));
    }
}
