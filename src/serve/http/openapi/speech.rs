//! A request for speech. Its fields are checked one by one, each with a fault of its own (see `order`), so these types only describe them.
#![expect(dead_code, reason = "nothing is read into these types")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// What is spoken, and how.
#[derive(ToSchema)]
pub(in crate::serve::http) struct SpeechRequest {
    /// The text. All of it is spoken; a blank line ends a paragraph.
    #[schema(min_length = 1, example = "The port reopened on Monday.")]
    input: String,
    /// A voice of `GET /v1/audio/voices`, or one of OpenAI's names; the server's own without it.
    voice: Option<VoiceName>,
    /// `kokoro`, `hibari` for the fast voices, or one of OpenAI's names.
    #[schema(example = "tts-1")]
    model: Option<String>,
    /// The format of the sound; `mp3` without it.
    response_format: Option<SoundFormat>,
    /// The bytes of the sound, or server-sent events with pieces of it.
    stream_format: Option<StreamFormat>,
    /// How fast.
    #[schema(minimum = 0.25, maximum = 4.0, example = 1.0)]
    speed: Option<f64>,
    /// How to speak; it is taken and not heeded.
    instructions: Option<String>,
    /// With `stream_format` `sse`: events of type `speech.audio.words` tell when words are heard.
    timestamps: Option<bool>,
    /// How words are said this time, in the notation of the lexicon.
    words: Option<BTreeMap<String, String>>,
}

/// The name of a voice.
#[derive(ToSchema)]
#[serde(untagged)]
pub(in crate::serve::http) enum VoiceName {
    /// As it is.
    Name(String),
    /// As OpenAI has it.
    Id {
        /// The name.
        id: String,
    },
}

/// A format of sound.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::serve::http) enum SoundFormat {
    /// MP3.
    Mp3,
    /// Opus in Ogg.
    Opus,
    /// FLAC.
    Flac,
    /// WAV.
    Wav,
    /// Samples alone: 16 bits, little-endian, mono, at 24 kHz.
    Pcm,
}

/// What is streamed.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
enum StreamFormat {
    /// The bytes.
    Audio,
    /// Events.
    Sse,
}

/// Bytes of sound.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(in crate::serve::http) struct Sound(Vec<u8>);

/// What is explained.
#[derive(ToSchema)]
#[serde(untagged)]
pub(in crate::serve::http) enum ExplainRequest {
    Text(ExplainText),
    Page(ExplainPage),
}

/// A text that is explained.
#[derive(ToSchema)]
pub(in crate::serve::http) struct ExplainText {
    /// A text, or a page in HTML.
    #[schema(example = "The port reopened on Nov. 18 at a cost of $1.2 million.")]
    input: String,
    /// How the input is written; its content tells without it.
    input_type: Option<InputType>,
    /// A voice, whose dialect decides how words are said.
    voice: Option<VoiceName>,
}

/// A page that is explained.
#[derive(ToSchema)]
pub(in crate::serve::http) struct ExplainPage {
    /// Its address.
    #[schema(example = "https://news.example/port")]
    url: String,
    /// A voice, whose dialect decides how words are said.
    voice: Option<VoiceName>,
}

/// How an input is written.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::serve::http) enum InputType {
    /// Without markup.
    Text,
    /// In HTML.
    Html,
    /// In Markdown.
    Markdown,
}
