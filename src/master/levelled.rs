//! One pass: the sound goes on as it comes, at a gain that is known before, with its peaks limited.

use std::collections::VecDeque;
use std::sync::Arc;

use super::finish::Finish;
use crate::audio::{Listener, SampleRate, Sink};
use crate::error::Result;
use crate::text::Span;

/// A sink behind a gain and a limiter. Sentences begin with their samples, though these come late.
pub(crate) struct Levelled {
    sink: Box<dyn Sink>,
    finish: Option<Finish>,
    finished: Vec<f32>,
    taken: u64,
    passed: u64,
    /// Sentences whose first sample is not passed on, and the number of that sample.
    waiting: VecDeque<(u64, usize, String, Span)>,
}

impl Levelled {
    /// In front of `sink`, with a gain in dB and a ceiling in dBTP.
    pub(crate) fn new(sink: Box<dyn Sink>, rate: SampleRate, gain: f64, ceiling: f64) -> Self {
        let finish = Some(Finish::new(rate, rate, gain, ceiling));
        Self { sink, finish, finished: Vec::new(), taken: 0, passed: 0, waiting: VecDeque::new() }
    }

    fn pass(&mut self) -> Result<()> {
        let mut rest = &self.finished[..];
        while !rest.is_empty() {
            while let Some((_, number, text, span)) = self.waiting.pop_front_if(|(at, ..)| *at <= self.passed)
            {
                self.sink.begin_sentence(number, &text, span);
            }
            let until = self.waiting.front().map_or(rest.len() as u64, |(at, ..)| at - self.passed);
            let (now, later) = rest.split_at(rest.len().min(until as usize));
            self.sink.write(now)?;
            self.passed += now.len() as u64;
            rest = later;
        }
        self.finished.clear();
        Ok(())
    }
}

impl Sink for Levelled {
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        if self.passed == self.taken {
            self.sink.begin_sentence(number, text, span);
        } else {
            self.waiting.push_back((self.taken, number, text.to_string(), span));
        }
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.taken += samples.len() as u64;
        if let Some(finish) = &mut self.finish {
            finish.push(samples, &mut self.finished);
        }
        self.pass()
    }

    fn listener(&self) -> Option<Arc<dyn Listener>> {
        self.sink.listener()
    }

    fn finalize(mut self: Box<Self>) -> Result<()> {
        if let Some(finish) = self.finish.take() {
            finish.finish(&mut self.finished);
        }
        self.pass()?;
        self.sink.finalize()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::table_test::each;

    #[derive(Default)]
    struct Notes {
        samples: Vec<f32>,
        sentences: Vec<(usize, usize)>,
        is_complete: bool,
    }

    struct Noting(Arc<Mutex<Notes>>);

    impl Sink for Noting {
        fn begin_sentence(&mut self, number: usize, _text: &str, _span: Span) {
            let mut notes = self.0.lock().unwrap();
            let at = notes.samples.len();
            notes.sentences.push((number, at));
        }

        fn write(&mut self, samples: &[f32]) -> Result<()> {
            self.0.lock().unwrap().samples.extend_from_slice(samples);
            Ok(())
        }

        fn finalize(self: Box<Self>) -> Result<()> {
            self.0.lock().unwrap().is_complete = true;
            Ok(())
        }
    }

    #[test]
    fn sentences_begin_with_their_first_sample() {
        each([1, 100, 480, 1_000], |block| {
            let notes = Arc::new(Mutex::new(Notes::default()));
            let rate = SampleRate::new(24_000).unwrap();
            let mut sink = Box::new(Levelled::new(Box::new(Noting(notes.clone())), rate, -6.0206, -1.0));
            let span = Span { start: 0, end: 1 };
            let lengths = [0, 700, 30, 2_000];
            for (number, length) in lengths.into_iter().enumerate() {
                sink.begin_sentence(number, "a", span);
                for samples in vec![0.5; length].chunks(block) {
                    sink.write(samples).unwrap();
                }
            }
            sink.finalize().unwrap();
            let notes = notes.lock().unwrap();
            assert!(notes.is_complete);
            assert_eq!(notes.sentences, [(0, 0), (1, 0), (2, 700), (3, 730)], "blocks of {block}");
            assert_eq!(notes.samples.len(), 2_730);
            assert!(notes.samples.iter().all(|sample| (sample - 0.25).abs() < 1e-5));
        });
    }
}
