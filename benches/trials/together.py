"""The same sound again, alone and in company."""
import multiprocessing
import signal
import time

from samples import TONE, leftovers, newsroom, text_file, tone_sound
from tally import trial
from vault import STYLE, real_voice, spoken_newsroom
from wav import digest


@trial("determinism", "determinism", "same", "other sound, failed")
def determinism(lab, tally):
    """The same articles with one, two and five workers, in a batch and alone, with --nice, and beside busy loops: the bytes must be
    the same."""
    room = newsroom(lab)
    for options in (["-j", "1"], ["-j", "2"], ["-j", "5"], ["--nice"], ["--json"]):
        compare_batch(lab, tally, room, options, "tone")
    real = real_voice(lab, tally, "real voice")
    if real is None:
        return
    for options in (["-j", "2"], ["-j", "2"], ["-j", "2"], ["-j", "1"], ["-j", "5"])[lab.repeats(0, 3):]:
        with lab.scratch() as out:
            run = real.speak(real.clean, out / "x.wav", *options)
            word = "failed" if run.code != 0 else "same" if digest(out / "x.wav") == real.digest else "other sound"
            tally.add(f"real voice, alone {' '.join(options)}", run.crash or word, run.brief())
    spoken = spoken_newsroom(lab, real)
    loops = [multiprocessing.Process(target=spin, daemon=True) for _ in range(3)]
    for loop in loops:
        loop.start()
    try:
        compare_batch(lab, tally, spoken, [], "real voice beside three busy loops")
    finally:
        for loop in loops:
            loop.kill()
            loop.join()
    # Alone, an article has the same bytes as in a batch.
    for path in sorted(spoken.articles.iterdir())[:lab.repeats(3, 1)]:
        with lab.scratch() as out:
            run = real.speak(real.clean, out / "x.wav", text=path)
            word = "failed" if run.code != 0 else "same" if digest(out / "x.wav") == spoken.digests[f"{path.stem}.wav"] else "other sound"
            tally.add("real voice, alone what was in a batch", run.crash or word, run.brief())


def spin():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    while True:
        pass


def compare_batch(lab, tally, room, options, case):
    with lab.scratch() as out:
        run = room.run(out, *options)
        missing, other = room.compare(out)
        word = "other sound" if other else "failed" if missing or run.code != 0 else "same"
        tally.add(f"{case}, batch {' '.join(options)}".strip(), run.crash or word, run.brief())


@trial("together", "two processes at once", "right", "missing, other sound, left, no winner")
def two_processes(lab, tally):
    """Two processes write into the same folder at once: one file by both, with and without --force; different articles by each, so
    that one's start would sweep away what the other has open; two that prepare the voice. All results are there and right, at
    least one of two that want the same file ends with exit code 0, and no part file stays."""
    right = digest(tone_sound(lab))
    for force in ([], ["--force"]):
        for _ in range(lab.repeats(5, 2)):
            with lab.scratch() as out:
                runs = both(lab, *[["read", text_file(lab), "-o", out / "x.wav", *TONE, *force]] * 2)
                is_right = (out / "x.wav").is_file() and digest(out / "x.wav") == right
                word = "missing" if not (out / "x.wav").exists() else "other sound" if not is_right else \
                    "left" if leftovers(out, ("x.wav",)) else "right" if 0 in (run.code for run in runs) else "no winner"
                add(tally, f"read to one file {' '.join(force)}".strip(), word, runs)
    room = newsroom(lab)
    inputs = sorted(room.articles.iterdir())
    half = len(inputs) // 2
    for _ in range(lab.repeats(5, 2)):
        with lab.scratch() as out:
            runs = both(lab, *[["batch", *part, "-o", out, *TONE] for part in (inputs[:half], inputs[half:])], pause=room.seconds / 6)
            missing, other = room.compare(out)
            word = "missing" if missing else "other sound" if other else "left" if leftovers(out, room.digests) else "right"
            add(tally, "batches of different articles into one folder", word, runs)
    real = real_voice(lab, tally, "two that prepare the voice")
    if real is None:
        return
    usual = real.clean.listing()
    for number in range(lab.repeats(4, 2)):
        with real.copy(prepared=False) as voice, lab.scratch() as out:
            commands = [["read", real.text, "-o", out / f"{name}.wav", "--voice", STYLE, "--offline"] for name in "ab"]
            runs = both(lab, *commands, env=voice.env, pause=0.2 * number)
            results = [out / f"{name}.wav" for name in "ab"]
            if not all(path.is_file() for path in results):
                word = "missing"
            elif any(digest(path) != real.digest for path in results):
                word = "other sound"
            else:
                word = "left" if voice.listing() - usual else "right"
            add(tally, "two that prepare the voice", word, runs)


def both(lab, first, second, pause=0.0, **options):
    """Starts two commands and waits for both."""
    children = [lab.start(*first, **options)]
    time.sleep(pause)
    children.append(lab.start(*second, **options))
    return [child.wait(120) for child in children]


def add(tally, case, word, runs):
    crash = next((run.crash for run in runs if run.crash), None)
    tally.add(case, crash or word, " / ".join(run.brief() for run in runs))
