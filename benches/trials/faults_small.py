"""F13: the smaller faults."""
import resource
import signal

from harness import wait_until
from samples import TEXT, TONE, article, leftovers, text_file, tone_sound
from server import Server, cut_after
from tally import trial
from vault import STYLE, real_voice
from wav import digest, sound


BAD = "ended by a signal, left, file named -, no sound, slow, colours, refused, given up, other sound, failed"


@trial("F13", "smaller faults", "right, told", BAD)
def f13_smaller_faults(lab, tally):
    """A file beyond `ulimit -f`; `-o -`; the prepared form cut short while it is spoken; the paths of 10,000 articles compared; log
    lines in a file; a lexicon in UTF-16; a download that is cut eight times and advances each time. What counts as a fault stands
    at each one."""
    too_large_a_file(lab, tally)
    dash(lab, tally)
    many_paths(lab, tally)
    log_in_a_file(lab, tally)
    wide_lexicon(lab, tally)
    cut_in_use(lab, tally)
    cut_download(lab, tally)


def too_large_a_file(lab, tally):
    """`ulimit -f`: an end by SIGXFSZ, or a part file, is a fault; a message and exit code 1 or 3 is right."""
    with lab.scratch() as work:
        story = work / "in" / "story.txt"
        story.parent.mkdir()
        story.write_bytes(article(8, 3000))
        for command in (["read", story, "-o", work / "out/story.wav"], ["batch", story.parent, "-o", work / "out"]):
            run = lab.run(*command, *TONE, limits={resource.RLIMIT_FSIZE: 1 << 20})
            if run.code == -signal.SIGXFSZ:
                word = "ended by a signal"
            elif leftovers(work / "out"):
                word = "left"
            else:
                word = "told" if run.code in (1, 3) and run.err.strip() else "failed"
            tally.add(f"files of 1 MiB at most, {command[0]}", run.crash if run.crash == "panicked" else word, run.brief())


def dash(lab, tally):
    """`-o -`: a file of that name is a fault; WAV on standard output, or a refusal, is right."""
    wanted = sound(tone_sound(lab))
    for inputs in ([text_file(lab)], ["-"]):
        with lab.scratch() as work:
            run = lab.run_on(TEXT, "read", *inputs, "-o", "-", *TONE, cwd=work)
            if leftovers(work):
                word = "file named -"
            elif run.code != 0:
                word = "told" if run.err.strip() else "no sound"
            else:
                # The lengths in the head of a stream may be unknown; the samples follow one another.
                word = "right" if run.out[:4] == b"RIFF" and wanted in run.out else "no sound"
            tally.add(f"-o - of {'a file' if inputs != ['-'] else 'standard input'}", run.crash or word, run.brief())


def many_paths(lab, tally):
    """A batch whose results all exist: more than 1.5 seconds of CPU time of the program's own for 10,000 is a fault."""
    with lab.scratch() as work:
        (work / "in").mkdir()
        (work / "out").mkdir()
        for number in range(10_000):
            (work / "in" / f"{number}.txt").write_bytes(b"Yes.\n")
            (work / "out" / f"{number}.wav").write_bytes(b"")
        run = lab.run("batch", "in", "-o", "out", *TONE, cwd=work, limit=120)
        word = run.crash or ("failed" if run.code != 0 else "slow" if run.user > 1.5 else "right")
        tally.add("10,000 articles to skip", word, f"{run.user:.1f} s of its own; {run.brief()}")
        tally.note(f"10,000 articles to skip: {run.user:.1f} s of its own, {run.cpu:.1f} s CPU")


def log_in_a_file(lab, tally):
    """Standard error is a file: a colour in it is a fault."""
    with lab.scratch() as work:
        run = lab.run("read", text_file(lab), "-o", work / "x.wav", *TONE, env={"AUDIO_REPORT_LOG": "trace"})
        if not run.err:
            tally.skip("log lines in a file", "this program logs nothing here")
            return
        tally.add("log lines in a file", run.crash or ("colours" if b"\x1b" in run.err else "right"), repr(run.err[:80]))


PLS = """<?xml version="1.0" encoding="{}"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
  <lexeme><grapheme>Ishiba</grapheme><phoneme>iˈʃiba</phoneme></lexeme>
</lexicon>
"""


def wide_lexicon(lab, tally):
    """A PLS file in UTF-16, which every reader of XML must take: a refusal that does not name the encoding is a fault."""
    with lab.scratch() as work:
        for codec in ("utf-16", "utf-8"):
            path = work / f"{codec}.pls"
            path.write_bytes(PLS.format(codec.upper()).encode(codec))
            run = lab.run("lexicon", "check", path)
            is_told = "utf" in run.said.lower().replace(path.name, "")
            word = "right" if run.code == 0 else "told" if is_told else "refused"
            tally.add(f"PLS in {codec.upper()}", run.crash or word, run.brief())


def cut_in_use(lab, tally):
    """The prepared form is cut short in place while it is spoken. That the program ends, even by a signal, is noted; half a
    result, other sound, or a next run that is not right, is a fault."""
    real = real_voice(lab, tally, "prepared form cut short while spoken")
    if real is None:
        return
    with real.copy() as voice, lab.scratch() as out:
        story = out / "story.txt"
        story.write_bytes(article(6, 800))
        right = lab.once("right story", lambda: spoken_right(real, story))
        output = out / "x.wav"
        child = lab.start("read", story, "-o", output, "--offline", env=voice.env)
        wait_until(lambda: child.has_ended() or any(path.suffix == ".part" for path in out.iterdir()))
        wait_until(child.has_ended, 0.5)
        with open(voice.prepared, "r+b") as file:
            file.truncate(1000)
        run = child.wait(120)
        tally.note(f"prepared form cut short while spoken: exit code {run.code}")
        word = "right"
        if output.exists():
            word = "right" if digest(output) == right else "other sound"
        if run.crash == "panicked":
            word = "failed"
        tally.add("prepared form cut short while spoken", word, run.brief())
        word, run = real.listen(voice)
        tally.add("the next run", {"same": "right", "refused": "refused"}.get(word, "other sound"), run.brief())


def spoken_right(real, story):
    output = real.lab.folder("right") / "story.wav"
    real.speak(real.clean, output, text=story)
    return digest(output)


def cut_download(lab, tally):
    """Eight answers in a row break off, and each brings 11 MB: giving up is a fault."""
    real = real_voice(lab, tally, "download that is cut and advances")
    if real is None:
        return
    with lab.scratch() as home, Server(real.clean.family, cut_after(11_000_000)) as server:
        run = lab.run("voices", "install", STYLE, env=server.env | {"AUDIO_REPORT_HOME": home}, limit=120)
        word = "right" if run.code == 0 else "given up"
        tally.add("download that is cut eight times", run.crash or word, f"{len(server.requests)} requests; {run.brief()}")
