//! Credits of pictures, and the captions around them, on copied pages.

use super::byline::{is_name, is_row_of_names};
use super::phrases::RULES;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape, ends_with_stop, rough_sentences};

/// Words of the longest caption.
const LONGEST: usize = 60;
/// Words of the longest credit.
const LONGEST_CREDIT: usize = 12;
/// Words of the longest caption that no sign of its own shows.
const LONGEST_PLAIN: usize = 30;
/// Words that name a picture over or in its credit.
const LABELS: [&str; 18] = [
    "photo",
    "photos",
    "photograph",
    "photographs",
    "picture",
    "pictures",
    "pic",
    "pics",
    "image",
    "images",
    "illustration",
    "illustrations",
    "credit",
    "cartoon",
    "graphic",
    "video",
    "still",
    "artwork",
];
/// First words of a caption of a drawing.
const FIGURES: [&str; 8] = [
    "chart:",
    "graphic:",
    "map:",
    "diagram:",
    "illustration:",
    "drawing:",
    "infographic:",
    "illustration of",
];
/// What an editor's form or a copied page puts in brackets where a picture stands.
const SHOWN: [&str; 9] =
    ["image", "photo", "picture", "video", "audio", "embed", "graphic", "map", "gallery"];
/// Words that say where in a picture somebody is, behind a name.
const PLACES: [&str; 6] = [", left,", ", right,", ", centre,", ", center,", " (left)", " (right)"];

/// Marks credits, and the captions that they belong to.
pub(super) fn mark(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], first_prose: usize) {
    for number in 0..shapes.len() {
        let shape = &shapes[number];
        let is_caption = || has_credit(shape) || is_figure(shape) || tells_place(shape) || is_credit(shape);
        if reasons[number].is_none() && is_caption() {
            reasons[number] = Some(Reason::Caption);
        }
        if reasons[number] != Some(Reason::Caption) {
            continue;
        }
        // The same credit over and under a line.
        if is_credit(shape)
            && shapes.get(number + 2).is_some_and(|other| other.folded == shape.folded)
            && shapes[number + 1].words <= LONGEST_PLAIN
        {
            reasons[number + 1].get_or_insert(Reason::Caption);
        }
        let is_alone = is_credit(shape) || (shape.words <= 4 && !shape.stopped);
        let is_head = number <= first_prose;
        let mut below = number;
        // The picture's description for those who do not see it may stand over its caption.
        for above in (number.saturating_sub(2)..number).rev() {
            let is_shown =
                is_head || above.checked_sub(1).is_some_and(|label| is_picture_label(&shapes[label]));
            let may_be = reasons[above].is_none() && is_plain(&shapes[above], is_shown);
            let is_described = below != number || !is_alone;
            let is_taken = if is_described {
                let is_far = above + 1 < number;
                let may_be_title = !shapes[above].stopped
                    && is_over_names(reasons, above)
                    && !is_under_title(shapes, reasons, above);
                (is_description(&shapes[above], is_head, is_far) && !may_be_title)
                    || is_scene(&shapes[above], is_head)
            } else {
                is_shown
                    || !shapes[above].stopped
                    || ((is_pair(shape.text)
                        || names_photographer(shape.text)
                        || begins_with_courtesy(shape))
                        && !may_follow(shapes, reasons, number))
            };
            if !may_be || !is_taken {
                break;
            }
            reasons[above] = Some(Reason::Caption);
            below = above;
        }
        if let Some(label) = below.checked_sub(1)
            && reasons[label].is_none()
            && is_picture_label(&shapes[label])
        {
            reasons[label] = Some(Reason::Caption);
        }
    }
}

/// Whether what stands under a credit may be its caption, or what stands over it is too long for one.
fn may_follow(shapes: &[Shape<'_>], reasons: &[Option<Reason>], credit: usize) -> bool {
    const LONGEST_OVER: usize = 22;
    let is_free = reasons.get(credit + 1).is_none_or(Option::is_none);
    (is_free && shapes.get(credit + 1).is_none_or(|shape| is_plain(shape, false)))
        || shapes[credit - 1].words > LONGEST_OVER
}

/// `Image`, `View image in fullscreen`: a label over a caption.
fn is_picture_label(shape: &Shape<'_>) -> bool {
    let first = shape.folded.split(' ').next().unwrap_or_default();
    let names_picture = LABELS.contains(&first) || shape.folded.starts_with("view image");
    names_picture && shape.words <= 4 && !shape.stopped
}

/// Could be a caption: one or two sentences that quote nobody.
fn is_plain(shape: &Shape<'_>, is_head: bool) -> bool {
    let most = if is_head { 2 } else { 1 };
    (4..=LONGEST_PLAIN).contains(&shape.words)
        && shape.mark == Mark::None
        && rough_sentences(shape.text) <= most
        && !shape.text.contains(['“', '"', '«', '?', ':'])
}

/// `A man bends over the water`, `Two women in a yard`
pub(super) fn is_indefinite(shape: &Shape<'_>) -> bool {
    let first = shape.folded.split(' ').next().unwrap_or_default();
    matches!(first, "a" | "an" | "two" | "three" | "four" | "several" | "people")
}

/// `A girl in a raincoat sits behind a chessboard.`: one sentence on what a picture shows now.
fn is_scene(shape: &Shape<'_>, is_head: bool) -> bool {
    const LONGEST_SCENE: usize = 22;
    const SHOWN_NOW: [&str; 20] = [
        "stands", "sits", "holds", "walks", "looks", "wears", "hangs", "lies", "leans", "rides", "plays",
        "runs", "stand", "sit", "hold", "walk", "look", "wear", "smiles", "poses",
    ];
    let words: Vec<&str> =
        shape.folded.split(' ').map(|word| word.trim_end_matches(|c: char| !c.is_alphanumeric())).collect();
    let is_now = words.iter().any(|word| SHOWN_NOW.contains(word));
    let is_past = |pair: &[&str]| {
        // `a paneled elevator`
        let is_quality = matches!(pair[0], "a" | "an" | "the" | "of" | "in" | "with" | "is" | "are");
        matches!(pair[1], "was" | "were" | "had" | "said" | "has" | "will" | "who")
            || (pair[1].ends_with("ed") && !is_quality && !is_now)
    };
    (is_indefinite(shape) || (is_head && is_now))
        && shape.words <= LONGEST_SCENE
        && rough_sentences(shape.text) <= 1
        && !shape.text.contains(['“', '"', '«', '?', ':'])
        && !words.windows(2).any(is_past)
}

/// Whether a line that may be the headline stands a little above another.
fn is_under_title(shapes: &[Shape<'_>], reasons: &[Option<Reason>], line: usize) -> bool {
    const FAR: usize = 8;
    const SHORTEST_TITLE: usize = 5;
    (line.saturating_sub(FAR)..line).any(|above| {
        let shape = &shapes[above];
        reasons[above].is_none() && !shape.stopped && shape.words >= SHORTEST_TITLE
    })
}

/// Whether names and times stand a little below a line: it may be the headline.
fn is_over_names(reasons: &[Option<Reason>], line: usize) -> bool {
    const FAR: usize = 6;
    let is_signed = |reason: &Option<Reason>| matches!(reason, Some(Reason::Byline | Reason::Timestamp));
    reasons[line..reasons.len().min(line + FAR)].iter().any(is_signed)
}

/// What a picture's own caption stands under, for those who do not see it.
fn is_description(shape: &Shape<'_>, is_head: bool, is_far: bool) -> bool {
    (is_indefinite(shape) && is_head) || (!shape.stopped && shape.words >= 6 && !is_far)
}

/// `Photo: Jane Roe`, `Jane Roe/The Daily`, `Pictures by Jane Roe`, `JANE ROE FOR THE DAILY`: a line that is a credit alone.
pub(super) fn is_credit(shape: &Shape<'_>) -> bool {
    if shape.stopped || shape.words > LONGEST_CREDIT || shape.mark != Mark::None {
        return false;
    }
    let is_shouted = !shape.text.contains(char::is_lowercase) && shape.words >= 4;
    label_at(shape.text) == Some(0)
        || begins_with_courtesy(shape)
        || is_row_of_houses(shape.text)
        || is_pair(shape.text)
        || is_for_house(shape.text)
        || names_photographer(shape.text)
        || (is_shouted
            && [" for ", " via ", "courtesy"].iter().any(|word| shape.folded.contains(word))
            && shape.text.contains(['"', '“', '/', '(']))
}

/// A caption with its credit behind the sentence.
fn has_credit(shape: &Shape<'_>) -> bool {
    if shape.words > LONGEST || shape.mark == Mark::Heading {
        return false;
    }
    ends_with_credit(shape) && rough_sentences(shape.text) <= 5
}

fn ends_with_credit(shape: &Shape<'_>) -> bool {
    if is_source_in_brackets(shape.text) {
        return true;
    }
    // `… on Monday. | Jane Roe/The Daily`
    if let Some((caption, owner)) = shape.text.rsplit_once(" | ")
        && ends_with_stop(caption)
        && is_pair(owner)
    {
        return true;
    }
    let text = shape.text.trim_end_matches([')', ']']);
    // `The dock in MayCredit: Jane Roe`
    let is_glued = |(caption, owner): (&str, &str)| {
        caption.ends_with(|c: char| c.is_lowercase() || matches!(c, '.' | '”' | '"'))
            && (1..=LONGEST_CREDIT).contains(&owner.split_whitespace().count())
            && caption.contains(' ')
    };
    if shape.text.rsplit_once("Credit: ").is_some_and(is_glued) {
        return true;
    }
    // `The dock in May © Jane Roe`
    if !text.is_ascii()
        && let Some((caption, owner)) = text.rsplit_once('©')
    {
        let owner = owner.split_whitespace().count();
        return caption.split_whitespace().count() >= 3 && (1..=6).contains(&owner);
    }
    if let Some(at) = label_at(text) {
        let credit = &text[at..];
        let is_behind = at == 0
            || ends_with_stop(text[..at].trim_end_matches([' ', '(', '[']))
            || credit.starts_with("Credit");
        return is_behind && at > 0 && credit.split_whitespace().count() <= LONGEST_CREDIT;
    }
    // `… on Monday. Courtesy of Jane Roe`
    if let Some((caption, owner)) = text.rsplit_once("Courtesy ") {
        let is_owner = (1..=8).contains(&owner.split_whitespace().count()) && !ends_with_stop(owner);
        return is_owner && ends_with_stop(caption.trim_end_matches([' ', '(', '[']));
    }
    // `… on Monday. Jane Roe / The Daily`
    let Some(stop) = [". ", "! ", "? "].iter().filter_map(|stop| text.rfind(stop)).max() else {
        return false;
    };
    let tail = text[stop + 1..].trim_start_matches([' ', '(', '[']);
    !ends_with_stop(shape.text) && (is_pair(tail) || is_granted(tail))
}

/// `Permission granted by Roe Lamps`, `Retrieved from Roe Lamps`: who let a picture be shown.
fn is_granted(tail: &str) -> bool {
    const LONGEST_TAIL: usize = 8;
    let split = |word: &str| tail.split_once(word);
    let Some((how, owner)) = [" by ", " from ", " via "].into_iter().find_map(split) else { return false };
    let mut words = how.split(' ');
    let first = words.next().unwrap_or_default();
    tail.split(' ').count() <= LONGEST_TAIL
        && matches!(first, "Permission" | "Provided" | "Retrieved" | "Supplied" | "Submitted" | "Shared")
        && words.count() <= 2
        && is_row_of_names(owner)
}

/// `… on Monday. (Supplied: Jane Roe)`, `… on Monday. (Submitted by Jane Roe)`, `… on Monday. (Coast Guard via NPA)`
fn is_source_in_brackets(text: &str) -> bool {
    const LONGEST_SOURCE: usize = 7;
    let round = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    let square = || text.strip_suffix(']').and_then(|text| text.rsplit_once('['));
    let Some((caption, source)) = round.or_else(square) else { return false };
    // `The queue in May (Image: The Daily)`, `Logo (NPAphoto/Roe Inc.)`
    let is_labelled =
        label_at(source) == Some(0) || (source.contains('/') && source.to_lowercase().contains("foto"));
    // `Ships wait [Jane Roe/Wire]`
    if (is_labelled || is_pair(source)) && caption.split_whitespace().count() >= 2 {
        return true;
    }
    let parts = [": ", " by ", " via "];
    let names = parts.iter().find_map(|part| source.split_once(part)).map(|(_, names)| names);
    ends_with_stop(caption.trim_end())
        && source.split_whitespace().count() <= LONGEST_SOURCE
        && source.starts_with(char::is_uppercase)
        && !ends_with_stop(source)
        && names.is_some_and(is_row_of_names)
}

/// Where a credit begins: `Photograph: …`, `Photo by …`, `Image/…`.
fn label_at(text: &str) -> Option<usize> {
    let starts = text.rmatch_indices([' ', '(', '[']).map(|(at, _)| at + 1).chain(std::iter::once(0));
    starts.take(LONGEST_CREDIT).find(|&at| {
        let rest = &text[at..];
        let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let word = &rest[..end];
        let is_label = word.starts_with(char::is_uppercase)
            && LABELS.iter().any(|label| word.eq_ignore_ascii_case(label));
        let behind = &rest[end..];
        let after_by = behind.get(..4).is_some_and(|by| by.eq_ignore_ascii_case(" by "))
            && behind[4..].trim_start().starts_with(|c: char| c.is_uppercase() || c == 't');
        is_label
            && (behind.starts_with(':')
                || behind.starts_with("...")
                || behind.starts_with(" courtesy")
                || after_by
                || (at > 0 && word == "Credit"))
    })
}

/// `Courtesy Roe family`, `Courtesy of Jane Roe`
fn begins_with_courtesy(shape: &Shape<'_>) -> bool {
    const LONGEST_OWNER: usize = 7;
    shape.words <= LONGEST_OWNER && (2..).contains(&shape.words) && shape.folded.starts_with("courtesy ")
}

/// `Jane Roe | Wire Photos | Getty Images`: at least three, one of them an agency.
fn is_row_of_houses(text: &str) -> bool {
    if !text.contains(['|', '/']) {
        return false;
    }
    let parts = || text.split(['|', '/']).map(str::trim).filter(|part| !part.is_empty());
    let is_house = |part: &str| part.split_whitespace().count() <= 4 && part.split_whitespace().all(is_name);
    let is_agency = |part: &str| RULES.agencies.contains(part.to_lowercase().as_str());
    parts().count() >= 3 && parts().all(is_house) && parts().any(is_agency)
}

/// `Daily photo by Jane Roe`
fn names_photographer(text: &str) -> bool {
    if !text.contains("hoto") {
        return false;
    }
    let split = |by: &str| text.split_once(by).map(|(_, name)| name);
    let name = ["photo by ", "photos by ", "Photo by ", "Photos by "].into_iter().find_map(split);
    name.is_some_and(|name| (2..=4).contains(&name.split_whitespace().count()) && is_row_of_names(name))
}

/// `Jane Roe for The Daily`, `Jane Roe for NPA`; a house may be for sale.
fn is_for_house(text: &str) -> bool {
    let Some((name, house)) = text.split_once(" for ") else { return false };
    let words = |part: &str| part.split_whitespace().count();
    let is_letters = house.len() > 1 && house.chars().all(char::is_uppercase);
    let is_titled = house.strip_prefix("The ").is_some_and(|rest| rest.split_whitespace().all(is_name));
    (2..=3).contains(&words(name))
        && words(house) <= 5
        && name.split_whitespace().all(is_name)
        && (is_letters || is_titled)
}

/// `Jane Roe/The Daily`, `Jane Roe | The Daily`, `J. ROE/UNIV. OF LINDAU`
fn is_pair(text: &str) -> bool {
    let Some((name, house)) = text.split_once(['/', '|']) else { return false };
    let words = |part: &str| part.split_whitespace().count();
    let is_row = |part: &str| {
        part.split_whitespace().all(|word| {
            is_name(word.trim_start_matches('('))
                || matches!(
                    word.to_lowercase().as_str(),
                    "of" | "the" | "and" | "for" | "staff" | "via" | "illustration"
                )
        })
    };
    let has_agency = || {
        house
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| RULES.agencies.contains(word.to_lowercase().as_str()))
    };
    !house.contains('|')
        && !text.contains(|c: char| c.is_ascii_digit())
        && (1..=5).contains(&words(house))
        && ((2..=3).contains(&words(name)) || (words(name) == 1 && has_agency()))
        && is_row(name)
        && is_row(house)
}

/// `Fig. 1. The pass`, `Chart: share of …`, `[Image 1 of 2: …]`
fn is_figure(shape: &Shape<'_>) -> bool {
    if shape.words > LONGEST {
        return false;
    }
    let is_bracketed = shape.text.starts_with('[') && shape.text.ends_with(']');
    let folded = shape.folded.trim_start_matches(['[', '(']);
    if is_bracketed && SHOWN.iter().any(|shown| folded.starts_with(shown)) {
        return true;
    }
    let mut words = folded.split(' ');
    let first = words.next().unwrap_or_default();
    let number = words.next().unwrap_or_default().trim_end_matches(['.', ':', ')', ',']);
    let is_numbered = (matches!(first, "fig." | "fig" | "figure" | "plate")
        || (first == "item" && words.next() == Some("of")))
        && number.len() <= 3
        && number.starts_with(|c: char| c.is_ascii_digit());
    (is_numbered || FIGURES.iter().any(|figure| folded.starts_with(figure)))
        && rough_sentences(shape.text) <= 8
}

/// `Jane Roe, right, on the pier`, `Pictured: …`
fn tells_place(shape: &Shape<'_>) -> bool {
    if shape.words > LONGEST_PLAIN || shape.mark != Mark::None {
        return false;
    }
    let is_said = || shape.folded.split(' ').any(|word| matches!(word, "said" | "says" | "told" | "added"));
    let is_named = |place: &str| {
        shape.text.find(place).is_some_and(|at| {
            let name = shape.text[..at].rsplit(' ').next().unwrap_or_default();
            name.starts_with(char::is_uppercase)
        })
    };
    let is_shown = shape.folded.starts_with("pictured")
        || (!shape.stopped && shape.folded.contains(", pictured"))
        || (shape.text.contains([',', '(']) && PLACES.iter().any(|place| is_named(place)));
    is_shown
        && shape.text.starts_with(char::is_uppercase)
        && !shape.text.contains(['“', '"'])
        && !is_said()
        && rough_sentences(shape.text) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn captions_go_with_their_credits() {
        const STORY: &str = "The port reopened on Monday after a storm that had closed it for a week, and the first \
                             ships were there before the sun was up, officials said.";
        // The first so many lines are captions.
        let rows: [(&[&str], usize); 22] = [
            (&["Ships wait in the bay.", "Jane Roe/The Daily", STORY], 2),
            (&["Ships wait in the bay.", "Jane Roe | The Daily", STORY], 2),
            (&["Ships wait in the bay.", "Jane Roe for The Daily", STORY], 2),
            (&["A ship beside a crane", "Ships wait. Photograph by Jane Roe for The Daily", STORY], 2),
            (&["Ships wait. Pic: Jane Roe/The Daily", STORY], 1),
            (&["Ships wait in the bay © Jane Roe", STORY], 1),
            (&["Ships wait in the bayCredit: Jane Roe", STORY], 1),
            (&["Ships wait. Permission granted by Roe Lamps", STORY], 1),
            (&["Ships wait in the bay [Jane Roe/The Daily]", STORY], 1),
            (&["Ships wait in the bay. | Jane Roe/The Daily", STORY], 1),
            (&["Ships wait in the bay (Image: The Daily)", STORY], 1),
            (&["Item 1 of 3 Ships wait in the bay", STORY], 1),
            (&["Jane Roe stands beside a crane.", "Jane Roe on Monday. Courtesy of Jane Roe", STORY], 2),
            (&["Fig. 1. The bay from above.", STORY], 1),
            (&["[Image 1 of 2: bay.jpg]", STORY], 1),
            (&["Jane Roe, right, was the first on the pier", STORY], 1),
            (&["Ships wait in the bay.", STORY], 0),
            (&["The photo by Jane Roe shows the bay.", STORY], 0),
            (&["Port Hallam for Sale", STORY], 0),
            (&["Jane Roe, right, said that it was over.", STORY], 0),
            (&["Two parties, far right, left, and in between, met.", STORY], 0),
            (&["Ferries/buses are free", STORY], 0),
        ];
        each(rows, |(lines, want)| {
            let shapes: Vec<Shape<'_>> = lines.iter().map(|line| Shape::new(line, Mark::None)).collect();
            let mut reasons = vec![None; lines.len()];
            mark(&shapes, &mut reasons, lines.len() - 1);
            let captions = reasons.iter().filter(|reason| **reason == Some(Reason::Caption)).count();
            assert_eq!(captions, want, "{lines:?}: {reasons:?}");
            assert_eq!(reasons.last(), Some(&None), "{lines:?}");
        });
    }
}
