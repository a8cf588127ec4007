//! The locale whose conventions are followed where they differ.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Cure, Error, ErrorKind, Result};
use crate::text::Dialect;

/// The locale whose conventions are followed where they differ.
///
/// | written | `en-US` | `en-GB` |
/// |---|---|---|
/// | 105 | one hundred five | one hundred and five |
/// | 3/4/2024 | March fourth … | the third of April … |
/// | Nov. 18 | November eighteenth | November the eighteenth |
/// | won 2-0 | won two to zero | won two nil |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Locale {
    /// United States.
    #[default]
    #[serde(rename = "en-US")]
    EnUs,
    /// Britain.
    #[serde(rename = "en-GB")]
    EnGb,
}

impl Locale {
    /// The BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::EnUs => "en-US",
            Self::EnGb => "en-GB",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

/// The conventions that go with a dialect.
impl From<Dialect> for Locale {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::AmericanEnglish => Self::EnUs,
            Dialect::BritishEnglish => Self::EnGb,
        }
    }
}

/// The dialect that belongs to the conventions; it decides between "zee" and "zed".
impl From<Locale> for Dialect {
    fn from(locale: Locale) -> Self {
        match locale {
            Locale::EnUs => Self::AmericanEnglish,
            Locale::EnGb => Self::BritishEnglish,
        }
    }
}

/// Reads a BCP 47 tag in any case, with a hyphen or, as in POSIX, an underscore.
impl FromStr for Locale {
    type Err = Error;

    fn from_str(tag: &str) -> Result<Self> {
        let known = [Self::EnUs, Self::EnGb];
        let written = tag.trim().replace('_', "-");
        known.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(&written)).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("the locale “{tag}” is not known"))
                .with_cure(Cure::UseOneOf { known: known.map(|locale| locale.tag().to_owned()).to_vec() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn tags_are_read_in_any_case() {
        let rows = [
            ("en-US", Some(Locale::EnUs)),
            ("en-gb", Some(Locale::EnGb)),
            ("en_GB", Some(Locale::EnGb)),
            (" EN-us ", Some(Locale::EnUs)),
            ("en", None),
            ("de-DE", None),
            ("", None),
        ];
        each(rows, |(tag, want)| {
            assert_eq!(tag.parse::<Locale>().ok(), want, "{tag:?}");
        });
        let error = "fr".parse::<Locale>().unwrap_err();
        assert_eq!(error.cure(), Some(&Cure::UseOneOf { known: vec!["en-US".into(), "en-GB".into()] }));
        assert_eq!(Locale::EnGb.to_string().parse::<Locale>().unwrap(), Locale::EnGb);
        assert_eq!(Dialect::from(Locale::from(Dialect::BritishEnglish)), Dialect::BritishEnglish);
    }
}
