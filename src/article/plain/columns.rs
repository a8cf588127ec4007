//! Two columns side by side, as some programs copy a printed page: the left one is read before the right one.

/// Spaces of the narrowest gutter.
const GUTTER: usize = 3;
/// Lines that show two columns, at least.
const FEWEST: usize = 6;
/// Characters of the narrowest column of prose; cells of tables are shorter.
const NARROWEST: usize = 18;
/// Spaces before a paragraph of the right column at most.
const INDENT: usize = 6;
/// How far the beginning of the right column may be from its place.
const SWAY: usize = 1;

/// The text with one column below the other; `None` where it has no columns.
pub(super) fn unfolded(text: &str) -> Option<String> {
    // Most texts have no wide space.
    if !text.contains("   ") {
        return None;
    }
    let lines: Vec<&str> = text.lines().collect();
    let place = place_of(&lines)?;
    let mut out = String::with_capacity(text.len());
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut parted = 0;
    for line in lines {
        match halves(line, place) {
            Some((first, second)) => {
                parted += usize::from(!first.is_empty() && !second.is_empty());
                left.push(first);
                right.push(second);
            }
            None => {
                flush(&mut out, &mut left, &mut right, parted);
                parted = 0;
                push(&mut out, line);
            }
        }
    }
    flush(&mut out, &mut left, &mut right, parted);
    Some(out)
}

/// Where the right column begins, in characters.
fn place_of(lines: &[&str]) -> Option<usize> {
    let starts: Vec<(usize, usize, usize)> = lines.iter().filter_map(|line| gap(line)).collect();
    let mut places: Vec<usize> = starts.iter().map(|(_, start, _)| *start).collect();
    places.sort_unstable();
    let place = *places.get(places.len() / 2)?;
    let rows: Vec<_> = starts.iter().filter(|(_, start, _)| start.abs_diff(place) <= SWAY).collect();
    let mean = |of: fn(&(usize, usize, usize)) -> usize| {
        rows.iter().map(|row| of(row)).sum::<usize>() / rows.len().max(1)
    };
    let is_prose = mean(|row| row.0) >= NARROWEST && mean(|row| row.2) >= NARROWEST;
    (rows.len() >= FEWEST && rows.len() * 3 >= starts.len() * 2 && is_prose).then_some(place)
}

/// The only gutter of a line: the width before it, where it ends, and the width behind it.
fn gap(line: &str) -> Option<(usize, usize, usize)> {
    let line = line.trim_end();
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    let mut found = None;
    let (mut spaces, mut all) = (0, 0);
    for (at, c) in line.chars().enumerate() {
        all = at + 1;
        if c == ' ' {
            spaces += 1;
            continue;
        }
        if spaces >= GUTTER && at > spaces && at - spaces >= indent.max(1) {
            if found.is_some() {
                return None;
            }
            found = Some((at - spaces - indent, at));
        }
        spaces = 0;
    }
    found.map(|(width, start)| (width, start, all - start))
}

/// The two parts of a line; `None` for a line across both columns.
fn halves(line: &str, place: usize) -> Option<(&str, &str)> {
    let byte = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let from = place.saturating_sub(SWAY);
    let is_gutter = line[byte(from.saturating_sub(GUTTER - SWAY))..byte(from)].trim().is_empty();
    let (first, second) = line.split_at(byte(from));
    // A running head has its page number at the outer margin.
    let indent = second.len() - second.trim_start().len();
    let is_head = !second.trim().is_empty() && indent > INDENT;
    (is_gutter && !is_head).then(|| (first.trim_end(), second.trim()))
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// The right column goes on where the left one ends. A few lines alone are no columns.
fn flush(out: &mut String, left: &mut Vec<&str>, right: &mut Vec<&str>, parted: usize) {
    if parted > 1 {
        let end = left.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        left[..end].iter().for_each(|line| push(out, line));
        let start = right.iter().position(|line| !line.is_empty()).unwrap_or(right.len());
        right[start..].iter().for_each(|line| push(out, line));
        push(out, "");
    } else {
        for (first, second) in left.iter().zip(&*right) {
            let gutter = if first.is_empty() || second.is_empty() { "" } else { "    " };
            push(out, &format!("{first}{gutter}{second}"));
        }
    }
    left.clear();
    right.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
THE NATURALIST                                                  4

When the club was asked to find out       The first elvers came at two in
whether young eels still climb the        the morning. They were as long as
old weir, most of us assumed that         a match and as clear as glass.
it had been settled. It had not.

Eels move in the darkest hours and        We counted six hundred before it
stop when a lamp is shone on them.        was light, and then we had our
The earlier party carried lanterns;       sandwiches on the sill.
we took candles in jam jars, which
the eels did not mind. At last            Nobody had ever asked the keeper.
";

    #[test]
    fn the_left_column_is_read_before_the_right_one() {
        let text = unfolded(PAGE).unwrap();
        let at = |words: &str| text.find(words).unwrap();
        assert!(at("THE NATURALIST") < at("When the club"));
        assert!(at("Eels move") < at("The first elvers"), "{text}");
        assert!(text.contains("the eels did not mind. At last\nThe first elvers"), "{text}");
        let letters = |text: &str| {
            let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
            letters.sort_unstable();
            letters
        };
        assert_eq!(letters(&text), letters(PAGE));
    }

    #[test]
    fn tables_and_texts_are_no_columns() {
        let table = "Port      41   40\nUlsan     21   20\n".repeat(8);
        let menu = "Eels by candlelight                4\nMoth night                        11\n".repeat(8);
        let letter = "   A paragraph of a letter that is indented, and\ngoes on for a line.\n".repeat(8);
        for text in [table, menu, letter] {
            assert_eq!(unfolded(&text), None, "{text}");
        }
    }
}
