//! Signals: the first Ctrl-C asks all work to stop and clean up, the second leaves at once.

use std::io;
use std::thread;

use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};

/// Watches for interrupts for the rest of the program.
pub(crate) fn watch() -> Result<Cancel> {
    watch_for(None)
}

/// The same for a program that reads its files again at SIGHUP, as services do. When it was started from a terminal that is gone, it ends.
#[cfg(feature = "serve")]
pub(crate) fn watch_and_reload(reload: impl Fn() + Send + 'static) -> Result<Cancel> {
    watch_for(Some(Box::new(reload)))
}

type Reload = Box<dyn Fn() + Send>;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Stop,
    /// To stop, or to read files again, where there are some.
    #[cfg_attr(not(unix), allow(dead_code, reason = "other systems have no such signal"))]
    HangUp,
}

fn watch_for(reload: Option<Reload>) -> Result<Cancel> {
    let unwatched = |cause: io::Error| {
        Error::new(ErrorKind::Output, "the program can't watch for Ctrl-C")
            .because(cause)
            .with_cure(Cure::other("end other programs, or raise the limits of processes and open files"))
    };
    let cancel = Cancel::new();
    let seen = cancel.clone();
    let requests = requests().map_err(unwatched)?;
    let watching = thread::Builder::new().name("interrupt".to_string());
    watching.spawn(move || obey(requests, &seen, reload.as_deref())).map_err(unwatched)?;
    Ok(cancel)
}

fn obey(requests: impl Iterator<Item = Request>, cancel: &Cancel, reload: Option<&(dyn Fn() + Send)>) {
    // Others may have cancelled already on the same signal, and want to put the terminal back.
    let mut is_asked = false;
    let had_terminal = reload.is_some() && has_terminal();
    for request in requests {
        let is_alone = had_terminal && !has_terminal();
        if let (Request::HangUp, Some(reload), false) = (request, reload, is_alone) {
            reload();
            continue;
        }
        if is_asked {
            std::process::exit(i32::from(super::INTERRUPTED));
        }
        is_asked = true;
        cancel.cancel();
    }
}

/// Whether a terminal controls the program. A window that is closed sends the same signal as somebody who wants files to be read again.
#[cfg(unix)]
fn has_terminal() -> bool {
    std::fs::File::open("/dev/tty").is_ok()
}

#[cfg(not(unix))]
fn has_terminal() -> bool {
    false
}

/// The requests to stop, as they come.
#[cfg(unix)]
fn requests() -> io::Result<impl Iterator<Item = Request> + Send> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    Ok(std::iter::from_fn(move || {
        signals.forever().next().map(|signal| if signal == SIGHUP { Request::HangUp } else { Request::Stop })
    }))
}

/// The requests to stop, as they come.
#[cfg(not(unix))]
fn requests() -> io::Result<impl Iterator<Item = Request> + Send> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    Ok(std::iter::from_fn(move || runtime.block_on(tokio::signal::ctrl_c()).ok().map(|()| Request::Stop)))
}

/// Writing beyond the limit of a file's size (`ulimit -f`) becomes an error that can be reported, rather than the end
/// of the program. A handler that does nothing is enough, and programs that this one starts have the signal as usual.
pub(crate) fn ignore_file_limit() {
    #[cfg(unix)]
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default()) {
        tracing::debug!(%error, "the signal of the file size limit can't be handled");
    }
}
