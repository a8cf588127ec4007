//! A page's details of its story apart from the text.

use super::furniture::without_date;
use crate::error::shorten;

/// Longest title, name or date that is accepted, in characters.
const LONGEST: usize = 500;

/// A page's details of its story; each field as the page has it, white space folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) title: Option<String>,
    /// Without `By`; several names with commas between.
    pub(super) byline: Option<String>,
    pub(super) date: Option<String>,
    pub(super) language: Option<String>,
    pub(super) image: Option<String>,
    /// The newspaper or site.
    pub(super) publication: Option<String>,
    /// The address of the page itself.
    pub(super) source: Option<String>,
    /// Its copyright line.
    pub(super) copyright: Option<String>,
    /// The address that the page gives as its own, as it writes it.
    pub(super) canonical: Option<String>,
    /// Whether the page is a copy in AMP, which has its story elsewhere.
    pub(super) is_amp: bool,
}

impl Details {
    /// Fills what is missing from another source.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            title: self.title.or(other.title),
            byline: self.byline.or(other.byline),
            date: self.date.or(other.date),
            language: self.language.or(other.language),
            image: self.image.or(other.image),
            publication: self.publication.or(other.publication),
            source: self.source.or(other.source),
            copyright: self.copyright.or(other.copyright),
            canonical: self.canonical.or(other.canonical),
            is_amp: self.is_amp || other.is_amp,
        }
    }

    /// Sets a field once, if there is something to set it to.
    pub(super) fn set(field: &mut Option<String>, value: &str) {
        let value = shorten(value, LONGEST);
        if field.is_none() && !value.is_empty() {
            *field = Some(value);
        }
    }
}

/// A byline without `By` and without addresses; `None` for an address of a page.
pub(super) fn names_of(byline: &str) -> Option<String> {
    let byline = byline.replace('\u{a0}', " ").replace("[email protected]", "");
    let text = byline.trim();
    let text = without_date(text.trim_start_matches('('));
    let lower = text.to_ascii_lowercase();
    let label = ["reporting by ", "written by ", "reported by ", "story by ", "text by ", "words by ", "by "]
        .iter()
        .find(|by| lower.starts_with(**by));
    let text = text.get(label.map_or(0, |by| by.len())..).unwrap_or_default();
    // `Reporting by …; Editing by …`
    let text = text.split(';').next().unwrap_or_default();
    if text.starts_with("http") || text.starts_with('/') {
        return None;
    }
    let names: Vec<&str> = text.split_whitespace().filter(|word| !word.contains('@')).collect();
    let is_edge =
        |c: char| matches!(c, '[' | ']' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '-' | '—' | ' ');
    let names = names.join(" ");
    let names = names.trim_matches(|c| is_edge(c) && (c != ')' || !names.contains('(')));
    (!names.is_empty()).then(|| shorten(names, LONGEST))
}

/// A date without words such as `Published:` before it.
pub(super) fn date_of(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let labels = ["published:", "published on", "published", "posted:", "posted on", "posted"];
    let label = labels.iter().find(|word| lower.starts_with(**word))?;
    let rest = text.get(label.len()..)?.trim_start_matches([' ', ':']).trim();
    rest.contains(|c: char| c.is_ascii_digit()).then(|| shorten(rest, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn bylines_become_names() {
        let rows = [
            ("By Jane Roe and John Doe", Some("Jane Roe and John Doe")),
            ("BY KIM MIN-JI [kim@example.com]", Some("KIM MIN-JI")),
            ("BY KIM,LEE [[email protected]]", Some("KIM,LEE")),
            ("by  Jane Roe | Nov. 18", Some("Jane Roe")),
            ("By Jane Roe\nNov. 18, 2024, 5:59 p.m.", Some("Jane Roe")),
            ("By Jane Roe - Nov. 18, 2024", Some("Jane Roe")),
            ("By Jane Roe, Staff Writer, Updated 3 hours ago", Some("Jane Roe, Staff Writer")),
            ("Story by Jane Roe (Reuters)", Some("Jane Roe (Reuters)")),
            ("(Reporting by Jane Roe; Editing by John Doe)", Some("Jane Roe")),
            ("https://example.com/jane", None),
            ("jane@example.com", None),
            ("", None),
        ];
        each(rows, |(byline, want)| {
            assert_eq!(names_of(byline).as_deref(), want, "{byline}");
        });
    }

    #[test]
    fn dates_lose_their_label() {
        assert_eq!(date_of("Published: Nov. 18, 2024"), Some("Nov. 18, 2024".to_owned()));
        assert_eq!(date_of("Published on 2024-11-18"), Some("2024-11-18".to_owned()));
        assert_eq!(date_of("Published : Nov. 18, 2024"), Some("Nov. 18, 2024".to_owned()));
        assert_eq!(date_of("3 hours ago"), None);
        assert_eq!(date_of("Published"), None);
    }
}
