//! What is released keeps in step: version, package, units, scripts, the page that says how to install it.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn file(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

fn manifest() -> toml::Table {
    file("Cargo.toml").parse().unwrap()
}

fn units() -> BTreeSet<String> {
    let entries = fs::read_dir(path("packaging/systemd")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn one_version_stands_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(file("CHANGELOG.md").contains(&format!("\n## [{version}]")), "the changelog has no {version}");
    assert!(file("crates/kernels/Cargo.toml").contains(&format!("\nversion = \"{version}\"\n")));
    assert_eq!(manifest()["dependencies"]["kernels"]["version"].as_str(), Some(&*format!("={version}")));
    let readme = file("README.md");
    let (_, install) = readme.split_once("## Install\n").unwrap();
    let (install, _) = install.split_once("\n## ").unwrap();
    for name in [
        format!("audio-report_{version}-1_amd64.deb"),
        format!("audio-report-{version}-x86_64-unknown-linux-gnu"),
    ] {
        assert!(install.contains(&name), "README.md says nothing of {name}");
    }
    assert!(
        readme.contains(&format!("audio-report/{version}")),
        "README.md names another version to servers"
    );
    let oldest = manifest()["workspace"]["package"]["rust-version"].as_str().unwrap().to_string();
    assert!(install.contains(&format!("Rust {oldest} or newer")), "README.md, and {oldest}");
}

#[test]
fn the_package_has_what_is_there() {
    let manifest = manifest();
    let deb = &manifest["package"]["metadata"]["deb"];
    let missing: Vec<&str> = deb["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| asset[0].as_str().unwrap())
        // Made by scripts/deb.sh.
        .filter(|source| !source.starts_with("target/"))
        .filter(|source| !path(source.trim_end_matches('*')).exists())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let profile = deb["profile"].as_str().unwrap();
    assert!(manifest["profile"].get(profile).is_some(), "no profile {profile}");
}

#[test]
fn the_packages_scripts_know_every_unit() {
    let named = |script: &str| -> BTreeSet<String> {
        let text = file(&format!("packaging/debian/{script}"));
        let (_, units) = text.split_once("units=\"").unwrap();
        units.split_once('"').unwrap().0.split(' ').map(str::to_string).collect()
    };
    assert_eq!(named("prerm"), units());
    // The timer starts it.
    let mut restarted = units();
    restarted.remove("audio-report-daily.service");
    assert_eq!(named("postinst"), restarted);
    let purged = file("packaging/debian/postrm");
    let (_, purged) = purged.split_once("for unit in ").unwrap();
    let purged = purged.split_once(';').unwrap().0.split(' ').map(|unit| format!("audio-report-{unit}"));
    assert_eq!(purged.collect::<BTreeSet<_>>(), units());
    for unit in units() {
        let text = file(&format!("packaging/systemd/{unit}"));
        for key in ["StateDirectory", "CacheDirectory"] {
            let folder = text.lines().find_map(|line| line.strip_prefix(&format!("{key}=")));
            let known = folder.is_none_or(|folder| ["audio-report", "audio-report-serve"].contains(&folder));
            assert!(known, "{unit} leaves {folder:?} behind");
        }
    }
}

#[test]
fn the_workflow_makes_what_the_makefile_can() {
    let (workflow, makefile) = (file(".github/workflows/release.yml"), file("Makefile"));
    let commands =
        workflow.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("run: make "));
    let commands: Vec<&str> = commands.filter_map(|line| line.split(' ').next()).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        assert!(makefile.contains(&format!("\n{command}:")), "make {command}");
    }
    let (_, targets) = makefile.split_once("\nDISTS := ").unwrap();
    let build = file("scripts/dist_build.sh");
    for target in targets.lines().next().unwrap().split(' ') {
        assert!(workflow.contains(&format!("target: {target}\n")), "the workflow leaves out {target}");
        assert!(build.contains(&format!("\n    {target})")), "dist_build.sh does not know {target}");
    }
}
