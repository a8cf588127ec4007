//! Prints the sets of instructions that this processor has, one a line, the fastest first: the names that `AUDIO_REPORT_KERNEL`
//! takes; `direct` stands for the fastest without tiles.

#![forbid(unsafe_code)]

#[allow(clippy::print_stdout, reason = "the names are the result")]
fn main() {
    for isa in audio_report_kernels::Isa::available() {
        println!("{isa}");
    }
    println!("direct");
}
