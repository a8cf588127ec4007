//! Why a piece of a page is not read.

use std::fmt;

use serde::Serialize;

/// Why a piece of the input is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// `Home > World > Asia`.
    Breadcrumb,
    /// The headline again.
    RepeatedTitle,
    /// A picture's caption or credit; read on demand.
    Caption,
    /// `BY …`, with or without an address; read on demand.
    Byline,
    /// When the page was published or changed, or an entry of a live blog made.
    Timestamp,
    /// Share, print and player buttons, and the like.
    PageFurniture,
    /// The same paragraph a second time.
    Duplicate,
    /// A sentence of the story again, set large.
    PullQuote,
    /// Menus, a table of contents, a page's head and foot.
    Navigation,
    /// Other stories, and labels over them.
    Related,
    /// Advertisements, and labels over them.
    Advertisement,
    /// A letter to be subscribed to.
    Newsletter,
    /// Prompts to log in or register.
    LogIn,
    /// Prompts to pay before the rest of the story.
    Paywall,
    /// Readers' comments and the box for them.
    Comments,
    /// Questions about cookies and consent.
    CookieNotice,
    /// Copyright, terms, policies.
    Legal,
    /// A post of a social network within the page.
    Embed,
    /// A table that is too large to be listened to.
    Table,
    /// A program or data.
    Code,
    /// A note below the text.
    Footnote,
    /// Marked as not to be seen.
    Hidden,
    /// Beside the story, as far as the page's structure shows.
    OutsideStory,
    /// Somebody wants it so.
    LeftOut,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Breadcrumb => "breadcrumb",
            Self::RepeatedTitle => "repeated title",
            Self::Caption => "caption",
            Self::Byline => "byline",
            Self::Timestamp => "timestamp",
            Self::PageFurniture => "page furniture",
            Self::Duplicate => "duplicate",
            Self::PullQuote => "pull quote",
            Self::Navigation => "navigation",
            Self::Related => "related",
            Self::Advertisement => "advertisement",
            Self::Newsletter => "newsletter",
            Self::LogIn => "log-in prompt",
            Self::Paywall => "paywall",
            Self::Comments => "comments",
            Self::CookieNotice => "cookie notice",
            Self::Legal => "legal",
            Self::Embed => "embed",
            Self::Table => "table",
            Self::Code => "code",
            Self::Footnote => "footnote",
            Self::Hidden => "hidden",
            Self::OutsideStory => "outside story",
            Self::LeftOut => "left out on demand",
        })
    }
}
