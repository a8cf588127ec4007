//! `submit`: articles become jobs of many machines.

mod brought;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use self::brought::Brought;
use self::told::Told;
use super::{Reached, manner, own_kernel, runtime};
use crate::article::ReadOptions;
use crate::cli::announce::Announcing;
use crate::cli::args::captions::CaptionFormat;
use crate::cli::args::cluster::SubmitArgs;
use crate::cli::input::{Input, Reading};
use crate::cli::voices::VoiceChoice;
use crate::cli::{INTERRUPTED, archives, code_of, config, interrupt, terminal};
use crate::cluster::{Grounds, Job, Key, Making, NatsQueue, Stop, Submitter};
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::order::{Captions, Finish, Manner, Order, Source};
use crate::synth::registry;
use crate::voice::{Store, VoiceName};

/// The fastest that voices have learnt to speak.
const FASTEST: f32 = 2.0;
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
    let cancel = interrupt::watch()?;
    let fetcher = config::fetcher(&args.web, args.offline, &cancel)?;
    let opened = archives::open(&args.inputs, || Ok(fetcher.clone()))?;
    let reading = Reading {
        options: ReadOptions::default(),
        fetcher,
        sites: Arc::default(),
        wants_picture: false,
        opens_messages: false,
    };
    let stop = Stop::of(&cancel, Duration::ZERO);
    let submission = Submission {
        args,
        voice,
        manner: manner(args.locale.locale, args.pauses, &args.words)?,
        finish: Finish::new(&config::coding(args.sound, args.format)?, args.sound.loudness),
        making: Making { engine: &engine, kernel: &kernel },
        reading: &reading,
        stop: &stop,
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
        if stop.is_asked() {
            return Ok(INTERRUPTED);
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

/// What all jobs of a call have in common.
struct Submission<'a> {
    args: &'a SubmitArgs,
    voice: String,
    manner: Manner,
    finish: Finish,
    making: Making<'a>,
    reading: &'a Reading,
    stop: &'a Stop,
}

impl Submission<'_> {
    /// Submits an article, or each of a feed. What is refused is told, and the others go on.
    async fn submit(
        &self,
        input: &Input,
        submitter: &Submitter<NatsQueue>,
        told: &mut Told<'_>,
    ) -> anyhow::Result<()> {
        match Brought::of(input, self.reading) {
            Ok(Brought::Article(source, bytes)) => {
                let name = input.name();
                let job = Job::new(&name, self.order(source), &self.making, &bytes);
                // Where the queue or the results fail, no other article does better.
                let state = submitter.submit(&job, &bytes).await?;
                told.begin(&job.key, &name, state)?;
            }
            Ok(Brought::Feed(articles)) => {
                for article in articles.iter().take_while(|_| !self.stop.is_asked()) {
                    // There is no feed within a feed.
                    Box::pin(self.submit(article, submitter, told)).await?;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted && self.stop.is_asked() => {}
            Err(error) => told.refuse(input, &error)?,
        }
        Ok(())
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
        order.manner.clone_from(&self.manner);
        order.finish = self.finish;
        order.around = Some(Announcing::of(&args.announce).to_order());
        order
    }
}
