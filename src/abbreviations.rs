//! The one table of abbreviations: whether the stop behind one ends a sentence, and how one is said.

use crate::tsv;

const DATA: &str = include_str!("data/abbreviations.tsv");

/// A form, without its last full stop, and how that stop is taken.
pub(crate) fn stops() -> impl Iterator<Item = (&'static str, &'static str)> {
    tsv::columns(DATA).filter(|[_, stop, _, _]| *stop != NONE).map(|[form, stop, _, _]| (form, stop))
}

/// A form, the words that are said for it, and when; a form of several senses comes several times.
pub(crate) fn senses() -> impl Iterator<Item = [&'static str; 3]> {
    tsv::columns(DATA)
        .filter(|[_, _, spoken, _]| *spoken != NONE)
        .map(|[form, _, spoken, when]| [form, spoken, when])
}

/// The mark of an empty column.
const NONE: &str = "-";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_says_something_and_no_stop_is_taken_twice() {
        let (mut stops, mut all) = (HashSet::new(), HashSet::new());
        tsv::assert_rows("abbreviations.tsv", DATA, 400, |row| match *row {
            [form, stop, spoken, when] => {
                let conditions = ["name", "dot", "mid", "number", "after", "any"];
                let has_sense = spoken != NONE && conditions.contains(&when);
                let is_silent = spoken == NONE && when == NONE;
                let is_sound = has_sense || is_silent && stop != NONE;
                !form.contains(' ')
                    && is_sound
                    && all.insert(row.to_vec())
                    && (stop == NONE || stops.insert(form))
            }
            _ => false,
        });
    }
}
