//! Mixed voices: `af_bella(2)+af_sky` is the weighted mean of two styles of one family.
//!
//! A voice that is named several times is one term, with the sum of its weights. The first voice that is named gives the
//! dialect.

use std::fmt;

use super::installed::InstalledVoice;
use super::manifest::{Manifest, Style, VoiceName};
use super::store::Store;
use crate::error::{Cure, Error, ErrorKind, Result};

/// Terms of one mix. More can't be told apart.
const MOST_TERMS: usize = 8;
/// The decimals that a weight keeps.
const DECIMALS: usize = 6;
/// What a weight of 1 is in its smallest unit.
const ONE: u64 = 1_000_000;
/// The largest weight. It keeps all sums far below the largest `u64`.
const LARGEST: u64 = 1_000;

/// How much a voice counts in a mix: a decimal number above 0, kept exactly, so that 0.2 to 0.1 is 2 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weight {
    millionths: u64,
}

impl Weight {
    /// The weight of a term that names none.
    const ONE: Self = Self { millionths: ONE };

    /// Reads digits with at most one decimal point; the error says what is wrong with them.
    fn parse(text: &str) -> Result<Self, String> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = [whole, decimals].concat();
        if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(format!("the weight “{text}” is not a number such as 2 or 0.5"));
        }
        if decimals.len() > DECIMALS {
            return Err(format!("the weight “{text}” has more than {DECIMALS} decimals"));
        }
        let padded = format!("{whole}{decimals:0<DECIMALS$}");
        match padded.parse::<u64>() {
            Ok(0) => Err(format!("the weight “{text}” is not above 0")),
            Ok(millionths) if millionths <= LARGEST * ONE => Ok(Self { millionths }),
            Ok(_) | Err(_) => Err(format!("the weight “{text}” is above {LARGEST}")),
        }
    }

    /// The sum of two.
    fn plus(self, other: Self) -> Result<Self, String> {
        let sum = Self { millionths: self.millionths + other.millionths };
        if sum.millionths <= LARGEST * ONE {
            Ok(sum)
        } else {
            Err(format!("the weight {sum} is above {LARGEST}"))
        }
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:0DECIMALS$}", self.millionths % ONE);
        let text = format!("{}.{decimals}", self.millionths / ONE);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A voice as a mix names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// The voice's name as typed.
    pub name: VoiceName,
    /// How much it counts.
    pub weight: Weight,
}

/// The terms of a voice's name in their order: one, unless it is mixed.
pub(crate) fn terms(voice: &VoiceName) -> Result<Vec<Term>> {
    let text = voice.as_str();
    if !text.contains(['+', '(', ')']) {
        return Ok(vec![Term { name: voice.clone(), weight: Weight::ONE }]);
    }
    let terms: Result<Vec<Term>, String> = text.split('+').map(term).collect();
    let terms = terms.map_err(|why| miswritten(voice, why))?;
    if terms.len() > MOST_TERMS {
        return Err(miswritten(voice, format!("{} voices are more than {MOST_TERMS}", terms.len())));
    }
    Ok(terms)
}

/// The error for a mix that is written wrongly.
fn miswritten(voice: &VoiceName, why: String) -> Error {
    Error::new(ErrorKind::Usage, format!("the voice “{voice}” can't be mixed"))
        .because(why)
        .with_cure(Cure::WriteMix)
}

/// `NAME` or `NAME(WEIGHT)`.
fn term(text: &str) -> Result<Term, String> {
    let text = text.trim();
    let unbalanced = || format!("the parentheses of “{text}” don't fit together");
    let (name, weight) = match text.split_once('(') {
        Some((name, rest)) => {
            let weight = rest.strip_suffix(')').ok_or_else(unbalanced)?;
            (name, Some(weight))
        }
        None => (text, None),
    };
    if name.contains(')') || weight.is_some_and(|weight| weight.contains(['(', ')'])) {
        return Err(unbalanced());
    }
    let name = VoiceName::new(name);
    if name.as_str().is_empty() {
        return Err("a voice is missing beside a plus sign or a weight".to_owned());
    }
    Ok(Term { name, weight: weight.map_or(Ok(Weight::ONE), |weight| Weight::parse(weight.trim()))? })
}

/// The styles of one family that a voice's name means: one, unless it is mixed.
pub(crate) struct Styles<'a> {
    /// Their family.
    pub family: &'a Manifest,
    /// The style that was named first: it gives the dialect.
    pub first: &'a Style,
    /// All of them, the first too, each once.
    weighted: Vec<(&'a Style, Weight)>,
}

impl<'a> Styles<'a> {
    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Style> {
        self.weighted.iter().map(|(style, _)| *style)
    }

    /// Whether there are several.
    pub(crate) fn are_mixed(&self) -> bool {
        self.weighted.len() > 1
    }

    /// The usual spelling: whole names, weights other than 1, no spaces.
    pub(crate) fn name(&self) -> VoiceName {
        if !self.are_mixed() {
            return VoiceName::new(&self.first.name);
        }
        let term = |(style, weight): &(&Style, Weight)| match *weight {
            Weight::ONE => style.name.clone(),
            weight => format!("{}({weight})", style.name),
        };
        VoiceName::new(self.weighted.iter().map(term).collect::<Vec<_>>().join("+"))
    }
}

/// A voice of a mix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ingredient {
    /// The voice alone.
    pub voice: InstalledVoice,
    /// How much of the mix is its: those of a mix add up to 1.
    pub share: f64,
}

impl Store {
    /// The styles that a voice's name means, installed or not.
    pub(crate) fn styles_of(&self, voice: &VoiceName) -> Result<Styles<'_>> {
        let mut named: Option<Styles> = None;
        for Term { name, weight } in terms(voice)? {
            let (family, style) = self.find(&name)?;
            let Some(Styles { family: known, weighted, .. }) = &mut named else {
                named = Some(Styles { family, first: style, weighted: vec![(style, weight)] });
                continue;
            };
            if known.name != family.name {
                let why = format!("{} and {} have a model each", known.name, family.name);
                return Err(self.not_mixable(voice, why));
            }
            match weighted.iter_mut().find(|(known, _)| known.name == style.name) {
                Some((_, sum)) => *sum = sum.plus(weight).map_err(|why| miswritten(voice, why))?,
                None if family.model.is_some() => weighted.push((style, weight)),
                None => {
                    let why = format!("the voices of {} have a model each", family.name);
                    return Err(self.not_mixable(voice, why));
                }
            }
        }
        named.ok_or_else(|| miswritten(voice, "it names no voice".to_owned()))
    }

    /// The voice's parts, which lie here, with their shares; nothing for a voice that is not mixed.
    pub(super) fn ingredients(&self, styles: &Styles) -> Result<Vec<Ingredient>> {
        if !styles.are_mixed() {
            return Ok(Vec::new());
        }
        let sum: u64 = styles.weighted.iter().map(|(_, weight)| weight.millionths).sum();
        let parts = styles.weighted.iter().map(|(style, weight)| {
            let voice = self.locate_style(styles.family, style)?;
            Ok(Ingredient { voice, share: weight.millionths as f64 / sum as f64 })
        });
        parts.collect()
    }

    /// The error for voices that have no style in common.
    fn not_mixable(&self, voice: &VoiceName, why: String) -> Error {
        let mixing = self.families().iter().filter(|family| family.model.is_some());
        Error::new(ErrorKind::Usage, format!("the voice “{voice}” can't be mixed"))
            .because(why)
            .with_cure(Cure::MixWithin { families: mixing.map(|family| family.name.clone()).collect() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    fn built_in() -> Store {
        Store::at("nowhere", Manifest::built_in().unwrap())
    }

    fn spelling(typed: &str) -> String {
        built_in().styles_of(&typed.into()).unwrap().name().to_string()
    }

    #[test]
    fn a_mix_has_one_spelling() {
        let rows = [
            ("af_heart", "af_heart"),
            ("heart", "af_heart"),
            ("kokoro-en", "af_heart"),
            ("fast_heart", "fast_heart"),
            ("af_bella(2)+af_sky", "af_bella(2)+af_sky"),
            (" bella ( 2.50 ) + Sky(1.0) ", "af_bella(2.5)+af_sky"),
            ("kokoro-en/af_bella+bf_emma(.5)", "af_bella+bf_emma(0.5)"),
            ("af_bella(02.)+af_sky(1000)", "af_bella(2)+af_sky(1000)"),
            ("af_bella(0.000001)+af_sky", "af_bella(0.000001)+af_sky"),
            // A voice that is named twice counts twice; alone it is itself.
            ("af_bella+af_sky(3)+bella(0.5)", "af_bella(1.5)+af_sky(3)"),
            ("af_heart(0.1)+heart(0.2)", "af_heart"),
            ("af_heart(7)", "af_heart"),
            ("fast_heart+fast_heart", "fast_heart"),
            (
                "alloy+aoede+bella+heart+jessica+kore+nicole+nova",
                "af_alloy+af_aoede+af_bella+af_heart+af_jessica+af_kore+af_nicole+af_nova",
            ),
        ];
        each(rows, |(typed, want)| {
            assert_eq!(spelling(typed), want, "{typed}");
            assert_eq!(spelling(want), want, "the usual spelling stays");
        });
    }

    #[test]
    fn the_first_voice_gives_the_dialect() {
        each([("af_sky+bf_emma(9)", "en-US"), ("bf_emma+af_sky(9)", "en-GB")], |(typed, want)| {
            assert_eq!(built_in().styles_of(&typed.into()).unwrap().first.dialect.tag(), want, "{typed}");
        });
    }

    #[test]
    fn a_mix_that_makes_no_sense_says_why() {
        let rows = [
            ("af_bella(0)+af_sky", "the weight “0” is not above 0"),
            ("af_bella(0.000)+af_sky", "is not above 0"),
            ("af_bella(-1)+af_sky", "the weight “-1” is not a number"),
            ("af_bella(NaN)+af_sky", "the weight “NaN” is not a number"),
            ("af_bella(inf)+af_sky", "not a number"),
            ("af_bella(1e3)+af_sky", "not a number"),
            ("af_bella(1,5)+af_sky", "not a number"),
            ("af_bella(1.2.3)+af_sky", "not a number"),
            ("af_bella()+af_sky", "not a number"),
            ("af_bella(.)+af_sky", "not a number"),
            ("af_bella(٢)+af_sky", "not a number"),
            ("af_bella(0.0000001)+af_sky", "more than 6 decimals"),
            ("af_bella(1000.1)+af_sky", "above 1000"),
            ("af_bella(99999999999999999999999)+af_sky", "above 1000"),
            ("af_bella+", "a voice is missing"),
            ("+af_bella", "a voice is missing"),
            ("af_bella++af_sky", "a voice is missing"),
            ("+", "a voice is missing"),
            ("(2)+af_sky", "a voice is missing"),
            ("af_bella(2+af_sky", "parentheses"),
            ("af_bella 2)+af_sky", "parentheses"),
            ("af_bella((2))+af_sky", "parentheses"),
            ("af_bella(2)(3)+af_sky", "parentheses"),
            ("af_bella(2)x+af_sky", "parentheses"),
            ("(af_bella+af_sky)", "parentheses"),
            ("sky+sky+sky+sky+sky+sky+sky+sky+sky", "9 voices are more than 8"),
        ];
        each(rows, |(typed, why)| {
            let error = terms(&typed.into()).unwrap_err();
            assert_eq!((error.kind(), error.cure()), (ErrorKind::Usage, Some(&Cure::WriteMix)), "{typed}");
            assert!(error.story().contains(why), "{typed}: {}", error.story());
        });
    }

    #[test]
    fn only_styles_of_one_model_are_mixed() {
        let rows = [
            ("fast_heart+fast_emma", "the voices of hibari-en have a model each"),
            ("af_heart+fast_heart", "kokoro-en and hibari-en have a model each"),
            ("fast_heart(2)+af_heart", "hibari-en and kokoro-en have a model each"),
        ];
        each(rows, |(typed, why)| {
            let error = built_in().styles_of(&typed.into()).err().unwrap();
            let cure = Cure::MixWithin { families: vec!["kokoro-en".into()] };
            assert_eq!((error.kind(), error.cure()), (ErrorKind::Usage, Some(&cure)), "{typed}");
            assert!(error.story().contains(why), "{typed}: {}", error.story());
        });
        let error = built_in().styles_of(&"af_sky(600)+af_sky(500)+af_bella".into()).err().unwrap();
        assert!(error.story().contains("the weight 1100 is above 1000"), "{}", error.story());
        let error = built_in().styles_of(&"af_bella(2)+af_skye".into()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::UnknownVoice);
        assert!(error.what().contains("“af_skye”"), "{error}");
        assert!(matches!(error.cure(), Some(Cure::ChooseVoice { near }) if near[0] == "af_sky"), "{error:?}");
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(text in "[a-z_()+. 0-9\\PC]{0,40}") {
            if let Ok(terms) = terms(&VoiceName::new(&text)) {
                prop_assert!((1..=MOST_TERMS).contains(&terms.len()));
            }
            let _ = built_in().styles_of(&VoiceName::new(&text));
        }

        #[test]
        fn what_a_mix_is_called_means_the_same_mix(weights in prop::collection::vec(1..=LARGEST * ONE, 2..=5)) {
            let names = ["af_bella", "af_sky", "bm_george", "af_heart", "am_onyx"];
            let weights: Vec<Weight> = weights.into_iter().map(|millionths| Weight { millionths }).collect();
            let term = |(name, weight): (&&str, &Weight)| format!("{name}({weight})");
            let typed: Vec<String> = names.iter().zip(&weights).map(term).collect();
            let store = built_in();
            let styles = store.styles_of(&VoiceName::new(typed.join(" + "))).unwrap();
            let got: Vec<Weight> = styles.weighted.iter().map(|(_, weight)| *weight).collect();
            prop_assert_eq!(&got, &weights);
            let again = store.styles_of(&styles.name()).unwrap();
            prop_assert_eq!(again.weighted, styles.weighted);
        }
    }
}
