//! What an editor changes about an article before it is read: the spoken headline, and paragraphs that are left out.

use super::{Article, Block, BlockKind, Reason, Removed};
use crate::text::Span;

impl Article {
    /// The same with another headline. What its source has as headline is left out.
    pub(crate) fn with_title(self, title: &str) -> Self {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        self.without(|kind, _, _| kind == BlockKind::Title).put_title(&title)
    }

    /// A title may stand anywhere in the text, so that no other piece has to move.
    fn put_title(mut self, title: &str) -> Self {
        self.text.push_str("\n\n");
        let start = self.text.len();
        self.text.push_str(title);
        let block = Block { kind: BlockKind::Title, span: Span::new(start, self.text.len()) };
        self.blocks.insert(0, block);
        self
    }

    /// The same without the pieces that are not wanted. Asked is with the kind of each, its number among those that are no headline,
    /// counted from one, and its text.
    pub(crate) fn without(mut self, is_unwanted: impl Fn(BlockKind, usize, &str) -> bool) -> Self {
        let mut number = 0;
        let (mut kept, mut removed) = (Vec::new(), std::mem::take(&mut self.removed));
        for block in std::mem::take(&mut self.blocks) {
            number += usize::from(block.kind != BlockKind::Title);
            if is_unwanted(block.kind, number, block.span.of(&self.text)) {
                removed.push(Removed { span: block.span, reason: Reason::LeftOut });
            } else {
                kept.push(block);
            }
        }
        removed.sort_by_key(|removed| removed.span);
        Self { blocks: kept, removed, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{ReadOptions, read_article};

    fn article() -> Article {
        let page = b"Port reopens\n\nThe port reopened on Monday.\n\nHome > World\n\nShips came back at noon.\n\nThe mayor was glad.\n";
        read_article(page, "port.txt", &ReadOptions::default()).unwrap()
    }

    fn said(article: &Article) -> Vec<&str> {
        article.blocks().iter().map(|block| block.span.of(article.text())).collect()
    }

    #[test]
    fn a_headline_is_replaced_or_given() {
        let retitled = article().with_title("  The port\nis open ");
        assert_eq!(retitled.title(), Some("The port is open"));
        assert_eq!(said(&retitled)[1..], said(&article())[1..]);
        let removed: Vec<_> = retitled
            .removed()
            .iter()
            .map(|removed| (removed.span.of(retitled.text()), removed.reason))
            .collect();
        assert_eq!(removed, [("Port reopens", Reason::LeftOut), ("Home > World", Reason::Breadcrumb)]);
        let untitled = article().without(|kind, _, _| kind == BlockKind::Title);
        assert_eq!((untitled.title(), untitled.blocks().len()), (None, 3));
        assert_eq!(untitled.with_title("Open").title(), Some("Open"));
    }

    #[test]
    fn paragraphs_go_by_number_or_text() {
        let shorter = article().without(|_, number, text| number == 2 || text.starts_with("The mayor"));
        assert_eq!(said(&shorter), ["Port reopens", "The port reopened on Monday."]);
        assert_eq!(shorter.removed().len(), 3);
    }
}
