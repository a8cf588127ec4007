//! `podcast`: checks feeds and covers, tells the rules, draws covers.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::args::podcast::{CheckArgs, CoverArgs, MakeArgs, PodcastCommand};
use super::config::{self, unreadable};
use super::input::Input;
use super::show::{FEED, Kept, Made};
use super::terminal::count;
use super::{DONE, code_of, interrupt, terminal, web};
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::files::PendingFile;
use crate::magic;
use crate::net::{Address, Fetcher};
use crate::output::wav;
use crate::podcast::around::{Around, Folder, Nothing, Web};
use crate::podcast::check::{Finding, Report, check};
use crate::podcast::rules::{Level, RULES, Rule};
use crate::podcast::{artwork, cover};

/// Larger feeds are refused; 10,000 items have a twentieth of it.
const LARGEST: u64 = 64 << 20;

/// Runs `podcast …`.
pub(crate) fn run(command: &PodcastCommand) -> anyhow::Result<u8> {
    match command {
        PodcastCommand::Make(args) => make(args),
        PodcastCommand::Check(args) => check_all(args),
        PodcastCommand::Rules { json } => rules(*json),
        PodcastCommand::Cover(args) => draw(args),
    }
}

/// Makes the podcast of a folder, or makes it anew.
fn make(args: &MakeArgs) -> anyhow::Result<u8> {
    if !args.folder.is_dir() {
        return Err(Error::new(ErrorKind::Input, "there is no such folder")
            .at(Place::file(&args.folder))
            .with_cure(Cure::other("name the folder that a batch had after -o"))
            .into());
    }
    let manifest = super::batch::open(&args.folder, args.no_wait, &interrupt::watch()?)?;
    let show = Kept::with(Kept::of(&manifest)?, args, &args.folder)?;
    let is_private = show.is_private();
    let Made { episodes, left_out } = show.make(&manifest)?;
    manifest.close()?;
    let feed = args.folder.join(FEED);
    let mut line = format!("{}: {}", printable(&feed.to_string_lossy()), count(episodes, "episode"));
    if left_out > 0 {
        line.push_str(&format!(", {left_out} left out: podcast apps play MP3 alone (--preset podcast)"));
    }
    if is_private {
        line.push_str(
            "\n  directories are told to leave it out; --rights own (or licensed) lets them list it",
        );
    }
    terminal::show(&(line + "\n"))?;
    Ok(DONE)
}

/// A rule as JSON has it.
#[derive(Serialize)]
struct RuleJson {
    rule: &'static str,
    level: Level,
    document: &'static str,
    what: &'static str,
    cure: &'static str,
}

impl From<&Rule> for RuleJson {
    fn from(rule: &Rule) -> Self {
        let Rule { id, level, source, what, cure } = *rule;
        Self { rule: id, level, document: source.document(), what, cure }
    }
}

#[derive(Serialize)]
struct FindingJson<'a> {
    #[serde(flatten)]
    rule: RuleJson,
    place: &'a str,
    line: usize,
    column: usize,
    found: &'a str,
}

#[derive(Serialize)]
struct ReportJson<'a> {
    input: String,
    title: Option<&'a str>,
    items: usize,
    /// Files of sound that were looked at.
    sounds: usize,
    /// Rules that are broken and required.
    broken: usize,
    recommended: usize,
    findings: Vec<FindingJson<'a>>,
    /// Findings that are not listed.
    left_out: usize,
}

fn rules(as_json: bool) -> anyhow::Result<u8> {
    for rule in RULES {
        if as_json {
            terminal::print_json(&RuleJson::from(*rule))?;
        } else {
            let document = rule.source.document();
            terminal::show(&format!(
                "{} ({})\n  {}\n  if not: {}\n  from: {document}\n",
                rule.id,
                terminal::name_of(&rule.level),
                rule.what,
                rule.cure
            ))?;
        }
    }
    Ok(DONE)
}

fn check_all(args: &CheckArgs) -> anyhow::Result<u8> {
    let cancel = interrupt::watch()?;
    let fetcher = config::fetcher(&args.web, false, &cancel)?;
    let (mut checked, mut faulty, mut failed) = (0, 0, 0);
    for typed in &args.inputs {
        let input = Input::new(typed);
        let outcome = examine(&input, args, &fetcher);
        if cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted").into());
        }
        match outcome {
            Ok(report) => {
                checked += 1;
                faulty += usize::from(report.count(Level::Required) > 0);
                tell(&input, &report, args.json)?;
            }
            Err(error) => {
                failed += 1;
                terminal::report(&error);
                if args.json {
                    let (what, kind) = (error.what(), error.kind());
                    terminal::print_json(&json!({ "input": input.typed(), "error": what, "kind": kind }))?;
                }
            }
        }
    }
    Ok(code_of(checked, faulty + failed))
}

fn examine(input: &Input, args: &CheckArgs, fetcher: &Fetcher) -> Result<Report> {
    let (bytes, path, address) = match input {
        Input::Address(typed) => {
            let page = web::fetch(typed, fetcher)?;
            (page.bytes, None, Some(page.address))
        }
        Input::File(path) => {
            let path = if path.is_dir() { path.join(FEED) } else { path.clone() };
            let file = std::fs::File::open(&path).map_err(|cause| unreadable(&path, cause))?;
            (bytes(file, &path)?, Some(path), None)
        }
        _ => (bytes(io::stdin(), input.name().as_ref())?, None, None),
    };
    let kind = magic::of(&bytes[..bytes.len().min(magic::HEAD)]).map(|kind| kind.what);
    match kind {
        Some("a PNG image" | "a JPEG image") => Ok(of_cover(&bytes, &input.typed())),
        Some(what) => Err(Error::new(ErrorKind::Encoding, format!("this is {what}, no podcast feed"))
            .at(Place::file(input.name()))
            .with_cure(Cure::other("give the feed in XML, or a cover in JPEG or PNG"))),
        None => Ok(check(&bytes, &*around(path, address, args, fetcher))),
    }
}

/// Where the files of a feed are looked for.
fn around<'a>(
    path: Option<PathBuf>,
    address: Option<Address>,
    args: &CheckArgs,
    fetcher: &'a Fetcher,
) -> Box<dyn Around + 'a> {
    match (path, address) {
        (_, Some(address)) => Box::new(Web::new(fetcher, Some(address), args.ask)),
        _ if args.online => Box::new(Web::new(fetcher, None, args.ask)),
        (Some(path), None) => Box::new(Folder(path.parent().map(Path::to_path_buf).unwrap_or_default())),
        (None, None) => Box::new(Nothing),
    }
}

fn bytes(source: impl Read, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::new(ErrorKind::Input, "the file is larger than 64 MiB; that is no podcast feed")
            .at(Place::file(path)));
    }
    Ok(bytes)
}

/// A cover as a feed of its own: what is said of it has the same form.
fn of_cover(bytes: &[u8], name: &str) -> Report {
    let findings = artwork::faults(bytes, name).into_iter().map(|(rule, found)| Finding {
        rule,
        line: 1,
        column: 1,
        place: "cover".to_owned(),
        found,
    });
    Report { findings: findings.collect(), ..Report::default() }
}

fn tell(input: &Input, report: &Report, as_json: bool) -> Result<()> {
    let (broken, recommended) = (report.count(Level::Required), report.count(Level::Recommended));
    if as_json {
        let findings = report.findings.iter().map(|finding| FindingJson {
            rule: finding.rule.into(),
            place: &finding.place,
            line: finding.line,
            column: finding.column,
            found: &finding.found,
        });
        return terminal::print_json(&ReportJson {
            input: input.typed(),
            title: report.title.as_deref(),
            items: report.items,
            sounds: report.sounds,
            broken,
            recommended,
            findings: findings.collect(),
            left_out: report.left_out,
        });
    }
    let name = input.name();
    let mut text = String::new();
    for Finding { rule, line, column, place, found } in &report.findings {
        let level = if rule.level == Level::Required { "" } else { "recommended: " };
        text.push_str(&format!(
            "{name}:{line}:{column}: {place}: {level}{}; {found} ({})\n  what to do: {}\n",
            rule.what, rule.id, rule.cure
        ));
    }
    if report.left_out > 0 {
        text.push_str(&format!("{name}: {} more are not listed\n", report.left_out));
    }
    let title = report.title.as_ref().map_or(String::new(), |title| format!("“{title}”, "));
    let items = if report.title.is_some() || report.items > 0 {
        count(report.items, "item") + ", "
    } else {
        String::new()
    };
    let sounds = match report.sounds {
        0 => String::new(),
        sounds => format!("{} looked at, ", count(sounds, "sound file")),
    };
    text.push_str(&format!(
        "{name}: {title}{items}{sounds}{} broken, {} not followed\n",
        count(broken, "rule"),
        count(recommended, "recommendation")
    ));
    terminal::show(&text)
}

fn draw(args: &CoverArgs) -> anyhow::Result<u8> {
    let CoverArgs { title, author, output, force } = args;
    wav::check_free(output, *force)?;
    let failed = |cause| wav::failed(output, cause);
    let picture = cover::draw(title, author.as_deref()).map_err(failed)?;
    let pending = PendingFile::create(output).map_err(failed)?;
    pending.file().write_all(&picture).map_err(failed)?;
    pending.commit(*force).map_err(failed)?;
    Ok(DONE)
}
