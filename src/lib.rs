//! # audio-report
//!
//! Written by reporters, read by AI: a news article becomes speech, on the local CPU, in process.
//!
//! The way from text to sound, and the modules in its order:
//!
//! ```text
//! bytes ─ article ─ segment ─ normalize ─ phonemize ─ segment ─ stream(synth) ─ master ─ output
//!         title,    sentences  "3.5%" →    "θɹˈi …"    chunks    workers, in     trim,    WAV,
//!         blocks               "three               of phonemes  order, bounded  pauses   loudspeaker
//!                              point five
//!                              percent"
//! ```
//!
//! Everything is pulled lazily and every queue is bounded, so memory does not grow with the article and the first words
//! sound while later ones are still text. [`batch`] reads many articles with the same workers.
//!
//! # Example
//!
//! The stand-in voice needs no data and speaks in beeps; with an installed one use
//! [`Narrator::load`](report::Narrator::load).
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Instant;
//!
//! use audio_report::article::Article;
//! use audio_report::audio::SampleFormat;
//! use audio_report::output::wav::{Tags, WavSink};
//! use audio_report::report::{NarrationSettings, Narrator, SpeechSettings};
//! use audio_report::synth::Cancel;
//!
//! # fn main() -> audio_report::error::Result<()> {
//! # let folder = tempfile::tempdir().map_err(|e| audio_report::error::Error::new(audio_report::error::ErrorKind::Output, e.to_string()))?;
//! # let path = folder.path().join("report.wav");
//! let article = Article::from_text("Port reopens\n\nThe port reopened on Nov. 18 at a cost of $1.2 million.".into());
//! let narrator = Narrator::tone(&SpeechSettings::default());
//! let sink = WavSink::create(&path, narrator.sample_rate(), SampleFormat::Int16, Tags::default(), false)?;
//! let settings = NarrationSettings {
//!     speed: 1.0,
//!     hurry_first: false,
//!     started: Instant::now(),
//! };
//! let summary =
//!     narrator.narrate(&Arc::new(article), settings, Box::new(sink), &Cancel::new(), &mut |_progress| {})?;
//! assert_eq!(summary.sentences[1].text, "The port reopened on Nov. 18 at a cost of $1.2 million.");
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//!
//! | module | what it owns |
//! |---|---|
//! | [`text`], [`audio`], [`error`] | the words all share: spans, sample rates, what-where-why-cure |
//! | `magic` | what the first bytes of a file say it is |
//! | `files` | written beside, synced, renamed: results that are whole or not there |
//! | [`voice`] | manifests, and voices installed on this machine |
//! | [`article`] | a page or file (plain text, HTML, Markdown) → title and blocks, and what was left out |
//! | [`segment`] | sentences, chunks, pauses |
//! | [`normalize`] | written → spoken |
//! | [`lexicon`] | acronyms and names |
//! | [`phonemize`] | spoken → phonemes |
//! | [`synth`] | the voices: trait [`Synthesizer`](synth::Synthesizer) |
//! | [`stream`] | workers that all reports share, order, cancellation |
//! | [`master`] | one programme out of many utterances |
//! | [`output`] | WAV files and the loudspeaker: trait [`Sink`](output::Sink) |
//! | [`report`] | wires all of these for one article |
//! | [`batch`] | many articles at once |
//! | [`cli`] | the command line |
//!
//! Which module may use which is held by `tests/architecture.rs`.

pub mod article;
pub mod audio;
pub mod batch;
pub mod cli;
pub mod error;
mod files;
pub mod lexicon;
mod magic;
pub mod master;
pub mod normalize;
pub mod output;
pub mod phonemize;
pub mod report;
pub mod segment;
pub mod stream;
pub mod synth;
pub mod text;
pub mod voice;
