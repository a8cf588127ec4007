//! The steps at which a result comes into being, by name, so that a test can end the program at each of them or make each of
//! them fail. In a release build nothing of this is left.

use std::io;

/// A step. It is reached when the work that its name tells is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The result's files are whole on the disk, under other names.
    Synced,
    /// The manifest knows them.
    Staged,
    /// The first of them has its name.
    FirstNamed,
    /// All of them have their names.
    Named,
    /// Files of the result before are gone.
    Cleared,
    /// The manifest knows that they are published.
    Published,
    /// The files of a result that is held lie aside.
    Aside,
    /// The manifest knows that it is held.
    Held,
    /// The manifest knows that it is rejected.
    Rejected,
    /// The manifest knows that it is taken back, or old.
    Gone,
}

impl Step {
    /// All of them, in their order.
    #[cfg(debug_assertions)]
    const ALL: [(&'static str, Self); 10] = [
        ("synced", Self::Synced),
        ("staged", Self::Staged),
        ("first-named", Self::FirstNamed),
        ("named", Self::Named),
        ("cleared", Self::Cleared),
        ("published", Self::Published),
        ("aside", Self::Aside),
        ("held", Self::Held),
        ("rejected", Self::Rejected),
        ("gone", Self::Gone),
    ];
}

/// Goes on, but where a test asks for an end: `AUDIO_REPORT_TEST_STEP=staged:kill` or `=named:fail`; with `:3` behind it at the
/// third time.
#[cfg(debug_assertions)]
pub(crate) fn reach(step: Step) -> io::Result<()> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static TIMES: AtomicUsize = AtomicUsize::new(0);

    let Ok(asked) = std::env::var("AUDIO_REPORT_TEST_STEP") else { return Ok(()) };
    let mut parts = asked.split(':');
    let name = parts.next();
    let is_asked = Step::ALL.iter().any(|(known, of)| Some(*known) == name && *of == step);
    let (what, turn) = (parts.next(), parts.next().and_then(|turn| turn.parse().ok()).unwrap_or(1));
    if !is_asked || TIMES.fetch_add(1, Ordering::Relaxed) + 1 != turn {
        return Ok(());
    }
    match what {
        #[cfg(unix)]
        Some("kill") => {
            // As if from outside: nothing is dropped, flushed or told.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            Ok(())
        }
        // The number of EIO, an error of a disk, on all Unix systems.
        _ => Err(io::Error::from_raw_os_error(5)),
    }
}

/// Goes on.
#[cfg(not(debug_assertions))]
pub(crate) fn reach(_: Step) -> io::Result<()> {
    Ok(())
}
