"""Batches with captions in MP3, which remember their folder: killed at random moments, on a disk that is full, with damaged memory."""
import json
import re
import shutil
import signal

from harness import small_disk, wait_until
from samples import HIDDEN, Newsroom, article
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


class Publishing(Remembering):
    """The same in a folder with a podcast. What tells one run from another, times and the names given by chance, is left out of what is
    compared; for the rest podcast.xml and the page of the day have to be as those of an undisturbed run."""

    SHOW = ("--title", "Trials", "--base-url", "https://trials.example/reports")

    def __init__(self, lab, count, args):
        super().__init__(lab, count, args)
        # A podcast begins in a folder that remembers: each try begins with a copy of one that has a first report.
        self.begun = lab.folder("begun")
        first = lab.folder("first")
        (first / "first.txt").write_bytes(article(99, 300))
        commands = (("batch", first, "-o", self.begun, *self.args), ("podcast", "make", self.begun, *self.SHOW))
        for command in commands:
            run = lab.run(*command, env=self.env)
            if run.code != 0:
                raise RuntimeError(f"a podcast without any trouble failed: {run.brief()}")
        whole = lab.folder("whole")
        self.begin(whole)
        run = self.run(whole)
        if run.code != 0:
            raise RuntimeError(f"a batch into a podcast failed: {run.brief()}")
        self.seconds = run.seconds
        self.digests = {path.name: self.digest_of(path) for path in whole.iterdir() if path.name != HIDDEN}
        self.items = (whole / "podcast.xml").read_bytes().count(b"<item>")

    def begin(self, out):
        shutil.copytree(self.begun, out, dirs_exist_ok=True)

    @staticmethod
    def digest_of(path):
        if path.suffix != ".xml" and path.name != "index.html":
            return digest(path)
        text = path.read_text()
        for pattern in (r"<(pubDate|lastBuildDate)>[^<]*<", r"urn:uuid:[0-9a-f-]{36}", r"\breport-\d+"):
            text = re.sub(pattern, "", text)
        if path.suffix == ".xml":
            # Reports of one second stand in the order of their names by chance.
            head, *items = text.split("<item>")
            *items, last = [part for item in items for part in item.split("</item>")]
            text = head + "".join(sorted(item for item in items if item.strip())) + last
        else:
            text = "\n".join(sorted(text.split("<li")))
        return text

    def compare(self, output):
        found = {path.name: path for path in output.iterdir() if path.name != HIDDEN} if output.is_dir() else {}
        missing = [name for name in self.digests if name not in found]
        other = [name for name, path in found.items() if name in self.digests and self.digest_of(path) != self.digests[name]]
        return missing, other, [name for name in found if name not in self.digests]

    def end(self, out):
        words, run = super().end(out)
        check = self.lab.run("podcast", "check", out / "podcast.xml")
        guids = re.findall(rb"urn:uuid:[0-9a-f-]{36}", (out / "podcast.xml").read_bytes())
        faults = {"refused": check.code != 0, "guid lost": len(set(guids)) != self.items}
        return words + [word for word, is_so in faults.items() if is_so], run


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
        tally.skip_without_voice("fast voice", "fast_heart")


@trial("memory-podcast", "kill -9 in a batch with a podcast", "right, missed", FAULTS + ", refused, guid lost")
def kills_of_a_batch_with_a_podcast(lab, tally):
    """A batch into a folder with a podcast is killed at a random moment and run to its end, and once more. A fault, beside those above: a
    podcast.xml or a page of the day that says something else than after an undisturbed run, or that a reader would refuse."""
    room = Publishing(lab, lab.repeats(ARTICLES, 6), ("--voice", "tone"))
    for number in range(lab.repeats(50, 4)):
        with lab.scratch() as out:
            room.begin(out)
            room.run_cache("clear")
            child = room.start(out)
            # Half of the kills fall on the end of the run, where the feed is written.
            moment = lab.random.uniform(0, room.seconds) if number % 2 else lab.random.uniform(0.9, 1.02) * room.seconds
            wait_until(child.has_ended, moment)
            was_hit = child.send(signal.SIGKILL)
            child.wait()
            words, run = room.end(out)
            tally.add("podcast", words or ("right" if was_hit else "missed"), run.brief())


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
