use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;

use super::chapters;
use super::cues::{Cue, Cues, FASTEST, GAP, LONGEST, SHORTEST, SRT_COLUMNS, VTT_COLUMNS};
use super::json::{transcript, words};
use super::srt::srt;
use super::vtt::vtt;
use super::written::{Written, join};
use super::*;
use crate::article::ReadOptions;
use crate::audio::{Kept, Speed};
use crate::report::{Narrator, PauseTable};
use crate::table_test::each;

/// A story as the stand-in voice reads it: its timeline, its words, its sound.
fn read(text: &str, speed: f32) -> (Timeline, Vec<Written>, Vec<f32>) {
    let article = Arc::new(Article::from_text(text.to_string()));
    let narrator = Narrator::tone_builder().pauses(PauseTable::default()).build().unwrap();
    let kept = Kept::default();
    let reading = narrator.read(article.clone()).speed(Speed::new(speed).unwrap());
    let timeline = *reading.to(Box::new(kept.clone())).unwrap().timeline;
    let written = timeline.written(article.text());
    let sound = kept.samples();
    (timeline, written, sound)
}

#[test]
fn words_are_shown_as_they_are_written_and_unspoken_text_is_not() {
    let rows = [
        ("The city spent $1.2 billion on Monday.", "The|city|spent|$1.2 billion|on|Monday."),
        ("“Why now?” he asked.", "“Why|now?”|he|asked."),
        ("He said: “We (the crew) left.”", "He|said:|“We|(the|crew)|left.”"),
        ("Talks failed — again.", "Talks|failed —|again."),
        ("It is now—or never.", "It|is|now—|or|never."),
        ("Prices rose (3). Wages fell [8].", "Prices|rose.|Wages|fell."),
        ("The port \u{1f6a2} reopened.", "The|port|reopened."),
        ("A well-known pilot and/or his crew left.", "A|well-known|pilot|and/or|his|crew|left."),
        ("President Lee Jae-myung's plan", "President|Lee|Jae-myung's|plan"),
        ("It fell 3.5%, to 20-25°C.", "It|fell|3.5%,|to|20-25°C."),
    ];
    each(rows, |(text, want)| {
        let (timeline, written, _) = read(text, 1.0);
        let shown: Vec<&str> = written.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(shown.join("|"), want, "{text}");
        assert_eq!(timeline.words().len(), written.len());
    });
}

#[test]
fn a_timeline_behind_another_keeps_its_words_and_cues() {
    let parts = [
        "Port reopens\n\nThe port reopened on Monday. “We are glad to be back at work,” said Ann Lee.",
        "It rained. Then it snowed.",
    ];
    let read = |text: &str| {
        let page = crate::article::read_article(text.as_bytes(), "a", &ReadOptions::default()).unwrap();
        let article = Arc::new(page);
        let narrator = Narrator::tone_builder().build().unwrap();
        let summary = narrator.read(article.clone()).to(Box::new(Kept::default())).unwrap();
        let quotations = Arc::new(Quotations::of(&article));
        (article, summary.timeline.quoting(quotations))
    };
    let half = SampleRate::new(12_000).unwrap();
    let seconds = |timeline: &Timeline| -> Vec<f64> {
        timeline.words().iter().map(|word| timeline.rate().seconds(word.start)).collect()
    };
    let (_, timeline) = read(parts[0]);
    let other = timeline.clone().at_rate(half);
    assert!(seconds(&other).iter().zip(seconds(&timeline)).all(|(a, b)| (a - b).abs() < 1e-4));
    assert!(other.words().len() == timeline.words().len() && other.length() == timeline.length() / 2);
    let mut whole = Timeline::new(SampleRate::new(24_000).unwrap());
    let (mut text, mut blocks, mut want, mut speakers, mut cues) =
        (String::new(), 0, Vec::new(), Vec::new(), 0);
    for (article, mut timeline) in parts.map(read) {
        timeline.surround(whole.length() + 7_000, 0);
        let written = timeline.written(article.text());
        cues += Cues::new(&timeline, &written, VTT_COLUMNS).list.len();
        want.extend(
            written.into_iter().zip(timeline.words()).map(|(written, word)| (written.text, word.start)),
        );
        speakers.extend((0..timeline.words().len()).map(|word| timeline.speaker(word).map(str::to_string)));
        text.push_str("Before it.\n\n");
        let byte = text.len();
        text.push_str(article.text());
        whole.append(&timeline, byte, blocks + 3);
        blocks += article.blocks().len() + 3;
        whole.finish(timeline.length());
    }
    let written = whole.written(&text);
    let shown: Vec<_> =
        written.iter().zip(whole.words()).map(|(written, word)| (written.text.clone(), word.start)).collect();
    assert_eq!(shown, want);
    assert_eq!(
        (0..want.len()).map(|word| whole.speaker(word).map(str::to_string)).collect::<Vec<_>>(),
        speakers
    );
    assert!(speakers.contains(&Some("Ann Lee".to_string())) && speakers.contains(&None), "{speakers:?}");
    assert_eq!(Cues::new(&whole, &written, VTT_COLUMNS).list.len(), cues, "a cue holds words of both");
    let numbers: Vec<usize> = whole.sentences().map(|(sentence, _)| sentence.number).collect();
    assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>());
    assert!(whole.sentences().all(|(sentence, _)| sentence.kind != BlockKind::Title));
    assert_eq!(whole.blocks().count(), 3);
}

const STORY: &str = "Port reopens\n\nThe port reopened on Nov. 18, at a cost of $1.2 million. Ships came back; \
    nobody, said the mayor, had expected so many of them before the end of the winter, and certainly not in the \
    northern berths that the storm of last year had damaged.\n\n“It works,” he said.";

/// The first samples of a rise are below this, −54 dBFS, and edges are found to a frame of 5 ms.
const AUDIBLE: f32 = 0.002;
const EDGE: u64 = 120;

#[test]
fn words_sound_from_their_start_to_their_end_and_not_in_between() {
    each([1.0, 1.37, 2.0], |speed| {
        let (timeline, written, sound) = read(STORY, speed);
        assert_eq!(timeline.length(), sound.len() as u64);
        assert!(timeline.words().len() > 40);
        let mut last = 0;
        for (word, written) in timeline.words().iter().zip(&written) {
            assert!(last <= word.start && word.start < word.end, "{written:?}");
            let is_silent = |range: Range<u64>| {
                sound[range.start as usize..range.end as usize].iter().all(|sample| sample.abs() < AUDIBLE)
            };
            assert!(
                is_silent((last + EDGE).min(word.start)..word.start),
                "sound before {written:?} at {speed}"
            );
            assert!(!is_silent(word.start..word.start + 200), "no sound begins {written:?} at {speed}");
            assert!(!is_silent(word.end - 200..word.end), "no sound ends {written:?} at {speed}");
            last = word.end;
        }
        assert!(last < timeline.length());
    });
}

#[test]
fn captions_break_where_a_phrase_ends() {
    let rows = [
        (
            STORY,
            VTT_COLUMNS,
            "Port reopens
The port reopened on Nov. 18, / at a cost of $1.2 million.
Ships came back; nobody, said the mayor,
had expected so many of them / before the end of the winter,
and certainly not in the northern berths / that the storm of last year had damaged.
“It works,” he said.",
        ),
        (
            STORY,
            SRT_COLUMNS,
            "Port reopens
The port reopened on Nov. 18, / at a cost of $1.2 million.
Ships came back; / nobody, said the mayor,
had expected so many of them / before the end of the winter,
and certainly / not in the northern berths
that the storm / of last year had damaged.
“It works,” he said.",
        ),
        // Alone, the short sentences would be gone too soon.
        ("No. It is not open yet. Wait.", VTT_COLUMNS, "No. It is not open yet. Wait."),
    ];
    each(rows, |(text, columns, want)| {
        let (timeline, written, _) = read(text, 1.0);
        let cues = Cues::new(&timeline, &written, columns);
        let shown: Vec<String> = cues.list.iter().map(|cue| lines(&written, cue).join(" / ")).collect();
        assert_eq!(shown.join("\n"), want, "{columns}");
    });
}

fn lines(written: &[Written], cue: &Cue) -> Vec<String> {
    cue.lines().map(|line| join(written, line)).collect()
}

#[test]
fn every_form_holds_the_words() {
    let (timeline, written, _) = read("A & B\n\nQ&A: “5 < 6”.\n\nIt is so.", 1.0);
    let cues = Cues::new(&timeline, &written, VTT_COLUMNS);
    assert_eq!(
        vtt(&timeline, &written, &cues),
        "WEBVTT

00:00:00.120 --> 00:00:01.560
A <00:00:00.240>&amp; <00:00:00.480>B

00:00:01.560 --> 00:00:04.080
Q&amp;A: <00:00:02.340>“5 <00:00:02.640>&lt; <00:00:03.180>6”.

00:00:04.080 --> 00:00:04.740
It <00:00:04.320>is <00:00:04.500>so.
"
    );
    assert_eq!(
        srt(&written, &cues),
        "1
00:00:00,120 --> 00:00:01,560
A & B

2
00:00:01,560 --> 00:00:04,080
Q&A: “5 < 6”.

3
00:00:04,080 --> 00:00:04,740
It is so.
"
    );
    // The sound ends before the last one could be read.
    assert_eq!((cues.too_short, cues.too_wide), (1, 0));
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let transcript = parse(&transcript(&timeline, &written, &cues).unwrap());
    let segment = serde_json::json!({ "startTime": 1.56, "endTime": 4.08, "body": "Q&A: “5 < 6”." });
    assert_eq!((&transcript["version"], &transcript["segments"][1]), (&"1.0.0".into(), &segment));
    let words = parse(&words(&timeline, &written).unwrap());
    let sentence = &words["sentences"][1];
    assert_eq!((&sentence["number"], &sentence["kind"]), (&2.into(), &"paragraph".into()));
    let word =
        serde_json::json!({ "text": "“5", "span": { "start": 15, "end": 16 }, "start": 2.34, "end": 2.58 });
    assert_eq!(sentence["words"][1], word);
}

#[test]
fn chapters_begin_with_the_sound_and_follow_without_a_gap() {
    let heading = |title: &str| format!("## {title}\n\nThe port reopened on Monday. Ships came back.\n\n");
    let rows = [
        (format!("# Port\n\n{}{}", heading("At sea"), heading("On land")), vec!["Port", "At sea", "On land"]),
        (format!("Ships left.\n\n{}{}", heading("A"), heading("B & C")), vec!["Introduction", "A", "B & C"]),
        (format!("{}{}", heading("One"), heading("Two")), vec!["One", "Two"]),
        (format!("# Port\n\n{}", heading("Only one")), vec![]),
    ];
    each(rows, |(text, want)| {
        let (timeline, written) = of_markdown(&text);
        let found = chapters::json(&chapters::chapters(&timeline, &written))
            .map(|json| json.unwrap())
            .unwrap_or_default();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap_or_default();
        let list = found["chapters"].as_array().cloned().unwrap_or_default();
        let titles: Vec<&str> = list.iter().map(|chapter| chapter["title"].as_str().unwrap()).collect();
        assert_eq!(titles, want, "{text}");
        let mut since = serde_json::json!(0.0);
        for chapter in list {
            assert_eq!(chapter["startTime"], since, "{chapter}");
            since = chapter["endTime"].clone();
            assert!(chapter["startTime"].as_f64() < since.as_f64(), "{chapter}");
        }
    });
}

/// A page in Markdown.
fn of_markdown(page: &str) -> (Timeline, Vec<Written>) {
    let page = page.as_bytes();
    let article = Arc::new(crate::article::read_article(page, "page.md", &ReadOptions::default()).unwrap());
    let narrator = Narrator::tone_builder().build().unwrap();
    let timeline = *narrator.read(article.clone()).to(Box::new(Kept::default())).unwrap().timeline;
    let written = timeline.written(article.text());
    (timeline, written)
}

/// A made-up report: for each word its letters, its length and the gap before it in milliseconds, its boundary.
fn made_up() -> impl Strategy<Value = (Timeline, Vec<Written>)> {
    let letters = prop_oneof![20 => 1_usize..13, 1 => 40_usize..70];
    let gap = prop_oneof![10 => 0_u64..80, 2 => 80_u64..900, 1 => 900_u64..4_000];
    let length = prop_oneof![20 => 0_u64..700, 1 => 700_u64..9_000];
    let word = (letters, length, gap, 0_usize..40, prop::bool::weighted(0.95));
    (prop::collection::vec(word, 0..120), 0_u64..3_000).prop_map(|(made, tail)| {
        let mut timeline = Timeline::new(SampleRate::new(24_000).unwrap());
        let (mut written, mut now, mut byte, mut block, mut begins) = (Vec::new(), 0, 0, 0, true);
        for (letters, length, gap, boundary, space_before) in made {
            let span = Span::new(byte, byte + letters);
            if begins {
                let number = timeline.sentences.len();
                let first_word = timeline.words.len();
                let kind = BlockKind::Paragraph;
                timeline.sentences.push(TimedSentence { number, span, block, kind, first_word });
            }
            let break_after = match boundary {
                0 => Break::Paragraph,
                1..5 => Break::Sentence,
                5..8 => Break::Clause,
                8..12 => Break::Comma,
                12..15 => Break::Conjunction,
                15..20 => Break::Phrase,
                20..35 => Break::Word,
                _ => Break::Bound,
            };
            // Samples that are no whole milliseconds.
            let start = now + gap * 24 + u64::from(gap > 0) * 7;
            now = start + length * 24;
            timeline.words.push(TimedWord { span, start, end: now, break_after });
            let text =
                format!("{}{}", written.len(), "<&>-->x".chars().cycle().take(letters).collect::<String>());
            let space_before = !written.is_empty() && (begins || space_before);
            written.push(Written { width: text.chars().count(), text, space_before });
            begins = break_after >= Break::Sentence;
            block += usize::from(break_after == Break::Paragraph);
            byte = span.end + 1;
        }
        timeline.finish(now + tail * 24);
        (timeline, written)
    })
}

fn check(timeline: &Timeline, written: &[Written], columns: usize) -> Result<(), TestCaseError> {
    let cues = Cues::new(timeline, written, columns);
    let (mut next, mut too_short, mut too_wide) = (0, 0, 0);
    for (index, cue) in cues.list.iter().enumerate() {
        prop_assert_eq!(cue.words.start, next, "a word is missing or twice");
        prop_assert!(cue.start < cue.end && !cue.words.is_empty());
        next = cue.words.end;
        let shown = cue.end - cue.start;
        if let Some(following) = cues.list.get(index + 1) {
            prop_assert!(cue.end <= following.start, "{:?} is still there with {:?}", cue, following);
            let gap = following.start - cue.end;
            prop_assert!(gap == 0 || gap >= GAP || shown >= LONGEST, "a gap of {} ms", gap);
        }
        prop_assert!(shown <= LONGEST || cue.words.len() == 1, "{:?} is long", cue);
        let lines = lines(written, cue);
        let is_wide = lines.iter().any(|line| line.chars().count() > columns);
        prop_assert!(lines.len() <= 2 && (!is_wide || cue.words.len() == 1), "{:?}", lines);
        too_wide += usize::from(is_wide);
        let letters = join(written, cue.words.clone()).chars().count() as u64;
        too_short += usize::from(shown < SHORTEST || letters * 1000 > FASTEST * shown);
    }
    prop_assert_eq!(next, written.len());
    prop_assert_eq!((cues.too_short, cues.too_wide), (too_short, too_wide));
    let text = vtt(timeline, written, &cues);
    prop_assert_eq!(text.matches("-->").count(), cues.list.len());
    prop_assert_eq!(text.split("\n\n").count(), cues.list.len() + 1);
    prop_assert_eq!(srt(written, &cues).matches("-->").count(), cues.list.len());
    Ok(())
}

proptest! {
    #[test]
    fn cues_hold_every_word_once_and_keep_their_limits((timeline, written) in made_up()) {
        check(&timeline, &written, VTT_COLUMNS)?;
        check(&timeline, &written, SRT_COLUMNS)?;
    }
}
