"""Standard streams that are closed, full, or read by nobody."""
import os

from samples import TEXT, TONE, newsroom, text_file, tone_sound
from tally import trial
from wav import digest

FULL = "/dev/full"


def commands(lab):
    """Commands by name, each with whether it makes a sound and whether it takes standard input; `None` stands for the result."""
    text = text_file(lab)
    return {
        "read": ((["read", text, "-o", None, *TONE]), True, False),
        "read -": ((["read", "-", "-o", None, *TONE]), True, True),
        "read --json": ((["read", text, "--json", "-o", None, *TONE]), True, False),
        "explain": (["explain", text], False, False),
        "explain -": (["explain", "-"], False, True),
        "lexicon unknown": (["lexicon", "unknown", text], False, False),
        "voices list": (["voices", "list"], False, False),
        "completions": (["completions", "bash"], False, False),
        "man": (["man"], False, False),
        "--help": (["--help"], False, False),
    }


def check(lab, tally, case, arguments, makes_sound, may_lose, takes_input=True, **options):
    """Runs one command. A result of other bytes, or exit code 0 without the result, is a fault; so is exit code 0 when what was
    printed is lost, unless `may_lose`."""
    with lab.scratch() as work:
        output = work / "x.wav"
        arguments = [output if part is None else part for part in arguments]
        run = lab.run_on(TEXT, *arguments, **options) if takes_input else lab.run(*arguments, **options)
        if output.exists() and digest(output) != digest(tone_sound(lab)):
            word = "other sound"
        elif run.code == 0 and makes_sound and not output.exists():
            word = "no result"
        elif run.code == 0:
            word = "done" if makes_sound or may_lose else "lost"
        else:
            word = "told"
        tally.add(case, run.crash or word, run.brief())


@trial("closed", "standard streams closed", "done, told", "other sound, no result")
def closed_streams(lab, tally):
    """Standard input, output, error, or all three are closed when the program starts. No panic; where the exit code is 0 the result is
    there and right."""
    for name, (arguments, makes_sound, takes_input) in commands(lab).items():
        for closed in ((0,), (1,), (2,), (0, 1, 2)):
            case = f"{name}, closed {','.join(map(str, closed))}"
            check(lab, tally, case, arguments, makes_sound, True, takes_input and 0 not in closed, closed=closed)


@trial("full", "streams that take nothing", "done, told", "other sound, no result, lost")
def streams_that_take_nothing(lab, tally):
    """Standard output is /dev/full, or a pipe that nobody reads; standard error is /dev/full. A fault: a panic, exit code 0 without the
    result, exit code 0 of a command whose only work is to print when /dev/full took nothing (help may)."""
    if not os.path.exists(FULL):
        tally.skip("/dev/full", "there is none here")
        return
    for name, (arguments, makes_sound, _) in commands(lab).items():
        for stream in ("stdout", "stderr"):
            with open(FULL, "wb") as full:
                may_lose = stream == "stderr" or name in ("--help", "completions", "man")
                check(lab, tally, f"{name}, {stream} /dev/full", arguments, makes_sound, may_lose, **{stream: full})
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "wb") as pipe:
            check(lab, tally, f"{name}, pipe without a reader", arguments, makes_sound, True, stdout=pipe)
    room = newsroom(lab)
    with lab.scratch() as out, open(FULL, "wb") as full:
        run = room.run(out, stdout=full)
        missing, other = room.compare(out)
        word = "other sound" if other else "done" if not missing else "told" if run.code != 0 else "no result"
        tally.add("batch, stdout /dev/full", run.crash or word, run.brief())
