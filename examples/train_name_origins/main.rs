//! Trains the table that tells a name's language by its letters, and prints how often it is right on names held out:
//! `make name-origins`.
//!
//! The names are those of `people.tsv`, English words and names also those of misaki's dictionary. That has foreign
//! names too: a first table, trained without them, finds those that look foreign, and they are left out.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use misaki_rs::{Language, Lexicon};

#[allow(dead_code, reason = "the program needs more of it")]
#[path = "../../src/alphabet.rs"]
mod alphabet;
mod regression;
#[path = "../../src/phonemize/romanization/spelling.rs"]
mod spelling;

use regression::{CLASSES, ENGLISH, Example, Regression};

/// One name in this many is held out for the printed figures; the table that is written learns all.
const HELD_OUT: usize = 10;
/// One word without a capital in this many is learnt as English.
const WORDS: usize = 20;
/// A name of misaki's dictionary that is English with a smaller probability is left out.
const LEAST_ENGLISH: f32 = 0.3;

/// Trains the table that tells a name's language by its letters.
#[derive(Parser)]
struct Arguments {
    /// The names: language, kind, names
    #[arg(long, value_name = "FILE", default_value = "examples/train_name_origins/people.tsv")]
    people: PathBuf,
    /// Where the table goes; without it, it is only measured
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let people = fs::read_to_string(&arguments.people)
        .with_context(|| format!("can't read {}", arguments.people.display()))?;
    let languages = languages(&people);
    anyhow::ensure!(languages.len() == CLASSES, "{} languages instead of {CLASSES}", languages.len());
    let examples = examples(&people, &languages);
    println!("{} names and words", examples.len());
    let (held_out, learnt): (Vec<_>, Vec<_>) =
        examples.iter().enumerate().partition(|(number, _)| number % HELD_OUT == 0);
    let learnt: Vec<Example> = learnt.into_iter().map(|(_, example)| example.clone()).collect();
    let measured = Regression::train(&learnt);
    for (class, language) in languages.iter().enumerate() {
        let of_class: Vec<_> = held_out
            .iter()
            .filter(|(_, example)| example.class == class)
            .map(|(_, example)| example)
            .collect();
        let right = of_class.iter().filter(|example| measured.best(&example.letters) == class).count();
        println!("  {language:12} {right:4} of {:4}", of_class.len());
    }
    if let Some(path) = arguments.output {
        let table = Regression::train(&examples).table();
        fs::write(&path, &table).with_context(|| format!("can't write {}", path.display()))?;
        println!("{}: {} bytes", path.display(), table.len());
    }
    Ok(())
}

/// The languages in the order of the file, English last.
fn languages(people: &str) -> Vec<&str> {
    let mut languages: Vec<&str> = Vec::new();
    for language in
        people.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next())
    {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    languages
}

/// All names and words, sorted, each once a language; accented ones also without their accents.
fn examples(people: &str, languages: &[&str]) -> Vec<Example> {
    let mut names = BTreeSet::new();
    for row in people.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [language, _, of_language] = columns[..] else { continue };
        let Some(class) = languages.iter().position(|known| *known == language) else { continue };
        for name in of_language.split([' ', '-']).filter(|name| name.chars().count() > 1) {
            let name = name.to_lowercase();
            names.insert((name.chars().map(alphabet::plain).collect::<String>(), class));
            names.insert((name, class));
        }
    }
    let foreign: BTreeSet<&str> =
        names.iter().filter(|(_, class)| *class != ENGLISH).map(|(name, _)| name.as_str()).collect();
    let lexicon = Lexicon::new(Language::EnglishUS);
    let words: BTreeSet<&str> = lexicon
        .golds
        .keys()
        .map(String::as_str)
        .filter(|word| word.len() > 2 && word.chars().all(|letter| letter.is_ascii_alphabetic()))
        .collect();
    let is_common = |word: &&&str| word.starts_with(|letter: char| letter.is_ascii_lowercase());
    let common: Vec<&str> =
        words.iter().filter(is_common).filter(|word| word.len() > 3).step_by(WORDS).copied().collect();
    let capitalised: BTreeSet<String> = words
        .iter()
        .filter(|word| word.len() > 2 && word[1..].bytes().all(|letter| letter.is_ascii_lowercase()))
        .filter(|word| !is_common(word))
        .map(|word| word.to_lowercase())
        .filter(|word| !foreign.contains(word.as_str()))
        .collect();
    let mut examples: Vec<Example> = names.iter().map(|(name, class)| Example::new(name, *class)).collect();
    // English names of people and places are what comes here; they weigh more than words.
    let english: Vec<Example> = examples.iter().filter(|example| example.class == ENGLISH).cloned().collect();
    examples.extend(english);
    examples.extend(common.into_iter().map(|word| Example::new(word, ENGLISH)));
    let first = Regression::train(&examples);
    for word in &capitalised {
        let example = Example::new(word, ENGLISH);
        if words.contains(word.as_str()) || first.probability(&example.letters, ENGLISH) >= LEAST_ENGLISH {
            examples.push(example);
        }
    }
    examples
}
