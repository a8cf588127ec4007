//! Marks elements that are not the story, by their name, role and class.
//!
//! A class may lie: `paywall` often wraps the story itself. So a mark is only a suspicion; the caller drops it where
//! it would remove a large part of the story.

use super::element::is_inline;
use super::tree::{Element, Tree};
use crate::article::reason::Reason;

/// Words of classes and ids, in this order: the first that fits decides. Several words must stand together.
const CLASSES: &[(Reason, &[&str])] = &[
    (
        Reason::Hidden,
        &[
            "sr-only",
            "visually-hidden",
            "visuallyhidden",
            "screen-reader-text",
            "screenreader",
            "a11y-hidden",
        ],
    ),
    (Reason::OutsideStory, &["author-bio", "author-box", "about-author", "about-the-author", "bio"]),
    (Reason::Breadcrumb, &["breadcrumb", "breadcrumbs"]),
    (
        Reason::CookieNotice,
        &[
            "cookie",
            "cookies",
            "gdpr",
            "onetrust",
            "consent",
            "cookie-banner",
            "cookiebanner",
            "cmp-container",
        ],
    ),
    (
        Reason::Newsletter,
        &[
            "newsletter",
            "newsletters",
            "signup",
            "sign-up",
            "email-capture",
            "mailing-list",
            "email-subscribe",
        ],
    ),
    (
        Reason::PullQuote,
        &["pullquote", "pull-quote", "pulled-quote", "pullout-quote", "quote-pull", "blockquote-pull"],
    ),
    (
        Reason::Embed,
        &[
            "twitter-tweet",
            "tweet",
            "instagram-media",
            "fb-post",
            "tiktok-embed",
            "bluesky-embed",
            "mastodon-embed",
            "social-embed",
            "embedded-tweet",
            "telegram-post",
        ],
    ),
    (
        Reason::Advertisement,
        &[
            "ad",
            "ads",
            "advert",
            "adverts",
            "advertisement",
            "advertising",
            "adslot",
            "ad-slot",
            "adsense",
            "sponsored",
            "sponsor",
            "dfp",
            "gpt-ad",
            "outbrain",
            "taboola",
        ],
    ),
    (
        Reason::Related,
        &[
            "related",
            "recommended",
            "recommendation",
            "recommendations",
            "more-from",
            "more-stories",
            "more-on",
            "most-read",
            "most-popular",
            "most-viewed",
            "trending",
            "read-next",
            "read-more",
            "read-also",
            "up-next",
            "also-like",
            "further-reading",
            "see-also",
            "links-block",
            "teaser",
            "teasers",
            "promo",
        ],
    ),
    (Reason::Comments, &["comments", "comment", "disqus", "comment-box", "respond", "discussion"]),
    (
        Reason::Paywall,
        &[
            "paywall-prompt",
            "paywall-message",
            "paywall-overlay",
            "paywall-banner",
            "paywall-cta",
            "subscription-prompt",
            "subscribe-prompt",
            "subscribe-wall",
            "subscribe",
            "regwall",
            "piano-offer",
            "meter-message",
        ],
    ),
    (Reason::LogIn, &["login", "log-in", "signin", "sign-in"]),
    (
        Reason::PageFurniture,
        &[
            "share",
            "sharing",
            "sharebar",
            "share-tools",
            "social-links",
            "social-share",
            "social-icons",
            "social",
            "addthis",
            "toolbar",
            "article-tools",
            "audio-player",
            "video-player",
            "player",
            "tags",
            "tag-list",
            "topic-list",
            "article-topics",
            "rating",
            "widget",
            "skip-link",
        ],
    ),
    (
        Reason::Caption,
        &[
            "caption",
            "figcaption",
            "wp-caption-text",
            "image-caption",
            "photo-credit",
            "image-credit",
            "photo-caption",
            "media-caption",
            "credit",
        ],
    ),
    (
        Reason::Byline,
        &["byline", "by-line", "author", "authors", "author-name", "contributor", "contributors"],
    ),
    (
        Reason::Timestamp,
        &[
            "timestamp",
            "datetime",
            "pubdate",
            "publish-date",
            "published-date",
            "post-date",
            "date",
            "time-ago",
        ],
    ),
    (Reason::Legal, &["copyright", "legal", "disclaimer"]),
    (
        Reason::Navigation,
        &[
            "nav",
            "navbar",
            "navigation",
            "menu",
            "toc",
            "table-of-contents",
            "masthead",
            "site-header",
            "site-footer",
            "sidebar",
            "footer",
            "pagination",
        ],
    ),
];

/// The mark of each node by its own element; `None` for an element within a line of text, too.
pub(super) fn marks(tree: &Tree) -> Vec<Option<Reason>> {
    let own = |node| tree.element(node).filter(|element| !is_inline(element.name.as_str())).and_then(mark);
    (0..tree.nodes.len()).map(own).collect()
}

/// The mark of an element by its own attributes; `None` for most elements.
pub(super) fn mark(element: &Element) -> Option<Reason> {
    if is_hidden(element) { Some(Reason::Hidden) } else { mark_if_shown(element) }
}

/// The mark of an element that may be hidden, as if it were shown.
pub(super) fn mark_if_shown(element: &Element) -> Option<Reason> {
    let name = element.name.as_str();
    let by_name = match name {
        "nav" | "menu" | "amp-sidebar" | "footer" => Some(Reason::Navigation),
        "button" | "select" | "option" | "textarea" | "form" | "fieldset" | "dialog" => {
            Some(Reason::PageFurniture)
        }
        "amp-ad" | "amp-auto-ads" => Some(Reason::Advertisement),
        "amp-consent" => Some(Reason::CookieNotice),
        "amp-social-share" => Some(Reason::PageFurniture),
        "amp-twitter" | "amp-instagram" | "amp-facebook" => Some(Reason::Embed),
        "figcaption" | "caption" => Some(Reason::Caption),
        "time" => Some(Reason::Timestamp),
        _ => None,
    };
    let by_role = match element.attribute("role").unwrap_or_default() {
        "navigation" | "menu" | "menubar" | "contentinfo" | "search" => Some(Reason::Navigation),
        "banner" if name != "header" => Some(Reason::Navigation),
        "dialog" | "alertdialog" | "toolbar" | "button" => Some(Reason::PageFurniture),
        _ => None,
    };
    let by_property = match element.attribute("itemprop").unwrap_or_default() {
        "author" => Some(Reason::Byline),
        "datePublished" | "dateModified" => Some(Reason::Timestamp),
        "caption" => Some(Reason::Caption),
        _ => None,
    };
    let by_relation = (element.attribute("rel") == Some("author")).then_some(Reason::Byline);
    // The class is nearer to the meaning than the element's name.
    let by_class = || {
        let mut words = String::from("-");
        for attribute in ["class", "id", "data-component", "data-testid"] {
            push_words(element.attribute(attribute).unwrap_or_default(), &mut words);
        }
        class_mark(&words)
    };
    let is_page = matches!(name, "html" | "body" | "main" | "article");
    // `player` or `comment` on a single paragraph is more likely its subject.
    let is_kept = |reason: &Reason| {
        !matches!(name, "p" | "li" | "h1" | "h2" | "h3" | "tr" | "td")
            || !matches!(
                reason,
                Reason::PageFurniture
                    | Reason::Comments
                    | Reason::LogIn
                    | Reason::Navigation
                    | Reason::Advertisement
            )
    };
    let by_class = if is_page { None } else { by_class().filter(is_kept) };
    let aside = (name == "aside").then_some(Reason::OutsideStory);
    by_class.or(by_property).or(by_relation).or(by_name).or(by_role).or(aside)
}

fn is_hidden(element: &Element) -> bool {
    let style = element.attribute("style").unwrap_or_default();
    let is_written_off = |rule: &str, value: &str| {
        style.split(';').any(|part| {
            part.split_once(':').is_some_and(|(name, given)| {
                name.trim().eq_ignore_ascii_case(rule)
                    && given.trim().get(..value.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(value))
            })
        })
    };
    element.attribute("hidden").is_some()
        || (element.attribute("aria-hidden") == Some("true") && !is_inline(element.name.as_str()))
        || is_written_off("display", "none")
        || is_written_off("visibility", "hidden")
}

/// Appends the words of class names, in lower case, each followed by a hyphen: `pullQuote big` gives
/// `pull-quote-.-big-.-`; words of two names never stand together.
pub(super) fn push_words(classes: &str, out: &mut String) {
    for class in classes.split_whitespace() {
        let mut was_lower = false;
        for c in class.chars() {
            if !c.is_ascii_alphanumeric() {
                if !out.ends_with('-') {
                    out.push('-');
                }
                was_lower = false;
                continue;
            }
            if c.is_ascii_uppercase() && was_lower {
                out.push('-');
            }
            was_lower = c.is_ascii_lowercase();
            out.push(c.to_ascii_lowercase());
        }
        if !out.ends_with('-') {
            out.push('-');
        }
        out.push_str(".-");
    }
}

fn class_mark(words: &str) -> Option<Reason> {
    if words.len() < 3 {
        return None;
    }
    let holds = |phrase: &&str| {
        words
            .match_indices(*phrase)
            .any(|(at, _)| words[..at].ends_with('-') && words[at + phrase.len()..].starts_with('-'))
    };
    CLASSES.iter().find(|(_, phrases)| phrases.iter().any(holds)).map(|&(reason, _)| reason)
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;
    use crate::table_test::each;

    #[test]
    fn elements_say_what_they_are() {
        let rows = [
            ("<div>", None),
            ("<div class='story-body lead'>", None),
            ("<div class='read the more'>", None),
            ("<div class='shared-story header-1'>", None),
            ("<div class='broadcast upload'>", None),
            ("<nav>", Some(Reason::Navigation)),
            ("<div class=c-pullQuote>", Some(Reason::PullQuote)),
            ("<blockquote class='twitter-tweet'>", Some(Reason::Embed)),
            ("<div id='div-gpt-ad-123'>", Some(Reason::Advertisement)),
            ("<section class='RelatedStories__list'>", Some(Reason::Related)),
            ("<form class='newsletter-form'>", Some(Reason::Newsletter)),
            ("<aside>", Some(Reason::OutsideStory)),
            ("<aside class=sponsored>", Some(Reason::Advertisement)),
            ("<div style='color: red; Display: None'>", Some(Reason::Hidden)),
            ("<p hidden>", Some(Reason::Hidden)),
            ("<span aria-hidden=true>", None),
            ("<a rel=author>", Some(Reason::Byline)),
            ("<time>", Some(Reason::Timestamp)),
            ("<amp-ad>", Some(Reason::Advertisement)),
            ("<ins>", None),
            ("<div role=navigation>", Some(Reason::Navigation)),
            ("<body class='has-comments newsletter'>", None),
            ("<p class='player-quote'>", None),
            ("<div class='audio player'>", Some(Reason::PageFurniture)),
        ];
        each(rows, |(tag, want)| {
            let tree = Tree::parse(tag).unwrap();
            assert_eq!(mark(tree.element(1).unwrap()), want, "{tag}");
        });
    }
}
