//! Checks that the letter-to-sound models still read as many held-out words right as after their training.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

#[allow(dead_code, reason = "training needs more of it")]
#[path = "../examples/train_letter_to_sound/dictionary.rs"]
mod dictionary;
#[path = "../examples/train_letter_to_sound/score.rs"]
mod score;
#[allow(dead_code, reason = "training needs more of it")]
#[path = "../examples/train_letter_to_sound/split.rs"]
mod split;

use audio_report::internals::letter_to_sound::model;
use audio_report::text::Dialect;

use dictionary::Entry;
use score::Score;
use split::Split;

/// Scores the model that comes with the program over the held-out tenth of misaki's words, and over the names in it.
fn scores(dialect: Dialect) -> (Score, Score) {
    let mut entries = dictionary::of_misaki(dialect);
    entries.retain(|entry| Split::Word.holds_out(&entry.word));
    let is_name = |entry: &&Entry| entry.is_name;
    (Score::of(model(dialect), entries.iter()), Score::of(model(dialect), entries.iter().filter(is_name)))
}

/// The bars are a little below the measurements at training: another release of the dictionary may differ in a few
/// words.
fn assert_holds(dialect: Dialect, words: f64, with_stress: f64, phoneme_error: f64, names: f64) {
    let (all, of_names) = scores(dialect);
    assert!(all.words > 15_000 && of_names.words > 700, "{dialect:?}: {all:?}, {of_names:?}");
    assert!(all.words_right() >= words, "{dialect:?}: {:.2} % of the words are right", all.words_right());
    assert!(
        all.words_right_with_stress() >= with_stress,
        "{dialect:?}: {:.2} % of the words are right with stress",
        all.words_right_with_stress()
    );
    assert!(
        all.phoneme_error() <= phoneme_error,
        "{dialect:?}: {:.2} % of the phonemes are wrong",
        all.phoneme_error()
    );
    assert!(
        of_names.words_right() >= names,
        "{dialect:?}: {:.2} % of the names are right",
        of_names.words_right()
    );
}

#[test]
fn american_words_never_seen_are_read_right() {
    assert_holds(Dialect::AmericanEnglish, 77.0, 70.5, 4.3, 44.0);
}

#[test]
fn british_words_never_seen_are_read_right() {
    assert_holds(Dialect::BritishEnglish, 81.5, 75.5, 3.6, 48.0);
}
