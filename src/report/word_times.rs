//! When the words of a chunk are heard: the voice's plan, set right by the sound where there is silence beside a word.

use std::ops::Range;
use std::time::Duration;

use crate::audio::SampleRate;
use crate::master::Placement;
use crate::script::ScriptChunk;
use crate::synth::Timings;

/// The plan is not further from the sound than this, see `benches/word_times.py`.
const NEAR: Duration = Duration::from_millis(130);

/// The samples of the programme at which the words of a chunk are heard, one range a word.
pub(super) fn word_times(
    chunk: &ScriptChunk,
    timings: &Timings,
    placement: &Placement,
    rate: SampleRate,
) -> Vec<Range<u64>> {
    let planned = |symbol: usize| placement.spoken_at(timings.start_of(symbol) as u64);
    let plan: Vec<Range<u64>> =
        chunk.words.iter().map(|word| planned(word.symbols.start)..planned(word.symbols.end)).collect();
    let near = rate.samples(NEAR) as u64;
    let mut times = plan.clone();
    for index in 0..=plan.len() {
        let from = index.checked_sub(1).map_or(placement.start, |before| plan[before].end);
        let to = plan.get(index).map_or(placement.end, |word| word.start);
        let Some(silence) = placement.silence_in(&(from..to)) else { continue };
        if let Some(word) = times.get_mut(index).filter(|_| silence.end.abs_diff(to) <= near) {
            word.start = silence.end.min(word.end);
        }
        let before = index.checked_sub(1).and_then(|before| times.get_mut(before));
        if let Some(word) = before.filter(|_| silence.start.abs_diff(from) <= near) {
            word.end = silence.start.max(word.start);
        }
    }
    times
}
