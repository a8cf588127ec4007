//! Sound as server-sent events, as OpenAI's clients expect them: `speech.audio.delta` with a piece of the file, and at the end
//! `speech.audio.done`. Our own is `speech.audio.words`: when words are heard, told before their sound.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use super::body::Wrap;
use crate::serve::times::SpokenWord;

/// Bytes of sound in an event where all of it is there.
const BLOCK: usize = 16 << 10;

/// Wraps sound in events.
pub(super) struct Events {
    /// Characters of the text, which stand for tokens: this server counts none.
    characters: usize,
    bytes: usize,
}

impl Events {
    pub(super) fn new(characters: usize) -> Self {
        Self { characters, bytes: 0 }
    }
}

/// All of a sound in events.
pub(super) fn of_whole(sound: &[u8], words: &[SpokenWord], characters: usize) -> Vec<u8> {
    let mut events = Events::new(characters);
    let mut all = told(words);
    for block in sound.chunks(BLOCK) {
        all.extend_from_slice(&events.wrap(Bytes::copy_from_slice(block), &[]));
    }
    all.extend(events.last().into_iter().flatten());
    all
}

fn event(value: &serde_json::Value) -> Vec<u8> {
    format!("data: {value}\n\n").into_bytes()
}

/// Words in an event, if there are any.
fn told(words: &[SpokenWord]) -> Vec<u8> {
    if words.is_empty() {
        Vec::new()
    } else {
        event(&json!({ "type": "speech.audio.words", "words": words }))
    }
}

impl Wrap for Events {
    fn wrap(&mut self, sound: Bytes, words: &[SpokenWord]) -> Bytes {
        self.bytes += sound.len();
        let mut events = told(words);
        events.extend(event(&json!({ "type": "speech.audio.delta", "audio": STANDARD.encode(&sound) })));
        events.into()
    }

    fn last(&mut self) -> Option<Bytes> {
        let (input, output) = (self.characters, self.bytes);
        let usage = json!({ "input_tokens": input, "output_tokens": output, "total_tokens": input + output });
        Some(event(&json!({ "type": "speech.audio.done", "usage": usage })).into())
    }
}
