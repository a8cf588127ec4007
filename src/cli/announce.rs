//! Announcements: templates, and the sentences that they become for an article.

use std::sync::Arc;

use super::args::announce::{Announce, AnnounceArgs};
use crate::article::Article;
#[cfg(feature = "serve")]
use crate::order::Around;
use crate::report::Announcements;

/// Two seconds, so that listeners know at once. It says nothing about who wrote the article.
const USUAL: &str = "Audio report, read by AI.";
/// Characters of a template.
const LONGEST: usize = 1_000;

/// A sentence or more, with places for what an article tells of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Vec<Part>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    Byline,
    Date,
    Voice,
}

impl Field {
    const ALL: [(&'static str, Self); 4] =
        [("title", Self::Title), ("byline", Self::Byline), ("date", Self::Date), ("voice", Self::Voice)];
}

impl Template {
    /// Parses a template; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("an announcement of at most {LONGEST} characters is wanted"));
        }
        let mut sentences = vec![Vec::new()];
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            add_text(&mut sentences, &rest[..at]);
            let field = rest[at..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let known = field.and_then(|(name, after)| {
                let (_, field) = Field::ALL.into_iter().find(|(known, _)| *known == name.trim())?;
                Some((field, after))
            });
            let Some((field, after)) = known else {
                return Err(
                    "{title}, {byline}, {date} and {voice} can stand in it, and no other braces".to_string()
                );
            };
            if let Some(sentence) = sentences.last_mut() {
                sentence.push(Part::Field(field));
            }
            rest = after;
        }
        add_text(&mut sentences, rest);
        sentences.retain(|sentence| !sentence.is_empty());
        Ok(Self(sentences))
    }

    /// As it is written.
    pub(crate) fn written(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => {
                let name =
                    Field::ALL.into_iter().find(|(_, known)| known == field).map_or("", |(name, _)| name);
                format!("{{{name}}}")
            }
        };
        self.0.iter().flatten().map(part).collect()
    }

    /// The text for an article that a voice reads. A sentence goes without what the article does not have.
    fn fill(&self, article: &Article, voice: &str) -> String {
        let value = |field| match field {
            Field::Title => article.title().map(str::to_string),
            Field::Byline => article.byline().map(str::to_string),
            Field::Date => article.date().map(str::to_string),
            Field::Voice => Some(first_name(voice)),
        };
        let sentence = |parts: &Vec<Part>| -> Option<String> {
            let texts = parts.iter().map(|part| match part {
                Part::Text(text) => Some(text.clone()),
                Part::Field(field) => value(*field),
            });
            texts.collect()
        };
        self.0.iter().filter_map(sentence).collect::<String>().trim().to_string()
    }
}

/// Adds text to the last sentence, and begins another after each of its stops.
fn add_text(sentences: &mut Vec<Vec<Part>>, text: &str) {
    for piece in text.split_inclusive(['.', '!', '?', '\n']) {
        if let Some(sentence) = sentences.last_mut() {
            sentence.push(Part::Text(piece.to_string()));
        }
        if piece.ends_with(['.', '!', '?', '\n']) {
            sentences.push(Vec::new());
        }
    }
}

/// The name of a voice as people say it: `af_heart` is Heart, `af_bella(2)+af_sky` is Bella and Sky.
fn first_name(voice: &str) -> String {
    let name_of = |term: &str| -> String {
        let name = term.split('(').next().unwrap_or(term).trim();
        let mut letters = name.rsplit(['_', '/']).next().unwrap_or(name).chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    voice.split('+').map(name_of).collect::<Vec<_>>().join(" and ")
}

/// What is announced with each article.
#[derive(Clone, Debug)]
pub(crate) struct Announcing {
    before: Option<Template>,
    after: Option<Template>,
}

impl Announcing {
    /// As the options say.
    pub(crate) fn of(args: &AnnounceArgs) -> Self {
        let usual = match args.announce {
            Announce::Usual => Template::parse(USUAL).ok(),
            Announce::None => None,
        };
        Self { before: args.announce_before.clone().or(usual), after: args.announce_after.clone() }
    }

    /// As somebody ordered it. What is no template was not written by this program, and is left out.
    #[cfg(feature = "serve")]
    pub(crate) fn ordered(around: &Around) -> Self {
        let template = |text: &Option<String>| Template::parse(text.as_ref()?).ok();
        Self { before: template(&around.before), after: template(&around.after) }
    }

    /// The same as an order.
    #[cfg(feature = "cluster")]
    pub(crate) fn to_order(&self) -> Around {
        let written = |template: &Option<Template>| template.as_ref().map(Template::written);
        Around { before: written(&self.before), after: written(&self.after) }
    }

    /// The announcements of an article that a voice reads.
    pub(crate) fn for_article(&self, article: &Article, voice: &str) -> Announcements {
        let spoken = |template: &Option<Template>| {
            let text = template.as_ref()?.fill(article, voice);
            (!text.is_empty()).then(|| Arc::new(Article::from_text(text)))
        };
        Announcements { before: spoken(&self.before), after: spoken(&self.after) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{ReadOptions, read_article};
    use crate::table_test::each;

    #[test]
    fn templates_are_filled_with_what_the_article_has() {
        let page = "<html><head><title>Port reopens</title></head><body><article><h1>Port reopens</h1>\
            <p class=byline>By Ann Lee</p><p>The port reopened on Monday after a storm. Ships came back at noon.</p>\
            </article></body></html>";
        let article = read_article(page.as_bytes(), "page", &ReadOptions::default()).unwrap();
        let rows = [
            ("Audio report, read by AI.", "Audio report, read by AI."),
            ("{title}. Read by {voice}.", "Port reopens. Read by Heart."),
            ("{title}. Published on {date}. Thank you.", "Port reopens. Thank you."),
            ("{ title }!", "Port reopens!"),
            ("{date}", ""),
            ("", ""),
        ];
        each(rows, |(template, want)| {
            assert_eq!(Template::parse(template).unwrap().fill(&article, "af_heart"), want, "{template}");
        });
    }

    #[test]
    fn a_voice_has_the_name_that_people_say() {
        let rows = [
            ("af_heart", "Heart"),
            ("heart", "Heart"),
            ("kokoro-en/af_heart", "Heart"),
            ("tone", "Tone"),
            ("af_bella(2)+af_sky", "Bella and Sky"),
            (" bella ( 0.5 ) + sky + bm_george", "Bella and Sky and George"),
        ];
        each(rows, |(voice, want)| assert_eq!(first_name(voice), want, "{voice}"));
    }

    #[test]
    fn a_template_is_written_as_it_was_read() {
        each(["{title}. By {byline}! On {date}, read by { voice }?", "Plain.", ""], |text| {
            let written = Template::parse(text).unwrap().written();
            assert_eq!(written, text.replace("{ voice }", "{voice}"));
            assert_eq!(Template::parse(&written), Template::parse(text));
        });
    }

    #[test]
    fn other_braces_are_refused() {
        let long = "a".repeat(LONGEST + 1);
        each(["{author}", "{", "}", "{title", "a {} b", &long], |template| {
            assert!(Template::parse(template).is_err(), "{template}");
        });
    }
}
