//! Linked data (JSON-LD, schema.org) that news sites put into their pages.

use serde_json::{Map, Value};

use super::fold_markup;
use crate::article::details::{Details, names_of};

/// Upper limit of objects read from one page; a page has some tens.
const MOST_OBJECTS: usize = 10_000;

/// Authors that are named; a story has a few.
const MOST_AUTHORS: usize = 20;

/// The content of a page's linked data.
#[derive(Debug, Default)]
pub(super) struct LinkedData {
    pub(super) details: Details,
    /// The story itself, where a site gives it.
    pub(super) body: Option<String>,
}

/// Reads the scripts of linked data of one page; invalid JSON is skipped, as browsers do.
pub(super) fn read<'a>(scripts: impl Iterator<Item = &'a str>) -> LinkedData {
    let values: Vec<Value> = scripts.filter_map(parse).collect();
    let objects = objects(&values);
    let mut data = LinkedData::default();
    let Some(article) = objects.iter().copied().find(|object| is_article(object)) else { return data };
    let text = |key: &str| article.get(key).and_then(Value::as_str).map(fold_markup).unwrap_or_default();
    let details = &mut data.details;
    Details::set(&mut details.title, &text("headline"));
    Details::set(&mut details.title, &text("name"));
    Details::set(&mut details.date, &text("datePublished"));
    Details::set(&mut details.date, &text("dateCreated"));
    Details::set(&mut details.language, &text("inLanguage"));
    let mut names: Vec<String> = Vec::new();
    for key in ["author", "creator"].into_iter().filter(|key| article.contains_key(*key)).take(1) {
        for author in items(&article[key]).take(MOST_AUTHORS) {
            let name = name_of(author, &objects).as_deref().map(fold_markup).and_then(|name| names_of(&name));
            if let Some(name) = name.filter(|name| !names.contains(name)) {
                names.push(name);
            }
        }
    }
    Details::set(&mut details.byline, &names.join(", "));
    if let Some(image) = article.get("image").and_then(|image| url_of(image, &objects)) {
        Details::set(&mut details.image, image);
    }
    if let Some(publisher) = article.get("publisher").and_then(|publisher| named(publisher, &objects)) {
        Details::set(&mut details.publication, &publisher);
    }
    Details::set(&mut details.copyright, &text("copyrightNotice"));
    if let Some(line) = copyright_line(article, &objects) {
        Details::set(&mut details.copyright, &line);
    }
    data.body = article.get("articleBody").and_then(Value::as_str).map(str::to_owned);
    data
}

fn parse(script: &str) -> Option<Value> {
    let script = script.trim();
    let script = script.strip_prefix("<!--").unwrap_or(script).trim();
    let script = script.strip_suffix("-->").unwrap_or(script).trim_end_matches([';', ' ', '\n']);
    // Line ends within strings are invalid JSON, but common.
    serde_json::from_str(script)
        .or_else(|_| serde_json::from_str(&script.replace(|c: char| c.is_control(), " ")))
        .ok()
}

/// All objects, also those of lists and of `@graph`, the outer ones first.
fn objects(values: &[Value]) -> Vec<&Map<String, Value>> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = open.pop().filter(|_| found.len() < MOST_OBJECTS) {
        match value {
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(object) => {
                found.push(object);
                let inner =
                    ["@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "author", "image"];
                open.extend(inner.iter().rev().filter_map(|key| object.get(*key)).filter(|v| !v.is_string()));
            }
            _ => {}
        }
    }
    found
}

/// `NewsArticle`, `ReportageNewsArticle`, `LiveBlogPosting` and so on.
fn is_article(object: &Map<String, Value>) -> bool {
    object.get("@type").into_iter().flat_map(items).filter_map(Value::as_str).any(|kind| {
        let kind = kind.rsplit(['/', ':']).next().unwrap_or(kind);
        kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind == "Report"
    })
}

/// The items of a list, or the one value.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn by_id<'a>(object: &Map<String, Value>, all: &[&'a Map<String, Value>]) -> Option<&'a Map<String, Value>> {
    let id = object.get("@id")?;
    all.iter().copied().find(|other| other.get("@id") == Some(id) && other.len() > 1)
}

fn name_of(author: &Value, all: &[&Map<String, Value>]) -> Option<String> {
    let text = |name: &Value| {
        let names: Vec<&str> = items(name).filter_map(Value::as_str).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    match author {
        Value::String(name) => Some(name.clone()),
        Value::Object(object) => {
            object.get("name").and_then(text).or_else(|| by_id(object, all)?.get("name").and_then(text))
        }
        _ => None,
    }
}

/// The name of a person or an organisation, or of the first of several.
fn named(value: &Value, all: &[&Map<String, Value>]) -> Option<String> {
    items(value).take(MOST_AUTHORS).find_map(|item| name_of(item, all)).as_deref().map(fold_markup)
}

/// `© 2024 The Herald` from the holder and the year; a year alone says nothing.
fn copyright_line(article: &Map<String, Value>, all: &[&Map<String, Value>]) -> Option<String> {
    let holder = named(article.get("copyrightHolder")?, all).filter(|holder| !holder.is_empty())?;
    let year = match article.get("copyrightYear") {
        Some(Value::Number(year)) => year.to_string(),
        Some(Value::String(year)) => year.trim().to_owned(),
        _ => String::new(),
    };
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_year { format!("© {year} {holder}") } else { format!("© {holder}") })
}

fn url_of<'a>(image: &'a Value, all: &[&'a Map<String, Value>]) -> Option<&'a str> {
    let first = items(image).next()?;
    match first {
        Value::String(url) => Some(url),
        Value::Object(object) => {
            let url = |object: &'a Map<String, Value>| {
                object.get("url").or_else(|| object.get("contentUrl")).and_then(Value::as_str)
            };
            url(object).or_else(|| url(by_id(object, all)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn linked_data_is_found_wherever_it_stands() {
        let rows = [
            (
                r#"{"@type":"NewsArticle","headline":"Port opens","author":"Jane Roe"}"#,
                "Port opens",
                "Jane Roe",
            ),
            (
                r#"[{"@type":"WebPage"},{"@type":["Article","X"],"headline":"Port opens","author":[{"name":"Jane Roe"},{"name":"John Doe"}]}]"#,
                "Port opens",
                "Jane Roe, John Doe",
            ),
            (
                r##"{"@graph":[{"@type":"Person","@id":"#jane","name":"Jane Roe"},{"@type":"http://schema.org/LiveBlogPosting","headline":"Port &amp; pier","author":{"@id":"#jane"}}]}"##,
                "Port & pier",
                "Jane Roe",
            ),
            ("<!-- {\"@type\":\"NewsArticle\",\"headline\":\"Port\nopens\"} -->", "Port opens", ""),
        ];
        each(rows, |(script, title, byline)| {
            let data = read(std::iter::once(script)).details;
            assert_eq!(data.title.as_deref(), Some(title), "{script}");
            assert_eq!(data.byline.unwrap_or_default(), byline, "{script}");
        });
    }

    #[test]
    fn odd_data_is_passed_over() {
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        let scripts = ["", "null", "{", "{\"@type\":\"Product\",\"name\":\"x\"}", "[[[]]]", deep.as_str()];
        assert_eq!(read(scripts.into_iter()).details, Details::default());
    }
}
