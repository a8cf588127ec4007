//! A file of Rust, read just closely enough to see what it imports.

/// A file with comments, strings and test modules blanked out; lines stay where they are.
pub struct Source {
    /// Where the file stands in the tree of modules; empty for `lib.rs`.
    path: Vec<String>,
    top: String,
    code: Vec<char>,
}

impl Source {
    /// `name` is the file's path below `src`, with `/` between.
    pub fn new(name: &str, text: &str) -> Self {
        let mut path: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_string).collect();
        let top = path[0].clone();
        if ["mod", "lib", "main"].contains(&path[path.len() - 1].as_str()) {
            path.pop();
        }
        let mut code = without_comments_and_strings(text);
        blank_tests(&mut code);
        Self { path, top, code }
    }

    /// The module of the crate's root that the file belongs to.
    pub fn module(&self) -> &str {
        &self.top
    }

    /// The modules of the crate's root that are named, with the line.
    pub fn imports(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (start, word) in self.identifiers() {
            // A path's first word: what stands behind `::` is no crate and no parent.
            if self.before(start).ends_with("::") {
                continue;
            }
            let mut at = start;
            match word.as_str() {
                "crate" => at += "crate".len(),
                "super" => {
                    let mut level = self.path.len();
                    while self.word_at(at) == "super" && level > 0 {
                        (level, at) = (level - 1, at + "super".len());
                        at = if level > 0 && self.follows(at, "::super") { at + 2 } else { at };
                    }
                    if level > 0 {
                        continue;
                    }
                }
                _ => continue,
            }
            if self.follows(at, "::") {
                self.named_at(at + 2, &mut found);
            }
        }
        found
    }

    /// The first word of each path at `at`, where a name or a group in braces stands.
    fn named_at(&self, at: usize, found: &mut Vec<(usize, String)>) {
        let at = self.skip_space(at);
        if self.code.get(at) != Some(&'{') {
            let word = self.word_at(at);
            if !word.is_empty() {
                found.push((self.line(at), word));
            }
            return;
        }
        let (mut depth, mut is_first, mut i) = (0, false, at);
        while let Some(&c) = self.code.get(i) {
            match c {
                '{' => (depth, is_first) = (depth + 1, depth == 0),
                '}' if depth == 1 => return,
                '}' => depth -= 1,
                ',' if depth == 1 => is_first = true,
                _ if is_word(c) && depth == 1 && is_first => {
                    let word = self.word_at(i);
                    let end = i + word.len();
                    if word != "self" {
                        found.push((self.line(i), word));
                    }
                    (is_first, i) = (false, end);
                    continue;
                }
                _ => {}
            }
            i += 1;
        }
    }

    /// Lines on which one of `wanted` stands as a word of its own.
    pub fn words(&self, wanted: &[&str]) -> Vec<usize> {
        let found = self.identifiers().filter(|(_, word)| wanted.contains(&word.as_str()));
        found.map(|(start, _)| self.line(start)).collect()
    }

    /// Lines on which one of the macros `wanted` is called.
    pub fn macros(&self, wanted: &[&str]) -> Vec<usize> {
        let called = |(start, word): &(usize, String)| {
            wanted.contains(&word.as_str()) && self.follows(start + word.chars().count(), "!")
        };
        self.identifiers().filter(called).map(|(start, _)| self.line(start)).collect()
    }

    fn identifiers(&self) -> impl Iterator<Item = (usize, String)> {
        let starts =
            (0..self.code.len()).filter(|&i| is_word(self.code[i]) && (i == 0 || !is_word(self.code[i - 1])));
        starts.map(|start| (start, self.word_at(start)))
    }

    fn word_at(&self, at: usize) -> String {
        self.code[at.min(self.code.len())..].iter().take_while(|c| is_word(**c)).collect()
    }

    fn follows(&self, at: usize, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.code.get(at + i) == Some(&c))
    }

    /// The last characters before `at` that are no white space.
    fn before(&self, at: usize) -> String {
        let mut text: Vec<char> =
            self.code[..at].iter().rev().filter(|c| !c.is_whitespace()).take(2).copied().collect();
        text.reverse();
        text.into_iter().collect()
    }

    fn skip_space(&self, at: usize) -> usize {
        at + self.code[at.min(self.code.len())..].iter().take_while(|c| c.is_whitespace()).count()
    }

    fn line(&self, at: usize) -> usize {
        self.code[..at].iter().filter(|c| **c == '\n').count() + 1
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every character of a comment, a string or a character literal becomes a space; line ends stay.
fn without_comments_and_strings(text: &str) -> Vec<char> {
    let source: Vec<char> = text.chars().collect();
    let at = |i: usize| source.get(i).copied().unwrap_or('\0');
    let mut code = source.clone();
    let mut i = 0;
    while i < source.len() {
        let end = match (at(i), at(i + 1)) {
            ('/', '/') => (i..source.len()).find(|&j| at(j) == '\n').unwrap_or(source.len()),
            ('/', '*') => end_of_comment(&source, i),
            ('"', _) => end_of_quote(&source, i, '"'),
            ('r', '"' | '#') if i == 0 || !is_word(at(i - 1)) || at(i - 1) == 'b' => end_of_raw(&source, i),
            // A lifetime has no quote behind its first character.
            ('\'', next) if next == '\\' || at(i + 2) == '\'' => end_of_quote(&source, i, '\''),
            _ => {
                i += 1;
                continue;
            }
        };
        for c in &mut code[i..end] {
            if *c != '\n' {
                *c = ' ';
            }
        }
        i = end;
    }
    code
}

fn end_of_comment(source: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    while i < source.len() {
        match source[i..source.len().min(i + 2)] {
            ['/', '*'] => (depth, i) = (depth + 1, i + 2),
            ['*', '/'] if depth == 1 => return i + 2,
            ['*', '/'] => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    i
}

fn end_of_quote(source: &[char], start: usize, quote: char) -> usize {
    let mut i = start + 1;
    while i < source.len() && source[i] != quote {
        i += if source[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(source.len())
}

/// The end of `r#"…"#`; `r#name` is none and ends at once.
fn end_of_raw(source: &[char], start: usize) -> usize {
    let hashes = source[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if source.get(open) != Some(&'"') {
        return open;
    }
    let closes = |i: usize| {
        source[i] == '"' && source[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
    (open + 1..source.len()).find(|&i| closes(i)).map_or(source.len(), |i| i + 1 + hashes)
}

/// Blanks what stands behind `#[cfg(test)]` and the like: an item in braces, or one that ends with a semicolon.
fn blank_tests(code: &mut [char]) {
    let mut i = 0;
    while i < code.len() {
        let is_test = ["#[cfg(test)]", "#[cfg(all(test,"]
            .iter()
            .any(|mark| mark.chars().enumerate().all(|(j, c)| code.get(i + j) == Some(&c)));
        if !is_test {
            i += 1;
            continue;
        }
        let mut depth = 0;
        while i < code.len() {
            let c = code[i];
            if c != '\n' {
                code[i] = ' ';
            }
            i += 1;
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(c, '}' | ';') {
                break;
            }
        }
    }
}
