//! Reads a text into a WAV file with the stand-in voice: `cargo run --no-default-features --example to_wav -- report.wav`.

#![forbid(unsafe_code)]

use audio_report::article::Article;
use audio_report::error::Result;
use audio_report::report::Narrator;

fn main() -> Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "report.wav".to_string());
    let article = Article::from_text("Port reopens\n\nShips came back on Nov. 18.".to_string());
    Narrator::tone_builder().build()?.read(article).to_wav(path.as_ref())?;
    Ok(())
}
