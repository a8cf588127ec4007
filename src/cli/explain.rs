//! `explain`: the spoken form of an article, with reasons.

mod story;

use std::sync::Arc;

use super::args::{ExplainArgs, Stage};
use super::config;
use super::input::{Input, Reading};
use super::source::Source;
use super::{DONE, terminal, voices};
use crate::article::Article;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::normalize::{SemioticClass, SpokenToken, spoken_text};
use crate::phonemize::{Origin, phoneme_string};
use crate::report::{SpeechSettings, front_end};
use crate::script::{FrontEnd, Study};
use crate::segment::{sentences, split_text, without_pictures};
use crate::text::Span;

/// Runs `explain`.
pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    if args.json && args.stage != Some(Stage::Article) {
        return Err(Error::new(ErrorKind::Usage, "--json shows the stage article only")
            .with_cure(Cure::other("use --stage article --json; for other stages there is --jsonl"))
            .into());
    }
    let reading = config::reading(&args.reading, false, &Cancel::new())?;
    if args.stage == Some(Stage::Article) {
        return story::run(&Input::new(&args.input), reading, args.json, args.jsonl);
    }
    let dialect = voices::dialect(args.voice.as_deref())?;
    let lexicon = config::lexicon(&args.words)?;
    let settings = SpeechSettings { locale: args.locale.locale, lexicon, ..SpeechSettings::default() };
    let front_end = Arc::new(front_end(dialect, &settings));
    let input = Input::new(&args.input);
    match (args.stage, args.jsonl) {
        (Some(stage), true) => json_lines(&front_end, stage, &input, &reading)?,
        (Some(stage), false) => {
            let article = input.article(&reading)?;
            let study = front_end.study(&article);
            for span in all_sentences(&article) {
                let line = show(&front_end, article.text(), &study, stage, span)?;
                if !line.is_empty() {
                    terminal::show(&format!("{line}\n"))?;
                }
            }
        }
        (None, _) => everything(&front_end, &*input.article(&reading)?)?,
    }
    Ok(DONE)
}

fn all_sentences(article: &Article) -> impl Iterator<Item = Span> {
    article.blocks().iter().flat_map(|block| sentences(article.text(), block.span))
}

/// A sentence at a stage, on one line.
fn show(front_end: &FrontEnd, text: &str, study: &Study, stage: Stage, sentence: Span) -> Result<String> {
    let tokens = || front_end.tokens_of(text, study, sentence);
    match stage {
        Stage::Article | Stage::Sentences => {
            Ok(without_pictures(sentence.of(text)).split_whitespace().collect::<Vec<_>>().join(" "))
        }
        Stage::Spoken => Ok(spoken_text(&tokens())),
        Stage::Phonemes => Ok(phoneme_string(&front_end.words_of(study, &tokens())?)),
    }
}

/// The JSON strings of an input, one a line, with the lines' numbers.
pub(super) fn strings<'a>(
    bytes: &'a [u8],
    name: &'a str,
) -> impl Iterator<Item = Result<(usize, String)>> + 'a {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    lines.filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace)).map(move |(index, line)| {
        let text = serde_json::from_slice(line).map_err(|cause| {
            Error::new(ErrorKind::Input, "this line is no JSON string")
                .at(Place::file(name).line(index + 1, cause.column()))
                .because(cause)
                .with_cure(Cure::other("give one JSON string a line, for example \"It rose 3.5%.\""))
        })?;
        Ok((index + 1, text))
    })
}

fn json_lines(
    front_end: &Arc<FrontEnd>,
    stage: Stage,
    input: &Input,
    reading: &Reading,
) -> anyhow::Result<()> {
    let bytes = Source::open(input, &reading.fetcher)?.bytes()?;
    for string in strings(&bytes, &input.name()) {
        let (_, text) = string?;
        let spans = split_text(&text);
        let study = front_end.study_text(&text, std::iter::once(Span::new(0, text.len())));
        if stage == Stage::Sentences {
            let mut sentences: Vec<_> = spans.iter().map(|span| without_pictures(span.of(&text))).collect();
            sentences.retain(|sentence| !sentence.is_empty());
            terminal::print_json(&sentences)?;
        } else {
            let shown: Vec<String> = spans
                .iter()
                .map(|span| show(front_end, &text, &study, stage, *span))
                .collect::<Result<_>>()?;
            terminal::print_json(&shown.join(" "))?;
        }
    }
    Ok(())
}

/// Everything about an article: the omitted pieces with their reasons, and each sentence's spoken form.
fn everything(front_end: &Arc<FrontEnd>, article: &Article) -> anyhow::Result<()> {
    if !article.removed().is_empty() {
        terminal::show("left out:\n")?;
        for removed in article.removed() {
            let text = crate::error::shorten(removed.span.of(article.text()), 90);
            terminal::show(&format!("  {:<16} {text}\n", removed.reason.to_string()))?;
        }
    }
    let study = front_end.study(article);
    for block in article.blocks() {
        terminal::show(&format!("\n{}\n", block.kind.name()))?;
        for span in sentences(article.text(), block.span) {
            let written = span.of(article.text());
            let tokens = front_end.tokens_of(article.text(), &study, span);
            let words = front_end.words_of(&study, &tokens)?;
            let mut text = format!(
                "  written   {}\n  spoken    {}\n  phonemes  {}\n",
                written.split_whitespace().collect::<Vec<_>>().join(" "),
                spoken_text(&tokens),
                phoneme_string(&words)
            );
            let changed: Vec<String> = tokens
                .iter()
                .filter(|token| is_notable(token))
                .map(|token| because(token, written))
                .collect();
            if !changed.is_empty() {
                text.push_str(&format!("  because   {}\n", changed.join("; ")));
            }
            for (origin, label) in LABELS {
                let found: Vec<String> = words
                    .iter()
                    .filter(|word| word.origin == origin)
                    .map(|word| format!("{} /{}/", word.spoken, word.phonemes))
                    .collect();
                if !found.is_empty() {
                    text.push_str(&format!("  {label:<9} {}\n", found.join(", ")));
                }
            }
            text.push('\n');
            terminal::show(&text)?;
        }
    }
    Ok(())
}

/// Who read a word, where it is worth a line.
const LABELS: [(Origin, &str); 4] = [
    (Origin::User, "lexicon"),
    (Origin::Romanization, "romanised"),
    (Origin::LetterToSound, "by rule"),
    (Origin::Spelled, "spelled"),
];

fn is_notable(token: &SpokenToken) -> bool {
    !matches!(token.class, SemioticClass::Plain | SemioticClass::Punctuation)
}

fn because(token: &SpokenToken, written: &str) -> String {
    let class = terminal::name_of(&token.class);
    format!("“{}” is {class}: {}", token.span.of(written), token.text)
}
