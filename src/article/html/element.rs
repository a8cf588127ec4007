//! The elements that the reader of pages knows by name.

/// Elements whose names are kept as they are; any other one, such as `my-widget`, keeps its own.
const KNOWN: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "label",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "noscript",
    "ol",
    "option",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "select",
    "small",
    "source",
    "span",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "u",
    "ul",
    "video",
];

/// An element's name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Known(&'static str),
    Other(Box<str>),
}

impl Name {
    pub(super) fn new(bytes: &[u8]) -> Self {
        match KNOWN.binary_search_by(|known| known.as_bytes().cmp(bytes)) {
            Ok(at) => Self::Known(KNOWN[at]),
            // No name is that long; the rest would only fill the memory.
            Err(_) => Self::Other(String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into()),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Other(name) => name,
        }
    }
}

/// Has no content and no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Its content is text for a program, not for a reader.
pub(super) fn is_program(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "iframe"
            | "noembed"
            | "noframes"
            | "svg"
            | "math"
            | "object"
            | "canvas"
            | "video"
            | "audio"
            | "datalist"
    )
}

/// May stand in a page's head; anything else ends it.
pub(super) fn is_of_head(name: &str) -> bool {
    matches!(name, "title" | "meta" | "link" | "script" | "style" | "base" | "noscript" | "template" | "head")
}

/// Stands within a line of text.
pub(super) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "button"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "img"
            | "input"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "nobr"
            | "q"
            | "rp"
            | "rt"
            | "ruby"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
            | "picture"
            | "source"
    ) || is_program(name)
}

/// The open elements that the element `opening` ends, and those beyond which it looks for none.
pub(super) fn implied_end(opening: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match opening {
        "li" => (&["li"], &["ul", "ol", "menu"]),
        "dd" | "dt" => (&["dd", "dt"], &["dl"]),
        "tr" => (&["tr"], &["table"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot", "tr", "caption"], &["table"]),
        "option" => (&["option"], &["select"]),
        "a" => (&["a"], &["td", "th", "li", "div", "p"]),
        "hr" => (&["p"], &["td", "th", "table", "li", "div"]),
        _ if is_inline(opening) || is_void(opening) => (&[], &[]),
        // A block can't stand in a paragraph.
        _ => (&["p"], &["td", "th", "table", "li", "blockquote", "div", "article", "section", "button"]),
    }
}

/// End tags of other elements do not reach over these.
pub(super) fn is_wall(name: &str) -> bool {
    matches!(name, "td" | "th" | "table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_sorted() {
        assert!(KNOWN.is_sorted());
        assert_eq!(Name::new(b"figcaption"), Name::Known("figcaption"));
        assert_eq!(Name::new(b"amp-img").as_str(), "amp-img");
        assert_eq!(Name::new(&[b'x'; 1000]).as_str().len(), 40);
    }
}
