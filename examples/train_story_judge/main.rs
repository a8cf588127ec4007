//! Trains the trees that decide which leaves of a page are its story, and prints how well they do on pages that they have not
//! seen: `make story-judge`.
//!
//! `rows` reads pages whose story is known and writes what the judge sees of their leaves: numbers without text. `train` makes the
//! trees of that file, the same ones each time. `folds` needs the pages themselves, since it scores the text that is read.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

mod align;
mod boost;
mod figures;
mod folds;
mod levels;
mod pages;
mod passes;
mod rows_file;
mod truth;

use figures::Figures;
use pages::Leaf;

/// Trains the trees that decide which leaves of a page are its story
#[derive(Parser)]
enum Command {
    /// Write the rows of pages whose story is known
    Rows {
        /// Folder of `benchmark` and `decisive` with their pages and truths
        pages: PathBuf,
        /// The file of rows
        rows: PathBuf,
    },
    /// Print the figures of trees on pages that were held out, and of all trees on all pages
    Folds {
        /// Folder of `benchmark` and `decisive` with their pages and truths
        pages: PathBuf,
        /// Put the pages into so many other folds, too
        #[arg(long, default_value_t = 1)]
        shuffles: usize,
    },
    /// Make the trees
    Train {
        /// The file of rows
        rows: PathBuf,
        /// The model
        model: PathBuf,
    },
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Rows { pages, rows } => {
            let pages: Vec<Vec<Leaf>> = pages::read(&pages)?.into_iter().map(|page| page.leaves).collect();
            fs::write(rows, rows_file::write(&pages)?)?;
        }
        Command::Folds { pages, shuffles } => {
            let mut pages = pages::read(&pages)?;
            // The numbers are as coarse as those of the file.
            let rows: Vec<Vec<Leaf>> = pages.iter().map(|page| page.leaves.clone()).collect();
            for (page, leaves) in pages.iter_mut().zip(rows_file::read(&rows_file::write(&rows)?)?) {
                page.leaves = leaves;
            }
            for shuffle in 0..shuffles {
                let held_out = folds::held_out(&pages, shuffle)?;
                println!("five folds\n{}", Figures::of(&held_out));
            }
            let leaves: Vec<&[Leaf]> = pages.iter().map(|page| page.leaves.as_slice()).collect();
            let judge = passes::train(&leaves)?;
            let seen: Vec<folds::Judged> = pages.iter().map(|page| folds::judged(page, &judge)).collect();
            println!("seen\n{}", Figures::of(&seen));
        }
        Command::Train { rows, model } => {
            let pages = rows_file::read(&fs::read(rows)?)?;
            let leaves: Vec<&[Leaf]> = pages.iter().map(Vec::as_slice).collect();
            fs::write(model, passes::train(&leaves)?.write())?;
        }
    }
    Ok(())
}
