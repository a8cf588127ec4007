#!/usr/bin/env python3
"""The names of the news, spoken and heard again: which of names.txt a speech recogniser writes down right.

    names_heard.py --shared DIR [--binary PATH] [--peers]

Speaks the sentences of names.txt by both voices, has DIR/eval/asr.py write down what it hears, and looks for every name in brackets, in any
of its spellings (`=` between them), without regard to case, accents and spaces. With --peers kokoro-onnx and Piper speak the same sentences
(DIR/bench/peers.py has set them up). The recogniser knows famous names and misses rare ones however well they are said: compare
voices, don't take the figure by itself."""
import argparse
import os
import pathlib
import re
import subprocess
import tempfile
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
BRACKETS = re.compile(r"\[([^]]+)\]")
PEERS = {
    "kokoro-onnx": """
import sys, wave, numpy
from kokoro_onnx import Kokoro
samples, rate = Kokoro(sys.argv[3] + "/kokoro-v1.0.int8.onnx", sys.argv[3] + "/voices.npz").create(
    open(sys.argv[1]).read(), voice="af_heart", speed=1.0, lang="en-us")
with wave.open(sys.argv[2], "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(rate)
    file.writeframes((numpy.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
""",
    "piper": """
import sys, wave
from piper import PiperVoice
with wave.open(sys.argv[2], "wb") as file:
    PiperVoice.load(sys.argv[3] + "/en_US-joe-medium.onnx").synthesize_wav(open(sys.argv[1]).read(), file)
""",
}


def letters(text):
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if c.isalnum())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=pathlib.Path, required=True)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    options.add_argument("--peers", action="store_true")
    options = options.parse_args()
    marked = (ROOT / "benches/names.txt").read_text()
    names = [found.split("=") for found in BRACKETS.findall(marked)]
    cache = os.environ.get("PEERS_CACHE", "/tmp/peers-cache")
    heard = {}
    with tempfile.TemporaryDirectory() as folder:
        article, sound = pathlib.Path(folder, "names.txt"), pathlib.Path(folder, "names.wav")
        article.write_text(BRACKETS.sub(lambda found: found[1].split("=")[0], marked))
        read = [options.binary, "read", "--quiet", "--force", "--announce", "none", "-o", sound, article]
        speakers = {"audio-report": read, "--fast": [*read, "--fast"]}
        if options.peers:
            for name, code in PEERS.items():
                speakers[name] = [f"{cache}/venv/bin/python", "-c", code, article, sound, cache]
        for name, command in speakers.items():
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            listen = ["python3", options.shared / "eval/asr.py", sound]
            heard[name] = letters(subprocess.run(listen, check=True, capture_output=True, text=True).stdout)
    right = {name: [any(letters(s) in text for s in spellings) for spellings in names] for name, text in heard.items()}
    print("name".ljust(28), *(name.ljust(13) for name in right))
    for index, spellings in enumerate(names):
        marks = ("right" if hits[index] else "-" for hits in right.values())
        print(spellings[0].ljust(28), *(mark.ljust(13) for mark in marks))
    print(f"{len(names)} names".ljust(28), *(str(sum(hits)).ljust(13) for hits in right.values()))


if __name__ == "__main__":
    main()
