//! Follows chains of aliases to their ends, in time linear in the lexicon for any length of chain.

use std::collections::HashMap;

use super::{Entry, Reading};

/// Words of a circle that a message has at most.
const MOST_SHOWN: usize = 10;

/// The aliases of a lexicon, and where their chains end.
pub(super) struct Chains<'a> {
    next: HashMap<&'a str, &'a str>,
    /// The last word of each chain by its first; none when the chain runs into a circle.
    ends: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> Chains<'a> {
    /// Follows all aliases. Of several aliases for one word the last counts; other chains continue with it.
    pub(super) fn of(entries: &'a [Entry]) -> Self {
        let next: HashMap<&str, &str> = entries
            .iter()
            .filter_map(|entry| match &entry.reading {
                Reading::Alias(alias) => Some((entry.written.as_str(), alias.as_str())),
                Reading::Phonemes(_) => None,
            })
            .collect();
        let mut ends = HashMap::with_capacity(next.len());
        let mut chain = Vec::new();
        for entry in entries {
            let mut word = entry.written.as_str();
            let end = loop {
                match (ends.get(word), next.get(word)) {
                    (Some(end), _) => break *end,
                    (None, None) => break Some(word),
                    (None, Some(following)) => {
                        // A chain that comes back here before its end is known runs in a circle.
                        ends.insert(word, None);
                        chain.push(word);
                        word = following;
                    }
                }
            };
            ends.extend(chain.drain(..).map(|word| (word, end)));
        }
        Self { next, ends }
    }

    /// The last alias of an entry's chain, none for an entry that is no alias, or the chain when it runs into a circle.
    pub(super) fn end(&self, entry: &'a Entry) -> Result<Option<&'a str>, String> {
        let Reading::Alias(alias) = &entry.reading else { return Ok(None) };
        match self.ends.get(alias.as_str()) {
            None => Ok(Some(alias)),
            Some(Some(end)) => Ok(Some(end)),
            Some(None) => Err(self.circle(&entry.written, alias)),
        }
    }

    /// The chain from an entry up to the first word that it meets again, for a message.
    fn circle(&self, written: &'a str, alias: &'a str) -> String {
        let mut chain = vec![written];
        let mut word = alias;
        loop {
            let is_closed = chain.contains(&word);
            if !is_closed && chain.len() == MOST_SHOWN {
                chain.push("…");
                break;
            }
            chain.push(word);
            match self.next.get(word) {
                Some(next) if !is_closed => word = next,
                _ => break,
            }
        }
        chain.join(" → ")
    }
}

/// Aliases of aliases are said as the last of them; one that is an entry with a pronunciation has that pronunciation.
pub(super) fn resolve(mut entries: Vec<Entry>) -> Vec<Entry> {
    let sounds: HashMap<String, String> = entries
        .iter()
        .filter(|entry| entry.conditions() == 0)
        .filter_map(|entry| match &entry.reading {
            Reading::Phonemes(phonemes) => Some((entry.written.clone(), phonemes.clone())),
            Reading::Alias(_) => None,
        })
        .collect();
    let chains = Chains::of(&entries);
    let ends: Vec<Option<String>> =
        entries.iter().map(|entry| chains.end(entry).ok().flatten().map(str::to_string)).collect();
    for (entry, end) in entries.iter_mut().zip(ends) {
        if let Some(end) = end {
            entry.reading = match sounds.get(&end) {
                Some(phonemes) => Reading::Phonemes(phonemes.clone()),
                None => Reading::Alias(end),
            };
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(aliases: &[(&str, &str)]) -> Vec<Entry> {
        let alias = |(line, (written, alias)): (usize, &(&str, &str))| {
            Entry::new(written, Reading::Alias((*alias).to_string()), line + 1)
        };
        aliases.iter().enumerate().map(alias).collect()
    }

    #[test]
    fn chains_end_in_a_word_or_a_circle() {
        let entries = entries(&[
            ("a", "b"),
            ("b", "c"),
            ("d", "b"),
            ("self", "self"),
            ("in", "one"),
            ("one", "two"),
            ("two", "one"),
            // Of two entries for a word, chains of others continue with the later one.
            ("back", "x"),
            ("back", "y"),
            ("x", "back"),
            ("free", "gone"),
            ("free", "z"),
        ]);
        let chains = Chains::of(&entries);
        let failures: Vec<String> = entries
            .iter()
            .zip([
                Ok("c"),
                Ok("c"),
                Ok("c"),
                Err("self → self"),
                Err("in → one → two → one"),
                Err("one → two → one"),
                Err("two → one → two"),
                Ok("y"),
                Ok("y"),
                Ok("y"),
                Ok("gone"),
                Ok("z"),
            ])
            .filter_map(|(entry, want)| {
                let end = chains.end(entry);
                let have = end.as_ref().map(|end| end.unwrap_or_default()).map_err(String::as_str);
                (have != want).then(|| format!("line {} “{}”: {have:?}", entry.line, entry.written))
            })
            .collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    /// A naive walk along each of these takes minutes and, for the circle, gigabytes.
    #[test]
    fn f8_long_chains_of_aliases_are_linear() {
        const LENGTH: usize = 200_000;
        let words: Vec<String> = (0..=LENGTH).map(|number| format!("w{number}")).collect();
        let mut pairs: Vec<(&str, &str)> = words.windows(2).map(|pair| (&*pair[0], &*pair[1])).collect();
        let chain = resolve(entries(&pairs));
        let is_resolved = |entry: &Entry| entry.reading == Reading::Alias(words[LENGTH].clone());
        assert!(chain.iter().all(is_resolved));
        pairs.push((&words[LENGTH], &words[0]));
        let circle = entries(&pairs);
        let chains = Chains::of(&circle);
        let is_short = |entry| chains.end(entry).is_err_and(|shown| shown.len() < 200);
        assert!(circle.iter().all(is_short));
    }
}
