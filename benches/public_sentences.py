#!/usr/bin/env python3
"""public_sentences.py BINARY [--golden FILE] [--sentencex FILE] [-v]: how many public sentence cases the program cuts as their authors do.

--golden     `tests/lang/test_english.py` of pySBD, the repository's file with the Golden Rules
--sentencex  `tests/en.txt` of sentencex 0.1.33

The files belong to their projects and are not kept here. -v shows each case that differs."""
import argparse
import ast
import json
import pathlib
import re
import subprocess


def golden(path):
    """All lists of (text, sentences) that the file assigns to a name with GOLDEN in it."""
    found = []
    for node in ast.parse(pathlib.Path(path).read_text()).body:
        if isinstance(node, ast.Assign) and "GOLDEN" in ast.unparse(node.targets[0]):
            found += ast.literal_eval(node.value)
    return found


def sentencex(path):
    """Cases lie between lines of ===, the text above its sentences with --- between; # begins a comment."""
    lines = [line for line in pathlib.Path(path).read_text().split("\n") if not line.startswith("#")]
    parts = [part.split("\n---\n", 1) for part in re.split(r"^===$", "\n".join(lines), flags=re.M) if "\n---\n" in part]
    cases = [(text.strip("\n"), [line for line in wanted.split("\n") if line.strip()]) for text, wanted in parts]
    return [case for case in cases if case[0]]


def folded(sentences):
    return [text for text in (" ".join(sentence.split()) for sentence in sentences) if text]


def score(name, cases, binary, verbose):
    lines = "".join(json.dumps(text) + "\n" for text, _ in cases)
    done = subprocess.run([binary, "explain", "--stage", "sentences", "--jsonl", "-"], input=lines, text=True,
                          capture_output=True, check=True)
    right = 0
    for (text, wanted), line in zip(cases, done.stdout.splitlines(), strict=True):
        made = json.loads(line)
        # A sentence with a line end in it stands on several lines in the file.
        split = [part for sentence in made for part in sentence.split("\n")]
        is_right = folded(wanted) in (folded(made), folded(split))
        right += is_right
        if verbose and not is_right:
            print(f"  {text!r}\n    wanted {folded(wanted)}\n    made   {folded(made)}")
    print(f"{name}: {right} of {len(cases)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--golden")
    parser.add_argument("--sentencex")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    binary = options.binary.resolve()
    if options.golden:
        score("Golden Rules", golden(options.golden), binary, options.v)
    if options.sentencex:
        score("sentencex", sentencex(options.sentencex), binary, options.v)


if __name__ == "__main__":
    main()
