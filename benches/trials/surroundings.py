"""Odd environments and tight limits."""
import os
import resource

from faults_work import is_out_of_memory, limited
from samples import TONE, newsroom, text_file, tone_sound
from tally import trial
from vault import MIB, real_voice
from wav import digest


@trial("environment", "odd environments", "same, told", "other sound, silent, refused")
def odd_environments(lab, tally):
    """HOME, AUDIO_REPORT_HOME, LC_ALL, TZ, TERM and the program's own settings missing, empty or odd. Where the setting is none of the
    program's business the sound must have the same bytes; a wrong setting must be told. A fault: other sound, an end without a
    message, or a refusal because of a locale, a time zone or a terminal."""
    harmless = [{"LC_ALL": value, "LANG": value} for value in ("C", "POSIX", "ru_RU.KOI8-R", "tr_TR.UTF-8", "nonsense", "")]
    harmless += [{"TZ": value} for value in ("UTC", "Asia/Seoul", "America/St_Johns", ":/etc/nothing", "x" * 3000)]
    harmless += [{"TERM": value} for value in ("dumb", "", None, "x" * 3000)] + [{"COLUMNS": "0"}, {"NO_COLOR": "1"}, {"PATH": None}]
    harmless += [{"AUDIO_REPORT_LOG": value} for value in ("debug", "no=such=level", "")]
    homes = [{"HOME": None}, {"HOME": ""}, {"HOME": "/nowhere"}, {"HOME": "relative"}, {"HOME": "/dev/null"}]
    homes += [{"AUDIO_REPORT_HOME": value} | home for value in (None, "") for home in homes[:3]]
    homes += [{"AUDIO_REPORT_HOME": value} for value in ("/nowhere", "relative", "/dev/null", "x" * 5000)]
    wrong = [{"AUDIO_REPORT_KERNEL": "abacus"}, {"AUDIO_REPORT_SOURCES": "ftp"}, {"AUDIO_REPORT_VOICE_URL": "file:///etc"},
             {"XDG_DATA_HOME": "relative", "AUDIO_REPORT_HOME": None}]
    right = digest(tone_sound(lab))

    def read(changes, may_refuse, **options):
        shown = " ".join(f"{name}={str(value)[:20]}" if value is not None else f"no {name}" for name, value in changes.items())
        with lab.scratch() as work:
            work.chmod(0o777)
            run = lab.run("read", text_file(lab), "-o", work / "x.wav", *TONE, env=changes, **options)
            if run.code == 0:
                word = "same" if digest(work / "x.wav") == right else "other sound"
            else:
                word = "silent" if not run.err.strip() else "told" if may_refuse else "refused"
            tally.add(shown + (", as nobody" if options else ""), run.crash or word, run.brief())

    for changes in harmless:
        read(changes, False)
    for changes in homes:
        read(changes, True)
    for changes in wrong:
        read(changes, True)
    for changes in ({"HOME": None}, {"HOME": "/root"}, {"HOME": "/"}):
        read(changes | {"AUDIO_REPORT_HOME": None}, True, nobody=True)
    for changes in ({"HOME": None, "AUDIO_REPORT_HOME": None}, {"HOME": "", "AUDIO_REPORT_HOME": ""}):
        for command in (["voices", "list"], ["voices", "path"], ["lexicon", "path"], ["explain", text_file(lab)]):
            run = lab.run(*command, env=changes)
            word = "same" if run.code == 0 else "told" if run.err.strip() else "silent"
            tally.add(f"{' '.join(map(os.fspath, command[:2]))[:20]} with HOME {changes['HOME']!r}", run.crash or word, run.brief())


@trial("limits", "ulimit", "done, told, died at start", "other sound, silent")
def limits(lab, tally):
    """Few descriptors, threads and little memory, with the tone voice and the real one (F6 has the finest steps). The program does its
    work or says what it lacks. An end by a signal in the first moments, before the program's own code can run, and the system's
    own word that there is no memory are no faults; a panic is one."""
    room = newsroom(lab)
    for megabytes in (20, 50, 100, 200, 400, 800):
        with lab.scratch() as out:
            run = room.run(out, limits={resource.RLIMIT_AS: megabytes * MIB})
            tally.add(f"tone, {megabytes} MiB", with_start(run, limited(run, room, out)), run.brief())
    for kilobytes in (64, 256):
        with lab.scratch() as out:
            run = room.run(out, limits={resource.RLIMIT_STACK: kilobytes << 10})
            tally.add(f"tone, a stack of {kilobytes} KiB", with_start(run, limited(run, room, out)), run.brief())
    real = real_voice(lab, tally, "limits with the real voice")
    if real is None:
        return
    cases = [(f"{megabytes} MiB", {resource.RLIMIT_AS: megabytes * MIB}, False) for megabytes in (200, 300, 400, 500, 600, 700, 1000)]
    cases += [(f"{most} descriptors", {resource.RLIMIT_NOFILE: most}, False) for most in (6, 8, 10, 20)]
    cases += [(f"{most} threads", {resource.RLIMIT_NPROC: most}, True) for most in (3, 4, 6, 8, 12)] if lab.is_root else []
    for case, limits, nobody in cases[::lab.repeats(1, 3)]:
        with real.copy() as voice:
            word, run = real.listen(voice, limits=limits, nobody=nobody)
            if is_out_of_memory(run) and word == "crashed":
                word = "refused"
            word = {"same": "done", "refused": "told", "other": "other sound"}.get(word, word)
            tally.add(f"real voice, {case}", with_start(run, word), run.brief())


def with_start(run, word):
    """An end by a signal before any work was done is the loader's, which has no room for the program itself."""
    return "died at start" if word == "crashed" and run.cpu < 0.02 and not run.err.strip() else word
