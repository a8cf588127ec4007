//! Lexicons: the user's own, in TOML and PLS, from the command line and from the home folder; acronyms in full.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::{TestEnv, each};

const STORY: &str = "Premier Zorvinel met Zorvinel's deputy. The KF-21 flew over Blorv.";
const TOML: &str =
    "[words]\nZorvinel = \"zor-vih-NEL\"\n\"KF-21\" = { alias = \"K F twenty-one fighter\" }\n";
const PLS: &str = r#"<lexicon version="1.0" alphabet="ipa" xml:lang="en">
  <lexeme><grapheme>Blorv</grapheme><phoneme>ˈblɔrv</phoneme></lexeme>
</lexicon>"#;

#[track_caller]
fn phonemes(env: &TestEnv, arguments: &[&str]) -> String {
    env.ok(&[&["explain", "--stage", "phonemes", "story.txt"], arguments].concat()).stdout
}

#[test]
fn lexicons_decide_how_words_are_said() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("own.toml", TOML);
    env.write("own.pls", PLS);
    let before = phonemes(&env, &[]);
    assert!(!before.contains("zɔɹvɪnˈɛl"), "{before}");
    let after = phonemes(&env, &["--lexicon", "own.toml", "--lexicon", "own.pls"]);
    for part in ["zɔɹvɪnˈɛl mˈɛt zɔɹvɪnˈɛlz", "fˈITəɹ", "blˈɔɹv"] {
        assert!(after.contains(part), "“{part}” is missing in {after}");
    }
    let spoken = env.ok(&["explain", "--stage", "spoken", "story.txt", "--lexicon", "own.toml"]).stdout;
    assert!(spoken.contains("The K F twenty-one fighter flew"), "{spoken}");
    let everything = env.ok(&["explain", "story.txt", "--lexicon", "own.toml"]).stdout;
    assert!(everything.contains("lexicon   Zorvinel"), "{everything}");
}

#[test]
fn roles_of_pls_choose_by_part_of_speech_and_others_are_warned_of() {
    let env = TestEnv::new();
    env.write("story.txt", "The guards permit no photos. The mayor needs a permit. The Zorv won.");
    let lexicon = r#"<lexicon version="1.0" alphabet="ipa" xml:lang="en">
  <lexeme role="claws:VVI claws:VV0"><grapheme>permit</grapheme><phoneme>zɪlˈvoʊ</phoneme></lexeme>
  <lexeme role="claws:NN1"><grapheme>permit</grapheme><phoneme>ˈbræfə</phoneme></lexeme>
  <lexeme role="maker:SENSE_2"><grapheme>Zorv</grapheme><phoneme>ˈzoʊrv</phoneme></lexeme>
</lexicon>"#;
    env.write("own.pls", lexicon);
    let said = phonemes(&env, &["--lexicon", "own.pls"]);
    for part in ["zɪlvˈO nˈO", "ɐ bɹˈæfə.", "zˈOɹv"] {
        assert!(said.contains(part), "“{part}” is missing in {said}");
    }
    let told = env.ok(&["lexicon", "check", "own.pls"]).stdout;
    assert!(told.contains("own.pls:4: warning: the role “maker:SENSE_2”"), "{told}");
    assert!(told.contains("own.pls: 3 entries, 0 problems, 1 warning"), "{told}");
}

#[test]
fn read_and_batch_take_lexicons() {
    let env = TestEnv::new();
    env.write("news/story.txt", STORY);
    env.write("own.toml", TOML);
    let guessed = |arguments: &[&str]| {
        let run =
            env.ok(&[&["read", "news/story.txt", "--voice", "tone", "--json", "-f"], arguments].concat());
        run.json_lines()[0]["guessed_words"].to_string()
    };
    assert!(guessed(&[]).contains("Zorvinel"));
    assert!(!guessed(&["--lexicon", "own.toml"]).contains("Zorvinel"));
    env.ok(&[
        "batch",
        "news",
        "-o",
        "out",
        "--voice",
        "tone",
        "--lexicon",
        "own.toml",
        "--acronyms",
        "expand",
    ]);
    env.write("bad.toml", "[words]\nZorvinel = \"\"\n");
    let rows = [
        &["read", "news/story.txt", "--voice", "tone"][..],
        &["batch", "news", "--voice", "tone"],
        &["play", "news/story.txt", "--voice", "tone"],
    ];
    each(rows, |command| {
        env.refused(&[command, &["--lexicon", "bad.toml"]].concat(), 3, &["Zorvinel", "bad.toml:2"]);
    });
}

#[test]
fn the_own_lexicon_lies_in_the_home_folder() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let path = env.ok(&["lexicon", "path"]).stdout;
    let path = path.trim();
    assert!(path.ends_with("lexicon.toml"), "{path}");
    env.refused(&["lexicon", "check"], 3, &["no own lexicon yet", "lexicon.toml"]);
    std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
    std::fs::write(path, TOML).unwrap();
    assert!(phonemes(&env, &[]).contains("zɔɹvɪnˈɛl"));
    assert!(env.ok(&["lexicon", "check"]).stdout.contains("2 entries, 0 problems"));
    // A lexicon on the command line counts more.
    env.write("other.toml", "[words]\nZorvinel = \"ZOR-vih-nel\"\n");
    assert!(phonemes(&env, &["--lexicon", "other.toml"]).contains("zˈɔɹvɪnɛl"));
}

#[test]
fn check_tells_every_problem_with_its_line() {
    let env = TestEnv::new();
    env.write("good.toml", TOML);
    env.write("bad.toml", "[words]\nA = \"q$\"\nB = { alias = \"C\" }\nC = { alias = \"B\" }\n");
    env.write("bad.pls", "<!DOCTYPE lexicon SYSTEM \"http://127.0.0.1:9/x.dtd\">\n<lexicon/>");
    env.ok(&["lexicon", "check", "good.toml"]);
    let run = env.run(&["lexicon", "check", "good.toml", "bad.toml", "bad.pls"]).expect(1);
    let rows = [
        "bad.toml:2:",
        "bad.toml:3:",
        "leads back to itself",
        "bad.pls:1:",
        "DOCTYPE",
        "good.toml: 2 entries",
    ];
    each(rows, |part| {
        assert!(run.stdout.contains(part), "“{part}” is missing\n{run}");
    });
    env.run(&["lexicon", "check", "bad.toml"]).expect(3);
    env.run(&["lexicon", "check", "missing.toml"]).expect(3);
}

#[test]
fn say_tells_who_knows_a_word() {
    let env = TestEnv::new();
    env.write("own.toml", TOML);
    let run = env.ok(&[
        "lexicon",
        "say",
        "Zorvinel's",
        "Ishiba",
        "harbor",
        "DPRK",
        "Blorv",
        "--lexicon",
        "own.toml",
    ]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{run}");
    for (line, parts) in lines.iter().zip([
        ["zɔɹvɪnˈɛlz", "own.toml:2"],
        ["ˌiʃˈibə", "known by heart"],
        ["hˈɑɹbəɹ", "dictionary"],
        ["dˌipˌiˌɑɹkˈA", "letters"],
        ["Blorv", "guessed"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{parts:?} in {line}");
    }
    env.ok(&["lexicon", "say", "Busan", "--voice", "tone", "-o", "busan.wav"]);
    assert!(env.files().contains(&"busan.wav".to_string()));
    env.refused(&["lexicon", "say", "…"], 3, &["nothing to say"]);
}

#[test]
fn unknown_words_come_out_as_a_lexicon() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let run = env.ok(&["lexicon", "unknown", "story.txt"]);
    let lines: Vec<&str> = run.stdout.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines[0], "[words]", "{run}");
    assert!(lines[1].starts_with("\"Zorvinel\" = \"/") && lines[1].contains("# 2 times"), "{run}");
    assert!(lines[2].starts_with("\"Blorv\""), "{run}");
    // Pasted as it is, it only changes the source of the words' readings.
    env.write("pasted.toml", &run.stdout);
    env.ok(&["lexicon", "check", "pasted.toml"]);
    let plain = |text: String| text.replace('T', "t");
    assert_eq!(plain(phonemes(&env, &["--lexicon", "pasted.toml"])), plain(phonemes(&env, &[])));
    let none = env.ok(&["lexicon", "unknown", "story.txt", "--lexicon", "pasted.toml"]);
    assert!(none.stdout.contains("every word is known"), "{none}");
    env.run(&["lexicon", "unknown", "missing.txt"]).expect(3);
    env.run(&["lexicon", "unknown", "missing.txt", "story.txt"]).expect(1);
}

#[test]
fn acronyms_are_said_as_asked() {
    let env = TestEnv::new();
    env.write(
        "story.txt",
        "APEC opens\n\nThe Asia-Pacific Economic Cooperation (APEC) forum met. The DPRK was absent.\n\n\
         The DPRK said so. The Harbor Tariff Agency (HTA) agreed, and the HTA's chief smiled.\n",
    );
    let spoken =
        |style: &str| env.ok(&["explain", "--stage", "spoken", "story.txt", "--acronyms", style]).stdout;
    let letters = spoken("letters");
    assert!(
        letters.contains("The D P R K was absent.") && letters.contains("the H T A's chief"),
        "{letters}"
    );
    let first = spoken("expand-first");
    let rows = [
        "Cooperation, APEC forum met",
        "The Democratic People's Republic of Korea was absent.",
        "The D P R K said so.",
        "the H T A's chief",
    ];
    each(rows, |part| {
        assert!(first.contains(part), "“{part}” is missing in {first}");
    });
    let always = spoken("expand");
    for part in ["The Democratic People's Republic of Korea said so.", "the Harbor Tariff Agency's chief"] {
        assert!(always.contains(part), "“{part}” is missing in {always}");
    }
}
