"""Articles for the trials, and what the program makes of them when nothing goes wrong."""
import itertools
import pathlib
import random

from wav import digest

PLACES = ("harbor", "station", "library", "market", "bridge", "school", "museum", "airport", "mill", "theater")
PEOPLE = ("the mayor", "a spokeswoman", "the owner", "two engineers", "the council", "a driver", "the builders")
DEEDS = ("opened the gates", "counted the boats", "asked for more money", "repaired the roof", "closed the road",
         "moved the cranes", "signed the plan", "measured the water", "sold the old machines", "planted forty trees")
TIMES = ("on Monday", "at noon", "last week", "before the storm", "in November", "after ten years", "at 6:30 p.m.")

# Two sentences.
TEXT = b"The port reopened on Monday. Ships came back at noon.\n"
TONE = ("--voice", "tone")
# Articles in the folder that batches read.
ARTICLES = 12
# Where a batch remembers its folder.
HIDDEN = ".audio-report"


def article(seed, size):
    """An article of about `size` bytes in which no two sentences are the same."""
    chooser = random.Random(seed)
    sentences, length = [f"Report {seed} from the coast."], 0
    for number in itertools.count(2):
        parts = [chooser.choice(words) for words in (PEOPLE, DEEDS, PLACES, TIMES)]
        sentences.append("{} {} near the {} {}, and {} people watched.".format(*parts, number * 7 + seed).capitalize())
        length += len(sentences[-1]) + 1
        if length >= size:
            break
    paragraphs = [" ".join(sentences[place:place + 4]) for place in range(0, len(sentences), 4)]
    return ("\n\n".join(paragraphs) + "\n").encode()


class Newsroom:
    """A folder of articles, and the right results. All of it is spoken at every run: nothing comes from the cache."""

    def __init__(self, lab, count, size, args, env=None):
        self.lab, self.args, self.env = lab, args, env or {}
        self.articles, self.right = lab.folder("articles"), lab.folder("right")
        for number in range(count):
            (self.articles / f"story{number:02}.txt").write_bytes(article(number, size))
        self.first_run = self.run(self.right, limit=600)
        if self.first_run.code != 0:
            raise RuntimeError(f"a batch without any trouble failed: {self.first_run.brief()}")
        self.digests = {path.name: digest(path) for path in sorted(self.right.iterdir()) if path.name != HIDDEN}
        self.seconds = self.first_run.seconds

    def command(self, output, *more):
        return ["batch", self.articles, "-o", output, "--no-cache", *self.args, *more]

    def run(self, output, *more, limit=120, **options):
        return self.lab.run(*self.command(output, *more), env=self.env, limit=limit, **options)

    def start(self, output, *more, **options):
        return self.lab.start(*self.command(output, *more), env=self.env, **options)

    def compare(self, output):
        """What is wrong in a folder of results: names of those missing, and of those with other bytes."""
        found = {path.name: path for path in output.iterdir() if path.suffix == ".wav"} if output.is_dir() else {}
        missing = [name for name in self.digests if name not in found]
        other = [name for name, path in found.items()
                 if path.is_file() and digest(path) != self.digests.get(name)]
        return missing, other


def newsroom(lab):
    """Twelve articles of 3 kB (half of that in a quick run), read by the tone voice."""
    return lab.once("newsroom", lambda: Newsroom(lab, ARTICLES, lab.repeats(3000, 1500), TONE))


def text_file(lab):
    """The path of the two sentences."""

    def make():
        path = lab.folder("text") / "text.txt"
        path.write_bytes(TEXT)
        return path

    return lab.once("text", make)


def tone_sound(lab):
    """What the tone voice makes of the two sentences."""

    def make():
        path = lab.folder("tone") / "right.wav"
        run = lab.run("read", text_file(lab), "-o", path, *TONE)
        if run.code != 0:
            raise RuntimeError(f"reading two sentences failed: {run.brief()}")
        return path

    return lab.once("tone sound", make)


def leftovers(folder, expected=()):
    """Entries of a folder that nobody asked for. Files ending in .lock may stay, and what a batch remembers."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in pathlib.Path(folder).iterdir()
                  if path.name not in (*expected, HIDDEN) and path.suffix != ".lock")
