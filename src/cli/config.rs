//! What was typed becomes what is meant: inputs with names, results with paths, settings with defaults filled in.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use directories::ProjectDirs;

use super::args::{Acronyms, Bits, Extra, FileArgs, InputArgs, VoiceArgs, WordArgs};
use super::source::Source;
use super::voices::VoiceChoice;
use crate::article::{Article, ReadOptions, read_article};
use crate::audio::SampleFormat;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Place, Result, printable};
use crate::lexicon::user::UserLexicon;
use crate::lexicon::{AcronymStyle, Lexicon};
use crate::report::{SpeechSettings, Workers};

/// How often a wait for input looks whether it is still wanted.
const CANCEL_POLL: Duration = Duration::from_millis(20);

/// Where an article comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// `-` is standard input.
    pub fn new(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path.to_path_buf()) }
    }

    /// The name that messages use; nothing in it steers a terminal.
    pub fn name(&self) -> String {
        printable(&self.typed())
    }

    /// The name as it was typed, for JSON. Bytes that are no UTF-8 are replaced.
    pub fn typed(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_string(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// The stem of the result's name.
    fn stem(&self) -> String {
        match self {
            Self::Stdin => "stdin".to_string(),
            Self::File(path) => path
                .file_stem()
                .map_or_else(|| "report".to_string(), |stem| stem.to_string_lossy().into_owned()),
        }
    }

    /// All bytes of the input.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        Source::open(self)?.bytes()
    }

    /// The article.
    pub fn article(&self, options: ReadOptions) -> Result<Arc<Article>> {
        self.decode(&self.bytes()?, options)
    }

    /// The article; a wait for its bytes ends as soon as `cancel` is set, for standard input may never come.
    pub fn article_unless(&self, options: ReadOptions, cancel: &Cancel) -> Result<Arc<Article>> {
        let (sender, receiver) = sync_channel(1);
        let input = self.clone();
        // The thread is left alone with its wait when nobody is interested any more.
        let reading = thread::Builder::new().name("input".to_string());
        reading.spawn(move || sender.send(input.bytes())).map_err(|cause| {
            Error::new(ErrorKind::Input, "no thread can be started that reads the input")
                .at(Place::file(self.name()))
                .because(cause)
                .cure("end other programs, or raise the limit of processes")
        })?;
        loop {
            if cancel.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            match receiver.recv_timeout(CANCEL_POLL) {
                Ok(bytes) => return self.decode(&bytes?, options),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::new(ErrorKind::Input, "reading the input broke off")
                        .at(Place::file(self.name())));
                }
            }
        }
    }

    /// The article that bytes of this input hold.
    pub fn decode(&self, bytes: &[u8], options: ReadOptions) -> Result<Arc<Article>> {
        Ok(Arc::new(read_article(bytes, &self.name(), &options)?))
    }
}

pub fn unreadable(path: &Path, cause: io::Error) -> Error {
    let (what, cure) = match cause.kind() {
        io::ErrorKind::NotFound => ("there is no such file", "check the name; - reads standard input"),
        io::ErrorKind::PermissionDenied => ("the file may not be read", "check its permissions"),
        _ => ("the file can't be read", "check the file and the disk"),
    };
    Error::new(ErrorKind::Input, what).at(Place::file(path)).because(cause).cure(cure)
}

/// One article to be read and the file it is read into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Where the article comes from.
    pub input: Input,
    /// The WAV file.
    pub output: PathBuf,
}

/// Pairs inputs with results. `output` is a folder when there are several inputs, when it is one already or ends with a
/// separator; two inputs never share a result.
pub fn assign(inputs: &[PathBuf], output: Option<&Path>) -> Result<Vec<Assignment>> {
    let is_folder = |path: &Path| {
        inputs.len() > 1
            || path.is_dir()
            || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
    };
    let inputs = inputs.iter().map(|path| Input::new(path));
    let assignments: Vec<Assignment> = match output {
        Some(file) if !is_folder(file) => {
            inputs.map(|input| Assignment { input, output: file.to_path_buf() }).collect()
        }
        folder => {
            let folder = folder.unwrap_or(Path::new("output"));
            if folder.is_file() {
                return Err(Error::new(ErrorKind::Usage, "several inputs need a folder, and this is a file")
                    .at(Place::file(folder))
                    .cure("name a folder with -o"));
            }
            inputs.map(|input| Assignment { output: folder.join(input.stem() + ".wav"), input }).collect()
        }
    };
    let mut taken: HashMap<&Path, &Input> = HashMap::new();
    for Assignment { input, output } in &assignments {
        if let Input::File(path) = input
            && is_same_file(path, output)
        {
            return Err(Error::new(ErrorKind::Usage, "the result would overwrite the article")
                .at(Place::file(path))
                .cure("name another file with -o"));
        }
        if let Some(other) = taken.insert(output, input) {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("{} and {} would both be read into one file", other.name(), input.name()),
            )
            .at(Place::file(output))
            .cure("read them into different folders with -o"));
        }
    }
    Ok(assignments)
}

/// Whether two paths, however they are written, lead to one file.
fn is_same_file(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// The articles that folders, files and patterns stand for, sorted within each, without repetitions.
pub fn expand(patterns: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for pattern in patterns {
        let text = pattern.to_string_lossy();
        let matches = if pattern.is_dir() {
            articles_in(pattern)?
        } else if pattern.exists() || !text.contains(['*', '?', '[']) {
            vec![pattern.clone()]
        } else {
            let paths = glob::glob(&text).map_err(|cause| {
                Error::new(ErrorKind::Usage, format!("“{}” is no pattern", printable(&text))).because(cause)
            })?;
            paths.filter_map(std::result::Result::ok).filter(|path| path.is_file()).collect()
        };
        if matches.is_empty() {
            return Err(Error::new(ErrorKind::Input, "there is no article here")
                .at(Place::file(pattern))
                .cure("articles are files that end with .txt, .text, .md, .html or .htm; name others by a pattern"));
        }
        for path in matches {
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn articles_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))?;
    let known = ["txt", "text", "md", "markdown", "html", "htm", "xhtml"];
    let is_article = |path: &PathBuf| {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        path.is_file() && extension.is_some_and(|extension| known.contains(&&*extension))
    };
    let mut articles: Vec<PathBuf> =
        entries.filter_map(std::result::Result::ok).map(|entry| entry.path()).filter(is_article).collect();
    articles.sort();
    Ok(articles)
}

/// Who speaks: as many threads as asked, or one a core. Nice ones give way to other programs, and leave a core alone where
/// there are several, for a thread of the lowest priority still takes its share of caches and memory.
pub fn workers(jobs: Option<NonZeroUsize>, is_nice: bool) -> Workers {
    let cores = Workers::default().count;
    let usual = if is_nice { NonZeroUsize::new(cores.get() - 1).unwrap_or(cores) } else { cores };
    Workers { count: jobs.unwrap_or(usual), is_nice }
}

/// How inputs are read.
pub fn reading(args: &InputArgs) -> ReadOptions {
    ReadOptions {
        lossy: args.lossy,
        captions: args.with.contains(&Extra::Captions),
        byline: args.with.contains(&Extra::Byline),
    }
}

/// Which voice speaks.
pub fn voice(args: &VoiceArgs) -> VoiceChoice {
    VoiceChoice { name: args.voice.clone(), may_fetch: !args.offline }
}

/// How results are written.
#[derive(Clone, Copy, Debug)]
pub struct FileSettings {
    /// How samples are kept.
    pub format: SampleFormat,
    /// Whether a result that exists is replaced.
    pub may_replace: bool,
}

/// How results are written.
pub fn file(args: FileArgs) -> FileSettings {
    FileSettings { format: args.bits.into(), may_replace: args.force }
}

/// How articles are spoken.
pub fn speech(args: &VoiceArgs, lexicon: Arc<Lexicon>) -> SpeechSettings {
    SpeechSettings {
        pauses: args.pauses.unwrap_or_default(),
        locale: args.locale.locale,
        lexicon,
        workers: workers(args.jobs, false),
        ..SpeechSettings::default()
    }
}

/// What is known about words: the own lexicon, those on the command line above it.
pub fn lexicon(args: &WordArgs) -> Result<Arc<Lexicon>> {
    let mut files: Vec<PathBuf> = own_lexicons()?.into_iter().filter(|file| file.exists()).collect();
    files.extend(args.lexicons.iter().cloned());
    let style = match args.acronyms {
        Acronyms::Letters => AcronymStyle::Letters,
        Acronyms::ExpandFirst => AcronymStyle::ExpandFirst,
        Acronyms::Expand => AcronymStyle::Expand,
    };
    Ok(Arc::new(Lexicon::built_in().with_user(UserLexicon::load(&files)?).with_style(style)))
}

/// Where the own lexicon is looked for: in `AUDIO_REPORT_HOME`, else in the system's folder for settings.
pub fn own_lexicons() -> Result<[PathBuf; 2]> {
    let home = std::env::var_os("AUDIO_REPORT_HOME").filter(|home| !home.is_empty());
    let folder = match home {
        Some(home) => PathBuf::from(home),
        None => match ProjectDirs::from("", "", "audio-report") {
            Some(folders) => folders.config_dir().to_path_buf(),
            None => {
                return Err(Error::new(ErrorKind::Usage, "there is no home folder to look for a lexicon in")
                    .cure("set AUDIO_REPORT_HOME to a folder"));
            }
        },
    };
    Ok([folder.join("lexicon.pls"), folder.join("lexicon.toml")])
}

impl From<Bits> for SampleFormat {
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Int16 => Self::Int16,
            Bits::Int24 => Self::Int24,
            Bits::Float32 => Self::Float32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn results_are_named_after_inputs() {
        for (inputs, output, want) in [
            (&["a/story.txt"][..], None, &["output/story.wav"][..]),
            (&["-"], None, &["output/stdin.wav"]),
            (&["a.txt"], Some("b.wav"), &["b.wav"]),
            (&["a.txt"], Some("folder/"), &["folder/a.wav"]),
            (&["a.txt", "b.txt"], Some("x"), &["x/a.wav", "x/b.wav"]),
        ] {
            let got = assign(&paths(inputs), output.map(Path::new)).unwrap();
            let got: Vec<PathBuf> = got.into_iter().map(|assignment| assignment.output).collect();
            assert_eq!(got, paths(want), "{inputs:?} {output:?}");
        }
    }

    #[test]
    fn two_articles_never_share_a_file_and_none_is_overwritten() {
        assert_eq!(assign(&paths(&["a/x.txt", "b/x.txt"]), None).unwrap_err().kind, ErrorKind::Usage);
        assert_eq!(assign(&paths(&["x.wav"]), Some(Path::new("x.wav"))).unwrap_err().kind, ErrorKind::Usage);
    }

    #[test]
    fn folders_and_patterns_expand_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.txt", "a.TXT", "c.md", "d.png", "e.html", "f.HTM"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let names = |patterns: &[PathBuf]| -> Vec<String> {
            let found = expand(patterns).unwrap();
            found.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(&[folder.path().to_path_buf()]), ["a.TXT", "b.txt", "c.md", "e.html", "f.HTM"]);
        assert_eq!(names(&[folder.path().join("*.txt"), folder.path().join("b.txt")]), ["b.txt"]);
        assert_eq!(expand(&[folder.path().join("*.xml")]).unwrap_err().kind, ErrorKind::Input);
    }
}
