//! Texts and links as they may stand in a feed.

use crate::net::Address;

/// The mark of a text that goes on elsewhere.
const MORE: char = '…';

/// Whether XML 1.0 allows a character (2.2).
pub(super) fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Things that reach no output: addresses of feeds that are only for their subscriber.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// The addresses; in texts and links nothing stands that begins as one of them does.
    pub(crate) fn new(addresses: impl IntoIterator<Item = String>) -> Self {
        let mut all: Vec<String> = addresses.into_iter().map(|address| address.trim().to_owned()).collect();
        // As links are written, too: in another case, or escaped.
        let parsed: Vec<String> =
            all.iter().filter_map(|address| Some(Address::parse(address).ok()?.to_string())).collect();
        all.extend(parsed);
        all.retain(|address| !address.is_empty());
        // The longest first: one may begin as another does.
        all.sort_by_key(|address| std::cmp::Reverse(address.len()));
        all.dedup();
        Self(all)
    }

    pub(super) fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret.as_str()))
    }

    fn without(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // What is left after one is taken out may be another.
        while let Some(secret) = self.0.iter().find(|secret| text.contains(secret.as_str())) {
            text = text.replace(secret.as_str(), "");
        }
        text
    }
}

/// A text of several lines: legal characters, `\n` for all line ends, no space at ends of lines, no trackers, no secrets.
pub(super) fn block(text: &str, secrets: &Secrets) -> String {
    let legal: String =
        text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| is_legal(*c)).collect();
    // A secret may hold the mark of a tracker.
    let kept = secrets.without(&untracked(&secrets.without(&legal)));
    let lines: Vec<&str> = kept.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

/// A text of one line.
pub(super) fn line(text: &str, secrets: &Secrets) -> String {
    block(text, secrets).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters, cut after a word where there is one, with an ellipsis.
pub(super) fn cut_to_characters(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(most.saturating_sub(1)).map_or(0, |(at, _)| at);
            cut_at(text, end)
        }
    }
}

/// The same by bytes in UTF-8.
pub(super) fn cut_to_bytes(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    cut_at(text, text.floor_char_boundary(most.saturating_sub(MORE.len_utf8())))
}

/// The text before `end`, as far as its last whole word.
fn cut_at(text: &str, end: usize) -> String {
    let (head, rest) = text.split_at(end);
    let whole = if rest.starts_with(char::is_whitespace) {
        head
    } else {
        // A word that is longer than half of all is cut itself.
        head.rfind(char::is_whitespace).filter(|at| *at > end / 2).map_or(head, |at| &head[..at])
    };
    let whole =
        whole.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '–' | '—' | '-'));
    format!("{whole}{MORE}")
}

/// A link: a whole address of http or https without password and trackers, in ASCII. `None` where it is none, or a secret.
pub(super) fn link(text: &str, secrets: &Secrets) -> Option<String> {
    let legal: String = text.chars().filter(|c| is_legal(*c)).collect();
    let address = Address::parse(&legal).ok()?;
    let clean = address.without_trackers().to_string();
    let is_secret = secrets.are_in(&legal) || secrets.are_in(address.as_str()) || secrets.are_in(&clean);
    (!is_secret && clean.is_ascii()).then_some(clean)
}

/// The text without the marks of trackers in the addresses that stand in it.
fn untracked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = [rest.find("http://"), rest.find("https://")].into_iter().flatten().min() {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| c.is_whitespace() || "<>\"'“”)]}".contains(c)).unwrap_or(from.len());
        let (written, after) = from.split_at(end);
        // A sentence may end with an address.
        let written = written.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        out.push_str(before);
        match Address::parse(written) {
            Ok(address) if address.without_trackers() != address => {
                out.push_str(address.without_trackers().as_str());
            }
            _ => out.push_str(written),
        }
        rest = &from[written.len()..];
        if written.is_empty() {
            out.push_str(&from[..end]);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn texts_are_cut_at_a_word() {
        let rows = [
            ("The port reopened", 40, "The port reopened"),
            ("The port reopened", 17, "The port reopened"),
            ("The port reopened", 16, "The port…"),
            ("The port, reopened", 10, "The port…"),
            ("The port reopened", 9, "The port…"),
            ("Donaudampfschiff", 8, "Donauda…"),
            ("항구가 다시 열렸다", 7, "항구가 다시…"),
            ("éééé", 2, "é…"),
        ];
        each(rows, |(text, most, want)| {
            assert_eq!(cut_to_characters(text, most), want, "{text} {most}");
            assert!(cut_to_characters(text, most).chars().count() <= most, "{text} {most}");
        });
        let rows = [
            ("The port reopened", 17, "The port reopened"),
            ("The port reopened", 14, "The port…"),
            ("항구가 다시 열렸다", 20, "항구가 다시…"),
            ("éééé", 6, "é…"),
        ];
        each(rows, |(text, most, want)| assert_eq!(cut_to_bytes(text, most), want, "{text} {most}"));
    }

    #[test]
    fn what_xml_forbids_is_left_out() {
        let text = "a\u{0}\u{8}\u{b}b \u{fffe}\u{ffff}c\r\nd  \re\t\u{7f}\u{85}\u{10ffff}";
        assert_eq!(block(text, &Secrets::default()), "ab c\nd\ne\t\u{7f}\u{85}\u{10ffff}");
        assert_eq!(line(text, &Secrets::default()), "ab c d e \u{7f} \u{10ffff}");
    }

    #[test]
    fn links_have_no_trackers_and_no_secrets() {
        let secrets = Secrets::new(["https://paper.example/feed?token=ABC".to_owned(), " ".to_owned()]);
        let rows = [
            ("https://paper.example/a?utm_source=x&id=7&fbclid=y#top", Some("https://paper.example/a?id=7")),
            ("https://zeitung.example/größe", Some("https://zeitung.example/gr%C3%B6%C3%9Fe")),
            ("https://paper.example/feed?token=ABC", None),
            ("https://PAPER.example/feed?token=ABC", None),
            ("https://paper.example/feed?token=ABC&x=1", None),
            ("https://paper.example/feed?token=AB\u{0}C", None),
            ("https://ann:secret@paper.example/", None),
            ("file:///etc/passwd", None),
            ("/a", None),
            ("", None),
        ];
        each(rows, |(text, want)| assert_eq!(link(text, &secrets).as_deref(), want, "{text}"));
        let rows = [
            (
                "See https://paper.example/a?utm_source=x&id=7. Or (https://b.example/?fbclid=1)",
                "See https://paper.example/a?id=7. Or (https://b.example/)",
            ),
            ("From https://paper.example/feed?token=ABC here", "From  here"),
            ("http://", "http://"),
            ("https://a.example/größe?x=1", "https://a.example/größe?x=1"),
        ];
        each(rows, |(text, want)| assert_eq!(block(text, &secrets), want, "{text}"));
    }

    proptest! {
        #[test]
        fn any_text_is_cleaned_once(text in any::<String>(), most in 1_usize..40) {
            let secrets = Secrets::new(["https://a.example/?key=1".to_owned()]);
            let clean = block(&text, &secrets);
            prop_assert!(clean.chars().all(is_legal));
            prop_assert_eq!(&block(&clean, &secrets), &clean);
            prop_assert!(cut_to_characters(&clean, most).chars().count() <= most);
            prop_assert!(cut_to_bytes(&clean, most + 3).len() <= most + 3);
            let _ = link(&text, &secrets);
        }

        #[test]
        fn no_secret_passes(parts in prop::collection::vec("(https://a\\.example/|\\?key=1|https://a\\.example/\\?key=1|[a-z ]{0,3})", 0..8)) {
            let secrets = Secrets::new(["https://a.example/?key=1".to_owned()]);
            let text = parts.concat();
            prop_assert!(!block(&text, &secrets).contains("https://a.example/?key=1"));
            prop_assert!(link(&text, &secrets).is_none_or(|link| !link.contains("https://a.example/?key=1")));
        }
    }
}
