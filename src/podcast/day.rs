//! A page that lists the reports of a day: players and links, without scripts. Like the pages beside the sound it loads nothing
//! but sound, and search engines are asked to leave it alone unless the texts are the maker's own.

use std::io;
use std::time::{Duration, SystemTime};

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::clean::{Secrets, block, line, link};
use super::date;
use super::show::{Rights, escaped};

/// The style is that of the pages beside the sound, and a little more.
const STYLE: &str = concat!(include_str!("../output/page/page.css"), include_str!("day/day.css"));

/// A day with its reports.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    /// The name of the show or the folder.
    pub(crate) title: String,
    /// The day; for an index of several days none.
    pub(crate) date: Option<SystemTime>,
    /// The language of the page.
    pub(crate) language: String,
    /// The path of the feed, from the page.
    pub(crate) feed: Option<String>,
    /// Whose the texts are.
    pub(crate) rights: Rights,
    /// Whether the voices are a machine's.
    pub(crate) is_synthetic: bool,
    /// In the order in which they are listed.
    pub(crate) reports: Vec<Report>,
    /// Addresses that reach no output.
    pub(crate) secrets: Secrets,
}

/// A report on the page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// The headline.
    pub(crate) title: String,
    /// Who wrote it.
    pub(crate) byline: Option<String>,
    /// A summary.
    pub(crate) description: String,
    /// Its language, if it is another than the page's.
    pub(crate) language: Option<String>,
    /// How long it is.
    pub(crate) duration: Duration,
    /// Paths of its sound from the page, with their media types, the best first.
    pub(crate) sounds: Vec<(String, String)>,
    /// The path of the page on which its text lights up.
    pub(crate) page: Option<String>,
    /// The article on its publisher's site.
    pub(crate) link: Option<String>,
}

#[derive(Template)]
#[template(path = "day/day.html")]
struct Page {
    title: String,
    date: Option<(String, String)>,
    language: String,
    feed: Option<String>,
    is_private: bool,
    is_synthetic: bool,
    length: String,
    reports: Vec<Shown>,
    style: &'static str,
    style_hash: String,
}

/// A report with all in the form in which it stands on the page.
struct Shown {
    title: String,
    byline: Option<String>,
    paragraphs: Vec<String>,
    language: Option<String>,
    duration: String,
    sounds: Vec<(String, String)>,
    page: Option<String>,
    link: Option<String>,
}

/// The page in HTML.
pub(crate) fn page(day: &Day) -> io::Result<Vec<u8>> {
    let secrets = &day.secrets;
    let total: Duration = day.reports.iter().map(|report| report.duration).sum();
    let count = match day.reports.len() {
        1 => "1 report".to_owned(),
        count => format!("{count} reports"),
    };
    let page = Page {
        title: line(&day.title, secrets),
        date: day.date.map(|date| (date::shown(date), date::iso(date))),
        language: line(&day.language, secrets),
        feed: day.feed.as_deref().map(escaped),
        is_private: !day.rights.is_public(),
        is_synthetic: day.is_synthetic,
        length: format!("{count}, {}", spoken_length(total)),
        reports: day.reports.iter().map(|report| shown(report, secrets)).collect(),
        style: STYLE,
        style_hash: format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE.as_bytes()))),
    };
    Ok(page.render().map_err(io::Error::other)?.into_bytes())
}

fn shown(report: &Report, secrets: &Secrets) -> Shown {
    let own = |text: &Option<String>| {
        text.as_deref().map(|text| line(text, secrets)).filter(|text| !text.is_empty())
    };
    let title = line(&report.title, secrets);
    Shown {
        title: if title.is_empty() { "Untitled report".to_owned() } else { title },
        byline: own(&report.byline),
        paragraphs: block(&report.description, secrets)
            .split("\n\n")
            .map(str::to_owned)
            .filter(|paragraph| !paragraph.is_empty())
            .collect(),
        language: own(&report.language),
        duration: spoken_length(report.duration),
        sounds: report.sounds.iter().map(|(path, kind)| (escaped(path), line(kind, secrets))).collect(),
        page: report.page.as_deref().map(escaped),
        link: report.link.as_deref().and_then(|address| link(address, secrets)),
    }
}

/// A length as people say it.
fn spoken_length(duration: Duration) -> String {
    let seconds = duration.as_millis().div_ceil(1_000) as u64;
    let minutes = (seconds + 30) / 60;
    match (seconds, minutes / 60, minutes % 60) {
        (0..60, ..) => format!("{seconds} seconds"),
        (_, 0, 1) => "1 minute".to_owned(),
        (_, 0, minutes) => format!("{minutes} minutes"),
        (_, hours, 0) => format!("{hours} h"),
        (_, hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    fn day() -> Day {
        Day {
            title: "Harbour <News>".to_owned(),
            date: Some(SystemTime::UNIX_EPOCH + Duration::from_hours(498_606)),
            language: "en-gb".to_owned(),
            feed: Some("podcast.xml".to_owned()),
            rights: Rights::Unknown,
            is_synthetic: true,
            reports: vec![
                Report {
                    title: "Port & ferries “reopen”".to_owned(),
                    byline: Some("A staff reporter".to_owned()),
                    description: "Ships came back at noon.\n\nCranes moved again.".to_owned(),
                    duration: Duration::from_secs(95),
                    sounds: vec![
                        ("2026-11-18/port größe.mp3".to_owned(), "audio/mpeg".to_owned()),
                        ("2026-11-18/port.opus".to_owned(), "audio/ogg".to_owned()),
                    ],
                    page: Some("2026-11-18/port.html".to_owned()),
                    link: Some("https://paper.example/port?utm_source=x".to_owned()),
                    ..Report::default()
                },
                Report { link: Some("https://paper.example/?key=1".to_owned()), ..Report::default() },
            ],
            secrets: Secrets::new(["https://paper.example/?key=1".to_owned()]),
        }
    }

    #[test]
    fn a_day_lists_its_reports() {
        let html = String::from_utf8(page(&day()).unwrap()).unwrap();
        let rows = [
            "<html lang=\"en-gb\">",
            "<time datetime=\"2026-11-18\">Wednesday, 18 November 2026</time>",
            "<meta name=\"robots\" content=\"noindex\">",
            "2 reports, 2 minutes",
            "<source src=\"2026-11-18/port%20gr%C3%B6%C3%9Fe.mp3\" type=\"audio/mpeg\">",
            "href=\"2026-11-18/port.html\"",
            "href=\"https://paper.example/port\"",
            "href=\"podcast.xml\"",
            "Port &#38; ferries “reopen”",
            "Harbour &#60;News&#62;",
            "<p dir=\"auto\">Cranes moved again.</p>",
            "Untitled report",
        ];
        each(rows, |want| assert!(html.contains(want), "{want} in {html}"));
        each(["<script", "key=1", "utm_", "http-equiv=\"refresh\""], |unwanted| {
            assert!(!html.contains(unwanted), "{unwanted}");
        });
        let public = page(&Day { rights: Rights::Own, ..day() }).unwrap();
        assert!(!String::from_utf8(public).unwrap().contains("robots"));
    }

    #[test]
    fn lengths_are_said_in_words() {
        let rows = [
            (0, "0 seconds"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (95, "2 minutes"),
            (3_590, "1 h"),
            (3_700, "1 h 2 min"),
        ];
        each(rows, |(seconds, want)| assert_eq!(spoken_length(Duration::from_secs(seconds)), want));
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_place(title in any::<String>(), path in any::<String>()) {
            let report = Report {
                title: title.clone(),
                description: title.clone(),
                sounds: vec![(path.clone(), title.clone())],
                page: Some(path),
                ..Report::default()
            };
            let plain = Report { title: "a".to_owned(), ..report.clone() };
            let plain = Report { description: "a".to_owned(), sounds: vec![("a".to_owned(), "a".to_owned())], page: Some("a".to_owned()), ..plain };
            let tags = |report: Report| {
                let html = String::from_utf8(page(&Day { reports: vec![report], ..day() }).unwrap()).unwrap();
                html.matches('<').count() - html.matches("<p dir=\"auto\">").count() * 2
            };
            prop_assert_eq!(tags(report), tags(plain));
        }
    }
}
