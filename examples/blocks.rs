//! Takes a report block by block while it is made, like a server or a player: `cargo run --example blocks`.

#![forbid(unsafe_code)]

use std::time::Duration;

use audio_report::article::Article;
use audio_report::error::Result;
use audio_report::report::{Block, Narrator};

fn main() -> Result<()> {
    let article =
        Article::from_text("Port reopens\n\nThe port reopened on Nov. 18. Ships came back.".to_string());
    let narrator = Narrator::tone_builder().build()?;
    let (mut sentences, mut samples) = (0, 0);
    for block in narrator.read(article).blocks(Duration::from_secs(2)) {
        match block? {
            Block::Sentence(_) => sentences += 1,
            Block::Samples(block) => samples += block.len(),
            // A short sentence begins with its neighbour.
            Block::End(summary) => assert!((1..=summary.sentences.len()).contains(&sentences)),
            _ => {}
        }
    }
    assert!(samples > 0, "a report has sound");
    Ok(())
}
