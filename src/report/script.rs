//! The front end as a whole: an article becomes, lazily, the chunks that the voice speaks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::article::{Article, Block};
use crate::error::{Place, Result, shorten};
use crate::lexicon::{ArticleLexicon, Definitions, Lexicon};
use crate::normalize::{Normalizer, SpokenToken, spoken_text};
use crate::phonemize::{Origin, PhonemeWord, Phonemizer, phoneme_string};
use crate::segment::{Break, ChunkLimits, PauseKind, PauseTable, Piece, plan, sentences};
use crate::text::Span;

/// Sentences of one block that are looked at together; keeps memory flat when a block is a whole book.
const BATCH_SENTENCES: usize = 40;
/// A sentence longer than this many bytes is normalised in parts.
const LONGEST_PART: usize = 4096;
/// Symbols of one piece at most; a longer "word" is cut.
const LONGEST_PIECE: usize = 200;

/// Normaliser, phonemizer and the settings of speech.
pub struct FrontEnd {
    /// What is known about words.
    pub lexicon: Arc<Lexicon>,
    /// Written → spoken.
    pub normalizer: Normalizer,
    /// Spoken → phonemes.
    pub phonemizer: Phonemizer,
    /// Silence after each kind of chunk.
    pub pauses: PauseTable,
    /// How long chunks may be.
    pub limits: ChunkLimits,
}

impl FrontEnd {
    /// What is said for `text`, as words.
    pub fn spoken(&self, text: &str) -> String {
        spoken_text(&self.tokens(text))
    }

    /// What is said for `text`, as phonemes.
    pub fn phonemes(&self, text: &str) -> Result<String> {
        Ok(phoneme_string(&self.phonemizer.phonemize(&self.tokens(text))?))
    }

    /// What is said for `text`, piece by piece.
    pub fn tokens(&self, text: &str) -> Vec<SpokenToken> {
        read_parts(text, |part, _| self.normalizer.normalize(part))
    }

    /// The lexicon with what an article says about its acronyms.
    pub fn study(&self, article: &Article) -> ArticleLexicon {
        let spans = article.blocks.iter().map(|block| block.span);
        self.lexicon.for_article(Definitions::learn(&article.text, spans))
    }

    /// What is said for a part of an article's text, piece by piece; the spans are relative to the part.
    pub fn tokens_of(&self, text: &str, lexicon: &ArticleLexicon, span: Span) -> Vec<SpokenToken> {
        read_parts(span.of(text), |part, start| {
            self.normalizer.normalize_with(part, &lexicon.at(span.start + start))
        })
    }

    /// The chunks of an article, made as they are asked for.
    pub fn script(self: &Arc<Self>, article: Arc<Article>) -> Script {
        Script {
            front_end: self.clone(),
            lexicon: self.study(&article),
            article,
            block: 0,
            cursor: None,
            sentence: 0,
            chunk: 0,
            ready: VecDeque::new(),
        }
    }
}

/// The tokens of a text, read part by part; `read` gets a part and where it begins.
fn read_parts(text: &str, read: impl Fn(&str, usize) -> Vec<SpokenToken>) -> Vec<SpokenToken> {
    parts(text)
        .flat_map(|part| {
            let mut tokens = read(part.of(text), part.start);
            for token in &mut tokens {
                token.span = token.span.shifted(part.start);
            }
            if let Some(first) = tokens.first_mut() {
                first.space_before |= part.start > 0;
            }
            tokens
        })
        .collect()
}

/// Slices of a sentence of at most [`LONGEST_PART`] bytes, cut at white space.
fn parts(text: &str) -> impl Iterator<Item = Span> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let mut end = text.len();
        if end - start > LONGEST_PART {
            let limit = text.floor_char_boundary(start + LONGEST_PART);
            end = text[start..limit]
                .rfind(char::is_whitespace)
                .filter(|at| *at > 0)
                .map_or(limit, |at| start + at);
        }
        let part = Span::new(start, end);
        start = end;
        Some(part)
    })
}

/// A sentence of the article within a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptSentence {
    /// Counted from zero through the article.
    pub number: usize,
    /// Where it was written.
    pub span: Span,
    /// Symbol of the chunk's phonemes at which it, or this part of it, begins.
    pub first_symbol: usize,
    /// Whether this is the sentence's beginning and not a later part.
    pub is_start: bool,
}

/// What one call of the voice speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptChunk {
    /// Counted from zero.
    pub number: usize,
    /// Misaki symbols.
    pub phonemes: String,
    /// Where it was written.
    pub span: Span,
    /// The sentences in it, or parts of them.
    pub sentences: Vec<ScriptSentence>,
    /// Silence after it.
    pub pause: Duration,
    /// Words that no dictionary had, and that the letter-to-sound model read.
    pub guessed: Vec<String>,
    /// Words that could only be spelled.
    pub spelled: Vec<String>,
}

/// The chunks of an article.
pub struct Script {
    front_end: Arc<FrontEnd>,
    lexicon: ArticleLexicon,
    article: Arc<Article>,
    block: usize,
    /// Where the current block is read on.
    cursor: Option<usize>,
    sentence: usize,
    chunk: usize,
    ready: VecDeque<ScriptChunk>,
}

/// A piece for the planner and what it is made of.
struct ScriptPiece {
    words: Vec<PhonemeWord>,
    break_after: Break,
    sentence: usize,
    sentence_span: Span,
    is_start: bool,
}

impl Iterator for Script {
    type Item = Result<ScriptChunk>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Some(Ok(chunk));
            }
            let block = *self.article.blocks.get(self.block)?;
            if let Err(error) = self.read_on(block) {
                self.block = self.article.blocks.len();
                return Some(Err(error));
            }
        }
    }

    /// Once the last sentences are read it is known how many chunks are left.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let is_read = self.block >= self.article.blocks.len();
        (self.ready.len(), is_read.then_some(self.ready.len()))
    }
}

impl Script {
    /// Makes the chunks of the next sentences of a block.
    fn read_on(&mut self, block: Block) -> Result<()> {
        let article = self.article.clone();
        let from = self.cursor.unwrap_or(block.span.start);
        let mut rest = sentences(&article.text, Span::new(from, block.span.end)).peekable();
        let mut pieces = Vec::new();
        let mut end = block.span.end;
        for span in rest.by_ref().take(BATCH_SENTENCES) {
            end = span.end;
            self.read_sentence(span, &mut pieces)?;
        }
        let ends_block = rest.peek().is_none();
        if ends_block {
            (self.block, self.cursor) = (self.block + 1, None);
            if let Some(last) = pieces.last_mut() {
                last.break_after = Break::Paragraph;
            }
        } else {
            self.cursor = Some(end);
        }
        let lengths: Vec<Piece> = pieces
            .iter()
            .map(|piece| Piece {
                phonemes: piece.words.iter().map(|word| word.phonemes.chars().count()).sum(),
                break_after: piece.break_after,
            })
            .collect();
        for range in plan(&lengths, &self.front_end.limits) {
            let is_last = ends_block && range.end == pieces.len();
            let chunk = self.chunk_of(&pieces[range], block, is_last);
            self.ready.push_back(chunk);
        }
        Ok(())
    }

    fn read_sentence(&mut self, span: Span, pieces: &mut Vec<ScriptPiece>) -> Result<()> {
        let tokens = self.front_end.tokens_of(&self.article.text, &self.lexicon, span);
        let words = self.front_end.phonemizer.phonemize(&tokens).map_err(|error| {
            let text = shorten(span.of(&self.article.text), 80);
            error.at(Place::chunk(self.chunk + 1, &text))
        })?;
        let before = pieces.len();
        for mut word in words.into_iter().flat_map(cut_monster) {
            word.span = word.span.shifted(span.start);
            let length = word.phonemes.chars().count();
            let open = pieces[before..].last_mut().filter(|piece: &&mut ScriptPiece| {
                let so_far: usize = piece.words.iter().map(|word| word.phonemes.chars().count()).sum();
                !word.space_before && so_far + length <= LONGEST_PIECE
            });
            match open {
                Some(piece) => piece.words.push(word),
                None => pieces.push(ScriptPiece {
                    words: vec![word],
                    break_after: Break::Word,
                    sentence: self.sentence,
                    sentence_span: span,
                    is_start: pieces.len() == before,
                }),
            }
        }
        if pieces.len() > before {
            self.sentence += 1;
            set_breaks(&mut pieces[before..]);
        }
        Ok(())
    }

    fn chunk_of(&mut self, pieces: &[ScriptPiece], block: Block, ends_block: bool) -> ScriptChunk {
        let (mut phonemes, mut symbols) = (String::new(), 0);
        let mut sentences: Vec<ScriptSentence> = Vec::new();
        let (mut guessed, mut spelled) = (Vec::new(), Vec::new());
        let mut span: Option<Span> = None;
        for piece in pieces {
            if sentences.last().is_none_or(|last| last.number != piece.sentence) {
                sentences.push(ScriptSentence {
                    number: piece.sentence,
                    span: piece.sentence_span,
                    first_symbol: symbols,
                    is_start: piece.is_start,
                });
            }
            for word in &piece.words {
                span = Some(span.map_or(word.span, |span| span.join(word.span)));
                match word.origin {
                    Origin::Romanization | Origin::LetterToSound => guessed.push(word.spoken.clone()),
                    Origin::Spelled => spelled.push(word.spoken.clone()),
                    Origin::User
                    | Origin::Name
                    | Origin::Dictionary
                    | Origin::Letters
                    | Origin::Punctuation => {}
                }
                if word.space_before && symbols > 0 {
                    phonemes.push(' ');
                    symbols += 1;
                }
                phonemes.push_str(&word.phonemes);
                symbols += word.phonemes.chars().count();
            }
        }
        let boundary = pieces.last().map_or(Break::Paragraph, |piece| piece.break_after);
        // Headings and list items often have no stop; without one the voice stays in the air.
        if boundary >= Break::Sentence && !phonemes.contains(['.', '!', '?', '…']) {
            phonemes.push('.');
        }
        let number = self.chunk;
        self.chunk += 1;
        let pause = self.front_end.pauses.after(PauseKind::after_chunk(boundary, block.kind, ends_block));
        ScriptChunk { number, phonemes, span: span.unwrap_or_default(), sentences, pause, guessed, spelled }
    }
}

/// Cuts a word that is longer than a piece may be; only rubbish is.
fn cut_monster(word: PhonemeWord) -> Vec<PhonemeWord> {
    if word.phonemes.chars().count() <= LONGEST_PIECE {
        return vec![word];
    }
    let symbols: Vec<char> = word.phonemes.chars().collect();
    symbols
        .chunks(LONGEST_PIECE)
        .enumerate()
        .map(|(index, part)| PhonemeWord {
            phonemes: part.iter().collect(),
            space_before: word.space_before && index == 0,
            ..word.clone()
        })
        .collect()
}

/// Decides how strong the boundary after each piece of a sentence is.
fn set_breaks(sentence: &mut [ScriptPiece]) {
    const CONJUNCTIONS: [&str; 16] = [
        "and", "or", "but", "nor", "yet", "so", "because", "although", "though", "while", "when", "where",
        "which", "who", "if", "that",
    ];
    for index in 0..sentence.len() {
        let next = sentence
            .get(index + 1)
            .and_then(|piece| piece.words.iter().find(|w| w.origin != Origin::Punctuation));
        let mark = sentence[index].words.iter().rev().take_while(|word| word.origin == Origin::Punctuation);
        let mark = mark.filter_map(|word| word.phonemes.chars().find(|c| !"“”\"".contains(*c))).last();
        sentence[index].break_after = match (next, mark) {
            (None, _) => Break::Sentence,
            (_, Some(';' | ':' | '—' | '…' | '.' | '!' | '?')) => Break::Clause,
            (_, Some(',' | ')')) => Break::Comma,
            (Some(next), _) if CONJUNCTIONS.contains(&&*next.spoken.to_lowercase()) => Break::Conjunction,
            _ => Break::Word,
        };
    }
}
