//! Data files that are compiled in: a row a line, columns parted by tabs.
//!
//! A line that is `#` or begins with `# ` is a comment, so that `#` itself may be a key; blank lines count for nothing.

/// The rows of a data file, each with the number of its line.
fn numbered(data: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_row = |line: &str| line != "#" && !line.starts_with("# ") && !line.trim().is_empty();
    data.lines().enumerate().filter(move |(_, line)| is_row(line)).map(|(index, line)| (index + 1, line))
}

/// The columns of each row.
pub(crate) fn rows(data: &str) -> impl Iterator<Item = Vec<&str>> {
    numbered(data).map(|(_, line)| line.split('\t').collect())
}

/// The rows of exactly `N` columns; a test of each file asserts that it has no others.
pub(crate) fn columns<const N: usize>(data: &str) -> impl Iterator<Item = [&str; N]> {
    rows(data).filter_map(|row| row.try_into().ok())
}

/// The rows of two columns: keys and values.
pub(crate) fn pairs(data: &str) -> impl Iterator<Item = (&str, &str)> {
    columns(data).map(|[key, value]| (key, value))
}

/// Asserts that a file has `least` rows or more and that each is sound; names all others with their lines.
#[cfg(test)]
pub(crate) fn assert_rows<'a>(
    file: &str,
    data: &'a str,
    least: usize,
    mut is_sound: impl FnMut(&[&'a str]) -> bool,
) {
    let mut damaged = Vec::new();
    for (number, line) in numbered(data) {
        let row: Vec<&str> = line.split('\t').collect();
        if !is_sound(&row) {
            damaged.push(format!("{file}:{number}: {line:?}, {} columns", row.len()));
        }
    }
    assert!(damaged.is_empty(), "{} damaged rows:\n{}", damaged.len(), damaged.join("\n"));
    let count = numbered(data).count();
    assert!(count >= least, "{file} has only {count} rows");
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = "# key\tvalue\n#\tnumber\n\n#\n&\tand\n#tag\ta\tb\nalone\n";

    #[test]
    fn a_comment_begins_with_a_hash_and_a_space() {
        assert_eq!(pairs(DATA).collect::<Vec<_>>(), [("#", "number"), ("&", "and")]);
        assert_eq!(columns(DATA).collect::<Vec<_>>(), [["#tag", "a", "b"]]);
        assert_eq!(rows(DATA).count(), 4);
    }

    #[test]
    #[should_panic(
        expected = "2 damaged rows:\nx.tsv:6: \"#tag\\ta\\tb\", 3 columns\nx.tsv:7: \"alone\", 1 columns"
    )]
    fn all_damaged_rows_are_named_with_their_lines() {
        assert_rows("x.tsv", DATA, 1, |row| row.len() == 2);
    }
}
