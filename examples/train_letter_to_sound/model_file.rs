//! Words → a model file, as `letter_to_sound::Model` reads it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use audio_report::internals::letter_to_sound::{EDGES, Edge, MAGIC, STEPS_PER_NAT};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::align::{Aligner, Sample};
use crate::dictionary::Entry;
use crate::kneser_ney::{self, Level};

/// Graphones at most: with the edges of a word their number must fit a byte. Words that need rarer ones are left out.
const MOST_GRAPHONES: usize = u8::MAX as usize - EDGES;

/// A letter and its sounds.
type Graphone = (char, String);

/// A trained model and its statistics.
pub struct Trained {
    /// The file.
    pub file: Vec<u8>,
    /// Pronunciations that were learnt.
    pub learnt: usize,
    /// Pronunciations whose sounds can't be given to their letters.
    pub misaligned: usize,
    /// Pronunciations with a rare graphone.
    pub rare: usize,
    /// N-grams of all lengths.
    pub ngrams: usize,
}

/// Trains on words.
pub fn train(entries: &[&Entry], order: usize) -> io::Result<Trained> {
    let with_names = entries.iter().flat_map(|entry| {
        entry
            .pronunciations
            .iter()
            .map(|pronunciation| (Sample { word: &entry.word, pronunciation }, entry.is_name))
    });
    let (samples, is_name): (Vec<Sample>, Vec<bool>) = with_names.unzip();
    let aligner = Aligner::train(&samples);
    let with_graphones: Vec<Option<Vec<Graphone>>> =
        samples.iter().map(|sample| aligner.align(sample).map(|counts| graphones(sample, &counts))).collect();

    let symbols = symbols(with_graphones.iter().flatten().flatten());
    let edge = |edge: Edge| (symbols.len() + edge as usize) as u8;
    let mut rows = Vec::new();
    for (graphones, is_name) in with_graphones.iter().zip(is_name) {
        let Some(graphones) = graphones else { continue };
        let start = edge(if is_name { Edge::NameStart } else { Edge::WordStart });
        let known: Option<Vec<u8>> =
            graphones.iter().map(|graphone| symbols.get(graphone).copied()).collect();
        if let Some(known) = known {
            rows.push([&[start], known.as_slice(), &[edge(Edge::End)]].concat());
        }
    }
    let levels = kneser_ney::train(&rows, order, [edge(Edge::WordStart), edge(Edge::NameStart)]);
    let misaligned = with_graphones.iter().filter(|graphones| graphones.is_none()).count();
    Ok(Trained {
        file: write(&symbols, &levels)?,
        learnt: rows.len(),
        misaligned,
        rare: with_graphones.len() - misaligned - rows.len(),
        ngrams: levels.iter().map(|level| level.keys.len()).sum(),
    })
}

fn graphones(sample: &Sample, counts: &[usize]) -> Vec<Graphone> {
    let mut rest = sample.pronunciation.as_slice();
    let letters = sample.word.chars().zip(counts);
    letters
        .map(|(letter, &count)| {
            let (sounds, tail) = rest.split_at(count);
            rest = tail;
            (letter, sounds.concat())
        })
        .collect()
}

/// The most frequent graphones, numbered by letter.
fn symbols<'a>(occurrences: impl Iterator<Item = &'a Graphone>) -> BTreeMap<Graphone, u8> {
    let mut counts: BTreeMap<&Graphone, usize> = BTreeMap::new();
    for graphone in occurrences {
        *counts.entry(graphone).or_default() += 1;
    }
    let mut frequent: Vec<_> = counts.into_iter().collect();
    frequent.sort_by_key(|&(graphone, count)| (std::cmp::Reverse(count), graphone));
    frequent.truncate(MOST_GRAPHONES);
    // Graphones that differ only in stress stand together: the model gives an é the share of the e's with the same
    // sound.
    let plain = |(letter, phonemes): &Graphone| (*letter, phonemes.replace(['ˈ', 'ˌ'], ""));
    frequent.sort_by_key(|&(graphone, _)| (plain(graphone), graphone));
    frequent.into_iter().zip(0..).map(|((graphone, _), symbol)| (graphone.clone(), symbol)).collect()
}

fn write(symbols: &BTreeMap<Graphone, u8>, levels: &[Level]) -> io::Result<Vec<u8>> {
    let mut file = DeflateEncoder::new(Vec::new(), Compression::best());
    file.write_all(MAGIC)?;
    file.write_all(&[levels.len() as u8, symbols.len() as u8])?;
    let mut by_symbol: Vec<_> = symbols.iter().collect();
    by_symbol.sort_by_key(|&(_, symbol)| symbol);
    for ((letter, phonemes), _) in by_symbol {
        writeln!(file, "{letter}{phonemes}")?;
    }
    let root = Level { keys: vec![0], probabilities: vec![1.0], backoffs: vec![1.0] };
    let mut parents = &root;
    for level in levels {
        let mut children =
            level.keys.chunk_by(|a, b| kneser_ney::context(*a) == kneser_ney::context(*b)).peekable();
        let mut backoffs = Vec::new();
        for (&parent, &backoff) in parents.keys.iter().zip(&parents.backoffs) {
            let own = children.next_if(|same| kneser_ney::context(same[0]) == parent);
            file.write_all(&[own.map_or(0, <[u64]>::len) as u8])?;
            if own.is_some() {
                backoffs.push(cost(backoff).clamp(i8::MIN.into(), i8::MAX.into()) as i8 as u8);
            }
        }
        file.write_all(&backoffs)?;
        file.write_all(&level.keys.iter().map(|&key| kneser_ney::last(key)).collect::<Vec<u8>>())?;
        let costs = level.probabilities.iter().map(|&probability| cost(probability).clamp(0, 255) as u8);
        file.write_all(&costs.collect::<Vec<u8>>())?;
        parents = level;
    }
    file.finish()
}

/// The negative logarithm in the steps of the model.
fn cost(probability: f64) -> i32 {
    (-probability.ln() * STEPS_PER_NAT).round() as i32
}

#[cfg(test)]
mod tests {
    use audio_report::internals::letter_to_sound::Model;

    use super::*;
    use crate::dictionary::{Origin, of_table};

    #[test]
    fn what_is_learnt_is_read_back() {
        let words =
            [("bite", "bˈIt"), ("kite", "kˈIt"), ("kit", "kˈɪt"), ("box", "bˈɑks"), ("Tibet", "təbˈɛt")];
        let rows = words.iter().map(|(word, phonemes)| (*word, (*phonemes).to_string()));
        let entries = of_table(rows, Origin::Gold, &[]);
        let entries: Vec<&Entry> = entries.iter().collect();
        let trained = train(&entries, 5).unwrap();
        assert_eq!((trained.learnt, trained.misaligned, trained.rare), (5, 0, 0));
        let model = Model::from_bytes(&trained.file).unwrap();
        for (word, phonemes) in words {
            let is_name = word.starts_with(char::is_uppercase);
            assert_eq!(model.pronounce(&word.to_lowercase(), is_name).as_deref(), Some(phonemes), "{word}");
        }
        assert_eq!(train(&entries, 5).unwrap().file, trained.file, "not the same again");
        assert_eq!(model.pronounce("Bite", false), None);
        assert_eq!(model.pronounce("", false), None);
    }
}
