//! Categories, languages and media types that the rules know.

/// Apple's categories with their parts, in its own spelling: <https://podcasters.apple.com/support/1691-apple-podcasts-categories>.
pub(super) const CATEGORIES: [(&str, &[&str]); 19] = [
    ("Arts", &["Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"]),
    ("Business", &["Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"]),
    ("Comedy", &["Comedy Interviews", "Improv", "Stand-Up"]),
    ("Education", &["Courses", "How To", "Language Learning", "Self-Improvement"]),
    ("Fiction", &["Comedy Fiction", "Drama", "Science Fiction"]),
    ("Government", &[]),
    (
        "Health & Fitness",
        &["Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"],
    ),
    ("History", &[]),
    ("Kids & Family", &["Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"]),
    (
        "Leisure",
        &[
            "Animation & Manga",
            "Automotive",
            "Aviation",
            "Crafts",
            "Games",
            "Hobbies",
            "Home & Garden",
            "Video Games",
        ],
    ),
    ("Music", &["Music Commentary", "Music History", "Music Interviews"]),
    (
        "News",
        &[
            "Business News",
            "Daily News",
            "Entertainment News",
            "News Commentary",
            "Politics",
            "Sports News",
            "Tech News",
        ],
    ),
    (
        "Religion & Spirituality",
        &["Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"],
    ),
    (
        "Science",
        &[
            "Astronomy",
            "Chemistry",
            "Earth Sciences",
            "Life Sciences",
            "Mathematics",
            "Natural Sciences",
            "Nature",
            "Physics",
            "Social Sciences",
        ],
    ),
    (
        "Society & Culture",
        &["Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"],
    ),
    (
        "Sports",
        &[
            "Baseball",
            "Basketball",
            "Cricket",
            "Fantasy Sports",
            "Football",
            "Golf",
            "Hockey",
            "Rugby",
            "Running",
            "Soccer",
            "Swimming",
            "Tennis",
            "Volleyball",
            "Wilderness",
            "Wrestling",
        ],
    ),
    ("Technology", &[]),
    ("True Crime", &[]),
    ("TV & Film", &["After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"]),
];

/// ISO 639-1: the languages with two letters.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz \
    ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv \
    ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn \
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te \
    tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// The sound and film that Apple plays, with the endings of their files.
pub(super) const PLAYED: [(&str, &[&str]); 6] = [
    ("audio/mpeg", &["mp3"]),
    ("audio/x-m4a", &["m4a"]),
    ("video/quicktime", &["mov"]),
    ("video/mp4", &["mp4"]),
    ("video/x-m4v", &["m4v"]),
    ("application/pdf", &["pdf"]),
];

/// Types of transcripts: <https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/transcript.md>.
pub(super) const TRANSCRIPTS: [&str; 8] = [
    "text/plain",
    "text/html",
    "text/vtt",
    "application/json",
    "application/x-subrip",
    "application/srt",
    "text/srt",
    "application/vtt",
];

/// Media of `podcast:medium`; each but `mixed` has a list beside it: `musicL`.
const MEDIA: [&str; 12] = [
    "podcast",
    "music",
    "video",
    "film",
    "audiobook",
    "newsletter",
    "blog",
    "publisher",
    "course",
    "mixed",
    "book",
    "radio",
];

/// Whether Apple knows a category, or a part of one.
pub(super) fn is_category(name: &str, part: Option<&str>) -> bool {
    CATEGORIES.iter().any(|(known, parts)| *known == name && part.is_none_or(|part| parts.contains(&part)))
}

/// Whether a tag names a language: two letters of ISO 639-1, or three letters, with subtags in the form of BCP 47.
pub(super) fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_known = match language.len() {
        2 => LANGUAGES.split_ascii_whitespace().any(|known| known == language),
        3 => language.bytes().all(|byte| byte.is_ascii_lowercase()),
        _ => false,
    };
    let is_subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_known && parts.all(is_subtag) && !tag.ends_with('-')
}

/// Whether a word is a medium.
pub(super) fn is_medium(word: &str) -> bool {
    MEDIA.contains(&word) || word.strip_suffix('L').is_some_and(|word| MEDIA.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn names_are_known_in_their_spelling() {
        let rows = [
            (is_category("News", Some("Daily News")), true),
            (is_category("News", None), true),
            (is_category("news", None), false),
            (is_category("News", Some("Books")), false),
            (is_category("News & Politics", None), false),
            (is_category("TV & Film", Some("Film Reviews")), true),
            (is_language("en"), true),
            (is_language("en-us"), true),
            (is_language("EN-GB"), true),
            (is_language("zh-Hant-TW"), true),
            (is_language("haw"), true),
            (is_language("english"), false),
            (is_language("xx"), false),
            (is_language("en_US"), false),
            (is_language("en-"), false),
            (is_language(""), false),
            (is_medium("newsletter"), true),
            (is_medium("musicL"), true),
            (is_medium("Podcast"), false),
        ];
        each(rows.into_iter().enumerate(), |(row, (is, want))| assert_eq!(is, want, "{row}"));
    }
}
