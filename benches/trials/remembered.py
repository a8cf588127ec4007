"""Batches with captions in MP3, which remember their folder: killed at random moments, on a disk that is full, with damaged memory."""
import json
import re
import shutil
import signal

from harness import small_disk, wait_until
from samples import HIDDEN, Newsroom
from tally import trial
from vault import flip
from wav import digest

ARTICLES = 20
OPTIONS = ("--format", "mp3", "--captions", "vtt")
FAULTS = "missing, other bytes, left, failed, spoken twice, touched again"


class Remembering(Newsroom):
    """Twenty short articles, read into MP3 and captions, with a cache of its own for each try."""

    def __init__(self, lab, count, args, env=None):
        super().__init__(lab, count, 300, (*args, *OPTIONS), env)
        self.chunks = self.kept()
        self.run_cache("clear")

    def run_cache(self, *command):
        return self.lab.run("cache", *command, env=self.env)

    def kept(self):
        """Chunks in the cache."""
        return json.loads(self.run_cache("stat", "--json").out)["chunks"]

    def compare(self, output):
        found = {path.name: path for path in output.iterdir() if path.name != HIDDEN} if output.is_dir() else {}
        missing = [name for name in self.digests if name not in found]
        other = [name for name, path in found.items() if name in self.digests and digest(path) != self.digests[name]]
        left = [name for name in found if name not in self.digests]
        return missing, other, left

    def end(self, out):
        """Runs a batch to its end, and once more; returns the faults."""
        kept = self.kept()
        run = self.run(out)
        missing, other, left = self.compare(out)
        spoken = re.search(rb"(\d+) chunks? spoken", run.out)
        faults = {"missing": missing, "other bytes": other, "left": left, "failed": run.code != 0 and not run.crash,
                  "spoken twice": spoken and int(spoken[1]) > self.chunks - kept}
        again = self.run(out)
        faults["touched again"] = b"0 articles read, 0 failed" not in again.out
        return ([run.crash] if run.crash else []) + [word for word, is_so in faults.items() if is_so], run


def fast_home(lab):
    """A folder of its own with a copy of the fast voice; None where it is not installed."""
    family = lab.voice_home / "voices/hibari-en"
    if not (family / "hibari.onnx").is_file():
        return None
    home = lab.folder("fast")
    shutil.copytree(family, home / "voices/hibari-en")
    return home


def kill_and_end(lab, tally, room, count, case):
    for _ in range(count):
        with lab.scratch() as out:
            room.run_cache("clear")
            child = room.start(out)
            wait_until(child.has_ended, lab.random.uniform(0, room.seconds))
            was_hit = child.send(signal.SIGKILL)
            child.wait()
            words, run = room.end(out)
            tally.add(case, words or ("right" if was_hit else "missed"), run.brief())


def remembering(lab):
    return lab.once("remembering", lambda: Remembering(lab, lab.repeats(ARTICLES, 6), ("--voice", "tone")))


@trial("memory-kills", "kill -9 in a batch with captions", "right, missed", FAULTS)
def kills_of_a_batch_that_remembers(lab, tally):
    """A batch into MP3 with captions is killed at a random moment and run to its end, and once more. A fault: results that differ from
    those of an undisturbed run, something left over, a chunk spoken again that was kept, work in the last run."""
    kill_and_end(lab, tally, remembering(lab), lab.repeats(50, 4), "tone")
    fast = None if lab.is_quick else fast_home(lab)
    if fast is not None:
        room = Remembering(lab, ARTICLES, ("--voice", "fast_heart", "--offline"), {"AUDIO_REPORT_HOME": fast})
        kill_and_end(lab, tally, room, 10, "fast voice")
    elif not lab.is_quick:
        tally.skip("fast voice", "it is not installed: audio-report voices install fast_heart")


@trial("memory-disk", "disk full in a batch with captions", "right, fits", FAULTS)
def full_disk_of_a_batch_that_remembers(lab, tally):
    """The same on a disk that is too small, at many sizes; then the disk grows and the batch runs to its end."""
    room = remembering(lab)
    most = sum((room.right / name).stat().st_size for name in room.digests) + (400 << 10)
    script = 'out=$1; shift; "$@"; code=$?; mount -o remount,size=200m disk || exit 78; "$@" || exit 79; cp -r disk/out "$out"; exit $code'
    for _ in range(lab.repeats(40, 4)):
        pages = lab.random.randrange(10, most >> 12)
        disk = small_disk(script, f"{pages << 2}k")
        if disk is None:
            tally.skip("all", "a small file system can't be mounted here")
            return
        with lab.scratch() as work:
            (work / "disk").mkdir()
            room.run_cache("clear")
            run = lab.run(*disk[1], work / "result", lab.binary, *room.command("disk/out"), program=disk[0], cwd=work,
                          env=room.env, limit=240)
            missing, other, left = room.compare(work / "result")
            faults = {"missing": missing, "other bytes": other, "left": left, "failed": run.code in (78, 79)}
            words = [word for word, is_so in faults.items() if is_so]
            tally.add(f"{pages << 2} KiB", words or ("fits" if run.code == 0 else "right"), run.brief())


@trial("memory-damage", "damage to what a batch remembers", "right", FAULTS)
def damaged_memory(lab, tally):
    """Bits of the manifest, of its copy, or of kept chunks flip while no batch runs, and one article is edited. A fault: other results than
    those of an undisturbed run, or a run that fails."""
    room = remembering(lab)
    for case in ("manifest", "manifest and copy", "chunks") * lab.repeats(8, 1):
        with lab.scratch() as out:
            room.run_cache("clear")
            room.run(out)
            for name in ("manifest.db-wal", "manifest.db-shm"):
                (out / HIDDEN / name).unlink(missing_ok=True)
            if case == "chunks":
                for path in (lab.home / "cache/chunks").glob("*/*.chunk"):
                    flip(path, lab.random.randrange(path.stat().st_size))
            else:
                names = ["manifest.db", "manifest.backup.db"] if "copy" in case else ["manifest.db"]
                for path in [out / HIDDEN / name for name in names]:
                    for _ in range(40):
                        flip(path, lab.random.randrange(path.stat().st_size))
            # What is gone is made again.
            gone = sorted(room.digests)[0]
            (out / gone).unlink()
            run = room.run(out)
            missing, other, left = room.compare(out)
            # Without any memory, captions whose sound is gone are another's files.
            may_miss = "copy" in case
            faults = {"missing": missing and not may_miss, "other bytes": other, "left": left,
                      "failed": run.code != 0 and not run.crash and not may_miss}
            words = [word for word, is_so in faults.items() if is_so]
            tally.add(case, ([run.crash] if run.crash else []) + words or "right", run.brief())
