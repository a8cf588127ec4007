//! Ctrl-C: the first asks all work to stop and clean up, the second leaves at once.

use std::thread;

use crate::cancel::Cancel;

/// Watches for interrupts for the rest of the program.
pub fn watch() -> anyhow::Result<Cancel> {
    let cancel = Cancel::new();
    let seen = cancel.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    thread::Builder::new().name("interrupt".to_string()).spawn(move || {
        runtime.block_on(async {
            // Others may have cancelled already on the same signal, and want to put the terminal back.
            let mut is_asked = false;
            while next_signal().await {
                if is_asked {
                    std::process::exit(i32::from(super::INTERRUPTED));
                }
                is_asked = true;
                seen.cancel();
            }
        });
    })?;
    Ok(cancel)
}

/// Waits for the next request to stop; false when none can come.
#[cfg(unix)]
async fn next_signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        done = tokio::signal::ctrl_c() => done.is_ok(),
        _ = terminate.recv() => true,
        _ = hang_up.recv() => true,
    }
}

#[cfg(not(unix))]
async fn next_signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
