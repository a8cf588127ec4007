//! The elements around a leaf, and what their names say.

use super::echo::hash;
use super::features::{Page, code, flag};
use crate::article::html::element::is_inline;
use crate::article::html::tree::Tree;

/// Elements around a leaf that are looked at.
const AROUND: usize = 40;

/// Words of classes and ids of elements that hold stories.
const HOLDING: [&str; 10] =
    ["article", "body", "content", "story", "post", "entry", "text", "paragraph", "main", "copy"];

/// The elements around a leaf.
#[derive(Default)]
pub(super) struct Around {
    pub(super) article: f32,
    pub(super) main: f32,
    pub(super) aside: f32,
    pub(super) footer: f32,
    pub(super) header: f32,
    pub(super) nav: f32,
    pub(super) form: f32,
    pub(super) figure: f32,
    pub(super) table: f32,
    pub(super) list: f32,
    pub(super) depth: f32,
    pub(super) body_property: f32,
    /// Elements whose classes or ids speak of a story.
    pub(super) holding: f32,
    /// How far away the nearest element with a mark is.
    pub(super) marked: f32,
    /// That mark.
    pub(super) mark: f32,
}

/// What an element's class, id and other names say. Leaves share the elements around them, so that each is looked at once.
#[derive(Clone, Copy, Default)]
pub(super) struct Named {
    is_body: bool,
    /// They speak of a story.
    holds: bool,
}

impl Named {
    pub(super) fn of(tree: &Tree, node: usize) -> Self {
        let Some(element) = tree.element(node).filter(|element| !is_inline(element.name.as_str())) else {
            return Self::default();
        };
        let names = [element.attribute("class"), element.attribute("id")];
        let mut names =
            names.into_iter().flatten().flat_map(|names| names.split(|c: char| !c.is_ascii_alphabetic()));
        Self {
            is_body: element.attribute("itemprop") == Some("articleBody"),
            holds: names.any(|name| HOLDING.iter().any(|word| name.eq_ignore_ascii_case(word))),
        }
    }
}

/// What is around the leaves of an element.
pub(super) fn around(page: &Page<'_>, named: &[Named], owner: usize) -> Around {
    let tree = page.tree;
    let mut around = Around::default();
    for node in tree.ancestors(owner).take(AROUND) {
        around.depth += 1.0;
        let Some(element) = tree.element(node) else { continue };
        let place = match element.name.as_str() {
            "article" => &mut around.article,
            "main" => &mut around.main,
            "aside" => &mut around.aside,
            "footer" => &mut around.footer,
            "header" => &mut around.header,
            "nav" => &mut around.nav,
            "form" => &mut around.form,
            "figure" => &mut around.figure,
            "table" => &mut around.table,
            "ul" | "ol" | "dl" => &mut around.list,
            _ => &mut 0.0,
        };
        *place += 1.0;
        let Named { is_body, holds } = named[node];
        let mark = page.marks[node];
        around.body_property += flag(is_body);
        around.holding += flag(holds);
        if around.mark == 0.0 && mark.is_some() {
            (around.marked, around.mark) = (around.depth, code(mark));
        }
    }
    around
}

/// The names of the elements around a leaf and the classes of the nearest, as a number.
pub(super) fn signature(tree: &Tree, owner: usize) -> u64 {
    let names = tree.ancestors(owner).take(5).map(|node| tree.name(node));
    let class = tree.element(owner).and_then(|element| element.attribute("class")).unwrap_or_default();
    hash(names.flat_map(|name| name.bytes().chain([b'/'])).chain(class.bytes()))
}
