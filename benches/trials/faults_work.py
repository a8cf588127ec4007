"""F4 to F6 and F10 to F12: batches that stop, files that stay, clashes of names."""
import os
import resource
import signal
import time

from harness import wait_until
from samples import TONE, article, leftovers, newsroom
from tally import trial
from vault import real_voice
from wav import digest, is_whole


@trial("F4", "closed pipe of a batch", "done, told", "stopped without a word")
def f4_closed_pipe(lab, tally):
    """Nobody reads standard output any more: from the start, after the first line, with --json, with `read` of many. The work
    goes on, or the exit code says that it did not. A fault: exit code 0 with results missing."""
    room = newsroom(lab)
    inputs = sorted(room.articles.iterdir())
    commands = {"batch": lambda out: room.command(out), "batch --json": lambda out: room.command(out, "--json"),
                "read of many": lambda out: ["read", *inputs, "-o", f"{out}/", *TONE]}
    for name, command in commands.items():
        for lines in [1] * lab.repeats(5, 2) + [0]:
            with lab.scratch() as out:
                reader, writer = os.pipe()
                child = lab.start(*command(out), stdout=writer)
                os.close(writer)
                with open(reader, "rb", buffering=0) as pipe:
                    if lines:
                        pipe.read(1)
                run = child.wait(120)
                missing, other = room.compare(out)
                is_silent = run.code == 0 and (missing or other)
                word = run.crash or ("stopped without a word" if is_silent else "told" if missing else "done")
                tally.add(f"{name}, closed after {lines} line", word,
                          f"rc {run.code}, {len(room.digests) - len(missing)} of {len(room.digests)} articles")


@trial("F5", "part files after a kill", "swept", "left")
def f5_part_files(lab, tally):
    """The program is ended so that it can't clean up (SIGKILL, SIGQUIT, a second SIGINT) while it writes results, or while it
    prepares the voice. The next run into that folder sweeps what was left. A fault: something is there after that run that
    nobody asked for."""
    room = newsroom(lab)
    for name, numbers in (("SIGKILL", [signal.SIGKILL]), ("SIGQUIT", [signal.SIGQUIT]),
                          ("two SIGINT", [signal.SIGINT, signal.SIGINT])):
        for _ in range(lab.repeats(5, 2)):
            with lab.scratch() as out:
                child = room.start(out)
                # A file on its way is there and has bytes.
                began = wait_until(lambda: child.has_ended() or any(
                    path.suffix != ".wav" and path.stat().st_size for path in listed(out)))
                for number in numbers:
                    child.send(number)
                child.wait()
                if not began or not leftovers(out, room.digests):
                    continue
                room.run(out)
                left = leftovers(out, room.digests)
                tally.add(f"{name}, results", "left" if left else "swept", ", ".join(left[:3]))
    preparing(lab, tally)


def listed(folder):
    """The files of a folder that are still there when they are asked for."""
    return [path for path in folder.iterdir() if path.exists()] if folder.is_dir() else []


def preparing(lab, tally):
    """A kill while the prepared form is written."""
    real = real_voice(lab, tally, "kill while the voice is prepared")
    if real is None:
        return
    usual = real.clean.listing()
    for number in range(lab.repeats(6, 3)):
        with real.copy(prepared=False) as voice, lab.scratch() as out:
            before = voice.listing()
            child = lab.start("read", real.text, "-o", out / "x.wav", "--offline", env=voice.env)
            wait_until(lambda: child.has_ended() or voice.listing() - before)
            time.sleep(0.01 * number)
            child.send(signal.SIGKILL)
            child.wait()
            # What a finished run leaves is no leftover.
            if not voice.listing() - usual:
                continue
            real.speak(voice, out / "x.wav", "--force")
            left = sorted(voice.listing() - usual)
            tally.add("kill while the voice is prepared", "left" if left else "swept", ", ".join(left[:2]))


@trial("F6", "no thread or descriptor to be had", "done, told", "other sound, silent")
def f6_no_thread_no_descriptor(lab, tally):
    """Limits on descriptors, threads (as the user nobody) and memory. The program does its work or says what it lacks. A fault:
    a panic, an end without a message, other sound. An end by the system's own word that there is no memory is counted as told."""
    room = newsroom(lab)
    cases = [(f"{most} descriptors", {resource.RLIMIT_NOFILE: most}, False) for most in (4, 5, 6, 7, 8, 9, 10, 12, 20)]
    if lab.is_root:
        cases += [(f"{most} threads", {resource.RLIMIT_NPROC: most}, True) for most in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16)]
    else:
        tally.skip("limits on threads", "only root can become the user nobody, who has no other processes")
    cases += [("400 MB of memory", {resource.RLIMIT_AS: 400_000 << 10}, False)]
    for case, limits, nobody in cases:
        with lab.scratch() as out:
            out.chmod(0o777)
            run = room.run(out, limits=limits, nobody=nobody)
            tally.add(case, limited(run, room, out), run.brief())


def is_out_of_memory(run):
    """Whether Rust's allocator or the C library ended the program because there was no memory: no program can go on then."""
    own_words = b"memory allocation of" in run.err or (b"Fatal glibc error" in run.err and b"out of memory" in run.err)
    return own_words and run.code == -signal.SIGABRT


def limited(run, room, out):
    """What a batch came to under a limit."""
    missing, other = room.compare(out)
    if is_out_of_memory(run):
        return "other sound" if other else "told"
    if run.crash:
        return run.crash
    if other:
        return "other sound"
    if run.code == 0 and not missing:
        return "done"
    return "told" if run.code != 0 and run.err.strip() else "silent"


@trial("F10", "clashing names in a batch", "others read", "all refused, lost, other sound")
def f10_clashing_names(lab, tally):
    """Two articles of a batch would get the same result: a.txt and a.html, two names that are no UTF-8, one file by two
    spellings. They get names of their own or fail one by one, and all others are read. A fault: others are not read, an
    article of the two is neither read nor named, a result has other bytes."""
    good = [(f"good{number}.txt".encode(), article(number, 400)) for number in range(3)]
    pair = article(90, 400), article(91, 400)
    html = b"<html><body><article><p>" + pair[1] + b"</p></article></body></html>"
    right = lab.folder("right")
    alone = {}
    for name, text in [*good, (b"first.txt", pair[0]), (b"second.txt", pair[1]), (b"second.html", html)]:
        path = right / name.decode()
        path.write_bytes(text)
        sound = right / f"{name.decode()}.wav"
        lab.run("read", path, "-o", sound, *TONE)
        alone[name] = digest(sound)
    cases = {"a.txt and a.html": ([(b"a.txt", pair[0]), (b"a.html", html)], ["in"]),
             "names that are no UTF-8": ([(b"bad\xff.txt", pair[0]), (b"bad\xfe.txt", pair[1])], ["in"]),
             "a.txt and a.md": ([(b"a.txt", pair[0]), (b"a.md", pair[1])], ["in"]),
             "in and ./in": ([], ["in", "./in"]), "in and its path": ([], ["in", None])}
    for case, (clash, folders) in cases.items():
        with lab.scratch() as work:
            (work / "in").mkdir()
            for name, text in [*good, *clash]:
                with open(os.path.join(os.fsencode(work / "in"), name), "wb") as file:
                    file.write(text)
            inputs = [folder or work / "in" for folder in folders]
            run = lab.run("batch", *inputs, "-o", "out", *TONE, cwd=work)
            results = {path.name: digest(path) for path in listed(work / "out") if path.suffix == ".wav"}
            missing = [name for name, _ in good if results.get(f"{name.decode()[:-4]}.wav") != alone[name]]
            complaints = run.err.count(b"audio-report: ")
            if missing:
                word = "all refused" if len(missing) == len(good) else "lost"
            elif clash and len(results) - len(good) + complaints < len(clash):
                word = "lost"
            else:
                word = "others read" if set(results.values()) <= set(alone.values()) else "other sound"
            tally.add(case, run.crash or word, run.brief())


@trial("F11", "two batches into one folder", "right", "missing, other sound, left")
def f11_two_batches(lab, tally):
    """Two batches of the same articles into the same folder at once, with and without --force, in both orders of ending. A
    fault: a result is missing, has other bytes, or a part file is left. How often the second one ended with an error is noted."""
    room = newsroom(lab)
    for options in ([], ["--force"]):
        for repeat in range(lab.repeats(4, 2)):
            with lab.scratch() as out:
                first = room.start(out, *options)
                time.sleep(room.seconds * 0.15 * repeat)
                second = room.start(out, *options)
                runs = [first.wait(), second.wait()]
                missing, other = room.compare(out)
                words = [word for word, is_so in (("missing", missing), ("other sound", other),
                                                  ("left", leftovers(out, room.digests))) if is_so]
                crash = next((run.crash for run in runs if run.crash), None)
                case = " ".join(["batch", *options])
                tally.add(case, [crash] if crash else words or "right", " / ".join(run.brief() for run in runs))
                tally.note(f"{case}: exit codes {runs[0].code} and {runs[1].code}")


@trial("F12", "result that is a dangling link", "told at once, written", "spoken in vain")
def f12_dangling_link(lab, tally):
    """The name of the result is a symbolic link to nothing. The program writes through it or in its place, or refuses before it
    speaks. A fault: it speaks the whole article first (more than half of the CPU time) and then refuses; each run again."""
    with lab.scratch() as work:
        story = work / "in" / "story.txt"
        story.parent.mkdir()
        story.write_bytes(article(5, 60_000))
        usual = lab.run("read", story, "-o", work / "usual.wav", *TONE, limit=120)
        (work / "out").mkdir()
        link = work / "out" / "story.wav"
        for command in (["read", story, "-o", link], ["batch", work / "in", "-o", work / "out"],
                        ["batch", work / "in", "-o", work / "out"]):
            if not link.exists():
                link.unlink(missing_ok=True)
                link.symlink_to("nowhere.wav")
            run = lab.run(*command, *TONE, limit=120)
            if run.code == 0:
                word = "written" if link.exists() and is_whole(link) else "spoken in vain"
            else:
                word = "spoken in vain" if run.cpu > usual.cpu / 2 else "told at once"
            tally.add(command[0], run.crash or word, f"{run.brief()}; usual {usual.cpu:.1f} s")
