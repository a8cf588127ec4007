//! What on a copied page is not the story: rules that name the reason. A sentence of the story must never
//! go: every rule asks for signs that running text does not show, and what is in doubt stays.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Reason;
use super::plain::Mark;

/// A paragraph with what the rules look at.
pub(super) struct Shape<'a> {
    pub(super) text: &'a str,
    pub(super) mark: Mark,
    /// White space folded, lower case, straight quotes; empty for a paragraph too long for any rule on words.
    folded: String,
    words: usize,
    /// Ends like a sentence.
    stopped: bool,
}

/// Rules on words look at paragraphs of at most so many bytes; a caption is the longest of them.
const LONGEST: usize = 1000;

impl<'a> Shape<'a> {
    pub(super) fn new(text: &'a str, mark: Mark) -> Self {
        let folded = if text.len() <= LONGEST { fold(text) } else { String::new() };
        let words = text.split_whitespace().take(LONGEST).count();
        Self { text, mark, folded, words, stopped: ends_with_stop(text) }
    }

    /// Short, without a final stop, and not a part of a sentence.
    pub(super) fn is_heading_like(&self) -> bool {
        self.words <= 14
            && self.text.chars().count() <= 100
            && !self.stopped
            && !self.text.ends_with([',', ';', '—', '-'])
            && !(self.text.ends_with(':') && rough_sentences(self.text) > 0)
            && !self.text.starts_with(char::is_lowercase)
    }

    /// Could stand over a story.
    fn is_title_like(&self) -> bool {
        let is_short = self.words <= 35 && self.text.chars().count() <= 250;
        let is_open = !self.stopped && !self.text.ends_with([',', ';', ':']);
        let is_cry = self.words <= 20 && self.text.ends_with(['?', '!']) && rough_sentences(self.text) <= 1;
        is_short && self.mark != Mark::Item && (is_open || is_cry || self.ends_with_abbreviation())
    }

    /// `… deal with U.S.` has a stop that ends no sentence; a headline may end so.
    fn ends_with_abbreviation(&self) -> bool {
        let last = self.text.rsplit(char::is_whitespace).next().unwrap_or_default();
        let letters = last.trim_end_matches('.').split('.');
        self.words <= 18
            && last.ends_with('.')
            && last.contains('.')
            && last.matches('.').count() > 1
            && letters
                .clone()
                .all(|letter| letter.chars().count() == 1 && letter.starts_with(char::is_uppercase))
    }
}

/// What the rules found.
pub(super) struct Verdict {
    /// For every paragraph, why it is not read.
    pub(super) reasons: Vec<Option<Reason>>,
    /// Which paragraph is the title.
    pub(super) title: Option<usize>,
}

/// Judges all paragraphs of a page together.
pub(super) fn judge(shapes: &[Shape<'_>]) -> Verdict {
    let mut reasons: Vec<Option<Reason>> = shapes.iter().map(reason_of).collect();
    let title = find_title(shapes, &mut reasons);
    if let Some(title) = title {
        let folded = &shapes[title].folded;
        for (number, shape) in shapes.iter().enumerate() {
            if number != title && !folded.is_empty() && shape.folded == *folded {
                reasons[number] = Some(Reason::RepeatedTitle);
            }
        }
    }
    mark_duplicates(shapes, &mut reasons);
    sweep_tail(shapes, &mut reasons);
    Verdict { reasons, title }
}

/// The title: a headline that stands twice near the top, else the first paragraph when it looks like one.
/// Labels above a headline that stands twice are furniture.
fn find_title(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) -> Option<usize> {
    const TOP: usize = 12;
    let kept: Vec<usize> = (0..shapes.len()).filter(|&n| reasons[n].is_none()).take(TOP).collect();
    let &first = kept.first()?;
    let top = &shapes[..shapes.len().min(TOP)];
    for (order, &number) in kept.iter().enumerate() {
        let shape = &shapes[number];
        if shape.stopped && number != first {
            break;
        }
        let may_be = shape.words >= 3 && shape.words <= 35 && shape.mark != Mark::Item;
        let is_label = |n: &usize| !shapes[*n].stopped && shapes[*n].words <= 12;
        if !may_be || !kept[..order].iter().all(is_label) {
            continue;
        }
        let twice = top.iter().filter(|other| other.folded == shape.folded).count() > 1;
        let with_site = |n: &usize| site_title(&shapes[*n].folded, &shape.folded);
        if twice || kept[..order].iter().any(with_site) {
            for &label in &kept[..order] {
                let is_title = with_site(&label);
                reasons[label] = Some(if is_title { Reason::RepeatedTitle } else { Reason::PageFurniture });
            }
            return Some(number);
        }
    }
    (shapes.len() > 1 && shapes[first].is_title_like()).then_some(first)
}

/// `Headline - The Daily`: a browser's title, over the headline itself.
fn site_title(long: &str, title: &str) -> bool {
    long.strip_prefix(title).is_some_and(|rest| {
        [" - ", " | ", " — ", " – ", " : ", " :: "].iter().any(|separator| rest.starts_with(separator))
    })
}

/// A paragraph that stands right after itself, or a long one that stands anywhere before, is not read
/// again. A caption that stands twice is known as one by its credit.
fn mark_duplicates(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const LONG: usize = 12;
    const SHORT: usize = 5;
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut before = "";
    for (number, shape) in shapes.iter().enumerate() {
        if reasons[number].is_some() {
            continue;
        }
        let is_long_repeat = shape.words >= LONG && seen.contains_key(shape.text);
        if is_long_repeat || (shape.words >= SHORT && shape.text == before) {
            reasons[number] = Some(Reason::Duplicate);
            continue;
        }
        if shape.words >= LONG {
            seen.insert(shape.text, number);
        }
        before = shape.text;
    }
}

/// After the story's last sentence, everything short from the first sure piece of furniture on is the
/// page's foot: buttons, icons, headlines of other stories.
fn sweep_tail(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    let is_story = |n: &usize| reasons[*n].is_none() && (shapes[*n].stopped || shapes[*n].mark == Mark::Item);
    let Some(last) = (0..shapes.len()).rfind(is_story) else { return };
    let is_sure = |n: &usize| reasons[*n].is_some_and(|reason| !reason.is_repetition());
    let Some(foot) = (last + 1..shapes.len()).find(is_sure) else { return };
    for number in foot..shapes.len() {
        if reasons[number].is_none() && shapes[number].words <= 20 {
            reasons[number] = Some(Reason::PageFurniture);
        }
    }
}

/// Why a paragraph, looked at alone, is not read.
fn reason_of(shape: &Shape<'_>) -> Option<Reason> {
    if !shape.text.contains(char::is_alphanumeric) {
        return Some(Reason::PageFurniture);
    }
    if shape.folded.is_empty() {
        return None;
    }
    if is_caption(shape) {
        return Some(Reason::Caption);
    }
    // Beyond this it is a paragraph of the story, whatever it begins with.
    if shape.words > 45 || rough_sentences(shape.text) > 2 {
        return None;
    }
    if is_breadcrumb(shape) {
        return Some(Reason::Breadcrumb);
    }
    if is_byline(shape) {
        return Some(Reason::Byline);
    }
    if is_counter(shape) || is_button_row(shape) {
        return Some(Reason::PageFurniture);
    }
    RULES.phrases.iter().find(|phrase| phrase.holds(shape)).map(|phrase| phrase.reason)
}

/// `Home > World > Asia`
fn is_breadcrumb(shape: &Shape<'_>) -> bool {
    if shape.stopped || shape.words > 16 {
        return false;
    }
    let parts: Vec<&str> = shape.folded.split(['>', '›', '»']).map(str::trim).collect();
    let is_name = |part: &&str| {
        (1..=4).contains(&part.split_whitespace().count()) && !part.contains(|c: char| c.is_ascii_digit())
    };
    parts.len() > 1 && parts.iter().all(is_name)
}

/// A picture's caption: it ends with a credit, `[REUTERS/YONHAP]`, `(AP Photo/…)`, `… / AFP`.
fn is_caption(shape: &Shape<'_>) -> bool {
    if shape.words > 90 {
        return false;
    }
    let text = shape.text;
    if let Some(open) = text.strip_suffix(']').and_then(|inner| inner.rfind('[')) {
        let credit = &text[open + 1..text.len() - 1];
        let is_shouted = credit.contains(char::is_alphabetic) && !credit.contains(char::is_lowercase);
        return is_shouted && (names_agency(&fold(credit)) || credit.contains(['/', '·']));
    }
    if let Some(open) = text.strip_suffix(')').and_then(|inner| inner.rfind('(')) {
        let credit = fold(&text[open + 1..text.len() - 1]);
        let is_picture = has_word(&credit, |word| RULES.pictures.iter().any(|p| p == word));
        let is_pair = credit.contains('/') && names_agency(&credit);
        return credit.split(' ').count() <= 12 && (is_pair || is_picture && credit_follows(&text[..open]));
    }
    // A credit without brackets stands after the caption's sentence.
    let Some(stop) = text.rfind(['.', '”', '"']) else { return false };
    let credit = fold(&text[stop..]);
    let credit = credit.trim_matches(|c: char| !c.is_alphanumeric());
    let words = credit.split(' ').count();
    stop + 1 < text.len()
        && words <= 8
        && names_agency(credit)
        && (credit.contains('/') || credit.ends_with("images") || credit.starts_with("photo"))
}

/// `(file photo)` may stand in a story's sentence; as a credit it follows a sentence's end.
fn credit_follows(caption: &str) -> bool {
    ends_with_stop(caption.trim_end())
}

fn names_agency(credit: &str) -> bool {
    has_word(credit, |word| RULES.agencies.iter().any(|agency| agency == word))
        || RULES.agencies.iter().any(|agency| agency.contains(' ') && credit.contains(agency.as_str()))
}

fn has_word(text: &str, is_it: impl Fn(&str) -> bool) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(is_it)
}

/// `BY KIM MIN-JI [mail@example.com]`, `By Jane Roe and John Doe`, an address alone.
fn is_byline(shape: &Shape<'_>) -> bool {
    let has_address = shape.folded.contains("[email protected]")
        || shape.folded.split(' ').any(|word| {
            word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        });
    // The stop at the end of an address or of `Jr.` is not a sentence's.
    if has_address && shape.words <= 6 && !shape.stopped {
        return true;
    }
    let Some(names) =
        shape.text.get(..3).filter(|by| by.eq_ignore_ascii_case("by ")).map(|_| &shape.text[3..])
    else {
        return false;
    };
    let is_name = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.is_empty()
            || word.starts_with(char::is_uppercase)
            || word.contains('@')
            || matches!(
                word,
                "and" | "in" | "for" | "of" | "with" | "the" | "staff" | "reporter" | "de" | "van"
            )
            || matches!(
                word,
                "von" | "al" | "bin" | "correspondent" | "contributing" | "writer" | "protected"
            )
            || word.starts_with("email")
    };
    !shape.stopped
        && shape.words <= 40
        && names.starts_with(char::is_uppercase)
        && names.split_whitespace().all(is_name)
}

/// The counter of a comment box, `(0/250)`, alone or after a few words without a stop.
fn is_counter(shape: &Shape<'_>) -> bool {
    let is_fraction = |text: &str| {
        let text = text.trim_matches(|c: char| !c.is_ascii_digit());
        text.split_once('/').is_some_and(|(typed, limit)| {
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            // A limit of a hundred and more is one for characters; `(1/3)` may be a part's number.
            digits(typed) && digits(limit) && limit.len() >= 3
        })
    };
    let Some(open) = shape.folded.rfind('(') else {
        return shape.words == 1 && shape.folded.starts_with("0/") && is_fraction(&shape.folded);
    };
    !shape.stopped
        && shape.words <= 8
        && shape.folded.len() - open <= 16
        && is_fraction(&shape.folded[open..])
}

/// `print dictionary print`, `Share Tweet Email`: nothing but names of buttons.
fn is_button_row(shape: &Shape<'_>) -> bool {
    let is_button = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.is_empty() || RULES.buttons.iter().any(|button| button == word)
    };
    !shape.stopped && shape.words <= 12 && shape.folded.split(' ').all(is_button)
}

/// Whether a paragraph ends like a sentence: a stop, and perhaps quotes or brackets after it.
pub(super) fn ends_with_stop(text: &str) -> bool {
    let closers = ['"', '\'', '”', '’', '»', ')', ']', '›', '」', '』', '）'];
    text.trim_end_matches(closers).ends_with(['.', '!', '?', '…', '。', '！', '？', '‽'])
}

/// How many sentences, roughly: stops followed by white space or the end.
fn rough_sentences(text: &str) -> usize {
    text.split_whitespace().filter(|word| ends_with_stop(word)).count()
}

/// Lower case, white space folded, quotes straightened.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars().flat_map(char::to_lowercase) {
            match c {
                '‘' | '’' => out.push('\''),
                '“' | '”' => out.push('"'),
                '\u{200b}' | '\u{feff}' | '\u{ad}' => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// How a phrase of the rules file is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// The whole paragraph, but for punctuation at its end.
    Is,
    /// A short paragraph without a final stop begins so.
    Starts,
    /// A short paragraph begins so, and may be a whole sentence.
    Prompts,
    /// A short paragraph without a final stop ends so.
    Ends,
}

#[derive(Debug)]
struct Phrase {
    manner: Manner,
    reason: Reason,
    text: String,
}

impl Phrase {
    fn holds(&self, shape: &Shape<'_>) -> bool {
        let folded = shape.folded.as_str();
        if self.manner != Manner::Ends && folded.as_bytes().first() != self.text.as_bytes().first() {
            return false;
        }
        // A label such as `photo:` tells more than a few words that a sentence may begin with.
        let more = if self.text.ends_with(':') { 40 } else { 12 };
        let is_short = shape.words <= self.text.split(' ').count() + more;
        // `Shared` does not begin with the word `share`.
        let begins = || {
            folded.strip_prefix(self.text.as_str()).is_some_and(|rest| {
                !rest.starts_with(char::is_alphanumeric) || !self.text.ends_with(char::is_alphanumeric)
            })
        };
        match self.manner {
            Manner::Is => folded.trim_end_matches([':', '.', '!', '?', '…', '»', '>', ' ']) == self.text,
            Manner::Starts => is_short && (!shape.stopped || folded.ends_with('?')) && begins(),
            Manner::Prompts => is_short && begins(),
            Manner::Ends => {
                is_short && (!shape.stopped || folded.ends_with('?')) && folded.ends_with(&self.text)
            }
        }
    }
}

/// The rules file: phrases of prompts and labels, names of agencies, buttons, words for pictures.
#[derive(Debug, Default)]
struct Rules {
    phrases: Vec<Phrase>,
    agencies: Vec<String>,
    buttons: Vec<String>,
    pictures: Vec<String>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::parse(include_str!("data/furniture.tsv")));

impl Rules {
    /// Reads the rules; a test holds that no line is left over.
    fn parse(table: &str) -> Self {
        let mut rules = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            rules.add(line);
        }
        rules
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let (kind, rest) = line.split_once('\t')?;
        let list = match kind {
            "agency" => &mut self.agencies,
            "button" => &mut self.buttons,
            "picture" => &mut self.pictures,
            _ => {
                let (reason, text) = rest.split_once('\t')?;
                let manner = match kind {
                    "is" => Manner::Is,
                    "starts" => Manner::Starts,
                    "prompts" => Manner::Prompts,
                    "ends" => Manner::Ends,
                    _ => return None,
                };
                let reason = match reason {
                    "furniture" => Reason::PageFurniture,
                    "caption" => Reason::Caption,
                    "byline" => Reason::Byline,
                    _ => return None,
                };
                self.phrases.push(Phrase { manner, reason, text: text.to_owned() });
                return Some(());
            }
        };
        list.extend(rest.split(',').map(|word| word.trim().to_owned()));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_rules_is_understood() {
        let table = include_str!("data/furniture.tsv");
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            assert!(Rules::default().add(line).is_some(), "{line:?}");
            assert_eq!(line, line.to_lowercase(), "phrases are met in lower case");
        }
    }
}
