//! The findings in words.

use super::Report;
use crate::cli::terminal::{clock, count};
use crate::error::printable;
use crate::output::inspect::Findings;
use crate::output::inspect::loudness::{Comparison, HIGHEST_PEAK};
use crate::output::inspect::silence::{LEAST, THRESHOLD};

/// Chapters that are listed before the rest is counted.
const CHAPTERS_SHOWN: usize = 20;

/// The findings about a file, a line each; `outline` stands below the name.
pub(super) fn text(report: &Report, outline: &str) -> String {
    let findings = &report.findings;
    let mut text = format!("{}: {}\n{outline}", printable(&report.input), coding(findings));
    let mut line = |name: &str, value: String| text.push_str(&format!("  {name:<13}{value}\n"));
    line("length", length(findings));
    line("loudness", loudness(findings));
    line("targets", targets(&findings.targets));
    line("peaks", peaks(findings));
    line("silence", silence(findings));
    let tags = &findings.tags;
    let fields = [
        ("headline", &tags.title),
        ("by", &tags.byline),
        ("publication", &tags.publication),
        ("date", &tags.date),
        ("language", &tags.language),
        ("address", &tags.source),
        ("copyright", &tags.copyright),
        ("voice", &tags.voice),
        ("made with", &tags.program),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            line(name, value.clone());
        }
    }
    if let Some(fault) = findings.tags_fault {
        line("tags", fault.to_owned());
    }
    if let Some(cover) = &findings.cover {
        let size = match (cover.width, cover.height) {
            (Some(width), Some(height)) => format!("{width} × {height} pixels"),
            _ => "of unknown size".to_owned(),
        };
        line("cover", format!("{}, {size}, {}", cover.media_type, bytes(cover.bytes as u64)));
    }
    line("made by AI", disclosure(findings));
    for (number, chapter) in findings.chapters.iter().enumerate().take(CHAPTERS_SHOWN) {
        let title = chapter.title.as_deref().unwrap_or("without a heading");
        line(if number == 0 { "chapters" } else { "" }, format!("{} {title}", clock(chapter.start)));
    }
    if findings.chapters.len() > CHAPTERS_SHOWN {
        line("", format!("and {} more", findings.chapters.len() - CHAPTERS_SHOWN));
    }
    for (number, file) in report.beside.iter().enumerate() {
        line(if number == 0 { "beside it" } else { "" }, file.text());
    }
    if report.beside.is_empty() {
        line("beside it", "no captions".to_owned());
    }
    if let Some(picture) = &report.picture {
        line("picture", printable(picture));
    }
    text
}

/// The line below the title of a picture.
pub(super) fn subtitle(findings: &Findings) -> String {
    format!("{}   {}   {}", coding(findings), loudness(findings), peak(findings))
}

fn coding(findings: &Findings) -> String {
    let name = match (findings.container, findings.codec) {
        ("wave", codec) if codec.starts_with("pcm_f") => "WAV of floats".to_owned(),
        ("wave", codec) if codec.starts_with("pcm_s") || codec == "pcm_u8" => "WAV".to_owned(),
        ("flac", _) => "FLAC".to_owned(),
        ("mp3", _) => "MP3".to_owned(),
        ("ogg", "opus") => "Opus in Ogg".to_owned(),
        ("ogg", "vorbis") => "Vorbis in Ogg".to_owned(),
        ("isomp4", codec) => format!("{} in MP4", codec.to_uppercase()),
        (container, codec) => format!("{codec} in {container}"),
    };
    let bits = findings.bits.map(|bits| format!(", {bits} bits")).unwrap_or_default();
    format!(
        "{name}{bits}, {} Hz, {}, {:.0} kbit/s",
        findings.sample_rate,
        count(findings.channels, "channel"),
        findings.bit_rate as f64 / 1_000.0
    )
}

fn length(findings: &Findings) -> String {
    let mut text = format!(
        "{} ({} samples), {}",
        exact_clock(findings.seconds),
        findings.samples,
        bytes(findings.bytes)
    );
    if let Some(promised) = findings.promised_samples {
        text.push_str(&format!("; its head promises {promised} samples"));
    }
    if findings.is_cut_short {
        text.push_str("; it is cut short");
    }
    if findings.corrupt_packets > 0 {
        text.push_str(&format!("; {} left out", count(findings.corrupt_packets as usize, "damaged packet")));
    }
    text
}

fn loudness(findings: &Findings) -> String {
    let readings = &findings.loudness;
    let Some(lufs) = readings.lufs_two_loudspeakers else {
        let is_short = findings.seconds < 0.4 && !findings.silence.is_silent;
        return if is_short { "too short to be measured".to_owned() } else { "silent".to_owned() };
    };
    let mut text = format!("{lufs:.1} LUFS");
    if let Some(one) = readings.lufs_one_loudspeaker {
        text.push_str(&format!(" ({one:.1} as one channel)"));
    }
    if let Some(range) = readings.range_lu {
        text.push_str(&format!(", range {range:.1} LU"));
    }
    if let Some(highest) = readings.max_short_term_lufs {
        text.push_str(&format!(", at most {highest:.1} LUFS in 3 s"));
    }
    text
}

fn targets(targets: &[Comparison]) -> String {
    let name = |target: &Comparison| format!("{} ({})", target.name, target.lufs);
    let told = targets.iter().filter_map(|target| {
        Some(match target.off_lu? {
            _ if target.is_met => format!("meets {}", name(target)),
            off if off > 0.0 => format!("{off:.1} LU louder than {}", name(target)),
            off => format!("{:.1} LU softer than {}", -off, name(target)),
        })
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "none is met".to_owned() } else { told.join(", ") }
}

fn peak(findings: &Findings) -> String {
    match findings.loudness.true_peak_dbtp {
        Some(peak) => {
            let over = if findings.is_true_peak_over { "over" } else { "not over" };
            format!("true peak {peak:.1} dBTP, {over} {HIGHEST_PEAK}")
        }
        None => "no true peak".to_owned(),
    }
}

fn peaks(findings: &Findings) -> String {
    let mut text = peak(findings);
    if let Some(highest) = findings.sample_peak_dbfs {
        text.push_str(&format!("; sample peak {highest:.1} dBFS"));
    }
    match findings.clipped_samples as usize {
        0 => text.push_str("; no sample clipped"),
        clipped => text.push_str(&format!("; {} at full scale", count(clipped, "sample"))),
    }
    if findings.non_finite_samples > 0 {
        text.push_str(&format!(
            "; {} without a value",
            count(findings.non_finite_samples as usize, "sample")
        ));
    }
    text
}

fn silence(findings: &Findings) -> String {
    let silence = &findings.silence;
    if silence.is_silent {
        return format!("all of it (below {THRESHOLD} dBFS)");
    }
    let inside = match silence.longest_inside {
        Some(longest) => format!("the longest inside {:.2} s at {}", longest.seconds, clock(longest.start)),
        None => format!("none of {LEAST} s inside"),
    };
    format!(
        "{:.2} s at the start, {:.2} s at the end, {inside} (below {THRESHOLD} dBFS)",
        silence.start_seconds, silence.end_seconds
    )
}

fn disclosure(findings: &Findings) -> String {
    let disclosure = &findings.ai_disclosure;
    let term = disclosure.digital_source_type.as_deref().map(|uri| uri.rsplit('/').next().unwrap_or(uri));
    let machines = match term {
        Some(term) if disclosure.is_for_machines() => format!("marked for machines as {term}"),
        Some(term) => format!("no; the source type is {term}"),
        None => "not marked for machines".to_owned(),
    };
    match &disclosure.sentence {
        Some(sentence) => format!("{machines}; “{sentence}”"),
        None => format!("{machines}, and no sentence for people"),
    }
}

/// `75.25` as `0:01:15.250`.
fn exact_clock(seconds: f64) -> String {
    let milliseconds = (seconds * 1_000.0).round() as u64;
    let (whole, rest) = (milliseconds / 1_000, milliseconds % 1_000);
    format!("{}:{:02}:{:02}.{rest:03}", whole / 3_600, whole / 60 % 60, whole % 60)
}

/// A number of bytes in decimal units.
fn bytes(number: u64) -> String {
    let number = number as f64;
    match number {
        0.0..1e3 => format!("{number} bytes"),
        1e3..1e6 => format!("{:.1} kB", number / 1e3),
        1e6..1e9 => format!("{:.1} MB", number / 1e6),
        _ => format!("{:.1} GB", number / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::inspect::loudness::Readings;
    use crate::table_test::each;

    #[test]
    fn clocks_and_bytes_read_well() {
        each(
            [(0.0, "0:00:00.000"), (75.25, "0:01:15.250"), (3_725.999_9, "1:02:06.000")],
            |(seconds, want)| {
                assert_eq!(exact_clock(seconds), want);
            },
        );
        each(
            [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (2_000_000, "2.0 MB")],
            |(number, want)| {
                assert_eq!(bytes(number), want);
            },
        );
    }

    #[test]
    fn targets_are_told_as_findings() {
        let told = |lufs: Option<f64>| {
            targets(&Readings { lufs_two_loudspeakers: lufs, ..Readings::default() }.comparisons())
        };
        let rows = [
            (
                Some(-16.1),
                "meets podcast (-16), 1.9 LU louder than speech (-18), 6.9 LU louder than broadcast (-23)",
            ),
            (
                Some(-30.0),
                "14.0 LU softer than podcast (-16), 12.0 LU softer than speech (-18), 7.0 LU softer than broadcast (-23)",
            ),
            (None, "none is met"),
        ];
        each(rows, |(lufs, want)| assert_eq!(told(lufs), want));
    }
}
