//! `worker`: takes jobs and makes their reports, until it is stopped.

use std::sync::Arc;

use super::narrators::OwnNarrators;
use super::{Reached, connection, host, own_kernel, runtime};
use crate::cli::args::announce::AnnounceArgs;
use crate::cli::args::cluster::WorkerArgs;
use crate::cli::press::Press;
use crate::cli::{DONE, config, interrupt, terminal};
use crate::cluster::{Grounds, Metrics, Narrators, Outcome, OwnThread, Stop, Tallies, Worker};
use crate::serve::{Helper, Limits, Voice};

/// Runs `worker`.
pub(crate) fn run(args: &WorkerArgs) -> anyhow::Result<u8> {
    if !args.log_text {
        terminal::hide_texts();
    }
    let grounds = Grounds::of_program();
    let kernel = own_kernel(&grounds)?;
    let cancel = interrupt::watch()?;
    let stop = Stop::of(&cancel, args.drain.0);
    // What is fetched for a job may go on while the job may.
    let fetcher = config::fetcher(&args.web, args.offline, &crate::cancel::Cancel::new())?;
    let press = Press::new(fetcher, &AnnounceArgs::default(), args.most_characters);
    let narrators = Arc::new(OwnNarrators::of(args, &cancel)?);
    let tallies = Arc::new(Tallies::default());
    runtime()?.block_on(async {
        let Reached { queue, results, shelf } = Reached::in_time(&args.cluster, &grounds, &stop).await?;
        let worker = Worker {
            queue: Arc::new(queue),
            results,
            shelf,
            maker: Arc::new(press),
            narrators: narrators.clone(),
            workplace: OwnThread,
            kernel,
            host: host(),
            tallies: tallies.clone(),
            grounds,
        };
        let helper = match args.speaking {
            0 => None,
            // It would end in the middle of a speech.
            _ if args.once_empty => None,
            places => {
                let voice: Voice = Arc::new(move |name| narrators.narrator(name, ""));
                let limits = Limits { characters: args.most_characters, ..Limits::of_program() };
                Some(Helper::new(connection(&args.cluster)?.open().await?, voice, places, limits))
            }
        };
        if !args.quiet {
            let (kernel, queue) = (worker.kernel.as_str(), connection(&args.cluster)?.shown());
            terminal::show(&format!("This worker takes jobs for {kernel} from {queue}; Ctrl-C ends it\n"))?;
        }
        let is_enough = async || {
            if !args.once_empty {
                return false;
            }
            let waiting = worker.queue.waiting_for(&worker.kernel).await;
            waiting.is_ok_and(|waiting| waiting.waiting + waiting.working == 0)
        };
        let working = Box::pin(async {
            match args.metrics {
                None => worker.run(&stop, is_enough).await,
                Some(address) => {
                    let metrics = Metrics::listen(address).await?;
                    if let (false, Some(address)) = (args.quiet, metrics.address()) {
                        terminal::show(&format!("Its measurements are at http://{address}/metrics\n"))?;
                    }
                    let looking = async {
                        loop {
                            tokio::time::sleep(worker.grounds.looked).await;
                            if let Ok(waiting) = worker.queue.waiting_for(&worker.kernel).await {
                                tallies.waits(waiting.waiting);
                            }
                        }
                    };
                    tokio::select! {
                        () = worker.run(&stop, is_enough) => {}
                        never = metrics.serve(tallies.clone()) => match never {},
                        never = looking => never,
                    }
                }
            }
            anyhow::Ok(())
        });
        match &helper {
            None => working.await?,
            Some(helper) => {
                // Where one of them fails, the program ends.
                tokio::try_join!(working, async {
                    helper.run(&stop).await;
                    Ok(())
                })?;
            }
        }
        anyhow::Ok(())
    })?;
    if !args.quiet {
        let (made, dead) = (tallies.count(Outcome::Made), tallies.count(Outcome::Dead));
        let sound = terminal::clock(tallies.sound());
        terminal::show(&format!("made {made} reports, {sound} of sound; gave up {dead}\n"))?;
    }
    Ok(DONE)
}
