//! Holds the modules to the import table of the architecture: a boundary can't erode unseen.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod architecture {
    pub mod source;
}

use std::fs;
use std::path::{Path, PathBuf};

use architecture::source::Source;

/// What each module may import from the crate beside itself and [`SHARED`]; `*` is everything.
const TABLE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("text", &[]),
    ("audio", &[]),
    ("files", &[]),
    ("magic", &[]),
    ("voice", &["audio", "files"]),
    ("article", &["magic"]),
    ("normalize", &[]),
    ("lexicon", &[]),
    ("segment", &["article", "normalize"]),
    ("phonemize", &["lexicon", "normalize"]),
    ("synth", &["voice", "audio", "files", "phonemize"]),
    ("stream", &["synth", "audio"]),
    ("master", &["audio"]),
    ("output", &["audio", "files"]),
    (
        "report",
        &[
            "article",
            "segment",
            "normalize",
            "lexicon",
            "phonemize",
            "synth",
            "stream",
            "master",
            "output",
            "voice",
            "audio",
        ],
    ),
    ("batch", &["article", "report", "output", "synth", "audio"]),
    ("cli", &["*"]),
    ("lib", &["*"]),
    ("main", &["*"]),
];
/// What all modules share; these stand below all others and import nothing.
const SHARED: [&str; 2] = ["error", "text"];
/// Where code may be unsafe: what maps files, and the kernels.
const UNSAFE: [&str; 2] = ["synth/kokoro/mapped.rs", "synth/kokoro/kernels/"];
const LONGEST_FILE: usize = 700;
const PRINTING: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];

/// What is against the rules in one file; `name` is its path below `src`.
fn violations(name: &str, text: &str) -> Vec<String> {
    let source = Source::new(name, text);
    let mut found = Vec::new();
    let mut tell = |line: usize, rule: String| found.push(format!("src/{name}:{line}: {rule}"));
    let module = source.module();
    match TABLE.iter().find(|(known, _)| *known == module) {
        None => tell(1, format!("the module `{module}` has no row in the table of tests/architecture.rs")),
        Some((_, allowed)) => {
            for (line, imported) in source.imports() {
                let is_shared = SHARED.contains(&&*imported) && !SHARED.contains(&module);
                let is_allowed = allowed.contains(&"*") || allowed.contains(&&*imported);
                if imported != module && !is_shared && !is_allowed {
                    tell(line, format!("`{module}` may not import `{imported}`"));
                }
            }
        }
    }
    if !UNSAFE.iter().any(|place| name.starts_with(place)) {
        for line in source.words(&["unsafe"]) {
            tell(line, format!("`unsafe` stands in {} only", UNSAFE.join(" and ")));
        }
    }
    if module != "cli" {
        for line in source.macros(&PRINTING) {
            tell(line, "printing is for src/cli only".to_string());
        }
        for line in source.words(&["anyhow"]) {
            tell(line, "anyhow is for src/cli only: a library has typed errors".to_string());
        }
    }
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        tell(lines, format!("{lines} lines; a file has at most {LONGEST_FILE}"));
    }
    found
}

/// Files of Rust below a folder, as paths relative to it; tests are no part of the program.
fn files(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                files(root, &path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path.strip_prefix(root).unwrap().to_path_buf());
        }
    }
}

#[test]
fn modules_keep_to_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = Vec::new();
    files(&root, &root, &mut names);
    names.sort();
    assert!(names.len() > 40, "the scan found only {} files", names.len());
    let mut imports = 0;
    let mut found = Vec::new();
    for name in &names {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let name = name.to_string_lossy().replace('\\', "/");
        imports += Source::new(&name, &text).imports().len();
        found.extend(violations(&name, &text));
    }
    assert!(imports > 80, "the scan saw only {imports} imports");
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    let row = |name: &str| TABLE.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, row)| row);
    for (name, _) in TABLE.iter().filter(|(_, row)| !row.contains(&"*")) {
        let mut reached = row(name).to_vec();
        let mut next = 0;
        while let Some(other) = reached.get(next) {
            assert!(
                TABLE.iter().any(|(known, _)| known == other),
                "`{name}` may import `{other}`, which has no row"
            );
            reached
                .extend(row(other).iter().filter(|far| !reached.contains(far)).copied().collect::<Vec<_>>());
            next += 1;
        }
        assert!(!reached.contains(name), "`{name}` may import itself through {reached:?}");
    }
}

#[test]
fn the_scanner_finds_what_is_made_up() {
    for (name, text, want) in [
        (
            "segment/a.rs",
            "use crate::report::Narrator;",
            &["src/segment/a.rs:1: `segment` may not import `report`"][..],
        ),
        (
            "segment.rs",
            "fn f() {\n    crate::cli::run();\n}",
            &["src/segment.rs:2: `segment` may not import `cli`"],
        ),
        (
            "audio.rs",
            "use crate::{\n    error::Error,\n    synth::{Tone, Timings},\n};",
            &["src/audio.rs:3: `audio` may not import `synth`"],
        ),
        ("master/mod.rs", "use crate::stream;", &["src/master/mod.rs:1: `master` may not import `stream`"]),
        (
            "master/join.rs",
            "use crate::{self, stream as s};",
            &["src/master/join.rs:1: `master` may not import `stream`"],
        ),
        (
            "master/join.rs",
            "use super::super::report::Summary;",
            &["src/master/join.rs:1: `master` may not import `report`"],
        ),
        (
            "master/mod.rs",
            "use super::output::Sink;",
            &["src/master/mod.rs:1: `master` may not import `output`"],
        ),
        ("error.rs", "use crate::text::Span;", &["src/error.rs:1: `error` may not import `text`"]),
        (
            "news/mod.rs",
            "",
            &["src/news/mod.rs:1: the module `news` has no row in the table of tests/architecture.rs"],
        ),
        (
            "synth/tone.rs",
            "fn f() { unsafe { g() } }",
            &[
                "src/synth/tone.rs:1: `unsafe` stands in synth/kokoro/mapped.rs and synth/kokoro/kernels/ only",
            ],
        ),
        (
            "synth/tone.rs",
            "fn f() {\n println!(\"{}\", 'x');\n}",
            &["src/synth/tone.rs:2: printing is for src/cli only"],
        ),
        (
            "report.rs",
            "use anyhow::Context;",
            &["src/report.rs:1: anyhow is for src/cli only: a library has typed errors"],
        ),
        // A string with a brace, a lifetime and a quoted quote hide nothing that follows.
        (
            "lexicon/mod.rs",
            "const A: &'static str = r#\"}\"{\"#; const Q: char = '\\'';\nuse crate::voice::Store;",
            &["src/lexicon/mod.rs:2: `lexicon` may not import `voice`"],
        ),
        // What follows a module of tests is seen again.
        (
            "lexicon/mod.rs",
            "#[cfg(test)]\nmod tests { use crate::cli; fn f() { \"}\"; } }\nuse crate::voice::Store;",
            &["src/lexicon/mod.rs:3: `lexicon` may not import `voice`"],
        ),
        (
            "lexicon/mod.rs",
            "#[cfg(test)]\nmod tests;\nuse crate::voice::Store;",
            &["src/lexicon/mod.rs:3: `lexicon` may not import `voice`"],
        ),
    ] {
        assert_eq!(violations(name, text), want, "{name}:\n{text}");
    }
    let long = "\n".repeat(LONGEST_FILE + 1);
    assert_eq!(
        violations("article/mod.rs", &long),
        ["src/article/mod.rs:701: 701 lines; a file has at most 700"]
    );
}

#[test]
fn the_scanner_does_not_cry_wolf() {
    for (name, text) in [
        ("segment/a.rs", "use crate::error::Error;\nuse crate::segment::b;\nuse super::c;\nuse self::d;"),
        ("synth/kokoro/style.rs", "use super::super::Timings;\nuse super::vocabulary;"),
        (
            "audio.rs",
            "// use crate::cli;\n/// See [`crate::report`]; println! and unsafe.\n/* crate::cli /* anyhow */ unsafe */",
        ),
        ("audio.rs", "const A: &str = \"crate::cli unsafe println!() \\\" anyhow\";\n#![deny(unsafe_code)]"),
        ("audio.rs", "#[cfg(test)]\nmod tests {\n    use crate::cli;\n    fn f() { println!(\"}\"); }\n}"),
        ("audio.rs", "pub(crate) fn print(text: &str) {}\nfn f(w: &mut W) { writeln!(w); sprintln!(); }"),
        ("cli/mod.rs", "use crate::report::Narrator;\nuse anyhow::Result;\nfn f() { println!(); }"),
        ("synth/kokoro/mapped.rs", "fn f() { unsafe { g() } }"),
        ("synth/kokoro/kernels/avx2.rs", "fn f() { unsafe { g() } }"),
    ] {
        assert_eq!(violations(name, text), Vec::<String>::new(), "{name}:\n{text}");
    }
}
