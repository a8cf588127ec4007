//! Parts of a page that are hidden until a program shows them: sections that come up one after the other, a story behind a curtain.

use std::collections::{HashMap, HashSet};

use super::judge;
use super::leaves::{Leaf, Leaves};
use super::marks::{mark_if_shown, push_words};
use super::tree::{Element, Tree};
use crate::article::reason::Reason;
use crate::article::shape::ends_with_stop;

/// Words of the least prose that is hidden only until a program shows it.
const LEAST_REVEALED: usize = 100;

/// Takes the mark from hidden elements that hold more prose than all that is seen: a program shows them when the page is read, one
/// after the other or once the reader has scrolled. Such elements have the same classes, or the same parent.
pub(super) fn reveal(tree: &Tree, leaves: &Leaves, marks: &mut [Option<Reason>]) {
    if !marks.contains(&Some(Reason::Hidden)) {
        return;
    }
    let mut hidden_by: Vec<usize> = vec![0; tree.nodes.len()];
    for node in 1..tree.nodes.len() {
        let outer = hidden_by[tree.nodes[node].parent];
        hidden_by[node] = if outer == 0 && marks[node] == Some(Reason::Hidden) { node } else { outer };
    }
    let class =
        |node: usize| tree.element(node).and_then(|element| element.attribute("class")).unwrap_or_default();
    let family = |node: usize| match class(node) {
        "" => (tree.nodes[node].parent, ""),
        class => (0, class),
    };
    let text = |leaf: &Leaf| leaf.span.of(&leaves.text);
    let mut may_be_shown = HashMap::new();
    let mut may_be_shown =
        |node: usize| *may_be_shown.entry(node).or_insert_with(|| shown_mark(tree.element(node)).is_none());
    let (mut seen, mut hidden) = (0, HashMap::new());
    for leaf in &leaves.list {
        if leaf.linked < 0.5 && leaf.words >= 6 && ends_with_stop(text(leaf)) {
            match hidden_by[leaf.owner] {
                0 => seen += leaf.words,
                node if may_be_shown(node) => {
                    hidden.entry(family(node)).or_insert_with(Vec::new).push(leaf);
                }
                _ => {}
            }
        }
    }
    let words = |leaves: &[&Leaf]| leaves.iter().map(|leaf| leaf.words).sum::<usize>();
    let most = hidden.into_iter().max_by(|a, b| words(&a.1).cmp(&words(&b.1)).then(b.0.cmp(&a.0)));
    let least = LEAST_REVEALED.max(seen);
    let Some((family_of_most, mut hidden)) = most.filter(|(_, hidden)| words(hidden) >= least) else {
        return;
    };
    // What is seen may stand in the page a second time, for programs.
    let is_seen = |leaf: &&Leaf| hidden_by[leaf.owner] == 0;
    let runs: HashSet<u64> =
        leaves.list.iter().filter(is_seen).flat_map(|leaf| judge::runs(text(leaf))).collect();
    hidden.retain(|leaf| judge::found(text(leaf), &runs) < 0.5);
    if words(&hidden) < least {
        return;
    }
    for node in 1..tree.nodes.len() {
        if hidden_by[node] == node && family(node) == family_of_most {
            marks[node] = shown_mark(tree.element(node));
        }
    }
}

/// The mark of a hidden element if it were shown; what waits for a click of the reader is none of the story.
fn shown_mark(element: Option<&Element>) -> Option<Reason> {
    const WAITING: [&str; 10] =
        ["modal", "popup", "pop-up", "overlay", "dialog", "lightbox", "menu", "drawer", "consent", "tooltip"];
    let element = element?;
    let mut words = String::from("-");
    for attribute in ["class", "id"] {
        push_words(element.attribute(attribute).unwrap_or_default(), &mut words);
    }
    let waits = WAITING.iter().any(|word| words.contains(word));
    if waits { Some(Reason::Hidden) } else { mark_if_shown(element) }
}
