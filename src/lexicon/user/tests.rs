use std::fs;

use super::*;
use crate::table_test::each;

fn load(name: &str, text: &str) -> Result<UserLexicon> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    UserLexicon::load(&[path])
}

fn problems(text: &str) -> Vec<(usize, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lexicon");
    fs::write(&path, text).unwrap();
    read_file(&path).unwrap().1.into_iter().map(|problem| (problem.line, problem.what)).collect()
}

fn phonemes(entry: Option<&Entry>) -> Option<&str> {
    match &entry?.reading {
        Reading::Phonemes(phonemes) => Some(phonemes),
        Reading::Alias(words) => Some(words),
    }
}

#[test]
fn entries_are_found_by_phrase_case_and_context() {
    let lexicon = load(
        "lexicon.toml",
        r#"
[words]
"Shigeru Ishiba" = "shih-GAIR-oo ih-SHEE-bah"
Ishiba = "/iˈʃiba/"
kimbap = "KIM-bahp"
KF-21 = { alias = "K F twenty-one" }
Reading = [{ respelling = "RED-ing", after = ["in"] }, { respelling = "REE-ding", case = true, before = "Room" }]
lead = [{ respelling = "LED", before = ["poisoning"] }, { respelling = "LEED", part = "verb" }]
read = [{ respelling = "REED", part = "verb" }, { respelling = "RED", part = "past" }]
"#,
    )
    .unwrap();
    let rows = [
        ("Shigeru Ishiba said", "", Some("ʃɪɡˈɛɹu ɪʃˈibɑ")),
        ("Ishiba's plan", "", Some("iʃˈibɑ")),
        ("ISHIBA SAYS", "", Some("iʃˈibɑ")),
        ("ishiba", "", None),
        ("Ishibashi", "", None),
        ("Kimbap sells", "", Some("kˈɪmbɑp")),
        ("KF-21s fly", "", None),
        ("KF-21 flies", "", Some("K F twenty-one")),
        ("Reading today", "in", Some("ɹˈɛdɪŋ")),
        ("Reading Room", "the", Some("ɹˈidɪŋ")),
        ("Reading today", "the", None),
        ("lead poisoning", "of", Some("lˈɛd")),
        ("lead the way", "to", None),
    ];
    each(rows, |(text, previous, want)| {
        let found = lexicon.at_head(text, previous);
        assert_eq!(phonemes(found.map(|found| found.entry)), want, "“{text}” after “{previous}”");
    });
    assert_eq!(phonemes(lexicon.tagged("lead", "VB", "to", "the")), Some("lˈid"));
    assert_eq!(lexicon.tagged("lead", "NN", "the", "is"), None);
    assert_eq!(phonemes(lexicon.tagged("read", "VBD", "she", "it")), Some("ɹˈɛd"));
    assert_eq!(phonemes(lexicon.tagged("read", "VBP", "they", "it")), Some("ɹˈid"));
}

#[test]
fn later_files_count_more() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.toml", "b.toml"].map(|name| folder.path().join(name));
    fs::write(&paths[0], "[words]\nBusan = \"BOO-sahn\"\nUlsan = \"OOL-sahn\"").unwrap();
    fs::write(&paths[1], "[words]\nBusan = \"boo-SAHN\"").unwrap();
    let lexicon = UserLexicon::load(&paths).unwrap();
    assert_eq!(phonemes(lexicon.get("Busan")), Some("busˈɑn"));
    assert_eq!(phonemes(lexicon.get("Ulsan")), Some("ˈulsɑn"));
    assert_eq!(lexicon.file_of(lexicon.get("Busan").unwrap()), paths[1]);
}

#[test]
fn wrong_toml_is_told_with_lines() {
    let rows = [
        ("[words]\nA = \"AY\"\nA = \"AH\"\n", (3, "duplicate key")),
        ("[words]\n\nBusan = 3", (3, "neither a pronunciation nor a table")),
        ("Busan = \"boo-SAHN\"", (1, "outside of [words]")),
        ("[words]\nBusan = \"b00-SAHN\"", (2, "no letter of a respelling")),
        ("[words]\nBusan = \"/b@/\"", (2, "no IPA symbol")),
        ("[words]\nBusan = { ipa = \"pusan\", alias = \"port\" }", (2, "two ways")),
        ("[words]\nBusan = { say = \"x\" }", (2, "unknown key “say”")),
        ("[words]\nBusan = { before = [\"x\"] }", (2, "does not tell how it is said")),
        ("[words]\nBusan = { ipa = \"pusan\", part = \"noon\" }", (2, "noun, name, verb")),
        ("[words]\nF-35 = { alias = \"F-35\" }", (2, "can't be said")),
        ("[words]\n\"…\" = \"AH\"", (2, "has no word")),
        ("[words]\nb = { alias = \"a\" }\na = { alias = \"b\" }", (2, "leads back to itself")),
        ("[words]\na = { alias = \"a\" }", (2, "leads back to itself")),
        ("[words]\nx = [{ ipa = \"iks\" }, { ipa = \"ɛks\" }]", (2, "stands twice")),
        ("[words\nx", (1, "")),
    ];
    let deep: Vec<String> =
        ["[", "{x=", "x.", "[x,"].map(|open| format!("[words]\nx = {}", open.repeat(100_000))).into();
    each(&deep, |text| assert!(!problems(text).is_empty(), "{}", &text[..20]));
    let dotted = format!("[words]\n{}x = 1\n[{}x]\n", "x.".repeat(100_000), "y.".repeat(100_000));
    assert!(!problems(&dotted).is_empty());
    each(rows, |(text, want)| {
        let found = problems(text);
        assert!(
            found.iter().any(|(line, what)| *line == want.0 && what.contains(want.1)),
            "{text:?}: {found:?}"
        );
    });
    let error = load("lexicon.toml", "[words]\nA = 1\nB = 2").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Lexicon);
    assert_eq!(error.place().and_then(|place| place.line), Some(2));
    assert!(matches!(error.cure(), Some(Cure::MendEntry { problems: 2, .. })), "{error:?}");
}

#[test]
fn aliases_of_aliases_are_followed() {
    let lexicon = load("l.toml", "[words]\nBK = { alias = \"Bank\" }\nBank = { alias = \"big bank\" }\nX = { alias = \"Y\" }\nY = \"WY\"").unwrap();
    assert_eq!(phonemes(lexicon.get("BK")), Some("big bank"));
    assert_eq!(phonemes(lexicon.get("X")), Some("wˈI"));
}

const PLS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
  <meta name="note" content="x"/>
  <lexeme>
    <grapheme>Busan</grapheme>
    <grapheme>Pusan</grapheme>
    <phoneme>puˈsan</phoneme>
    <phoneme prefer="true">buˈsan</phoneme>
  </lexeme>
  <lexeme><grapheme>AT&amp;T</grapheme><alias>A T and T</alias></lexeme>
  <lexeme><grapheme>Caf&#xE9;</grapheme><phoneme>kæˈfeɪ</phoneme></lexeme>
</lexicon>"#;

#[test]
fn pls_is_read() {
    let lexicon = load("l.pls", PLS).unwrap();
    each(
        [("Busan", "busˈɑn"), ("Pusan", "busˈɑn"), ("AT&T", "A T and T"), ("Café", "kæfˈA")],
        |(word, want)| {
            assert_eq!(phonemes(lexicon.get(word)), Some(want), "{word}");
        },
    );
}

#[test]
fn f13_pls_in_utf16_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.pls");
    let text = format!("\u{feff}{}", PLS.replace("UTF-8", "UTF-16"));
    let mut failures = Vec::new();
    each([u16::to_le_bytes, u16::to_be_bytes], |to_bytes| {
        let mut bytes: Vec<u8> = text.encode_utf16().flat_map(to_bytes).collect();
        fs::write(&path, &bytes).unwrap();
        match UserLexicon::load(std::slice::from_ref(&path)) {
            Ok(lexicon) if phonemes(lexicon.get("Café")) == Some("kæfˈA") => {}
            other => failures.push(format!("{other:?}")),
        }
        // Half of a pair, in the place of the first line's end.
        let end = text.find('\n').unwrap() - '\u{feff}'.len_utf8() + 1;
        bytes[2 * end..2 * end + 2].copy_from_slice(&to_bytes(0xd800));
        fs::write(&path, &bytes).unwrap();
        let error = read_file(&path).unwrap_err().story();
        if !error.contains("broken character") || !error.contains(":1:40") {
            failures.push(error);
        }
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn pls(lexemes: &[(&str, &str, &str)]) -> String {
    let lexeme = |(role, word, said): &(&str, &str, &str)| {
        let said = said
            .strip_prefix('=')
            .map_or_else(|| format!("<phoneme>{said}</phoneme>"), |words| format!("<alias>{words}</alias>"));
        format!("<lexeme role=\"{role}\"><grapheme>{word}</grapheme>{said}</lexeme>\n")
    };
    format!("<lexicon version=\"1.0\">\n{}</lexicon>", lexemes.iter().map(lexeme).collect::<String>())
}

#[test]
fn roles_restrict_lexemes_to_parts_of_speech() {
    let lexicon = load(
        "l.pls",
        &pls(&[
            ("claws:VVI claws:NN1", "bex", "biːks"),
            ("claws:VVD claws:VVN", "bex", "bɛks"),
            ("upos:ADJ maker:SENSE_2", "bex", "bɑks"),
            ("", "Zan", "zæn"),
            ("penn:NNP", "Port Zan", "ˈpɔrt ˈzæn"),
        ]),
    )
    .unwrap();
    let rows = [
        ("bex", "VB", Some("bˈiks")),
        ("bex", "VBP", Some("bˈiks")),
        ("bex", "NN", Some("bˈiks")),
        ("Bex", "VBD", Some("bˈɛks")),
        ("bex", "VBN", Some("bˈɛks")),
        ("bex", "JJ", Some("bˈɑks")),
        ("bex", "RB", None),
        ("Zan", "NNP", None),
    ];
    each(rows, |(word, tag, want)| {
        assert_eq!(phonemes(lexicon.tagged(word, tag, "", "")), want, "{word} {tag}");
    });
    assert_eq!(phonemes(lexicon.get("bex")), None);
    assert_eq!(phonemes(lexicon.get("Zan")), Some("zˈæn"));
    assert_eq!(phonemes(lexicon.get("Port Zan")), Some("pˈɔɹt zˈæn"));
}

#[test]
fn roles_that_tell_nothing_are_warned_of() {
    let rows = [
        (
            &[("m:SENSE_1", "bex", "biːks"), ("m:SENSE_2", "bex", "bɛks")][..],
            Some("bˈiks"),
            &[
                (2, "“m:SENSE_1” names no part of speech: this “bex” counts always"),
                (3, "this “bex” is left out"),
            ][..],
        ),
        (&[("m:SENSE_1", "bex", "biːks"), ("", "bex", "bɛks")], Some("bˈɛks"), &[(2, "is left out")]),
        (&[("m:SENSE_1", "bex", "biːks"), ("noun", "bex", "bɛks")], Some("bˈiks"), &[(2, "counts always")]),
        (&[("noun", "bex", "=big ex")], Some("big ex"), &[(2, "can't choose an alias")]),
        (&[("noun", "b-ex", "=big ex")], Some("big ex"), &[]),
        (&[("noun verb", "bex", "biːks")], None, &[]),
    ];
    each(rows, |(lexemes, said, want)| {
        let text = pls(lexemes);
        let found = problems(&text);
        assert_eq!(found.len(), want.len(), "{text}: {found:?}");
        for ((line, what), (want_line, want_what)) in found.iter().zip(want) {
            assert!(line == want_line && what.contains(want_what), "{text}: {found:?}");
        }
        let lexicon = load("l.pls", &text).unwrap();
        let word = lexemes[0].1;
        assert_eq!(phonemes(lexicon.get(word)), said, "{text}");
    });
    let twice = pls(&[("noun", "bex", "biːks"), ("claws:NN1 claws:NN2", "bex", "bɛks")]);
    assert!(problems(&twice)[0].1.contains("stands twice"));
    assert!(load("l.pls", &twice).is_err());
}

#[test]
fn wrong_or_hostile_pls_is_told_with_lines() {
    let rows = [
        ("alphabet=\"ipa\" ", "alphabet=\"x-sampa\" ", (7, "“x-sampa” is not known")),
        ("xml:lang=\"en-US\"", "xml:lang=\"de\"", (2, "language “de”")),
        ("buˈsan", "bu?san", (8, "no IPA symbol")),
        ("<lexeme><grapheme>AT&amp;T</grapheme>", "<lexeme>", (10, "has no word")),
        ("<alias>A T and T</alias>", "", (10, "how it is said")),
        ("&amp;", "&evil;", (10, "&evil; is not known")),
        ("</lexeme>\n  <lexeme><grapheme>AT", "\n  <lexeme><grapheme>AT", (12, "XML is broken")),
        ("<meta", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><meta", (3, "document type")),
        ("</lexicon>", "", (12, "does not end")),
        // Its end had no beginning, and was told to stand in line 0.
        ("<lexeme><grapheme>AT", "<lexeme><lexeme/><grapheme>AT", (10, "within another one")),
        ("<grapheme>Pusan", "<grapheme>Busan", (6, "stands twice")),
    ];
    each(rows, |(from, to, want)| {
        let text = PLS.replace(from, to);
        assert_ne!(text, PLS, "{from}");
        let found = problems(&text);
        assert!(
            found.iter().any(|(line, what)| *line == want.0 && what.contains(want.1)),
            "{to:?}: {found:?}"
        );
    });
    let deep = format!("<lexicon>{}", "<a>".repeat(100_000));
    assert!(problems(&deep)[0].1.contains("deep"));
    let long = format!("<lexicon><lexeme><grapheme>{}", "x".repeat(1 << 20));
    assert!(!problems(&long).is_empty());
    assert!(!problems("<html/>").is_empty());
    assert!(!problems("<").is_empty());
}

#[test]
fn bad_files_are_errors() {
    let missing = read_file(Path::new("no/such/lexicon.toml")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Lexicon);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin.toml");
    fs::write(&path, b"[words]\nCaf\xe9 = \"x\"").unwrap();
    assert_eq!(read_file(&path).unwrap_err().place().unwrap().line, Some(2));
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "\\PC{0,200}") {
        let _ = toml_file::read(&format!("[words]\n{text}"));
        let _ = pls::read(&format!("<lexicon>{text}"));
        let _ = pls::read(&text);
    }
}

#[test]
fn entries_carry_what_their_author_noted() {
    let toml = "[words]\nGyeongju = { respelling = \"KYUNG-joo\", kind = \"place\", source = \"city council\", \
                date = 2025-10-30, note = \"host of  the summit\" }\nIwaya = { ipa = \"iwaja\", date = \"2024-11\" }\n";
    let pls = "<lexicon version=\"1.0\" alphabet=\"ipa\" xml:lang=\"en\">\n\
               <meta name=\"source\" content=\"city council\"/><meta name=\"dc:date\" content=\"2025-10-30\"/>\n\
               <lexeme role=\"place\"><grapheme>Gyeongju</grapheme><phoneme>kjʌŋdʒu</phoneme>\
               <example>host of the summit</example></lexeme></lexicon>";
    for (name, text) in [("l.toml", toml), ("l.pls", pls)] {
        let lexicon = load(name, text).unwrap();
        let entry = lexicon.get("Gyeongju").unwrap();
        assert_eq!(
            entry.remarks.to_string(),
            "place, host of the summit, city council, 2025-10-30",
            "{name}"
        );
    }
    assert_eq!(problems(pls), []);
    let rows = [
        ("kind = \"thing\"", "place, person or organisation"),
        ("date = \"last week\"", "a date such as"),
        ("date = 07:30:00", "a date such as"),
        ("note = 3", "not a string"),
    ];
    each(rows, |(key, want)| {
        let found = problems(&format!("[words]\nx = {{ ipa = \"iks\", {key} }}\n"));
        assert!(found.iter().any(|(line, what)| *line == 2 && what.contains(want)), "{key}: {found:?}");
    });
}
