//! Rules that find the parts of a copied page that are not the story, each with its reason. A sentence of the story
//! must never be left out. Every rule needs signs that running text does not have, and doubtful text stays.

mod byline;
mod captions;
mod cards;
mod copied;
mod credits;
mod deck;
mod emission;
mod films;
mod finish;
mod frames;
mod headline;
mod houses;
mod lines;
mod lists;
mod notes;
mod phrases;
mod repeats;
mod running;
mod sequence;
mod signatures;
mod words;

use super::BlockKind;
use super::reason::Reason;
use super::shape::{Mark, Shape, rough_sentences};
#[cfg(feature = "newsroom")]
pub(super) use byline::is_imprint;
pub(super) use byline::without_date;
use captions::{is_agency, is_caption};
use phrases::RULES;

/// Most paragraphs of a page's head, with the title and its repetition.
const TOP: usize = 12;

/// Where a plain text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Copied from a page: whatever stands around the story may be in it.
    Page,
    /// The page's own copy of the story alone.
    #[cfg(feature = "html")]
    Story,
}

/// The result of the rules.
pub(super) struct Verdict {
    /// For every paragraph, why it is not read.
    pub(super) reasons: Vec<Option<Reason>>,
    /// For every paragraph its kind, where its neighbours tell more than its shape.
    pub(super) kinds: Vec<Option<BlockKind>>,
    /// Which paragraph is the title.
    pub(super) title: Option<usize>,
}

/// Judges all paragraphs of a plain text together.
pub(super) fn judge(shapes: &[Shape<'_>], source: Source) -> Verdict {
    let mut reasons: Vec<Option<Reason>> = shapes.iter().map(reason_of).collect();
    let mut kinds = vec![None; shapes.len()];
    let is_page = source == Source::Page && sequence::is_page(shapes, &reasons);
    let title = if is_page {
        sequence::judge(shapes, &mut reasons, &mut kinds)
    } else {
        find_title(shapes, &mut reasons)
    };
    if let Some(title) = title {
        let folded = &shapes[title].folded;
        let top = if is_page { shapes.len() } else { TOP };
        for (number, shape) in shapes.iter().enumerate().take(top) {
            if number != title && !folded.is_empty() && shape.folded == *folded {
                reasons[number] = Some(Reason::RepeatedTitle);
            }
        }
    }
    lines::mark_posts(shapes, &mut reasons);
    byline::mark_date_below(shapes, &mut reasons);
    lines::mark_date(shapes, &mut reasons);
    lines::mark_signature(shapes, &mut reasons, title);
    lines::mark_pointers(shapes, &mut reasons);
    lines::mark_tables(shapes, &mut reasons);
    repeats::mark_duplicates(shapes, &mut reasons);
    repeats::mark_pull_quotes(shapes, &mut reasons, title);
    sweep_tail(shapes, &mut reasons);
    Verdict { reasons, kinds, title }
}

/// Judges by their words the paragraphs that the page's structure did not decide; the title is known.
pub(super) fn refine(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], title: Option<usize>) {
    let folded = title.map(|title| shapes[title].folded.as_str()).filter(|folded| !folded.is_empty());
    for (number, shape) in shapes.iter().enumerate().filter(|(number, _)| Some(*number) != title) {
        let is_title = || {
            folded.is_some_and(|title| {
                shape.folded == title || (!shape.stopped && site_title(&shape.folded, title))
            })
        };
        // Text outside the story may still get a reason.
        if matches!(reasons[number], None | Some(Reason::OutsideStory)) {
            let reason = if is_title() { Some(Reason::RepeatedTitle) } else { reason_of(shape) };
            reasons[number] = reason.or(reasons[number]);
        }
    }
    byline::mark_date_below(shapes, reasons);
    repeats::mark_duplicates(shapes, reasons);
    repeats::mark_pull_quotes(shapes, reasons, title);
    sweep_tail(shapes, reasons);
}

/// The title: a headline that stands twice near the top, else the first paragraph when it looks like one.
/// Labels above a headline that stands twice are furniture.
fn find_title(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) -> Option<usize> {
    mark_sections(shapes, reasons);
    let kept: Vec<usize> = (0..shapes.len()).filter(|&n| reasons[n].is_none()).take(TOP).collect();
    let &first = kept.first()?;
    let top = &shapes[..shapes.len().min(TOP)];
    for (order, &number) in kept.iter().enumerate() {
        let shape = &shapes[number];
        if shape.stopped && number != first {
            break;
        }
        let may_be = shape.words >= 3 && shape.words <= 35 && shape.mark == Mark::None;
        let is_label = |n: &usize| !shapes[*n].stopped && shapes[*n].words <= 12;
        if !may_be || !kept[..order].iter().all(is_label) {
            continue;
        }
        let count = top.iter().filter(|other| other.folded == shape.folded).count();
        // A refrain stands more often, or alone.
        let twice = count > 1 && (!shape.stopped || (count == 2 && shapes.len() > 2));
        let with_site = |n: &usize| site_title(&shapes[*n].folded, &shape.folded);
        if twice || kept[..order].iter().any(with_site) {
            for &label in &kept[..order] {
                let is_title = with_site(&label);
                reasons[label] = Some(if is_title { Reason::RepeatedTitle } else { Reason::PageFurniture });
            }
            return Some(number);
        }
    }
    (shapes.len() > 1 && shapes[first].is_title_like()).then_some(first)
}

/// Names of sections over a headline: `World`, `Business`. A headline has to follow, and no sentence between.
fn mark_sections(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let is_section = |shape: &Shape<'_>| RULES.sections.contains(&shape.folded);
    let mut found = Vec::new();
    for (number, shape) in shapes.iter().enumerate().take(TOP) {
        match reasons[number] {
            Some(_) => {}
            None if is_section(shape) => found.push(number),
            None if !found.is_empty() && shape.is_title_like() && shape.words >= 4 => {
                for section in found {
                    reasons[section] = Some(Reason::Navigation);
                }
                return;
            }
            None => return,
        }
    }
}

/// `Headline - The Daily`: a browser's title, over the headline itself.
pub(super) fn site_title(long: &str, title: &str) -> bool {
    long.strip_prefix(title).is_some_and(|rest| {
        [" - ", " | ", " — ", " – ", " : ", " :: "].iter().any(|separator| rest.starts_with(separator))
    })
}

/// After the story's last sentence, and from the first sure piece of furniture on, very short paragraphs are the
/// page's foot: buttons, icons. After a byline at the story's end, headlines of other stories belong to the foot, too.
fn sweep_tail(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let is_story = |n: &usize| reasons[*n].is_none() && (shapes[*n].stopped || shapes[*n].mark == Mark::Item);
    let Some(last) = (0..shapes.len()).rfind(is_story) else { return };
    // The byline of a story of one sentence may stand at its top.
    let is_long = (0..last).any(|n| is_story(&n));
    let is_sure = |n: &usize| reasons[*n].is_some_and(is_of_foot);
    let Some(foot) = (last + 1..shapes.len()).find(is_sure) else { return };
    let mut most_words = 3;
    for number in foot..shapes.len() {
        if reasons[number] == Some(Reason::Byline) && is_long {
            most_words = 12;
        }
        if reasons[number].is_none() && shapes[number].words <= most_words {
            reasons[number] = Some(Reason::PageFurniture);
        }
    }
}

/// How a line on rights begins, however many sentences follow.
const COPYRIGHT: [&str; 6] = [
    "©",
    "copyright ©",
    "copyright (c)",
    "copyright 19",
    "copyright 20",
    "a version of this article appears in print",
];

/// Whether what is left out for this reason stands around a story rather than in it.
fn is_of_foot(reason: Reason) -> bool {
    use Reason::{
        Advertisement, Byline, Comments, Legal, LogIn, Navigation, Newsletter, PageFurniture, Paywall,
        Related,
    };
    matches!(
        reason,
        Advertisement
            | Byline
            | Comments
            | Legal
            | LogIn
            | Navigation
            | Newsletter
            | PageFurniture
            | Paywall
            | Related
    )
}

/// The reason why a paragraph, judged alone, is not read.
fn reason_of(shape: &Shape<'_>) -> Option<Reason> {
    if !shape.text.contains(char::is_alphanumeric) {
        return Some(Reason::PageFurniture);
    }
    if shape.folded.is_empty() {
        return None;
    }
    if is_caption(shape) {
        return Some(Reason::Caption);
    }
    // `Copyright The Daily Bee.`
    let is_named = || {
        shape.words <= 6
            && shape.folded.starts_with("copyright ")
            && shape.text.split_whitespace().all(|word| !word.starts_with(char::is_lowercase))
    };
    if is_named() {
        return Some(Reason::Legal);
    }
    if shape.words <= 60 && COPYRIGHT.iter().any(|sign| shape.folded.starts_with(sign)) {
        return Some(Reason::Legal);
    }
    // Beyond this it is a paragraph of the story, however it begins.
    if shape.words > 45 || rough_sentences(shape.text) > 2 {
        return None;
    }
    if is_breadcrumb(shape) {
        return Some(Reason::Breadcrumb);
    }
    if lines::is_embed(shape) {
        return Some(Reason::Embed);
    }
    if byline::is_byline(shape) || byline::is_byline_row(shape) {
        return Some(Reason::Byline);
    }
    if lines::is_timestamp(&shape.folded) {
        return Some(Reason::Timestamp);
    }
    if lines::is_menu(shape) {
        return Some(Reason::Navigation);
    }
    if is_counter(shape) || is_button_row(shape) {
        return Some(Reason::PageFurniture);
    }
    RULES.reason_of(shape)
}

/// `Home > World > Asia`
fn is_breadcrumb(shape: &Shape<'_>) -> bool {
    if shape.stopped || shape.words > 16 || !shape.folded.contains(['>', '›', '»']) {
        return false;
    }
    if shape.folded.contains('<') {
        return false;
    }
    let parts: Vec<&str> = shape.folded.split(['>', '›', '»']).map(str::trim).collect();
    let is_name = |part: &&str| {
        (1..=4).contains(&part.split_whitespace().count()) && !part.contains(|c: char| c.is_ascii_digit())
    };
    parts.len() > 1 && parts.iter().all(is_name)
}

/// The counter of a comment box, `(0/250)`, alone or after a few words without a stop.
fn is_counter(shape: &Shape<'_>) -> bool {
    // A count of shares, or a picture's number; four digits may be a year.
    if shape.words == 1
        && shape.mark != Mark::Item
        && shape.folded.len() <= 3
        && shape.folded.bytes().all(|b| b.is_ascii_digit())
    {
        return true;
    }
    let is_fraction = |text: &str| {
        let text = text.trim_matches(|c: char| !c.is_ascii_digit());
        text.split_once('/').is_some_and(|(typed, limit)| {
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            // A limit of a hundred or more counts characters; `(1/3)` may be a part's number.
            digits(typed) && digits(limit) && limit.len() >= 3
        })
    };
    let Some(open) = shape.folded.rfind('(') else {
        return shape.words == 1 && shape.folded.starts_with("0/") && is_fraction(&shape.folded);
    };
    !shape.stopped
        && shape.words <= 8
        && shape.folded.len() - open <= 16
        && is_fraction(&shape.folded[open..])
}

/// `print dictionary print`, `Share Tweet Email`: only names of buttons.
fn is_button_row(shape: &Shape<'_>) -> bool {
    let is_button = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.is_empty() || RULES.buttons.contains(word)
    };
    !shape.stopped && shape.words <= 12 && shape.folded.split(' ').all(is_button)
}
