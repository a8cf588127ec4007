//! How the sound of a report becomes a file.

use serde::{Deserialize, Serialize};

use crate::audio::{SampleFormat, SampleRate};
use crate::error::{Error, ErrorKind, Result};
use crate::master::Loudness;
use crate::output::encode::{Coding, Format};

/// The loudest and the quietest target that make sense for speech, in LUFS.
const LOUDNESSES: std::ops::RangeInclusive<f64> = -36.0..=-9.0;

/// How the sound becomes a file, where it is not as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Finish {
    /// Samples a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<u32>,
    /// Kilobits a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    bitrate: Option<u32>,
    /// Bits of a sample: 16, 24, or 32 for floats.
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<u16>,
    /// Whether the encoder takes more time.
    is_best: bool,
    /// The loudness; as usual for the format if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    loudness: Option<Loudness>,
}

impl Finish {
    /// One that was chosen.
    #[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "only other machines are told one"))]
    pub(crate) fn new(coding: &Coding, loudness: Option<Loudness>) -> Self {
        Self {
            rate: coding.rate.map(SampleRate::hertz),
            bitrate: coding.bitrate,
            bits: coding.samples.map(SampleFormat::bits),
            is_best: coding.is_best,
            loudness,
        }
    }

    /// How a file of this format is coded.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for what the format does not have.
    pub(crate) fn coding(&self, format: Format) -> Result<Coding> {
        let wrong = |what: &str| Error::new(ErrorKind::Usage, format!("an order has {what}"));
        let rate = |hertz| SampleRate::new(hertz).ok_or_else(|| wrong("a sample rate that is none"));
        let samples = |bits| match bits {
            16 => Ok(SampleFormat::Int16),
            24 => Ok(SampleFormat::Int24),
            32 => Ok(SampleFormat::Float32),
            _ => Err(wrong("a sample format that is none")),
        };
        let coding = Coding {
            format,
            samples: self.bits.map(samples).transpose()?,
            rate: self.rate.map(rate).transpose()?,
            bitrate: self.bitrate,
            is_best: self.is_best,
        };
        coding.check()?;
        Ok(coding)
    }

    /// The loudness that is aimed at, where one was chosen.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for one that speech can't have.
    pub(crate) fn loudness(&self) -> Result<Option<Loudness>> {
        match self.loudness {
            Some(Loudness::Target(lufs)) if !LOUDNESSES.contains(&lufs) => {
                Err(Error::new(ErrorKind::Usage, "an order has a loudness that speech can't have"))
            }
            loudness => Ok(loudness),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_finish_that_travels_makes_the_same_file() {
        let coding = |format| Coding::usual(format);
        let rows = [
            (coding(Format::Mp3), None),
            (Coding { bitrate: Some(64), ..coding(Format::Mp3) }, Some(Loudness::Own)),
            (
                Coding { bitrate: Some(24), is_best: true, ..coding(Format::Opus) },
                Some(Loudness::Target(-19.0)),
            ),
            (
                Coding {
                    samples: Some(SampleFormat::Int24),
                    rate: SampleRate::new(48_000),
                    ..coding(Format::Flac)
                },
                Some(Loudness::BROADCAST),
            ),
            (Coding { samples: Some(SampleFormat::Float32), ..coding(Format::Wav) }, None),
        ];
        each(rows, |(coding, loudness)| {
            let finish = Finish::new(&coding, loudness);
            let again: Finish = serde_json::from_slice(&serde_json::to_vec(&finish).unwrap()).unwrap();
            assert_eq!(again, finish);
            assert_eq!(format!("{:?}", again.coding(coding.format).unwrap()), format!("{coding:?}"));
            assert_eq!(again.loudness().unwrap(), loudness);
        });
    }

    #[test]
    fn what_no_file_has_is_an_error() {
        let rows = [
            (r#"{"rate": 0}"#, Format::Wav),
            (r#"{"bits": 8}"#, Format::Wav),
            (r#"{"bits": 24}"#, Format::Mp3),
            (r#"{"bitrate": 5000}"#, Format::Mp3),
            (r#"{"loudness": {"target": 12.0}}"#, Format::Mp3),
        ];
        each(rows, |(text, format)| {
            let finish: Finish = serde_json::from_str(text).unwrap();
            let kinds = [finish.coding(format).err(), finish.loudness().err()];
            assert_eq!(
                kinds.into_iter().flatten().next().map(|error| error.kind()),
                Some(ErrorKind::Usage),
                "{text}"
            );
        });
    }
}
