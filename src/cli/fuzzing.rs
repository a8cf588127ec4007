//! The parsers of what the command line is given, for `crate::fuzzing`.

use std::path::Path;

use clap::Parser;

use super::announce::Template;
use super::captions::Kind;
use super::digest::kept;
use super::feed::list;
use super::inspect::beside;
use super::layout::Layout;
use super::ledger::gate::HoldRule;
use super::ledger::keep::KeepFor;
use super::overrides::Override;
use super::settings::fuzzing::settings;
use super::{args, explain, show};
use crate::calendar::Period;
use crate::normalize::Locale;
use crate::segment::PauseTable;
use crate::store::manifest::{Known, KnownFile, State};
use crate::watch::Hour;

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("captions", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        for kind in [Kind::Vtt, Kind::Srt, Kind::Transcript, Kind::Words, Kind::Chapters] {
            beside::marks(&text, kind);
        }
    }),
    ("command_line", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let words = std::iter::once("audio-report").chain(text.split('\0'));
        std::hint::black_box(args::Cli::try_parse_from(words).is_ok());
    }),
    ("facts", |bytes| {
        std::hint::black_box(show::episodes(&[published("port", "mp3", &String::from_utf8_lossy(bytes))]));
    }),
    ("feed_list", |bytes| drop(list::parse(&String::from_utf8_lossy(bytes), Path::new("a.toml")))),
    ("json_lines", |bytes| explain::strings(bytes, "a").for_each(drop)),
    ("kept_story", |bytes| {
        let Some((article, manner)) = kept::read(&String::from_utf8_lossy(bytes)) else { return };
        let again = kept::read(&kept::written(&article, manner.clone()));
        let is_same = again.is_some_and(|(again, kept)| again.text() == article.text() && kept == manner);
        assert!(is_same || manner.speed.is_some_and(f32::is_nan), "{:?}", article.text());
    }),
    ("name_template", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let (template, title) = text.split_once('\0').unwrap_or((&text, "Port reopens"));
        if let Ok(layout) = Layout::parse(template) {
            let name = layout.name_of(title);
            let is_harmless = |part: &str| !part.is_empty() && !part.starts_with('.') && part.len() < 250;
            assert!(name.split('/').all(is_harmless), "{name:?}");
        }
    }),
    ("override", |bytes| {
        drop(Override::parse(Path::new("a.toml"), String::from_utf8_lossy(bytes).into_owned()));
    }),
    ("settings", settings),
    ("values", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        std::hint::black_box((text.parse::<PauseTable>().is_ok(), text.parse::<Locale>().is_ok()));
        std::hint::black_box((text.parse::<Hour>().is_ok(), Template::parse(&text).is_ok()));
        std::hint::black_box((
            text.parse::<Period>().is_ok(),
            text.parse::<KeepFor>().map(KeepFor::today).is_ok(),
        ));
        std::hint::black_box((text.parse::<HoldRule>().is_ok(), args::values::parse_bytes(&text).is_ok()));
    }),
];

/// A report that is published, with the facts that are told of it.
pub(super) fn published(stem: &str, ending: &str, facts: &str) -> Known {
    Known {
        number: 1,
        source: stem.to_owned(),
        stem: stem.to_owned(),
        guid: format!("guid-{stem}"),
        ending: ending.to_owned(),
        state: State::Published,
        revision: 1,
        stamp: None,
        content: None,
        story: None,
        wish: String::new(),
        lexicon: Vec::new(),
        facts: facts.to_owned(),
        published: Some(0),
        changed: 0,
        failure: None,
        reasons: Vec::new(),
        files: vec![KnownFile { name: format!("{stem}.{ending}"), bytes: 1 }],
    }
}
