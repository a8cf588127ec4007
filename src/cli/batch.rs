//! `batch`: every article of a folder.

use std::sync::Arc;
use std::time::Instant;

use super::archives::{self, Opened};
use super::args::BatchArgs;
use super::captions::Captions;
use super::config::{self, STDIN};
use super::outcomes::{Outcomes, Telling};
use super::production::Producer;
use super::progress::Bars;
use super::read::Reader;
use super::terminal::{clock, count};
use super::{inputs, targets};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind};
use crate::report::SpeechSettings;

/// Runs `batch`. Articles whose result exists are skipped, so that a batch can be run again until all is done.
pub(crate) fn run(args: &BatchArgs) -> anyhow::Result<u8> {
    if args.output.as_os_str() == STDIN {
        let what = "a batch makes files, which standard output can't take";
        let cure = "name a folder with -o, or read one article: audio-report read FILE -o -";
        return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::other(cure)).into());
    }
    let mut found = inputs::expand(&args.inputs)?;
    let opened = archives::open(&found.articles, || {
        Ok(config::reading(&args.input, args.voice.offline, &Cancel::new())?.fetcher)
    });
    let opened = match opened {
        Ok(opened) => opened,
        // With what a folder lacks, it is one of several failures.
        Err(error) if !found.failures.is_empty() => Opened { inputs: Vec::new(), failures: vec![error] },
        Err(error) => return Err(error.into()),
    };
    found.failures.extend(opened.failures);
    let cast = config::cast(&args.voice, &args.quotes);
    cast.check()?;
    let lexicon = config::lexicon(&args.words)?;
    let mut folder = args.output.clone().into_os_string();
    folder.push("/");
    let (format, assignments) = targets::assign(
        &opened.inputs,
        Some(folder.as_ref()),
        args.file.format,
        config::usual_format(args.preset),
    )?;
    let file = config::file(args.file, args.preset, &args.music, format)?;
    let captions = Captions::of(&args.captions, args.preset);
    captions.check(&assignments)?;
    let is_quiet = args.quiet || args.json;
    let producer = Producer::of(file, captions, &args.tags, &args.announce, &cast)?;
    let reading = producer.reading(&args.input, args.voice.offline)?;
    let reader = Reader {
        cast,
        speed: config::voice_speed(&args.voice)?,
        speech: SpeechSettings {
            workers: config::workers(args.voice.jobs, args.work.nice),
            ..config::speech(&args.voice, lexicon)
        },
        producer: Arc::new(producer),
        reading,
        is_strict: args.strict,
        is_quiet,
    };
    let may_replace = reader.producer.file.finishing.may_replace;
    let (to_read, there): (Vec<_>, Vec<_>) =
        assignments.into_iter().partition(|assignment| may_replace || !assignment.output.is_there());
    let mut outcomes = Outcomes::new(Telling::new(args.quiet, args.json)).skipping_existing(!may_replace);
    outcomes.skipped = there.len();
    for failure in &found.failures {
        outcomes.fail(failure);
    }
    let started = Instant::now();
    let bars = Bars::of_batch(to_read.len(), is_quiet);
    let read = reader.read(&to_read, started, &bars, &mut outcomes);
    bars.finish();
    outcomes.finish();
    read?;
    if !is_quiet {
        let mut line = format!(
            "{} read, {} failed, {} skipped (the result exists; --force reads them again)",
            count(outcomes.done, "article"),
            outcomes.failed,
            outcomes.skipped
        );
        if outcomes.audio_seconds > 0.0 {
            let seconds = started.elapsed().as_secs_f64();
            line.push_str(&format!("; {} of sound in {seconds:.1} s", clock(outcomes.audio_seconds)));
        }
        line.push('\n');
        line.push_str(&outcomes.failures_text());
        outcomes.print(&line);
    }
    Ok(outcomes.code())
}
