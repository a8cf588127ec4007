//! The options of `lexicon`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::{InputArgs, VoiceArgs, WordArgs};

/// `lexicon`
#[derive(Debug, Args)]
#[command(after_long_help = LEXICON_HELP)]
pub(crate) struct LexiconArgs {
    /// The command for lexicons.
    #[command(subcommand)]
    pub command: LexiconCommand,
}

/// The commands of `lexicon`.
#[derive(Debug, Subcommand)]
pub(crate) enum LexiconCommand {
    /// Check lexicon files and report faults with their lines
    Check {
        /// TOML or PLS files; the own lexicon if none is named
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Show how words are said and who knows it
    Say(SayArgs),
    /// List the words of articles that no dictionary knows, the most frequent first, as a lexicon to be corrected
    Unknown {
        /// Articles as files or addresses (https://…); `-` is standard input
        #[arg(required = true, value_name = "INPUT", value_hint = ValueHint::FilePath)]
        inputs: Vec<PathBuf>,
        /// The voice whose dialect decides the pronunciation
        #[arg(long, value_name = "NAME")]
        voice: Option<String>,
        #[command(flatten)]
        #[allow(missing_docs)]
        words: WordArgs,
        #[command(flatten)]
        #[allow(missing_docs)]
        reading: InputArgs,
    },
    /// Print where the own lexicon is looked for
    Path,
}

/// `lexicon say`
#[derive(Debug, Args)]
pub(crate) struct SayArgs {
    /// Words, names or sentences
    #[arg(required = true, value_name = "WORD")]
    pub texts: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub words: WordArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub voice: VoiceArgs,
    /// Say them through the loudspeaker as well
    #[cfg(feature = "play")]
    #[arg(long, conflicts_with = "output")]
    pub play: bool,
    /// Say them into a file as well: WAV, FLAC, MP3 or Opus by its ending
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Overwrite the file if it exists
    #[arg(short, long, requires = "output")]
    pub force: bool,
}

impl SayArgs {
    /// Whether the loudspeaker says them as well.
    pub(crate) fn plays(&self) -> bool {
        #[cfg(feature = "play")]
        return self.play;
        #[cfg(not(feature = "play"))]
        return false;
    }
}

// A paragraph is one line: it is wrapped to the terminal.
const LEXICON_HELP: &str = "\
A lexicon in TOML:

  [words]
  \"Shigeru Ishiba\" = \"shih-GAIR-oo ih-SHEE-bah\"  # the stressed syllable in capitals
  Ishiba = \"/iˈʃiba/\"                             # the International Phonetic Alphabet
  KF-21 = { alias = \"K F twenty-one\" }            # other words
  Reading = { respelling = \"RED-ing\", after = [\"in\", \"near\"] }
  lead = [
    { respelling = \"LED\", before = \"poisoning\" },
    { ipa = \"liːd\", part = \"verb\" },
  ]

Each entry has one of respelling, ipa and alias. An entry without capitals matches any capitalisation. One with capitals matches as it is written, and in all capitals. case = true asks for an exact match, case = false ignores the case. before and after ask for a neighbour, part for noun, name, verb, adjective or adverb, or for a verb's past (with the participle) or present forms. note, source, date and kind (place, person or organisation) are for your own record; lexicon say shows them.

Respelling: a cat, ah father, ay day, air hair, aw law, e or eh bed, ee see, i or ih sit, eye or igh my, o pot, oh go, oo food, uu book, ow cow, oy boy, u or uh cup and about, ur bird, ar car, or for, eer deer; th thin, dh this, zh measure, kh loch; a single vowel letter that ends a syllable is ah, ay, ee, oh, oo.

PLS 1.0 files with alphabet=\"ipa\" are read as well. A lexeme whose role names a part of speech (noun, claws:VVD, penn:NN; the prefix does not matter) counts only for it. `audio-report lexicon check` warns of other roles; such a lexeme counts always when the word has no lexeme without a role. The own lexicon, lexicon.toml or lexicon.pls in the folder that `audio-report lexicon path` prints, always counts; --lexicon counts more, and both more than what an article says about its acronyms and what the program knows.";
