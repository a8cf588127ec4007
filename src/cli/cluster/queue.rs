//! `queue`: what waits, what was given up, and how it is put back.

use serde_json::json;

use super::{Reached, runtime, stop};
use crate::cli::args::cluster::{
    ClusterArgs, DrainArgs, ForgetArgs, LookArgs, QueueCommand, ReconcileArgs, RetryArgs,
};
use crate::cli::terminal::{self, count};
use crate::cli::{DONE, SOME_FAILED, code_of};
use crate::cluster::{DeadLetter, Grounds, Key, Reconciler, Waiting};
use crate::error::{Cure, Error, ErrorKind, Result, printable};

/// Runs `queue …`.
pub(crate) fn run(command: &QueueCommand) -> anyhow::Result<u8> {
    runtime()?.block_on(async {
        match command {
            QueueCommand::Status(args) => status(args).await,
            QueueCommand::Dead(args) => dead(args).await,
            QueueCommand::Retry(args) => retry(args).await,
            QueueCommand::Forget(args) => forget(args).await,
            QueueCommand::Drain(args) => drain(args).await,
            QueueCommand::Reconcile(args) => reconcile(args).await,
        }
    })
}

async fn reach(args: &ClusterArgs) -> Result<Reached> {
    Reached::of(args, &Grounds::of_program()).await
}

/// Says how things stand; the exit code says whether something was given up.
async fn status(args: &LookArgs) -> anyhow::Result<u8> {
    let Reached { queue, shelf, .. } = reach(&args.cluster).await?;
    let Waiting { waiting, working } = queue.waiting().await?;
    let (wanted, dead) = (shelf.wanted().await?.len(), shelf.dead().await?.len());
    if args.json {
        terminal::print_json(&json!({
            "waiting": waiting, "working": working, "wanted": wanted, "dead": dead,
        }))?;
    } else {
        terminal::show(&format!("{waiting} waiting, {working} in work, {wanted} wanted, {dead} given up\n"))?;
    }
    Ok(if dead == 0 { DONE } else { SOME_FAILED })
}

async fn dead(args: &LookArgs) -> anyhow::Result<u8> {
    let Reached { shelf, .. } = reach(&args.cluster).await?;
    for key in shelf.dead().await? {
        let Some(letter) = shelf.letter(&key).await? else { continue };
        if args.json {
            terminal::print_json(&letter_json(&letter))?;
        } else {
            terminal::show(&letter_text(&letter))?;
        }
    }
    Ok(DONE)
}

async fn forget(args: &ForgetArgs) -> anyhow::Result<u8> {
    let LookArgs { cluster, json } = &args.look;
    let Reached { shelf, .. } = reach(cluster).await?;
    let mut failed = 0;
    for key in &args.keys {
        if !shelf.is_dead(key).await? && !shelf.is_wanted(key).await? {
            failed += 1;
            terminal::report(&unknown(key));
            continue;
        }
        shelf.clear(key).await?;
        if *json {
            terminal::print_json(&json!({ "key": key, "state": "forgotten" }))?;
        } else {
            terminal::show(&format!("forgotten {}\n", key.as_str()))?;
        }
    }
    Ok(code_of(args.keys.len() - failed, failed))
}

fn unknown(key: &Key) -> Error {
    let what = format!("{} is neither wanted nor given up", key.as_str());
    Error::new(ErrorKind::Input, what).with_cure(Cure::other(
        "queue dead lists the keys of those that were given up, submit --json those of all",
    ))
}

/// Without the article: it may be long, and is nobody's business who looks for causes.
fn letter_json(letter: &DeadLetter) -> serde_json::Value {
    json!({
        "key": letter.key, "input": letter.name, "kind": letter.kind, "cause": letter.cause, "log": letter.log,
        "deliveries": letter.deliveries, "host": letter.host, "at": letter.at,
    })
}

fn letter_text(letter: &DeadLetter) -> String {
    let DeadLetter { key, name, cause, host, deliveries, log, .. } = letter;
    let mut text = format!(
        "{} {}\n  {} (given out {deliveries} times, last to {})\n",
        key.as_str(),
        printable(name),
        printable(cause),
        printable(host)
    );
    for line in log {
        text.push_str(&format!("  {}\n", printable(line)));
    }
    text
}

async fn retry(args: &RetryArgs) -> anyhow::Result<u8> {
    let LookArgs { cluster, json } = &args.look;
    let submitter = reach(cluster).await?.submitter();
    let keys: Vec<Key> = if args.keys.is_empty() { submitter.shelf.dead().await? } else { args.keys.clone() };
    let mut failed = 0;
    for key in &keys {
        match submitter.retry(key).await {
            Ok(state) if *json => terminal::print_json(&json!({ "key": key, "state": state.as_str() }))?,
            Ok(state) => terminal::show(&format!("{} {}\n", state.as_str(), key.as_str()))?,
            Err(error) => {
                failed += 1;
                terminal::report(&error);
            }
        }
    }
    Ok(code_of(keys.len() - failed, failed))
}

async fn drain(args: &DrainArgs) -> anyhow::Result<u8> {
    let LookArgs { cluster, json } = &args.look;
    let Reached { queue, shelf, .. } = reach(cluster).await?;
    let mut forgotten = 0;
    if args.forget {
        // First, or somebody who reconciles would put them back.
        for key in shelf.wanted().await? {
            shelf.clear(&key).await?;
            forgotten += 1;
        }
    }
    let drained = queue.drain().await?;
    if *json {
        terminal::print_json(&json!({ "drained": drained, "forgotten": forgotten }))?;
    } else {
        let forgotten =
            if args.forget { format!(", {} forgotten", count(forgotten, "job")) } else { String::new() };
        terminal::show(&format!("{} taken out of the queue{forgotten}\n", count(drained as usize, "job")))?;
    }
    Ok(DONE)
}

async fn reconcile(args: &ReconcileArgs) -> anyhow::Result<u8> {
    let LookArgs { cluster, json } = &args.look;
    let stop = stop(std::time::Duration::ZERO)?;
    let submitter = reach(cluster).await?.submitter();
    let mut rounds = Reconciler::default();
    // The first time all are looked at: nobody knows for how long nobody did.
    let mut looked = submitter.reconcile().await;
    loop {
        match (looked, args.every) {
            (Ok(missing), _) if *json => terminal::print_json(&json!({ "submitted": missing }))?,
            (Ok(missing), _) => terminal::show(&format!("{} submitted again\n", count(missing, "job")))?,
            (Err(error), None) => return Err(error.into()),
            // What can't be reached now may be reached next time.
            (Err(error), Some(_)) => terminal::report(&error),
        }
        let Some(every) = args.every else { return Ok(DONE) };
        stop.rest(every.0).await;
        if stop.is_asked() {
            return Ok(DONE);
        }
        looked = rounds.look_at_all(&submitter).await;
    }
}
