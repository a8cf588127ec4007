//! What would be said of a text or a page, sentence by sentence, and what would be left out.
//!
//! Places in an answer count Unicode code points, as most languages of clients count the characters of a string; bytes of UTF-8 they don't know.

use std::sync::Arc;

use serde::Serialize;
use tracing::{debug, warn};
use utoipa::ToSchema;

use super::Server;
use super::admission::Permit;
use super::points::Points;
use super::speech::StopOnDrop;
use super::voices::Choice;
use crate::article::{Article, Format, Reason};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result, shorten};
use crate::normalize::spoken_text;
use crate::phonemize::phoneme_string;
use crate::report::without_possessive;
use crate::script::FrontEnd;
use crate::segment::sentences;
use crate::stream::nice;

/// Finds the story of what a client gives. How that is done, and from where, is not the server's matter.
pub(crate) trait Explainer: Send + Sync {
    /// The story of a text or a page. Fetching ends when it is cancelled.
    fn article(&self, source: &Source, cancel: &Cancel) -> Result<Arc<Article>>;
}

/// What a client gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A text, and its format, where the client says it.
    Text(String, Option<Format>),
    /// The address of a page.
    Address(String),
}

/// What would be said, and what would be left out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Explanation {
    /// Always `explanation`.
    #[schema(value_type = String, example = "explanation")]
    object: &'static str,
    /// The headline.
    title: Option<String>,
    /// The tag of the story's language.
    #[schema(example = "en-GB")]
    language: String,
    /// How sure the server is that it found the story, from 0 to 1; only pages in HTML have one.
    #[schema(minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    /// The story, cleaned. A blank line ends a paragraph.
    text: String,
    /// The paragraphs of the text.
    paragraphs: Vec<Paragraph>,
    /// What is not read.
    left_out: Vec<LeftOut>,
    /// Words that no dictionary has, wherever they stand.
    unknown_words: Vec<UnknownWord>,
}

/// A paragraph. Places count code points of the text.
#[derive(Debug, Serialize, ToSchema)]
struct Paragraph {
    /// Its kind.
    #[schema(value_type = String, example = "paragraph")]
    kind: &'static str,
    /// Where it begins.
    start: usize,
    /// One past its last code point.
    end: usize,
    /// Its sentences.
    sentences: Vec<Sentence>,
}

/// A sentence.
#[derive(Debug, Serialize, ToSchema)]
struct Sentence {
    /// Where it begins.
    start: usize,
    /// One past its last code point.
    end: usize,
    /// As it is spoken: numbers, dates and abbreviations in words.
    #[schema(example = "It rose three point five percent.")]
    spoken: String,
    /// The same in the voice's symbols.
    phonemes: String,
}

/// A piece that is not read.
#[derive(Debug, Serialize, ToSchema)]
struct LeftOut {
    /// The piece.
    text: String,
    /// Why.
    #[schema(value_type = String, example = "page_furniture")]
    reason: Reason,
}

/// A word that no dictionary has.
#[derive(Debug, Serialize, ToSchema)]
struct UnknownWord {
    /// The word.
    word: String,
    /// How it is said, in the voice's symbols.
    phonemes: String,
    /// Where it begins.
    start: usize,
    /// One past its last code point.
    end: usize,
}

/// What goes wrong with a story that has more characters than a request may have.
pub(super) enum Refusal {
    /// It has so many.
    TooLong(usize),
    /// Another fault.
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Server {
    /// Explains what a client gives, on a thread of its own that gives way to those that speak. Dropping the future, as when the client is
    /// gone, ends the fetching, and what comes after the study of the story at the next paragraph. The permit is held until then.
    pub(super) async fn explain(
        &self,
        source: Source,
        voice: Choice,
        permit: Permit,
    ) -> Result<Explanation, Refusal> {
        let (voices, explainer) = (self.voices.clone(), self.explainer.clone());
        let most = self.limits.characters;
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let cancel = Cancel::new();
        let _stopping = StopOnDrop(cancel.clone());
        let explain = move || {
            let front_end = voices.front_end(&voice)?;
            let article = explainer.article(&source, &cancel)?;
            let characters =
                article.blocks().iter().map(|block| block.span.of(article.text()).chars().count()).sum();
            if characters > most {
                return Err(Refusal::TooLong(characters));
            }
            Ok(explained(&front_end, &article, &cancel)?)
        };
        std::thread::Builder::new()
            .name("explain".to_string())
            .spawn(move || {
                if let Err(error) = nice::lower() {
                    debug!(%error, "a thread does not give way");
                }
                let explanation = explain();
                if let Err(Refusal::Error(error)) = &explanation {
                    // Its words may be those of the text.
                    debug!(kind = ?error.kind(), "a text is not explained");
                }
                drop(permit);
                // Nobody waits any more where the client is gone.
                let _ = sender.send(explanation);
            })
            .map_err(|cause| {
                Error::new(ErrorKind::Synthesis, "no thread can be started that explains")
                    .because(cause)
                    .with_cure(Cure::FreeProcesses)
            })?;
        receiver.await.unwrap_or_else(|_| {
            warn!("explaining a text broke off");
            Err(Error::new(ErrorKind::Synthesis, "explaining the text broke off").into())
        })
    }
}

fn explained(front_end: &FrontEnd, article: &Article, cancel: &Cancel) -> Result<Explanation> {
    let written = article.text();
    let study = front_end.study(article);
    let (mut text, mut length) = (String::new(), 0);
    let (mut paragraphs, mut unknown_words) = (Vec::new(), Vec::new());
    for block in article.blocks() {
        if cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "nobody waits for it any more"));
        }
        let of_block = block.span.of(written);
        if !text.is_empty() {
            text.push_str("\n\n");
            length += 2;
        }
        let mut points = Points::from(written, block.span.start, length);
        text.push_str(of_block);
        let mut explained = Vec::new();
        for span in sentences(written, block.span) {
            let tokens = front_end.tokens_of(written, &study, span);
            let words = front_end.words_of(&study, &tokens)?;
            let (start, end) = (points.at(span.start), points.at(span.end));
            for word in words.iter().filter(|word| word.origin.is_guessed()) {
                let place = word.span.shifted(span.start);
                let (spoken, phonemes) = without_possessive(&word.spoken, &word.phonemes);
                let (word, phonemes) = (spoken.to_owned(), phonemes.to_owned());
                let (start, end) = (points.at(place.start), points.at(place.end));
                unknown_words.push(UnknownWord { word, phonemes, start, end });
            }
            let (spoken, phonemes) = (spoken_text(&tokens), phoneme_string(&words));
            explained.push(Sentence { start, end, spoken, phonemes });
        }
        let (start, end) = (length, points.at(block.span.end));
        length = end;
        paragraphs.push(Paragraph { kind: block.kind.name(), start, end, sentences: explained });
    }
    let whole = |text: &str| shorten(text, usize::MAX);
    let left_out = article
        .removed()
        .iter()
        .map(|removed| LeftOut { text: whole(removed.span.of(written)), reason: removed.reason });
    // A story in another language was refused, whatever its page claims.
    let language = article.language().filter(|tag| is_english(tag)).unwrap_or("en");
    Ok(Explanation {
        object: "explanation",
        title: article.title().map(whole),
        language: language.to_owned(),
        confidence: article.confidence(),
        left_out: left_out.collect(),
        text,
        paragraphs,
        unknown_words,
    })
}

fn is_english(tag: &str) -> bool {
    tag.split(['-', '_']).next().is_some_and(|language| language.eq_ignore_ascii_case("en"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{SpeechSettings, front_end};
    use crate::text::Dialect;

    fn cut(text: &str, start: usize, end: usize) -> String {
        text.chars().skip(start).take(end - start).collect()
    }

    #[test]
    fn nothing_is_explained_to_nobody() {
        let article = Article::from_text("Ships came back at noon.".to_string());
        let front_end = front_end(Dialect::AmericanEnglish, &SpeechSettings::default());
        let cancel = Cancel::new();
        cancel.cancel();
        let error = explained(&front_end, &article, &cancel).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }

    #[test]
    fn places_count_code_points() {
        let article = Article::from_text(
            "Café 😀 reopens\n\nHome > World\n\nThe café’s owner, Blorvik Zanqor, paid €3.5m. “Très bien,” he said.\n\n\
             It rose 3.5%. Blorvik’s guests came on Nov. 18."
                .to_string(),
        );
        let front_end = front_end(Dialect::AmericanEnglish, &SpeechSettings::default());
        let explanation = explained(&front_end, &article, &Cancel::new()).unwrap();
        let text = &explanation.text;
        assert!(!text.contains("Home > World"), "{text}");
        assert_eq!(explanation.left_out.len(), 1);
        let cuts: Vec<String> = explanation.paragraphs.iter().map(|p| cut(text, p.start, p.end)).collect();
        assert_eq!(cuts.join("\n\n"), *text);
        assert_eq!(explanation.paragraphs[0].kind, "title");
        let sentences: Vec<(String, &str)> = explanation
            .paragraphs
            .iter()
            .flat_map(|p| &p.sentences)
            .map(|s| (cut(text, s.start, s.end).trim().to_string(), s.spoken.as_str()))
            .collect();
        let (written, spoken) = sentences.iter().find(|(written, _)| written.starts_with("It rose")).unwrap();
        assert_eq!((written.as_str(), *spoken), ("It rose 3.5%.", "It rose three point five percent."));
        assert!(sentences.iter().any(|(written, _)| written == "“Très bien,” he said."), "{sentences:?}");
        let unknown: Vec<(&str, String)> = explanation
            .unknown_words
            .iter()
            .map(|word| (word.word.as_str(), cut(text, word.start, word.end)))
            .collect();
        assert!(unknown.iter().all(|(word, written)| written.starts_with(word)), "{unknown:?}");
        let times = |wanted: &str| unknown.iter().filter(|(word, _)| *word == wanted).count();
        assert_eq!((times("Blorvik"), times("Zanqor")), (2, 1), "{unknown:?}");
    }
}
