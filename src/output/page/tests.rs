use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};
use proptest::prelude::*;

use super::*;
use crate::output::document::{Element, Picture, Sentence};
use crate::table_test::each;

const HOSTILE: &str = "</script><script>alert(1)</script><!-- \"'&amp; ]]> \u{202b}שלום";

/// A page as an independent parser reads it.
#[derive(Debug, Default)]
struct Read {
    /// The words, each with its sentence.
    words: Vec<(String, usize)>,
    /// The names of all elements.
    tags: Vec<String>,
    /// All attributes.
    attributes: Vec<(String, String)>,
    /// The text of each element by its name, without those within.
    texts: Vec<(String, String)>,
}

fn read(page: &str) -> Read {
    let mut read = Read::default();
    let mut open: Vec<String> = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut sentences = 0;
    let mut emitter = DefaultEmitter::default();
    // Scripts and styles hold no tags.
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                let within_sentence = open.last().is_some_and(|last| last == "a");
                if name == "span" && within_sentence {
                    read.words.push((String::new(), sentences - 1));
                }
                for (key, value) in &tag.attributes {
                    sentences += usize::from(name == "a" && value.as_slice() == b"sentence");
                    read.attributes.push((text(key), text(value)));
                }
                let is_void = ["meta", "img", "input", "path"].contains(&&*name) || tag.self_closing;
                read.tags.push(name.clone());
                read.texts.push((name.clone(), String::new()));
                if !is_void {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => assert_eq!(open.pop(), Some(text(&tag.name))),
            Token::String(string) => {
                let string = text(&string);
                let is_word = open.last().is_some_and(|last| last == "span")
                    && open.iter().rev().nth(1).is_some_and(|last| last == "a");
                if is_word {
                    read.words.last_mut().unwrap().0.push_str(&string);
                }
                if let Some((_, text)) = read.texts.last_mut() {
                    text.push_str(&string);
                }
            }
            Token::Comment(_) => panic!("a comment"),
            Token::Doctype(_) => {}
            Token::Error(error) => panic!("{error:?}"),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    read
}

impl Read {
    fn scripts(&self) -> Vec<&str> {
        self.texts.iter().filter(|(tag, _)| tag == "script").map(|(_, text)| text.as_str()).collect()
    }
}

fn document(words: &[Vec<String>], detail: &str) -> Document {
    let mut now = 0;
    let mut sentence = |words: &Vec<String>| {
        let start = now + 7;
        let mut parts = Vec::new();
        for word in words {
            now += 107;
            parts.extend([Part::Word(word.clone(), now - 100), Part::Silent(" ".into())]);
        }
        let sentence = Sentence { start, end: now, parts };
        Element {
            role: Role::Paragraph,
            pieces: vec![Piece::Sentence(sentence), Piece::Silent(detail.into())],
        }
    };
    Document {
        title: detail.to_string(),
        byline: Some(detail.to_string()),
        date: Some(detail.to_string()),
        publication: Some(detail.to_string()),
        language: "en".into(),
        voice: detail.to_string(),
        cover: Some(Picture { media_type: "image/png", bytes: vec![1, 2, 3] }),
        elements: words.iter().map(&mut sentence).collect(),
        milliseconds: now + 1000,
    }
}

fn check(document: &Document, words: &[Vec<String>], sound: &str) -> Result<(), TestCaseError> {
    let read = read(&page(document, Path::new(sound)).unwrap());
    let want = words
        .iter()
        .enumerate()
        .flat_map(|(number, words)| words.iter().map(move |word| (word.clone(), number)));
    prop_assert_eq!(&read.words, &want.collect::<Vec<_>>());
    let plain = page(&document_of_nothing(), Path::new("a.wav")).unwrap();
    prop_assert_eq!(read.scripts().len(), self::read(&plain).scripts().len());
    prop_assert!(read.attributes.iter().all(|(name, _)| !name.starts_with("on")), "{:?}", read.attributes);
    let [linked_data, timings, script] = read.scripts()[..] else { panic!("{:?}", read.scripts()) };
    prop_assert_eq!(script.trim_end(), SCRIPT.trim_end());
    let linked_data: serde_json::Value = serde_json::from_str(linked_data).unwrap();
    prop_assert_eq!(&linked_data["digitalSourceType"], DIGITAL_SOURCE_TYPE);
    prop_assert_eq!(&linked_data["author"], document.byline.as_deref().unwrap());
    let timings: serde_json::Value = serde_json::from_str(timings).unwrap();
    let starts: Vec<u64> = document.sentences().flat_map(Sentence::starts).collect();
    prop_assert_eq!(&timings["starts"], &serde_json::to_value(&starts).unwrap());
    let firsts: Vec<usize> =
        (0..words.len()).map(|number| words[..number].iter().map(Vec::len).sum()).collect();
    prop_assert_eq!(&timings["sentences"], &serde_json::to_value(&firsts).unwrap());
    Ok(())
}

fn document_of_nothing() -> Document {
    document(&[], "")
}

#[test]
fn hostile_details_stay_text() {
    let long = "a".repeat(10_000);
    each(
        [HOSTILE, &long, "\"onload=alert(1) x=\"", "{{ 7 * 7 }}", "\\u003c<", "-->", "\u{feff}"],
        |hostile| {
            let words = [vec![hostile.to_string()], vec!["one".to_string(), hostile.to_string()]];
            check(&document(&words, hostile), &words, "a.wav").unwrap();
        },
    );
}

proptest! {
    #[test]
    fn every_word_is_on_the_page_once_and_in_order(
        words in prop::collection::vec(prop::collection::vec("\\PC{1,12}", 1..6), 0..6),
        detail in "\\PC{0,40}",
    ) {
        check(&document(&words, &detail), &words, "a.wav")?;
    }
}

#[test]
fn the_sound_is_named_by_an_address_beside_the_page() {
    let rows = [
        ("news/summit.wav", "summit.wav", "audio/wav"),
        ("50% off #1?.mp3", "50%25%20off%20%231%3F.mp3", "audio/mpeg"),
        ("a:b\"c<é.opus", "a%3Ab%22c%3C%C3%A9.opus", "audio/ogg"),
        ("../x/A.FLAC", "A.FLAC", "audio/flac"),
    ];
    each(rows, |(sound, address, media_type)| {
        let page = page(&document(&[], "A title"), Path::new(sound)).unwrap();
        let read = read(&page);
        let sources: Vec<&str> = read
            .attributes
            .iter()
            .filter(|(name, _)| name == "src")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(sources, ["data:image/png;base64,AQID", address], "{sound}");
        let linked_data: serde_json::Value = serde_json::from_str(read.scripts()[0]).unwrap();
        assert_eq!(
            (&linked_data["contentUrl"], &linked_data["encodingFormat"]),
            (&address.into(), &media_type.into())
        );
    });
}

#[test]
fn a_page_loads_nothing_but_its_sound() {
    let page = page(&document(&[vec!["word".into()]], "A title"), Path::new("a.wav")).unwrap();
    let read = read(&page);
    for (name, value) in &read.attributes {
        assert!(!value.contains("//"), "{name}={value}");
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    assert!(
        !["fetch", "XMLHttpRequest", "import(", "localStorage", "innerHTML"]
            .iter()
            .any(|word| SCRIPT.contains(word))
    );
    assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    // The policy lets only these two run: the hashes as other programs compute them are checked in a browser.
    let policy = &read.attributes.iter().find(|(_, value)| value.contains("default-src 'none'")).unwrap().1;
    assert!(policy.contains(&hash(STYLE)) && policy.contains(&hash(SCRIPT)), "{policy}");
}

#[test]
fn base64_is_that_of_the_standard() {
    let rows = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];
    each(rows, |(text, want)| assert_eq!(base64(text.as_bytes()), want));
}
