#!/usr/bin/env python3
"""Times batches that remember their folder: the first run, the second one, one edited word, and 10,000 small articles.

    python3 benches/remembered_folder.py [BINARY] [--jobs N]

All with the stand-in voice, so that the voice costs next to nothing: what is left is the work around it.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def story(number, paragraphs):
    """An article in which no sentence is another article's."""
    lines = [f"The harbour of town {number} reopened on day {day}. The quay was busy, and {number + day} people watched." for day in range(paragraphs)]
    return f"Harbour {number} reopens\n\n" + "\n\n".join(lines) + "\n"


def timed(command, environment, log=None):
    """Wall seconds, peak MiB and standard output of a command. `log` is a file for its standard error."""
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"remembered_folder: {command} ended with {process.returncode}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024, out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    parser.add_argument("--jobs", type=int, help="threads that speak; one a core if not given")
    asked = parser.parse_args()
    binary = asked.binary.resolve()
    threads = [] if asked.jobs is None else ["--jobs", str(asked.jobs)]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "AUDIO_REPORT_HOME": str(folder / "home")}
        for name, count, paragraphs, options in (("200", 200, 3, ["--preset", "podcast"]), ("10,000 small", 10_000, 1, ["--no-cache"])):
            news, out = folder / f"news-{count}", folder / f"out-{count}"
            news.mkdir()
            for number in range(count):
                (news / f"{number:05}.txt").write_text(story(number, paragraphs))
            batch = [binary, "batch", "--voice", "tone", *threads, *options, news, "-o", out]
            with open(folder / "log", "w+") as log:
                seconds, peak, _ = timed([*batch, "--quiet"], {**environment, "AUDIO_REPORT_LOG": "audio_report::store=debug"}, log)
                log.seek(0)
                # Staging a result tells of the one before it as published, too: one transaction an article.
                work = [float(found) for found in re.findall(r"the manifest knows a result.*?seconds=([0-9.e-]+)", log.read())]
            print(f"{name} articles: first run {seconds:.2f} s, peak {peak:.0f} MiB")
            if work:
                print(f"  the manifest's work an article: {1000 * statistics.median(work):.2f} ms in the median of {len(work)}, {1000 * max(work):.1f} ms at most")
            again = [timed(batch, environment) for _ in range(5)]
            print(f"  again: {statistics.median(run[0] for run in again):.3f} s (median of five), peak {max(run[1] for run in again):.0f} MiB")
            if "--no-cache" not in options:
                edited = news / "00007.txt"
                edited.write_text(edited.read_text().replace("busy", "quiet", 1))
                seconds, _, said = timed(batch, environment)
                chunks = re.search(r"(\d+ chunks? spoken, \d+ taken from the cache)", said)
                print(f"  one word changed: {seconds:.2f} s, {chunks[1] if chunks else said}")
            else:
                files = sorted(news.iterdir())
                seconds, peak, _ = timed([binary, "read", "--voice", "tone", "--quiet", *files, "-o", f"{folder}/read-{count}/"], environment)
                print(f"  by `read`, which remembers nothing: {seconds:.2f} s, peak {peak:.0f} MiB")


if __name__ == "__main__":
    main()
