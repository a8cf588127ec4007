//! Sentences by which a copied page speaks of itself: what it wants of its readers, how it was made, who had a part in it.
//!
//! Each rule asks for two signs that a story seldom has together.

use super::byline::is_row_of_names;
use super::houses;
use super::phrases::{RULES, WordSet};
use crate::article::reason::Reason;
use crate::article::shape::{Shape, ends_with_stop};

/// Words of the longest note.
const LONGEST: usize = 60;
/// Words of the shortest note.
const SHORTEST: usize = 5;
/// Words of the longest line that names who had a part in a page.
const LONGEST_IMPRINT: usize = 20;

/// What a page asks for before its letters.
const ASKS: [&str; 10] =
    ["sign", "subscribe", "follow", "register", "join", "get", "receive", "enter", "download", "unlock"];

/// Why a sentence or two about the page are not read.
pub(super) fn reason_of(shape: &Shape<'_>) -> Option<Reason> {
    if shape.folded.is_empty() || shape.words < 3 {
        return None;
    }
    if let Some(reason) = standing_text(shape) {
        return Some(reason);
    }
    if is_of_browser(shape) {
        return Some(Reason::PageFurniture);
    }
    if houses::is_form_field(shape) {
        return Some(Reason::PageFurniture);
    }
    if houses::is_sponsor(shape) {
        return Some(Reason::Advertisement);
    }
    if shape.words > LONGEST {
        return None;
    }
    if is_imprint(shape) {
        return Some(Reason::Byline);
    }
    if is_of_print(&shape.folded) {
        return Some(Reason::Legal);
    }
    // A shorter line is a button or a label.
    if shape.words < SHORTEST {
        return None;
    }
    let signs = Signs::of(shape);
    if signs.is_quoted {
        return None;
    }
    let is_named = shape.folded.contains("newsletter");
    let is_here = || ["this page", "this story", "this topic"].iter().any(|work| shape.folded.contains(work));
    let is_asked = signs.commands > 0 && (is_named || (signs.asks > 0 && (signs.address > 0 || is_here())));
    if signs.letters > 0 && (is_asked || (signs.letters > 1 && signs.address > 0)) {
        return Some(Reason::Newsletter);
    }
    if signs.address > 0
        && (signs.giving > 1 || (signs.giving == 1 && signs.address > 1 && signs.commands > 0))
    {
        return Some(Reason::Paywall);
    }
    if signs.is_sold {
        return Some(Reason::Advertisement);
    }
    if signs.sound > 0 && signs.machine > 0 && shape.words <= LONGEST / 2 && is_of_recording(&shape.folded) {
        return Some(Reason::PageFurniture);
    }
    // `Tell us of your port, and send us your pictures.`
    (signs.answers > 0 && signs.commands > 0 && signs.address > 1).then_some(Reason::Comments)
}

/// Texts that stand on pages as the law has it, however long they are.
fn standing_text(shape: &Shape<'_>) -> Option<Reason> {
    const BUTTON: usize = 5;
    let folded = shape.folded.as_str();
    if folded.contains("forward-looking statement") {
        return Some(Reason::Legal);
    }
    if is_of_standards(shape) {
        return Some(Reason::Legal);
    }
    if !folded.contains("cookies") || shape.text.contains(['“', '"']) {
        return None;
    }
    let asks = [
        "consent",
        "permission",
        "preferences",
        "settings",
        "technologies",
        "privacy",
        "personalis",
        "personaliz",
    ]
    .iter()
    .filter(|word| folded.contains(**word))
    .count();
    let is_button = !shape.stopped && shape.words <= BUTTON;
    let addresses = || folded.split(' ').any(|word| matches!(word, "we" | "you" | "your" | "our"));
    (is_button || (asks > 0 && addresses())).then_some(Reason::CookieNotice)
}

/// `This article has been reviewed according to our editorial policies`, `Add us as a preferred source`
fn is_of_standards(shape: &Shape<'_>) -> bool {
    const LONGEST_NOTICE: usize = 80;
    const WORKS: [&str; 6] =
        ["this article", "this story", "this document", "this page", "this website", "this material"];
    const STANDARDS: [&str; 7] = [
        "editorial process",
        "editorial standards",
        "editorial guidelines",
        "editorial policies",
        "editors' code",
        "subject to copyright",
        "may not be published",
    ];
    // `The views expressed are those of the author.`
    const DISCLAIMED: [&str; 8] = [
        "views expressed",
        "opinions expressed",
        "necessarily reflect",
        "does not constitute",
        "not intended as",
        "informational purposes only",
        "information purposes only",
        "not investment advice",
    ];
    const FROM_WHOM: [&str; 8] =
        ["author", "writer", "their own", "our own", "his own", "her own", "advice", "this site"];
    const DISCLAIMERS: [&str; 7] =
        ["the views", "views ", "the opinions", "opinions ", "this ", "the information", "the content"];
    const REQUESTS: [&str; 4] = ["add ", "choose ", "make ", "set "];
    let has = |list: &[&str]| list.iter().any(|words| shape.folded.contains(words));
    let begins = |list: &[&str]| list.iter().any(|words| shape.folded.starts_with(words));
    let is_plain = shape.words <= LONGEST_NOTICE && !shape.text.contains(['“', '"', '«']);
    let is_reserved = || {
        shape.folded.contains("may not be ")
            && ["permission", "rights reserved"].iter().any(|words| shape.folded.contains(words))
    };
    is_plain
        && ((has(&WORKS) && has(&STANDARDS))
            || (begins(&DISCLAIMERS) && has(&DISCLAIMED) && has(&FROM_WHOM))
            || (is_reserved() && has(&WORKS))
            || shape.folded.contains("edited for length and clarity")
            || (begins(&REQUESTS) && shape.folded.contains("preferred source")))
}

/// `Your browser does not play this film`, `Please turn on JavaScript`
fn is_of_browser(shape: &Shape<'_>) -> bool {
    const LONGEST_REFUSAL: usize = 25;
    const BEGINS: [&str; 7] = [
        "your browser ",
        "this browser ",
        "this content is not available in your",
        "to see this content ",
        "please enable javascript",
        "please turn on javascript",
        "javascript is ",
    ];
    let is_plain = shape.words <= LONGEST_REFUSAL && !shape.text.contains(['“', '"', '«']);
    is_plain && BEGINS.iter().any(|begin| shape.folded.starts_with(begin))
}

/// A recording of this page, rather than one in its story.
fn is_of_recording(folded: &str) -> bool {
    const RECORDINGS: [&str; 8] = [
        "this audio",
        "this article",
        "this story",
        "this page",
        "narrat",
        "listen to",
        "generated audio",
        "text-to-speech",
    ];
    RECORDINGS.iter().any(|recording| folded.contains(recording))
}

/// What the words of a paragraph say of the page.
#[derive(Default)]
struct Signs {
    /// Letters and messages that a page sends.
    letters: usize,
    /// Ways to pay for a page.
    giving: usize,
    /// `your` before what readers send.
    answers: usize,
    /// Sentences that begin with a command.
    commands: usize,
    /// Sentences that begin with a command to subscribe.
    asks: usize,
    /// The reader, or the house.
    address: usize,
    /// Listening to a page.
    sound: usize,
    /// What no human does.
    machine: usize,
    /// The page earns by what its readers buy.
    is_sold: bool,
    /// Somebody is quoted.
    is_quoted: bool,
}

impl Signs {
    fn of(shape: &Shape<'_>) -> Self {
        let mut signs = Self { is_quoted: shape.text.contains(['“', '"', '«']), ..Self::default() };
        let (mut begins, mut is_yours, mut is_told) = (true, false, false);
        let (mut has_commission, mut has_purchase) = (false, false);
        for token in shape.folded.split(' ') {
            let word = token.trim_matches(|c: char| !c.is_alphanumeric());
            let has = |set: &WordSet| usize::from(set.contains(word));
            signs.letters += has(&RULES.letters);
            signs.giving += has(&RULES.giving);
            // `Help us`, `Send us`
            signs.answers +=
                usize::from(is_yours) * has(&RULES.answers) + usize::from(is_told && word == "us");
            is_yours = word == "your";
            is_told = begins && RULES.commands.contains(word);
            signs.commands += usize::from(begins) * has(&RULES.commands);
            signs.asks += usize::from(begins && ASKS.contains(&word));
            signs.address += usize::from(matches!(word, "you" | "your" | "we" | "us" | "our" | "my"));
            signs.sound += has(&RULES.sound);
            signs.machine += has(&RULES.machine);
            has_commission |= matches!(word, "commission" | "commissions" | "affiliate" | "compensation");
            has_purchase |= matches!(
                word,
                "purchase" | "purchases" | "buy" | "retailers" | "link" | "links" | "products"
            );
            begins = ends_with_stop(token) || token.ends_with(':');
        }
        signs.is_sold = has_commission && has_purchase && signs.address > 0;
        signs
    }
}

/// `A version of this article appeared in the June print edition with the headline …`, `This article was originally published in …`
fn is_of_print(folded: &str) -> bool {
    const EDITIONS: [&str; 4] = ["print edition", "print issue", "in print", "print version"];
    const WORKS: [&str; 6] =
        ["headline", "this article", "this story", "published in", "appears in", "appeared in"];
    const ORIGINS: [&str; 8] = [
        "originally appeared",
        "originally published",
        "first appeared",
        "first published",
        "republished",
        "is archived",
        "archived article",
        "be outdated",
    ];
    let has = |list: &[&str]| list.iter().any(|words| folded.contains(words));
    (has(&EDITIONS) && has(&WORKS))
        || (has(&ORIGINS)
            && ["this article", "this story", "the article", "this post", "archived"]
                .iter()
                .any(|work| folded.contains(work)))
}

/// `Fact checked by Jane Roe`, `Audio produced by Jane Roe.`: a part in the page, and who had it.
fn is_imprint(shape: &Shape<'_>) -> bool {
    const LONGEST_PART: usize = 4;
    if shape.words > LONGEST_IMPRINT || !shape.folded.contains(" by ") {
        return false;
    }
    // `This story was edited by Jane Roe for print.`
    let is_work = |word: &str| {
        matches!(
            word,
            "story"
                | "article"
                | "piece"
                | "report"
                | "interview"
                | "episode"
                | "highlights"
                | "summary"
                | "version"
        )
    };
    let mut words = shape.folded.split(' ').take(2);
    if matches!(words.next(), Some("this" | "these")) && words.next().is_some_and(is_work) {
        return shape.folded.split(' ').skip(2).take(3).any(|word| RULES.imprint.contains(word));
    }
    let text = shape.text.trim_end_matches('.');
    let Some((part, names)) = text.split_once(" by ") else { return false };
    let part = part.to_lowercase();
    let mut words = part.split(' ');
    let is_told = matches!(words.next(), Some("a" | "an" | "the" | "it" | "he" | "she" | "they" | "this"))
        || words.any(|word| matches!(word, "is" | "are" | "was" | "were" | "be" | "been" | "has" | "had"));
    !is_told
        && part.split(' ').count() <= LONGEST_PART
        && part.split([' ', '-']).any(|word| RULES.imprint.contains(word))
        && names.split_whitespace().count() >= 2
        && !names.contains(['.', '!', '?'])
        && is_row_of_names(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::shape::Mark;
    use crate::table_test::each;

    #[test]
    fn pages_that_speak_of_themselves_are_known() {
        let rows = [
            ("Sign up for the Lamp, our weekly newsletter, and read of ports.", Some(Reason::Newsletter)),
            ("News of the port. Get our emails every day.", Some(Reason::Newsletter)),
            ("To support my work, consider becoming a subscriber or a patron.", Some(Reason::Paywall)),
            ("We may earn a commission if you buy a lamp.", Some(Reason::Advertisement)),
            ("This audio is read by an automated voice.", Some(Reason::PageFurniture)),
            ("This article appeared in the June print edition with the headline Lamps.", Some(Reason::Legal)),
            ("What did you lose? Send us your stories of the port.", Some(Reason::Comments)),
            ("This story was first published by the Bee.", Some(Reason::Legal)),
            ("Posts of this writer will be added to your daily email digest.", Some(Reason::Newsletter)),
            ("Check your email, the harbor master says.", None),
            ("Fact checked by Jane Roe", Some(Reason::Byline)),
            ("Audio produced by Jane Roe and John Doe.", Some(Reason::Byline)),
            (
                "This story was edited by Jane Roe for print. It was produced by John Doe.",
                Some(Reason::Byline),
            ),
            ("To show you this film we need your consent to cookies.", Some(Reason::CookieNotice)),
            ("This story was told by Jane.", None),
            ("She baked cookies for our school in Lindau.", None),
            ("The bridge was designed by Jane Roe.", None),
            ("Read by Jane", None),
            ("The newsletter of the port is read by pilots.", None),
            ("“Sign up for our newsletter,” she said.", None),
            ("Get emails about this page", Some(Reason::Newsletter)),
            ("Subscribe for free to receive new posts and support my work.", Some(Reason::Newsletter)),
            ("Your browser does not play this film", Some(Reason::PageFurniture)),
            ("This article has been reviewed according to our editorial policies:", Some(Reason::Legal)),
            ("The views expressed are those of the author.", Some(Reason::Legal)),
            ("This material may not be copied without permission.", Some(Reason::Legal)),
            ("Add us as a preferred source on Finder", Some(Reason::Legal)),
            ("The views expressed in the port were mixed.", None),
            ("The letter does not constitute legal advice, the court found.", None),
            ("This talk has been edited for length and clarity.", Some(Reason::Legal)),
            ("Coal is the preferred source of heat in the valley.", None),
            ("She gave a course on JavaScript.", None),
            ("Children may not be on the pier without permission.", None),
            ("“This article may not be published,” she said.", None),
            ("The commission met in print shops.", None),
            ("An automated voice told callers to wait.", None),
            ("An automated crane unloaded it.", None),
        ];
        each(rows, |(text, want)| assert_eq!(reason_of(&Shape::new(text, Mark::None)), want, "{text}"));
    }
}
