//! Listening: sound plays while it is made, sentences are shown as they begin, and keys act at once.

mod keys;
mod output;
mod screen;

use std::io;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use tracing::debug;

use self::keys::{Command, Keyboard};
use self::output::{KeptOpen, Output, PATIENCE};
use self::screen::Screen;
use crate::audio::SampleRate;
use crate::audio::Sink;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::output::player::{Controls, PlaybackSource, PlayerSettings, open_speaker, player};

/// Interval between updates of the display; shorter than any sentence.
const TICK: Duration = Duration::from_millis(100);

/// How the listener wants it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listening {
    /// Whether neither sentences nor the status line are shown.
    pub is_quiet: bool,
    /// Whether nothing is redrawn: one line an event, for screen readers and simple terminals.
    pub is_plain: bool,
    /// The speed at which the sound is made; the display shows the product of both.
    pub made_at: f32,
    /// The speed at which it is played, relative to that, in tenths.
    pub tenths: u8,
    /// Whether `--fast` would be faster.
    pub has_faster: bool,
}

impl Listening {
    /// Sound as it is, with a display or without.
    pub(crate) const fn new(is_quiet: bool) -> Self {
        Self { is_quiet, is_plain: false, made_at: 1.0, tenths: 10, has_faster: false }
    }
}

/// Plays the sound that `feed` writes into a sink from its own thread, and returns its result when all is played;
/// `None` when the listener left early. An error of `feed` ends the playback at once. `feed` has to stop soon after
/// `cancel` or an error of its sink; a listener who leaves does not wait for it.
///
/// On a terminal keys control the playback. Without a terminal no status line is shown.
pub(crate) fn run<T: Send + 'static>(
    rate: SampleRate,
    feed: impl FnOnce(Box<dyn Sink>) -> Result<T> + Send + 'static,
    cancel: &Cancel,
    listening: Listening,
) -> anyhow::Result<Option<T>> {
    let start = |source| {
        let speaker = open_speaker()?;
        speaker.play(source);
        Ok(speaker)
    };
    run_on(start, PATIENCE, rate, feed, cancel, listening)
}

fn run_on<O: Output, T: Send + 'static>(
    start: impl FnMut(PlaybackSource) -> Result<O>,
    patience: Duration,
    rate: SampleRate,
    feed: impl FnOnce(Box<dyn Sink>) -> Result<T> + Send + 'static,
    cancel: &Cancel,
    listening: Listening,
) -> anyhow::Result<Option<T>> {
    let opened = Instant::now();
    let (sink, source, controls) =
        player(rate, PlayerSettings { tenths: listening.tenths, ..PlayerSettings::default() });
    let (sender, receiver) = oneshot::channel();
    // The narrator has much to load; some sound systems, too, take a while until they are open.
    std::thread::Builder::new()
        .name("narrator".to_string())
        .spawn(move || {
            // The receiver is gone after the listener left.
            let _ = sender.send(feed(Box::new(sink)));
        })
        .context("can't start a thread for the narrator")?;
    let mut output = KeptOpen::open(start, source, patience).inspect_err(|_| {
        controls.stop();
        cancel.cancel();
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't start the player's clock")?;
    let ending = runtime.block_on(listen(&mut output, receiver, &controls, cancel, listening));
    let status = controls.status();
    let waited = status.began.map(|began| began.duration_since(opened).as_secs_f64());
    debug!(heard_after = waited, underruns = status.underruns, "the playback ends");
    if !matches!(ending, Ok(Ending::PlayedOut(_))) {
        controls.stop();
        cancel.cancel();
    }
    match ending? {
        Ending::PlayedOut(result) => Ok(Some(result)),
        Ending::Left => Ok(None),
        Ending::Interrupted => Err(Error::new(ErrorKind::Interrupted, "interrupted").into()),
    }
}

enum Ending<T> {
    PlayedOut(T),
    Left,
    Interrupted,
}

/// Waits for keys, the clock and the narrator, until the programme ends. A signal sets `cancel`; in raw mode Ctrl-C is
/// a key instead.
async fn listen<O: Output, S: FnMut(PlaybackSource) -> Result<O>, T>(
    output: &mut KeptOpen<O, S>,
    mut narrator: oneshot::Receiver<Result<T>>,
    controls: &Controls,
    cancel: &Cancel,
    listening: Listening,
) -> anyhow::Result<Ending<T>> {
    let (commands, mut keys) = mpsc::channel(16);
    let keyboard = Keyboard::open(commands).context("can't read keys from this terminal")?;
    let mut screen = Screen::new(keyboard.is_some(), listening);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut result = None;
    let mut underruns = 0;
    loop {
        tokio::select! {
            Some(command) = keys.recv() => {
                match command {
                    Command::Leave => {
                        is_closed(screen.close(&controls.status()))?;
                        return Ok(Ending::Left);
                    }
                    Command::Interrupt => return Ok(Ending::Interrupted),
                    Command::TogglePause => controls.toggle_pause(),
                    Command::Next => controls.next_sentence(),
                    Command::Previous => controls.previous_sentence(),
                    Command::Faster => controls.faster(),
                    Command::Slower => controls.slower(),
                    Command::Tell | Command::Redraw => {}
                }
                if is_closed(screen.answer(command, &controls.status()))? {
                    return Ok(Ending::Left);
                }
            }
            outcome = &mut narrator, if result.is_none() => match outcome {
                Ok(Ok(value)) => result = Some(value),
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => {
                    return Err(Error::new(ErrorKind::Synthesis, "the narrator broke off").into());
                }
            },
            _ = tick.tick() => {}
        }
        if cancel.is_cancelled() {
            return Ok(Ending::Interrupted);
        }
        output.check(controls)?;
        let status = controls.status();
        if status.underruns > underruns {
            underruns = status.underruns;
            debug!(underruns, position = status.position, "the sound ran dry");
        }
        if is_closed(screen.show(&controls.take_begun(), &status))? {
            return Ok(Ending::Left);
        }
        if status.finished
            && let Some(value) = result.take()
        {
            // The rest in the sound system's buffers is played, too.
            tokio::time::sleep(output.latency()).await;
            is_closed(screen.close(&status))?;
            return Ok(Ending::PlayedOut(value));
        }
    }
}

/// A reader of our output who went away ends the playback without an error.
fn is_closed(shown: io::Result<()>) -> anyhow::Result<bool> {
    match shown {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error).context("can't show what is played"),
    }
}

#[cfg(test)]
mod tests;
