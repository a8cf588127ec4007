//! Throughput of the front end's stages, in bytes of text, and how soon a report becomes audible: `cargo bench --bench
//! stages`.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use audio_report::article::{Article, ReadOptions, read_article};
use audio_report::audio::Discard;
use audio_report::cancel::Cancel;
use audio_report::internals::{Stages, sentences};
use audio_report::lexicon::Lexicon;
use audio_report::lexicon::user::UserLexicon;
use audio_report::report::{Block, NarrationSettings, Narrator, SpeechSettings, Workers};
use audio_report::synth::backend::Backend;
use audio_report::voice::Store;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::GzDecoder;

const PAGE: &str = include_str!("../tests/data/articles/summit.txt");
const PAGE_WITHOUT_HEADLINE: &str = "The port of Busan reopened on Monday, and ships came back at noon. Officials, who \
    had closed it on Friday, said that the damage was small.";
const HTML: &str = include_str!("../tests/data/pages/portal.html");
const MARKDOWN: &str = include_str!("../tests/data/pages/frontmatter.md");

/// Clean-up of each format, apart from the other stages.
fn formats(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("clean-up");
    // A long text: the fixed cost of a page does not count.
    let long = PAGE.repeat(200);
    for (name, page) in
        [("plain text", PAGE), ("plain text, long", &long), ("HTML", HTML), ("Markdown", MARKDOWN)]
    {
        group.throughput(Throughput::Bytes(page.len() as u64)).measurement_time(Duration::from_secs(3));
        group.bench_function(name, |b| {
            b.iter(|| read_article(black_box(page.as_bytes()), name, &ReadOptions::default()));
        });
    }
    group.finish();
}

/// Clean-up of all pages of a folder, `*.html` or `*.html.gz`, that the variable `PAGES` names.
fn pages(criterion: &mut Criterion) {
    let Some(folder) = std::env::var_os("PAGES") else { return };
    let entries = std::fs::read_dir(&folder).expect("PAGES names a folder");
    let pages: Vec<Vec<u8>> = entries.filter_map(|entry| page(&entry.ok()?.path())).collect();
    let mut group = criterion.benchmark_group("pages of a folder");
    let bytes = pages.iter().map(Vec::len).sum::<usize>() as u64;
    group.sample_size(10).throughput(Throughput::Bytes(bytes)).measurement_time(Duration::from_secs(10));
    group.bench_function(format!("clean-up of {} pages", pages.len()), |b| {
        b.iter(|| {
            let read =
                |page: &Vec<u8>| read_article(black_box(page), "page.html", &ReadOptions::default()).is_ok();
            pages.iter().filter(|page| read(page)).count()
        });
    });
    group.finish();
}

fn page(path: &Path) -> Option<Vec<u8>> {
    let name = path.file_name()?.to_str()?;
    let bytes = std::fs::read(path).ok()?;
    let mut page = Vec::new();
    match name.split_once('.')?.1 {
        "html" => Some(bytes),
        "html.gz" => GzDecoder::new(&bytes[..]).read_to_end(&mut page).ok().map(|_| page),
        _ => None,
    }
}

fn stages(criterion: &mut Criterion) {
    let workers = Workers::new(NonZeroUsize::MIN);
    let narrator = Narrator::tone(&SpeechSettings::default().with_workers(workers));
    let stages = Stages::of(&narrator);
    let article = Arc::new(Article::from_text(PAGE.to_string()));
    let spans = sentences(&article);

    let mut group = criterion.benchmark_group("front end");
    group.throughput(Throughput::Bytes(PAGE.len() as u64)).measurement_time(Duration::from_secs(3));
    group.bench_function("clean-up", |b| b.iter(|| Article::from_text(black_box(PAGE).to_string())));
    group.bench_function("sentences", |b| b.iter(|| sentences(&article)));
    group.bench_function("normalisation", |b| {
        b.iter(|| spans.iter().map(|span| stages.tokens(span.of(article.text()))).sum::<usize>());
    });
    group.bench_function("clean-up, sentences and normalisation", |b| {
        b.iter(|| {
            let article = Article::from_text(black_box(PAGE).to_string());
            sentences(&article).iter().map(|span| stages.tokens(span.of(article.text()))).sum::<usize>()
        });
    });
    group.bench_function("acronyms of the article", |b| b.iter(|| stages.study(black_box(&article))));
    group.bench_function("phonemes, all before included", |b| {
        b.iter(|| stages.phonemes(&article));
    });
    group.bench_function("a whole report with the stand-in voice", |b| {
        b.iter(|| {
            let settings = NarrationSettings::default();
            narrator.narrate(&article, settings, Box::new(Discard), &Cancel::new(), &mut |_| {})
        });
    });
    group.finish();
    names(criterion);
}

/// Sentences full of names, known and unknown, with a user's lexicon on top.
fn names(criterion: &mut Criterion) {
    let word = |number: usize| {
        let letters: String =
            number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect();
        format!("Zor{letters} = \"zor-NEL\"")
    };
    let user: Vec<String> = (0..2000).map(word).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("lexicon.toml");
    std::fs::write(&path, format!("[words]\n{}", user.join("\n"))).expect("a file in it");
    let user = UserLexicon::load(&[path]).expect("a sound lexicon");
    let settings = SpeechSettings::default().with_lexicon(Arc::new(Lexicon::built_in().with_user(user)));
    let narrator = Narrator::tone(&settings);
    let stages = Stages::of(&narrator);
    let text = "Premier Zorab of Gyeongsan met Kurosawa, Melnichenko and Xi Jinping near Busan on Monday. "
        .repeat(20);
    let article = Arc::new(Article::from_text(text.clone()));
    let mut group = criterion.benchmark_group("names");
    group.throughput(Throughput::Bytes(text.len() as u64)).measurement_time(Duration::from_secs(3));
    group.bench_function("phonemes, with a lexicon of 2,000 words", |b| {
        b.iter(|| stages.phonemes(&article));
    });
    group.finish();
}

/// One line without a stop: the throughput of 5 MB must be that of 1 MB.
fn long_lines(criterion: &mut Criterion) {
    let stages = Stages::of(&Narrator::tone(&SpeechSettings::default()));
    let mut group = criterion.benchmark_group("a line without a stop");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for megabytes in [1, 5] {
        let line = PAGE.replace(['.', '!', '?', '\n'], " ").repeat((megabytes << 20) / PAGE.len());
        group.throughput(Throughput::Bytes(line.len() as u64));
        group.bench_function(format!("sentences and normalisation, {megabytes} MB"), |b| {
            b.iter(|| stages.sentences_and_tokens(black_box(&line)));
        });
    }
    group.finish();
}

/// With the voice loaded, from the call to the first audible sample; the rest of the report is not made.
#[allow(clippy::print_stdout, reason = "a benchmark says what it skips")]
fn first_audio(criterion: &mut Criterion) {
    let store = Store::from_env().expect("a folder for voices");
    let Ok(voice) = store.locate(&store.default_voice()) else {
        println!("first audio: skipped, the voice is not installed");
        return;
    };
    let backend = Backend::from_env().expect("a backend of this processor");
    let settings = SpeechSettings::default().with_backend(backend);
    let narrator = Narrator::load(&voice, &settings).expect("a whole voice");
    let mut group = criterion.benchmark_group("first audio, warm");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for (name, text) in [("headline first", PAGE), ("sentence first", PAGE_WITHOUT_HEADLINE)] {
        let article = Arc::new(Article::from_text(text.to_string()));
        for workers in [1, 2].map(|workers| NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN)) {
            let narrator = narrator.with_workers(Workers::new(workers));
            group.bench_function(format!("{name}, {workers} workers"), |b| {
                b.iter_custom(|rounds| {
                    (0..rounds)
                        .map(|_| {
                            let started = Instant::now();
                            let settings = NarrationSettings::default().with_hurry_first(true);
                            let mut blocks = narrator.stream(&article, settings, Duration::from_secs(1));
                            let sounds = |block: &Block| match block {
                                Block::Samples(samples) => samples.iter().any(|sample| *sample != 0.0),
                                _ => false,
                            };
                            assert!(blocks.any(|block| block.is_ok_and(|block| sounds(&block))));
                            let time = started.elapsed();
                            drop(blocks);
                            // Work in flight ends at its next check.
                            sleep(Duration::from_millis(300));
                            time
                        })
                        .sum()
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, formats, pages, stages, long_lines, first_audio);
criterion_main!(benches);
