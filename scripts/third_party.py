"""Writes the licences of the crates that a released program is built of: third_party.py TARGET FEATURES >FILE.

Most of them want their text beside the program. The texts come from the crates as they were fetched; each is written once, below the crates that have it.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

CARGO = os.environ.get("CARGO", "cargo")
# Of this project; their texts lie beside the program.
OWN = {"audio-report", "audio-report-kernels"}
NAMES = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def asked(*words):
    return subprocess.run([CARGO, *words], check=True, capture_output=True, text=True).stdout


def texts(folder, named):
    """The licences in a crate's folder, as they are; build scripts and sources have other endings."""
    found = {path for path in folder.iterdir() if path.is_file() and NAMES.match(path.name) and path.suffix in ("", ".md", ".txt", ".MIT", ".APACHE")}
    found |= {path for path in folder.glob("LICENSES/*") if path.is_file()}
    if named and (folder / named).is_file():
        found.add(folder / named)
    return sorted(found)


def main():
    target, features = sys.argv[1:3]
    how = ["--locked", "--no-default-features", "--features", features]
    tree = asked("tree", *how, "--target", target, "--edges", "normal", "--prefix", "none", "--format", "{p}")
    used = {tuple(line.split()[:2]) for line in tree.splitlines() if line.strip()}
    packages = json.loads(asked("metadata", *how, "--filter-platform", target, "--format-version", "1"))["packages"]
    used = [package for package in packages if (package["name"], f"v{package['version']}") in used and package["name"] not in OWN]
    by_text, without = collections.defaultdict(list), []
    for package in sorted(used, key=lambda package: (package["name"], package["version"])):
        title = f"{package['name']} {package['version']} ({package['license'] or package['license_file']})"
        found = texts(pathlib.Path(package["manifest_path"]).parent, package["license_file"])
        for path in found:
            text = "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8", errors="replace").strip().splitlines())
            by_text[text].append(title)
        if not found:
            without.append(f"{title}, {', '.join(package['authors']) or package['repository'] or 'no author named'}")
    print("The program holds code of the crates below. Each text stands below the crates that came with it.\n")
    print("These came with no text of their own, and are under the licence that is named:\n")
    for line in without:
        print(f"  {line}")
    for text, titles in sorted(by_text.items(), key=lambda item: item[1]):
        print(f"\n{'=' * 80}\n")
        for title in dict.fromkeys(titles):
            print(f"  {title}")
        print(f"\n{'-' * 80}\n\n{text}")


if __name__ == "__main__":
    main()
