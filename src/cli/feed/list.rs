//! Which feeds, and how each is read: the command line, and a list in TOML.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::key_of;
use super::own::OwnMaking;
use crate::calendar::Period;
use crate::cli::args::MakingArgs;
use crate::cli::args::feed::{FeedText, WantedArgs};
use crate::cli::args::web::WebArgs;
use crate::cli::config::{credentials, from_home, unreadable};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::feed::Entry;
use crate::net::is_address;

/// A feed that is read.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    /// Its address or file, as it was typed.
    pub source: PathBuf,
    /// Its name in the manifest.
    pub key: String,
    /// How old its articles may be.
    pub since: Period,
    /// At most so many of its articles.
    pub max: usize,
    /// Where their text comes from.
    pub text: FeedText,
    /// The group of feeds in which a story is read once.
    pub group: Option<String>,
    /// Whether it is spoken like all others, so that they can share a voice.
    pub is_usual: bool,
    own: Own,
}

/// The list of feeds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    feed: Vec<Own>,
}

/// A feed of the list, with what differs for it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct Own {
    url: String,
    group: Option<String>,
    since: Option<String>,
    max: Option<usize>,
    text: Option<FeedText>,
    /// Only articles with one of these words in headline, category or writer.
    include: Vec<String>,
    /// No articles with one of these.
    exclude: Vec<String>,
    #[serde(flatten)]
    making: OwnMaking,
}

/// A list within a settings file, beside what is not for it.
#[derive(Debug, Deserialize)]
struct ListInSettings {
    feeds: Vec<Own>,
}

/// The feeds of a list, each with how old its articles may be.
pub(super) fn read(file: &Path) -> Result<Vec<(Own, Option<Period>)>> {
    parse(&std::fs::read_to_string(file).map_err(|cause| unreadable(file, cause))?, file)
}

/// Those of the text of a list, which `file` names in messages.
pub(in crate::cli) fn parse(text: &str, file: &Path) -> Result<Vec<(Own, Option<Period>)>> {
    let wrong = |what: String| {
        let cure = format!(
            "a list of feeds is TOML: [[feed]] ([[feeds]] in a settings file) and under it url = \"https://…\", and what differs for it: group, \
             since, max, text, include, exclude, {}",
            OwnMaking::NAMES.join(", ")
        );
        Error::new(ErrorKind::Usage, what).at(Place::file(file)).with_cure(Cure::other(cure))
    };
    let fault = |fault: toml::de::Error| wrong(fault.message().to_string());
    let table: toml::Table = toml::from_str(text).map_err(fault)?;
    let list = if table.get("feeds").is_some_and(toml::Value::is_array) {
        toml::from_str(text).map(|list: ListInSettings| list.feeds)
    } else {
        toml::from_str(text).map(|list: List| list.feed)
    };
    let checked = |own: Own| {
        if own.url.trim().is_empty() {
            return Err(wrong("a feed of the list has no url".to_string()));
        }
        own.making.check().map_err(wrong)?;
        let since = own.since.as_deref().map(str::parse).transpose().map_err(wrong)?;
        Ok((own, since))
    };
    list.map_err(fault)?.into_iter().map(checked).collect()
}

/// Checks a list, and the sign-in files that it names.
pub(super) fn check(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    for (own, _) in read(file)? {
        // Whether http is allowed is not for the list to say.
        own.making.beside(folder).auth_file().map(|file| credentials(file, true)).transpose()?;
    }
    Ok(())
}

/// The feeds of the command line, and those of the list. A wrong sign-in file is refused here, before anything is fetched.
pub(crate) fn subscriptions(
    inputs: &[PathBuf],
    args: &WantedArgs,
    web: &WebArgs,
) -> Result<Vec<Subscription>> {
    let usual = |source: &PathBuf| {
        let own = Own { url: source.to_string_lossy().into_owned(), ..Own::default() };
        Subscription {
            source: source.clone(),
            key: key_of(source),
            since: args.since,
            max: args.max,
            text: args.text,
            group: None,
            is_usual: true,
            own,
        }
    };
    let mut all: Vec<Subscription> = inputs.iter().map(usual).collect();
    if let Some(file) = &args.feeds {
        let folder = file.parent().unwrap_or(Path::new(""));
        for (own, since) in read(file)? {
            let source = beside(folder, Path::new(&own.url));
            let making = own.making.beside(folder);
            let is_usual = making.is_usual();
            let own = Own { making, ..own };
            all.push(Subscription {
                key: key_of(&source),
                source,
                since: since.unwrap_or(args.since),
                max: own.max.unwrap_or(args.max),
                text: own.text.unwrap_or(args.text),
                group: own.group.clone(),
                is_usual,
                own,
            });
        }
    }
    for file in all.iter().filter_map(Subscription::auth_file) {
        credentials(file, web.allow_private)?;
    }
    // Those that share a voice stand together; a feed that is named twice counts once.
    all.sort_by_key(|subscription| !subscription.is_usual);
    let mut seen = std::collections::HashSet::new();
    all.retain(|subscription| seen.insert(subscription.key.clone()));
    Ok(all)
}

/// A path of the list is one from its folder, and `~/` is the home folder.
pub(super) fn beside(folder: &Path, path: &Path) -> PathBuf {
    if is_address(path) {
        return path.to_path_buf();
    }
    from_home(path).unwrap_or_else(|| folder.join(path))
}

impl Subscription {
    /// Whether an entry is wanted.
    pub(super) fn wants(&self, entry: &Entry) -> bool {
        let texts = entry.title.iter().chain(&entry.categories).chain(&entry.authors);
        let texts: Vec<String> = texts.map(|text| text.to_lowercase()).collect();
        let has_one = |words: &[String]| {
            words.iter().any(|word| texts.iter().any(|text| text.contains(&word.to_lowercase())))
        };
        (self.own.include.is_empty() || has_one(&self.own.include)) && !has_one(&self.own.exclude)
    }

    /// The file with its own sign-ins.
    pub(super) fn auth_file(&self) -> Option<&Path> {
        self.own.making.auth_file()
    }

    /// How its articles are made.
    pub(super) fn making(&self, usual: &MakingArgs) -> MakingArgs {
        let mut making = usual.clone();
        // Its values were looked at when the list was read.
        let _ = self.own.making.apply(&mut making);
        making
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::asked::Asked;
    use crate::cli::args::{Cli, Command};
    use crate::table_test::each;

    use crate::cli::args::feed::FeedArgs;

    fn args(more: &[&str]) -> FeedArgs {
        let cli = Cli::try_parse_from([&["audio-report", "feed"], more].concat()).unwrap();
        let Command::Feed(Asked(args)) = cli.command else { panic!("another command") };
        args
    }

    #[test]
    fn a_list_sets_what_differs_and_those_alike_share_a_voice() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("feeds.toml");
        let list = "[[feed]]\nurl = \"https://a.example/feed\"\nvoice = \"bf_emma\"\nmax = 3\n\
            [[feed]]\nurl = \"coast.xml\"\nsince = \"2w\"\nexclude = [\"sport\"]\nlexicon = \"coast.toml\"\n\
            [[feed]]\nurl = \"https://b.example/feed\"\ntext = \"feed\"\ninclude = [\"Port\"]\n";
        std::fs::write(&file, list).unwrap();
        let args =
            args(&["https://b.example/feed", "https://c.example/feed", "--feeds", file.to_str().unwrap()]);
        let all = subscriptions(&args.inputs, &args.wanted, &args.making.input.web).unwrap();
        let shown: Vec<_> = all
            .iter()
            .map(|own| {
                (own.source.to_string_lossy().into_owned(), own.max, own.since.to_string(), own.is_usual)
            })
            .collect();
        let coast = folder.path().join("coast.xml").to_string_lossy().into_owned();
        let row =
            |source: &str, max, since: &str, is_usual| (source.to_string(), max, since.to_string(), is_usual);
        let want = [
            row("https://b.example/feed", 20, "2d", true),
            row("https://c.example/feed", 20, "2d", true),
            row("https://a.example/feed", 3, "2d", false),
            row(&coast, 20, "2w", false),
        ];
        assert_eq!(shown, want);
        assert_eq!(all[2].making(&args.making).speech.voice.voice.as_deref(), Some("bf_emma"));
        assert_eq!(all[3].making(&args.making).speech.words.lexicons, [folder.path().join("coast.toml")]);
    }

    #[test]
    fn words_choose_entries() {
        let entry = Entry {
            title: Some("Port reopens".into()),
            categories: vec!["Harbour".into()],
            authors: vec!["Ann Lee".into()],
            ..Entry::default()
        };
        let rows: [(&[&str], &[&str], bool); 7] = [
            (&[], &[], true),
            (&["port"], &[], true),
            (&["HARBOUR", "x"], &[], true),
            (&["lee"], &[], true),
            (&["x"], &[], false),
            (&[], &["Reopens"], false),
            (&["port"], &["harbour"], false),
        ];
        each(rows, |(include, exclude, want)| {
            let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect();
            let args = args(&["https://a.example/feed"]);
            let mut own =
                subscriptions(&args.inputs, &args.wanted, &args.making.input.web).unwrap().remove(0);
            own.own.include = owned(include);
            own.own.exclude = owned(exclude);
            assert_eq!(own.wants(&entry), want, "{include:?} {exclude:?}");
        });
    }

    #[test]
    fn a_wrong_list_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("feeds.toml");
        let rows = [
            "[[feed]]\n",
            "[[feed]]\nurl = \"\"\n",
            "[[feed]]\nurl = \"https://a.example\"\nvoise = \"x\"\n",
            "[[feed]]\nurl = \"https://a.example\"\nsince = \"soon\"\n",
            "[[feed]]\nurl = \"https://a.example\"\ntext = \"book\"\n",
            "feed = 3\n",
            "[[feed\n",
        ];
        each(rows, |text| {
            std::fs::write(&file, text).unwrap();
            let args = args(&["--feeds", file.to_str().unwrap()]);
            let error = subscriptions(&args.inputs, &args.wanted, &args.making.input.web).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage, "{text}");
            assert_eq!(error.place().unwrap().file.as_deref(), Some(&*file), "{text}");
        });
    }
}
