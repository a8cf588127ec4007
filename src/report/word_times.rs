//! When the words of a chunk are heard: the voice's plan, set right by the sound where there is silence beside a word.

use std::ops::Range;
use std::time::Duration;

use crate::audio::SampleRate;
use crate::master::Placement;
use crate::script::ScriptWord;
use crate::synth::Timings;

/// The plan is not further from the sound than this, see `benches/word_times.py`.
const NEAR: Duration = Duration::from_millis(130);

/// The samples of the programme at which the words of a chunk are heard, one range a word.
pub(super) fn word_times(
    words: &[ScriptWord],
    timings: &Timings,
    placement: &Placement,
    rate: SampleRate,
) -> Vec<Range<u64>> {
    let planned = |symbol: usize| placement.spoken_at(timings.start_of(symbol) as u64);
    let plan: Vec<Range<u64>> =
        words.iter().map(|word| planned(word.symbols.start)..planned(word.symbols.end)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::Break;
    use crate::table_test::each;
    use crate::text::Span;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    #[test]
    fn words_beside_silence_begin_and_end_with_the_sound() {
        let word = |symbols: Range<usize>| ScriptWord {
            span: Span { start: 0, end: 0 },
            symbols,
            sentence: 0,
            break_after: Break::Word,
        };
        // "ab cd, ef"; the space within the flow has no time of its own.
        let words = [word(0..2), word(3..5), word(7..9)];
        let lengths = vec![1_000, 1_000, 0, 1_000, 1_000, 2_000, 2_000, 1_000, 1_000];
        let timings = Timings { lead_in: 500, symbols: lengths, lead_out: 500 };
        let placed = |silences: Vec<Range<u64>>| Placement { end: 11_000, silences, ..Placement::default() };
        let rows = [
            (vec![], [500..2_500, 2_500..4_500, 8_500..10_500]),
            (vec![0..700, 4_000..8_000, 10_000..11_000], [700..2_500, 2_500..4_000, 8_000..10_000]),
            // Too far from the plan.
            (vec![0..4_000, 1_300..8_000], [500..2_500, 2_500..4_500, 8_000..10_500]),
            // No silence between these words.
            (vec![2_400..2_600, 11_000..11_000], [500..2_500, 2_500..4_500, 8_500..10_500]),
        ];
        each(rows, |(silences, want)| {
            assert_eq!(word_times(&words, &timings, &placed(silences), RATE), want);
        });
    }
}
