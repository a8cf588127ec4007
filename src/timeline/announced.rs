//! Announcements: spoken, though the article does not hold them.

use std::ops::Range;

use super::Timeline;
use super::cues::milliseconds;

/// Sentences before or after the article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    /// The sentences.
    pub text: String,
    /// The samples of the programme from the first phoneme to the last.
    pub samples: Range<u64>,
}

/// A cue of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// In milliseconds.
    pub start: u64,
    /// In milliseconds.
    pub end: u64,
    /// At most two.
    pub lines: Vec<String>,
}

impl Timeline {
    /// Adds sound of an announcement, which follows what is there. Sound of the same announcement makes it longer.
    pub(crate) fn announce(&mut self, text: &str, samples: Range<u64>) {
        let is_before = self.words.is_empty();
        let announced = if is_before { &mut self.before } else { &mut self.after };
        match announced {
            Some(announced) => announced.samples.end = samples.end,
            None => {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                *announced = Some(Announced { text, samples });
            }
        }
    }

    /// The announcement before the article, and that after it.
    #[cfg(any(feature = "epub", feature = "page"))]
    pub(crate) fn announced(&self) -> [Option<&Announced>; 2] {
        [self.before.as_ref(), self.after.as_ref()]
    }

    /// The cues of the announcement before the article, and of that after it.
    pub(super) fn notices(&self, columns: usize) -> [Vec<Notice>; 2] {
        [&self.before, &self.after].map(|announced| {
            announced.as_ref().map_or_else(Vec::new, |announced| self.notices_of(announced, columns))
        })
    }

    /// Lines take as much time as they have characters.
    fn notices_of(&self, announced: &Announced, columns: usize) -> Vec<Notice> {
        let lines = lines(&announced.text, columns);
        let length = |lines: &[String]| lines.iter().map(|line| line.chars().count() as u64).sum::<u64>();
        let total = length(&lines).max(1);
        let start = milliseconds(self, announced.samples.start);
        let duration = milliseconds(self, announced.samples.end).saturating_sub(start);
        let at = |line: usize| start + duration * length(&lines[..line]) / total;
        let cues = (0..lines.len()).step_by(2).map(|first| {
            let next = lines.len().min(first + 2);
            Notice { start: at(first), end: at(next).max(at(first) + 1), lines: lines[first..next].to_vec() }
        });
        cues.collect()
    }
}

/// A text in lines of at most `columns` characters; a longer word has a line of its own.
fn lines(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let width = word.chars().count();
        match lines.last_mut().filter(|line| line.chars().count() + 1 + width <= columns) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_string()),
        }
    }
    lines
}
