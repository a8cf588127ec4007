//! CMUdict's pronunciations, which are American, in misaki's symbols.

const VOWELS: &str = "AIOWYiuæɑəɛɪʊʌɔɜᵊ";

/// The words of a file of CMUdict and their phonemes.
pub fn rows(file: &str) -> impl Iterator<Item = (&str, String)> {
    file.lines().filter_map(|line| {
        let mut columns = line.split('#').next()?.split_whitespace();
        let spelling = columns.next()?;
        // Other pronunciations of a word stand as `word(2)`.
        let spelling = spelling.split('(').next()?;
        let phones: Option<Vec<Phone>> = columns.map(Phone::parse).collect();
        Some((spelling, misaki(&phones?)))
    })
}

/// A phone of the ARPAbet.
struct Phone {
    name: String,
    /// Misaki's mark of the stress; empty without stress and for consonants.
    stress: &'static str,
    is_vowel: bool,
}

impl Phone {
    fn parse(text: &str) -> Option<Self> {
        let name = text.trim_end_matches(|last: char| last.is_ascii_digit());
        let stress = match &text[name.len()..] {
            "1" => "ˈ",
            "2" => "ˌ",
            "0" | "" => "",
            _ => return None,
        };
        Some(Self { name: name.to_string(), stress, is_vowel: name.len() < text.len() })
    }
}

/// The same sounds in misaki's symbols.
fn misaki(phones: &[Phone]) -> String {
    let mut phonemes = String::new();
    for (index, phone) in phones.iter().enumerate() {
        let next = phones.get(index + 1);
        let before = phones[..index].last();
        let shuts = |name| {
            let after = phones.get(index + 2);
            next.is_some_and(|next| next.name == name) && after.is_none_or(|after| !after.is_vowel)
        };
        let is_weak = phone.stress.is_empty();
        let is_after_stop = before.is_some_and(|before| matches!(&*before.name, "T" | "D" | "K"));
        let symbol = match &*phone.name {
            // Syllabic, as misaki writes them.
            "AH" if is_weak && (shuts("L") || (is_after_stop && shuts("N"))) => "ᵊ",
            "AH" if is_weak => "ə",
            "ER" if is_weak => "əɹ",
            "ER" => "ɜɹ",
            "AA" => "ɑ",
            "AE" => "æ",
            "IY" => "i",
            "OW" => "O",
            "UW" => "u",
            "T" => {
                let follows_vowel = phonemes.ends_with(|last| VOWELS.contains(last) || last == 'ɹ');
                let before_weak = next.is_some_and(|next| next.is_vowel && next.stress.is_empty());
                let syllabic_n = phones.get(index + 2).is_some_and(|after| after.name == "N")
                    && next.is_some_and(|next| next.name == "AH")
                    && phones.get(index + 3).is_none_or(|after| !after.is_vowel);
                if follows_vowel && before_weak && !syllabic_n { "T" } else { "t" }
            }
            "AH" => "ʌ",
            "AO" => "ɔ",
            "AW" => "W",
            "AY" => "I",
            "B" => "b",
            "CH" => "ʧ",
            "D" => "d",
            "DH" => "ð",
            "EH" => "ɛ",
            "EY" => "A",
            "F" => "f",
            "G" => "ɡ",
            "HH" => "h",
            "IH" => "ɪ",
            "JH" => "ʤ",
            "K" => "k",
            "L" => "l",
            "M" => "m",
            "N" => "n",
            "NG" => "ŋ",
            "OY" => "Y",
            "P" => "p",
            "R" => "ɹ",
            "S" => "s",
            "SH" => "ʃ",
            "TH" => "θ",
            "UH" => "ʊ",
            "V" => "v",
            "W" => "w",
            "Y" => "j",
            "Z" => "z",
            "ZH" => "ʒ",
            _ => "",
        };
        phonemes.push_str(phone.stress);
        phonemes.push_str(symbol);
    }
    phonemes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_become_misakis_symbols() {
        for (line, want) in [
            ("kowalski K AH0 W AA1 L S K IY0", "kəwˈɑlski"),
            ("waters W AO1 T ER0 Z", "wˈɔTəɹz"),
            ("burton B ER1 T AH0 N", "bˈɜɹtᵊn"),
            ("apple AE1 P AH0 L", "ˈæpᵊl"),
            ("appleby AE1 P AH0 L B IY2", "ˈæpᵊlbˌi"),
            ("salome S AH0 L OW1 M IY0 # of the Bible", "səlˈOmi"),
            ("attack AH0 T AE1 K", "ətˈæk"),
        ] {
            assert_eq!(rows(line).map(|(_, phonemes)| phonemes).collect::<Vec<_>>(), [want], "{line}");
        }
        assert_eq!(rows("read(2) R EH1 D").next(), Some(("read", "ɹˈɛd".to_string())));
    }

    #[test]
    fn lines_that_are_no_entries_are_left_out() {
        for line in ["", "# a comment", ";;; a comment", "word W ER9 D"] {
            assert!(rows(line).all(|(_, phonemes)| phonemes.is_empty()), "{line}");
        }
    }
}
