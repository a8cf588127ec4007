//! Which articles are meant: folders, files and patterns become files, each once. Archives are opened after that.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::config::{STDIN, unreadable};
use super::input::Input;
use crate::article::newsroom;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::net::{Address, is_address};

/// Endings of articles in a folder, and of archives of these.
const ENDINGS: [&str; 12] =
    ["txt", "text", "md", "markdown", "html", "htm", "xhtml", "eml", "docx", "nitf", "ninjs", "zip"];
/// Endings that other files have, too: how they begin decides.
const SHARED_ENDINGS: [&str; 2] = ["xml", "json"];

/// The inputs that folders, files and patterns name.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The articles, sorted within each folder and pattern.
    pub articles: Vec<PathBuf>,
    /// Folders and patterns that could not be read.
    pub failures: Vec<Error>,
}

/// The articles that folders, files and patterns stand for. A folder that can't be read is a failure of its own, and
/// the others are read. An error when there is no input at all, or a pattern is not valid.
pub(crate) fn expand(patterns: &[PathBuf]) -> Result<Found> {
    let mut found = Found::default();
    for pattern in patterns {
        let (articles, failures) = (found.articles.len(), found.failures.len());
        find(pattern, &mut found)?;
        if found.articles.len() == articles && found.failures.len() == failures {
            let nothing = Error::new(ErrorKind::Input, "there is no article here")
                .at(Place::file(pattern))
                .with_cure(Cure::other("articles are files that end with .txt, .md, .html, .htm, .eml, .docx, .nitf, .ninjs or .zip, and news in .xml or .json; name others by a pattern"));
            found.failures.push(nothing);
        }
    }
    match (found.articles.is_empty(), found.failures.len()) {
        (true, 1) => Err(found.failures.remove(0)),
        _ => Ok(found),
    }
}

/// Adds the articles that a folder, a file or a pattern stands for, of which there may be none now.
pub(crate) fn find(pattern: &Path, found: &mut Found) -> Result<()> {
    let text = pattern.to_string_lossy();
    if is_address(pattern) {
        found.articles.push(pattern.to_path_buf());
    } else if pattern.is_dir() {
        match fs::read_dir(pattern) {
            Ok(entries) => {
                let mut articles = Vec::new();
                for entry in entries {
                    match entry {
                        Ok(entry) => articles.push(entry.path()),
                        Err(cause) => found.failures.push(unreadable(pattern, cause)),
                    }
                }
                articles.retain(|path| is_article(path));
                articles.sort();
                found.articles.extend(articles);
            }
            Err(cause) => found.failures.push(unreadable(pattern, cause)),
        }
    } else if pattern.exists() || !text.contains(['*', '?', '[']) {
        found.articles.push(pattern.to_path_buf());
    } else {
        let paths = glob::glob(&text).map_err(|cause| {
            Error::new(ErrorKind::Usage, format!("“{}” is no pattern", printable(&text))).because(cause)
        })?;
        for path in paths {
            match path {
                Ok(path) if path.is_file() => found.articles.push(path),
                Ok(_) => {}
                Err(error) => {
                    let folder = error.path().to_path_buf();
                    found.failures.push(unreadable(&folder, error.into()));
                }
            }
        }
    }
    Ok(())
}

fn is_article(path: &Path) -> bool {
    let Some(ending) = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()) else {
        return false;
    };
    // Word keeps the name of who edits `story.docx` in `~$story.docx`.
    let is_lock = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("~$"));
    if is_lock || !path.is_file() {
        return false;
    }
    if SHARED_ENDINGS.contains(&&*ending) {
        return newsroom::is_article_head(&head(path, newsroom::HEAD), &ending);
    }
    ENDINGS.contains(&&*ending) && !is_own_page(path)
}

/// The first bytes of a file; none of one that can't be read.
fn head(path: &Path, length: usize) -> Vec<u8> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(length as u64).read_to_end(&mut head));
    read.map(|_| head).unwrap_or_default()
}

/// Whether a file is a page that stands beside its sound: a batch whose results stay with its articles would read it the
/// next time.
pub(super) fn is_own_page(path: &Path) -> bool {
    const LOOKED_AT: usize = 300;
    newsroom::is_own_page(&head(path, LOOKED_AT))
}

/// Distinguishes files, however their paths are written.
#[derive(Debug, Default)]
pub(crate) struct Spellings {
    /// The folders that were seen, and their real paths.
    folders: HashMap<PathBuf, PathBuf>,
}

impl Spellings {
    /// The one spelling of a path: that of its folder without links, and its own name. A link to a file counts as a
    /// file of its own, because it has its own name.
    pub(crate) fn of(&mut self, path: &Path) -> PathBuf {
        if path.as_os_str() == STDIN {
            return path.to_path_buf();
        }
        if is_address(path) {
            let text = path.to_string_lossy();
            return Address::parse(&text)
                .map_or_else(|_| path.to_path_buf(), |address| address.as_str().into());
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let real = self.folders.entry(folder.to_path_buf());
        real.or_insert_with(|| folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())).join(name)
    }

    /// The paths without those that are a file named before; the first spelling is kept.
    pub(crate) fn once(&mut self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let mut seen = HashSet::new();
        paths.iter().filter(|path| seen.insert(self.of(path))).cloned().collect()
    }

    /// The same for inputs.
    pub(crate) fn inputs_once(&mut self, inputs: &[Input]) -> Vec<Input> {
        let mut seen = HashSet::new();
        inputs.iter().filter(|input| seen.insert(self.of(&input.path()))).cloned().collect()
    }

    /// Names of the folders in which files lie.
    pub(crate) fn folder_name(&mut self, path: &Path) -> Option<OsString> {
        Some(self.of(path).parent()?.file_name()?.to_os_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn names(found: &[PathBuf]) -> Vec<String> {
        found.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn folders_and_patterns_expand_in_order() {
        let folder = tempfile::tempdir().unwrap();
        each(["b.txt", "a.TXT", "c.md", "d.png", "e.html", "f.HTM"], |name| {
            fs::write(folder.path().join(name), "x").unwrap();
        });
        let expand = |patterns: &[PathBuf]| expand(patterns).unwrap();
        let all = expand(&[folder.path().to_path_buf()]);
        assert_eq!(names(&all.articles), ["a.TXT", "b.txt", "c.md", "e.html", "f.HTM"]);
        let twice = expand(&[folder.path().join("*.txt"), folder.path().join("b.txt")]);
        assert_eq!(names(&Spellings::default().once(&twice.articles)), ["b.txt"]);
        assert_eq!(super::expand(&[folder.path().join("*.xml")]).unwrap_err().kind(), ErrorKind::Input);
        let addresses = ["https://a.example/b?c=[d]*", "http://"].map(PathBuf::from);
        assert_eq!(expand(&addresses).articles, addresses);
        let some = expand(&[folder.path().join("*.xml"), folder.path().join("c.md")]);
        assert_eq!((names(&some.articles), some.failures.len()), (vec!["c.md".to_string()], 1));
    }

    #[cfg(unix)]
    #[test]
    fn f10_a_file_is_told_by_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("in/deep")).unwrap();
        fs::write(at("in/a.txt"), "x").unwrap();
        std::os::unix::fs::symlink("in", at("also")).unwrap();
        std::os::unix::fs::symlink("a.txt", at("in/link.txt")).unwrap();
        let rows = [
            ("in/a.txt", true),
            ("./in/a.txt", true),
            ("in/deep/../a.txt", true),
            ("also/a.txt", true),
            ("in/link.txt", false),
            ("nowhere/a.txt", false),
        ];
        each(rows, |(other, is_same)| {
            let kept = Spellings::default().once(&[at("in/a.txt"), at(other)]);
            assert_eq!(kept.len() == 1, is_same, "{other}");
            assert_eq!(kept[0], at("in/a.txt"), "{other}");
        });
    }
}
