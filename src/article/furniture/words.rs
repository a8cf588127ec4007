//! What the words of a paragraph show: whom it addresses, what it asks for, and whether the rest of the text speaks of the same.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::phrases::RULES;
use crate::article::reason::Reason;
use crate::article::shape::{Shape, ends_with_stop};

/// Words of the shortest paragraph that is surely prose.
const PROSE: usize = 15;
/// Words of the longest paragraph by which a page speaks of itself.
pub(super) const LONGEST_PROMPT: usize = 60;
/// A word stands for another that begins with the same letters.
const STEM: usize = 6;
/// Letters of the shortest word that says what a text is about.
const SHORTEST: usize = 4;
/// What the words of a paragraph show.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wording {
    /// Words outside quotation marks that address the reader.
    pub(super) address: usize,
    /// Words outside quotation marks by which a writer speaks of himself.
    pub(super) own: usize,
    /// Sentences that begin with what a page asks its readers to do.
    pub(super) commands: usize,
    /// Words of a page about itself, which the story does not use.
    pub(super) page_words: usize,
    /// Words that say what the paragraph is about.
    pub(super) content: usize,
    /// Those of them that the prose around has, too.
    pub(super) echo: usize,
    /// Those of them that the lines of the page around have, but not its prose.
    pub(super) page_echo: usize,
    /// Tokens with a digit.
    pub(super) numbers: usize,
    /// It speaks of a telephone number, an address of mail or of a page.
    pub(super) has_contact: bool,
    /// It quotes somebody.
    pub(super) has_quote: bool,
    /// Somebody says it, outside the quotation marks.
    pub(super) is_said: bool,
}

/// Where the words of a text stand.
pub(super) struct Index {
    /// For each stem: the paragraphs of prose and the lines that have it, and the last paragraph counted.
    counts: HashMap<u64, Count, Stirrer>,
    /// For each paragraph whether it is prose.
    is_prose: Vec<bool>,
    /// The prose speaks to its reader, or of its writer: letters, columns, guides.
    pub(super) is_personal: bool,
}

/// Hashes stems, which are numbers already, by one multiplication; a number of this run keeps texts made to collide apart.
struct Stirrer(u64);

impl Stirrer {
    fn new() -> Self {
        Self(RandomState::new().hash_one(0) | 1)
    }
}

impl BuildHasher for Stirrer {
    type Hasher = Stirred;

    fn build_hasher(&self) -> Stirred {
        Stirred(self.0)
    }
}

/// A stem that is being hashed.
struct Stirred(u64);

impl Hasher for Stirred {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, stem: u64) {
        let product = u128::from(self.0 ^ stem) * u128::from(self.0 | 1);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[derive(Default)]
struct Count {
    prose: u32,
    lines: u32,
    last: usize,
}

impl Index {
    pub(super) fn of(shapes: &[Shape<'_>], reasons: &[Option<Reason>]) -> Self {
        let mut counts: HashMap<u64, Count, Stirrer> = HashMap::with_hasher(Stirrer::new());
        let mut is_prose = Vec::with_capacity(shapes.len());
        let (mut prose, mut personal) = (0, 0);
        let mut folded = String::new();
        for (number, (shape, reason)) in shapes.iter().zip(reasons).enumerate() {
            let is_long = reason.is_none() && shape.stopped && shape.words >= PROSE;
            let mut wording = Wording::default();
            let mut spoken = Spoken::default();
            for word in shape.text.split_whitespace() {
                fold_word(word, &mut folded);
                if is_long {
                    spoken.add(word, &folded, &mut wording);
                }
                for stem in stems(&folded) {
                    let count = counts.entry(stem).or_default();
                    if count.last != number + 1 {
                        count.last = number + 1;
                        *(if is_long { &mut count.prose } else { &mut count.lines }) += 1;
                    }
                }
            }
            is_prose.push(is_long);
            prose += usize::from(is_long);
            personal += usize::from(is_long && wording.address + wording.own > 0);
        }
        Self { counts, is_prose, is_personal: personal * 2 >= prose && prose > 0 }
    }

    /// The first long paragraph that the rest of the text echoes.
    pub(super) fn first(&self, shapes: &[Shape<'_>], reasons: &[Option<Reason>]) -> usize {
        const LONG: usize = 25;
        // The line below a headline may be as long; then the names stand behind it.
        const DECK: usize = 12;
        let is_story = |number: &usize| {
            let shape = &shapes[*number];
            shape.stopped && shape.words >= LONG && {
                let wording = self.wording(*number, shape);
                wording.echo > 1 && (self.is_personal || wording.address < 2)
            }
        };
        let mut stories = (0..shapes.len()).filter(is_story);
        let Some(first) = stories.next() else { return shapes.len() };
        let is_signed = |next: &usize| reasons[first..*next].contains(&Some(Reason::Byline));
        stories.next().filter(|next| *next <= first + DECK && is_signed(next)).unwrap_or(first)
    }

    /// What the words of paragraph `number` show.
    pub(super) fn wording(&self, number: usize, shape: &Shape<'_>) -> Wording {
        let is_short = shape.words <= LONGEST_PROMPT;
        let mut wording = Wording { has_contact: is_short && has_contact(shape), ..Wording::default() };
        let mut spoken = Spoken::default();
        let own = u32::from(self.is_prose[number]);
        let mut folded = String::new();
        for word in shape.text.split_whitespace() {
            fold_word(word, &mut folded);
            spoken.add(word, &folded, &mut wording);
            wording.numbers += usize::from(word.contains(|c: char| c.is_ascii_digit()));
            let mut in_prose = 0;
            for stem in stems(&folded) {
                wording.content += 1;
                if let Some(count) = self.counts.get(&stem) {
                    in_prose = in_prose.max(count.prose - own);
                    let is_echo = count.prose > own;
                    wording.echo += usize::from(is_echo);
                    wording.page_echo += usize::from(!is_echo && count.lines > 1 - own);
                }
            }
            let is_page_word = is_short && in_prose < 2 && RULES.page_words.contains(&folded);
            wording.page_words += usize::from(is_page_word);
        }
        wording.has_quote = spoken.quotes > 0;
        wording.is_said &= wording.has_quote;
        wording
    }
}

/// Follows quotation marks and the beginnings of sentences.
#[derive(Default)]
struct Spoken {
    is_quoted: bool,
    quotes: usize,
    is_within: bool,
}

impl Spoken {
    fn add(&mut self, word: &str, folded: &str, wording: &mut Wording) {
        if word.starts_with(['“', '"', '‘', '«']) {
            self.is_quoted = true;
            self.quotes += 1;
        }
        if !self.is_quoted {
            match voice_of(folded) {
                Some(Voice::Address) => wording.address += 1,
                Some(Voice::Own) => wording.own += 1,
                Some(Voice::Saying) => wording.is_said = true,
                None => {}
            }
            wording.commands += usize::from(!self.is_within && RULES.commands.contains(folded));
        }
        if word.contains(['”', '»'])
            || word.trim_end_matches(['.', ',', ';', ':', '?', '!', ')']).ends_with(['"', '’'])
            || word.contains(",\"")
        {
            self.is_quoted = false;
        }
        self.is_within = !ends_with_stop(word) && !word.ends_with(':');
    }
}

/// Whose voice a word is.
enum Voice {
    /// It addresses the reader, or a house speaks of itself.
    Address,
    /// A writer speaks.
    Own,
    /// Somebody is quoted.
    Saying,
}

fn voice_of(folded: &str) -> Option<Voice> {
    match folded {
        "you" | "your" | "yours" | "you're" | "you'll" | "you've" | "we" | "us" | "our" | "ours"
        | "we're" | "we'll" => Some(Voice::Address),
        "i" | "me" | "my" | "mine" | "i'm" | "i've" => Some(Voice::Own),
        "said" | "says" | "told" | "tells" | "asked" | "added" | "adds" | "wrote" | "writes" | "called"
        | "calls" | "argued" => Some(Voice::Saying),
        _ => None,
    }
}

/// Words that any text has.
fn is_common(folded: &str) -> bool {
    const LONGEST: usize = 7;
    folded.len() <= LONGEST
        && matches!(
            folded,
            "about"
                | "after"
                | "again"
                | "against"
                | "also"
                | "back"
                | "because"
                | "been"
                | "before"
                | "being"
                | "between"
                | "both"
                | "could"
                | "does"
                | "down"
                | "each"
                | "even"
                | "every"
                | "first"
                | "from"
                | "have"
                | "here"
                | "into"
                | "just"
                | "last"
                | "like"
                | "made"
                | "make"
                | "many"
                | "more"
                | "most"
                | "much"
                | "must"
                | "only"
                | "other"
                | "over"
                | "said"
                | "says"
                | "some"
                | "such"
                | "than"
                | "that"
                | "their"
                | "them"
                | "then"
                | "there"
                | "these"
                | "they"
                | "this"
                | "those"
                | "time"
                | "under"
                | "were"
                | "what"
                | "when"
                | "which"
                | "will"
                | "with"
                | "would"
        )
}

/// A word in lower case, without the signs around it, its apostrophe straight.
fn fold_word(word: &str, folded: &mut String) {
    folded.clear();
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_ascii() {
        folded.push_str(bare);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(bare.chars().flat_map(char::to_lowercase).map(|c| if c == '’' { '\'' } else { c }));
    }
}

/// `555-0142`, `desk@news.example`, `news.example/join`, `https://…`
fn has_contact(shape: &Shape<'_>) -> bool {
    shape.text.split_whitespace().take(80).any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_number = digits >= 7
            && word.contains('-')
            && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'(' | b')'))
            && word.split('-').all(|part| part.len() >= 3);
        let is_mail = word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
        is_number
            || is_short_number(word)
            || word.eq_ignore_ascii_case("doi")
            || is_mail
            || word.starts_with("http")
            || word.starts_with("www.")
    })
}

/// `555-0142`
fn is_short_number(word: &str) -> bool {
    word.split_once('-').is_some_and(|(exchange, number)| {
        let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        exchange.len() == 3 && number.len() == 4 && are_digits(exchange) && are_digits(number)
    })
}

/// The beginnings of the words that say what a text is about, in one folded token.
fn stems(folded: &str) -> impl Iterator<Item = u64> {
    folded.split(|c: char| !c.is_alphabetic()).filter_map(stem)
}

fn stem(word: &str) -> Option<u64> {
    if word.len() < SHORTEST || is_common(word) {
        return None;
    }
    let word = word.strip_suffix('s').filter(|rest| rest.len() >= SHORTEST).unwrap_or(word);
    let mut letters = 0;
    let mut key = 0_u64;
    for c in word.chars().take(STEM) {
        key = key.rotate_left(11) ^ (u64::from(u32::from(c)) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        letters += 1;
    }
    (letters >= SHORTEST).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::shape::Mark;
    use crate::table_test::each;

    #[test]
    fn words_show_who_speaks_to_whom() {
        // Address, own words, commands, words of the page; whether it has a contact, and whether somebody is quoted.
        let rows = [
            ("The port reopened on Monday.", (0, 0, 0, 0, false, false)),
            ("Sign up for our newsletter.", (1, 0, 1, 2, false, false)),
            ("“You are late,” she said. “I am.”", (0, 0, 0, 0, false, true)),
            ("Call us on 555-0142, or write to desk@news.example.", (1, 0, 1, 0, true, false)),
            ("I told my bus driver.", (0, 2, 0, 0, false, false)),
            ("Support for the port is high.", (0, 0, 1, 0, false, false)),
            ("We’ll be with you all day.", (2, 0, 0, 0, false, false)),
        ];
        each(rows, |(text, want)| {
            let shapes = [Shape::new(text, Mark::None)];
            let wording = Index::of(&shapes, &[None]).wording(0, &shapes[0]);
            let found = (
                wording.address,
                wording.own,
                wording.commands,
                wording.page_words,
                wording.has_contact,
                wording.is_said,
            );
            assert_eq!(found, want, "{text}");
        });
    }

    #[test]
    fn a_paragraph_echoes_the_prose_around_it() {
        let texts = [
            "The ferries of the island stopped on Monday because a storm had broken the pier in two places.",
            "Islanders had waited for a ferry since noon, and then they walked home along the broken pier.",
            "A lamp for your desk, delivered on the day that you order it, by people who know lamps.",
        ];
        let shapes = texts.map(|text| Shape::new(text, Mark::None));
        let index = Index::of(&shapes, &[None; 3]);
        let echo = [0, 1, 2].map(|number| index.wording(number, &shapes[number]).echo);
        assert!(echo[0] >= 3 && echo[1] >= 3 && echo[2] == 0, "{echo:?}");
    }
}
