//! Trains the letter-to-sound models and prints how many unseen words they read right: `cargo run --release --example
//! train_letter_to_sound -- --help`, or `make letter-to-sound`.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use audio_report::internals::letter_to_sound::Model;
use audio_report::text::Dialect;
use clap::Parser;

use dictionary::{Entry, Origin};
use score::Score;
use split::Split;

mod align;
mod arpabet;
mod dictionary;
mod kneser_ney;
mod model_file;
mod score;
mod split;

/// Trains the letter-to-sound models on misaki's dictionaries; the American one also on the names of the lexicon and,
/// where it is given, on CMUdict.
///
/// One word in ten is held out from training; the printed figures are for these words.
#[derive(Parser)]
struct Arguments {
    /// Length of the longest n-grams, 1 to 7
    #[arg(long, default_value_t = 6)]
    order: usize,
    /// How words are held out; models are written for `word` only
    #[arg(long, value_enum, default_value = "word")]
    split: Split,
    /// A file of CMUdict, for the surnames in it
    #[arg(long, value_name = "FILE")]
    cmudict: Option<PathBuf>,
    /// The names of the lexicon
    #[arg(long, value_name = "FILE", default_value = "src/lexicon/data/names.tsv")]
    names: PathBuf,
    /// Where the models go; without it they are only measured
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    for (dialect, name) in [(Dialect::AmericanEnglish, "american"), (Dialect::BritishEnglish, "british")] {
        let entries = entries(dialect, &arguments)?;
        let (held_out, learnt): (Vec<&Entry>, Vec<&Entry>) =
            entries.iter().partition(|entry| arguments.split.holds_out(&entry.word));
        let start = Instant::now();
        let trained = model_file::train(&learnt, arguments.order)?;
        println!(
            "{name}: order {}, {} pronunciations of {} words learnt ({} could not be aligned, {} have rare graphones), \
             {} n-grams, {:.2} MB, {:.1} s",
            arguments.order,
            trained.learnt,
            learnt.len(),
            trained.misaligned,
            trained.rare,
            trained.ngrams,
            trained.file.len() as f64 / 1e6,
            start.elapsed().as_secs_f64()
        );
        let start = Instant::now();
        let model = Model::from_bytes(&trained.file).context("the model just made can't be read")?;
        println!("  read back in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
        print_scores(&model, &held_out);
        if let Some(folder) = arguments.output.as_deref().filter(|_| arguments.split == Split::Word) {
            let path = folder.join(format!("{name}.model"));
            fs::write(&path, &trained.file).with_context(|| format!("can't write {}", path.display()))?;
        }
    }
    Ok(())
}

/// All words with known pronunciations in a dialect.
fn entries(dialect: Dialect, arguments: &Arguments) -> Result<Vec<Entry>> {
    let mut entries = dictionary::of_misaki(dialect);
    if dialect == Dialect::AmericanEnglish {
        let names = read(&arguments.names)?;
        let rows =
            names.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
        let rows = rows.map(|(name, phonemes)| (name, phonemes.to_string()));
        let names = dictionary::of_table(rows, Origin::Name, &entries);
        entries.extend(names);
        entries.sort_by(|a, b| a.word.cmp(&b.word));
        if let Some(path) = &arguments.cmudict {
            let words = read(path)?;
            let words = dictionary::of_table(arpabet::rows(&words), Origin::Cmu, &entries);
            entries.extend(words);
        }
    }
    Ok(entries)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

/// Held-out words that are counted together.
type Group<'a> = (&'a str, &'a dyn Fn(&Entry) -> bool);

fn print_scores(model: &Model, held_out: &[&Entry]) {
    let is_misaki = |entry: &Entry| matches!(entry.origin, Origin::Gold | Origin::Silver);
    let groups: [Group; 6] = [
        ("misaki", &is_misaki),
        ("  gold", &|entry| entry.origin == Origin::Gold),
        ("  silver", &|entry| entry.origin == Origin::Silver),
        ("  gold, names", &|entry| entry.origin == Origin::Gold && entry.is_name),
        ("lexicon's names", &|entry| entry.origin == Origin::Name),
        ("CMUdict", &|entry| entry.origin == Origin::Cmu),
    ];
    println!("  held out           words   right   right with stress   phoneme error   words/s");
    for (label, belongs) in groups {
        let start = Instant::now();
        let score = Score::of(model, held_out.iter().copied().filter(|entry| belongs(entry)));
        if score.words > 0 {
            println!(
                "  {label:16} {:7} {:6.2}% {:18.2}% {:14.2}% {:9.0}",
                score.words,
                score.words_right(),
                score.words_right_with_stress(),
                score.phoneme_error(),
                score.words as f64 / start.elapsed().as_secs_f64()
            );
        }
    }
}
