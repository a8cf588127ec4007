"""The whole table of damage to the files of the voice."""
import os
import shutil

from faults_voice import blames_article, heard
from samples import TEXT
from tally import trial
from vault import MIB, flip, overwrite, real_voice, same_times


def truncate(path, size):
    with open(path, "r+b") as file:
        file.truncate(size)


def replace(path, by_folder):
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if by_folder:
        path.mkdir()
        (path / "x").write_bytes(b"not empty")
    else:
        path.write_bytes(b"in the way")


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


FILES = ("model", "style", "prepared", "stamp")


def cases(real, chooser):
    """Yields name, file, and what is done to it."""
    sizes = {file: getattr(real.clean, file).stat().st_size for file in FILES}
    for file, count in (("model", 3), ("style", 4), ("prepared", 4), ("stamp", 2)):
        for _ in range(count):
            place = chooser.randrange(sizes[file])
            yield f"{file}, byte {place:,}", file, lambda path, place=place: flip(path, place)
    for file in FILES:
        for size in (0, sizes[file] // 2, sizes[file] - 1):
            yield f"{file}, cut to {size:,} bytes", file, lambda path, size=size: truncate(path, size)
        yield f"{file}, one byte longer", file, lambda path, size=sizes[file]: truncate(path, size + 1)
    for file in (*FILES, "prepared_folder"):
        yield f"{file}, removed", file, remove
        yield f"{file}, a {'file' if file == 'prepared_folder' else 'folder'} in its place", file, \
            lambda path, file=file: replace(path, file != "prepared_folder")
    noise = os.urandom(20 * MIB)
    for file in ("model", "prepared"):
        half = sizes[file] // 3
        yield f"{file}, 4 MiB of zeros", file, lambda path, half=half: overwrite(path, half, bytes(4 * MIB))
        yield f"{file}, 20 MiB of noise", file, lambda path, half=half: overwrite(path, half, noise)
    for file in FILES:
        yield f"{file}, all of it noise", file, lambda path, size=sizes[file]: path.write_bytes((noise * (size // len(noise) + 1))[:size])
    yield "stamp, another format", "stamp", lambda path: path.write_text("{}")
    yield "model, another file of ours", "model", lambda path: path.write_bytes(TEXT)


@trial("damage", "damaged voice files", "noticed", "spoken, blamed on the article, refused without a word")
def damaged_voice_files(lab, tally):
    """Model, style pack, prepared form and its stamp flipped, cut, lengthened, removed, replaced, filled with zeros or noise, made
    unreadable; with the old time of change where bytes are changed in place. The sound must be right, or the voice be refused by a
    message about the voice. A fault: other sound with exit code 0."""
    real = real_voice(lab, tally)
    if real is None:
        return
    every = list(cases(real, lab.random))
    for name, file, damage in every[::lab.repeats(1, 7)]:
        with real.copy() as voice:
            path = getattr(voice, file)
            times = path.stat()
            damage(path)
            if path.is_file():
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            heard(real, tally, name, voice, blames_article)
    for file in ("model", "style", "prepared", "stamp", "prepared_folder", "family"):
        with real.copy() as voice:
            getattr(voice, file).chmod(0)
            heard(real, tally, f"{file}, mode 0", voice, blames_article, nobody=True)
    for file in ("model", "style", "prepared"):
        with real.copy() as voice:
            real.listen(voice)
            with same_times(getattr(voice, file)):
                overwrite(getattr(voice, file), getattr(voice, file).stat().st_size // 2, os.urandom(MIB // 4))
            heard(real, tally, f"{file}, 256 KiB of noise after a use", voice, blames_article)
