//! `lexicon`: checks lexicon files, says words, and lists the words that no dictionary knows.

use std::path::PathBuf;
use std::sync::Arc;

use super::archives;
use super::args::WordArgs;
use super::args::lexicon::{LexiconCommand, SayArgs};
use super::config;
use super::input::{Brought, Reading};
#[cfg(feature = "play")]
use super::listen;
use super::terminal::count;
use super::voices;
use super::{DONE, NOTHING_DONE, SOME_FAILED, code_of, formats, interrupt, terminal};
use crate::article::Article;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, printable, shorten};
use crate::lexicon::notation::to_ipa;
use crate::lexicon::user::read_file;
use crate::output::encode::{Coding, EncodedFile, Format};
use crate::output::metadata::Metadata;
use crate::phonemize::{Origin, PhonemeWord};
use crate::report::{Guess, Guesses, NarrationSettings, SpeechSettings, front_end};
use crate::script::FrontEnd;
use crate::segment::sentences;
use crate::text::Span;

/// Characters of a sentence that is shown beside an unknown word.
const EXAMPLE_LENGTH: usize = 70;

/// Runs `lexicon …`.
pub(crate) fn run(command: &LexiconCommand) -> anyhow::Result<u8> {
    match command {
        LexiconCommand::Check { files } => check(files),
        LexiconCommand::Say(args) => say(args),
        LexiconCommand::Unknown { inputs, voice, words, reading } => {
            unknown(inputs, voice.as_deref(), words, &config::reading(reading, false, &Cancel::new())?)
        }
        LexiconCommand::Path => {
            let [_, own] = config::own_lexicons()?;
            terminal::print(&format!("{}\n", own.display()))?;
            Ok(DONE)
        }
    }
}

fn check(files: &[PathBuf]) -> anyhow::Result<u8> {
    let own: Vec<PathBuf>;
    let files = if files.is_empty() {
        own = config::own_lexicons()?.into_iter().filter(|file| file.exists()).collect();
        &own
    } else {
        files
    };
    if files.is_empty() {
        let [_, own] = config::own_lexicons()?;
        return Err(Error::new(ErrorKind::Lexicon, "there is no own lexicon yet")
            .at(Place::file(own))
            .with_cure(Cure::other("write one (audio-report lexicon --help shows how), or name a file"))
            .into());
    }
    let mut bad = 0;
    for file in files {
        let name = printable(&file.to_string_lossy());
        match read_file(file) {
            Ok((entries, problems)) => {
                let mut text = String::new();
                for problem in &problems {
                    text.push_str(&format!(
                        "{}:{}: {}{} ({})\n",
                        name,
                        problem.line,
                        if problem.is_warning { "warning: " } else { "" },
                        problem.what,
                        problem.cure
                    ));
                }
                let entries = match entries.len() {
                    1 => "1 entry".to_string(),
                    number => format!("{number} entries"),
                };
                let warnings = problems.iter().filter(|problem| problem.is_warning).count();
                let errors = problems.len() - warnings;
                text.push_str(&format!("{name}: {entries}, {}", count(errors, "problem")));
                if warnings > 0 {
                    text.push_str(&format!(", {}", count(warnings, "warning")));
                }
                text.push('\n');
                terminal::show(&text)?;
                bad += usize::from(errors > 0);
            }
            Err(error) => {
                terminal::report(&error);
                bad += 1;
            }
        }
    }
    Ok(code_of(files.len() - bad, bad))
}

fn say(args: &SayArgs) -> anyhow::Result<u8> {
    let dialect = config::voice(&args.voice).dialect()?;
    let settings = config::speech(&args.voice, false, config::lexicon(&args.words)?);
    let front_end = Arc::new(front_end(dialect, &settings));
    if let Some(output) = &args.output {
        Coding::usual(formats::of_file(output, None, Format::Wav)?).check()?;
    }
    for text in &args.texts {
        terminal::show(&said(&front_end, text)?)?;
    }
    if args.plays() || args.output.is_some() {
        speak(args, &settings)?;
    }
    Ok(DONE)
}

/// A line a word: its reading in the voice's phonemes and in IPA, and the source that knows it.
fn said(front_end: &Arc<FrontEnd>, text: &str) -> anyhow::Result<String> {
    let whole = Span::new(0, text.len());
    let study = front_end.study_text(text, std::iter::once(whole));
    let tokens = front_end.tokens_of(text, &study, whole);
    let words = front_end.words_of(&study, &tokens)?;
    let mut lines = String::new();
    for word in words.iter().filter(|word| word.origin != Origin::Punctuation) {
        lines.push_str(&format!(
            "{:<16} {:<20} {:<22} {}\n",
            word.spoken,
            word.phonemes,
            format!("/{}/", to_ipa(&word.phonemes)),
            who_knows(front_end, word)
        ));
    }
    if lines.is_empty() {
        let error = Error::new(ErrorKind::Empty, "there is nothing to say").at(Place::default().text(text));
        return Err(error.with_cure(Cure::other("name a word")).into());
    }
    Ok(lines)
}

fn who_knows(front_end: &FrontEnd, word: &PhonemeWord) -> String {
    match word.origin {
        Origin::User => {
            let user = front_end.lexicon.user();
            let stem = word.spoken.trim_end_matches("'s").trim_end_matches('\'');
            let entry = user.whole(&word.spoken).chain(user.whole(stem)).next();
            entry.map_or("a lexicon of yours".to_string(), |entry| {
                let place = format!("{}:{}", printable(&user.file_of(entry).to_string_lossy()), entry.line);
                let remarks = printable(&entry.remarks.to_string());
                if remarks.is_empty() { place } else { format!("{place} ({remarks})") }
            })
        }
        Origin::Name => "name, known by heart".to_string(),
        Origin::Dictionary => "dictionary".to_string(),
        Origin::Letters => "letters".to_string(),
        Origin::Romanization => "guessed by the rules of its language".to_string(),
        Origin::LetterToSound => "guessed by rule".to_string(),
        Origin::Spelled => "spelled, for want of anything better".to_string(),
        Origin::Punctuation => String::new(),
    }
}

fn speak(args: &SayArgs, settings: &SpeechSettings) -> anyhow::Result<()> {
    let cancel = interrupt::watch()?;
    let voice = config::voice(&args.voice).obtain(&cancel, false)?;
    let article = Arc::new(Article::from_text(args.texts.join("\n\n")));
    let speed = config::voice_speed(&args.voice)?;
    let narration = NarrationSettings::default().with_speed(speed).with_hurry_first(args.plays());
    if let Some(output) = &args.output {
        let narrator = voice.load(settings)?;
        let rate = narrator.sample_rate();
        let coding = Coding::usual(formats::of_file(output, None, Format::Wav)?);
        let metadata = Metadata::of_speech(Some(narrator.voice()));
        let sink = EncodedFile::create(output, rate, coding, &metadata, 0.0, args.force)?;
        narrator.narrate(&article, narration, Box::new(sink), &cancel, &mut |_| {})?;
        return Ok(());
    }
    #[cfg(feature = "play")]
    {
        let (settings, stop, rate) = (settings.clone(), cancel.clone(), voice.sample_rate());
        let feed = move |sink| {
            let narrator = voice.load(&settings)?;
            narrator.narrate(&article, narration, sink, &stop, &mut |_| {})
        };
        listen::run(rate, feed, &cancel, listen::Listening::new(true))?;
    }
    Ok(())
}

fn unknown(
    inputs: &[PathBuf],
    voice: Option<&str>,
    words: &WordArgs,
    reading: &Reading,
) -> anyhow::Result<u8> {
    let dialect = voices::dialect(voice)?;
    let lexicon = config::lexicon(words)?;
    let front_end = front_end(dialect, &SpeechSettings { lexicon, ..SpeechSettings::default() });
    let mut found = Guesses::at_most(usize::MAX);
    let opened = archives::open(inputs, || Ok(Arc::clone(&reading.fetcher)))?;
    let (mut done, mut failed) = (0, opened.failures.len());
    opened.failures.iter().for_each(terminal::report);
    let reading = Reading { opens_messages: true, ..reading.clone() };
    let mut waiting = opened.inputs;
    waiting.reverse();
    while let Some(input) = waiting.pop() {
        match input.load(&reading) {
            Ok(Brought::Article(loaded)) => {
                look_through(&front_end, &loaded.article, &mut found)?;
                done += 1;
            }
            Ok(Brought::Message(message)) => waiting.extend(message.stories().into_iter().rev()),
            Err(error) => {
                terminal::report(&error);
                failed += 1;
            }
        }
    }
    if done == 0 {
        return Ok(NOTHING_DONE);
    }
    terminal::show(&lexicon_of(&found.take_sorted()))?;
    Ok(if failed > 0 { SOME_FAILED } else { DONE })
}

/// Adds the words of an article that no dictionary knows.
fn look_through(front_end: &FrontEnd, article: &Article, found: &mut Guesses) -> anyhow::Result<()> {
    let study = front_end.study(article);
    for block in article.blocks() {
        for span in sentences(article.text(), block.span) {
            let tokens = front_end.tokens_of(article.text(), &study, span);
            for word in front_end.words_of(&study, &tokens)? {
                if word.origin.is_guessed() {
                    found.add(&word.spoken, &word.phonemes, || span.of(article.text()));
                }
            }
        }
    }
    Ok(())
}

/// A lexicon in TOML with the program's own readings of the words, to be corrected.
fn lexicon_of(found: &[Guess]) -> String {
    if found.is_empty() {
        return "# every word is known\n".to_string();
    }
    let mut text =
        "# Guessed pronunciations: correct those that are wrong, delete the others.\n[words]\n".to_string();
    for guess in found {
        let example = shorten(&guess.sentence, EXAMPLE_LENGTH).replace(|c: char| c.is_control(), " ");
        let word = guess.word.replace(['"', '\\'], "");
        text.push_str(&format!(
            "\"{word}\" = \"/{}/\"  # {}: {example}\n",
            guess.ipa,
            count(guess.times, "time")
        ));
    }
    text
}
