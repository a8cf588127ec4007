//! Tables: small ones are read row by row, large ones left out, and those that only lay out a page are no tables.

use super::tree::Tree;

/// Most columns of a table that is read.
const MOST_COLUMNS: usize = 5;
/// Most rows of a table that is read.
const MOST_ROWS: usize = 12;
/// A cell of more words is a piece of text, and its table a layout.
const MOST_WORDS: usize = 30;

/// A row of a table.
pub(super) struct Row {
    pub(super) node: usize,
    /// Its cells with commas between.
    pub(super) text: String,
    /// The table is too large to be read.
    pub(super) is_left_out: bool,
}

/// The rows of a table; none when it only lays out other blocks.
pub(super) fn rows(tree: &Tree, table: usize) -> Option<Vec<Row>> {
    if matches!(tree.element(table)?.attribute("role"), Some("presentation" | "none")) {
        return None;
    }
    let mut rows: Vec<Row> = Vec::new();
    let (mut columns, mut most_columns) = (0, 0);
    let end = tree.nodes[table].end;
    let mut node = table + 1;
    // Only text in a cell of a row counts: anything else makes the table a layout.
    while node < end {
        match tree.name(node) {
            "tr" => {
                rows.push(Row { node, text: String::new(), is_left_out: false });
                columns = 0;
                node += 1;
            }
            "caption" => {
                rows.push(Row { node, text: tree.text_of(node), is_left_out: false });
                node = tree.nodes[node].end;
            }
            "tbody" | "thead" | "tfoot" => node += 1,
            "colgroup" | "col" | "script" | "style" => node = tree.nodes[node].end,
            "td" | "th" => {
                let after = tree.nodes[node].end;
                let is_layout = (node + 1..after).any(|below| {
                    matches!(
                        tree.name(below),
                        "p" | "div" | "table" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4"
                    )
                });
                if is_layout {
                    return None;
                }
                let text = tree.text_of(node);
                if text.split(' ').count() > MOST_WORDS {
                    return None;
                }
                let row = rows.last_mut()?;
                if !text.is_empty() {
                    row.text.push_str(if row.text.is_empty() { "" } else { ", " });
                    row.text.push_str(&text);
                }
                columns += 1;
                most_columns = most_columns.max(columns);
                node = after;
            }
            "" if tree.text_of(node).is_empty() => node += 1,
            _ => return None,
        }
    }
    rows.retain(|row| !row.text.is_empty());
    if most_columns < 2 || rows.len() < 2 {
        return None;
    }
    let is_left_out = is_too_large(most_columns, rows.len());
    for row in &mut rows {
        row.is_left_out = is_left_out;
    }
    Some(rows)
}

/// Whether a table is left out rather than read row by row.
pub(in crate::article) fn is_too_large(columns: usize, rows: usize) -> bool {
    columns > MOST_COLUMNS || rows > MOST_ROWS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_tables_are_left_out() {
        let left_out = |columns: usize, count: usize| {
            let row = format!("<tr>{}</tr>", "<td>1</td>".repeat(columns));
            let tree = Tree::parse(&format!("<table>{}</table>", row.repeat(count))).unwrap();
            rows(&tree, 1).map(|rows| rows.iter().all(|row| row.is_left_out))
        };
        assert_eq!(left_out(2, 3), Some(false));
        assert_eq!(left_out(MOST_COLUMNS + 1, 3), Some(true));
        assert_eq!(left_out(2, MOST_ROWS + 1), Some(true));
        assert_eq!(left_out(1, 3), None);
        assert_eq!(left_out(3, 1), None);
    }
}
