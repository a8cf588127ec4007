//! Sound as server-sent events, as OpenAI's clients expect them: `speech.audio.delta` with a piece of the file, and at the end
//! `speech.audio.done`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use super::body::Wrap;

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
pub(super) fn of_whole(sound: &[u8], characters: usize) -> Vec<u8> {
    let mut events = Events::new(characters);
    let mut all = Vec::new();
    for block in sound.chunks(BLOCK) {
        all.extend_from_slice(&events.wrap(Bytes::copy_from_slice(block)));
    }
    all.extend(events.last().into_iter().flatten());
    all
}

fn event(value: &serde_json::Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}

impl Wrap for Events {
    fn wrap(&mut self, sound: Bytes) -> Bytes {
        self.bytes += sound.len();
        event(&json!({ "type": "speech.audio.delta", "audio": STANDARD.encode(&sound) }))
    }

    fn last(&mut self) -> Option<Bytes> {
        let (input, output) = (self.characters, self.bytes);
        let usage = json!({ "input_tokens": input, "output_tokens": output, "total_tokens": input + output });
        Some(event(&json!({ "type": "speech.audio.done", "usage": usage })))
    }
}
