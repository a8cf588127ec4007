//! Maps the result to an exit code, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    audio_report::cli::run()
}
