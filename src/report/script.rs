//! The front end as a whole: an article becomes, lazily, the chunks that the voice speaks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::breaks::set_breaks;
use crate::article::{Article, Block};
use crate::error::{Place, Result, shorten};
use crate::lexicon::{ArticleLexicon, Definitions, Lexicon};
use crate::normalize::{Normalizer, SpokenToken, spoken_text};
use crate::phonemize::{Origin, PhonemeWord, Phonemizer, phoneme_string};
use crate::segment::{Break, ChunkLimits, PauseKind, PauseTable, Piece, Room, next_chunk, plan, sentences};
use crate::text::Span;

/// Sentences of one block that are looked at together; keeps memory flat when a block is a whole book.
const BATCH_SENTENCES: usize = 40;
/// A sentence longer than this many bytes is normalised in parts.
const LONGEST_PART: usize = 4096;
/// Pieces that are looked at for one live chunk; more than fit into any.
const LIVE_PIECES: usize = 1024;
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

    /// The chunks of an article, made as they are asked for: whole sentences.
    pub fn script(self: &Arc<Self>, article: Arc<Article>) -> Script {
        self.script_by(article, None)
    }

    /// The chunks of an article for a listener who waits for them: `room` tells, each time that a chunk is asked for, how
    /// long it may be. No more of the article is read than fills the room.
    pub fn live_script(
        self: &Arc<Self>,
        article: Arc<Article>,
        room: impl FnMut() -> Room + Send + 'static,
    ) -> Script {
        self.script_by(article, Some(Box::new(room)))
    }

    fn script_by(self: &Arc<Self>, article: Arc<Article>, room: Option<RoomSource>) -> Script {
        Script {
            front_end: self.clone(),
            lexicon: self.study(&article),
            article,
            room,
            block: 0,
            cursor: None,
            is_block_read: false,
            pieces: VecDeque::new(),
            phonemes: 0,
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

/// Tells how long the next chunk may be.
type RoomSource = Box<dyn FnMut() -> Room + Send>;

/// The chunks of an article.
pub struct Script {
    front_end: Arc<FrontEnd>,
    lexicon: ArticleLexicon,
    article: Arc<Article>,
    /// Without one, whole sentences are planned ahead.
    room: Option<RoomSource>,
    block: usize,
    /// Where the current block is read on.
    cursor: Option<usize>,
    /// Whether nothing is left of the current block but `pieces`.
    is_block_read: bool,
    /// What is read and not yet in a chunk, and how many phonemes that is.
    pieces: VecDeque<ScriptPiece>,
    phonemes: usize,
    sentence: usize,
    chunk: usize,
    ready: VecDeque<ScriptChunk>,
}

/// A piece for the planner and what it is made of.
pub(super) struct ScriptPiece {
    pub words: Vec<PhonemeWord>,
    pub break_after: Break,
    phonemes: usize,
    sentence: usize,
    sentence_span: Span,
    is_start: bool,
}

impl ScriptPiece {
    fn length(&self) -> Piece {
        Piece { phonemes: self.phonemes, break_after: self.break_after }
    }
}

impl Iterator for Script {
    type Item = Result<ScriptChunk>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = if self.room.is_some() { self.next_live() } else { self.next_planned() };
        next.inspect_err(|_| self.block = self.article.blocks.len()).transpose()
    }

    /// Once the last sentences are read it is known how many chunks are left.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let is_read = self.block >= self.article.blocks.len();
        (self.ready.len(), is_read.then_some(self.ready.len()))
    }
}

impl Script {
    /// The next chunk of those that are planned for many sentences at once.
    fn next_planned(&mut self) -> Result<Option<ScriptChunk>> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Ok(Some(chunk));
            }
            let Some(block) = self.article.blocks.get(self.block).copied() else { return Ok(None) };
            self.read_on(block, BATCH_SENTENCES)?;
            let lengths: Vec<Piece> = self.pieces.iter().map(ScriptPiece::length).collect();
            for range in plan(&lengths, &self.front_end.limits) {
                let chunk = self.take_chunk(range.len(), block);
                self.ready.push_back(chunk);
            }
            self.leave_block_if_read();
        }
    }

    /// The next chunk that there is room for.
    fn next_live(&mut self) -> Result<Option<ScriptChunk>> {
        loop {
            let Some(block) = self.article.blocks.get(self.block).copied() else { return Ok(None) };
            let Some(room) = self.room.as_mut().map(|room| room()) else { return Ok(None) };
            let enough = room.most.min(self.front_end.limits.hard_max);
            while !self.is_block_read && self.phonemes <= enough {
                self.read_on(block, 1)?;
            }
            let ahead = LIVE_PIECES.min(self.pieces.len());
            let lengths: Vec<Piece> = self.pieces.iter().take(ahead).map(ScriptPiece::length).collect();
            let count = next_chunk(&lengths, room, &self.front_end.limits);
            let chunk = (count > 0).then(|| self.take_chunk(count, block));
            self.leave_block_if_read();
            if chunk.is_some() {
                return Ok(chunk);
            }
        }
    }

    fn leave_block_if_read(&mut self) {
        if self.is_block_read && self.pieces.is_empty() {
            (self.block, self.cursor, self.is_block_read) = (self.block + 1, None, false);
        }
    }

    /// Reads the next sentences of a block.
    fn read_on(&mut self, block: Block, sentence_count: usize) -> Result<()> {
        let article = self.article.clone();
        let from = self.cursor.unwrap_or(block.span.start);
        let mut rest = sentences(&article.text, Span::new(from, block.span.end)).peekable();
        for span in rest.by_ref().take(sentence_count) {
            self.cursor = Some(span.end);
            self.read_sentence(span)?;
        }
        if rest.peek().is_none() {
            self.is_block_read = true;
            if let Some(last) = self.pieces.back_mut() {
                last.break_after = Break::Paragraph;
            }
        }
        Ok(())
    }

    /// Makes a chunk of what was read first.
    fn take_chunk(&mut self, count: usize, block: Block) -> ScriptChunk {
        let pieces: Vec<ScriptPiece> = self.pieces.drain(..count).collect();
        self.phonemes -= pieces.iter().map(|piece| piece.phonemes).sum::<usize>();
        let ends_block = self.is_block_read && self.pieces.is_empty();
        self.chunk_of(&pieces, block, ends_block)
    }

    fn read_sentence(&mut self, span: Span) -> Result<()> {
        let tokens = self.front_end.tokens_of(&self.article.text, &self.lexicon, span);
        let words = self.front_end.phonemizer.phonemize(&tokens).map_err(|error| {
            let text = shorten(span.of(&self.article.text), 80);
            error.at(Place::chunk(self.chunk + 1, &text))
        })?;
        let mut pieces: Vec<ScriptPiece> = Vec::new();
        for mut word in words.into_iter().flat_map(cut_monster) {
            word.span = word.span.shifted(span.start);
            let phonemes = word.phonemes.chars().count();
            let open = pieces.last_mut().filter(|piece: &&mut ScriptPiece| {
                !word.space_before && piece.phonemes + phonemes <= LONGEST_PIECE
            });
            match open {
                Some(piece) => {
                    piece.phonemes += phonemes;
                    piece.words.push(word);
                }
                None => pieces.push(ScriptPiece {
                    words: vec![word],
                    break_after: Break::Word,
                    phonemes,
                    sentence: self.sentence,
                    sentence_span: span,
                    is_start: pieces.is_empty(),
                }),
            }
        }
        if !pieces.is_empty() {
            self.sentence += 1;
            set_breaks(&mut pieces, &self.article.text);
            self.phonemes += pieces.iter().map(|piece| piece.phonemes).sum::<usize>();
            self.pieces.extend(pieces);
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
