//! The headline of a page.

use super::leaves::{Leaf, Leaves};
use crate::article::BlockKind;
use crate::article::furniture::site_title;
use crate::article::reason::Reason;
use crate::article::shape::{ends_with_stop, fold};

/// Lines of a page among which the headline is.
const MOST_LINES: usize = 300;

/// The headline.
pub(super) struct Title<'a> {
    /// The leaf that is it.
    pub(super) leaf: Option<usize>,
    /// Its text by the page's own account, where no leaf is it.
    pub(super) text: Option<&'a str>,
}

impl<'a> Title<'a> {
    /// Finds it; the page may name it in its data, and in its tab.
    pub(super) fn find(
        leaves: &Leaves,
        reasons: &[Option<Reason>],
        known: Option<&'a str>,
        tab: Option<&'a str>,
    ) -> Self {
        let tab = tab.map(|tab| without_site(tab, leaves));
        let leaf = title_leaf(leaves, reasons, known, tab);
        let text = known.or(tab_title(tab));
        let leaf = leaf.or_else(|| if text.is_some() { None } else { first_line(leaves, reasons) });
        Self { leaf, text: text.filter(|_| leaf.is_none()) }
    }
}

fn tab_title(tab: Option<&str>) -> Option<&str> {
    tab.filter(|tab| tab.split_whitespace().nth(2).is_some())
}

/// `Headline | The Daily` without the site's name.
fn without_site<'a>(tab: &'a str, leaves: &Leaves) -> &'a str {
    let folded = fold(tab);
    let is_headline =
        |leaf: &&Leaf| leaf.level == 1 && site_title(&folded, &fold(leaf.span.of(&leaves.text)));
    let cuts = [" | ", " - ", " – ", " — ", " :: ", " « "].iter().filter_map(|cut| tab.rfind(cut));
    match cuts.max() {
        Some(at) if leaves.list.iter().any(|leaf| is_headline(&leaf)) || words(&tab[..at]) >= 3 => &tab[..at],
        _ => tab,
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The leaf that is the headline: the one with the words of the page's title, else the only `h1`.
fn title_leaf(
    leaves: &Leaves,
    reasons: &[Option<Reason>],
    known: Option<&str>,
    tab: Option<&str>,
) -> Option<usize> {
    let text = |number: usize| fold(leaves.list[number].span.of(&leaves.text));
    let may_be = |number: &usize| {
        let reason = reasons[*number];
        leaves.list[*number].words <= 50 && reason != Some(Reason::Hidden)
    };
    let lines: Vec<usize> = (0..leaves.list.len()).filter(may_be).take(MOST_LINES).collect();
    let is_heading = |number: &usize| {
        let leaf = &leaves.list[*number];
        leaf.kind == BlockKind::Heading && leaf.level <= 2
    };
    let headings: Vec<usize> = lines.iter().copied().filter(is_heading).collect();
    let is_plain = |number: &usize| matches!(reasons[*number], None | Some(Reason::OutsideStory));
    let others = lines.iter().copied().filter(is_plain);
    let candidates: Vec<usize> = headings.iter().copied().chain(others).collect();
    for title in [known, tab].into_iter().flatten().map(fold) {
        if let Some(found) = candidates.iter().copied().find(|&number| text(number) == title) {
            return Some(found);
        }
    }
    let first: Vec<usize> = headings
        .into_iter()
        .filter(|&number| leaves.list[number].level == 1)
        .filter(|&number| !matches!(reasons[number], Some(Reason::Navigation | Reason::Related)))
        .collect();
    // Sites give search engines another headline than readers; the two have words in common.
    for title in [known, tab].into_iter().flatten().map(fold) {
        if let Some(found) = first.iter().copied().find(|&number| is_alike(&text(number), &title)) {
            return Some(found);
        }
    }
    match (first.as_slice(), known) {
        ([only], None) => Some(*only),
        _ => None,
    }
}

/// The line right over the story, on a page that names no headline.
fn first_line(leaves: &Leaves, reasons: &[Option<Reason>]) -> Option<usize> {
    let story = reasons.iter().position(Option::is_none)?;
    let is_headline = |&number: &usize| {
        let leaf = &leaves.list[number];
        (3..=35).contains(&leaf.words)
            && !leaf.is_link
            && matches!(reasons[number], None | Some(Reason::OutsideStory))
            && !ends_with_stop(leaf.span.of(&leaves.text))
    };
    (story.saturating_sub(3)..=story).find(is_headline)
}

/// Whether two headlines share more than a third of the words of the shorter one, or one begins the other.
fn is_alike(one: &str, other: &str) -> bool {
    /// Of a title that is longer, the rest is none.
    const MOST_WORDS: usize = 100;
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if words(short) >= 3 && long.starts_with(short) {
        return true;
    }
    let rest: Vec<&str> = long.split(' ').take(MOST_WORDS).collect();
    let all: Vec<&str> = short.split(' ').take(MOST_WORDS).filter(|word| word.len() > 3).collect();
    let shared = all.iter().filter(|word| rest.contains(word)).count();
    shared >= 2 && shared * 3 > all.len()
}
