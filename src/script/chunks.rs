//! An article becomes, lazily, the chunks that the voice speaks.

use std::collections::VecDeque;
use std::sync::Arc;

use super::breaks::set_breaks;
use super::chunk::{GuessedWord, ScriptChunk, ScriptSentence, ScriptWord, sounding};
use super::front_end::{FrontEnd, Study};
use super::next::{Room, next_chunk};
use super::piece::{LONGEST_PIECE, ScriptPiece, cut_monster};
use super::plan::{ChunkLimits, Piece, plan};
use super::quotations::Quotations;
use crate::article::{Article, Block};
use crate::error::{Place, Result, shorten};
use crate::phonemize::{Origin, PhonemeWord, Phonemizer};
use crate::segment::{Break, PauseKind, sentences};
use crate::text::Span;

/// Sentences of one block that are planned together; keeps memory flat when a block is a whole book.
const BATCH_SENTENCES: usize = 40;
/// Pieces that are considered for one live chunk; more than fit into any.
const LIVE_PIECES: usize = 1024;

/// Returns how long the next chunk may be.
pub(super) type RoomSource = Box<dyn FnMut() -> Room + Send>;

/// The chunks of an article.
pub(crate) struct Script {
    front_end: Arc<FrontEnd>,
    study: Study,
    article: Arc<Article>,
    limits: ChunkLimits,
    /// What another voice speaks.
    quotations: Arc<Quotations>,
    /// Where that voice has a dialect of its own.
    quote_phonemizer: Option<Arc<Phonemizer>>,
    /// Without one, whole sentences are planned ahead.
    room: Option<RoomSource>,
    block: usize,
    /// The place in the current block for the next read.
    cursor: Option<usize>,
    /// Whether only `pieces` are left of the current block.
    is_block_read: bool,
    /// Text that is read and not yet in a chunk, and its number of phonemes.
    pieces: VecDeque<ScriptPiece>,
    phonemes: usize,
    sentence: usize,
    chunk: usize,
    ready: VecDeque<ScriptChunk>,
}

impl Iterator for Script {
    type Item = Result<ScriptChunk>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = if self.room.is_some() { self.next_live() } else { self.next_planned() };
        next.inspect_err(|_| self.block = self.article.blocks().len()).transpose()
    }
}

impl Script {
    /// The chunks of an article; without `room` whole sentences are planned ahead.
    pub(super) fn new(front_end: Arc<FrontEnd>, article: Arc<Article>, room: Option<RoomSource>) -> Self {
        Self {
            study: front_end.study(&article),
            limits: front_end.limits,
            quotations: Arc::default(),
            quote_phonemizer: None,
            front_end,
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

    /// The same script where another voice, which takes so many symbols at most, speaks the quotations: no chunk holds words of
    /// both voices.
    #[must_use]
    pub(crate) fn quoting(
        mut self,
        quotations: Arc<Quotations>,
        phonemizer: Option<Arc<Phonemizer>>,
        most_symbols: usize,
    ) -> Self {
        self.limits.most_symbols = self.limits.most_symbols.min(most_symbols);
        (self.quotations, self.quote_phonemizer) = (quotations, phonemizer);
        self
    }

    /// Whether it is known that no chunk follows.
    pub(crate) fn is_over(&self) -> bool {
        self.block >= self.article.blocks().len() && self.ready.is_empty()
    }

    /// The next chunk of those that are planned for many sentences at once.
    fn next_planned(&mut self) -> Result<Option<ScriptChunk>> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Ok(Some(chunk));
            }
            let Some(block) = self.article.blocks().get(self.block).copied() else { return Ok(None) };
            self.read_on(block, BATCH_SENTENCES)?;
            let pieces = self.pieces.make_contiguous();
            let of_one_voice = pieces.chunk_by(|piece, next| piece.is_quoted == next.is_quoted);
            let chunks = of_one_voice.flat_map(|pieces| {
                let lengths: Vec<Piece> = pieces.iter().map(ScriptPiece::length).collect();
                plan(&lengths, &self.limits)
            });
            for range in chunks.collect::<Vec<_>>() {
                let chunk = self.take_chunk(range.len(), block);
                self.ready.push_back(chunk);
            }
            self.leave_block_if_read();
        }
    }

    /// The next chunk that fits.
    fn next_live(&mut self) -> Result<Option<ScriptChunk>> {
        loop {
            let Some(block) = self.article.blocks().get(self.block).copied() else { return Ok(None) };
            let Some(room) = self.room.as_mut().map(|room| room()) else { return Ok(None) };
            let enough = room.most.min(self.limits.longest_sentence);
            while !self.is_block_read && self.phonemes <= enough {
                self.read_on(block, 1)?;
            }
            let is_quoted = self.pieces.front().is_some_and(|piece| piece.is_quoted);
            let of_one_voice = self.pieces.iter().take_while(|piece| piece.is_quoted == is_quoted);
            let lengths: Vec<Piece> = of_one_voice.take(LIVE_PIECES).map(ScriptPiece::length).collect();
            let count = next_chunk(&lengths, room, &self.limits);
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
        let mut rest = sentences(article.text(), Span::new(from, block.span.end)).peekable();
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

    /// Makes a chunk of the oldest pieces.
    fn take_chunk(&mut self, count: usize, block: Block) -> ScriptChunk {
        let pieces: Vec<ScriptPiece> = self.pieces.drain(..count).collect();
        self.phonemes -= pieces.iter().map(|piece| piece.phonemes).sum::<usize>();
        let ends_block = self.is_block_read && self.pieces.is_empty();
        self.chunk_of(&pieces, block, ends_block)
    }

    fn read_sentence(&mut self, span: Span) -> Result<()> {
        let words = self.words_of(span).map_err(|error| {
            let text = shorten(span.of(self.article.text()), 80);
            error.at(Place::chunk(self.chunk + 1, &text))
        })?;
        let longest = LONGEST_PIECE.min(self.limits.longest_piece());
        let mut pieces: Vec<ScriptPiece> = Vec::new();
        for mut word in words.into_iter().flat_map(|word| cut_monster(word, longest)) {
            word.span = word.span.shifted(span.start);
            let phonemes = word.phonemes.chars().count();
            let is_quoted = self.quotations.contains(word.span.start);
            // A mark behind a quotation goes with it.
            let follows = !is_quoted && word.origin == Origin::Punctuation;
            let open = pieces.last_mut().filter(|piece: &&mut ScriptPiece| {
                let is_one_voice = piece.is_quoted == is_quoted || follows;
                !word.space_before && is_one_voice && piece.phonemes + phonemes <= longest
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
                    is_quoted,
                }),
            }
        }
        if !pieces.is_empty() {
            self.sentence += 1;
            set_breaks(&mut pieces, self.article.text());
            self.phonemes += pieces.iter().map(|piece| piece.phonemes).sum::<usize>();
            self.pieces.extend(pieces);
        }
        Ok(())
    }

    /// The words of a sentence, each as the voice that speaks it says them; spans are relative to the sentence.
    fn words_of(&self, sentence: Span) -> Result<Vec<PhonemeWord>> {
        let tokens = self.front_end.tokens_of(self.article.text(), &self.study, sentence);
        let mut words = self.front_end.words_of(&self.study, &tokens)?;
        let is_quoted = |word: &PhonemeWord| self.quotations.contains(sentence.start + word.span.start);
        if let Some(phonemizer) = self.quote_phonemizer.as_deref().filter(|_| words.iter().any(is_quoted)) {
            let quoted = self.study.words_in(phonemizer, &tokens)?;
            words.retain(|word| !is_quoted(word));
            words.extend(quoted.into_iter().filter(is_quoted));
            // Several words of one span keep their order.
            words.sort_by_key(|word| word.span.start);
        }
        Ok(words)
    }

    fn chunk_of(&mut self, pieces: &[ScriptPiece], block: Block, ends_block: bool) -> ScriptChunk {
        let (mut phonemes, mut symbols) = (String::new(), 0);
        let mut sentences: Vec<ScriptSentence> = Vec::new();
        let (mut timed, mut guessed, mut spelled) = (Vec::new(), Vec::new(), Vec::new());
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
            let last = piece.words.iter().rposition(|word| word.origin != Origin::Punctuation);
            for (index, word) in piece.words.iter().enumerate() {
                span = Some(span.map_or(word.span, |span| span.join(word.span)));
                match word.origin {
                    Origin::Romanization | Origin::LetterToSound => guessed.push(GuessedWord {
                        spoken: word.spoken.clone(),
                        phonemes: word.phonemes.clone(),
                        sentence: piece.sentence_span,
                    }),
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
                let sounding = sounding(&word.phonemes).filter(|_| word.origin != Origin::Punctuation);
                timed.extend(sounding.map(|sound| ScriptWord {
                    span: word.span,
                    symbols: symbols + sound.start..symbols + sound.end,
                    sentence: sentences.len() - 1,
                    break_after: if last == Some(index) { piece.break_after } else { Break::Bound },
                }));
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
        ScriptChunk {
            number,
            phonemes,
            span: span.unwrap_or_default(),
            block: self.block,
            sentences,
            words: timed,
            is_quoted: pieces.first().is_some_and(|piece| piece.is_quoted),
            pause,
            guessed,
            spelled,
        }
    }
}
