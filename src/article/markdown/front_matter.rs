//! Title, author, date, language, publication, address and copyright line from the front matter of a text in Markdown, in YAML or TOML.

use std::collections::BTreeMap;

use pulldown_cmark::MetadataBlockKind;
use serde_json::Value;

use crate::article::details::{Details, names_of};

/// Longer front matter is not read; the library refuses aliases that multiply.
const LONGEST: usize = 64 << 10;

/// Reads front matter; unreadable lines are ignored, for they are not the story.
pub(super) fn read(text: &str, kind: MetadataBlockKind) -> Details {
    let mut details = Details::default();
    if text.len() > LONGEST {
        return details;
    }
    let fields: BTreeMap<String, Value> = match kind {
        MetadataBlockKind::YamlStyle => serde_saphyr::from_str(text).unwrap_or_default(),
        MetadataBlockKind::PlusesStyle => toml_fields(text),
    };
    let fields: BTreeMap<String, Value> =
        fields.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), value)).collect();
    for (field, keys) in [
        (&mut details.title, &["title", "headline"][..]),
        (&mut details.date, &["date", "published", "pubdate", "publishdate"]),
        (&mut details.language, &["lang", "language", "locale"]),
        (&mut details.image, &["image", "cover", "thumbnail"]),
        (&mut details.publication, &["publication", "publisher"]),
        (&mut details.source, &["canonical_url", "canonicalurl", "canonical", "source_url"]),
        (&mut details.copyright, &["copyright"]),
    ] {
        for value in keys.iter().filter_map(|key| fields.get(*key)) {
            Details::set(field, &words_of(value));
        }
    }
    for value in ["author", "authors", "byline", "by"].iter().filter_map(|key| fields.get(*key)) {
        Details::set(&mut details.byline, &names_of(&words_of(value)).unwrap_or_default());
    }
    details
}

fn toml_fields(text: &str) -> BTreeMap<String, Value> {
    let Ok(table) = text.parse::<toml::Table>() else { return BTreeMap::new() };
    // A date is no string in TOML.
    let value = |value: toml::Value| match value {
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        other => serde_json::to_value(other).unwrap_or_default(),
    };
    table.into_iter().map(|(key, field)| (key, value(field))).collect()
}

/// A value as words; the items of a list with commas between, of a table its name.
fn words_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => {
            items.iter().map(words_of).filter(|item| !item.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Value::Object(fields) => ["name", "url", "src", "path"]
            .iter()
            .find_map(|key| fields.get(*key))
            .map(words_of)
            .unwrap_or_default(),
        Value::Null | Value::Bool(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn fields_are_read_in_both_notations() {
        use MetadataBlockKind::{PlusesStyle, YamlStyle};
        let want = |title: &str, byline: &str, date: &str| Details {
            title: Some(title.to_owned()),
            byline: Some(byline.to_owned()),
            date: Some(date.to_owned()),
            ..Details::default()
        };
        let rows = [
            (
                "title: Port reopens\nauthor: Jane Roe\ndate: 2024-11-18",
                YamlStyle,
                "Port reopens",
                "Jane Roe",
                "2024-11-18",
            ),
            (
                "Title: \"Port: open\"\nauthors:\n  - Jane Roe\n  - name: John Doe\ndate: 2024-11-18 17:59:00 +09:00",
                YamlStyle,
                "Port: open",
                "Jane Roe, John Doe",
                "2024-11-18 17:59:00 +09:00",
            ),
            (
                "title = 'Port reopens'\nauthor = 'By Jane Roe'\ndate = 2024-11-18T17:59:00Z",
                PlusesStyle,
                "Port reopens",
                "Jane Roe",
                "2024-11-18T17:59:00Z",
            ),
        ];
        each(rows, |(text, kind, title, byline, date)| {
            assert_eq!(read(text, kind), want(title, byline, date), "{text}");
        });
    }

    #[test]
    fn publication_address_and_copyright_are_read() {
        let text = "publisher: The Post\ncanonical_url: https://post.example/a\ncopyright: © 2024 The Post";
        let want = Details {
            publication: Some("The Post".to_owned()),
            source: Some("https://post.example/a".to_owned()),
            copyright: Some("© 2024 The Post".to_owned()),
            ..Details::default()
        };
        assert_eq!(read(text, MetadataBlockKind::YamlStyle), want);
    }

    #[test]
    fn what_is_no_front_matter_says_nothing() {
        let bomb: String = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
            let item = format!("*a{}", n - 1);
            text + &format!("a{n}: &a{n} [{}]\n", [item.as_str(); 9].join(", "))
        });
        each([": : :", "title: [", "- a\n- b", "title: *missing", &bomb, &"a: ".repeat(100_000)], |text| {
            assert_eq!(read(text, MetadataBlockKind::YamlStyle), Details::default());
        });
        assert_eq!(read("title = ", MetadataBlockKind::PlusesStyle), Details::default());
    }
}
