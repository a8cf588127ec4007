//! Reads the part of speech of words from a PLS lexeme's `role`.
//!
//! A role is a qualified name, and the specification leaves its vocabulary to the author of the lexicon. Nearly all
//! name parts of speech: by words (`noun`), or by the tags of the Penn Treebank, of CLAWS (the specification's own
//! example) or of Universal Dependencies. The prefix is free, so only the local name counts.

use super::PartOfSpeech;
use super::entry::NameKind;

/// The parts of speech that a list of roles names, each once; `None` when it names none that is known.
pub(super) fn parts_of_speech(roles: &str) -> Option<Vec<PartOfSpeech>> {
    let mut parts = Vec::new();
    for part in roles.split_whitespace().filter_map(part_of_speech) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    (!parts.is_empty()).then_some(parts)
}

/// The kind of name that a list of roles states.
pub(super) fn kind_of_name(roles: &str) -> Option<NameKind> {
    roles.split_whitespace().find_map(|role| NameKind::of_name(role.rsplit(':').next().unwrap_or(role)))
}

fn part_of_speech(role: &str) -> Option<PartOfSpeech> {
    let name = role.rsplit(':').next().unwrap_or(role).to_ascii_uppercase();
    if let Some((_, part)) = PartOfSpeech::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
        return Some(*part);
    }
    match name.as_str() {
        "PROPN" | "NNP" | "NNPS" | "PROPERNOUN" => Some(PartOfSpeech::Name),
        "AUX" | "MD" => Some(PartOfSpeech::Verb),
        "ADJ" => Some(PartOfSpeech::Adjective),
        "ADV" => Some(PartOfSpeech::Adverb),
        _ => tag(&name),
    }
}

/// Tags whose first letters decide, as those of CLAWS 5 and 7: `NN1`, `NP0`, `VVI`, `VBDZ`, `AJ0`, `RRR`.
fn tag(name: &str) -> Option<PartOfSpeech> {
    const LONGEST: usize = 5;
    let (head, rest) = name.split_at_checked(2).filter(|_| name.len() <= LONGEST)?;
    match head {
        "NN" => Some(PartOfSpeech::Noun),
        "NP" => Some(PartOfSpeech::Name),
        "JJ" | "JK" | "AJ" => Some(PartOfSpeech::Adjective),
        "RB" | "RR" | "RG" | "RL" | "RT" | "AV" => Some(PartOfSpeech::Adverb),
        "VM" => Some(PartOfSpeech::Verb),
        // The third letter is the form: D and N the past and its participle.
        "VV" | "VB" | "VD" | "VH" => match rest.chars().next() {
            Some('D' | 'N') => Some(PartOfSpeech::PastVerb),
            None | Some('0' | 'B' | 'G' | 'I' | 'M' | 'P' | 'R' | 'Z') => Some(PartOfSpeech::PresentVerb),
            Some(_) => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn roles_name_parts_of_speech() {
        use PartOfSpeech::{Adjective, Adverb, Name, Noun, PastVerb, PresentVerb, Verb};
        let rows = [
            ("claws:VVI claws:VV0 claws:NN1", Some(vec![PresentVerb, Noun])),
            ("claws:VVD\n\tclaws:VVN", Some(vec![PastVerb])),
            ("VBD", Some(vec![PastVerb])),
            ("penn:VBZ", Some(vec![PresentVerb])),
            ("penn:VB", Some(vec![PresentVerb])),
            ("c7:VBDZ", Some(vec![PastVerb])),
            ("c5:VM0", Some(vec![Verb])),
            ("my:verb", Some(vec![Verb])),
            ("my:Noun", Some(vec![Noun])),
            ("upos:PROPN", Some(vec![Name])),
            ("penn:NNP", Some(vec![Name])),
            ("penn:NNS", Some(vec![Noun])),
            ("c5:NP0", Some(vec![Name])),
            ("c5:AJ0 penn:JJR upos:ADJ", Some(vec![Adjective])),
            ("c7:RR", Some(vec![Adverb])),
            ("maker:SENSE_1", None),
            ("maker:SENSE_1 noun", Some(vec![Noun])),
            ("maker:VBX", None),
            ("maker:NNowhere", None),
            ("maker:é", None),
            (":", None),
            ("", None),
        ];
        each(rows, |(roles, want)| {
            assert_eq!(parts_of_speech(roles), want, "{roles:?}");
        });
    }
}
