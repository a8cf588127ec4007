//! Reads many articles with one voice and its workers, each into a sink of its own: `cargo run --example many_articles`.

#![forbid(unsafe_code)]

use std::sync::Arc;

use audio_report::article::Article;
use audio_report::audio::{Discard, Speed};
use audio_report::batch::{Event, Item, narrate_all};
use audio_report::cancel::Cancel;
use audio_report::error::Result;
use audio_report::report::Narrator;
use audio_report::synth::Flow;

fn main() -> Result<()> {
    let narrator = Narrator::tone_builder().build()?;
    let articles = ["Ships came back on Monday.", "Fares stay as they are."].map(|text| {
        move || {
            let article = Arc::new(Article::from_text(text.to_string()));
            Ok(Item { article, open: Box::new(|_| Ok(Box::new(Discard))) })
        }
    });
    let mut failure = None;
    narrate_all(&narrator, articles.into_iter(), Speed::NORMAL, &Cancel::new(), &mut |event| {
        if let Event::Ended(_, Err(error)) = event {
            failure = Some(error);
        }
        Flow::Continue
    })?;
    failure.map_or(Ok(()), Err)
}
