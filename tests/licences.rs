//! The licences of all dependencies, against the list in `deny.toml`, which cargo-deny reads too (`make deny`).
//! Building cargo-deny takes minutes; this test uses cargo's own metadata.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use spdx::{Expression, ParseMode};

/// Licences whose terms ask that the crate is named, as NOTICE does.
const NAMED: [&str; 2] = ["MPL-2.0", "CDLA-Permissive-2.0"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    clarify: Vec<Clarified>,
}

#[derive(Deserialize)]
struct Clarified {
    #[serde(rename = "crate")]
    name: String,
    expression: String,
}

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn cargo(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The crates of a build for this system: those of others may not be on this machine.
fn packages() -> Vec<Package> {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let args = ["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", host];
    serde_json::from_str::<Metadata>(&cargo(&args)).unwrap().packages
}

/// Whether some choice among the alternatives of `licence` has only parts that `is_allowed`.
fn allows(licence: &str, is_allowed: impl Fn(&str) -> bool) -> bool {
    let licence = Expression::parse_mode(licence, ParseMode::LAX).unwrap();
    licence.evaluate(|part| is_allowed(&part.to_string()))
}

#[test]
fn every_dependency_has_an_allowed_licence_and_notice_names_those_that_ask_for_it() {
    let Licenses { allow, clarify } = toml::from_str::<Deny>(&file("deny.toml")).unwrap().licenses;
    let clarified: BTreeMap<&str, &str> =
        clarify.iter().map(|one| (one.name.as_str(), one.expression.as_str())).collect();
    let notice = file("NOTICE");
    let mut wrong = Vec::new();
    let packages = packages();
    assert!(packages.len() > 50, "{} packages", packages.len());
    for Package { name, version, license } in &packages {
        let Some(licence) = license.as_deref().or(clarified.get(name.as_str()).copied()) else {
            wrong.push(format!("{name} {version} has no licence"));
            continue;
        };
        if !allows(licence, |part| allow.contains(part)) {
            wrong.push(format!("{name} {version} is under {licence}"));
        }
        if !allows(licence, |part| allow.contains(part) && !NAMED.contains(&part)) && !notice.contains(name) {
            wrong.push(format!("{name} {version} is under {licence}, and NOTICE does not name it"));
        }
    }
    assert!(wrong.is_empty(), "{} dependencies:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_licence_is_allowed_when_one_choice_is() {
    let is_allowed =
        |part: &str| ["MIT", "Apache-2.0", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&part);
    let mut wrong = Vec::new();
    for (licence, wanted) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only", false),
        ("LGPL-2.1-or-later OR MIT", true),
        ("Apache-2.0 AND ISC", true),
        ("Apache-2.0 AND LGPL-2.1-only", false),
        ("(GPL-2.0 OR MIT) AND ISC", true),
        ("Apache-2.0 WITH LLVM-exception", true),
    ] {
        if allows(licence, is_allowed) != wanted {
            wrong.push(licence);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
