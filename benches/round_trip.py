#!/usr/bin/env python3
"""What is said against what is heard: the word error rate of a round trip through a speech recogniser, names apart.

    round_trip.py --shared DIR [--binary PATH] [--errors] [--keep FOLDER] [--fast] [ARTICLE...]

Reads the articles (ten of tests/data without any named), takes what should be said from `explain --stage spoken`, and has
DIR/eval/wer.py compare. Spelled letters are written together, as the recogniser writes them. A name is a word that stands with a capital
within a sentence and nowhere without one; errors in names are told apart, for the recogniser itself does not know most of them. --keep leaves what should be
said and what is in FOLDER, for DIR/eval/evaluate.py --pairs FOLDER. AUDIO_REPORT_KERNEL=rten has the library runtime speak,
--fast the fast voice."""
import argparse
import json
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "tests/data"
TEN = [*("articles/" + name for name in ("summit.txt", "wire.txt", "release.txt")),
       *("pages/" + name for name in ("agency.txt", "daily.txt", "listicle.html", "liveblog.html", "newsletter.txt",
                                      "portal.html", "pullquote.html"))]
LETTERS = re.compile(r"\b[A-Z](?: [A-Z])+\b")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")


def plain(word):
    return re.sub(r"[^a-z]", "", word.lower())


def names_of(text):
    capitals, others = set(), set()
    for sentence in re.split(r"(?<=[.!?:”])\s+|\n", text):
        for index, word in enumerate(WORD.findall(sentence)):
            if not word[0].isupper():
                others.add(plain(word))
            elif index:
                capitals.add(plain(word))
    return capitals - others


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=pathlib.Path, required=True)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    options.add_argument("--errors", action="store_true", help="list every error")
    options.add_argument("--fast", action="store_true", help="the fast voice")
    options.add_argument("--keep", type=pathlib.Path, help="the folder for texts and sound")
    options.add_argument("articles", nargs="*", type=pathlib.Path)
    options = options.parse_args()
    total = dict.fromkeys(("words", "errors", "of names", "names"), 0)
    print("article".ljust(16), *(name.rjust(9) for name in total), "WER".rjust(8), "no names".rjust(8))

    def row(title, figures):
        words, errors, of_names, names = figures.values()
        rates = f"{errors / words:8.2%} {(errors - of_names) / (words - names):8.2%}"
        print(title.ljust(16), *(str(figure).rjust(9) for figure in figures.values()), rates)

    with tempfile.TemporaryDirectory() as folder:
        folder = options.keep or pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        for article in options.articles or [DATA / name for name in TEN]:
            reference, sound = folder / f"{article.stem}.txt", folder / f"{article.stem}.wav"
            explain = [options.binary, "explain", "--stage", "spoken", article]
            spoken = subprocess.run(explain, check=True, capture_output=True, text=True).stdout
            spoken = LETTERS.sub(lambda letters: letters[0].replace(" ", ""), spoken)
            reference.write_text(spoken)
            read = [options.binary, "read", "--quiet", "--force", "--announce", "none", *["--fast"] * options.fast, "-o", sound, article]
            subprocess.run(read, check=True)
            compare = ["python3", options.shared / "eval/wer.py", reference, sound, "--json"]
            heard = json.loads(subprocess.run(compare, check=True, capture_output=True, text=True).stdout)
            names = names_of(spoken)
            figures = dict.fromkeys(total, 0)
            figures["words"] = heard["ref_words"]
            figures["names"] = sum(plain(word) in names for word in WORD.findall(spoken))
            for error in heard["errors"]:
                count = error["S"] + error["D"] + error["I"]
                is_name = any(plain(word) in names for word in error["ref"].split())
                figures["errors"] += count
                figures["of names"] += count * is_name
                if options.errors:
                    print(f"  {'name ' if is_name else ''}{error['ref']!r} -> {error['hyp']!r} in {error['context']}")
            row(article.stem, figures)
            total = {name: total[name] + figure for name, figure in figures.items()}
    row("all", total)


if __name__ == "__main__":
    main()
