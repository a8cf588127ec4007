//! The priority of threads.

use std::io;

/// Steps down, the default of the command `nice` (POSIX.1-2024, `nice`).
#[cfg(unix)]
const STEPS: i32 = 10;

/// Makes the calling thread, and those that it starts, give way to other programs. On Linux this affects the thread
/// alone; other Unixes have one priority for the whole process.
#[cfg(unix)]
pub(crate) fn lower() -> io::Result<()> {
    rustix::process::nice(STEPS)?;
    Ok(())
}

/// Not available here.
#[cfg(not(unix))]
pub(crate) fn lower() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::thread;

    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn only_the_calling_thread_and_its_children_give_way() {
        let before = getpriority_process(None).unwrap();
        let lowered = thread::spawn(|| {
            lower().unwrap();
            let child = thread::spawn(|| getpriority_process(None).unwrap());
            [getpriority_process(None).unwrap(), child.join().unwrap()]
        });
        let want = (before + STEPS).min(19);
        assert_eq!(lowered.join().unwrap(), [want, want]);
        assert_eq!(getpriority_process(None).unwrap(), before);
    }
}
