//! ninjs, the IPTC's news in JSON: 1.x with a property a field, 2.x and 3.x with lists of headlines and bodies.

use serde_json::{Map, Value};

use super::super::ReadOptions;
use super::super::details::{Details, names_of};
use super::super::draft::Draft;
use super::super::html;
use super::super::reason::Reason;
use super::told::Told;
use super::wire::{Embargo, Status, Wire};
use super::{markup, nitf, xml};
use crate::article::BlockKind;
use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};

/// Properties that only news has.
const TELLING: [&str; 12] = [
    "pubstatus",
    "bodies",
    "headlines",
    "body_html",
    "body_xhtml",
    "body_text",
    "body_nitf",
    "versioncreated",
    "contentcreated",
    "representationtype",
    "headline",
    "byline",
];

/// Whether a text begins like an object of ninjs.
pub(in crate::article) fn is_ninjs(head: &str) -> bool {
    let head = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !head.starts_with('{') {
        return false;
    }
    let lower = head.to_ascii_lowercase();
    let found = TELLING.iter().filter(|name| {
        let quoted = format!("\"{name}\"");
        lower.match_indices(&quoted).any(|(at, _)| lower[at + quoted.len()..].trim_start().starts_with(':'))
    });
    found.count() >= 2
}

/// The draft of the story in an object.
pub(super) fn read(text: &str, name: &str, options: ReadOptions) -> Result<Draft> {
    let wrong = |what: &str| Error::new(ErrorKind::Input, format!("{name} {what}")).at(Place::file(name));
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(text).map_err(|cause| {
        let place = Place::file(name).line(cause.line(), cause.column());
        wrong("is broken JSON").at(place).because(cause).with_cure(Cure::AskForWholeFile)
    })?;
    let Value::Object(object) = value else {
        return Err(wrong("is JSON, but no story in ninjs: that is an object").with_cure(Cure::GiveTextItem));
    };
    let item = Item::new(object);
    let wire = item.wire();
    wire.check(name, options)?;
    if !item.is_news() {
        let what = "is JSON, but no story in ninjs: it has neither a headline nor a body";
        return Err(wrong(what).with_cure(Cure::GiveTextItem));
    }
    let title = item.headline();
    let told = Told {
        title: title.clone(),
        decks: Vec::new(),
        byline: item.byline(),
        details: item.details(),
        wire,
        body: Draft::default(),
    };
    match item.body() {
        Some(Body { form: Form::Html, text }) => {
            let draft =
                html::read_part(&text, title.as_deref()).map_err(|error| error.at(Place::file(name)))?;
            Ok(around(told, draft))
        }
        Some(Body { form: Form::Nitf, text }) => {
            let root = xml::parse(&text, name)?;
            let inner = if root.name == "nitf" {
                nitf::read(&root)
            } else {
                let mut inner = Told::default();
                markup::read(&root, &mut inner.body);
                inner
            };
            inner.wire.check(name, options)?;
            Ok(Told {
                title: told.title.or(inner.title),
                decks: inner.decks,
                byline: told.byline.or(inner.byline),
                details: told.details.or(inner.details),
                body: inner.body,
                ..told
            }
            .into_draft())
        }
        Some(Body { form: Form::Plain, text }) => {
            let mut body = Draft::from_story(text);
            // The headline is known: a short first line is no other one.
            for piece in body.pieces.iter_mut().filter(|piece| piece.kind == BlockKind::Title) {
                piece.kind = BlockKind::Heading;
            }
            Ok(Told { body, ..told }.into_draft())
        }
        None => match item
            .text("type")
            .filter(|kind| !["text", "composite", "component"].contains(&kind.as_str()))
        {
            Some(kind) => {
                let what = format!("holds no text: its type is “{}”", shorten(&kind, 40));
                Err(wrong(&what).with_cure(Cure::GiveTextItem))
            }
            None => Ok(told.into_draft()),
        },
    }
}

/// The story that was found in a body, with what the object says of it.
fn around(told: Told, mut draft: Draft) -> Draft {
    let names = told.byline.as_deref().and_then(names_of);
    if let Some(title) = &told.title {
        draft.set_title(title);
    }
    if let Some(byline) = told.byline.as_deref().filter(|byline| !draft.text.contains(byline)) {
        draft.add(byline, BlockKind::Byline, Some(Reason::Byline));
    }
    let own = Details { byline: names, ..Details::default() };
    draft.details = own.or(told.details).or(std::mem::take(&mut draft.details));
    // A body is a part of a page: its pictures and links are not the page's own.
    draft.details.image = None;
    draft.wire = Some(told.wire);
    draft
}

enum Form {
    Html,
    Nitf,
    Plain,
}

struct Body {
    form: Form,
    text: String,
}

/// An object with names in lower case: version 3 writes them in another case.
struct Item(Map<String, Value>);

impl Item {
    fn new(object: Map<String, Value>) -> Self {
        Self(lower(object))
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(text).filter(|text| !text.trim().is_empty())
    }

    fn is_news(&self) -> bool {
        self.headline().is_some() || self.body().is_some() || self.0.contains_key("pubstatus")
    }

    fn wire(&self) -> Wire {
        let embargo = self.0.get("embargoed").or_else(|| self.0.get("embargo"));
        let embargo = embargo.and_then(|value| match value {
            // Null and false say that there is none.
            Value::Null | Value::Bool(false) => None,
            Value::String(text) => Some(Embargo::of(text)),
            other => Some(Embargo::of(&other.to_string())),
        });
        Wire {
            guid: self.text("uri").or_else(|| self.text("guid")),
            version: self.text("version"),
            status: self.text("pubstatus").map(|status| Status::of(&status)).unwrap_or_default(),
            embargo,
            dateline: self.text("dateline"),
        }
    }

    /// The one without a role, or with that of the main one.
    fn headline(&self) -> Option<String> {
        let listed = self.list("headlines");
        let role =
            |entry: &Map<String, Value>| string(entry, "role").unwrap_or_default().to_ascii_lowercase();
        let is_main = |entry: &&&Map<String, Value>| {
            let role = role(entry);
            role.is_empty() || role.contains("main") || role == "headline"
        };
        let chosen = listed.iter().find(is_main).or(listed.first()).and_then(|entry| string(entry, "value"));
        let title = chosen.or_else(|| self.text("headline")).or_else(|| self.text("name"));
        title.map(|title| html::fold_markup(&title)).filter(|title| !title.is_empty())
    }

    fn byline(&self) -> Option<String> {
        let written = self.text("byline").or_else(|| self.text("by"));
        written.map(|byline| html::fold_markup(&byline)).filter(|byline| !byline.is_empty())
    }

    /// The body with the most markup.
    fn body(&self) -> Option<Body> {
        let mut found: Vec<(u8, Body)> = Vec::new();
        let mut add = |form: &str, role: &str, text: String| {
            let form = form.to_ascii_lowercase();
            if text.trim().is_empty() {
                return;
            }
            // The story itself goes before its summary, whatever their markup.
            let rank = if role.is_empty() || role.contains("main") || role.contains("body") { 0 } else { 4 };
            let (form, by_form) = match () {
                () if form.contains("html") => (Form::Html, 0),
                () if form.contains("nitf") || form.contains("xml") => (Form::Nitf, 1),
                () if looks_like_markup(&text) => (Form::Html, 2),
                () => (Form::Plain, 3),
            };
            found.push((rank + by_form, Body { form, text }));
        };
        for entry in self.list("bodies") {
            let of = |name: &str| string(entry, name).unwrap_or_default();
            add(&of("contenttype"), &of("role").to_ascii_lowercase(), of("value"));
        }
        for (name, value) in &self.0 {
            if let (Some(form), Value::String(text)) =
                (name.strip_prefix("body_").or((name == "body").then_some("")), value)
            {
                add(form, "", text.clone());
            }
        }
        found.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, body)| body)
    }

    fn list(&self, name: &str) -> Vec<&Map<String, Value>> {
        let list = self.0.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_object).collect()
    }

    fn details(&self) -> Details {
        let mut details = Details { language: self.text("language"), ..Details::default() };
        for name in ["firstcreated", "contentcreated", "versioncreated"] {
            if let Some(date) = self.text(name) {
                Details::set(&mut details.date, &nitf::iso(&date));
            }
        }
        let sources = self.list("infosources");
        let source = sources.iter().find_map(|source| string(source, "name"));
        for (field, value) in [
            (&mut details.publication, source.or_else(|| self.text("copyrightholder"))),
            (&mut details.copyright, self.text("copyrightnotice")),
        ] {
            if let Some(value) = value {
                Details::set(field, &value);
            }
        }
        let own = ["canonicalurl", "link", "url", "uri"].iter().find_map(|name| {
            self.text(name)
                .filter(|address| address.starts_with("https://") || address.starts_with("http://"))
        });
        details.canonical.clone_from(&own);
        details.source = own;
        details
    }
}

fn lower(object: Map<String, Value>) -> Map<String, Value> {
    let below = |value| match value {
        Value::Object(object) => Value::Object(lower(object)),
        Value::Array(list) => {
            let entry = |value| match value {
                Value::Object(object) => Value::Object(lower(object)),
                other => other,
            };
            Value::Array(list.into_iter().map(entry).collect())
        }
        other => other,
    };
    object.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), below(value))).collect()
}

fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn looks_like_markup(text: &str) -> bool {
    ["</p>", "<br", "</div>", "<p>"].iter().any(|tag| text.contains(tag))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::Article;
    use crate::table_test::each;

    fn article(text: &str) -> Result<Article> {
        let options = ReadOptions::default();
        Ok(read(text, "a.json", options)?.finish(options))
    }

    const BODY: &str = "<p>The port of Busan reopened on Monday after a storm had closed it for a week.</p>\
        <p>Ships came back at noon, and the harbor master said that the pilots were glad to be at work again.</p>";

    #[test]
    fn stories_are_read_in_both_generations() {
        let texts = [
            "The port of Busan reopened on Monday after a storm had closed it for a week.",
            "Ships came back at noon, and the harbor master said that the pilots were glad to be at work again.",
        ];
        let plain = texts.join("\\n\\n");
        let rows = [
            format!(
                r#"{{"uri":"u:1","headline":"Port reopens","byline":"By Ann Roe","body_text":"{plain}","body_html":"{BODY}"}}"#
            ),
            format!(r#"{{"uri":"u:1","headline":"Port reopens","byline":"Ann Roe","body_text":"{plain}"}}"#),
            format!(
                r#"{{"uri":"u:1","headline":"Port reopens","byline":"Ann Roe","body_xhtml":"<div>{BODY}</div>"}}"#
            ),
            format!(
                r#"{{"uri":"u:1","headlines":[{{"role":"short","value":"Port"}},{{"role":"main","value":"Port reopens"}}],"byline":"Ann Roe",
                "bodies":[{{"role":"summary","contenttype":"text/html","value":"<p>Short.</p>"}},{{"role":"main","contenttype":"text/plain","value":"{plain}"}}]}}"#
            ),
            format!(
                r#"{{"uri":"u:1","Headlines":[{{"value":"Port reopens"}}],"byline":"Ann Roe","bodies":[{{"contentType":"text/html","value":"{BODY}"}}]}}"#
            ),
        ];
        each(rows, |text| {
            let article = article(&text).unwrap();
            let found: Vec<&str> =
                article.blocks().iter().map(|block| block.span.of(article.text())).collect();
            assert_eq!(found, [&["Port reopens"][..], &texts].concat(), "{text}");
            assert_eq!(article.byline(), Some("Ann Roe"));
            assert_eq!(article.wire().and_then(|wire| wire.guid.as_deref()), Some("u:1"));
        });
    }

    #[test]
    fn what_may_not_be_read_is_refused() {
        let rows = [
            ("[1, 2]", ErrorKind::Input, "no story in ninjs"),
            ("\"text\"", ErrorKind::Input, "no story in ninjs"),
            ("{\"a\": 1}", ErrorKind::Input, "neither a headline"),
            ("{\"headline\": ", ErrorKind::Input, "broken JSON"),
            (r#"{"uri":"u:1","pubstatus":"canceled"}"#, ErrorKind::Canceled, "u:1"),
            (r#"{"headline":"A","pubStatus":"Canceled"}"#, ErrorKind::Canceled, "cancelled"),
            (r#"{"headline":"A","pubstatus":"withheld"}"#, ErrorKind::Embargoed, "further notice"),
            (
                r#"{"headline":"A","embargoed":"2099-01-01T06:00:00Z"}"#,
                ErrorKind::Embargoed,
                "2099-01-01 06:00 UTC",
            ),
            (r#"{"headline":"A","type":"picture"}"#, ErrorKind::Input, "picture"),
        ];
        each(rows, |(text, kind, words)| {
            let error = article(text).unwrap_err();
            assert_eq!(error.kind(), kind, "{text}");
            assert!(error.what().contains(words), "{}", error.what());
        });
        assert!(article(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn ninjs_is_told_from_other_json_and_from_prose() {
        let rows = [
            (r#"{"uri":"u:1","headline":"A","body_html":"b"}"#, true),
            (r#" {"headline" : "A", "PubStatus": "usable"}"#, true),
            (r#"{"headline":"A"}"#, false),
            (r#"{"version":"1.2.0","chapters":[]}"#, false),
            ("The \"headline\": and the \"byline\": both", false),
            ("[{\"headline\":\"A\",\"byline\":\"B\"}]", false),
        ];
        each(rows, |(text, want)| assert_eq!(is_ninjs(text), want, "{text}"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[{}\\[\\]:,\"a-c<>/ \u{e9}-]{0,120}") {
            let _ = article(&text);
        }
    }
}
