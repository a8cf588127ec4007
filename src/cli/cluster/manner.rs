//! The manner of speaking that travels with articles and requests.

use crate::cli::args::WordArgs;
use crate::cli::config;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::lexicon::user::UserLexicon;
use crate::normalize::Locale;
use crate::order::{Manner, Words};
use crate::segment::PauseTable;

/// Bytes of lexicons in a job or a request, beside its text.
const MOST_WORDS: usize = 256 << 10;

/// The manner that travels with every job, or every request. The usual lexicons travel below those that are named.
pub(in crate::cli) fn manner(
    locale: Option<Locale>,
    pauses: Option<PauseTable>,
    words: &WordArgs,
) -> Result<Manner> {
    Ok(Manner::new(locale, pauses, config::style_of(words.acronyms), lexicons(words)?))
}

fn lexicons(args: &WordArgs) -> Result<Vec<Words>> {
    let files = config::lexicon_files(args)?;
    // A fault is told here, and not by each of many workers.
    UserLexicon::load(&files)?;
    let mut words = Vec::new();
    let mut bytes = 0;
    for file in &files {
        let text = std::fs::read_to_string(file).map_err(|cause| config::unreadable(file, cause))?;
        bytes += text.len();
        let is_pls = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pls"));
        words.push(if is_pls { Words::Pls(text) } else { Words::Toml(text) });
    }
    if bytes > MOST_WORDS {
        let what = "the lexicons have more than 256 KiB, which is too much for each job to carry";
        return Err(Error::new(ErrorKind::Usage, what)
            .with_cure(Cure::other("give a shorter one, or leave out what the program knows")));
    }
    Ok(words)
}
