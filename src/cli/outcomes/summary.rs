//! The summary of a result, for people and as JSON.

use serde::Serialize;
use serde_json::json;

use super::Done;
use crate::article::Repairs;
use crate::article::confidence::{is_doubtful, percent};
use crate::cli::clock::Times;
use crate::cli::input::Input;
use crate::cli::ledger::{Held, SameStory};
use crate::cli::production::Produced;
use crate::cli::targets::{Assignment, Target};
use crate::cli::terminal::{clock, count};
use crate::error::{printable, shorten};
use crate::report::{Guess, Summary};

/// Guessed words that a summary lists before it says how many more there are.
const GUESSES_SHOWN: usize = 12;
/// The same of spelled words.
const WORDS_SHOWN: usize = 8;
/// Characters of a sentence that is shown beside a guess.
pub(super) const SENTENCE_SHOWN: usize = 70;

/// The summary of a result as JSON.
pub(super) fn summary_json(
    input: &Input,
    output: &Target,
    done: &Done,
    same: Option<&SameStory>,
) -> serde_json::Result<serde_json::Value> {
    #[derive(Serialize)]
    struct Timed<'a> {
        #[serde(flatten)]
        summary: &'a Summary,
        #[serde(flatten)]
        times: Times,
    }
    let mut object = serde_json::to_value(Timed { summary: &done.summary, times: done.times })?;
    if let Some(Produced { mastered, captions, held, unmatched }) = &done.produced {
        if !unmatched.is_empty() {
            object["override_unmatched"] = json!(unmatched);
        }
        if held.is_some() {
            object["held"] = serde_json::to_value(held)?;
        }
        object["loudness"] = serde_json::to_value(mastered)?;
        if !captions.is_empty() {
            object["captions"] = serde_json::to_value(captions)?;
        }
    }
    if let Some(same) = same {
        object["same_story"] = serde_json::to_value(same)?;
    }
    object["input"] = json!(input.typed());
    object["output"] = json!(output.typed());
    Ok(object)
}

/// The faults of an input that were set right, on a line.
fn repairs_text(repairs: Repairs) -> String {
    let mut parts = Vec::new();
    if repairs.bad_bytes > 0 {
        parts.push(count(repairs.bad_bytes, "bad byte"));
    }
    if repairs.mojibake > 0 {
        parts.push(format!("{} read in a wrong encoding", count(repairs.mojibake, "character")));
    }
    if parts.is_empty() { String::new() } else { format!("  set right: {}\n", parts.join(", ")) }
}

/// The doubt about a story, on a line.
fn doubt_text(input: &Input, confidence: Option<f64>) -> String {
    confidence.filter(|_| is_doubtful(confidence)).map_or_else(String::new, |confidence| {
        format!(
            "  doubtful: {} sure that this is the story; to look at it: audio-report explain --stage article {}\n",
            percent(confidence),
            input.quoted()
        )
    })
}

/// The words that were guessed, a line each, most frequent first.
fn guesses_text(guesses: &[Guess]) -> String {
    let mut text = String::new();
    for guess in guesses.iter().take(GUESSES_SHOWN) {
        let times = if guess.times > 1 { format!(", {} times", guess.times) } else { String::new() };
        let sentence = shorten(&guess.sentence, SENTENCE_SHOWN);
        text.push_str(&format!("    {} /{}/{times}: {sentence}\n", guess.word, guess.ipa));
    }
    let more = guesses.len().saturating_sub(GUESSES_SHOWN);
    if more > 0 {
        text.push_str(&format!("    and {more} more (--json lists them)\n"));
    }
    if text.is_empty() { text } else { format!("  guessed:\n{text}") }
}

/// The summary of a result.
pub(super) fn summary_text(assignment: &Assignment, done: &Done) -> String {
    let Done { summary, times, produced } = done;
    let mut text = format!(
        "{}: {} of sound in {:.1} s (real-time factor {:.3}), first sound after {:.2} s\n",
        assignment.output.name(),
        clock(summary.audio_seconds),
        times.wall_seconds,
        times.real_time_factor,
        times.first_audio_seconds
    );
    if let Some(Produced { mastered, captions, held, unmatched }) = produced {
        for what in unmatched {
            text.push_str(&format!("  override: {}\n", printable(what)));
        }
        if let Some(Held { number, reasons, sound }) = held {
            let (reasons, sound) = (printable(&reasons.join("; ")), printable(&sound.to_string_lossy()));
            text.push_str(&format!(
                "  held ({number}): {reasons}\n  to hear it: audio-report play {sound}\n"
            ));
        }
        text.push_str(&format!("  loudness: {}\n", mastered.text()));
        for file in captions {
            text.push_str(&format!("  {}\n", file.text()));
        }
    }
    if summary.removed > 0 {
        text.push_str(&format!(
            "  left out: {} (audio-report explain shows which)\n",
            count(summary.removed, "piece")
        ));
    }
    if let (Some(_), Some(source)) = (&summary.origin.address, &summary.origin.source) {
        text.push_str(&format!("  source: {source}\n"));
    }
    text.push_str(&doubt_text(&assignment.input, summary.confidence));
    text.push_str(&repairs_text(summary.repairs));
    text.push_str(&guesses_text(&summary.guessed_words));
    if !summary.spelled_words.is_empty() {
        let shown: Vec<&str> = summary.spelled_words.iter().take(WORDS_SHOWN).map(String::as_str).collect();
        let more = summary.spelled_words.len().saturating_sub(WORDS_SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!("  spelled: {}{more}\n", shown.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_lists_some_guesses_and_says_how_many_more_there_are() {
        let guesses = |count: usize| {
            let mut guesses = crate::report::Guesses::at_most(count);
            for number in 0..count {
                guesses.add(&format!("Blorv{number}"), "blˈɔɹv", || "Blorv met Zorvinel.");
            }
            guesses_text(&guesses.take_sorted())
        };
        assert_eq!(guesses(0), "");
        assert_eq!(guesses(GUESSES_SHOWN).lines().count(), 1 + GUESSES_SHOWN);
        let many = guesses(GUESSES_SHOWN + 3);
        assert_eq!(many.lines().count(), 2 + GUESSES_SHOWN);
        assert!(many.ends_with("    and 3 more (--json lists them)\n"), "{many}");
    }
}
