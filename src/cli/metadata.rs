//! The metadata of sound files, from the article and the command line.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::args::tags::TagArgs;
use super::input::Input;
use crate::article::Article;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::magic::{self, HEAD};
use crate::output::metadata::cover::{Cover, LARGEST};
use crate::output::metadata::text::{Date, TagText, WebAddress};
use crate::output::metadata::{Chapter, DigitalSourceType, Metadata};
use crate::timeline::chapters;

/// The language of all voices.
const SPOKEN: &str = "en";

/// What all sounds of a run carry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tagging {
    /// The cover of the command line.
    cover: Option<Arc<Cover>>,
}

impl Tagging {
    /// Reads the cover, so that a wrong one is refused before anything is spoken.
    pub(crate) fn of(args: &TagArgs) -> Result<Self> {
        let cover = args.cover.as_deref().map(cover).transpose()?;
        Ok(Self { cover: cover.map(Arc::new) })
    }

    /// Whether one picture is for all.
    pub(crate) fn has_cover(&self) -> bool {
        self.cover.is_some()
    }

    /// The tags of an article. `picture` is the one that was fetched with it.
    pub(crate) fn of_article(
        &self,
        article: &Article,
        input: &Input,
        picture: Option<Arc<Cover>>,
    ) -> ArticleTags {
        let line = |text: Option<&str>| text.and_then(TagText::new);
        ArticleTags(Metadata {
            title: line(article.title()),
            byline: line(article.byline()),
            publication: line(article.publication()),
            date: article.date().and_then(Date::new),
            language: TagText::new(language(article.language())),
            source: article.source().and_then(WebAddress::new),
            copyright: line(article.copyright()),
            cover: self.cover.clone().or(picture).or_else(|| lead_picture(article, input).map(Arc::new)),
            ..Metadata::default()
        })
    }
}

/// The tags of an article, before a voice speaks it.
#[derive(Clone)]
pub(crate) struct ArticleTags(Metadata);

impl ArticleTags {
    /// All metadata of the sound, which may have music mixed in.
    pub(crate) fn spoken(self, voice: &str, is_with_music: bool, chapters: &[chapters::Chapter]) -> Metadata {
        let Metadata { voice, program, disclosure, .. } = Metadata::of_speech(Some(voice));
        let source_type = Some(DigitalSourceType::of_speech(is_with_music));
        let chapter = |chapter: &chapters::Chapter| Chapter {
            start: chapter.start,
            end: chapter.end,
            title: TagText::new(&chapter.title),
        };
        let chapters = chapters.iter().map(chapter).collect();
        Metadata { voice, program, source_type, disclosure, chapters, ..self.0 }
    }
}

/// The tag of the spoken language: the page's own where it names a kind of English. A page may name the language of its
/// site instead of its story's, and the voices speak English alone.
fn language(page: Option<&str>) -> &str {
    let is_english = |tag: &&str| {
        let mut parts = tag.split('-');
        parts.next().is_some_and(|language| language.eq_ignore_ascii_case(SPOKEN))
            && parts.all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    };
    page.filter(is_english).unwrap_or(SPOKEN)
}

/// The cover of the command line.
fn cover(path: &Path) -> Result<Cover> {
    let bytes = read_picture(path).map_err(|cause| {
        Error::new(ErrorKind::Input, "the cover can't be read")
            .at(Place::file(path))
            .because(cause)
            .with_cure(Cure::other("check the name and the permissions of the file after --cover"))
    })?;
    let wrong = |what: String, cure: &str| {
        Err(Error::new(ErrorKind::Usage, what).at(Place::file(path)).with_cure(Cure::other(cure)))
    };
    if bytes.len() > LARGEST {
        let what = format!("the cover is larger than {} MB", LARGEST / 1_000_000);
        return wrong(what, "make it smaller: ffmpeg -i FILE -vf scale=1400:-1 cover.jpg");
    }
    let kind = magic::of(&bytes[..bytes.len().min(HEAD)]).map_or("no JPEG or PNG image", |kind| kind.what);
    match Cover::new(bytes) {
        Some(cover) => Ok(cover),
        None if kind.contains("JPEG image") || kind.contains("PNG image") => wrong(
            format!("the cover is {kind} without a size: it is damaged"),
            "give a whole JPEG or PNG image",
        ),
        None => wrong(
            format!("the cover is {kind}, and sound files take JPEG and PNG only"),
            "convert it: ffmpeg -i FILE cover.jpg",
        ),
    }
}

/// The page's lead picture, where it lies in the page's folder or below, as beside a page that a browser saved.
fn lead_picture(article: &Article, input: &Input) -> Option<Cover> {
    let Input::File(page) = input else { return None };
    let path = local_path(article.image()?)?;
    let folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    // A link within the folder may lead out of it.
    let path = folder.join(path).canonicalize().ok().filter(|path| path.starts_with(&folder))?;
    Cover::new(read_picture(&path).ok()?)
}

/// The path of a relative address, without its query; `None` for an address on the web or an absolute path.
fn local_path(address: &str) -> Option<PathBuf> {
    let path = address.split(['?', '#']).next()?;
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let has_scheme = path.split('/').next().is_some_and(|start| start.contains(':'));
    let is_relative = !has_scheme && !decoded.starts_with(['/', '\\']) && !decoded.contains(['\0', ':']);
    (is_relative && !decoded.is_empty()).then(|| PathBuf::from(&*decoded))
}

/// The bytes of a regular file, at most one more than a cover may have: a device or a pipe may never end.
fn read_picture(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn only_relative_addresses_are_paths() {
        let rows = [
            ("Port_files/lead.jpg", Some("Port_files/lead.jpg")),
            ("./Port%20files/lead.jpg?w=600#top", Some("./Port files/lead.jpg")),
            ("100%.jpg", Some("100%.jpg")),
            ("%ED%95%AD.png", Some("항.png")),
            ("https://example.com/lead.jpg", None),
            ("//example.com/lead.jpg", None),
            ("/lead.jpg", None),
            ("%2Fetc/passwd", None),
            ("\\\\server\\lead.jpg", None),
            ("C:/lead.jpg", None),
            ("data:image/png;base64,iVBORw0KGgo=", None),
            ("lead%00.jpg", None),
            ("%ff.jpg", None),
            ("?lead.jpg", None),
            ("", None),
        ];
        each(rows, |(address, want)| {
            assert_eq!(local_path(address), want.map(PathBuf::from), "{address}");
        });
    }

    #[test]
    fn the_language_is_english_of_some_kind() {
        let rows = [
            (Some("en-GB"), "en-GB"),
            (Some("EN"), "EN"),
            (Some("ko-KR"), "en"),
            (Some("english"), "en"),
            (Some("en-<b>"), "en"),
            (None, "en"),
        ];
        each(rows, |(page, want)| assert_eq!(language(page), want, "{page:?}"));
    }
}
