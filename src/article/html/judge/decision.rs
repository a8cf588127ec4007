//! From the probability of each leaf to the leaves that are read.

use super::features::{HEADING, LINKED, REASON, Row, STOP, WORDS, code};
use crate::article::confidence::{Weighed, expected_f1, is_doubtful};
use crate::article::reason::Reason;

/// A leaf about which the rules are not certain.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Its text's form.
    pub form: Form,
    /// How probable it is that it is of the story, 0 to 1.
    pub probability: f32,
    /// Whether the rules kept it.
    pub is_kept: bool,
}

/// The form of a leaf's text.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    words: f32,
    /// Several words without much of a link, and a stop at their end.
    is_prose: bool,
    is_heading: bool,
    /// The rules left it out for its place alone, or kept it.
    is_unmarked: bool,
}

impl Form {
    /// Reads it from the leaf's row.
    pub fn of(row: &Row) -> Self {
        let words = row[WORDS].exp_m1();
        Self {
            words,
            is_prose: words > 5.5 && row[LINKED] < 0.5 && row[STOP] > 0.5,
            is_heading: row[HEADING] > 0.5,
            is_unmarked: [None, Some(Reason::OutsideStory)].map(code).contains(&row[REASON]),
        }
    }
}

/// A leaf that the rules kept is read above this probability. It was chosen on pages that the trees had not seen, like all numbers
/// here but [`LEAST_SURE`], [`KEPT_HEADING`] and [`MARKED`]; their neighbours give nearly the same figures.
const KEPT: f32 = 0.4;
/// A sentence even above this one,
const KEPT_PROSE: f32 = 0.3;
/// and a heading above this one.
const KEPT_HEADING: f32 = 0.2;
/// A leaf that the rules left out for its place alone is read above this one, and one that they left out for a mark above the other.
const LEFT_OUT: f32 = 0.4;
const MARKED: f32 = 0.65;
/// The trees are not believed when they leave less than this share of the words that the rules kept: a lost story is the worst fault.
const LEAST_LEFT: f32 = 0.5;
/// Then a leaf that the rules kept is left out only below this probability.
const UNBELIEVED: f32 = 0.05;
/// Nor when less than this share of the page's prose would be read,
const LEAST_PROSE: f32 = 0.25;
/// and that with a mean probability, over its words, below this one: a short story among many teasers is surely one.
const LEAST_SURE: f32 = 0.75;
/// Then the likeliest leaves are looked at, until they have so many words.
const LIKELIEST: f32 = 80.0;
/// And all leaves are read that are at least so probable, compared with them.
const NEARLY_AS_LIKELY: f32 = 0.5;

/// On a doubtful page a leaf that is at least so probable is read, if the rules left it out for its place alone: a sentence too many is
/// better than one too few.
const DOUBTFUL: f32 = 0.35;

/// How sure it is that the leaves that are read are the story, from 0 to 1; `None` when none is.
pub fn confidence(leaves: &[Candidate], read: &[bool]) -> Option<f64> {
    let weighed = leaves.iter().zip(read).map(|(leaf, read)| Weighed {
        words: leaf.form.words,
        probability: leaf.probability,
        is_kept: *read,
    });
    expected_f1(weighed)
}

/// Which leaves are read.
pub fn decide(leaves: &[Candidate]) -> Vec<bool> {
    let bound = |leaf: &Candidate| match leaf.is_kept {
        true if leaf.form.is_heading => KEPT_HEADING,
        true if leaf.form.is_prose => KEPT_PROSE,
        true => KEPT,
        false if leaf.form.is_unmarked => LEFT_OUT,
        false => MARKED,
    };
    let is_likely = |leaf: &Candidate| leaf.probability > bound(leaf);
    let mut read: Vec<bool> = leaves.iter().map(is_likely).collect();
    let words = |is_in: &dyn Fn(usize) -> bool| -> f32 {
        leaves.iter().enumerate().filter(|(number, _)| is_in(*number)).map(|(_, leaf)| leaf.form.words).sum()
    };
    if words(&|leaf| read[leaf]) < LEAST_LEFT * words(&|leaf| leaves[leaf].is_kept) {
        for (read, leaf) in read.iter_mut().zip(leaves) {
            *read |= leaf.is_kept && leaf.probability > UNBELIEVED;
        }
    }
    let read_words = words(&|leaf| read[leaf]);
    let all: f32 = leaves
        .iter()
        .zip(&read)
        .map(|(leaf, read)| if *read { leaf.probability * leaf.form.words } else { 0.0 })
        .sum();
    if read_words < LEAST_PROSE * words(&|leaf| leaves[leaf].form.is_unmarked && leaves[leaf].form.is_prose)
        && all < LEAST_SURE * read_words.max(1.0)
    {
        let bound = NEARLY_AS_LIKELY * likeliest(leaves);
        for (read, leaf) in read.iter_mut().zip(leaves) {
            *read |= leaf.form.is_unmarked && leaf.probability > bound;
        }
    }
    if is_doubtful(confidence(leaves, &read)) {
        for (read, leaf) in read.iter_mut().zip(leaves) {
            *read |= leaf.form.is_unmarked && leaf.probability > DOUBTFUL;
        }
    }
    read
}

/// The probability of the likeliest leaves: of the last of them that is needed for [`LIKELIEST`] words.
fn likeliest(leaves: &[Candidate]) -> f32 {
    let mut order: Vec<&Candidate> = leaves.iter().collect();
    order.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let mut words = 0.0;
    let mut enough = order.iter().skip_while(|leaf| {
        words += leaf.form.words;
        words < LIKELIEST
    });
    enough.next().or(order.last()).map_or(0.0, |leaf| leaf.probability)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn doubtful_trees_lose_no_story() {
        /// Words, probability, whether the rules kept it; all are prose.
        type Leaf = (f32, f32, bool);
        let rows: [(&str, &[Leaf], &[bool]); 7] = [
            (
                "the trees are sure",
                &[(50.0, 0.9, true), (20.0, 0.1, true), (30.0, 0.7, false)],
                &[true, false, true],
            ),
            ("they would leave out nearly all", &[(50.0, 0.2, true), (20.0, 0.4, true)], &[true, true]),
            ("but not what is surely none", &[(50.0, 0.2, true), (20.0, 0.01, true)], &[true, false]),
            ("a short story among teasers", &[(9.0, 0.9, true), (80.0, 0.3, false)], &[true, false]),
            (
                "a doubtful story keeps rather than drops",
                &[(40.0, 0.6, true), (60.0, 0.4, false)],
                &[true, true],
            ),
            ("a sure one does not", &[(400.0, 0.98, true), (20.0, 0.4, false)], &[true, false]),
            (
                "rules and trees found little",
                &[(90.0, 0.4, false), (80.0, 0.25, false), (9.0, 0.7, true), (80.0, 0.1, false)],
                &[true, true, true, false],
            ),
        ];
        each(rows, |(name, leaves, want)| {
            let leaves: Vec<Candidate> = leaves
                .iter()
                .map(|&(words, probability, is_kept)| Candidate {
                    form: Form { words, is_prose: true, is_heading: false, is_unmarked: true },
                    probability,
                    is_kept,
                })
                .collect();
            assert_eq!(decide(&leaves), want, "{name}");
        });
    }
}
