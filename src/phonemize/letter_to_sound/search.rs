//! The search for the most likely sounds of a word: a beam over its letters.
//!
//! Costs are whole numbers, and of equal costs the first one found wins, so a word is read alike on every machine.

use super::model::{Edge, HIGHEST_ORDER, Letter, Model, ROOT};
use super::stress::with_one_primary;

/// Readings of the letters so far that are followed at most. Half as many cost 0.5 % of held-out words, twice as many gain
/// 0.1 %.
pub(super) const BEAM: usize = 32;
/// The same for rows of letters that no language has, of which there may be megabytes.
pub(super) const NARROW_BEAM: usize = 2;
/// A reading that costs this much more than the best is given up, in steps of cost: 10 nats.
const MARGIN: u32 = 40;

/// A reading of the letters so far.
#[derive(Clone, Copy)]
struct Hypothesis {
    cost: u32,
    /// The node of the last symbol, of the last two, and so on, after [`ROOT`]; only those that have children.
    contexts: [u32; HIGHEST_ORDER],
    /// The number of contexts.
    depth: u8,
    has_primary: bool,
    /// Its last step; [`NO_STEP`] before the first letter.
    step: u32,
}

const NO_STEP: u32 = u32::MAX;

/// A symbol of a reading, and the step before.
struct Step {
    symbol: u8,
    before: u32,
}

/// A symbol after a hypothesis: its cost, and the nodes that end in it.
#[derive(Clone, Copy)]
struct Extension {
    /// `None` when the model has never seen the symbol.
    cost: Option<i32>,
    contexts: [u32; HIGHEST_ORDER],
    depth: u8,
}

impl Model {
    /// The most likely phonemes of a word in lower-case letters from a to z, with exactly one primary stress where there
    /// is a vowel; `None` for other characters and no letter at all. The time it takes is linear in the letters.
    pub fn pronounce(&self, word: &str, is_name: bool) -> Option<String> {
        let letters: Option<Vec<Letter>> = word.chars().map(Letter::plain).collect();
        letters.and_then(|letters| self.most_likely(&letters, is_name, BEAM))
    }

    /// The same for letters, following at most `width` readings at a time.
    pub(super) fn most_likely(&self, letters: &[Letter], is_name: bool, width: usize) -> Option<String> {
        let mut steps = Vec::with_capacity(letters.len() * width);
        let mut beam = vec![self.start(is_name)];
        let mut extensions = Vec::new();
        let mut found: Vec<(Hypothesis, u8)> = Vec::new();
        for &letter in letters {
            let symbols = self.symbols_of(letter);
            let mut cheapest = u32::MAX;
            found.clear();
            for hypothesis in &beam {
                self.extend(hypothesis, symbols.start, symbols.end, &mut extensions);
                for (symbol, extension) in symbols.clone().zip(&extensions) {
                    let is_stressed = self.graphones[usize::from(symbol)].is_stressed;
                    let Some(cost) = extension.cost else { continue };
                    let cost = hypothesis.cost.saturating_add_signed(cost);
                    if (is_stressed && hypothesis.has_primary) || cost > cheapest.saturating_add(MARGIN) {
                        continue;
                    }
                    cheapest = cheapest.min(cost);
                    let extended = Hypothesis {
                        cost,
                        contexts: extension.contexts,
                        depth: extension.depth,
                        has_primary: hypothesis.has_primary || is_stressed,
                        step: hypothesis.step,
                    };
                    found.push((extended, symbol));
                }
            }
            keep_best(&found, width, &mut beam, &mut steps);
        }
        let end = self.edge(Edge::End);
        let finished = beam.iter().map(|hypothesis| {
            self.extend(hypothesis, end, end + 1, &mut extensions);
            let cost = extensions.first().and_then(|extension| extension.cost).unwrap_or(i32::MAX);
            (!hypothesis.has_primary, hypothesis.cost.saturating_add_signed(cost), hypothesis.step)
        });
        let (_, _, best) = finished.min_by_key(|&(no_primary, cost, _)| (no_primary, cost))?;
        (best != NO_STEP).then(|| with_one_primary(&self.spell_out(&steps, best)))
    }

    fn start(&self, is_name: bool) -> Hypothesis {
        let start = self.edge(if is_name { Edge::NameStart } else { Edge::WordStart });
        let singles = self.children(ROOT);
        let mut contexts = [ROOT; HIGHEST_ORDER];
        let mut depth = 0;
        if let Ok(index) = self.symbols[singles.clone()].binary_search(&start) {
            contexts[1] = (singles.start + index) as u32;
            depth = 1;
        }
        Hypothesis { cost: 0, contexts, depth, has_primary: false, step: NO_STEP }
    }

    /// The cost of each symbol of a range after a hypothesis, from the longest context that knows it.
    fn extend(&self, hypothesis: &Hypothesis, start: u8, end: u8, extensions: &mut Vec<Extension>) {
        extensions.clear();
        let unseen = Extension { cost: None, contexts: [ROOT; HIGHEST_ORDER], depth: 0 };
        extensions.resize((end - start).into(), unseen);
        let mut penalty = 0;
        for length in (0..=usize::from(hypothesis.depth)).rev() {
            let node = hypothesis.contexts[length];
            let children = self.children(node);
            let symbols = &self.symbols[children.clone()];
            let first = symbols.partition_point(|&symbol| symbol < start);
            for (index, &symbol) in symbols.iter().enumerate().skip(first).take_while(|(_, s)| **s < end) {
                let child = children.start + index;
                let extension = &mut extensions[usize::from(symbol - start)];
                extension.cost.get_or_insert(penalty + i32::from(self.costs[child]));
                if length + 1 < HIGHEST_ORDER && !self.children(child as u32).is_empty() {
                    extension.contexts[length + 1] = child as u32;
                    extension.depth = extension.depth.max(length as u8 + 1);
                }
            }
            penalty += self.backoff(node);
        }
    }

    fn spell_out(&self, steps: &[Step], last: u32) -> String {
        let mut symbols = Vec::new();
        let mut step = steps.get(last as usize);
        while let Some(Step { symbol, before }) = step {
            symbols.push(*symbol);
            step = steps.get(*before as usize);
        }
        symbols.iter().rev().map(|&symbol| self.graphones[usize::from(symbol)].phonemes.as_str()).collect()
    }
}

/// The cheapest hypotheses become the beam; of those with the same further costs only the cheapest stays.
fn keep_best(found: &[(Hypothesis, u8)], width: usize, beam: &mut Vec<Hypothesis>, steps: &mut Vec<Step>) {
    // Of equals the first found stays first.
    let mut by_cost: Vec<(u32, usize)> =
        found.iter().enumerate().map(|(index, (hypothesis, _))| (hypothesis.cost, index)).collect();
    by_cost.sort_unstable();
    beam.clear();
    let cheapest = by_cost.first().map_or(0, |(cost, _)| *cost);
    for (cost, index) in by_cost {
        if beam.len() == width || cost > cheapest.saturating_add(MARGIN) {
            break;
        }
        let (hypothesis, symbol) = &found[index];
        let last = |of: &Hypothesis| of.contexts[usize::from(of.depth)];
        let is_same = |other: &Hypothesis| {
            other.has_primary == hypothesis.has_primary && last(other) == last(hypothesis)
        };
        if !beam.iter().any(is_same) {
            beam.push(Hypothesis { step: steps.len() as u32, ..*hypothesis });
            steps.push(Step { symbol: *symbol, before: hypothesis.step });
        }
    }
}
