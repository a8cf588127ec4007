#!/usr/bin/env python3
"""The whole program, measured from outside: wall and CPU seconds, peak resident memory, time to the first sound.

    whole_program.py [--binary PATH] [--article FILE] [--rounds N] [--shared DIR] [--parts article,batch,length,peers]
                     [--articles 8] [--words 500,5000] [--long] [--kernels avx512,avx2] [--fast] [--hide-avx512]

Parts, each in rounds that alternate what is compared; figures are medians, ratios are taken pair by pair:

article  an article with all workers, with one, on the library runtime instead of our own kernels, and, where
         DIR/bench/peers.py is there, by kokoro-onnx in both its modes; the first sound of `play`
batch    short articles at once, by one process each, and in one process with one worker
peers    an article with all workers and by kokoro-onnx, nothing else: for long ones
length   articles of growing length: cost and memory should not grow with it. --long adds 50,000 words, half an hour's work
voices   an article by both voices, with every kernel of --kernels, by one worker too, and by all peers: piper, hibari's own
         package, kokoro-onnx; the first sound of `play`. Names the processor

--fast takes the fast voice in all other parts. --hide-avx512 runs every program as on a processor with AVX2 alone, peers as well
(hide_avx512.c; it needs a C compiler and the flag cpuid_fault of /proc/cpuinfo).

`busy` is the share of the processors that was used: CPU seconds over wall seconds times processors. Run it on a machine that
does nothing else. The first sound of `play` is measured on a PulseAudio server without a loudspeaker, which has to be installed."""
import argparse
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# No folder of compiled modules beside the sources.
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "benches/sound_server"))

from quiet_server import QuietServer, missing  # noqa: E402

PEERS = ("kokoro-onnx", "kokoro-onnx-stream")
ALL_PEERS = ("piper", "hibari", "kokoro-onnx-stream")
# `play` is stopped after so many seconds: then its first sound has come.
HEARD_BY = 6.0
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
LONG = 50_000
USUAL_OPTIONS = []  # of every reading


def measure(command, **kwargs):
    """Runs a command; wall and CPU seconds and peak MiB as the operating system counts them."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, **kwargs)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        err.seek(0)
        said = err.read()
    if status:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{said.decode()[-800:]}")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}, out, said


def figures_of(figures, audio):
    """Adds what follows from wall and CPU seconds for so many seconds of sound."""
    wall, cpu = figures["wall_s"], figures["cpu_s"]
    return {**figures, "audio_s": audio, "rtf": wall / audio, "cpu_per_audio_s": cpu / audio, "busy": cpu / wall / PROCESSORS}


def read(binary, articles, folder, *options, kernel=""):
    """Reads articles in one process."""
    command = [binary, "read", "--json", "--force", "--announce", "none", "-o", f"{folder}/out/", *USUAL_OPTIONS, *options, *articles]
    figures, out, _ = measure(command, env={**os.environ, "AUDIO_REPORT_KERNEL": kernel})
    return figures_of(figures, sum(json.loads(line)["audio_seconds"] for line in out.splitlines()))


def one_by_one(binary, articles, folder):
    """Reads articles by one process each."""
    rows = [read(binary, [article], folder) for article in articles]
    total = {key: sum(row[key] for row in rows) for key in ("wall_s", "cpu_s", "audio_s")}
    total["peak_mib"] = max(row["peak_mib"] for row in rows)
    return figures_of(total, total["audio_s"])


def play(binary, article, folder, *options, kernel=""):
    """Seconds from process start until the first samples are made, and until a sound server of our own takes them, in real
    time. (ALSA's null device would take silence without end and keep a processor from the voice.)"""
    place = pathlib.Path(tempfile.mkdtemp(dir=folder))
    with QuietServer(place) as server, server.awake():
        environment = {**os.environ, "ALSA_CONFIG_PATH": str(server.alsa), "AUDIO_REPORT_LOG": "debug",
                       "AUDIO_REPORT_KERNEL": kernel}
        with (place / "log").open("wb") as log:
            process = subprocess.Popen([binary, "play", "--quiet", *options, article], env=environment, stdout=log, stderr=log,
                                       stdin=subprocess.DEVNULL)
            time.sleep(HEARD_BY)
            process.send_signal(signal.SIGINT)
            process.wait()
    log = re.sub(rb"\x1b\[[0-9;]*m", b"", (place / "log").read_bytes())
    made, listening, waited = (re.search(pattern, log) for pattern in (
        rb"first_sound_after=([0-9.]+)", rb"voice is found after=([0-9.]+)", rb"heard_after=([0-9.]+)"))
    if not (made and listening and waited):
        return None
    return {"first_made_s": float(made[1]), "first_sound_s": float(listening[1]) + float(waited[1])}


def story():
    """The paragraphs of the sample article's story, its headline left out."""
    text = (ROOT / "tests/data/articles/summit.expected.txt").read_text().split("\n", 1)[1]
    return [paragraph for paragraph in text.split("\n") if paragraph]


def text_of(words, folder):
    """A text of that many words out of the story, over and over, each time numbered so that nothing stands there twice."""
    tokens, paragraphs, turn = 0, [], 0
    while tokens < words:
        turn += 1
        for paragraph in story():
            paragraphs.append(paragraph if turn == 1 else f"Part {turn}: {paragraph}")
            tokens += len(paragraph.split())
            if tokens >= words:
                break
    path = folder / f"{words}.txt"
    path.write_text("\n\n".join(paragraphs))
    return path


def short_articles(count, folder):
    """Articles of one to three paragraphs of the story, each another."""
    paragraphs = story()
    paths = []
    for number in range(count):
        chosen = [paragraphs[(3 * number + more) % len(paragraphs)] for more in range(1 + number % 3)]
        paths.append(folder / f"short-{number}.txt")
        paths[-1].write_text("\n\n".join([f"Report {number}", *chosen]))
    return paths


def median(rows):
    return {key: round(statistics.median(row[key] for row in rows), 4) for key in rows[0]}


def pairs(theirs, ours, *keys):
    """How many times as much they take, pair by pair."""
    return {key: round(statistics.median(b[key] / a[key] for a, b in zip(ours, theirs)), 2) for key in keys}


def show(name, row):
    print(f"{name:28s}", "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def article_part(options, binary, folder):
    article = pathlib.Path(options.article).resolve()
    peers = pathlib.Path(options.shared) / "bench/peers.py"
    ours, single, runtime, live, live_single, theirs = [], [], [], [], [], []
    for _ in range(options.rounds):
        ours.append(read(binary, [article], folder))
        theirs += by_peers(peers, article, folder)
        single.append(read(binary, [article], folder, "-j", "1"))
        runtime.append(read(binary, [article], folder, kernel="rten"))
        live.append(play(binary, article, folder))
        live_single.append(play(binary, article, folder, "-j", "1"))
    show("read", median(ours))
    show("read -j 1", median(single))
    show("read, library runtime", median(runtime))
    show("one worker, times all", pairs(single, ours, "wall_s", "cpu_s", "peak_mib"))
    for name, rows in (("play", live), ("play -j 1", live_single)):
        if all(rows):
            show(name, median(rows))
    compare(ours, theirs, peers)


def peers_part(options, binary, folder):
    article = pathlib.Path(options.article).resolve()
    peers = pathlib.Path(options.shared) / "bench/peers.py"
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(read(binary, [article], folder))
        theirs += by_peers(peers, article, folder)
    show("read", median(ours))
    compare(ours, theirs, peers)


def by_peers(peers, article, folder, names=PEERS):
    """What the peers take for an article; nothing where they are not there."""
    if not peers.exists():
        return []
    result = folder / "peers.json"
    command = [sys.executable, str(peers), "run", str(article), "--only", ",".join(names), "--out", str(result)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return [json.loads(result.read_text())]


def compare(ours, theirs, peers):
    if theirs and not any("error" in row[peer] for row in theirs for peer in PEERS):
        for row in (row[peer] for row in theirs for peer in PEERS):
            row["cpu_per_audio_s"] = row["cpu_s"] / row["audio_s"]
        keys = ("wall_s", "cpu_s", "peak_mib", "audio_s", "rtf", "cpu_per_audio_s")
        for peer in PEERS:
            show(peer, median([{key: row[peer][key] for key in keys} for row in theirs]))
        better = [min((row[peer] for peer in PEERS), key=lambda figures: figures["rtf"]) for row in theirs]
        show("its better mode, times ours", pairs(better, ours, "rtf", "cpu_per_audio_s", "peak_mib"))
        show("each time, rtf", {number: round(b["rtf"] / a["rtf"], 2) for number, (a, b) in enumerate(zip(ours, better), 1)})
    elif peers.exists():
        print("kokoro-onnx could not be run; set it up with: python3", peers, "setup")


def batch_part(options, binary, folder):
    articles = short_articles(options.articles, folder)
    together, apart, single = [], [], []
    for _ in range(options.rounds):
        together.append(read(binary, articles, folder))
        apart.append(one_by_one(binary, articles, folder))
        single.append(read(binary, articles, folder, "-j", "1"))
    show(f"{len(articles)} articles at once", median(together))
    show("a process each", median(apart))
    show("at once, -j 1", median(single))
    show("a process each, times at once", pairs(apart, together, "wall_s", "cpu_s", "peak_mib"))
    show("one worker, times all", pairs(single, together, "wall_s", "cpu_s", "peak_mib"))


def length_part(options, binary, folder):
    lengths = [int(words) for words in filter(None, options.words.split(","))] + [LONG] * options.long
    texts = {words: text_of(words, folder) for words in lengths}
    rows = {words: [] for words in lengths}
    for number in range(options.rounds):
        for words in lengths:
            # Half an hour of work is long enough to be its own median.
            if number == 0 or words < LONG:
                rows[words].append(read(binary, [texts[words]], folder))
    medians = {words: median(rows[words]) for words in lengths}
    for words in lengths:
        show(f"{words} words", medians[words])
    for words in lengths[1:]:
        last, first = medians[words], medians[lengths[0]]
        keys = ("rtf", "cpu_per_audio_s", "peak_mib")
        show(f"{words} words, times {lengths[0]}", {key: round(last[key] / first[key], 3) for key in keys})


def processor():
    """Its name, where the system tells it."""
    try:
        names = re.findall(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    except OSError:
        names = []
    return names[0] if names else "unknown processor"


def hide_avx512(folder):
    """Lets all programs from now on see a processor without it."""
    library = folder / "hide_avx512.so"
    source = ROOT / "benches/hide_avx512.c"
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
    os.environ["LD_PRELOAD"] = str(library)


def voices_part(options, binary, folder):
    article = pathlib.Path(options.article).resolve()
    peers = pathlib.Path(options.shared) / "bench/peers.py"
    ways = {}
    for kernel in options.kernels.split(","):
        for voice, chosen in (("heart", ()), ("fast", ("--fast",))):
            for workers in ((), ("-j", "1")):
                ways[" ".join(filter(None, (voice, kernel, *workers)))] = (kernel, (*chosen, *workers))
    rows, lives, theirs = {way: [] for way in ways}, {way: [] for way in ways}, []
    for _ in range(options.rounds):
        for way, (kernel, chosen) in ways.items():
            rows[way].append(read(binary, [article], folder, *chosen, kernel=kernel))
            lives[way].append(play(binary, article, folder, *chosen, kernel=kernel))
        theirs += by_peers(peers, article, folder, ALL_PEERS)
    hidden = ", AVX-512 hidden" if options.hide_avx512 else ""
    print(f"{processor()}, {PROCESSORS} processors{hidden}")
    for way in ways:
        show(way, {**median(rows[way]), **(median(lives[way]) if all(lives[way]) else {})})
    for way in ways:
        if "-j 1" in way:
            show(f"{way}, times all", pairs(rows[way], rows[way.replace(" -j 1", "")], "wall_s", "cpu_s"))
    for peer in ALL_PEERS:
        found = [row[peer] for row in theirs if "error" not in row[peer]]
        if len(found) < max(len(theirs), 1):
            print(f"{peer} could not be run; set it up with: python3", peers, "setup")
            continue
        for row in found:
            row["cpu_per_audio_s"] = row["cpu_s"] / row["audio_s"]
        keys = ("wall_s", "cpu_s", "peak_mib", "audio_s", "rtf", "cpu_per_audio_s", "first_audio_s", "first_audio_warm_s")
        show(peer, median([{key: row[key] for key in keys} for row in found]))
        for way in ways:
            show(f"{peer}, times {way}", pairs(found, rows[way], "rtf", "cpu_per_audio_s", "peak_mib"))


PARTS = {"article": article_part, "batch": batch_part, "length": length_part, "peers": peers_part, "voices": voices_part}
USUAL = ("article", "batch", "length")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "target/release/audio-report")
    parser.add_argument("--article", default=ROOT / "tests/data/articles/summit.expected.txt")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shared", default="../shared")
    parser.add_argument("--parts", default=",".join(USUAL), help="which of " + ", ".join(PARTS))
    parser.add_argument("--articles", type=int, default=8, help="articles of the batch")
    parser.add_argument("--words", default="500,5000", help="lengths of articles")
    parser.add_argument("--kernels", default="", help="kernels that the part `voices` forces, one after the other")
    parser.add_argument("--fast", action="store_true", help="the fast voice, but for the part `voices`")
    parser.add_argument("--long", action="store_true", help=f"also {LONG} words")
    parser.add_argument("--hide-avx512", action="store_true", help="run all programs as on a processor with AVX2 alone")
    options = parser.parse_args()
    parts = [part for part in options.parts.split(",") if part]
    if not set(parts) <= set(PARTS):
        parser.error(f"--parts: choose from {', '.join(PARTS)}")
    if lacking := missing():
        parser.error(f"{', '.join(lacking)} is missing")
    binary = pathlib.Path(options.binary).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if options.hide_avx512:
            hide_avx512(folder)
        for voice in ((), ("--fast",)):
            read(binary, short_articles(1, folder), folder, *voice)  # the first run prepares the model
        for part in parts:
            USUAL_OPTIONS[:] = ["--fast"] if options.fast and part != "voices" else []
            PARTS[part](options, binary, folder)


if __name__ == "__main__":
    main()
