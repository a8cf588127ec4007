//! Puts trimmed utterances one after the other with exact pauses between.

use std::ops::Range;
use std::time::Duration;

use super::trim::Trimmer;
use crate::audio::SampleRate;
use crate::error::Result;

const SILENCE: [f32; 2400] = [0.0; 2400];

/// Where an utterance came to lie in the programme, in samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placement {
    /// First audible sample of the utterance.
    pub start: u64,
    /// One past its last.
    pub end: u64,
    /// Samples after the last speech.
    pub tail: u64,
    /// Samples at the utterance's head that were cut off: the voice's sample `n` is audible at `start + n − cut`.
    pub cut: u64,
    /// Where it is silent: before its speech, in the pauses between, and after its speech.
    pub silences: Vec<Range<u64>>,
}

impl Placement {
    /// The audible place of sample `n` of the utterance as spoken, kept within its bounds.
    pub(crate) fn heard_at(&self, n: u64) -> u64 {
        (self.start + n.saturating_sub(self.cut)).clamp(self.start, self.end)
    }

    /// The same, kept within the speech: the last phoneme may last longer than it sounds.
    pub(crate) fn spoken_at(&self, n: u64) -> u64 {
        self.heard_at(n).min(self.end.saturating_sub(self.tail).max(self.start))
    }

    /// The silence that covers most of a stretch of the programme.
    pub(crate) fn silence_in(&self, stretch: &Range<u64>) -> Option<&Range<u64>> {
        let covered = |silence: &Range<u64>| {
            silence.end.min(stretch.end).saturating_sub(silence.start.max(stretch.start))
        };
        self.silences.iter().max_by_key(|silence| covered(silence)).filter(|silence| covered(silence) > 0)
    }
}

/// Joins utterances into one programme.
pub(crate) struct Joiner {
    trimmer: Trimmer,
    /// Samples of the programme so far.
    position: u64,
    /// Silence owed before the next utterance; not written after the last.
    owed: usize,
    start: Option<u64>,
}

impl Joiner {
    /// A programme at `rate` that begins with `lead` samples of silence. Utterances have at least `edge_silence` before their
    /// first symbol.
    pub(crate) fn new(rate: SampleRate, edge_silence: Duration, lead: usize) -> Self {
        Self { trimmer: Trimmer::new(rate, edge_silence), position: 0, owed: lead, start: None }
    }

    /// Samples of the programme so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Takes sound of the current utterance and passes on its audible part.
    pub(crate) fn push(&mut self, block: &[f32], write: &mut dyn FnMut(&[f32]) -> Result<()>) -> Result<()> {
        self.through_trimmer(write, |trimmer, emit| trimmer.push(block, emit))
    }

    /// Ends the utterance; the next one begins `pause` samples after the end of this one's speech. Returns where the
    /// utterance lies; one without any sound has length zero and owes no pause.
    pub(crate) fn end(
        &mut self,
        pause: usize,
        write: &mut dyn FnMut(&[f32]) -> Result<()>,
    ) -> Result<Placement> {
        let mut cut = None;
        self.through_trimmer(write, |trimmer, emit| cut = trimmer.finish(emit))?;
        let start = self.start.take().unwrap_or(self.position);
        if cut.is_some() {
            self.owed = pause.saturating_sub(self.trimmer.margins());
        }
        let (end, tail, cut) = (self.position, self.trimmer.tail() as u64, cut.unwrap_or_default() as u64);
        let placed = |sample: usize| start + sample as u64 - cut;
        let silences = self.trimmer.take_silences().into_iter();
        let silences = silences.map(|silence| placed(silence.start)..placed(silence.end)).collect();
        Ok(Placement { start, end, tail, cut, silences })
    }

    /// Writes the silence that is due before the next utterance, before that one is there. A live listener hears the
    /// pause in the meantime.
    pub(crate) fn rest(&mut self, write: &mut dyn FnMut(&[f32]) -> Result<()>) -> Result<()> {
        while self.owed > 0 {
            let pause = &SILENCE[..SILENCE.len().min(self.owed)];
            write(pause)?;
            self.owed -= pause.len();
            self.position += pause.len() as u64;
        }
        Ok(())
    }

    fn through_trimmer(
        &mut self,
        write: &mut dyn FnMut(&[f32]) -> Result<()>,
        feed: impl FnOnce(&mut Trimmer, &mut dyn FnMut(&[f32])),
    ) -> Result<()> {
        let (owed, start, position) = (&mut self.owed, &mut self.start, &mut self.position);
        let mut result = Ok(());
        feed(&mut self.trimmer, &mut |kept| {
            if result.is_err() || kept.is_empty() {
                return;
            }
            while *owed > 0 && result.is_ok() {
                let pause = &SILENCE[..SILENCE.len().min(*owed)];
                *owed -= pause.len();
                *position += pause.len() as u64;
                result = write(pause);
            }
            start.get_or_insert(*position);
            *position += kept.len() as u64;
            if result.is_ok() {
                result = write(kept);
            }
        });
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};
    use crate::table_test::each;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();
    const EDGE: Duration = Duration::from_millis(20);

    fn utterance(speech: usize) -> Vec<f32> {
        let mut sound = vec![0.0; 6000];
        sound.extend((0..speech).map(|i| if i % 2 == 0 { 0.5 } else { -0.5 }));
        sound.extend([0.0; 6000]);
        sound
    }

    #[test]
    fn speech_is_exactly_the_pause_apart_and_nothing_follows_the_last() {
        let (mut joiner, mut out) = (Joiner::new(RATE, EDGE, 0), Vec::new());
        let mut placements = Vec::new();
        each([7200, 12_000], |pause| {
            let mut write = |block: &[f32]| {
                out.extend_from_slice(block);
                Ok(())
            };
            joiner.push(&utterance(2400), &mut write).unwrap();
            placements.push(joiner.end(pause, &mut write).unwrap());
        });
        let loud: Vec<usize> = (0..out.len()).filter(|i| out[*i] != 0.0).collect();
        let gap = loud.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert_eq!(gap - 1, 7200);
        assert_eq!(
            placements[0],
            Placement {
                start: 0,
                end: 480 + 2400 + 1440,
                tail: 1320,
                cut: 6000 - 480,
                silences: vec![0..480, 2880..4320]
            }
        );
        assert_eq!(placements[1].end, out.len() as u64);
        assert_eq!(placements[0].heard_at(6000), 480);
        assert_eq!(placements[0].heard_at(0), 0);
        assert_eq!([6000, 8400, 9000].map(|n| placements[0].spoken_at(n)), [480, 2880, 3000]);
    }

    #[test]
    fn the_silence_in_a_stretch_is_found() {
        let mut joiner = Joiner::new(RATE, EDGE, 0);
        let mut sound = utterance(2400);
        sound.truncate(6000 + 2400 + 3000);
        sound.extend((0..2400).map(|i| if i % 2 == 0 { 0.5 } else { -0.5 }));
        joiner.push(&sound, &mut |_| Ok(())).unwrap();
        let placement = joiner.end(0, &mut |_| Ok(())).unwrap();
        assert_eq!(placement.silences, [0..480, 2880..5880, 8280..8280]);
        let rows = [
            (0..700, Some(0..480)),
            (300..2900, Some(0..480)),
            (500..2870, None),
            (2000..6000, Some(2880..5880)),
            (4000..4001, Some(2880..5880)),
            (5880..9000, None),
        ];
        each(rows, |(stretch, want)| {
            assert_eq!(placement.silence_in(&stretch), want.as_ref(), "{stretch:?}");
        });
    }

    #[test]
    fn a_pause_may_be_written_before_what_follows_it() {
        let programme = |rests: bool| {
            let (mut joiner, mut out, mut placements) =
                (Joiner::new(RATE, EDGE, 2400), Vec::new(), Vec::new());
            for pause in [7200, 12_000] {
                let mut write = |block: &[f32]| {
                    out.extend_from_slice(block);
                    Ok(())
                };
                if rests {
                    joiner.rest(&mut write).unwrap();
                }
                joiner.push(&utterance(2400), &mut write).unwrap();
                placements.push(joiner.end(pause, &mut write).unwrap());
            }
            assert_eq!(joiner.position(), out.len() as u64);
            (out, placements)
        };
        assert_eq!(programme(true), programme(false));
    }

    #[test]
    fn an_error_of_the_sink_comes_back() {
        let mut joiner = Joiner::new(RATE, EDGE, 10);
        let result = joiner.push(&utterance(2400), &mut |_| Err(Error::new(ErrorKind::Output, "disk full")));
        assert_eq!(result.unwrap_err().what(), "disk full");
    }
}
