#!/usr/bin/env python3
"""How loud every installed voice is: the `lufs` of voices/*.toml.

    voice_loudness.py [--binary PATH] [--write] [ARTICLE…]

Reads the articles (two of tests/data without any named) by every voice, at the voice's own loudness, and prints the loudness as heard from
two loudspeakers in LUFS, of each article and of all. --write puts the last into the manifests."""
import argparse
import json
import math
import os
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARTICLES = [ROOT / "tests/data" / name for name in ("articles/wire.txt", "articles/release.txt")]


def loudness(binary, voice, article, folder):
    command = [binary, "read", "--quiet", "--json", "--force", "--loudness", "none", "--voice", voice, "-o", folder / "speech.wav", article]
    environment = {**os.environ, "AUDIO_REPORT_ANNOUNCE": "none"}
    answer = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
    return json.loads(answer)["loudness"]["lufs_two_loudspeakers"]


def listed(binary):
    lines = subprocess.run([binary, "voices", "list", "--json"], check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def mean(levels):
    """The loudness of articles of one length, one after the other."""
    return 10 * math.log10(sum(10 ** (level / 10) for level in levels) / len(levels))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    options.add_argument("--write", action="store_true")
    options.add_argument("articles", nargs="*", type=pathlib.Path, default=ARTICLES)
    options = options.parse_args()
    installed = {voice["name"] for voice in listed(options.binary) if voice["state"] == "installed"}
    with tempfile.TemporaryDirectory() as folder:
        for manifest in sorted(ROOT.glob("voices/*.toml")):
            text = manifest.read_text()
            for voice in re.findall(r'(?m)^name = "(\w+)"\nfile', text):
                if voice not in installed:
                    print(voice.ljust(14), "not installed", flush=True)
                    continue
                levels = [loudness(options.binary, voice, article, pathlib.Path(folder)) for article in options.articles]
                print(voice.ljust(14), *(f"{level:7.2f}" for level in levels), f"{mean(levels):7.2f}", flush=True)
                text = re.sub(rf'(?ms)(^name = "{voice}"\n(?:(?!^lufs|^\[)[^\n]*\n)*?)(?:lufs = [^\n]*\n)?(?=\n|\Z)',
                              lambda found: f"{found[1]}lufs = {mean(levels):.1f}\n", text, count=1)
            if options.write:
                manifest.write_text(text)


if __name__ == "__main__":
    main()
