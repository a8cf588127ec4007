//! Values of options: text becomes a type, or a message that says which is wanted.

use std::num::NonZeroUsize;

use crate::audio::{SampleRate, Speed};
use crate::cli::announce::Template;
use crate::cli::{cures, formats};
use crate::error::Error;
use crate::master::Loudness;
use crate::normalize::Locale;
use crate::output::encode::Format;
use crate::segment::PauseTable;

pub(super) fn parse_speed(text: &str) -> Result<Speed, String> {
    let speed: f32 =
        text.parse().map_err(|_| "a number from 0.5 to 4 is wanted, for example 1.2".to_string())?;
    let within = Speed::new(speed).filter(|_| (0.5..=4.0).contains(&speed));
    within.ok_or_else(|| "the speed must be from 0.5 to 2, or to 4 for play".to_string())
}

pub(super) fn parse_jobs(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<usize>().ok().and_then(NonZeroUsize::new) {
        Some(jobs) if jobs.get() <= 256 => Ok(jobs),
        _ => Err("a number of threads from 1 to 256 is wanted".to_string()),
    }
}

pub(super) fn parse_pauses(text: &str) -> Result<PauseTable, String> {
    text.parse().map_err(|error| with_cure(&error))
}

pub(super) fn parse_locale(text: &str) -> Result<Locale, String> {
    text.parse().map_err(|error| with_cure(&error))
}

pub(super) fn parse_format(text: &str) -> Result<Format, String> {
    formats::by_name(text).map_err(|error| with_cure(&error))
}

/// A number of bytes, with K, M, G or T for powers of 1024 as file systems count them: `4G`, `500MB`, `1.5 GiB`.
pub(in crate::cli) fn parse_bytes(text: &str) -> Result<u64, String> {
    let wrong = || "a number of bytes is wanted, for example 4G or 500M".to_string();
    let text = text.trim();
    let digits = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let power = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        _ => return Err(wrong()),
    };
    Ok((number * 1024_f64.powi(power)) as u64)
}

pub(super) fn parse_bitrate(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix(['k', 'K']).unwrap_or(text);
    number.parse().map_err(|_| "a number of kilobits a second is wanted, for example 96".to_string())
}

pub(super) fn parse_rate(text: &str) -> Result<SampleRate, String> {
    let number = text.parse().ok().and_then(SampleRate::new);
    number.ok_or_else(|| "a number of samples a second is wanted, for example 48000".to_string())
}

/// The loudest and the quietest target that make sense for speech, in LUFS.
const LOUDNESSES: std::ops::RangeInclusive<f64> = -36.0..=-9.0;

pub(super) fn parse_loudness(text: &str) -> Result<Loudness, String> {
    match text.to_lowercase().as_str() {
        "podcast" => return Ok(Loudness::PODCAST),
        "speech" => return Ok(Loudness::SPEECH),
        "broadcast" => return Ok(Loudness::BROADCAST),
        "none" => return Ok(Loudness::Own),
        _ => {}
    }
    let number = text.trim().replace('\u{2212}', "-").parse().ok();
    number.filter(|lufs| LOUDNESSES.contains(lufs)).map(Loudness::Target).ok_or_else(|| {
        "podcast, speech, broadcast, none, or a number from -36 to -9 is wanted, for example -19".to_string()
    })
}

pub(super) fn parse_template(text: &str) -> Result<Template, String> {
    Template::parse(text)
}

fn with_cure(error: &Error) -> String {
    match cures::words(error) {
        Some(cure) => format!("{} ({cure})", error.what()),
        None => error.what().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn speeds_and_jobs_are_checked() {
        each(
            [
                ("0.5", true),
                ("2", true),
                ("1.25", true),
                ("4", true),
                ("4.01", false),
                ("0.49", false),
                ("nan", false),
                ("x", false),
            ],
            |(text, good)| {
                assert_eq!(parse_speed(text).is_ok(), good, "{text}");
            },
        );
        each([("1", true), ("0", false), ("-1", false), ("257", false), ("two", false)], |(text, good)| {
            assert_eq!(parse_jobs(text).is_ok(), good, "{text}");
        });
    }

    #[test]
    fn loudness_has_names_and_numbers() {
        let rows = [
            ("podcast", Some(Loudness::Target(-16.0))),
            ("Speech", Some(Loudness::Target(-18.0))),
            ("broadcast", Some(Loudness::Target(-23.0))),
            ("none", Some(Loudness::Own)),
            ("-19.5", Some(Loudness::Target(-19.5))),
            ("\u{2212}19", Some(Loudness::Target(-19.0))),
            ("16", None),
            ("-8", None),
            ("-40", None),
            ("nan", None),
            ("loud", None),
        ];
        each(rows, |(text, want)| assert_eq!(parse_loudness(text).ok(), want, "{text}"));
    }

    #[test]
    fn sizes_have_units() {
        let rows = [
            ("0", Some(0)),
            ("4G", Some(4 << 30)),
            ("1.5 GiB", Some(3 << 29)),
            ("500MB", Some(500 << 20)),
            ("10k", Some(10 << 10)),
            ("7", Some(7)),
            ("", None),
            ("G", None),
            ("4X", None),
            ("-1", None),
            ("1.2.3", None),
        ];
        each(rows, |(text, want)| assert_eq!(parse_bytes(text).ok(), want, "{text}"));
    }

    #[test]
    fn bit_rates_are_kilobits() {
        let rows =
            [("96", Some(96)), ("64k", Some(64)), ("128K", Some(128)), ("", None), ("k", None), ("-1", None)];
        each(rows, |(text, want)| assert_eq!(parse_bitrate(text).ok(), want, "{text}"));
    }
}
