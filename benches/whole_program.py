#!/usr/bin/env python3
"""The whole program, measured from outside: wall and CPU seconds, peak resident memory, time to the first sound.

    whole_program.py [--binary PATH] [--article FILE] [--rounds N] [--shared DIR] [--words 500,5000]

Each round runs the program, once on the library runtime instead of its own kernels, and, where DIR/bench/peers.py is there,
kokoro-onnx in both its modes on the same text, one after the other; figures are medians, ratios are taken pair by pair against
the peer's better mode. Run it on a machine that does nothing else. The first sound of `play` is measured against a silent ALSA
device, so no loudspeaker is needed."""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ("kokoro-onnx", "kokoro-onnx-stream")
SILENT = "pcm.!default { type null }\nctl.!default { type null }\n"


def measure(command, **kwargs):
    """Runs a command; wall and CPU seconds and peak MiB as the operating system counts them."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{err.decode()[-800:]}")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}, out, err


def read(binary, article, folder, *options, kernel=""):
    command = [binary, "read", "--json", "--force", "-o", folder / "out.wav", *options, article]
    figures, out, _ = measure(command, env={**os.environ, "AUDIO_REPORT_KERNEL": kernel})
    audio = json.loads(out)["audio_seconds"]
    figures.update(audio_s=audio, rtf=figures["wall_s"] / audio, cpu_per_audio_s=figures["cpu_s"] / audio)
    return figures


def play(binary, article, folder, *options):
    """Seconds from process start to the first samples handed over. The silent device takes sound as fast as it comes; whether a
    real one would run dry `cargo bench --bench live` tells."""
    config = folder / "silent.conf"
    config.write_text(SILENT)
    environment = {**os.environ, "ALSA_CONFIG_PATH": str(config), "AUDIO_REPORT_LOG": "debug"}
    _, _, err = measure([binary, "play", "--quiet", *options, article], env=environment)
    log = re.sub(rb"\x1b\[[0-9;]*m", b"", err)
    found = re.search(rb"first_sound_after=([0-9.]+)", log)
    return {"first_sound_s": float(found[1])} if found else None


def text_of(words, folder):
    """A text of that many words out of the sample article's story, over and over."""
    story = (ROOT / "tests/data/articles/summit.expected.txt").read_text().split("\n", 1)[1]
    tokens, paragraphs = 0, []
    while tokens < words:
        for paragraph in filter(None, story.split("\n")):
            paragraphs.append(paragraph)
            tokens += len(paragraph.split())
            if tokens >= words:
                break
    path = folder / f"{words}.txt"
    path.write_text("\n\n".join(paragraphs))
    return path


def median(rows):
    return {key: round(statistics.median(row[key] for row in rows), 4) for key in rows[0]}


def show(name, row):
    print(f"{name:28s}", "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "target/release/audio-report")
    parser.add_argument("--article", default=ROOT / "tests/data/articles/summit.expected.txt")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shared", default="../shared")
    parser.add_argument("--words", default="500,5000")
    options = parser.parse_args()
    binary, article = pathlib.Path(options.binary).resolve(), pathlib.Path(options.article).resolve()
    peers = pathlib.Path(options.shared) / "bench/peers.py"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        read(binary, article, folder)  # the first run prepares the model
        ours, single, runtime, live, live_single, theirs = [], [], [], [], [], []
        for _ in range(options.rounds):
            ours.append(read(binary, article, folder))
            if peers.exists():
                result = folder / "peers.json"
                command = [sys.executable, str(peers), "run", str(article), "--only", ",".join(PEERS), "--out", str(result)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                theirs.append(json.loads(result.read_text()))
            single.append(read(binary, article, folder, "-j", "1"))
            runtime.append(read(binary, article, folder, kernel="rten"))
            live.append(play(binary, article, folder))
            live_single.append(play(binary, article, folder, "-j", "1"))
        show("read", median(ours))
        show("read -j 1", median(single))
        show("read, library runtime", median(runtime))
        show("two workers, times one", {"rtf": round(statistics.median(b["rtf"] / a["rtf"] for a, b in zip(ours, single)), 2)})
        for name, rows in (("play", live), ("play -j 1", live_single)):
            if all(rows):
                show(name, median(rows))
        if theirs and not any("error" in row[peer] for row in theirs for peer in PEERS):
            keys = ("wall_s", "cpu_s", "peak_mib", "audio_s", "rtf")
            for peer in PEERS:
                show(peer, median([{key: row[peer][key] for key in keys} for row in theirs]))
            better = [min((row[peer] for peer in PEERS), key=lambda figures: figures["rtf"]) for row in theirs]
            pairs = list(zip(ours, better))
            ratios = {
                "rtf": round(statistics.median(b["rtf"] / a["rtf"] for a, b in pairs), 2),
                "cpu": round(statistics.median(b["cpu_s"] / b["audio_s"] / a["cpu_per_audio_s"] for a, b in pairs), 2),
                "memory": round(statistics.median(b["peak_mib"] / a["peak_mib"] for a, b in pairs), 2),
            }
            show("times better", ratios)
        elif peers.exists():
            print("kokoro-onnx could not be run; set it up with: python3", peers, "setup")
        for words in filter(None, options.words.split(",")):
            show(f"{words} words", {k: round(v, 4) for k, v in read(binary, text_of(int(words), folder), folder).items()})


if __name__ == "__main__":
    main()
