//! The words of a leaf, counted by sort.

use super::features::flag;

/// Bytes of a longer text that are looked at.
const LOOKED_AT: usize = 1500;
/// Words that join others: running text is full of them, labels are not.
const JOINING: [&str; 44] = [
    "a", "after", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has",
    "have", "he", "her", "his", "in", "is", "it", "its", "not", "of", "on", "or", "said", "she", "that",
    "the", "their", "they", "this", "to", "was", "were", "which", "who", "will", "with", "would", "than",
    "there",
];
/// Words by which a page speaks to its reader.
const ADDRESSING: [&str; 8] = ["you", "your", "we", "our", "us", "i", "my", "me"];
/// Words of buttons, prompts, credits and labels.
const LABELLING: [&str; 48] = [
    "subscribe",
    "newsletter",
    "newsletters",
    "sign",
    "click",
    "share",
    "follow",
    "read",
    "more",
    "advertisement",
    "copyright",
    "rights",
    "reserved",
    "photo",
    "photograph",
    "image",
    "getty",
    "reuters",
    "ap",
    "comments",
    "comment",
    "email",
    "e-mail",
    "related",
    "cookies",
    "cookie",
    "login",
    "log",
    "register",
    "join",
    "updated",
    "published",
    "min",
    "facebook",
    "twitter",
    "whatsapp",
    "download",
    "app",
    "privacy",
    "terms",
    "policy",
    "tags",
    "topics",
    "watch",
    "video",
    "story",
    "stories",
    "editor",
];

/// Counts of a text.
#[derive(Default)]
pub(super) struct Wording {
    pub(super) words: f32,
    pub(super) letters: f32,
    pub(super) commas: f32,
    pub(super) digits: f32,
    pub(super) capitalised: f32,
    pub(super) joining: f32,
    pub(super) addressing: f32,
    pub(super) labelling: f32,
}

/// Counts the words of a text.
pub(super) fn wording(text: &str) -> Wording {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let mut counts = Wording::default();
    for word in text.split_whitespace() {
        counts.words += 1.0;
        counts.commas += flag(word.ends_with(','));
        counts.capitalised += flag(word.starts_with(char::is_uppercase));
        counts.letters += word.chars().count() as f32;
        counts.digits += word.chars().filter(char::is_ascii_digit).count() as f32;
        let folded = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let is_in = |words: &[&str]| flag(words.contains(&folded.as_str()));
        counts.joining += is_in(&JOINING);
        counts.addressing += is_in(&ADDRESSING);
        counts.labelling += is_in(&LABELLING);
    }
    counts.words = counts.words.max(1.0);
    counts
}
