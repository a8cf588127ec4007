//! The options for files beside the sound.

use clap::{Args, ValueEnum};

/// What is written beside the sound.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CaptionArgs {
    /// Captions beside the sound, in the words of the article: vtt is NAME.vtt, srt is NAME.srt, json is
    /// NAME.transcript.json (for podcasts) and NAME.words.json (every word with its time and its place in the text)
    #[arg(long, value_name = "FORMAT,…", value_enum, value_delimiter = ',')]
    pub captions: Vec<CaptionFormat>,
    /// Chapters beside the sound, from the headings of a story that has two or more: NAME.chapters.json (for podcasts)
    #[arg(long)]
    pub chapters: bool,
    /// A page beside the sound, on which the article lights up as it is spoken: NAME.html
    #[cfg(feature = "page")]
    #[arg(long)]
    pub page: bool,
    /// A book beside the sound that reading apps speak and light up sentence by sentence: NAME.epub (EPUB 3), its sound within
    #[cfg(feature = "epub")]
    #[arg(long)]
    pub epub: bool,
}

impl CaptionArgs {
    /// Whether the book is wanted.
    pub(crate) fn wants_epub(&self) -> bool {
        #[cfg(feature = "epub")]
        return self.epub;
        #[cfg(not(feature = "epub"))]
        return false;
    }

    /// Whether the page is wanted.
    pub(crate) fn wants_page(&self) -> bool {
        #[cfg(feature = "page")]
        return self.page;
        #[cfg(not(feature = "page"))]
        return false;
    }
}

/// Forms of captions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CaptionFormat {
    /// WebVTT with a time for every word
    #[value(alias = "webvtt")]
    Vtt,
    /// SubRip
    #[value(alias = "subrip")]
    Srt,
    /// JSON: a transcript for podcasts, and all words
    Json,
}
