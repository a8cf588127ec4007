//! # audio-report: written by reporters, read by AI
pub mod article;
pub mod audio;
pub mod cli;
pub mod error;
pub mod lexicon;
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
