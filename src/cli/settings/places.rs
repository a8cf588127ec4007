//! Where settings files are looked for, and which of them are read.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::cli::args::config::SettingsArgs;
use crate::cli::config::{settings_folder, unreadable};
use crate::cli::targets::is_same_file;
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// The name of a settings file.
pub(super) const NAME: &str = "audio-report.toml";
/// Bytes of a settings file; ten thousand feeds take less.
const LARGEST: u64 = 1 << 20;

/// Which files are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The user's and the project's.
    Usual,
    /// This one alone.
    Only(PathBuf),
    /// None.
    None,
}

impl Choice {
    /// What a command line asks for, seen before it is parsed: what it means depends on the files.
    pub(crate) fn typed(argv: &[OsString]) -> Self {
        let mut chosen = Self::Usual;
        let mut rest = argv.iter().skip(1).take_while(|arg| *arg != "--");
        while let Some(arg) = rest.next() {
            if arg == "--no-config" {
                chosen = Self::None;
            } else if arg == "--config" {
                chosen = rest.next().map_or(chosen, |file| Self::Only(file.into()));
            } else if let Some(file) = arg.to_string_lossy().strip_prefix("--config=") {
                chosen = Self::Only(file.into());
            }
        }
        chosen
    }
}

impl From<&SettingsArgs> for Choice {
    fn from(args: &SettingsArgs) -> Self {
        match &args.config {
            Some(file) => Self::Only(file.clone()),
            None if args.no_config => Self::None,
            None => Self::Usual,
        }
    }
}

/// Whose file it is; a later one counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// The user's.
    User,
    /// That of the folder in which the user works.
    Project,
    /// That of the command line.
    Named,
}

impl Level {
    /// Its name in messages and in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Named => "named",
        }
    }
}

/// A place for a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub level: Level,
    pub path: PathBuf,
    /// Whether a file is there and is read.
    pub is_used: bool,
}

/// All places that are looked at, the least important first.
pub(super) fn candidates(choice: &Choice) -> Vec<Candidate> {
    match choice {
        Choice::None => Vec::new(),
        Choice::Only(file) => vec![Candidate { level: Level::Named, path: file.clone(), is_used: true }],
        Choice::Usual => {
            let mut all = Vec::new();
            if let Ok(folder) = settings_folder() {
                let path = folder.join(NAME);
                all.push(Candidate { level: Level::User, is_used: path.is_file(), path });
            }
            if let Ok(folder) = std::env::current_dir() {
                // The working folder has no links in its path, so that of home may have none.
                let home = std::env::home_dir().and_then(|home| home.canonicalize().ok());
                let nearest = of_project(&folder, home.as_deref());
                // Who works in the folder for settings has one file, not two.
                let is_one = |user: &Candidate, own: &Candidate| {
                    user.is_used && own.is_used && is_same_file(&user.path, &own.path)
                };
                if !all.iter().any(|user| nearest.iter().any(|own| is_one(user, own))) {
                    all.extend(nearest);
                }
            }
            all
        }
    }
}

/// The places for a project's file, the nearest first: as far up as the root of a repository or the home folder. Outside of both
/// only the working folder counts: what lies above, in `/tmp` for example, may be anybody's.
fn of_project(folder: &Path, home: Option<&Path>) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    let mut is_bounded = false;
    for (height, above) in folder.ancestors().enumerate() {
        // Beside the user, a path is shown as the user would write it.
        let path = if height == 0 { PathBuf::from(NAME) } else { above.join(NAME) };
        let is_used = above.join(NAME).is_file();
        all.push(Candidate { level: Level::Project, path, is_used });
        if height == 0 && is_used {
            return all;
        }
        if home.is_some_and(|home| above == home) || above.join(".git").exists() {
            is_bounded = true;
            break;
        }
    }
    all.truncate(if is_bounded { all.len() } else { 1 });
    if let Some(nearest) = all.iter().position(|own| own.is_used) {
        all.truncate(nearest + 1);
    }
    all
}

/// The text of a settings file.
pub(super) fn read(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Error::new(ErrorKind::Input, "there is no such settings file")
            .at(Place::file(path))
            .with_cure(Cure::other(
                "check its name; `audio-report config path` prints where such files are looked for",
            )),
        _ => unreadable(path, cause),
    })?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    let wrong = |what| {
        let cure = "name a file in TOML, or leave settings out with --no-config";
        Error::new(ErrorKind::Usage, what).at(Place::file(path)).with_cure(Cure::other(cure))
    };
    if bytes.len() as u64 > LARGEST {
        return Err(wrong("this is too large for a settings file"));
    }
    String::from_utf8(bytes).map_err(|_| wrong("a settings file must be UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_command_line_chooses_the_files() {
        let only = |file: &str| Choice::Only(file.into());
        let rows: [(&[&str], Choice); 8] = [
            (&["x", "batch", "news"], Choice::Usual),
            (&["x", "--config", "a.toml", "batch"], only("a.toml")),
            (&["x", "batch", "--config=a.toml"], only("a.toml")),
            (&["x", "batch", "--config"], Choice::Usual),
            (&["x", "batch", "--no-config"], Choice::None),
            (&["x", "batch", "--", "--no-config"], Choice::Usual),
            (&["x", "batch", "--no-config", "--config", "b"], only("b")),
            (&["--config", "b", "batch"], Choice::Usual),
        ];
        each(rows, |(argv, want)| {
            let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
            assert_eq!(Choice::typed(&argv), want, "{argv:?}");
        });
    }

    #[test]
    fn a_project_ends_at_its_repository_or_at_home() {
        /// The folders of a tree, where its files are, the working folder, the home folder; which file is used.
        type Row<'a> = (&'a [&'a str], &'a [&'a str], &'a str, &'a str, Option<&'a str>);
        let rows: [Row<'_>; 11] = [
            (&["a/b"], &["a/b"], "a/b", "", Some("")),
            (&["a/b"], &["a"], "a/b", "", None),
            (&["a/b", "a/.git"], &["a"], "a/b", "", Some("a")),
            (&["a/b/c", "a/b/.git"], &["a"], "a/b/c", "", None),
            (&["a/b/c", "a/b/.git"], &["a"], "a/b/c", "a", None),
            (&["a/b/c"], &["a"], "a/b/c", "a", Some("a")),
            (&["a/b/c"], &["a", "a/b"], "a/b/c", "a", Some("a/b")),
            (&["a/b/c"], &["", "a/b/c"], "a/b/c", "a", Some("")),
            (&["a/b/c"], &[""], "a/b/c", "a", None),
            (&["a/b", "h"], &["a"], "a/b", "h", None),
            (&["a/.git"], &["a/.git"], "a", "", None),
        ];
        each(rows, |(folders, files, folder, home, want)| {
            let root = tempfile::tempdir().unwrap();
            // Nothing above the tree counts.
            std::fs::create_dir(root.path().join("top")).unwrap();
            let top = root.path().join("top");
            for folder in folders {
                std::fs::create_dir_all(top.join(folder)).unwrap();
            }
            for file in files {
                std::fs::write(top.join(file).join(NAME), "").unwrap();
            }
            let home = (!home.is_empty()).then(|| top.join(home));
            let used = of_project(&top.join(folder), home.as_deref()).into_iter().find(|own| own.is_used);
            let want = want.map(|want| match want {
                "" => PathBuf::from(NAME),
                want => top.join(want).join(NAME),
            });
            assert_eq!(used.map(|own| own.path), want, "{folders:?} {files:?} {folder}");
        });
    }

    #[test]
    fn only_texts_of_a_reasonable_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(NAME);
        let rows: [(Vec<u8>, bool); 4] = [
            (b"voice = \"tone\"".to_vec(), true),
            (Vec::new(), true),
            (vec![b'#'; LARGEST as usize + 1], false),
            (vec![0xff, 0xfe], false),
        ];
        each(rows, |(bytes, is_good)| {
            std::fs::write(&file, &bytes).unwrap();
            assert_eq!(read(&file).is_ok(), is_good, "{} bytes", bytes.len());
        });
        assert_eq!(read(folder.path()).unwrap_err().kind(), ErrorKind::Input);
    }
}
