//! `submit`: articles become jobs of many machines.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{Reached, own_kernel, runtime, stop};
use crate::article::ReadOptions;
use crate::cancel::Cancel;
use crate::cli::announce::Announcing;
use crate::cli::args::WordArgs;
use crate::cli::args::captions::CaptionFormat;
use crate::cli::args::cluster::SubmitArgs;
use crate::cli::args::feed::FeedText;
use crate::cli::input::{FeedArticle, Input, Reading};
use crate::cli::source::Source as Opened;
use crate::cli::voices::VoiceChoice;
use crate::cli::{INTERRUPTED, archives, code_of, config, feed_text, terminal};
use crate::cluster::{Grounds, Job, Key, Making, NatsQueue, State, Submitter};
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::feed;
use crate::lexicon::user::UserLexicon;
use crate::net::Fetched;
use crate::order::{Captions, Order, Page, Source, Words};
use crate::synth::registry;
use crate::voice::{Store, VoiceName};

/// The fastest that voices have learnt to speak.
const FASTEST: f32 = 2.0;
/// Bytes in which a feed says that it is one.
const HEAD: usize = 1_024;
/// How feeds begin.
const FEEDS: [&str; 4] = ["<rss", "<feed", "<rdf:rdf", "jsonfeed.org/version"];
/// Bytes of lexicons in a job, beside its article.
const MOST_WORDS: usize = 256 << 10;
/// The stand-in voice.
const TONE: &str = "tone";

/// Runs `submit`.
pub(crate) fn run(args: &SubmitArgs) -> anyhow::Result<u8> {
    let grounds = Grounds::of_program();
    if args.speed.factor() > FASTEST {
        let what = format!("a voice speaks at most at speed {FASTEST}");
        return Err(Error::new(ErrorKind::Usage, what)
            .with_cure(Cure::other("give --speed 0.5 to 2"))
            .into());
    }
    let (voice, engine) = voice(args)?;
    let kernel = args.kernel.clone().map_or_else(|| own_kernel(&grounds), Ok)?;
    let fetcher = config::fetcher(&args.web, args.offline, &Cancel::new())?;
    let opened = archives::open(&args.inputs, || Ok(fetcher.clone()))?;
    let reading = Reading {
        options: ReadOptions::default(),
        fetcher,
        sites: Arc::default(),
        wants_picture: false,
        opens_messages: false,
    };
    let stop = stop(Duration::ZERO)?;
    let submission = Submission {
        args,
        voice,
        words: words(args)?,
        making: Making { engine: &engine, kernel: &kernel },
        reading: &reading,
    };
    runtime()?.block_on(async {
        let submitter = Reached::of(&args.cluster, &grounds).await?.submitter();
        let mut told = Told { args, open: BTreeMap::new(), well: 0, failed: 0 };
        for failure in &opened.failures {
            told.failed += 1;
            terminal::report(failure);
        }
        for input in &opened.inputs {
            if stop.is_asked() {
                return Ok(INTERRUPTED);
            }
            submission.submit(input, &submitter, &mut told).await?;
        }
        if args.wait {
            let keys: Vec<Key> = told.open.keys().cloned().collect();
            let mut ends = Vec::new();
            submitter.wait(&keys, &stop, &mut |key, state| ends.push(told.end(key, state))).await;
            ends.into_iter().collect::<Result<()>>()?;
            if !told.open.is_empty() {
                return Ok(INTERRUPTED);
            }
        }
        Ok(code_of(told.well, told.failed))
    })
}

/// The whole name of the voice that is meant, and what its samples depend on beside the kernels.
fn voice(args: &SubmitArgs) -> Result<(String, String)> {
    let choice = VoiceChoice { name: args.voice.clone(), is_fast: args.fast, may_fetch: false };
    let name = choice.meant()?;
    if name == TONE {
        return Ok((name, registry::tone_identity()));
    }
    let store = Store::from_env()?;
    let styles = store.styles_of(&VoiceName::new(&name))?;
    Ok((styles.name().to_string(), registry::identity_of(&styles)))
}

/// The lexicons that travel with every job.
fn words(args: &SubmitArgs) -> Result<Vec<Words>> {
    let files = config::lexicon_files(&WordArgs { lexicons: args.lexicons.clone(), ..WordArgs::default() })?;
    // A fault is told here, and not by each of many workers.
    UserLexicon::load(&files)?;
    let mut words = Vec::new();
    let mut bytes = 0;
    for file in &files {
        let text = std::fs::read_to_string(file).map_err(|cause| config::unreadable(file, cause))?;
        bytes += text.len();
        let is_pls = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pls"));
        words.push(if is_pls { Words::Pls(text) } else { Words::Toml(text) });
    }
    if bytes > MOST_WORDS {
        let what = "the lexicons have more than 256 KiB, which is too much for each job to carry";
        return Err(Error::new(ErrorKind::Usage, what)
            .with_cure(Cure::other("give a shorter one, or leave out what the program knows")));
    }
    Ok(words)
}

/// What all jobs of a call have in common.
struct Submission<'a> {
    args: &'a SubmitArgs,
    voice: String,
    words: Vec<Words>,
    making: Making<'a>,
    reading: &'a Reading,
}

impl Submission<'_> {
    /// Submits an article, or each of a feed. What is refused is told, and the others go on.
    async fn submit(
        &self,
        input: &Input,
        submitter: &Submitter<NatsQueue>,
        told: &mut Told<'_>,
    ) -> anyhow::Result<()> {
        match self.bring(input) {
            Ok(Brought::Article(source, bytes)) => {
                let name = input.name();
                let job = Job::new(&name, self.order(source), &self.making, &bytes);
                // Where the queue or the results fail, no other article does better.
                let state = submitter.submit(&job, &bytes).await?;
                told.begin(&job.key, &name, state)?;
            }
            Ok(Brought::Feed(articles)) => {
                for article in &articles {
                    // There is no feed within a feed.
                    Box::pin(self.submit(article, submitter, told)).await?;
                }
            }
            Err(error) => told.refuse(input, &error)?,
        }
        Ok(())
    }

    /// The bytes of an article, and where they come from; or the articles of a feed.
    fn bring(&self, input: &Input) -> Result<Brought> {
        if let Input::Entry(article) = input {
            let page = feed_text::bring(article, self.reading)?;
            return Ok(Brought::of_page(page));
        }
        let opened = Opened::open(input, &self.reading.fetcher)?;
        if opened.is_sound() {
            return Err(Error::new(ErrorKind::Input, "this is sound, not an article"));
        }
        let (bytes, page) = opened.whole()?;
        if bytes.is_empty() {
            return Err(Error::new(ErrorKind::Empty, "the input is empty"));
        }
        if is_feed(&bytes) {
            return Ok(Brought::Feed(entries(input, &bytes, page.as_ref())?));
        }
        Ok(match page {
            Some(page) => Brought::of_page(Fetched { bytes, ..page }),
            None => Brought::Article(Source::File(input.name()), bytes),
        })
    }

    fn order(&self, source: Source) -> Order {
        let args = self.args;
        let captions = args.captions.iter().map(|form| match form {
            CaptionFormat::Vtt => Captions::Vtt,
            CaptionFormat::Srt => Captions::Srt,
            CaptionFormat::Json => Captions::Json,
        });
        let mut order = Order::new(source, self.voice.clone(), args.speed, args.format);
        order.captions = captions.collect();
        order.page = args.page;
        order.words.clone_from(&self.words);
        order.around = Some(Announcing::of(&args.announce).to_order());
        order
    }
}

/// What an input brings.
enum Brought {
    /// An article: where it comes from, and its bytes.
    Article(Source, Vec<u8>),
    /// The articles of a feed.
    Feed(Vec<Input>),
}

impl Brought {
    fn of_page(page: Fetched) -> Self {
        let Fetched { address, bytes, charset, media_type, .. } = page;
        let (address, media_type) = (address.to_string(), media_type.map(Into::into));
        Self::Article(Source::Page(Page { address, charset, media_type }), bytes)
    }
}

/// Whether bytes begin like a feed.
fn is_feed(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    // A page may show a feed's source; but it begins as a page.
    let root = FEEDS.iter().filter_map(|root| head.find(root)).min();
    let page = ["<html", "<!doctype html", "<body"].iter().filter_map(|root| head.find(root)).min();
    root.is_some_and(|root| page.is_none_or(|page| root < page))
        && head.trim_start_matches('\u{feff}').trim_start().starts_with(['<', '{'])
}

/// The articles of a feed.
fn entries(input: &Input, bytes: &[u8], page: Option<&Fetched>) -> Result<Vec<Input>> {
    let name = input.name();
    let feed = feed::parse(
        bytes,
        &name,
        page.and_then(|page| page.charset.as_deref()),
        page.map(|page| &page.address),
    )?;
    if feed.entries.is_empty() {
        return Err(Error::new(ErrorKind::Empty, "the feed has no articles").at(Place::file(name)));
    }
    let article = |entry| {
        Input::Entry(Arc::new(FeedArticle {
            feed: input.typed(),
            entry,
            text: FeedText::Auto,
            group: None,
            keeps_similar: true,
        }))
    };
    Ok(feed.entries.into_iter().map(article).collect())
}

/// What people and programs are told of jobs.
struct Told<'a> {
    args: &'a SubmitArgs,
    /// Jobs that have not ended, and what their articles are called.
    open: BTreeMap<Key, String>,
    well: usize,
    failed: usize,
}

impl Told<'_> {
    fn line(&self, key: Option<&Key>, input: &str, state: &str, error: Option<&str>) -> Result<()> {
        if self.args.json {
            return terminal::print_json(
                &json!({ "key": key, "input": input, "state": state, "error": error }),
            );
        }
        if self.args.quiet {
            return Ok(());
        }
        let key = key.map_or("-", Key::as_str);
        terminal::show(&format!("{state} {key} {}\n", printable(input)))
    }

    fn refuse(&mut self, input: &Input, error: &Error) -> Result<()> {
        self.failed += 1;
        terminal::report(error);
        self.line(None, &input.typed(), "refused", Some(&error.causes()))
    }

    fn begin(&mut self, key: &Key, input: &str, state: State) -> Result<()> {
        let why = match state {
            State::Dead => {
                self.failed += 1;
                Some("it was given up before; audio-report queue retry puts it back")
            }
            State::There => {
                self.well += 1;
                None
            }
            State::Submitted | State::Queued => {
                // An article that is given twice is one job.
                let is_new = self.open.insert(key.clone(), input.to_string()).is_none();
                self.well += usize::from(is_new);
                None
            }
        };
        self.line(Some(key), input, state.as_str(), why)
    }

    /// A job that was waited for has ended.
    fn end(&mut self, key: &Key, state: State) -> Result<()> {
        let input = self.open.remove(key).unwrap_or_default();
        let why = (state == State::Dead).then_some("it was given up; audio-report queue dead says why");
        if why.is_some() {
            self.well -= 1;
            self.failed += 1;
        }
        self.line(Some(key), &input, state.as_str(), why)
    }
}
