//! Which article is read into which file.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::config::STDIN;
use super::formats;
use super::input::{FeedArticle, Input};
use super::inputs::Spellings;
use super::ledger::Names;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::net::Address;
use crate::output::encode::Format;

/// One article to be read and the file it is read into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// Where the article comes from.
    pub input: Input,
    /// Where its sound goes.
    pub output: Target,
}

/// Where the sound of an article goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A file.
    File(PathBuf),
    /// Standard output, as a sound of unknown length.
    Stdout,
    /// A file whose name is known when the article is loaded.
    Later,
}

impl Target {
    /// The name that messages use, without control characters.
    pub(crate) fn name(&self) -> String {
        printable(&self.typed())
    }

    /// The name for JSON. Bytes that are no UTF-8 are replaced.
    pub(crate) fn typed(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Stdout => "standard output".to_string(),
            Self::Later => "a file that is named when the article is loaded".to_string(),
        }
    }
}

/// Pairs inputs with results. `output` is standard output when it is `-`. It is a folder when there are several inputs, when
/// it is one already, or when it ends with a separator. The same file by two spellings is read once; two inputs never share a
/// result. They all have one format: that asked for, or the one that the output's ending promises, or
/// the usual one. Where articles have names from an earlier run they keep them, and no other gets them.
pub(crate) fn assign(
    inputs: &[Input],
    output: Option<&Path>,
    asked: Option<Format>,
    usual: Format,
    known: &Names,
) -> Result<(Format, Vec<Assignment>)> {
    let mut format = asked.unwrap_or(usual);
    let mut spellings = Spellings::default();
    let inputs = spellings.inputs_once(inputs);
    let is_folder = |path: &Path| inputs.len() > 1 || is_folder(path);
    let assignments: Vec<Assignment> = match output {
        Some(stream) if stream.as_os_str() == STDIN => {
            if inputs.len() > 1 {
                let what = "standard output takes the sound of one article, and there are several";
                return Err(
                    Error::new(ErrorKind::Usage, what).with_cure(Cure::other("name a folder with -o"))
                );
            }
            inputs.into_iter().map(|input| Assignment { input, output: Target::Stdout }).collect()
        }
        Some(file) if !is_folder(file) => {
            format = formats::of_file(file, asked, usual)?;
            let file = |input| Assignment { input, output: Target::File(file.to_path_buf()) };
            inputs.into_iter().map(file).collect()
        }
        folder => {
            let folder = folder.unwrap_or(Path::new("output"));
            check_folder(folder)?;
            let names = names(&inputs, format.ending(), &mut spellings, known);
            let file = |(input, name)| Assignment { input, output: Target::File(folder.join(name)) };
            inputs.into_iter().zip(names).map(file).collect()
        }
    };
    assignments.iter().try_for_each(check_other)?;
    Ok((format, assignments))
}

/// Refuses a result in the place of its article.
pub(crate) fn check_other(assignment: &Assignment) -> Result<()> {
    if let (Input::File(path), Target::File(output)) = (&assignment.input, &assignment.output)
        && is_same_file(path, output)
    {
        return Err(Error::new(ErrorKind::Usage, "the result would overwrite the article")
            .at(Place::file(path))
            .with_cure(Cure::other("name another file with -o")));
    }
    Ok(())
}

/// Refuses a file in the place of a folder.
pub(crate) fn check_folder(folder: &Path) -> Result<()> {
    if folder.is_file() {
        return Err(Error::new(ErrorKind::Usage, "several inputs need a folder, and this is a file")
            .at(Place::file(folder))
            .with_cure(Cure::other("name a folder with -o")));
    }
    Ok(())
}

/// Whether a path is meant as a folder's, though one result goes there.
pub(super) fn is_folder(path: &Path) -> bool {
    path.is_dir() || ends_with_separator(path)
}

/// Whether a path is written as that of a folder.
pub(super) fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
}

/// Whether two paths, however they are written, lead to one file. The names are compared first, because that is free.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    let has_same_name = match (a.file_name(), b.file_name()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => true,
    };
    has_same_name && (a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b))
}

/// The possible names of a result, the shortest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// `story.txt` → `story`
    Stem,
    /// `story.txt` → `story-txt`
    Ending,
    /// `monday/story.txt` → `monday-story`
    Folder,
    /// `monday/story.txt` → `story-` and a checksum of its path
    Path,
    // A page is named after its address: `port`, `port-paper-example`, `paper-example-port`, `port-` and a checksum.
}

impl Rule {
    fn next(self) -> Option<Self> {
        match self {
            Self::Stem => Some(Self::Ending),
            Self::Ending => Some(Self::Folder),
            Self::Folder => Some(Self::Path),
            Self::Path => None,
        }
    }

    fn name(self, input: &Input, ending: &str, spellings: &mut Spellings) -> OsString {
        let path = match input {
            Input::File(path) => path.clone(),
            Input::Member { .. } => input.path(),
            Input::Stdin => return format!("stdin.{ending}").into(),
            Input::Address(typed) => return format!("{}.{ending}", self.name_of_page(typed)).into(),
            Input::Entry(article) => return format!("{}.{ending}", self.name_of_entry(article)).into(),
        };
        let mut stem = path.file_stem().unwrap_or("report".as_ref()).to_os_string();
        let mut add = |text: &std::ffi::OsStr| {
            stem.push("-");
            stem.push(text);
        };
        match self {
            Self::Stem => {}
            Self::Ending => path.extension().into_iter().for_each(add),
            Self::Folder => {
                let of_archive = match input {
                    Input::Member { archive, inner } if !inner.contains('/') => archive.folder_name(),
                    _ => None,
                };
                let folder = of_archive.map(OsString::from).or_else(|| spellings.folder_name(&path));
                let folder = without_zip(folder.unwrap_or_default());
                stem = [folder, "-".into(), stem].into_iter().collect();
            }
            Self::Path => {
                add(checksum(spellings.of(&path).as_os_str().as_encoded_bytes()).as_ref());
            }
        }
        stem.push(".");
        stem.push(ending);
        stem
    }

    /// The name for an article of a feed: that of its page, or of its headline where it has no page.
    fn name_of_entry(self, article: &FeedArticle) -> String {
        let FeedArticle { entry, .. } = article;
        match (&entry.link, &entry.title) {
            (Some(link), _) if self != Self::Path => self.name_of_page(link),
            (None, Some(title)) if self == Self::Stem => slug(title),
            (link, title) => {
                let name = link.as_deref().and_then(|link| Address::parse(link).ok()).map(|page| page.name());
                let name =
                    name.or_else(|| title.as_deref().map(slug)).unwrap_or_else(|| "article".to_string());
                format!("{name}-{}", checksum(article.key().as_bytes()))
            }
        }
    }

    /// The name for the page at an address. The title would need the page, and a batch asks first whether the result is there.
    fn name_of_page(self, typed: &str) -> String {
        let Ok(address) = Address::parse(typed) else {
            return format!("page-{}", checksum(typed.as_bytes()));
        };
        let (name, host) = (address.name(), address.host_name());
        match self {
            Self::Stem => name,
            Self::Ending => format!("{name}-{host}"),
            Self::Folder => format!("{host}-{name}"),
            Self::Path => format!("{name}-{}", checksum(address.as_str().as_bytes())),
        }
    }
}

/// The name that a result has after its input, where no other has it.
pub(super) fn usual_name(input: &Input) -> String {
    let name = Rule::Stem.name(input, "", &mut Spellings::default());
    name.to_string_lossy().trim_end_matches('.').to_string()
}

/// Letters and digits of a headline, the first words of it, and hyphens between them.
pub(super) fn slug(title: &str) -> String {
    const LONGEST: usize = 60;
    let mut name = String::new();
    for word in title.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !name.is_empty() && name.len() + word.len() >= LONGEST {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.extend(word.to_lowercase().chars().take(LONGEST));
    }
    if name.is_empty() { "article".to_string() } else { name }
}

/// The name of an archive, or of a message, without its ending: its articles lie in it as in a folder.
fn without_zip(folder: OsString) -> OsString {
    let path = Path::new(&folder);
    let is_zip = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("zip") || ending.eq_ignore_ascii_case("xml"));
    match path.file_stem().filter(|_| is_zip) {
        Some(stem) => stem.to_os_string(),
        None => folder,
    }
}

/// Twelve digits that tell one path from another.
fn checksum(path: &[u8]) -> String {
    let sum = Sha256::digest(path);
    let number = sum.iter().take(6).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    format!("{number:012x}")
}

/// Names of the results: all different, and the same for any order of the inputs. Where some would have the same name,
/// each of these is named by the next rule, until no two are the same.
pub(super) fn names(
    inputs: &[Input],
    ending: &str,
    spellings: &mut Spellings,
    known: &Names,
) -> Vec<OsString> {
    let mut named: Vec<(Option<Rule>, OsString)> = Vec::new();
    for input in inputs {
        named.push(match known.of(input, spellings) {
            Some(stem) => (None, [stem.as_os_str(), ".".as_ref(), ending.as_ref()].into_iter().collect()),
            None => (Some(Rule::Stem), Rule::Stem.name(input, ending, spellings)),
        });
    }
    loop {
        let mut groups: HashMap<OsString, Vec<usize>> = HashMap::new();
        for (place, (_, name)) in named.iter().enumerate() {
            groups.entry(as_the_system_compares(name)).or_default().push(place);
        }
        let mut is_changed = false;
        let is_anothers = |place: usize| known.is_taken(Path::new(&named[place].1));
        let clashing = groups.into_values().filter(|group| group.len() > 1 || is_anothers(group[0]));
        for place in clashing.flatten().collect::<Vec<_>>() {
            if let Some(rule) = named[place].0.and_then(Rule::next) {
                named[place] = (Some(rule), rule.name(&inputs[place], ending, spellings));
                is_changed = true;
            }
        }
        if !is_changed {
            return named.into_iter().map(|(_, name)| name).collect();
        }
    }
}

/// The usual file systems of Windows and macOS take `A.wav` and `a.wav` for one name.
fn as_the_system_compares(name: &OsString) -> OsString {
    if cfg!(any(windows, target_os = "macos")) {
        name.to_string_lossy().to_lowercase().into()
    } else {
        name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    fn given(names: &[&str]) -> Vec<Input> {
        names.iter().map(|name| Input::new(name.as_ref())).collect()
    }

    fn outputs(inputs: &[PathBuf], output: Option<&str>) -> Vec<PathBuf> {
        let inputs: Vec<Input> = inputs.iter().map(|path| Input::new(path)).collect();
        let (_, assignments) =
            assign(&inputs, output.map(Path::new), None, Format::Wav, &Names::default()).unwrap();
        assignments.into_iter().map(|assignment| file(&assignment)).collect()
    }

    fn file(assignment: &Assignment) -> PathBuf {
        match &assignment.output {
            Target::File(path) => path.clone(),
            Target::Stdout | Target::Later => "-".into(),
        }
    }

    #[test]
    fn results_are_named_after_inputs() {
        let mut wrong = Vec::new();
        for (inputs, output, want) in [
            (&["a/story.txt"][..], None, &["output/story.wav"][..]),
            (&["-"], None, &["output/stdin.wav"]),
            (&["a.txt"], Some("b.wav"), &["b.wav"]),
            (&["a.txt"], Some("b"), &["b"]),
            (&["a.txt"], Some("b.WAV"), &["b.WAV"]),
            (&["a.txt"], Some("folder/"), &["folder/a.wav"]),
            (&["a.txt"], Some("-"), &["-"]),
            (&["a.txt", "./a.txt"], Some("-"), &["-"]),
            (&["a.txt", "b.txt"], Some("x"), &["x/a.wav", "x/b.wav"]),
            (&["https://paper.example/world/port-reopens.html?x=1"], None, &["output/port-reopens.wav"]),
            (&["https://paper.example/port#a", "https://PAPER.example/port"], Some("-"), &["-"]),
            (&["https://paper.example/..%2F..%2Fetc", "b.txt"], None, &["output/etc.wav", "output/b.wav"]),
        ] {
            let got = outputs(&paths(inputs), output);
            if got != paths(want) {
                wrong.push(format!("{inputs:?} {output:?}: {got:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn f10_two_articles_never_share_a_result_whatever_their_order() {
        let mut wrong = Vec::new();
        let rows = [
            (&["a.txt", "b.txt"][..], &["a.wav", "b.wav"][..]),
            (&["a.txt", "a.html"], &["a-txt.wav", "a-html.wav"]),
            (&["a.txt", "a.html", "b.html"], &["a-txt.wav", "a-html.wav", "b.wav"]),
            (&["README", "README.md"], &["README.wav", "README-md.wav"]),
            (&["mon/x.txt", "tue/x.txt"], &["mon-x.wav", "tue-x.wav"]),
            (&["mon/x.txt", "mon/x.md", "tue/x.txt"], &["mon-x.wav", "x-md.wav", "tue-x.wav"]),
            (&["a.zip/x.txt", "b.zip/x.txt"], &["a-x.wav", "b-x.wav"]),
            (&["-", "stdin.txt"], &["stdin.wav", "stdin-txt.wav"]),
            // A name that a clash brings about may be another's own.
            (&["in/a.txt", "in/a.html", "in/a-txt.md"], &["in-a.wav", "a-html.wav", "a-txt-md.wav"]),
            (&["1/mon/x.txt", "2/mon/x.txt"], &["x-……….wav", "x-……….wav"]),
            (&["a.txt", "./a.txt"], &["a.wav", "a.wav"]),
            (&["https://a.example/x.html", "in/x.txt"], &["x-a-example.wav", "x-txt.wav"]),
            (&["https://a.example/x", "https://b.example/x"], &["x-a-example.wav", "x-b-example.wav"]),
            (&["https://a.example/1/x", "https://a.example/2/x"], &["x-……….wav", "x-……….wav"]),
            (&["-", "-"], &["stdin.wav"]),
        ];
        each(rows, |(inputs, want)| {
            let mut order = inputs.to_vec();
            for turn in 0..order.len() {
                let (_, got) =
                    assign(&given(&order), Some(Path::new("o/")), None, Format::Wav, &Names::default())
                        .unwrap();
                let mut distinct: Vec<PathBuf> = got.iter().map(file).collect();
                distinct.sort();
                distinct.dedup();
                let found = |name: &str| {
                    let is_of = |assignment: &&Assignment| assignment.input.typed().ends_with(name);
                    got.iter().find(is_of).map(file)
                };
                for (input, want) in inputs.iter().zip(want).filter(|(input, _)| **input != "-") {
                    // The rule that is left when folders have the same name, too.
                    let is_right = |path: &Path| match want.strip_prefix("x-…") {
                        Some(_) => path.to_string_lossy().len() == "o/x-0123456789ab.wav".len(),
                        None => path == Path::new("o").join(want),
                    };
                    if !found(input).is_none_or(|path| is_right(&path)) {
                        wrong.push(format!("{order:?}: {input}: {:?}", found(input)));
                    }
                }
                if distinct.len() != got.len() {
                    wrong.push(format!("turn {turn}, {order:?}: {distinct:?}"));
                }
                order.rotate_left(1);
            }
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn results_have_the_ending_of_their_format() {
        let rows = [
            (&["a.txt"][..], Some("b.mp3"), None, Format::Mp3, &["b.mp3"][..]),
            (&["a.txt"], Some("b"), Some(Format::Opus), Format::Opus, &["b"]),
            (&["a.txt"], None, Some(Format::Flac), Format::Flac, &["output/a.flac"]),
            (&["a.txt", "-"], Some("x/"), Some(Format::Mp3), Format::Mp3, &["x/a.mp3", "x/stdin.mp3"]),
            (&["a.txt", "b.txt"], Some("x.mp3"), None, Format::Wav, &["x.mp3/a.wav", "x.mp3/b.wav"]),
            (&["a.txt"], Some("-"), Some(Format::Opus), Format::Opus, &["-"]),
        ];
        each(rows, |(inputs, output, asked, format, want)| {
            let (got, assignments) =
                assign(&given(inputs), output.map(Path::new), asked, Format::Wav, &Names::default()).unwrap();
            let named: Vec<PathBuf> = assignments.iter().map(file).collect();
            assert_eq!((got, named), (format, paths(want)), "{inputs:?} {output:?}");
        });
    }

    #[cfg(unix)]
    #[test]
    fn f10_bytes_of_a_name_are_kept() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
        let got = outputs(&[path(b"bad\xff.txt"), path(b"bad\xfe.txt")], Some("o"));
        assert_eq!(got, [path(b"o/bad\xff.wav"), path(b"o/bad\xfe.wav")]);
    }

    #[test]
    fn no_article_is_overwritten_and_no_other_format_promised() {
        each(
            [("x.wav", "x.wav"), ("a.txt", "story.m4a"), ("a.txt", "a.b/x.ogg"), ("a.txt", "v1.2")],
            |(input, output)| {
                let error =
                    assign(&given(&[input]), Some(Path::new(output)), None, Format::Wav, &Names::default())
                        .unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Usage, "{output}");
            },
        );
        let several =
            assign(&given(&["a.txt", "b.txt"]), Some(Path::new("-")), None, Format::Wav, &Names::default())
                .unwrap_err();
        assert_eq!(several.kind(), ErrorKind::Usage);
    }
}
