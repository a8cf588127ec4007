#!/usr/bin/env python3
"""Repeats the trials of reliability with the real program, in temporary folders.

    python3 benches/trials [BINARY] [--only NAME,…] [--quick] [--minutes N] [--json FILE] [--list] [--seed N]

Each trial prints a line with its counts, and below it what went wrong. A table follows at the end. The exit code is 1 when a
fault was seen. Trials with the real voice use a copy of the installed one and never the network; without a voice they are
not tried (AUDIO_REPORT_REQUIRE_VOICE=1 makes that a failure). As root some trials run the program as the user nobody;
others can't be tried without root, and say so.
"""
import argparse
import importlib
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time
import traceback

# No folder of compiled modules beside the sources.
sys.dont_write_bytecode = True

import tally as tallies  # noqa: E402
from harness import Lab  # noqa: E402
from vault import RealVoice, voice_home  # noqa: E402

# The modules that register trials; the tables in the order in which they are shown.
MODULES = ("faults_voice", "faults_work", "faults_text", "faults_small", "kills", "remembered", "digests", "places", "streams", "surroundings", "hostile",
           "lexicons", "damage", "installs", "sounds", "together")
# A quick run begins no trial after so many minutes.
QUICK_MINUTES = 4.5
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def trials():
    """All trials: the faults by number, then the tables."""
    for module in MODULES:
        importlib.import_module(module)
    faults = [trial for trial in tallies.TRIALS if trial.name[0] == "F"]
    return sorted(faults, key=lambda trial: int(trial.name[1:])) + [trial for trial in tallies.TRIALS if trial not in faults]


def options():
    parser = argparse.ArgumentParser(prog="benches/trials", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only these trials; see --list")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, at most five minutes")
    parser.add_argument("--minutes", type=float, metavar="N", help="begin no trial later; 4.5 for --quick if not given")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all counts and faults there")
    parser.add_argument("--list", action="store_true", help="name the trials and say what each does")
    parser.add_argument("--seed", type=int, default=1, help="for the moments of kills and the places of damage")
    return parser.parse_args()


def chosen(every, names):
    wanted = {name.strip().lower() for names in names for name in names.split(",")}
    known = {trial.name.lower() for trial in every}
    if unknown := wanted - known:
        sys.exit(f"trials: there is no trial named {', '.join(sorted(unknown))}; --list names them")
    return [trial for trial in every if not wanted or trial.name.lower() in wanted]


def main():
    asked = options()
    every = trials()
    if asked.list:
        for trial in every:
            print(f"{trial.name:12} {trial.title}\n{textwrap.indent(textwrap.fill(trial.about, 110), ' ' * 13)}")
        return 0
    wanted = chosen(every, asked.only)
    if not asked.binary.is_file():
        sys.exit(f"trials: there is no program at {asked.binary}; build it with: cargo build --release --locked")
    # A request to stop ends in the same clean-up as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    lab = Lab(asked.binary, asked.quick, asked.seed, voice_home())
    results = []
    begun = time.monotonic()
    most_minutes = asked.minutes or (QUICK_MINUTES if asked.quick else math.inf)
    try:
        for trial in wanted:
            is_late = time.monotonic() - begun > 60 * most_minutes
            results.append(put_off(trial) if is_late else tried(lab, trial))
    except KeyboardInterrupt:
        print("trials: interrupted", file=sys.stderr)
        return 130
    finally:
        lab.close()
    print(f"\n{tallies.table(results)}")
    faults = sum(len(result.faults) for result in results)
    left_out = [result.trial.name for result in results if result.untried]
    print(f"\n{faults} faults in {sum(result.tried for result in results)} cases, {time.monotonic() - begun:.0f} s"
          + (f"; not or not wholly tried: {', '.join(left_out)}" if left_out else ""))
    if asked.json:
        version = subprocess.run([asked.binary, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        report = {"version": version, "quick": asked.quick, "seed": asked.seed, "faults": faults,
                  "trials": [result.as_json() for result in results]}
        asked.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    # Where voices are asked for, a green run without one would say too much.
    without_voice = RealVoice.installed(lab) is None or any(result.lacks_voice for result in results)
    needs_voice = os.environ.get("AUDIO_REPORT_REQUIRE_VOICE") == "1" and without_voice
    if needs_voice:
        print("trials: AUDIO_REPORT_REQUIRE_VOICE is set, and a voice is missing", file=sys.stderr)
    return 1 if faults or needs_voice else 0


def put_off(trial):
    """A trial for which no time is left."""
    result = tallies.Tally(trial)
    result.skip("all", "the time is over; --minutes allows more")
    print(result.line(), flush=True)
    return result


def tried(lab, trial):
    """Makes one trial and prints what it saw."""
    result = tallies.Tally(trial)
    begun = time.monotonic()
    try:
        trial.function(lab, result)
    except Exception as error:  # noqa: BLE001 - the other trials go on, and this one counts as a fault
        place = traceback.extract_tb(error.__traceback__)[-1]
        result.break_off(f"{error!r} at {pathlib.Path(place.filename).name}:{place.lineno}")
    result.seconds = time.monotonic() - begun
    print(result.line(), flush=True)
    for line in result.details():
        print(line, flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
