//! A message of NewsML-G2 with several stories: each of them is a document of its own, under a name that stays when others come and go.

use std::collections::HashSet;

use super::super::format::Format;
use super::super::page_text;
use super::{newsml, xml};
use crate::error::shorten;

/// Larger messages are no messages.
pub(crate) const LARGEST: u64 = 64 << 20;
/// Stories of one message.
const MOST: usize = 10_000;
/// Characters of a name.
const LONGEST_NAME: usize = 80;

/// A story of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// What tells it from the others.
    pub(crate) name: String,
    /// The document with it alone.
    pub(crate) text: String,
}

/// Whether a file may be such a message, by how it begins.
pub(crate) fn may_be_message(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    head.contains("newsMessage") && Format::of(&head) == Format::NewsMl
}

/// The stories of a message, and the items of it that are taken back; none of a document with one story, or of another one.
pub(crate) fn of_message(bytes: &[u8]) -> Vec<Part> {
    let Ok(text) = page_text(bytes) else { return Vec::new() };
    if Format::of(&text) != Format::NewsMl {
        return Vec::new();
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut taken = HashSet::new();
    for span in xml::spans(&text, "newsItem").into_iter().take(MOST) {
        let text = &text[span];
        // A broken one is told when it is read, under the name of its place.
        let told = xml::parse(text, "").map(|item| newsml::told(&item));
        let guid = match told {
            Ok((true, guid)) => guid,
            Ok((false, _)) => continue,
            Err(_) => None,
        };
        let place = parts.len() + 1;
        let mut name = guid.map_or_else(|| format!("story-{place}"), |guid| file_name(&guid));
        if !taken.insert(name.clone()) {
            name = format!("{name}-{place}");
            taken.insert(name.clone());
        }
        parts.push(Part { name, text: text.to_owned() });
    }
    if parts.len() < 2 { Vec::new() } else { parts }
}

/// A name without signs that mean something in a path.
fn file_name(text: &str) -> String {
    let mut name = String::new();
    for word in shorten(text, 500).split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty())
    {
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    // What tells agencies' names apart stands at their end.
    let count = name.chars().count();
    let name: String = name.chars().skip(count.saturating_sub(LONGEST_NAME)).collect();
    let name = name.trim_start_matches('-');
    if name.is_empty() { "story".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn item(guid: &str, meta: &str) -> String {
        format!(
            "<newsItem {guid} version='2'><itemMeta>{meta}</itemMeta><contentSet><inlineXML><div><p>Ships &amp; boats.</p></div></inlineXML></contentSet></newsItem>"
        )
    }

    fn message(items: &str) -> String {
        format!(
            "<?xml version='1.0'?>\n<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><header/><itemSet>{items}</itemSet></newsMessage>"
        )
    }

    fn names(text: &str) -> Vec<String> {
        of_message(text.as_bytes()).into_iter().map(|part| part.name).collect()
    }

    #[test]
    fn each_story_has_a_name_of_its_own() {
        let picture = item("guid='urn:p'", "<itemClass qcode='ninat:picture'/>");
        let killed =
            item("guid='urn:k'", "<itemClass qcode='ninat:picture'/><pubStatus qcode='stat:canceled'/>");
        let (one, two) =
            (item("guid='urn:newsml:wire.example:20261130:3f9c'", ""), item("guid='tag:b/2'", ""));
        let rows = [
            (message(&one), vec![]),
            (message(&format!("{one}{picture}")), vec![]),
            (
                message(&format!("{one}{picture}{two}")),
                vec!["urn-newsml-wire-example-20261130-3f9c", "tag-b-2"],
            ),
            (message(&format!("{killed}{two}")), vec!["urn-k", "tag-b-2"]),
            (message(&format!("{two}{two}")), vec!["tag-b-2", "tag-b-2-2"]),
            (message(&format!("{}{}", item("", ""), item("guid='///'", ""))), vec!["story-1", "story"]),
            (one.clone(), vec![]),
            ("<nitf/>".to_string(), vec![]),
            (message(&format!("{one}{two}"))[..400].to_string(), vec![]),
        ];
        each(rows, |(text, want)| assert_eq!(names(&text), want, "{text}"));
        // The order and the number of the others change no name.
        assert_eq!(
            names(&message(&format!("{two}{one}{}", item("guid='c'", ""))))[1],
            names(&message(&format!("{one}{two}")))[0]
        );
        let long = item(&format!("guid='{}end'", "x".repeat(300)), "");
        assert!(names(&message(&format!("{long}{two}")))[0].ends_with("xend"));
    }

    #[test]
    fn a_part_is_a_document() {
        let text = message(&format!("{}{}", item("guid='a'", ""), item("guid='b'", "")))
            .replace("newsItem", "n:newsItem");
        let parts = of_message(text.as_bytes());
        assert_eq!(parts.len(), 2);
        let article = super::super::super::read_article(
            parts[1].text.as_bytes(),
            "b",
            &crate::article::ReadOptions::default(),
        );
        let article = article.unwrap();
        assert_eq!(article.text().trim(), "Ships & boats.");
        assert_eq!(article.wire().and_then(|wire| wire.guid.as_deref()), Some("b"));
    }
}
