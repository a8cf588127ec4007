//! Writes the transforms of tiles as straight-line code, see `src/tile.rs`.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "so it talks to Cargo")]

#[path = "generator/fourier.rs"]
mod fourier;
#[path = "generator/points.rs"]
mod points;
#[path = "generator/program.rs"]
mod program;
#[path = "generator/tile.rs"]
mod tile;

use std::path::PathBuf;
use std::{env, fs, io};

use points::Points;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=generator");
    let folder = env::var_os("OUT_DIR").map(PathBuf::from).ok_or(io::ErrorKind::NotFound)?;
    let two = Points { real: &[2.0 / 3.0, 3.0 / 2.0], has_unit: false }.tile(2);
    let three = Points { real: &[0.5, 1.0, 2.0], has_unit: false }.tile(3);
    let seven = Points { real: &[3.0 / 8.0, 5.0 / 7.0, 1.0, 7.0 / 5.0, 8.0 / 3.0], has_unit: true }.tile(7);
    let code = two.code("Two", "Five rows by filters of two taps.")
        + &three.code("Three", "Six rows by filters of three taps.")
        + &seven.code("Seven", "Eight rows by filters of seven taps.")
        + &fourier::tile(11).code("Eleven", "22 rows by filters of eleven taps.");
    fs::write(folder.join("tiles.rs"), code)
}
