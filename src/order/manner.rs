//! How texts are said by others: what a voice knows and heeds beside its own.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::lexicon::user::{Given, UserLexicon};
use crate::lexicon::{AcronymStyle, Lexicon};
use crate::normalize::Locale;
use crate::report::{Narrator, SpeechSettings};
use crate::segment::PauseTable;

/// How texts are said, apart from the voice and its speed. By default as the program says them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Manner {
    /// The tag of a locale; that of the voice's dialect if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    /// Pauses as `--pauses` has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pauses: Option<String>,
    acronyms: AcronymStyle,
    /// Lexicons above what the program knows; the last counts most.
    pub words: Vec<Words>,
}

/// A lexicon, as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Words {
    /// In TOML.
    Toml(String),
    /// In PLS, an XML.
    Pls(String),
}

impl Manner {
    /// A manner that was chosen.
    #[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "only other machines are told one"))]
    pub(crate) fn new(
        locale: Option<Locale>,
        pauses: Option<PauseTable>,
        acronyms: AcronymStyle,
        words: Vec<Words>,
    ) -> Self {
        let locale = locale.map(|locale| locale.to_string());
        Self { locale, pauses: pauses.map(|pauses| pauses.to_string()), acronyms, words }
    }

    /// Whether it has nothing but lexicons.
    #[cfg(feature = "cluster")]
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self { words: self.words.clone(), ..Self::default() }
    }

    /// The narrator, who says texts in this manner, and these words above all others.
    ///
    /// # Errors
    /// [`ErrorKind::Lexicon`] for the first entry with a fault, [`ErrorKind::Usage`] for a locale or pauses that are none.
    pub(crate) fn of(&self, narrator: Narrator, given: &Given) -> Result<Narrator> {
        if *self == Self::default() && given.is_empty() {
            return Ok(narrator);
        }
        Ok(narrator.with_words_of(&self.settings(given)?))
    }

    fn settings(&self, given: &Given) -> Result<SpeechSettings> {
        let wrong = |_| Error::new(ErrorKind::Usage, "a locale is not known");
        let lexicon = self.lexicon()?.with_style(self.acronyms);
        Ok(SpeechSettings {
            locale: self.locale.as_deref().map(|tag| tag.parse().map_err(wrong)).transpose()?,
            pauses: self.pauses.as_deref().map(str::parse).transpose()?.unwrap_or_default(),
            lexicon: Arc::new(if given.is_empty() { lexicon } else { lexicon.with_given(given) }),
            ..SpeechSettings::default()
        })
    }

    fn lexicon(&self) -> Result<Lexicon> {
        let mut user = UserLexicon::default();
        for (number, words) in self.words.iter().enumerate() {
            let (ending, text) = match words {
                Words::Toml(text) => ("toml", text),
                Words::Pls(text) => ("pls", text),
            };
            user = user.with_text(Path::new(&format!("{}.{ending}", number + 1)), text)?;
        }
        Ok(Lexicon::built_in().with_user(user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_manner_that_travels_is_the_same_manner() {
        let toml = || vec![Words::Toml("[words]\nIshiba = \"ISH-ee-ba\"\n".to_string())];
        let pauses = "sentence=300,title=50".parse::<PauseTable>().unwrap();
        let rows = [
            Manner::default(),
            Manner::new(Some(Locale::EnGb), None, AcronymStyle::Letters, Vec::new()),
            Manner::new(None, Some(pauses), AcronymStyle::ExpandFirst, toml()),
        ];
        each(rows, |manner| {
            let again: Manner = serde_json::from_slice(&serde_json::to_vec(&manner).unwrap()).unwrap();
            assert_eq!(again, manner);
            let [one, other] = [&manner, &again].map(|manner| manner.settings(&Given::default()).unwrap());
            assert_eq!((one.locale, one.pauses), (other.locale, other.pauses));
            assert_eq!(one.lexicon.user().get("Ishiba").is_some(), !manner.words.is_empty());
        });
        let changed = Manner::new(Some(Locale::EnGb), Some(pauses), AcronymStyle::Letters, Vec::new());
        let settings = changed.settings(&Given::default()).unwrap();
        assert_eq!((settings.locale, settings.pauses), (Some(Locale::EnGb), pauses));
    }

    #[test]
    fn what_is_no_manner_is_an_error() {
        let rows = [
            (r#"{"locale": "xx-Nowhere"}"#, ErrorKind::Usage),
            (r#"{"pauses": "sentence=long"}"#, ErrorKind::Usage),
            (r#"{"words": [{"toml": "words = 1"}]}"#, ErrorKind::Lexicon),
        ];
        each(rows, |(text, kind)| {
            let manner: Manner = serde_json::from_str(text).unwrap();
            assert_eq!(manner.settings(&Given::default()).unwrap_err().kind(), kind, "{text}");
        });
    }
}
