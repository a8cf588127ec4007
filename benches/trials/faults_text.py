"""F7 to F9: text that steers the terminal, and text that takes too long."""
import fcntl
import itertools
import os
import pty
import select
import string
import struct
import termios
import time

from hostile_articles import one_word, page
from samples import TEXT, TONE, article, text_file
from tally import trial

# A window of 120 columns: names are drawn whole.
WINDOW = struct.pack("HHHH", 40, 120, 0, 0)
# ESC ] 0 ; … BEL sets the title of the window, ESC [ 2 J empties the screen.
STEERING = "n\x1b]0;PWN\x07\x1b[2J.txt"
SIGNS = (b"\x1b]0;PWN", b"\x1b[2J", b"\x07")
FORGED = "a\nforged: all is well.txt"
OVERRIDE = "\u202e"
# So that a page has a story.
STORY = b"<p>The port reopened on Monday.</p>"


def on_terminal(lab, *args, cwd):
    """Runs the program on a terminal of its own; returns the run and what the terminal got."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, WINDOW)
    child = lab.start(*args, cwd=cwd, stdout=slave, stderr=slave)
    os.close(slave)
    seen = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.05)[0]:
            try:
                data = os.read(master, 1 << 16)
            except OSError:
                # The last one who had the terminal open has ended.
                break
            if not data:
                break
            seen += data
    run = child.wait(1)
    os.close(master)
    return run, seen


def around(seen):
    """What the terminal got about the place where the name begins."""
    places = [seen.find(sign) for sign in (*SIGNS, b"forged") if sign in seen]
    start = max(min(places, default=0) - 30, 0)
    return repr(seen[start:start + 90])


@trial("F7", "text that steers the terminal", "harmless", "steers, forges a line, overrides, no bar drawn")
def f7_text_that_steers_the_terminal(lab, tally):
    """Escape sequences and newlines in the names of articles, good ones and bad ones, on a terminal with progress bars; bidi
    overrides and control characters in an article that `explain` shows. A fault: one of them reaches the output raw, or a part of
    a name begins a line."""
    commands = {"batch": ["batch", "in", "-o", "out", *TONE], "read": ["read", None, "-o", "out/", *TONE],
                "explain": ["explain", "--stage", "spoken", None],
                "lexicon unknown": ["lexicon", "unknown", None], "lexicon check": ["lexicon", "check", None]}
    for title, name in (("escape sequence", STEERING), ("newline", FORGED)):
        for kind, text in (("good", article(3, 20_000)), ("bad", b"\x00\x01\x02\x00")):
            for command, arguments in commands.items():
                with lab.scratch() as work:
                    (work / "in").mkdir()
                    (work / "in" / name).write_bytes(text)
                    run, seen = on_terminal(lab, *[part or f"in/{name}" for part in arguments], cwd=work)
                    lines = [line.strip() for line in seen.replace(b"\r", b"\n").split(b"\n")]
                    if any(sign in seen for sign in SIGNS):
                        word = "steers"
                    elif any(line.startswith(b"forged") for line in lines):
                        word = "forges a line"
                    elif command == "batch" and kind == "good" and b"\x1b[" not in seen:
                        word = "no bar drawn"
                    else:
                        word = "harmless"
                    tally.add(f"{title} in the name of a {kind} article, {command}", run.crash or word, around(seen))
    with lab.scratch() as work:
        story = work / "story.txt"
        story.write_text(f"The port {OVERRIDE}reopened\u2066 on Monday\x9b2J. Ships {OVERRIDE}came\x1b[2J back at noon.\n")
        for stage in (None, "article", "sentences", "spoken"):
            run = lab.run("explain", story, *(["--stage", stage] if stage else []))
            is_raw = OVERRIDE.encode() in run.out or b"\x1b[2J" in run.out or "\x9b".encode() in run.out
            tally.add(f"explain, stage {stage or 'all'}", run.crash or ("overrides" if is_raw else "harmless"), repr(run.out[:120]))
        run = lab.run("explain", story, "--stage", "article", "--json")
        is_raw = "\x9b".encode() in run.out or b"\x1b" in run.out
        tally.add("explain --json", run.crash or ("overrides" if is_raw else "harmless"), repr(run.out[:120]))


def timed(lab, tally, case, limit, *args):
    """Adds a case that may take `limit` seconds of CPU time; it is ended when it needs more than four times that."""
    run = lab.run(*args, cpu=int(4 * limit), limit=40 * limit)
    word = "slow" if run.cpu > limit else run.crash or "quick"
    tally.add(case, word, f"{run.cpu:.1f} s CPU, allowed {limit}; {run.brief()}" if word != "quick" else "")
    tally.note(f"{case}: {run.cpu:.1f} s CPU, {run.peak_mib:.0f} MiB")


def chain(length):
    """A lexicon in which each word is an alias of the next one; words are of letters only."""
    words = ["wo" + "".join(letters) for letters in itertools.islice(itertools.product(string.ascii_lowercase, repeat=4), length)]
    lines = [f'{word} = {{ alias = "{following}" }}' for word, following in itertools.pairwise(words)]
    return "\n".join(["[words]", *lines, f'{words[-1]} = "LAST"', ""]).encode()


@trial("F8", "alias chains in a lexicon", "quick", "slow")
def f8_alias_chains(lab, tally):
    """Lexicons of 2,500 to 20,000 words, each of which is an alias of the next one, in `lexicon check` and `explain --lexicon`. A
    fault: more than 2 seconds of CPU time (where the time grows with the length, it is a tenth of that)."""
    with lab.scratch() as work:
        for length in [2500, 10_000] + ([] if lab.is_quick else [20_000]):
            lexicon = work / f"{length}.toml"
            lexicon.write_bytes(chain(length))
            timed(lab, tally, f"{length} words, check", 2, "lexicon", "check", lexicon)
            timed(lab, tally, f"{length} words, explain", 2, "explain", text_file(lab), "--stage", "phonemes", "--lexicon", lexicon)


@trial("F9", "nests and endless words", "quick", "slow")
def f9_nests_and_endless_words(lab, tally):
    """Articles whose cost grew faster than their length, or was far too high: 30,000 nests of svg and math, a word and a headline
    of a million letters. A fault: more than 4 seconds of CPU time for one."""
    million = 250_000 if lab.is_quick else 1_000_000
    limit = 1.0 if lab.is_quick else 4.0
    articles = {
        "<svg><math><mi>, 30,000 times": (4, "n.html", page(STORY + b"<svg><math><mi>" * 30_000)),
        "<math><mi>, 30,000 times": (4, "m.html", page(STORY + b"<math><mi>" * 30_000)),
        "<svg>, 50,000 times": (4, "s.html", page(STORY + b"<svg>" * 50_000)),
        f"one word of {million:,} letters": (limit, "w.txt", one_word(million) + b"\n\n" + TEXT),
        f"a headline of {million:,} letters": (limit, "h.html", b"<html><head><title>" + one_word(million)
                                               + b"</title></head><body><h1>" + one_word(million) + b"</h1><p>" + TEXT * 20),
    }
    with lab.scratch() as work:
        for case, (most, name, text) in articles.items():
            (work / name).write_bytes(text)
            timed(lab, tally, case, most, "explain", work / name, "--stage", "phonemes")
