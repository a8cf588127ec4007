//! Trains the trees that decide which leaves of a page are its story, and prints how well they do on pages that they have not
//! seen: `make story-judge`.
//!
//! `rows` reads pages whose story is known and writes what the judge sees of their leaves: numbers without text. `train` makes the
//! trees of that file, the same ones each time.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

mod align;
mod boost;
mod pages;
mod rows_file;
mod score;

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
    /// Make the trees, and print their figures on pages that were held out
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
            let pages = pages::read(&pages)?;
            fs::write(rows, rows_file::write(&pages)?)?;
        }
        Command::Train { rows, model } => {
            let pages = rows_file::read(&fs::read(rows)?)?;
            let by_rules: Vec<Vec<bool>> =
                pages.iter().map(|page| page.iter().map(|leaf| leaf.is_kept).collect()).collect();
            println!("rules      {}", score::score(&pages, &by_rules));
            let held_out = score::held_out(&pages)?;
            println!("five folds {}", score::score(&pages, held_out.iter().map(|page| &page.read)));
            println!("{}", score::doubt(&pages, &held_out));
            let trees = boost::train(&pages.iter().flatten().collect::<Vec<_>>())?;
            let seen: Vec<Vec<bool>> = pages.iter().map(|page| score::decided(page, &trees).read).collect();
            println!("seen       {}", score::score(&pages, &seen));
            fs::write(model, trees.write())?;
        }
    }
    Ok(())
}
