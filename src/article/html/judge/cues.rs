//! What a leaf's words are about where they are none of the story: letters to subscribe to, the house, the writer, other stories, goods,
//! pictures. Each kind is a number of its own, so that the trees can weigh it by the leaf's place.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::features::flag;

/// Bytes of a longer text that are looked at.
const LOOKED_AT: usize = 1500;
/// Words of the longest label before a colon.
const LABEL: usize = 4;

/// Words by what they are about.
const KINDS: [&[&str]; 7] = [
    // Letters to subscribe to.
    &[
        "newsletter",
        "newsletters",
        "inbox",
        "subscribe",
        "subscriber",
        "subscribers",
        "subscribing",
        "subscription",
        "sign",
        "signup",
        "free",
        "delivered",
        "daily",
        "weekly",
        "morning",
        "join",
        "membership",
        "donate",
        "support",
    ],
    // How to reach the house and its readers.
    &[
        "contact",
        "reach",
        "email",
        "e-mail",
        "follow",
        "twitter",
        "facebook",
        "instagram",
        "linkedin",
        "whatsapp",
        "telegram",
        "youtube",
        "tips",
        "tip",
        "submit",
        "letters",
        "tweet",
        "comment",
        "comments",
        "app",
        "share",
        "forum",
        "forums",
        "phone",
        "tel",
    ],
    // Who wrote it.
    &[
        "author",
        "writer",
        "reporter",
        "editor",
        "founder",
        "co-founder",
        "correspondent",
        "columnist",
        "journalist",
        "professor",
        "covers",
        "contributor",
        "contributed",
        "lives",
        "based",
        "book",
        "blog",
        "host",
        "fellow",
        "freelance",
        "staff",
        "publisher",
        "wrote",
    ],
    // What the law asks for.
    &[
        "copyright",
        "©",
        "rights",
        "reserved",
        "permission",
        "reproduced",
        "terms",
        "policy",
        "privacy",
        "commission",
        "affiliate",
        "disclaimer",
        "views",
        "opinions",
        "reflect",
        "responsible",
        "moderated",
        "moderator",
        "redistributed",
        "cookies",
        "agreement",
    ],
    // Where to go on.
    &[
        "read",
        "see",
        "watch",
        "related",
        "more",
        "also",
        "here",
        "click",
        "miss",
        "check",
        "visit",
        "learn",
        "article",
        "articles",
        "story",
        "stories",
        "podcast",
        "listen",
        "download",
        "below",
        "next",
        "latest",
        "recommended",
        "popular",
        "trending",
    ],
    // Goods.
    &[
        "buy",
        "shop",
        "price",
        "prices",
        "pricing",
        "deal",
        "deals",
        "sale",
        "available",
        "amazon",
        "purchase",
        "product",
        "products",
        "store",
        "order",
        "shipping",
        "discount",
        "offer",
        "off",
    ],
    // Pictures.
    &[
        "photo",
        "photos",
        "photograph",
        "image",
        "images",
        "credit",
        "courtesy",
        "getty",
        "reuters",
        "ap",
        "afp",
        "shutterstock",
        "source",
        "picture",
        "pictured",
        "pictures",
        "video",
        "via",
        "flickr",
        "illustration",
        "file",
        "gallery",
        "slideshow",
    ],
];

/// Kinds, as bits, whose words a prompt begins with, and those of a credit or a notice.
const PROMPTS: u8 = 0b001_0011;
const CREDITS: u8 = 0b100_1000;

/// Numbers of a text.
pub(super) const CUES: usize = KINDS.len() + 12;

/// The kind of each word, as bits.
static KNOWN: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for (kind, words) in KINDS.iter().enumerate() {
        for word in *words {
            *known.entry(*word).or_insert(0) |= 1 << kind;
        }
    }
    known
});

/// Says how much of a text is of each kind, and what its form tells.
pub(super) fn cues(text: &str) -> [f32; CUES] {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let mut counts = [0.0_f32; KINDS.len()];
    let (mut words, mut first, mut has_label, mut has_address, mut parts) = (0.0_f32, 0, false, false, 0.0);
    for (number, word) in text.split_whitespace().enumerate() {
        words += 1.0;
        let folded = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '©').to_lowercase();
        let kinds = KNOWN.get(folded.as_str()).copied().unwrap_or(0);
        for (kind, count) in counts.iter_mut().enumerate() {
            *count += f32::from((kinds >> kind) & 1);
        }
        if number == 0 {
            first = kinds;
        }
        has_label |= number < LABEL && word.ends_with(':');
        has_address |= word.contains('@') || word.contains("://") || word.contains("www.");
        parts += flag(matches!(word, "|" | "·" | "•" | "/" | "»" | "—" | "-" | "–"));
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count() as f32;
    let capitals = text.chars().filter(|c| c.is_uppercase()).count() as f32;
    let begin = text.chars().next().unwrap_or(' ');
    let sentences = text.matches(['.', '!', '?']).count() as f32;
    let form = [
        counts.iter().sum::<f32>() / words.max(1.0),
        counts.iter().filter(|count| **count > 0.0).count() as f32,
        flag(first & PROMPTS != 0),
        flag(first & CREDITS != 0),
        flag(has_label),
        flag(has_address),
        parts,
        capitals / letters.max(1.0),
        flag(!begin.is_alphanumeric() && !matches!(begin, '“' | '"' | '‘' | '\'')),
        flag(text.ends_with('…') || text.ends_with("...")),
        flag(matches!(begin, '(' | '[')) + flag(text.ends_with([')', ']'])),
        sentences,
    ];
    let mut row = [0.0; CUES];
    for (place, count) in row.iter_mut().zip(counts) {
        *place = count;
    }
    row[KINDS.len()..].copy_from_slice(&form);
    row
}
