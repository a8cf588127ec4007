//! # audio-report
//!
//! Written by reporters, read by AI: a news article becomes speech, on the local CPU, in process.
//!
//! The way from text to sound, and the modules in its order:
//!
//! ```text
//! bytes ─ article ─ segment ─ normalize ─ phonemize ─ script ── stream(synth) ─ master ─ output
//!         title,    sentences  "3.5%" →    "θɹˈi …"    chunks    workers, in     trim,    WAV,
//!         blocks               "three               of phonemes  order, bounded  pauses   loudspeaker
//!                              point five
//!                              percent"
//! ```
//!
//! Everything is pulled lazily and every queue is bounded. So memory does not grow with the sound; only the summary holds the text
//! again, with its times. The first words are audible while later ones are still text. [`batch`] reads many articles with the same workers.
//!
//! # Example
//!
//! The stand-in voice needs no data and speaks in beeps; [`Narrator::builder`](report::Narrator::builder) takes an installed one.
//!
//! ```
//! use audio_report::article::Article;
//! use audio_report::report::Narrator;
//!
//! # fn main() -> audio_report::error::Result<()> {
//! # let folder = tempfile::tempdir().map_err(|e| audio_report::error::Error::new(audio_report::error::ErrorKind::Output, e.to_string()))?;
//! # let path = folder.path().join("report.wav");
//! let article = Article::from_text("Port reopens\n\nThe port reopened on Nov. 18 at a cost of $1.2 million.".into());
//! let summary = Narrator::tone_builder().build()?.read(article).to_wav(&path)?;
//! assert_eq!(summary.sentences[1].text, "The port reopened on Nov. 18 at a cost of $1.2 million.");
//! # Ok(())
//! # }
//! ```
//!
//! # Ways out for the sound
//!
//! | where it goes | how | example |
//! |---|---|---|
//! | a file | [`Reading::to_wav`](report::Reading::to_wav) | `examples/to_wav.rs` |
//! | a program that takes it piece by piece, while it is made | [`Reading::blocks`](report::Reading::blocks) | `examples/blocks.rs` |
//! | anything else | a [`Sink`](audio::Sink) of your own, by [`Reading::to`](report::Reading::to) | `examples/own_sink.rs` |
//! | many of these, with the same workers | [`narrate_all`](batch::narrate_all) | `examples/many_articles.rs` |
//!
//! # Threads, memory, limits
//!
//! Speech is made by the threads of a [`Narrator`](report::Narrator), by default one a core; all articles that it
//! reads share them. A panic in a worker fails its own report and no other; with `panic = "abort"` it ends the
//! process. A report of any length takes about 360 MiB with two workers and the Kokoro voice, most of it one network
//! that all voices share. One utterance takes at most as many symbols as [`VoiceLimits`](synth::VoiceLimits) says;
//! longer sentences are cut where a newsreader breathes.
//!
//! Only English text is read; a story in another language is refused as
//! [`ErrorKind::Language`](error::ErrorKind::Language), unless [`ReadOptions::any_language`](article::ReadOptions::any_language)
//! is set. Text is UTF-8, UTF-16 or Windows-1252, HTML any encoding that it declares. What was damaged on the way is set
//! right where that is certain, and counted: [`Article::repairs`](article::Article::repairs).
//!
//! # Features
//!
//! With none of them the library turns plain text into sound. All are on by default but `cluster`.
//!
//! | feature | what it adds |
//! |---|---|
//! | `html`, `markdown`, `newsroom` | articles in these formats; `newsroom`: mail, Word, what agencies send, ZIP archives |
//! | `install`, `registry-sources` | voices brought by URL, and by pip and npm: [`voice`] |
//! | `runtime` | the library runtime: the reference for the kernels, and the way of processors that they are slow on |
//! | `decode`, `flac`, `mp3`, `opus` | sound files read back, and these formats written, by the program |
//! | `cli` | the program; `play`, `inspect`, `serve`, `watch`, `podcast`, `page` and `epub` are commands and results of it |
//! | `cluster` | commands by which many machines make reports |
//! | `net`, `feed`, `store` | pages, feeds and the memory of folders, for the program |
//!
//! `play` needs ALSA's headers on Linux; nothing else needs more than a C compiler.
//!
//! # Versions
//!
//! Until 1.0 a change of the interface raises the second number, and anything else the third. Settings, summaries, kinds and events are
//! `#[non_exhaustive]`, so that they can grow. A newer Rust than `rust-version` in `Cargo.toml` raises the second number, too. The same
//! version makes the same samples on the same kind of processor.
//!
//! # Layout
//!
//! | module | what it owns |
//! |---|---|
//! | [`text`], [`audio`], [`cancel`], [`error`] | the words all share: spans, sample rates, what-where-why-cure |
//! | `magic` | what the first bytes of a file say it is |
//! | `alphabet` | letters without their accents |
//! | `abbreviations` | the table of abbreviations |
//! | `tsv` | the data files that are compiled in |
//! | `calendar` | days of the calendar, and the time of now |
//! | `hash` | keys made of several fields |
//! | `files` | written beside, synced, renamed: results that are whole or not there |
//! | [`voice`] | manifests, and voices installed on this machine |
//! | `net` | pages and pictures from the web, by one fetcher with a guard |
//! | `feed` | RSS, Atom, JSON Feed → entries |
//! | [`article`] | a page or file (plain text, HTML, Markdown, mail, Word, agencies' formats) → title and blocks, and what was left out |
//! | `segment` | sentences, and the pauses after them |
//! | `normalize` | written → spoken |
//! | [`lexicon`] | acronyms and names |
//! | `phonemize` | spoken → phonemes |
//! | `script` | sentences and phonemes → the chunks that the voice speaks |
//! | [`synth`] | the voices: trait [`Synthesizer`](synth::Synthesizer) |
//! | `store` | what is kept between runs: chunks that were spoken before |
//! | `stream` | workers that all reports share, order, cancellation |
//! | `master` | one programme out of many utterances: trimmed, joined, at one gain, mixed with music, limited, at any rate |
//! | `timeline` | every word and its time, and captions and chapters from these |
//! | [`output`] | WAV, FLAC, MP3 and Opus files, the page beside them, and the loudspeaker |
//! | [`report`] | wires all of these for one article |
//! | [`batch`] | many articles at once |
//! | `podcast` | podcast feeds: written, drawn a cover for, checked by the rules of their readers |
//! | `watch` | folders that are watched, and the hours of work |
//! | `order` | a report that is asked for, and who makes it |
//! | `serve` | a server that other programs have text spoken by |
//! | `cluster` | many machines that make reports: a queue, results, workers (feature `cluster`) |
//! | `cli` | the command line |
//!
//! `tests/architecture.rs` checks which module may use which.

#![forbid(unsafe_code)]
#![warn(clippy::mod_module_files, unreachable_pub)]
#![cfg_attr(
    not(all(
        feature = "cli",
        feature = "epub",
        feature = "flac",
        feature = "mp3",
        feature = "opus",
        feature = "page",
        feature = "play",
        feature = "podcast",
        feature = "registry-sources",
        feature = "runtime",
        feature = "serve"
    )),
    allow(dead_code, unused_imports, reason = "what only some features use is looked for with all of them")
)]

mod abbreviations;
mod alphabet;
pub mod article;
pub mod audio;
pub mod batch;
mod calendar;
pub mod cancel;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cluster")]
mod cluster;
pub mod error;
#[cfg(feature = "feed")]
mod feed;
mod files;
#[cfg(all(
    any(test, fuzzing),
    feature = "epub",
    feature = "flac",
    feature = "inspect",
    feature = "mp3",
    feature = "opus",
    feature = "podcast",
    feature = "registry-sources",
    feature = "serve",
    feature = "watch"
))]
#[doc(hidden)]
pub mod fuzzing;
mod hash;
#[doc(hidden)]
pub mod internals;
pub mod lexicon;
mod magic;
mod master;
#[cfg(feature = "net")]
mod net;
mod normalize;
#[cfg(feature = "serve")]
mod order;
pub mod output;
mod phonemize;
#[cfg(feature = "podcast")]
mod podcast;
pub mod report;
mod script;
mod segment;
#[cfg(feature = "serve")]
mod serve;
mod store;
mod stream;
pub mod synth;
#[cfg(test)]
mod table_test;
pub mod text;
mod timeline;
mod tsv;
pub mod voice;
#[cfg(feature = "watch")]
mod watch;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::run;
