"""How long the program takes from its start to its end for next to no work, in turn with another build of it."""

import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

STORY = "Harbour opens\n\nThe harbour opened again on Monday.\n"


def used():
    """Seconds of the processors that ended children had."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(binary, other, voice, count):
    """Prints a line a command: medians of both builds, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        article = pathlib.Path(folder) / "story.txt"
        article.write_text(STORY)
        read = ["read", "--quiet", "--force", "--voice", voice, article, "-o", article.with_suffix(".wav")]
        for command in (["--version"], read):
            times = {binary: [], other: []}
            for round_ in range(count + 2):
                for build, taken in times.items():
                    begun, before = time.monotonic(), used()
                    subprocess.run([build, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    # The first two bring the files into memory.
                    if round_ > 1:
                        taken.append((1000 * (time.monotonic() - begun), 1000 * (used() - before)))
            for build, taken in times.items():
                walls, processors = zip(*taken)
                print(f"  {command[0]:10} {statistics.median(walls):6.1f} ms, {statistics.median(processors):6.1f} ms of processor  {build}", flush=True)
