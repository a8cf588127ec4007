"""Batches that are killed or interrupted, run again and compared byte for byte."""
import signal

from harness import wait_until
from samples import leftovers, newsroom
from tally import trial
from vault import real_voice, spoken_newsroom
from wav import digest

STATES = "missed, right"
FAULTS = "half a result, other sound, missing, read twice, left, failed"


def kill_and_run_again(lab, tally, room, count, case):
    """Kills a batch at a random moment, checks what stands there, runs it again and compares all."""
    for _ in range(count):
        with lab.scratch() as out:
            child = room.start(out)
            wait_until(child.has_ended, lab.random.uniform(0, room.seconds))
            was_hit = child.send(signal.SIGKILL)
            child.wait()
            words = []
            _, other = room.compare(out)
            if other:
                words.append("half a result")
            whole = {path.name: path.stat().st_mtime_ns for path in out.glob("*.wav")}
            words += run_again(room, out)
            if any((out / name).stat().st_mtime_ns != time for name, time in whole.items() if (out / name).exists()):
                words.append("read twice")
            tally.add(f"{case}, {len(whole)} of {len(room.digests)} whole", words or ("right" if was_hit else "missed"))
    if tally.counts["missed"] == tally.tried:
        tally.break_off("no kill hit a batch at work")


def run_again(room, out):
    """Runs a batch again after a trouble; returns the faults."""
    run = room.run(out)
    missing, other = room.compare(out)
    faults = {"missing": missing, "other sound": other, "left": leftovers(out, room.digests),
              "failed": run.code != 0 and not run.crash}
    return ([run.crash] if run.crash else []) + [word for word, is_so in faults.items() if is_so]


@trial("kills", "kill -9 in a batch, tone voice", STATES, FAULTS)
def kills_with_the_tone_voice(lab, tally):
    """A batch is killed at a random moment and run again. A fault: half a result after the kill; after the second run a result that
    is missing or has other bytes, a whole one that was read twice, a part file that is still there."""
    kill_and_run_again(lab, tally, newsroom(lab), lab.repeats(60, 6), "tone")


@trial("kills-real", "kill -9 in a batch, real voice", STATES, FAULTS)
def kills_with_the_real_voice(lab, tally):
    """The same with the real voice and three short articles."""
    real = real_voice(lab, tally)
    if real is not None:
        kill_and_run_again(lab, tally, spoken_newsroom(lab, real), lab.repeats(10, 1), "real")


@trial("signals", "signals to a batch", "missed, right", f"{FAULTS}, wrong exit code, slow to end, left at once")
def signals_to_a_batch(lab, tally):
    """SIGINT, SIGTERM and SIGHUP end a batch with exit code 130, within five seconds, and leave no part file. SIGPIPE does nothing.
    SIGQUIT and a second SIGINT end it at once; part files may stay until the next run. After each a second run makes all right."""
    room = newsroom(lab)
    kinds = [([signal.SIGINT], 15, 130), ([signal.SIGTERM], 15, 130), ([signal.SIGHUP], 15, 130), ([signal.SIGPIPE], 15, 0),
             ([signal.SIGQUIT], 15, -signal.SIGQUIT), ([signal.SIGINT, signal.SIGINT], 20, 130)]
    for numbers, count, code in kinds:
        name = " and ".join(number.name for number in numbers)
        slowest = 0.0
        for _ in range(lab.repeats(count, 1)):
            with lab.scratch() as out:
                child = room.start(out)
                # Before a file is begun the program may not yet listen to signals.
                wait_until(lambda: child.has_ended() or out.is_dir() and any(path.suffix for path in out.iterdir()))
                wait_until(child.has_ended, lab.random.uniform(0, room.seconds * 0.6))
                was_hit = all([child.send(number) for number in numbers])
                run = child.wait()
                words = []
                if numbers[0] in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) and len(numbers) == 1 and was_hit:
                    if leftovers(out, room.digests):
                        words.append("left at once")
                    slowest = max(slowest, run.seconds - child.sent_after)
                    if run.seconds - child.sent_after > 5:
                        words.append("slow to end")
                # It may have ended by itself between the look and the signal.
                if was_hit and run.code not in (code, 0):
                    words.append("wrong exit code")
                if room.compare(out)[1]:
                    words.append("half a result")
                words += run_again(room, out)
                tally.add(name, words or ("right" if was_hit else "missed"), run.brief())
        if slowest:
            tally.note(f"{name}: ended within {slowest:.2f} s")


@trial("vanishing", "inputs and folders that go during work", "told, done", "silent, other sound")
def vanishing(lab, tally):
    """An article is deleted or changed, the folder of articles or the folder of results is removed, while a batch works. Each loss
    is told by the exit code and a message; whole results are right. A fault: exit code 0 with results missing, or wrong bytes."""
    room = newsroom(lab)

    def delete_last(articles, _):
        (articles / "story11.txt").unlink()

    def cut_last(articles, _):
        (articles / "story11.txt").write_bytes(b"")

    def remove(index):
        def act(*folders):
            folders[index].rename(folders[index].with_suffix(".gone"))
        return act

    for case, act in (("last article deleted", delete_last), ("last article emptied", cut_last),
                      ("folder of articles moved away", remove(0)), ("folder of results moved away", remove(1))):
        with lab.scratch() as work:
            articles, out = work / "in", work / "out"
            articles.mkdir()
            for path in room.articles.iterdir():
                (articles / path.name).write_bytes(path.read_bytes())
            child = lab.start("batch", articles, "-o", out, "--no-cache", *room.args)
            wait_until(lambda: child.has_ended() or out.is_dir() and any(out.glob("*.wav")))
            act(articles, out)
            run = child.wait(120)
            here = {path.name: digest(path) for path in [*out.glob("*.wav"), *out.with_suffix(".gone").glob("*.wav")]}
            if any(room.digests[name] != digest for name, digest in here.items()):
                word = "other sound"
            elif len(here) == len(room.digests):
                word = "done"
            else:
                word = "told" if run.code != 0 and run.err.strip() else "silent"
            tally.add(case, run.crash or word, run.brief())
