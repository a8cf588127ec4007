use proptest::prelude::*;

use super::edit::{Change, changed, plain_words};
use super::*;
use crate::table_test::each;

const FILE: &str = "# ours\n[words]\nIshiba = \"ih-SHEE-bah\" # since May\n\"Xi Jinping\" = { ipa = \"ʃiː dʒɪnˈpɪŋ\", note = \"x\" }\n\
     lead = [{ respelling = \"led\", before = [\"paint\"] }]\nKF-21 = { alias = \"K F\" }\n# the end\n";

#[test]
fn a_change_touches_its_word_alone() {
    let say = Change::Say;
    let rows: [(&str, &str, Change<'_>, &str); 12] = [
        ("", "Nguyen", say("win"), "[words]\nNguyen = \"win\"\n"),
        ("# mine", "Nguyen", say("win"), "# mine\n\n[words]\nNguyen = \"win\"\n"),
        ("[words]\n", "Xi Jinping", say("SHEE"), "[words]\n\"Xi Jinping\" = \"SHEE\"\n"),
        ("[words] # all\na = \"ay\"", "b", say("bee"), "[words] # all\na = \"ay\"\nb = \"bee\"\n"),
        ("[words]\na = \"ay\" # x\n", "a", say("ah"), "[words]\na = \"ah\" # x\n"),
        ("[words]\na = 'ay'\nb = \"bee\"\n", "a", Change::Remove, "[words]\nb = \"bee\"\n"),
        ("[words]\na = \"ay\"", "a", Change::Remove, "[words]\n"),
        ("[words]\na = [\n\"x\",\n]\nb = \"bee\"\n", "a", Change::Remove, "[words]\nb = \"bee\"\n"),
        ("[words]\na = \n", "b", say("bee"), "[words]\na = \n"),
        ("[words]\n\"O’Neil\" = \"oh-NEEL\"\n", "O'Neil", say("NEEL"), "[words]\n\"O’Neil\" = \"NEEL\"\n"),
        (
            "[words]\n[words.a]\nipa = \"eɪ\"\n",
            "b",
            say("bee"),
            "[words]\nb = \"bee\"\n[words.a]\nipa = \"eɪ\"\n",
        ),
        ("words.a = \"ay\"\n", "a", say("ah"), "words.a = \"ah\"\n"),
    ];
    each(rows, |(before, word, change, want)| {
        let after = changed(before, word, &change).ok();
        assert_eq!(after.as_deref(), Some(want), "{before:?} {word} {change:?}");
    });
}

#[test]
fn what_says_more_than_a_pronunciation_stays() {
    each(["lead", "KF-21", "Xi Jinping"], |word| {
        assert!(matches!(changed(FILE, word, &Change::Say("x")), Err(Unsaved::Elaborate)), "{word}");
    });
    assert!(matches!(changed(FILE, "nobody", &Change::Remove), Err(Unsaved::Unknown)));
    // All on one line: a line can't be taken out of it.
    let inline = "words = { a = \"ay\", b = \"bee\" }\n";
    assert!(matches!(changed(inline, "a", &Change::Remove), Err(Unsaved::Elaborate)));
    assert_eq!(changed(inline, "a", &Change::Say("ah")).unwrap(), "words = { a = \"ah\", b = \"bee\" }\n");
    let plain = plain_words(FILE);
    let want = [("Ishiba", "ih-SHEE-bah"), ("Xi Jinping", "/ʃiː dʒɪnˈpɪŋ/")];
    assert_eq!(plain, want.map(|(word, said)| (word.to_string(), said.to_string())));
}

#[test]
fn words_are_saved_in_a_file_that_is_whole_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("words.toml");
    let saved = Saved::open(&path).unwrap();
    assert!(!path.exists() && saved.list().unwrap().is_empty());
    saved.save("Nguyen", " win ").unwrap();
    saved.save("Xi Jinping", "/ʃiː dʒɪnˈpɪŋ/").unwrap();
    assert_eq!(saved.list().unwrap().len(), 2);
    let lexicon = saved.lexicon(UserLexicon::default()).unwrap();
    assert!(lexicon.get("Nguyen").is_some() && lexicon.get("Xi Jinping").is_some());
    assert!(matches!(saved.save("Nguyen", "w1n"), Err(Unsaved::Wrong(_))));
    assert!(matches!(saved.save("...", "win"), Err(Unsaved::Wrong(_))));
    saved.remove("Nguyen").unwrap();
    assert!(matches!(saved.remove("Nguyen"), Err(Unsaved::Unknown)));
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["words.toml"], "nothing else is left");
    std::fs::write(&path, "[words]\nLee = 7\n").unwrap();
    assert!(matches!(saved.save("Nguyen", "win"), Err(Unsaved::Failed(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "[words]\nLee = 7\n", "a file with a fault stays");
    assert!(Saved::open(&path).is_err() && Saved::open(&folder.path().join("no/words.toml")).is_err());
}

proptest! {
    #[test]
    fn any_word_is_saved_and_taken_out_again(word in "\\PC{1,20}", said in "[a-z-]{1,12}", file in prop::bool::ANY) {
        let before = if file { FILE } else { "" };
        if let Ok(after) = changed(before, &word, &Change::Say(&said)) {
            let known = plain_words(&after);
            let clean = super::super::entry::clean(&word);
            prop_assert!(known.contains(&(clean, said)), "{after}");
            let again = changed(&after, &word, &Change::Remove).unwrap();
            prop_assert_eq!(plain_words(&again), plain_words(before));
        }
    }
}

#[test]
fn a_file_that_is_full_takes_no_more_words_and_lets_some_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("words.toml");
    let full = format!("[words]\nIshiba = \"ih-SHEE-bah\"\n# {}\n", "x".repeat(LARGEST));
    std::fs::write(&path, &full).unwrap();
    let saved = Saved::open(&path).unwrap();
    assert!(matches!(saved.save("Nguyen", "win"), Err(Unsaved::Full)));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), full, "nothing is changed");
    assert!(saved.remove("Ishiba").is_ok());
    assert!(!std::fs::read_to_string(&path).unwrap().contains("Ishiba"));
}
