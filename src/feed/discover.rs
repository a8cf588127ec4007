//! The feeds that a page names in its head: `<link rel="alternate" type="application/rss+xml" href="…">`.

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use super::parse::text_of;
use crate::net::Address;

/// Feeds that are listed of one page.
const MOST: usize = 20;
/// Bytes of an attribute that are looked at.
const LONGEST: usize = 2_000;
/// What readers of feeds take for feeds.
const TYPES: [&str; 4] =
    ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"];

/// A feed that a page names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Where it is.
    pub address: Address,
    /// Whether it lists what readers say, and no articles.
    pub is_of_comments: bool,
}

/// The feeds of a page in its order, each once. `base` is the page's address.
pub(crate) fn feeds_of(page: &[u8], charset: Option<&str>, base: &Address) -> Vec<Named> {
    let text = text_of(page, charset);
    let mut found =
        Found { base: base.clone(), is_link: false, tag: Tag::default(), attribute: None, feeds: Vec::new() };
    let mut emitter = CallbackEmitter::<_, ()>::new(|event: CallbackEvent<'_>, _| found.take(&event));
    // Scripts and styles hold no tags.
    emitter.naively_switch_states(true);
    let mut tokens = Tokenizer::new_with_emitter(&*text, emitter);
    // The only token that comes says that there are enough.
    let _ = tokens.next();
    drop(tokens);
    found.feeds
}

/// The attributes of a link that count.
#[derive(Debug, Default)]
struct Tag {
    rel: String,
    kind: String,
    href: String,
    title: String,
}

struct Found {
    base: Address,
    is_link: bool,
    tag: Tag,
    /// The attribute whose value comes next.
    attribute: Option<Box<[u8]>>,
    feeds: Vec<Named>,
}

impl Found {
    /// Takes an event; `Some` when there are enough.
    fn take(&mut self, event: &CallbackEvent<'_>) -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.is_link = *name == b"link";
                (self.tag, self.attribute) = (Tag::default(), None);
            }
            CallbackEvent::AttributeName { name } if self.is_link => self.attribute = Some((*name).into()),
            CallbackEvent::AttributeValue { value } if self.is_link => {
                let field = match self.attribute.take().as_deref() {
                    Some(b"rel") => &mut self.tag.rel,
                    Some(b"type") => &mut self.tag.kind,
                    Some(b"href") => &mut self.tag.href,
                    Some(b"title") => &mut self.tag.title,
                    _ => return None,
                };
                if value.len() <= LONGEST {
                    *field = String::from_utf8_lossy(value).into_owned();
                }
            }
            CallbackEvent::CloseStartTag { .. } if self.is_link => {
                self.is_link = false;
                self.add();
                return (self.feeds.len() >= MOST).then_some(());
            }
            _ => {}
        }
        None
    }

    fn add(&mut self) {
        let Tag { rel, kind, href, title } = std::mem::take(&mut self.tag);
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_feed = rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate"))
            && TYPES.contains(&kind.as_str());
        if !is_feed || href.trim().is_empty() {
            return;
        }
        let Ok(address) = self.base.join(href.trim()) else { return };
        if self.feeds.iter().all(|known| known.address != address) {
            let says = |text: &str| text.to_lowercase().contains("comment");
            let is_of_comments = says(&title) || says(&href);
            self.feeds.push(Named { address, is_of_comments });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    fn found(page: &str) -> Vec<(String, bool)> {
        let base = Address::parse("https://a.example/news/").unwrap();
        let feeds = feeds_of(page.as_bytes(), None, &base);
        feeds.into_iter().map(|feed| (feed.address.to_string(), feed.is_of_comments)).collect()
    }

    #[test]
    fn a_page_names_its_feeds() {
        const RSS: &str = "type='application/rss+xml'";
        let rows = [
            (format!("<link rel=alternate {RSS} href=rss>"), vec![("https://a.example/news/rss", false)]),
            (
                format!(
                    "<LINK HREF='/atom?a=1&amp;b=2' TYPE='Application/Atom+XML; charset=utf-8' REL='alternate home'><link {RSS} rel=alternate href='/comments/feed' />"
                ),
                vec![("https://a.example/atom?a=1&b=2", false), ("https://a.example/comments/feed", true)],
            ),
            (
                format!(
                    "<link rel=alternate {RSS} href=/x><link rel=alternate {RSS} href=/x title='Comments'>"
                ),
                vec![("https://a.example/x", false)],
            ),
            (
                format!(
                    "<link rel=alternate {RSS} href=file:///etc/passwd><link rel=alternate {RSS} href=''>"
                ),
                vec![],
            ),
            (
                "<link rel=alternate hreflang=de href=/de><link rel=stylesheet type=text/css href=x>"
                    .to_string(),
                vec![],
            ),
            (
                format!(
                    "<script>'<link rel=alternate {RSS} href=/x>'</script><!-- <link rel=alternate {RSS} href=/y> -->"
                ),
                vec![],
            ),
            (String::new(), vec![]),
        ];
        each(rows, |(page, want)| {
            let want: Vec<(String, bool)> = want.into_iter().map(|(url, of)| (url.to_string(), of)).collect();
            assert_eq!(found(&page), want, "{page}");
        });
        let many: String = (0..1_000)
            .map(|number| format!("<link rel=alternate {RSS} href=/{number}>"))
            .collect::<Vec<_>>()
            .concat();
        assert_eq!(found(&many).len(), MOST);
    }

    proptest! {
        #[test]
        fn no_page_breaks_it(page in "[<>/=a-z'\" &;-]{0,200}") {
            found(&page);
            found(&format!("<link rel=alternate type=application/rss+xml {page}"));
        }
    }
}
