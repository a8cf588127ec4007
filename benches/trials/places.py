"""Places that can't be written, names that are odd, disks that are full."""
import contextlib
import os
import pathlib

from harness import small_disk
from samples import HIDDEN, TEXT, TONE, leftovers, newsroom, text_file, tone_sound
from tally import trial
from wav import digest, is_whole


@trial("full-disk", "disk full", "told, done", "left, half a result, silent")
def disk_full(lab, tally):
    """A disk that is too small for one result of a batch, and one that takes the first; `read` and `batch`. The program says so and
    leaves nothing behind but whole results. A fault: a part file, half a result, exit code 0 with a result missing."""
    room = newsroom(lab)
    length = min(path.stat().st_size for path in room.right.glob("*.wav"))
    script = '"$@"; code=$?; ls -A disk | grep -v "^.audio-report$" >listing; cp disk/*.wav . 2>&-; exit $code'
    for part in (0.6, 1.4):
        size = f"{int(length * part) >> 10}k"
        disk = small_disk(script, size)
        if disk is None:
            tally.skip(f"disk for {part} results", "a small file system can't be mounted here")
            continue
        inputs = sorted(room.articles.iterdir())
        commands = {"read": (inputs[:2], ["read", *inputs[:2], "-o", "disk/"]), "batch": (inputs, ["batch", room.articles, "-o", "disk"])}
        for case, (wanted, command) in commands.items():
            with lab.scratch() as work:
                (work / "disk").mkdir()
                run = lab.run(*disk[1], lab.binary, *command, *TONE, program=disk[0], cwd=work, limit=120)
                listing = (work / "listing").read_text().split()
                whole = [path.name for path in work.glob("*.wav") if is_whole(path) and digest(path) == room.digests[path.name]]
                if any(not name.endswith(".wav") for name in listing):
                    word = "left"
                elif sorted(listing) != sorted(whole):
                    word = "half a result"
                else:
                    is_told = run.code in (1, 3) and run.err.strip()
                    word = "told" if is_told else "done" if run.code == 0 and len(whole) == len(wanted) else "silent"
                tally.add(f"{case}, disk for {part} results", run.crash or word, run.brief())
                tally.note(f"{case}, disk for {part} results: {run.said.count('audio-report: ')} messages")


@trial("places", "places that can't be written", "told, done", "silent, left, harmed")
def places_that_cannot_be_written(lab, tally):
    """As the user nobody: a folder without write permission, a file or a folder in the way, a FIFO, devices, /proc, names that are too
    long, a link with --force. The program says what is wrong and leaves nothing behind; what was in the way is as before."""
    cases = ["closed/", "closed/a.wav", "closed/new/a.wav", "file/a.wav", "folder.wav", "fifo.wav", "/dev/null", "/dev/full",
             "/proc/a.wav", "/proc/self/comm", "/nowhere/a.wav", "n" * 252 + ".wav", "n" * 251 + ".wav", "d/" * 2600 + "a.wav", "file/"]
    for place in cases:
        for force in ([], ["--force"]):
            with lab.scratch() as work:
                work.chmod(0o777)
                (work / "file").write_bytes(b"precious")
                (work / "folder.wav").mkdir()
                (work / "closed").mkdir(mode=0o555)
                os.mkfifo(work / "fifo.wav")
                before = census(work)
                run = lab.run("read", text_file(lab), "-o", place, *TONE, *force, cwd=work, nobody=True)
                word = outcome_in_place(lab, run, work, place, before)
                tally.add(f"{place[:30]} {' '.join(force)}".strip(), run.crash or word, run.brief())
    for force in ([], ["--force"]):
        with lab.scratch() as work:
            (work / "target.wav").write_bytes(b"precious")
            (work / "link.wav").symlink_to("target.wav")
            run = lab.run("read", text_file(lab), "-o", "link.wav", *TONE, *force, cwd=work)
            is_kept = (work / "target.wav").read_bytes() == b"precious"
            word = "harmed" if not force and not is_kept else "done" if run.code == 0 else "told"
            tally.add(f"a link to a file {' '.join(force)}".strip(), run.crash or word, run.brief())


def census(folder):
    """Every entry below with its kind, and the bytes of files."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        found[str(path)] = (mode, path.read_bytes() if path.is_file() else None)
    return found


def outcome_in_place(lab, run, work, place, before):
    """What came of a result at an odd place."""
    target = work / place
    after = census(work)
    with contextlib.suppress(OSError):
        if run.code == 0 and is_whole(target) and digest(target) == digest(tone_sound(lab)):
            return "done" if {key: value for key, value in after.items() if key in before} == before else "harmed"
    if any(after.get(key) != value for key, value in before.items()):
        return "harmed"
    if any(pathlib.Path(key).is_file() for key in after.keys() - before.keys()):
        return "left"
    return "told" if run.code != 0 and run.err.strip() else "silent"


NAMES = [
    b"new\nline.txt", b"two words.txt", b"'quotes\".txt", b"$(touch marker).txt", b"`touch marker`.txt",
    b";touch marker;.txt", b"esc\x1b[31m.txt", b"%s%n%d{}{0}.txt", b"-o.txt", b"--help.txt", b"-.txt", b"...txt", b"..txt",
    b".txt", b"*.txt", b"[x].txt", b"{a,b}.txt", b"a?.txt", "bidi\u202etxt.txt".encode(), "Überschrift 北京.txt".encode(),
    b"latin\xe9.txt", b"n" * 251 + b".txt", b"tab\t.txt", b"back\\slash.txt", b"end .txt", b"CON.txt", b"a.b.c.txt",
    b"UPPER.TXT", b"~.txt", b"#!.txt", b"nul.wav.txt",
]


@trial("names", "odd names of articles", "done, told", "outside, lost, other sound, command run")
def odd_names(lab, tally):
    """Newlines, quotes, commands, options, patterns, names of 255 bytes, names that are no UTF-8: read one by one by their path, and
    all in one batch. Each article gets one result with the right bytes in the folder of results, or is named in a message. A
    fault: something outside that folder, a command in a name that was run, a result of other bytes."""
    right = digest(tone_sound(lab))

    def outcome(run, work, wanted):
        if (work / "marker").exists() or (work / "in" / "marker").exists():
            return "command run"
        if leftovers(work, ("in", "out")):
            return "outside"
        found = [path for path in (work / "out").iterdir() if path.name != HIDDEN] if (work / "out").is_dir() else []
        if any(path.is_file() and digest(path) != right for path in found):
            return "other sound"
        if len(found) == wanted:
            return "done"
        return "told" if run.code != 0 and run.err.count(b"audio-report: ") + len(found) >= wanted else "lost"

    def fill(work, names):
        (work / "in").mkdir()
        for name in names:
            with open(os.path.join(os.fsencode(work / "in"), name), "wb") as file:
                file.write(TEXT)

    for name in NAMES:
        with lab.scratch() as work:
            fill(work, [name])
            run = lab.run("read", os.path.join(b"in", name), "-o", "out/", *TONE, cwd=work)
            tally.add(repr(name.decode(errors="replace"))[:40], run.crash or outcome(run, work, 1), run.brief())
    with lab.scratch() as work:
        # A file whose name is all ending, such as .txt, is none of the batch's.
        names = [name for name in NAMES if name != b".txt"]
        fill(work, names)
        run = lab.run("batch", "in", "-o", "out", *TONE, cwd=work)
        tally.add("all in a batch", run.crash or outcome(run, work, len(names)), run.brief())
    long = "in/" + "d/" * 2500 + "a.txt"
    run = lab.run("read", long, "-o", lab.folder("out"), *TONE)
    tally.add("a path of 5,000 bytes", run.crash or ("told" if run.code != 0 else "lost"), run.brief())


@trial("many", "thousands of small articles", "done", "lost, skipped wrongly, left, failed")
def many_articles(lab, tally):
    """A batch of 10,000 articles of one sentence (1,000 with --quick), then the same again: all are read, then all are skipped."""
    count = lab.repeats(10_000, 1_000)
    with lab.scratch() as work:
        (work / "in").mkdir()
        for number in range(count):
            (work / "in" / f"{number}.txt").write_bytes(b"Report %d.\n" % number)
        for round in ("first", "again"):
            before = {path.name: path.stat().st_mtime_ns for path in (work / "out").glob("*.wav")}
            run = lab.run("batch", "in", "-o", "out", *TONE, cwd=work, limit=600)
            results = {path.name: path for path in (work / "out").glob("*.wav") if is_whole(path)}
            if len(results) < count:
                word = "lost"
            elif before and any(results[name].stat().st_mtime_ns != time for name, time in before.items()):
                word = "skipped wrongly"
            else:
                word = "left" if leftovers(work / "out", results) else "done" if run.code == 0 else "failed"
            tally.add(f"{count:,} articles, {round}", run.crash or word, run.brief())
            tally.note(f"{count:,} articles, {round}: {run.seconds:.1f} s, {run.cpu:.1f} s CPU, {run.peak_mib:.0f} MiB")
