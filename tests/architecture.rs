//! Checks the modules against the import table of the architecture, so that no boundary erodes unnoticed.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

#[path = "architecture/source.rs"]
mod source;

/// The modules of the crate that each module may import beside itself and [`SHARED`]; `*` is all of them.
const TABLE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("text", &[]),
    ("cancel", &[]),
    ("audio", &[]),
    ("files", &["cancel"]),
    ("hash", &[]),
    ("calendar", &[]),
    ("magic", &[]),
    ("tsv", &[]),
    ("abbreviations", &["tsv"]),
    ("alphabet", &[]),
    ("voice", &["audio", "cancel", "files"]),
    ("net", &["cancel", "magic"]),
    ("feed", &["calendar", "hash", "net"]),
    ("article", &["calendar", "magic", "tsv"]),
    ("segment", &["abbreviations", "alphabet", "article", "tsv"]),
    ("lexicon", &["alphabet", "files", "tsv"]),
    ("normalize", &["abbreviations", "alphabet", "lexicon", "tsv"]),
    ("phonemize", &["alphabet", "lexicon", "normalize", "tsv"]),
    ("script", &["article", "segment", "lexicon", "normalize", "phonemize"]),
    ("synth", &["voice", "audio"]),
    ("store", &["synth", "audio", "calendar", "cancel", "feed", "files", "hash", "net"]),
    ("stream", &["synth", "audio", "cancel"]),
    ("master", &["audio"]),
    ("timeline", &["article", "segment", "script", "audio"]),
    ("output", &["audio", "files", "master"]),
    (
        "report",
        &[
            "article",
            "segment",
            "lexicon",
            "normalize",
            "phonemize",
            "script",
            "synth",
            "store",
            "stream",
            "master",
            "timeline",
            "output",
            "voice",
            "audio",
            "cancel",
        ],
    ),
    ("batch", &["article", "report", "synth", "audio", "cancel"]),
    ("podcast", &["calendar", "magic", "net", "output"]),
    ("watch", &["cancel", "hash"]),
    ("order", &["audio", "cancel", "lexicon", "master", "normalize", "output", "report", "segment"]),
    (
        "serve",
        &[
            "article",
            "audio",
            "cancel",
            "cluster",
            "files",
            "hash",
            "lexicon",
            "master",
            "normalize",
            "order",
            "output",
            "phonemize",
            "report",
            "script",
            "segment",
            "stream",
            "voice",
        ],
    ),
    ("cluster", &["calendar", "cancel", "hash", "order", "report"]),
    ("cli", &["*"]),
    ("fuzzing", &["*"]),
    ("internals", &["article", "cancel", "output", "phonemize", "report", "script", "segment", "synth"]),
    ("lib", &["*"]),
    ("main", &["*"]),
    ("table_test", &[]),
];
/// The modules that all others share; they stand below all others and import none.
const SHARED: [&str; 3] = ["error", "text", "table_test"];
/// Parsers of what comes from outside, and the only files that may use them: there their limits are kept.
const PARSERS: [(&str, &[&str]); 4] = [
    (
        "quick_xml",
        &[
            "article/newsroom/xml.rs",
            "lexicon/user/pls.rs",
            "podcast/tree.rs",
            "podcast/write.rs",
            "podcast/write/episode.rs",
        ],
    ),
    ("feed_rs", &["feed/parse.rs"]),
    ("mail_parser", &["article/newsroom/mail.rs", "article/newsroom/mime.rs"]),
    ("zip", &["article/newsroom/archive.rs", "fuzzing.rs", "output/epub.rs", "voice/source/pip.rs"]),
];
/// Formats of newsrooms, and the others that each may hold.
const FORMATS: [(&str, &[&str]); 5] =
    [("docx", &[]), ("mail", &[]), ("nitf", &[]), ("newsml", &["nitf"]), ("ninjs", &["nitf"])];
const LONGEST_FILE: usize = 500;
/// Folders and files of `synth` that are engines; none knows another.
const ENGINES: [&str; 3] = ["hibari", "kokoro", "tone"];
/// Modules whose public items are the library's interface.
const PUBLIC: [&str; 11] =
    ["article", "audio", "batch", "cancel", "error", "lexicon", "output", "report", "synth", "text", "voice"];
/// Files outside these modules with settings that `report` exports.
const SETTINGS: [&str; 4] = ["normalize/locale.rs", "script/plan.rs", "segment/pause.rs", "stream/pool.rs"];
/// Where `internals` reaches for benches and tests; nobody else can.
const INTERNALS: [&str; 5] =
    ["article/html/judge", "fuzzing", "internals", "phonemize/letter_to_sound", "synth/kokoro"];
const MOST_PUBLIC: usize = 160;
/// Files of the kernels with unsafe code.
const UNSAFE: [&str; 16] = [
    "avx2.rs",
    "avx2_wide.rs",
    "avx512.rs",
    "avx_vnni.rs",
    "dispatch.rs",
    "lib.rs",
    "mapped.rs",
    "neon.rs",
    "recurrence.rs",
    "tile.rs",
    "tile/avx2.rs",
    "tile/avx512.rs",
    "tile/portable.rs",
    "tile/rows.rs",
    "tile/stages.rs",
    "tile/vector.rs",
];
const PRINTING: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];

/// Violations of the rules in one file; `name` is its path below `src`.
fn violations(name: &str, text: &str) -> Vec<String> {
    let source = Source::new(name, text);
    let module = Source::module(name);
    let mut found = Vec::new();
    let mut tell = |line: usize, rule: String| found.push(format!("src/{name}:{line}: {rule}"));
    match TABLE.iter().find(|(known, _)| *known == module) {
        None => tell(1, format!("the module `{module}` has no row in the table of tests/architecture.rs")),
        Some((_, allowed)) => {
            for (line, imported) in &source.imports {
                // Items of the crate's root are no modules.
                let is_module = TABLE.iter().any(|(known, _)| known == imported);
                let is_shared = SHARED.contains(&&**imported) && !SHARED.contains(&&*module);
                let is_allowed = allowed.contains(&"*") || allowed.contains(&&**imported);
                if is_module && *imported != module && !is_shared && !is_allowed {
                    tell(*line, format!("`{module}` may not import `{imported}`"));
                }
            }
        }
    }
    if module != "cli" {
        for (line, _) in source.macros.iter().filter(|(_, name)| PRINTING.contains(&&**name)) {
            tell(*line, "printing is for src/cli only".to_string());
        }
        for (line, _) in source.roots.iter().filter(|(_, root)| root == "anyhow" || root == "clap") {
            tell(*line, "anyhow and clap are for src/cli only".to_string());
        }
    }
    if !["cli", "error"].contains(&&*module) && text.contains("Cure::other") {
        tell(1, "advice in words is for src/cli only; the library has codes".to_string());
    }
    for own in ENGINES.iter().filter(|engine| name.starts_with(&format!("synth/{engine}"))) {
        for other in ENGINES.iter().filter(|other| *other != own) {
            if text.contains(&format!("synth::{other}::")) || text.contains(&format!("super::{other}::")) {
                tell(1, format!("the engine `{own}` may not know the engine `{other}`"));
            }
        }
    }
    for (parser, users) in PARSERS.iter().filter(|(_, users)| !users.contains(&name)) {
        for (line, _) in source.roots.iter().filter(|(_, root)| root == parser) {
            tell(*line, format!("the parser `{parser}` is for {} only", users.join(" and ")));
        }
    }
    for (own, held) in FORMATS.iter().filter(|(own, _)| name.starts_with(&format!("article/newsroom/{own}")))
    {
        for (other, _) in FORMATS.iter().filter(|(other, _)| other != own && !held.contains(other)) {
            if text.contains(&format!("super::{other}::")) {
                tell(1, format!("the format `{own}` may not know the format `{other}`"));
            }
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
    assert!(names.len() > 200, "the scan found only {} files", names.len());
    let mut imports = 0;
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for name in &names {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let name = name.to_string_lossy().replace('\\', "/");
        let source = Source::new(&name, &text);
        imports += source.imports.len();
        used.extend(source.imports.into_iter().map(|(_, imported)| (Source::module(&name), imported)));
        found.extend(violations(&name, &text));
    }
    assert!(imports > 400, "the scan saw only {imports} imports");
    for (module, allowed) in TABLE {
        for imported in allowed.iter().filter(|imported| **imported != "*") {
            if !used.contains(&((*module).to_string(), (*imported).to_string())) {
                found.push(format!("the table lets `{module}` import `{imported}`, which it does not"));
            }
        }
    }
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_interface_is_small_and_in_the_public_modules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = Vec::new();
    files(&root, &root, &mut names);
    let mut public = Vec::new();
    let mut misplaced = Vec::new();
    for name in &names {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let name = name.to_string_lossy().replace('\\', "/");
        if INTERNALS.iter().any(|reached| name.starts_with(reached)) {
            continue;
        }
        let module = Source::module(&name);
        for (line, item) in Source::new(&name, &text).public {
            let item = format!("src/{name}:{line}: {item}");
            // The program's own entry, for `main`.
            let is_entry = item.ends_with(" run") && name == "cli.rs";
            if !PUBLIC.contains(&&*module) && !SETTINGS.contains(&&*name) && !is_entry {
                misplaced.push(item.clone());
            }
            public.push(item);
        }
    }
    assert!(misplaced.is_empty(), "public items outside the public modules:\n{}", misplaced.join("\n"));
    assert!(public.len() > 80, "the scan saw only {} public items", public.len());
    assert!(public.len() <= MOST_PUBLIC, "{} public items:\n{}", public.len(), public.join("\n"));
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
fn every_file_of_tests_stands_in_the_program_of_all_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let all = fs::read_to_string(folder.join("all.rs")).unwrap();
    let names = fs::read_dir(folder).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_stem()?.to_str()?.to_string();
        (path.extension()? == "rs" && name != "all").then_some(name)
    });
    let missing: Vec<String> =
        names.filter(|name| !all.lines().any(|line| line == format!("mod {name};"))).collect();
    assert!(missing.is_empty(), "files that never run: {missing:?}");
}

/// Roots of programs and of the library, and every file of the kernels: whoever does not forbid unsafe code is on the list.
#[test]
fn unsafe_code_stands_in_the_kernels_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = |folder: &str| fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let main_of = |path: PathBuf| if path.is_dir() { path.join("main.rs") } else { path };
    let programs = entries("examples").chain(entries("benches")).map(main_of);
    let is_program = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "rs") && path.exists();
    let programs = programs.filter(is_program);
    let roots = ["src/lib.rs", "src/main.rs", "tests/all.rs"].map(|name| root.join(name));
    let kernels = root.join("crates/kernels/src");
    let mut inner = Vec::new();
    files(&kernels, &kernels, &mut inner);
    let forbids = |path: &PathBuf| fs::read_to_string(path).unwrap().contains("\n#![forbid(unsafe_code)]\n");
    let mut open: Vec<String> =
        roots.into_iter().chain(programs).filter(|path| !forbids(path)).map(|path| shown(&path)).collect();
    open.extend(inner.into_iter().filter(|path| !forbids(&kernels.join(path))).map(|path| shown(&path)));
    open.sort();
    assert_eq!(open, UNSAFE);
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[test]
fn what_is_planted_is_found() {
    let mut wrong = Vec::new();
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
            &["src/audio.rs:1: `audio` may not import `synth`"],
        ),
        ("master.rs", "use crate::stream;", &["src/master.rs:1: `master` may not import `stream`"]),
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
            "master.rs",
            "mod a { use super::super::output::Sink; }",
            &["src/master.rs:1: `master` may not import `output`"],
        ),
        (
            "master.rs",
            "fn f() { g!(a, crate::stream::Pool) }",
            &["src/master.rs:1: `master` may not import `stream`"],
        ),
        (
            "news.rs",
            "",
            &["src/news.rs:1: the module `news` has no row in the table of tests/architecture.rs"],
        ),
        (
            "synth/tone.rs",
            "fn f() {\n println!(\"{}\", 'x');\n}",
            &["src/synth/tone.rs:2: printing is for src/cli only"],
        ),
        (
            "synth/tone.rs",
            "use crate::synth::kokoro::Kokoro;",
            &["src/synth/tone.rs:1: the engine `tone` may not know the engine `kokoro`"],
        ),
        (
            "report.rs",
            "fn f() -> Cure { Cure::other(\"try --force\") }",
            &["src/report.rs:1: advice in words is for src/cli only; the library has codes"],
        ),
        (
            "net/fetcher.rs",
            "use crate::article::Article;",
            &["src/net/fetcher.rs:1: `net` may not import `article`"],
        ),
        ("article.rs", "use crate::net::Fetcher;", &["src/article.rs:1: `article` may not import `net`"]),
        (
            "article/html.rs",
            "use quick_xml::Reader;",
            &[
                "src/article/html.rs:1: the parser `quick_xml` is for article/newsroom/xml.rs and lexicon/user/pls.rs and podcast/tree.rs and podcast/write.rs and podcast/write/episode.rs only",
            ],
        ),
        (
            "article/newsroom/mail.rs",
            "use super::nitf::read;",
            &["src/article/newsroom/mail.rs:1: the format `mail` may not know the format `nitf`"],
        ),
        ("article/newsroom/newsml.rs", "use super::nitf::read;", &[]),
        ("report.rs", "use anyhow::Context;", &["src/report.rs:1: anyhow and clap are for src/cli only"]),
        (
            "lexicon.rs",
            "#[cfg(test)]\nmod tests { use crate::cli; }\nuse crate::voice::Store;",
            &["src/lexicon.rs:3: `lexicon` may not import `voice`"],
        ),
        ("segment/a.rs", "use crate::error::Error;\nuse crate::segment::b;\nuse self::d;", &[]),
        ("synth/kokoro/style.rs", "use super::super::Timings;\nuse super::text_side;", &[]),
        (
            "audio.rs",
            "// use crate::cli;\n/// See [`crate::report`].\nconst A: &str = \"crate::cli println!()\";",
            &[],
        ),
        ("cli.rs", "use crate::report::Narrator;\nuse anyhow::Result;\nfn f() { println!(); }", &[]),
    ] {
        let found = violations(name, text);
        if found != want {
            wrong.push(format!("{name}:\n{text}\nfound {found:?}\nnot {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let long = "\n".repeat(LONGEST_FILE + 1);
    assert_eq!(violations("article.rs", &long), ["src/article.rs:501: 501 lines; a file has at most 500"]);
}
