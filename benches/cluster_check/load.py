"""How much many machines do, and what the queue costs: on a machine that does nothing else.

    python3 benches/cluster_check/load.py waits CHECKED_BINARY     one, two, three workers with a voice that waits as long as one would speak
    python3 benches/cluster_check/load.py speaks BINARY            one and two workers that speak, a core each, and programs without a queue
    python3 benches/cluster_check/load.py overhead BINARY          what queue and results take of a job of 500 words
    python3 benches/cluster_check/load.py crowd TEST [--workers N] [--jobs N]    a thousand workers of the test binary at one server

The binaries have the feature `cluster`; the first is one of the profile `checked`. The server of NATS syncs each write. Results lie in a folder. `make
cluster-load` runs all of it.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request

from servers import Nats, Program, end, lines, until

VOICE = "af_heart"
WORDS = 500
# The sentences of an article of 500 words: numbers make each its own.
SENTENCES = (
    "The council of harbor {n} voted on Monday to reopen pier {m}, which a storm had closed for {m} weeks.",
    "Officials said that {m} ships were waiting outside, and that the first of them would come in before noon.",
    "“We have asked for this since spring,” said the head of the dockers, whose {n} members had gone without work.",
    "Economists put the loss at $1.{m} billion, and expect prices of grain and fuel to fall again by the end of the month.",
)


def article(number, words):
    text, at = [f"Harbor {number} reopens its piers\n"], 0
    while sum(len(part.split()) for part in text) < words:
        text.append(SENTENCES[at % len(SENTENCES)].format(n=number + 10, m=at + 2))
        at += 1
    return "\n".join(" ".join(text[1:][i : i + 4]) + "\n" for i in range(0, len(text) - 1, 4)) if words > 100 else "\n".join(text)


class Place:
    """A queue, a folder for results, and articles."""

    def __init__(self, binary, folder, nats, count, words, voice):
        self.folder = folder
        folder.mkdir()
        self.nats = Nats(nats, folder)
        self.results = folder / "results"
        home = os.environ.get("AUDIO_REPORT_HOME")
        self.program = Program(binary, home or folder / "home", self.nats.address, str(self.results), {})
        if home is None and voice != "tone":
            # The voice is that of whoever runs this.
            del self.program.environment["AUDIO_REPORT_HOME"]
        self.count, self.voice = count, voice
        self.articles = []
        for number in range(count):
            path = folder / f"{number}.txt"
            path.write_text(article(number, words))
            self.articles.append(str(path))

    def submit(self):
        lines(self.program.run("submit", *self.articles, "--voice", self.voice, "--json", *self.program.at()))

    def made(self):
        return len(list(self.results.glob("*/manifest.json")))

    def worker(self, *options, core=None, **grounds):
        self.program.prefix = [] if core is None else ["taskset", "--cpu-list", str(core)]
        log = open(self.folder / "workers.log", "ab")
        return self.program.worker(log, "--speaking", "0", *self.program.at(), *options, **grounds)

    def close(self):
        self.nats.kill()


def took(place, workers, rest):
    """Seconds from submitting to the last report. Each worker has made one before, so starting and loading are no part of it."""
    started = [start() for start in workers]
    # So many that none misses its turn.
    before = 8 * len(workers)
    for number in range(before):
        (place.folder / f"before-{number}.txt").write_text(article(1_000 + number, 10))
    paths = map(str, place.folder.glob("before-*.txt"))
    lines(place.program.run("submit", *paths, "--voice", place.voice, "--json", *place.program.at()))
    until("the first reports", lambda: place.made() >= before, rest=rest)
    begun = time.monotonic()
    place.submit()
    every = place.count + before
    until("all reports", lambda: place.made() >= every or any(worker.poll() is not None for worker in started), 3_600, rest)
    seconds = time.monotonic() - begun
    if place.made() < every:
        raise SystemExit("cluster_check: a worker ended before its work")
    for worker in started:
        end(worker)
    return seconds


def without_queue(place, count):
    """Seconds that so many programs take for the articles, a core and a share each: what the machine itself allows."""
    programs = []
    begun = time.monotonic()
    for core in range(count):
        share = place.articles[core::count]
        command = ["taskset", "--cpu-list", str(core), place.program.binary, "batch", "--quiet", "--no-cache", "-j", "1", "--voice", place.voice, "--format", "mp3"]
        folder = place.folder / f"by-{count}-{core}"
        programs.append(subprocess.Popen([*command, "-o", str(folder), *share], env=place.program.environment))
    if any(program.wait() != 0 for program in programs):
        raise SystemExit("cluster_check: a program without a queue failed")
    return time.monotonic() - begun


def waits(binary, options, folder):
    rates = {}
    for count in (1, 2, 3):
        place = Place(binary, folder / f"waits{count}", options.nats, options.jobs or 60, 20, "tone")
        seconds = took(place, [lambda: place.worker(ack_wait=30, sleep=1)] * count, rest=0.02)
        rates[count] = place.count / seconds
        print(
            f"{count} workers with a voice that waits: {place.count} reports in {seconds:.1f} s, {rates[count] / rates[1]:.2f} × one",
            flush=True,
        )
        place.close()


def speaks(binary, options, folder):
    seconds = {}
    for round in range(options.rounds):
        for count in (1, 2):
            place = Place(binary, folder / f"speaks{count}-{round}", options.nats, options.jobs or 12, WORDS, VOICE)
            workers = took(place, [lambda core=core: place.worker(core=core) for core in range(count)], rest=0.2)
            alone = without_queue(place, count)
            seconds.setdefault(count, []).append((workers, alone))
            print(f"{count} cores: {place.count} reports by workers in {workers:.1f} s, without a queue in {alone:.1f} s", flush=True)
            place.close()
    for at, what in enumerate(("workers", "programs without a queue")):
        one, two = (statistics.median(row[at] for row in seconds[count]) for count in (1, 2))
        print(f"two {what} make {one / two:.2f} × as much as one")


def overhead(binary, options, folder):
    place = Place(binary, folder / "overhead", options.nats, options.jobs or 12, WORDS, VOICE)
    place.submit()
    environment = {**place.program.environment, "AUDIO_REPORT_LOG": "info"}
    command = [binary, "worker", "--quiet", "--no-cache", "--speaking", "0", "--metrics", "127.0.0.1:0", *place.program.at()]
    command.remove("--quiet")
    worker = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen, address = [], []

    def read():
        for line in worker.stderr:
            seen.append((time.monotonic(), line))

    def read_out():
        for line in worker.stdout:
            address.extend(re.findall(r"http://\S+/metrics", line))

    for target in (read, read_out):
        threading.Thread(target=target, daemon=True).start()
    until("all reports", lambda: sum("a job is done" in line for _, line in seen) >= place.count)
    metrics = urllib.request.urlopen(address[0], timeout=10).read().decode()
    work = float(re.search(r"^audio_report_worker_work_seconds_total (\S+)", metrics, re.M)[1])
    end(worker)
    begun = [at for at, line in seen if "a job is begun" in line]
    done = [at for at, line in seen if "a job is done" in line]
    # From the first job's begin to the last one's end; what comes before the first is as long as between two.
    between = [later - earlier for earlier, later in zip(done, begun[1:])]
    whole = done[-1] - begun[0]
    spent = (whole - work) / place.count + statistics.mean(between) / place.count
    job = work / place.count
    print(
        f"{place.count} jobs of {WORDS} words: {job:.2f} s of work each, {spent * 1e3:.1f} ms for queue and results: {spent / job:.2%}; "
        f"of it {statistics.median(between) * 1e3:.1f} ms from the end of one to the begin of the next"
    )
    place.close()


def crowd(test, options, folder):
    nats = Nats(options.nats, folder, monitored=True)
    figures = folder / "figures.txt"
    environment = {
        **os.environ, "QUEUE": nats.address, "FIGURES": str(figures), "WORKERS": str(options.workers), "JOBS": str(options.jobs or 10_000),
    }
    before, began = nats.counts(), time.monotonic()
    command = [test, "--ignored", "--exact", "cluster::fleet::crowd::a_thousand_workers"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after, seconds = nats.counts(), time.monotonic() - began
    print(figures.read_text(), end="")
    for what in ("in_msgs", "out_msgs"):
        print(f"{what}: {(after[what] - before[what]) / seconds:.0f} a second")
    print(f"the server: {nats.memory():.0f} MiB, {after['cpu_seconds'] - before['cpu_seconds']:.1f} s of processor in {seconds:.1f} s")
    nats.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("waits", "speaks", "overhead", "crowd"))
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--nats", default="nats-server")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1_000)
    options = parser.parse_args()
    if shutil.which(options.nats) is None:
        raise SystemExit(f"cluster_check: there is no {options.nats}")
    with tempfile.TemporaryDirectory(prefix="cluster-load-") as name:
        {"waits": waits, "speaks": speaks, "overhead": overhead, "crowd": crowd}[options.what](options.binary, options, pathlib.Path(name))


if __name__ == "__main__":
    main()
