"""F1 to F3: the files of the voice."""
import contextlib
import json
import os
import resource
import struct

from harness import small_disk
from server import Server
from tally import trial
from vault import MIB, STYLE, flip, overwrite, real_voice, same_times
from wav import digest, distance


@trial("F1", "voice without room for its prepared form", "right", "failed, other sound")
def f1_no_place_for_the_prepared_form(lab, tally):
    """The folder of the voice can't be written, or has no room, or something is in the way of the prepared form. The voice must
    speak nevertheless, with the same bytes of sound. A fault: it fails, or sounds different."""
    real = real_voice(lab, tally)
    if real is None:
        return
    words = {"same": "right", "refused": "failed", "silent": "failed", "other": "other sound"}

    def listen(case, voice, **options):
        word, run = real.listen(voice, **options)
        tally.add(case, words.get(word, word), run.brief())

    with real.copy(prepared=False) as voice:
        voice.close_folders()
        listen("folder that may not be written", voice, nobody=True)
    with real.copy(prepared=False) as voice:
        # More than the sound needs, less than the prepared form.
        listen("files of 20 MiB at most", voice, limits={resource.RLIMIT_FSIZE: 20 * MIB})
    with real.copy(prepared=False) as voice:
        voice.prepared_folder.write_bytes(b"in the way")
        listen("a file in place of the folder", voice)
    for case, file in (("a folder in place of the weights", "prepared"), ("a folder in place of the stamp", "stamp")):
        with real.copy() as voice:
            path = getattr(voice, file)
            path.unlink()
            path.mkdir()
            (path / "x").write_bytes(b"not empty")
            listen(case, voice)
    with real.copy() as voice:
        voice.prepared.chmod(0)
        voice.close_folders()
        listen("weights that may not be read", voice, nobody=True)
    full_disk(real, tally)


def full_disk(real, tally):
    """The same on a disk of 150 MB: the model fits, the prepared form does not."""
    script = 'cp -a "$1/." disk/ && shift && AUDIO_REPORT_HOME="$PWD/disk" exec "$@"'
    disk = small_disk(script, "150m")
    if disk is None:
        tally.skip("a full disk", "a small file system can't be mounted here")
        return
    with real.copy(prepared=False) as voice, real.lab.scratch() as folder:
        (folder / "disk").mkdir()
        output = folder / "x.wav"
        command = [voice.home, real.lab.binary, "read", real.text, "-o", output, "--offline"]
        run = real.lab.run(*disk[1], *command, program=disk[0], cwd=folder)
        if run.crash or run.code != 0:
            tally.add("a full disk", run.crash or "failed", run.brief())
        else:
            tally.add("a full disk", "right" if digest(output) == real.digest else "other sound")


def damages(size):
    """Kinds of damage to a file of that size, with names."""
    noise = os.urandom(20 * MIB)
    yield "byte 3", lambda path: flip(path, 3)
    yield "byte 2,000", lambda path: flip(path, 2000)
    for millions in (30, 60, 100):
        place = min(millions * 1_000_000, size * millions // 107)
        yield f"byte {millions} million", lambda path, place=place: flip(path, place)
    yield "last byte", lambda path: flip(path, size - 1)
    yield "1 MiB of noise", lambda path: overwrite(path, size // 2, noise[:MIB])
    yield "8 MiB of zeros", lambda path: overwrite(path, size // 2, bytes(8 * MIB))
    yield "20 MiB of noise", lambda path: overwrite(path, size // 3, noise)
    yield "200 times 4 bytes of noise", lambda path: sprinkle(path, size, noise)


def sprinkle(path, size, noise):
    for place in range(200):
        overwrite(path, size * (place + 1) // 202, noise[place * 4:place * 4 + 4])


def heard(real, tally, case, voice, is_misleading=None, **options):
    """Adds a case: “noticed” when the sound is right or refused with a message, else “spoken”."""
    with real.lab.scratch("heard") as folder:
        output = folder / "x.wav"
        folder.chmod(0o777)
        run = real.speak(voice, output, **options)
        if run.crash:
            tally.add(case, run.crash, run.brief())
        elif run.code == 0 and digest(output) != real.digest:
            tally.add(case, "spoken", distance(output, real.right))
        elif run.code != 0 and not run.err.strip():
            tally.add(case, "refused without a word", run.brief())
        elif run.code != 0 and is_misleading and is_misleading(run.said):
            tally.add(case, "blamed on the article", run.brief())
        else:
            tally.add(case, "noticed")


def blames_article(text):
    """Whether a message about a damaged voice says nothing of the voice."""
    return not any(word in text.lower() for word in ("voice", "style", "model", "af_heart"))


@trial("F2", "damaged prepared file", "noticed", "spoken, refused without a word, not noticed, not mended")
def f2_damaged_prepared_file(lab, tally):
    """The prepared form of the voice is damaged without a change of its length: before the first use, after a use, with the old
    and with a new time of change. It must be made again or refused. A fault: other sound with exit code 0. `voices list`
    must not call a damaged form installed, and `voices install` must mend it."""
    real = real_voice(lab, tally)
    if real is None:
        return
    size = real.clean.prepared.stat().st_size
    for name, damage in list(damages(size))[::lab.repeats(1, 2)]:
        with real.copy() as voice:
            with same_times(voice.prepared):
                damage(voice.prepared)
            heard(real, tally, name, voice)
    for name, damage in list(damages(size))[3:lab.repeats(9, 4):2]:
        with real.copy() as voice:
            damage(voice.prepared)
            heard(real, tally, f"{name}, new time", voice)
        for is_kept in (False, True):
            with real.copy() as voice:
                real.listen(voice)
                with same_times(voice.prepared) if is_kept else contextlib.nullcontext():
                    damage(voice.prepared)
                heard(real, tally, f"{name}, after a use, {'old' if is_kept else 'new'} time", voice)
    lists_and_mends(lab, real, tally)


def state_of(lab, voice):
    """What `voices list` calls the voice."""
    run = lab.run("voices", "list", "--json", env=voice.env)
    rows = [json.loads(line) for line in run.out.splitlines()]
    return run, next((row["state"] for row in rows if row["name"] == STYLE), "not listed")


def lists_and_mends(lab, real, tally):
    """What `voices list` and `voices install` make of a damaged prepared form."""
    wanted = digest(real.clean.prepared)

    def is_right(voice):
        return not voice.prepared_folder.is_dir() or voice.prepared.is_file() and digest(voice.prepared) == wanted

    with real.copy() as voice:
        overwrite(voice.prepared, voice.prepared.stat().st_size // 2, os.urandom(MIB))
        run, state = state_of(lab, voice)
        noticed = is_right(voice) or state != "installed"
        tally.add("voices list", run.crash or ("noticed" if noticed else "not noticed"), state)
        # Model and style are whole, so nothing has to be fetched; where it goes wrong the network stays out of reach.
        env = voice.env | {"AUDIO_REPORT_VOICE_URL": "http://127.0.0.1:9", "AUDIO_REPORT_SOURCES": "url"}
        run = lab.run("voices", "install", "af_heart", env=env)
        mended = run.code == 0 and is_right(voice)
        tally.add("voices install", run.crash or ("noticed" if mended else "not mended"), run.brief())
        heard(real, tally, "read after voices install", voice)


@trial("F3", "damaged model or style", "noticed", "spoken, blamed on the article, refused without a word, not noticed, not mended")
def f3_damaged_model_or_style(lab, tally):
    """The model or the style pack is damaged without a change of its length. The program must notice it when it prepares the
    model or loads the style, and name the voice. A fault: other sound with exit code 0, or a message that blames the article.
    `voices list` must notice it and `voices install` mend it, from a server on this machine."""
    real = real_voice(lab, tally)
    if real is None:
        return
    size = real.clean.model.stat().st_size

    def damaged(case, file, damage, **options):
        with real.copy(**options) as voice:
            damage(getattr(voice, file))
            heard(real, tally, case, voice, blames_article)

    noise = os.urandom(MIB)
    for millions in (20, 50, 80)[:lab.repeats(3, 1)]:
        place = min(millions * 1_000_000, size - 1)
        damaged(f"model, byte {millions} million", "model", lambda path, place=place: flip(path, place))
        damaged(f"model, byte {millions} million, not yet prepared", "model", lambda path, place=place: flip(path, place),
                prepared=False)
    damaged("model, 1 MiB of noise", "model", lambda path: overwrite(path, size // 2, noise))
    pack = real.clean.style.stat().st_size
    nan = struct.pack("<f", float("nan"))
    damaged("style, all noise", "style", lambda path: path.write_bytes(noise[:pack]))
    damaged("style, all NaN", "style", lambda path: path.write_bytes(nan * (pack // 4)))
    damaged("style, all zeros", "style", lambda path: path.write_bytes(bytes(pack)))
    damaged("style, every 50th byte", "style", lambda path: [flip(path, place) for place in range(3, pack, 50)])
    with Server(real.clean.family) as server:
        for file in ("model", "style"):
            with real.copy() as voice:
                path = getattr(voice, file)
                flip(path, path.stat().st_size // 2)
                run, state = state_of(lab, voice)
                tally.add(f"voices list, {file}", run.crash or ("not noticed" if state == "installed" else "noticed"), state)
                run = lab.run("voices", "install", STYLE, env=voice.env | server.env)
                mended = run.code == 0 and digest(path) == digest(getattr(real.clean, file))
                tally.add(f"voices install, {file}", run.crash or ("noticed" if mended else "not mended"), run.brief())
                heard(real, tally, f"read after voices install, {file}", voice)
