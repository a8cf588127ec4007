//! Keys, read in a thread of their own while the terminal is in raw mode.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use tokio::sync::mpsc::Sender;
use tracing::debug;

/// How long the thread waits for a key before it looks whether it is still wanted.
const POLL: Duration = Duration::from_millis(50);

/// A wish of the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    TogglePause,
    Next,
    Previous,
    Faster,
    Slower,
    /// How far it is.
    Tell,
    Redraw,
    Leave,
    Interrupt,
}

impl Command {
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Self::of_key(*key),
            Event::Resize(..) => Some(Self::Redraw),
            _ => None,
        }
    }

    fn of_key(key: KeyEvent) -> Option<Self> {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return matches!(key.code, KeyCode::Char('c' | 'C')).then_some(Self::Interrupt);
        }
        Some(match key.code {
            KeyCode::Char(' ') => Self::TogglePause,
            KeyCode::Right => Self::Next,
            KeyCode::Left => Self::Previous,
            KeyCode::Up | KeyCode::Char('+') => Self::Faster,
            KeyCode::Down | KeyCode::Char('-') => Self::Slower,
            KeyCode::Char('t' | 'T') => Self::Tell,
            KeyCode::Char('q' | 'Q') | KeyCode::Esc => Self::Leave,
            _ => return None,
        })
    }
}

/// The terminal in raw mode; dropped, also by a panic, the terminal is as it was.
pub(super) struct Keyboard {
    wanted: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keyboard {
    /// Begins to send commands; `None` without a terminal.
    pub(crate) fn open(commands: Sender<Command>) -> io::Result<Option<Self>> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Ok(None);
        }
        enable_raw_mode()?;
        let wanted = Arc::new(AtomicBool::new(true));
        // From here on dropping restores the terminal.
        let mut keyboard = Self { wanted: wanted.clone(), thread: None };
        let thread = std::thread::Builder::new().name("keys".to_string());
        keyboard.thread = Some(thread.spawn(move || send_commands(&wanted, &commands))?);
        Ok(Some(keyboard))
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // It checks `wanted` every few milliseconds; a key it still read must not reach the shell half.
            let _ = thread.join();
        }
        if let Err(error) = disable_raw_mode() {
            debug!(%error, "the terminal can't be put back");
        }
    }
}

fn send_commands(wanted: &AtomicBool, commands: &Sender<Command>) {
    while wanted.load(Ordering::Acquire) {
        match event::poll(POLL).and_then(|is_there| is_there.then(event::read).transpose()) {
            Ok(event) => {
                // A full channel drops the key rather than wait: the player may be about to end.
                if let Some(command) = event.as_ref().and_then(Command::of) {
                    let _ = commands.try_send(command);
                }
            }
            Err(error) => {
                debug!(%error, "keys can't be read any more");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn keys_mean_what_the_status_line_says() {
        let none = KeyModifiers::NONE;
        let rows = [
            (KeyCode::Char(' '), none, Some(Command::TogglePause)),
            (KeyCode::Left, none, Some(Command::Previous)),
            (KeyCode::Right, none, Some(Command::Next)),
            (KeyCode::Up, none, Some(Command::Faster)),
            (KeyCode::Down, none, Some(Command::Slower)),
            (KeyCode::Char('t'), none, Some(Command::Tell)),
            (KeyCode::Char('q'), none, Some(Command::Leave)),
            (KeyCode::Esc, none, Some(Command::Leave)),
            (KeyCode::Char('c'), KeyModifiers::CONTROL, Some(Command::Interrupt)),
            (KeyCode::Char('c'), none, None),
            (KeyCode::Char('q'), KeyModifiers::CONTROL, None),
        ];
        each(rows, |(code, modifiers, command)| {
            let mut key = KeyEvent::new(code, modifiers);
            assert_eq!(Command::of(&Event::Key(key)), command, "{key:?}");
            key.kind = KeyEventKind::Release;
            assert_eq!(Command::of(&Event::Key(key)), None, "released: {key:?}");
        });
    }
}
