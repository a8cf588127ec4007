//! The model: which sounds each letter may stand for, and how likely each is after those before it.
//!
//! A *graphone* is one letter with the sounds it stands for: `x` with `ks`, or a silent `e` with nothing. A word and its
//! pronunciation are a row of graphones, and the model is an n-gram model over such rows with modified Kneser-Ney
//! smoothing (Bisani and Ney, “Joint-sequence models for grapheme-to-phoneme conversion”, 2008), as a trie of the
//! n-grams. `examples/train_letter_to_sound` makes it.
//!
//! # File
//! Deflated. `LTS1`; the order and the number of graphones, a byte each; a line a graphone, letter and phonemes, by letter
//! and in the order of their symbols. Then the levels of the trie, n-grams of one symbol first: for each node of the level
//! before the number of its children, and for each of these nodes that has some its backoff (signed); for each n-gram its
//! last symbol, then for each its cost; a byte each. Symbols beyond the graphones are the [`Edge`]s of a word. Costs and
//! backoffs are negative natural logarithms of probabilities in steps of 1 / [`STEPS_PER_NAT`].

use std::io::Read;
use std::ops::Range;

use flate2::read::DeflateDecoder;

use super::stress::{is_vowel, without_stress};
use crate::alphabet;

/// First bytes of a model file.
pub const MAGIC: &[u8; 4] = b"LTS1";
/// N-grams of at most this many symbols.
pub const HIGHEST_ORDER: usize = 7;
/// Steps of a cost or backoff in a factor e of probability. Finer steps gained nothing on held-out words.
pub const STEPS_PER_NAT: f64 = 4.0;
/// The node of no symbol at all: its children are the single symbols.
pub(super) const ROOT: u32 = 0;
/// Bytes of an inflated model at most; ours have 5 MB.
const LARGEST: u64 = 64 << 20;

/// Symbols that are no graphone; the first stands for the number of graphones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Before an ordinary word.
    WordStart = 0,
    /// Before a name: names are read otherwise.
    NameStart = 1,
    /// After any.
    End = 2,
}

/// The number of [`Edge`]s.
pub const EDGES: usize = 3;

/// A letter as the model knows it: `a` to `z`, or an é that is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter(u8);

impl Letter {
    /// The é at the end of a word: an e that is said like the name of the letter a.
    pub(super) const E_ACUTE: Self = Self(26);
    const COUNT: usize = 27;

    /// The letter of a to z; `None` for all others.
    pub(super) fn plain(letter: char) -> Option<Self> {
        letter.is_ascii_lowercase().then(|| Self(letter as u8 - b'a'))
    }

    /// Whether it often stands for a vowel.
    pub(super) fn is_vowel(self) -> bool {
        self == Self::E_ACUTE || alphabet::is_vowel((self.0 + b'a').into())
    }
}

/// A file that is no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the letter-to-sound model is damaged ({0}): train it again with `make letter-to-sound`")]
pub struct Damaged(&'static str);

/// A letter-to-sound model; reads any word of letters from a to z.
#[derive(Debug)]
pub struct Model {
    pub(super) graphones: Vec<Graphone>,
    /// The symbols of each letter.
    letters: [Range<u8>; Letter::COUNT],
    /// The last symbol of each node, and the cost of it after those before.
    pub(super) symbols: Vec<u8>,
    pub(super) costs: Vec<u8>,
    /// What it costs to look for a symbol after fewer than a node's; nodes of the last level have none.
    backoffs: Vec<i8>,
    /// Where the children of each node begin, in the same order; and where the last ones end.
    first_children: Vec<u32>,
}

/// A letter's sounds.
#[derive(Debug)]
pub(super) struct Graphone {
    pub(super) phonemes: String,
    pub(super) is_stressed: bool,
}

impl Model {
    /// Reads a model file.
    pub fn from_bytes(file: &[u8]) -> Result<Self, Damaged> {
        let mut bytes = Vec::with_capacity(file.len() * 3);
        DeflateDecoder::new(file)
            .take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(|_| Damaged("not deflated"))?;
        let mut rest = bytes.as_slice();
        if take(&mut rest, MAGIC.len())? != MAGIC {
            return Err(Damaged("no model"));
        }
        let &[order, count] = take(&mut rest, 2)? else { return Err(Damaged("cut off")) };
        if !(1..=HIGHEST_ORDER).contains(&usize::from(order)) || usize::from(count) + EDGES > u8::MAX.into() {
            return Err(Damaged("order or number of graphones out of range"));
        }
        let (graphones, letters) = read_graphones(&mut rest, count)?;
        let mut model = Self {
            graphones,
            letters,
            symbols: vec![0],
            costs: vec![0],
            backoffs: Vec::new(),
            first_children: Vec::new(),
        };
        for _ in 0..order {
            model.read_level(&mut rest)?;
        }
        model.first_children.push(model.symbols.len() as u32);
        if !rest.is_empty() {
            return Err(Damaged("too long"));
        }
        Ok(model)
    }

    /// Adds the children of all nodes of the last level.
    fn read_level(&mut self, rest: &mut &[u8]) -> Result<(), Damaged> {
        let parents = self.symbols.len() - self.first_children.len();
        let counts = take(rest, parents)?;
        let mut child = self.symbols.len();
        for &count in counts {
            self.first_children.push(child as u32);
            child += usize::from(count);
        }
        let with_children = counts.iter().filter(|&&count| count > 0).count();
        let mut backoffs = take(rest, with_children)?.iter();
        let of_parent = |&count: &u8| {
            if count > 0 { backoffs.next().map_or(0, |&byte| byte.cast_signed()) } else { 0 }
        };
        self.backoffs.extend(counts.iter().map(of_parent));
        let children = child - self.symbols.len();
        let symbols = take(rest, children)?;
        if symbols.iter().any(|&symbol| usize::from(symbol) >= self.graphones.len() + EDGES) {
            return Err(Damaged("a symbol out of range"));
        }
        let mut siblings = symbols;
        for &count in counts {
            if !take(&mut siblings, count.into())?.is_sorted_by(|left, right| left < right) {
                return Err(Damaged("symbols out of order"));
            }
        }
        self.symbols.extend_from_slice(symbols);
        self.costs.extend_from_slice(take(rest, children)?);
        Ok(())
    }

    /// The symbols a letter may be.
    pub(super) fn symbols_of(&self, letter: Letter) -> Range<u8> {
        self.letters[usize::from(letter.0)].clone()
    }

    /// The symbol of an edge of a word.
    pub(super) fn edge(&self, edge: Edge) -> u8 {
        self.graphones.len() as u8 + edge as u8
    }

    /// The nodes one symbol longer than a node, sorted by it.
    pub(super) fn children(&self, node: u32) -> Range<usize> {
        match self.first_children.get(node as usize..node as usize + 2) {
            Some(&[start, end]) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// What it costs to look for a symbol after one symbol fewer.
    pub(super) fn backoff(&self, node: u32) -> i32 {
        self.backoffs.get(node as usize).copied().unwrap_or_default().into()
    }
}

/// The graphones, and which of them belong to each letter.
fn read_graphones(
    rest: &mut &[u8],
    count: u8,
) -> Result<(Vec<Graphone>, [Range<u8>; Letter::COUNT]), Damaged> {
    let mut graphones = Vec::with_capacity(count.into());
    let mut letters = [const { 0..0 }; Letter::COUNT];
    let mut extend = |letter: Letter, symbol: u8| {
        let range: &mut Range<u8> = &mut letters[usize::from(letter.0)];
        let is_new = range.start == range.end;
        if !is_new && range.end != symbol {
            return Err(Damaged("graphones out of order"));
        }
        *range = if is_new { symbol } else { range.start }..symbol + 1;
        Ok(())
    };
    for symbol in 0..count {
        let length = rest.iter().position(|&byte| byte == b'\n').ok_or(Damaged("cut off"))?;
        let line = std::str::from_utf8(take(rest, length)?).map_err(|_| Damaged("graphones are no text"))?;
        take(rest, 1)?;
        let mut characters = line.chars();
        let letter =
            characters.next().and_then(Letter::plain).ok_or(Damaged("a graphone without a letter"))?;
        let phonemes = characters.as_str();
        extend(letter, symbol)?;
        if line.starts_with('e') && without_stress(phonemes) == "A" {
            extend(Letter::E_ACUTE, symbol)?;
        }
        if phonemes.chars().any(|c| matches!(c, 'ˈ' | 'ˌ')) && !phonemes.contains(is_vowel) {
            return Err(Damaged("a stress without a vowel"));
        }
        graphones.push(Graphone { phonemes: phonemes.to_string(), is_stressed: phonemes.contains('ˈ') });
    }
    Ok((graphones, letters))
}

/// The next bytes of a file.
fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Damaged> {
    let (bytes, tail) = rest.split_at_checked(count).ok_or(Damaged("cut off"))?;
    *rest = tail;
    Ok(bytes)
}
