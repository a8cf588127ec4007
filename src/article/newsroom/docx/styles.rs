//! What a Word document says of its styles and lists: a paragraph names a style, and a style or a paragraph names a list.

use std::collections::HashMap;

use super::super::xml::Element;

/// Styles that are based on one another at most.
const LONGEST_CHAIN: usize = 20;

/// What a paragraph is by its style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Text,
    Title,
    Subtitle,
    Byline,
    Heading,
    Quote,
    Caption,
    /// An item of a list, by the name of the style.
    Item,
    /// A line of a table of contents.
    Contents,
    /// A header or a footer.
    Edge,
    Date,
}

/// The list that a paragraph is in: its number and level.
pub(super) type InList = (String, usize);

#[derive(Debug, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: bool,
    list: Option<InList>,
}

/// The styles of a document by their identifiers.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// The language of text that names none.
    pub(super) language: Option<String>,
}

impl Styles {
    pub(super) fn read(root: &Element) -> Self {
        let mut styles = HashMap::new();
        for style in root.children().filter(|child| child.name == "style") {
            let Some(id) = style.attribute("styleId") else { continue };
            let value = |name: &str| style.child(name).and_then(|child| child.attribute("val"));
            let properties = style.child("pPr");
            let read = Style {
                name: value("name").unwrap_or_default().to_ascii_lowercase(),
                based_on: value("basedOn").map(str::to_owned),
                outline: properties.is_some_and(has_outline),
                list: properties.and_then(list_of),
            };
            styles.insert(id.to_owned(), read);
        }
        let defaults = root.at(&["docDefaults", "rPrDefault", "rPr", "lang"]);
        let language = defaults.and_then(|lang| lang.attribute("val")).map(str::to_owned);
        Self { styles, language }
    }

    /// What a paragraph is by its style: the first name in the chain that says something.
    pub(super) fn role(&self, id: &str) -> Role {
        // A document without a list of styles still names them, in English.
        let Some(_) = self.styles.get(id) else { return role_of(&id.to_ascii_lowercase(), false) };
        let roles = self.chain(id).map(|style| role_of(&style.name, style.outline));
        roles.into_iter().find(|role| *role != Role::Text).unwrap_or_default()
    }

    /// The list that a style puts its paragraphs in.
    pub(super) fn list(&self, id: &str) -> Option<InList> {
        self.chain(id).find_map(|style| style.list.clone())
    }

    fn chain(&self, id: &str) -> impl Iterator<Item = &Style> {
        let next = |style: &&Style| style.based_on.as_ref().and_then(|id| self.styles.get(id));
        std::iter::successors(self.styles.get(id), next).take(LONGEST_CHAIN)
    }
}

/// Names of styles are English in every language of Word.
fn role_of(name: &str, has_outline: bool) -> Role {
    let bare: String = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect();
    match bare.as_str() {
        "title" | "headline" => Role::Title,
        "subtitle" | "deck" | "standfirst" | "subheadline" | "kicker" => Role::Subtitle,
        "byline" | "author" => Role::Byline,
        "date" | "dateline" => Role::Date,
        "quote" | "intensequote" | "blocktext" | "quotation" | "quotations" | "blockquote" => Role::Quote,
        "caption" | "figure" => Role::Caption,
        "header" | "footer" => Role::Edge,
        bare if bare.starts_with("toc") => Role::Contents,
        bare if bare.starts_with("listbullet") || bare.starts_with("listnumber") => Role::Item,
        bare if bare.starts_with("heading") => Role::Heading,
        _ if has_outline => Role::Heading,
        _ => Role::Text,
    }
}

/// Whether a paragraph is a heading by its level; level 9 is body text.
pub(super) fn has_outline(properties: &Element) -> bool {
    let level = properties.child("outlineLvl").and_then(|level| level.attribute("val"));
    level.and_then(|level| level.parse::<u8>().ok()).is_some_and(|level| level < 9)
}

/// The list that the properties of a paragraph name; number 0 takes a paragraph out of the list of its style.
pub(super) fn list_of(properties: &Element) -> Option<InList> {
    let numbering = properties.child("numPr")?;
    let value = |name: &str| numbering.child(name).and_then(|child| child.attribute("val"));
    let level = value("ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
    Some((value("numId")?.to_owned(), level))
}

/// How the items of lists are counted.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Sign and first number by list and level.
    levels: HashMap<InList, (String, u64)>,
    counted: HashMap<String, Vec<u64>>,
}

impl Lists {
    pub(super) fn read(root: &Element) -> Self {
        let mut abstract_levels: HashMap<&str, Vec<(usize, String, u64)>> = HashMap::new();
        for list in root.children().filter(|child| child.name == "abstractNum") {
            let levels = list.children().filter(|child| child.name == "lvl").map(|level| {
                let value = |name: &str| level.child(name).and_then(|child| child.attribute("val"));
                let place = level.attribute("ilvl").and_then(|place| place.parse().ok()).unwrap_or(0);
                let start = value("start").and_then(|start| start.parse().ok()).unwrap_or(1);
                (place, value("numFmt").unwrap_or("decimal").to_owned(), start)
            });
            abstract_levels.insert(list.attribute("abstractNumId").unwrap_or_default(), levels.collect());
        }
        let mut levels = HashMap::new();
        for list in root.children().filter(|child| child.name == "num") {
            let Some(id) = list.attribute("numId") else { continue };
            let kind = list.child("abstractNumId").and_then(|kind| kind.attribute("val")).unwrap_or_default();
            for (place, sign, start) in abstract_levels.get(kind).into_iter().flatten() {
                levels.insert((id.to_owned(), *place), (sign.clone(), *start));
            }
        }
        Self { levels, counted: HashMap::new() }
    }

    /// What stands before the next item: `3. `, or nothing for a bullet.
    pub(super) fn next(&mut self, list: &InList) -> String {
        /// Levels at most (ECMA-376, 17.9.6).
        const DEEPEST: usize = 9;
        let (id, level) = (&list.0, list.1.min(DEEPEST));
        let (sign, start) = self.levels.get(list).cloned().unwrap_or(("bullet".to_owned(), 1));
        let counted = self.counted.entry(id.clone()).or_default();
        counted.resize(counted.len().max(level + 1), 0);
        // An item begins the lists below it anew.
        counted.truncate(level + 1);
        counted[level] += 1;
        let number = start.saturating_add(counted[level] - 1);
        match sign.as_str() {
            "bullet" | "none" => String::new(),
            "lowerLetter" | "upperLetter" if number <= 26 && number > 0 => {
                let first = if sign == "lowerLetter" { b'a' } else { b'A' };
                format!("{}. ", char::from(first + (number - 1) as u8))
            }
            _ => format!("{number}. "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::xml;
    use super::*;
    use crate::table_test::each;

    #[test]
    fn styles_say_what_a_paragraph_is() {
        let root = xml::parse(
            "<w:styles><w:style w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>\
             <w:style w:styleId='Own'><w:name w:val='Own'/><w:basedOn w:val='berschrift1'/></w:style>\
             <w:style w:styleId='A'><w:name w:val='a'/><w:basedOn w:val='B'/></w:style>\
             <w:style w:styleId='B'><w:name w:val='b'/><w:basedOn w:val='A'/></w:style>\
             <w:style w:styleId='L'><w:name w:val='x'/><w:pPr><w:numPr><w:numId w:val='4'/></w:numPr></w:pPr></w:style>\
             <w:style w:styleId='O'><w:name w:val='y'/><w:pPr><w:outlineLvl w:val='1'/></w:pPr></w:style></w:styles>",
            "a.docx",
        )
        .unwrap();
        let styles = Styles::read(&root);
        let rows = [
            ("berschrift1", Role::Heading),
            ("Own", Role::Heading),
            ("A", Role::Text),
            ("O", Role::Heading),
            ("ListBullet", Role::Item),
            ("Title", Role::Title),
            ("IntenseQuote", Role::Quote),
            ("Unknown", Role::Text),
        ];
        each(rows, |(id, want)| assert_eq!(styles.role(id), want, "{id}"));
        assert_eq!(styles.list("L"), Some(("4".to_owned(), 0)));
    }

    #[test]
    fn items_are_counted_as_word_counts_them() {
        let root = xml::parse(
            "<w:numbering><w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'><w:start w:val='3'/><w:numFmt w:val='decimal'/></w:lvl>\
             <w:lvl w:ilvl='1'><w:numFmt w:val='lowerLetter'/></w:lvl></w:abstractNum>\
             <w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num></w:numbering>",
            "a.docx",
        )
        .unwrap();
        let mut lists = Lists::read(&root);
        let found: Vec<String> =
            [0, 1, 1, 0, 1].iter().map(|level| lists.next(&("1".to_owned(), *level))).collect();
        assert_eq!(found, ["3. ", "a. ", "b. ", "4. ", "a. "]);
        assert_eq!(lists.next(&("9".to_owned(), 99)), "");
    }
}
