//! An item of a feed.

use std::io;
use std::time::Duration;

use super::{Feed, LONGEST_SUMMARY, kept, word};
use crate::podcast::check::LONGEST_DESCRIPTION;
use crate::podcast::clean::{block, cut_to_bytes, line, link};
use crate::podcast::date;
use crate::podcast::show::{Alternate, Enclosure, Episode, Transcript};

impl Feed<'_> {
    pub(super) fn item(&mut self, episode: &Episode) -> io::Result<()> {
        self.within("item", &[], |feed| {
            feed.what(episode)?;
            feed.of_sound(episode)?;
            feed.beside(episode)
        })
    }

    /// Whether the whole text may be given out.
    fn is_open(&self, episode: &Episode) -> bool {
        self.show.rights.is_public() && episode.is_ours
    }

    fn what(&mut self, episode: &Episode) -> io::Result<()> {
        let (show, is_open) = (self.show, self.is_open(episode));
        self.short("title", &episode.title)?;
        self.text("guid", &[("isPermaLink", "false")], &kept(&episode.guid, &show.secrets))?;
        self.text("pubDate", &[], &date::written(episode.published))?;
        let page = episode.page.as_ref().filter(|_| is_open).map(|page| show.base.of(page));
        let article = episode.link.as_deref().and_then(|article| link(article, &show.secrets));
        if let Some(address) = page.or(article) {
            self.text("link", &[], &address)?;
        }
        let longest = if is_open { LONGEST_DESCRIPTION } else { LONGEST_SUMMARY };
        let description = cut_to_bytes(&block(&episode.description, &show.secrets), longest);
        if !description.is_empty() {
            self.text("description", &[], &description)?;
        }
        let paragraphs: Vec<String> = episode
            .text
            .iter()
            .map(|paragraph| line(paragraph, &show.secrets))
            .filter(|paragraph| !paragraph.is_empty())
            .map(|paragraph| format!("<p>{}</p>", quick_xml::escape::partial_escape(&paragraph)))
            .collect();
        if is_open && !paragraphs.is_empty() {
            self.text("content:encoded", &[], &paragraphs.join("\n"))?;
        }
        Ok(())
    }

    fn of_sound(&mut self, episode: &Episode) -> io::Result<()> {
        let show = self.show;
        let Enclosure { file, bytes, media_type } = &episode.enclosure;
        let (url, length) = (show.base.of(file), bytes.to_string());
        let kind = line(media_type, &show.secrets);
        self.empty(
            "enclosure",
            &[("url", url.as_str()), ("length", length.as_str()), ("type", kind.as_str())],
        )?;
        self.text("itunes:duration", &[], &seconds(episode.duration).to_string())?;
        self.text("itunes:explicit", &[], word(episode.is_explicit.unwrap_or(show.is_explicit)))?;
        self.text("itunes:episodeType", &[], "full")?;
        // In a show that is public, the text of others stays private.
        if show.rights.is_public() && !episode.is_ours {
            self.text("itunes:block", &[], "Yes")?;
        }
        let is_public = show.rights.is_public();
        if let Some(image) =
            episode.image.as_ref().filter(|image| image.is_ours || (is_public && episode.is_ours))
        {
            let href = show.base.of(&image.file);
            self.empty("itunes:image", &[("href", href.as_str())])?;
        }
        Ok(())
    }

    fn beside(&mut self, episode: &Episode) -> io::Result<()> {
        if self.is_open(episode) {
            for transcript in &episode.transcripts {
                self.transcript(transcript, episode)?;
            }
        }
        if let Some(chapters) = &episode.chapters {
            let url = self.show.base.of(chapters);
            let attributes = [("url", url.as_str()), ("type", "application/json+chapters")];
            self.empty("podcast:chapters", &attributes)?;
        }
        // Those of an item stand in the place of the show's: each item with some has all.
        if !episode.persons.is_empty() {
            let show = self.show;
            show.persons.iter().chain(&episode.persons).try_for_each(|person| self.person(person))?;
        }
        episode.alternates.iter().try_for_each(|alternate| self.alternate(alternate))
    }

    fn transcript(&mut self, transcript: &Transcript, episode: &Episode) -> io::Result<()> {
        let show = self.show;
        let language = transcript.language.as_ref().or(episode.language.as_ref()).unwrap_or(&show.language);
        let (url, kind) = (show.base.of(&transcript.file), line(&transcript.media_type, &show.secrets));
        let language = line(language, &show.secrets);
        let mut attributes =
            vec![("url", url.as_str()), ("type", kind.as_str()), ("language", language.as_str())];
        if transcript.is_captions {
            attributes.push(("rel", "captions"));
        }
        self.empty("podcast:transcript", &attributes)
    }

    fn alternate(&mut self, alternate: &Alternate) -> io::Result<()> {
        let show = self.show;
        let Alternate { enclosure: Enclosure { file, bytes, media_type }, bitrate, title } = alternate;
        let (uri, length) = (show.base.of(file), bytes.to_string());
        let (kind, title) = (line(media_type, &show.secrets), line(title, &show.secrets));
        let bitrate = bitrate.map(|bitrate| bitrate.to_string());
        let mut attributes = vec![("type", kind.as_str()), ("length", length.as_str())];
        attributes.extend(bitrate.as_deref().map(|bitrate| ("bitrate", bitrate)));
        attributes.extend((!title.is_empty()).then_some(("title", title.as_str())));
        self.within("podcast:alternateEnclosure", &attributes, |feed| {
            feed.empty("podcast:source", &[("uri", uri.as_str())])
        })
    }
}

/// Whole seconds, and never none.
fn seconds(duration: Duration) -> u64 {
    (duration.as_millis().div_ceil(1_000) as u64).max(1)
}
