//! Tries the parser that the environment variable `FUZZ_TARGET` names; see `src/fuzzing.rs`. `list` prints all names.
#![no_main]

use std::sync::OnceLock;

use audio_report::fuzzing::targets;
use libfuzzer_sys::fuzz_target;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(
    init: {
        // The program catches panics of decoders that are not its own. One that nobody catches ends the trial all the same.
        std::panic::set_hook(Box::new(|panic| eprintln!("{panic}\n{}", std::backtrace::Backtrace::capture())));
        RUN.get_or_init(|| chosen(&std::env::var("FUZZ_TARGET").unwrap_or_default()));
    },
    |bytes: &[u8]| {
        if let Some(run) = RUN.get() {
            run(bytes);
        }
    }
);

fn chosen(wanted: &str) -> fn(&[u8]) {
    let all = targets();
    if let Some((_, run)) = all.iter().find(|(name, _)| *name == wanted) {
        return *run;
    }
    all.iter().for_each(|(name, _)| println!("{name}"));
    std::process::exit(i32::from(wanted != "list"));
}
