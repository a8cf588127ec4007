//! Prints the sets of instructions that this processor has, one a line, the fastest first: the names that `AUDIO_REPORT_KERNEL`
//! takes.

#[allow(clippy::print_stdout, reason = "the names are the result")]
fn main() {
    for isa in audio_report_kernels::Isa::available() {
        println!("{isa}");
    }
}
